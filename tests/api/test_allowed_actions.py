"""`allowedActions` tells the truth: in every state, for every viewer, a verb does what it was said to do."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

import pytest
from graphql import get_named_type

from server.rules.aggregates import DECLARED, offered_on
from tests import cases
from tests.city import City
from tests.founding import PEOPLE
from tests.inputs import GRAPHQL, mutations
from tests.person import Person
from tests.programs import service_account, token
from tests.valid import FACTS, GENERATORS, HIDDEN, PARTS, Json, Known, valid
from tests.verbs import OF_MANY, mutation_of
from tests.walking import LISTS, ROOTS, row_of

ERROR = (
    "__typename code message path ... on InvalidInput { constraint } ... on MoveNotAllowed { from to allowed }"
    " ... on LimitReached { limit } ... on NotEligible { missing { ground why eligibleAt } }"
)
ACTIONS = f"allowedActions {{ verb isAllowed refusals {{ {ERROR} }} }}"
STEPS = 24
# What would take away the people that the test acts through is done to people of its own making only.
ONLY_MADE = ("disableAccount", "signOutEverywhere", "updateAccount")
SELDOM = ("endOrganisation", "endAppointment", "endProgramme", "archiveWorkPlan", "archiveTask", "createOrganisation")
# How often a kind of thing is chosen; once what is not named.
CHOICE = {"tasks": 8, "targets": 5, "workPlans": 5, "organisations": 2, "comments": 2, "measurements": 2, "accounts": 1}
CHOICE |= {"appointments": 1, "programmes": 1, "viewer": 1, "requests": 6}
CHOICE |= {"escalations": 5, "followUps": 2, "delegations": 1}


def kinds() -> dict[str, str]:
    """What has `allowedActions`, by the name of its list (or as PARTS names it): its type's name."""
    found: dict[str, str] = {}
    for name in (*FACTS, *LISTS):
        if (kind := row_of(name)).name not in found.values() and offered_on(kind.name):
            found[name] = kind.name
    for name, (through, field, _) in PARTS.items():
        connection: Any = get_named_type(row_of(through).fields[field].type)
        found[name] = get_named_type(connection.fields["nodes"].type).name
    return {**found, "viewer": "Viewer", "followUps": "FollowUp"}


KINDS = kinds()


def test_everything_with_allowed_actions_is_walked() -> None:
    types = {name for name in GRAPHQL.type_map if name == "Viewer" or offered_on(name)}
    unwalked = types - {*KINDS.values()}
    assert not unwalked, f"say in PARTS of tests/valid.py through which list the rows of these are found: {unwalked}"
    unknown = {*GENERATORS} - {*mutations()}
    assert not unknown, f"tests/valid.py: GENERATORS has what is no mutation: {unknown}"


WEIGHTS = {**CHOICE, **{kind: 1 for kind in KINDS if kind not in CHOICE}}


async def know(city: City, known: Known) -> None:
    """Look at everything anew."""
    parts = {
        through: f"{name}: {field}(last: 5) {{ nodes {{ {more} }} }}" for name, (through, field, more) in PARTS.items()
    }
    lists = []
    for name in [name for name in KINDS if name in LISTS]:
        selection = FACTS.get(name, "id")
        archived = ", includeArchived: true" if "includeArchived" in ROOTS[name].args else ""
        lists.append(f"{name}(first: 100{archived}) {{ nodes {{ {selection} {parts.get(name, '')} }} }}")
    known.today = city.today
    for each in lists:  # one by one: each is within what a query may cost
        name = each.partition("(")[0]
        who = city.mayor if name in HIDDEN else city.admin if name == "tokens" else city.bappeda
        data = await who.query(f"{{ {each} }}")
        known.rows |= {name: found["nodes"] for name, found in data.items()}
    for name, (through, _, _) in PARTS.items():
        known.rows[name] = [{**part, "parent": row["id"]} for row in known.rows[through] for part in row[name]["nodes"]]
    city_days = await city.bappeda.query("{ city { holidays { year isConfirmed days { fallsOn source } } } }")
    known.rows["viewer"] = [{"id": "viewer", **city_days["city"]}]
    known.rows["followUps"] = [
        {**each, "parent": case["id"]} for case in known.rows["escalations"] for each in case["followUps"]
    ]
    public = await city.outsider.query("{ tasks(first: 200) { nodes { id } } }")
    known.public_tasks = frozenset(each["id"] for each in public["tasks"]["nodes"])


