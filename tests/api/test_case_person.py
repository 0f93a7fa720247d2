"""The person of a case: whom it may strike is told and heard, in office or not, and an heir in office answers for
nothing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from server.ids import decode
from server.rules.collaboration_facts import RequestStatus
from tests import cases
from tests.cases import admit, look
from tests.city import City
from tests.person import Json, Person
from tests.verbs import mutation_of

# As the migration found them before the columns had their present names (migration 26).
PERSONS = import_module("server.migrations.0017_the_person_of_a_case").PERSONS.replace("agreed_date", "agreed_due_on")
PERSON = (
    "status person { account { id } toldAt noticeNumber noticeOn reply repliedAt"
    " replyClock { state dueAt workingDaysLeft pauses { reason } } }"
)
REPRIMAND: dict[str, Any] = {
    "kind": "WRITTEN_REPRIMAND",
    "facts": "Menolak tanpa alasan yang sah.",
    "legalBasis": "PP 94/2021 pasal 8",
    "signedBy": "Rico Waas",
    "signedByOffice": "Wali Kota Medan",
    "documentNumber": "800/12",
    "hearingOn": "2026-06-15",
    "hearingNumber": "BAP 700/3",
}


async def declined(city: City) -> str:
    """The head of the DLH declines what the camat asks for; the request's id."""
    request = await city.request(city.camat, city.dlh)
    given = {"requestId": request, "reason": "Bukan prioritas."}
    await city.dlh.mutate("declineRequest", given)
    return request


async def succeeded(city: City) -> Person:
    """The head of the DLH leaves the office; a member of the staff heads it from today on."""
    found = await city.admin.query('{ organisation(by: {code: "DLH"}) { appointments { nodes { id validTo } } } }')
    (held,) = (each for each in found["organisation"]["appointments"]["nodes"] if each["validTo"] is None)
    await city.admin.mutate("endAppointment", {"appointmentId": held["id"], "validTo": city.day(-1)})
    given = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "DEFINITIVE"}
    await city.admin.mutate("appoint", {**given, "validFrom": city.day()})
    await admit(city, city.dlh_staff)
    return city.dlh_staff


async def filed(city: City) -> str:
    """X declines, and leaves; Y is appointed; the case is filed. Its id."""
    request = await declined(city)
    city.move(days=1)
    await succeeded(city)
    given = {"requestId": request, "statement": "Ditolak tanpa alasan."}
    made: str = (await city.camat.mutate("fileEscalation", given))["escalation"]["id"]
    await city.settled()
    return made


async def lines(person: Person) -> list[Json]:
    """What the inbox says of cases."""
    found = await person.query("{ viewer { inbox { nodes { kind verb dueAt subject { id } } } } }")
    return [each for each in found["viewer"]["inbox"]["nodes"] if (each["subject"] or {"id": ""})["id"][:4] == "case"]


async def foretold(asker: Person, case: str, verb: str) -> list[str]:
    """The codes with which the verb would be refused."""
    found = await look(asker, case, "allowedActions { verb refusals { code } }")
    (action,) = (each for each in found["allowedActions"] if mutation_of(each["verb"]) == verb)
    return [each["code"] for each in action["refusals"]]


async def disabled(city: City, person: Person) -> None:
    await city.admin.mutate("disableAccount", {"accountId": person.id})
    await city.settled()


