"""Every sentence of the rules in docs/design.md is quoted, word for word, by a test that proves it.

A test says so in its docstring, with “…” around each sentence. Not yet held to it: "Cases" and "What the clock does".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "design.md"
HELD = ("Who acts", "Who sees what", "Work plans", "Targets", "Tasks", "Collaboration")
MODULES = re.compile(r"(?:`[\w/.]+`(?:, | and )?)+(?: and its neighbours)?[.:]")


def folded(text: str) -> str:
    """As one reads it: without emphasis, code marks and links' addresses, on one line."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", plain)).strip()


def blocks(text: str) -> Iterator[str]:
    """Paragraphs, points of lists, and rows of tables (`first: second`)."""
    block = ""
    for line in [*text.splitlines(), ""]:
        starts = re.match(r"(?:- |\d+\. )(.*)", line)
        if starts or not line.strip() or line.startswith("|"):
            if block:
                yield block
            block = starts[1] if starts else ""
        else:
            block += f" {line}"
        cells = [cell.strip() for cell in line.strip("| ").split("|")] if line.startswith("|") else []
        if cells and not cells[0].startswith("-") and cells[1] != "may":
            yield ": ".join(cells)


def sentences(text: str) -> list[str]:
    """Of a section, in order, without the modules that it begins with."""
    found = []
    for block in blocks(text):
        told = MODULES.sub("", block.strip())
        found += re.split(r"(?<=[.!?])\s+(?=[A-Z“])", folded(told))
    return [each for each in found if each]


def sections() -> dict[str, list[str]]:
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {title: sentences(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


@cache
def quotes() -> dict[str, list[str]]:
    """Each sentence that a test's docstring quotes, with where it does."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                told = folded(ast.get_docstring(node) or "")
                if told.startswith("“"):
                    for quote in re.findall(r"“((?:[^“”]|“[^”]*”)+)”", told):
                        found.setdefault(quote, []).append(f"{path.relative_to(TESTS.parent)}::{node.name}")
    return found


@pytest.mark.parametrize("section", HELD)
def test_every_sentence_has_a_test_that_quotes_it(section: str) -> None:
    lacking = [each for each in sections()[section] if each not in quotes()]
    assert not lacking, f"quote these of docs/design.md in the docstring of a test that proves them: {lacking}"


def test_what_a_test_quotes_stands_in_the_page() -> None:
    told = {each for every in sections().values() for each in every}
    gone = {quote: where for quote, where in quotes().items() if quote not in told}
    assert not gone, f"docs/design.md says it otherwise now: {gone}"


def test_a_page_is_read_sentence_by_sentence() -> None:
    text = """`server/rules/task.py`, `task_content.py`. PLANNED → DONE; each
with a [reason](states.md).

| role | may |
|---|---|
| **MAYOR** | decides |

- **An order** comes from above. It
  stays.
1. First, "so" it is (PP 94/2021, art. 3).
"""
    assert sentences(text) == [
        "PLANNED → DONE; each with a reason.",
        "MAYOR: decides",
        "An order comes from above.",
        "It stays.",
        'First, "so" it is (PP 94/2021, art. 3).',
    ]
