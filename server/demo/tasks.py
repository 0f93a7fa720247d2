"""The tasks of a year: what each office sets itself, how it goes, and what is said of it on the way."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from uuid import UUID

from server.demo.content import Activity, OfficeContent
from server.demo.places import Filled
from server.demo.plan_life import PlanLife
from server.demo.plans import BUSY_UNTIL_MAY, Planned
from server.demo.scene import Scene, shares
from server.demo.staff import Crew, Member
from server.demo.target_life import TargetLife
from server.demo.task_life import TaskLife
from server.rules.task import Priority, TaskStatus
from server.rules.task_content import NewTask
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus

# How much work an organisation of a kind has; sections of the secretariat have less than agencies.
WEIGHTS = {"KECAMATAN": 85.0, "OPD": 60.0, "KELURAHAN": 2.5, "CITY_COMPANY": 15.0}
SECTION = 22.0
PRIORITIES = {Priority.LOW: 0.15, Priority.NORMAL: 0.55, Priority.HIGH: 0.23, Priority.URGENT: 0.07}
# What becomes of a task.
FATES = {"done": 0.83, "late": 0.08, "stuck": 0.035, "forgotten": 0.02, "cancelled": 0.035}
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=330), timedelta(days=80)

SERVING = 30  # tasks of an organisation and a programme that requests may be about

Step = tuple[datetime, Callable[[datetime, date], None]]


def ordered_priority(scene: Scene) -> Priority:
    """How urgent the mayor's office calls what it orders."""
    return Priority.URGENT if scene.chance(0.5) else scene.one_of(PRIORITIES)


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done: an activity, and the target that it serves, if one."""

    activity: Activity
    target: TargetLife | None


@dataclass(frozen=True, slots=True)
class Served:
    """A task of which a request may speak: from when on everybody sees it, and until when it is open."""

    id: UUID
    since: datetime
    until: datetime


class Desk:
    """One organisation's work: its plans by year, what it can be asked to do, and what it did before."""

    def __init__(self, crew: Crew, office: OfficeContent, planned: Sequence[Planned]) -> None:
        self.crew, self.office = crew, office
        self.plans = {each.life.year: each.life for each in planned}
        self.work: dict[int | None, list[Work]] = {
            each.life.year: [
                Work(activity, target) for target, indicator in each.targets for activity in indicator.activities
            ]
            for each in planned
        }
        own = (*office.activities, *(each for one in office.indicators for each in one.activities))
        self.work[None] = [Work(activity, None) for activity in own]
        self.recent: list[UUID] = []


