"""A form is mended at once: every field that is at fault is told, and nothing is kept of the tries that find them."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

from graphql import GraphQLEnumType, get_named_type, is_list_type

from server.schema.faults import JUDGED_BY
from tests import cases, inputs
from tests.city import City
from tests.person import Json, Person


async def faults(city: City, verb: str, **given: object) -> list[tuple[str, tuple[str, ...]]]:
    """Codes and paths, in order."""
    payload = await city.camat.attempt(verb, given)
    return [(each["code"], tuple(each["path"])) for each in payload["errors"]]


async def test_every_field_of_a_form_that_is_at_fault_is_told(city: City) -> None:
    before = await city.rows("SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM task) AS tasks")
    wrong = {
        "organisation": {"code": city.camat.organisation}, "title": " ", "externalId": "x" * 500, "dueOn": "1950-01-01",
        "startsOn": "1960-01-01", "kelurahan": {"code": "12.71.99.9999"}, "checklist": ["Satu", ""],
    }  # fmt: skip
    for dry_run in (False, True):
        told = await faults(city, "createTask", **wrong, dryRun=dry_run)
        assert {("REQUIRED", ("title",)), ("TOO_LONG", ("externalId",)), ("REQUIRED", ("checklist", "1"))} <= set(told)
        assert ("NOT_FOUND", ("kelurahan",)) in told
        assert len({path[0] for _, path in told}) == len(told)
    assert before == await city.rows(
        "SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM task) AS tasks"
    )


async def test_whoever_mends_what_is_told_passes(city: City) -> None:
    given = {
        "organisation": {"code": city.camat.organisation},
        "title": "",
        "externalId": "x" * 500,
        "kelurahan": {"code": "?"},
    }
    good = {"title": "Angkut sampah", "externalId": "A-1", "kelurahan": {"code": city.lurah.organisation}}
    told = await faults(city, "createTask", **given)
    assert {path for _, path in told} == {("title",), ("externalId",), ("kelurahan",)}
    await city.camat.mutate("createTask", given | {path[0]: good[path[0]] for _, path in told})


async def test_a_single_fault_and_what_is_no_field_s_fault_stay_alone(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Kerja"}
    assert await faults(city, "createTask", **given, externalId="x" * 500) == [("TOO_LONG", ("externalId",))]
    task = await city.task(city.neighbour)
    assert await faults(city, "updateTask", taskId=task, title="") == [("NOT_YOUR_ORGANISATION", ())]
    mine = await city.task(city.camat)
    told = await faults(city, "updateTask", taskId=mine, title="", description="x" * 20_000)
    assert told == [("REQUIRED", ("title",)), ("TOO_LONG", ("description",))]


# ---- one field after the other --------------------------------------------------------------------------------------


def wrong(type_: Any, name: str) -> list[Any]:
    """Values that no rule takes, or few: of this type, for a field of that name."""
    bare = get_named_type(type_)
    if isinstance(bare, GraphQLEnumType) and not is_list_type(type_):
        return [*bare.values]
    kind = str(type_).rstrip("!")
    if kind == "String":
        return [" ", "x" * 20_000]
    if kind == "Date":
        return ["1901-01-01", "2199-12-31"]
    if kind == "DateTime":
        return ["1901-01-01T00:00:00+07:00", "2199-12-31T00:00:00+07:00"]
    if kind == "Decimal":
        return ["-1", "0", "10", "100", "120", "99999999999999"]
    if kind == "Int":
        return [-1, 100_000]
    if kind == "ID":
        return [inputs.unknown_id(name)]
    if kind.endswith("Key"):
        return [{"code": "TIDAK-ADA"}, {"code": "WALIKOTA"}, {"code": "DINKES"}]
    return WRONG_LISTS.get(name, [])


PAIRS = 25
WRONG_LISTS: dict[str, list[Any]] = {
    "checklist": [[""]],
    "milestones": [[{"dueOn": "1950-01-01", "value": "1"}], [{"dueOn": "2026-06-30", "value": "1"}] * 2],
    "waitsForIds": [[inputs.unknown_id("taskId")]],
    "evidence": [[{"url": "bukan tautan"}]],
    "networks": [["?"]],
    "givers": [[{"code": "TIDAK-ADA"}], [{"code": "WALIKOTA"}]],
    "instruction": [{"title": " ", "dueOn": "2026-07-01"}, {"title": "Angkut", "dueOn": "1950-01-01"}],
}


async def forms(city: City) -> list[tuple[str, Person, Json]]:
    """Verbs with several fields, each with a whole form that passes."""
    draft = await city.draft(city.dlh)
    plan = await city.draft(city.camat)
    early = {"indicator": "Awal", "rollUp": "LAST", "dueOn": "2026-03-31"}
    early_target = await city.target(city.camat, plan, **early)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    (target,) = [each for each in await city.targets_of(plan) if each != early_target]
    (drafted,) = await city.targets_of(draft)
    task, other = await city.task(city.camat, workPlanId=plan), await city.task(city.camat, workPlanId=plan)
    request = await city.request(city.camat, city.dlh)
    acting = {"accountId": city.neighbour.id, "capacity": "PLT", "validFrom": city.day()}
    await city.admin.mutate("appoint", {"organisation": {"code": "DINKES"}, **acting})
    await city.settled()
    aside = await city.task(city.neighbour, organisation={"code": "DINKES"})
    case, second = await cases.replied(city), await cases.replied(city)
    program = (await city.admin.mutate("createAccount", {
        "organisation": {"code": "DLH"}, "login": "sinkron", "name": "Sinkron", "role": "INTEGRATION",
    }))["account"]["id"]  # fmt: skip
    work: Json = {
        "title": "Angkut", "description": "Tiga truk", "startsOn": city.day(1), "dueOn": city.day(9),
        "kelurahan": {"code": city.lurah.organisation}, "externalId": "A-1",
    }  # fmt: skip
    promise: Json = {
        "indicator": "Sampah", "unit": "ton", "direction": "MAXIMISE", "rollUp": "LAST", "targetValue": "100",
        "baseline": "10", "formula": "PROGRESS", "dueOn": "2026-11-30",
        "milestones": [{"dueOn": "2026-09-30", "value": "60"}],
    }  # fmt: skip
    band: Json = {**promise, "direction": "RANGE", "targetValue": "50", "targetValueTo": "60"}
    band = {name: value for name, value in band.items() if name not in ("formula", "milestones")}
    more: Json = {"programme": {"code": "KEBERSIHAN"}, "responsibleId": city.dlh_staff.id, "externalId": "T-1"}
    help_: Json = {"title": "Truk", "description": "Dua.", "neededOn": city.day(20),
                   "answerDueAt": f"{city.day(12)}T12:00:00+07:00"}  # fmt: skip
    term: Json = {
        "accountId": city.outsider.id,
        "validFrom": city.day(2),
        "validTo": city.day(8),
        "decreeNumber": "SK 1",
    }
    law: Json = {
        "facts": "Tidak dijawab.", "legalBasis": "PP 94/2021", "signedBy": "Wali Kota", "signedByOffice": "Wali Kota",
        "documentNumber": "SK 2", "hearingOn": city.day(-1), "hearingNumber": "BA 3",
    }  # fmt: skip
    order: Json = {"title": "Angkut", "dueOn": city.day(9)}
    return [
        ("createTask", city.camat, {
            "organisation": {"code": city.camat.organisation}, "workPlanId": plan, "targetId": target, **work,
            "assigneeId": city.camat_staff.id, "waitsForIds": [other], "checklist": ["Satu"],
        }),
        ("updateTask", city.camat, {"taskId": task, **work}),
        ("moveTask", city.camat, {"taskId": await city.task(city.camat), "workPlanId": plan, "targetId": target}),
        ("orderTask", city.sekda, {"organisation": {"code": "DLH"}, **work, "checklist": ["Satu"]}),
        ("createTarget", city.dlh, {"workPlanId": draft, **promise, **more}),
        ("createTarget", city.dlh, {"workPlanId": draft, **band, **more}),
        ("updateTarget", city.dlh, {"targetId": drafted, **promise, **more}),
        ("updateTarget", city.dlh, {"targetId": drafted, **band, **more}),
        ("amendTarget", city.camat, {"targetId": target, **promise, "reason": "Perlu."}),
        ("amendTarget", city.camat, {"targetId": early_target, **promise, "targetValue": "90", "reason": "Perlu."}),
        ("amendTarget", city.camat, {"targetId": target, **band, "reason": "Perlu."}),
        ("recordMeasurement", city.camat, {
            "targetId": target, "value": "5", "measuredOn": city.day(-1), "note": "Catatan",
            "evidence": [{"url": "https://contoh.example/1"}], "externalId": "M-1",
        }),
        ("createProgramme", city.admin, {
            "code": "UJI", "name": "Uji", "lead": {"code": "DLH"}, "validFrom": city.day(), "validTo": city.day(99),
        }),
        ("createOrganisation", city.admin, {
            "kind": "KELURAHAN", "code": "12.71.11.2099", "name": "Uji", "shortName": "Uji", "validFrom": city.day(),
            "parent": {"code": city.camat.organisation},
        }),
        ("endOrganisation", city.admin, {
            "organisationId": city.outsider.organisation_id, "validTo": city.day(9), "successor": {"code": "DLH"},
        }),
        ("appoint", city.admin, {"organisation": {"code": "DLH"}, "capacity": "PLH", **term}),
        ("delegateDecisions", city.mayor, {**term, "accountId": city.bappeda.id}),
        ("createAccount", city.admin, {
            "organisation": {"code": "DLH"}, "login": "uji-1", "name": "Uji", "role": "STAFF", "title": "Analis",
        }),
        ("createToken", city.admin, {
            "accountId": program, "name": "Uji", "scopes": ["READ"], "lifetimeDays": 30, "networks": ["10.0.0.0/8"],
            "locksNetwork": False,
        }),
        ("requestCollaboration", city.camat, {
            "givers": [{"code": "DLH"}], **help_, "aboutId": task,
            "organisation": {"code": city.camat.organisation},
        }),
        ("requestCollaboration", city.neighbour, {  # who heads two: for the second
            "givers": [{"code": "DLH"}], **help_, "aboutId": aside,
            "organisation": {"code": "DINKES"},
        }),
        ("offerHelp", city.dlh, {
            "asker": {"code": city.camat.organisation}, **help_, "organisation": {"code": "DLH"},
        }),
        ("counterRequest", city.dlh, {"requestId": request, "terms": "Separuh.", "neededOn": city.day(20)}),
        ("proposeMediation", city.sekda, {
            "escalationId": second, "meetingAt": f"{city.day(5)}T09:00:00+07:00", "place": "Balai Kota",
        }),
        ("decideEscalation", city.mayor, {"escalationId": case, "kind": "VERBAL_REPRIMAND", **law}),
        ("decideEscalation", city.mayor, {
            "escalationId": case, "kind": "INSTRUCT", "facts": "Tidak dijawab.", "instruction": order,
        }),
    ]  # fmt: skip


def test_what_is_judged_by_another_field_is_not_what_that_is_judged_by() -> None:
    """Or of two faults neither would be told."""
    assert not {*JUDGED_BY} & {name for names in JUDGED_BY.values() for name in names}


async def told_of(person: Person, verb: str, form: Json) -> list[tuple[str, str]]:
    """Codes and paths, in order."""
    payload = await person.attempt(verb, {**form, "dryRun": True})
    return [(each["code"], ".".join(each["path"])) for each in payload["errors"]]


def field_of(fault: tuple[str, str]) -> str:
    return fault[1].partition(".")[0]


async def test_each_fault_that_is_told_is_one_still_when_all_others_are_mended(city: City) -> None:
    """What is at fault only because another field is, or was left out for that, is not told beside it."""
    beside, choose = [], Random(7)
    for verb, person, form in await forms(city):
        fields = inputs.mutations()[verb].fields
        form = {name: value for name, value in form.items() if name in fields}
        assert await told_of(person, verb, form) == [], (verb, form)
        faulty = [(name, value) for name in form for value in wrong(fields[name].type, name) if value != form[name]]
        pairs = [pair for pair in combinations(faulty, 2) if pair[0][0] != pair[1][0]]
        for given in (*((each,) for each in faulty), *choose.sample(pairs, min(len(pairs), PAIRS))):
            mistaken = {**form, **dict(given)}
            told = await told_of(person, verb, mistaken)
            for fault in told if len(told) > 1 else ():
                name = field_of(fault)
                mended = {each: form[each] for each in map(field_of, told) if each in form and each != name}
                if name not in {*map(field_of, await told_of(person, verb, {**mistaken, **mended}))}:
                    beside.append((verb, given, fault, told))
    assert not beside, "\n".join(str(each)[:400] for each in beside)
