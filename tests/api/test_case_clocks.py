"""The clocks of a case are asked as they count now: what the sweep has not written down yet holds all the same."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests import cases
from tests.api.test_case_person import REPRIMAND, foretold, lines, succeeded
from tests.cases import admit, look
from tests.city import City
from tests.person import Person

BEHIND = {"organisation": {"code": "DINKES"}, "capacity": "DEFINITIVE"}


async def without_access(city: City, person: Person, days: int) -> None:
    """For so many days cases are not for this person, by an appointment that has nothing to do with them."""
    given = {"organisation": {"code": "DINKES"}, "accountId": person.id, "capacity": "PLT", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    await city.settled()
    city.move(days=days)
    await admit(city, person)


async def test_a_reply_is_judged_by_the_clock_that_counts_as_it_comes(city: City) -> None:
    """“Whether a reply or an objection is in time is judged by the clock as it counts when that comes.”"""
    case = await cases.filed(city)
    told = "SELECT reply_due_at AS reply, person_reply_due_at AS person FROM escalation"
    (before,) = await city.rows(told)
    city.move(days=2)
    await without_access(city, city.dlh, 2)  # two of the days that were to count
    city.go_to(city.today.replace(day=29))  # the day after the last one that was told to the person
    set_back = "UPDATE escalation SET reply_due_at = $1, person_reply_due_at = $2"
    await city.rows(set_back, before["reply"], before["person"])  # as if nobody had looked at the clocks since
    city.is_altered_by_hand = True
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    seen = await look(city.camat, case, "replyClock { dueAt ending } person { replyClock { dueAt ending } }")
    assert (seen["replyClock"]["dueAt"][:10], seen["replyClock"]["ending"]) == ("2026-06-23", "LATE")
    clock = seen["person"]["replyClock"]
    assert (clock["dueAt"][:10], clock["ending"]) == ("2026-06-29", "IN_TIME")


async def test_an_objection_is_possible_as_long_as_the_filers_clock_counts(city: City) -> None:
    """“Whether a reply or an objection is in time is judged by the clock as it counts when that comes.”"""
    case, follow_up, task = await cases.instructed(city)
    await cases.do(city, task)
    city.move(days=1)
    (before,) = await city.rows("SELECT objection_due_at AS at FROM follow_up")
    city.move(days=1)
    await without_access(city, city.camat, 2)
    city.go_to(city.today.replace(day=24))  # the day after the one that was told
    assert before["at"] < city.now
    await city.rows("UPDATE follow_up SET objection_due_at = $1", before["at"])  # as if nobody had looked since
    city.is_altered_by_hand = True
    clock = "followUps { objectionClock { state dueAt ending } allowedActions { verb refusals { code } availableAt } }"
    (seen,) = (await look(city.camat, case, clock))["followUps"]
    assert seen["objectionClock"]["state"] == "RUNNING"
    (objecting,) = (each for each in seen["allowedActions"] if each["verb"] == "OBJECT_TO_FOLLOW_UP")
    assert objecting["refusals"] == []
    assert (await city.sekda.refused("closeFollowUp", {"followUpId": follow_up}))["code"] == "OBJECTION_POSSIBLE"
    (seen_by_office,) = (await look(city.sekda, case, clock))["followUps"]
    (closing,) = (each for each in seen_by_office["allowedActions"] if each["verb"] == "CLOSE_FOLLOW_UP")
    assert closing["availableAt"] is None, "then it closes of itself"
    await city.camat.mutate("objectToFollowUp", {"followUpId": follow_up, "reason": "Belum bersih."})
    (seen,) = (await look(city.camat, case, clock))["followUps"]
    assert (seen["objectionClock"]["dueAt"][:10], seen["objectionClock"]["ending"]) == ("2026-06-25", "IN_TIME")


async def test_once_its_time_is_over_nobody_waits_for_a_reply_any_more_whether_the_sweep_has_looked_or_not(
    city: City,
) -> None:
    """“Before the reply, or the end of its clock, a case can only be dismissed; where the respondent ended without a
    successor, so that nobody replies, it may be referred as well.”
    """
    waiting, ripe = await cases.filed(city), await cases.filed(city)
    guidance = {"escalationId": ripe, "kind": "GUIDANCE", "facts": "Tidak dijawab."}
    meeting: dict[str, Any] = {"escalationId": waiting, "meetingAt": "2026-06-25T09:00:00+07:00"}
    assert (await city.mayor.refused("decideEscalation", guidance))["code"] == "REPLY_PENDING"
    assert await foretold(city.sekda, waiting, "proposeMediation") == ["REPLY_PENDING"]
    assert "DECISION_DUE" not in [each["kind"] for each in await lines(city.mayor)]
    city.go_to(city.today.replace(day=20))
    assert [each["kind"] for each in await lines(city.mayor)] == ["DECISION_DUE"] * 2
    assert await foretold(city.sekda, waiting, "proposeMediation") == []
    await city.sekda.mutate("proposeMediation", meeting)
    await city.sekda.mutate("concludeMediation", {"escalationId": waiting, "outcome": "Buntu.", "isSettled": False})
    assert (await look(city.mayor, waiting, "status"))["status"] == "REPLY_LAPSED"
    await city.mayor.mutate("decideEscalation", guidance)


async def test_what_had_lapsed_stays_so_when_the_persons_account_is_disabled_afterwards(city: City) -> None:
    """“What had run out before an account was disabled stays so.”"""
    case, late = await cases.filed(city), await cases.filed(city)
    city.go_to(city.today.replace(day=27))
    await city.admin.mutate("disableAccount", {"accountId": city.dlh.id})
    await city.settled()
    clock = (await look(city.sekda, case, "person { replyClock { state } }"))["person"]["replyClock"]
    assert clock == {"state": "BREACHED"}
    assert "NOTICE_TO_GIVE" not in [each["kind"] for each in await lines(city.sekda)]
    await city.mayor.mutate("decideEscalation", {"escalationId": case, **REPRIMAND})
    # A letter gives the time to reply once more, for who would still be heard.
    notice = {"escalationId": late, "documentNumber": "800/7", "receivedOn": city.day()}
    await city.sekda.mutate("recordNotice", notice)
    error = await city.mayor.refused("decideEscalation", {"escalationId": late, **REPRIMAND})
    assert error["code"] == "PERSON_NOT_HEARD"


async def test_who_is_disabled_while_the_clock_runs_is_told_on_paper(city: City) -> None:
    case = await cases.filed(city)
    city.move(days=2)
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day()})
    await admit(city, city.dlh_staff)
    await city.admin.mutate("disableAccount", {"accountId": city.dlh.id})
    city.go_to(city.today.replace(day=27))
    await city.sweep()
    error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND})
    assert (error["code"], error["path"]) == ("NOTICE_NEEDED", ["kind"])


async def test_days_with_a_disabled_account_do_not_count_once_it_is_enabled_again(city: City) -> None:
    """Seven working days from the 15th; of them some were over when the account was disabled, till the 26th."""
    case = await cases.filed(city)
    city.go_to(city.today.replace(day=19), hour=8)
    await city.admin.mutate("disableAccount", {"accountId": city.dlh.id})
    city.go_to(city.today.replace(day=26), hour=13)
    await city.admin.mutate("enableAccount", {"accountId": city.dlh.id})
    await city.sweep()
    person = await city.sign_in("dlh")
    selection = "person { replyClock { state dueAt workingDaysLeft pauses { reason endedAt } } }"
    clock = (await look(person, case, selection))["person"]["replyClock"]
    assert (clock["state"], clock["dueAt"][:10], clock["workingDaysLeft"]) == ("RUNNING", "2026-07-03", 5)
    assert [each["reason"] for each in clock["pauses"]] == ["akun dinonaktifkan"]
    city.go_to(city.today.replace(day=30))  # the respondent's own clock stood still as long
    error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND})
    assert error["code"] == "PERSON_NOT_HEARD"


async def test_a_notice_received_before_the_person_was_named_is_none(city: City) -> None:
    """“A notice from before they were named is none.”"""
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-9), "validTo": city.day(-6)})
    case = await cases.filed(city)
    await city.admin.mutate("disableAccount", {"accountId": city.dlh_staff.id})
    city.move(days=2)
    await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": city.dlh_staff.id})
    notice = {"escalationId": case, "documentNumber": "800/7", "receivedOn": city.day(-1)}
    error = await city.sekda.refused("recordNotice", notice)
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["receivedOn"])
    assert error["constraint"].startswith("17 Juni 2026 sampai")
    await city.sekda.mutate("recordNotice", {**notice, "receivedOn": city.day()})


async def test_an_upgrade_knows_that_who_held_an_office_then_had_case_access_then(city: City) -> None:
    late, in_time = await cases.filed(city), await cases.filed(city)
    await city.dlh.mutate("replyToEscalation", {"escalationId": in_time, "reply": "Armada kami rusak."})
    city.go_to(city.today.replace(day=22))
    await city.sweep()
    await city.dlh.mutate("replyToEscalation", {"escalationId": late, "reply": "Armada kami rusak."})
    city.move(days=1)
    await succeeded(city)
    await city.admin.mutate("appoint", {**BEHIND, "accountId": city.camat_staff.id, "validFrom": city.day()})
    clock = "replyClock { ending pauses { reason } }"
    expected: list[Any] = [{"replyClock": {"ending": ending, "pauses": []}} for ending in ("LATE", "IN_TIME")]
    assert [await look(city.mayor, case, clock) for case in (late, in_time)] == expected
    # As before the upgrade: no spans, and nothing of who had left before case access was asked for.
    await city.rows("DELETE FROM case_access c USING account a WHERE a.id = c.account_id AND a.login = 'dlh'")
    await city.rows("DELETE FROM case_access c USING account a WHERE a.id = c.account_id AND a.login = 'neighbour'")
    await city.rows("UPDATE case_access SET held = '[]'")
    city.is_altered_by_hand = True
    migration = import_module("server.migrations.0017_the_person_of_a_case")
    await city.rows(migration.HELD)
    await city.rows(migration.FORMER)
    assert [await look(city.mayor, case, clock) for case in (late, in_time)] == expected
    held = "SELECT a.login, c.held, c.confirmed_at FROM case_access c JOIN account a ON a.id = c.account_id"
    found = {each["login"]: each for each in await city.rows(held)}
    (left,), (has,), (lost,) = (found[login]["held"] for login in ("dlh", "camat", "camat-staff"))
    assert (left["from"], has) == (None, {"from": None, "to": None})
    assert left["to"] is not None
    assert lost["to"] is not None
    assert "neighbour" not in found, "who heads an organisation now was never asked, and has none"
    assert found["dlh"]["confirmed_at"] is found["camat-staff"]["confirmed_at"] is None


async def test_what_is_closed_crowds_no_open_case_out_of_the_inbox_of_the_mayors_office(city: City) -> None:
    closed, ripe = await cases.replied(city), await cases.replied(city)
    await city.mayor.mutate("decideEscalation", {"escalationId": closed, "kind": "GUIDANCE", "facts": "Cukup."})
    assert (await look(city.mayor, closed, "status"))["status"] == "CLOSED"
    columns = [each["name"] for each in await city.rows(
        "SELECT column_name AS name FROM information_schema.columns"
        " WHERE table_name = 'escalation' AND column_name NOT IN ('id', 'filed_at')"
    )]  # fmt: skip
    names = ", ".join(columns)
    await city.rows(
        f"INSERT INTO escalation (id, filed_at, {names})"
        f" SELECT gen_random_uuid(), filed_at - interval '1 year', {names}"
        " FROM escalation, generate_series(1, 500) WHERE status = 'CLOSED'"
    )
    city.is_altered_by_hand = True
    assert [(each["kind"], each["subject"]["id"]) for each in await lines(city.mayor)] == [("DECISION_DUE", ripe)]
