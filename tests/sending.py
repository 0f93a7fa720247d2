"""Requests as a stranger's client would send them, well formed or not, and what every answer must keep to."""

from __future__ import annotations

import json
from typing import Any

from tests import inputs
from tests.person import Person
from tests.words import is_said_in

Json = dict[str, Any]
TOP_LEVEL = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "COST_EXCEEDED"}
# Where what is no field's stands in a request.
OF_THE_REQUEST = {"query", "variables", "operationName", "documentId", "extensions"}


class Raw:
    """JSON as it is written, which no Python value is."""

    def __init__(self, text: str) -> None:
        self.text = text


async def send(person: Person, query: str, variables: Any, language: str | None = None) -> tuple[int, Json]:
    """The status and answer of a POST; a `Raw` among the variables goes as it stands."""
    raws: list[Raw] = []

    def keep(value: object) -> str:
        assert isinstance(value, Raw)
        raws.append(value)
        return f"%raw{len(raws) - 1}%"

    body = json.dumps({"query": query, "variables": variables}, default=keep)
    for number, raw in enumerate(raws):
        body = body.replace(f'"%raw{number}%"', raw.text)
    headers = {**person.headers, "content-type": "application/json"}
    if language is not None:
        headers["accept-language"] = language
    async with person.city.site.client(**headers) as client:
        answer = await client.post("/graphql", content=body.encode())
    assert answer.status_code in (200, 400), (answer.status_code, answer.text[:500])
    found: Json = answer.json()
    return answer.status_code, found


def check(answer: Json, *context: object, language: str = "id") -> list[Json]:
    """No fault, no inside told; every top-level error has its code, input's its path and constraint. The errors.

    What is refused is told in the caller's language.
    """
    errors: list[Json] = answer.get("errors", [])
    for error in errors:
        extensions = error["extensions"]
        assert extensions["code"] in TOP_LEVEL, (error, context)
        if extensions["code"] == "BAD_USER_INPUT":
            assert extensions["constraint"], (error, context)
            has_place = extensions["path"] or extensions["constraint"] == "JSON"  # no JSON has no places
            assert has_place or "text/event-stream" in extensions["constraint"], (error, context)
            is_of_field = bool(extensions["path"]) and extensions["path"][0] not in OF_THE_REQUEST
            assert is_of_field == ("coordinate" in extensions), (error, context)
        assert is_said_in(language, error["message"]), (error, context)
        for inside in ("Traceback", "asyncpg", "/server/", "SELECT ", ".py"):
            assert inside not in str(error), (error, context)
    return errors


async def verb(person: Person, name: str, given: Json) -> Json:
    """The whole answer of a verb, as a stranger's client would send it."""
    query = f"mutation($input: {inputs.mutations()[name].name}!) {{ {name}(input: $input) {{ errors {{ __typename code"
    query += " message path ... on InvalidInput { constraint } ... on LimitReached { limit } } } }"
    _, answer = await send(person, query, {"input": given})
    return answer
