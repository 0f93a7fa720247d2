"""Cores and versions: who runs where, and on what the numbers were measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Reading:
    """CPU seconds so far: all there were, those somebody used, ours (this process, what it ran, PostgreSQL)."""

    all: float
    used: float
    ours: float


def read_cpu(postmaster: int) -> Reading | None:
    """Of all cores; None where the system does not tell. Read it while nothing but PostgreSQL runs of ours."""
    try:
        ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except OSError:
        return None
    tick = os.sysconf("SC_CLK_TCK")
    mine = os.times()
    ours = mine.user + mine.system + mine.children_user + mine.children_system + postgres_cpu(postmaster)
    return Reading(all=sum(ticks) / tick, used=(sum(ticks) - ticks[3] - ticks[4]) / tick, ours=ours)


def postgres_cpu(postmaster: int) -> float:
    """CPU seconds of PostgreSQL so far, its ended backends too; 0 where the system does not tell."""
    try:
        backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    except OSError:
        return 0.0
    return _spent(postmaster) + sum(map(_spent, map(int, backends)))


def others_share(before: Reading | None, after: Reading | None) -> float | None:
    """How much of the machine somebody else used between two readings (a host's other guests too), 0 to 1."""
    if before is None or after is None or after.all <= before.all:
        return None
    return max(0.0, (after.used - before.used - after.ours + before.ours) / (after.all - before.all))


def _spent(pid: int) -> float:
    """What a process and its ended children have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return float(sum(int(each) for each in fields[11:15])) / os.sysconf("SC_CLK_TCK")


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