async def test_who_declined_and_left_sees_the_case_replies_and_is_named_in_the_reprimand(city: City) -> None:
    """“The person is a party, in office or not: sees the case, replies, objects.” “REFUSED: who declined.” “The person
    is told at filing, by a line in the inbox, and has seven working days (the city's data) beside the organisation's
    three.” “A reprimand, and a REFER that is about the person, names the person, and waits for that reply or the end of
    its clock.”
    """
    case = await filed(city)
    former, heir = city.dlh, city.dlh_staff
    seen = (await look(former, case, PERSON))["person"]
    assert seen["account"] == {"id": former.id}
    assert seen["replyClock"]["workingDaysLeft"] == 7
    (line,) = await lines(former)
    assert (line["kind"], line["verb"], line["subject"]["id"]) == ("PERSON_REPLY_DUE", "REPLY_TO_ESCALATION", case)
    assert line["dueAt"] == seen["replyClock"]["dueAt"]
    assert [each["kind"] for each in await lines(heir)] == ["REPLY_DUE"]

    await heir.mutate("replyToEscalation", {"escalationId": case, "reply": "Saya baru menjabat."})
    given = {"escalationId": case, **REPRIMAND, "hearingOn": city.day()}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("PERSON_NOT_HEARD", ["kind"])
    assert len(await lines(former)) == 1, "the heir's reply is not the person's"
    await former.mutate("replyToEscalation", {"escalationId": case, "reply": "Anggaran sudah habis."})
    assert await lines(former) == []
    again = {"escalationId": case, "reply": "Sekali lagi."}
    assert (await former.refused("replyToEscalation", again))["code"] == "ALREADY_REPLIED"

    await city.mayor.mutate("decideEscalation", given)
    both = "reply person { reply } decision { person { id } decidedAs decidedCapacity signedByOffice hearingNumber }"
    told = await look(heir, case, both)
    assert (told["reply"], told["person"]["reply"]) == ("Saya baru menjabat.", "Anggaran sudah habis.")
    assert told["decision"] == {
        "person": {"id": former.id}, "decidedAs": "MAYOR", "decidedCapacity": "DEFINITIVE",
        "signedByOffice": "Wali Kota Medan", "hearingNumber": "BAP 700/3",
    }  # fmt: skip
    history = await look(city.mayor, case, "history(first: 9) { nodes { type changes { field after } } }")
    changed = {each["field"]: each["after"] for node in history["history"]["nodes"] for each in node["changes"]}
    assert (changed["PERSON"], changed["DECIDED_PERSON"]) == (former.id, former.id)
    objection = {"escalationId": case, "kind": "OBJECTION", "text": "Saya keberatan."}
    await former.mutate("appendToDecision", objection)
    refused = await former.refused("appendToDecision", {**objection, "kind": "CORRECTION"})
    assert refused["code"] in ("NOT_YOUR_ROLE", "OWN_CASE")


async def test_the_person_is_no_head_of_the_party(city: City) -> None:
    case = await filed(city)
    for verb, given in (
        ("withdrawEscalation", {}),
        ("proposeMediation", {"meetingAt": f"{city.day(2)}T09:00:00+07:00"}),
        ("namePerson", {"accountId": city.dlh_staff.id}),
    ):
        error = await city.dlh.refused(verb, {"escalationId": case, **given})
        assert error["code"] in ("NOT_YOUR_ORGANISATION", "NOT_YOUR_ROLE"), verb


async def test_who_heads_the_respondent_and_is_the_person_replies_once_for_both(city: City) -> None:
    """“Who heads the respondent and is its person replies once for both.”"""
    case = await cases.filed(city)
    assert (await look(city.dlh, case, "person { account { id } }"))["person"]["account"]["id"] == city.dlh.id
    assert [each["kind"] for each in await lines(city.dlh)] == ["REPLY_DUE"]
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    seen = await look(city.camat, case, "status reply person { reply replyClock { state } }")
    assert seen == {
        "status": "REPLIED", "reply": "Armada kami rusak.",
        "person": {"reply": "Armada kami rusak.", "replyClock": {"state": "ENDED"}},
    }  # fmt: skip
    assert await lines(city.dlh) == []


async def test_a_reprimand_waits_seven_working_days_for_the_person_where_nobody_replies(city: City) -> None:
    case = await cases.filed(city)
    city.go_to(city.today.replace(day=22))  # the fifth working day
    await city.sweep()
    given = {"escalationId": case, **REPRIMAND}
    assert (await look(city.mayor, case, "status"))["status"] == "REPLY_LAPSED"
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("PERSON_NOT_HEARD", ["kind"])
    city.go_to(city.today.replace(day=27))
    await city.sweep()
    types = (await look(city.mayor, case, "history(last: 1) { nodes { type } }"))["history"]["nodes"]
    assert types == [{"type": "ESCALATION_PERSON_REPLY_LAPSED"}]
    await city.mayor.mutate("decideEscalation", given)


