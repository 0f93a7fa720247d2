"""What the clock alone does: written down once, with the deadline as its moment, whenever it is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.actions.check import check
from server.actions.city import CityClock
from server.actions.facts import office, offices
from server.actions.transaction import Transaction, transaction
from server.ids import decode, encode
from server.models import Delegation, Escalation, FollowUp, Organisation, Request
from server.models.fields import Subject
from server.rules.clock import ClockKind, working_clock
from server.rules.collaboration_facts import ANSWER_DAYS, RequestKind, RequestStatus
from server.rules.eligibility import EscalationGround
from server.rules.escalation_facts import REPLY_DAYS, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import OBJECTION_DAYS
from tests.city import WIB, City
from tests.founding import JOHOR
from tests.person import Json
from tests.verbs import mutation_of
from tests.watching import until


@asynccontextmanager
async def system(city: City) -> AsyncIterator[Transaction]:
    installation = city.site.installation
    async with transaction(city.pool, None, installation.clock.moment(), installation.wake) as tx:
        yield tx


async def organisation_id(tx: Transaction, code: str) -> UUID:
    found = await tx.find(Organisation, code=code)
    assert found is not None
    return found.id


async def asked(city: City, **columns: Any) -> UUID:
    """Johor asks the DLH for something, now; with these columns."""
    async with system(city) as tx:
        asker, giver = await organisation_id(tx, JOHOR), await organisation_id(tx, "DLH")
        clock = working_clock(ClockKind.ANSWER, tx.now, ANSWER_DAYS, await office(tx, giver))
        row = Request(
            **{
                "id": tx.new_id(), "kind": RequestKind.NEED, "status": RequestStatus.OPEN,
                "asker_id": asker, "giver_id": giver, "thread_id": tx.new_id(), "title": "Dua truk sampah",
                "answer_started_at": tx.now, "answer_due_at": clock.due_at, **columns,
            }
        )  # fmt: skip
        await tx.create(row, EventType.REQUEST_MADE)
    return row.id


async def filed(city: City, **columns: Any) -> UUID:
    """A case of Johor's against the DLH, filed now."""
    request_id = await asked(city)
    async with system(city) as tx:
        filer, respondent = await organisation_id(tx, JOHOR), await organisation_id(tx, "DLH")
        clock = working_clock(ClockKind.REPLY, tx.now, REPLY_DAYS, await office(tx, respondent))
        row = Escalation(
            **{
                "id": tx.new_id(), "request_id": request_id, "filer_id": filer, "respondent_id": respondent,
                "ground": EscalationGround.NO_ANSWER, "ground_arose_at": tx.now, "statement": "Tidak dijawab.",
                "filed_at": tx.now, "filed_by_id": decode(city.camat.id)[1], "reply_due_at": clock.due_at, **columns,
            }
        )  # fmt: skip
        await tx.create(row, EventType.ESCALATION_FILED)
    return row.id


async def told(city: City, subject: UUID | str, *types: str) -> list[Json]:
    """The events of the system about it, in order: type, deadline's moment in the city, and what changed."""
    id = decode(subject)[1] if isinstance(subject, str) else subject
    rows = await city.rows(
        "SELECT type, happened_at, recorded_at, deadline, changes, facts FROM event"
        " WHERE subject_id = $1 AND actor_id IS NULL AND subject_version > 1 ORDER BY subject_version",
        id,
    )
    return [row for row in rows if not types or row["type"] in types]


def moments(rows: list[Json]) -> list[tuple[str, str]]:
    return [(row["type"], f"{row['happened_at'].astimezone(WIB):%m-%d %H:%M:%S}") for row in rows]


async def row_of(city: City, table: str, id: UUID) -> Json:
    (row,) = await city.rows(f"SELECT * FROM {table} WHERE id = $1", id)
    return row


# Monday 15 June 2026 is the city's first day; the 16th is a holiday.


