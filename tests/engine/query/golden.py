"""The corpus: documents beside the statements that they become."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from server.query.run.engine import Engine
from server.query.run.explain import Explanation

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Golden:
    """A document of the corpus; its head says who asks, with which variables, or which list's cursor is `$cursor`."""

    name: str
    source: str

    def said(self, key: str) -> str | None:
        """What a comment in the head says."""
        lines = (line.removeprefix(f"# {key}: ") for line in self.source.splitlines() if line.startswith(f"# {key}: "))
        return next(lines, None)

    @property
    def viewer(self) -> str:
        return self.said("viewer") or "mayor"

    @property
    def sql(self) -> Path:
        return CORPUS / f"{self.name}.sql"

    async def variables(self, engine: Engine, context: Any) -> dict[str, Any]:
        """The head's variables; a cursor is fetched first."""
        given: dict[str, Any] = orjson.loads(self.said("variables") or "{}")
        if (where := self.said("cursor")) is not None:
            first = await engine.execute(
                f"{{ list: {where} {{ pageInfo {{ endCursor }} }} }}", None, None, context, may_change=False
            )
            assert isinstance(first.data, bytes), first
            given["cursor"] = orjson.loads(first.data)["list"]["pageInfo"]["endCursor"]
        return given


def corpus() -> list[Golden]:
    """Every document."""
    return [Golden(path.stem, path.read_text()) for path in sorted(CORPUS.glob("*.graphql"))]


def written(explanation: Explanation) -> str:
    """Every statement of an operation, outermost first, each with its place in the answer."""
    return "\n".join(f"-- {each.place}\n{each.sql};\n" for each in explanation.statements)