async def test_who_cannot_sign_in_is_told_and_heard_on_paper(city: City) -> None:
    """“Who cannot sign in is told on paper: recordNotice starts the clock with the day on which it was received,
    recordReply keeps the answer.” “No account is opened again for this.”
    """
    request = await declined(city)
    await disabled(city, city.dlh)
    made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Ditolak."})
    case = made["escalation"]["id"]
    seen = (await look(city.sekda, case, PERSON))["person"]
    assert (seen["account"]["id"], seen["toldAt"], seen["replyClock"]) == (city.dlh.id, None, None)
    told = [(each["kind"], each["verb"]) for each in await lines(city.sekda)]
    assert told == [("NOTICE_TO_GIVE", "RECORD_NOTICE")]
    assert await foretold(city.sekda, case, "recordReply") == ["NOTICE_NEEDED"]
    reply = {"escalationId": case, "reply": "Menurut surat saya, anggaran habis."}
    assert (await city.sekda.refused("recordReply", reply))["code"] == "NOTICE_NEEDED"

    notice = {"escalationId": case, "documentNumber": "800/7", "receivedOn": city.day(1)}
    error = await city.sekda.refused("recordNotice", notice)
    assert (error["code"], error["path"]) == ("NOTICE_AHEAD", ["receivedOn"])
    error = await city.sekda.refused("recordNotice", {**notice, "receivedOn": city.day(-1)})
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["receivedOn"])
    await city.sekda.mutate("recordNotice", {**notice, "receivedOn": city.day()})
    assert await foretold(city.sekda, case, "recordNotice") == ["ALREADY_NOTIFIED"]
    assert await lines(city.sekda) == []
    seen = (await look(city.sekda, case, PERSON))["person"]
    assert (seen["noticeNumber"], seen["noticeOn"]) == ("800/7", city.day())
    assert (seen["replyClock"]["state"], seen["replyClock"]["workingDaysLeft"]) == ("RUNNING", 7)
    assert seen["replyClock"]["pauses"] == [], "on paper nothing depends on case access"

    await city.sekda.mutate("recordReply", reply)
    seen = await look(city.camat, case, "status person { reply replyClock { state } }")
    assert seen["person"] == {"reply": reply["reply"], "replyClock": {"state": "ENDED"}}
    assert seen["status"] == "FILED", "what the person says is no reply of the organisation's"
    active = await city.admin.query("query($id: ID!) { account(by: {id: $id}) { isActive } }", id=city.dlh.id)
    assert active["account"] == {"isActive": False}


async def test_a_reprimand_of_who_was_not_told_is_refused(city: City) -> None:
    case = await filed(city)
    await city.dlh_staff.mutate("replyToEscalation", {"escalationId": case, "reply": "Saya baru menjabat."})
    await disabled(city, city.dlh)
    given = {"escalationId": case, **REPRIMAND}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("NOTICE_NEEDED", ["kind"])


async def test_the_office_tells_nobody_on_paper_who_can_sign_in(city: City) -> None:
    case = await filed(city)
    assert await foretold(city.sekda, case, "recordNotice") == ["SIGNS_IN"]
    given = {"escalationId": case, "documentNumber": "800/7", "receivedOn": city.day()}
    assert (await city.sekda.refused("recordNotice", given))["code"] == "SIGNS_IN"


async def test_the_mayors_office_names_another_who_held_the_office_in_the_span(city: City) -> None:
    """“The mayor's office may name another who held it between the request's beginning and the ground (namePerson), who
    is told and heard from the start.”
    """
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    span = {"validFrom": city.day(-9), "validTo": city.day(-6)}
    await city.admin.mutate("appoint", {**acting, **span})
    case = await cases.filed(city)
    assert (await look(city.sekda, case, PERSON))["person"]["account"]["id"] == city.dlh.id
    stranger = {"escalationId": case, "accountId": city.neighbour.id}
    error = await city.sekda.refused("namePerson", stranger)
    assert (error["code"], error["path"]) == ("NEVER_HELD_OFFICE", ["accountId"])
    same = await city.sekda.refused("namePerson", {**stranger, "accountId": city.dlh.id})
    assert same["code"] == "NOTHING_TO_CHANGE"
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": city.dlh_staff.id})
    seen = await look(city.sekda, case, f"reply {PERSON}")
    assert (seen["person"]["account"]["id"], seen["person"]["reply"]) == (city.dlh_staff.id, None)
    assert seen["reply"] == "Armada kami rusak.", "the organisation has replied all the same"
    error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND})
    assert error["code"] == "PERSON_NOT_HEARD"