async def actions(viewer: Person, kind: str, row: Json) -> list[Json] | None:
    """What the viewer is told of this thing; None where it is hidden."""
    if kind == "viewer":
        found: Any = (await viewer.query(f"{{ viewer {{ {ACTIONS} }} }}"))["viewer"]
    elif kind == "comments":
        data = await viewer.query(
            f"query($id: ID!) {{ task(by: {{id: $id}}) {{ comments(last: 5) {{ nodes {{ id {ACTIONS} }} }} }} }}",
            id=row["parent"],
        )
        nodes = data["task"]["comments"]["nodes"] if data["task"] else []
        found = next((each for each in nodes if each["id"] == row["id"]), None)
    elif kind == "followUps":
        case = await cases.look(viewer, row["parent"], f"followUps {{ id {ACTIONS} }}")
        found = next((each for each in (case or {"followUps": []})["followUps"] if each["id"] == row["id"]), None)
    else:
        data = await viewer.query(
            f"query($id: ID!) {{ node(id: $id) {{ ... on {KINDS[kind]} {{ {ACTIONS} }} }} }}", id=row["id"]
        )
        found = data["node"]
    if found is None:
        return None
    return [{**each, "verb": mutation_of(each["verb"])} for each in found["allowedActions"]]


async def compare(viewer: Person, known: Known, kind: str, row: Json, tried: Counter[tuple[str, bool]]) -> None:
    """Every verb on this thing, tried and not kept, against what was said of it."""
    told = await actions(viewer, kind, row)
    if told is None:
        return
    known.asker = viewer.organisation
    inputs = {each["verb"]: valid(each["verb"], known, row) for each in told}
    asked = [each for each in told if inputs[each["verb"]] is not None]
    if not asked:
        return
    verbs = [each["verb"] for each in asked]
    variables = {f"v{number}": {**(inputs[verb] or {}), "dryRun": True} for number, verb in enumerate(verbs)}
    declared = ", ".join(f"$v{number}: {mutations()[verb].name}!" for number, verb in enumerate(verbs))
    fields = " ".join(f"v{n}: {verb}(input: $v{n}) {{ isDryRun errors {{ {ERROR} }} }}" for n, verb in enumerate(verbs))
    answer = await viewer.ask(f"mutation({declared}) {{ {fields} }}", variables)
    assert "errors" not in answer, answer["errors"]
    for number, said in enumerate(asked):
        errors = answer["data"][f"v{number}"]["errors"]
        context = (viewer.login, said["verb"], row, variables[f"v{number}"])
        assert said["isAllowed"] == (not said["refusals"]), context
        assert errors == said["refusals"], context
        tried[said["verb"], said["isAllowed"]] += 1


