"""For every verb an input whose values are valid for what it acts on, whatever state that is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputType,
    Undefined,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)

from tests.inputs import mutations

Json = dict[str, Any]
Given = Json | None  # None: no value could be valid here
OPEN = ("PLANNED", "IN_PROGRESS", "BLOCKED")

# What the generators need to know, as a reviewer sees it. Of the lists that are not named here, the ids.
FACTS: Mapping[str, str] = {
    "organisations": "id code kind validFrom validTo",
    "accounts": "id name isActive role organisation { id code }",
    "programmes": "id code validFrom validTo",
    "workPlans": "id year archivedAt status organisation { id code kind }",
    "targets": "id lastMeasuredOn owner { code } programme { code } workPlan { id year organisation { code } }",
    "tasks": "id progress status isOrdered organisation { id code } assignee { id } workPlan { id } waitsFor { id } "
    "checklist { id isDone }",
    "requests": "id neededOn agreedDueOn createdAt newDueOn rulingProposed { code } "
    "asker { code } giver { code } redirects { fromGiver { code } toGiver { code } } "
    "bothSides { organisation { code } answerer { id } }",
    "escalations": "id status filer { code } respondent { id code } followUps { id } person { account { id } } "
    "request { createdAt } groundAroseAt",
    "delegations": "id validFrom validTo",
}
# Seen by few: asked as the mayor.
HIDDEN = frozenset({"escalations"})
# Parts of the things above, found through them.
PARTS: Mapping[str, tuple[str, str, str]] = {
    "comments": ("tasks", "comments", "id"),
    "measurements": ("targets", "measurements", "id measuredOn isSuperseded"),
    "appointments": ("organisations", "appointments", "id validFrom validTo account { id }"),
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


def valid(verb: str, known: Known, row: Json) -> Given:
    """An input for the verb on this thing, or in it; None where no value could be valid."""
    kind, special = mutations()[verb], GENERATORS.get(verb)
    own = {name: field for name, field in kind.fields.items() if is_required_input_field(field)}
    if "organisation" in kind.fields and "code" in row:
        own["organisation"] = kind.fields["organisation"]
    if special is None and len(own) == 1:  # a patch: the first text of those that are left as they are when absent
        texts = (name for name, each in kind.fields.items() if str(each.type) == "String")
        patched = [name for name in texts if kind.fields[name].default_value is Undefined]
        own |= {name: kind.fields[name] for name in patched[:1]}
    given: Given = {} if special is None else special(known, row)
    if given is None:
        return None
    its_id = next((name for name, field in own.items() if str(field.type) == "ID!" and name not in given), "")
    made = {its_id: row["id"], **given} if its_id else given
    return {**{name: _plain(verb, name, own[name].type, known, row) for name in own.keys() - made.keys()}, **made}


def _plain(verb: str, name: str, kind: GraphQLInputType, known: Known, row: Json) -> Any:
    """A value of this type that is as good as any other; what is not, says a generator."""
    if name == "organisation" and "code" in row:
        return {"id": row["id"]}
    bare = kind.of_type if is_non_null_type(kind) else kind
    if is_list_type(bare):
        return []
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    number = next(known.numbers)
    found = {
        "String": f"Uji {number}",
        "Date": known.day(1 + number % 300),
        "DateTime": f"{known.day(3)}T09:00:00+07:00",
        "Int": number % 100,
        "Decimal": str(number),
        "Boolean": False,
    }
    if str(bare) not in found:
        raise LookupError(f"which {name} ({bare}) is valid for {verb}? Say it in GENERATORS of tests/valid.py")
    return found[str(bare)]


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
    """Of another: nobody appoints themselves."""
    start = known.day(400 + 2 * next(known.numbers))
    somebody = next(
        each for each in known.rows["accounts"] if each["isActive"] and each["role"] not in ("ADMIN", "INTEGRATION")
    )
    return {"accountId": somebody["id"], "capacity": "PLH", "validFrom": start, "validTo": start}


def _ending(known: Known, row: Json) -> Given:
    return {"validTo": max(known.day(), row.get("validFrom") or row["validFrom"])}


def _new_target(known: Known, row: Json) -> Given:
    return {
        "indicator": known.fresh(), "unit": "ton", "direction": "MAXIMISE", "rollUp": "SUM", "targetValue": "100",
        "reason": "Perlu.",
    }  # fmt: skip


def _milestones(known: Known, row: Json) -> Given:
    return {"milestones": [{"dueOn": f"{row['workPlan']['year']}-06-30", "value": str(next(known.numbers) / 100)}]}


def _next_owner(known: Known, row: Json) -> Given:
    for each in known.rows["organisations"]:
        if each["kind"] in ("OPD", "KECAMATAN") and known.is_running(each) and each["code"] != row["owner"]["code"]:
            return {"organisation": {"code": each["code"]}, "reason": "Perlu."}
    return None


def _other_programme(known: Known, row: Json) -> Given:
    """What an approved plan's target may change without an amendment."""
    present = (row["programme"] or {}).get("code")
    others = [each["code"] for each in known.rows["programmes"] if each["code"] != present]
    return {"programme": {"code": others[0]} if others else None} if others or present else None


