"""Any query live: answered, and again whenever its answer has changed, to whoever may have it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.live.group import Group
from server.live.groups import Groups
from tests.city import City
from tests.person import Json, Person
from tests.watching import EventStream, Refusal, Watcher, until

OPEN = "tasks(filter: {status: {in: [PLANNED, IN_PROGRESS]}}, orderBy: [{title: ASC}], first: 20) { nodes { title } }"
TITLES = f"query @live {{ {OPEN} }}"
OWN = "viewer { account { login } }"


async def live(person: Person, query: str, field: str, *, over: str = "socket", **variables: Any) -> Watcher:
    """A live operation of this person's, whose first answer is there; `field`: the root field whose value is heard."""
    if over == "socket":
        watcher = (await person.socket()).start(field, query=query, variables=variables)
    else:
        stream = EventStream(person.city.site.app, field, query, variables, person.headers)
        person.city.wires.append(stream)
        watcher = stream.watcher
    await until(lambda: watcher.told or watcher.is_ended, what=f"{field} is answered")
    if watcher.errors:
        raise Refusal(watcher.errors)
    return watcher


def groups(city: City) -> Groups:
    return city.site.installation.groups


def group_of(city: City, field: str) -> Group:
    """The one group whose question has this root field."""
    (found,) = [each for each in groups(city).groups() if field in each.question.compiled.plans]
    return found


def executed(city: City) -> int:
    """How many executions there were for a reason; now and then one is made to see whether one was forgotten."""
    counts = groups(city).counts
    return counts["executed"] - counts["audited"]


async def quiet(city: City, *, is_told: bool = True) -> None:
    """Everything is read, and no live query has anything left to do or, where it `is_told`, to tell."""

    def rests(group: Group) -> bool:
        return group.is_current and not (is_told and any(member.waits for member in group.members))

    await city.settled()
    await until(lambda: all(map(rests, groups(city).groups())), what="live queries rest")


@pytest.mark.parametrize("over", ["socket", "sse"])
@pytest.mark.parametrize("form", ["directive", "field"])
async def test_a_live_query_is_answered_and_again_when_its_answer_has_changed(city: City, over: str, form: str) -> None:
    query, field = (TITLES, "tasks") if form == "directive" else (f"subscription {{ live {{ {OPEN} }} }}", "live")

    def titles(value: Json) -> list[str]:
        return [each["title"] for each in (value if form == "directive" else value["tasks"])["nodes"]]

    watcher = await live(city.outsider, query, field, over=over)
    assert titles(await watcher.next()) == []
    task = await city.task(city.camat, title="Bersihkan parit")
    assert titles(await watcher.next()) == ["Bersihkan parit"]
    await city.camat.mutate("updateTask", {"taskId": task, "title": "Bersihkan parit di Jalan Karya"})
    assert titles(await watcher.next()) == ["Bersihkan parit di Jalan Karya"]
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Sudah dikerjakan warga"})
    assert titles(await watcher.next()) == []
    assert watcher.last is not None
    assert {*watcher.last["extensions"]} >= {"position", "requestId", "cost"}


async def test_what_does_not_alter_the_answer_is_not_told_and_what_it_does_not_read_does_not_run(city: City) -> None:
    task = await city.task(city.camat)
    watcher = await live(city.outsider, TITLES, "tasks")
    await quiet(city)
    before = executed(city)
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Truk sudah dipesan"})
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 40, "note": "Separuh"})
    await quiet(city)
    assert len(watcher.told) == 1
    await city.draft(city.dlh)
    await quiet(city)
    assert executed(city) - before <= 1  # the first report begins the task, and the list is of tasks that are open


async def test_of_one_organisation_no_other_organisations_event_runs_anything(city: City) -> None:
    own = (
        "query Own($code: String!) @live { tasks(filter: {organisation: {code: {eq: $code}}}, first: 5)"
        " { nodes { title } } }"
    )
    code = city.camat.organisation
    below = f'query @live {{ organisation(by: {{code: "{code}"}}) {{ tasks(first: 5) {{ nodes {{ title }} }} }} }}'
    by_filter = await live(city.outsider, own, "tasks", code=code)
    by_parent = await live(city.neighbour, below, "organisation")
    await quiet(city)
    before = executed(city)
    await city.task(city.dlh)
    await quiet(city)
    assert executed(city) == before
    await city.task(city.camat)
    await by_filter.take(2)
    await by_parent.take(2)
    await quiet(city)
    assert executed(city) == before + 2