async def test_nobody_is_named_who_headed_the_asker_too_and_acted_for_that(city: City) -> None:
    """“Whoever headed the asker too and acted for that is not the person: such a case names nobody at first.” Nor is
    that account named later, by hand or by an upgrade.
    """
    acting = {"organisation": {"code": "DLH"}, "accountId": city.camat.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-20), "validTo": city.day(-2)})
    await city.rows("UPDATE appointment SET created_at = valid_from")  # in time, as it would have been
    city.is_altered_by_hand = True
    await admit(city, city.camat)
    case = await cases.filed(city)
    assert (await look(city.sekda, case, "person { account { id } }"))["person"] is None
    error = await city.sekda.refused("namePerson", {"escalationId": case, "accountId": city.camat.id})
    assert (error["code"], error["path"]) == ("HEADS_BOTH_SIDES", ["accountId"])
    await city.rows(PERSONS)
    assert (await look(city.sekda, case, "person { account { id } }"))["person"] is None
    await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": city.dlh.id})


async def test_days_without_case_access_do_not_count_in_the_persons_clock_nor_in_the_partys(city: City) -> None:
    """“Days on which no head of a party has case access do not count in that party's clocks, nor those on which the
    person has none, or a disabled account, in the person's.”
    """
    request = await declined(city)
    city.move(days=1)
    given = {"organisation": {"code": "DINKES"}, "accountId": city.dlh.id, "capacity": "PLT", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Ditolak."})
    case = made["escalation"]["id"]
    clocks = "replyClock { state pauses { reason } workingDaysLeft } person { replyClock { state workingDaysLeft } }"
    seen = await look(city.sekda, case, clocks)
    assert (seen["replyClock"]["state"], seen["person"]["replyClock"]["state"]) == ("PAUSED", "PAUSED")
    assert [each["reason"] for each in seen["replyClock"]["pauses"]] == ["akses perkara belum ada"]
    assert await look(city.dlh, case, "id") is None
    city.move(days=20)
    await city.sweep()
    seen = await look(city.sekda, case, f"status {clocks}")
    assert (seen["status"], seen["replyClock"]["workingDaysLeft"]) == ("FILED", 3)
    await admit(city, city.dlh)
    await city.sweep()
    assert (await look(city.dlh, case, PERSON))["person"]["replyClock"]["state"] == "RUNNING"


async def test_the_person_without_case_access_is_confirmed_by_the_office_and_no_administrator_hears_of_it(
    city: City,
) -> None:
    """“Whoever handles cases, heads a party or is a case's person needs case access for cases, eligibility, dossiers
    and the case lines of the inbox; everything else works at once.” “Logins and sign-ins: the account itself and the
    administrators; case access: they, and those who handle cases; that of a case's person: those who handle that case
    (decision 27).”
    """
    request = await declined(city)
    city.move(days=1)
    await succeeded(city)
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "organisation": {"code": "DINKES"}})
    await city.settled()
    asked = "query($id: ID!) { account(by: {id: $id}) { hasCaseAccess awaitsCaseAccess } }"
    before = await city.admin.query(asked, id=city.dlh.id)
    assert before["account"]["awaitsCaseAccess"] is False
    inbox = "{ viewer { inbox { nodes { kind sentence } } } }"

    async def open_ones() -> list[str]:
        found = (await city.sekda.query(inbox))["viewer"]["inbox"]["nodes"]
        return [each["sentence"] for each in found if each["kind"] == "CASE_ACCESS_TO_CONFIRM"]

    assert await open_ones() == []
    made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Ditolak."})
    case = made["escalation"]["id"]
    assert await city.admin.query(asked, id=city.dlh.id) == before
    assert await look(city.dlh, case, "id") is None
    assert await lines(city.dlh) == []
    assert len(await open_ones()) == 1
    # The list says the same as the line: of whom it tells, to whom the case is not hidden.
    listed = "{ accounts(filter: {awaitsCaseAccess: {eq: true}}) { totalCount nodes { id } } }"
    assert (await city.sekda.query(listed))["accounts"] == {"totalCount": 1, "nodes": [{"id": city.dlh.id}]}
    for person in (city.admin, city.dlh):
        assert (await person.query(listed))["accounts"]["totalCount"] == 0
    log = "{ events(last: 100) { nodes { type subjectVersion sentence } } }"
    told, swept_at = await city.admin.query(log), "{ city { sweptAt } }"
    before_that = await city.admin.query(swept_at)
    await admit(city, city.dlh)
    assert await city.admin.query(swept_at) == before_that, "nor does the sweep look sooner for it"
    assert await open_ones() == []
    assert (await look(city.dlh, case, PERSON))["person"]["account"]["id"] == city.dlh.id
    again = await city.sekda.refused("confirmCaseAccess", {"accountIds": [city.dlh.id]})
    assert again["code"] == "CASE_ACCESS_CONFIRMED"
    # Neither the account nor the log says to administrators that it was confirmed, nor that it is lost again.
    assert await city.admin.query(asked, id=city.dlh.id) == before
    assert await city.admin.query(log) == told
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "organisation": {"code": "BAPPEDA"}})
    await city.settled()
    assert await look(city.dlh, case, "id") is None
    assert len(await open_ones()) == 1
    now = [each["type"] for each in (await city.admin.query(log))["events"]["nodes"]]
    assert now == [each["type"] for each in told["events"]["nodes"]] + ["ACCOUNT_UPDATED"]


