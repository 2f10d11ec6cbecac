"""An analysis table behind the same door: its outcomes open only with the seal of a plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ..errors import DataContractError, RequestError, guarded, listed
from ..request import Request
from .records import Seal


class TableStore:
    """An analysis table: its design columns are open, its outcomes need the seal."""

    def __init__(self, request: Request) -> None:
        if request.settings.table is None:
            raise RequestError(f"{request.id} starts from a submission, not from an analysis table")
        self.request, self.table = request, request.settings.table
        found = self._columns()
        outcomes = [o.name for o in self.table.outcomes]
        needed = [self.table.id, self.table.treatment, *self.table.covariates, *outcomes]
        problems = [f"column `{name}` is missing" for name in needed if name not in found]
        if problems:
            allowed = f"the columns found are {', '.join(found)}"
            raise DataContractError(
                listed(f"{request.input_path.name} lacks columns the request names", [*problems, allowed])
            )

    @guarded
    def design(self) -> pd.DataFrame:
        """Treatment and covariates by id; the outcome columns are not read."""
        return self._read({self.table.treatment: "treatment"} | self.table.covariates)

    @guarded
    def follow_up(self, units: pd.DataFrame, seal: Seal) -> pd.DataFrame:
        """Outcome columns by unit_id. Opens only with a sealed plan."""
        seal.check()
        outcomes = self._read({o.name: o.kind for o in self.table.outcomes}, missing=False).astype("float64")
        return outcomes.reindex(units["unit_id"]).sort_index()

    def _columns(self) -> list[str]:
        path = self.request.input_path
        try:
            if path.suffix.lower() == ".parquet":
                return list(pq.read_schema(path).names)
            return list(pd.read_csv(path, nrows=0).columns)
        except Exception:
            problem = f"{path.name} cannot be read as a table; save it again as {path.suffix.lower()}"
        raise DataContractError(problem)

    def _read(self, kinds: dict[str, str], *, missing: bool = True) -> pd.DataFrame:
        """The columns by unit_id, each of its kind; DataContractError counts what is wrong in each."""
        wanted, path = [self.table.id, *kinds], self.request.input_path
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path, columns=wanted)
        else:
            frame = pd.read_csv(path, usecols=wanted, dtype={self.table.id: str})
        ids = frame[self.table.id]
        found = {self.table.id: {"empty": ids.isna(), "repeated": ids.duplicated() & ids.notna()}}
        for name, kind in kinds.items():
            if kind == "categorical":
                continue
            number = pd.to_numeric(frame[name], errors="coerce")
            wrong = {"not a number": number.isna() & frame[name].notna(), "infinite": np.isinf(number)}
            if kind in ("binary", "treatment"):
                wrong["other than 0 and 1"] = number.notna() & ~number.isin([0, 1])
            if kind in ("count", "days"):
                wrong["negative"] = number < 0
            if kind == "treatment" or not missing:
                wrong["empty"] = frame[name].isna()
            found[name], frame[name] = wrong, number
        problems = [
            f"column `{name}` has {int(rows.sum())} values {what}"
            for name, kinds_of_wrong in found.items()
            for what, rows in kinds_of_wrong.items()
            if rows.any()
        ]
        if problems:
            raise DataContractError(
                listed(f"{path.name} cannot be used as it is; correct the values or the kind", problems)
            )
        return frame.rename(columns={self.table.id: "unit_id"}).set_index("unit_id").sort_index()[list(kinds)]
