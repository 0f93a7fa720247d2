"""The demo year, told without a database: its lives obey the rules, and its log tells all that its rows say."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from server.actions.rows import SECRET, logged, shape
from server.city import read_city, slug
from server.city.load import know_tables
from server.demo.load import set_scene, tell
from server.demo.scene import Scale, Scene
from server.events.log import Entry
from server.models import (
    Account,
    Amendment,
    Appointment,
    Delegation,
    Escalation,
    FollowUp,
    Measurement,
    Remark,
    Request,
    Target,
    Task,
    WorkPlan,
)
from server.models.fields import Row, Subject
from server.rules.achievement import TOLD, DerivedTarget, state_of, track_state
from server.rules.event import Audience, EventType
from server.rules.lifecycle import COLLABORATION, ESCALATION, TASK, WORK_PLAN, Table
from server.rules.target import Formula, RollUp, TargetDirection, TrackState, milestones
from server.rules.trajectory import Reading, TargetValues
from server.rules.workdays import END_OF_DAY, is_working_day, local_day
from tests.rules.test_demo_texts import mask

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SMALL = Scale(targets=120, tasks=300, requests=120)
SUBJECTS: tuple[type[Subject], ...] = (
    *(Account, Appointment, WorkPlan, Target, Task, Request, Escalation, Remark, Delegation),
)


def told(now: datetime, scale: Scale) -> Scene:
    know_tables()
    medan = read_city("medan")
    organisation_ids = {each.code: uuid4() for each in medan.organisations}
    programme_ids = {each.code: uuid4() for each in medan.programmes}
    scene = set_scene(medan, organisation_ids, programme_ids, now, scale)
    for _ in tell(scene):
        pass
    scene.ledger.entries.sort(key=lambda entry: entry.happened_at)
    return scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    return told(NOW, Scale())


def lives(scene: Scene) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in scene.ledger.entries:
        found[entry.subject_id].append(entry)
    return found


def rows(scene: Scene, model: type[Row]) -> list[dict[str, Any]]:
    return scene.ledger.rows[model]


def own_tasks(scene: Scene) -> list[dict[str, Any]]:
    """Those that offices set themselves: not what a request became, nor what was ordered for a case."""
    others = {row["commitment_id"] for row in rows(scene, Request)}
    others |= {row["task_id"] for row in rows(scene, FollowUp)}
    return [row for row in rows(scene, Task) if row["id"] not in others]


def test_every_row_is_what_its_events_say(scene: Scene) -> None:
    events = lives(scene)
    for model in SUBJECTS:
        for row in rows(scene, model):
            state: dict[str, Any] = dict.fromkeys(shape(model).columns)
            for number, event in enumerate(events[row["id"]], start=1):
                assert (event.subject_type, event.subject_version) == (model.__name__, number)
                for column, (before, after) in event.changes.items():
                    assert state[column] == before, (event.type, column)
                    state[column] = after
            last = events[row["id"]][-1]
            assert (row["version"], row["updated_at"]) == (last.subject_version, last.recorded_at)
            assert row["created_at"] == events[row["id"]][0].happened_at
            for column, value in state.items():
                if column not in SECRET:
                    assert logged(row[column]) == value, (model, column)


def test_the_year_has_the_promised_measure(scene: Scene) -> None:
    assert len(own_tasks(scene)) == 4000
    assert 550 <= len(rows(scene, Target)) <= 650
    plans = Counter((row["year"], row["status"]) for row in rows(scene, WorkPlan))
    assert 55 <= sum(plans.values()) <= 75
    assert plans[2026, "APPROVED"] >= 50
    assert plans[2025, "CLOSED"] == 4
    assert {status for _, status in plans} == {"DRAFT", "SUBMITTED", "RETURNED", "APPROVED", "CLOSED"}
    states = Counter(row["status"] for row in rows(scene, Task))
    assert set(states) == {"PLANNED", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED"}
    assert min(states.values()) >= 80
    assert states["DONE"] > 2500
    overdue = [row for row in rows(scene, Task) if row["status"] in ("PLANNED", "IN_PROGRESS", "BLOCKED")]
    assert 100 <= sum(row["due_on"] < scene.today for row in overdue) <= 500
    of_this_year = {row["id"] for row in rows(scene, WorkPlan) if row["year"] == 2026}
    targets = [row for row in rows(scene, Target) if row["work_plan_id"] in of_this_year]
    light = Counter(track_state(cast(DerivedTarget, row), scene.today) for row in targets)
    assert min(light[state] for state in TrackState if state is not TrackState.NOT_STARTED) >= 20
    assert sum(TOLD.has_come(row["told_from"], scene.today) for row in targets) >= 50
    assert {row["status"] for row in rows(scene, Amendment)} >= {"APPROVED", "RETURNED"}
    assert all(row["before"].keys() == row["changes"].keys() for row in rows(scene, Amendment))
    assert len(rows(scene, Measurement)) >= 1500


def test_titles_are_as_many_and_as_rare_as_promised(scene: Scene) -> None:
    titles = Counter(row["title"] for row in rows(scene, Task))
    assert len(titles) >= 300
    assert max(titles.values()) <= 40
    activities = {mask(title, scene.places) for title in titles}
    assert len(activities) >= 300


def test_a_task_serves_a_target_of_its_own_plan_and_stands_in_its_own_territory(scene: Scene) -> None:
    target = {row["id"]: row for row in rows(scene, Target)}
    plan = {row["id"]: row for row in rows(scene, WorkPlan)}
    for task in rows(scene, Task):
        if task["target_id"] is not None:
            assert target[task["target_id"]]["work_plan_id"] == task["work_plan_id"]
            assert target[task["target_id"]]["owner_id"] == task["organisation_id"]
        if task["work_plan_id"] is not None:
            assert plan[task["work_plan_id"]]["organisation_id"] == task["organisation_id"]
            assert plan[task["work_plan_id"]]["year"] == task["due_on"].year
    parent = {crew.id: crew.listed.parent for crew in scene.staff.crews.values()}
    code = {crew.id: crew.listed.code for crew in scene.staff.crews.values() if crew.listed.kind == "KECAMATAN"}
    placed = [task for task in rows(scene, Task) if task["kelurahan_id"] and task["organisation_id"] in code]
    assert len(placed) > 500
    assert all(parent[task["kelurahan_id"]] == code[task["organisation_id"]] for task in placed)


def test_what_is_kept_of_readings_is_what_a_recount_finds(scene: Scene) -> None:
    plan = {row["id"]: row for row in rows(scene, WorkPlan)}
    readings: dict[UUID, list[Reading]] = defaultdict(list)
    for row in rows(scene, Measurement):
        if row["superseded_by_id"] is None:
            readings[row["target_id"]].append(Reading(row["measured_on"], row["value"]))
    for row in rows(scene, Target):
        of_plan = plan[row["work_plan_id"]]
        closed_at = of_plan["closed_at"]
        names = (
            *("direction", "roll_up", "formula", "target_value", "due_on", "target_value_to", "baseline"),
            "counts_from",
        )
        values = TargetValues(
            year=of_plan["year"],
            closed_on=None if closed_at is None else local_day(closed_at, scene.city.calendar),
            milestones=milestones(row["milestones"]),
            **{name: row[name] for name in names},
        )
        counted = state_of(values, readings[row["id"]], scene.city)
        assert {name: row[name] for name in counted} == dict(counted)


def test_the_year_shows_every_formula_and_every_line_with_figures(scene: Scene) -> None:
    read = [row for row in rows(scene, Target) if row["achievement_to_date"] is not None]
    kinds = {(row["direction"], row["roll_up"], row["formula"]) for row in read}
    ratio, progress = Formula.RATIO, Formula.PROGRESS
    assert {direction for direction, *_ in kinds} == {*TargetDirection}
    assert {(roll_up, formula) for _, roll_up, formula in kinds} == {
        *((roll_up, ratio) for roll_up in RollUp), (RollUp.LAST, progress), (RollUp.MEAN, progress),
    }  # fmt: skip
    bent = [row for row in read if row["milestones"]]
    assert {row["baseline"] for row in bent} == {0}  # money is cumulative from nothing
    assert len({row["indicator"] for row in bent}) > 1
    assert [row for row in read if row["baseline"] is None and row["roll_up"] is RollUp.LAST]


def test_statuses_move_only_as_the_lifecycle_tables_say(scene: Scene) -> None:
    tables = ((Task, TASK), (WorkPlan, WORK_PLAN), (Request, COLLABORATION), (Escalation, ESCALATION))
    for model, table in tables:
        known = moves(table)
        for event in scene.ledger.entries:
            if event.subject_type == model.__name__ and "status" in event.changes:
                assert tuple(event.changes["status"]) in known, event.type


def moves(table: Table) -> set[tuple[str | None, str]]:
    return {pair for leads_to in table.values() for pair in leads_to.items()}


def test_the_log_runs_in_order_in_working_hours_and_not_past_now(scene: Scene) -> None:
    zone = scene.city.calendar.zone
    for event in scene.ledger.entries:
        local = event.happened_at.astimezone(zone)
        assert event.happened_at <= event.recorded_at <= NOW
        if event.deadline is not None:  # what the clock did, at the end of a day, and its reminders in the morning
            assert local.time() == (time(8) if event.deadline.endswith("_REMINDER") else END_OF_DAY)
            assert event.recorded_at - event.happened_at < timedelta(minutes=1)
            continue
        assert event.recorded_at == event.happened_at
        assert is_working_day(local.date(), scene.city.calendar), (event.type, local)
        assert 8 <= local.hour < 18, (event.type, local)


def test_a_draft_is_told_to_its_organisation_only(scene: Scene) -> None:
    submitted = {
        event.subject_id: event.happened_at
        for event in reversed(scene.ledger.entries)
        if event.type is EventType.WORK_PLAN_SUBMITTED
    }
    plan_of = {row["id"]: row["work_plan_id"] for model in (Task, Target) for row in rows(scene, model)}
    for event in scene.ledger.entries:
        plan_id = plan_of.get(event.subject_id, event.subject_id if event.subject_type == "WorkPlan" else None)
        if event.subject_type == "Escalation":
            assert (event.audience, event.audience_id) == (Audience.CASE, event.subject_id)
        elif event.subject_type == "Remark":
            assert event.audience is Audience.CASE_OFFICE
        elif event.subject_type == "Amendment":
            assert event.type is EventType.TARGET_AMENDMENT_PREPARED
            assert (event.audience, event.audience_id) == (Audience.ORGANISATION, event.organisation_ids[0])
        elif event.subject_type == "CaseAccess":
            assert (event.audience, event.type) == (Audience.CASE_ACCESS, EventType.CASE_ACCESS_CONFIRMED)
        elif plan_id is None:
            assert event.audience is Audience.EVERYONE
        else:
            is_public = plan_id in submitted and event.happened_at >= submitted[plan_id]
            assert (event.audience is Audience.EVERYONE) == is_public, event
            assert event.audience_id == (None if is_public else event.organisation_ids[0])


def test_logins_are_named_by_office(scene: Scene) -> None:
    logins = [row["login"] for row in rows(scene, Account)]
    assert len(set(logins)) == len(logins)
    assert {
        *("walikota", "sekda", "bappeda", "admin", "pengamat", "camat-medan-johor", "kepala-dlh", "kepala-dinkes"),
        *("lurah-medan-johor-titi-kuning", "staf-dlh", "staf-medan-johor", "kepala-pud-pasar"),
    } <= set(logins)
    assert not [login for login in logins if login != slug(login)]
    kinds = Counter(re.split("-", login)[0] for login in logins)
    assert (kinds["camat"], kinds["lurah"]) == (21, 151)
    offices = [row["organisation_id"] for row in rows(scene, Appointment) if row["capacity"] != "PLH"]
    assert len(set(offices)) == len(offices) == 1 + 40 + 3 + 21 + 151
    assert {row["capacity"] for row in rows(scene, Appointment)} == {"DEFINITIVE", "PLT", "PLH"}


def test_the_same_seed_and_moment_tell_the_same_year() -> None:
    first, again = told(NOW, SMALL), told(NOW, SMALL)
    titles = [[row["title"] for row in rows(each, Task)] for each in (first, again)]
    assert titles[0] == titles[1]
    moments = [[(e.happened_at, e.type) for e in each.ledger.entries] for each in (first, again)]
    assert moments[0] == moments[1]


NEW_YEAR, LEAP_DAY, END_OF_TERM = date(2027, 1, 1), date(2028, 2, 29), date(2030, 3, 1)
SEASONS = (date(2026, 2, 14), date(2026, 4, 30), date(2026, 5, 1), date(2026, 8, 17), date(2026, 12, 31))


@pytest.mark.parametrize("day", [*SEASONS, NEW_YEAR, LEAP_DAY, END_OF_TERM], ids=str)
def test_a_year_can_be_told_on_any_day(day: date) -> None:
    scene = told(datetime(day.year, day.month, day.day, 3, tzinfo=UTC), SMALL)
    assert len(own_tasks(scene)) == SMALL.tasks
    assert len(rows(scene, Request)) == SMALL.requests
    assert len(rows(scene, Escalation)) == 12
    assert max(event.happened_at for event in scene.ledger.entries) <= scene.now
    assert sum(row["status"] == "DONE" for row in rows(scene, Task)) > 100
    assert len(rows(scene, Measurement)) > 50


def test_counts_are_given_by_the_scale() -> None:
    scene = told(NOW, Scale(150, 500, 60, measurements=2000, plan_owners=12, max_title_uses=None))
    assert len(own_tasks(scene)) == 500
    assert len(rows(scene, Request)) == 60
    assert abs(len(rows(scene, Target)) - 150) <= 12
    current = [row for row in rows(scene, WorkPlan) if row["year"] == 2026]
    assert len(current) == 12
    assert {row["organisation_id"] for row in own_tasks(scene)} <= {row["organisation_id"] for row in current}
    assert abs(len(rows(scene, Measurement)) - 2000) <= 400
