"""What verbs on many rows take and answer, whatever the rows are: a mode, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import strawberry

from server.actions.bulk import BulkDone, RowDone
from server.actions.gathering import Gathering
from server.query.declare.fields import by_id
from server.rules.bulk import MOST, BulkMode
from server.schema.context import RequestContext
from server.schema.enums import described
from server.schema.errors import UserError, kept_error, to_keep, user_error
from server.schema.mutation import Payload, field

if TYPE_CHECKING:
    from server.schema.event import Event

described(
    BulkMode,
    "What becomes of the other rows of a call when one of them is refused.",
    ATOMIC="Nothing is kept of any row; `errors` tells of every row that is at fault.",
    PARTIAL="The others are kept; `results` tells of each row.",
)
MODE = field("What becomes of the others when a row is refused.", default=BulkMode.ATOMIC)
ROWS = f"1 to {MOST:,} rows; an `externalId` may stand in one of them only."


@strawberry.type(description="What became of a row.")
class RowResult:
    """The base of `TaskRow` and its like, which add the thing that the row is about."""

    row: int = field("Its number in the input, from 0, as it stands in an error's `path`.")
    is_unchanged: bool = field("All that the row says was so already: nothing was written of it.", default=False)
    event_id: strawberry.Private[UUID | None] = None
    event: Event | None = by_id(
        "The last record of what was done for this row; null when nothing was, and when it was only tried.",
        in_list=True,
    )
    errors: list[UserError] = field("Why the row was refused; empty when it was done.", default_factory=list)


@strawberry.type(description="Things after a verb on many rows.")
class BulkPayload(Payload):
    """`row`: the type of its results."""

    transaction = Gathering
    is_of_rows = True
    row: ClassVar[type[Any]]

    changed_count: int = field("How many rows made or changed something.", default=0)
    unchanged_count: int = field("How many rows said what was so already.", default=0)
    refused_count: int = field("How many rows were refused; 0 where the call was refused as a whole.", default=0)
    results: strawberry.Private[Sequence[Any] | None] = None

    @classmethod
    def of(cls, done: BulkDone, context: RequestContext) -> BulkPayload:
        return cls._made(
            [
                cls._row(
                    number,
                    each.object_id,
                    None if each.event is None else each.event.id,
                    [] if each.refused is None else [user_error(each.refused, context)],
                )
                for number, each in enumerate(done.rows)
            ]
        )

    @classmethod
    def to_keep(cls, done: BulkDone, context: RequestContext) -> tuple[UUID | None, UUID | None, Any]:
        first = next((each for each in done.rows if each.event is not None), None)
        object_id = next((each.object_id for each in done.rows if each.object_id is not None), None)
        event_id = None if first is None or first.event is None else first.event.id
        return object_id, event_id, [_kept(each, context) for each in done.rows]

    @classmethod
    def again(cls, kept: Any, facts: Mapping[str, Any], context: RequestContext) -> BulkPayload:
        made = cls._made(
            [
                cls._row(
                    number,
                    object_id and UUID(object_id),
                    event_id and UUID(event_id),
                    [kept_error(error, context) for error in errors],
                )
                for number, (object_id, event_id, errors) in enumerate(kept.rows)
            ]
        )
        made.is_replay = True
        return made

    def only_tried(self) -> None:
        super().only_tried()
        for each in self.results or ():
            each.event_id = None

    def ids(self, attribute: str) -> list[Any]:
        results = self.results or ()
        rows = [*results, *(error for each in results for error in each.errors)]
        found = (getattr(each, attribute, None) for each in rows)
        return [*dict.fromkeys((*super().ids(attribute), *(each for each in found if each is not None)))]

    @classmethod
    def _row(cls, number: int, object_id: UUID | None, event_id: UUID | None, errors: list[UserError]) -> Any:
        is_unchanged = event_id is None and not errors
        given: dict[str, Any] = {f"{cls.object}_id": object_id}
        return cls.row(row=number, **given, event_id=event_id, is_unchanged=is_unchanged, errors=errors)

    @classmethod
    def _made(cls, results: Sequence[Any]) -> BulkPayload:
        refused, unchanged = (sum(map(bool, each)) for each in zip(*((r.errors, r.is_unchanged) for r in results)))  # noqa: B905
        return cls(
            event_id=next((each.event_id for each in results if each.event_id is not None), None),
            is_unchanged=unchanged == len(results),
            changed_count=len(results) - refused - unchanged,
            unchanged_count=unchanged,
            refused_count=refused,
            results=results,
        )


def _kept(row: RowDone, context: RequestContext) -> list[Any]:
    """As a key keeps it: the ids of thing and event, and the errors."""
    ids = [row.object_id, None if row.event is None else row.event.id]
    errors = [] if row.refused is None else [to_keep(row.refused, context)]
    return [*(None if each is None else str(each) for each in ids), errors]
