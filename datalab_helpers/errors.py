"""Every error a person can meet, and how an unforeseen one is kept from carrying personal data.

    DataLabError
    ├── RequestError       the request file is wrong
    ├── DataContractError  a table does not have the promised columns or values
    ├── LinkageError       too few participants could be found
    ├── MatchingError      no usable comparison group can be built
    │   ├── TooFewError    fewer people than may be published, or can be compared
    │   └── UnlikeError    the groups could not be made alike
    ├── LockError          outcomes were asked for before the plan was sealed, or a run is already under way
    ├── DisclosureError    a result is too small to publish
    ├── WithdrawnError     the organisation withdrew its request
    ├── VerifyError        a published file is not what its manifest says
    └── LibraryError       a report cannot enter the library
    Fault                  our own mistake: type and place only, never the values

A message says where, what is wrong, what is allowed and what to do; it gives counts and
settings, never a value of a person. All problems of one kind come in one message.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class DataLabError(Exception):
    """Something a person can mend; the command line ends with exit code 2."""


class RequestError(DataLabError):
    """The request file, or a file that it names, is wrong."""


class DataContractError(DataLabError):
    """A table does not have the columns or values that its contract promises."""


class LinkageError(DataLabError):
    """Too few participants could be found in the records."""


class MatchingError(DataLabError):
    """No usable comparison group can be built."""


class TooFewError(MatchingError):
    """Fewer people than may be published could be analysed or compared."""


class UnlikeError(MatchingError):
    """The groups could not be made alike, so outcomes stay closed."""


class LockError(DataLabError):
    """Outcomes were asked for before the plan was sealed, or another run holds the request."""


class DisclosureError(DataLabError):
    """A result is too small to publish."""


class WithdrawnError(DataLabError):
    """The organisation withdrew its request before outcomes were opened."""


class VerifyError(DataLabError):
    """A published file, an input or the code differs from what the manifest recorded."""


class LibraryError(DataLabError):
    """A published report, or a request, cannot enter the library."""


class Fault(Exception):
    """Our own mistake. Carries the type and place of the original error, and no values."""


def listed(where: str, problems: Iterable[str]) -> str:
    """One message for all problems found in one place."""
    return "\n".join([f"{where}:", *(f"  - {problem}" for problem in problems)])


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Let errors meant for people through; reduce any other to its type and place.

    The text of a pandas or DuckDB error often quotes the value that caused it, and papermill
    copies that text into the executed notebook. Public functions that see person-level rows
    are guarded so that nothing of a person can leave by that road.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (DataLabError, Fault):
            raise
        except Exception as error:
            fault = Fault(f"{function.__module__}.{function.__name__}: {describe(error)}")
        # Raised outside the handler, so that the original (with its values) is not chained to it.
        raise fault

    return call


def describe(error: BaseException) -> str:
    """Type and place of an error in our own code, without its text."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent.name != "site-packages" and "datalab_helpers" in frame.filename
    ]
    frame = ours[-1] if ours else None
    place = f" at {Path(frame.filename).name}:{frame.lineno} in {frame.name}" if frame else ""
    return f"{type(error).__name__}{place}"
