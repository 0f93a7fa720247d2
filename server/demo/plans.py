"""The plans of a year with their targets: drawn up, submitted, sometimes returned, approved, measured, closed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from server.demo.content import Indicator
from server.demo.plan_life import PlanLife
from server.demo.readings import measure, rounded
from server.demo.scene import Scene, shares
from server.demo.staff import Crew, Member
from server.demo.target_life import TargetLife
from server.rules import work_plan as rules
from server.rules.target import RollUp, TargetDirection
from server.rules.target_content import NewTarget
from server.rules.work_plan import WorkPlanStatus

# Offices whose plan of the year is late, and how far it has come; small ones, so that the city is seen to work.
LATE = {
    "SETDA-KERJASAMA": WorkPlanStatus.SUBMITTED,
    "SETDA-PROKOPIM": WorkPlanStatus.SUBMITTED,
    "BRIDA": WorkPlanStatus.SUBMITTED,
    "SETDA-UMUM": WorkPlanStatus.RETURNED,
    "SETWAN": WorkPlanStatus.RETURNED,
    "SETDA-EKON": WorkPlanStatus.DRAFT,
    "KESBANGPOL": WorkPlanStatus.DRAFT,
}
CLOSED_OF_LAST_YEAR = ("DLH", "DINKES", "12.71.11", "DISKOPUKMPERINDAG")
DRAFTED_FOR_NEXT_YEAR = ("BAPPEDA", "12.71.15", "DISDIKBUD")
# On which day targets are due: most at the end of the year, some in its course.
DUE = ((12, 31), (12, 31), (9, 30), (12, 31), (12, 31), (12, 31), (6, 30), (12, 31))
BUSY_UNTIL_MAY = 4  # months in which last year's plans are still everybody's work


class Planned:
    """One plan with its targets and, to each target, the indicator whose activities serve it."""

    def __init__(self, life: PlanLife) -> None:
        self.life = life
        self.targets: list[tuple[TargetLife, Indicator]] = []


def plan_the_years(scene: Scene) -> list[Planned]:
    """The current year's plan of every plan owner, and a few of the years beside it."""
    owners = [crew for crew in scene.staff.crews.values() if crew.listed.kind in ("OPD", "KECAMATAN")]
    owners = _spread(owners, scene.scale.plan_owners)
    year = scene.today.year
    wanted: list[tuple[Crew, int, float]] = []  # crew, year, weight of its share of the targets
    for crew in owners:
        office = scene.content.office(crew.listed)
        weight = float(len(office.indicators)) if office else 0.0
        wanted.append((crew, year, weight))
        if scene.today.month <= BUSY_UNTIL_MAY:
            wanted.append((crew, year - 1, weight))
        elif crew.listed.code in CLOSED_OF_LAST_YEAR:
            wanted.append((crew, year - 1, weight / 2))
        if scene.today.month >= 11 and crew.listed.code in DRAFTED_FOR_NEXT_YEAR:
            wanted.append((crew, year + 1, weight / 3))
    counts = shares(scene.scale.targets, [weight for *_, weight in wanted])
    return [_plan(scene, crew, year, max(1, n)) for (crew, year, _), n in zip(wanted, counts, strict=True)]


def _plan(scene: Scene, crew: Crew, year: int, target_count: int) -> Planned:
    draw, hours = scene.draw, scene.hours
    planned = Planned(PlanLife(scene.ledger, scene.city, crew, year))
    life = planned.life
    is_late = year == scene.today.year and crew.listed.code in LATE
    season = max(date(year - 1, 11, 3), hours.days[3])  # no plan is older than the installation
    first = _late_start(scene) if is_late else hours.on(season + timedelta(days=draw.randint(0, 8)))
    author = draw.choice(crew.staff)
    title = scene.phrase("plan_titles").format(office=crew.listed.name, year=year)
    life.create(author.viewer, first, hours.day_of(first), title, scene.chance(0.3))
    at = first
    for indicator in _indicators(scene, crew, target_count):
        at = hours.later(at, 0, 0)
        if scene.has_happened(at):
            planned.targets.append((_target(scene, life, indicator, author, at), indicator))
    _review(scene, planned, at, LATE[crew.listed.code] if is_late else None)
    if life.status is WorkPlanStatus.APPROVED:
        for target, indicator in planned.targets:
            measure(scene, target, indicator)
        _close(scene, planned)
    return planned


def _late_start(scene: Scene) -> datetime:
    return scene.hours.on(scene.hours.working_day(scene.today, -16))


