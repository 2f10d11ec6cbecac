"""Every sentence of the library's page."""

from __future__ import annotations

from ..outcome.verdict import case
from ..wording.numbers import NOT_AVAILABLE, capital, listed, number, p_value, things
from ..wording.units import by_span, counted, matters, noun, span
from ..wording.verdict import LEVELS, ends, hedged, verbs
from .cells import NOT_GIVEN, By, directions, figure, in_100, least, own_scale, people, unit
from .contents import Change, Library, Moved, Subject

SURE = 0.05

STATUS = {"result": "with a result", "no result": "without a result", "awaited": "still awaited"}

CLOCKS = {
    "participation": "from the start of participation",
    "index": "from the index event",
    "table": "as the table counts",
}

NO_LEAGUE = [
    "Results are listed by the day on which they were published, and never by their size.",
    "Programmes work with different people in different places, and a small group swings more by luck.",
    "So a larger figure is no better programme, and one without a clear result is no failed one.",
]

TOGETHER = "In the light of the others: a result far from all others is partly luck. So it is moved towards those of other organisations: far where few people are behind it, little where many are. Both figures are right answers, to two questions: what was seen here, and what to expect. Below the second stands the chance that the true effect goes that way, if nothing unrecorded differs."

EXAMPLE = "An example: everybody in these results is invented, and they say nothing about any programme."

LUCK_ALONE = "Ranges and chances allow for luck and for differences between programmes, not for differences between people that no record shows."

CHANCE_HIDDEN = (
    "This sum is about chance only. It says nothing of differences between people that no record shows."
)

AVERAGE = "An average is of true effects, and each result counts by how exact it is. It is given where {fewest} organisations or more have a result. It is no promise for any one programme."

NEW_PLACE = "A new place: where the true effect of a similar programme that is not yet in the library would probably lie."

SIGN = f"{NOT_AVAILABLE}: there is no such figure."

FILTERS = "Filters hide rows. The average is of all results of the chosen type and setting, whatever else is chosen: picking results by what they say and averaging them would mislead."

GAPS = "Width: from end to end of a range that is reckoned alike in every cell, so that cells can be compared; the averages above have wider ones of their own. One more: how much narrower it would become with one more result of usual size. Darker on screen: one more would tell more."

RESEARCHERS = [
    "Results pooled are the headline estimates of published requests on one measure, of one length of follow-up and one clock, with the standard error that the 95% interval implies. Those of very low confidence are listed and left out.",
    "The average is a random-effects mean: REML, or REML on three levels where an organisation has several results. Its interval is that of Hartung and Knapp in the modified form, with organisations less one degrees of freedom.",
    "The range of a new place is Bayesian: a flat prior for the mean, a half-normal one for the spread, integrated over a grid. It leaves out the error that a new result would have. Where few organisations make the interval of the average wider, it is as wide as that.",
    "A result in the light of the others is its posterior, with the results of all other organisations as prior.",
    "Results are taken as independent between organisations. They share central records, and may share people in their comparison groups, which is not allowed for.",
]


def headline(subject: Subject) -> str:
    """What all results on a measure say together: the sentence of the first block."""
    average, measure, words = subject.whole, subject.measure, subject.words
    if average.mean is None:
        if not average.results:
            return "No result is in the averages so far."
        few = f"{things(average.results, 'result', 'results')} of {things(average.organisations, 'organisation', 'organisations')}"
        return f"There {'is' if average.results == 1 else 'are'} {few} so far, too few for an average."
    low, high = own_scale(subject, average.mean.low), own_scale(subject, average.mean.high)
    reach = span(measure, words, low, high)
    (better, worse), what, sure = verbs(measure), noun(measure, words), average.confidence or LEVELS[0]
    found = _case(subject)
    if found == "E" or sure == LEVELS[0]:
        why = "the range is" if found == "E" else "too little stands behind the range of"
        return f"We cannot tell whether programmes changed {what} on average: {why} {ends(reach)}."
    if found == "C":
        made = {"high": "made", "low": "may have made"}.get(sure, "probably made")
        return f"On average, programmes {made} little or no difference to {what}: {reach}."
    if found == "D":
        did_not = hedged(better, sure, negative=True)
        return f"On average, programmes {did_not} {what} by {least(subject)} or more: the range is {ends(reach)}."
    said = f"On average, programmes {hedged(better if found in 'AB' else worse, sure)} {what}"
    if not counted(measure):
        return f"{said}, likely {by_span(measure, words, low, high)}."
    return f"{said}: {'likely ' if reach.startswith('between ') else ''}{reach}."


