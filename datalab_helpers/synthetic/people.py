"""Invented people: names, identifiers and the other names they have used."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from .draws import between, lookup, pick, pick_by_row, year_of, yes

ETHNICITIES = ("Asian", "Black", "Mixed", "Not stated", "Other", "White")
# Rows: caution, community, custody.
ETHNICITY_MIX = np.array([[7, 8, 3, 4, 1.5, 76.5], [7, 8, 4, 3, 1.5, 76.5], [8, 12, 4, 0.5, 1.5, 74]])
CULTURES = ("british", "irish", "eastern_european", "south_asian", "west_african", "caribbean", "other")
# Rows in the order of ETHNICITIES.
CULTURE_MIX = np.array(
    [
        [4, 0, 0, 92, 0, 0, 4],
        [10, 0, 0, 0, 42, 44, 4],
        [55, 3, 1, 8, 8, 22, 3],
        [70, 5, 8, 8, 3, 3, 3],
        [15, 0, 5, 5, 0, 0, 75],
        [86, 6, 7, 0, 0, 0, 1],
    ]
)
UK_NATIONAL = np.array([0.97, 0.97, 0.45, 0.80, 0.72, 0.90, 0.50])
COMPOSED = 0.72
DOUBLE_BARRELLED = 0.025
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


@dataclass(eq=False)
class Identities:
    """Who everyone is; one entry a person. Names are codes into lists of all names."""

    forename: pa.DictionaryArray
    surname: pa.DictionaryArray
    born: np.ndarray
    gender: np.ndarray
    ethnicity: np.ndarray
    uk_national: np.ndarray
    pnc_id: pa.Array
    prison_number: pa.Array
    alias: dict[str, pa.Array | np.ndarray]


@functools.cache
def name_lists() -> dict:
    """The lists of names.yml."""
    return yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))


@functools.cache
def all_names() -> tuple[list[str], dict[tuple[str, str], np.ndarray], np.ndarray]:
    """Every name once, the positions of each list in it, and those of the composed surnames."""
    lists = name_lists()
    composed = [first + last for first in lists["prefixes"] for last in lists["suffixes"]]
    everything = sorted(
        {name for culture in CULTURES for part in ("F", "M", "surnames") for name in lists[culture][part]}
        | set(composed)
    )
    position = {name: number for number, name in enumerate(everything)}
    where = {
        (culture, part): np.array([position[name] for name in lists[culture][part]], np.int32)
        for culture in CULTURES
        for part in ("F", "M", "surnames")
    }
    return everything, where, np.array([position[name] for name in composed], np.int32)


def draw_forenames(rng: np.random.Generator, culture: np.ndarray, gender: np.ndarray) -> np.ndarray:
    """Forename of each person as a position in the list of all names."""
    _, where, _ = all_names()
    out = np.zeros(len(culture), np.int32)
    u = rng.random(len(culture))
    for number, name in enumerate(CULTURES):
        for sex, part in enumerate(("F", "M")):
            those = (culture == number) & (gender == sex)
            out[those] = from_list(u[those], where[name, part], 25.0)
    return out


def draw_surnames(rng: np.random.Generator, culture: np.ndarray) -> np.ndarray:
    """Surname of each person; most British ones are composed, hence rare."""
    _, where, composed = all_names()
    out = np.zeros(len(culture), np.int32)
    u = rng.random(len(culture))
    for number, name in enumerate(CULTURES):
        those = culture == number
        out[those] = from_list(u[those], where[name, "surnames"], 25.0)
    rare = np.isin(culture, (0, 5)) & yes(rng, np.where(culture == 0, COMPOSED, 0.2), len(culture))
    out[rare] = composed[between(rng, 0, len(composed) - 1, rare.sum())]
    return out


def from_list(u: np.ndarray, names: np.ndarray, offset: float) -> np.ndarray:
    """Draw in proportion to 1 / (rank + offset): a few names are common, many are not."""
    return names[lookup(u, 1 / (np.arange(len(names)) + offset))]


def identities(
    rng: np.random.Generator,
    gender: np.ndarray,
    born: np.ndarray,
    kind: np.ndarray,
    first_known: np.ndarray,
    ever_in_custody: np.ndarray,
    mix: np.ndarray = CULTURE_MIX,
) -> Identities:
    """Invent everyone's names, nationality and numbers; `mix` as CULTURE_MIX."""
    n = len(gender)
    ethnicity = pick_by_row(rng, ETHNICITY_MIX, kind)
    culture = pick_by_row(rng, mix, ethnicity)
    forename = draw_forenames(rng, culture, gender)
    surname = draw_surnames(rng, culture)
    second = draw_surnames(rng, culture)
    double = yes(rng, DOUBLE_BARRELLED, n)
    names, _, _ = all_names()
    surnames = surname_array(surname, second, double, names)
    # A date of birth not known to the day is recorded as 1 January, above all of people born abroad.
    first_of_year = yes(rng, np.array([0.006, 0.006, 0.01, 0.03, 0.05, 0.01, 0.08])[culture], n)
    january = born.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    recorded = np.where(first_of_year, january, born).astype(np.int32)
    forenames = as_names(forename, names)
    return Identities(
        forename=forenames,
        surname=surnames,
        born=recorded,
        gender=gender,
        ethnicity=ethnicity,
        uk_national=yes(rng, UK_NATIONAL[culture], n),
        pnc_id=pnc_ids(np.maximum(year_of(first_known), 1965), serials(rng, n, 9_999_991)),
        prison_number=prison_numbers(serials(rng, n, 23 * 9973 * 26 * 26), ever_in_custody),
        alias=aliases(rng, culture, gender, forename, surnames, recorded),
    )


