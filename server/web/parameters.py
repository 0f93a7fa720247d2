"""A GraphQL request's parameters out of an HTTP body, which is strict JSON, or out of an address."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isinf
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.types import Scope

from server.query.documents.exact import exact
from server.query.documents.parameters import Parameters, WrongParameter, read_parameters
from server.web.accept import JSON, header
from server.web.problem import HttpProblem, bad_request

DEPTH: Final = 128
NAMES: Final = ("query", "documentId", "variables", "operationName", "extensions")


def check_json(scope: Scope) -> None:
    """Whether the body is announced as JSON in UTF-8, as it is. Raises `HttpProblem` (415)."""
    encoding = header(scope, b"content-encoding")
    if encoding is not None and encoding.strip().lower() not in ("", "identity"):
        problem = bad_request("content_encoding", status=415, constraint="identity")
        problem.headers = [(b"accept-encoding", b"identity")]
        raise problem
    name, *parameters = (each.strip() for each in (header(scope, b"content-type") or "").split(";"))
    if name.lower() != JSON:
        problem = bad_request("content_type", status=415, constraint=JSON)
        problem.headers = [(b"accept-post", JSON.encode())]
        raise problem
    for parameter in parameters:
        key, _, charset = parameter.partition("=")
        if key.strip().lower() == "charset" and charset.strip(' "').lower() not in ("utf-8", "utf8"):
            raise bad_request("charset", status=415, constraint="utf-8")


def from_body(body: bytes) -> Parameters:
    """The parameters in a POST's JSON body. Raises `HttpProblem` (400) naming the field and what would be right."""
    return _checked(json_object(body))


def from_address(query_string: bytes) -> Parameters:
    """The parameters in a GET's address, where `variables` is JSON text. Raises `HttpProblem` (400)."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:  # not UTF-8 behind its percent signs, or too many fields
        raise bad_request("address_malformed", constraint="UTF-8, percent-encoded") from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise bad_request("named_twice", name, constraint="once", name=name)
        found[name] = value
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = json_object(found[name].encode(), name) if found[name] else None
    return _checked(found)


def json_object(body: bytes, *path: str) -> dict[str, Any]:
    """A JSON object, every name in it once, no deeper than `DEPTH`. Raises `HttpProblem` (400)."""
    if not body.strip():
        raise bad_request("body_empty", *path, constraint="json_object")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise _why_not_json(body, problem, path) from None
    if isinstance(value, list):
        raise bad_request("body_is_list", *path, constraint="json_object")
    if not isinstance(value, dict):
        raise bad_request("body_not_object", *path, constraint="json_object")
    if body.count(b":") > _colons(value, 0, path):
        _refuse_names_given_twice(body, path)
    found: dict[str, Any] = exact(value, body)
    return found


def _checked(found: dict[str, Any]) -> Parameters:
    """The parameters. Raises `HttpProblem` (400), also where nothing but blank space is asked."""
    try:
        asked = read_parameters(found)
    except WrongParameter as wrong:
        raise bad_request(wrong.key, *wrong.path, constraint=wrong.constraint) from None
    if asked.hash is None and not asked.query.strip():
        raise bad_request("query_missing", "query", constraint="String!")
    return asked


def _colons(value: dict[str, Any] | list[Any], depth: int, path: tuple[str, ...]) -> int:
    """How many colons the JSON text of this has: one behind each name, and those in strings."""
    if depth > DEPTH:
        raise bad_request("too_deep", *path, constraint=f"≤ {DEPTH}")
    number = 0
    if isinstance(value, dict):
        for name, each in value.items():
            number += name.count(":") + 1
            if type(each) is str:
                number += each.count(":")
            elif isinstance(each, dict | list):
                number += _colons(each, depth + 1, path)
    else:
        for each in value:
            if type(each) is str:
                number += each.count(":")
            elif isinstance(each, dict | list):
                number += _colons(each, depth + 1, path)
    return number


def _refuse_names_given_twice(body: bytes, path: tuple[str, ...]) -> None:
    """Called when the text has more colons than its value: a name was given twice and one value lost."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise bad_request("named_twice", *path, name, constraint="once", name=name[:100])
            seen.add(name)
        return dict(pairs)

    json.loads(body, object_pairs_hook=once)


def _why_not_json(body: bytes, problem: orjson.JSONDecodeError, path: tuple[str, ...]) -> HttpProblem:
    """What would have been right: the reasons that people meet, told apart."""
    reason = str(problem)
    try:
        body.decode()
    except UnicodeDecodeError:
        return bad_request("not_utf8", *path, constraint="UTF-8")
    if "depth" in reason:
        return bad_request("too_deep", *path, constraint=f"≤ {DEPTH}")
    if "surrogate" in reason:
        return bad_request("lone_surrogate", *(_place_of(_is_half, body) or path), constraint="Unicode")
    if "number" in reason or "infinity" in reason:
        return bad_request("number_too_large", *(_place_of(_is_endless, body) or path), constraint="64 bit")
    return bad_request("not_json", *path, constraint="JSON", line=problem.lineno, column=problem.colno)


def _is_half(value: Any) -> bool:
    """A string that holds half a character."""
    return isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_endless(value: Any) -> bool:
    """A number past what 64 bits hold."""
    return isinstance(value, float) and isinf(value)


def _place_of(is_wrong: Callable[[Any], bool], body: bytes) -> tuple[str, ...]:
    """The path of the first value that is wrong in this way, as far as it can be found."""
    try:
        value = json.loads(body, parse_int=float)  # an int of more than 4,300 digits is not read at all
    except (ValueError, RecursionError):
        return ()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop(0)
        if is_wrong(each):
            return path
        if isinstance(each, dict):
            waiting.extend(((*path, str(name).encode(errors="replace").decode()), item) for name, item in each.items())
        elif isinstance(each, list):
            waiting.extend(((*path, str(number)), item) for number, item in enumerate(each))
    return ()
