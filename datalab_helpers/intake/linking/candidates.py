"""Who each submitted row could be: people on record who share a key with it, and when they had an index event."""

from __future__ import annotations

import pandas as pd

from ...request import Request
from ...store import Store
from ..prepare import KEYS, STANDARD, key, recipe
from ..submission import Participants

IDENTITY = ("surname", "forename", "date_of_birth", "gender", "pnc_id", "prison_number")
# A key of the records, and what a submitted row may have in its place: names or day and month exchanged.
LOOKED_UP = [
    *KEYS.items(),
    ("by_surname_born", key("forename", "born")),
    ("by_root_born", key("surname_root", "born")),
    ("by_surname_root_year", key("forename", "surname_root", "born[1:4]")),
    ("by_surname_root_day", key("surname", "root", "born[7:8] || born[5:6]")),
    ("by_initials_born", key("forename[1]", "surname[1]", "born")),
]
# What is compared, on both sides of a pair.
COMPARED = ("surname", "forename", "root", "born", "gender", "pnc_id", "prison_number")
SOUNDING = ("surname", "forename")
DERIVED = ("surname_sound", "forename_sound", "tf_surname", "tf_forename")


def sound(name: str) -> str:
    """SQL of how a standard name sounds: letters that sound alike written alike, vowels after the first left out.

    One for Stephen and Steven, Catherine and Kathryn, Muhammad, Mohammed and Mohamed.
    """
    alike = f"translate(replace(replace({name}, 'PH', 'F'), 'CK', 'K'), 'CQZVJ', 'KKSFG')"
    told = f"{alike}[1] || regexp_replace({alike}[2:], '[AEIOUYW ]+', '', 'g')"
    for letter in "BDFGHKLMNPRST":
        told = f"replace({told}, '{letter}{letter}', '{letter}')"
    return told


# The submitted rows as they are compared.
ASKED = f"""
WITH given AS (
  SELECT row, gender, pnc_id, prison_number, {STANDARD.format("surname")} AS surname,
         {STANDARD.format("forename")} AS forename, strftime(date_of_birth, '%Y%m%d') AS born
  FROM participants
), asked AS MATERIALIZED (
  SELECT given.*, coalesce(f.root, forename) AS root, coalesce(s.root, surname) AS surname_root
  FROM given LEFT JOIN nicknames f ON f.name = forename LEFT JOIN nicknames s ON s.name = surname
)
"""


def side(table: str, end: str) -> str:
    """SQL of what is compared, of one side of a pair."""
    plain = [f"{table}.{name} AS {name}_{end}" for name in COMPARED]
    return ", ".join(plain + [f"{sound(f'{table}.{name}')} AS {name}_sound_{end}" for name in SOUNDING])


LOOK_UP = f"""
{ASKED}, wanted AS MATERIALIZED (
  {" UNION ".join(f"SELECT row, '{name}' AS kind, {sql} AS key FROM asked" for name, sql in LOOKED_UP)}
), pairs AS MATERIALIZED (
  {" UNION ".join(f"SELECT w.row, n.rowid AS place FROM names n JOIN wanted w ON n.{name} = w.key WHERE w.kind = '{name}'" for name in KEYS)}
), found AS MATERIALIZED (
  SELECT rowid AS place, * FROM names WHERE rowid IN (SELECT place FROM pairs)
)
SELECT p.row, r.person_id, r.alias, {side("a", "l")}, {side("r", "r")},
       ls.tf_surname AS tf_surname_l, lf.tf_forename AS tf_forename_l,
       rs.tf_surname AS tf_surname_r, rf.tf_forename AS tf_forename_r
FROM pairs p JOIN asked a USING (row) JOIN found r USING (place)
LEFT JOIN surnames ls ON ls.surname = a.surname LEFT JOIN forenames lf ON lf.forename = a.forename
LEFT JOIN surnames rs ON rs.surname = r.surname LEFT JOIN forenames rf ON rf.forename = r.forename
ORDER BY p.row, r.person_id, r.alias
"""
# Whether the person had an index event near the start, and how many days their events lie from the dates that were
# told. Only events already bound to come at the start: what followed may be an outcome.
EVENTS = """
SELECT p.row, p.person_id,
       bool_or(e.index_date BETWEEN p.first AND p.last) AS near,
       min(coalesce(abs(date_diff('day', p.released, e.index_date)),
                    abs(date_diff('day', p.sentenced, e.known_on)))) AS apart
FROM pairs p JOIN events e USING (person_id)
WHERE e.kind IN (SELECT kind FROM kinds) AND e.known_on <= p.start
GROUP BY p.row, p.person_id ORDER BY p.row, p.person_id
"""


def candidates(request: Request, store: Store, participants: Participants) -> pd.DataFrame:
    """Every pair of a submitted row and a name on record that share a key.

    Returns
    -------
    row, person_id, alias; what is compared on either side (`_l` submitted, `_r` on record); near, apart
    (of the person's index events, see `dates.py`); in the order of row, person and alias
    """
    asked = comparable(participants)
    ready = recipe(request.lab)
    found = store.look_up(ready, LOOK_UP, participants=asked)
    months = pd.DateOffset(months=request.index_event.within_months)
    dates = participants.rows[["start", "released", "sentenced"]]
    dates = dates.assign(first=dates["start"] - months, last=dates["start"] + months)
    pairs = found[["row", "person_id"]].drop_duplicates().join(dates, on="row")
    kinds = pd.DataFrame({"kind": request.index_event.kinds})
    events = store.look_up(ready, EVENTS, pairs=pairs, kinds=kinds)
    return found.merge(events, on=["row", "person_id"], how="left", validate="many_to_one")


def comparable(participants: Participants) -> pd.DataFrame:
    """The rows that tell who they are, as SQL reads them."""
    rows = participants.rows
    usable = rows[rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)]
    asked = usable.reset_index()[["row", *IDENTITY]]
    text = [name for name in IDENTITY if name != "date_of_birth"]
    # An all-empty column has no type of its own, and SQL needs one.
    asked[text] = asked[text].astype("str").where(asked[text].notna(), None)
    return asked