def aliases(
    rng: np.random.Generator,
    culture: np.ndarray,
    gender: np.ndarray,
    forename: np.ndarray,
    surname: pa.Array,
    born: np.ndarray,
) -> dict[str, pa.Array | np.ndarray]:
    """About 11 aliases a hundred people: another surname, another forename, another date of birth."""
    names, _, _ = all_names()
    person = np.flatnonzero(yes(rng, np.where(gender == 0, 0.16, 0.095), len(gender)))
    again = person[yes(rng, 0.08, len(person))]
    person = np.sort(np.concatenate([person, again]))
    n = len(person)
    change = pick(rng, np.array([45, 25, 15, 15]), n)
    new_surname = np.isin(change, (0, 3))
    other = as_names(draw_surnames(rng, culture[person]), names)
    fresh = draw_forenames(rng, culture[person], gender[person])
    chosen = np.where(new_surname, n + np.arange(n), np.arange(n))
    own = surname.take(pa.array(person)).cast(pa.string())
    pool = pa.concat_arrays([own, other.cast(pa.string())])
    return {
        "person": person.astype(np.int32),
        "surname": pool.take(pa.array(chosen)),
        "forename": as_names(np.where(np.isin(change, (1, 3)), fresh, forename[person]), names).cast(
            pa.string()
        ),
        "born": np.where(change >= 2, born[person] + between(rng, -900, 900, n), born[person]).astype(
            np.int32
        ),
    }


def as_names(position: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    """Positions as an Arrow column of names."""
    return pa.DictionaryArray.from_arrays(pa.array(position, pa.int32()), pa.array(names))


def surname_array(
    first: np.ndarray, second: np.ndarray, double: np.ndarray, names: list[str]
) -> pa.DictionaryArray:
    """Surnames, some of them double-barrelled."""
    double = double & (first != second)
    pairs = np.stack([first[double], second[double]], axis=1)
    unique, position = np.unique(pairs, axis=0, return_inverse=True)
    joined = [f"{names[a]}-{names[b]}" for a, b in unique]
    code = first.copy()
    code[double] = len(names) + position.reshape(-1)
    return as_names(code, [*names, *joined])


def serials(rng: np.random.Generator, n: int, most: int) -> np.ndarray:
    """Different numbers in no visible order, shape (n,)."""
    step = 1_000_003 + 2 * int(rng.integers(1, 200_000))
    while np.gcd(step, most) != 1:
        step += 2
    return (int(rng.integers(0, most)) + step * np.arange(n, dtype=np.int64)) % most


def check_letter(year: np.ndarray, serial: np.ndarray) -> np.ndarray:
    """Check letter of a PNC ID as byte: two-digit year and seven-digit serial, modulo 23."""
    letters = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)
    return letters[((year % 100) * 10_000_000 + serial) % 23]


def pnc_ids(year: np.ndarray, serial: np.ndarray) -> pa.Array:
    """`YYYY/NNNNNNNC`."""
    slash = np.full(len(year), ord("/"), np.uint8)
    return text_of([*digits(year, 4), slash, *digits(serial, 7), check_letter(year, serial)])


def prison_numbers(number: np.ndarray, given: np.ndarray) -> pa.Array:
    """`ANNNNAA` for those ever in custody, nothing for the others."""
    letters = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)
    alphabet = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
    number, last = np.divmod(number, 26)
    number, middle = np.divmod(number, 26)
    first, four = np.divmod(number, 9973)
    text = text_of([letters[first % 23], *digits(four, 4), alphabet[middle], alphabet[last]])
    return pa.array(np.where(given, np.asarray(text.to_numpy(zero_copy_only=False)), None), pa.string())


def digits(number: np.ndarray, width: int) -> list[np.ndarray]:
    """Decimal digits as bytes, most significant first."""
    return [(number // 10**place % 10 + ord("0")).astype(np.uint8) for place in range(width - 1, -1, -1)]


def text_of(characters: list[np.ndarray]) -> pa.Array:
    """Columns of bytes as strings of that length."""
    table = np.ascontiguousarray(np.stack(characters, axis=1))
    width = table.shape[1]
    offsets = np.arange(0, (len(table) + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(table), pa.py_buffer(offsets), pa.py_buffer(table))
