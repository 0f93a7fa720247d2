"""Programs ask and act by tokens of their own: for what, from where and how long, till they are revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from server.auth.tokens import KeptToken, TokenKind
from server.ids import decode
from server.rules.aggregates import VERBS
from server.rules.viewer import TokenScope
from tests import inputs
from tests.city import City
from tests.person import Person
from tests.process import Site
from tests.programs import EVERYTHING, program, service_account, token
from tests.watching import HOST, EventStream, Socket, until

# Which verbs which scope opens. All that is not here is no program's: accounts, appointments, roles, links, tokens,
# confirmations, delegations, days off, cases, and what heads, reviewers and the mayor's office do.
OPENED: Mapping[str, frozenset[str]] = {
    "PLANS_WRITE": frozenset(
        {
            *("createWorkPlan", "updateWorkPlan", "archiveWorkPlan", "restoreWorkPlan"),
            *("createTarget", "updateTarget", "setMilestones", "amendTarget", "archiveTarget", "restoreTarget"),
            "upsertTargets",
        }
    ),
    "TASKS_WRITE": frozenset(
        {
            *("createTask", "updateTask", "assignTask", "startTask", "reportProgress", "blockTask", "unblockTask"),
            *("completeTask", "reopenTask", "cancelTask", "moveTask", "setTaskDependencies", "addChecklistItem"),
            *("tickChecklistItem", "removeChecklistItem", "addEvidence", "archiveTask", "restoreTask"),
            *("commentOnTask", "editComment", "removeComment", "createTasks", "upsertTasks"),
        }
    ),
    "READINGS_WRITE": frozenset(
        {"recordMeasurement", "supersedeMeasurement", "recordMeasurements", "upsertMeasurements"}
    ),
    "REQUESTS_WRITE": frozenset({"postMessage", "reportProgress", "addEvidence"}),
}


def test_each_scope_opens_the_verbs_of_the_table_and_none_opens_nothing() -> None:
    found = {
        scope.value: frozenset(name for name, verb in VERBS.items() if scope in verb.scopes)
        for scope in TokenScope
        if scope is not TokenScope.READ  # it opens the questions
    }
    assert found == OPENED
    assert all(found.values())


async def test_a_token_does_what_its_scopes_open_and_is_told_of_every_other_verb_why_not(city: City) -> None:
    """The table of doors: every verb, by a token of every scope for the whole city, and by one of each scope."""
    people = {"": await program(city, isCityWide=True, login="integrasi-kota")}
    for scope in OPENED:
        login = f"integrasi-{scope.lower().replace('_', '-')}"
        people[scope] = await program(city, ["READ", scope], login=login)
    wrong = []
    for verb in inputs.mutations():
        for scope, person in people.items():
            errors = (await person.attempt(verb, inputs.complete(verb), "__typename"))["errors"]
            opening = [each for each in OPENED if verb in OPENED[each]]
            told = {each["code"] for each in errors} & {"NOT_FOR_TOKENS", "OUT_OF_SCOPE"}
            expected = {"NOT_FOR_TOKENS"} if not opening else set() if scope in ("", *opening) else {"OUT_OF_SCOPE"}
            if told != expected:
                wrong.append(f"{verb} by {scope or 'all'}: {errors}")
            if told == {"OUT_OF_SCOPE"} and not all(each in errors[0]["message"] for each in opening):
                wrong.append(f"{verb} by {scope}: not told what opens it")
    assert not wrong, "\n".join(wrong)


async def test_a_program_works_for_its_organisation_or_for_the_city_and_the_log_says_through_which_token(
    city: City,
) -> None:
    own, wide = await program(city), await program(city, isCityWide=True, login="integrasi-kota")
    task = await city.task(own)
    event = (await own.mutate("reportProgress", {"taskId": task, "progress": 40}, "event { id sentence through }"))[
        "event"
    ]
    assert event["through"] == "Sinkron malam"
    assert event["sentence"].endswith(", melalui token “Sinkron malam”")
    foreign = {"organisation": {"code": city.camat.organisation}, "title": "Bersih"}
    assert (await own.refused("createTask", foreign))["code"] == "NOT_YOUR_ORGANISATION"
    theirs = (await wide.mutate("createTask", foreign))["task"]["id"]
    assert (await own.refused("startTask", {"taskId": theirs}))["code"] == "NOT_YOUR_ORGANISATION"
    await wide.mutate("startTask", {"taskId": theirs})
    by_hand = (await city.camat.mutate("reportProgress", {"taskId": theirs, "progress": 5}, "event { through }"))[
        "event"
    ]
    assert by_hand == {"through": None}
    plan = await city.approved(city.dlh)
    (target,) = await city.targets_of(plan)
    await own.mutate("recordMeasurement", {"targetId": target, "value": "3", "measuredOn": city.day()})
    who = await own.query(
        "{ viewer { role offices { capacity } token { name scopes isCityWide networks } }"
        " accounts { nodes { login } } }"
    )
    assert who["viewer"] == {
        "role": "INTEGRATION", "offices": [],
        "token": {"name": "Sinkron malam", "scopes": [*EVERYTHING], "isCityWide": False, "networks": []},
    }  # fmt: skip
    assert {each["login"] for each in who["accounts"]["nodes"]} == {None, own.login}


async def test_allowed_actions_foretell_through_a_token_what_the_verbs_say(city: City) -> None:
    reader, worker = await program(city, ["READ"]), await program(city, ["READ", "TASKS_WRITE"], login="integrasi-b")
    task = await city.task(city.dlh)
    asked = "query($id: ID!) { task(by: {id: $id}) { allowedActions { verb isAllowed refusals { code message } } } }"

    async def found(person: Person) -> dict[str, Any]:
        actions = (await person.query(asked, id=task))["task"]["allowedActions"]
        return {each["verb"]: [refusal["code"] for refusal in each["refusals"]] for each in actions}

    read, worked, headed = await found(reader), await found(worker), await found(city.dlh)
    assert read["START_TASK"] == ["OUT_OF_SCOPE"]
    assert read["ASK_FOR_SUPPORT"] == worked["ASK_FOR_SUPPORT"] == ["NOT_FOR_TOKENS"]
    assert worked["START_TASK"] == headed["START_TASK"] == []
    assert (await reader.refused("startTask", {"taskId": task}))["code"] == "OUT_OF_SCOPE"


async def test_what_was_promised_to_another_organisation_takes_the_scope_for_requests(city: City) -> None:
    promise = await city.promise(city.dlh, await city.request(city.camat, city.dlh))
    for_tasks = await program(city, ["READ", "TASKS_WRITE"])
    for_requests = await program(city, ["READ", "REQUESTS_WRITE"], login="integrasi-b")
    ordinary = await city.task(city.dlh)
    given = {"progress": 20}
    assert (await for_tasks.refused("reportProgress", {"taskId": promise, **given}))["code"] == "OUT_OF_SCOPE"
    assert (await for_requests.refused("reportProgress", {"taskId": ordinary, **given}))["code"] == "OUT_OF_SCOPE"
    assert (await for_tasks.refused("startTask", {"taskId": promise}))["code"] == "OUT_OF_SCOPE"
    await for_tasks.mutate("reportProgress", {"taskId": ordinary, **given})
    await for_requests.mutate("reportProgress", {"taskId": promise, **given})
    await for_requests.mutate("addEvidence", {"taskId": promise, "url": "https://contoh.example/foto.jpg"})
    (request,) = await city.rows("SELECT id FROM collaboration_request WHERE commitment_id IS NOT NULL")
    named = (await city.dlh.query("{ requests { nodes { id } } }"))["requests"]["nodes"][0]["id"]
    assert request
    await for_requests.mutate("postMessage", {"requestId": named, "text": "Truk berangkat."})


async def test_a_token_sees_the_drafts_that_it_draws_up_and_no_others(city: City) -> None:
    """“A draft, a plan that was never submitted, with its targets and tasks: its organisation and the reviewers, and a
    token that draws plans up or makes tasks for the whole city.”
    """
    plan = await city.draft(city.dlh)
    asked = "query($id: ID!) { workPlan(by: {id: $id}) { title } }"
    seen = {}
    for login, scopes, wide, organisation in (
        ("integrasi-a", ["READ"], False, "DLH"),
        ("integrasi-b", EVERYTHING, False, "DINKES"),
        ("integrasi-c", ["READ", "TASKS_WRITE"], True, "DINKES"),
        ("integrasi-e", ["READ", "READINGS_WRITE"], True, "DINKES"),
        ("integrasi-d", ["READ", "PLANS_WRITE"], True, "DINKES"),
    ):
        person = await program(city, scopes, organisation=organisation, login=login, isCityWide=wide)
        seen[login] = (await person.query(asked, id=plan))["workPlan"] is not None
        if login == "integrasi-d":
            await person.mutate("updateWorkPlan", {"workPlanId": plan, "title": "Disusun program"})
            assert (await person.refused("submitWorkPlan", {"workPlanId": plan}))["code"] == "NOT_FOR_TOKENS"
    assert seen == {"integrasi-a": True, "integrasi-b": False, "integrasi-c": True, "integrasi-d": True} | {
        "integrasi-e": False
    }


# ---- making and ending them -----------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_kept_as_a_hash_and_made_by_administrators_alone(city: City) -> None:
    account = await service_account(city)
    given = {"accountId": account, "name": "Malam", "scopes": ["READ"], "lifetimeDays": 1, "idempotencyKey": "satu"}
    made = await city.admin.mutate("createToken", given, "secret token { id }")
    again = await city.admin.mutate("createToken", given, "secret token { id }")
    assert made["secret"].startswith("kpt_")
    assert (again["secret"], again["token"], again["isReplay"]) == (None, made["token"], True)
    kept = str(await city.rows("SELECT t::text FROM token t UNION ALL SELECT e::text FROM event e"))
    assert made["secret"] not in kept
    seen = "{ tokens { nodes { id account { login } } } accounts { nodes { tokens { totalCount } } } }"
    for nobody in (city.camat, city.dlh, city.mayor, city.outsider):
        assert (await nobody.refused("createToken", given))["code"] == "NOT_YOUR_ROLE"
        assert (await nobody.refused("revokeToken", {"tokenId": made["token"]["id"]}))["code"] == "NOT_FOUND"
        one = "query($id: ID!) { token(by: {id: $id}) { name } node(id: $id) { id } }"
        assert await nobody.query(one, id=made["token"]["id"]) == {"token": None, "node": None}
        found = await nobody.query(seen)
        assert found["tokens"]["nodes"] == []
        assert {each["tokens"]["totalCount"] for each in found["accounts"]["nodes"]} == {0}
    assert len((await city.admin.query(seen))["tokens"]["nodes"]) == 1
    log = (await city.admin.query("{ events(last: 1) { nodes { type sentence } } }"))["events"]["nodes"]
    assert log == [{"type": "TOKEN_CREATED", "sentence": "Admin membuat token “Malam” untuk “Integrasi-Dlh”"}]


async def test_what_a_token_cannot_be_is_refused_by_field(city: City) -> None:
    account = await service_account(city)
    right = {"accountId": account, "name": "Malam", "scopes": ["READ"], "lifetimeDays": 90}
    for change, code, path in (
        ({"lifetimeDays": 366}, "OUT_OF_RANGE", ["lifetimeDays"]),
        ({"lifetimeDays": 0}, "OUT_OF_RANGE", ["lifetimeDays"]),
        ({"scopes": []}, "REQUIRED", ["scopes"]),
        ({"scopes": ["TASKS_WRITE"]}, "REQUIRED", ["scopes"]),
        ({"networks": ["10.4.0.0/16", "kantor"]}, "MALFORMED", ["networks", "1"]),
        ({"networks": ["10.4.0.1/16"]}, "MALFORMED", ["networks", "0"]),
        ({"networks": ["10.0.0.1"] * 21}, "TOO_MANY", ["networks"]),
        ({"networks": ["10.0.0.1"], "locksNetwork": True}, "MALFORMED", ["locksNetwork"]),
        ({"accountId": city.camat.id}, "WRONG_KIND", ["accountId"]),
        ({"name": " "}, "REQUIRED", ["name"]),
    ):
        refused = await city.admin.refused("createToken", right | change)
        assert (refused["code"], refused["path"]) == (code, path), change
        assert refused["constraint"], change
    await city.admin.mutate("disableAccount", {"accountId": account})
    assert (await city.admin.refused("createToken", right))["code"] == "ACCOUNT_DISABLED"


async def test_two_tokens_of_an_account_count_at_once_so_that_one_can_take_the_others_place(city: City) -> None:
    account = await service_account(city)
    first, second = await token(city, account), await token(city, account)
    given = {"accountId": account, "name": "Tiga", "scopes": ["READ"], "lifetimeDays": 9}
    refused = await city.admin.refused("createToken", given)
    assert (refused["code"], refused["limit"]) == ("LIMIT_REACHED", 2)
    assert [await told(city, each["secret"]) for each in (first, second)] == [None, None]
    await city.admin.mutate("revokeToken", {"tokenId": first["token"]["id"]})
    assert await told_soon(city, first["secret"]) == "TOKEN_REVOKED"
    assert await told(city, second["secret"]) is None
    again = await city.admin.refused("revokeToken", {"tokenId": first["token"]["id"]})
    assert again["code"] == "ALREADY_ENDED"
    await city.admin.mutate("createToken", given)


async def test_a_key_belongs_to_the_service_account_so_that_a_retry_outlasts_a_new_token(city: City) -> None:
    account = await service_account(city)
    first, second = await token(city, account), await token(city, account)
    given = {"input": {"organisation": {"code": "DLH"}, "title": "Sekali saja", "idempotencyKey": "baris-1"}}
    asked = (
        "mutation($input: CreateTaskInput!) { createTask(input: $input) { isReplay task { id } event { id type } } }"
    )
    found = []
    for each in (first, second):
        async with city.site.client(authorization=f"Bearer {each['secret']}") as client:
            answer = await client.post("/graphql", json={"query": asked, "variables": given})
        found.append(answer.json()["data"]["createTask"])
    assert [each["isReplay"] for each in found] == [False, True]
    assert found[0]["task"] == found[1]["task"]
    event = found[0]["event"]
    noted = {"witness": event, "errors": [], "isDryRun": False, "isUnchanged": False}
    await city.witness("createTask", {}, noted)


# ---- at the door ----------------------------------------------------------------------------------------------------


async def answered(city: City, secret: str, *, address: str = "127.0.0.1", at: Site | None = None) -> httpx.Response:
    transport = httpx.ASGITransport((at or city.site).app, client=(address, 4242))
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=headers) as client:
        return await client.post("/graphql", json={"query": "{ viewer { role } }"})


async def told_soon(city: City, secret: str) -> str | None:
    """The same, once the process has read of it in the log."""
    for _ in range(100):
        if (why := await told(city, secret)) is not None:
            return why
        await asyncio.sleep(0.02)
    return None


async def told(city: City, secret: str, **more: Any) -> str | None:
    """Why it does not count; None when it does."""
    answer = await answered(city, secret, **more)
    if answer.status_code == 200:
        return None
    assert answer.status_code == 401, answer.text
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    return str(error["extensions"].get("reason", "wrong"))


async def at_every_door(city: City, secret: str) -> dict[str, tuple[Any, ...]]:
    """What a token is told over each wire: its kind of refusal, and the sentence."""
    answer = await answered(city, secret)
    found: dict[str, tuple[Any, ...]] = {"http": (answer.status_code, answer.json()["errors"][0]["message"])}
    headers = {"authorization": f"Bearer {secret}", "accept-language": "id"}
    stream = EventStream(city.site.app, "viewer", "{ viewer { role } }", {}, headers)
    await stream.serving
    found["sse"] = (stream.status, answer.json()["errors"][0]["message"] in str(stream.end))
    socket = Socket(city.site.app)
    socket.say(type="connection_init", payload={"authorization": secret, "acceptLanguage": "id"})
    await until(lambda: socket.end, what="the socket is closed")
    assert socket.end is not None
    found["socket"] = socket.end
    return found


async def test_a_token_that_does_not_count_is_told_why_on_every_wire_and_a_wrong_one_only_that_it_is_wrong(
    city: City,
) -> None:
    account = await service_account(city)
    good, other = await token(city, account), await token(city, account, networks=["10.4.0.0/16", "2001:db8::/32"])
    assert await told(city, other["secret"]) == "TOKEN_NETWORK"
    assert await told(city, other["secret"], address="10.4.7.7") is None
    assert await told(city, other["secret"]) == "TOKEN_NETWORK", "remembered for one address, asked of each"
    found = await at_every_door(city, other["secret"])
    sentence = "Token ini tidak berlaku dari 127.0.0.1; jaringannya ditentukan administrator."
    assert found == {"http": (401, sentence), "sse": (401, True), "socket": (4401, sentence)}

    tokens, mine = city.site.installation.tokens, good["secret"]
    forged = tokens.kept(TokenKind.PROGRAM, KeptToken(tokens.read_kept(TokenKind.PROGRAM, mine).id, bytes(32)))
    wrong = [mine[:-2], mine + "x", "kpt_", forged, mine.replace("kpt_", "kat_"), "kpt_" + "A" * 108]
    texts = {str(await at_every_door(city, each)) for each in wrong}
    assert len(texts) == 1, texts
    assert "Token ini tidak sah" in texts.pop()

    await city.admin.mutate("revokeToken", {"tokenId": good["token"]["id"]})
    assert await told_soon(city, mine) == "TOKEN_REVOKED"
    assert (await at_every_door(city, mine))["socket"][0] == 4401
    assert await told(city, forged) == "wrong", "of a token whose secret one has not one learns nothing"

    city.move(days=91)
    assert await told(city, other["secret"], address="10.4.7.7") == "TOKEN_EXPIRED"
    assert (await at_every_door(city, other["secret"]))["socket"][0] == 4401, "coming back is of no use"
    last = await token(city, account)
    await city.admin.mutate("disableAccount", {"accountId": account})
    assert await told(city, last["secret"]) == "TOKEN_REVOKED"
    await city.admin.mutate("enableAccount", {"accountId": account})
    assert await told(city, last["secret"]) == "TOKEN_REVOKED", "for good"
    more = await token(city, account)
    await city.admin.mutate("updateAccount", {"accountId": account, "role": "STAFF"})
    assert await told_soon(city, more["secret"]) in ("TOKEN_ACCOUNT", "TOKEN_REVOKED")


async def test_a_token_may_be_locked_to_the_network_of_its_first_use(city: City) -> None:
    account = await service_account(city)
    made = await token(city, account, locksNetwork=True)
    assert await told(city, made["secret"], address="203.0.113.9") is None
    assert await told(city, made["secret"]) == "TOKEN_NETWORK"
    async with city.process() as other:
        assert await told(city, made["secret"], at=other) == "TOKEN_NETWORK"
        assert await told(city, made["secret"], at=other, address="203.0.113.9") is None
    found = (await city.admin.query("{ tokens { nodes { networks locksNetwork } } }"))["tokens"]["nodes"]
    assert found == [{"networks": ["203.0.113.9/32"], "locksNetwork": True}]


async def test_a_revoked_token_ends_at_once_in_every_process_and_on_every_wire(city: City) -> None:
    account = await service_account(city)
    made, stays = await token(city, account), await token(city, account)
    secret = made["secret"]
    async with city.process() as other:
        assert await told(city, secret, at=other) is None
        socket = await Socket(other.app).sign_in(secret)
        query = "subscription { taskChanged { kind } }"
        watcher = socket.subscribe("taskChanged", query, {})
        stream = EventStream(other.app, "taskChanged", query, {}, {"authorization": f"Bearer {secret}"})
        kept = await Socket(city.site.app).sign_in(stays["secret"])
        await until(lambda: len(other.installation.hub) >= 2, what="both are watched")
        await city.admin.mutate("revokeToken", {"tokenId": made["token"]["id"]})
        await city.settled()
        await other.knows(await city.last_position())
        await until(lambda: socket.end and stream.end, what="both have ended")
        assert socket.end is not None
        assert socket.end[0] == 4401
        assert stream.watcher.errors is not None
        assert stream.watcher.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert stream.watcher.is_complete
        assert await told(city, secret, at=other) == "TOKEN_REVOKED"
        assert kept.end is None, "the other token of the account goes on"
        assert watcher.told == []
        await kept.leave()


async def test_what_a_token_follows_live_ends_with_the_token(city: City) -> None:
    made = await program(city, ["READ"], lifetimeDays=1)
    socket = await made.socket()
    city.move(days=1, seconds=1)
    await until(lambda: socket.end, what="the socket ends")
    assert socket.end is not None
    assert socket.end[0] == 4403


async def test_what_a_token_follows_live_ends_when_its_organisation_does_be_it_foretold_or_today(city: City) -> None:
    organisations = (city.dlh.organisation, city.camat.organisation)
    foretold, now = [
        await program(city, ["READ"], organisation=each, login=f"integrasi-{n}") for n, each in enumerate(organisations)
    ]
    people = [await each.socket() for each in (city.admin, foretold, now)]
    ends = {"organisationId": city.dlh.organisation_id, "validTo": city.day(2)}
    await city.admin.mutate("endOrganisation", ends)
    ends = {"organisationId": city.camat.organisation_id, "validTo": city.day()}
    await city.admin.mutate("endOrganisation", ends)
    assert await told_soon(city, now.token) == "TOKEN_ACCOUNT"
    await until(lambda: people[2].end, what="the one whose organisation ended today has ended")
    assert people[2].end is not None
    assert people[2].end[0] == 4401
    assert [each.end for each in people[:2]] == [None, None]
    city.move(days=1, hours=20)  # a second midnight has passed, and its last day begins
    await until(lambda: people[1].end, what="the other one has ended")
    assert people[0].end is None
    assert await told(city, foretold.token) == "TOKEN_ACCOUNT"
    await people[0].leave()


async def test_what_a_token_follows_live_comes_back_for_the_organisation_that_takes_over(city: City) -> None:
    made = await program(city, ["READ"])
    socket = await made.socket()
    successor = {"kind": "OPD", "code": "DKLH", "name": "Dinas Kebersihan", "shortName": "DKLH"}
    successor |= {"validFrom": "2026-01-01"}
    await city.admin.mutate("createOrganisation", successor)
    ends = {"organisationId": city.dlh.organisation_id, "validTo": city.day(), "successor": {"code": "DKLH"}}
    await city.admin.mutate("endOrganisation", ends)
    await until(lambda: socket.end, what="the socket ends")
    assert socket.end is not None
    assert socket.end[0] == 4403, "coming back is of use"
    assert await told(city, made.token) is None


async def test_a_token_is_no_sign_in_and_reads_no_dossier(city: City) -> None:
    made = await program(city)
    async with city.site.client(**made.headers) as client:
        for everywhere in (True, False):
            answer = await client.post("/auth/sign-out", json={"everywhere": everywhere})
            assert (answer.status_code, answer.json()["code"]) == (400, "BAD_USER_INPUT")
        assert (await client.get("/schema.graphql")).status_code == 200
        unknown = inputs.unknown_id("escalationId")
        assert (await client.get(f"/dossier/{unknown}")).status_code == 404


# ---- limits and uses ------------------------------------------------------------------------------------------------


async def test_how_often_a_token_may_ask_is_told_and_what_is_more_is_refused(city: City) -> None:
    account = await service_account(city)
    one, other = await token(city, account), await token(city, account)
    async with city.process(token_requests=3) as site:
        first = await answered(city, one["secret"], at=site)
        assert first.headers["ratelimit-policy"] == '"token";q=3;w=60'
        assert first.headers["ratelimit"].startswith('"token";r=2;t=')
        assert first.json()["extensions"]["rateLimit"] | {"resetsIn": 0} == {"limit": 3, "remaining": 2, "resetsIn": 0}
        socket = await Socket(site.app).sign_in(one["secret"])
        query = "{ viewer { role } }"
        watcher = socket.start("viewer", query=query)
        await watcher.next()
        assert watcher.last is not None
        assert watcher.last["extensions"]["rateLimit"]["remaining"] == 1
        stream = EventStream(site.app, "viewer", query, {}, {"authorization": f"Bearer {one['secret']}"})
        await stream.serving
        assert stream.watcher.last is not None
        assert stream.watcher.last["extensions"]["rateLimit"]["remaining"] == 0
        refused = socket.start("viewer", query=query)
        await refused.ended()
        assert refused.errors is not None
        assert refused.errors[0]["extensions"]["code"] == "RATE_LIMITED"
        assert refused.errors[0]["extensions"]["retryAfter"] >= 1
        assert socket.end is None, "the others go on"
        last = await answered(city, one["secret"], at=site)
        assert (last.status_code, last.json()["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
        assert last.headers["ratelimit"].startswith('"token";r=0;t=')
        assert int(last.headers["retry-after"]) >= 1
        assert (await answered(city, other["secret"], at=site)).status_code == 200, "each token has its own"
        async with site.client(**city.camat.headers) as client:
            answer = await client.post("/graphql", json={"query": query})
        assert "ratelimit" not in answer.headers
        await socket.leave()


@pytest.mark.parametrize("address", ["/schema.graphql", "/dossier/case_x", "/dossier/case_x.pdf", "/auth/sign-out"])
async def test_every_address_counts_a_tokens_requests_and_tells_what_is_left(city: City, address: str) -> None:
    made = await token(city, await service_account(city))
    async with city.process(token_requests=2) as site, site.client(authorization=f"Bearer {made['secret']}") as client:
        method = "POST" if address.startswith("/auth") else "GET"
        found = [await client.request(method, address) for _ in range(3)]
        assert [each.headers["ratelimit"].split(";")[1] for each in found] == ["r=1", "r=0", "r=0"]
        assert found[0].status_code == found[1].status_code != 429
        assert (found[2].status_code, found[2].json()["code"]) == (429, "RATE_LIMITED")
        assert int(found[2].headers["retry-after"]) >= 1
        answer = await client.post("/graphql", json={"query": "{ viewer { role } }"})
        assert answer.status_code == 429, "all addresses share one count"


async def test_the_last_use_of_a_token_is_told_to_the_minute_and_written_beside_the_requests(city: City) -> None:
    account = await service_account(city)
    used, unused = await token(city, account), await token(city, account)
    before = await city.rows("SELECT xmin::text, last_used_at FROM token ORDER BY id")
    for _ in range(3):
        assert await told(city, used["secret"]) is None
    assert await city.rows("SELECT xmin::text, last_used_at FROM token ORDER BY id") == before
    await city.site.installation.token_uses.write()
    asked = "{ tokens { nodes { id lastUsedAt version } } }"
    found = {each["id"]: each for each in (await city.admin.query(asked))["tokens"]["nodes"]}
    assert found[used["token"]["id"]]["lastUsedAt"] is not None
    assert found[used["token"]["id"]]["version"] == 1
    assert found[unused["token"]["id"]]["lastUsedAt"] is None


# ---- the inbox ------------------------------------------------------------------------------------------------------


async def test_administrators_are_told_thirty_and_seven_days_before_the_last_token_ends(city: City) -> None:
    account = await service_account(city)
    made = await token(city, account)
    asked = "{ viewer { inbox { overdueCount nodes { kind verb dueAt sentence subject { id } } } } }"

    async def waiting(person: Person) -> list[Any]:
        found = (await person.query(asked))["viewer"]["inbox"]
        assert found["overdueCount"] == 0
        return [each for each in found["nodes"] if each["kind"].startswith("TOKEN_")]

    assert await waiting(city.admin) == []
    city.move(days=61)
    (entry,) = await waiting(city.admin)
    assert (entry["kind"], entry["verb"]) == ("TOKEN_EXPIRES", "CREATE_TOKEN")
    assert entry["subject"] == {"id": made["token"]["id"]}
    assert "Sinkron malam (Integrasi-Dlh)" in entry["sentence"]
    city.move(days=23)
    (entry,) = await waiting(city.admin)
    assert entry["kind"] == "TOKEN_EXPIRES_SOON"
    for other in (city.mayor, city.dlh, city.sekda):
        assert await waiting(other) == []
    await token(city, account)
    assert await waiting(city.admin) == []


async def test_a_token_ends_when_its_account_is_moved_or_is_a_programs_no_more(city: City) -> None:
    account = await service_account(city)
    moved = await token(city, account)
    await city.admin.mutate("updateAccount", {"accountId": account, "organisation": {"code": "DINKES"}})
    assert await told_soon(city, moved["secret"]) == "TOKEN_REVOKED"
    again = await token(city, account)
    for role in ("STAFF", "INTEGRATION"):
        await city.admin.mutate("updateAccount", {"accountId": account, "role": role})
        assert await told_soon(city, again["secret"]) in ("TOKEN_ACCOUNT", "TOKEN_REVOKED")


async def test_a_program_holds_no_office_and_is_given_nothing_to_do(city: City) -> None:
    refused = await city.admin.refused("updateAccount", {"accountId": city.dlh.id, "role": "INTEGRATION"})
    assert (refused["code"], refused["path"]) == ("WRONG_KIND", ["role"])
    account = await service_account(city)
    task = await city.task(city.dlh)
    for verb, given, field in (
        ("assignTask", {"taskId": task, "assigneeId": account}, "assigneeId"),
        ("handOverMatters", {"fromAccountId": city.dlh_staff.id, "toAccountId": account}, "toAccountId"),
    ):
        refused = await city.dlh.refused(verb, given)
        assert (refused["code"], refused["path"]) == ("WRONG_KIND", [field])


async def test_what_a_program_does_is_nobodys_own_act(city: City) -> None:
    by_token = await program(city)
    await by_token.mutate("createTask", {"organisation": {"code": "DLH"}, "title": "Sapu jalan"})
    await city.task(city.dlh_staff)
    await city.sweep()
    acted = {str(row["account_id"]) for row in await city.rows("SELECT account_id FROM last_act")}
    assert str(decode(city.dlh_staff.id)[1]) in acted
    assert str(decode(by_token.id)[1]) not in acted
