"""The embedded PostgreSQL: shared while anybody uses it, stopped after the last, clear about folders it cannot use."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from server.database import DatabaseProblem, connect, embedded

FAST = {"fsync": "off"}

USER = """
import sys
import time
from pathlib import Path
from server.database import embedded
running = embedded.start(Path(sys.argv[1]))
print(running.url, flush=True)
sys.stdin.read()
print(running.stop(), flush=True)
"""


def another_process(folder: Path) -> subprocess.Popen[str]:
    """A process that uses this folder until its input ends; the first line it prints is the address."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


async def answer(url: str, question: str) -> object:
    connection = await connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.fixture
def folder(open_folder: Path) -> Path:
    """A database's folder that is not there yet."""
    return open_folder / "data" / "postgres"


def test_a_copy_that_was_made_while_it_ran_starts_beside_it(folder: Path) -> None:
    mine = embedded.start(folder, settings=FAST)
    place = mine.url.rpartition("host=")[2]
    copy = folder.parent.with_name("copy") / "postgres"
    copy.parent.mkdir()
    command = [str(embedded.binaries() / "pg_basebackup"), f"--host={place}", "--username=postgres"]
    subprocess.run([*command, "--checkpoint=fast", f"--pgdata={copy}"], check=True, capture_output=True)
    assert list(copy.glob(".s.PGSQL.*.lock")), "nothing of the server that runs was copied"
    copied = embedded.start(copy)
    try:
        assert asyncio.run(answer(copied.url, "SELECT 1")) == 1
    finally:
        copied.stop()
        mine.stop()


def test_a_copy_with_the_file_of_the_running_server_is_not_taken_for_the_original(folder: Path) -> None:
    mine = embedded.start(folder, settings=FAST)
    place = mine.url.rpartition("host=")[2]
    copy = folder.parent.with_name("copy") / "postgres"
    copy.parent.mkdir()
    command = [str(embedded.binaries() / "pg_basebackup"), f"--host={place}", "--username=postgres"]
    subprocess.run([*command, "--checkpoint=fast", f"--pgdata={copy}"], check=True, capture_output=True)
    shutil.copy(folder / "postmaster.pid", copy)  # as a snapshot of the disk has it
    copied = embedded.start(copy)
    try:
        asyncio.run(answer(copied.url, "CREATE TABLE of_the_copy AS SELECT 1 AS number"))
        assert copied.url != mine.url
        assert copied.stop() is True
        with pytest.raises(asyncpg.UndefinedTableError):
            asyncio.run(answer(mine.url, "SELECT number FROM of_the_copy"))
    finally:
        copied.stop()
        mine.stop()


def test_a_second_process_shares_it_and_the_last_one_stops_it(folder: Path) -> None:
    mine = embedded.start(folder, settings=FAST)
    other = another_process(folder)
    assert other.stdout is not None
    assert other.stdout.readline().strip() == mine.url
    assert mine.stop() is False
    assert asyncio.run(answer(mine.url, "SELECT 1")) == 1
    output, _ = other.communicate()
    assert output.strip() == "True"
    assert not (folder / "postmaster.pid").exists()


def test_what_was_written_is_there_at_the_next_start(folder: Path) -> None:
    first = embedded.start(folder, settings=FAST)
    asyncio.run(answer(first.url, "CREATE TABLE kept AS SELECT 42 AS number"))
    assert first.stop()
    second = embedded.start(folder)
    assert asyncio.run(answer(second.url, "SELECT number FROM kept")) == 42
    assert second.stop()


def test_a_killed_process_does_not_count_as_a_user(folder: Path) -> None:
    mine = embedded.start(folder, settings=FAST)
    other = another_process(folder)
    assert other.stdout is not None
    other.stdout.readline()
    other.kill()
    other.communicate()
    assert mine.stop() is True


def test_after_a_crash_of_postgres_it_starts_again(folder: Path) -> None:
    first = embedded.start(folder, settings=FAST)
    asyncio.run(answer(first.url, "CREATE TABLE kept AS SELECT 42 AS number"))
    pid = int((folder / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while embedded.is_postgres(pid):
        assert time.monotonic() < deadline
    second = embedded.start(folder)
    assert asyncio.run(answer(second.url, "SELECT number FROM kept")) == 42
    assert first.stop() is False
    assert second.stop() is True


def test_a_number_left_by_a_power_cut_that_is_now_another_program_is_no_obstacle(folder: Path) -> None:
    assert embedded.start(folder, settings=FAST).stop()
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n1 1\nready   \n")
    again = embedded.start(folder)
    assert asyncio.run(answer(again.url, "SELECT 1")) == 1
    assert again.stop()


def test_a_folder_with_a_long_path_works(folder: Path) -> None:
    running = embedded.start(folder.parent / ("nama-folder-yang-panjang-" * 5) / "postgres", settings=FAST)
    assert asyncio.run(answer(running.url, "SELECT 1")) == 1
    assert running.stop()


def test_an_interrupted_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    unfinished = folder.with_name(".postgres.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    running = embedded.start(folder, settings=FAST)
    assert running.stop()
    assert not unfinished.exists()


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "foto.jpg").write_text("x")
    with pytest.raises(DatabaseProblem, match=r"in use by something else: it holds foto\.jpg .*KOLABORASI_DATA_DIR"):
        embedded.start(folder)
    assert [path.name for path in folder.iterdir()] == ["foto.jpg"]


def test_a_folder_of_another_version_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseProblem, match=r"made by PostgreSQL 16, this program brings PostgreSQL 18"):
        embedded.start(folder)


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(DatabaseProblem, match=r"data.*(File exists|Not a directory)"):
        embedded.start(tmp_path / "data" / "postgres")


def test_a_folder_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder.parent))

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(DatabaseProblem, match=r"data cannot be written by this user.*KOLABORASI_DATA_DIR"):
        embedded.start(folder)


def test_nobody_else_can_lock_what_a_start_waits_for(folder: Path) -> None:
    folder.parent.mkdir()
    older = folder.with_name(".postgres.lock")
    older.touch(0o644)
    running = embedded.start(folder, settings=FAST)
    for name in (".postgres.lock", ".postgres.starting"):
        assert stat.S_IMODE(folder.with_name(name).stat().st_mode) == 0o600
    assert running.stop()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("FATAL:  could not write: No space left on device", "The disk of .* is full"),
        ("could not open log file: Read-only file system", "on a disk that cannot be written"),
        ('FATAL:  data directory "x" has wrong ownership', "belongs to another user"),
        ('FATAL:  lock file "postmaster.pid" already exists', "in use by another PostgreSQL"),
        ("LOG: x\nFATAL:  could not map shared memory\nstopped", "did not start: could not map shared memory"),
        ("", "did not start: it gave no reason"),
    ],
)
def test_what_postgres_said_becomes_one_sentence(words: str, sentence: str) -> None:
    assert re.search(sentence, embedded.what_postgres_said(Path("/data/postgres"), words))
