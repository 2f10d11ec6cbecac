"""The audit of published files, by hand on tiny cases: what it must catch, and what it must let pass."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from datalab_helpers.audit import audit, audit_results
from datalab_helpers.audit.read import rate_of
from datalab_helpers.audit.texts import texts
from datalab_helpers.disclosure import Results
from datalab_helpers.disclosure.withheld import BESIDE_OTHERS
from datalab_helpers.errors import DisclosureError, VerifyError
from datalab_helpers.pipeline.publish import sparing
from tests.made_up import Maker

RULES = {"smallest_group": 30, "smallest_count": 10}
POOL = 5000


def row(covariate: str, level: str | None, share: float | None, **changed: Any) -> dict[str, Any]:
    """A balance row; its share of the pool is a safe one, or held back with the other."""
    return {
        "covariate": covariate, "level": level, "kind": "share", "mean_treatment": share,
        "mean_pool": None if share is None else 0.4, "mean_comparison": None if share is None else 0.4,
        "smd_before": None, "smd_after": None, "suppressed": "c" if share is None else None, **changed,
    }  # fmt: skip


def levels(covariate: str, n: int, **counts: int | None) -> list[dict[str, Any]]:
    """All levels of a covariate; None: held back. The pool has as many of each as of the others."""
    pool = {name: 1 / len(counts) for name in counts}
    return [
        row(covariate, name, None if count is None else count / n)
        | ({} if count is None else {"mean_pool": pool[name], "mean_comparison": pool[name]})
        for name, count in counts.items()
    ]


def measure(name: str, n: int | None, count: float | None, **changed: Any) -> dict[str, Any]:
    held = count is None
    return {
        "name": name, "kind": "binary", "among": None, "table": 1, "primary": name == "again",
        "n_treatment": n, "treatment": None if count is None or n is None else count / n,
        "n_comparison": None if held else 2000, "n_comparison_effective": None if held else 700.5,
        "comparison": None if held else 0.35, "unadjusted": None, "adjusted": None, "detectable": None,
        "suppressed": "c" if held else None, **changed,
    }  # fmt: skip


def analysis(name: str, n: int, rows: Any = (), measures: Any = (), **changed: Any) -> dict[str, Any]:
    return {
        "name": name, "headline": name == "All", "described": "everyone who could be analysed", "refused": None,
        "sizes": {"treatment_before": n, "treatment": n, "pool": POOL, "comparison": 2000,
                  "comparison_effective": 700.5},
        "matching": None, "balance": {"rows": list(rows)}, "measures": list(measures), "curve": None,
        "verdict": None, "profile": [], "trust": None, **changed,
    }  # fmt: skip


def results(*analyses: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "rules": RULES, "attrition": [], "attrition_pool": [], "linking": None, "analyses": list(analyses), **changed
    }  # fmt: skip


def rules(*analyses: dict[str, Any], **changed: Any) -> set[str]:
    """The rules broken."""
    return {breach.rule for breach in audit_results(results(*analyses, **changed)).breaches}


# ---------------------------------------------------------------- one group


@pytest.mark.parametrize(
    ("count", "broken"), [(0, True), (9, True), (10, False), (40, False), (41, True), (50, True)]
)
def test_a_rate_gives_its_count_and_those_without(count: int, broken: bool) -> None:
    assert ("R-C2" in rules(analysis("All", 50, measures=[measure("again", 50, count)]))) is broken


def test_a_lone_hidden_level_is_what_the_others_leave() -> None:
    """3 of 60: hidden, but 60 - 37 - 20 = 3."""
    assert rules(analysis("All", 60, levels("Area", 60, a=37, b=20, c=None))) == {"R-C2"}


def test_two_hidden_levels_that_add_up_to_few_are_each_few() -> None:
    """Hidden are 3 and 4; the others leave 7, so neither can be ten."""
    assert rules(analysis("All", 60, levels("Area", 60, a=33, b=20, c=None, d=None))) == {"R-C3"}
    # 3 and 12 leave 15: each can be anything from 0 to 15.
    assert rules(analysis("All", 60, levels("Area", 60, a=25, b=20, c=None, d=None))) == set()


def test_those_of_whom_neither_yes_nor_unknown_is_told_are_counted_too() -> None:
    """Of 100, 90 yes and none unknown listed: 10 no. With 7 unknown, 3 are left for no."""
    yes, unknown = row("Need", None, 0.8), row("Need", "not recorded", 0.17)
    assert rules(analysis("All", 100, [yes])) == set()
    assert rules(analysis("All", 100, [yes, unknown])) == {"R-C2"}
    assert rules(analysis("All", 100, [yes, row("Need", "not recorded", None)])) == set()


def test_a_level_that_everyone_of_both_groups_has_is_the_rule_that_chose_them() -> None:
    everyone = row("Kind", "release", 1.0, mean_pool=1.0, mean_comparison=1.0)
    assert rules(analysis("All", 100, [everyone])) == set()
    assert "R-C2" in rules(analysis("All", 100, [row("UK national", None, 1.0, mean_pool=1.0)]))


def test_groups_of_fewer_than_thirty_are_too_small() -> None:
    assert "R-C1" in rules(analysis("All", 29))
    assert rules(analysis("All", 30)) == set()
    again = measure("again", 60, 25)
    late = measure("late", 25, 12, among="again", table=2)
    assert "R-C1" in rules(analysis("All", 60, measures=[again, late]))


def test_what_is_marked_confidential_must_not_be_given() -> None:
    assert "R-C2" in rules(analysis("All", 60, measures=[measure("again", 60, 25, suppressed="c")]))
    assert "R-C2" in rules(analysis("All", 60, [row("Sex", None, 0.4, suppressed="c")]))


# ---------------------------------------------------------------- measures that tell of one another


def test_the_people_of_a_further_measure_are_a_count() -> None:
    """The rate is hidden since only 4 of 60 did not; yet another table is about 56 people."""
    again, late = measure("again", None, None), measure("late", 56, 20, among="again", table=2)
    assert "R-C2" in rules(analysis("All", 60, measures=[again, late]))
    assert rules(analysis("All", 60, measures=[again])) == set()


def test_the_rate_follows_from_the_other_rate_and_the_difference_or_its_error() -> None:
    """3 of 50 against 0.35: the difference gives 0.06, and so does the standard error."""
    spread = (0.06 * 0.94 / 50 + 0.35 * 0.65 / 700.5) ** 0.5
    ends = {"low": -0.29 - 1.959963984540054 * spread, "high": -0.29 + 1.959963984540054 * spread}
    hidden = {"treatment": None, "comparison": 0.35, "n_comparison": 2000, "n_comparison_effective": 700.5}
    for effect in ({"difference": -0.29}, {"difference": None, **ends}):
        m = measure("again", 50, None, **hidden, unadjusted=effect)
        assert rate_of(m, "treatment") == pytest.approx(0.06)
        assert "R-C2" in rules(analysis("All", 50, measures=[m]))
    m = measure(
        "again", 50, None, **{**hidden, "treatment": 0.5, "comparison": None}, unadjusted={"difference": 0.1}
    )
    assert rate_of(m, "comparison") == pytest.approx(0.4)


def test_parts_of_a_table_leave_the_one_that_is_hidden() -> None:
    again = measure("again", 100, 60)
    parts = [measure(f"first {i}", 60, c, among="again", table=2) for i, c in enumerate((30, 25, None))]
    assert "R-C2" in rules(analysis("All", 100, measures=[again, *parts]))
    hidden = [measure(f"first {i}", None, None, among="again", table=2) for i in range(3)]
    assert rules(analysis("All", 100, measures=[again, *hidden])) == set()


def test_a_sum_over_people_limits_how_many_there_are() -> None:
    few = measure("offences", 100, 7, kind="count", table=2)
    assert "R-C2" in rules(analysis("All", 100, measures=[few]))
    assert (
        rules(analysis("All", 100, measures=[measure("offences", 100, 12, kind="count", table=2)])) == set()
    )


def test_a_conclusion_from_a_hidden_measure_is_told() -> None:
    verdict = {"case": "A"}
    assert "R-C2" in rules(analysis("All", 60, measures=[measure("again", None, None)], verdict=verdict))


# ---------------------------------------------------------------- curve


def curve(*counts: int | None, n: int = 100) -> dict[str, Any]:
    return {
        "days": [0, 30, 60, 90][: len(counts)],
        "treatment": [None if c is None else c / n for c in counts],
        "at_risk_treatment": [None if c is None else n - c for c in counts],
        "comparison": [0.0] + [None] * (len(counts) - 1),
        "at_risk_comparison": [2000] + [None] * (len(counts) - 1),
    }


@pytest.mark.parametrize(
    ("counts", "broken"),
    [
        ((0, 20, 30, 40), False),
        ((0, 20, 21, 40), True),  # a step of one event
        ((0, 20, 30, 55), True),  # five come after the last point
        ((0, 20, None, 40), False),
        ((0, 0, 20, 40), True),  # nobody in the first month
    ],
)
def test_few_events_between_two_days(counts: tuple[int | None, ...], broken: bool) -> None:
    again = measure("again", 100, 60)
    found = rules(analysis("All", 100, measures=[again], curve=curve(*counts)))
    assert bool(found) is broken
    assert found <= {"R-C2", "R-C8"}


# ---------------------------------------------------------------- several analyses


def part(name: str, n: int, described: str, rows: Any = (), measures: Any = ()) -> dict[str, Any]:
    return analysis(name, n, rows, measures, described=described)


def test_two_analyses_that_differ_by_three_people() -> None:
    everyone = analysis("All", 100)
    assert rules(everyone, part("Some", 97, "participants with completed = yes")) == {"R-C4"}
    assert rules(everyone, part("Some", 90, "participants with completed = yes")) == set()
    assert rules(everyone, part("Some", 100, "participants with completed = yes")) == set()


def test_three_parts_that_leave_three_people() -> None:
    parts = [part(name, 50 - 3 * (name == "c"), f"area: {name}") for name in "abc"]
    assert rules(analysis("All", 150), *parts) == {"R-C4"}
    assert rules(analysis("All", 160), *parts) == set()


def test_a_count_less_another_is_a_count() -> None:
    """30 of 100 and 26 of 60: 4 of the 40 others."""

    def two(count: int) -> set[str]:
        return rules(
            analysis("All", 100, measures=[measure("again", 100, 30)]),
            part("Some", 60, "participants with completed = yes", measures=[measure("again", 60, count)]),
        )

    assert two(26) == {"R-C4"}
    assert two(20) == set()


def test_a_level_that_a_part_does_not_list_is_one_that_nobody_there_has() -> None:
    """All have 12 of c; the part lists a and b alone, so none of its people has c, which no condition says."""
    whole = analysis("All", 100, levels("Area", 100, a=60, b=28, c=12))
    assert rules(whole, part("Women", 50, "sex: f", levels("Area", 50, a=35, b=15))) == {"R-C2", "R-C4"}
    assert rules(whole, part("Women", 50, "sex: f", levels("Area", 50, a=35, b=None, c=None))) == set()
    # What a condition names it tells by itself.
    only = [row("Area", "a", 1.0, mean_pool=1.0, mean_comparison=1.0)]
    there = part("There", 60, "area: a", only)
    there["sizes"] |= {"pool": 2000, "comparison": 800}
    found = audit_results(results(whole, there)).breaches
    assert found == ()


def test_a_level_hidden_in_the_whole_and_shown_in_a_part() -> None:
    """Hidden in the whole are 16, 2 and 1, which add up to 19; but the part shows 16 of the first."""
    whole = analysis("All", 213, levels("Area", 213, a=None, b=None, c=None, d=41, e=153))
    named = "participants with completed = yes"
    inside = part("Some", 150, named, levels("Area", 150, a=16, b=None, c=None, d=25, e=None))
    assert "R-C3" in rules(whole, inside)
    held = part("Some", 150, named, levels("Area", 150, a=None, b=None, c=None, d=25, e=None))
    assert rules(whole, held) == set()


def test_overlapping_analyses_give_nothing_away_by_themselves() -> None:
    def some(name: str, described: str, n: int, count: int) -> dict[str, Any]:
        return part(name, n, described, measures=[measure("again", n, count)])

    everyone = analysis("All", 200, measures=[measure("again", 200, 80)])
    overlapping = some("A", "area: a", 100, 40), some("B", "participants with completed = yes", 120, 50)
    assert rules(everyone, *overlapping) == set()


def test_a_refused_analysis_is_not_there() -> None:
    refused = part("Some", 97, "area: a") | {"refused": "too few", "sizes": None, "balance": None}
    assert rules(analysis("All", 100), refused) == set()


def test_the_spelling_of_a_condition_does_not_hide_that_it_is_one() -> None:
    one = part("One", 50, "area: North")
    assert rules(analysis("All", 100), one, part("Other", 47, "area: north")) == {"R-C4"}


# ---------------------------------------------------------------- before and after matching, funnels, other routes


def sized(n: int, before: int | None, **row_: Any) -> dict[str, Any]:
    found = analysis("All", n, [row("Sex", None, row_.pop("share"), **row_)])
    found["sizes"]["treatment_before"] = before
    return found


def test_few_people_lost_by_matching() -> None:
    assert "R-C10" in rules(sized(97, 100, share=0.4))
    assert rules(sized(90, 100, share=0.4)) == set()
    small = analysis("All", 100)
    small["sizes"] |= {"pool": 2003}
    assert rules(small) == {"R-C10"}


def test_a_standardised_difference_over_the_spread_before_matching_tells_of_the_lost() -> None:
    """Before: 45 of 120; matched: 40 of 100. So 5 of the 20 who were lost."""
    before, own, pool = 45 / 120, 0.4, 0.4 - 0.1
    old = (before - pool) / (before * (1 - before)) ** 0.5
    new = (own - pool) / (own * (1 - own)) ** 0.5
    assert rules(sized(100, 120, share=own, mean_pool=pool, smd_before=old)) == {"R-C10"}
    assert rules(sized(100, 120, share=own, mean_pool=pool, smd_before=new)) == set()
    assert rules(sized(100, None, share=own, mean_pool=pool, smd_before=old)) == {"R-C10"}


def test_steps_of_a_funnel_lose_none_or_enough() -> None:
    def step(lost: int | None, count: int | None) -> dict[str, Any]:
        return {"lost": lost, "count": count}

    everyone = analysis("All", 80)
    assert rules(everyone, attrition=[step(0, 100), step(20, 80)]) == set()
    assert rules(everyone, attrition=[step(0, 100), step(17, 83), step(3, 80)]) == {"R-C10"}
    assert rules(everyone, attrition=[step(0, 84), step(None, None)]) == {"R-C10"}
    assert rules(everyone, attrition=[step(None, None), step(None, None)]) == set()
    # Of other people: more are left after a step than before it, or the step says otherwise.
    assert rules(everyone, attrition=[step(0, 50), step(-30, 80)]) == {"R-C5"}
    assert rules(everyone, attrition=[step(0, 120), step(20, 80)]) == {"R-C5"}
    linking = {"submitted": 100, "found": 97, "review": None}
    assert rules(everyone, attrition=[step(0, 100), step(20, 80)], linking=linking) == {"R-C10"}
    assert rules(everyone, linking={"submitted": None, "found": None, "review": 3}) == {"R-C10"}


def test_calipers_reasons_and_means_carry_no_counts() -> None:
    def grid(**changed: Any) -> dict[str, Any]:
        other = {
            "caliper": 0.1,
            "worst_smd": 0.03,
            "treatment": 95,
            "comparison_effective": 650.0,
            "chosen": False,
        }
        chosen = {**other, "treatment": 100, "comparison_effective": 700.5, "chosen": True}
        dropped = [{"label": "x", "reason": changed.pop("reason", "too few")}]
        return {"matching": {"grid": [chosen, {**other, **changed}], "dropped": dropped}}

    assert rules(analysis("All", 100, **grid())) == set()
    for wrong in (
        {"treatment": 97},
        {"comparison_effective": 97.0},
        {"worst_smd": 0.0312},
    ):
        assert rules(analysis("All", 100, **grid(**wrong))) == {"R-C10"}, wrong
    assert rules(analysis("All", 100, **grid(reason="nobody in the treatment group has it"))) == {"R-C2"}


def test_small_numbers_of_people_in_sentences() -> None:
    page = "<p>3 people were lost.</p><style>4 people</style>"
    assert texts("a.html", page, RULES)
    for fine in (
        "12 people were lost", "1,003 people", "groups of fewer than 5 people", "8 of every 100", "0.5 people",
        "6 people in every 100", "of every 9 people",
    ):  # fmt: skip
        assert texts("a.html", f"<p>{fine}</p>", RULES) == [], fine


# ---------------------------------------------------------------- as a gate


def test_a_refusal_names_places_and_no_number() -> None:
    found = audit_results(results(analysis("All", 50, measures=[measure("again", 50, 3)])))
    with pytest.raises(DisclosureError) as told:
        found.refuse()
    assert "'All'" in str(told.value)
    assert "again" in str(told.value)
    assert not any(number in str(told.value) for number in ("50", " 3 ", "47", "0.06"))
    audit_results(results(analysis("All", 50))).refuse()


def test_the_thresholds_printed_are_the_lab_s() -> None:
    found = audit_results(results(analysis("All", 50)), {"smallest_group": 30, "smallest_count": 12})
    assert [breach.rule for breach in found.breaches] == ["R-C12"]


def test_checks_on_trust_stand_with_the_headline_alone() -> None:
    trust = {
        "placebo": {"treatment": 1.25, "comparison": 1.5, "estimate": None, "left": None}, "specifications": None,
        "hidden": None, "certificate": {"people": 50, "pool": 200},
    }  # fmt: skip
    again = [measure("again", 50, 20)]
    assert rules(analysis("All", 50, measures=again, trust=trust)) == set()
    assert rules(analysis("All", 50, measures=again, trust=trust, headline=False)) == {"R-C2"}
    trust["placebo"]["estimate"] = {"difference": 0.1234, "low": 0.1, "high": 0.2}
    assert rules(analysis("All", 50, measures=again, trust=trust)) == {"R-C10"}


def test_files_are_audited_together(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(results(analysis("All", 50))))
    assert audit(tmp_path).passed
    (tmp_path / "note.txt").write_text("Of these, 3 people were women.")
    assert [breach.rule for breach in audit(tmp_path).breaches] == ["R-C5"]
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(VerifyError, match="cannot be audited"):
        audit(tmp_path)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_number_in_a_cell_that_is_not_of_the_results_is_found(form: str, tmp_path: Path) -> None:
    """62 % of 50 people are told as 0.62, 62 and, of page 1's comparison, 62 - -8; no cell may hold another number."""
    effect = {"difference": -0.08, "low": -0.2, "high": 0.04, "p": 0.1}
    everyone = analysis("All", 50, measures=[measure("again", 50, 31, adjusted=effect)])
    (tmp_path / "results.json").write_text(json.dumps(results(everyone)))

    def breaches(*numbers: float) -> list[str]:
        if form == "csv":
            lines = [f"{number},words 7,[c]" for number in numbers]
            (tmp_path / "table.csv").write_text("\n".join(["Number,Words,Sign", *lines]))
        else:
            book = openpyxl.Workbook()
            for number in numbers:
                book.active.append([number, "words 7", "[c]"])
            book.save(tmp_path / "table.xlsx")
        return [breach.rule for breach in audit(tmp_path).breaches]

    assert breaches(0.62, 62, -8, 70, 50, 2000) == []
    assert breaches(62, 63) == ["R-C5"]
    assert breaches(31) == ["R-C5"]


