"""Nobody without the right learns that a case exists: a walk over the whole schema, and two cities alike but for one.

Both are done as every role without the right, and are shown to find a rule that was loosened.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from server.actions.facts import told_of
from server.actions.transaction import transaction
from server.auth.passwords import hash_password
from server.database import connect, create_database, embedded
from server.ids import decode
from server.live import watcher as live
from server.models import Account, Appointment, CaseAccess
from server.query.documents.cache import Documents
from server.rules.case_access import confirmed
from server.rules.event import EventType
from server.rules.viewer import Capacity, Role
from server.rules.visibility import CASES, EVENTS, EVERYONE, REMARKS
from server.schema import rows, schema
from tests import cases, inputs
from tests.api.conftest import FOUNDED
from tests.city import City, living
from tests.founding import PASSWORD
from tests.person import Person
from tests.programs import program
from tests.walking import ROOTS, STATES, SUBSCRIPTIONS, compared, documents, filters, looks, orders, searches

MARK = "zamrudkatulistiwa"  # stands in every text of the case and nowhere else
Answers = dict[str, Any]
# Of the founded people those who see no case between the camat and the DLH; hired below are the rest.
FOUNDED_STRANGERS = ("camat_staff", "dlh_staff", "lurah", "admin", "outsider", "bappeda", "neighbour")
HIRED: Mapping[str, tuple[str, Role]] = {
    "kantor-dlh": ("dlh", Role.OFFICE),  # of the mayor's office, but the DLH is a party
    "kantor-johor": ("camat", Role.OFFICE),
    "integrasi-johor": ("camat", Role.INTEGRATION),
    "kantor-baru": ("mayor", Role.OFFICE),
    "plh-dlh": ("dlh", Role.STAFF),  # heads the DLH
    "mantan-dlh": ("dlh", Role.STAFF),  # headed it as the answer's clock ran out: the person of the case
}
# The mayor's office has not confirmed that cases are for them.
UNCONFIRMED = ("kantor-baru", "plh-dlh", "mantan-dlh")


@dataclass
class Hidden:
    """The ids of a case and of what hangs on it; at first of nothing that is there."""

    case: str = inputs.unknown_id("escalationId")
    follow_up: str = inputs.unknown_id("followUpId")
    remark: str = inputs.unknown_id("escalationId").replace("case_", "remark_")
    appendix: str = inputs.unknown_id("escalationId").replace("case_", "appendix_")
    events: list[str] = field(default_factory=list)

    @property
    def nodes(self) -> list[str]:
        return [self.case, self.remark, self.follow_up, self.appendix, *self.events]


async def strangers(city: City) -> list[Person]:
    """Everybody without the right: the lurah once headed the DLH; three would have it, but for their case access."""
    installation = city.site.installation
    async with transaction(city.pool, None, installation.clock.moment(), installation.wake) as tx:
        made = {}
        for login, (of, role) in HIRED.items():
            hired = Account(
                id=tx.new_id(), name=login.title(), organisation_id=decode(getattr(city, of).organisation_id)[1],
                role=role, login=login, password_hash=hash_password(PASSWORD), is_active=True,
            )  # fmt: skip
            await tx.create(hired, EventType.ACCOUNT_CREATED)
            made[login] = hired.id
            if login in UNCONFIRMED:
                continue
            access = CaseAccess(id=tx.new_id(), account_id=hired.id, **confirmed([], tx.now))
            await tx.create(access, EventType.CASE_ACCESS_CONFIRMED, **told_of(hired))
        acting = Appointment(
            id=tx.new_id(), organisation_id=decode(city.dlh.organisation_id)[1], account_id=made["plh-dlh"],
            capacity=Capacity.PLH, valid_from=city.today,
        )  # fmt: skip
        await tx.create(acting, EventType.APPOINTMENT_MADE)
        then = Appointment(
            id=tx.new_id(), organisation_id=decode(city.dlh.organisation_id)[1], account_id=made["mantan-dlh"],
            capacity=Capacity.PLH, valid_from=cases.DUE.date(), valid_to=cases.DUE.date(),
        )  # fmt: skip
        await tx.create(then, EventType.APPOINTMENT_MADE)
        once = Appointment(
            id=tx.new_id(), organisation_id=decode(city.dlh.organisation_id)[1], account_id=decode(city.lurah.id)[1],
            capacity=Capacity.DEFINITIVE, valid_from=date(2023, 1, 1), valid_to=date(2025, 2, 28),
        )  # fmt: skip
        await tx.create(once, EventType.APPOINTMENT_MADE)
    found: list[Person] = [getattr(city, name) for name in FOUNDED_STRANGERS]
    installation.identities.uses_token = lambda _: None  # when it was used last moves by what its program does
    hired_ones = [await city.sign_in(login) for login in HIRED]
    # Every scope, for the whole city, of the very organisation that was reported.
    return [*found, *hired_ones, await program(city, isCityWide=True, login="token-dlh")]


async def public(city: City) -> str:
    """What all may see of the same people; and a request whose record shows a ground."""
    plan = await city.approved(city.dlh, targets=1)
    await city.task(city.dlh, workPlanId=plan, dueOn=city.day(3))
    await city.task(city.camat)
    await city.mayor.mutate("orderTask", {"organisation": {"code": "DLH"}, "title": "Disposisi", "dueOn": city.day(5)})
    return await cases.request(city, city.camat, city.dlh)


async def bring(city: City, request: str) -> Hidden:
    """A case with all that may hang on one, decided without an order."""
    filed = {"requestId": request, "statement": f"Pernyataan {MARK}"}
    case = (await city.camat.mutate("fileEscalation", filed))["escalation"]["id"]
    person = (await cases.look(city.mayor, case, "person { account { name } }"))["person"]
    assert person["account"]["name"] in ("Mantan-Dlh", city.dlh.name)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": f"Catatan {MARK}"})
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": f"Tanggapan {MARK}"})
    meeting = {"escalationId": case, "meetingAt": f"{city.day(3)}T09:00:00+07:00", "place": MARK}
    await city.sekda.mutate("proposeMediation", meeting)
    await city.sekda.mutate("concludeMediation", {"escalationId": case, "outcome": MARK, "isSettled": False})
    await city.mayor.mutate(
        "decideEscalation",
        {"escalationId": case, "kind": "GUIDANCE", "facts": f"Fakta {MARK}", "signedBy": MARK, "documentNumber": MARK},
    )
    await city.dlh.mutate("appendToDecision", {"escalationId": case, "kind": "OBJECTION", "text": MARK})
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": f"Tindak lanjut {MARK}"})
    await city.settled()
    seen = await cases.look(
        city.mayor, case, "followUps { id } appendices { id } remarks { id } history(first: 50) { nodes { id } }"
    )
    log = await city.mayor.query("{ events(last: 20) { nodes { id type } } }")
    remarked = [each["id"] for each in log["events"]["nodes"] if each["type"] == "ESCALATION_REMARKED"]
    events = [each["id"] for each in seen["history"]["nodes"]]
    follow_up, remark, appendix = (seen[each][0]["id"] for each in ("followUps", "remarks", "appendices"))
    return Hidden(case, follow_up, remark, appendix, [*events, *remarked])


# ---- the walk -------------------------------------------------------------------------------------------------------


async def ask(person: Person, questions: Sequence[str]) -> Answers:
    """Each question with its answer."""
    found: Answers = {}
    for document, batch in documents(iter(questions)):
        answer = await person.ask(document)
        assert answer.get("data"), (answer, document[:300])
        found |= {question: compared(answer["data"][f"q{number}"]) for number, question in enumerate(batch)}
    return found


WALK = [*looks(), *orders(), *searches(MARK), *searches("sampah")]
COMPARISONS: Mapping[str, list[str]] = {
    "StringFilter": [f'{{contains: "{MARK}"}}', "{isNull: false}"],
    "IdFilter": ["{isNull: false}"],
    "IntFilter": ["{gte: 0}"],
    "DateFilter": ["{isNull: false}"],
    "DateTimeFilter": ['{gte: "-P1D"}'],
    "DecimalFilter": ["{isNull: false}"],
    "PercentFilter": ["{isNull: true}"],
    "BooleanFilter": ["{eq: false}"],
}


async def by_key(person: Person, hidden: Hidden) -> Any:
    """What is found under the ids themselves."""
    ids = hidden.nodes[:4]
    return await person.query(
        "query($case: ID!, $ids: [ID!]!) { node(id: $case) { id __typename } nodes(ids: $ids) { id }"
        " escalation(by: {id: $case}) { id status dossier { totalCount } }"
        " eq: escalations(filter: {id: {eq: $case}}) { totalCount }"
        " not: escalations(filter: {not: {id: {eq: $case}}}) { totalCount }"
        " log: events(filter: {subject: {id: {eq: $case}}}) { totalCount } }",
        case=hidden.case,
        ids=ids,
    )


@pytest.mark.exhaustive
async def test_no_stranger_finds_a_trace_of_a_case_by_any_root_list_count_order_or_search(city: City) -> None:
    """“Whoever may not see a row does not learn that it exists: not by a count, an event, a search, an allowed action,
    an error message, a wait, or a number that moves (decision 22).”
    """
    people = await strangers(city)
    request = await public(city)
    before = [(await ask(person, WALK), await by_key(person, Hidden())) for person in people]
    hidden = await bring(city, request)
    for person, (walked, found) in zip(people, before, strict=True):
        now = await ask(person, WALK)
        assert [question for question in WALK if now[question] != walked[question]] == [], person.login
        assert await by_key(person, hidden) == found, person.login
        text = json.dumps([*now.values()])
        assert MARK not in text
        assert not [id_ for id_ in (*hidden.nodes, hidden.follow_up) if id_ in text]
        told = await person.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=hidden.events)
        assert set(map(str, told["nodes"])) == {"None"}, person.login


@pytest.mark.parametrize(
    "logins", [["dlh-staff"], pytest.param(["outsider", "kantor-dlh"], marks=pytest.mark.exhaustive)]
)
async def test_no_stranger_finds_a_trace_of_a_case_by_filters_across_relations(city: City, logins: list[str]) -> None:
    people = [person for person in await strangers(city) if person.login in logins]
    assert len(people) == len(logins)
    request = await public(city)
    questions = [*filters(COMPARISONS, 1)]
    before = [await ask(person, questions) for person in people]
    await bring(city, request)
    for person, was in zip(people, before, strict=True):
        now = await ask(person, questions)
        assert [question for question in questions if now[question] != was[question]] == [], person.login


async def test_who_has_the_right_finds_what_the_strangers_do_not(city: City) -> None:
    hidden = await bring(city, await public(city))
    for person in (city.camat, city.dlh, city.mayor, city.sekda):
        found = await by_key(person, hidden)
        assert found["escalation"]["dossier"]["totalCount"] >= 9
        assert (found["eq"]["totalCount"], found["not"]["totalCount"]) == (1, 0)
    assert MARK in json.dumps(await ask(city.mayor, [*looks()]))


async def test_a_verb_answers_of_a_hidden_case_what_it_answers_of_none(city: City) -> None:
    """“A verb on a hidden case answers NOT_FOUND; filing for somebody else's request answers NOT_YOUR_ORGANISATION
    before anything is looked at.”
    """
    people = await strangers(city)
    hidden = await bring(city, await public(city))
    there = {"escalationId": hidden.case, "followUpId": hidden.follow_up}
    asked = 0
    for verb, kind in inputs.mutations().items():
        for name in there.keys() & kind.fields.keys():
            for person in people:
                told = [
                    (await person.attempt(verb, inputs.complete(verb, **{name: id_}), "__typename"))["errors"]
                    for id_ in (there[name], inputs.unknown_id(name))
                ]
                assert told[0] == told[1], (verb, person.login)
                expected = "NOT_FOR_TOKENS" if person.login == "token-dlh" else "NOT_FOUND"
                assert told[0][0]["code"] == expected, (verb, person.login)
                asked += 1
    assert asked >= 10 * len(people)


@pytest.mark.parametrize("over", ["socket", "sse"])
async def test_no_stream_tells_a_stranger_of_a_case(city: City, over: str) -> None:
    people = await strangers(city)
    request = await public(city)
    start = await city.outsider.position()
    open_ = [await person.watch(name, over=over) for person in people for name in SUBSCRIPTIONS]
    own = await city.dlh.watch("escalationChanged", over=over)
    hidden = await bring(city, request)
    open_ += [await person.watch(name, after=start, over=over) for person in people for name in SUBSCRIPTIONS]
    narrow = {"id": {"eq": hidden.case}}
    open_ += [await person.watch("escalationChanged", filter=narrow, after=start, over=over) for person in people]
    await city.settled()
    assert (await own.next())["nodeId"] == hidden.case
    # What is public afterwards comes first: nothing was on its way before it.
    await city.task(city.neighbour, title="Sesudahnya")
    await city.settled()
    for watcher in open_:
        expected = 1 if watcher.field in ("events", "taskChanged") else 0
        assert len(watcher.told) == expected, (watcher.field, watcher.told)
        assert MARK not in str(watcher.told)


async def test_no_inbox_tells_a_stranger_of_a_case(city: City) -> None:
    people = await strangers(city)
    request = await public(city)
    # Of the board test_status_board.py tells, of live queries test_stillness.py.
    states = {"inboxChanged", "statusBoard", "live"}
    assert set(STATES) == states, "watch it here as a stranger does, or say where it is watched"
    question = "subscription { inboxChanged { totalCount nodes { kind sentence subject { id } } } }"
    open_ = [(await person.socket()).subscribe("inboxChanged", question, {}) for person in people]
    first = [await watcher.next() for watcher in open_]
    hidden = await bring(city, request)
    await city.settled()
    for before, watcher in zip(first, open_, strict=True):
        assert MARK not in str(before)
        assert hidden.case not in str(watcher.told)
        assert MARK not in str(watcher.told)


# ---- a rule that was loosened is found ------------------------------------------------------------------------------


LOOSE = [row for row in rows if row.visibility in (CASES, EVENTS) and row.name in ("Escalation", "Event")]


@pytest.mark.exhaustive
@pytest.mark.parametrize("row", LOOSE, ids=[row.name for row in LOOSE])
async def test_the_walk_finds_a_rule_that_was_loosened(city: City, monkeypatch: pytest.MonkeyPatch, row: Any) -> None:
    request = await public(city)
    root = {"Escalation": "escalations", "Event": "events"}[row.name]
    questions = [each for each in WALK if each.startswith(f"{root}(")]
    before = await ask(city.outsider, questions)
    await bring(city, request)
    assert await ask(city.outsider, questions) == before
    with monkeypatch.context() as loosened:
        # Nothing is known as compiled under the true rule, and nothing stays as compiled under this one.
        loosened.setattr(city.site.installation.engine, "documents", Documents(schema._schema))
        loosened.setattr(row, "visibility", EVERYONE)
        now = await ask(city.outsider, questions)
    assert [question for question in questions if now[question] != before[question]]


@pytest.mark.exhaustive
async def test_the_ids_find_a_rule_for_remarks_that_was_loosened(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = (each for each in rows if each.visibility == REMARKS)
    hidden = await bring(city, await public(city))
    read = f'{{ node(id: "{hidden.remark}") {{ id }} }}'
    assert await city.outsider.query(read) == {"node": None}
    with monkeypatch.context() as loosened:
        loosened.setattr(city.site.installation.engine, "documents", Documents(schema._schema))
        loosened.setattr(row, "visibility", EVERYONE)
        assert (await city.outsider.query(read))["node"]["id"] == hidden.remark


@pytest.mark.exhaustive
async def test_the_streams_find_a_rule_that_was_loosened(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await public(city)
    city.is_altered_by_hand = True
    watcher = await city.neighbour.watch("events")
    with monkeypatch.context() as loosened:
        loosened.setattr(live, "EVENTS", EVERYONE)
        city.heard.clear()
        city.confirm_outsider = _nothing  # type: ignore[method-assign]  # who would hear of it as well
        await city.camat.mutate("fileEscalation", {"requestId": request, "statement": MARK})
        await city.settled()
    city.watched.clear()
    # The event itself stays hidden by the rule for rows: its delivery is all that could be noticed.
    assert len(watcher.told) or watcher.is_ended


async def _nothing() -> None:
    return None


# ---- two cities alike but for one case ------------------------------------------------------------------------------


@pytest.fixture
async def twin(postgres: embedded.EmbeddedPostgres, founded: str, worker_id: str) -> AsyncIterator[City]:
    """A second small Medan, as `city` is."""
    name = f"twin_{worker_id}"
    url = await create_database(postgres.url, name, template=FOUNDED)
    try:
        async with living(url, founded) as made:
            yield made
    finally:
        connection = await connect(postgres.url)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


MASKS = (
    (re.compile(r"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r'("(?:cursor|startCursor|endCursor|position|requestId)": ?)"[^"]*"'), r'\1"<cursor>"'),
    # A token's minute is the wall's: where in it a question falls, and so how many it has left, no two runs share.
    (re.compile(r'("rateLimit": ?)\{[^}]*\}'), r'\1"<minute>"'),
)


def masked(answer: Any) -> str:
    """An answer's text without what differs between any two cities."""
    text = json.dumps(answer)
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