async def begin(city: City) -> None:
    """Something of every kind, in states that a few steps would seldom reach."""
    await city.admin.mutate("addHoliday", {"fallsOn": "2027-09-15", "name": "Pemilihan"})
    program = await service_account(city, login="aa-sinkron")  # by its name among the first accounts
    await token(city, program)
    ended = await token(city, program)
    await city.admin.mutate("revokeToken", {"tokenId": ended["token"]["id"]})
    plan = await city.approved(city.camat, targets=5)
    targets = await city.targets_of(plan)
    await city.camat.mutate("recordMeasurement", {"targetId": targets[0], "value": "5", "measuredOn": city.day(-3)})
    await city.camat.mutate("amendTarget", {"targetId": targets[1], "reason": "Perlu.", "targetValue": "90"})
    await city.camat_staff.mutate("amendTarget", {"targetId": targets[3], "reason": "Perlu.", "targetValue": "80"})
    give = {"targetId": targets[4], "organisation": {"code": "DLH"}, "reason": "Kini tugas DLH."}
    await city.camat.mutate("handOverTarget", give)
    task = await city.task(city.camat_staff, workPlanId=plan, targetId=targets[0], checklist=["Satu"])
    await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Beres."})
    await city.dlh_staff.mutate("commentOnTask", {"taskId": task, "text": "Kami bantu."})
    await city.mayor.mutate("orderTask", {"organisation": {"code": "DLH"}, "title": "Segera", "dueOn": city.day(5)})
    await city.draft(city.dlh, targets=2)
    await city.task(city.dlh)
    other = await city.draft(city.neighbour)
    await city.neighbour.mutate("submitWorkPlan", {"workPlanId": other})
    await city.task(city.neighbour)
    made = {"organisation": {"code": "DLH"}, "login": "uji-0", "name": "Uji", "role": "STAFF"}
    await city.admin.mutate("createAccount", made)
    await begin_requests(city)


async def begin_requests(city: City) -> None:
    """Requests in every state, and with everything that may wait for somebody."""
    for_states = ("open", "asked back", "countered", "declined", "promised", "another day", "redirected", "to be ruled")
    made = {
        state: await city.request(city.camat, city.dlh, title=f"Bantuan: {state}", neededOn=city.day(300))
        for state in (*for_states, "done", "delivered", "disputed", "confirmed", "withdrawn")
    }
    for state in ("promised", "another day", "done", "delivered", "disputed", "confirmed"):
        await city.promise(city.dlh, made[state], is_done=state not in ("promised", "another day"))
    for state in ("delivered", "disputed", "confirmed"):
        await city.dlh.mutate("deliverRequest", {"requestId": made[state]})
    await city.camat.mutate("disputeDelivery", {"requestId": made["disputed"], "reason": "Belum bersih."})
    await city.camat.mutate("confirmDelivery", {"requestId": made["confirmed"]})
    await city.camat.mutate("withdrawRequest", {"requestId": made["withdrawn"]})
    await city.dlh.mutate("askForInformation", {"requestId": made["asked back"], "question": "Di mana?"})
    await city.dlh.mutate("counterRequest", {"requestId": made["countered"], "terms": "Separuh.", "neededOn": None})
    await city.dlh.mutate("declineRequest", {"requestId": made["declined"], "reason": "Tidak ada alat."})
    day = {"newDueOn": city.day(310), "reason": "Alat rusak."}
    await city.dlh.mutate("proposeNewDate", {"requestId": made["another day"], **day})
    for state in ("redirected", "to be ruled"):
        given = {
            "requestId": made[state],
            "to": {"code": city.neighbour.organisation},
            "reason": "Bukan wewenang kami.",
        }
        await city.dlh.mutate("redirectRequest", given)
    await city.camat.mutate("objectToRedirect", {"requestId": made["to be ruled"], "reason": "Ini tugas DLH."})
    offer = {"asker": {"code": city.camat.organisation}, "title": "Pinjam truk", "neededOn": city.day(12)}
    await city.dlh.mutate("offerHelp", offer)
    await cases.filed(city)
    await begin_on_paper(city)
    await cases.filed(city, asker=city.neighbour, giver=city.sekda)
    mediated, _, _ = await cases.replied(city), await cases.replied(city), await cases.instructed(city)
    meeting = {"escalationId": mediated, "meetingAt": f"{city.day(2)}T09:00:00+07:00"}
    await city.sekda.mutate("proposeMediation", meeting)
    given = {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(300)}
    await city.mayor.mutate("delegateDecisions", given)
    # One person heads both sides of it, and somebody works for the side that lacks its head.
    person = {"organisation": {"code": city.bappeda.organisation}, "login": "uji-2", "name": "Uji", "role": "STAFF"}
    await city.admin.mutate("createAccount", person)
    await city.request(city.neighbour, city.bappeda, neededOn=city.day(300))
    found = await city.admin.query('{ accounts(filter: {login: {eq: "uji-0"}}) { nodes { id } } }')
    (account,) = found["accounts"]["nodes"]
    for code in (city.neighbour.organisation, city.bappeda.organisation):
        acting = {"organisation": {"code": code}, "accountId": account["id"], "capacity": "PLH"}
        await city.admin.mutate("appoint", {**acting, "validFrom": city.day(), "validTo": city.day(300)})


