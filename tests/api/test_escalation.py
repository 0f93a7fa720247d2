"""Cases as people bring them, answer them and decide them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server.rules.collaboration_facts import RequestKind, RequestStatus
from tests.cases import ASKED, admit, do, filed, instructed, look, replied, request
from tests.city import City
from tests.person import Person

STATEMENT = "Dua minggu tanpa jawaban."
WHOLE = "status ground grounds statement filedBy { id } filer { code } respondent { code } closedAt"


async def status(city: City, case: str) -> str:
    found: str = (await look(city.mayor, case, "status"))["status"]
    return found


# ---- filing ---------------------------------------------------------------------------------------------------------


async def test_a_request_that_nobody_answered_in_time_is_reported_to_the_mayor(city: City) -> None:
    watcher = await city.mayor.watch("escalationChanged")
    case = await filed(city)
    seen = await look(city.mayor, case, WHOLE)
    assert seen["status"] == "FILED"
    assert (seen["ground"], seen["grounds"], seen["statement"]) == ("NO_ANSWER", ["NO_ANSWER"], STATEMENT)
    assert (seen["filer"]["code"], seen["respondent"]["code"]) == (city.camat.organisation, "DLH")
    assert seen["filedBy"]["id"] == city.camat.id
    told = await watcher.next()
    assert (told["kind"], told["nodeId"], told["event"]["type"]) == ("CREATED", case, "ESCALATION_FILED")


async def test_a_refusal_and_a_broken_commitment_are_grounds_as_well(city: City) -> None:
    answered: dict[str, Any] = {
        "answered_at": ASKED + timedelta(days=3),
        "answer_stopped_at": ASKED + timedelta(days=3),
    }
    case = await filed(city, status=RequestStatus.DECLINED, answer_reason="Tidak ada truk.", **answered)
    assert (await look(city.camat, case, "ground"))["ground"] == "REFUSED"
    promised: dict[str, Any] = {"accepted_at": ASKED, "agreed_due_on": date(2026, 6, 12)}
    case = await filed(city, status=RequestStatus.ACCEPTED, **answered, **promised)
    seen = await look(city.camat, case, "ground groundAroseAt")
    assert seen == {"ground": "BROKEN_COMMITMENT", "groundAroseAt": "2026-06-12T23:59:59+07:00"}


async def test_what_is_not_eligible_says_what_is_missing_and_when_it_could_arise(city: City) -> None:
    due = datetime.fromisoformat("2026-06-19T23:59:59+07:00")  # the 16th is a holiday
    fresh = await request(city, city.camat, city.dlh, answer_started_at=city.now, answer_due_at=due)
    error = await city.camat.refused("fileEscalation", {"requestId": fresh, "statement": STATEMENT})
    assert (error["__typename"], error["code"]) == ("NotEligible", "NOT_ELIGIBLE")
    missing = {each["ground"]: each["eligibleAt"] for each in error["missing"]}
    assert missing.keys() == {"NO_ANSWER", "REFUSED", "BROKEN_COMMITMENT"}
    assert missing["NO_ANSWER"] == "2026-06-19T23:59:59+07:00"
    assert (missing["REFUSED"], missing["BROKEN_COMMITMENT"]) == (None, None)
    offer = await request(city, city.camat, city.dlh, kind=RequestKind.OFFER)
    error = await city.camat.refused("fileEscalation", {"requestId": offer, "statement": STATEMENT})
    assert {each["why"] for each in error["missing"]} == {"Tawaran bantuan tidak pernah dilaporkan."}


async def test_one_case_is_open_at_a_time_and_after_a_decision_only_a_later_ground_counts(city: City) -> None:
    asked = await request(city, city.camat, city.dlh)
    given = {"requestId": asked, "statement": STATEMENT}
    case = (await city.camat.mutate("fileEscalation", given))["escalation"]["id"]
    assert (await city.camat.refused("fileEscalation", given))["code"] == "ALREADY_ESCALATED"
    await city.mayor.mutate("decideEscalation", {"escalationId": case, "kind": "DISMISS", "facts": "Sudah selesai."})
    error = await city.camat.refused("fileEscalation", given)
    assert error["code"] == "NOT_ELIGIBLE"


async def test_only_the_askers_head_files_and_all_others_hear_one_thing_whatever_there_is(city: City) -> None:
    """“A verb on a hidden case answers NOT_FOUND; filing for somebody else's request answers NOT_YOUR_ORGANISATION
    before anything is looked at.”
    """
    asked = await request(city, city.camat, city.dlh)
    due = datetime.fromisoformat("2026-06-19T23:59:59+07:00")
    fresh = await request(city, city.camat, city.dlh, answer_started_at=city.now, answer_due_at=due)
    await city.camat.mutate("fileEscalation", {"requestId": asked, "statement": STATEMENT})
    for person in (city.camat_staff, city.dlh, city.dlh_staff, city.neighbour, city.admin, city.bappeda, city.outsider):
        told = [
            await person.refused("fileEscalation", {"requestId": each, "statement": STATEMENT})
            for each in (asked, fresh)
        ]
        assert told[0] == told[1]
        assert told[0]["code"] == "NOT_YOUR_ORGANISATION"
    for person in (city.mayor, city.sekda):
        assert (await person.refused("fileEscalation", {"requestId": asked, "statement": STATEMENT}))["code"] == (
            "NOT_YOUR_ROLE"
        )


# ---- the reply and mediation ----------------------------------------------------------------------------------------


async def test_the_respondent_has_three_working_days_and_replies_once(city: City) -> None:
    case = await filed(city)
    clock = "replyClock { state dueAt workingDaysLeft pauses { reason } explanation }"
    seen = (await look(city.dlh, case, clock))["replyClock"]
    assert (seen["state"], seen["workingDaysLeft"], seen["pauses"]) == ("RUNNING", 3, [])
    assert "3" in seen["explanation"]
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    seen = await look(city.camat, case, f"status reply repliedBy {{ id }} {clock}")
    assert (seen["status"], seen["reply"], seen["repliedBy"]["id"]) == ("REPLIED", "Armada kami rusak.", city.dlh.id)
    assert seen["replyClock"]["state"] == "ENDED"
    again = await city.dlh.refused("replyToEscalation", {"escalationId": case, "reply": "Lagi."})
    assert again["code"] == "ALREADY_REPLIED"


async def test_a_mediation_settles_the_case_or_leads_back(city: City) -> None:
    first, second = await replied(city), await replied(city)
    for case in (first, second):
        early = {"escalationId": case, "meetingAt": "2026-06-01T09:00:00+07:00"}
        assert (await city.sekda.refused("proposeMediation", early))["code"] == "OUT_OF_RANGE"
        given = {"escalationId": case, "meetingAt": "2026-06-22T09:00:00+07:00", "place": "Balai Kota"}
        await city.sekda.mutate("proposeMediation", given)
        seen = await look(city.dlh, case, "status mediation { meetingAt place proposedBy { id } outcome }")
        assert seen["status"] == "MEDIATION"
        assert seen["mediation"] == {
            "meetingAt": "2026-06-22T09:00:00+07:00", "place": "Balai Kota", "proposedBy": {"id": city.sekda.id},
            "outcome": None,
        }  # fmt: skip
    settled = {"escalationId": first, "outcome": "Truk dikirim besok.", "isSettled": True}
    await city.sekda.mutate("concludeMediation", settled)
    await city.sekda.mutate("concludeMediation", {**settled, "escalationId": second, "isSettled": False})
    assert (await status(city, first), await status(city, second)) == ("WITHDRAWN", "REPLIED")
    assert (await look(city.camat, second, "mediation { outcome }"))["mediation"]["outcome"] == "Truk dikirim besok."


async def test_before_the_reply_there_is_only_dismissal(city: City) -> None:
    case = await filed(city)
    given = {"escalationId": case, "kind": "GUIDANCE", "facts": "Belum dijawab."}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("REPLY_PENDING", ["kind"])
    meeting = {"escalationId": case, "meetingAt": "2026-06-22T09:00:00+07:00"}
    assert (await city.sekda.refused("proposeMediation", meeting))["code"] == "REPLY_PENDING"
    await city.mayor.mutate("decideEscalation", {**given, "kind": "DISMISS"})
    assert await status(city, case) == "CLOSED"


# ---- the decision ---------------------------------------------------------------------------------------------------


async def test_an_instruction_orders_a_task_and_the_case_closes_when_that_is_done(city: City) -> None:
    case, follow_up, task = await instructed(city)
    seen = await look(
        city.camat,
        case,
        "status decision { kind kindLabel facts decidedBy { id } onBehalfOf { id } referredTo { id } }"
        " followUps { id text dueOn objectionClock { state } task { title isOrdered needsEvidence } }",
    )
    assert seen["status"] == "DECIDED"
    assert seen["decision"] == {
        "kind": "INSTRUCT", "kindLabel": "Instruksi", "facts": "Permintaan tidak dijawab.",
        "decidedBy": {"id": city.mayor.id}, "onBehalfOf": None, "referredTo": None,
    }  # fmt: skip
    (found,) = seen["followUps"]
    assert found["task"] == {"title": "Angkut sampah", "isOrdered": True, "needsEvidence": True}
    assert (found["text"], found["dueOn"], found["objectionClock"]) == ("Angkut sampah", city.day(10), None)
    early = await city.mayor.refused("closeFollowUp", {"followUpId": follow_up})
    assert early["code"] == "TASK_NOT_DONE"
    await do(city, task)
    seen = await look(city.camat, case, "status followUps { objectionClock { state workingDaysLeft } }")
    assert seen["followUps"][0]["objectionClock"] == {"state": "RUNNING", "workingDaysLeft": 5}
    assert (await city.mayor.refused("closeFollowUp", {"followUpId": follow_up}))["code"] == "OBJECTION_POSSIBLE"
    city.move(days=14)
    assert (await city.sekda.refused("closeFollowUp", {"followUpId": follow_up}))["code"] == "FOLLOW_UP_CLOSED"
    await city.sweep()
    seen = await look(city.camat, case, "status followUps { closedAt closedBy { id } objectionClock { ending dueAt } }")
    assert seen["status"] == "CLOSED"
    (closed,) = seen["followUps"]
    assert (closed["closedBy"], closed["objectionClock"]["ending"]) == (None, "SILENCE")
    assert closed["closedAt"] == closed["objectionClock"]["dueAt"]


async def test_the_filer_objects_and_the_mayors_office_reopens_the_task_and_with_it_the_case(city: City) -> None:
    """“OFFICE (deputy mayor, Sekda and their staff): reviews plans, orders tasks, rules on redirects, handles cases”"""
    case, follow_up, task = await instructed(city)
    await do(city, task)
    given = {"followUpId": follow_up, "reason": "Sampah masih ada."}
    assert (await city.dlh.refused("objectToFollowUp", given))["code"] == "NOT_YOUR_ORGANISATION"
    await city.camat.mutate("objectToFollowUp", given)
    assert (await city.camat.refused("objectToFollowUp", given))["code"] == "ALREADY_OBJECTED"
    await city.mayor.mutate("closeFollowUp", {"followUpId": follow_up})
    assert await status(city, case) == "CLOSED"
    await city.sekda.mutate("reopenTask", {"taskId": task, "reason": "Belum bersih."})
    await city.settled()
    seen = await look(city.camat, case, "status closedAt followUps { closedAt objection objectionClock { state } }")
    assert seen["status"] == "DECIDED"
    assert seen["followUps"] == [{"closedAt": None, "objection": None, "objectionClock": None}]


async def test_a_task_that_the_mayors_office_gives_up_closes_the_case(city: City) -> None:
    case, _, task = await instructed(city)
    await city.sekda.mutate("cancelTask", {"taskId": task, "reason": "Tidak perlu lagi."})
    await city.settled()
    assert await status(city, case) == "CLOSED"


async def test_a_follow_up_may_be_added_to_a_closed_case_with_or_without_a_task(city: City) -> None:
    case = await replied(city)
    await city.mayor.mutate(
        "decideEscalation", {"escalationId": case, "kind": "GUIDANCE", "facts": "Kurang koordinasi."}
    )
    assert await status(city, case) == "CLOSED"
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Rapat koordinasi", "dueOn": city.day(5)})
    more = {"title": "Susun jadwal truk", "dueOn": city.day(7)}
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Jadwal bersama", "instruction": more})
    await city.settled()
    seen = await look(city.dlh, case, "status followUps { id text task { title organisation { code } } }")
    assert seen["status"] == "DECIDED"
    assert [each["text"] for each in seen["followUps"]] == ["Rapat koordinasi", "Jadwal bersama"]
    assert seen["followUps"][1]["task"] == {"title": "Susun jadwal truk", "organisation": {"code": "DLH"}}
    await city.sekda.mutate("closeFollowUp", {"followUpId": seen["followUps"][0]["id"]})
    assert await status(city, case) == "DECIDED"


DISCIPLINE = {
    "kind": "WRITTEN_REPRIMAND",
    "facts": "Tidak menjawab.",
    "signedBy": "Rico Waas",
    "signedByOffice": "Wali Kota",
    "documentNumber": "800/12",
    "hearingOn": "2026-06-12",
    "hearingNumber": "BAP 700/3",
}
REFERRAL = {"kind": "REFER", "facts": "Tidak menjawab."}


async def test_discipline_needs_a_law_that_was_in_force_a_signer_and_a_document(city: City) -> None:
    case = await replied(city)
    given: dict[str, Any] = {"escalationId": case, **DISCIPLINE}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("NO_LAW_FOR_DISCIPLINE", ["legalBasis"])
    for law in ("PP 53/2010 pasal 7", "UU 5/2014", "peraturan internal"):
        error = await city.mayor.refused("decideEscalation", {**given, "legalBasis": law})
        assert (error["code"], error["path"]) == ("LAW_NOT_IN_FORCE", ["legalBasis"]), law
    await city.mayor.mutate("decideEscalation", {**given, "legalBasis": "PP 94/2021 pasal 8"})
    seen = await look(city.dlh, case, "status decision { legalBasis signedBy documentNumber }")
    assert seen["status"] == "CLOSED"
    assert seen["decision"]["legalBasis"] == "PP 94/2021 pasal 8"


async def test_a_case_is_referred_to_one_of_the_citys_bodies_whose_head_then_sees_it(city: City) -> None:
    """“A case: the heads of both parties, the person whom it may strike, the mayor's office (but nobody who or whose
    own organisation is a party), and after a referral the head of that body; all of them with case access.”
    """
    case = await replied(city)
    await city.admin.mutate(
        "appoint",
        {
            "organisation": {"code": "ITKO"},
            "accountId": city.outsider.id,
            "capacity": "DEFINITIVE",
            "validFrom": city.day(),
        },
    )
    await admit(city, city.outsider)
    given = {"escalationId": case, **REFERRAL, "legalBasis": "PP 94/2021"}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("REQUIRED", ["referredTo"])
    for code, refusal in (("DINKES", "WRONG_ORGANISATION"), ("TIDAK-ADA", "NOT_FOUND")):
        error = await city.mayor.refused("decideEscalation", {**given, "referredTo": {"code": code}})
        assert (error["code"], error["path"]) == (refusal, ["referredTo"])
    inspector = await city.sign_in("outsider")
    assert await look(inspector, case, "id") is None
    await city.mayor.mutate("decideEscalation", {**given, "referredTo": {"code": "ITKO"}})
    assert (await look(inspector, case, "decision { referredTo { code } }"))["decision"]["referredTo"]["code"] == "ITKO"
    told = (await look(inspector, case, "dossier { nodes { type } }"))["dossier"]["nodes"]
    types = [each["type"] for each in told if each["type"] != "REQUEST_LAPSED"]  # which the sweep writes when it comes
    of_case = ("FILED", "REPLIED", "DECIDED")
    assert types == ["REQUEST_MADE", *(f"ESCALATION_{what}" for what in of_case)]


async def test_nobody_decides_twice_or_in_another_role(city: City) -> None:
    """“ADMIN: accounts, organisations, appointments, programmes, days; sees no case”"""
    case = await replied(city)
    given = {"escalationId": case, "kind": "DISMISS", "facts": "Sudah selesai."}
    for person in (city.sekda, city.camat, city.dlh):
        assert (await person.refused("decideEscalation", given))["code"] == "NOT_YOUR_ROLE"
    for person in (city.neighbour, city.dlh_staff, city.admin, city.bappeda):
        assert (await person.refused("decideEscalation", given))["code"] == "NOT_FOUND"
    await city.mayor.mutate("decideEscalation", given)
    assert (await city.mayor.refused("decideEscalation", given))["code"] == "ALREADY_DECIDED"
    late = {"escalationId": case, "reply": "Kami keberatan."}
    assert (await city.dlh.refused("replyToEscalation", late))["code"] == "ALREADY_DECIDED"


async def test_who_decides_has_no_part_in_it(city: City) -> None:
    """“Nobody approves a plan, or an amendment, of their own organisation; nobody decides or handles a case in which
    they or their own organisation are a party.” The Sekda heads Setda, and has a delegation.
    """
    await city.mayor.mutate(
        "delegateDecisions", {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(30)}
    )
    case = await replied(city, giver=city.sekda)
    given = {"escalationId": case, "kind": "DISMISS", "facts": "Sudah selesai."}
    assert (await city.sekda.refused("decideEscalation", given))["code"] == "OWN_CASE"
    assert (await city.sekda.refused("remarkOnEscalation", {"escalationId": case, "text": "Hm."}))["code"] == "OWN_CASE"


async def test_a_delegate_decides_on_the_mayors_behalf_while_the_delegation_lasts(city: City) -> None:
    """“So does a delegate, named by the mayor in person for a stated period, which ends at the latest with the mayor's
    own appointment.”
    """
    given = {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(10), "decreeNumber": "188/1"}
    assert (await city.sekda.refused("delegateDecisions", given))["code"] == "NOT_YOUR_ROLE"
    first, second = await replied(city), await replied(city)
    decided = {"escalationId": first, "kind": "DISMISS", "facts": "Sudah selesai."}
    assert (await city.sekda.refused("decideEscalation", decided))["code"] == "NOT_YOUR_ROLE"
    made = (await city.mayor.mutate("delegateDecisions", given))["delegation"]["id"]
    assert (await city.mayor.refused("delegateDecisions", given))["code"] == "ALREADY_EXISTS"
    await city.settled()
    await city.sekda.mutate("decideEscalation", decided)
    seen = await look(
        city.camat, first,
        "decision { decidedBy { id } onBehalfOf { id } } history(last: 2) { nodes { type onBehalfOf { id } } }",
    )  # fmt: skip
    assert seen["decision"] == {"decidedBy": {"id": city.sekda.id}, "onBehalfOf": {"id": city.mayor.id}}
    assert seen["history"]["nodes"][0] == {"type": "ESCALATION_DECIDED", "onBehalfOf": {"id": city.mayor.id}}
    await city.mayor.mutate("endDelegation", {"delegationId": made, "validTo": city.day(-1)})
    await city.settled()
    late = {**decided, "escalationId": second}
    assert (await city.sekda.refused("decideEscalation", late))["code"] == "NOT_YOUR_ROLE"
    listed = await city.outsider.query("{ delegations { nodes { account { id } validTo decreeNumber } } }")
    assert listed["delegations"]["nodes"] == [
        {"account": {"id": city.sekda.id}, "validTo": city.day(-1), "decreeNumber": "188/1"}
    ]


async def test_an_acting_mayor_decides_but_disciplines_nobody(city: City) -> None:
    """“An acting mayor orders tasks, handles and decides cases.”"""
    case = await replied(city)
    await city.admin.mutate(
        "appoint",
        {
            "organisation": {"code": "WALIKOTA"},
            "accountId": city.neighbour.id,
            "capacity": "PLH",
            "validFrom": city.day(),
        },
    )
    await admit(city, city.neighbour)
    given = {"escalationId": case, **DISCIPLINE, "legalBasis": "PP 94/2021"}
    assert (await city.neighbour.refused("decideEscalation", given))["code"] == "NO_DISCIPLINE_AS_ACTING_MAYOR"
    order = {"title": "Angkut sampah", "dueOn": city.day(10)}
    await city.neighbour.mutate("orderTask", {"organisation": {"code": "DINKES"}, **order})
    await city.neighbour.mutate("remarkOnEscalation", {"escalationId": case, "text": "Sudah diperiksa."})
    await city.neighbour.mutate(
        "decideEscalation", {"escalationId": case, "kind": "INSTRUCT", "facts": "Terbukti.", "instruction": order}
    )
    seen = await look(city.camat, case, "decision { decidedBy { id } onBehalfOf { id } }")
    assert seen["decision"] == {"decidedBy": {"id": city.neighbour.id}, "onBehalfOf": {"id": city.mayor.id}}


async def test_corrections_and_objections_are_appended_and_the_decision_stays(city: City) -> None:
    case = await replied(city)
    await city.mayor.mutate(
        "decideEscalation", {"escalationId": case, "kind": "GUIDANCE", "facts": "Kurang koordinasi."}
    )
    objection = {"escalationId": case, "kind": "OBJECTION", "text": "Kami sudah berkoordinasi."}
    correction = {"escalationId": case, "kind": "CORRECTION", "text": "Tanggal rapat 3 Juni."}
    assert (await city.sekda.refused("appendToDecision", objection))["code"] == "NOT_YOUR_ORGANISATION"
    assert (await city.dlh.refused("appendToDecision", correction))["code"] == "NOT_YOUR_ROLE"
    await city.dlh.mutate("appendToDecision", objection)
    await city.sekda.mutate("appendToDecision", correction)
    seen = await look(city.camat, case, "decision { facts } appendices { kind text author { id } }")
    assert seen["decision"]["facts"] == "Kurang koordinasi."
    assert [(each["kind"], each["author"]["id"]) for each in seen["appendices"]] == [
        ("OBJECTION", city.dlh.id), ("CORRECTION", city.sekda.id),
    ]  # fmt: skip


# ---- what the mayor's office says to itself, and the dossier --------------------------------------------------------


async def test_a_remark_is_seen_by_the_mayors_office_alone_and_changes_nothing_of_the_case(city: City) -> None:
    """“Remarks of the mayor's office: that office alone.”"""
    case = await filed(city)
    parties = (city.camat, city.dlh)
    told = [await person.watch("escalationChanged") for person in parties]
    logs = [await person.watch("events") for person in parties]
    selection = "version updatedAt remarks { text } dossier { totalCount nodes { type } } history { totalCount }"
    before = [await look(person, case, selection) for person in parties]
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Periksa anggaran truk."})
    assert [await look(person, case, selection) for person in parties] == before
    assert [each["remarks"] for each in before] == [None, None]
    seen = await look(city.mayor, case, "remarks { text author { id } escalation { id } } dossier { nodes { type } }")
    assert seen["remarks"] == [
        {"text": "Periksa anggaran truk.", "author": {"id": city.sekda.id}, "escalation": {"id": case}}
    ]
    assert "ESCALATION_REMARKED" not in str(seen["dossier"])
    await city.settled()
    assert not any(watcher.told for watcher in [*told, *logs])
    log = "{ events(last: 1) { nodes { type sentence subject { __typename } } } }"
    (last,) = (await city.mayor.query(log))["events"]["nodes"]
    assert (last["type"], last["subject"]["__typename"]) == ("ESCALATION_REMARKED", "Remark")