async def test_what_is_confirmed_for_one_case_of_a_person_says_nothing_of_another(city: City) -> None:
    """“That as a person is of that case alone.” Of two cases each is lost and given by itself."""
    requests = [await declined(city), await declined(city), await declined(city)]
    city.move(days=1)
    await succeeded(city)
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "organisation": {"code": "DINKES"}})
    await city.settled()
    mine: list[str] = []

    async def file(request: str) -> None:
        made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Ditolak."})
        mine.append(made["escalation"]["id"])

    async def seen() -> list[bool]:
        return [await look(city.dlh, case, "id") is not None for case in mine]

    await file(requests[0])
    await admit(city, city.dlh)
    await file(requests[1])
    await file(requests[2])
    assert await seen() == [True, False, False]
    assert len({each["subject"]["id"] for each in await lines(city.dlh)}) == 1
    clocks = [await look(city.mayor, case, "person { replyClock { state } }") for case in mine]
    assert [each["person"]["replyClock"]["state"] for each in clocks] == ["RUNNING", "PAUSED", "PAUSED"]
    await admit(city, city.dlh)
    assert await seen() == [True, True, True]
    again = await city.sekda.refused("confirmCaseAccess", {"accountIds": [city.dlh.id]})
    assert again["code"] == "CASE_ACCESS_CONFIRMED"
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "organisation": {"code": "BAPPEDA"}})
    await city.settled()
    assert await seen() == [False, False, False]
    await admit(city, city.dlh)
    assert await seen() == [True, True, True]


async def test_for_all_others_the_case_of_a_person_is_not_there(city: City) -> None:
    """“A case: the heads of both parties, the person whom it may strike, the mayor's office (but nobody who or whose
    own organisation is a party), and after a referral the head of that body; all of them with case access.”
    """
    case = await filed(city)
    for person in (city.neighbour, city.outsider, city.bappeda, city.admin, city.camat_staff, city.lurah):
        assert await look(person, case, PERSON) is None
        for verb, given in (
            ("namePerson", {"accountId": city.dlh.id}),
            ("recordNotice", {"documentNumber": "1", "receivedOn": city.day()}),
            ("recordReply", {"reply": "x"}),
        ):
            assert (await person.refused(verb, {"escalationId": case, **given}))["code"] == "NOT_FOUND"
        found = await person.query("{ events(last: 50) { nodes { type } } }")
        assert not [each for each in found["events"]["nodes"] if each["type"].startswith("ESCALATION")]


@pytest.mark.parametrize("missing", ["hearingOn", "hearingNumber"])
async def test_a_reprimand_without_the_hearings_record_is_refused(city: City, missing: str) -> None:
    case = await cases.replied(city)
    error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND, missing: None})
    assert (error["code"], error["path"]) == ("HEARING_NEEDED", [missing])