def _reading(known: Known, row: Json) -> Given:
    year = row["workPlan"]["year"]
    if year > known.today.year:
        return None
    return {"value": str(next(known.numbers)), "measuredOn": min(known.day(), f"{year}-12-31")}


def _right_reading(known: Known, row: Json) -> Given:
    return {"value": str(next(known.numbers)), "measuredOn": row["measuredOn"]}


def _other_progress(known: Known, row: Json) -> Given:
    return {"progress": 100 if row["progress"] != 100 else 60}


def _works(account: Json) -> bool:
    return bool(account["isActive"]) and account["role"] in ("STAFF", "HEAD", "OFFICE", "REVIEWER")


def _assignee(known: Known, row: Json) -> Given:
    if row["assignee"]:
        return {"assigneeId": None}
    for each in known.rows["accounts"]:
        if _works(each) and each["organisation"]["id"] == row["organisation"]["id"]:
            return {"assigneeId": each["id"]}
    return None


def _colleague(known: Known, row: Json) -> Given:
    for each in known.rows["accounts"]:
        if _works(each) and each["organisation"]["id"] == row["organisation"]["id"] and each["id"] != row["id"]:
            return {"toAccountId": each["id"]}
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
    return {"code": f"UJI{next(known.numbers)}", "name": "Uji", "lead": {"code": "DLH"}, "validFrom": known.day()}


def _request(known: Known, row: Json) -> Given:
    """Of somebody else; `organisation` says for whom."""
    for each in known.rows["organisations"]:
        if each["kind"] == "OPD" and known.is_running(each) and each["code"] != row["code"]:
            return {"givers": [{"code": each["code"]}], "title": known.fresh("Bantuan"), "neededOn": known.day(20)}
    return None


def _offer(known: Known, row: Json) -> Given:
    given = _request(known, row)
    return given and {"asker": given.pop("givers")[0], **given}


def _acceptance(known: Known, row: Json) -> Given:
    """Where the day that was asked for has passed, another."""
    return {} if (row["neededOn"] or "") >= known.day() else {"agreedDueOn": known.day(1)}


def _counter(known: Known, row: Json) -> Given:
    return {"terms": known.fresh("Syarat"), "neededOn": known.day(30)}


def _elsewhere_asked(known: Known, row: Json) -> Given:
    """Somebody who has not had it."""
    had = {row["asker"]["code"], row["giver"]["code"]}
    had |= {step[end]["code"] for step in row["redirects"] for end in ("fromGiver", "toGiver")}
    for each in known.rows["organisations"]:
        if each["kind"] == "OPD" and known.is_running(each) and each["code"] not in had:
            return {"to": {"code": each["code"]}, "reason": "Bukan wewenang kami."}
    return None


def _ruling(known: Known, row: Json) -> Given:
    for each in known.rows["organisations"]:
        if each["code"] == row["giver"]["code"] and not known.is_running(each):
            return None
    return {"giver": {"code": row["giver"]["code"]}, "reason": "Tetap."}


def _answerer(known: Known, row: Json) -> Given:
    """Somebody who works for the side that lacks its head, and was not named yet."""
    both = row["bothSides"]
    for each in known.rows["accounts"]:
        is_named = both is not None and both["answerer"] == {"id": each["id"]}
        is_theirs = both is None or each["organisation"]["code"] == both["organisation"]["code"]
        if each["isActive"] and each["role"] == "STAFF" and is_theirs and not is_named:
            return {"accountId": each["id"]}
    return None


def _delivery(known: Known, row: Json) -> Given:
    """What stands at 100 % is completed with it."""
    return {"completesTask": True}


def _new_date(known: Known, row: Json) -> Given:
    return {"newDueOn": known.day(40 + next(known.numbers)), "reason": "Alat rusak."}


def _delegation(known: Known, row: Json) -> Given:
    start = known.day(400 + 2 * next(known.numbers))
    somebody = next(each for each in known.rows["accounts"] if _works(each))
    return {"accountId": somebody["id"], "validFrom": start, "validTo": start}