def support(subject: Subject) -> list[str]:
    """What stands below it: what the average is of, a new place, how sure it is."""
    average, measure, words = subject.whole, subject.measure, subject.words
    if average.mean is None or average.new_place is None:
        return []
    sure, found = average.confidence or LEVELS[0], _case(subject)
    ahead = ends(
        span(
            measure,
            words,
            own_scale(subject, average.new_place.low),
            own_scale(subject, average.new_place.high),
        )
    )
    said = [
        f"That is the average of {things(average.results, 'result', 'results')} of {things(average.organisations, 'organisation', 'organisations')}, with {people(average.people, words)} who took part.",
        f"Programmes differ. A similar one in a new place would probably see a true change of {ahead}.",
    ]
    cannot = found == "E" or sure == LEVELS[0]
    if average.worthwhile is not None and not cannot:
        wanted = f"{verbs(measure)[0]} {noun(measure, words)} by {least(subject)} or more"
        said.append(f"The chance that it would {wanted} is {in_100(average.worthwhile)}.")
    in_range = " in the range itself" if found == "E" and sure != LEVELS[0] else ""
    return [*said, f"{capital(sure)} confidence{in_range}.", LUCK_ALONE]


def complete(library: Library) -> list[str]:
    """The counter: everything that was accepted is shown, or else what is not."""
    rows = library.rows
    counts = [(sum(row.status == status for row in rows), told) for status, told in STATUS.items()]
    parts = listed([f"{number(n)} {told}" for n, told in counts if n]) or "none"
    shown = f"{number(len(rows))} {'is' if len(rows) == 1 else 'are'} shown"
    accepted = things(library.accepted, "request was", "requests were")
    said = [f"{accepted} accepted, and {shown}: {parts}."]
    if library.unread:
        said.append(f"Not shown, since the request cannot be read: {listed(library.unread)}.")
    if not library.looked:
        said.append("Whether other requests are still awaited was not looked for.")
    left = [row.left_out for row in rows if row.left_out]
    if left:
        of = (
            "One of those with a result has"
            if len(left) == 1
            else f"{number(len(left))} of those with a result have"
        )
        said.append(f"{of} no part in averages. {' '.join(sorted(set(left)))}")
    return said


def luck(subject: Subject) -> list[str]:
    """How many results luck alone would have made look like effects."""
    told = subject.chance
    if subject.whole.mean is None:
        return []  # of so few nothing can be summed
    less, more = directions(subject)
    seen = [(told.fewer, told.fewer_chance, less), (told.more, told.more_chance, more)]
    said = [
        f"Of {things(told.tested, 'result', 'results')}, {number(told.fewer)} {'shows' if told.fewer == 1 else 'show'} clearly {less} and {number(told.more)} clearly {more}: the whole range lies on one side of no change.",
        f"If no programme changed anything, luck alone would give about {number(told.expected, 1)} of each.",
    ]
    said += [
        f"{capital(f'{number(n)} or more')} with clearly {side} would come about in {in_100(p)} such libraries."
        for n, p, side in seen
        if n > told.expected
    ]
    return [*said, CHANCE_HIDDEN]


def title(subject: Subject, library: Library) -> str:
    """The measure; how it is counted too, where the library has it in several ways."""
    same = [s for s in library.subjects if s.measure.label == subject.measure.label]
    if len(same) == 1:
        return subject.measure.label
    return f"{subject.measure.label} ({listed([part for part in counted_how(subject) if part])})"