async def test_a_reprimand_without_a_basis_for_discipline_is_refused(city: City) -> None:
    case = await cases.replied(city)
    for basis in (None, "UU 30/2014"):
        error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND, "legalBasis": basis})
        assert (error["code"], error["path"]) == ("NO_LAW_FOR_DISCIPLINE", ["legalBasis"])


async def test_a_reprimand_of_the_head_of_a_kind_that_the_city_does_not_name_is_refused(city: City) -> None:
    case = await cases.replied(city, giver=city.lurah)
    given = {"escalationId": case, **REPRIMAND}
    error = await city.mayor.refused("decideEscalation", given)
    assert (error["code"], error["path"]) == ("NO_DISCIPLINE_OF_KIND", ["kind"])
    found = await city.outsider.query("{ city { reprimandKinds personReplyWorkingDays inspectorateCode } }")
    expected = {"reprimandKinds": ["OPD", "KECAMATAN"], "personReplyWorkingDays": 7, "inspectorateCode": "ITKO"}
    assert found["city"] == expected


async def test_a_reprimand_without_a_person_is_refused_until_one_is_named(city: City) -> None:
    case = await cases.filed(city, status=RequestStatus.DECLINED, answered_at=cases.ASKED)
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    assert (await look(city.sekda, case, "person { account { id } }"))["person"] is None
    error = await city.mayor.refused("decideEscalation", {"escalationId": case, **REPRIMAND})
    assert (error["code"], error["path"]) == ("NO_PERSON", ["kind"])
    assert await foretold(city.sekda, case, "recordNotice") == ["NO_PERSON"]
    await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": city.dlh.id})
    assert (await look(city.sekda, case, PERSON))["person"]["account"]["id"] == city.dlh.id


async def test_a_referral_about_a_person_names_them_once_they_were_heard(city: City) -> None:
    case = await filed(city)
    await city.dlh_staff.mutate("replyToEscalation", {"escalationId": case, "reply": "Saya baru menjabat."})
    given = {"escalationId": case, "kind": "REFER", "facts": "Berulang.", "referredTo": {"code": "ITKO"}}
    about = {**given, "isAboutPerson": True}
    (unheard, *_) = (await city.mayor.attempt("decideEscalation", about))["errors"]
    assert unheard["code"] == "PERSON_NOT_HEARD"
    guidance = {**about, "kind": "GUIDANCE", "referredTo": None}
    (wrong, *_) = (await city.mayor.attempt("decideEscalation", guidance))["errors"]
    assert (wrong["code"], wrong["path"]) == ("WRONG_KIND", ["isAboutPerson"])
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Anggaran habis."})
    await city.mayor.mutate("decideEscalation", about)
    assert (await look(city.camat, case, "decision { person { id } }"))["decision"]["person"] == {"id": city.dlh.id}


async def test_a_referral_of_the_matter_alone_names_nobody_and_waits_for_nobody(city: City) -> None:
    case = await filed(city)
    await city.dlh_staff.mutate("replyToEscalation", {"escalationId": case, "reply": "Saya baru menjabat."})
    given = {"escalationId": case, "kind": "REFER", "facts": "Berulang.", "referredTo": {"code": "ITKO"}}
    await city.mayor.mutate("decideEscalation", given)
    assert (await look(city.camat, case, "decision { person { id } }"))["decision"]["person"] is None


