"""Train the linking model that is shipped, on invented people of seeds that no benchmark measures on.

`make model` writes `datalab_helpers/intake/linking/trained.yml`. A lab trains its own in the same way,
on submissions with many identifiers: see `train` and `calibrate` there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import linking_make
import yaml

from datalab_helpers.intake import prepare_records, read_submission
from datalab_helpers.intake.linking import model
from datalab_helpers.intake.linking.train import calibrate, train
from datalab_helpers.lab import load_lab
from datalab_helpers.request import load_request
from datalab_helpers.store import Store

PEOPLE, SEED, ROWS = 3_000_000, 9001, 20_000
# Fields are trained on one list, with and without release dates, and posteriors calibrated on another.
LISTS = {"fields": (ROWS, 1), "posterior": (ROWS, 2)}
HEAD = """\
# How often true pairs (m) and chance pairs (u) reach each level of `fields.yml`, the highest first.
# Written by `make model`; do not edit. u of an identifier is one over the number of people.
"""


def main() -> None:
    with TemporaryDirectory(prefix="datalab-model-") as name:
        folder = Path(name) / "made"
        linking_make.generate(folder, PEOPLE, SEED, "plain", LISTS)
        lab = load_lab("justice")
        prepare_records(folder / "records", lab)

        def sent(*lists: str) -> list:
            requests = [load_request(folder / name) for name in lists]
            return [(request, read_submission(request)) for request in requests]

        store = Store(folder / "records", lab)
        made = {"trained_on": f"{PEOPLE:,} invented people, seed {SEED}, {ROWS:,} rows"}
        made |= train(sent("fields", "fields-dated"), store)
        save(made | {part: model.trained()[part] for part in ("looked_up", "posterior")})
        model.trained.cache_clear()
        save(made | calibrate(sent("posterior", "posterior-dated"), store))


class Plain(yaml.SafeDumper):
    """Numbers as decimals: settings files know no exponents."""


def decimal(number: float) -> str:
    whole, part = f"{number:.12f}".split(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


Plain.add_representer(float, lambda dumper, x: dumper.represent_scalar("tag:yaml.org,2002:float", decimal(x)))


def save(made: dict) -> None:
    text = yaml.dump(made, Dumper=Plain, sort_keys=False, default_flow_style=None, width=110)
    model.TRAINED.write_text(HEAD + text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