async def test_the_dossier_is_the_requests_and_the_cases_own_events_in_order(city: City) -> None:
    case, _, task = await instructed(city)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Catatan."})
    await do(city, task)
    await city.camat.mutate("appendToDecision", {"escalationId": case, "kind": "OBJECTION", "text": "Terlambat."})
    for person in (city.camat, city.dlh, city.mayor):
        found = await look(person, case, "dossier(first: 50) { totalCount nodes { type sentence actor { id } } }")
        assert [each["type"] for each in found["dossier"]["nodes"]] == [
            "REQUEST_MADE", "ESCALATION_FILED", "ESCALATION_REPLIED", "ESCALATION_DECIDED",
            "ESCALATION_FOLLOW_UP_ORDERED", "ESCALATION_FOLLOW_UP_DONE",
            "ESCALATION_DECISION_APPENDED",
        ]  # fmt: skip
        assert found["dossier"]["totalCount"] == 7


async def test_a_case_passes_to_the_organisation_that_follows_its_respondent(city: City) -> None:
    case = await filed(city)
    await city.admin.mutate(
        "endOrganisation",
        {"organisationId": city.dlh.organisation_id, "validTo": city.day(-1), "successor": {"code": "DINKES"}},
    )
    await city.settled()
    seen = await look(city.mayor, case, "respondent { code } history(last: 1) { nodes { type actor { id } } }")
    assert seen["respondent"]["code"] == "DINKES"
    assert seen["history"]["nodes"] == [{"type": "ESCALATION_PASSED_ON", "actor": None}]
    assert await look(city.dlh, case, "id") is None


