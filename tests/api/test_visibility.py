"""Nobody learns of a foreign draft: by no list, count, filter, order, search, relation, verb, event or subscription."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import get_named_type

from server.query.documents.cache import Documents
from server.rules.visibility import DRAFTS, EVENTS, EVERYONE
from server.schema import rows, schema
from tests import inputs
from tests.city import City
from tests.person import Person
from tests.walking import GROUPS, LISTS, ROOTS, SUBSCRIPTIONS, compared, documents, filters, looks, orders, searches

MARK = "zamrudkatulistiwa"  # stands in every text of the draft and nowhere else
DAY, AMOUNT, PROGRESS, YEAR = "2027-08-17", "7777.7777", 37, 2027
Answers = dict[str, Any]
KEYED = {name for name, field in ROOTS.items() if field.args.keys() & {"id", "ids", "by"}} - {*GROUPS}
OF_CASES = {"escalation"}  # tests/api/test_secrecy.py asks these
OF_ACCOUNTS = {"token"}  # tests/api/test_tokens.py asks these: no draft is in them


@dataclass
class Hidden:
    """The ids of a draft plan, of what stands in it, and of what is prepared for another; at first of nothing."""

    plan: str = inputs.unknown_id("workPlanId")
    target: str = inputs.unknown_id("targetId")
    task: str = inputs.unknown_id("taskId")
    other: str = inputs.unknown_id("taskId")
    comment: str = inputs.unknown_id("commentId")
    added: str = inputs.unknown_id("targetId")
    amendment: str = inputs.unknown_id("amendmentId")
    events: list[str] = field(default_factory=list)

    @property
    def nodes(self) -> list[str]:
        return [self.plan, self.target, self.task, self.other, self.comment, self.added, self.amendment]


async def public(city: City) -> Hidden:
    """Plans, targets and tasks that all may see, of the organisation with the draft and of its neighbour."""
    plan = await city.approved(city.camat, targets=2)
    (target, _) = await city.targets_of(plan)
    await city.task(city.camat, workPlanId=plan, targetId=target, dueOn=city.day(3))
    await city.task(city.camat_staff, assigneeId=city.camat_staff.id)
    await city.approved(city.neighbour)
    await city.task(city.neighbour)
    return Hidden()


async def draft(city: City) -> Hidden:
    """A draft with all that may hang on a plan, tied to public things on every side."""
    staff = city.camat_staff
    found = await staff.query('{ tasks(filter: {organisation: {code: {eq: "12.71.11"}}}) { nodes { id } } }')
    in_public = found["tasks"]["nodes"][0]["id"]
    added, amendment = await prepared(city)
    plan = await city.draft(staff, targets=0, year=YEAR, title=f"Rencana {MARK}")
    target = await city.target(
        staff, plan, indicator=f"Indikator {MARK}", unit=MARK, targetValue=AMOUNT, dueOn=DAY,
        programme={"code": "KEBERSIHAN"}, responsibleId=city.camat.id, externalId=MARK,
    )  # fmt: skip
    more = {"workPlanId": plan, "description": MARK, "dueOn": DAY, "kelurahan": {"code": "12.71.11.1002"}}
    first = await city.task(staff, title=f"Kerja {MARK}", targetId=target, assigneeId=city.camat.id, **more)
    second = await city.task(
        staff, title=f"Lanjut {MARK}", waitsForIds=[first, in_public], checklist=[MARK], externalId=MARK, **more
    )
    await staff.mutate("setTaskDependencies", {"taskId": first, "waitsForIds": [in_public]})
    await staff.mutate("addEvidence", {"taskId": first, "url": f"https://{MARK}.example/", "title": MARK})
    await staff.mutate("commentOnTask", {"taskId": first, "text": MARK})
    await city.camat.mutate("updateTarget", {"targetId": target, "indicator": f"Indikator baru {MARK}"})
    read = "query($id: ID!) { task(by: {id: $id}) { comments { nodes { id } } } }"
    comment = (await staff.query(read, id=first))["task"]["comments"]["nodes"][0]["id"]
    log = await staff.query("{ events(last: 50) { nodes { id changes { after } } } }")
    events = [each["id"] for each in log["events"]["nodes"] if MARK in str(each)]
    return Hidden(plan, target, first, second, comment, added, amendment, events)


async def prepared(city: City) -> tuple[str, str]:
    """What no head has signed yet, of a public plan: a target to be added, and an amendment of one that is there."""
    staff = city.camat_staff
    found = await staff.query('{ targets(filter: {owner: {code: {eq: "12.71.11"}}}) { nodes { id workPlan { id } } } }')
    promised = found["targets"]["nodes"][0]
    added = await city.target(staff, promised["workPlan"]["id"], indicator=f"Usul {MARK}", unit=MARK, reason=MARK)
    amend = {"targetId": promised["id"], "reason": MARK, "indicator": f"Usul {MARK}", "targetValue": AMOUNT}
    await staff.mutate("amendTarget", amend)
    read = "query($id: ID!) { target(by: {id: $id}) { openAmendment { id } } }"
    return added, (await staff.query(read, id=promised["id"]))["target"]["openAmendment"]["id"]


async def ask(person: Person, questions: Iterable[str]) -> Answers:
    """Each question with its answer."""
    found: Answers = {}
    for document, batch in documents(iter(questions)):
        answer = await person.ask(document)
        assert answer.get("data"), (answer, document[:300])
        found |= {question: compared(answer["data"][f"q{number}"]) for number, question in enumerate(batch)}
    return found


def by_key(hidden: Hidden) -> Iterator[tuple[str, str]]:
    """What is looked up by a key, named alike whatever the ids are."""
    each = {"plan": hidden.plan, "target": hidden.target, "task": hidden.task, "other": hidden.other}
    each |= {"comment": hidden.comment, "added": hidden.added, "amendment": hidden.amendment}
    for name, id_ in each.items():
        yield f"node {name}", f'node(id: "{id_}") {{ id __typename }}'
    ids = ", ".join(f'"{id_}"' for id_ in hidden.nodes)
    yield "nodes", f"nodes(ids: [{ids}]) {{ id }}"
    yield "task", f'task(by: {{id: "{hidden.task}"}}) {{ title allowedActions {{ verb }} history {{ totalCount }} }}'
    yield "target", f'target(by: {{id: "{hidden.target}"}}) {{ indicator allowedActions {{ verb }} }}'
    theirs = f'{{organisationExternalId: {{organisation: {{code: "12.71.11"}}, externalId: "{MARK}"}}}}'
    yield "task by external id", f"task(by: {theirs}) {{ id }}"
    yield "target by external id", f"target(by: {theirs}) {{ id }}"
    key = f'{{targetExternalId: {{targetId: "{hidden.target}", externalId: "{MARK}"}}}}'
    yield "measurement", f"measurement(by: {key}) {{ id }}"
    yield "plan", f'workPlan(by: {{id: "{hidden.plan}"}}) {{ title allowedActions {{ verb }} summary {{ taskCount }} }}'
    key = f'{{organisationYear: {{organisation: {{code: "12.71.11"}}, year: {YEAR}}}}}'
    yield "plan by year", f"workPlan(by: {key}) {{ id }}"
    yield (
        "organisation",
        f'organisation(by: {{code: "12.71.11"}}) {{ version updatedAt workPlan(year: {YEAR}) {{ id }} '
        "workPlans { totalCount } targets { totalCount } tasks(includeArchived: true) { totalCount } "
        f'search: tasks(search: "{MARK}") {{ totalCount }} summary {{ planCount targetCount taskCount }} '
        "history { totalCount } allowedActions { verb isAllowed refusals { code message path } } }",
    )
    yield "kelurahan", 'organisation(by: {code: "12.71.11.1002"}) { tasksInTerritory { totalCount nodes { id } } }'
    yield "programme", 'programme(by: {code: "KEBERSIHAN"}) { carriers { nodes { code } } targets { totalCount } }'
    yield "unrealised", f"unrealisedTargets(year: {YEAR}) {{ totalCount nodes {{ id }} }}"
    for name, field_ in (("workPlans", "id"), ("targets", "id"), ("tasks", "id")):
        chosen = {"workPlans": hidden.plan, "targets": hidden.target, "tasks": hidden.task}[name]
        yield f"{name} by id", f'{name}(filter: {{{field_}: {{eq: "{chosen}"}}}}) {{ totalCount }}'
    for relation, id_ in (("workPlan", hidden.plan), ("target", hidden.target)):
        for comparator in (f'eq: "{id_}"', f'neq: "{id_}"', f'in: ["{id_}"]', f'nin: ["{id_}"]'):
            yield (
                f"tasks by {relation} {comparator.partition(':')[0]}",
                f"tasks(filter: {{{relation}: {{id: {{{comparator}}}}}}}) {{ totalCount nodes {{ id }} }}",
            )
            yield (
                f"tasks not by {relation} {comparator.partition(':')[0]}",
                f"tasks(filter: {{not: {{{relation}: {{id: {{{comparator}}}}}}}}}) {{ totalCount nodes {{ id }} }}",
            )


async def look(person: Person, hidden: Hidden) -> Answers:
    """The whole walk but for its filters."""
    found = await ask(person, [*looks(), *orders(), *searches(MARK), *searches("sampah")])
    for name, question in by_key(hidden):
        (found[name],) = (await ask(person, [question])).values()
    return found


def comparisons() -> Mapping[str, list[str]]:
    """For each comparator's type, what tells the draft from everything else."""
    return {
        "StringFilter": [f'{{contains: "{MARK}"}}', f'{{startsWith: "{MARK}"}}'],
        "IdFilter": ["{isNull: false}"],
        "IntFilter": [f"{{eq: {PROGRESS}}}", f"{{eq: {YEAR}}}", "{gte: 0}"],
        "DateFilter": [f'{{eq: "{DAY}"}}', "{isNull: false}"],
        "DateTimeFilter": ['{gte: "-P1D"}'],
        "DecimalFilter": [f'{{eq: "{AMOUNT}"}}'],
        "PercentFilter": ["{isNull: true}"],
        "BooleanFilter": ["{eq: false}"],
    }


