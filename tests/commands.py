"""The commands of README.md, CONTRIBUTING.md and docs: every block of them, and what becomes of each in the tests.

A block is named by its page, the heading under which it stands, and its number where there are several. `RUN` are run
as they stand by tests/system/test_commands.py. What another test carries out, and what cannot be run here, is listed
with that test or the reason; tests/house/test_pages.py sees that nothing is left over, and looks at all their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHELL = ("sh", "bash", "console", "shell")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Every page of the repository's own."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    name: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The commands of a shell's block without what they are given to read, continued lines as one."""
        text = re.sub(r"<<'(\w+)'.*?^\1$", "", self.text, flags=re.DOTALL | re.MULTILINE)
        return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def blocks() -> Iterator[Block]:
    for page in pages():
        text, counted = page.read_text(), dict[str, int]()
        for found in _FENCE.finditer(text):
            headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text[: found.start()]), re.MULTILINE)
            name = f"{page.relative_to(ROOT)}: {headings[-1]}"
            counted[name] = counted.get(name, 0) + 1
            if counted[name] > 1:
                name += f" ({counted[name]})"
            yield Block(name, found["language"], re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE))


def shell_blocks() -> dict[str, Block]:
    return {each.name: each for each in blocks() if each.language in SHELL}


RUN = frozenset(
    {
        "README.md: Try it",
        "README.md: Try it (2)",
        "README.md: Ask",
        "README.md: Run it for a city",
        "CONTRIBUTING.md: Set up (2)",
        "docs/operations.md: Settings",
        "docs/operations.md: Install",
        "docs/operations.md: Metrics",
        "docs/operations.md: The embedded database",
        "docs/operations.md: The embedded database (2)",
        "docs/operations.md: A PostgreSQL of its own",
        "docs/operations.md: A PostgreSQL of its own (2)",
        "docs/operations.md: A dump into another PostgreSQL",
        "docs/operations.md: Upgrade",
        "docs/operations.md: Events are held back (`/readyz` says `horizon`)",
        "docs/operations.md: One document is slow",
    }
)
# Which test carries it out.
ELSEWHERE: Mapping[str, str] = {
    "CONTRIBUTING.md: Add a field": (
        "tests/house/test_adding_a_field_or_a_verb.py::test_it_passes_lint_house_and_its_tests"
    ),
    "CONTRIBUTING.md: Add a verb": (
        "tests/house/test_adding_a_field_or_a_verb.py::test_it_passes_lint_house_and_its_tests"
    ),
    "docs/adding-an-aggregate.md: By machine": (
        "tests/house/test_adding_an_aggregate.py::test_the_aggregate_passes_lint_house_and_its_tests"
    ),
    "docs/adding-an-aggregate.md: What tells you that something is missing": (
        "tests/house/test_adding_an_aggregate.py::test_the_aggregate_passes_lint_house_and_its_tests"
    ),
    "docs/city-data.md: A city's data": (
        "tests/system/test_first_steps.py::test_an_empty_machine_becomes_an_installation_that_its_administrator_signs_in_to"
    ),
    "docs/releasing.md: Make a release (3)": (
        "tests/system/test_package.py::test_a_wheel_in_a_fresh_environment_serves_the_demo_year"
    ),
}
# Why not. Their words are checked all the same: targets, commands and their options, services, settings.
NOT_HERE: Mapping[str, str] = {
    "README.md: Work on it": "a test that runs all tests would run itself",
    "CONTRIBUTING.md: Set up": "a test that runs all tests would run itself",
    "docs/releasing.md: Make a release": "a test that runs all tests would run itself",
    "docs/releasing.md: Make a release (2)": "it asks the network for newer packages and changes the lock file",
    "docs/operations.md: Install (3)": "there is no systemd where the tests run",
    "docs/operations.md: Install (4)": "there is no Docker engine where the tests run",
    "docs/operations.md: Upgrade (2)": "there is no Docker engine where the tests run",
}