async def test_nobody_decides_or_handles_a_case_that_may_strike_them(city: City) -> None:
    """“Nobody approves a plan, or an amendment, of their own organisation; nobody decides or handles a case in which
    they or their own organisation are a party.”
    """
    case = await filed(city)
    office = {
        "organisation": {"code": "WALIKOTA"},
        "accountId": city.dlh.id,
        "capacity": "PLH",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", office)
    await admit(city, city.dlh)
    given = {"escalationId": case, "kind": "DISMISS", "facts": "Selesai."}
    assert (await city.dlh.refused("decideEscalation", given))["code"] == "OWN_CASE"
    assert (await city.dlh.refused("remarkOnEscalation", {"escalationId": case, "text": "Hm."}))["code"] == "OWN_CASE"
    seen = await look(city.dlh, case, "remarks { text } person { account { id } }")
    assert (seen["remarks"], seen["person"]["account"]["id"]) == (None, city.dlh.id)


async def test_what_ended_without_a_successor_leaves_its_case_filed_to_be_dismissed_or_referred(city: City) -> None:
    """“Before the reply, or the end of its clock, a case can only be dismissed; where the respondent ended without a
    successor, so that nobody replies, it may be referred as well.”
    """
    case = await cases.filed(city)
    given = {"organisationId": city.dlh.organisation_id, "validTo": city.day(-1)}
    await city.admin.mutate("endOrganisation", given)
    await city.settled()
    city.move(days=30)
    await city.sweep()
    seen = await look(city.mayor, case, "status replyClock { state }")
    assert seen == {"status": "FILED", "replyClock": {"state": "PAUSED"}}
    guidance = {"escalationId": case, "kind": "GUIDANCE", "facts": "Berakhir."}
    assert (await city.mayor.refused("decideEscalation", guidance))["code"] == "REPLY_PENDING"
    await city.mayor.mutate("decideEscalation", {**guidance, "kind": "REFER", "referredTo": {"code": "ITKO"}})
    assert (await look(city.mayor, case, "status"))["status"] == "DECIDED"


async def test_of_a_broken_promise_it_is_who_held_the_office_on_the_agreed_day(city: City) -> None:
    """“BROKEN_COMMITMENT: who held it on the agreed date; of a dispute: who delivered.”"""
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-5), "validTo": city.day(-4)})
    promised: dict[str, Any] = {
        "status": RequestStatus.ACCEPTED, "agreed_due_on": city.today.replace(day=10),
        "answered_at": cases.ASKED, "accepted_at": cases.ASKED, "answer_stopped_at": cases.ASKED,
    }  # fmt: skip
    case = await cases.filed(city, **promised)
    seen = (await look(city.mayor, case, PERSON))["person"]
    assert seen["account"]["id"] == city.dlh_staff.id, "the acting head, who acted on the agreed day"


async def test_of_a_dispute_it_is_who_delivered(city: City) -> None:
    """“BROKEN_COMMITMENT: who held it on the agreed date; of a dispute: who delivered.”"""
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request, is_done=True)
    await city.dlh.mutate("deliverRequest", {"requestId": request})
    city.move(days=1)
    await succeeded(city)
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Masih kotor."})
    city.move(days=6)
    await city.sweep()
    given = {"requestId": request, "statement": "Tidak pernah tuntas."}
    case = (await city.camat.mutate("fileEscalation", given))["escalation"]["id"]
    assert (await look(city.mayor, case, PERSON))["person"]["account"]["id"] == city.dlh.id


async def test_an_upgrade_finds_the_person_of_an_open_case_and_leaves_a_decided_one_as_it_is(city: City) -> None:
    """“Decisions taken before persons were named name nobody.”"""
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-5), "validTo": city.day(-4)})
    silent = await cases.filed(city)
    decided = await cases.replied(city)
    await city.mayor.mutate("decideEscalation", {"escalationId": decided, "kind": "GUIDANCE", "facts": "Cukup."})
    disputed = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, disputed, is_done=True)
    await city.dlh.mutate("deliverRequest", {"requestId": disputed})
    refused = await filed(city)
    await city.camat.mutate("disputeDelivery", {"requestId": disputed, "reason": "Masih kotor."})
    city.move(days=6)
    await city.sweep()
    given = {"requestId": disputed, "statement": "Tidak pernah tuntas."}
    broken = (await city.camat.mutate("fileEscalation", given))["escalation"]["id"]
    found = "SELECT id, person_id, person_reply_days, person_told_at IS NULL AS untold FROM escalation ORDER BY id"
    before = await city.rows(found)
    await city.rows("UPDATE escalation SET person_id = NULL, person_reply_days = NULL, person_told_at = NULL")
    city.is_altered_by_hand = True
    await city.rows(PERSONS)
    kept = {decode(decided)[1]}
    nobody = {"person_id": None, "person_reply_days": None, "untold": True}
    assert await city.rows(found) == [each | nobody if each["id"] in kept else each for each in before]
    persons = {}
    for case in (silent, refused, broken):
        seen = await look(city.mayor, case, PERSON)
        persons[case] = seen["person"]["account"]["id"]
    assert persons == {silent: city.dlh_staff.id, refused: city.dlh.id, broken: city.dlh.id}