def different(before: Answers, after: Answers) -> list[str]:
    return [question for question in before.keys() | after.keys() if before.get(question) != after.get(question)]


STRANGERS = ("neighbour", "dlh_staff", "outsider", "admin")


def test_the_walk_asks_every_root_and_every_subscription() -> None:
    asked = {question.partition("(")[0].partition(" ")[0] for question in looks()}
    unasked = set(ROOTS) - asked - KEYED
    assert not unasked, f"ask these in looks() of tests/walking.py: {unasked}"
    public = {row.name for row in rows if row.visibility == EVERYONE}
    hidden = {name for name in KEYED if get_named_type(ROOTS[name].type).name not in public}
    hidden -= OF_CASES | OF_ACCOUNTS
    by_no_key = hidden - {question.partition("(")[0] for _, question in by_key(Hidden())}
    assert not by_no_key, f"make one that is hidden in draft() above, and ask for it in by_key(): {by_no_key}"
    assert {question.partition("(")[0] for question in filters(comparisons(), 0)} == set(LISTS)


@pytest.mark.exhaustive  # it walks through all that can be asked
async def test_no_stranger_learns_of_a_draft_by_looking_ordering_or_searching(city: City) -> None:
    """“A draft, a plan that was never submitted, with its targets and tasks: its organisation and the reviewers, and a
    token that draws plans up or makes tasks for the whole city.”
    """
    nothing = await public(city)
    people: list[Person] = [getattr(city, name) for name in STRANGERS]
    before = [await look(person, nothing) for person in people]
    hidden = await draft(city)
    for person, was in zip(people, before, strict=True):
        now = await look(person, hidden)
        assert not different(was, now), person.login
        assert MARK not in str([*now.values()])
        events = await person.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=hidden.events)
        assert set(map(str, events["nodes"])) == {"None"}


