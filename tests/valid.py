"""For every verb an input whose values are valid for what it acts on, whatever state that is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

Json = dict[str, Any]
Given = Json | None  # None: no value could be valid here
OPEN = ("PLANNED", "IN_PROGRESS", "BLOCKED")

# What the generators need to know, as a reviewer sees it.
FACTS: Mapping[str, str] = {
    "organisations": "id code kind validFrom validTo",
    "accounts": "id name isActive organisation { id code }",
    "programmes": "id code activeFrom activeTo",
    "workPlans": "id year archivedAt status organisation { id code kind }",
    "targets": "id lastMeasuredOn owner { code } workPlan { id year organisation { code } } "
    "owners(last: 1) { nodes { from } }",
    "tasks": "id progress status isOrdered organisation { id code } assignee { id } workPlan { id } waitsFor { id } "
    "checklist { id isDone }",
    "collaborationRequests": "id neededBy agreedDate createdAt proposedDate rulingProposed { code } "
    "asker { code } giver { code } redirects { from { code } to { code } }",
    "escalations": "id status filer { code } respondent { code } followUps { id }",
    "delegations": "id validFrom validTo",
}
# Seen by few: asked as the mayor.
HIDDEN = frozenset({"escalations"})
# Parts of the things above, found through them.
PARTS: Mapping[str, tuple[str, str, str]] = {
    "comments": ("tasks", "comments", "id"),
    "measurements": ("targets", "measurements", "id measuredOn isSuperseded"),
    "appointments": ("organisations", "appointments", "id validFrom validTo"),
}


@dataclass
class Known:
    """All that there is now, by its list; and who may be named to a viewer who sees only what is public."""

    today: date
    rows: dict[str, list[Json]]
    public_tasks: frozenset[str] = frozenset()
    asker: str = ""  # the organisation of whoever asks now
    numbers: Any = field(default_factory=lambda: count(1))

    def fresh(self, word: str = "Uji") -> str:
        return f"{word} {next(self.numbers)}"

    def is_running(self, organisation: Json) -> bool:
        return organisation["validTo"] is None or date.fromisoformat(organisation["validTo"]) > self.today

    def day(self, days: int = 0) -> str:
        return (self.today + timedelta(days=days)).isoformat()


def _of(name: str, make: Callable[[Known, Json], Given]) -> Callable[[Known, Json], Given]:
    """A verb on one thing, whose id stands under this name."""

    def input_of(known: Known, row: Json) -> Given:
        given = make(known, row)
        return None if given is None else {name: row["id"], **given}

    return input_of


def _in(make: Callable[[Known, Json], Given]) -> Callable[[Known, Json], Given]:
    """A verb in an organisation, which is named by its code."""

    def input_of(known: Known, row: Json) -> Given:
        given = make(known, row)
        return None if given is None else {"organisationCode": row["code"], **given}

    return input_of


def _with(**names: str) -> Callable[[Known, Json], Given]:
    """Fresh texts under these names."""
    return lambda known, _: {name: known.fresh(word) for name, word in names.items()}


def _free_year(known: Known, row: Json) -> Given:
    taken = {
        plan["year"]
        for plan in known.rows["workPlans"]
        if plan["organisation"]["code"] == row["code"] and plan["archivedAt"] is None
    }
    years = [year for year in (known.today.year, known.today.year + 1, known.today.year + 2) if year not in taken]
    return {"year": years[0], "title": known.fresh()} if years else None


def _account(known: Known, _: Json) -> Given:
    return {"login": known.fresh("uji").replace(" ", "-"), "name": "Uji", "role": "STAFF"}


def _appointment(known: Known, row: Json) -> Given:
    start = known.day(400 + 2 * next(known.numbers))
    somebody = next(each for each in known.rows["accounts"] if each["isActive"])
    return {"accountId": somebody["id"], "capacity": "PLH", "validFrom": start, "validTo": start}


def _ending(known: Known, row: Json) -> Given:
    return {"endsOn": max(known.day(), row.get("validFrom") or row["activeFrom"])}


def _settled(known: Known, row: Json) -> Given:
    tasks = [
        each
        for each in known.rows["tasks"]
        if (each["workPlan"] or {}).get("id") == row["id"] and each["status"] in OPEN
    ]
    return {"openTasks": [{"taskId": each["id"], "settlement": "CARRY_OVER"} for each in tasks]}


def _new_target(known: Known, row: Json) -> Given:
    return {
        "indicator": known.fresh(), "unit": "ton", "direction": "MAXIMISE", "rollUp": "SUM", "targetValue": "100",
        "reason": "Perlu.",
    }  # fmt: skip


def _milestones(known: Known, row: Json) -> Given:
    return {"milestones": [{"dueOn": f"{row['workPlan']['year']}-06-30", "value": str(next(known.numbers) / 100)}]}


def _next_owner(known: Known, row: Json) -> Given:
    if row["owners"]["nodes"][0]["from"] >= known.day() or (row["lastMeasuredOn"] or "") > known.day():
        return None
    for each in known.rows["organisations"]:
        if each["kind"] in ("OPD", "KECAMATAN") and known.is_running(each) and each["code"] != row["owner"]["code"]:
            return {"organisationCode": each["code"], "from": known.day()}
    return None


def _reading(known: Known, row: Json) -> Given:
    year = row["workPlan"]["year"]
    if year > known.today.year:
        return None
    return {"value": str(next(known.numbers)), "measuredOn": min(known.day(), f"{year}-12-31")}


def _right_reading(known: Known, row: Json) -> Given:
    return {"value": str(next(known.numbers)), "measuredOn": row["measuredOn"]}


def _other_progress(known: Known, row: Json) -> Given:
    return {"progress": 100 if row["progress"] != 100 else 60}


def _assignee(known: Known, row: Json) -> Given:
    if row["assignee"]:
        return {"assigneeId": None}
    for each in known.rows["accounts"]:
        if each["isActive"] and each["organisation"]["id"] == row["organisation"]["id"]:
            return {"assigneeId": each["id"]}
    return None


def _elsewhere(known: Known, row: Json) -> Given:
    if row["workPlan"]:
        return {"workPlanId": None}
    for plan in known.rows["workPlans"]:
        if plan["organisation"]["id"] == row["organisation"]["id"] and plan["status"] == "APPROVED":
            return {"workPlanId": plan["id"]}
    return None


def _other_waits(known: Known, row: Json) -> Given:
    if row["waitsFor"]:
        return {"waitsForIds": []}
    for each in known.rows["tasks"]:
        if each["id"] in known.public_tasks and each["id"] != row["id"] and not each["waitsFor"]:
            return {"waitsForIds": [each["id"]]}
    return None


def _tick(known: Known, row: Json) -> Given:
    items = row["checklist"]
    return {"itemId": items[0]["id"], "isDone": not items[0]["isDone"]} if items else None


def _item(known: Known, row: Json) -> Given:
    return {"itemId": row["checklist"][0]["id"]} if row["checklist"] else None


def _evidence(known: Known, row: Json) -> Given:
    return {"url": f"https://contoh.example/{next(known.numbers)}"}


def _organisation(known: Known, row: Json) -> Given:
    number = next(known.numbers)
    return {
        "kind": "OPD",
        "code": f"UJI{number}",
        "name": f"Uji {number}",
        "shortName": "Uji",
        "validFrom": known.day(),
    }


def _programme(known: Known, row: Json) -> Given:
    return {"code": f"UJI{next(known.numbers)}", "name": "Uji", "leadCode": "DLH", "activeFrom": known.day()}


def _request(known: Known, row: Json) -> Given:
    """Of somebody else; `organisationCode` says for whom."""
    for each in known.rows["organisations"]:
        if each["kind"] == "OPD" and known.is_running(each) and each["code"] != row["code"]:
            return {"giverCodes": [each["code"]], "subject": known.fresh("Bantuan"), "neededBy": known.day(20)}
    return None


def _offer(known: Known, row: Json) -> Given:
    given = _request(known, row)
    return given and {"askerCode": given.pop("giverCodes")[0], **given}


def _acceptance(known: Known, row: Json) -> Given:
    """Where the day that was asked for has passed, another."""
    return {} if (row["neededBy"] or "") >= known.day() else {"agreedDate": known.day(1)}


def _counter(known: Known, row: Json) -> Given:
    return {"terms": known.fresh("Syarat"), "neededBy": known.day(30)}


def _elsewhere_asked(known: Known, row: Json) -> Given:
    """Somebody who has not had it."""
    had = {row["asker"]["code"], row["giver"]["code"]}
    had |= {step[end]["code"] for step in row["redirects"] for end in ("from", "to")}
    for each in known.rows["organisations"]:
        if each["kind"] == "OPD" and known.is_running(each) and each["code"] not in had:
            return {"toCode": each["code"], "reason": "Bukan wewenang kami."}
    return None


def _ruling(known: Known, row: Json) -> Given:
    for each in known.rows["organisations"]:
        if each["code"] == row["giver"]["code"] and not known.is_running(each):
            return None
    return {"giverCode": row["giver"]["code"], "reason": "Tetap."}


def _new_date(known: Known, row: Json) -> Given:
    return {"newDate": known.day(40 + next(known.numbers)), "reason": "Alat rusak."}


def _delegation(known: Known, row: Json) -> Given:
    start = known.day(400 + 2 * next(known.numbers))
    somebody = next(each for each in known.rows["accounts"] if each["isActive"])
    return {"accountId": somebody["id"], "validFrom": start, "validTo": start}


def _shortened(known: Known, row: Json) -> Given:
    """Ended at once, where it would last longer."""
    return {"endsOn": known.day(-1)}


def _appendix(known: Known, row: Json) -> Given:
    """A party objects, the mayor's office corrects."""
    parties = (row["filer"]["code"], row["respondent"]["code"])
    return {"kind": "OBJECTION" if known.asker in parties else "CORRECTION", "text": known.fresh("Keberatan")}


