"""Faults as they may leave: with a code and an id, and nothing of ours in them; the log tells the rest."""

from __future__ import annotations

import logging
from uuid import uuid4

import asyncpg
from graphql import GraphQLError

from server.database import AWAY_SECONDS, is_away
from server.query.codes import BAD_USER_INPUT, INVALID
from server.query.declare.context import Context
from server.query.graphql_core import is_of_argument
from server.query.problem import NotRun, Problem, with_code
from server.query.run.result import Result

log = logging.getLogger(__name__)


def reported(error: GraphQLError, context: Context, is_change: bool) -> GraphQLError:
    """An error of graphql-core's as it may leave: with a code, and nothing of ours in it."""
    origin = error.original_error
    while isinstance(origin, GraphQLError) and origin.original_error is not None:
        origin = origin.original_error
    if origin is None or isinstance(origin, GraphQLError):
        if (error.extensions or {}).get("code"):
            return error
        if origin is not None and (origin.extensions or {}).get("code"):
            error.extensions = dict(origin.extensions or {})
            return error
        if error.path is None or is_of_argument(error.message):
            return with_code(error, BAD_USER_INPUT)
        origin = error
    made = unexpected(origin, context, *error.path or (), is_change=is_change)
    return GraphQLError(made.message, error.nodes, path=error.path, original_error=made, extensions=made.extensions)


def unexpected(error: BaseException, context: Context, *path: str | int, is_change: bool = False) -> GraphQLError:
    """What a fault may say of itself: nothing but an id under which the log tells the rest. `path`: where it arose.

    `is_change`: in a verb, of which nobody knows whether it was committed when the database went away.
    """
    if isinstance(error, GraphQLError) and (error.extensions or {}).get("code"):
        return error
    if isinstance(error, asyncpg.QueryCanceledError | TimeoutError):
        shown = {"path": [str(step) for step in path]} if path else {}
        return Problem("took_too_long", "DEADLINE_EXCEEDED", hint="took_too_long", shown=shown)
    if is_away(error):
        log.warning("request %s found the database away: %s", context.request_id, error)
        key = "change_uncertain" if is_change else "database_unavailable"
        away = Problem(key, "INTERNAL", shown={"id": context.request_id, "retryAfter": AWAY_SECONDS})
        away.__cause__ = error
        return away
    fault = uuid4().hex[:12]
    log.error("fault %s in request %s", fault, context.request_id, exc_info=error)
    return Problem("fault", "INTERNAL", {"fault": fault}, shown={"id": fault})


def refused(error: Exception, context: Context) -> Result:
    """The answer where nothing ran, or what ran broke off."""
    errors = error.errors if isinstance(error, NotRun) else [with_code(unexpected(error, context), INVALID)]
    return Result(None, errors, is_refused=True)