@pytest.mark.exhaustive  # it walks through all that can be asked
async def test_no_stranger_learns_of_a_draft_by_filters_across_relations(city: City) -> None:
    await public(city)
    before = await ask(city.outsider, filters(comparisons(), 1))
    assert len(before) > 400
    await draft(city)
    assert not different(before, await ask(city.outsider, filters(comparisons(), 1)))


async def test_its_organisation_and_the_reviewers_see_the_draft(city: City) -> None:
    """“A draft, a plan that was never submitted, with its targets and tasks: its organisation and the reviewers, and a
    token that draws plans up or makes tasks for the whole city.”
    """
    await public(city)
    hidden = await draft(city)
    for person in (city.camat, city.camat_staff, city.bappeda, city.sekda, city.mayor):
        seen = {name: each for name, question in by_key(hidden) for each in (await ask(person, [question])).values()}
        assert all(
            seen[name] is not None
            for name in ("task", "target", "plan", "plan by year", "node other", "node added", "node amendment")
        )
        assert all(seen["nodes"]), person.login
        assert [seen[f"{name} by id"]["totalCount"] for name in ("workPlans", "targets", "tasks")] == [1, 1, 1]
        assert seen["organisation"]["workPlans"]["totalCount"] == 2
        found = await ask(person, searches(MARK))
        assert [each["totalCount"] for each in found.values() if each["totalCount"]] == [1, 2, 2], person.login
        ids = hidden.events
        assert all((await person.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"])


async def test_no_summary_counts_a_draft_for_anybody(city: City) -> None:
    """“Counters and the board count no draft, for anybody.”"""
    await public(city)
    summaries = (
        "{ organisations { nodes { summary { planCount targetCount taskCount } } } programmes { nodes { summary {"
    )
    summaries += " planCount targetCount taskCount } } } }"
    people = (city.camat, city.camat_staff, city.bappeda, city.mayor, city.outsider)
    before = [await person.query(summaries) for person in people]
    await draft(city)
    assert [await person.query(summaries) for person in people] == before
    assert all(each == before[0] for each in before)


async def test_a_verb_answers_of_a_hidden_thing_what_it_answers_of_no_thing(city: City) -> None:
    await public(city)
    hidden = await draft(city)
    asked = 0
    for verb, kind in inputs.mutations().items():
        for name in ("workPlanId", "targetId", "taskId", "commentId", "waitsForIds", "aboutId"):
            if name not in kind.fields:
                continue
            there: dict[str, Any] = {"workPlanId": hidden.plan, "targetId": hidden.target, "taskId": hidden.task}
            there |= {"commentId": hidden.comment, "waitsForIds": [hidden.task], "aboutId": hidden.target}
            nowhere: Any = inputs.unknown_id(name)
            nowhere = [nowhere] if name == "waitsForIds" else nowhere
            code = {"organisation": {"code": city.neighbour.organisation}}
            told = [
                (await city.neighbour.attempt(verb, inputs.complete(verb, **{**code, name: id_}), "__typename"))[
                    "errors"
                ]
                for id_ in (there[name], nowhere)
            ]
            assert told[0] == told[1], (verb, name)
            assert told[0], (verb, name)
            asked += 1
    assert asked > 40


async def test_a_task_of_ones_own_is_tied_to_no_hidden_thing(city: City) -> None:
    await public(city)
    hidden = await draft(city)
    mine = {"organisation": {"code": city.neighbour.organisation}, "title": "Milik sendiri"}
    for more, path in (
        ({"workPlanId": hidden.plan}, ["workPlanId"]),
        ({"targetId": hidden.target}, ["targetId"]),
        ({"waitsForIds": [hidden.task]}, ["waitsForIds", "0"]),
    ):
        error = await city.neighbour.refused("createTask", {**mine, **more})
        assert (error["code"], error["path"]) == ("NOT_FOUND", path)
    task = await city.task(city.neighbour)
    error = await city.neighbour.refused("moveTask", {"taskId": task, "targetId": hidden.target})
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["targetId"])


@pytest.mark.parametrize("over", ["socket", "sse"])
async def test_no_subscription_tells_a_stranger_of_a_draft(city: City, over: str) -> None:
    await public(city)
    start = await city.outsider.position()
    people = (city.neighbour, city.outsider, city.dlh_staff)
    open_ = [await person.watch(name, over=over) for person in people for name in SUBSCRIPTIONS]
    own = await city.camat_staff.watch("taskChanged", over=over)
    hidden = await draft(city)
    open_ += [await person.watch(name, after=start, over=over) for person in people for name in SUBSCRIPTIONS]
    open_ += [await city.neighbour.watch("taskChanged", filter={"id": {"eq": hidden.task}}, after=start, over=over)]
    open_ += [
        await city.neighbour.watch(
            "taskChanged", filter={"workPlan": {"id": {"eq": hidden.plan}}}, after=start, over=over
        )
    ]
    await city.settled()
    assert (await own.next())["node"]["title"] == f"Kerja {MARK}"
    # What is public afterwards comes first: nothing was on its way before it.
    await city.task(city.neighbour, title="Sesudahnya")
    await city.settled()
    for watcher in open_:
        assert MARK not in str(watcher.told)
        assert not {str(each.get("id")) for each in watcher.told} & {*hidden.nodes, *hidden.events}
        assert len(watcher.told) == (
            1 if watcher.field in ("events", "taskChanged") and not _is_narrow(watcher, open_) else 0
        )


def _is_narrow(watcher: Any, all_: list[Any]) -> bool:
    return watcher in all_[-2:]


def list_of(row: Any) -> str:
    """The root that lists these rows."""
    found: list[str] = [name for name in LISTS if get_named_type(ROOTS[name].type).name == f"{row.name}Connection"]
    assert found, f"no root lists {row.name}, so that nothing here walks what drafts hide of it: give it one"
    return found[0]


LOOSE = [(row, list_of(row)) for row in rows if row.visibility in (DRAFTS, EVENTS)]


@pytest.mark.parametrize(("row", "root"), LOOSE, ids=[row.name for row, _ in LOOSE])
async def test_the_walk_finds_a_rule_that_was_loosened(
    city: City, monkeypatch: pytest.MonkeyPatch, row: Any, root: str
) -> None:
    await public(city)
    questions = [each for each in looks() if each.startswith(f"{root}(")]
    before = await ask(city.outsider, questions)
    await draft(city)
    assert not different(before, await ask(city.outsider, questions))
    with monkeypatch.context() as loosened:
        # Nothing is known as compiled under the true rule, and nothing stays as compiled under this one.
        loosened.setattr(city.site.installation.engine, "documents", Documents(schema._schema))
        loosened.setattr(row, "visibility", EVERYONE)
        assert sorted(different(before, await ask(city.outsider, questions))) == sorted(questions)


# ---- what an account keeps to itself ---------------------------------------------------------------------------------


async def test_login_and_last_sign_in_are_shown_to_the_account_and_administrators_only(city: City) -> None:
    logins = "{ accounts(first: 50) { nodes { id login lastSignInAt } } }"
    for person in (city.camat, city.bappeda, city.mayor, city.outsider):
        nodes = (await person.query(logins))["accounts"]["nodes"]
        assert [each["id"] for each in nodes if each["login"] or each["lastSignInAt"]] == [person.id]
    nodes = (await city.admin.query(logins))["accounts"]["nodes"]
    assert all(each["login"] and each["lastSignInAt"] for each in nodes)


@pytest.mark.parametrize(
    "condition",
    ['{login: {startsWith: "c"}}', '{login: {contains: "a"}}', '{login: {eq: "camat"}}', '{login: {neq: "outsider"}}',
     '{login: {in: ["camat", "dlh"]}}', '{login: {isNull: false}}', '{not: {login: {isNull: true}}}',
     '{lastSignInAt: {isNull: false}}', '{lastSignInAt: {gte: "-P1D"}}', '{not: {login: {startsWith: "c"}}}',
     '{login: {nin: ["camat"]}}'],
)  # fmt: skip
async def test_no_filter_tells_of_anothers_login(city: City, condition: str) -> None:
    """Masked is null: what a filter says of all the others is what it says of a null, whatever their login is."""
    others = f"accounts(first: 50, filter: {condition}) {{ totalCount nodes {{ id }} }}"
    found = (await city.outsider.query(f"{{ {others} }}"))["accounts"]
    strangers = {each["id"] for each in found["nodes"]} - {city.outsider.id}
    everyone = (await city.outsider.query("{ accounts(first: 50) { totalCount } }"))["accounts"]["totalCount"]
    assert len(strangers) in (0, everyone - 1)
    assert found["totalCount"] == len(found["nodes"])
    nested = f"{{ tasks(filter: {{assignee: {condition}}}) {{ totalCount }} }}"
    assert (await city.outsider.query(nested))["tasks"]["totalCount"] == 0
    seen = (await city.admin.query(f"{{ {others} }}"))["accounts"]["totalCount"]
    assert seen > 0 or "neq" in condition or "not" in condition or "nin" in condition


async def test_no_one_else_reads_an_accounts_own_events(city: City) -> None:
    await city.sign_in("camat")
    await city.camat.mutate("signOutEverywhere", {"accountId": city.camat.id}, "account { id }")
    history = "query($id: ID!) { account(by: {id: $id}) { history { totalCount nodes { type } } } }"
    log = "{ events(filter: {type: {eq: SIGNED_OUT_EVERYWHERE}}) { totalCount } }"
    for person, count in ((city.outsider, 0), (city.neighbour, 0), (city.bappeda, 0), (city.mayor, 0), (city.admin, 1)):
        assert (await person.query(log))["events"]["totalCount"] == count
        types = [
            each["type"] for each in (await person.query(history, id=city.camat.id))["account"]["history"]["nodes"]
        ]
        assert "SIGNED_OUT_EVERYWHERE" not in types, "it is no event of the account's, but of a sign-in's"
