"""What the phases of one run share, and its progress bar."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.contenders import CONTENDERS, Contender
from bench.load import Measured


@dataclass
class Bench:
    """What the phases share."""

    folder: Path
    options: argparse.Namespace
    log: Path  # PostgreSQL's
    postmaster: int
    url: str = ""
    others: float | None = None
    tokens: list[str] = field(default_factory=list)
    scripts: dict[str, Path] = field(default_factory=dict)
    results: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    statements: dict[tuple[str, str], float] = field(default_factory=dict)  # work, contender → for each request
    keys: count[int] = field(default_factory=count)

    @property
    def servers(self) -> list[Contender]:
        return [each for name, each in CONTENDERS.items() if name in self.options.only]

    def note(self, work: str, name: str, measured: Measured) -> None:
        self.results.setdefault(work, {}).setdefault(name, []).append(measured)


class Bar:
    """A progress bar on stderr; where that is no terminal, a line a step."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.begun = steps, 0, time.monotonic()

    def __call__(self, text: str, made: int = 1) -> None:
        self.done += made
        share = min(1.0, self.done / self.steps)
        line = f"[{'█' * round(20 * share):<20}] {share:4.0%} {time.monotonic() - self.begun:4.0f} s  {text}"
        sys.stderr.write(f"\r\x1b[K{line}" if sys.stderr.isatty() else f"{line}\n")
        if sys.stderr.isatty() and self.done >= self.steps:
            sys.stderr.write("\n")
        sys.stderr.flush()
