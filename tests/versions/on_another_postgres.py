"""A plugin of pytest: the run's PostgreSQL is the one whose folder ANOTHER_POSTGRES names, not the program's own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from server.database import embedded

PROGRAMS = Path(os.environ["ANOTHER_POSTGRES"]) / "bin"
_SAID = subprocess.run([PROGRAMS / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
_FOUND = re.search(r"\d+", _SAID)
assert _FOUND is not None, _SAID
_run = embedded.run


def run(program: str, *arguments: str) -> None:
    """initdb takes settings from PostgreSQL 16 on: before, they are written behind it."""
    given = [*arguments]
    settings = [given[at + 1] for at, each in enumerate(given) if each == "-c" and program == "initdb"]
    if not settings:
        _run(program, *arguments)
        return
    while "-c" in given:
        at = given.index("-c")
        del given[at : at + 2]
    _run(program, *given)
    with (Path(given[-1]) / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, _, value in (each.partition("=") for each in settings))


embedded.VERSION = int(_FOUND[0])
embedded.binaries = lambda: PROGRAMS
embedded.run = run
if embedded.VERSION < 17:  # which brought locales of PostgreSQL's own; what cities run has one of the system's
    embedded.LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8")