def _holiday(known: Known, row: Json) -> Given:
    """A Wednesday in September, in which Indonesia has few days off, of a year far ahead: off or not, it is new."""
    on = date(known.today.year + 3 + next(known.numbers) % 100, 9, 1)
    return {"on": (on + timedelta((2 - on.weekday()) % 7)).isoformat(), "name": "Uji"}


def _declared_day(known: Known, row: Json) -> Given:
    for year in row["holidays"]:
        for each in year["days"]:
            if each["source"] == "CITY" and each["on"] >= known.day():
                return {"on": each["on"]}
    return None


def valid(verb: str, known: Known, row: Json) -> Given:
    """An input for this verb on this thing."""
    assert verb in GENERATORS, f"tests/valid.py: give {verb} a generator in GENERATORS"
    return GENERATORS[verb](known, row)


NOTHING = _with()
REASON = _with(reason="Sebab")
NOTE = _with(note="Catatan")
GENERATORS: Mapping[str, Callable[[Known, Json], Given]] = {
    "addHoliday": _holiday,
    "removeHoliday": _declared_day,
    "createOrganisation": _organisation,
    "updateOrganisation": _of("organisationId", _with(name="Dinas")),
    "endOrganisation": _of("organisationId", _ending),
    "appoint": _in(_appointment),
    "endAppointment": _of("appointmentId", _ending),
    "createProgramme": _programme,
    "updateProgramme": _of("programmeId", _with(name="Program")),
    "endProgramme": _of("programmeId", _ending),
    "createAccount": _in(_account),
    "updateAccount": _of("accountId", _with(title="Analis")),
    "disableAccount": _of("accountId", NOTHING),
    "enableAccount": _of("accountId", NOTHING),
    "setPassword": _of("accountId", NOTHING),
    "signOutEverywhere": _of("accountId", NOTHING),
    "createWorkPlan": _in(_free_year),
    "updateWorkPlan": _of("workPlanId", _with(title="Rencana")),
    "submitWorkPlan": _of("workPlanId", NOTHING),
    "takeBackWorkPlan": _of("workPlanId", NOTHING),
    "returnWorkPlan": _of("workPlanId", NOTE),
    "approveWorkPlan": _of("workPlanId", NOTHING),
    "closeWorkPlan": _of("workPlanId", _settled),
    "reopenWorkPlan": _of("workPlanId", REASON),
    "archiveWorkPlan": _of("workPlanId", NOTHING),
    "restoreWorkPlan": _of("workPlanId", NOTHING),
    "createTarget": _of("workPlanId", _new_target),
    "updateTarget": _of("targetId", _with(indicator="Indikator")),
    "setMilestones": _of("targetId", _milestones),
    "handOverTarget": _of("targetId", _next_owner),
    "archiveTarget": _of("targetId", REASON),
    "restoreTarget": _of("targetId", REASON),
    "amendTarget": _of("targetId", lambda known, _: {"reason": "Perlu.", "targetValue": f"{next(known.numbers)}.5"}),
    "approveAmendment": _of("targetId", NOTE),
    "returnAmendment": _of("targetId", NOTE),
    "withdrawAmendment": _of("targetId", NOTHING),
    "recordMeasurement": _of("targetId", _reading),
    "supersedeMeasurement": _of("measurementId", _right_reading),
    "createTask": _in(_with(title="Kerja")),
    "orderTask": _in(lambda known, _: {"title": known.fresh("Disposisi"), "dueOn": known.day(9)}),
    "updateTask": _of("taskId", _with(title="Kerja")),
    "assignTask": _of("taskId", _assignee),
    "startTask": _of("taskId", NOTHING),
    "reportProgress": _of("taskId", _other_progress),
    "blockTask": _of("taskId", REASON),
    "unblockTask": _of("taskId", NOTE),
    "askForSupport": _of("taskId", NOTE),
    "completeTask": _of("taskId", NOTE),
    "cancelTask": _of("taskId", REASON),
    "reopenTask": _of("taskId", REASON),
    "moveTask": _of("taskId", _elsewhere),
    "setTaskDependencies": _of("taskId", _other_waits),
    "addChecklistItem": _of("taskId", _with(text="Butir")),
    "tickChecklistItem": _of("taskId", _tick),
    "removeChecklistItem": _of("taskId", _item),
    "addEvidence": _of("taskId", _evidence),
    "commentOnTask": _of("taskId", _with(body="Kata")),
    "editComment": _of("commentId", _with(body="Kata")),
    "removeComment": _of("commentId", NOTHING),
    "archiveTask": _of("taskId", NOTHING),
    "restoreTask": _of("taskId", NOTHING),
    "requestCollaboration": _in(_request),
    "offerHelp": _in(_offer),
    "acceptRequest": _of("requestId", _acceptance),
    "declineRequest": _of("requestId", REASON),
    "counterRequest": _of("requestId", _counter),
    "acceptCounter": _of("requestId", NOTHING),
    "refuseCounter": _of("requestId", NOTHING),
    "redirectRequest": _of("requestId", _elsewhere_asked),
    "objectToRedirect": _of("requestId", REASON),
    "assignRequest": _of("requestId", _ruling),
    "askForInformation": _of("requestId", _with(question="Di mana")),
    "answerQuestion": _of("requestId", _with(answer="Di sini")),
    "proposeNewDate": _of("requestId", _new_date),
    "agreeNewDate": _of("requestId", NOTHING),
    "refuseNewDate": _of("requestId", NOTHING),
    "deliverRequest": _of("requestId", NOTHING),
    "confirmDelivery": _of("requestId", NOTHING),
    "disputeDelivery": _of("requestId", REASON),
    "resumeDelivery": _of("requestId", NOTHING),
    "withdrawRequest": _of("requestId", NOTHING),
    "postMessage": _of("requestId", _with(body="Kata")),
    "fileEscalation": _of("requestId", _with(statement="Tanpa jawaban")),
    "replyToEscalation": _of("escalationId", _with(reply="Tanggapan")),
    "proposeMediation": _of("escalationId", lambda known, _: {"meetingAt": f"{known.day(3)}T09:00:00+07:00"}),
    "concludeMediation": _of("escalationId", lambda known, _: {"outcome": known.fresh("Hasil"), "isSettled": False}),
    "withdrawEscalation": _of("escalationId", NOTHING),
    "remarkOnEscalation": _of("escalationId", _with(text="Catatan")),
    "decideEscalation": _of("escalationId", lambda known, _: {"kind": "DISMISS", "facts": known.fresh("Fakta")}),
    "appendToDecision": _of("escalationId", _appendix),
    "addFollowUp": _of("escalationId", _with(text="Tindak lanjut")),
    "closeFollowUp": _of("followUpId", NOTHING),
    "objectToFollowUp": _of("followUpId", REASON),
    "delegateDecisions": _delegation,
    "endDelegation": _of("delegationId", _shortened),
}
