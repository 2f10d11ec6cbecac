"""One environment, three descriptions: pyproject.toml, the locks and environment.yml must agree."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-pages.lock", "requirements-uv.lock"]
FIXED = [
    "jupyterlab",
    "pandas",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "ipywidgets",
    "papermill",
    "nbconvert",
    "pytest",
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
DIRECT = [
    Requirement(text)
    for group in [
        PROJECT["dependencies"],
        *PROJECT["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    for text in group
]

# The escapes also keep these patterns from matching their own source.
REGISTRY = re.compile(
    rb"pypi\.org|pypi\.python\.org|pythonhosted\.org|conda\.anaconda\.org|repo\.anaconda\.com"
    rb"|prefix\.dev|npmjs\.(?:org|com)|yarnpkg\.com|deb\.debian\.org"
)
MACHINE_PATH = re.compile(rb"(?:^|[^A-Za-z0-9_.])/(?:work|farm|root|home/[a-z])/", re.MULTILINE)


def entries(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Each pin in a lock with the hashes given to it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = []
    for line in re.sub(r"\\\n", "", "\n".join(lines)).splitlines():
        pin, *hashes = re.split(r"\s+--hash=", line.strip())
        found.append((Requirement(pin), hashes))
    return found


def pinned() -> dict[str, list[str]]:
    """Versions by name: a name has more than one where Pythons need different ones."""
    versions: dict[str, list[str]] = {}
    for requirement, _ in entries("requirements.lock") + entries("requirements-pages.lock"):
        version = str(requirement.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(requirement.name), []).append(version)
    return versions


def test_conda_and_pyproject_give_one_python_range():
    (python,) = (Requirement(d) for d in CONDA if isinstance(d, str) and d.startswith("python"))
    assert python.specifier == SpecifierSet(PROJECT["requires-python"])


def test_conda_installs_the_lock_and_nothing_beside_it():
    assert [d for d in CONDA if isinstance(d, dict)] == [{"pip": ["-r requirements.lock"]}]
    assert len(CONDA) == 3


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_direct_dependency_is_locked_inside_its_bounds(requirement):
    versions = pinned().get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is in no lock: run make lock"
    for version in versions:
        assert requirement.specifier.contains(version), f"locked at {version}: run make lock"


@pytest.mark.parametrize("name", FIXED)
def test_fixed_package_is_a_direct_dependency(name):
    assert name in {canonicalize_name(requirement.name) for requirement in DIRECT}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock):
    found = entries(lock)
    assert found
    for requirement, hashes in found:
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", "environment.yml"])
def test_no_address_in_what_pip_reads(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|git\+|--(?:extra-)?index-url|--find-links", text)


def test_no_tracked_file_names_a_registry_or_this_machine():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    # Files not yet added count too, so that a slip shows before it is committed.
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = sorted({ROOT / name.decode() for name in listed.split(b"\0") if name})
    assert paths
    slips = []
    for path in paths:
        if path.is_file():
            content = path.read_bytes()
            for pattern in (REGISTRY, MACHINE_PATH):
                slips += [f"{path.relative_to(ROOT)}: {m.group()!r}" for m in pattern.finditer(content)]
    assert not slips
