"""What is so already is no fault: the verb succeeds, says so, and leaves no trace."""

from __future__ import annotations

from graphql import get_named_type
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from tests import inputs
from tests.city import City


async def changes(city: City) -> int:
    await city.settled()
    (found,) = await city.rows("SELECT count(*) AS n FROM event")
    count: int = found["n"]
    return count


async def test_an_import_that_is_run_again_changes_nothing_and_succeeds(city: City) -> None:
    task = await city.task(city.camat, dueOn=city.day(3))
    given = {"taskId": task, "title": "Judul dari sistem lain", "priority": "HIGH"}
    first = await city.camat.mutate("updateTask", given, "task { id version }")
    before = await changes(city)
    key = {"idempotencyKey": "malam-1"}
    for more, is_replay in (({}, False), (key, False), (key, True), ({"dryRun": True}, False)):
        again = await city.camat.mutate("updateTask", {**given, **more}, "task { id version }")
        assert (again["isUnchanged"], again["isReplay"], again["task"]) == (True, is_replay, first["task"])
    assert (first["isUnchanged"], await changes(city)) == (False, before)


async def test_a_key_under_which_it_was_done_tells_of_that_and_not_that_nothing_changed(city: City) -> None:
    given = {"taskId": await city.task(city.camat), "title": "Judul baru", "idempotencyKey": "malam-2"}
    await city.camat.mutate("updateTask", given)
    again = await city.camat.mutate("updateTask", given)
    assert (again["isUnchanged"], again["isReplay"]) == (False, True)


async def test_the_second_try_of_what_was_so_already_undoes_no_later_change(city: City) -> None:
    task = await city.task(city.camat, title="Angkut sampah")
    given = {"taskId": task, "title": "Angkut sampah", "idempotencyKey": "malam-3"}
    assert (await city.camat.mutate("updateTask", given))["isUnchanged"]
    await city.camat.mutate("updateTask", {"taskId": task, "title": "Angkut sampah pasar"})
    again = await city.camat.mutate("updateTask", given, "task { title }")
    assert (again["isUnchanged"], again["isReplay"], again["task"]["title"]) == (True, True, "Angkut sampah pasar")
    error = await city.camat.refused("updateTask", {**given, "title": "Lain"})
    assert error["code"] == "KEY_REUSED"


async def test_who_may_not_change_it_is_not_told_that_it_is_so_already(city: City) -> None:
    task = await city.task(city.camat)
    title = (await city.camat.query("query($t: ID!) { task(by: {id: $t}) { title } }", t=task))["task"]["title"]
    error = await city.neighbour.refused("updateTask", {"taskId": task, "title": title})
    assert error["code"] == "NOT_YOUR_ORGANISATION"
    stale = await city.camat.refused("updateTask", {"taskId": task, "title": title, "ifVersion": 99})
    assert stale["code"] == "STALE_VERSION"


async def test_an_account_that_is_so_already_is_told_in_the_same_way(city: City) -> None:
    payload = await city.admin.mutate("updateAccount", {"accountId": city.camat.id}, "account { id }")
    assert (payload["isUnchanged"], payload["account"]["id"]) == (True, city.camat.id)


def test_every_update_names_in_its_input_what_its_payload_tells_of() -> None:
    updates = [name for name in inputs.mutations() if name.startswith("update")]
    mutation = inputs.GRAPHQL.mutation_type
    assert mutation is not None
    assert len(updates) > 5
    for name in updates:
        thing = to_snake_case(name.removeprefix("update"))
        assert f"{to_camel_case(thing)}Id" in inputs.mutations()[name].fields, name
        assert to_camel_case(thing) in get_named_type(mutation.fields[name].type).fields, name
