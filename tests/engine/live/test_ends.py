"""Many streams that one batch of the log concerns: each ends, and the log does not wait for each by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from server.events.log import Recorded
from server.live.ends import AT_ONCE, End, SignIn, Stream, Streams
from server.rules.event import EventType
from server.rules.viewer import Role
from tests.engine.events.made import until
from tests.engine.live.site import NOW, City, Person, Site
from tests.engine.live.test_sockets import account_event


class LookUps:
    """Which sign-ins were looked up how often, and how many at once."""

    def __init__(self, found: Callable[[SignIn], SignIn | None]) -> None:
        self.found = found
        self.of: Counter[UUID] = Counter()
        self.now = self.most = 0

    async def __call__(self, sign_in: SignIn) -> SignIn | None:
        self.of[sign_in.sign_in_id] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)  # whoever may begin meanwhile does
        self.now -= 1
        return self.found(sign_in)


async def told_of(site: Site, city: City, person: Person) -> list[Recorded]:
    """A batch of three events about a person's account."""
    await account_event(city, person, EventType.SIGNED_OUT_EVERYWHERE)
    await until(lambda: site.streams.recent)
    event = site.streams.recent[-1]
    return [replace(event, sequence=event.sequence + n) for n in range(3)]


async def opened(streams: Streams, site: Site, *people: Person) -> list[Stream]:
    made = []
    for person in people:
        stream = streams.open()
        await streams.identified(stream, person, site.reader.position)
        made.append(stream)
    return made


async def test_all_streams_of_a_sign_in_share_one_look_up_of_a_batch(site: Site, city: City) -> None:
    look = LookUps(lambda _: None)
    streams = Streams(site.reader, lambda: NOW, look, today=NOW.date)
    batch = await told_of(site, city, city.outsider)
    concerned = await opened(streams, site, *[city.outsider] * 500)
    (other,) = await opened(streams, site, city.staff)
    await streams.consume(batch)
    assert {stream.end for stream in concerned} == {End.REVOKED}
    assert other.end is None
    assert look.of == {city.outsider.sign_in_id: 1}


async def test_the_sign_ins_of_a_batch_are_looked_up_a_few_at_a_time(site: Site, city: City) -> None:
    look = LookUps(lambda _: None)
    streams = Streams(site.reader, lambda: NOW, look, today=NOW.date)
    batch = await told_of(site, city, city.outsider)
    people = [Person(city.outsider.viewer) for _ in range(3 * AT_ONCE + 1)]
    concerned = await opened(streams, site, *people)
    await streams.consume(batch)
    assert {stream.end for stream in concerned} == {End.REVOKED}
    assert look.of == {person.sign_in_id: 1 for person in people}
    assert look.most == AT_ONCE


async def test_who_shares_a_look_up_is_measured_by_the_viewer_that_it_works_with(site: Site, city: City) -> None:
    old = city.outsider
    new = replace(old, viewer=replace(old.viewer, role=Role.HEAD))
    streams = Streams(site.reader, lambda: NOW, LookUps(lambda _: new), today=NOW.date)
    batch = await told_of(site, city, old)
    behind, level = await opened(streams, site, old, new)
    await streams.consume(batch)
    assert (behind.end, level.end) == (End.CHANGED, None)


async def test_one_sign_in_that_cannot_be_looked_up_does_not_keep_the_others_from_their_end(
    site: Site, city: City
) -> None:
    broken, *people = (Person(city.outsider.viewer) for _ in range(3))

    def found(sign_in: SignIn) -> None:
        if sign_in.sign_in_id == broken.sign_in_id:
            raise OSError

    streams = Streams(site.reader, lambda: NOW, LookUps(found), today=NOW.date)
    batch = await told_of(site, city, city.outsider)
    concerned = await opened(streams, site, broken, *people)
    await streams.consume(batch)
    assert [stream.end for stream in concerned] == [End.NO_DATABASE, End.REVOKED, End.REVOKED]