async def begin_on_paper(city: City) -> None:
    """Cases whose person cannot sign in: one who is to be told, and one who was."""
    found = await city.admin.query('{ accounts(filter: {login: {eq: "uji-0"}}) { nodes { id } } }')
    (account,) = found["accounts"]["nodes"]
    acting = {"organisation": {"code": "DLH"}, "accountId": account["id"], "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-9), "validTo": city.day(-6)})
    for is_told in (False, True):
        case = await cases.filed(city)
        await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": account["id"]})
        if is_told:
            notice = {"escalationId": case, "documentNumber": "800/1", "receivedOn": city.day()}
            await city.sekda.mutate("recordNotice", notice)


async def begin_the_others(city: City, known: Known) -> None:
    """Some of each kind of which there is none yet: made where that is offered, with each of its verbs done to one."""
    await know(city, known)
    for kind in [kind for kind in KINDS if not known.rows[kind]]:
        (part,) = (each for _, each in DECLARED if each.name == KINDS[kind])
        ways = [(place, verb) for place, verbs in part.offered.items() for verb in verbs]
        for own in (None, *part.verbs):
            assert ways, f"say in `begin` how {kind} come to be"
            actor = await do_somewhere(city, known, ways)
            assert actor is not None, f"nobody may {' or '.join(verb for _, verb in ways)}: make {kind} in `begin`"
            before = {row["id"] for row in known.rows[kind]}
            await know(city, known)
            (made,) = (row for row in known.rows[kind] if row["id"] not in before)
            if own is not None:
                await actor.attempt(own, valid(own, known, made) or {}, "__typename")
    await know(city, known)


async def do_somewhere(city: City, known: Known, ways: list[tuple[str, str]]) -> Person | None:
    """One of these verbs, each offered on a type, done by the first who may; None where nobody may."""
    for place, verb in ways:
        (where,) = (kind for kind, name in KINDS.items() if name == place)
        for person in (city.camat, city.dlh, city.admin, city.mayor):
            known.asker = person.organisation
            for row in sorted(known.rows[where], key=lambda row: row.get("code") != known.asker)[:3]:
                told = await actions(person, where, row) or []
                given = valid(verb, known, row)
                if given is not None and any(each["verb"] == verb and each["isAllowed"] for each in told):
                    await person.mutate(verb, given, "__typename")
                    await city.settled()
                    return person
    return None


async def begin_seldom_states(city: City) -> None:
    """What is put aside, stopped, given up, returned or closed; and the day is one on which a year is closed."""
    camat, staff = city.camat, city.camat_staff
    aside, stopped, helped, given_up = [await city.task(camat, title=f"Kerja {number}") for number in range(4)]
    await camat.mutate("cancelTask", {"taskId": aside, "reason": "Digabung."})
    await camat.mutate("archiveTask", {"taskId": aside})
    for task in (stopped, helped):
        await staff.mutate("blockTask", {"taskId": task, "reason": "Hujan."})
    await camat.mutate("askForSupport", {"taskId": helped, "note": "Mohon bantuan."})
    await camat.mutate("cancelTask", {"taskId": given_up, "reason": "Digabung."})
    late = await city.draft(camat, year=2027, targets=2)
    await staff.mutate("archiveTarget", {"targetId": (await city.targets_of(late))[0]})
    again = await city.draft(city.neighbour, year=2027)
    await city.neighbour.mutate("archiveWorkPlan", {"workPlanId": again})
    closed = await city.approved(city.dlh, year=2025)
    city.go_to(date(2027, 1, 25))
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": closed})
    made = {"organisation": {"code": "DLH"}, "login": "uji-1", "name": "Uji", "role": "STAFF"}
    account = (await city.admin.mutate("createAccount", made))["account"]["id"]
    await city.admin.mutate("disableAccount", {"accountId": account})
    # Terms, a question and a delivery whose silence has settled nothing yet on that day.
    countered, delivered, asked = [await city.request(camat, city.dlh, neededOn=city.day(100 + n)) for n in range(3)]
    await city.dlh.mutate("askForInformation", {"requestId": asked, "question": "Di mana?"})
    await city.dlh.mutate("counterRequest", {"requestId": countered, "terms": "Separuh.", "neededOn": None})
    await city.promise(city.dlh, delivered, is_done=True)
    await city.dlh.mutate("deliverRequest", {"requestId": delivered})
    case, _, ordered = await cases.instructed(city)
    await cases.do(city, ordered)
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Rapat koordinasi"})


async def step(city: City, known: Known, random: Random, people: list[Person]) -> None:
    """Somebody does something, allowed more often than not."""
    kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if not known.rows[kind]:
        return
    row = random.choice(known.rows[kind])
    for actor in random.sample(people, len(people)):
        told = await actions(actor, kind, row) or []
        wanted = [each for each in told if each["isAllowed"] or random.random() < 0.02]
        wanted = [each for each in wanted if each["verb"] not in SELDOM or random.random() < 0.1]
        if kind == "accounts" and not row["name"].startswith("Uji"):
            wanted = [each for each in wanted if each["verb"] not in ONLY_MADE]
        if not wanted:
            continue
        verb, known.asker = random.choice(wanted)["verb"], actor.organisation
        given = valid(verb, known, row)
        if given is not None:
            await actor.attempt(verb, given, "__typename")
            await city.settled()
            await know(city, known)
            return


@pytest.mark.exhaustive  # that both sides know the same is compared by tests/engine/query/test_facts.py
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_verb_succeeds_exactly_when_it_was_said_to_and_is_refused_in_the_same_words(
    city: City, seed: int
) -> None:
    random, known, tried = Random(seed), Known(city.today, {}), Counter[tuple[str, bool]]()
    people: list[Person] = [getattr(city, name) for name in PEOPLE]
    await begin(city)
    await begin_the_others(city, known)
    for number in range(STEPS):
        if number == STEPS // 2 and seed % 2:
            city.move(days=225)  # the year's last reports are due
            await know(city, known)
        await step(city, known, random, people)
        for kind in random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=4):
            if known.rows[kind]:
                await compare(random.choice(people), known, kind, random.choice(known.rows[kind]), tried)
    assert sum(tried.values()) > 300


