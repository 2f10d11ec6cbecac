"""How likely each typed value is, given the record it stems from or given somebody not on record.

The mirror image of `synthetic.untidy`: what that module draws, this one gives the probability of.
Only the benchmark knows it. Typed text is compared without case and outer spaces, which tell nothing.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np

from datalab_helpers.synthetic import people, untidy

YEARS_OFF = (-10, -9, -2, -1, 1, 2, 9, 10)
# Strangers' days of birth; see submissions.strangers_for.
STRANGER_BORN = (-5000, 11_500)
STRANGER_FEMALE = 0.15
# One of so many identifiers; the years of PNC IDs run with strangers' years of birth.
PNC_IDS, PRISON_NUMBERS = 9_999_991 * 45, 23 * 9973 * 26 * 26


def plain(text: str) -> str:
    """A name as it is compared; some letters come back from upper case as others."""
    return text.strip().upper().lower()


@functools.lru_cache(400_000)
def slips(name: str) -> dict[str, float]:
    """What one slip of the keyboard makes of a name, with probabilities."""
    if len(name) < 3:
        return {plain(name): 1.0}
    made: Counter[str] = Counter()
    places = range(1, len(name) - 1)
    for at in places:
        for text in (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + untidy.SLIPS.get(name[at].lower(), "e") + name[at + 1 :],
        ):
            made[plain(text)] += 1
    total = 4 * len(places)
    return {text: count / total for text, count in made.items()}


def with_typo(name: str, rates: untidy.Rates) -> dict[str, float]:
    """What is typed for a name that was meant: itself, or itself with a slip."""
    made = {text: rates.typo * chance for text, chance in slips(name).items()}
    made[plain(name)] = made.get(plain(name), 0.0) + 1 - rates.typo
    return made


def forename_typed(name: str, rates: untidy.Rates) -> dict[str, float]:
    """What is typed for a forename: perhaps its nickname, perhaps with a slip."""
    nickname = people.name_lists()["nicknames"].get(name)
    if nickname is None:
        return with_typo(name, rates)
    made: defaultdict[str, float] = defaultdict(float)
    for meant, share in ((name, 1 - rates.nickname), (nickname, rates.nickname)):
        for text, chance in with_typo(meant, rates).items():
            made[text] += share * chance
    return dict(made)


class Sources:
    """Recorded names by what may be typed for them: `of(typed)` gives (recorded, probability)."""

    def __init__(self, recorded: Iterable[str], typed_for) -> None:
        self.table: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for name in recorded:
            for text, chance in typed_for(name).items():
                self.table[text].append((name, chance))

    def of(self, typed: str) -> list[tuple[str, float]]:
        return self.table.get(typed, [])

    def mean(self, typed: str, weight: dict[str, float]) -> float:
        """Probability of the typed text for a name drawn with these weights."""
        return sum(weight.get(name, 0.0) * chance for name, chance in self.of(typed))


def births(typed: dt.date, rates: untidy.Rates) -> dict[dt.date, float]:
    """Recorded days of birth that may lie behind a typed one, with the probability of typing it."""
    swappable = typed.day <= 12
    chances = {typed: 1 - rates.blank_essential - rates.wrong_digit - rates.day_month_swapped * swappable}
    if swappable:
        swapped = typed.replace(month=typed.day, day=typed.month)
        chances[swapped] = chances.get(swapped, 0.0) + rates.day_month_swapped
    if typed.day <= 28:
        # A wrong year moves days after the 28th to it.
        for years in YEARS_OFF:
            for day in range(28, 32) if typed.day == 28 else (typed.day,):
                try:
                    born = typed.replace(year=typed.year - years, day=day)
                except ValueError:
                    continue
                chances[born] = chances.get(born, 0.0) + rates.wrong_digit / len(YEARS_OFF)
    return chances


def gender(typed: str, recorded: str, rates: untidy.Rates) -> float:
    """Probability of the gender typed; its ways of writing tell nothing."""
    if not typed:
        return rates.blank_essential
    wrong = typed[0].upper() != recorded
    return (1 - rates.blank_essential) * (rates.wrong_sex if wrong else 1 - rates.wrong_sex)


def number(typed: str, recorded: str | None, left_out: float, rates: untidy.Rates) -> float:
    """Probability of a typed PNC ID or prison number, given the one on record."""
    if not recorded:
        return 0.0 if typed else 1.0
    if not typed:
        return left_out
    each = rates.mangled_number / 3
    slash = "/" in recorded
    chance = 0.0
    if typed == recorded:
        chance += 1 - rates.mangled_number
    if slash and typed == short_form(recorded):
        chance += each
    if typed == recorded.replace("/", " ").lower():
        chance += each
    # Without a slash the short form does not exist, and a character goes wrong instead.
    wrong = each if slash else 2 * each
    if len(typed) == len(recorded):
        off = [at for at in range(len(typed)) if typed[at] != recorded[at]]
        places = len(recorded) - 2
        if not off:
            chance += wrong * sum(not letter.isdigit() for letter in recorded[1:-1]) / places
        elif (
            len(off) == 1
            and 0 < off[0] < len(recorded) - 1
            and recorded[off[0]].isdigit()
            and typed[off[0]].isdigit()
        ):
            chance += wrong / places / 9
    return (1 - left_out) * chance


def short_form(pnc_id: str) -> str:
    year, serial = pnc_id.split("/")
    return f"{year[2:]}/{serial[:-1].lstrip('0')}{serial[-1]}"


class Strangers:
    """How likely a typed row is for somebody not on record."""

    def __init__(self, rates: untidy.Rates, mix: np.ndarray) -> None:
        names, where, composed = people.all_names()
        self.rates = rates
        # Strangers are drawn as people under a community order (kind 1).
        share = people.ETHNICITY_MIX[1] / people.ETHNICITY_MIX[1].sum()
        self.culture = share @ (mix / mix.sum(axis=1, keepdims=True))
        self.january = np.array([0.006, 0.006, 0.01, 0.03, 0.05, 0.01, 0.08])
        self.forenames = {
            sex: [falling(where[culture, sex], names) for culture in people.CULTURES] for sex in "FM"
        }
        self.surnames = []
        for place, culture in enumerate(people.CULTURES):
            rare = {0: people.COMPOSED, 5: 0.2}.get(place, 0.0)
            weight = Counter(
                {name: (1 - rare) * w for name, w in falling(where[culture, "surnames"], names).items()}
            )
            if rare:
                weight.update({names[position]: rare / len(composed) for position in composed})
            self.surnames.append(weight)
        every_forename = {name for lists in self.forenames.values() for one in lists for name in one}
        self.of_forename = Sources(every_forename, lambda name: forename_typed(name, rates))
        self.of_surname = Sources(
            {name for one in self.surnames for name in one}, lambda name: with_typo(name, rates)
        )
        self.seen: dict[tuple[str, str], np.ndarray] = {}

    def _forename(self, typed: str, sex: str) -> np.ndarray:
        key = (typed, sex)
        if key not in self.seen:
            self.seen[key] = np.array([self.of_forename.mean(typed, w) for w in self.forenames[sex]])
        return self.seen[key]

    def _surname(self, typed: str) -> np.ndarray:
        key = (typed, "")
        if key not in self.seen:
            one = np.array([self.of_surname.mean(typed, w) for w in self.surnames]) * (
                1 - people.DOUBLE_BARRELLED
            )
            first, hyphen, second = typed.partition("-")
            if hyphen:
                halves = [
                    np.array([self.of_surname.mean(half, w) for w in self.surnames])
                    for half in (first, second)
                ]
                one += people.DOUBLE_BARRELLED * halves[0] * halves[1]
            # Another surname in its place is some other stranger's.
            changed = self.rates.surname_changed
            self.seen[key] = (1 - changed) * one + changed * (self.culture @ one)
        return self.seen[key]

    def chance(
        self, surname: str, forename: str, born: dt.date, sex: str, pnc_id: str, prison_number: str
    ) -> float:
        """Probability of a row's identity fields, given that the person is not on record."""
        rates, swap = self.rates, self.rates.swapped_names
        first, last = STRANGER_BORN
        day = (born - dt.date(1970, 1, 1)).days
        flat = 1 / (last - first + 1) if first <= day <= last else 0.001 / (last - first + 1)
        heaped = 365.25 * flat if (born.month, born.day) == (1, 1) else 0.0
        births = (1 - self.january) * flat + self.january * heaped
        total = 0.0
        for gender_of, share in (("F", STRANGER_FEMALE), ("M", 1 - STRANGER_FEMALE)):
            each = (1 - swap) * self._forename(forename, gender_of) * self._surname(surname)
            each += swap * self._forename(surname, gender_of) * self._surname(forename)
            total += share * gender(sex, gender_of, rates) * float(self.culture @ (each * births))
        total *= (1 - rates.no_pnc_id) / PNC_IDS if pnc_id else rates.no_pnc_id
        total *= (1 - rates.no_prison_number) / PRISON_NUMBERS if prison_number else rates.no_prison_number
        # Alias names and slips in rare places are left out above; nothing is impossible for a stranger.
        return max(total, 1e-60)


def falling(positions: np.ndarray, names: list[str]) -> dict[str, float]:
    """The weights of `people.from_list`."""
    weight = 1 / (np.arange(len(positions)) + 25.0)
    made: Counter[str] = Counter()
    for position, share in zip(positions, weight / weight.sum(), strict=True):
        made[names[position]] += share
    return dict(made)
