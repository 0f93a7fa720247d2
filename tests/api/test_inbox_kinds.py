"""Each kind of entry of the inbox: for whom it waits and for whom not, with a verb of theirs, gone with its act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from server.rules.inbox import InboxKind
from tests import cases
from tests.city import City
from tests.founding import KOTA, PEOPLE
from tests.person import Person
from tests.programs import service_account, token
from tests.verbs import mutation_of
from tests.watching import until

K = InboxKind
Begin = Callable[[City], Awaitable[str]]
Act = Callable[[City, str], Awaitable[None]]
ENTRY = "kind verb count dueAt clock { dueAt state } subject { id }"
INBOX = f"{{ viewer {{ inbox {{ nodes {{ {ENTRY} }} }} }} }}"
_ACTIONS = "allowedActions { verb isAllowed }"
ALLOWED = f"""query($id: ID!) {{ node(id: $id) {{ id
  ... on Task {{ {_ACTIONS} }} ... on Target {{ {_ACTIONS} }} ... on Request {{ {_ACTIONS} }}
  ... on WorkPlan {{ {_ACTIONS} targets {{ nodes {{ {_ACTIONS} }} }} }} ... on Account {{ {_ACTIONS} }}
  ... on Escalation {{ {_ACTIONS} followUps {{ {_ACTIONS} }} }}
  ... on Appointment {{ {_ACTIONS} organisation {{ {_ACTIONS} }} }} }} }}"""


@dataclass(frozen=True)
class Row:
    """`whose`: attributes of City, with the verb of each; `begin` makes it wait and names the subject; `act` settles.

    `clock`: whether the entry has its subject's clock, in this `state`; `about`: on what the verb is offered, where
    that is not the subject; `prepare`: who begins to head something signs in anew.
    """

    whose: Mapping[str, str]
    begin: Begin
    act: Act
    clock: bool = False
    state: str = "RUNNING"
    about: Begin | None = None
    prepare: Callable[[City], Awaitable[None]] | None = None


def each(verb: str, *people: str) -> Mapping[str, str]:
    return dict.fromkeys(people, verb)


def done(person: str, verb: str, field: str, **more: Any) -> Act:
    """That person does it to the subject."""

    async def act(city: City, subject: str) -> None:
        await _of(city, person).mutate(verb, {field: subject, **more})

    return act


def _of(city: City, name: str) -> Person:
    person: Person = getattr(city, name)
    return person


# ---- requests -------------------------------------------------------------------------------------------------------


async def asked(city: City) -> str:
    return await city.request(city.camat, city.dlh)


async def asked_back(city: City) -> str:
    request = await asked(city)
    await city.dlh.mutate("askForInformation", {"requestId": request, "question": "Berapa truk?"})
    return request


async def countered(city: City) -> str:
    request = await asked(city)
    await city.dlh.mutate("counterRequest", {"requestId": request, "terms": "Satu truk saja."})
    return request


async def redirected(city: City) -> str:
    request = await asked(city)
    await city.dlh.mutate("redirectRequest", {"requestId": request, "to": {"code": KOTA}, "reason": "Wilayah Kota."})
    return request


async def objected_to(city: City) -> str:
    request = await redirected(city)
    await city.camat.mutate("objectToRedirect", {"requestId": request, "reason": "Bukan di Kota."})
    return request


async def headed_by_one(city: City) -> str:
    """Nobody else heads the Bappeda."""
    request = await city.request(city.camat, city.bappeda)
    given = {
        "organisation": {"code": "BAPPEDA"},
        "accountId": city.camat.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    city.camat = await city.sign_in("camat")
    return request


async def names_their_staff(city: City, request: str) -> None:
    await city.sekda.mutate("assignAnswerer", {"requestId": request, "accountId": city.bappeda.id})


async def all_but_done(city: City) -> str:
    request = await asked(city)
    task = await city.promise(city.dlh, request)
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    return request


async def done_in_time(city: City) -> str:
    request = await asked(city)
    await city.promise(city.dlh, request, is_done=True)
    return request


async def put_off(city: City) -> str:
    request = await asked(city)
    await city.promise(city.dlh, request)
    late = {"requestId": request, "newDueOn": city.day(12), "reason": "Truk rusak."}
    await city.dlh.mutate("proposeNewDate", late)
    return request


async def delivered(city: City) -> str:
    request = await done_in_time(city)
    await city.dlh.mutate("deliverRequest", {"requestId": request})
    return request


async def disputed(city: City) -> str:
    request = await delivered(city)
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Masih ada sampah."})
    return request


# ---- cases ----------------------------------------------------------------------------------------------------------


async def mediated(city: City) -> str:
    case = await cases.replied(city)
    at = (city.now + timedelta(days=2)).isoformat()
    await city.sekda.mutate("proposeMediation", {"escalationId": case, "meetingAt": at})
    return case


async def ordered_and_done(city: City) -> str:
    case, _, task = await cases.instructed(city)
    await cases.do(city, task)
    return case


async def objected_to_follow_up(city: City) -> str:
    case = await ordered_and_done(city)
    await objects(city, case)
    return case


async def objects(city: City, case: str) -> None:
    await city.camat.mutate("objectToFollowUp", {"followUpId": await follow_up(city, case), "reason": "Masih kotor."})


async def closes(city: City, case: str) -> None:
    await city.sekda.mutate("closeFollowUp", {"followUpId": await follow_up(city, case)})


async def follow_up(city: City, case: str) -> str:
    (found,) = (await cases.look(city.mayor, case, "followUps { id }"))["followUps"]
    id_: str = found["id"]
    return id_


async def lurah_heads_the_inspectorate(city: City) -> None:
    given = {"organisation": {"code": "ITKO"}, "accountId": city.lurah.id, "capacity": "PLT", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    await cases.admit(city, city.lurah)
    city.lurah = await city.sign_in(city.lurah.login)


async def referred(city: City) -> str:
    case = await cases.replied(city)
    given = {"escalationId": case, "kind": "REFER", "facts": "Tidak menjawab.", "legalBasis": "PP 94/2021"}
    await city.mayor.mutate("decideEscalation", {**given, "referredTo": {"code": "ITKO"}})
    return case


async def tells_what_became_of_it(city: City, case: str) -> None:
    told = {"followUpId": await follow_up(city, case), "outcome": "Diperiksa; dibina."}
    await city.lurah.mutate("closeFollowUp", told)


# ---- plans and targets ----------------------------------------------------------------------------------------------


async def submitted(city: City) -> str:
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    return plan


async def returned(city: City) -> str:
    plan = await submitted(city)
    await city.bappeda.mutate("returnWorkPlan", {"workPlanId": plan, "note": "Lengkapi."})
    return plan


async def prepared(city: City) -> str:
    plan = await city.approved(city.camat, targets=2)
    for target in await city.targets_of(plan):
        await city.camat_staff.mutate("amendTarget", {"targetId": target, "targetValue": "80", "reason": "Anggaran."})
    return plan


async def signs(city: City, plan: str) -> None:
    await city.camat.mutate("signAmendments", {"targetIds": await city.targets_of(plan)})


async def signed(city: City) -> str:
    plan = await prepared(city)
    await signs(city, plan)
    return plan


async def approves(city: City, plan: str) -> None:
    await city.bappeda.mutate("approveAmendments", {"targetIds": await city.targets_of(plan)})


async def handed_over(city: City) -> str:
    (target,) = await city.targets_of(await city.approved(city.camat))
    give = {"targetId": target, "organisation": {"code": "DLH"}, "reason": "Tugas dinas."}
    await city.camat.mutate("handOverTarget", give)
    return target


async def not_reported(city: City) -> str:
    (target,) = await city.targets_of(await city.approved(city.camat))
    city.go_to(date(2026, 7, 2))  # the first quarter that it owes has ended
    await city.task(city.camat)  # whatever happens has the inbox read anew
    return target


# ---- tasks ----------------------------------------------------------------------------------------------------------


async def due_soon(city: City) -> str:
    return await city.task(city.camat, dueOn=city.day(1), assigneeId=city.camat_staff.id)


async def completes(city: City, task: str) -> None:
    await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.camat_staff.mutate("completeTask", {"taskId": task})


async def blocked(city: City) -> str:
    task = await city.task(city.camat)
    await city.camat_staff.mutate("blockTask", {"taskId": task, "reason": "Jembatan putus."})
    await city.camat_staff.mutate("askForSupport", {"taskId": task, "note": "Alat berat."})
    return task


async def ordered_and_overdue(city: City) -> str:
    given = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli", "dueOn": city.day(2)}
    task: str = (await city.sekda.mutate("orderTask", given))["task"]["id"]
    city.move(days=3)
    await city.sweep()
    return task


async def gives_another_day(city: City, task: str) -> None:
    await city.sekda.mutate("updateTask", {"taskId": task, "dueOn": city.day(5)})


# ---- accounts -------------------------------------------------------------------------------------------------------


async def appointed(city: City) -> str:
    given = {
        "organisation": {"code": "DLH"},
        "accountId": city.dlh_staff.id,
        "capacity": "PLH",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    return ""


async def the_appointed(city: City) -> str:
    return city.dlh_staff.id


async def confirms(city: City, _: str) -> None:
    await city.sekda.mutate("confirmCaseAccess", {"accountIds": [city.dlh_staff.id]})


async def acts_too_long(city: City) -> str:
    given = {
        "organisation": {"code": "DLH"},
        "accountId": city.dlh_staff.id,
        "capacity": "PLT",
        "validFrom": "2026-01-01",
    }
    acting: str = (await city.admin.mutate("appoint", given))["appointment"]["id"]
    await cases.admit(city, city.dlh_staff)
    city.go_to(date(2026, 7, 1))  # a Plt. of the first of January acts to the last of June
    await city.admin.mutate("addHoliday", {"fallsOn": "2026-09-16", "name": "Pemilihan"})  # all inboxes are read anew
    return acting


async def ends_it(city: City, acting: str) -> None:
    await city.admin.mutate("endAppointment", {"appointmentId": acting, "validTo": city.day()})


def ends_in(days: int) -> Begin:
    """A service account's one token ends in so many days."""

    async def begin(city: City) -> str:
        made: str = (await token(city, await service_account(city), lifetimeDays=days))["token"]["id"]
        return made

    return begin


