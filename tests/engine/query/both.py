"""Documents that are answered both ways: files of many, each with its name, its variables and perhaps a reason.

    ### name
    # variables: {"id": "@Task.0", "after": "@cursor tasks(first: 2)"}
    query ($id: ID!) { … }

`@Task.0` is the id of that type's first row (counted round), `@cursor …` where that list's page ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from server.ids import encode
from server.query.run.engine import Engine
from server.query.run.result import Result
from tests.engine.query.rows import Library

FOLDER = Path(__file__).parent / "corpus_both"


@dataclass(frozen=True)
class Document:
    """A document and its variables, the ids of rows among them still by place."""

    name: str
    source: str
    variables: dict[str, Any] = field(default_factory=dict)

    def written(self) -> str:
        """As it stands in its file."""
        said = f"# variables: {orjson.dumps(self.variables).decode()}\n" if self.variables else ""
        return f"### {self.name}\n{said}{self.source}\n"


def read(path: Path) -> Iterator[Document]:
    """The documents of a file."""
    for part in path.read_text(encoding="utf-8").split("### ")[1:]:
        name, _, rest = part.partition("\n")
        said = re.match(r"# variables: (.*)\n", rest)
        source = rest[said.end() :] if said else rest
        yield Document(name, source.rstrip("\n"), orjson.loads(said[1]) if said else {})


def documents() -> list[Document]:
    """Every document of the folder."""
    return [each for path in sorted(FOLDER.glob("*.graphql")) for each in read(path)]


def written(documents: Iterable[Document]) -> str:
    """A file of these."""
    return "\n".join(each.written() for each in documents)


async def resolved(value: Any, engine: Engine, library: Library, viewer: str) -> Any:
    """Variables with the ids and cursors that they name."""
    if isinstance(value, dict):
        return {key: await resolved(each, engine, library, viewer) for key, each in value.items()}
    if isinstance(value, list):
        return [await resolved(each, engine, library, viewer) for each in value]
    if isinstance(value, str) and value.startswith("@cursor "):
        source = f"{{ list: {value.removeprefix('@cursor ')} {{ pageInfo {{ endCursor }} }} }}"
        result = await engine.execute(source, None, None, library.context(viewer), may_change=False)
        return tree(result)["list"]["pageInfo"]["endCursor"]
    if isinstance(value, str) and value.startswith("@"):
        name, _, place = value[1:].partition(".")
        row = engine.catalogue.rows[name].row
        rows = library.rows.get(row.table)
        assert rows, f"tests/engine/query/full_rows.py has no rows of {row.table}: make one there"
        return encode(row.prefix, rows[int(place) % len(rows)]["id"])
    return value


def tree(result: Result) -> Any:
    """The data as Python values."""
    return orjson.loads(result.data) if isinstance(result.data, bytes) else result.data


def data_bytes(result: Result) -> bytes:
    """The data as it leaves."""
    return result.data if isinstance(result.data, bytes) else orjson.dumps(result.data)


def errors_bytes(result: Result) -> bytes:
    """The errors as they leave."""
    return orjson.dumps([each.formatted for each in result.errors])
