"""A target's readings: quarter by quarter towards the promise, ahead of it or behind, and some not reported at all."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from server.demo.content import Indicator
from server.demo.ledger import Columns
from server.demo.scene import Scene
from server.demo.target_life import TargetLife
from server.rules.amendment import AmendmentPatch
from server.rules.measurement import NewMeasurement
from server.rules.target import milestones
from server.rules.viewer import Capacity
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import quarter_end

# How a target fares against its trajectory (1 is just so), and how often.
PACE = {(1.06, 1.3): 0.16, (0.98, 1.05): 0.48, (0.84, 0.94): 0.17, (0.25, 0.75): 0.19}
SILENT = 0.08  # has not reported the last quarter
SUPERSEDED = 0.02
AMENDED = 0.03


def measure(scene: Scene, target: TargetLife, indicator: Indicator) -> None:
    """All readings that time allows, with the plan approved; and now and then an amendment."""
    draw, hours, crew = scene.draw, scene.hours, target.plan.crew
    quality = draw.uniform(*scene.one_of(PACE))
    due_on = target.row["due_on"]
    days = [day for day in _reading_days(target.plan.year, scene.scale.readings(scene.today)) if day <= due_on]
    if days[-1] < due_on:
        days.append(due_on)
    reported = [day for day in days if scene.has_happened(hours.later(_morning_after(scene, day), 9, 9))]
    is_closed = target.plan.year < scene.today.year
    silent_from = len(reported) - 1 if scene.chance(SILENT) and not is_closed else len(days)
    amendment_at = draw.choice(days) if scene.chance(AMENDED) and indicator.direction != "RANGE" else None
    approved_at = target.plan.moment_of(WorkPlanStatus.APPROVED)
    assert approved_at is not None
    for number, day in enumerate(days):
        if number >= silent_from:
            return
        after = hours.later(max(approved_at, target.row["updated_at"]), 0, 2)
        at = max(hours.later(_morning_after(scene, day), 1, 8), after)
        if not scene.has_happened(at):
            return
        reporter = draw.choice(crew.staff).viewer
        value = _value(scene, target, indicator, (number + 1, len(days)), day, quality)
        part = target.record(reporter, at, hours.day_of(at), _reading(scene, target, value, day))
        if scene.chance(SUPERSEDED):
            _correct(scene, target, indicator, part, at)
        if day == amendment_at:
            _amend(scene, target, indicator, at)


def rounded(value: Decimal, indicator: Indicator) -> Decimal:
    """To as many decimals as the indicator is given with."""
    exponent = min(indicator.baseline.as_tuple().exponent, indicator.target.as_tuple().exponent)
    if indicator.unit in ("%", "indeks", "hari", "menit") and exponent == 0:
        exponent = -1
    return value.quantize(Decimal((0, (1,), int(exponent))), ROUND_HALF_UP)


def _reading_days(year: int, count: int) -> list[date]:
    """The quarters' last days, or as many days spread over the year."""
    if count == 4:
        return [quarter_end(year, quarter) for quarter in (1, 2, 3, 4)]
    first = date(year, 1, 1)
    return [first + timedelta(days=round(364 * number / count)) for number in range(1, count + 1)]


def _morning_after(scene: Scene, day: date) -> datetime:
    return scene.hours.on(day + timedelta(days=1))


def _value(
    scene: Scene, target: TargetLife, indicator: Indicator, place: tuple[int, int], day: date, quality: float
) -> Decimal:
    """`place`: which reading of how many."""
    row, noise = target.row, scene.draw.uniform(0.97, 1.03)
    goal = float(row["target_value"])
    baseline: Decimal | None = row["baseline"]
    start = float(indicator.baseline if baseline is None else baseline)
    number, count = place
    share = number / count
    line = dict(milestones(row["milestones"]))
    good = quality * noise
    if indicator.direction == "RANGE":
        upper = float(row["target_value_to"])
        value = goal + (upper - goal) * scene.draw.random() if quality > 0.8 else goal * (0.5 + quality / 2)
    elif indicator.roll_up == "SUM":
        part = goal / count * scene.draw.uniform(0.85, 1.15)
        value = part * (good if indicator.direction == "MAXIMISE" else max(0.2, 2 - good))
    elif indicator.roll_up == "MEAN":
        value = start + (goal - start) * max(-0.3, (good - 0.6) / 0.4)
    elif line:
        value = float(line.get(day, goal)) * good
    else:
        value = start + (goal - start) * share * good
    if indicator.unit == "%":
        value = min(value, 100.0)
    return max(Decimal(0), rounded(Decimal(repr(value)), indicator))


def _reading(scene: Scene, target: TargetLife, value: Decimal, day: date) -> NewMeasurement:
    evidence: list[tuple[str | None, str | None]] = []
    if scene.chance(0.5):
        number = scene.draw.randint(1000, 9999)
        url = f"https://berkas.kolaborasi.example/laporan/{day.year}/{day.month:02d}/{number}.pdf"
        evidence.append((url, scene.phrase("reading_evidence")))
    note = scene.phrase("reading_notes") if scene.chance(0.6) else None
    return NewMeasurement(value=value, measured_on=day, note=note, evidence=evidence)


def _correct(scene: Scene, target: TargetLife, indicator: Indicator, wrong: Columns, at: datetime) -> None:
    """The reading was wrong and another takes its place a few days later."""
    at = scene.hours.later(at, 1, 5)
    if scene.has_happened(at):
        value = rounded(wrong["value"] * Decimal("0.96"), indicator)
        right = NewMeasurement(value=value, measured_on=wrong["measured_on"], note=scene.phrase("supersede_notes"))
        reporter = scene.draw.choice(target.plan.crew.staff).viewer
        target.supersede(reporter, at, scene.hours.day_of(at), wrong, right)


def _amend(scene: Scene, target: TargetLife, indicator: Indicator, at: datetime) -> None:
    """A new value is prepared, signed (by the Sekda where only an acting head is in office), and mostly approved."""
    hours, crew = scene.hours, target.plan.crew
    at = hours.later(at, 2, 8)
    if not scene.has_happened(at):
        return
    factor = Decimal(scene.draw.choice((90, 95, 105, 108))) / 100
    value = rounded(target.row["target_value"] * factor, indicator)
    if indicator.unit == "%":
        value = min(value, Decimal(100))
    if value == target.row["target_value"]:
        return
    proposer = scene.draw.choice(crew.staff).viewer
    patch: AmendmentPatch = {"target_value": value}
    target.amend(proposer, at, hours.day_of(at), patch, scene.phrase("amendment_reasons"))
    at = hours.later(at, 1, 4)
    if not scene.has_happened(at):
        return
    head = crew.head.viewer
    is_held = head.capacity_in(crew.id) is Capacity.DEFINITIVE
    target.sign_amendment(head if is_held else scene.staff.secretary.viewer, at, hours.day_of(at))
    at = hours.later(at, 2, 9)
    if scene.has_happened(at):
        reviewer = (scene.staff.secretary if crew.listed.code == "BAPPEDA" else scene.staff.reviewer).viewer
        if scene.chance(0.75):
            target.approve_amendment(reviewer, at, hours.day_of(at))
        else:
            target.return_amendment(reviewer, at, hours.day_of(at), scene.phrase("return_notes"))
