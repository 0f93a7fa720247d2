"""The codes of what a request is answered with where it is not carried out; a payload's refusals have their own.

They stand in `extensions.code` of GraphQL's errors and in `code` of problem+json. docs/errors.md is printed from here.
"""

from __future__ import annotations

from typing import NamedTuple

BAD_USER_INPUT = "BAD_USER_INPUT"
INVALID = "GRAPHQL_VALIDATION_FAILED"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
COST_EXCEEDED = "COST_EXCEEDED"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"


class Told(NamedTuple):
    """What docs/errors.md says of a code."""

    status: str
    meaning: str
    shown: str  # beside the code
    advice: str


_NOT_RUN = "400, or 200 for `application/json`"
CODES = {
    PARSE_FAILED: Told(_NOT_RUN, "The document is no GraphQL.", "`locations`", "Mend the document."),
    INVALID: Told(
        _NOT_RUN,
        "The document does not fit the schema, or a literal in it does not fit its type.",
        "`locations`; of a literal `path` and `constraint`",
        "Mend the document.",
    ),
    BAD_USER_INPUT: Told(
        f"{_NOT_RUN}; of what is no GraphQL request 400, 406, 408, 413, 415, 421",
        "A variable, an argument, a header or the body is not as it must be.",
        "`path`, `constraint`",
        "Send what `constraint` says, at `path`.",
    ),
    METHOD_NOT_ALLOWED: Told(
        "405", "The method is not for this address, or a change was sent by GET.", "`constraint`, header `Allow`",
        "Use one of the methods named.",
    ),
    "UNAUTHENTICATED": Told(
        "401",
        "Nobody is signed in, or not any more.",
        "of a program's token that does not count `reason`",
        "Renew at `/auth/refresh`, once; else sign in. A program needs another token.",
    ),
    "NOT_FOUND": Told("404", "There is no such page, or not for you.", "", "Do not ask again."),
    COST_EXCEEDED: Told(
        _NOT_RUN, "The document asks for more than is allowed at once.", "`requested`, `limit`, `breakdown`, `hint`",
        "Do what `hint` says: it then passes.",
    ),
    "RATE_LIMITED": Told(
        "429", "Too much at once, too many attempts to sign in, or a token's requests are used up.",
        "`retryAfter` in seconds, header `Retry-After`",
        "Wait so long, and ask again.",
    ),
    "DEADLINE_EXCEEDED": Told(
        "408 for a body that is too slow, else 200",
        "It took too long and was stopped; the rest of the answer stands.",
        "`path`, `hint`",
        "Ask for less at once.",
    ),
    "PERSISTED_QUERY_NOT_FOUND": Told(
        "200", "No document is known by this hash.", "`hint`", "Send the text with its hash once; Apollo does."
    ),
    "DOCUMENT_NOT_TRUSTED": Told(
        _NOT_RUN, "This server runs only the documents of its own list.", "", "Ask by a hash of the list."
    ),
    "INTERNAL": Told(
        "500; 503 while the database is away; 200 where a part failed",
        "A fault of the server, which is recorded, or the database is away.",
        "`id`; where it passes `retryAfter`, header `Retry-After`",
        "Wait and ask again; a change with its `idempotencyKey`.",
    ),
}  # fmt: skip


def as_markdown() -> list[str]:
    """The lines of docs/errors.md that tell of them."""
    return [
        "| code | HTTP status | what it says | beside it | what to do |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| `{code}` | {told.status} | {told.meaning} | {told.shown} | {told.advice} |"
            for code, told in CODES.items()
        ),
    ]
