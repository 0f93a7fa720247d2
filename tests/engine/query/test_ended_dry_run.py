"""What becomes of an operation when the dry run of an earlier verb cannot be ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from server.query.run import verbs


class Context:
    """Of a dry run whose connection was lost."""

    async def end_dry_run(self) -> None:
        raise ConnectionError("connection is closed")


async def test_a_dry_run_that_cannot_be_rolled_back_is_the_next_verbs_error_and_no_others() -> None:
    execution: Any = SimpleNamespace(done={("first",): "done"}, tree={"first": {}}, context=Context())
    plan: Any = None  # the verb is not reached
    await verbs.run(execution, "next", plan)
    assert execution.done["first",] == "done"
    assert isinstance(execution.done["next",], ConnectionError)
