"""Rows as the facts that rules take, read where the facts' own class says that they stand (rules/fact.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from server.actions.hand import Hand
from server.actions.rows import beside_it, shape
from server.actions.transaction import R, S, Transaction
from server.ids import encode
from server.models import Account, Organisation, WorkPlan
from server.models.fields import Row
from server.rules.fact import FACTS, facts_of
from server.rules.office import Office, OfficeFacts
from server.rules.organisation import OrganisationInFull, OrganisationKind, id_or_nobodys
from server.rules.refusal import Code, Refused

F = TypeVar("F")
Key: TypeAlias = UUID | str  # what names an organisation or a programme: its id or its code


# ---- a row with its facts -------------------------------------------------------------------------------------------


async def lock_with(
    tx: Hand, model: type[S], kind: type[F], id: UUID, *path: str, if_version: int | None = None
) -> tuple[S, F]:
    """The row, locked, with what its rules need, in one statement. Refuses NOT_FOUND and STALE_VERSION.

    Other rows are as they were before the wait for the lock, but they are those to which the row refers after it. Where
    what they say must be of after the wait, lock the row and ask for its facts then (`read_facts`).
    """
    row, beside = await tx.lock_beside(model, id, *path, beside=FACTS[kind].beside, if_version=if_version)
    return row, _made(kind, row, beside, tx)


async def get_with(tx: Transaction, model: type[R], kind: type[F], id: UUID, *path: str) -> tuple[R, F]:
    """The same, not locked. Refuses NOT_FOUND."""
    row, beside = await tx.get_beside(model, id, *path, beside=FACTS[kind].beside)
    return row, _made(kind, row, beside, tx)


async def read_facts(tx: Transaction, kind: type[F], row: Row) -> F:
    """What the rules need of a row in hand, which is stored; what stands beside it is read now."""
    return (await read_all_facts(tx, kind, [row]))[row.id]


async def read_all_facts(tx: Transaction, kind: type[F], rows: Sequence[Row]) -> dict[UUID, F]:
    """The same of several rows of one model, by id."""
    if not rows:
        return {}
    found = await tx.stand_beside(type(rows[0]), FACTS[kind].beside, [row.id for row in rows])
    return {row.id: _made(kind, row, found[row.id], tx) for row in rows}


def facts_alone(tx: Transaction, kind: type[F], row: Row) -> F:
    """What the rules need of a row in hand, where that are its own columns alone."""
    return _made(kind, row, {}, tx)


def _made(kind: type[F], row: Row, beside: Any, tx: Hand) -> F:
    values = (beside[name] if is_beside else getattr(row, name) for name, is_beside in FACTS[kind].found)
    return facts_of(kind, values, tx)


class WrongFact(TypeError):
    """A fact of the rules that stands nowhere."""


def checked(models: Iterable[type[Row]]) -> Sequence[type[Row]]:
    """The models, if every fact of the rules stands somewhere in them. Raises WrongFact, which says what to write."""
    by_table = {shape(model).table: model for model in models}
    for kind in FACTS.values():
        said = f"{kind.type.__module__}.{kind.type.__name__}"
        if kind.table not in by_table:
            raise WrongFact(
                f"{said}: there is no table {kind.table}; name that of its rows in its @rows_of(…), or add its model to"
                " server/models/__init__.py"
            )
        for name, place in kind.places.items():
            try:
                beside_it(by_table[kind.table], ((name, place),), "true")
            except KeyError as missing:
                raise WrongFact(
                    f"{said}.{name}: {missing.args[0]}; write there where it stands, as"
                    f" `{name}: … = field(metadata=at(…))`: a column of {kind.table}, one of a row to which that"
                    " refers (work_plan.status), or SQL over the row {t} (server/rules/fact.py)"
                ) from None
    return [*by_table.values()]


# ---- what several verbs look up -------------------------------------------------------------------------------------


async def organisation_by(tx: Transaction, key: Key | None, *path: str) -> Organisation:
    """Refuses REQUIRED (a patch's null) and NOT_FOUND."""
    if key is None:
        raise Refused(Code.REQUIRED, *path, constraint="not_null")
    return await by_key(tx, Organisation, key, *path)


async def by_key(tx: Transaction, model: type[R], key: Key, *path: str) -> R:
    """Refuses NOT_FOUND."""
    row = await tx.find(model, **named_by(key))
    if row is None:
        raise Refused(Code.NOT_FOUND, *path)
    return row


def named_by(key: Key) -> dict[str, object]:
    """The column that it is, and its value."""
    return {"id": key} if isinstance(key, UUID) else {"code": key.strip()}


async def receiving_organisation(tx: Transaction, key: Key | None, *path: str) -> Organisation:
    """The same, held: what it is given now and its end come one after the other, so that the end takes it along."""
    return await tx.hold(Organisation, (await organisation_by(tx, key, *path)).id, *path)


NO_SUCCESSOR = {"beside_successor_name": None}


async def organisation_facts(tx: Transaction, row: Organisation) -> OrganisationInFull:
    """Of an organisation in hand, which is stored. Nothing is read but where it has a successor."""
    if row.successor_id is None:
        return _made(OrganisationInFull, row, NO_SUCCESSOR, tx)
    return await read_facts(tx, OrganisationInFull, row)


def told_of(account: Account) -> dict[str, Any]:
    """What an event about something of an account's own says of the account."""
    return {"label": account.label(), "accountId": encode(Account.prefix, account.id)}


async def plan_of(tx: Transaction, organisation_id: UUID, year: int) -> WorkPlan | None:
    """The organisation's plan for the year, archived ones aside."""
    return await tx.find(WorkPlan, organisation_id=organisation_id, year=year, archived_at=None)


async def office(tx: Transaction, organisation_id: UUID) -> Office:
    """The days on which somebody held the organisation's office, in whatever capacity, by the city's calendar."""
    return (await offices(tx, [organisation_id]))[organisation_id]


async def offices(tx: Transaction, organisation_ids: Iterable[UUID]) -> dict[UUID, Office]:
    """The same of several at once."""
    rows = await tx.select(Organisation, id=[*{*organisation_ids}])
    return {id: found.office for id, found in (await read_all_facts(tx, OfficeFacts, rows)).items()}


async def mayors_office_id(tx: Transaction) -> UUID:
    """Nobody's where no city is loaded."""
    found = await tx.find(Organisation, kind=OrganisationKind.MAYORS_OFFICE)
    return id_or_nobodys(None if found is None else found.id)
