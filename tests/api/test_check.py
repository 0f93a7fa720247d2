"""`kolaborasi check` recounts whatever has versions: rows and their events say the same."""

from __future__ import annotations

from server.actions.check import SUBJECTS, check
from server.actions.rows import shape
from server.ids import encode
from server.models import City as CityRow
from server.models.fields import Subject
from tests import cases
from tests.city import City
from tests.programs import program


async def test_a_version_that_its_events_do_not_tell_is_found_whatever_it_is_of(city: City) -> None:
    (target,) = await city.targets_of(await city.approved(city.camat))
    await city.camat_staff.mutate("amendTarget", {"targetId": target, "targetValue": "80", "reason": "Anggaran."})
    case = await cases.filed(city)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Panggil keduanya."})
    delegated = {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(7)}
    await city.mayor.mutate("delegateDecisions", delegated)
    await city.admin.mutate("makePasswordLink", {"accountId": city.camat_staff.id})
    await city.task(city.camat)
    await program(city)
    passed = {"fromAccountId": city.camat_staff.id, "toAccountId": city.camat.id}
    await city.camat.mutate("handOverMatters", passed)
    assert {*SUBJECTS} == {each for each in Subject.__subclasses__() if each is not CityRow}
    assert await check(city.pool) == []
    for model in SUBJECTS:
        table = shape(model).table
        broken = f"UPDATE {table} SET version = version + $1 WHERE id = (SELECT min(id::text)::uuid FROM {table})"
        (row,) = await city.rows(f"{broken} RETURNING id", 1)
        found = [(each.subject, each.field) for each in await check(city.pool)]
        assert found == [(encode(model.prefix, row["id"]), "version")], table
        await city.rows(f"{broken} RETURNING id", -1)
    assert await check(city.pool) == []


async def test_the_city_alone_has_versions_that_no_event_tells(city: City) -> None:
    """Its row is laid down from files, which leaves no event."""
    assert await city.rows("SELECT 1 FROM city WHERE version = 1")
    assert not await city.rows("SELECT 1 FROM event WHERE subject_type = 'City'")
