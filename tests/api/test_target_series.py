"""A target over time, as a chart asks for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.api.test_target import look, measure, promised
from tests.city import City

POINT = "beginsOn endsOn reading measuredOn realised expected milestones { dueOn value }"


async def test_a_series_is_what_a_client_counts_from_the_readings_themselves(city: City) -> None:
    """From measurements and milestones alone: a sum, with a reading that was wrong."""
    milestones = [{"dueOn": "2026-03-31", "value": "15"}, {"dueOn": "2026-06-30", "value": "40"}]
    target = await promised(city, targetValue="100", milestones=milestones)
    wrong = (await measure(city.camat, target, "900", "2026-02-10"))["measurement"]["id"]
    given = {"measurementId": wrong, "value": "9", "measuredOn": "2026-02-10"}
    await city.camat.mutate("supersedeMeasurement", given)
    for value, day in (("3.5", "2026-02-10"), ("12", "2026-04-01"), ("1.25", "2026-06-15")):
        await measure(city.camat_staff, target, value, day)
    read = "measurements(first: 50) { nodes { value measuredOn isSuperseded } }"
    seen = await look(city.outsider, target, f"realised series(step: MONTH) {{ {POINT} }} {read}")
    readings = [each for each in seen["measurements"]["nodes"] if not each["isSuperseded"]]
    points = seen["series"]
    assert [each["endsOn"][5:] for each in points][:3] == ["01-31", "02-28", "03-31"]
    assert len(points) == 12
    for point in points:
        by_then = [each for each in readings if each["measuredOn"] <= point["endsOn"]]
        within = [each for each in by_then if each["measuredOn"] >= point["beginsOn"]]
        has_begun = point["beginsOn"] <= city.day()
        total = sum((Decimal(each["value"]) for each in by_then), Decimal(0))
        assert point["realised"] == (str(total.normalize()) if by_then and has_begun else None), point
        assert point["measuredOn"] == (within[-1]["measuredOn"] if within else None)
        assert point["reading"] == (within[-1]["value"] if within else None)
        inside = [each for each in milestones if point["beginsOn"] <= each["dueOn"] <= point["endsOn"]]
        assert point["milestones"] == inside
    assert (points[5]["realised"], points[6]["realised"]) == (seen["realised"], None)
    # On and after a milestone's day that milestone counts; straight between them; the target on its day.
    expected = {each["endsOn"]: each["expected"] for each in points}
    assert (expected["2026-03-31"], expected["2026-06-30"], expected["2026-12-31"]) == ("15", "40", "100")
    assert expected["2026-04-30"] == f"{15 + Decimal(25) * 30 / 91:.4f}"
    days = (date(2026, 12, 31) - date(2026, 6, 30)).days
    assert expected["2026-08-31"] == f"{40 + Decimal(60) * 62 / days:.4f}"


REFUSED: dict[str, tuple[list[str], str]] = {
    'step: MONTH, from: "1950-01-01", to: "2050-01-01"': (["series", "to"], "paling banyak 366"),
    'step: QUARTER, from: "1950-01-01", to: "2050-01-01"': (["series", "to"], "paling banyak 366"),
    'from: "2026-06-01", to: "2026-05-31"': (["series", "to"], "1 Juni 2026 sampai 31 Desember 2200"),
}


async def test_a_series_over_a_hundred_years_is_refused_by_name(city: City) -> None:
    target = await promised(city)
    for arguments, (path, constraint) in REFUSED.items():
        asked: Any = f'{{ target(by: {{id: "{target}"}}) {{ series({arguments}) {{ endsOn }} }} city {{ code }} }}'
        answer = await city.outsider.ask(asked)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["path"] == path
        assert error["extensions"]["coordinate"] == "Target.series(to:)"
        assert error["extensions"]["constraint"] == constraint
        assert answer["data"]["city"] is not None
    # Each point costs as much as a row: of a step that the document names a year's, else all that may be.
    for arguments, points in (("", 12), ("(step: DAY)", 366), ('(from: "2026-02-01", to: "2026-02-28")', 366)):
        answer = await city.outsider.ask(f"{{ targets(first: 3) {{ nodes {{ series{arguments} {{ endsOn }} }} }} }}")
        assert answer["extensions"]["cost"]["requested"] == 1 + 3 * (1 + points)
