"""What the pages say can be followed: commands, links, files, metrics, and nothing that is not in the repository."""

from __future__ import annotations

import argparse
import ast
import configparser
import re
import shlex
import tomllib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, SelectionSetNode, Visitor, parse, visit
from ruamel.yaml import YAML

from server import cli, settings
from server.actions.city import NO_CITY
from server.city import read_city
from server.rules import achievement, city, collaboration_facts, escalation_facts, follow_up
from tests.commands import ELSEWHERE, NOT_HERE, ROOT, RUN, SHELL, Block, blocks, pages, shell_blocks

LANGUAGES = {"graphql", "ini", "js", "python", "text", *SHELL}
# Documents that are somewhere else, and the mark of their chapters.
FOREIGN = re.compile(r"\b(?:DESIGN|HOUSE|DOMAIN|API\.md|QUERY\.md|LIVE\.md|LIBRARY-NOTES)\b|(?<!RFC \d{4} )§(?=\s?\d)")
READ = {
    "",
    ".cfg",
    ".css",
    ".graphql",
    ".html",
    ".ini",
    ".js",
    ".md",
    ".mjs",
    ".py",
    ".sh",
    ".sql",
    ".toml",
    ".txt",
    ".yml",
}
CITED = re.compile(r"(?<![\w/.-])(?:docs|server|tests|bench)/[\w/.-]*\w\.(?:md|py|toml|graphql|txt|svg)\b")
# What examples name: whatever it is, and the aggregate that is added.
MADE = re.compile(r"/(?:test_)?(?:x|meeting)\.\w+$")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of the repository but what is vendored or printed by machine."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        is_ours = not any(part.startswith(".") and part not in (".ci", ".editorconfig") for part in parts)
        if is_ours and path.suffix in READ and path.is_file() and not {"node_modules", "__pycache__"} & set(parts):
            yield path, path.read_text("utf-8")


# ---- commands -------------------------------------------------------------------------------------------------------


def test_every_block_of_commands_is_run_or_listed_with_what_becomes_of_it() -> None:
    listed = [*RUN, *ELSEWHERE, *NOT_HERE]
    assert len(listed) == len(set(listed)), "one place for each"
    assert set(shell_blocks()) == set(listed), "tests/commands.py: run them, or say why not"


def test_a_block_says_its_language() -> None:
    for each in blocks():
        assert each.language in LANGUAGES, f"{each.name}: no command hides in a block without a name: {each.text[:60]}"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_another_test_carries_out_has_that_test(name: str) -> None:
    file, _, function = ELSEWHERE[name].partition("::")
    tree = ast.parse((ROOT / file).read_text())
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}, (
        ELSEWHERE[name]
    )


@pytest.mark.parametrize("block", shell_blocks().values(), ids=lambda block: block.name)
def test_every_command_exists(block: Block) -> None:
    for line in block.lines:
        for words in commands(line):
            assert known(words), f"{block.name}: {line}"


def commands(line: str) -> Iterator[list[str]]:
    """The commands of a line that are this repository's own, or whose words say something about it."""
    for part in re.split(r"\s\|\s|\s&&\s", line):
        words = [word for word in shlex.split(part.strip(), comments=True) if "=" not in word or word.startswith("-")]
        if words and (words[0] in ("make", "docker", "systemctl") or words[0].endswith("kolaborasi")):
            yield words


def known(words: list[str]) -> bool:
    match words:
        case ["make", *targets]:
            rules = re.findall(r"^([\w./$()-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
            return set(targets) <= set(rules)
        case ["docker", "compose", "exec", service, *inside]:
            return service in services() and (inside[0] != "kolaborasi" or parses(inside[1:]))
        case ["docker", "compose", "cp", source, _]:
            return source.partition(":")[0] in services()
        case ["docker", "compose", "up" | "build", *options]:
            return all(option.startswith("--") for option in options)
        case ["systemctl", *rest]:
            return "kolaborasi" in rest or rest == ["daemon-reload"]
        case [program, *arguments]:
            return program.endswith("kolaborasi") and parses(arguments)
    return False


def services() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


def parses(arguments: list[str]) -> bool:
    try:
        cli.usage().parse_args(arguments)
    except SystemExit as end:
        return end.code == 0  # --help, --version
    except argparse.ArgumentError:
        return False
    return True


def test_a_setting_that_a_page_names_is_one() -> None:
    for path in pages():
        for name in re.findall(r"\bKOLABORASI_[A-Z_]+\b", path.read_text()):
            # The last are docker-compose.yml's own, and examples/sync's.
            is_known = f"  {name} " in settings.HELP or name in ("KOLABORASI_NETWORK", "KOLABORASI_TOKEN")
            assert is_known, f"{path.name}: {name}"


def test_the_unit_of_systemd_runs_a_command_that_there_is() -> None:
    (block,) = (each for each in blocks() if each.language == "ini")
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block.text)
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/.venv/bin/kolaborasi")
    assert program.startswith(unit["Service"]["WorkingDirectory"])
    assert parses(arguments)


# ---- links, paths, and what is cited --------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    found = set[str]()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        number = next(n for n in range(1000) if (f"{anchor}-{n}" if n else anchor) not in found)
        found.add(f"{anchor}-{number}" if number else anchor)
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
        if urllib.parse.urlsplit(target).scheme:
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        assert place.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(place), f"{page.name}: {target}"


def test_every_page_and_path_that_is_cited_exists() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {cited}"
        for path, text in texts()
        for cited in re.findall(CITED, text)
        # Tests make files up.
        if (cited.startswith("docs/") or path.parts[len(ROOT.parts)] != "tests")
        and not MADE.search(cited)
        and not (ROOT / cited).exists()
    ]
    assert not missing, missing


