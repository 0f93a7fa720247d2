"""The inbox: each of its kinds has a row in the table that tries it."""

from __future__ import annotations

from pathlib import Path

from server.rules.inbox import InboxKind
from tests.api.test_inbox_kinds import KINDS


def test_every_kind_of_entry_is_tried() -> None:
    missing = [kind.name for kind in InboxKind if kind not in KINDS]
    assert not missing, (
        f"For whom does {missing} wait, and what settles it? Add a Row to tests/api/test_inbox_kinds.py."
    )
    for kind, row in KINDS.items():
        if isinstance(row, str):
            assert kind.value in (Path(__file__).parents[1] / "api" / row).read_text()
