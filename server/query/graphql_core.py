"""What graphql-core tells by its sentences alone, read here and nowhere else; a test has it say each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

LONGEST_MESSAGE = 300  # of those that repeat what was sent
LONGEST_FACT = 100  # of those that do
MOST_READ = 1_000  # characters from either end

_ABORTED = re.compile(r"Document contains more than \d+ tokens\. Parsing aborted\.")
_HEAD = re.compile(
    r"(?:Argument|Variable) '\$?(?P<name>\w+)'(?: has invalid(?: default)? value(?: at (?P<steps>\S+))?: )?"
)
# A sentence of its as a regular expression: {name} is a fact in quotes, {name?} one that may be missing with them,
# {meant} what it suggests.
_FACT = re.compile(r"\{(\w+)(\?)?\}")


def _pattern(sentence: str) -> re.Pattern[str]:
    text = sentence.replace("{meant}", r"\.?(?: Did you mean (?:the enum value )?(?P<suggestions>.*)\?)?")
    quoted = _FACT.sub(lambda fact: rf"(?: '(?P<{fact[1]}>[^']*)')?" if fact[2] else rf"'(?P<{fact[1]}>[^']*)'", text)
    return re.compile(quoted, re.DOTALL)


# Why it does not take a document: the key of our own sentence, and its.
_OF_DOCUMENTS = {
    key: _pattern(sentence)
    for key, sentence in {
        # fields, arguments, types, directives
        "document.field_of_a_subtype": r"Cannot query field {name} on type {type}\. Did you mean to use an inline "
        r"fragment on (?P<suggestions>.*)\?",
        "document.no_such_field": r"Cannot query field {name} on type {type}{meant}",
        "document.no_such_argument": r"Unknown argument {name} on (?:field|directive) {place}{meant}",
        "document.argument_missing": r"Argument {name} of type {type} is required, but it was not provided\.",
        "document.no_such_type": r"Unknown type {name}{meant}",
        "document.no_such_directive": r"Unknown directive {name}\.",
        "document.directive_misplaced": r"Directive {name} may not be used on (?P<place>.*)\.",
        "document.directive_twice": r"The directive {name} can only be used once at this location\.",
        "document.selection_missing": r"Field {name} of type {type} must have a selection of subfields\..*",
        "document.selection_needless": r"Field {name} must not have a selection since type {type} has no subfields\.",
        "document.different_types": r"Fields {name} conflict because they return conflicting types {one} and {other}.*",
        "document.different_fields": r"Fields {name} conflict because {one} and {other} are different fields\..*",
        "document.different_arguments": r"Fields {name} conflict because they have differing arguments\..*",
        "document.different_below": r"Fields {name} conflict because subfields {below} conflict.*",
        "document.introspection_too_deep": r"Maximum introspection depth exceeded",
        # fragments
        "document.no_such_fragment": r"Unknown fragment {name}\.",
        "document.fragment_unused": r"Fragment {name} is never used\.",
        "document.fragment_never_fits": r"Fragment{name?} cannot be spread here as objects of type {type} can never be "
        r"of type {other}\.",
        "document.fragment_on_a_leaf": r"Fragment{name?} cannot condition on non composite type {type}\.",
        # variables
        "document.variable_undefined": r"Variable {name} is not defined(?: by operation{operation?})?\.",
        "document.variable_unused": r"Variable {name} is never used(?: in operation{operation?})?\.",
        "document.variable_of_no_input": r"Variable {name} cannot be non-input type {type}\.",
        "document.variable_of_another_type": r"Variable {name} of type {type} used in position expecting "
        r"type {other}\.",
        "document.variable_may_be_null": r"Variable {name} is of type {type} but must be non-nullable to be used for "
        r"OneOf Input Object {other}\.",
        # what stands twice, and operations
        "document.argument_twice": r"There can be only one argument named {name}\.",
        "document.fragment_twice": r"There can be only one fragment named {name}\.",
        "document.input_field_twice": r"There can be only one input field named {name}\.",
        "document.operation_twice": r"There can be only one operation named {name}\.",
        "document.variable_twice": r"There can be only one variable named {name}\.",
        "document.anonymous_not_alone": r"This anonymous operation must be the only defined operation\.",
        "document.not_executable": r"The (?:{name}|schema) definition is not executable\.",
        "document.several_subscriptions": r"(?:Anonymous )?Subscription{name?} must select only one top level field\.",
        "document.subscription_to_introspection": r"(?:Anonymous )?Subscription{name?} must not select an "
        r"introspection top level field\.",
        "document.subscription_on_condition": r"(?:Anonymous )?Subscription{name?} must not use `@skip` or .*",
        # syntax
        "syntax.expected": r"Syntax Error: Expected (?P<wanted>.*), found (?P<given>.*)\.",
        "syntax.two_dots": r"Syntax Error: Unexpected '\.\.', did you mean '\.\.\.'\?",
        "syntax.single_quote": r"Syntax Error: Unexpected single quote character .*",
        "syntax.character_in_string": r"Syntax Error: Invalid character within String: (?P<given>.*)\.",
        "syntax.character": r"Syntax Error: (?:Unexpected|Invalid) character: (?P<given>.*)\.",
        "syntax.variable_in_constant": r"Syntax Error: Unexpected variable {name} in constant value\.",
        "syntax.description": r"Syntax Error: Unexpected description, .*",
        "syntax.unexpected": r"Syntax Error: Unexpected (?P<given>.*)\.",
        "syntax.number": r"Syntax Error: Invalid number, (?:[^:]*: (?P<given>.*)\.|.*)",
        "syntax.string_unterminated": r"Syntax Error: Unterminated string\.",
        "syntax.escape": r"Syntax Error: Invalid (?:Unicode|character) escape sequence: '(?P<given>.*)'\.",
        "syntax.too_deep": r"Syntax Error: Document is nested too deeply\. Parsing aborted\.",
    }.items()
}

# Why it does not take a value: of which kind the reason is, and its sentences.
_OF_VALUES = tuple(
    (kind, _pattern(sentence))
    for kind, sentence in (
        (
            "unknown_field",
            r"Expected value of type {type} not to include unknown field {name}"
            r"(?:\. Did you mean (?P<suggestions>[^?]*)\? F|, f)ound: .*",
        ),
        ("missing_field", r"Expected value of type {type} to include required field {name}, found: .*"),
        ("no_such_value", r"Value '.*' does not exist in {type} enum{meant}"),
        ("no_such_value", r"Enum {type} cannot represent non-(?:string|enum) value: .*?{meant}"),
        ("one_of", r"Within OneOf Input Object type {type}, exactly one field must be specified, .*"),
        ("scalar", r"(?P<type>Int|Float|String|Boolean|ID) cannot represent .*"),
        ("missing", r"Expected (?:a )?value of non-null type {type} (?:not to be None|to be provided)\."),
        ("missing", r"Expected variable '[^']*' provided to (?:non-null )?type {type} .*"),
        ("missing", r"Argument '[^']*' of required type {type} was not provided\."),
        ("other", r"Expected value of type {type}.*"),
    )
)
_SCALARS = {"Int": "whole_number", "Float": "finite_number", "String": "string", "Boolean": "true_or_false"}


class Reason(NamedTuple):
    """What a sentence says: its kind or our key for it, and its facts; those that it leaves out are not there."""

    kind: str
    facts: Mapping[str, str]


def has_too_many_tokens(message: str) -> bool:
    """Whether the parser gave up because of the document's length."""
    return _ABORTED.search(message) is not None