async def referred(city: City, to: str = "ITKO") -> str:
    case = await replied(city)
    given = {"escalationId": case, **REFERRAL, "legalBasis": "PP 94/2021", "referredTo": {"code": to}}
    await city.mayor.mutate("decideEscalation", given)
    return case


async def test_a_referral_is_followed_up_by_the_body_which_says_what_became_of_it(city: City) -> None:
    case = await referred(city)
    inspector = await head_of(city, "outsider", "ITKO")
    seen = await look(inspector, case, "status followUps { id isReferral text outcome closedAt }")
    assert seen["status"] == "DECIDED"
    (follow_up,) = seen["followUps"]
    assert (follow_up["isReferral"], follow_up["outcome"], follow_up["closedAt"]) == (True, None, None)
    waiting = "{ viewer { inbox { nodes { kind verb } } } }"
    entry = {"kind": "REFERRAL_TO_SETTLE", "verb": "CLOSE_FOLLOW_UP"}
    assert entry in (await inspector.query(waiting))["viewer"]["inbox"]["nodes"]
    given = {"followUpId": follow_up["id"]}
    error = await inspector.refused("closeFollowUp", given)
    assert (error["code"], error["path"]) == ("REQUIRED", ["outcome"])
    await inspector.mutate("closeFollowUp", {**given, "outcome": "Diperiksa; dibina."})
    shown = await look(city.camat, case, "status followUps { outcome closedBy { id } }")
    (closed,) = shown["followUps"]
    assert (shown["status"], closed) == ("CLOSED", {"outcome": "Diperiksa; dibina.", "closedBy": {"id": inspector.id}})
    assert entry not in (await inspector.query(waiting))["viewer"]["inbox"]["nodes"]


