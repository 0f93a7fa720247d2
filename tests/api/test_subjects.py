"""What every subject has, whatever it is; what a verb made, and what stood in its way, are named."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLInterfaceType

from server.schema import schema
from tests import cases
from tests.city import City
from tests.person import Person
from tests.verbs import mutation_of

SUBJECT = "__typename id version label url history { totalCount } allowedActions { verb }"


async def attempt(person: Person, verb: str, given: dict[str, Any], selection: str) -> Any:
    """The payload of a verb, with a selection that goes into its errors."""
    input_type = f"{verb[0].upper()}{verb[1:]}Input!"
    answer = await person.ask(f"mutation($i: {input_type}) {{ {verb}(input: $i) {{ {selection} }} }}", {"i": given})
    assert "errors" not in answer, answer["errors"]
    return answer["data"][verb]


async def test_what_an_event_and_an_inbox_tell_of_is_a_subject_with_a_name(city: City) -> None:
    plan = await city.approved(city.camat)
    (target, *_) = await city.targets_of(plan)
    await city.camat_staff.mutate("amendTarget", {"targetId": target, "reason": "Perlu.", "targetValue": "90"})
    task = await city.task(city.camat, title="Sapu Jalan Karya")
    case, _, _ = await cases.instructed(city)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Periksa."})
    period = {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(30)}
    await city.mayor.mutate("delegateDecisions", period)
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-09-16", "name": "Pemilihan"})
    passed = {"fromAccountId": city.camat_staff.id, "toAccountId": city.camat.id}
    await city.camat.mutate("handOverMatters", passed)
    seen: dict[str, Any] = {}
    for person in (city.mayor, city.camat):
        log = await person.query(f"{{ events(last: 100) {{ nodes {{ subject {{ {SUBJECT} }} }} }} }}")
        subjects = [each["subject"] for each in log["events"]["nodes"] if each["subject"] is not None]
        assert all(each["label"] for each in subjects)
        assert all(each["history"]["totalCount"] > 0 for each in subjects)
        seen |= {each["__typename"]: each for each in subjects}
    assert {"WorkPlan", "Target", "Task", "Escalation", "Remark", "Delegation", "City", "Amendment"} <= {*seen}
    assert seen["Task"]["label"] or task
    inbox = await city.camat_staff.query("{ viewer { inbox { nodes { subject { label url } } } } }")
    assert all(each["subject"]["label"] for each in inbox["viewer"]["inbox"]["nodes"])
    interface = schema._schema.type_map["Subject"]
    assert isinstance(interface, GraphQLInterfaceType)
    unnamed = {each.name for each in schema._schema.get_possible_types(interface)} - {*seen}
    assert unnamed <= {"Organisation", "Account", "Appointment", "Programme", "Request", "Token"}
    for person, about in ((city.outsider, city.camat), (city.admin, city.dlh)):
        shown = f"label name appointments {{ nodes {{ {SUBJECT} }} }}"
        query = f"query($id: ID!) {{ account(by: {{id: $id}}) {{ {shown} }} }}"
        found = (await person.query(query, id=about.id))["account"]
        assert found["label"] == found["name"]
        assert all(found["name"] in each["label"] for each in found["appointments"]["nodes"])


async def test_allowed_actions_are_those_that_are_asked_for(city: City) -> None:
    task = await city.task(city.camat)
    query = """query($id: ID!, $verbs: [Verb!], $is: Boolean) {
        task(by: {id: $id}) { allowedActions(verbs: $verbs, isAllowed: $is) { verb isAllowed } }
        node(id: $id) { ... on Subject { allowedActions(verbs: [START_TASK]) { verb } } }
        viewer { allowedActions(verbs: $verbs, isAllowed: $is) { verb isAllowed } } }"""

    async def told(**asked: Any) -> dict[str, bool]:
        answer = await city.camat.query(query, id=task, **asked)
        assert answer["node"]["allowedActions"] == [{"verb": "START_TASK"}]
        found = [*answer["task"]["allowedActions"], *answer["viewer"]["allowedActions"]]
        return {mutation_of(each["verb"]): each["isAllowed"] for each in found}

    everything = await told()
    assert {"startTask", "completeTask", "createProgramme"} <= {*everything}
    assert await told(verbs=["START_TASK", "CREATE_PROGRAMME"]) == {
        name: everything[name] for name in ("startTask", "createProgramme")
    }
    assert await told(**{"is": True}) == {name: True for name, each in everything.items() if each}
    assert await told(**{"is": False}, verbs=["START_TASK", "COMPLETE_TASK"]) == {"completeTask": False}
    assert await told(verbs=[]) == {}


async def test_a_conflict_names_what_exists_where_the_viewer_may_see_it(city: City) -> None:
    wanted = "errors { __typename code ... on Conflict { existing { __typename id label } } }"
    task = await city.task(city.camat, title="Sapu", externalId="SIPD-1")
    given = {"organisation": {"code": city.camat.organisation}, "title": "Lain", "externalId": "SIPD-1"}
    (error,) = (await attempt(city.camat, "createTask", given, wanted))["errors"]
    existing = {"__typename": "Task", "id": task, "label": "Sapu"}
    assert error == {"__typename": "Conflict", "code": "ALREADY_EXISTS", "existing": existing}
    keyed = {"organisation": {"code": city.camat.organisation}, "title": "Sekali", "idempotencyKey": "k-1"}
    made = (await city.camat.mutate("createTask", keyed))["task"]["id"]
    both = f"{wanted} again: errors {{ ... on Conflict {{ existing {{ version }} }} }}"
    payload = await attempt(city.camat, "createTask", {**keyed, "title": "Dua kali"}, both)
    assert payload["errors"][0]["existing"] == {"__typename": "Task", "id": made, "label": "Sekali"}
    assert payload["again"] == [{"existing": {"version": 1}}]
    # What graphql-core completes, because something else went wrong, is the same.
    document = f"""mutation($i: CreateTaskInput!) {{ createTask(input: $i) {{ {wanted} }}
        startTask(input: {{taskId: "case_01jd0000000000000000000000"}}) {{ isReplay }} }}"""
    answer = await city.camat.ask(document, {"i": given})
    assert answer["data"]["createTask"]["errors"][0]["existing"] == existing


async def test_a_conflict_names_nothing_that_is_hidden_from_the_viewer(city: City) -> None:
    wanted = "errors { code message path ... on Conflict { existing { __typename id label } } }"
    task = await city.task(city.camat, title="Rahasia", externalId="SIPD-1")
    await city.hide(task, city.neighbour)
    given = {"organisation": {"code": city.camat.organisation}, "title": "Lain", "externalId": "SIPD-1"}
    (error,) = (await attempt(city.camat, "createTask", given, wanted))["errors"]
    assert (error["code"], error["path"], error["existing"]) == ("ALREADY_EXISTS", ["externalId"], None)
    assert "Rahasia" not in error["message"]
    await city.hide(task, city.camat)
    (error,) = (await attempt(city.camat, "createTask", given, wanted))["errors"]
    assert error["existing"] == {"__typename": "Task", "id": task, "label": "Rahasia"}
    # What was done under a key, and is hidden from who did it by now.
    keyed = {"organisation": {"code": city.camat.organisation}, "title": "Sekali", "idempotencyKey": "k-1"}
    made = (await city.camat.mutate("createTask", keyed))["task"]["id"]
    await city.hide(made, city.neighbour)
    (error,) = (await attempt(city.camat, "createTask", {**keyed, "title": "Dua kali"}, wanted))["errors"]
    assert (error["code"], error["existing"]) == ("KEY_REUSED", None)


async def test_a_stale_version_shows_the_thing_and_who_changed_what_since(city: City) -> None:
    task = await city.task(city.camat)
    await city.camat_staff.mutate("startTask", {"taskId": task})
    since = "history(filter: {subjectVersion: {gt: 1}}) { nodes { type actor { id } changes { field after } } }"
    wanted = f"errors {{ code ... on StaleVersion {{ current subject {{ id version {since} }} }} }}"
    given = {"taskId": task, "title": "Baru", "ifVersion": 1}
    (error,) = (await attempt(city.camat, "updateTask", given, wanted))["errors"]
    assert (error["code"], error["current"]) == ("STALE_VERSION", 2)
    assert (error["subject"]["id"], error["subject"]["version"]) == (task, 2)
    (event,) = error["subject"]["history"]["nodes"]
    assert (event["type"], event["actor"]["id"]) == ("TASK_STARTED", city.camat_staff.id)
    assert {"field": "STATUS", "after": "IN_PROGRESS"} in event["changes"]


async def test_what_a_verb_made_stands_in_its_payload_and_in_its_replay(city: City) -> None:
    task, request = await city.task(city.camat), await city.request(city.camat, city.dlh)
    case, _, _ = await cases.instructed(city)
    made = (
        (city.camat, "commentOnTask", {"taskId": task, "text": "Beres."}, "comment { id text }"),
        (city.camat, "addChecklistItem", {"taskId": task, "text": "Sapu"}, "checklistItem { id text isDone }"),
        (city.camat, "postMessage", {"requestId": request, "text": "Mohon kabar."}, "message { id text }"),
        (city.sekda, "addFollowUp", {"escalationId": case, "text": "Rapat"}, "followUp { id text }"),
        (city.sekda, "remarkOnEscalation", {"escalationId": case, "text": "Periksa."}, "remark { id text label }"),
        (city.sekda, "appendToDecision", {"escalationId": case, "kind": "CORRECTION", "text": "Ralat."},
         "appendix { id text }"),
    )  # fmt: skip
    for person, verb, given, selection in made:
        once = await person.mutate(verb, {**given, "idempotencyKey": f"k-{verb}"}, selection)
        again = await person.mutate(verb, {**given, "idempotencyKey": f"k-{verb}"}, selection)
        (part,) = selection.split()[:1]
        assert once[part]["text"] == given["text"]
        assert (again["isReplay"], again[part]) == (True, once[part])


async def test_a_case_has_a_page_and_says_where(city: City) -> None:
    case = await cases.filed(city)
    found = await cases.look(city.camat, case, "url dossierPath")
    assert found == {"url": None, "dossierPath": f"/dossier/{case}"}  # this server was told no public address