def counted_how(subject: Subject) -> list[str]:
    """For how long people are followed, from when, and in what unit."""
    months = subject.follow_up_months
    return [f"{months} months" if months else "", CLOCKS.get(subject.time_zero, ""), unit(subject)]


def apart_said(subject: Subject, of: By) -> str:
    """Whether types, or settings, differ by more than luck; below the table that could be read as a ranking."""
    p, each = subject.apart[of], f"{of}s"
    if p is None:
        return f"Whether {each} differ cannot be said: it takes two of them with an average."
    if p < SURE:
        return (
            f"The averages of {each} differ by {_luck(p)}. That may be due to who takes part or to the place."
        )
    return f"The averages of {each} differ by {_luck(p)}. So the table does not say which is better."


def _luck(p: float) -> str:
    """`no more than luck often gives (p = 0.42)`."""
    told = p_value(p) if p_value(p)[0] in "<>" else f"= {p_value(p)}"
    return f"{'more than luck usually' if p < SURE else 'no more than luck often'} gives (p {told})"


def changes(library: Library) -> list[tuple[str, list[str]]]:
    """Each version and what it changed, newest first."""
    return [(f"Version {one.version}", _change(one, library)) for one in library.changes]


def _change(one: Change, library: Library) -> list[str]:
    said = [
        f"{told}: {listed(ids)}."
        for told, ids in (("Added", one.added), ("Changed", one.changed), ("Taken out", one.removed))
        if ids
    ]
    if not said:
        said = ["No request was added or changed; the method, or what is known of requests, was."]
    subjects = {subject.id: subject for subject in library.subjects}
    several = len(subjects) > 1
    return said + [
        _moved(m, subjects[m.subject], library, several) for m in one.moved if m.subject in subjects
    ]


def _moved(moved: Moved, subject: Subject, library: Library, several: bool) -> str:
    parts = [part or NOT_GIVEN for part in (moved.type, moved.setting) if part is not None]
    whose = (listed(parts) or "all results") + (f" on {title(subject, library)}" if several else "")
    if moved.before is None or moved.after is None:
        come = "has an average now" if moved.before is None else "has no average any more"
        value = moved.after if moved.before is None else moved.before
        come = come.replace("has", "have") if not parts else come
        return f"{capital(whose)} {come}: {figure(value or 0.0, subject)}."
    return f"The average of {whose} moved from {figure(moved.before, subject)} to {figure(moved.after, subject)}."


def researchers(subject: Subject) -> list[str]:
    """What a statistician needs to work the same out again."""
    first, *others = subject.priors
    said = [
        *RESEARCHERS,
        f"The smallest change that matters is {least(subject)}: the middle one of those that the requests set beforehand. The prior's scale is {figure(first.scale, subject)} {unit(subject)}.".replace(
            "  ", " "
        ).replace(" .", "."),
    ]
    if first.new_place:
        told = [
            f"with {figure(p.scale, subject)}, {figure(p.new_place.low, subject)} to {figure(p.new_place.high, subject)}"
            for p in others
            if p.new_place
        ]
        said.append(f"With other scales a new place would lie elsewhere: {'; '.join(told)}.")
    size = subject.apart["size"]
    if size is not None:
        said.append(
            f"Small results differ from large ones by {_luck(size)}, by regression on the standard error. Since every accepted request is listed, none is missing for what it says; small ones may be of other people."
        )
    if subject.chance.tested:
        said.append(
            f"Of {things(subject.chance.tested, 'result', 'results')}, {number(subject.chance.kept)} would be kept at 5% when their number is allowed for (Benjamini and Hochberg); each p is in results.csv."
        )
    return said


def _case(subject: Subject) -> str:
    """The case of the average, as of a result: A to F."""
    mean = subject.whole.mean
    assert mean is not None  # noqa: S101 (asked for where there is one)
    low, high = (-mean.high, -mean.low) if subject.measure.good == "higher" else (mean.low, mean.high)
    return case(low, high, matters(subject.measure, subject.smallest_difference))
