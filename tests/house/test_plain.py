"""Every shortcut around a framework can be switched off, all by one switch, and nothing but time is lost by it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plain import LOOKS, SHORTCUTS

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server"
# What the shortcuts are in the way of: HTTP and its bounds, verbs, variables, lists, watchers, what is given up.
HEART = (
    *("tests/api/test_http.py", "tests/api/test_limits.py", "tests/api/test_bad_input.py", "tests/api/test_values.py"),
    *("tests/api/test_persisted.py", "tests/api/test_inbox.py", "tests/api/test_target.py", "tests/api/test_task.py"),
    *("tests/api/test_status_board.py", "tests/api/test_away.py", "tests/api/test_left_behind.py"),
    *("tests/engine/query/test_oracle.py", "tests/engine/query/test_input.py", "tests/engine/query/test_cursor.py"),
    *("tests/engine/live/test_sockets.py", "tests/engine/live/test_event_streams.py", "tests/engine/test_pool.py"),
    *("tests/engine/test_away.py", "tests/system/test_answers.py", "tests/system/test_sockets.py"),
)
# As few as enter every shortcut.
FEW = (
    *("tests/api/test_story.py", "tests/api/test_nodes.py"),
    "tests/system/test_sockets.py::test_a_connection_may_ask_several_times",
)


def run(folder: Path, *what: str, **environment: str) -> tuple[int, str, dict[str, int]]:
    """pytest in a process of its own: its exit code, what it said, and how often each shortcut was entered."""
    counts = folder / "entered.json"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "KOLABORASI_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.plain", *what]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, "PYTHONPATH": str(ROOT), "SHORTCUTS_ENTERED": str(counts), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout, json.loads(counts.read_text())


def test_every_look_at_the_switch_is_of_a_shortcut_that_is_listed() -> None:
    listed = {LOOKS.get(module, module) for module in (name.partition(":")[0] for name in SHORTCUTS)}
    assert looking() == listed, "name the shortcut in tests/plain.py"


def looking() -> set[str]:
    """The modules that look at the switch."""
    found = set()
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_read = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
            if is_read and ast.unparse(node) == "shortcuts.are_taken":
                found.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("is_plain", [False, True])
def test_the_switch_turns_every_shortcut_off(tmp_path: Path, is_plain: bool) -> None:
    switch = {"KOLABORASI_PLAIN": "yes"} if is_plain else {}
    code, said, entered = run(tmp_path, *FEW, **switch)
    assert code == 0, said
    assert set(entered) == (set() if is_plain else set(SHORTCUTS))


@pytest.mark.exhaustive
@pytest.mark.timeout(1_800)
def test_the_heart_of_the_suite_is_green_without_shortcuts(tmp_path: Path) -> None:
    code, said, entered = run(tmp_path, "-m", "not exhaustive and not shortcut", *HEART, KOLABORASI_PLAIN="yes")
    assert code == 0, said
    assert not entered
