"""What is made for somebody reaches nobody else, whatever happens to them while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import pytest

from server.query.run.question import Question
from tests.api.test_live import live
from tests.city import City
from tests.person import Person
from tests.watching import EventStream, Watcher, until

DRAFTS = "query @live { workPlans(first: 5) { nodes { title } } }"
SECRET = "Rencana yang dirahasiakan"


async def disabled(city: City) -> None:
    await city.admin.mutate("disableAccount", {"accountId": city.dlh_staff.id})


async def moved(city: City) -> None:
    change = {"accountId": city.dlh_staff.id, "organisation": {"code": city.neighbour.organisation}}
    await city.admin.mutate("updateAccount", change)


async def demoted(city: City) -> None:
    await city.admin.mutate("updateAccount", {"accountId": city.dlh_staff.id, "role": "OBSERVER"})


async def signed_out(city: City) -> None:
    await city.admin.mutate("signOutEverywhere", {"accountId": city.dlh_staff.id})


Happens = Callable[[City], Awaitable[None]]
ENDS: tuple[Happens, ...] = (disabled, moved, demoted, signed_out)


def always() -> Iterator[Any]:
    """Each of these ends, each kind and each wire once at least; the whole table takes a minute."""
    for happens, kind, over in zip(ENDS, ("live", "workPlanChanged", "events", "live"), ("sse", "socket") * 2):  # noqa: B905
        yield pytest.param(happens, kind, over, id=f"{happens.__name__}-{kind}-{over}")


def whole_table() -> Iterator[Any]:
    for happens, kind, over in product(ENDS, ("live", "workPlanChanged", "events"), ("socket", "sse")):
        name = f"all-{happens.__name__}-{kind}-{over}"
        yield pytest.param(happens, kind, over, id=name, marks=pytest.mark.exhaustive)


async def follow(person: Person, kind: str, over: str) -> Watcher:
    """Somebody who sees the drafts of the own organisation and is told of them, by one of the ways there are."""
    if kind == "live":
        return await live(person, DRAFTS, "workPlans", over=over)
    return await person.watch(kind, over=over, node="sentence" if kind == "events" else "title")


def has_heard(watcher: Watcher) -> bool:
    heard = watcher.wire.body.decode() if isinstance(watcher.wire, EventStream) else str(watcher.told)
    return SECRET in heard


async def tell(city: City, plan: str) -> None:
    """The secret: of the organisation's draft, told to those who work for it."""
    await city.dlh.mutate("updateWorkPlan", {"workPlanId": plan, "title": SECRET})


@asynccontextmanager
async def busy_with_sign_ins(city: City) -> AsyncIterator[None]:
    """The process has heard that something happened to a sign-in, and looks up what until the end of the block."""
    streams, released = city.site.installation.streams, asyncio.Event()
    still = streams.still

    async def late(sign_in: object) -> object:
        await released.wait()
        return await still(sign_in)  # type: ignore[arg-type]

    streams.still = late  # type: ignore[assignment]
    try:
        yield
    finally:
        released.set()


async def executed_anew(city: City) -> None:
    """Every live query is executed, and has had the time to send what it found."""
    groups = city.site.installation.groups
    before = groups.counts["executed"]
    groups.wake_all("unknown")
    await until(lambda: groups.counts["executed"] > before, what="it is executed")
    await asyncio.sleep(0.3)


def held_answers(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Live answers are made and then held: set once the first is made; to be set so that they go on."""
    begun, released = asyncio.Event(), asyncio.Event()
    answer = Question.answer

    async def slow(self: Question, *given: object) -> object:
        made = await answer(self, *given)  # type: ignore[arg-type]
        begun.set()
        await released.wait()
        return made

    monkeypatch.setattr(Question, "answer", slow)
    return begun, released


@pytest.mark.parametrize(("happens", "kind", "over"), [*always(), *whole_table()])
async def test_what_follows_a_revocation_at_once_reaches_nobody_whom_it_struck(
    city: City, over: str, kind: str, happens: Happens
) -> None:
    plan = await city.draft(city.dlh)
    struck, stays = await follow(city.dlh_staff, kind, over), await follow(city.dlh, kind, over)
    await happens(city)
    await tell(city, plan)
    await until(lambda: has_heard(stays), what="the head is told")
    await struck.ended()
    await city.settled()
    assert not has_heard(struck)


@pytest.mark.parametrize("over", ["socket", "sse"])
@pytest.mark.parametrize("happens", ENDS, ids=lambda each: each.__name__)
async def test_an_answer_whose_snapshot_shows_a_revocation_waits_until_that_has_ended_the_stream(
    city: City, over: str, happens: Happens
) -> None:
    """The process has not read of it yet: it is busy with looking the sign-in up."""
    plan = await city.draft(city.dlh)
    struck = await follow(city.dlh_staff, "live", over)
    async with busy_with_sign_ins(city):
        await happens(city)
        await tell(city, plan)
        await executed_anew(city)
        assert not has_heard(struck)
    await struck.ended()
    await city.settled()
    assert not has_heard(struck)


@pytest.mark.parametrize("happens", ENDS, ids=lambda each: each.__name__)
async def test_a_revocation_ends_a_stream_though_an_open_transaction_holds_the_log_back(
    city: City, happens: Happens
) -> None:
    plan = await city.draft(city.dlh)
    struck, stays = await follow(city.dlh_staff, "live", "socket"), await follow(city.dlh, "live", "socket")
    async with city.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_current_xact_id()")
        await happens(city)
        await tell(city, plan)
        await until(lambda: has_heard(stays), what="the head is told")
        await struck.ended()
    await city.settled()
    assert not has_heard(struck)


async def test_who_joins_while_an_answer_is_made_gets_it_only_if_all_that_it_asked_is_the_same_of_them(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has been read when the second comes: only the answer itself says for whom it is."""
    plan = await city.draft(city.dlh)
    await tell(city, plan)
    begun, released = held_answers(monkeypatch)
    first = asyncio.create_task(live(city.dlh_staff, DRAFTS, "workPlans"))
    await begun.wait()
    second = asyncio.create_task(live(city.outsider, DRAFTS, "workPlans"))
    await asyncio.sleep(0.1)
    released.set()
    mine, theirs = await first, await second
    assert has_heard(mine)
    assert await theirs.next() == {"nodes": []}
    await city.settled()
    assert not has_heard(theirs)


async def test_an_answer_made_for_somebody_who_has_gone_meanwhile_reaches_none_of_those_who_asked_the_same(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(city, await city.draft(city.dlh))
    begun, released = held_answers(monkeypatch)
    gone = await city.dlh_staff.socket()
    gone.start("workPlans", query=DRAFTS)
    await begun.wait()
    waiting = asyncio.create_task(live(city.outsider, DRAFTS, "workPlans"))
    groups = city.site.installation.groups
    await until(lambda: len(groups) == 2, what="the second has come")
    await gone.leave()
    await until(lambda: len(groups) == 1, what="the first has gone")
    released.set()
    assert await (await waiting).next() == {"nodes": []}


async def test_the_gate_waits_for_who_is_told_early_as_well(city: City) -> None:
    """An open transaction holds the log back, and the sign-in is still looked up."""
    plan = await city.draft(city.dlh)
    struck = await follow(city.dlh_staff, "live", "socket")
    async with city.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_current_xact_id()")
        async with busy_with_sign_ins(city):
            await signed_out(city)
            await tell(city, plan)
            await executed_anew(city)
            assert not has_heard(struck)
        await struck.ended()
    await city.settled()
    assert not has_heard(struck)
