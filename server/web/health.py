"""Is it up, is it ready, and how is it doing: /healthz, /readyz and /metrics."""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.actions.at_once import TogetherFacts
from server.database import DatabaseProblem, Pool, is_away
from server.events.reader import ReaderFacts
from server.events.wake import WakeFacts
from server.live.groups import LiveFacts
from server.web.problem import HttpProblem

# Seconds without a successful look at the log, or with finished events held back by a long transaction.
READER_SILENT: Final = 10.0
READER_HELD: Final = 30.0

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# What a demonstration shows without a token, by metric and by route: all that does not move when something happens of
# which not everybody may know. The rest, and what is added later, is for who holds the token.
OPEN: Final = frozenset(
    {"requests_total", "wake_listening", "react_working", "sweep_working", "pool_connections_limit"}
)
OPEN_ROUTES: Final = {"/", "/static", "/healthz", "/readyz", "/metrics", "other"}
# What stands behind a metric's name, and its value; a metric: its name, kind, meaning and samples.
Sample: TypeAlias = tuple[str, float]
Metric: TypeAlias = tuple[str, str, str, Sequence[Sample]]
_ROUTES: Final = ("/graphql", "/auth", "/dossier", "/static", "/healthz", "/readyz", "/metrics")


class Reacting(Protocol):
    """What is told of the loop that reacts to events; `stuck_age` in seconds, None while nothing fails."""

    @property
    def is_working(self) -> bool: ...
    @property
    def stuck_age(self) -> float | None: ...


class Sweeping(Protocol):
    """What is told of the sweeper; ages in seconds, None: never, or nothing fails."""

    @property
    def is_working(self) -> bool: ...
    @property
    def swept_age(self) -> float | None: ...
    @property
    def recorded(self) -> int: ...
    @property
    def stuck_age(self) -> float | None: ...


