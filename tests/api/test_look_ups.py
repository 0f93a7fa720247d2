"""One row by one key: every look-up takes `by`, and finds what the viewer may see."""

from __future__ import annotations

from graphql import GraphQLInputObjectType, get_named_type, is_enum_type

from tests import inputs
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
        task(by: {organisationExternalId: {organisation: {code: "DLH"}, externalId: $id}}) { id } }"""
    assert (await city.dlh.query(query, id="SIPD-7/a"))["task"] == {"id": task}
    assert (await city.dlh.query(query, id="sipd-7/a"))["task"] is None
    await city.dlh.mutate("cancelTask", {"taskId": task, "reason": "Tidak jadi"})
    await city.dlh.mutate("archiveTask", {"taskId": task})
    assert (await city.dlh.query(query, id="SIPD-7/a"))["task"] == {"id": task}


async def test_what_has_a_code_is_named_by_it_or_by_its_id_in_look_ups_and_verbs_alike(city: City) -> None:
    dlh = city.dlh.organisation_id
    plan = await city.draft(city.dlh)
    made = [
        await city.task(city.dlh, organisation=key, externalId=f"X-{n}", workPlanId=plan)
        for n, key in enumerate(({"code": "DLH"}, {"id": dlh}))
    ]
    query = """query($key: OrganisationKey!, $id: String!) {
        task(by: {organisationExternalId: {organisation: $key, externalId: $id}}) { id }
        workPlan(by: {organisationYear: {organisation: $key, year: 2026}}) { id } }"""
    for key in ({"code": "DLH"}, {"id": dlh}):
        for n, task in enumerate(made):
            found = await city.dlh.query(query, key=key, id=f"X-{n}")
            assert found == {"task": {"id": task}, "workPlan": {"id": plan}}
    request = {"givers": [{"id": dlh}, {"code": "DINKES"}], "title": "Bantu", "neededOn": city.day(5)}
    asked = await city.camat.mutate("requestCollaboration", request, "requests { giver { code } }")
    assert [each["giver"]["code"] for each in asked["requests"]] == ["DLH", "DINKES"]
    misnamed = """mutation($id: ID!) {
        createTask(input: {organisation: {id: $id}, title: "Kerja"}) { errors { code path } } }"""
    answer = await city.dlh.ask(misnamed, {"id": made[0]})
    (error,) = answer["errors"]
    place = ["input", "organisation", "id"]
    assert (error["extensions"]["path"], error["extensions"]["constraint"]) == (place, "org_…")
    unknown = {"organisation": {"id": inputs.unknown_id("organisationId")}, "title": "Kerja"}
    refused = await city.dlh.refused("createTask", unknown)
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["organisation"])


def test_no_verb_names_by_a_code_alone_what_has_an_id_too() -> None:
    by_code = [
        f"{verb}.{field}"
        for verb, kind in inputs.mutations().items()
        for field in kind.fields
        if field.endswith("Code")
    ]
    assert by_code == [], "take an OrganisationKey or a ProgrammeKey (server/schema/keys.py)"


async def test_an_account_is_found_by_its_login_by_those_who_see_logins(city: City) -> None:
    query = "query($login: String!) { account(by: {login: $login}) { id } }"
    for who, sees in ((city.dlh, True), (city.admin, True), (city.camat, False), (city.mayor, False)):
        found = (await who.query(query, login=city.dlh.login))["account"]
        assert found == ({"id": city.dlh.id} if sees else None), who.login


async def test_a_login_is_read_as_at_the_door_in_look_ups_and_filters(city: City) -> None:
    query = """query($login: String!) {
        account(by: {login: $login}) { id }
        accounts(filter: {or: [{login: {eq: $login}}, {login: {in: [$login]}}]}) { nodes { id } } }"""
    for typed in (city.dlh.login.upper(), f"  {city.dlh.login} ", f"\t{city.dlh.login.title()}"):
        assert await city.dlh.query(query, login=typed) == {
            "account": {"id": city.dlh.id},
            "accounts": {"nodes": [{"id": city.dlh.id}]},
        }, typed
    literal = f'{{ account(by: {{login: " {city.dlh.login.upper()}"}}) {{ id }} }}'
    assert (await city.dlh.query(literal))["account"] == {"id": city.dlh.id}
    assert (await city.dlh.query(query, login=f"{city.dlh.login}x"))["account"] is None


async def test_an_id_of_another_type_is_refused_at_its_place(city: City) -> None:
    answer = await city.dlh.ask(f'{{ task(by: {{id: "{city.dlh.id}"}}) {{ id }} }}')
    (error,) = answer["errors"]
    assert (error["extensions"]["path"], error["extensions"]["constraint"]) == (["task", "by", "id"], "task_…")
