"""One row by one key: every look-up takes `by`, and finds what the viewer may see."""

from __future__ import annotations

from graphql import GraphQLInputObjectType, get_named_type, is_enum_type

from tests.city import City
from tests.walking import ROOTS

BY_THE_ID_OF_ANYTHING = {"node", "nodes"}


def test_every_look_up_takes_exactly_one_key_the_id_among_them() -> None:
    keyed = {name for name, field in ROOTS.items() if "by" in field.args}
    look_ups = {name for name in keyed if not is_enum_type(get_named_type(ROOTS[name].args["by"].type))}  # no groups
    assert look_ups >= {"task", "target", "account", "workPlan", "organisation", "programme", "escalation"}
    for name in look_ups:
        key = get_named_type(ROOTS[name].args["by"].type)
        assert isinstance(key, GraphQLInputObjectType)
        assert key.extensions["strawberry-definition"].is_one_of, name
        assert "id" in key.fields, name
    assert {name for name, field in ROOTS.items() if {"id", "ids"} & field.args.keys()} == BY_THE_ID_OF_ANYTHING


async def test_a_task_is_found_by_its_id_in_another_system_archived_or_not(city: City) -> None:
    task = await city.task(city.dlh, externalId="SIPD-7/a")
    await city.task(city.camat, externalId="SIPD-7/a")  # unique within an organisation only
    query = """query($id: String!) {
        task(by: {organisationExternalId: {organisationCode: "DLH", externalId: $id}}) { id } }"""
    assert (await city.dlh.query(query, id="SIPD-7/a"))["task"] == {"id": task}
    assert (await city.dlh.query(query, id="sipd-7/a"))["task"] is None
    await city.dlh.mutate("cancelTask", {"taskId": task, "reason": "Tidak jadi"})
    await city.dlh.mutate("archiveTask", {"taskId": task})
    assert (await city.dlh.query(query, id="SIPD-7/a"))["task"] == {"id": task}


async def test_an_account_is_found_by_its_login_by_those_who_see_logins(city: City) -> None:
    query = "query($login: String!) { account(by: {login: $login}) { id } }"
    for who, sees in ((city.dlh, True), (city.admin, True), (city.camat, False), (city.mayor, False)):
        found = (await who.query(query, login=city.dlh.login))["account"]
        assert found == ({"id": city.dlh.id} if sees else None), who.login


async def test_an_id_of_another_type_is_refused_at_its_place(city: City) -> None:
    answer = await city.dlh.ask(f'{{ task(by: {{id: "{city.dlh.id}"}}) {{ id }} }}')
    (error,) = answer["errors"]
    assert (error["extensions"]["path"], error["extensions"]["constraint"]) == (["task", "by", "id"], "task_…")
