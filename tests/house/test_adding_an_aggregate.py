"""Somebody adds an aggregate: docs/adding-an-aggregate.md carried out with a small one, a meeting (meeting.patch).

The patch holds what is written by hand. What a machine writes is written here by the same commands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.patched import ROOT, files, grown, is_new, must, must_fit, name_of, numbered, run_tests, start

PATCH = Path(__file__).with_name("meeting.patch")
MOST_FILES, MOST_EXISTING = 12, 5
RULES = "server/rules/meeting.py"
# The tests of an aggregate: the house, what follows from the declarations, and its own.
ITS_TESTS = (
    *("tests/house", "tests/rules/test_aggregates.py", "tests/rules/test_lifecycle.py", "tests/rules/test_text.py"),
    *("tests/rules/test_visibility.py", "tests/rules/test_meeting.py", "tests/api/test_meeting.py"),
    *("tests/api/test_witness.py", "tests/api/test_allowed_actions.py", "tests/api/test_who_sees_what.py"),
    *("tests/engine/query/test_golden.py", "tests/engine/query/test_declarations.py"),
)


def hunks() -> Iterator[tuple[str, str]]:
    """Of each change to a file that was there: its name, and the patch without this change."""
    parts = files(PATCH.read_text())
    for number, part in enumerate(parts):
        if is_new(part):
            continue
        head, *changes = re.split(r"(?=^@@ )", part, flags=re.MULTILINE)
        for left_out in range(len(changes)):
            kept = [change for each, change in enumerate(changes) if each != left_out]
            others = [*parts[:number], *([head + "".join(kept)] if kept else []), *parts[number + 1 :]]
            yield name_of(part), "".join(others)


def test_it_takes_few_files_and_most_of_them_are_new() -> None:
    parts = files(PATCH.read_text())
    page = (ROOT / "docs" / "adding-an-aggregate.md").read_text()
    assert len(parts) <= MOST_FILES
    assert len([part for part in parts if not is_new(part)]) <= MOST_EXISTING
    assert {name_of(part) for part in parts} == numbered(page)


def test_the_patch_fits_what_is_there() -> None:
    must_fit(PATCH)


@pytest.mark.exhaustive
def test_the_aggregate_passes_lint_house_and_its_tests(tmp_path: Path) -> None:
    tree = grown(tmp_path, PATCH.read_text())
    before = (tree / "tests" / "engine" / "query" / "costs.txt").read_text().splitlines()
    must(tree, "make", "migration", "NAME=meeting")
    must(tree, "make", "golden")
    must(tree, "make", "lint")
    code, said = run_tests(tree, *ITS_TESTS)
    assert code == 0, said[-6_000:]
    after = (tree / "tests" / "engine" / "query" / "costs.txt").read_text().splitlines()
    assert [line for line in before if line not in after] == [], "a new aggregate makes other people's documents dearer"


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "patch"), [*hunks()], ids=lambda value: value if len(value) < 50 else "")
def test_a_change_that_was_forgotten_is_told_with_what_to_write(name: str, patch: str, tmp_path: Path) -> None:
    tree = grown(tmp_path, patch)
    code, said = start(tree)
    if code == 0:
        code, said = run_tests(
            tree, "tests/rules/test_text.py", "tests/house/test_texts.py", "tests/house/test_house.py"
        )
    assert code != 0
    wanted = {"server/rules/event.py": "EventType"}.get(name, Path(name).name)
    told = said if "short test summary" in said else "\n".join(said.strip().splitlines()[-8:])
    assert wanted in told, said[-3_000:]


def entries() -> list[str]:
    """What the declaration says, by the names of its arguments."""
    (part,) = (part for part in files(PATCH.read_text()) if name_of(part) == RULES)
    source = "\n".join(line[1:] for line in part.splitlines() if line.startswith("+") and not line.startswith("+++"))
    return [str(keyword.arg) for keyword in _declaration(source).keywords]


def _declaration(source: str) -> ast.Call:
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call):
            return node.value
    raise AssertionError("meeting.patch declares nothing")


@pytest.mark.exhaustive
@pytest.mark.parametrize("entry", entries())
def test_an_entry_of_the_declaration_that_was_forgotten_is_told_with_what_to_write(entry: str, tmp_path: Path) -> None:
    tree = grown(tmp_path, PATCH.read_text())
    module = tree / RULES
    lines = module.read_text().splitlines(keepends=True)
    (keyword,) = (each for each in _declaration("".join(lines)).keywords if each.arg == entry)
    assert keyword.end_lineno is not None
    del lines[keyword.lineno - 1 : keyword.end_lineno]
    module.write_text("".join(lines))
    code, said = start(tree)
    if code == 0:
        code, said = run_tests(tree, "tests/house/test_card.py")
    assert code != 0
    last = said.strip().splitlines()[-1] if "Error" in said.splitlines()[-1] else said
    assert "Meeting" in last or RULES in last or entry in last, said[-3_000:]
    assert "KeyError" not in last