class TaskYear:
    """Makes the tasks of all desks, one after the other."""

    def __init__(self, scene: Scene, planned: Sequence[Planned]) -> None:
        self._scene = scene
        self._titles: Counter[str] = Counter()
        self.serving: dict[tuple[UUID, UUID], list[Served]] = {}  # by organisation and programme
        of_crew: dict[str, list[Planned]] = {}
        for each in planned:
            of_crew.setdefault(each.life.crew.listed.code, []).append(each)
        limited = scene.scale.plan_owners is not None
        self._desks = [
            Desk(crew, office, of_crew.get(code, ()))
            for code, crew in scene.staff.crews.items()
            if (office := scene.content.office(crew.listed)) is not None and (code in of_crew or not limited)
        ]
        self._first = max(scene.hours.days[8], scene.today - LOOKS_BACK)
        if scene.today.month > BUSY_UNTIL_MAY:  # last year's plans are closed
            self._first = max(self._first, date(scene.today.year, 1, 8))
        self._last = min(scene.today + LOOKS_AHEAD, date(scene.today.year, 12, 22))

    def tell(self) -> Iterator[int]:
        """Makes all tasks; yields how many are made, after each."""
        weights = [
            SECTION if desk.crew.listed.parent == "SETDA" else WEIGHTS[desk.crew.listed.kind] for desk in self._desks
        ]
        made = 0
        for desk, count in zip(self._desks, shares(self._scene.scale.tasks, weights), strict=True):
            for _ in range(count):
                self._task(desk)
                made += 1
                yield made

    # ---- one task ---------------------------------------------------------------------------------------------------

    def _task(self, desk: Desk) -> None:
        scene, draw, hours = self._scene, self._scene.draw, self._scene.hours
        crew = desk.crew
        due_on = self._due_on(desk)
        created_at = max(hours.on(hours.working_day(due_on, -draw.randint(12, 55))), hours.on(hours.days[6]))
        if not scene.has_happened(created_at):
            created_at = hours.between(hours.on(hours.working_day(scene.today, -25)), scene.now)
        plan = desk.plans.get(due_on.year)
        if plan is not None and plan.created_at >= created_at:
            plan = None
        work, filled = self._choose(desk, plan, created_at, due_on)
        is_ordered = plan is not None and plan.status_at(created_at) is WorkPlanStatus.APPROVED and scene.chance(0.012)
        life = TaskLife(scene.ledger, crew, plan)
        author = draw.choice(crew.staff or (crew.head,))
        assignee = draw.choice(crew.staff or (crew.head,)) if scene.chance(0.7) else None
        new = self._new(work, filled, created_at, due_on, is_ordered)
        today = hours.day_of(created_at)
        kelurahan = scene.kelurahan[filled.kelurahan.code] if filled.kelurahan else None
        if crew.listed.kind == "KELURAHAN":
            kelurahan = crew.facts
        if is_ordered:
            office = scene.staff.mayor if scene.chance(0.4) else scene.staff.secretary
            life.order(office.viewer, created_at, today, new, kelurahan)
        else:
            waits_for = [draw.choice(desk.recent)] if desk.recent and scene.chance(0.06) else []
            target = work.target.place if work.target and plan is not None else None
            life.create(author.viewer, created_at, today, new, target, assignee, kelurahan, waits_for)
        desk.recent = [*desk.recent[-9:], life.row["id"]]
        self._play(life, self._steps(desk, life, work, plan, created_at, due_on, assignee))
        if work.target is not None:
            self._serve(life, work.target, plan)

    def _serve(self, life: TaskLife, target: TargetLife, plan: PlanLife | None) -> None:
        """It may be spoken of, as long as enough are not."""
        row = life.row
        served = self.serving.setdefault((row["organisation_id"], target.row["programme_id"]), [])
        if row["draft_of_id"] is not None or row["status"] is TaskStatus.CANCELLED or len(served) == SERVING:
            return
        published_at = row["created_at"] if plan is None or plan.submitted is None else plan.submitted[0]
        until = row["completed_at"] or self._scene.now
        served.append(Served(row["id"], max(row["created_at"], published_at), until))

    def _due_on(self, desk: Desk) -> date:
        """A working day of the year's work; within a plan's year when the year before has none."""
        hours, draw = self._scene.hours, self._scene.draw
        days = hours.days
        first, last = bisect_left(days, self._first), bisect_left(days, self._last)
        year = self._scene.today.year - 1
        if self._scene.today.month > BUSY_UNTIL_MAY and year in desk.plans and self._scene.chance(0.2):
            first, last = max(10, bisect_left(days, date(year, 1, 12))), bisect_left(days, date(year, 12, 18))
        return days[draw.randint(first, last)]

    def _choose(self, desk: Desk, plan: PlanLife | None, created_at: datetime, due_on: date) -> tuple[Work, Filled]:
        """Work of the plan that was there by then, with a title that is not worn out."""
        scene = self._scene
        choices = desk.work[None]
        if plan is not None:
            served = [each for each in desk.work[plan.year] if each.target and self._is_there(each.target, created_at)]
            choices = served or choices
        territory = scene.territory(desk.crew)
        limit = scene.scale.max_title_uses
        for _ in range(40):
            work = scene.draw.choice(choices)
            filled = scene.places.fill(work.activity.pattern, scene.draw, due_on, territory)
            if limit is None or self._titles[filled.text] < (1 if "{" in work.activity.pattern else limit):
                break
        else:
            work = min(
                (scene.draw.choice(choices) for _ in range(20)), key=lambda each: self._titles[each.activity.pattern]
            )
            filled = scene.places.fill(work.activity.pattern, scene.draw, due_on, territory)
        if limit is not None:
            self._titles[filled.text] += 1
        return work, filled

    @staticmethod
    def _is_there(target: TargetLife, at: datetime) -> bool:
        made: datetime = target.row["created_at"]
        return made < at

    def _new(self, work: Work, filled: Filled, created_at: datetime, due_on: date, is_ordered: bool) -> NewTask:
        scene, kind = self._scene, work.activity.kind
        created_on = scene.hours.day_of(created_at)
        due_on = max(due_on, scene.hours.working_day(created_on, 3)) if is_ordered else due_on
        starts_on = None if is_ordered or scene.chance(0.4) else max(created_on, due_on - timedelta(days=14))
        return NewTask(
            title=scene.phrase("order_titles").format(title=filled.text) if is_ordered else filled.text,
            description=scene.draw.choice(kind.descriptions) if scene.chance(0.75) else None,
            priority=ordered_priority(scene) if is_ordered else scene.one_of(PRIORITIES),
            starts_on=None if starts_on is None or starts_on > due_on else starts_on,
            due_on=due_on,
            checklist=kind.steps if scene.chance(0.35) else (),
        )

    # ---- how it goes ------------------------------------------------------------------------------------------------

    def _play(self, life: TaskLife, steps: list[Step]) -> None:
        """Every step that has happened by now, in the order of time."""
        for at, step in sorted(steps, key=itemgetter(0)):
            if not self._scene.has_happened(at):
                return
            step(at, self._scene.hours.day_of(at))

    def _steps(
        self,
        desk: Desk,
        life: TaskLife,
        work: Work,
        plan: PlanLife | None,
        created_at: datetime,
        due_on: date,
        assignee: Member | None,
    ) -> list[Step]:
        scene, draw, hours, crew = self._scene, self._scene.draw, self._scene.hours, desk.crew
        worker = (assignee or draw.choice(crew.staff or (crew.head,))).viewer
        kind = work.activity.kind
        notes = (*kind.notes, *desk.office.notes) if kind.is_field_work else kind.notes
        is_closed = plan is not None and plan.status is WorkPlanStatus.CLOSED
        fate = "done" if is_closed and scene.chance(0.95) else "cancelled" if is_closed else scene.one_of(FATES)
        due_at = max(hours.on(due_on), hours.later(created_at, 2, 4))
        end = self._end(fate, due_at, created_at)
        start = hours.between(created_at, created_at + (end - created_at) * 0.5)
        almost = end - timedelta(minutes=5)  # then come the last report, the evidence and the end
        steps: list[Step] = []
        if plan is not None and plan.submitted is not None and plan.submitted[0] > created_at:
            published_at, head = plan.submitted
            steps.append((published_at, lambda at, today: life.publish(head, at)))
        if life.row["assignee_id"] is None and crew.staff:
            chosen = draw.choice(crew.staff)
            worker = chosen.viewer
            at = hours.between(created_at, start)
            steps.append((at, lambda at, today: life.assign(crew.head.viewer, at, today, chosen)))
        steps += self._talk(life, crew, created_at, almost)
        if fate == "forgotten":
            return steps
        if fate == "cancelled":
            who = (scene.staff.secretary if life.row["is_ordered"] else crew.head).viewer
            reason = scene.phrase("cancel_reasons")
            return [*steps, (end, lambda at, today: life.cancel(who, at, today, reason))]
        steps += self._progress(life, worker, start, almost, notes)
        if scene.chance(0.08) and not life.row["is_ordered"]:
            later = due_on + timedelta(days=draw.randint(5, 14))
            at = hours.between(start, almost)
            if later.year == due_on.year:
                steps.append((at, lambda at, today: life.update(crew.head.viewer, at, today, due_on=later)))
        if fate == "stuck" or scene.chance(0.09):
            steps += self._hindrance(desk, life, work, worker, start, almost, fate == "stuck")
        if fate != "stuck":
            steps += self._finish(life, worker, crew, end, can_return=not is_closed)
        return steps

    def _end(self, fate: str, due_at: datetime, created_at: datetime) -> datetime:
        """When it is over, or would have to be."""
        hours, draw = self._scene.hours, self._scene.draw
        if fate == "late":
            return hours.later(due_at, 6, 60)
        if fate == "done" and self._scene.chance(0.12):
            return hours.later(due_at, 1, 4)
        early = hours.on(hours.working_day(hours.day_of(due_at), -draw.randint(0, 7)))
        return max(early, hours.later(created_at, 1, 2))

    def _progress(
        self, life: TaskLife, worker: Viewer, start: datetime, end: datetime, notes: Sequence[str]
    ) -> list[Step]:
        scene, draw, hours = self._scene, self._scene.draw, self._scene.hours
        steps: list[Step] = []
        if scene.chance(0.4):
            steps.append((start, lambda at, today: life.start(worker, at, today)))
        moments = sorted(hours.between(start, end) for _ in range(draw.randint(1, 4)))
        reached = sorted(draw.sample(range(10, 95, 5), len(moments)))
        for moment, progress in zip(moments, reached, strict=True):
            note = draw.choice(notes) if scene.chance(0.7) else None
            steps.append((moment, _report(life, worker, progress, note)))
        for number, _ in enumerate(life.row["checklist"]):
            if scene.chance(0.7):
                steps.append((hours.between(start, end), _tick(life, worker, number)))
        return steps

    def _finish(self, life: TaskLife, worker: Viewer, crew: Crew, end: datetime, can_return: bool) -> list[Step]:
        scene, hours = self._scene, self._scene.hours
        note = scene.phrase("done_notes")
        evidence_at = end - timedelta(minutes=3)
        steps: list[Step] = [(end - timedelta(minutes=2), _report(life, worker, 100, None))]
        if life.needs_evidence() or scene.chance(0.5):
            folder, title = scene.phrase("evidence_folders"), scene.phrase("evidence_titles")
            number = scene.draw.randint(10000, 99999)
            url = f"https://berkas.kolaborasi.example/{folder}/{end.year}/{end.month:02d}/{number}.jpg"
            steps.append((evidence_at, lambda at, today: life.add_evidence(worker, at, today, url, title)))
        steps.append((end, lambda at, today: life.complete(worker, at, today, note)))
        if can_return and scene.chance(0.03):
            reason = scene.phrase("reopen_reasons")
            again = hours.later(end, 1, 6)
            done = hours.later(again, 1, 8)
            who = (scene.staff.secretary if life.row["is_ordered"] else crew.head).viewer
            steps.append((again, lambda at, today: life.reopen(who, at, today, reason)))
            steps.append((done, lambda at, today: life.complete(worker, at, today, note)))
        return steps

    def _hindrance(
        self, desk: Desk, life: TaskLife, work: Work, worker: Viewer, start: datetime, end: datetime, is_stuck: bool
    ) -> list[Step]:
        scene, hours = self._scene, self._scene.hours
        at = hours.between(start, end)
        kind = work.activity.kind
        reason = scene.draw.choice((*kind.obstacles, *desk.office.obstacles) if kind.is_field_work else kind.obstacles)
        steps: list[Step] = [(at, lambda at, today: life.block(worker, at, today, reason))]
        if scene.chance(0.4 if is_stuck else 0.1):
            help_wanted, asker = scene.phrase("support_notes"), desk.crew.head.viewer
            at = hours.later(at, 1, 6) if is_stuck else hours.between(at, end)
            steps.append((at, lambda at, today: life.ask_for_support(asker, at, today, help_wanted)))
        if not is_stuck:
            note = scene.phrase("unblock_notes")
            steps.append((hours.between(at, end), lambda at, today: life.unblock(worker, at, today, note)))
        return steps

    def _talk(self, life: TaskLife, crew: Crew, created_at: datetime, end: datetime) -> list[Step]:
        """Comments by whoever takes an interest; of a draft only its own people know."""
        scene, draw = self._scene, self._scene.draw
        if not scene.chance(0.25):
            return []
        own = crew.everyone
        others = [*own, scene.staff.secretary, draw.choice(list(scene.staff.crews.values())).head]
        steps: list[Step] = []
        for _ in range(draw.randint(1, 3)):
            body = scene.phrase("comments")
            outsider, insider = draw.choice(others).viewer, draw.choice(own).viewer
            steps.append((scene.hours.between(created_at, end), _comment(life, outsider, insider, body)))
        return steps


def _report(life: TaskLife, worker: Viewer, progress: int, note: str | None) -> Callable[[datetime, date], None]:
    return lambda at, today: life.report(worker, at, today, progress, note)


def _tick(life: TaskLife, worker: Viewer, number: int) -> Callable[[datetime, date], None]:
    return lambda at, today: life.tick(worker, at, today, number)


def _comment(life: TaskLife, outsider: Viewer, insider: Viewer, body: str) -> Callable[[datetime, date], None]:
    return lambda at, today: life.comment(insider if life.row["draft_of_id"] else outsider, at, today, body)
