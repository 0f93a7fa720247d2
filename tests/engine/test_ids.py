"""What an id tells whoever sees it: its kind, and the millisecond in which its row was made."""

from __future__ import annotations

from itertools import count

import pytest

from server import ids


def test_below_the_millisecond_an_id_holds_nothing_but_what_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No finer clock, by which one would see how long the work before it took, and no counter."""
    moments = count(1_780_000_000_000_000_000, 50_000)  # nanoseconds
    monkeypatch.setattr("server.ids.time.time_ns", lambda: next(moments))
    monkeypatch.setattr("server.ids.os.urandom", bytes)
    assert len({ids.uuid7() for _ in range(20)}) == 1
    assert len({ids.uuid7(1_780_000_000_000) for _ in range(20)}) == 1
    assert ids.made_at(ids.uuid7()) == 1_780_000_000_001, "the next one"


def test_two_ids_of_one_moment_differ() -> None:
    assert len({ids.uuid7(1_780_000_000_000) for _ in range(1_000)}) == 1_000
