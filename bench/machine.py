"""Cores and versions: who runs where, and on what the numbers were measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path

SERVER_CORE, OTHER_CORE = 0, 1  # the server under test (or pgbench) alone; PostgreSQL and the load generator


def can_pin() -> bool:
    """Whether this system lets processes be bound to cores, and has two."""
    return hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) >= 2


def pin(core: int) -> None:
    """Bind this process, and what it starts from now on, to one core."""
    if can_pin():
        os.sched_setaffinity(0, {core})


def pinned(core: int) -> list[str]:
    """The words before a command that bind it to one core."""
    return ["taskset", "-c", str(core)] if can_pin() else []


@cache
def processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def idle_share(seconds: float = 3.0) -> float | None:
    """How much of all cores nobody uses just now, 0 to 1; None where the system does not tell."""

    def times() -> list[int]:
        return [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]

    try:
        before = times()
    except OSError:
        return None
    time.sleep(seconds)
    spent = [after - then for after, then in zip(times(), before, strict=True)]
    return (spent[3] + spent[4]) / max(1, sum(spent))


def describe(postgres: str, node: str, postgraphile: str) -> str:
    """One line for the report: the machine and every version that matters."""
    parts = [
        f"{processor()}, {os.cpu_count()} cores" + ("" if can_pin() else " (nothing pinned)"),
        f"{platform.system()} {platform.release().split('-')[0]}",
        f"PostgreSQL {postgres}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("asyncpg", "strawberry-graphql", "graphql-core", "uvicorn")),
        f"Node {node}",
        f"PostGraphile {postgraphile}",
    ]
    return "; ".join(parts)


def output(*command: str, **options: object) -> str:
    """What a command prints. Raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout.strip()  # type: ignore[call-overload, no-any-return]