def is_of_argument(message: str) -> bool:
    """Whether a field could not be asked for an argument: one is missing, or its value does not fit."""
    return message.startswith("Argument '")


def of_document(message: str) -> Reason | None:
    """Why a document is not taken, by the key of our own sentence; None for what is not known here."""
    return _read(_OF_DOCUMENTS.items(), message)


def of_value(message: str) -> Reason:
    """Why a value is not taken, whether it is a variable's, an argument's or a literal."""
    head = _HEAD.match(message)
    inner = message[head.end() :] if head and head[0].endswith(": ") else message
    return _read(_OF_VALUES, inner) or Reason("other", {})


def place_in(message: str) -> list[str]:
    """Where a value stands: its argument or variable, and the steps in it."""
    head = _HEAD.match(message)
    if head is None:
        return []
    steps = (head["steps"] or "").replace("[", ".").replace("]", "").split(".")
    return [step for step in [head["name"], *steps] if step]


def wanted_by(reason: Reason) -> str:
    """What would have been right: the constraint of graphql-core's scalar, else the type's name."""
    named = reason.facts.get("type")
    return "declared_type" if named is None else _SCALARS.get(named, named)


def named_in(suggestions: str) -> list[str]:
    """The names that it suggests."""
    return re.findall(r"'([^']*)'", suggestions)


def shortened(message: str) -> str:
    """Its words without what a caller sent at length."""
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"


def _read(sentences: Iterable[tuple[str, re.Pattern[str]]], message: str) -> Reason | None:
    if len(message) > 2 * MOST_READ:  # its own words stand at both ends of what was sent
        message = message[:MOST_READ] + message[-MOST_READ:]
    for kind, pattern in sentences:
        if found := pattern.fullmatch(message):
            facts = {name: _short(value) for name, value in found.groupdict().items() if value is not None}
            return Reason(kind, facts)
    return None


def _short(fact: str) -> str:
    return fact if len(fact) <= LONGEST_FACT else fact[:LONGEST_FACT] + "…"
