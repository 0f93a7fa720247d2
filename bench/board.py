"""R3, the status board: the aggregate SQL that the peers answer with, and that our answer equals its recount."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import works
from bench.compare import must_agree
from bench.contenders import Contender, Running
from bench.dataset import Sample
from server.database import Connection

SQL = (Path(__file__).parent / "limit" / "R3.sql").read_text()
# What is read of the board besides numbers that the recount has, and differs by nature.
_PERCENTS = ("averageAchievementToDate", "achievementToDate")
_OURS = ("cursor",)
TRIES = 50


async def make_function(connection: Connection) -> None:
    """The aggregate SQL as a function, for those who answer with it."""
    body = f"CREATE FUNCTION bench.status_board() RETURNS jsonb LANGUAGE sql STABLE AS $board$\n{SQL}$board$"
    await connection.execute(body)


async def compare(
    connection: Connection, running: dict[str, tuple[Contender, Running]], sample: Sample, tokens: list[str]
) -> None:
    """Raises Different unless every board equals a recount over the tables themselves."""
    each = next(works.asked("R3", sample))
    for name, (contender, port) in running.items():
        for _ in range(TRIES):
            before = await recount(connection)
            told = await works.answer(contender, port, "R3", each, tokens[each.reporter])
            if before == await recount(connection):
                break  # else something was written meanwhile: our sweep has just begun
        else:
            raise RuntimeError("something is written all the time, so no board can be compared")
        must_agree("R3", {"a recount": _plain(before), name: _plain(_parsed(told["board"]))})


async def compare_after_reports(
    connection: Connection, running: dict[str, tuple[Contender, Running]], sample: Sample, tokens: list[str]
) -> None:
    """The same once more just after some reports, so that nobody answers from what was true before."""
    reports = [*works.asked("W1", sample)][:5]
    for name, (contender, port) in running.items():
        for each in reports:
            told = works.Asked(each.reporter, each.variables | {"key": f"{name}-{each.about[1]}"}, each.about)
            await works.answer(contender, port, "W1", told, tokens[each.reporter])
        await compare(connection, {name: (contender, port)}, sample, tokens)
        await works.put_back(connection)


async def recount(connection: Connection) -> Any:
    """The board as the tables themselves say it is."""
    return _parsed(await connection.fetchval(SQL))


def _parsed(board: Any) -> Any:
    """Whoever sends JSON within JSON sends a string."""
    return json.loads(board) if isinstance(board, str) else board


def _plain(board: Any) -> Any:
    """Without the cursor; percentages as numbers, however they are written (57 or 57.0)."""
    if isinstance(board, dict):
        return {
            name: float(each) if name in _PERCENTS and each is not None else _plain(each)
            for name, each in board.items()
            if name not in _OURS
        }
    if isinstance(board, list):
        return [_plain(each) for each in board]
    return board
