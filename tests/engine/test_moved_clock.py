"""The test clock: a file moves the clock of the rules, in demo mode only, and nothing else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.app import create_app
from server.moved_clock import MovedClock, offset, rules_clock
from server.settings import BadSetting, Settings, read

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WRITTEN = NOW - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("", timedelta()),
        ("P3D\n", timedelta(days=3)),
        ("P2W", timedelta(weeks=2)),
        ("-PT90M", timedelta(minutes=-90)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("2026-11-26T09:00:00+07:00", timedelta(days=3, minutes=5)),
        ("2026-11-23T01:55:00Z", timedelta()),
    ],
)
def test_an_offset_or_an_instant_moves_the_clock(text: str, moved: timedelta) -> None:
    assert offset(text, WRITTEN) == moved


@pytest.mark.parametrize("text", ["P", "PT", "3 days", "P3X", "2026-11-26", "2026-11-26T09:00:00", "P9999999999D"])
def test_anything_else_is_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match="neither an offset"):
        offset(text, WRITTEN)


def write(file: Path, text: str, second: int) -> None:
    file.write_text(text)
    os.utime(file, (second, second))


def test_a_change_of_the_file_counts_at_once_and_a_bad_one_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    write(file, "", 1)
    clock = MovedClock(file, lambda: NOW)
    assert clock() == NOW
    write(file, "P3D", 2)
    assert clock() == NOW + timedelta(days=3)
    for second, text in enumerate(("nonsense", "P9999W", "-P50000D"), 3):
        write(file, text, second)
        assert clock() == NOW + timedelta(days=3)
    file.unlink()
    assert clock() == NOW + timedelta(days=3)
    write(file, "P4D", 9)
    assert clock() == NOW + timedelta(days=4)


def test_from_an_instant_the_clock_goes_on_since_the_file_was_written(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    write(file, "2027-01-01T00:00:00Z", int(WRITTEN.timestamp()))
    assert MovedClock(file, lambda: NOW)() == datetime(2027, 1, 1, 0, 5, tzinfo=UTC)


def test_it_is_refused_outside_demo_mode_and_without_a_file(tmp_path: Path) -> None:
    missing = tmp_path / "clock"
    with pytest.raises(BadSetting, match=r"KOLABORASI_TEST_CLOCK .* demo mode"):
        read({"KOLABORASI_TEST_CLOCK": str(missing)})
    demo = Settings(database_url="postgresql://localhost/x", test_clock=missing, given_secret="s" * 32, demo=True)
    with pytest.raises(BadSetting, match="KOLABORASI_TEST_CLOCK"):
        rules_clock(demo, lambda: NOW)
    missing.write_text("P3D")
    clock = create_app(demo, lambda: NOW).state.installation.clock
    assert clock.moment().now == NOW + timedelta(days=3)
    assert clock.at_the_door().now == clock.moment().machine_now == NOW
    assert clock.at_the_door().today == clock.moment().today
