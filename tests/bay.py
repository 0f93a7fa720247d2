"""Kota Teluk Biru, a made-up city in WITA: loaded from its folder by the command line, with people who live there."""

from __future__ import annotations

import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

from server.rules.viewer import Role
from tests.founding import People
from tests.system.processes import run

FOLDER = Path(__file__).parent / "fixtures" / "teluk_biru"
WITA = ZoneInfo("Asia/Makassar")
NORTH, NORTH_LURAH, MIDDLE = "98.71.01", "98.71.01.1001", "98.71.02"
PEOPLE: People = {
    "mayor": ("WALIKOTA", Role.MAYOR, True),
    "sekda": ("SETDA", Role.OFFICE, True),
    "bappeda": ("BAPPEDA", Role.REVIEWER, False),
    "admin": ("SETDA", Role.ADMIN, False),
    "camat": (NORTH, Role.HEAD, True),
    "camat_staff": (NORTH, Role.STAFF, False),
    "lurah": (NORTH_LURAH, Role.HEAD, True),
    "dlh": ("DLH", Role.HEAD, True),
    "dlh_staff": ("DLH", Role.STAFF, False),
    "neighbour": (MIDDLE, Role.HEAD, True),
    "outsider": ("ITKOT", Role.OBSERVER, False),
}


def load(url: str, folder: Path = FOLDER) -> tuple[int, str]:
    """`kolaborasi city load FOLDER` into a database: its exit code, and what it says."""
    done = run("city", "load", str(folder), DATABASE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr or done.stdout


class Folder:
    """A copy of the city's folder, to be changed by a test."""

    def __init__(self, path: Path) -> None:
        self.path = Path(shutil.copytree(FOLDER, path / "teluk_biru"))

    def replace(self, file: str, old: str, new: str) -> None:
        text = (self.path / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        (self.path / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def add(self, file: str, *lines: str) -> None:
        with (self.path / file).open("a", encoding="utf-8") as written:
            written.writelines(f"{line}\n" for line in lines)
