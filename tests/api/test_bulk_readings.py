"""Many readings of one target in one call: they come to what they come to one by one, and take no longer each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.city import City

DONE = "changedCount unchangedCount refusedCount results { errors { code } }"
KEPT = "query($id: ID!) { target(by: {id: $id}) { version realised achievementToDate trackState } }"


@contextmanager
def calls() -> Iterator[list[int]]:
    """How many functions are called in this thread, where the server is, too."""
    count = [0]

    def note(frame: Any, event: str, argument: Any) -> None:
        count[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(before)


def readings(city: City, target: str, size: int, **more: Any) -> list[dict[str, Any]]:
    row = {"targetId": target, "measuredOn": city.day(), **more}
    return [{**row, "externalId": f"{size}-{n}", "value": str(n % 7 + 1)} for n in range(size)]


@pytest.mark.parametrize("roll_up", ["SUM", "LAST", "MEAN"])
async def test_readings_of_one_day_count_in_the_order_of_their_rows(city: City, roll_up: str) -> None:
    """The recount at the end of every test agrees."""
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, rollUp=roll_up)
    other = await city.target(city.camat, plan, rollUp=roll_up, indicator="Satu demi satu")
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    rows = readings(city, target, 16)
    rows[3] |= {"measuredOn": city.day(-40)}
    rows[5] |= {"value": "99999999999999.9999"}
    rows[9] |= {"measuredOn": city.day(3)}
    told = await city.camat_staff.mutate("recordMeasurements", {"rows": rows, "mode": "PARTIAL"}, DONE)
    too_much = 5 if roll_up == "SUM" else 9  # what comes to more than a column holds leaves no trace
    wrong = [n for n, each in enumerate(told["results"]) if each["errors"]]
    assert wrong == sorted({too_much, 9})
    for number, row in enumerate(rows):
        if number not in wrong:
            await city.camat_staff.mutate("recordMeasurement", {**row, "targetId": other})
    kept = [(await city.outsider.query(KEPT, id=each))["target"] for each in (target, other)]
    assert kept[0] == kept[1]
    mended = [{**row, "value": "3"} for n, row in enumerate(rows) if n not in wrong]
    await city.camat_staff.mutate("upsertMeasurements", {"rows": mended}, DONE)
    assert (await city.outsider.query(KEPT, id=target))["target"]["realised"] == ("42" if roll_up == "SUM" else "3")


@pytest.mark.parametrize("mode", ["ATOMIC", "PARTIAL"])
async def test_ten_times_the_readings_of_one_target_are_ten_times_the_work(city: City, mode: str) -> None:
    target, other = await city.targets_of(await city.approved(city.camat, targets=2))
    for each in (target, other):  # documents are compiled, and what is only made once is made
        await city.camat_staff.mutate("upsertMeasurements", {"rows": readings(city, each, 2), "mode": mode}, DONE)
    work: dict[str, list[int]] = {"recordMeasurements": [], "upsertMeasurements": []}
    for verb, found in work.items():
        for size, of in ((60, target), (600, other)):
            rows = readings(city, of, size) if verb == "recordMeasurements" else readings(city, of, size, note="Ulang")
            with calls() as count:
                await city.camat_staff.mutate(verb, {"rows": rows, "mode": mode}, DONE)
            found.append(count[0])
    assert all(many < 12 * few for few, many in work.values()), work
