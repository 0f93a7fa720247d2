"""From replay to live every event comes exactly once; the slow resume; one failure is nobody else's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from server.database import DatabaseUnavailable
from server.events.log import Recorded
from server.events.position import Position
from server.live.ends import End
from server.live.hub import Ended
from server.live.row_images import RowImages
from server.live.watch import Watch
from server.live.watcher import QUEUE, Found, Watcher
from tests.engine.events.made import until
from tests.engine.live.site import NOW, City, Site


async def follow(site: Site, city: City, after: Position | None, field: str = "taskChanged") -> Watcher:
    watch = site.live.watches[field]
    return await site.hub.open(watch, city.outsider.viewer, lambda _, as_of: True, after, NOW)


async def take(site: Site, watcher: Watcher, count: int) -> list[Found]:
    async with asyncio.timeout(15):
        return [await site.hub.next(watcher) for _ in range(count)]


async def join(site: Site, watcher: Watcher) -> asyncio.Task[Found]:
    """Ask for the next in the background, and wait until the watcher is among the live ones."""
    asking = asyncio.create_task(site.hub.next(watcher))
    await until(lambda: watcher.joined)
    return asking


@pytest.mark.parametrize("field", ["taskChanged", "events"])
async def test_events_committed_during_a_replay_come_exactly_once(site: Site, city: City, field: str) -> None:
    tasks = [await city.task() for _ in range(4)]
    await city.is_known_to(site)
    start = site.reader.position
    done: list[Position] = []
    chance = random.Random(3)

    async def write() -> None:
        for n in range(60):
            done.append((await city.change(tasks[n % 4], progress=n + 1)).position)
            await asyncio.sleep(chance.random() * 0.004)

    async def watch() -> list[Position]:
        own = random.Random(chance.random())
        await asyncio.sleep(own.random() * 0.2)
        watcher = await follow(site, city, start, field)
        found: list[Position] = []
        while len(found) < 60:
            found.append((await take(site, watcher, 1))[0].position)
            await asyncio.sleep(own.random() * 0.004)
        assert not watcher.queue
        site.hub.close(watcher)
        return found

    results = await asyncio.gather(write(), *(watch() for _ in range(6)))
    for found in results[1:]:
        assert found == sorted(done)


async def test_the_step_among_the_live_ones_cannot_fall_between_a_batch_and_its_offer(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watcher joins while the hub waits for the images of a batch that it has not been offered."""
    task = await city.task()
    await city.is_known_to(site)
    start = site.hub.position
    first = await follow(site, city, start)
    asking = await join(site, first)
    going, gate = asyncio.Event(), asyncio.Event()
    of = site.images.of

    async def slow(table: str, events: Sequence[Recorded]) -> object:
        going.set()
        await gate.wait()
        return await of(table, events)

    monkeypatch.setattr(site.images, "of", slow)
    change = await city.change(task, progress=5)
    await asyncio.wait_for(going.wait(), 10)
    second, log = await follow(site, city, start), await follow(site, city, start, "events")
    asked = [await join(site, second), await join(site, log)]
    gate.set()
    for found in (await asking, await asked[0], await asked[1]):
        assert found.position == change.position
    for watcher in (first, second, log):
        assert not watcher.queue
        site.hub.close(watcher)


async def test_a_watcher_with_a_cursor_ahead_of_this_process_is_told_nothing_twice(site: Site, city: City) -> None:
    """Its cursor is another process's, whose reader was faster."""
    task = await city.task()
    await city.is_known_to(site)
    seen = await city.change(task, progress=1)
    watcher = await follow(site, city, seen.position)
    asking = await join(site, watcher)
    new = await city.change(task, progress=2)
    assert (await asking).position == new.position
    site.hub.close(watcher)


async def test_a_watcher_that_does_not_keep_up_is_ended_with_the_place_of_what_was_sent(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    watcher = await follow(site, city, None)
    asking = await join(site, watcher)
    sent = await city.change(task, progress=1)
    await asking
    watcher.sent()
    (seen,) = (await RowImages(site.pool).of("task", [sent])).values()
    await city.change(task, progress=2)
    await until(lambda: len(watcher.queue) == 1)
    for _ in range(QUEUE - 1):
        watcher.queue.append(watcher.queue[0])
    await city.change(task, progress=3)
    await until(lambda: watcher.end is End.BEHIND)
    assert seen.event.position == sent.position
    with pytest.raises(Ended) as ended:
        await site.hub.next(watcher)
    assert (ended.value.end, watcher.resume_from) == (End.BEHIND, sent.position)
    again = await follow(site, city, watcher.resume_from)
    assert len(await take(site, again, 2)) == 2
    assert len(site.hub) == 0


async def test_when_the_images_cannot_be_made_watchers_resume_rather_than_miss_it(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await city.task()
    await city.is_known_to(site)
    watcher = await follow(site, city, None)
    asking = await join(site, watcher)

    async def fails(*_: object) -> object:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(site.images, "of", fails)
    change = await city.change(task, progress=1)
    with pytest.raises(Ended) as ended:
        await asking
    monkeypatch.undo()
    assert ended.value.end is End.NO_DATABASE
    assert watcher.resume_from < change.position
    again = await follow(site, city, watcher.resume_from)
    assert (await take(site, again, 1))[0].position == change.position


async def test_a_filter_that_fails_ends_its_own_watcher_only(site: Site, city: City) -> None:
    def fails(_: object, as_of: object) -> bool:
        raise ZeroDivisionError

    watch: Watch = site.live.watches["taskChanged"]
    broken = await site.hub.open(watch, city.outsider.viewer, fails, None, NOW)
    whole = await follow(site, city, None)
    asked = [await join(site, broken), await join(site, whole)]
    task = await city.task()
    assert (await asked[1]).subject_id == task.id
    with pytest.raises(Ended) as ended:
        await asked[0]
    assert ended.value.end is End.FAULT
    site.hub.close(whole)


async def test_images_are_the_row_as_it_was_whatever_happened_since(site: Site, city: City) -> None:
    task = await city.task("Satu", progress=0)
    first = await city.change(task, title="Dua", assignee_id=city.staff.account_id)
    second = await city.change(task, title="Tiga", assignee_id=None)
    third = await city.change(task, progress=50)
    images = await RowImages(site.pool).of("task", [first, second, third])
    rows = [(images[event.id].before, images[event.id].after) for event in (first, second, third)]
    shown = [[(image or {})["title"] for image in pair] for pair in rows]
    assert shown == [["Satu", "Dua"], ["Dua", "Tiga"], ["Tiga", "Tiga"]]
    assert [(pair[1] or {})["assignee_id"] for pair in rows] == [city.staff.account_id, None, None]
    assert [(pair[1] or {})["version"] for pair in rows] == [2, 3, 4]
    assert (rows[2][0] or {})["progress"] == 0
