"""How people on record are made ready for linking: standardised names, keys, how common a name is.

`datalab prepare` does it once and keeps the answer beside the records; without it the same SQL
runs at each link. Keys are numbers (hashes of text), so that looking up is a scan of whole numbers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from ..lab import Lab
from ..store import Recipe, Store, TableStore
from ..store import prepare as write_prepared

# Upper case, accents and apostrophes dropped, hyphens to spaces: for comparing, never for keeping.
STANDARD = "nullif(trim(regexp_replace(replace(replace(upper(strip_accents({0})), '''', ''), chr(8217), ''), '[^\\p{{L}}]+', ' ', 'g')), '')"


def key(*parts: str) -> str:
    """SQL of a key: one number for all parts together, nothing where a part is missing."""
    text = " || '|' || ".join(parts)
    return f"CASE WHEN {text} IS NOT NULL THEN hash({text}) END"


# What two records that may be one person agree on.
KEYS = {
    "by_pnc_id": key("pnc_id"),
    "by_prison_number": key("prison_number"),
    "by_surname_born": key("surname", "born"),
    "by_root_born": key("root", "born"),
    "by_surname_root_year": key("surname", "root", "born[1:4]"),
    "by_surname_root_day": key("surname", "root", "born[5:8]"),
    "by_initials_born": key("surname[1]", "forename[1]", "born"),
}
# One row a name on record: the person's own (alias 0) and the others they used.
NAMES = f"""
WITH written AS (
  SELECT person_id, surname, forename, date_of_birth, gender, pnc_id, prison_number, 0 AS alias FROM people
  UNION ALL
  SELECT a.person_id, a.surname, a.forename, a.date_of_birth, p.gender, p.pnc_id, p.prison_number,
         row_number() OVER (PARTITION BY a.person_id ORDER BY a.surname, a.forename, a.date_of_birth)
  FROM aliases a JOIN people p USING (person_id)
), spelt AS MATERIALIZED (
  SELECT name, {STANDARD.format("name")} AS standard FROM (
    SELECT surname AS name FROM people UNION SELECT forename FROM people
    UNION SELECT surname FROM aliases UNION SELECT forename FROM aliases) WHERE name IS NOT NULL
), standard AS (
  SELECT person_id, alias, gender, pnc_id, prison_number, s.standard AS surname, f.standard AS forename,
         strftime(date_of_birth, '%Y%m%d') AS born
  FROM written LEFT JOIN spelt s ON s.name = written.surname LEFT JOIN spelt f ON f.name = written.forename
), rooted AS (
  SELECT standard.*, coalesce(n.root, forename) AS root FROM standard LEFT JOIN nicknames n ON forename = n.name
)
SELECT *, {", ".join(f"{sql} AS {name}" for name, sql in KEYS.items())}
FROM rooted ORDER BY born, surname, forename, person_id, alias
"""
# How many index events there are: what a stranger has by chance.
EVENT_MONTHS = """
SELECT kind, date_trunc('month', index_date) AS happened, date_trunc('month', known_on) AS known, count(*) AS events
FROM events GROUP BY ALL ORDER BY ALL
"""


def _frequency(name: str) -> str:
    """How common each name is among people, not among names on record."""
    return f"""
SELECT {name}, count(*) / sum(count(*)) OVER () AS tf_{name} FROM names WHERE alias = 0
GROUP BY {name} ORDER BY {name}
"""


def recipe(lab: Lab) -> Recipe:
    """How the people of a lab are made ready."""
    events = " UNION ALL ".join(
        f"SELECT person_id, '{kind}' AS kind, index_date, known_on FROM ({event.sql})"
        for kind, event in lab.index_events.items()
    )
    told = set(re.findall(r"\w+", events))
    nicknames = pd.read_csv(Path(__file__).parent / "nicknames.csv", dtype=str, keep_default_na=False)
    return Recipe(
        ("people", "aliases", *sorted(told & set(lab.tables) - {"people", "aliases"})),
        {
            "nicknames": "SELECT * FROM nickname_list ORDER BY name",
            "names": NAMES,
            "surnames": _frequency("surname"),
            "forenames": _frequency("forename"),
            "register_size": "SELECT count(*) AS people FROM names WHERE alias = 0",
            "events": f"SELECT * FROM ({events}) ORDER BY person_id, index_date, kind, known_on",
            "event_months": EVENT_MONTHS,
        },
        {"nickname_list": nicknames},
    )


def prepare_records(folder: Path, lab: Lab) -> dict[str, Any]:
    """Make the records of a folder ready once; see `store.prepare`."""
    return write_prepared(folder, lab, recipe(lab))


def check_prepared(store: Store | TableStore) -> None:
    """DataContractError when records were prepared and no longer fit; nothing is read of anybody."""
    if isinstance(store, Store):
        store.check_prepared(recipe(store.lab))
