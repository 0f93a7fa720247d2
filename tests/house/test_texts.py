"""Every sentence exists in both languages and speaks of the same facts."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise import Tortoise

import server.models
from server.live.watch import watches
from server.models.fields import KeptText, Subject
from server.query.declare.tables import describe
from server.query.values import shouted
from server.rules.event import EventType
from server.rules.refusal import Code
from server.schema import subscriptions
from server.schema.event import INTERNAL
from server.schema.field_change import field_name
from server.text import LANGUAGES
from server.text import keys as texts_of
from tests.words import sentences

SERVER = Path(__file__).parents[2] / "server"
PROBLEMS = (
    *("bad_input", "too_costly", "Problem", "bad_request", "HttpProblem"),
    *("unauthenticated", "rate_limited", "_wrong_method"),
)
ALWAYS = {"path", "requested", "limit", "seconds"}  # what these give by themselves


def placeholders(sentence: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences() -> None:
    for one, other in (("id", "en"), ("en", "id")):
        lacking = sentences(one).keys() - sentences(other).keys()
        assert not lacking, f"add these to server/text/{other}.toml as well: {sorted(lacking)}"


def test_both_languages_name_the_same_facts() -> None:
    indonesian, english = sentences("id"), sentences("en")
    different = {
        key: (placeholders(indonesian[key]), placeholders(english[key]))
        for key in indonesian.keys() & english.keys()
        if placeholders(indonesian[key]) != placeholders(english[key])
    }
    assert not different, f"id.toml and en.toml tell of other facts: {different}"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_refusal_has_its_sentence(language: str) -> None:
    known = sentences(language)
    lacking = [code.name for code in Code if f"refusal.{code.name}" not in known]
    assert not lacking, f"add these to [refusal] of server/text/{language}.toml: {lacking}"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_event_has_its_sentence(language: str) -> None:
    known = sentences(language)
    lacking = [event.name for event in EventType if f"event.{event.name}" not in known]
    assert not lacking, f"add these to [event] of server/text/{language}.toml: {lacking}"


# What no event tells of: what every row has, and secrets.
UNTOLD = {"id", "version", "created_at", "updated_at", "password_hash", "retry_hash", "secret_hash"}


def test_every_field_that_an_event_may_change_has_its_name_in_words() -> None:
    Tortoise.init_models(["server.models"], "models")
    subjects = [each for name in server.models.__all__ if issubclass(each := getattr(server.models, name), Subject)]
    told = {
        field_name(column)
        for model in subjects
        for field, column in model._meta.fields_db_projection.items()
        if column not in {*INTERNAL, *UNTOLD} and not isinstance(model._meta.fields_map[field], KeptText)
    }
    for language in LANGUAGES:
        unnamed = told - {shouted(each) for each in texts_of(language, "field")}
        assert not unnamed, f"add these to [field] of server/text/{language}.toml: {sorted(unnamed)}"


def test_every_field_that_a_watcher_may_be_told_has_its_name_in_words() -> None:
    """Or the change could not be told: `ChangedField` is made of these names."""
    tables = describe([getattr(server.models, name) for name in server.models.__all__])
    named = {shouted(each) for each in texts_of("en", "field")}
    for watch in (each for each in watches(subscriptions).values() if each.change is not None):
        columns = tables[watch.row.table].columns.keys() - UNTOLD
        told = watch.changed_fields(columns)
        assert named.issuperset(told), f"add these to [field] of server/text: {sorted({*told} - named)}"


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_sentence_is_empty_or_for_an_unknown_refusal(language: str) -> None:
    known = sentences(language)
    assert all(text.strip() for text in known.values())
    refusals = {key.removeprefix("refusal.") for key in known if key.startswith("refusal.")}
    unknown = refusals - {code.name for code in Code}
    assert not unknown, f"[refusal] of server/text/{language}.toml has no codes of server/rules/refusal.py: {unknown}"


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Each call in server/ that makes a problem, and where it stands."""
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PROBLEMS:
                yield f"{path.relative_to(SERVER)}:{node.lineno}", node


def texts(*nodes: ast.AST) -> list[str]:
    """The literal texts in these, outermost first."""
    found = (each.value for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant))
    return [text for text in found if isinstance(text, str)]


def keys(call: ast.Call) -> list[str]:
    """The keys of the sentences that a call may name; none where it is handed one, or puts it together."""
    is_web = getattr(call.func, "id", "") == "HttpProblem"  # status, code, key
    named = call.args[2:3] if is_web else call.args[:1]
    return texts(*(arg for arg in named if not isinstance(arg, ast.JoinedStr)))


def facts(call: ast.Call) -> set[str]:
    """The facts that a call gives."""
    given = {keyword.arg for keyword in call.keywords if keyword.arg}
    dictionaries = [each for arg in call.args for each in ast.walk(arg) if isinstance(each, ast.Dict)]
    return given | {text for each in dictionaries for text in texts(*filter(None, each.keys))} | ALWAYS


def test_every_problem_has_its_sentence_and_the_facts_that_it_needs() -> None:
    known, counted = sentences("en"), 0
    for place, call in calls():
        hints = [keyword.value for keyword in call.keywords if keyword.arg == "hint"]
        for key in [f"problem.{key}" for key in keys(call)] + [f"hint.{key}" for key in texts(*hints)]:
            assert key in known, f"{place}: add {key} to server/text/id.toml and en.toml"
            needed = placeholders(re.sub(r"\[[^\]]*\]", "", known[key]))
            assert needed <= facts(call), (place, key, needed - facts(call))
            counted += 1
    assert counted > 80


def test_every_sentence_of_a_problem_is_told_somewhere() -> None:
    named = {text for path in SERVER.rglob("*.py") for text in texts(ast.parse(path.read_text(encoding="utf-8")))}
    told = [key.split(".", 1) for key in sentences("en") if key.startswith(("problem.", "hint.", "constraint."))]
    untold = [key for _, key in told if key not in named and not key.startswith("not_ready_")]
    assert not untold, f"nothing tells these sentences of server/text; remove them: {untold}"
