"""The committed schema is the one that the server has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

COMMITTED = Path(__file__).parents[2] / "schema.graphql"


@pytest.mark.golden
def test_schema_graphql_is_fresh() -> None:
    from server.schema import schema

    printed = schema.as_str().rstrip() + "\n"
    if os.environ.get("GOLDEN") == "write":
        COMMITTED.write_text(printed, encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == printed, "make golden"