async def test_a_condition_on_a_lists_own_rows_says_nothing_of_what_its_columns_look_into(city: City) -> None:
    code, done = city.camat.organisation, await city.task(city.camat, title="Menunggu")
    waiting = (
        f'query @live {{ organisations(filter: {{code: {{eq: "{code}"}}}}) {{ nodes {{ waitingOn {{ kind }} }} }} }}'
    )
    own = f'query @live {{ node(id: "{done}") {{ ... on Task {{ waitsFor {{ title }} }} }} }}'
    by_code, by_id = await live(city.outsider, waiting, "organisations"), await live(city.outsider, own, "node")
    await by_code.next()
    await by_id.next()
    other = await city.task(city.dlh, title="Yang ditunggu")
    await city.camat.mutate("setTaskDependencies", {"taskId": done, "waitsForIds": [other]})
    assert (await by_code.next())["nodes"][0]["waitingOn"] != []
    assert (await by_id.next())["waitsFor"] == [{"title": "Yang ditunggu"}]
    await city.dlh.mutate("updateTask", {"taskId": other, "title": "Lain"})
    assert (await by_id.next())["waitsFor"] == [{"title": "Lain"}]


async def test_who_asks_the_same_and_may_see_the_same_shares_one_execution(city: City) -> None:
    board = "query @live { statusBoard { totals { taskCount } } }"
    people = (city.outsider, city.neighbour, city.camat_staff)
    watchers = [await live(person, board, "statusBoard") for person in people]
    await quiet(city)
    assert len(group_of(city, "statusBoard").members) == 3
    before = executed(city)
    await city.task(city.camat)
    for watcher in watchers:
        await watcher.take(2)
    await quiet(city)
    assert executed(city) == before + 1


async def test_who_differs_in_something_that_is_read_is_answered_apart(city: City) -> None:
    query = f"query @live {{ {OWN} tasks(first: 1) {{ totalCount }} }}"
    people = (city.outsider, city.camat, city.dlh)
    watchers = [await live(person, query, "viewer") for person in people]
    assert [(await each.next())["account"]["login"] for each in watchers] == [each.login for each in people]
    await quiet(city)
    assert len([*groups(city).groups()]) == 3


async def test_a_fact_that_is_read_only_later_parts_those_who_differ_in_it_before_anything_is_sent(city: City) -> None:
    """What may be done with a request is asked of the viewer once there is one."""
    query = (
        "query @live { requests(first: 5) { nodes { allowedActions(verbs: [ACCEPT_REQUEST]) { verb isAllowed } } } }"
    )
    watchers = {person: await live(person, query, "requests") for person in (city.dlh_staff, city.dlh)}
    await quiet(city)
    assert len([*groups(city).groups()]) == 1
    await city.request(city.camat, city.dlh)
    for person, watcher in watchers.items():
        await watcher.next()
        (node,) = (await watcher.next())["nodes"]
        assert [each["isAllowed"] for each in node["allowedActions"]] == [person is city.dlh]
    assert len([*groups(city).groups()]) == 2


