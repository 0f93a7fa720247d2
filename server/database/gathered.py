"""Group commit: calls that arrive while one piece of work is running wait, and are then answered by one piece together.

PostgreSQL does the same with commits, which share a write to the disk. A call that comes alone starts at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gathered(Generic[T, R]):
    """Answers calls in batches: `work` gets the items that are waiting and returns their answers in the same order.

    One batch runs at a time; the next one waits for it at most `patience` seconds. A batch holds at most `most` items.
    If `work` raises, every call of the batch raises. What went wrong with one item alone must be that item's answer.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        most: int = 100,
        patience: float = 0.02,
    ) -> None:
        self._work = work
        self._most = most
        self._patience = patience
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._serving: asyncio.Task[None] | None = None  # who takes what comes
        self._all: set[asyncio.Task[None]] = set()

    async def __call__(self, item: T) -> R:
        """What `work` answers for this one. Work that began before the call never answers it."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._serving is None:
            self._serve()
        return await answer

    def _serve(self) -> None:
        # A task begins with the loop's next turn: who else calls in this one comes along.
        self._serving = task = asyncio.create_task(self._run())
        self._all.add(task)
        task.add_done_callback(self._all.discard)

    async def _run(self) -> None:
        me, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert me is not None
        while self._waiting and self._serving is me:
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            late = loop.call_later(self._patience, self._let_others_serve, me)
            # What comes next is begun before those who are answered here go on: PostgreSQL need not wait for them.
            await self._answer([each for each in taken if not each[1].done()])  # who gave up is left out
            late.cancel()
        if self._serving is me:
            self._serving = None

    def _let_others_serve(self, late: asyncio.Task[None]) -> None:
        if self._serving is late:
            self._serving = None
            if self._waiting:
                self._serve()

    async def _answer(self, asked: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        if not asked:
            return
        try:
            found = await self._work([item for item, _ in asked])
            for (_, answer), result in zip(asked, found, strict=True):
                if not answer.done():
                    answer.set_result(result)
        except BaseException as problem:
            for number, (_, answer) in enumerate(asked):
                if not answer.done():
                    # Each his own, or each one's traceback would be added to the others'.
                    answer.set_exception(copy(problem) if number else problem)
            if not isinstance(problem, Exception):
                raise
