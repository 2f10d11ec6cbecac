"""A message tells a person what to mend; an unforeseen error tells its kind and place and nothing more."""

from __future__ import annotations

import re
import traceback

import pandas as pd
import pytest

from datalab_helpers import errors
from datalab_helpers.errors import DataContractError, DataLabError, Fault, describe, guarded, listed

SURNAME = "Featherstonehaugh"


@guarded
def broken(value: str) -> int:
    return int(value)


@guarded
def refuses() -> None:
    raise DataContractError("column `gender` is missing")


def test_every_error_for_people_shares_one_base_and_a_fault_does_not() -> None:
    kinds = {k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)}
    assert {k.__name__ for k in kinds - {DataLabError, Fault} if issubclass(k, DataLabError)} == {
        "RequestError",
        "DataContractError",
        "LinkageError",
        "MatchingError",
        "TooFewError",
        "UnlikeError",
        "LockError",
        "DisclosureError",
        "WithdrawnError",
        "VerifyError",
        "LibraryError",
    }
    assert not issubclass(Fault, DataLabError)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert name in errors.__doc__


def test_problems_of_one_place_come_in_one_message() -> None:
    assert listed("people.csv", ["no surname", "no gender"]) == "people.csv:\n  - no surname\n  - no gender"


def test_an_error_for_people_passes_unchanged() -> None:
    with pytest.raises(DataContractError, match=r"^column `gender` is missing$"):
        refuses()


def test_an_unforeseen_error_becomes_a_fault_without_its_values() -> None:
    with pytest.raises(Fault) as caught:
        broken(SURNAME)
    assert re.fullmatch(r"test_errors\.broken: ValueError at errors\.py:\d+ in call", str(caught.value))


def test_the_original_error_is_not_chained_to_the_fault() -> None:
    """A notebook prints the whole chain, so a chained original would carry its values out."""
    with pytest.raises(Fault) as caught:
        broken(SURNAME)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert SURNAME not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "leak",
    [
        lambda: pd.to_datetime(pd.Series([SURNAME])),
        lambda: pd.Series([SURNAME]).astype(int),
        lambda: pd.to_numeric(pd.Series([SURNAME])),
        lambda: {"a": 1}[SURNAME],
        lambda: pd.DataFrame({"a": [1]})[SURNAME],
        lambda: pd.DataFrame({"k": [SURNAME] * 2}).merge(
            pd.DataFrame({"k": [SURNAME] * 2}), validate="one_to_one"
        ),
        lambda: pd.concat([pd.DataFrame(index=[SURNAME])] * 2, verify_integrity=True),
    ],
    ids=["date", "cast", "key", "number", "column", "merge", "index"],
)
def test_no_way_in_which_pandas_quotes_a_value_gets_through(leak) -> None:
    with pytest.raises(Exception) as original:  # noqa: PT011 (each library raises its own)
        leak()
    with pytest.raises(Fault) as caught:
        guarded(leak)()
    assert SURNAME not in "".join(traceback.format_exception(caught.value))
    assert type(original.value).__name__ in str(caught.value)


def test_a_fault_inside_a_fault_keeps_the_first_place() -> None:
    with pytest.raises(Fault, match=r"^test_errors\.broken: ValueError at"):
        guarded(lambda: broken(SURNAME))()


def test_the_place_is_a_file_and_line_of_our_own_code() -> None:
    with pytest.raises(TypeError) as inside:
        listed("somewhere", None)
    assert re.fullmatch(r"TypeError at errors\.py:\d+ in listed", describe(inside.value))
    with pytest.raises(ValueError, match=SURNAME) as outside:
        int(SURNAME)
    assert describe(outside.value) == "ValueError"
