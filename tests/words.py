"""The sentences of server/text as they are written, and in which language a message is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

TEXT = Path(__file__).parents[1] / "server" / "text"
_MARK = re.compile(r"\{\w+\}|\[|\]")


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of a language by their dotted keys."""
    found: dict[str, str] = {}

    def walk(table: dict[str, Any], path: str) -> None:
        for key, value in table.items():
            if isinstance(value, dict):
                walk(value, f"{path}{key}.")
            else:
                found[f"{path}{key}"] = value

    walk(tomllib.loads((TEXT / f"{language}.toml").read_text(encoding="utf-8")), "")
    return found


def is_said_in(language: str, message: str, section: str = "problem") -> bool:
    """Whether the message is one of the section's sentences in this language, with facts in its places."""
    return any(pattern.fullmatch(message) for pattern in _patterns(language, section))


@cache
def _patterns(language: str, section: str) -> list[re.Pattern[str]]:
    known = sentences(language)
    return [
        re.compile("".join(_pattern(text)), re.DOTALL) for key, text in known.items() if key.startswith(f"{section}.")
    ]


def _pattern(text: str) -> Iterator[str]:
    """A sentence as a regular expression: what is in brackets may be missing, a fact is anything."""
    place = 0
    for mark in _MARK.finditer(text):
        yield re.escape(text[place : mark.start()])
        yield {"[": "(?:", "]": ")?"}.get(mark[0], ".+")
        place = mark.end()
    yield re.escape(text[place:])