async def test_a_request_is_reminded_of_once_and_lapses_once_at_its_deadline(city: City) -> None:
    request = await asked(city)
    assert await city.sweep() == 0
    city.go_to(date(2026, 6, 19))  # the third working day
    assert await city.sweep() == 1
    assert await city.sweep() == 0
    city.go_to(date(2026, 6, 20))
    assert await city.sweep() == 1
    assert await city.sweep() == 0
    rows = await told(city, request)
    assert moments(rows) == [("REQUEST_REMINDED", "06-18 08:00:00"), ("REQUEST_LAPSED", "06-19 23:59:59")]
    assert city.now - rows[1]["recorded_at"] < timedelta(seconds=1)
    assert (await row_of(city, "collaboration_request", request))["lapsed_at"] == rows[1]["happened_at"]


async def test_a_reminder_is_not_made_up_after_its_deadline(city: City) -> None:
    request = await asked(city)
    city.go_to(date(2026, 7, 20))
    assert await city.sweep() == 1
    assert moments(await told(city, request)) == [("REQUEST_LAPSED", "06-19 23:59:59")]


async def test_a_reminder_does_not_follow_the_act_that_it_asks_for(city: City) -> None:
    request = await asked(city)
    city.move(days=1)
    async with system(city) as tx:
        row = await tx.lock(Request, request)
        change = {"status": RequestStatus.DECLINED, "answer_stopped_at": tx.now, "answered_at": tx.now}
        await tx.change(row, change, EventType.REQUEST_DECLINED)
    city.go_to(date(2026, 6, 19))
    assert await city.sweep() == 0


async def test_questions_counters_and_deliveries_that_nobody_answers_are_settled_by_the_clock(city: City) -> None:
    due = datetime(2026, 6, 19, 16, 59, 59, tzinfo=UTC)
    paused = [{"reason": "QUESTION", "from": city.now.isoformat(), "to": None, "actorId": None}]
    later = datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC)
    question = await asked(
        city, question="Berapa?", question_asked_at=city.now, question_due_at=due, answer_pauses=paused
    )
    counter = await asked(
        city,
        status=RequestStatus.COUNTERED,
        counter_made_at=city.now,
        counter_due_at=later,
        answer_stopped_at=city.now,
    )  # fmt: skip
    delivered = await asked(
        city,
        status=RequestStatus.DELIVERED,
        delivered_at=city.now,
        confirm_due_at=later,
        answer_stopped_at=city.now,
    )  # fmt: skip
    city.go_to(date(2026, 7, 6))
    # What silence has settled is over before anybody notices, and foretold so.
    foretold = "query($id: ID!) { request(by: {id: $id}) { allowedActions { verb refusals { code } } } }"
    for request, verbs in (
        (encode("req", counter), {"acceptCounter": {}, "refuseCounter": {}, "withdrawRequest": {}}),
        (encode("req", delivered), {"confirmDelivery": {}, "disputeDelivery": {"reason": "Masih kotor."}}),
    ):
        said = (await city.camat.query(foretold, id=request))["request"]["allowedActions"]
        assert {mutation_of(each["verb"]): each["refusals"] for each in said}.items() >= {
            verb: [{"code": "MOVE_NOT_ALLOWED"}] for verb in verbs
        }.items()
        for verb, more in verbs.items():
            assert (await city.camat.refused(verb, {"requestId": request, **more}))["code"] == "MOVE_NOT_ALLOWED"
    await city.sweep()
    lapsed = await told(city, question)
    assert moments(lapsed)[0] == ("REQUEST_QUESTION_LAPSED", "06-19 23:59:59")
    assert moments(lapsed)[-1][0] == "REQUEST_LAPSED"
    assert moments(await told(city, counter)) == [("REQUEST_COUNTER_LAPSED", "06-30 23:59:59")]
    assert (await row_of(city, "collaboration_request", counter))["status"] == "WITHDRAWN"
    assert moments(await told(city, delivered)) == [("REQUEST_CONFIRMED_BY_SILENCE", "06-30 23:59:59")]
    assert (await row_of(city, "collaboration_request", delivered))["status"] == "CONFIRMED"