def _shortened(known: Known, row: Json) -> Given:
    """Ended at once, where it would last longer."""
    return {"validTo": known.day(-1)}


def _appendix(known: Known, row: Json) -> Given:
    """A party objects, the mayor's office corrects."""
    parties = (row["filer"]["code"], row["respondent"]["code"])
    return {"kind": "OBJECTION" if known.asker in parties else "CORRECTION", "text": known.fresh("Keberatan")}


def _other_person(known: Known, row: Json) -> Given:
    """Somebody else who held the respondent's office between the request's beginning and the ground."""
    present, first, last = row["person"], row["request"]["createdAt"][:10], row["groundAroseAt"][:10]
    for each in known.rows["appointments"]:
        is_other = present is None or each["account"]["id"] != present["account"]["id"]
        is_then = each["validFrom"] <= last and (each["validTo"] or last) >= first
        if each["parent"] == row["respondent"]["id"] and is_other and is_then:
            return {"accountId": each["account"]["id"]}
    return None


def _holiday(known: Known, row: Json) -> Given:
    """A Wednesday in September, in which Indonesia has few days off, of a year far ahead: off or not, it is new."""
    on = date(known.today.year + 3 + next(known.numbers) % 100, 9, 1)
    return {"fallsOn": (on + timedelta((2 - on.weekday()) % 7)).isoformat(), "name": "Uji"}


def _declared_day(known: Known, row: Json) -> Given:
    for year in row["holidays"]:
        for each in year["days"]:
            if each["source"] == "CITY" and each["fallsOn"] >= known.day():
                return {"fallsOn": each["fallsOn"]}
    return None


def _open_year(known: Known, row: Json) -> Given:
    for year in row["holidays"]:
        if not year["isConfirmed"] and year["year"] >= known.today.year:
            return {"year": year["year"]}
    return None


REASON = _with(reason="Sebab")


# What the type of an input does not say of valid values, beside the id or code of the thing itself: by the verb.
GENERATORS: Mapping[str, Callable[[Known, Json], Given]] = {
    "addHoliday": _holiday,
    "removeHoliday": _declared_day,
    "confirmCalendar": _open_year,
    "createOrganisation": _organisation,
    "endOrganisation": _ending,
    "appoint": _appointment,
    "endAppointment": _ending,
    "createProgramme": _programme,
    "endProgramme": _ending,
    "createAccount": _account,
    "updateAccount": _with(title="Analis"),
    "createToken": lambda known, _: {"name": known.fresh("Sinkron"), "scopes": ["READ"], "lifetimeDays": 30},
    "confirmCaseAccess": lambda _, row: {"accountIds": [row["id"]]},
    "createWorkPlan": _free_year,
    "closeWorkPlan": REASON,
    "createTarget": _new_target,
    "setMilestones": _milestones,
    "handOverTarget": _next_owner,
    "archiveTarget": REASON,
    "restoreTarget": REASON,
    # What an order says is the mayor's office's to change; from when it is done, also of whoever got it.
    "updateTask": lambda known, _: {"startsOn": known.day(-400 - next(known.numbers) % 300)},
    "updateTarget": _other_programme,
    "amendTarget": lambda known, _: {"reason": "Perlu.", "targetValue": f"{next(known.numbers)}.5"},
    "signAmendments": lambda _, row: {"targetIds": [row["id"]]},
    "approveAmendments": lambda _, row: {"targetIds": [row["id"]]},
    "recordMeasurement": _reading,
    "supersedeMeasurement": _right_reading,
    "reportProgress": _other_progress,
    "assignTask": _assignee,
    "handOverMatters": _colleague,
    "moveTask": _elsewhere,
    "setTaskDependencies": _other_waits,
    "tickChecklistItem": _tick,
    "removeChecklistItem": _item,
    "addEvidence": _evidence,
    "requestCollaboration": _request,
    "offerHelp": _offer,
    "acceptRequest": _acceptance,
    "counterRequest": _counter,
    "redirectRequest": _elsewhere_asked,
    "assignRequest": _ruling,
    "assignAnswerer": _answerer,
    "proposeNewDate": _new_date,
    "deliverRequest": _delivery,
    "appendToDecision": _appendix,
    "namePerson": _other_person,
    "recordNotice": lambda known, _: {"documentNumber": known.fresh("800"), "receivedOn": known.day()},
    "delegateDecisions": _delegation,
    "endDelegation": _shortened,
}
