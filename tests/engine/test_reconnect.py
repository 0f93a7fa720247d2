"""A loop with a connection of its own connects again after every fault, later each time, until something succeeds."""

from __future__ import annotations

import asyncio
import logging

import pytest

from server.database import Connection, ReconnectingLoop

log = logging.getLogger(__name__)


class Enough(BaseException):
    """Ends a loop that never ends."""


class Pauses:
    """Stands in for `asyncio.sleep`: notes how long, and ends the loop after so many."""

    def __init__(self, count: int) -> None:
        self.seconds: list[float] = []
        self._count = count

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self._count:
            raise Enough


async def test_each_pause_is_twice_the_last_one_until_something_succeeds(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Connection] = []

    async def work(connection: Connection) -> None:
        begun.append(connection)
        if len(begun) == 5:
            loop.succeeded()
            assert loop.problem is None
            assert loop.stuck_age is None
        raise ValueError(len(begun))

    loop = ReconnectingLoop(database_url, work, log, name="test", first=1, longest=5)
    pauses = Pauses(6)
    monkeypatch.setattr(asyncio, "sleep", pauses)
    with pytest.raises(Enough):
        await loop.run()
    assert pauses.seconds == [1, 2, 4, 5, 1, 2]
    assert loop.problem == "ValueError: 6"
    assert loop.stuck_age is not None
    assert len({id(each) for each in begun}) == 6
    assert all(each.is_closed() for each in begun)


async def test_a_database_that_is_away_is_a_warning_and_a_fault_is_an_error(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(_: Connection) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(asyncio, "sleep", Pauses(1))
    for url in ("postgresql://nobody@127.0.0.1:1/nothing", database_url):
        with pytest.raises(Enough):
            await ReconnectingLoop(url, work, log, name="test").run()
    told = [(record.levelname, record.exc_info is not None) for record in caplog.records if record.name == __name__]
    assert told == [("WARNING", False), ("ERROR", True)]
