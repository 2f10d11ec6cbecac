"""Numbers that need no programme: sizes of groups, funnels, and what else a published number carries with it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from .breach import Breach, of
from .read import Group, Side, pool, pool_sizes, pools, published, took_part

FINE = 1e-6


def sizes(results: dict[str, Any]) -> list[Breach]:
    """Groups and measures of too few people, and groups that differ by a few."""
    rules = results["rules"]
    fewest, smallest = rules["smallest_group"], rules["smallest_count"]
    breaches = []
    for analysis in published(results):
        name, size = analysis["name"], analysis["sizes"]
        if min(size["treatment"], size["comparison"]) < fewest:
            breaches.append(Breach(name, "a group is too small to be published", "R-C1", (name,)))
        for m in analysis["measures"]:
            numbers = (m["n_treatment"], m["n_comparison"])
            if any(n is not None and n < fewest for n in numbers):
                breaches.append(of(name, m["name"], "it rests on too few people", "R-C1"))
            if m["suppressed"] and any(m[key] is not None for key in _numbers(m)):
                breaches.append(of(name, m["name"], "it is marked confidential and yet given", "R-C2"))
        before = size["treatment_before"]
        if before is not None and 0 < before - size["treatment"] < smallest:
            breaches.append(of(name, "treatment group", "few people were lost by matching", "R-C10"))
        for row in [*(analysis["balance"] or {"rows": []})["rows"], *analysis["profile"]]:
            if row["suppressed"] and any(
                isinstance(v, float | int) and not isinstance(v, bool) for v in row.values()
            ):
                label = f"{row['covariate']}{': ' + row['level'] if row['level'] else ''}"
                breaches.append(of(name, label, "it is marked confidential and yet given", "R-C2"))
        shares = [row["mean_pool"] for row in (analysis["balance"] or {"rows": []})["rows"]]
        if size["pool"] is None and any(share is not None for share in shares):
            # Shares to ten digits are fractions of one number only.
            breaches.append(of(name, "pool", "its shares tell the size that is held back", "R-C10"))
    breaches += _before(results, smallest)
    for those in pools(results).values():
        told = pool_sizes(results, those)
        for analysis in those:
            if any(0 < size - analysis["sizes"]["comparison"] < smallest for size in told):
                breaches.append(of(analysis["name"], "pool", "few people were lost by matching", "R-C10"))
    for side in (took_part(results), pool(results)):
        breaches += _close(side, smallest)
    return breaches


def _numbers(measure: dict[str, Any]) -> list[str]:
    return ["n_treatment", "n_comparison", "n_comparison_effective", "treatment", "comparison", "unadjusted", "adjusted", "detectable"]  # fmt: skip


def _before(results: dict[str, Any], smallest: int) -> list[Breach]:
    """People of two analyses before matching, and those with a level in the one who are the other's rule.

    Everyone that a region's analysis was chosen from, less those of the region who were matched in the
    whole, are those of the region whom the whole lost.
    """
    side = took_part(results)
    before = {a["name"]: a["sizes"]["treatment_before"] for a in published(results)}
    breaches = []
    for part, whole in itertools.permutations(side.groups, 2):
        own, more = before[part.name], part.conditions - whole.conditions
        # Where all were matched it is the size of the group, which has to be told.
        if own in (None, part.low) or not part.within(whole) or not more:
            continue
        of = [before[whole.name]] if before[whole.name] is not None else []
        labels = [name for name in side.things if frozenset({name.casefold()}) == more]
        shown = [side.known[whole.name, name] for name in labels if (whole.name, name) in side.known]
        if any(0 < abs(total - own) < smallest for total in of) or any(
            0 < own - n < smallest for n, _ in shown
        ):
            breaches.append(
                Breach(
                    f"{part.name!r} before matching",
                    "few people beside another analysis",
                    "R-C4",
                    (whole.name, part.name),
                )
            )
    return breaches


def _close(side: Side, smallest: int) -> list[Breach]:
    """Groups of which one lies in the other, or several make up another, but for a few."""
    from .bounds import peoples

    breaches = []
    by_name: dict[str, Group] = {group.name: group for group in side.groups}
    for people in peoples(side):
        inside = [by_name[name] for name in people.minus]
        if not inside or not all(group.within(by_name[people.plus]) for group in inside):
            continue
        low = by_name[people.plus].low - sum(group.high for group in inside)
        high = by_name[people.plus].high - sum(group.low for group in inside)
        if (low, high) != (0, 0) and -smallest < low and high < smallest and high - low < smallest:
            breaches.append(
                Breach(
                    f"{people.told()}, {side.label}",
                    "the groups differ by a few people",
                    "R-C4",
                    (people.plus, *people.minus),
                )
            )
    return breaches


def funnels(results: dict[str, Any]) -> list[Breach]:
    """Every number of people on the way from all records to the analysis differs from every other by none or enough."""
    smallest = results["rules"]["smallest_count"]
    headline = next((a for a in published(results) if a["headline"]), None)
    linking = results["linking"] or {}
    sizes_ = headline["sizes"] if headline else {}
    told: dict[str, list[int | None]] = {
        "attrition": [linking.get("submitted"), linking.get("found"), sizes_.get("treatment_before"), sizes_.get("treatment")],
        "attrition_pool": [sizes_.get("pool"), sizes_.get("comparison")],
    }  # fmt: skip
    breaches = []
    if linking.get("review") is not None and linking["review"] < smallest:
        breaches.append(Breach("linking", "few links were uncertain", "R-C10"))
    for funnel, more in told.items():
        numbers = {n for n in more if n is not None}
        for step in results[funnel]:
            if step["lost"] is not None and 0 < step["lost"] < smallest:
                breaches.append(Breach(funnel, "few people were lost at a step", "R-C10"))
            if step["count"] is not None:
                numbers |= {step["count"], step["count"] + (step["lost"] or 0)}
        if any(b - a < smallest for a, b in itertools.pairwise(sorted(numbers))):
            breaches.append(Breach(funnel, "two published numbers of people differ by a few", "R-C10"))
        # Another group's numbers in its place would be about people whom nothing here looked at.
        if not _adds_up(results[funnel]):
            breaches.append(Breach(funnel, "its steps do not add up", "R-C5"))
        end, analysed = results[funnel][-1]["count"] if results[funnel] else None, more[-1]
        if end is not None and analysed is not None and end != analysed:
            breaches.append(Breach(funnel, "it does not end at the people analysed", "R-C5"))
    return breaches


def _adds_up(steps: list[dict[str, Any]]) -> bool:
    """Whether each step leaves those before it less those it lost, and loses nobody twice."""
    for before, after in itertools.pairwise(steps):
        numbers = (before["count"], after["lost"], after["count"])
        if None not in numbers and (numbers[1] < 0 or numbers[0] - numbers[1] != numbers[2]):
            return False
    return True


def other_routes(results: dict[str, Any]) -> list[Breach]:
    """What a standardised difference, a grid, a check on trust or a reason carries about groups not published."""
    breaches = []
    for analysis in published(results):
        breaches += _standardised(analysis, results["rules"]["smallest_count"])
        breaches += _matching(analysis, results["rules"]["smallest_count"])
        breaches += _trust(analysis, results["rules"]["smallest_count"])
    return breaches


def _standardised(analysis: dict[str, Any], smallest: int) -> list[Breach]:
    """A difference over the spread of everyone before matching tells how many of the unmatched have a level."""
    sizes_ = analysis["sizes"]
    before, size = sizes_["treatment_before"], sizes_["treatment"]
    if before == size:
        return []
    breaches = []
    for row in (analysis["balance"] or {"rows": []})["rows"]:
        label = f"{row['covariate']}{': ' + row['level'] if row['level'] else ''}"
        own, others = row["mean_treatment"], (row["mean_pool"], row["mean_comparison"])
        if own is None:
            continue
        if row["kind"] != "share":
            if _two_spreads(own, *others, row["smd_before"], row["smd_after"]):
                breaches.append(
                    of(
                        analysis["name"],
                        label,
                        "the mean of the people lost by matching follows from it",
                        "R-C10",
                    )
                )
            continue
        if own in (0, 1):
            continue
        for other, smd in zip(others, (row["smd_before"], row["smd_after"]), strict=True):
            if other is None or smd is None or abs(own - other) < FINE:
                continue
            spread = math.sqrt(own * (1 - own))
            if abs(smd - (own - other) / spread) <= FINE * max(1.0, abs(smd)):
                continue
            if before is None or _few(smd, own, other, size, before, smallest):
                breaches.append(
                    of(
                        analysis["name"],
                        label,
                        "how many of the people lost by matching have it follows from it",
                        "R-C10",
                    )
                )
                break
    return breaches


def _two_spreads(
    own: float, pool_mean: float | None, other: float | None, before: float | None, after: float | None
) -> bool:
    """Whether the two differences of a number were divided by different spreads, or taken from different people."""
    if None in (pool_mean, other, before, after) or not before or not after:
        return False
    first, second = (own - pool_mean) / before, (own - other) / after  # type: ignore[operator]
    # The smaller the difference, the fewer digits its spread is known to.
    slack = FINE + 1e-9 * (1 / abs(before) + 1 / abs(after))
    return abs(first - second) > slack * max(abs(first), abs(second))


def _few(smd: float, own: float, other: float, size: int, before: int, smallest: int) -> bool:
    """Whether some share of those before matching fits the difference and leaves few of the lost with, or without."""
    lost = before - size
    having = round(own * size)
    for count in range(having, having + lost + 1):
        share = count / before
        spread = math.sqrt(share * (1 - share))
        fits = spread > 0 and (
            abs(smd - (share - other) / spread) <= FINE or abs(smd - (own - other) / spread) <= FINE
        )
        if fits and not smallest <= count - having <= lost - smallest:
            return True
    return False


def _matching(analysis: dict[str, Any], smallest: int) -> list[Breach]:
    breaches = []
    matching = analysis["matching"] or {"grid": [], "dropped": []}
    name, size = analysis["name"], analysis["sizes"]["treatment"]
    for step in matching["grid"]:
        if step["chosen"]:
            continue
        close = 0 < abs(step["treatment"] - size) < smallest
        if close and step["treatment"] % 5:
            breaches.append(
                of(
                    name,
                    "calipers",
                    "a caliper differs by a few people from the chosen one",
                    "R-C10",
                )
            )
        # With one comparator each, the effective size is the number of people matched.
        effective = step["comparison_effective"]
        if (
            abs(effective - round(effective)) < FINE
            and round(effective) % 5
            and abs(round(effective) - size) < smallest
        ):
            breaches.append(of(name, "calipers", "an effective size is a number of people", "R-C10"))
        if step["worst_smd"] is not None and _finer(step["worst_smd"], 2):
            breaches.append(of(name, "calipers", "a difference is finer than needed", "R-C10"))
    for item in matching["dropped"]:
        if "nobody" in item["reason"] or "everybody" in item["reason"]:
            breaches.append(
                of(name, item["label"], "a reason says that nobody, or everybody, has it", "R-C2")
            )
    return breaches


def _trust(analysis: dict[str, Any], smallest: int) -> list[Breach]:
    """Checks on a main measure that is held back are held back, and no mean tells of how many people it is."""
    name, trust = analysis["name"], analysis["trust"]
    main = next((m for m in analysis["measures"] if m["primary"]), None)
    breaches = []
    if main is not None and main["treatment"] is None and (trust or analysis["verdict"]):
        breaches.append(
            Breach(name, "a conclusion is drawn from a measure that is held back", "R-C2", (name,))
        )
    whole = next((m for m in analysis["measures"] if m["kind"] == "binary" and m["among"] is None), None)
    if analysis["curve"] and whole is not None and whole["treatment"] is None:
        breaches.append(of(name, "curve", "it ends at a measure that is held back", "R-C2"))
    if not trust:
        return breaches
    if not analysis["headline"]:
        breaches.append(
            Breach(name, "checks on trust of another analysis's measure are given", "R-C2", (name,))
        )
    placebo = trust["placebo"]
    for key in ("treatment", "comparison"):
        if placebo[key] is not None and _finer(placebo[key], 2):
            breaches.append(
                of(name, "placebo", "a mean is so fine that its number of people follows", "R-C10")
            )
    people = main is not None and main["kind"] in ("binary", "count")
    for where, value in _fine(trust):
        # A placebo is of a number of people's events, whatever the main measure is.
        if value is None:
            continue
        if _finer(value, 3) if people or where == "placebo" else _longer(value, 4):
            breaches.append(of(name, where, "a difference is finer than needed", "R-C10"))
    tried, sizes_ = trust["certificate"], analysis["sizes"]
    if (
        sizes_["pool"] is None
        and tried["people"] is not None
        and (tried["people"] % 10 or tried["pool"] % 10)
    ):
        breaches.append(of(name, "certificate", "the size of the pool follows from it", "R-C10"))
    return breaches


def _fine(trust: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    """Differences among the checks on trust, each with where it stands."""
    for effect in (trust["placebo"]["estimate"], trust["placebo"]["left"]):
        yield from (("placebo", effect[key]) for key in ("difference", "low", "high") if effect)
    missed = trust["placebo"].get("could_see")
    if missed:
        yield "placebo", missed["detectable"]
        yield "what the placebo may miss", missed["carried"]
    found = trust["specifications"] or {"choices": []}
    for choice in found["choices"]:
        yield from (("other choices", choice[key]) for key in ("difference", "low", "high"))
    if found["choices"]:
        yield "other choices", found["median"]
    if trust["hidden"]:
        yield "hidden differences", trust["hidden"]["needed"]
        yield from (("hidden differences", twin["shift"]) for twin in trust["hidden"]["twins"])


def _finer(value: float, places: int) -> bool:
    """Whether a number is printed with more decimal places."""
    return abs(value - round(value, places)) > 1e-12


def _longer(value: float, digits: int) -> bool:
    """Whether a number is printed with more digits."""
    return value != float(f"{value:.{digits}g}")