async def test_days_on_which_nobody_holds_the_office_move_the_clock_before_it_lapses(city: City) -> None:
    request = await asked(city)
    (office_of_dlh,) = await city.rows(
        "SELECT a.id FROM appointment a JOIN organisation o ON o.id = a.organisation_id WHERE o.code = 'DLH'"
    )
    held = encode("appt", office_of_dlh["id"])
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(2)})
    city.go_to(date(2026, 6, 24))
    await city.sweep()
    assert "REQUEST_LAPSED" not in [row["type"] for row in await told(city, request)]
    given = {
        "organisation": {"code": "DLH"},
        "accountId": city.dlh.id,
        "capacity": "DEFINITIVE",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    await city.settled()  # by itself, without a sweep of the test's
    # It was to be reminded of that morning, when nobody was there.
    assert [row["type"] for row in await told(city, request)] == ["REQUEST_CLOCK_MOVED", "REQUEST_REMINDED"]
    row = await row_of(city, "collaboration_request", request)
    assert f"{row['answer_due_at'].astimezone(WIB):%m-%d}" == "06-25"  # the 17th, the 24th and the 25th counted
    city.go_to(date(2026, 6, 26))
    await city.sweep()
    assert moments(await told(city, request, "REQUEST_LAPSED")) == [("REQUEST_LAPSED", "06-25 23:59:59")]


async def test_a_declared_day_off_makes_deadlines_later_and_its_end_makes_none_earlier(city: City) -> None:
    request = await asked(city)
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    before = await row_of(city, "target", decode(target)[1])
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-06-18", "name": "Pemilihan"})
    await city.settled()
    row = await row_of(city, "collaboration_request", request)
    assert f"{row['answer_due_at'].astimezone(WIB):%m-%d}" == "06-22"
    await city.admin.mutate("removeHoliday", {"fallsOn": "2026-06-18"})
    await city.settled()
    assert await row_of(city, "collaboration_request", request) == row
    # The report on the second quarter is due in July; of the first none is owed.
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "5", "measuredOn": "2026-03-31"})
    told_before = (await row_of(city, "target", decode(target)[1]))["report_due_on"]
    assert before["report_due_on"] == told_before
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-07-08", "name": "Pemilihan"})
    await city.settled()
    moved = await row_of(city, "target", decode(target)[1])
    assert moved["report_due_on"] == told_before + timedelta(days=1 if told_before.weekday() < 4 else 3)
    await city.admin.mutate("removeHoliday", {"fallsOn": "2026-07-08"})
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "1", "measuredOn": "2026-03-30"})
    await city.settled()
    assert (await row_of(city, "target", decode(target)[1]))["report_due_on"] == moved["report_due_on"]


