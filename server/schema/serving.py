"""The engine as it serves: with the frame of mutations around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.query.declare.fields import Context
from server.query.run.engine import Engine
from server.query.run.result import Result
from server.schema.mutation import CLOSING


class ServingEngine(Engine):
    """The engine that also ends a dry run's transaction, which stays open until the answer is complete."""

    async def execute(
        self,
        source: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
        *,
        may_change: bool,
        snapshot: bool = False,
    ) -> Result:
        try:
            return await super().execute(
                source, variables, operation_name, context, may_change=may_change, snapshot=snapshot
            )
        finally:
            if CLOSING in context.extra:
                await context.extra.pop(CLOSING).aclose()