async def its_account(city: City) -> str:
    found = (await city.admin.query("{ tokens { nodes { account { id } } } }"))["tokens"]["nodes"]
    return str(found[0]["account"]["id"])


async def makes_the_next(city: City, _: str) -> None:
    await token(city, await its_account(city))


# A text: which test tries it, as its clock or its people are others.
KINDS: Mapping[InboxKind, Row | str] = {
    K.REQUEST_TO_ANSWER: Row(
        each("acceptRequest", "dlh"), asked, done("dlh", "acceptRequest", "requestId"), clock=True
    ),
    K.QUESTION_TO_ANSWER: Row(
        each("answerQuestion", "camat"), asked_back, done("camat", "answerQuestion", "requestId", answer="Dua."),
        clock=True,
    ),
    K.COUNTER_TO_ANSWER: Row(
        each("acceptCounter", "camat"), countered, done("camat", "acceptCounter", "requestId"), clock=True
    ),
    K.RULING_DUE: Row(
        each("assignRequest", "mayor", "sekda"), objected_to,
        done("sekda", "assignRequest", "requestId", giver={"code": "DLH"}, reason="Sampah pasar."), clock=True,
    ),
    K.ANSWERER_TO_NAME: Row(
        each("assignAnswerer", "mayor", "sekda"), headed_by_one, names_their_staff,
    ),
    K.REDIRECT_TOLD: Row(
        each("objectToRedirect", "camat"), redirected,
        done("camat", "objectToRedirect", "requestId", reason="Bukan di Kota."), clock=True,
    ),
    K.COMMITMENT_DUE: Row(
        each("deliverRequest", "dlh"), all_but_done,
        done("dlh", "deliverRequest", "requestId", completesTask=True), clock=True
    ),
    K.DELIVERY_DUE: Row(
        each("deliverRequest", "dlh"), done_in_time, done("dlh", "deliverRequest", "requestId"), clock=True
    ),
    K.NEW_DATE_TO_ANSWER: Row(
        each("agreeNewDate", "camat"), put_off, done("camat", "agreeNewDate", "requestId"), clock=True
    ),
    K.DELIVERY_TO_CONFIRM: Row(
        each("confirmDelivery", "camat"), delivered, done("camat", "confirmDelivery", "requestId"), clock=True
    ),
    K.DISPUTE_TO_SETTLE: Row(
        each("resumeDelivery", "dlh"), disputed, done("dlh", "resumeDelivery", "requestId"), clock=True
    ),
    K.REPLY_DUE: Row(
        each("replyToEscalation", "dlh"), cases.filed,
        done("dlh", "replyToEscalation", "escalationId", reply="Armada kami rusak."), clock=True,
    ),
    K.PERSON_REPLY_DUE: "test_case_person.py",
    K.NOTICE_TO_GIVE: "test_case_person.py",
    K.MEDIATION_TO_CONCLUDE: Row(
        each("concludeMediation", "mayor", "sekda"), mediated,
        done("sekda", "concludeMediation", "escalationId", outcome="Belum sepakat.", isSettled=False), clock=True,
    ),
    K.DECISION_DUE: Row(
        each("decideEscalation", "mayor"), cases.replied,
        done("mayor", "decideEscalation", "escalationId", kind="DISMISS", facts="Sudah dijawab."),
    ),
    K.FOLLOW_UP_TO_CHECK: Row(each("objectToFollowUp", "camat"), ordered_and_done, objects, clock=True),
    K.FOLLOW_UP_TO_SETTLE: Row(each("closeFollowUp", "mayor", "sekda"), objected_to_follow_up, closes),
    K.REFERRAL_TO_SETTLE: Row(
        each("closeFollowUp", "lurah"), referred, tells_what_became_of_it, prepare=lurah_heads_the_inspectorate
    ),
    K.PLAN_TO_REVIEW: Row(
        each("approveWorkPlan", "bappeda", "mayor", "sekda"), submitted,
        done("bappeda", "approveWorkPlan", "workPlanId"),
    ),
    K.PLAN_TO_MEND: Row(
        {"camat": "submitWorkPlan", "camat_staff": "updateWorkPlan"}, returned,
        done("camat", "submitWorkPlan", "workPlanId"),
    ),
    K.AMENDMENTS_TO_SIGN: Row(each("signAmendments", "camat"), prepared, signs),
    K.HAND_OVER_TO_ANSWER: Row(
        each("acceptHandOver", "dlh"), handed_over, done("dlh", "acceptHandOver", "targetId")
    ),
    K.AMENDMENTS_TO_REVIEW: Row(each("approveAmendments", "bappeda", "mayor", "sekda"), signed, approves),
    K.MEASUREMENT_DUE: Row(
        each("recordMeasurement", "camat", "camat_staff"), not_reported,
        done("camat_staff", "recordMeasurement", "targetId", value="10", measuredOn="2026-06-20"), clock=True,
    ),
    K.TASK_DUE: Row(each("reportProgress", "camat_staff"), due_soon, completes),
    K.HELP_WANTED: Row(
        each("answerSupport", "mayor", "sekda"), blocked,
        done("sekda", "answerSupport", "taskId", answer="Alat berat datang Kamis."),
    ),
    K.ORDER_OVERDUE: Row(each("updateTask", "mayor", "sekda"), ordered_and_overdue, gives_another_day),
    K.CASE_ACCESS_TO_CONFIRM: Row(
        each("confirmCaseAccess", "mayor", "sekda"), appointed, confirms, about=the_appointed
    ),
    K.ACTING_TOO_LONG: Row(
        {"admin": "endAppointment", "mayor": "orderTask", "sekda": "orderTask"}, acts_too_long, ends_it,
        clock=True, state="BREACHED",
    ),
    K.TOKEN_EXPIRES: Row(each("createToken", "admin"), ends_in(30), makes_the_next, about=its_account),
    K.TOKEN_EXPIRES_SOON: Row(each("createToken", "admin"), ends_in(7), makes_the_next, about=its_account),
    K.SIGN_IN_ENDS: "test_sign_in_ends.py",
}  # fmt: skip
# Two amendments of one plan are one entry.
COUNTS = {K.AMENDMENTS_TO_SIGN: 2, K.AMENDMENTS_TO_REVIEW: 2}


