"""The table behind lesson 1: one prison of the invented records, counted in every way that its dials offer.

`make data` runs it. Counts alone are kept, never a person.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "data/synthetic/records"
KEPT = ROOT / "datalab_helpers/training/lessons/rates.csv"
PRISON = "HMP Craymoor"
RELEASED = ("2019-01-01", "2022-06-30")  # two years and the six months for proof end before the extract
WAITING = 6  # months after the end of the time of following, for an offence to be proven


def rates(records: Path = RECORDS) -> pd.DataFrame:
    """People counted and people who reoffended, a row each way of counting; a person's first release counts."""
    sentences, offences = (pd.read_parquet(records / f"{name}.parquet") for name in ("sentences", "offences"))
    released = pd.to_datetime(sentences["released_on"])
    inside = (sentences["kind"] == "custody") & (sentences["establishment"] == PRISON)
    leavers = sentences.assign(released=released)[inside & released.between(*RELEASED)]
    leavers = leavers.sort_values(["released", "sentence_id"]).drop_duplicates("person_id")
    later = offences.assign(
        happened=pd.to_datetime(offences["offence_date"]), proved=pd.to_datetime(offences["proven_date"])
    )
    later = later.merge(leavers[["person_id", "released"]], on="person_id")
    later = later[later["happened"] > later["released"]]
    first = leavers["person_id"].map(later.groupby("person_id")["happened"].min())
    found = []
    short = leavers["months"] < 12
    for who, chosen in {"everyone": short | True, "short": short, "long": ~short}.items():
        for months in (0, 3):
            start = leavers["released"] + pd.DateOffset(months=months)
            counted = leavers.assign(start=start)[chosen & ~(first <= start)]
            after = later.merge(counted[["person_id", "start"]], on="person_id")
            after = after[after["happened"] > after["start"]]
            for follow_up in (3, 6, 12, 24):
                inside = after[after["happened"] <= after["start"] + pd.DateOffset(months=follow_up)]
                in_time = inside["proved"] <= inside["start"] + pd.DateOffset(months=follow_up + WAITING)
                proven = inside[in_time & (inside["how_proven"] != "penalty notice")]
                prison = proven[proven["sentence"] == "custody"]
                for what, events in {"proven": proven, "any": inside, "prison": prison}.items():
                    found.append((who, months, what, follow_up, len(counted), events["person_id"].nunique()))
    return pd.DataFrame(found, columns=["who", "start", "what", "follow_up", "people", "reoffended"])


if __name__ == "__main__":
    rates().to_csv(KEPT, index=False, lineterminator="\n")
    print(KEPT)