@pytest.mark.parametrize("end", ["withdrawn", "settled"])
async def test_a_withdrawal_and_a_settlement_bind_until_a_ground_arises_later(city: City, end: str) -> None:
    case = await replied(city)
    if end == "withdrawn":
        await city.camat.mutate("withdrawEscalation", {"escalationId": case})
    else:
        await city.sekda.mutate(
            "proposeMediation", {"escalationId": case, "meetingAt": f"{city.day(2)}T09:00:00+07:00"}
        )
        given = {"escalationId": case, "outcome": "Sepakat.", "isSettled": True}
        await city.sekda.mutate("concludeMediation", given)
    request = (await look(city.camat, case, "request { id }"))["request"]["id"]
    again = {"requestId": request, "statement": "Sekali lagi."}
    error = await city.camat.refused("fileEscalation", again)
    assert error["code"] == "NOT_ELIGIBLE"
    query = "query($id: ID!) { request(by: {id: $id}) { eligibility { missing { ground why } } } }"
    found = (await city.camat.query(query, id=request))["request"]["eligibility"]["missing"]
    assert {each["ground"]: each["why"] for each in found}["NO_ANSWER"] == (
        "Laporan atas hal ini sudah ditarik atau diselesaikan; untuk hal yang baru, ajukan permintaan baru."
    )
    # Declined after that is a ground of its own.
    await city.dlh.mutate("declineRequest", {"requestId": request, "reason": "Tidak ada armada."})
    await city.camat.mutate("fileEscalation", again)


