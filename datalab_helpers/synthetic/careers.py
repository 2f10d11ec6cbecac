"""Everyone's life from the first current sentence to the extract date, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from . import law, programmes
from .circumstances import ACCOMMODATION, ASSESSED, DRUGS, establishment, new_region
from .draws import NEVER, between, whole_days, yes
from .history import Start, lags
from .offences import (
    COMMUNITY,
    CUSTODY,
    FINE,
    GRAVE,
    HOW_PROVEN,
    KINDS,
    NONE,
    THEFT,
    cluster_sizes,
    days_served,
    offence_rows,
    reoffence_group,
    reoffence_sentence,
    sentence_months,
)

Rows = dict[str, np.ndarray]
CLUSTER_EXTRA = 1.8
LATE_PROVEN = 0.02
PENALTY_NOTICE = 0.03


@dataclass(eq=False)
class Careers:
    """What happened after the start: rows for the records, and the truth behind them."""

    events: list[Rows] = field(default_factory=list)
    participants: list[Rows] = field(default_factory=list)
    scores: dict[int, list[np.ndarray]] = field(default_factory=dict)


def follow(
    rng: np.random.Generator,
    start: Start,
    extent: int,
    offered: Sequence[programmes.Programme],
    intercepts: Sequence[float] | None,
) -> Careers:
    """Carry everyone forward; appends to the rows of `start`.

    Without `intercepts` nobody takes part and the scores of the eligible are collected.
    """
    careers = Careers(scores={number: [] for number in range(len(offered))})
    people = len(start.index)
    previous = start.previous.copy()
    custodies = start.previous_custody + (start.kind == CUSTODY)
    takes_part = np.zeros(people, bool)
    seen = np.zeros((len(offered), people), bool)
    last_event = np.zeros(people, np.int32)

    who = np.arange(people)
    clock, kind, months, group = start.index, start.kind, start.months, start.group
    region, served = start.region, (start.index - start.sentenced).astype(np.int32)
    is_event = np.ones(people, bool)
    cycle = 0
    while len(who):
        x = law.Covariates(
            age=(clock - start.born[who]) / 365.25,
            female=start.gender[who] == 0,
            region=region,
            kind=kind,
            months=months,
            group=group,
            previous=previous[who],
            previous_custody=custodies[who] - (kind == CUSTODY),
            assessed=start.assessments.assessed[who],
            drugs=start.assessments.found[who, DRUGS],
            accommodation=start.assessments.found[who, ACCOMMODATION],
            employed=start.work.in_year_before(who, clock),
        )
        predictor = law.linear_predictor(x)
        waiting = law.waiting_time(predictor, rng.random(len(who)))
        part = np.full(len(who), -1, np.int8)
        for number, programme in enumerate(offered):
            able = is_event & programmes.eligible(programme, x, clock, served)
            # Only the first event in the window: leaving later joiners out of the comparison pool
            # would otherwise leave out events that are known to have ended in a reoffence.
            first = able & ~seen[number, who]
            seen[number, who[able]] = True
            rows = np.flatnonzero(first & ~takes_part[who])
            begins = programmes.starts(programme, rng, clock[rows], served[rows])
            in_time = (begins >= programmes.day(programme.began)) & (
                begins <= programmes.day(programme.ended)
            )
            rows, begins = rows[in_time], begins[in_time]
            scores = programmes.score(programme, x.of(rows))
            if intercepts is None:
                careers.scores[number].append(scores)
                continue
            joined = programmes.join(rng, scores, intercepts[number])
            rows, begins = rows[joined], begins[joined]
            truth = participation(rng, programme, x.of(rows), predictor[rows], clock[rows], begins)
            waiting[rows] = truth.pop("days")
            part[rows] = number
            takes_part[who[rows]] = True
            careers.participants.append(
                {"person": who[rows], "programme": part[rows], "region": region[rows], **truth}
            )
        days = whole_days(waiting)
        events = np.flatnonzero(is_event)
        last_event[who[events]] = clock[events]
        careers.events.append(
            {
                "person": who[events],
                "index_date": clock[events],
                "cycle": np.full(len(events), cycle, np.int16),
                "days": days[events],
                "programme": part[events],
                "predictor": predictor[events],
                **vars(x.of(events)),
            }
        )

        offence = clock + days
        proven = offence + lags(rng, len(who))
        on = proven <= extent
        who, group, region = who[on], group[on], region[on]
        offence, proven, before = offence[on], proven[on], clock[on]
        group = reoffence_group(rng, group)
        sentence = reoffence_sentence(rng, previous[who], group)
        short = yes(rng, np.where(np.isin(group, GRAVE), 0.4, 0.86), len(who))
        size = cluster_sizes(rng, sentence, CLUSTER_EXTRA)
        start.offences.append(offence_rows(rng, who, offence, proven, size, group, sentence))
        months = sentence_months(rng, sentence, short)
        custody = sentence == CUSTODY
        served = np.where(custody, days_served(rng, months), 0).astype(np.int32)
        clock = proven + served
        region = new_region(rng, region)
        is_event = sentence < len(KINDS)
        ends = np.where(custody, np.where(clock <= extent, clock, NEVER), NEVER)
        start.sentences.append(
            {
                "person": who[is_event],
                "kind": sentence[is_event],
                "sentenced_on": proven[is_event],
                "released_on": ends[is_event],
                "months": months[is_event],
                "offence_group": group[is_event],
                "region": region[is_event],
                "establishment": np.where(ends == NEVER, -1, establishment(rng, sentence, region))[is_event],
            }
        )
        live_between(rng, start, who, before, proven, clock, sentence)
        previous[who] += size
        custodies[who] += custody
        on = clock <= extent
        who, clock, kind, months, group = who[on], clock[on], sentence[on], months[on], group[on]
        region, served, is_event = region[on], served[on], is_event[on]
        cycle += 1
    after(rng, start, last_event)
    return careers


def participation(
    rng: np.random.Generator,
    programme: programmes.Programme,
    x: law.Covariates,
    predictor: np.ndarray,
    index: np.ndarray,
    begins: np.ndarray,
) -> Rows:
    """The truth about each participant, with the effect planted in `days`."""
    completed = programmes.complete(rng, x)
    full = programme.effect if programme.completed_effect is None else programme.completed_effect
    effect = np.where(completed, full, programme.effect)
    return {
        "index_date": index,
        "start": begins.astype(np.int32),
        "completed": completed,
        **programmes.plant(rng, effect, predictor, index, begins),
    }


def live_between(
    rng: np.random.Generator,
    start: Start,
    who: np.ndarray,
    before: np.ndarray,
    proven: np.ndarray,
    clock: np.ndarray,
    sentence: np.ndarray,
) -> None:
    """Work, benefit and a new assessment between two clocks; all after the earlier one."""
    custody = sentence == CUSTODY
    for spells, share, longest in ((start.work, 0.22, 500), (start.benefit, 0.5, 400)):
        spells.cut(who[custody], proven[custody] - 1)
        idle = (spells.end[who] < before) & yes(rng, share, len(who))
        begins = between(rng, before[idle] + 1, proven[idle] - 2, idle.sum())
        ends = begins + between(rng, 20, longest, idle.sum())
        ends = np.where(custody[idle], np.minimum(ends, proven[idle] - 1), ends)
        spells.begin(who[idle], begins, ends)
    assessed = np.isin(sentence, (COMMUNITY, CUSTODY)) & yes(rng, ASSESSED, len(who))
    # At most 12 days before the sentence: never before the earlier index date, as proof takes 14 or more.
    date = np.maximum(clock - between(rng, 1, np.where(custody, 45, 12), len(who)), proven - 12)
    start.assessments.assess(rng, who[assessed], date[assessed])


def after(rng: np.random.Generator, start: Start, last_event: np.ndarray) -> None:
    """What follows the last index event of some: late proof, penalty notices, a new job.

    Neither late proof nor a penalty notice is a proven reoffence, and coming after the last
    index event they change no covariate.
    """
    everyone = np.arange(len(last_event))
    for share, late in ((LATE_PROVEN, True), (PENALTY_NOTICE, False)):
        who = everyone[yes(rng, share, len(everyone))]
        n = len(who)
        wait = between(rng, 210, 360, n) if late else between(rng, 5, 340, n)
        # More than 705 days after the index date is too late for follow-up from any start within 150 days.
        lag = between(rng, np.maximum(345, 706 - wait), 500, n) if late else between(rng, 0, 20, n)
        offence = last_event[who] + wait
        sentence = np.full(n, FINE if late else NONE, np.int8)
        group = reoffence_group(rng, np.full(n, THEFT, np.int8))
        rows = offence_rows(rng, who, offence, offence + lag, np.ones(n, np.int64), group, sentence)
        if not late:
            rows["how_proven"] = np.full(n, HOW_PROVEN.index("penalty notice"), np.int8)
        start.offences.append(rows)
    for spells, share in ((start.work, 0.3), (start.benefit, 0.4)):
        who = everyone[(spells.end < last_event) & yes(rng, share, len(everyone))]
        begins = last_event[who] + between(rng, 15, 400, len(who))
        spells.begin(who, begins, begins + between(rng, 30, 900, len(who)))