def test_every_module_that_a_page_names_is_there() -> None:
    """By its path from here or from server, or by the end of one."""
    there = [f"/{path.relative_to(ROOT)}" for path, _ in texts()]
    missing = [
        f"{page.relative_to(ROOT)}: {named}"
        for page in pages()
        for named in re.findall(r"`([\w/.-]+\.(?:py|toml|graphql|txt|yml|mjs))`", page.read_text())
        # An address of the server is told with a slash before it.
        if not MADE.search(f"/{named}") and not any(path.endswith(f"/{named.removeprefix('/')}") for path in there)
    ]
    assert not missing, missing


def test_nothing_cites_what_is_not_in_the_repository() -> None:
    here = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path, text in texts()
        if path != here
        for number, line in enumerate(text.splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert not found, f"say it in this project's own pages (docs/design.md, docs/domain.md): {found}"


# ---- what a page lists ----------------------------------------------------------------------------------------------


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text()
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        name = str(page.relative_to(ROOT))
        assert name == "README.md" or f"({name})" in text, f"README.md has no link to {name}"


def test_the_architectures_floors_are_those_that_are_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (floors,) = (each["layers"] for each in contracts if each["id"] == "floors")
    page = (ROOT / "docs" / "architecture.md").read_text()
    told = [re.findall(r"`(\w+)`", line) for line in re.findall(r"^\| \d+ \|([^|]+)\|", page, re.MULTILINE)]
    assert told == [[room.strip() for room in floor.split("|")] for floor in floors]


def test_the_newest_release_of_the_changes_is_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(version)} \(20\d\d-\d\d-\d\d\)", headings[1]), headings[1]


def test_a_glimpse_of_how_deep_the_checks_look() -> None:
    assert FOREIGN.search("# DESIGN " + "\N{SECTION SIGN}7: at least")
    assert FOREIGN.search("see \N{SECTION SIGN} 7")
    assert not FOREIGN.search("what a client prefers (RFC 9110 \N{SECTION SIGN}12.5)")
    assert not known(["make", "nothing-of-that-name"])
    assert not known([".venv/bin/kolaborasi", "no-such-command"])
    assert not known(["docker", "compose", "exec", "nobody", "ls"])
    assert [*commands("echo x | .venv/bin/kolaborasi explain - --as admin")] == [
        [".venv/bin/kolaborasi", "explain", "-", "--as", "admin"]
    ]


def test_the_numbers_of_the_domains_page_are_those_of_the_rules() -> None:
    page = (ROOT / "docs" / "domain.md").read_text()
    days = {name: int(number) for name, number in re.findall(r"^\| (\w+) \| (\d+)", page, re.MULTILINE)}
    assert days == {
        "answer": collaboration_facts.ANSWER_DAYS,
        "question": collaboration_facts.QUESTION_DAYS,
        "counter": collaboration_facts.COUNTER_DAYS,
        "confirmation": collaboration_facts.CONFIRMATION_DAYS,
        "ruling": city.RULING_DAYS,
        "delivery": collaboration_facts.DELIVERY_DAYS,
        "dispute": collaboration_facts.DISPUTE_DAYS,
        "reply": escalation_facts.REPLY_DAYS,
        "person": city.PERSON_REPLY_DAYS,
        "objection": follow_up.OBJECTION_DAYS,
    }
    grades = re.findall(r"\((\w+)\) \| (\d+|below) \|", page)
    scale = [(grade.name, str(lowest) if lowest else "below") for lowest, grade in NO_CITY.grade_scale]
    assert grades == scale
    lights = re.findall(r"^\| (ON_TRACK|AT_RISK) \| from (\d+)", page, re.MULTILINE)
    assert lights == [("ON_TRACK", str(achievement.ON_TRACK_FROM)), ("AT_RISK", str(achievement.AT_RISK_FROM))]
    assert f"at most **{read_city('medan').achievement_cap}**" in page
    assert f"**{NO_CITY.report_working_days} working days**" in page


OF_YEAR = {"achievement", "achievementCapped", "grade", "averageAchievement"}
TO_DATE = {"achievementToDate", "gradeToDate", "averageAchievementToDate"}


def questions() -> Iterator[tuple[str, str]]:
    """What pages, boards and their examples ask, each with where it stands."""
    yield from ((each.name, each.text) for each in blocks() if each.language == "graphql")
    board = ROOT / "server" / "board"
    for file in [*board.glob("*.graphql"), *(ROOT / "bench" / "documents").glob("*.kolaborasi.graphql")]:
        yield str(file), file.read_text()
    for number, text in enumerate(re.findall(r"`((?:query|mutation)\b[^`]*)`", (board / "examples.js").read_text())):
        yield f"examples.js, {number + 1}", text


class _Mixed(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[set[str]] = []

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        names = {each.name.value for each in node.selections if isinstance(each, FieldNode)}
        if names & OF_YEAR and names & TO_DATE:
            self.found.append(names)


def test_no_page_or_board_puts_a_years_figure_beside_one_to_date() -> None:
    mixed: dict[str, list[set[str]]] = {}
    asked = [*questions()]
    assert sum(bool(re.search(rf"\b({'|'.join(TO_DATE)})\b", text)) for _, text in asked) > 3
    for name, text in asked:
        visitor = _Mixed()
        visit(parse(text), visitor)
        if visitor.found:
            mixed[name] = visitor.found
    assert mixed == {}