class Traffic:
    """How many requests there were, how they ended and how long they took."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.durations: dict[str, list[int]] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """One request that ended, by what it asked for; unknown paths and methods count as one."""
        route = "/" if path == "/" else next((each for each in _ROUTES if path.startswith(each)), "other")
        known_method = method if method in ("GET", "POST", "HEAD", "OPTIONS") else "other"
        self.requests[route, known_method, status] += 1
        counts = self.durations.get(route)
        if counts is None:
            counts = self.durations[route] = [0] * (len(BUCKETS) + 1)
        place = 0
        for bound in BUCKETS:
            if seconds <= bound:
                break
            place += 1
        counts[place] += 1
        self.seconds[route] += seconds


class Health:
    """What the three addresses need to know of the process."""

    def __init__(
        self,
        *,
        pool: Pool,
        traffic: Traffic,
        reader: Callable[[], ReaderFacts],
        wake: Callable[[], WakeFacts],
        react: Callable[[], Reacting],
        sweep: Callable[[], Sweeping],
        watchers: Callable[[], int],
        live: Callable[[], LiveFacts],
        ways: Callable[[], Mapping[tuple[str, str | None], int]],
        together: Callable[[], TogetherFacts],
        is_draining: Callable[[], bool],
        resident: Callable[[], int | None],
        longest_pause: Callable[[], float],
        token: str | None,
        demo: bool,
        test_clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`token`: what /metrics asks for; without one it answers in demo mode only. `watchers`: open
        subscriptions to changes. `ways`: how many operations were completed which way, and why when not directly.
        `live`: how live queries fare. `together`: what statements wrote for several verbs. `resident`: bytes
        of memory. `longest_pause`: seconds for which collecting garbage stopped everything. `test_clock`: what the
        rules' clock says, where it was moved."""
        self.pool = pool
        self.traffic = traffic
        self.reader = reader
        self.wake = wake
        self.react = react
        self.sweep = sweep
        self.watchers = watchers
        self.live = live
        self.ways = ways
        self.together = together
        self.is_draining = is_draining
        self.resident = resident
        self.longest_pause = longest_pause
        self.test_clock = test_clock
        self.token = token
        self.demo = demo

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def alive(self, request: Request) -> Response:
        """The process is up."""
        return JSONResponse({"status": "up"})

    async def ready(self, request: Request) -> Response:
        """Database and event reader are well, or one word on what is not."""
        reason = self._reader_reason() or await self._database_reason()
        if reason is not None:
            headers = [(b"retry-after", b"2")]
            raise HttpProblem(503, "INTERNAL", f"not_ready_{reason}", headers=headers, shown={"reason": reason})
        if self.test_clock is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "ready", "testClock": self.test_clock().isoformat()})

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format: everything for the token, in a demonstration without one what is `OPEN`."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.token is not None:
            if not hmac.compare_digest(given.encode(), self.token.encode()):
                raise HttpProblem(401, "UNAUTHENTICATED", "metrics_token")
        elif not self.demo:
            raise HttpProblem(404, "NOT_FOUND", "not_found")
        text = "".join(_written(each) for each in self._metrics() if self.token is not None or each[0] in OPEN)
        return Response(text, media_type="text/plain; version=0.0.4")

    def _reader_reason(self) -> str | None:
        if self.is_draining():
            return "stopping"
        facts = self.reader()
        if not facts.has_started:
            return "database" if facts.problem else "starting"
        if facts.looked_age is None or facts.looked_age > READER_SILENT:
            return "reader"
        if facts.held_age is not None and facts.held_age > READER_HELD:
            return "horizon"
        return None

    async def _database_reason(self) -> str | None:
        try:
            async with self.pool.connection() as connection:
                await connection.fetchval("SELECT 1", timeout=3)
        except Exception as problem:
            if not (isinstance(problem, DatabaseProblem | asyncpg.PostgresError | OSError) or is_away(problem)):
                raise
            return "database"
        return None

    def _metrics(self) -> Iterable[Metric]:
        yield (
            "requests_total",
            "counter",
            "HTTP requests that ended.",
            [
                (f'{{route="{route}",method="{method}",status="{status}"}}', count)
                for (route, method, status), count in sorted(self.traffic.requests.items())
                if self.token is not None or route in OPEN_ROUTES
            ],
        )
        yield "request_seconds", "histogram", "How long HTTP requests took.", list(self._durations())
        reader, wake, react, sweep = self.reader(), self.wake(), self.react(), self.sweep()
        together, ways, live = self.together(), self.ways(), self.live()
        yield (
            "live_wakes_total",
            "counter",
            "Groups that were woken, by reason.",
            [(f'{{reason="{reason}"}}', count) for reason, count in sorted(live.woken.items())],
        )
        yield (
            "operations_total",
            "counter",
            "Queries and mutations, by who completed them.",
            [
                (f'{{way="{way}"}}', sum(count for (name, _), count in ways.items() if name == way))
                for way in ("direct", "ordinary", "refused")
            ],
        )
        yield (
            "operations_ordinary_total",
            "counter",
            "What graphql-core completed, by reason.",
            [(f'{{why="{why}"}}', count) for (_, why), count in sorted(ways.items(), key=str) if why is not None],
        )
        for name, kind, text, value in (
            ("reader_looked_age_seconds", "gauge", "Since the last look at the log.", reader.looked_age),
            ("reader_held_age_seconds", "gauge", "How long events have been held back.", reader.held_age or 0),
            ("reader_horizon_age_seconds", "gauge", "Since the log's horizon last moved.", reader.horizon_age),
            ("reader_events_total", "counter", "Events read.", reader.read),
            ("reader_events_by_poll_total", "counter", "Events that no wake-up announced.", reader.found_by_poll),
            ("wake_listening", "gauge", "Whether wake-ups can arrive.", int(wake.is_listening)),
            ("wake_sent_total", "counter", "Wake-ups sent.", wake.sent),
            ("wake_heard_total", "counter", "Wake-ups heard.", wake.heard),
            ("react_working", "gauge", "Whether this process is the one that reacts to events.", int(react.is_working)),
            ("react_stuck_age_seconds", "gauge", "How long a reaction has been failing.", react.stuck_age or 0),
            ("sweep_working", "gauge", "Whether this process is the one that sweeps deadlines.", int(sweep.is_working)),
            ("sweep_age_seconds", "gauge", "Since everything that was due was last swept.", sweep.swept_age),
            ("sweep_events_total", "counter", "Events that this process's sweeps made.", sweep.recorded),
            ("sweep_stuck_age_seconds", "gauge", "How long a sweep has been failing.", sweep.stuck_age or 0),
            ("together_statements_total", "counter", "Statements for the verbs of a moment.", together.statements),
            ("together_verbs_total", "counter", "Verbs that these statements did.", together.verbs),
            ("together_passed_over_total", "counter", "Verbs that they left to do alone.", together.passed_over),
            ("watchers", "gauge", "Open subscriptions to changes.", self.watchers()),
            ("live_queries", "gauge", "Open live queries.", live.members),
            ("live_groups", "gauge", "Groups of them that share an answer.", live.groups),
            ("live_executions_total", "counter", "Executions for them.", live.executed),
            ("live_equal_total", "counter", "Executions whose answer was as before.", live.equal),
            ("live_sent_seconds", "gauge", "From the last wake to its answer.", live.lag),
            ("live_missed_total", "counter", "Answers that had changed unnoticed: a fault of ours.", live.missed),
            ("pool_connections_lent", "gauge", "Database connections in use.", self.pool.lent),
            ("pool_connections_limit", "gauge", "Database connections at most.", self.pool.size),
            ("pool_waiting", "gauge", "Callers who wait for a connection.", self.pool.waiting),
            ("resident_bytes", "gauge", "Memory in use.", self.resident()),
            ("garbage_longest_pause_seconds", "gauge", "Longest collection of garbage so far.", self.longest_pause()),
        ):
            if value is not None:
                yield name, kind, text, [("", value)]

    def _durations(self) -> Iterable[Sample]:
        for route, counts in sorted(self.traffic.durations.items()):
            total = 0
            for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
                total += count
                yield f'_bucket{{route="{route}",le="{bound}"}}', total
            yield f'_sum{{route="{route}"}}', round(self.traffic.seconds[route], 6)
            yield f'_count{{route="{route}"}}', total


def _written(metric: Metric) -> str:
    name, kind, text, samples = metric
    name = f"kolaborasi_{name}"
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *(f"{name}{label} {value}" for label, value in samples)]
    return "\n".join(lines) + "\n"
