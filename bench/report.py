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
    "R3": "the whole status board while 100 reports a second come in",
    "W1": "report progress: task, event, idempotency key, counters",
    "mixed": "nine R1 or R2, then one W1",
}
POSTGRAPHILE, LIMIT = "postgraphile", "pgbench"
# To be reached: at least so many times PostGraphile, and such a share of pgbench.
GOALS = {
    "R1": {POSTGRAPHILE: 2.5, LIMIT: 0.45},
    "R2": {POSTGRAPHILE: 2.5, LIMIT: 0.45},
    "R3": {POSTGRAPHILE: 50.0},
    "W1": {POSTGRAPHILE: 2.0, LIMIT: 0.6},
}
LEGEND = (
    "*its core*: how much of its core the server used; *PostgreSQL* and *generator*: their shares of the other core. "
    "*statements*: what PostgreSQL is sent for one request, `BEGIN` and `COMMIT` and what a pool says too. ⚠ marks a "
    "figure where not the server was the limit but what is named; *waiting*: for the disk, for locks, or because "
    "somebody else had its core."
)
FULL = 0.9  # of a core: there was no more to have


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

    def middle(self, name: Literal["p50", "p99", "own_cpu", "server_cpu", "postgres_cpu", "memory", "beside"]) -> float:
        """The median of one of `Measured`'s numbers."""
        numbers: list[float] = [getattr(each, name) for each in self.rounds]
        return median(numbers)


Results = Mapping[str, Mapping[str, Series]]  # work → contender → rounds


def ratios(results: Results, ours: str, peers: Sequence[str]) -> str:
    """The table of ratios, in Markdown: we to each of the others, and the first peer to the limit."""
    rows = []
    pairs = [*((ours, other) for other in (*peers, LIMIT)), (peers[0], LIMIT)]
    for work, by_name in results.items():
        cells = [f"**{work}** {WORKS[work]}"]
        for one, other in pairs:
            if one not in by_name or other not in by_name:
                cells.append("–")
                continue
            ratio = by_name[one].rate / by_name[other].rate
            goal = GOALS.get(work, {}).get(other) if one == ours else None
            told = "" if goal is None else f" ({'reached' if ratio >= goal else 'not reached'}: ≥ {goal:g})"
            cells.append(f"{ratio:.2f}{told}")
        rows.append(cells)
    return grid(["work", *(f"{one} / {other}" for one, other in pairs)], rows)


def bound(series: Series) -> str:
    """What kept a server from answering more, when that was not its own core: empty when it was."""
    postgres, generator = series.middle("postgres_cpu"), series.middle("own_cpu")
    if series.middle("server_cpu") >= FULL:
        return ""
    if postgres + generator >= FULL:
        return "generator" if generator > postgres else "PostgreSQL"
    return "waiting"


def numbers(results: Results, statements: Mapping[tuple[str, str], float]) -> str:
    """What was measured, contender by contender, in Markdown; `statements` for each request of (work, contender)."""
    rows = []
    for work, by_name in results.items():
        for name, series in by_name.items():
            beside = series.middle("beside")
            cells = [work + (f" (beside {beside:.0f} reports)" if beside else ""), name]
            mark = f" ⚠ {bound(series)}" if name != LIMIT and bound(series) else ""
            cells += [f"{series.rate:,.0f}{mark}", f"± {series.spread / 2:.0%}"]
            said = statements.get((work, name))
            served = [
                f"{series.middle('p50'):.1f}",
                f"{series.middle('p99'):.1f}",
                f"{series.middle('server_cpu'):.0%}",
                f"{series.rate / max(0.01, series.middle('server_cpu')):,.0f}",
                f"{series.middle('memory'):,.0f}",
                "–" if said is None else f"{said:.1f}",
                f"{series.middle('own_cpu'):.0%}",
            ]
            cells += served if name != LIMIT else ["–"] * len(served)
            rows.append([*cells, f"{series.middle('postgres_cpu'):.0%}"])
    head = ["work", "contender", "per second", "rounds", "p50 ms", "p99 ms", "its core", "per CPU second"]
    return grid([*head, "memory MB", "statements", "generator", "PostgreSQL"], rows)


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