async def heard_and_seen(
    city: City, with_case: bool, refusals: bool = True, *, is_admitted: bool = False
) -> dict[tuple[str, str], str]:
    """By person and question everything that strangers are answered, refused and told.

    `is_admitted`: the person of the case has case access, and is no stranger to it.
    """
    everybody = await strangers(city)
    (former,) = (each for each in everybody if each.login == "mantan-dlh")
    people = [each for each in everybody if each is not former or not is_admitted]
    request = await public(city)
    watching = [(person, await person.watch(name)) for person in people for name in SUBSCRIPTIONS]
    hidden = await bring(city, request) if with_case else Hidden()
    if with_case and is_admitted:
        await cases.admit(city, former)
        assert await cases.look(former, hidden.case, "id")
    await city.task(city.neighbour, title="Sesudahnya")
    await city.settled()
    found: dict[tuple[str, str], str] = {}
    for person in people:
        for number, (document, _) in enumerate(documents(iter(WALK))):
            found[person.login, f"walk {number}"] = masked(await person.ask(document))
        found[person.login, "by key"] = masked(await by_key(person, hidden))
        for verb in inputs.mutations() if refusals else ():
            given = {"escalationId": hidden.case, "followUpId": hidden.follow_up, "requestId": request}
            tried = inputs.complete(verb, **{**given, "organisation": {"code": person.organisation}})
            found[person.login, verb] = masked(await person.attempt(verb, tried, "__typename"))
        tried = {"accountIds": [former.id], "dryRun": True}
        found[person.login, "admit"] = masked(await person.attempt("confirmCaseAccess", tried, "__typename"))
    # What is changed of the account then looks the same, whatever it takes away.
    await city.admin.mutate("updateAccount", {"accountId": former.id, "organisation": {"code": "DINKES"}})
    log = await city.admin.query("{ events(last: 9) { nodes { type subjectVersion sentence changes { after } } } }")
    found[city.admin.login, "log"] = masked(log)
    await city.settled()  # what the log says is told to the streams as well
    for person, watcher in watching:
        found[person.login, f"stream {watcher.field}"] = masked(watcher.told)
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("is_admitted", [False, True])
async def test_two_cities_alike_but_for_a_case_answer_every_stranger_the_same(
    city: City, twin: City, is_admitted: bool
) -> None:
    """“A share is shown from five answers on; nothing is ranked, and no case counts.” “Whoever may not see a row does
    not learn that it exists: not by a count, an event, a search, an allowed action, an error message, a wait, or
    a number that moves (decision 22).”
    """
    one = await heard_and_seen(city, True, is_admitted=is_admitted)
    other = await heard_and_seen(twin, False, is_admitted=is_admitted)
    assert one.keys() == other.keys()
    assert len(one) > 500
    assert [(place, *parting(one[place], other[place])) for place in one if one[place] != other[place]] == []