async def test_a_hidden_event_runs_nothing_for_who_may_not_know_of_it(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    query = "query @live { events(last: 5) { nodes { id } } requests(first: 5) { nodes { id version } } }"
    watcher = await live(city.outsider, query, "events")
    own = await live(city.dlh_staff, "query @live { workPlans(first: 5) { nodes { title } } }", "workPlans")
    await quiet(city)
    before, position = executed(city), (watcher.last or {})["extensions"]["position"]
    plan = await city.draft(city.dlh)
    await own.take(2)
    await quiet(city)
    assert (len(watcher.told), (watcher.last or {})["extensions"]["position"]) == (1, position)
    ran = executed(city)
    await city.camat.mutate("updateWorkPlan", {"workPlanId": await city.draft(city.camat), "title": "Rencana lain"})
    await quiet(city)
    assert (executed(city), before < ran, len(watcher.told)) == (ran, True, 1)
    assert request
    assert plan


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("query @live(throttle: 499) { city { name } }", "500"),
        ("query @live(throttle: 60001) { city { name } }", "60000"),
        ("subscription { live(throttle: 0) { city { name } } }", "500"),
        ("query @live { __schema { queryType { name } } }", "@live"),
        ('subscription { live { __type(name: "Task") { name } } }', "@live"),
    ],
)
async def test_what_cannot_be_live_is_refused_with_what_would_be_right(city: City, query: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        await live(city.outsider, query, "city")
    (error,) = refused.value.errors
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert key in error["message"]


async def test_live_on_anything_but_a_query_is_no_valid_document(city: City) -> None:
    for query in ("mutation @live { signOut { at } }", "subscription @live { live { city { name } } }"):
        with pytest.raises(Refusal) as refused:
            await live(city.outsider, query, "live")
        assert "@live" in refused.value.errors[0]["message"]


async def test_a_live_query_for_which_no_stream_is_accepted_is_refused_and_told_the_ways(city: City) -> None:
    answer = await city.outsider.ask(TITLES)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    for way in ("graphql-transport-ws", "text/event-stream", "multipart/mixed"):
        assert way in error["message"]


async def test_unless_it_is_to_be_live_it_is_answered_once(city: City) -> None:
    query = "query($live: Boolean!) @live(if: $live) { city { name } }"
    answer = await city.outsider.ask(query, {"live": False})
    assert answer["data"]["city"]["name"]
    socket = await city.outsider.socket()
    watcher = socket.start("city", query=query, variables={"live": False})
    await watcher.ended()
    assert (len(watcher.told), watcher.is_complete) == (1, True)


async def test_a_document_that_is_too_dear_to_be_live_is_told_a_page_size_that_passes(city: City) -> None:
    query = "query($n: Int!) @live { organisations(first: $n) { nodes { tasks(first: 50) { nodes { title } } } } }"
    with pytest.raises(Refusal) as refused:
        await live(city.outsider, query, "organisations", n=200)
    (error,) = refused.value.errors
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("COST_EXCEEDED", 10_000)
    assert "organisations → 196" in error["extensions"]["hint"]
    assert (await live(city.outsider, query, "organisations", n=190)).told


async def test_at_midnight_what_the_day_alone_changes_is_told(city: City) -> None:
    await city.task(city.camat, title="Jatuh tempo", dueOn=city.day())
    query = "query @live { tasks(filter: {isOverdue: {eq: true}}, first: 5) { nodes { title } } }"
    watcher = await live(city.outsider, query, "tasks")
    assert (await watcher.next())["nodes"] == []
    city.go_to(city.today + (city.today.resolution), hour=0)
    city.move(minutes=1)
    assert (await watcher.next())["nodes"] == [{"title": "Jatuh tempo"}]


async def test_a_clock_that_runs_is_told_anew_when_it_shows_something_else(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    query = f'query @live {{ request(by: {{id: "{request}"}}) {{ answerClock {{ state workingDaysLeft }} }} }}'
    watcher = await live(city.outsider, query, "request")
    first = (await watcher.next())["answerClock"]
    await quiet(city)
    before = executed(city)
    city.move(hours=1)
    await asyncio.sleep(1.2)  # longer than the clock's alarms are looked at
    assert executed(city) == before
    city.move(days=4)
    second = (await watcher.next())["answerClock"]
    assert first["state"] == second["state"] == "RUNNING"
    assert second["workingDaysLeft"] < first["workingDaysLeft"]


async def test_a_board_does_not_wait_for_a_transaction_that_stays_open(city: City) -> None:
    watcher = await live(city.outsider, TITLES, "tasks")
    await watcher.next()
    async with city.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_current_xact_id()")
        await city.task(city.camat, title="Tetap terlihat")
        assert [each["title"] for each in (await watcher.next(10))["nodes"]] == ["Tetap terlihat"]


@pytest.mark.parametrize(
    ("accept", "is_multipart"),
    [
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", False),  # urql's
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json", True),  # Apollo's
        ("application/json, multipart/mixed", True),  # GraphiQL's
    ],
)
async def test_over_http_the_first_stream_that_is_accepted_is_taken_whatever_stands_before(
    city: City, accept: str, is_multipart: bool
) -> None:
    headers = {**city.outsider.headers, "accept": accept}
    stream = EventStream(city.site.app, "city", "query @live { city { name } }", {}, headers)
    city.wires.append(stream)
    await until(lambda: b'"city"' in stream.body, what="the first answer")
    if is_multipart:
        assert b'\r\n\r\n{"data":{"city":' in stream.body
    else:
        assert stream.watcher.told


async def test_a_subscriptions_parts_stand_in_an_envelope_where_the_client_says_that_it_knows_it(city: City) -> None:
    accept = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"
    query = "subscription { live { city { name } } }"
    stream = EventStream(city.site.app, "live", query, {}, {**city.outsider.headers, "accept": accept})
    city.wires.append(stream)
    await until(lambda: b"payload" in stream.body, what="the first answer")
    assert b'\r\n\r\n{"payload":{"data":{"live":{"city":' in stream.body


async def test_the_first_answer_has_what_was_done_before_it_was_asked_though_others_wait_for_theirs(city: City) -> None:
    query = f"query @live(throttle: 60000) {{ {OPEN} }}"
    first = await live(city.camat, query, "tasks")
    await city.task(city.camat, title="Satu")  # the first to watch is told of it in a minute
    await city.settled()
    second = await live(city.camat, query, "tasks")
    assert [each["title"] for each in (await second.next())["nodes"]] == ["Satu"]
    assert (await first.next())["nodes"] == []
