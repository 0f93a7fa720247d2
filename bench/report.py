"""The measurements as a page: a table of ratios, written between two markers of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from bench.load import Measured

BEGIN, END = "<!-- bench: what `make bench` measured -->", "<!-- bench: end -->"
WORKS = {
    "R1": "one task with its organisation",
    "R2": "one organisation's open tasks by due date, page of 50, organisation, target, totalCount",
    "W1": "report progress: task, event, idempotency key",
}
# DESIGN §7: at least so many times PostGraphile, and such a share of pgbench.
GOALS = {"R1": (2.5, 0.45), "R2": (2.5, 0.45), "W1": (2.0, 0.6)}
LIMIT = "pgbench"


@dataclass(frozen=True)
class Series:
    """All rounds of one contender at one work."""

    rounds: Sequence[Measured]

    @property
    def rate(self) -> float:
        """The median of its answers per second."""
        return median(each.rate for each in self.rounds)

    @property
    def spread(self) -> float:
        """How far the rounds lie apart, as a share of their median."""
        rates = [each.rate for each in self.rounds]
        return (max(rates) - min(rates)) / self.rate if self.rate else 0.0

    def middle(self, name: Literal["p50", "p99", "own_cpu", "server_cpu"]) -> float:
        """The median of one of `Measured`'s numbers."""
        numbers: list[float] = [getattr(each, name) for each in self.rounds]
        return median(numbers)


Results = Mapping[str, Mapping[str, Series]]  # work → contender → rounds


def ratios(results: Results, ours: str, peer: str) -> str:
    """The table of ratios, in Markdown."""
    rows = []
    for work, by_name in results.items():
        cells = [f"**{work}** {WORKS[work]}"]
        for other, goal in zip((peer, LIMIT), GOALS[work], strict=True):
            if ours in by_name and other in by_name:
                ratio = by_name[ours].rate / by_name[other].rate
                cells.append(f"{ratio:.2f} ({'reached' if ratio >= goal else 'not reached'}: ≥ {goal:g})")
            else:
                cells.append("–")
        both = peer in by_name and LIMIT in by_name
        cells.append(f"{by_name[peer].rate / by_name[LIMIT].rate:.2f}" if both else "–")
        rows.append(cells)
    return grid(["work", f"{ours} / {peer}", f"{ours} / {LIMIT}", f"{peer} / {LIMIT}"], rows)


def numbers(results: Results) -> str:
    """What was measured, contender by contender, in Markdown."""
    rows = []
    for work, by_name in results.items():
        for name, series in by_name.items():
            served = name != LIMIT
            rows.append(
                [
                    work,
                    name,
                    f"{series.rate:,.0f}",
                    f"± {series.spread / 2:.0%}",
                    f"{series.middle('p50'):.1f}" if served else "–",
                    f"{series.middle('p99'):.1f}" if served else "–",
                    f"{series.middle('server_cpu'):.0%}" if served else "–",
                    f"{series.rate / max(0.01, series.middle('server_cpu')):,.0f}" if served else "–",
                    f"{series.middle('own_cpu'):.0%}" if served else "–",
                ]
            )
    head = ["work", "contender", "per second", "rounds", "p50 ms", "p99 ms", "its core", "per CPU second", "generator"]
    return grid(head, rows)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def put(page: Path, text: str) -> None:
    """Replace what stands between the markers of the page. Raises ValueError when a marker is missing."""
    old = page.read_text()
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