def parting(one: str, other: str) -> tuple[str, str]:
    """Where two texts begin to differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(at - 200, 0) : at + 100], other[max(at - 200, 0) : at + 100]


@pytest.mark.exhaustive
async def test_the_comparison_finds_a_rule_that_was_loosened(
    city: City, twin: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (each for each in rows if each.name == "Escalation")
    other = await heard_and_seen(twin, False, refusals=False)
    with monkeypatch.context() as loosened:
        loosened.setattr(city.site.installation.engine, "documents", Documents(schema._schema))
        loosened.setattr(row, "visibility", EVERYONE)
        one = await heard_and_seen(city, True, refusals=False)
        city.heard.clear()
        city.watched.clear()
        city.confirm_outsider = _nothing  # type: ignore[method-assign]
    different = {question for (_, question) in (place for place in one if one[place] != other[place])}
    assert "by key" in different
    assert any(each.startswith("walk") for each in different)
    assert "stream escalationChanged" in different


def test_the_walk_asks_every_root_that_leads_to_a_case() -> None:
    asked = {question.partition("(")[0].partition(" ")[0] for question in looks()}
    leading = set()
    for name, root in ROOTS.items():
        kind = get_named_type(root.type)
        if isinstance(kind, GraphQLObjectType) and kind.name.startswith(("Escalation", "Delegation")):
            leading.add(name)
    assert leading == {"escalation", "escalations", "delegations"}
    assert leading - {"escalation"} <= asked