@pytest.mark.exhaustive
async def test_every_verb_is_said_to_be_allowed_to_somebody_and_refused_to_another(city: City) -> None:
    await begin(city)
    await begin_seldom_states(city)
    known, tried = Known(city.today, {}), Counter[tuple[str, bool]]()
    await begin_the_others(city, known)
    for viewer in (city.camat, city.dlh, city.neighbour, city.bappeda, city.admin, city.mayor, city.outsider):
        for kind, rows in known.rows.items():
            # Of what is many and alike, the first and the last are enough.
            is_whole = kind in ("workPlans", "targets", "tasks", "requests", "escalations")
            for row in rows if is_whole else [*rows[:3], *rows[3:][-3:]]:
                await compare(viewer, known, kind, row, tried)
    verbs = {*mutations()} - OF_MANY  # of which nothing is said: what holds for the one holds for each row
    never = sorted(verb for verb in verbs if not tried[verb, True])
    assert not never, f"make something in `begin` on which these are allowed, or nobody is ever allowed them: {never}"
    always = sorted(verb for verb in verbs if not tried[verb, False])
    assert not always, f"make something in `begin` on which these are refused, or let more people try them: {always}"


def test_every_payload_is_nullable_and_has_its_errors() -> None:
    for verb in mutations():
        assert GRAPHQL.mutation_type is not None
        payload: Any = get_named_type(GRAPHQL.mutation_type.fields[verb].type)
        assert str(payload.fields["errors"].type) == "[UserError!]!"
        assert str(payload.fields["isDryRun"].type) == "Boolean!"
