"""Every sentence exists in both languages and speaks of the same facts."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.rules.event import EventType
from server.rules.refusal import Code

TEXT = Path(__file__).parents[2] / "server" / "text"


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


def placeholders(sentence: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences() -> None:
    assert set(sentences("id")) == set(sentences("en"))


def test_both_languages_name_the_same_facts() -> None:
    indonesian, english = sentences("id"), sentences("en")
    different = {
        key: (placeholders(indonesian[key]), placeholders(english[key]))
        for key in indonesian.keys() & english.keys()
        if placeholders(indonesian[key]) != placeholders(english[key])
    }
    assert not different


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_refusal_has_its_sentence(language: str) -> None:
    known = sentences(language)
    assert not [code.name for code in Code if f"refusal.{code.name}" not in known]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_event_has_its_sentence(language: str) -> None:
    known = sentences(language)
    assert not [event.name for event in EventType if f"event.{event.name}" not in known]


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_sentence_is_empty_or_for_an_unknown_refusal(language: str) -> None:
    known = sentences(language)
    assert all(text.strip() for text in known.values())
    refusals = {key.removeprefix("refusal.") for key in known if key.startswith("refusal.")}
    assert refusals <= {code.name for code in Code}