async def entries(person: Person, kind: InboxKind) -> list[Any]:
    found = (await person.query(INBOX))["viewer"]["inbox"]["nodes"]
    return [entry for entry in found if entry["kind"] == kind.value]


async def allowed(person: Person, subject: str) -> set[str]:
    """The verbs on it, and on its parts, that are foretold to be this person's to do."""
    node = (await person.query(ALLOWED, id=subject))["node"]
    parts = [node, *node.get("targets", {}).get("nodes", ()), *node.get("followUps", ())]
    parts += [node["organisation"]] if "organisation" in node else []
    return {mutation_of(action["verb"]) for part in parts for action in part["allowedActions"] if action["isAllowed"]}


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if isinstance(row, Row)])
async def test_an_entry_waits_for_whom_it_concerns_with_a_verb_of_theirs_and_is_gone_with_its_act(
    city: City, kind: InboxKind
) -> None:
    row = KINDS[kind]
    assert isinstance(row, Row)
    if row.prepare is not None:
        await row.prepare(city)
    watchers = []
    for name in row.whose:
        socket = await _of(city, name).socket()
        watcher = socket.subscribe("inboxChanged", "subscription { inboxChanged { nodes { kind } } }", {})
        await watcher.next()
        watchers.append(watcher)
    subject = await row.begin(city)
    await city.settled()
    for name in PEOPLE:
        found = await entries(_of(city, name), kind)
        assert [mutation_of(entry["verb"]) for entry in found] == ([row.whose[name]] if name in row.whose else []), name
        for entry in found:
            assert (entry["subject"] or {"id": ""})["id"] == subject
            assert entry["count"] == COUNTS.get(kind, 1)
            assert (entry["clock"] is not None) is row.clock
            if row.clock:
                assert (entry["clock"]["dueAt"], entry["clock"]["state"]) == (entry["dueAt"], row.state)
            about = subject if row.about is None else await row.about(city)
            assert mutation_of(entry["verb"]) in await allowed(_of(city, name), about)

    def tells(watcher: Any) -> bool:
        return bool(watcher.told) and kind.value in [entry["kind"] for entry in watcher.told[-1]["nodes"]]

    for watcher in watchers:
        await until(lambda watcher=watcher: tells(watcher), what="it is told to who watches")  # type: ignore[misc]
    await row.act(city, subject)
    await city.settled()
    for name in row.whose:
        assert await entries(_of(city, name), kind) == [], name
    for watcher in watchers:
        await until(lambda watcher=watcher: not tells(watcher), what="so is that it is gone")  # type: ignore[misc]
