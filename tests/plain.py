"""The shortcuts around frameworks by name, and a plugin of pytest that counts how often each is entered."""

from __future__ import annotations

import importlib
import json
import os
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

# What only the shortcut enters, and what it spares.
SHORTCUTS = {
    "server.query.run.engine:Engine._direct": "graphql-core's completion of an ordinary answer",
    "server.query.documents.variables:_plainly": "graphql-core's coercion of plain variables",
    "server.schema.input:_fields": "Strawberry's making of an input",
    "server.actions.at_once:Together.read": "a transaction for every verb",
    "server.web.application:Application._directly": "Starlette's middleware and routes before /graphql",
    "server.web.limits:_has_arrived": "a timer for a body",
    "server.web.limits:HttpProtocol._go_on": "uvicorn's timer for an idle connection",
    "server.database.pool:_is_cancelling": "a new connection after a statement that was given up",
}
# Which files look at the switch of which shortcut's module, where it is another one.
LOOKS = {"server.actions.at_once": "server.schema.mutation"}


def pytest_configure() -> None:
    """Count from now on."""
    for name in SHORTCUTS:
        module, _, inside = name.partition(":")
        *owners, last = inside.split(".")
        owner: Any = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, last, _counted(name, getattr(owner, last)))


def pytest_sessionfinish() -> None:
    """Write down what was counted."""
    Path(os.environ["SHORTCUTS_ENTERED"]).write_text(json.dumps(_entered))


_entered: Counter[str] = Counter()


def _counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def counted(*arguments: Any, **named: Any) -> Any:
        _entered[name] += 1
        return function(*arguments, **named)

    return counted
