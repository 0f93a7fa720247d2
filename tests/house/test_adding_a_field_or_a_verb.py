"""Somebody adds a field, and a verb: CONTRIBUTING.md carried out with a programme's goal and a programme that goes on.

The patches hold what is written by hand. What a machine writes is written here by the same commands.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.patched import ROOT, files, grown, must, must_fit, name_of, numbered, run_tests

HERE = Path(__file__).parent
FIELD, VERB = HERE / "goal.patch", HERE / "resume_programme.patch"
# Under which heading of CONTRIBUTING.md it is described, and what its commands ask of it there.
EXAMPLES = {FIELD: "Add a field", VERB: "Add a verb"}
ITS_TESTS = (
    *("tests/house", "tests/rules/test_aggregates.py", "tests/rules/test_administration.py"),
    *("tests/rules/test_text.py", "tests/rules/test_lifecycle.py", "tests/rules/test_visibility.py"),
    *("tests/api/test_programme.py", "tests/api/test_witness.py", "tests/api/test_allowed_actions.py"),
    *("tests/engine/query/test_golden.py", "tests/engine/query/test_declarations.py"),
)


def part(heading: str) -> str:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("patch", EXAMPLES, ids=EXAMPLES.get)
def test_the_page_names_the_files_that_it_takes(patch: Path) -> None:
    assert {name_of(each) for each in files(patch.read_text())} == numbered(part(EXAMPLES[patch]))


@pytest.mark.parametrize("patch", EXAMPLES, ids=EXAMPLES.get)
def test_the_patch_fits_what_is_there(patch: Path) -> None:
    must_fit(patch)


@pytest.mark.exhaustive
@pytest.mark.parametrize("patch", EXAMPLES, ids=EXAMPLES.get)
def test_it_passes_lint_house_and_its_tests(patch: Path, tmp_path: Path) -> None:
    tree = grown(tmp_path, patch.read_text())
    if patch is FIELD:
        code, said = run_tests(tree, "tests/house/test_migrations.py")
        assert code != 0, "a column that no migration makes is not told of"
        assert "make migration" in said
        must(tree, "make", "migration", "NAME=programme_goal")
    must(tree, "make", "golden")
    must(tree, "make", "lint")
    code, said = run_tests(tree, *ITS_TESTS)
    assert code == 0, said[-6_000:]
