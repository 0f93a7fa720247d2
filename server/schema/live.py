"""Any query live: by a directive on the query, or below a field of Subscription."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue

from server.live.watch import watch_state
from server.query.run.live_directive import DIRECTIVE


@strawberry.directive(
    locations=[DirectiveLocation.QUERY],
    name=DIRECTIVE,
    description="The query is answered, and again whenever its answer has changed: whole answers, the last state always"
    " among them. It is asked over a WebSocket, or over HTTP by a request that accepts a stream.",
)
def live(
    value: DirectiveValue[Any],
    if_: Annotated[
        bool, strawberry.argument(name="if", description="False: it is answered once, like any query.")
    ] = True,
    throttle: Annotated[
        int | None, strawberry.argument(description="Milliseconds between two answers at least: 500 to 60000.")
    ] = 500,
) -> Any:
    """What Strawberry asks for; the engine carries it out for the whole operation (query/run/question.py)."""
    return value


directives = [live]


def subscriptions_of(query: Any) -> list[Any]:
    """The field that answers any query: its type is the root itself, which the modules make up together."""
    return [
        watch_state(
            "live",
            query,
            "Any query, answered, and again whenever its answer has changed: the same as `@live` on a query, for"
            " clients that know streams as subscriptions.",
            way=(),
        )
    ]