def _review(scene: Scene, planned: Planned, at: datetime, stops_at: WorkPlanStatus | None) -> None:
    """From draft to approved, as far as time (and for a late plan its fate) allows."""
    hours, life, crew = scene.hours, planned.life, planned.life.crew
    reviewer = (scene.staff.secretary if crew.listed.code == "BAPPEDA" else scene.staff.reviewer).viewer
    is_returned = stops_at is WorkPlanStatus.RETURNED or (stops_at is None and scene.chance(0.2))
    moves: list[str] = ["submit", *(("return", "submit") if is_returned else ()), "approve"]
    if stops_at is not None:
        end = {WorkPlanStatus.DRAFT: 0, WorkPlanStatus.SUBMITTED: 1, WorkPlanStatus.RETURNED: 2}[stops_at]
        moves = moves[:end]
    for move in moves:
        at = hours.later(at, 2, 4 if stops_at else 6)
        if not scene.has_happened(at) or life.target_count == 0:
            return
        today = hours.day_of(at)
        if move == "submit":
            is_first = life.submitted is None
            life.submit(crew.head.viewer, at, today)
            if is_first:
                for target, _ in planned.targets:
                    target.publish(crew.head.viewer, at)
        elif move == "return":
            life.return_(reviewer, at, today, scene.phrase("return_notes"))
        else:
            life.approve(reviewer, at, today)
            for target, _ in planned.targets:
                target.count(reviewer, at, today)


def _close(scene: Scene, planned: Planned) -> None:
    city, life = scene.city, planned.life
    closable = rules.closable_at(life.year, city.report_working_days, city.calendar)
    at = scene.hours.later(closable, 3, 35)
    if scene.has_happened(at):
        reviewer = (scene.staff.secretary if life.crew.listed.code == "BAPPEDA" else scene.staff.reviewer).viewer
        life.close(reviewer, at, scene.hours.day_of(at))
        for target, _ in planned.targets:
            target.settle(reviewer, at)


def _indicators(scene: Scene, crew: Crew, count: int) -> list[Indicator]:
    """The office's indicators; more than it has are asked for each place or branch of work again."""
    office = scene.content.office(crew.listed)
    mine = list(office.indicators) if office else []
    if count < len(mine):
        return [mine[index] for index in sorted(scene.draw.sample(range(len(mine)), count))]
    return [mine[number % len(mine)] for number in range(count)]


def _target(scene: Scene, life: PlanLife, indicator: Indicator, author: Member, at: datetime) -> TargetLife:
    baseline, value, upper = _promise(scene, life.crew, indicator)
    repeated = life.target_count >= len(scene.content.office(life.crew.listed).indicators)  # type: ignore[union-attr]
    name = indicator.name
    if repeated:
        place = scene.places.fill("{kelurahan}", scene.draw, scene.today, scene.territory(life.crew))
        name = f"{name}, {place.text}"
    due_on = date(life.year, *DUE[life.target_count % len(DUE)])
    points = [(date(life.year, month, day), expected) for month, day, expected in indicator.milestones]
    target = TargetLife(scene.ledger, scene.city, life)
    target.create(
        author.viewer,
        at,
        scene.hours.day_of(at),
        NewTarget(
            indicator=name,
            unit=indicator.unit,
            direction=TargetDirection(indicator.direction),
            roll_up=RollUp(indicator.roll_up),
            target_value=value,
            target_value_to=upper,
            baseline=None if indicator.is_new else baseline,
            due_on=due_on,
            formula=indicator.formula,
            milestones=[(day, expected) for day, expected in points if day < due_on],
            external_id=f"E-SAKIP-{life.year}-{life.target_count + 1}",
        ),
        scene.draw.choice(life.crew.everyone),
        scene.programme_ids[indicator.programme],
    )
    return target


def _promise(scene: Scene, crew: Crew, indicator: Indicator) -> tuple[Decimal, Decimal, Decimal | None]:
    """Baseline, target and upper bound: an indicator that kecamatan share differs from one to the next."""
    if crew.listed.kind != "KECAMATAN" or indicator.direction == "RANGE":
        return indicator.baseline, indicator.target, indicator.target_to
    if indicator.unit == "%":
        shift = Decimal(scene.draw.randint(-4, 3))
        baseline = indicator.baseline + shift if indicator.baseline else indicator.baseline
        return baseline, min(Decimal(99), indicator.target + shift), None
    if indicator.target <= 5:
        return indicator.baseline, indicator.target, None
    factor = Decimal(scene.draw.randint(65, 140)) / 100
    return rounded(indicator.baseline * factor, indicator), rounded(indicator.target * factor, indicator), None


def _spread(crews: Sequence[Crew], count: int | None) -> list[Crew]:
    """So many of them, of every kind."""
    if count is None or count >= len(crews):
        return list(crews)
    return [crews[int(number * len(crews) / count)] for number in range(count)]
