"""An office whose head's account is disabled has nobody who can act: its clocks stand still, as in a vacancy."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests import cases
from tests.api.test_collaboration import act, appoint, look
from tests.city import City

CLOCK = "isLapsed answerClock { state dueAt pauses { reason } }"
DISABLED = "akun dinonaktifkan"


async def switched_off(city: City, first: date, last: date | None = None) -> None:
    """The account of the DLH's head is disabled on one day, and enabled in the afternoon of another."""
    city.go_to(first)
    await city.admin.mutate("disableAccount", {"accountId": city.dlh.id})
    await city.settled()
    if last is not None:
        city.go_to(last, hour=15)
        await city.admin.mutate("enableAccount", {"accountId": city.dlh.id})
        await city.settled()


async def lapsed(city: City) -> int:
    found = await city.outsider.query("{ requests(filter: {isLapsed: {eq: true}}) { totalCount } }")
    return int(found["requests"]["totalCount"])


async def test_days_on_which_the_heads_account_is_disabled_do_not_count(city: City) -> None:
    """“Days on which nobody holds the office that must act, or the accounts of all who do are disabled, do not count in
    its clock.”
    """
    request = await city.request(city.camat, city.dlh)  # due on Friday the 19th
    await switched_off(city, date(2026, 6, 18))
    city.go_to(date(2026, 6, 24))
    seen = await look(city.outsider, request, CLOCK)
    assert (seen["isLapsed"], seen["answerClock"]["state"], await lapsed(city)) == (False, "PAUSED", 0)
    assert [each["reason"] for each in seen["answerClock"]["pauses"]] == [DISABLED]
    assert await city.sweep() == 0
    await city.admin.mutate("enableAccount", {"accountId": city.dlh.id})
    await city.settled()  # the 24th counts, as it was enabled before noon
    seen = await look(city.outsider, request, CLOCK)
    assert (seen["answerClock"]["state"], seen["answerClock"]["dueAt"][:10]) == ("RUNNING", "2026-06-25")
    city.go_to(date(2026, 6, 26))
    assert (await look(city.outsider, request, CLOCK))["isLapsed"]


async def test_they_count_where_somebody_else_holds_the_office_too(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await appoint(city, "DLH", city.dlh_staff, "PLH", city.day())
    await switched_off(city, date(2026, 6, 17))
    seen = await look(city.outsider, request, CLOCK)
    assert (seen["answerClock"]["state"], seen["answerClock"]["dueAt"][:10]) == ("RUNNING", "2026-06-19")
    city.go_to(date(2026, 6, 20))
    assert (await look(city.outsider, request, CLOCK))["isLapsed"]


async def test_what_had_run_out_before_the_account_was_disabled_stays_so(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await switched_off(city, date(2026, 6, 20), date(2026, 6, 22))
    seen = await look(city.outsider, request, CLOCK)
    assert (seen["isLapsed"], seen["answerClock"]["state"], seen["answerClock"]["pauses"]) == (True, "BREACHED", [])
    assert seen["answerClock"]["dueAt"][:10] == "2026-06-19"


async def test_silence_of_whose_account_is_disabled_settles_nothing(city: City) -> None:
    request = await city.request(city.dlh, city.camat, neededOn=city.day(3))
    await city.promise(city.camat, request, is_done=True)
    await act(city.camat, "deliverRequest", request)
    due = (await look(city.outsider, request, "confirmationClock { dueAt }"))["confirmationClock"]["dueAt"]
    await switched_off(city, date(2026, 6, 29))
    city.go_to(date.fromisoformat(due[:10]))
    city.move(days=3)
    await city.sweep()
    seen = await look(city.outsider, request, "status confirmationClock { state }")
    assert seen == {"status": "DELIVERED", "confirmationClock": {"state": "PAUSED"}}


async def test_in_a_case_whoever_is_disabled_has_no_case_access_for_the_party_either(city: City) -> None:
    """“Days on which no head of a party has case access do not count in that party's clocks, nor those on which the
    person has none, or a disabled account, in the person's.”
    """
    case = await cases.filed(city)  # the reply is due on Friday the 19th
    clock: Any = "replyClock { state dueAt pauses { reason } }"
    await switched_off(city, date(2026, 6, 17))
    seen = (await cases.look(city.mayor, case, clock))["replyClock"]
    assert (seen["state"], [each["reason"] for each in seen["pauses"]]) == ("PAUSED", [DISABLED])
    # An acting head who has no case access yet is nobody who could reply.
    await appoint(city, "DLH", city.dlh_staff, "PLH", city.day())
    await city.settled()
    city.go_to(date(2026, 6, 22))
    seen = (await cases.look(city.mayor, case, clock))["replyClock"]
    assert seen["state"] == "PAUSED"
    await cases.admit(city, city.dlh_staff)
    seen = (await cases.look(city.mayor, case, clock))["replyClock"]
    assert (seen["state"], seen["dueAt"][:10]) == ("RUNNING", "2026-06-24")
    assert [each["reason"] for each in seen["pauses"]] == [DISABLED, "akses perkara belum ada"]
