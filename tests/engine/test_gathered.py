"""Many do together what each asked for, and nobody bears another's delay."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from server.database import Gathered


class Work:
    """Doubles numbers when it is let to, and remembers what was done together."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.is_let = asyncio.Event()
        self.is_let.set()
        self.wrong: dict[int, type[Exception]] = {}

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.done.append([*numbers])
        await self.is_let.wait()
        for number in numbers:
            if number in self.wrong:
                raise self.wrong[number](number)
        return [number * 2 for number in numbers]


async def begun(work: Work, times: int) -> None:
    async with asyncio.timeout(5):
        while len(work.done) < times:
            await asyncio.sleep(0.001)


async def test_who_comes_alone_is_answered_alone() -> None:
    work = Work()
    gathered = Gathered(work)
    assert [await gathered(1), await gathered(2)] == [2, 4]
    assert work.done == [[1], [2]]


async def test_who_comes_in_the_same_turn_is_answered_together() -> None:
    work = Work()
    gathered = Gathered(work)
    assert await asyncio.gather(*map(gathered, range(5))) == [0, 2, 4, 6, 8]
    assert work.done == [[0, 1, 2, 3, 4]]


async def test_who_comes_while_work_goes_on_waits_for_the_next_which_begins_after_him() -> None:
    work = Work()
    gathered = Gathered(work, patience=60)
    work.is_let.clear()
    first = asyncio.create_task(gathered(1))
    await begun(work, 1)
    later = [asyncio.create_task(gathered(number)) for number in (2, 3)]
    await asyncio.sleep(0.01)
    assert work.done == [[1]]
    work.is_let.set()
    assert await asyncio.gather(first, *later) == [2, 4, 6]
    assert work.done == [[1], [2, 3]]


async def test_work_that_takes_long_delays_nobody_else() -> None:
    work = Work()
    gathered = Gathered(work, patience=0.01)
    work.is_let.clear()
    slow = asyncio.create_task(gathered(1))
    await begun(work, 1)
    waiting = asyncio.create_task(gathered(2))
    await begun(work, 2)  # begun though the first is still at it
    work.is_let.set()
    assert [await slow, await waiting, await gathered(3)] == [2, 4, 6]


async def test_no_more_are_done_together_than_allowed() -> None:
    work = Work()
    gathered = Gathered(work, most=3)
    assert await asyncio.gather(*map(gathered, range(7))) == [number * 2 for number in range(7)]
    assert [len(each) for each in work.done] == [3, 3, 1]


async def test_an_error_of_the_work_is_everybodys_each_his_own_and_nothing_is_done_twice() -> None:
    work = Work()
    gathered = Gathered(work)
    work.wrong = {2: OSError}
    found = await asyncio.gather(*map(gathered, (1, 2, 3)), return_exceptions=True)
    assert all(isinstance(each, OSError) for each in found)
    assert len({id(each) for each in found}) == 3
    assert work.done == [[1, 2, 3]]
    assert await gathered(5) == 10


async def test_who_gives_up_takes_nobody_along() -> None:
    work = Work()
    gathered = Gathered(work, patience=60)
    work.is_let.clear()
    first, second = asyncio.create_task(gathered(1)), asyncio.create_task(gathered(2))
    await begun(work, 1)
    third, fourth = asyncio.create_task(gathered(3)), asyncio.create_task(gathered(4))
    await asyncio.sleep(0.01)
    first.cancel()  # while his work is under way
    third.cancel()  # before it began
    work.is_let.set()
    assert [await second, await fourth] == [4, 8]
    assert work.done == [[1, 2], [4]]
    with pytest.raises(asyncio.CancelledError):
        await first
