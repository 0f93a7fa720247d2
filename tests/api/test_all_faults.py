"""A form is mended at once: every field that is at fault is told, and nothing is kept of the tries that find them."""

from __future__ import annotations

from tests.city import City


async def faults(city: City, verb: str, **given: object) -> list[tuple[str, tuple[str, ...]]]:
    """Codes and paths, in order."""
    payload = await city.camat.attempt(verb, given)
    return [(each["code"], tuple(each["path"])) for each in payload["errors"]]


async def test_every_field_of_a_form_that_is_at_fault_is_told(city: City) -> None:
    before = await city.rows("SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM task) AS tasks")
    wrong = {
        "organisation": {"code": city.camat.organisation}, "title": " ", "externalId": "x" * 500, "dueOn": "1950-01-01",
        "startsOn": "1960-01-01", "kelurahan": {"code": "12.71.99.9999"}, "checklist": ["Satu", ""],
    }  # fmt: skip
    for dry_run in (False, True):
        told = await faults(city, "createTask", **wrong, dryRun=dry_run)
        assert {("REQUIRED", ("title",)), ("TOO_LONG", ("externalId",)), ("REQUIRED", ("checklist", "1"))} <= set(told)
        assert ("NOT_FOUND", ("kelurahan",)) in told
        assert len({path[0] for _, path in told}) == len(told)
    assert before == await city.rows(
        "SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM task) AS tasks"
    )


async def test_whoever_mends_what_is_told_passes(city: City) -> None:
    given = {
        "organisation": {"code": city.camat.organisation},
        "title": "",
        "externalId": "x" * 500,
        "kelurahan": {"code": "?"},
    }
    good = {"title": "Angkut sampah", "externalId": "A-1", "kelurahan": {"code": city.lurah.organisation}}
    told = await faults(city, "createTask", **given)
    assert {path for _, path in told} == {("title",), ("externalId",), ("kelurahan",)}
    await city.camat.mutate("createTask", given | {path[0]: good[path[0]] for _, path in told})


async def test_a_single_fault_and_what_is_no_field_s_fault_stay_alone(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Kerja"}
    assert await faults(city, "createTask", **given, externalId="x" * 500) == [("TOO_LONG", ("externalId",))]
    task = await city.task(city.neighbour)
    assert await faults(city, "updateTask", taskId=task, title="") == [("NOT_YOUR_ORGANISATION", ())]
    mine = await city.task(city.camat)
    told = await faults(city, "updateTask", taskId=mine, title="", description="x" * 20_000)
    assert told == [("REQUIRED", ("title",)), ("TOO_LONG", ("description",))]
