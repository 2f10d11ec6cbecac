"""Central records behind their door.

Records are a folder of Parquet opened with DuckDB. A caller never sees a whole dated table:

- `identify` sees who people are and which index events they have, never the table of outcomes;
- `look_up` sees people as made ready for linking (`prepared`);
- `known` sees each dated table cut at the index date of each event;
- `happened_before` says who had the outcome between index date and time zero;
- `follow_up` sees what came after time zero, and opens only with the seal of a plan.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from ..errors import DataContractError, LockError, RequestError, guarded
from ..lab import FollowUp, Lab, Table
from ..tables import check_records
from .prepared import Recipe, attach

# Whole tables live here; SQL from a lab file or a stage may not name it.
PRIVATE = "whole_records"
# What a recipe makes in memory, where records were not prepared.
MADE_READY = "made_ready"
# Also shut: files by name (records are Parquet), functions that read files, run text as SQL or tell of the inside.
FORBIDDEN = re.compile(
    rf"{PRIVATE}|parquet|\bread_|\bglob\b|\bquery(_table)?\b|information_schema|\bduckdb_|\bpragma",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Seal:
    """Proof that a plan was written down before outcomes were opened: its file and its hash."""

    path: Path
    sha256: str

    def check(self) -> None:
        """LockError unless the plan file is there and unchanged."""
        if not self.path.is_file():
            raise LockError("outcomes stay closed: no plan has been sealed; run 03_balance first")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256:
            raise LockError("outcomes stay closed: the sealed plan has been changed; run 03_balance again")


class Store:
    """Central records of one lab, read through SQL."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        check_records(folder, lab)
        self.folder, self.lab = folder, lab
        self.extract_date = _extract_date(folder)
        # One thread: sums of floats then never depend on how work was shared out.
        self._db = duckdb.connect(
            config={
                "threads": 1,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        place = str(folder.resolve()).replace("'", "''")
        self._db.execute(f"SET allowed_directories = ['{place}']")
        for schema in (PRIVATE, "register", "cut"):
            self._db.execute(f"CREATE SCHEMA {schema}")
        outcome_table = lab.follow_up.table if lab.follow_up else None
        for name in lab.tables:
            self._db.execute(
                f"CREATE VIEW {PRIVATE}.{name} AS SELECT * FROM read_parquet('{place}/{name}.parquet')"
            )
            if name != outcome_table:
                self._db.execute(f"CREATE VIEW register.{name} AS SELECT * FROM {PRIVATE}.{name}")
        self._db.execute("SET enable_external_access = false")
        self._ready: dict[str, str] = {}

    @guarded
    def identify(self, sql: str, **frames: pd.DataFrame) -> pd.DataFrame:
        """Run SQL over people, aliases and index events, and over the frames given by name."""
        return self._run("register", sql, frames)

    @guarded
    def look_up(self, recipe: Recipe, sql: str, **frames: pd.DataFrame) -> pd.DataFrame:
        """Run SQL over the tables of a recipe, and over the frames given by name.

        They are read from the prepared file; where there is none, the same SQL makes them in memory.
        DataContractError when the file no longer fits the records.
        """
        self.check_prepared(recipe)
        if recipe.sha256 not in self._ready:
            self._ready[recipe.sha256] = self._cook(recipe)
        schema = self._ready[recipe.sha256]
        if schema == MADE_READY:
            return self._run(schema, sql, frames)
        # What was read of the file need not be kept: without a limit all of it would stay in memory.
        self._db.execute(f"SET memory_limit = '{400 + sum(map(len, frames.values())) // 100}MB'")
        try:
            return self._run(schema, sql, frames)
        finally:
            self._db.execute("RESET memory_limit")

    @guarded
    def check_prepared(self, recipe: Recipe) -> None:
        """DataContractError when there is a prepared file that does not fit; none at all is no error."""
        if recipe.sha256 not in self._ready and (schema := attach(self._db, self.folder, recipe)):
            self._ready[recipe.sha256] = schema

    def _cook(self, recipe: Recipe) -> str:
        self._db.execute(f"CREATE SCHEMA IF NOT EXISTS {MADE_READY}")
        try:
            self._db.execute(f"SET search_path = '{MADE_READY},register'")
            recipe.cook(self._db, MADE_READY)
        finally:
            self._db.execute("SET search_path = 'main'")
        return MADE_READY

    @guarded
    def known(self, events: pd.DataFrame, queries: list[str]) -> list[pd.DataFrame]:
        """Run queries that see only what was known on each event's index date.

        Parameters
        ----------
        events : columns event_id, person_id, index_date and any other a query needs
        queries : SQL, each yielding one row an event_id; a dated table has `event_id` added

        Returns
        -------
        One frame a query, in order.
        """
        self._db.register("events_given", events)
        try:
            self._db.execute("CREATE OR REPLACE TEMP TABLE events AS SELECT * FROM events_given")
            for name, table in self.lab.tables.items():
                self._db.execute(f"CREATE OR REPLACE VIEW cut.{name} AS {_cut(name, table)}")
            return [self._run("cut", sql, {}) for sql in queries]
        finally:
            self._db.execute("DROP TABLE IF EXISTS temp.events")
            self._db.unregister("events_given")

    @guarded
    def happened_before(self, events: pd.DataFrame) -> pd.Series:
        """Whether the outcome happened after the index date and up to time zero, by event_id.

        Nothing dated after time zero is looked at, but for whether it was later proven.
        """
        rule = self.rule
        found = self._run(
            "register",
            f"""
            SELECT DISTINCT e.event_id FROM units e JOIN {PRIVATE}.{rule.table} o USING (person_id)
            WHERE o.{rule.happened} > e.index_date AND o.{rule.happened} <= e.time_zero
              AND o.{rule.proven} <= e.time_zero + INTERVAL {rule.months + rule.waiting_months} MONTH
              AND {rule.counts}
            """,
            {"units": events},
            trusted=True,
        )
        return events["event_id"].isin(found["event_id"]).set_axis(events["event_id"])

    @guarded
    def follow_up(self, units: pd.DataFrame, seal: Seal) -> pd.DataFrame:
        """Every outcome measure of each unit after time zero. Opens only with a sealed plan.

        An event counts from the day after time zero to the same day of the calendar when the
        months are over. The day of the index event itself is no follow-up: what a caution was
        given for may carry its date.

        Parameters
        ----------
        units : columns unit_id, person_id, time_zero
        seal : of the plan

        Returns
        -------
        Indexed by unit_id, one float column a measure of the lab; NaN where it does not apply.
        """
        seal.check()
        rule = self.rule
        months = rule.months + rule.waiting_months
        measures = ", ".join(f"{m.sql} AS {m.name}" for m in self.lab.measures)
        found = self._run(
            "register",
            f"""
            WITH counted AS (
              SELECT u.unit_id, o.* EXCLUDE (person_id),
                     date_diff('day', CAST(u.time_zero AS DATE), o.{rule.happened}) AS days
              FROM units u JOIN {PRIVATE}.{rule.table} o USING (person_id)
              WHERE o.{rule.happened} > u.time_zero
                AND o.{rule.happened} <= u.time_zero + INTERVAL {rule.months} MONTH
                AND o.{rule.proven} <= u.time_zero + INTERVAL {months} MONTH
                AND {rule.counts}
            ), ordered AS (
              SELECT *, row_number() OVER (PARTITION BY unit_id ORDER BY days, {self.lab.tables[rule.table].key}) AS nth
              FROM counted
            )
            SELECT unit_id, {measures} FROM ordered GROUP BY unit_id
            """,
            {"units": units},
            trusted=True,
        ).set_index("unit_id")
        result = found.reindex(units["unit_id"]).astype("float64")
        for measure in self.lab.measures:
            if measure.empty is not None:
                result[measure.name] = result[measure.name].fillna(measure.empty)
        for measure in self.lab.measures:
            if measure.among:
                result[measure.name] = result[measure.name].where(result[measure.among] == 1)
        return result.sort_index()

    @property
    def rule(self) -> FollowUp:
        """When an event after time zero counts as an outcome."""
        if self.lab.follow_up is None:
            raise RequestError(f"lab {self.lab.name!r} has no follow-up rule; it serves analysis tables only")
        return self.lab.follow_up

    def _run(
        self, schema: str, sql: str, frames: dict[str, pd.DataFrame], *, trusted: bool = False
    ) -> pd.DataFrame:
        kinds = [statement.type for statement in duckdb.extract_statements(sql)]
        if not trusted and (FORBIDDEN.search(sql) or kinds != [duckdb.StatementType.SELECT]):
            raise LockError(
                "this query asks for whole tables or files; only what the stage may see is open to it"
            )
        for name, frame in frames.items():
            self._db.register(name, frame)
        try:
            self._db.execute(f"SET search_path = '{schema}'")
            return self._db.sql(sql).df()
        finally:
            self._db.execute("SET search_path = 'main'")
            for name in frames:
                self._db.unregister(name)


def _cut(name: str, table: Table) -> str:
    """A central table as it was known on each event's index date."""
    if table.known_from is None:
        return f"SELECT * FROM {PRIVATE}.{name}"
    hidden = (
        f" REPLACE (CASE WHEN t.{table.until} > e.index_date THEN NULL ELSE t.{table.until} END AS {table.until})"
        if table.until
        else ""
    )
    return (
        f"SELECT e.event_id, t.*{hidden} FROM {PRIVATE}.{name} t JOIN temp.events e USING (person_id) "
        f"WHERE t.{table.known_from} <= e.index_date"
    )


def _extract_date(folder: Path) -> date:
    """The day after which the records know nothing."""
    try:
        return date.fromisoformat(
            json.loads((folder / "extract.json").read_text(encoding="utf-8"))["extract_date"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise DataContractError(
            f'{folder / "extract.json"} must give the date of the extract, such as {{"extract_date": "2024-12-31"}}'
        ) from None