def test_the_audit_imports_nothing_of_what_it_audits() -> None:
    room = Path(__file__).parent.parent / "datalab_helpers/audit"
    for path in room.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                assert node.module == "errors", path
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                text = ast.unparse(node)
                assert "datalab_helpers" not in text, path


def test_twenty_made_up_requests_give_nothing_away(tmp_path: Path) -> None:
    """A thousand more: `make slow ONLY=audit`."""
    maker = Maker(tmp_path / "requests")
    found = [maker.make(seed, most=900).published() for seed in range(1000, 1020)]
    published = [one for one in found if one is not None]
    assert len(published) >= 12
    for one in published:
        assert audit_results(one).breaches == ()


@pytest.mark.parametrize("seed", [5016, 5317])
def test_a_funnel_does_not_tell_the_pool_of_which_another_analysis_lost_a_few(
    seed: int, tmp_path: Path
) -> None:
    """Few participants, all of the pool but 6 or 8 near them: the size of that pool stood in the headline's funnel."""
    made = Maker(tmp_path / "requests").make(seed).published()
    assert made is not None
    assert len([a for a in made["analyses"] if a["refused"] is None]) == 2
    assert audit_results(made).breaches == ()


# ---------------------------------------------------------------- what publication does with a finding


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "requests")


def test_an_analysis_that_gives_few_people_away_beside_another_is_taken_out(maker: Maker) -> None:
    """Two nested analyses that differ by three people: the headline stays, the other is refused, the rest passes."""
    made = next(
        found for found in (maker.make(seed).published() for seed in range(50)) if found and _several(found)
    )
    second = next(a for a in made["analyses"] if not a["headline"] and a["refused"] is None)
    first = next(a for a in made["analyses"] if a["headline"])
    second["sizes"] = first["sizes"] | {"treatment": first["sizes"]["treatment"] - 3}
    assert not audit_results(made).passed
    spared, withheld = sparing(Results.model_validate(made), {"smallest_group": 30, "smallest_count": 10})
    assert second["name"] in withheld
    assert audit_results(json.loads(spared.to_json())).passed
    told = {a.name: a for a in spared.analyses}
    assert told[second["name"]].refused == BESIDE_OTHERS
    assert told[second["name"]].measures == []
    assert told[first["name"]].refused is None
    gone = sum(held.numbers for held in spared.held_back) - sum(held["numbers"] for held in made["held_back"])
    assert gone >= len(second["measures"]) + len(second["balance"]["rows"])


