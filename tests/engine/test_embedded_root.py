"""The embedded PostgreSQL where root starts it below a folder that is closed to others: it works, and nothing opens."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.database import DatabaseProblem, embedded, root
from tests.engine.test_embedded import FAST, answer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="what is done as root is tested as root")

STARTER = """
import sys
from pathlib import Path
from server.database import embedded, root
root.HOME = Path(sys.argv[2])
embedded.binaries = lambda: Path(sys.argv[3])
running = embedded.start(Path(sys.argv[1]), settings={"fsync": "off"})
print(running.url, flush=True)
sys.stdin.read()
print(running.stop(), flush=True)
"""


@pytest.fixture
def place(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that all may pass, with what stands for /var/lib/kolaborasi in it."""
    (open_folder / "var").mkdir()
    monkeypatch.setattr(root, "HOME", open_folder / "var" / "kolaborasi")
    return open_folder


@pytest.fixture
def closed(place: Path) -> Path:
    """A database's folder below one that is closed to others, as a checkout's is in /root."""
    home = place / "root"
    home.mkdir(mode=0o700)
    return home / "kota" / ".data" / "demo" / "postgres"


def modes(*paths: Path) -> dict[Path, int]:
    """Of every folder on the way to these."""
    return {folder: folder.stat().st_mode for path in paths for folder in path.parents}


def test_no_folder_on_the_way_is_opened_and_the_data_is_found_again(closed: Path) -> None:
    closed.parent.mkdir(parents=True)
    before = modes(closed, embedded.binaries())
    first = embedded.start(closed, settings=FAST)
    asyncio.run(answer(first.url, "CREATE TABLE kept AS SELECT 42 AS number"))
    assert first.stop()
    assert modes(closed, embedded.binaries()) == before
    assert closed.resolve().is_relative_to(root.HOME)
    assert stat.S_IMODE(closed.resolve().stat().st_mode) == 0o700
    second = embedded.start(closed)
    assert asyncio.run(answer(second.url, "SELECT number FROM kept")) == 42
    assert second.stop()
    assert modes(closed, embedded.binaries()) == before
    assert len(list(root.HOME.glob("database-*"))) == 1


def test_a_folder_that_all_may_pass_keeps_its_files(place: Path) -> None:
    running = embedded.start(place / "data" / "postgres", settings=FAST)
    assert running.stop()
    assert not (place / "data" / "postgres").is_symlink()
    assert not root.HOME.exists()


def test_first_starts_at_one_moment_share_one_database(closed: Path, hidden_programs: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, str(closed), str(root.HOME), str(hidden_programs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    urls = set()
    for each in processes:
        assert each.stdout is not None
        urls.add(each.stdout.readline())
    stopped = [each.communicate()[0].strip() for each in processes]
    assert len(urls) == 1
    assert stopped == ["False", "False", "True"]


@pytest.fixture
def hidden_programs(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PostgreSQL's programs below a folder that is closed to others, as those of a Python in /root are."""
    package = embedded.binaries().parents[1]
    site = place / "pyenv"
    site.mkdir(mode=0o700)
    for each in (package, package.with_name(f"{package.name}.libs")):
        (site / each.name).symlink_to(each)
    binaries = site / package.name / embedded.binaries().parent.name / "bin"
    monkeypatch.setattr(embedded, "binaries", lambda: binaries)
    return binaries


def test_programs_that_are_out_of_reach_are_copied_once(closed: Path, hidden_programs: Path) -> None:
    before = modes(hidden_programs)
    umask = os.umask(0o077)  # as some administrators have it
    try:
        running = embedded.start(closed, settings=FAST)
        assert asyncio.run(answer(running.url, "SELECT count(*) > 500 FROM pg_timezone_names"))
        assert running.stop()
        (copy,) = root.HOME.glob("programs-*")
        made = copy.stat().st_ino
        again = embedded.start(closed)
        assert again.stop()
    finally:
        os.umask(umask)
    assert [each.stat().st_ino for each in root.HOME.glob("*programs-*")] == [made]
    assert modes(hidden_programs) == before


@pytest.mark.parametrize("mode", [0o777, 0o700])
def test_where_there_is_no_place_one_sentence_says_what_to_do(closed: Path, mode: int) -> None:
    root.HOME.mkdir()
    root.HOME.chmod(mode)
    with pytest.raises(DatabaseProblem, match=r"does not run as root.*another user.*KOLABORASI_DATA_DIR") as raised:
        embedded.start(closed)
    assert "\n" not in str(raised.value)
    assert stat.S_IMODE(root.HOME.stat().st_mode) == mode
    assert not closed.exists()


def test_files_that_came_out_of_reach_are_left_alone_with_one_sentence(place: Path) -> None:
    home = place / "home"
    folder = home / "data" / "postgres"
    running = embedded.start(folder, settings=FAST)
    asyncio.run(answer(running.url, "CREATE TABLE kept AS SELECT 42 AS number"))
    assert running.stop()
    home.chmod(0o700)
    with pytest.raises(DatabaseProblem, match=rf"{re.escape(str(home))} lets nobody .*Move .*KOLABORASI_DATA_DIR"):
        embedded.start(folder)
    home.chmod(0o711)  # as an older program left it
    running = embedded.start(folder)
    assert asyncio.run(answer(running.url, "SELECT number FROM kept")) == 42
    assert running.stop()


def test_a_link_to_what_is_gone_is_not_taken_for_a_new_installation(closed: Path) -> None:
    closed.parent.mkdir(parents=True)
    closed.symlink_to(root.HOME / "database-gone" / "postgres")
    with pytest.raises(DatabaseProblem, match=r"database-gone.*is gone\. Bring it back"):
        embedded.start(closed)


def test_a_first_start_that_was_interrupted_is_taken_up_again(closed: Path) -> None:
    closed.parent.mkdir(parents=True)
    root.make_user()
    place = root.settled(closed)
    assert closed.is_symlink()
    assert not closed.exists()
    running = embedded.start(closed, settings=FAST)
    assert closed.resolve() == place
    assert running.stop()