async def head_of(city: City, login: str, code: str) -> Person:
    """This person, appointed to that office and signed in anew."""
    account = {"outsider": city.outsider, "bappeda": city.bappeda, "dlh": city.dlh}[login]
    given = {"organisation": {"code": code}, "accountId": account.id, "capacity": "DEFINITIVE", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    await admit(city, account)
    return await city.sign_in(login)


async def end(city: City, code: str, successor: str) -> None:
    found = await city.admin.query("query($code: String!) { organisation(by: {code: $code}) { id } }", code=code)
    given = {"organisationId": found["organisation"]["id"], "validTo": city.day(-1), "successor": {"code": successor}}
    await city.admin.mutate("endOrganisation", given)
    await city.settled()


async def test_a_referred_case_passes_to_the_body_that_follows_the_one_that_ended(city: City) -> None:
    """Decided or closed: the new head sees it from then on, the old one no longer, others at no time."""
    decided, closed = await referred(city), await referred(city)
    (follow_up,) = (await look(city.sekda, closed, "followUps { id }"))["followUps"]
    await city.sekda.mutate("closeFollowUp", {"followUpId": follow_up["id"], "outcome": "Sudah diperiksa."})
    inspector, heir = await head_of(city, "outsider", "ITKO"), await head_of(city, "bappeda", "BAPPEDA")
    told, strangers = await heir.watch("escalationChanged"), await city.neighbour.watch("escalationChanged")
    for case in (decided, closed):
        assert await look(inspector, case, "id") is not None
        assert await look(heir, case, "id") is None
    await end(city, "ITKO", "BAPPEDA")
    for case, state in ((decided, "DECIDED"), (closed, "CLOSED")):
        seen = await look(
            heir, case,
            "status respondent { code } decision { referredTo { code } }"
            " history(last: 1) { nodes { type actor { id } } }",
        )  # fmt: skip
        assert (seen["status"], seen["respondent"]["code"]) == (state, "DLH")
        assert seen["decision"]["referredTo"]["code"] == "BAPPEDA"
        assert seen["history"]["nodes"] == [{"type": "ESCALATION_PASSED_ON", "actor": None}]
        for stranger in (inspector, city.neighbour, city.admin, city.dlh_staff):
            assert await look(stranger, case, "id") is None
    heard = [await told.next() for _ in (decided, closed)]
    assert {(each["nodeId"], each["event"]["type"]) for each in heard} == {
        (case, "ESCALATION_PASSED_ON") for case in (decided, closed)
    }
    assert not strangers.told


async def test_a_referral_does_not_pass_to_a_party_of_the_case(city: City) -> None:
    case = await referred(city)
    await end(city, "ITKO", "DLH")
    seen = await look(city.dlh, case, "decision { referredTo { code } } history(last: 1) { nodes { type } }")
    assert seen["decision"]["referredTo"]["code"] == "ITKO"
    assert seen["history"]["nodes"] == [{"type": "ESCALATION_DECIDED"}]


async def test_a_case_is_referred_to_the_body_that_follows_one_of_the_citys_that_ended(city: City) -> None:
    assert "ITKO" in (await city.mayor.query("{ city { referralBodyCodes } }"))["city"]["referralBodyCodes"]
    await end(city, "ITKO", "BAPPEDA")
    codes = (await city.mayor.query("{ city { referralBodyCodes } }"))["city"]["referralBodyCodes"]
    assert "BAPPEDA" in codes
    assert "ITKO" not in codes
    case = await referred(city, "BAPPEDA")
    heir = await head_of(city, "bappeda", "BAPPEDA")
    (follow_up,) = (await look(heir, case, "followUps { id }"))["followUps"]
    await heir.mutate("closeFollowUp", {"followUpId": follow_up["id"], "outcome": "Sudah diperiksa."})
    assert (await look(city.mayor, case, "status"))["status"] == "CLOSED"


@pytest.mark.parametrize("language", ["id", "en"])
async def test_every_verb_refuses_in_the_callers_language(city: City, language: str) -> None:
    case = await filed(city)
    query = f'mutation {{ withdrawEscalation(input: {{escalationId: "{case}"}}) {{ errors {{ code message }} }} }}'
    headers: Any = {"accept-language": language}
    answer = (await city.dlh.ask(query, at=None, **headers))["data"]["withdrawEscalation"]
    assert answer["errors"][0]["code"] == "NOT_YOUR_ORGANISATION"
