"""Invented national records, programmes with planted effects, and untidy submissions.

Nobody in them exists. One law of outcomes (`law`) governs every index event from July 2018 on,
so a correct analysis finds the planted effects and a careless one does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .files import write_records, write_requests, write_truth
from .programmes import PROGRAMMES, Programme
from .world import EXTRACT, World, generate_world

__all__ = ["EXTRACT", "PROGRAMMES", "Programme", "World", "generate", "generate_world"]


def generate(
    people: int,
    seed: int,
    out: Path,
    *,
    extent: str = EXTRACT,
    programmes: Sequence[Programme] = PROGRAMMES,
) -> None:
    """Write records, requests and truth under `out`; the same seed gives the same bytes.

    `out/records/*.parquet` and `extract.json`, `out/requests/<folder>/` with `request.yml` and the
    submission, `out/truth/` with `truth.json` and `links.parquet`.
    """
    out = Path(out)
    world = generate_world(people, seed, programmes, extent)
    about = {"extract_date": extent, "made_by": "datalab synthetic", "people": people, "seed": seed}
    write_records(world, out / "records", about)
    write_requests(world, out / "requests")
    write_truth(world, out / "truth", about)
