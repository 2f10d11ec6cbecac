"""How large a submission may be, and what its parser may use. A first line is the check, the wall the process."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """Why a file is not read: what is wrong and what to do. Holds counts, never a cell."""


@dataclass(frozen=True)
class Limits:
    """About six times what a sheet of 50,000 people with 20 columns needs (2.8 MB, 34.5 MB unpacked)."""

    file_bytes: int = 20_000_000
    unpacked_bytes: int = 200_000_000
    parts: int = 1_000  # a workbook has a dozen, and a few for each sheet
    ratio: int = 200  # unpacked to packed, judged above 10 MB: sheets reach 12, very even ones 60
    rows: int = 100_000
    columns: int = 512
    cells: int = 2_000_000  # of the smallest rectangle around all cells: a parser may fill all of it
    merges: int = 20_000  # a sheet of people has none; a million of them is an attack
    cell_letters: int = 32_767  # what a cell of a spreadsheet program can hold
    memory_bytes: int = 1_000_000_000
    seconds: int = 30


LIMITS = Limits()