async def test_a_task_is_reminded_of_and_is_overdue_once(city: City) -> None:
    task = await city.task(city.camat, dueOn="2026-06-19")
    late = await city.task(city.camat, dueOn="2026-06-15")
    done = await city.task(city.camat, dueOn="2026-06-19")
    await city.camat.mutate("reportProgress", {"taskId": done, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": done})
    city.go_to(date(2026, 6, 19))
    await city.sweep()
    city.go_to(date(2026, 6, 20))
    await city.sweep()
    await city.sweep()
    assert moments(await told(city, task)) == [("TASK_REMINDED", "06-18 08:00:00"), ("TASK_OVERDUE", "06-19 23:59:59")]
    assert moments(await told(city, late)) == [("TASK_OVERDUE", "06-15 23:59:59")]  # no time was left for a reminder
    assert await told(city, done) == []
    await city.camat.mutate("updateTask", {"taskId": task, "dueOn": "2026-06-24"})
    city.go_to(date(2026, 6, 25))
    await city.sweep()
    assert moments(await told(city, task))[2:] == [("TASK_OVERDUE", "06-24 23:59:59")]


async def test_each_report_that_is_missed_is_told_and_the_next_one_counts(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    await city.sweep()
    assert await told(city, target) == []  # the first quarter's was due before the plan was approved
    city.go_to(date(2026, 7, 14))
    await city.sweep()
    city.go_to(date(2026, 7, 15))
    await city.sweep()
    city.go_to(date(2026, 10, 20))
    await city.sweep()
    assert moments(await told(city, target)) == [
        ("TARGET_REMINDED", "07-13 08:00:00"),
        ("TARGET_NOT_REPORTED", "07-14 23:59:59"),
        ("TARGET_NOT_REPORTED", "10-14 23:59:59"),
    ]


async def test_a_reply_lapses_and_follow_ups_close_by_silence_with_their_case(city: City) -> None:
    case = await filed(city)
    city.go_to(date(2026, 6, 20))
    await city.sweep()
    assert moments(await told(city, case)) == [("ESCALATION_REPLY_LAPSED", "06-19 23:59:59")]
    async with system(city) as tx:
        row = await tx.lock(Escalation, case)
        clock = working_clock(ClockKind.OBJECTION, tx.now, OBJECTION_DAYS, await office(tx, row.filer_id))
        parts = [
            FollowUp(
                id=tx.new_id(), escalation_id=case, text=text, created_at=tx.now, objectable_from=tx.now,
                objection_due_at=clock.due_at,
            )
            for text in ("Angkut sampah", "Pasang rambu")
        ]  # fmt: skip
        decided = {"status": EscalationStatus.DECIDED, "decided_at": tx.now}
        await tx.change(row, decided, EventType.ESCALATION_DECIDED, parts=parts)
    city.go_to(date(2026, 6, 26))
    await city.sweep()
    city.go_to(date(2026, 6, 27))
    await city.sweep()
    assert moments(await told(city, case))[2:] == [
        ("ESCALATION_REMINDED", "06-25 08:00:00"),
        ("ESCALATION_FOLLOW_UP_CLOSED", "06-26 23:59:59"),
        ("ESCALATION_FOLLOW_UP_CLOSED", "06-26 23:59:59"),
        ("ESCALATION_CLOSED", "06-26 23:59:59"),
    ]
    assert (await row_of(city, "escalation", case))["status"] == "CLOSED"


async def test_an_appointment_that_ended_is_told_and_its_holder_is_looked_up_again(city: City) -> None:
    made = await city.admin.mutate(
        "appoint",
        {
            "organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH", "validFrom": city.day(),
            "validTo": city.day(1),
        },
    )  # fmt: skip
    appointment = made["appointment"]["id"]
    offices = "{ viewer { offices { capacity } } }"
    assert (await city.dlh_staff.query(offices))["viewer"]["offices"] == [{"capacity": "PLH"}]
    watcher = await city.dlh_staff.watch("taskChanged")
    city.go_to(date(2026, 6, 17))
    await city.sweep()
    await city.sweep()
    rows = await told(city, appointment)
    assert moments(rows) == [("APPOINTMENT_LAPSED", "06-16 23:59:59")]
    await watcher.ended()
    assert (await city.dlh_staff.query(offices))["viewer"]["offices"] == []
    sentence = "{ events(last: 1) { nodes { type sentence actor { id } } } }"
    (last,) = (await city.outsider.query(sentence))["events"]["nodes"]
    assert (last["type"], last["actor"]) == ("APPOINTMENT_LAPSED", None)
    assert "Dlh Staff" in last["sentence"]


async def test_an_appointment_that_somebody_ended_is_not_ended_again_by_the_clock(city: City) -> None:
    given = {
        "organisation": {"code": "DLH"},
        "accountId": city.dlh_staff.id,
        "capacity": "PLH",
        "validFrom": city.day(-9),
    }
    appointment = (await city.admin.mutate("appoint", given))["appointment"]["id"]
    await city.admin.mutate("endAppointment", {"appointmentId": appointment, "validTo": city.day(-2)})
    await city.sweep()
    assert await told(city, appointment) == []


async def test_a_delegation_that_ended_is_told(city: City) -> None:
    async with system(city) as tx:
        sekda, mayor = decode(city.sekda.id)[1], decode(city.mayor.id)[1]
        row = Delegation(
            id=tx.new_id(), account_id=sekda, delegated_by_id=mayor, valid_from=tx.today, valid_to=tx.today
        )
        await tx.create(row, EventType.DECISIONS_DELEGATED)
    city.move(days=1)
    await city.sweep()
    await city.sweep()
    assert moments(await told(city, row.id)) == [("DELEGATION_LAPSED", "06-15 23:59:59")]


async def test_an_organisation_passes_on_what_is_open_when_its_recorded_end_comes(city: City) -> None:
    task = await city.task(city.dlh)
    request = await asked(city)
    case = await filed(city)
    given = {"validTo": city.day(3), "successor": {"code": "DINKES"}}
    await city.admin.mutate("endOrganisation", {"organisationId": city.dlh.organisation_id, **given})
    await city.settled()
    owner = "query($id: ID!) { task(by: {id: $id}) { organisation { code } } }"
    assert (await city.outsider.query(owner, id=task))["task"]["organisation"]["code"] == "DLH"
    city.move(days=3)
    await city.sweep()
    assert (await city.outsider.query(owner, id=task))["task"]["organisation"]["code"] == "DINKES"
    await city.sweep()
    ended = await told(city, city.dlh.organisation_id)
    assert moments(ended) == [("ORGANISATION_LAPSED", "06-18 00:00:00")]
    (dinkes,) = await city.rows("SELECT id FROM organisation WHERE code = 'DINKES'")
    assert (await row_of(city, "collaboration_request", request))["giver_id"] == dinkes["id"]
    assert (await row_of(city, "escalation", case))["respondent_id"] == dinkes["id"]


async def test_the_days_of_an_office_are_also_those_of_the_one_that_it_follows(city: City) -> None:
    """Asked for both at once: until its last day for the one that follows, as they were for the one that ended."""
    given = {"organisationId": city.dlh.organisation_id, "validTo": city.day(-1), "successor": {"code": "DINKES"}}
    async with system(city) as tx:
        dlh, dinkes = await organisation_id(tx, "DLH"), await organisation_id(tx, "DINKES")
        (term,) = (await office(tx, dlh)).held or ()
        before = list((await office(tx, dinkes)).held or ())
    await city.admin.mutate("endOrganisation", given)
    await city.settled()
    async with system(city) as tx:
        found = await offices(tx, [dinkes, dlh])
    assert term.last is None
    last = city.today - timedelta(2)  # on the organisation's own last day its work has passed on
    assert found[dlh].held == [term._replace(last=last)]
    assert sorted(found[dinkes].held or (), key=str) == sorted([*before, term._replace(last=last)], key=str)


async def test_four_processes_that_sweep_at_once_record_everything_once(city: City) -> None:
    requests = [await asked(city) for _ in range(20)]
    async with city.process() as two, city.process() as three, city.process() as four:
        city.go_to(date(2026, 6, 20))
        await asyncio.gather(*(each.installation.sweep.once() for each in (city.site, two, three, four)))
        await city.settled()
    for request in requests:
        assert [row["type"] for row in await told(city, request)] == ["REQUEST_LAPSED"]


async def test_a_subject_that_cannot_be_swept_holds_up_no_other_and_is_tried_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await asked(city), await asked(city)
    city.go_to(date(2026, 6, 20))
    change = Transaction.change

    async def failing(self: Transaction, row: Subject, *arguments: Any, **more: Any) -> Any:
        if row.id == first:
            raise RuntimeError("a bug")
        return await change(self, row, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "change", failing)
        assert await city.site.installation.sweep.once() == 1
        assert city.site.installation.sweep.facts().problem == "RuntimeError: a bug"
    await city.sweep()
    assert [[row["type"] for row in await told(city, each)] for each in (first, second)] == [["REQUEST_LAPSED"]] * 2
    assert city.site.installation.sweep.facts().problem is None


async def test_nothing_due_writes_nothing_and_asks_little(city: City) -> None:
    await asked(city)
    await city.sweep()
    before = await city.last_position()
    assert await city.sweep() == 0
    assert await city.last_position() == before


async def test_every_process_knows_the_moment_of_the_last_sweep_and_it_is_no_event(city: City) -> None:
    ask = "{ city { sweptAt } }"
    await city.sweep()
    before, (row,) = await city.last_position(), await city.rows("SELECT version, updated_at FROM city")
    city.move(hours=3)
    await city.sweep()
    swept_at = datetime.fromisoformat((await city.outsider.query(ask))["city"]["sweptAt"])
    assert city.now - swept_at < timedelta(seconds=1)
    assert await city.last_position() == before
    assert await city.rows("SELECT version, updated_at FROM city") == [row]
    async with city.process() as other:
        facts = other.installation.sweep.facts
        await until(lambda: facts().swept_at == swept_at, what="the other process has read it")
        assert not facts().is_working
        age = facts().swept_age
        assert age is not None
        assert age < 1


async def test_the_days_of_a_year_are_told_with_their_source(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(*_: object) -> None:
        """The process has not heard of it yet; whoever asks after a verb is answered by its rows all the same."""

    monkeypatch.setattr(CityClock, "load", later)
    refused = await city.camat.refused("addHoliday", {"fallsOn": "2026-07-01", "name": "Hari jadi"})
    assert refused["code"] == "NOT_YOUR_ROLE"
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-07-01", "name": "Hari jadi"})
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-08-17", "name": "Upacara", "isWorkday": True})
    data = await city.outsider.query(
        "{ city { holidays { year isConfirmed days { fallsOn name source isWorkday } } } }"
    )
    years = {each["year"]: each for each in data["city"]["holidays"]}
    assert list(years) == [2025, 2026, 2027, 2028]
    days = {each["fallsOn"]: each for each in years[2026]["days"]}
    assert years[2026]["isConfirmed"]
    assert days["2026-07-01"] == {"fallsOn": "2026-07-01", "name": "Hari jadi", "source": "CITY", "isWorkday": False}
    assert days["2026-08-17"]["isWorkday"]
    assert days["2026-12-25"]["source"] == "NATIONAL"
    assert days["2026-12-24"]["source"] == "COLLECTIVE_LEAVE"
    assert not years[2028]["isConfirmed"]
    assert (await city.camat.refused("confirmCalendar", {"year": 2028}))["code"] == "NOT_YOUR_ROLE"
    await city.admin.mutate("confirmCalendar", {"year": 2028})
    assert (await city.admin.refused("confirmCalendar", {"year": 2028}))["code"] == "NOTHING_TO_CHANGE"
    assert (await city.admin.refused("confirmCalendar", {"year": 2030}))["code"] == "OUT_OF_RANGE"
    data = await city.outsider.query("{ city { holidays { year isConfirmed } } }")
    assert {"year": 2028, "isConfirmed": True} in data["city"]["holidays"]
    assert (await city.admin.refused("removeHoliday", {"fallsOn": "2026-12-25"}))["code"] == "NOT_FOUND"


async def test_the_recount_finds_a_deadline_that_is_not_what_its_rows_give(city: City) -> None:
    request, case = await asked(city), await filed(city)
    assert await check(city.pool) == []
    async with system(city) as tx:
        row = await tx.lock(Request, request)
        early = row.answer_due_at - timedelta(days=1)
        await tx.change(row, {"answer_due_at": early}, EventType.REQUEST_MESSAGE_POSTED)
        filed_one = await tx.lock(Escalation, case)
        await tx.change(filed_one, {"reply_due_at": early}, EventType.ESCALATION_REMARKED)
    found = await check(city.pool)
    assert [(each.subject[:4], each.field) for each in found] == [("req_", "answer_due_at"), ("case", "reply_due_at")]
    assert await city.sweep() == 2  # and the sweep puts it right
    assert await check(city.pool) == []