def test_levels_that_give_few_people_away_beside_others_go_and_the_analysis_stays(maker: Maker) -> None:
    """Men of Wales are a part: regions of everybody, of men and of a site then leave too little open."""
    made = maker.make(5569).published()
    assert made is not None
    assert not audit_results(made).passed
    spared, withheld = sparing(Results.model_validate(made), {"smallest_group": 30, "smallest_count": 10})
    assert withheld
    assert all(what.endswith(", Region") for what in withheld)
    assert audit_results(json.loads(spared.to_json())).passed
    assert [a.refused for a in spared.analyses] == [a["refused"] for a in made["analyses"]]
    for analysis in spared.analyses:
        if f"{analysis.name}, Region" in withheld:
            shares = [row for row in analysis.balance.rows if row.covariate == "Region"]
            assert {(row.mean_treatment, row.smd_after, row.suppressed) for row in shares} == {
                (None, None, "c")
            }
            assert {p.share for p in analysis.profile if p.covariate == "Region"} == {None}
            shown = [abs(row.smd_after) for row in analysis.balance.rows if row.smd_after is not None]
            assert analysis.balance.worst_after == max(shown)


def _several(results: dict) -> bool:
    return sum(a["refused"] is None for a in results["analyses"]) > 1


def test_what_the_headline_alone_gives_away_is_left_for_the_audit_to_refuse(maker: Maker) -> None:
    made = next(found for found in (maker.make(seed).published() for seed in range(50)) if found)
    for analysis in made["analyses"]:
        if analysis["headline"]:
            analysis["sizes"]["treatment"] = 12
    spared, _ = sparing(Results.model_validate(made), {"smallest_group": 30, "smallest_count": 10})
    assert spared.headline.refused is None
    assert not audit_results(json.loads(spared.to_json())).passed


