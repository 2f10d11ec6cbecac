"""Fixtures that several files share; the tiny world itself is in `tiny`."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from datalab_helpers.lab import Lab, load_lab
from datalab_helpers.store import Store


@pytest.fixture(scope="session")
def tiny_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Central records of the tiny world, for reading only."""
    return tiny.write_records(tmp_path_factory.mktemp("tiny") / "records")


@pytest.fixture(scope="session")
def justice() -> Lab:
    return load_lab("justice")


@pytest.fixture(scope="module")
def tiny_store(tiny_records: Path, justice: Lab) -> Store:
    return Store(tiny_records, justice)


@pytest.fixture
def datalab(capsys: pytest.CaptureFixture[str]):
    """Run the command line in this process: exit code, stdout, stderr."""
    from datalab_helpers.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run
