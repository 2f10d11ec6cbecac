"""The committed report of the example request is what its `results.json` gives, in every form."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from datalab_helpers.disclosure import Results
from datalab_helpers.pipeline.publish import files_of
from datalab_helpers.report.forms import forms

EXAMPLE = Path(__file__).resolve().parents[1] / "reports" / "JDL-2026-001"
TOO_LARGE = 5_000_000


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return forms(Results.model_validate_json((EXAMPLE / "results.json").read_bytes()))


def parts(content: bytes) -> dict[str, bytes]:
    """What a workbook holds: how tightly it is packed differs between machines."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_every_form_is_committed_and_no_other_file(made: dict[str, bytes]) -> None:
    assert files_of(EXAMPLE) == set(made)
    assert sum(map(len, made.values())) < TOO_LARGE


def test_every_form_is_made_again_to_the_byte(made: dict[str, bytes]) -> None:
    kept = {name: (EXAMPLE / name).read_bytes() for name in made}
    assert parts(kept.pop("tables.xlsx")) == parts(made["tables.xlsx"])
    assert [name for name in kept if kept[name] != made[name]] == [], (
        "run `make report` and commit what it writes"
    )