def test_a_curve_beside_a_measure_that_is_held_back_is_found() -> None:
    curve = {
        "days": [90],
        "treatment": [0.3],
        "comparison": [0.3],
        "at_risk_treatment": [35],
        "at_risk_comparison": [1400],
    }
    shown = analysis("All", 50, measures=[measure("again", 50, 20)], curve=curve)
    hidden = analysis("All", 50, measures=[measure("again", None, None)], curve=curve)
    told = "it ends at a measure that is held back"
    assert told not in {breach.why for breach in audit_results(results(shown)).breaches}
    assert told in {breach.why for breach in audit_results(results(hidden)).breaches}


def test_a_funnel_of_other_people_is_found() -> None:
    steps = [{"reason": "sent", "lost": 0, "count": 100}, {"reason": "not found", "lost": 50, "count": 50}]
    told = "it does not end at the people analysed"
    own = results(analysis("All", 50), attrition=steps)
    assert told not in {breach.why for breach in audit_results(own).breaches}
    other = results(analysis("All", 80), attrition=steps)
    assert told in {breach.why for breach in audit_results(other).breaches}


@pytest.mark.parametrize("seed", [5427, 5436])
def test_a_pool_that_other_pools_tell_is_held_back_with_one_of_them(maker: Maker, seed: int) -> None:
    """Men and women make up everyone: where the men's pool is held back, the women's would tell it."""
    results = maker.make(seed).published()
    assert results is not None
    told = {
        a["described"].casefold(): a["sizes"]["pool"] for a in results["analyses"] if a["refused"] is None
    }
    women = next(pool for described, pool in told.items() if described == "sex: f")
    assert women is None
    assert told["everyone who could be analysed"] is not None
    assert audit_results(results).breaches == ()
