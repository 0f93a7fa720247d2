"""The request context: what verbs and resolvers may use beside what the engine knows of who asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from server.actions.at_once import AtOnce
from server.actions.rows import CallersKey
from server.actions.sign_in import Identified
from server.actions.transaction import Transaction
from server.auth.tokens import Tokens
from server.events.position import Seal
from server.query.declare.context import Context


@dataclass(slots=True, kw_only=True)
class RequestContext(Context):
    """One operation's, made by installation.py for each.

    `begin` opens a transaction of the viewer's, of a given kind, `at_once` makes the one statement of a verb, kept
    under a key; `seal` closes and opens cursors, `tokens` makes links; `sign_in`: with which one is asked.
    `public_address`: under which people open this server, where it was told.
    """

    begin: Callable[..., AbstractAsyncContextManager[Transaction]]
    at_once: Callable[[Context, CallersKey | None], AtOnce]
    seal: Seal
    tokens: Tokens
    sign_in: Identified | None = None
    public_address: str | None = None


def request(context: Context) -> RequestContext:
    """The context as the schema knows it: the engine hands on the very one that it was given."""
    assert isinstance(context, RequestContext)
    return context
