"""Who lets PostgreSQL note whatever is written while a test lives, and holds it against what the log says was written.

A live query is woken by what an event says that it can have written: a row that is written past that is a board that
lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from server.events.log import EVENT_COLUMNS, recorded
from server.events.writes import UNTOLD, UNTOLD_COLUMNS, Write, tables, writes

if TYPE_CHECKING:
    from tests.city import City

# Kept of requests and of readers, read by nobody through the API.
UNREAD = frozenset({"idempotency_key", "reader_position"})
# At the door, of a sign-in that is used: nobody watches it.
AT_THE_DOOR = {
    **UNTOLD_COLUMNS,
    "sign_in": frozenset({"used_at", "expires_at", "secret_hash", "retry_hash", "retry_until"}),
}
_NOTING = """
CREATE TABLE noted_by_witness (xid bigint, place text, before jsonb, after jsonb);
CREATE FUNCTION note_for_witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO noted_by_witness VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
"""
_PART = re.compile(r"_\d+$")  # of a table that is kept in several
_ON = "CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION note_for_witness();"


class WriteWitness:
    """What one city's database says of its own."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def begin(self) -> None:
        """From here on everything is noted."""
        async with self._city.pool.connection() as connection:
            await connection.execute(_NOTING + "".join(_ON.format(table) for table in sorted(tables())))

    async def confirm(self) -> None:
        """Each row that was written was written by an event that says so."""
        by_transaction: dict[int, list[Write] | None] = {}
        async with self._city.pool.connection() as connection:
            noted = await connection.fetch("SELECT * FROM noted_by_witness")
            events = await connection.fetch(
                f"SELECT {', '.join(EVENT_COLUMNS)} FROM event WHERE xid >= (SELECT min(xid) FROM noted_by_witness)"
            )
        for each in events:
            event = recorded(each)
            made, known = writes(event), by_transaction.setdefault(event.xid, [])
            by_transaction[event.xid] = None if made is None or known is None else [*known, *made]
        for row in map(dict, noted):
            if row["xid"] not in by_transaction and self._city.is_altered_by_hand:
                continue  # the test's own
            said = by_transaction.get(row["xid"], [])
            if said is not None and (lacking := _lacking(row, said)):
                raise AssertionError(f"{row['place']} was written past the log: {sorted(lacking)}\n  {row}")


def _lacking(row: Mapping[str, Any], said: Iterable[Write]) -> set[str]:
    """The columns of a row that was written of which no event says so."""
    table = _PART.sub("", row["place"])
    before, after = (_json(row[name]) for name in ("before", "after"))
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    if table in UNTOLD or table in UNREAD:
        return set()
    lacking = changed - AT_THE_DOOR.get(table, frozenset())
    if before and table == "collaboration_request":
        lacking.discard("created_at")  # no verb writes it: tests/cases.py, which makes what is older
    for write in said:
        if write.table == table and _is_of(write, before, after):
            lacking -= changed if write.columns is None else write.columns
    return lacking


def _is_of(write: Write, *images: Mapping[str, Any]) -> bool:
    """Whether the row is among those that are named, before and after."""
    return all(
        image.get(column) is None or image[column] in {str(value) for value in values}
        for column, values in write.pins.items()
        for image in images
    )


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str | bytes) else value or {}
    return found
