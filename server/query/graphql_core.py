"""What graphql-core tells by its sentences alone, read here and nowhere else; a test has it say each of them."""

from __future__ import annotations

import re

LONGEST_MESSAGE = 300  # of those that repeat what was sent

_ABORTED = re.compile(r"Document contains more than \d+ tokens\. Parsing aborted\.")
_FIELD = re.compile(r"^Expected value of type '[^']*' (?:not )?to include (?:required|unknown) field '([^']*)'")
_TYPE = re.compile(r"(?:^|: )Expected (?:a )?value of (?:non-null )?type '([^']*)'")
_SCALAR = re.compile(r"(Int|Float|String|Boolean|ID) cannot represent")
_WANTED = {
    "Int": "whole_number",
    "Float": "finite_number",
    "String": "string",
    "Boolean": "true_or_false",
}


def has_too_many_tokens(message: str) -> bool:
    """Whether the parser gave up because of the document's length."""
    return _ABORTED.search(message) is not None


def is_of_argument(message: str) -> bool:
    """Whether a field could not be asked for an argument: one is missing, or its value does not fit."""
    return message.startswith("Argument '")


def is_of_scalar(message: str) -> bool:
    """Whether it is graphql-core's own scalar that refuses a value, or an exception that it did not foresee."""
    return _SCALAR.search(message) is not None or "encountered error" in message


def place_in(message: str) -> list[str]:
    """Where an input stands: the variable or argument, the steps in it, and the field that is missing or unknown."""
    head, _, why = message.partition(": ")
    name = head.split("'")[1].lstrip("$") if head.count("'") >= 2 else ""
    _, _, tail = head.partition(" at ")
    steps = tail.replace("[", ".").replace("]", "").split(".")
    field = _FIELD.search(why)
    return [step for step in [name, *steps, field[1] if field else ""] if step]


def wanted_by(message: str) -> str:
    """What would have been right: the constraint of graphql-core's scalar, else the type's name."""
    if "OneOf Input Object" in message:
        return "one_field"
    if scalar := _SCALAR.search(message):
        return _WANTED.get(scalar[1], scalar[1])
    named = _TYPE.search(message)
    return _WANTED.get(named[1], named[1]) if named else "declared_type"


def shortened(message: str) -> str:
    """Its words without what a caller sent at length, and without Python's."""
    message = message.replace("not to be None.", "not to be null.")
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"
