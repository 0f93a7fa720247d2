"""Cases: who sees them, who may do what in which state, what the mayor may decide, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.rules import lifecycle
from server.rules.aggregates import offered_on
from server.rules.case_term import HeldTerm
from server.rules.decision import (
    DISCIPLINARY,
    AppendixKind,
    Decider,
    Instruction,
    Law,
    NewDecision,
    append_to_decision,
    decide_escalation,
    decider,
    ordered,
)
from server.rules.delegation import (
    DelegationFacts,
    delegate_decisions,
    end_delegation,
    is_in_force,
    may_delegate_decisions,
    may_end_delegation,
)
from server.rules.escalation import (
    conclude_mediation,
    passed_on,
    propose_mediation,
    remark_on_escalation,
    reply_to_escalation,
    sees_case,
    withdraw_escalation,
)
from server.rules.escalation_facts import DecisionKind, EscalationStatus
from server.rules.filing import passed_on_in_full
from server.rules.follow_up import (
    ObjectionClockFacts,
    add_follow_up,
    close_by_silence,
    close_escalation,
    close_follow_up,
    followed_up,
    object_to_follow_up,
    objection_clock,
    referred,
    task_cancelled,
    task_completed,
    task_reopened,
)
from server.rules.legal_basis import LEGAL_BASES, LegalBasis, cited, in_force, legal_bases
from server.rules.office import Office, Term
from server.rules.organisation import OrganisationKind
from server.rules.refusal import Code
from server.rules.reply_clock import ReplyClockFacts, lapse_reply, reply_clock, reply_clock_moved
from server.rules.task import TaskStatus, may_order_task
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import Calendar
from tests.rules.known import (
    ADMIN,
    BAPPEDA,
    CAMAT,
    CITY_HALL,
    DLH,
    EVERYBODY,
    HEAD,
    INTEGRATION,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    OTHER_HEAD,
    PLH,
    POLONIA,
    TODAY,
    account,
    case,
    code,
    organisation,
    refusal,
    uid,
    viewer,
    why,
)

S, K = EscalationStatus, DecisionKind
ALWAYS = Office(Calendar.of("Asia/Jakarta"))
INSPEKTORAT = uid(6)
LAW = Law(ALWAYS.calendar, LEGAL_BASES, {INSPEKTORAT}, INSPEKTORAT)

INSPECTOR = viewer(50, INSPEKTORAT, Role.HEAD, (INSPEKTORAT, Capacity.DEFINITIVE))
SEKDA_OF_DLH = viewer(51, CITY_HALL, Role.OFFICE, (DLH, Capacity.DEFINITIVE))
OFFICE_OF_DLH = viewer(52, DLH, Role.OFFICE)
DELEGATE = Viewer(uid(153), BAPPEDA, Role.STAFF, is_delegate=True, has_case_access=True)
DELEGATE_OF_DLH = Viewer(uid(154), DLH, Role.OFFICE, is_delegate=True, has_case_access=True)
ACTING_MAYOR = viewer(55, CITY_HALL, Role.OFFICE, (CITY_HALL, Capacity.PLH))
PLT_MAYOR = viewer(56, CITY_HALL, Role.MAYOR, (CITY_HALL, Capacity.PLT))
# They would see it, but the mayor's office has not confirmed that cases are for them.
UNCONFIRMED = [replace(each, has_case_access=False) for each in (MAYOR, OFFICE, HEAD, CAMAT, INSPECTOR, DELEGATE)]
ALL = (
    *EVERYBODY, CAMAT, OTHER_HEAD, INSPECTOR, SEKDA_OF_DLH, OFFICE_OF_DLH, DELEGATE, DELEGATE_OF_DLH, ACTING_MAYOR,
    PLT_MAYOR,
)  # fmt: skip
HANDLERS = {MAYOR, OFFICE, DELEGATE, ACTING_MAYOR, PLT_MAYOR}
RESPONDENTS, FILERS = {HEAD, PLH, SEKDA_OF_DLH}, {CAMAT}
SEEING = HANDLERS | RESPONDENTS | FILERS

VERBS = offered_on("Escalation")
WHO: dict[str, set[Viewer]] = {
    "replyToEscalation": RESPONDENTS,
    "withdrawEscalation": FILERS,
    "proposeMediation": HANDLERS,
    "concludeMediation": HANDLERS,
    "remarkOnEscalation": HANDLERS,
    "decideEscalation": HANDLERS - {OFFICE},
    "appendToDecision": SEEING,
    "addFollowUp": HANDLERS,
    "namePerson": HANDLERS,
    "recordNotice": HANDLERS,
    "recordReply": HANDLERS,
}
# As the two verbs on paper need the person.
ON_PAPER: dict[str, dict[str, Any]] = {
    "recordNotice": {"person_replied_at": None, "person_signs_in": False},
    "recordReply": {"person_replied_at": None, "person_notice_on": TODAY},
}


# ---- who sees a case ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", EscalationStatus)
def test_a_case_is_seen_by_the_parties_heads_and_the_mayors_office(status: EscalationStatus) -> None:
    """“A case: the heads of both parties, the person whom it may strike, the mayor's office (but nobody who or whose
    own organisation is a party), and after a referral the head of that body; all of them with case access.”
    """
    assert {each for each in (*ALL, *UNCONFIRMED) if sees_case(each, case(status))} == SEEING
    referred = case(status, referred_to_id=INSPEKTORAT)
    assert {each for each in (*ALL, *UNCONFIRMED) if sees_case(each, referred)} == {*SEEING, INSPECTOR}


def test_an_integration_sees_no_case_even_if_it_were_a_head() -> None:
    """“INTEGRATION (a service account): through a token what its scopes open, for its organisation or for the city;
    never sees a case, never holds an office”
    """
    assert not sees_case(replace(INTEGRATION, heads=frozenset({(DLH, Capacity.DEFINITIVE)})), case())


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", EscalationStatus)
def test_for_those_who_do_not_see_it_a_case_is_not_there(verb: str, status: EscalationStatus) -> None:
    for each in (*ALL, *UNCONFIRMED, ADMIN):
        if each not in SEEING:
            told = refusal(VERBS[verb], each, case(status, replied_at=NOW), TODAY)
            assert (told.code, told.path, told.facts) == (Code.NOT_FOUND, ("escalationId",), {})


# ---- who may do what, and when --------------------------------------------------------------------------------------

# Where a verb is not in its row, this is said rather than that the move is not known.
ELSEWHERE = {Code.MOVE_NOT_ALLOWED, Code.ALREADY_DECIDED, Code.REPLY_PENDING}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", EscalationStatus)
def test_a_verb_is_allowed_exactly_in_the_states_of_its_row_and_to_its_people(
    verb: str, status: EscalationStatus
) -> None:
    facts = case(status, mediation_from=S.REPLY_LAPSED, **ON_PAPER.get(verb, {}))
    for each in SEEING:
        told = code(VERBS[verb], each, facts, TODAY)
        if each not in WHO[verb]:
            assert told in (Code.NOT_YOUR_ORGANISATION, Code.NOT_YOUR_ROLE, Code.OWN_CASE)
        elif verb == "replyToEscalation" and status is S.REPLIED:
            assert told is Code.MOVE_NOT_ALLOWED
        elif status in lifecycle.ESCALATION[verb]:
            assert told is None
        else:
            assert told in ELSEWHERE


@pytest.mark.parametrize("verb", ["proposeMediation", "concludeMediation", "decideEscalation", "remarkOnEscalation"])
def test_nobody_handles_or_decides_a_case_of_their_own_organisation(verb: str) -> None:
    status = S.MEDIATION if verb == "concludeMediation" else S.REPLIED
    own = viewer(57, DLH, Role.MAYOR, (DLH, Capacity.DEFINITIVE), (CITY_HALL, Capacity.DEFINITIVE))
    for each in (own, SEKDA_OF_DLH) if verb != "decideEscalation" else (own,):
        assert code(VERBS[verb], each, case(status), TODAY) is Code.OWN_CASE
    delegated = Viewer(
        uid(158), CITY_HALL, Role.OFFICE, frozenset({(DLH, Capacity.PLT)}), is_delegate=True, has_case_access=True
    )
    assert code(VERBS[verb], delegated, case(status), TODAY) is Code.OWN_CASE


def test_a_reply_is_given_once_in_time_or_late_and_never_after_the_decision() -> None:
    for status in (S.FILED, S.REPLY_LAPSED):
        change = reply_to_escalation(PLH, case(status), " Truk rusak ", TODAY, NOW)
        assert (change["status"], change["reply"], change["replied_by_id"]) == (S.REPLIED, "Truk rusak", PLH.account_id)
    assert code(reply_to_escalation, HEAD, case(replied_at=NOW), "x", TODAY, NOW) is Code.ALREADY_REPLIED
    for status in (S.DECIDED, S.CLOSED):
        assert code(reply_to_escalation, HEAD, case(status), "x", TODAY, NOW) is Code.ALREADY_DECIDED
    assert why(reply_to_escalation, HEAD, case(S.FILED), " ", TODAY, NOW) == (Code.REQUIRED, ("reply",))


def test_a_reply_during_a_mediation_leaves_it_there_and_is_where_it_goes_back_to() -> None:
    change = reply_to_escalation(HEAD, case(S.MEDIATION, mediation_from=S.REPLY_LAPSED), "Maaf", TODAY, NOW)
    assert "status" not in change
    assert change["mediation_from"] is S.REPLIED


@pytest.mark.parametrize("from_", [S.REPLIED, S.REPLY_LAPSED])
def test_a_mediation_goes_back_to_where_it_was_or_ends_settled(from_: EscalationStatus) -> None:
    began = propose_mediation(OFFICE, case(from_), NOW + timedelta(2), " Balai Kota ", TODAY, NOW)
    assert (began["status"], began["mediation_from"], began["meeting_place"]) == (S.MEDIATION, from_, "Balai Kota")
    facts = case(S.MEDIATION, mediation_from=from_)
    assert conclude_mediation(OFFICE, facts, "Belum sepakat", False, TODAY, NOW)["status"] is from_
    settled = conclude_mediation(OFFICE, facts, "Sepakat", True, TODAY, NOW)
    assert (settled["status"], settled["withdrawn_at"]) == (S.WITHDRAWN, NOW)
    assert why(conclude_mediation, OFFICE, facts, None, True, TODAY, NOW) == (Code.REQUIRED, ("outcome",))


@pytest.mark.parametrize("meeting_at", [None, NOW, NOW - timedelta(1), datetime(9999, 1, 1, tzinfo=UTC)])
def test_a_meeting_is_at_a_time_to_come(meeting_at: datetime | None) -> None:
    told = why(propose_mediation, OFFICE, case(), meeting_at, None, TODAY, NOW)
    assert told == (Code.REQUIRED if meeting_at is None else Code.OUT_OF_RANGE, ("meetingAt",))


def test_a_mediation_waits_for_the_reply() -> None:
    told = refusal(propose_mediation, OFFICE, case(S.FILED), NOW + timedelta(2), None, TODAY, NOW)
    assert (told.code, told.facts["available_at"]) == (Code.REPLY_PENDING, case().reply_due_at)


@pytest.mark.parametrize("status", [S.DECIDED, S.CLOSED])
def test_nothing_is_mediated_after_the_decision(status: EscalationStatus) -> None:
    assert code(propose_mediation, OFFICE, case(status), NOW + timedelta(2), None, TODAY, NOW) is Code.ALREADY_DECIDED
    assert code(conclude_mediation, OFFICE, case(status), "Sepakat", True, TODAY, NOW) is Code.ALREADY_DECIDED


def test_the_filer_withdraws_before_the_decision() -> None:
    assert withdraw_escalation(CAMAT, case(S.MEDIATION), TODAY, NOW) == {"status": S.WITHDRAWN, "withdrawn_at": NOW}
    assert code(withdraw_escalation, CAMAT, case(S.DECIDED), TODAY, NOW) is Code.ALREADY_DECIDED


def test_a_remark_is_the_mayors_offices() -> None:
    assert remark_on_escalation(OFFICE, case(S.CLOSED), " Pernah terjadi ", TODAY) == "Pernah terjadi"


def test_a_reply_lapses_after_three_working_days_on_which_the_office_was_held() -> None:
    due = case().reply_due_at
    assert due is not None
    assert lapse_reply(case(S.FILED), ALWAYS, due) == {}
    assert lapse_reply(case(S.FILED), ALWAYS, due + timedelta(9)) == {"status": S.REPLY_LAPSED}
    vacant = Office(ALWAYS.calendar, [Term(date(2024, 1, 1), date(2026, 11, 24)), Term(date(2026, 11, 27))])
    assert reply_clock_moved(case(S.FILED), vacant)["reply_due_at"].isoformat() == "2026-11-30T23:59:59+07:00"
    assert lapse_reply(case(S.FILED), vacant, due + timedelta(1)) == {}
    assert reply_clock_moved(case(S.FILED), ALWAYS) == {}
    assert reply_clock(case(replied_at=due + timedelta(1)), ALWAYS).has_run_out(due + timedelta(9))
    assert not reply_clock(case(S.WITHDRAWN, withdrawn_at=due), ALWAYS).has_run_out(due + timedelta(9))
    assert code(lapse_reply, case(S.REPLIED), ALWAYS, due) is Code.MOVE_NOT_ALLOWED


def test_a_successor_replies_on_a_full_clock_unless_the_time_was_over() -> None:
    due, next_day = case().reply_due_at, NOW + timedelta(1)
    assert due is not None
    waiting = case(S.FILED)
    assert passed_on_in_full(waiting, DLH, POLONIA, ALWAYS, (), next_day) == {
        "respondent_id": POLONIA,
        "reply_restarted_at": next_day,
        "reply_due_at": due + timedelta(1),
    }
    assert passed_on_in_full(waiting, JOHOR, POLONIA, ALWAYS, (), next_day) == {"filer_id": POLONIA}
    assert passed_on_in_full(waiting, DLH, POLONIA, ALWAYS, (), due + timedelta(1)) == {"respondent_id": POLONIA}
    assert passed_on_in_full(case(S.REPLIED), DLH, POLONIA, ALWAYS, (), next_day) == {"respondent_id": POLONIA}
    # None of whose heads had case access never ran out; nor has a successor whose heads have none.
    shut_out = HeldTerm(HEAD.account_id, Capacity.DEFINITIVE, date(2025, 1, 1), None, DLH, ())
    kept_open = replace(waiting, respondent_terms=[shut_out])
    late = due + timedelta(9)  # Saturday, 5 December
    change = passed_on_in_full(kept_open, DLH, POLONIA, ALWAYS, (), late)
    assert change["reply_due_at"] == datetime(2026, 12, 9, 16, 59, 59, tzinfo=UTC)
    heir = replace(shut_out, organisation_id=POLONIA, access=[(late + timedelta(5), None)])
    change = passed_on_in_full(kept_open, DLH, POLONIA, ALWAYS, [heir], late)
    assert change["reply_due_at"] == datetime(2026, 12, 15, 16, 59, 59, tzinfo=UTC)


def test_a_case_passes_to_the_successor_and_ends_where_the_parties_become_one() -> None:
    """“Where asker and giver become one, what was delivered is confirmed, and the rest is withdrawn; a case whose
    parties become one is withdrawn.”
    """
    assert passed_on(case(), DLH, POLONIA, NOW) == {"respondent_id": POLONIA}
    assert passed_on(case(S.DECIDED), JOHOR, POLONIA, NOW) == {"filer_id": POLONIA}
    assert passed_on(case(S.CLOSED), DLH, POLONIA, NOW) == {}
    assert passed_on(case(), DLH, JOHOR, NOW) == {"status": S.WITHDRAWN, "withdrawn_at": NOW}
    assert passed_on(case(S.DECIDED), DLH, JOHOR, NOW) == {}


@pytest.mark.parametrize("status", [S.DECIDED, S.CLOSED])
def test_the_body_referred_to_passes_on_even_when_the_case_is_over_but_to_no_party(status: EscalationStatus) -> None:
    referred = case(status, referred_to_id=INSPEKTORAT)
    assert passed_on(referred, INSPEKTORAT, POLONIA, NOW) == {"referred_to_id": POLONIA}
    assert passed_on(referred, INSPEKTORAT, DLH, NOW) == {}
    assert passed_on(referred, POLONIA, INSPEKTORAT, NOW) == {}
    both = case(S.DECIDED, respondent_id=INSPEKTORAT, referred_to_id=INSPEKTORAT)  # where a party passed to the body
    assert passed_on(both, INSPEKTORAT, POLONIA, NOW) == {"respondent_id": POLONIA}


# ---- the decision ---------------------------------------------------------------------------------------------------


def new(kind: DecisionKind, **named: Any) -> NewDecision:
    """A decision of this kind in which nothing is missing."""
    facts: dict[str, Any] = {"facts": "Tidak dijawab sampai batas waktu."}
    if kind in DISCIPLINARY:
        facts |= {
            "legal_basis": "PP 94/2021 pasal 8",
            "signed_by": "Wali Kota Medan",
            "signed_by_office": "Wali Kota Medan",
            "document_number": "800/123/2026",
            "hearing_on": TODAY,
            "hearing_number": "BAP 12/2026",
        }
    if kind is K.INSTRUCT:
        facts["instruction"] = Instruction(title="Angkut sampah", due_on=date(2026, 12, 11))
    if kind is K.REFER:
        facts["referred_to"] = organisation(id=INSPEKTORAT)
    return NewDecision(**{"kind": kind, **facts, **named})


def decided(by: Viewer, facts: ReplyClockFacts, what: NewDecision) -> Any:
    return decide_escalation(by, facts, what, LAW, TODAY, NOW, mayor_id=MAYOR.account_id)


@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.parametrize("status", EscalationStatus)
def test_a_decision_waits_for_the_reply_unless_it_dismisses(kind: DecisionKind, status: EscalationStatus) -> None:
    expected = {S.DECIDED: Code.ALREADY_DECIDED, S.CLOSED: Code.ALREADY_DECIDED, S.WITHDRAWN: Code.MOVE_NOT_ALLOWED}
    if status is S.FILED and kind is not K.DISMISS:
        told = refusal(decided, MAYOR, case(status), new(kind))
        assert (told.code, told.path) == (Code.REPLY_PENDING, ("kind",))
        assert told.facts["available_at"] == case().reply_due_at
        return
    assert code(decided, MAYOR, case(status), new(kind)) is expected.get(status)


@pytest.mark.parametrize("kind", DecisionKind)
def test_a_city_companys_director_is_no_civil_servant(kind: DecisionKind) -> None:
    company = case(respondent_kind=OrganisationKind.CITY_COMPANY)
    told = why(decided, MAYOR, company, new(kind))
    allowed = kind in (K.DISMISS, K.INSTRUCT, K.GUIDANCE, K.REFER)
    assert told == (None if allowed else (Code.NO_DISCIPLINE_FOR_COMPANY, ("kind",)))


@pytest.mark.parametrize("acting", [ACTING_MAYOR, PLT_MAYOR])
@pytest.mark.parametrize("kind", DecisionKind)
def test_an_acting_mayor_decides_no_disciplinary_outcome(kind: DecisionKind, acting: Viewer) -> None:
    told = why(decided, acting, case(), new(kind))
    assert told == ((Code.NO_DISCIPLINE_AS_ACTING_MAYOR, ("kind",)) if kind in DISCIPLINARY else None)


@pytest.mark.parametrize("kind", DecisionKind)
def test_a_delegate_decides_on_the_mayors_behalf(kind: DecisionKind) -> None:
    change = decided(DELEGATE, case(), new(kind))
    assert (change["decided_by_id"], change["on_behalf_of_id"]) == (DELEGATE.account_id, MAYOR.account_id)
    assert decided(MAYOR, case(), new(kind))["on_behalf_of_id"] is None


def test_who_decides_and_by_what_power() -> None:
    powers = {each: power for each in ALL if (power := decider(each, CITY_HALL)) is not None}
    assert powers == {
        MAYOR: Decider.MAYOR,
        DELEGATE: Decider.DELEGATE,
        DELEGATE_OF_DLH: Decider.DELEGATE,
        ACTING_MAYOR: Decider.ACTING_MAYOR,
        PLT_MAYOR: Decider.ACTING_MAYOR,
    }
    assert decider(replace(ACTING_MAYOR, is_delegate=True), CITY_HALL) is Decider.DELEGATE
    assert decider(viewer(59, CITY_HALL, Role.MAYOR), CITY_HALL) is None, "the role alone is no office"
    assert decider(viewer(60, DLH, Role.HEAD, (CITY_HALL, Capacity.DEFINITIVE)), CITY_HALL) is Decider.MAYOR


@pytest.mark.parametrize("kind", sorted(DISCIPLINARY))
@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("facts", "facts"),
        ("signed_by", "signedBy"),
        ("signed_by_office", "signedByOffice"),
        ("document_number", "documentNumber"),
    ],
)
def test_a_disciplinary_decision_names_facts_law_signer_and_document(kind: DecisionKind, field: str, path: str) -> None:
    assert why(decided, MAYOR, case(), new(kind, **{field: " "})) == (Code.REQUIRED, (path,))
    assert why(decided, MAYOR, case(), new(kind, legal_basis=" ")) == (Code.NO_LAW_FOR_DISCIPLINE, ("legalBasis",))


@pytest.mark.parametrize("kind", [K.DISMISS, K.GUIDANCE, K.INSTRUCT])
def test_the_softer_ones_need_the_facts_alone(kind: DecisionKind) -> None:
    assert why(decided, MAYOR, case(), new(kind)) is None
    assert why(decided, MAYOR, case(), new(kind, facts=None)) == (Code.REQUIRED, ("facts",))


@pytest.mark.parametrize(
    ("arose", "law", "allowed"),
    [
        ("2021-08-30T16:59:59+00:00", "PP 53/2010", True),
        ("2021-08-30T17:00:00+00:00", "PP 53/2010", False),  # it is 31 August in Medan
        ("2021-08-30T16:59:59+00:00", "PP 94/2021", False),
        ("2021-08-30T17:00:00+00:00", "PP 94/2021", True),
        ("2026-11-20T03:00:00+00:00", "Peraturan Pemerintah Nomor 94 Tahun 2021 pasal 8", True),
        ("2026-11-20T03:00:00+00:00", "PP No. 53 Tahun 2010", False),
        ("2026-11-20T03:00:00+00:00", "PP 194/2021", False),
        ("2026-11-20T03:00:00+00:00", "Kebiasaan", False),
    ],
)
def test_only_the_law_in_force_when_the_ground_arose_is_cited(arose: str, law: str, allowed: bool) -> None:
    facts = case(ground_arose_at=datetime.fromisoformat(arose))
    told = why(decided, MAYOR, facts, new(K.WRITTEN_REPRIMAND, legal_basis=law))
    assert told == (None if allowed else (Code.LAW_NOT_IN_FORCE, ("legalBasis",)))


def test_a_law_that_was_not_in_force_is_no_basis_for_anything_and_the_right_one_is_named() -> None:
    told = refusal(decided, MAYOR, case(), new(K.GUIDANCE, legal_basis="PP 53/2010"))
    assert (told.code, told.facts) == (Code.LAW_NOT_IN_FORCE, {"arose_on": TODAY, "allowed": ["PP 94/2021"]})
    assert why(decided, MAYOR, case(), new(K.GUIDANCE, legal_basis="Perwal 1/2025")) is None


@pytest.mark.parametrize("kind", sorted(DISCIPLINARY))
def test_a_reprimand_rests_on_a_law_of_discipline(kind: DecisionKind) -> None:
    administration = LegalBasis("UU 30/2014", "Administrasi Pemerintahan", date(2014, 10, 17))
    law = Law(ALWAYS.calendar, (*LEGAL_BASES, administration), {INSPEKTORAT})
    told = refusal(
        decide_escalation, MAYOR, case(), new(kind, legal_basis="UU 30/2014"), law, TODAY, NOW, mayor_id=None
    )
    assert (told.code, told.path, told.facts) == (
        Code.NO_LAW_FOR_DISCIPLINE,
        ("legalBasis",),
        {"allowed": ["PP 94/2021"]},
    )
    guidance = new(K.GUIDANCE, legal_basis="UU 30/2014")
    assert why(decide_escalation, MAYOR, case(), guidance, law, TODAY, NOW, mayor_id=None) is None


def test_the_citys_laws_go_over_the_known_ones() -> None:
    own = legal_bases(
        [
            {"code": "PP 94/2021", "title": "Disiplin PNS", "from": "2021-08-31", "to": "2026-12-31"},
            {"code": "PP 7/2027", "title": "Disiplin ASN", "from": "2027-01-01", "to": None, "discipline": True},
            {"code": "UU 9/2027", "title": "ASN", "from": "2027-01-01", "to": None},
        ]
    )
    assert [each.code for each in own] == ["PP 53/2010", "PP 94/2021", "PP 7/2027", "UU 9/2027"]
    assert in_force(date(2027, 1, 1), own, is_disciplinary=False) == ["PP 7/2027", "UU 9/2027"]
    assert in_force(date(2027, 1, 1), own, is_disciplinary=True) == ["PP 7/2027"]
    assert in_force(date(2020, 1, 1), own, is_disciplinary=True) == ["PP 53/2010"]
    assert cited("PP Nomor 7 Tahun 2027", own) is own[2]
    assert cited("Pasal 7 UU 20/2023", own) is None


def test_an_instruction_orders_a_task_and_nothing_else_does() -> None:
    assert why(decided, MAYOR, case(), new(K.INSTRUCT, instruction=None)) == (Code.REQUIRED, ("instruction",))
    late = Instruction(title="Angkut", due_on=TODAY - timedelta(1))
    told = why(decided, MAYOR, case(), new(K.INSTRUCT, instruction=late))
    assert told == (Code.OUT_OF_RANGE, ("instruction", "dueOn"))
    surplus = new(K.GUIDANCE, instruction=Instruction(title="Angkut", due_on=TODAY))
    assert why(decided, MAYOR, case(), surplus) == (Code.WRONG_KIND, ("instruction",))
    task = ordered(Instruction(title=" Angkut ", due_on=TODAY, description=" "), TODAY)
    assert (task.title, task.due_on, task.description) == ("Angkut", TODAY, None)
    assert code(may_order_task, DELEGATE, organisation(), TODAY) is None


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (K.REFER, None, Code.REQUIRED),
        (K.REFER, organisation(id=POLONIA), Code.WRONG_ORGANISATION),
        (K.REFER, organisation(id=INSPEKTORAT, valid_to=TODAY), Code.ORGANISATION_ENDED),
        (K.GUIDANCE, organisation(id=INSPEKTORAT), Code.WRONG_KIND),
    ],
)
def test_a_case_is_referred_to_the_bodies_of_the_citys_data(kind: DecisionKind, body: Any, expected: Code) -> None:
    assert why(decided, MAYOR, case(), new(kind, referred_to=body)) == (expected, ("referredTo",))
    assert decided(MAYOR, case(), new(K.REFER))["referred_to_id"] == INSPEKTORAT
    own = case(respondent_id=INSPEKTORAT)
    assert why(decided, MAYOR, own, new(K.REFER)) == (Code.WRONG_ORGANISATION, ("referredTo",))


def test_a_decision_is_final_and_what_is_said_later_is_appended() -> None:
    for status in (S.DECIDED, S.CLOSED):
        assert code(decided, MAYOR, case(status), new(K.DISMISS)) is Code.ALREADY_DECIDED
        assert append_to_decision(OFFICE, case(status), AppendixKind.CORRECTION, " Nomor SK ", TODAY)[1] == "Nomor SK"
        for party in (CAMAT, HEAD):
            assert code(append_to_decision, party, case(status), AppendixKind.OBJECTION, "Keberatan", TODAY) is None
    by_party = code(append_to_decision, HEAD, case(S.DECIDED), AppendixKind.CORRECTION, "x", TODAY)
    assert by_party is Code.NOT_YOUR_ROLE
    referred = case(S.CLOSED, referred_to_id=INSPEKTORAT)
    for verb in VERBS:
        told = code(VERBS[verb], INSPECTOR, referred, TODAY)
        assert told in (Code.NOT_YOUR_ROLE, Code.NOT_YOUR_ORGANISATION), verb
    by_office = code(append_to_decision, OFFICE, case(S.DECIDED), AppendixKind.OBJECTION, "x", TODAY)
    assert by_office is Code.NOT_YOUR_ORGANISATION


# ---- what follows ---------------------------------------------------------------------------------------------------

DONE_AT = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
OBJECTION_DUE = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)


def following(status: EscalationStatus = S.DECIDED, **named: Any) -> ObjectionClockFacts:
    facts = ObjectionClockFacts(
        id=uid(800),
        case=case(status),
        task_id=uid(300),
        task_status=TaskStatus.DONE,
        objectable_from=DONE_AT,
        objection_due_at=OBJECTION_DUE,
        filer=ALWAYS,
    )
    return replace(facts, **named)


def test_a_decision_closes_with_its_last_follow_up_at_once_when_there_is_none() -> None:
    assert close_escalation(case(S.DECIDED), 0, NOW) == {"status": S.CLOSED, "closed_at": NOW}
    assert close_escalation(case(S.DECIDED), 1, NOW) == {}
    assert code(close_escalation, case(S.REPLIED), 0, NOW) is Code.MOVE_NOT_ALLOWED


def test_a_follow_up_is_added_by_the_mayors_office_and_opens_a_closed_case() -> None:
    added, reopened = add_follow_up(OFFICE, case(S.CLOSED), " Rapat ", date(2026, 12, 1), TODAY)
    assert (added["text"], added["due_on"], reopened) == (
        "Rapat",
        date(2026, 12, 1),
        {"status": S.DECIDED, "closed_at": None},
    )
    assert add_follow_up(OFFICE, case(S.DECIDED), "Rapat", None, TODAY)[1] == {}
    told = why(add_follow_up, OFFICE, case(S.DECIDED), "Rapat", TODAY - timedelta(1), TODAY)
    assert told == (Code.OUT_OF_RANGE, ("dueOn",))
    assert followed_up(uid(700), "Angkut", TODAY, uid(300))["task_id"] == uid(300)


def test_the_filer_has_five_working_days_to_object_once() -> None:
    assert task_completed(DONE_AT, ALWAYS)["objection_due_at"] == OBJECTION_DUE
    change = object_to_follow_up(CAMAT, following(), " Masih kotor ", TODAY, NOW)
    assert change == {"objected_at": NOW, "objection": "Masih kotor"}
    assert code(object_to_follow_up, HEAD, following(), "x", TODAY, NOW) is Code.NOT_YOUR_ORGANISATION
    # The path of what was named, as if there were none of that id.
    assert why(object_to_follow_up, OTHER_HEAD, following(), "x", TODAY, NOW) == (Code.NOT_FOUND, ("followUpId",))
    assert why(close_follow_up, OTHER_HEAD, following(), None, TODAY, NOW) == (Code.NOT_FOUND, ("followUpId",))
    for facts, today, expected in (
        (following(), TODAY + timedelta(1), Code.OBJECTION_TIME_OVER),
        (following(objected_at=NOW), TODAY, Code.ALREADY_OBJECTED),
        (following(closed_at=NOW), TODAY, Code.FOLLOW_UP_CLOSED),
        (following(task_status=TaskStatus.IN_PROGRESS), TODAY, Code.TASK_NOT_DONE),
        (following(S.CLOSED), TODAY, Code.MOVE_NOT_ALLOWED),
    ):
        assert code(object_to_follow_up, CAMAT, facts, "x", today, NOW) is expected


def test_a_follow_up_closes_by_silence_unless_there_was_an_objection() -> None:
    late = OBJECTION_DUE + timedelta(3)
    assert close_by_silence(following(), ALWAYS, OBJECTION_DUE) == {}
    assert close_by_silence(following(), ALWAYS, late) == {"closed_at": OBJECTION_DUE}
    assert close_by_silence(following(objected_at=NOW), ALWAYS, late) == {}
    assert close_by_silence(following(objectable_from=None), ALWAYS, late) == {}
    assert objection_clock(following(objectable_from=None), ALWAYS) is None
    assert task_cancelled(NOW) == {"closed_at": NOW}


@pytest.mark.parametrize(
    ("named", "today", "expected"),
    [
        ({"task_id": None}, TODAY, None),
        ({"task_status": TaskStatus.CANCELLED}, TODAY, None),
        ({"objected_at": NOW}, TODAY, None),
        ({}, TODAY, Code.OBJECTION_POSSIBLE),
        ({}, TODAY + timedelta(1), Code.FOLLOW_UP_CLOSED),
        ({"task_status": TaskStatus.IN_PROGRESS}, TODAY, Code.TASK_NOT_DONE),
        ({"closed_at": NOW}, TODAY, Code.FOLLOW_UP_CLOSED),
    ],
)
def test_the_mayors_office_closes_a_follow_up_without_shortening_the_filers_time(
    named: dict[str, Any], today: date, expected: Code | None
) -> None:
    assert code(close_follow_up, OFFICE, following(**named), None, today, NOW) is expected
    assert code(close_follow_up, CAMAT, following(**named), None, today, NOW) is Code.NOT_YOUR_ROLE
    assert code(close_follow_up, SEKDA_OF_DLH, following(**named), None, today, NOW) is Code.OWN_CASE


def test_the_head_of_the_body_closes_a_referral_with_what_became_of_it() -> None:
    facts = replace(
        following(task_id=None, task_status=None, is_referral=True, objectable_from=None),
        case=case(S.DECIDED, referred_to_id=INSPEKTORAT),
    )
    assert why(close_follow_up, INSPECTOR, facts, " ", TODAY, NOW) == (Code.REQUIRED, ("outcome",))
    change = close_follow_up(INSPECTOR, facts, " Diperiksa; tidak terbukti. ", TODAY, NOW)
    assert (change["closed_by_id"], change["outcome"]) == (INSPECTOR.account_id, "Diperiksa; tidak terbukti.")
    assert code(close_follow_up, OFFICE, facts, "Selesai", TODAY, NOW) is None
    assert code(close_follow_up, CAMAT, facts, "Selesai", TODAY, NOW) is Code.NOT_YOUR_ROLE
    assert code(close_follow_up, INSPECTOR, replace(facts, is_referral=False), "x", TODAY, NOW) is Code.NOT_YOUR_ROLE
    assert referred(uid(700), "Inspektorat") == {
        "escalation_id": uid(700), "text": "Inspektorat", "due_on": None, "task_id": None, "is_referral": True,
    }  # fmt: skip


def test_a_task_that_reopens_takes_its_follow_up_and_case_with_it() -> None:
    change, reopened = task_reopened(case(S.CLOSED))
    assert (change["closed_at"], change["objectable_from"], reopened["status"]) == (None, None, S.DECIDED)
    assert task_reopened(case(S.DECIDED))[1] == {}


# ---- by delegation --------------------------------------------------------------------------------------------------


def held(from_: date, to: date) -> DelegationFacts:
    return DelegationFacts(account_id=uid(200), valid_from=from_, valid_to=to)


def test_only_the_mayor_in_person_delegates() -> None:
    """“So does a delegate, named by the mayor in person for a stated period, which ends at the latest with the mayor's
    own appointment.” “MAYOR: while holding the mayor's office today, definitively: all that OFFICE may; decides
    cases; delegates decisions.”
    """
    assert {each for each in ALL if code(may_delegate_decisions, each, TODAY) is None} == {MAYOR}
    for acting in (PLT_MAYOR, ACTING_MAYOR):
        assert code(may_delegate_decisions, acting, TODAY) is Code.NOT_AS_ACTING_HEAD
    running = held(TODAY, TODAY + timedelta(30))
    assert {each for each in ALL if code(may_end_delegation, each, running, TODAY) is None} == {
        MAYOR,
        PLT_MAYOR,
        ACTING_MAYOR,
    }


@pytest.mark.parametrize(
    ("to", "named", "path", "expected"),
    [
        (None, {}, "validTo", Code.REQUIRED),
        (TODAY - timedelta(1), {}, "validTo", Code.OUT_OF_RANGE),
        (TODAY, {"is_active": False}, "accountId", Code.ACCOUNT_DISABLED),
        (TODAY, {"role": Role.INTEGRATION}, "accountId", Code.WRONG_KIND),
        (TODAY + timedelta(9), {}, "validFrom", Code.ALREADY_EXISTS),
    ],
)
def test_a_delegation_is_to_a_person_for_a_stated_period(
    to: date | None, named: dict[str, Any], path: str, expected: Code
) -> None:
    others = [held(TODAY + timedelta(5), TODAY + timedelta(20))]
    assert why(delegate_decisions, MAYOR, account(**named), TODAY, to, None, others, TODAY) == (expected, (path,))


def test_a_delegation_ends_at_once_or_earlier_than_it_was_to() -> None:
    made = delegate_decisions(MAYOR, account(), TODAY, TODAY + timedelta(30), " SK 1 ", [], TODAY)
    assert (made["delegated_by_id"], made["decree_number"]) == (MAYOR.account_id, "SK 1")
    running = held(TODAY, TODAY + timedelta(30))
    yesterday = TODAY - timedelta(1)
    assert end_delegation(MAYOR, running, yesterday, TODAY) == {"valid_to": yesterday}
    assert not is_in_force(held(TODAY, yesterday), TODAY)
    assert is_in_force(running, TODAY)
    assert code(end_delegation, MAYOR, running, running.valid_to, TODAY) is Code.NOTHING_TO_CHANGE
    over = held(date(2026, 1, 1), yesterday)
    assert code(end_delegation, MAYOR, over, TODAY, TODAY) is Code.ALREADY_ENDED
