"""The only door to central records and to the outcomes of an analysis table."""

from pathlib import Path

from ..request import Request
from .analysis_table import TableStore
from .prepared import PREPARED, Recipe, prepare
from .records import Seal, Store

__all__ = ["PREPARED", "Recipe", "Seal", "Store", "TableStore", "open_store", "prepare"]


def open_store(request: Request, records: Path) -> Store | TableStore:
    """The door that a request needs: central records, or its own analysis table."""
    return TableStore(request) if request.settings.table else Store(records, request.lab)
