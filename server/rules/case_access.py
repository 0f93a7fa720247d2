"""Whether cases are for an account: confirmed by the mayor's office, so that an administrator's power is no way there.

Who appoints, promotes or lets somebody sign in has no say in it. Without case access everything else works at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypedDict
from uuid import UUID

from server.rules.aggregate import Aggregate, Verb
from server.rules.case_term import StoredSpan
from server.rules.escalation_facts import EscalationStatus
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.permission import must_have_case_access
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role, Viewer
from server.rules.visibility import OF_CASE_ACCESS

# So many accounts at once.
AT_ONCE = 200

# SQL over an account `{t}`; who says it names the tables, `case_access` and the others.
_HAS = "EXISTS (SELECT 1 FROM {case_access} c WHERE c.account_id = {t}.id AND c.confirmed_at IS NOT NULL"
HAS = _HAS + " AND c.escalation_id IS NULL)"
# As the person of the case `x`, of which only that case tells.
_IS_ADMITTED = _HAS + " AND c.escalation_id = x.id)"
# The last day, as far as is known, on which it may be a party's head or decide cases.
_NEEDED_UNTIL = (
    "(SELECT max(x.until) FROM (SELECT least(coalesce(p.valid_to, date '9999-12-31'), o.valid_to - 1) AS until"
    " FROM {appointment} p JOIN {organisation} o ON o.id = p.organisation_id WHERE p.account_id = {t}.id"
    " UNION ALL SELECT d.valid_to FROM {delegation} d WHERE d.account_id = {t}.id) x)"
)
_CASES_TOLD = (EscalationStatus.FILED, EscalationStatus.REPLIED, EscalationStatus.REPLY_LAPSED,
               EscalationStatus.MEDIATION, EscalationStatus.DECIDED)  # fmt: skip
_OF_PERSON = "x.person_id = {t}.id AND x.status IN (" + ", ".join(f"'{each}'" for each in _CASES_TOLD) + ")"
# It may handle cases or be a party's head, now or soon, and lacks case access; or it is the person of a case that the
# viewer handles.
WAITS = (
    "({t}.is_active AND {t}.role <> 'INTEGRATION' AND NOT " + HAS + " AND ({t}.role = 'OFFICE' OR coalesce("
    + _NEEDED_UNTIL + " >= {today}, false) OR ({handles_cases} AND {t}.password_hash IS NOT NULL"
    + " AND EXISTS (SELECT 1 FROM {escalation} x WHERE " + _OF_PERSON + " AND NOT " + _IS_ADMITTED
    + " AND x.filer_id <> ALL({organisation_ids}) AND x.respondent_id <> ALL({organisation_ids})))))"
)  # fmt: skip
TABLES = ("case_access", "appointment", "organisation", "delegation", "escalation")
_CHANGERS = "(SELECT c.changed_by_ids FROM case_access c WHERE c.account_id = {t}.id AND c.escalation_id IS NULL)"
_CASES = (
    "(SELECT jsonb_agg(jsonb_build_array(x.id, x.filer_id, x.respondent_id, "
    + _IS_ADMITTED.format(t="{t}", case_access="case_access")
    + f") ORDER BY x.filed_at DESC) FROM escalation x WHERE {_OF_PERSON})"
)


class PersonsCase(NamedTuple):
    """A case of which the account is the person, and whether it has case access for it as that."""

    id: UUID
    filer_id: UUID
    respondent_id: UUID
    is_admitted: bool = False


def ids(texts: Collection[str] | None, _: Any = None) -> frozenset[UUID]:
    """Of the column that names who made the changes."""
    return frozenset(map(UUID, texts or ()))


def cases_of(found: Iterable[Sequence[Any]] | None, _: Any = None) -> Sequence[PersonsCase]:
    """Of the cases of which it is the person."""
    return [PersonsCase(UUID(id), UUID(filer), UUID(respondent), is_in) for id, filer, respondent, is_in in found or ()]


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccessFacts:
    """What the rules need to know of an account; `changed_by_ids`: who made the changes since it had case access.

    `needed_until`: as far as is known the last day on which it heads a party or decides cases; `cases`: those of which
    it is the person, the latest first.
    """

    id: UUID
    role: Role
    is_active: bool
    has_case_access: bool = field(metadata=at(HAS.format(t="{t}", case_access="case_access")))
    changed_by_ids: frozenset[UUID] = field(metadata=at(_CHANGERS, ids))
    needed_until: date | None = field(
        default=None, metadata=at(_NEEDED_UNTIL.format(t="{t}", **{each: each for each in TABLES}))
    )
    cases: Sequence[PersonsCase] = field(default=(), metadata=at(_CASES, cases_of))


def cases_by_which(viewer: Viewer, account: CaseAccessFacts, today: date) -> Sequence[PersonsCase]:
    """By which cases the viewer confirms this account, as their person: those that the viewer handles.

    None: by what it is, whatever case there may be. So nobody learns of a case that they do not handle.
    """
    is_needed = account.needed_until is not None and account.needed_until >= today
    if account.has_case_access or account.role is Role.OFFICE or is_needed:
        return ()
    own = viewer.organisation_ids
    return [each for each in account.cases if own.isdisjoint((each.filer_id, each.respondent_id))]


class CaseAccessChange(TypedDict, total=False):
    """The columns that a verb changes."""

    escalation_id: UUID
    confirmed_at: datetime | None
    changed_by_ids: list[str]
    held: list[StoredSpan]


def may_confirm_case_access(viewer: Viewer, account: CaseAccessFacts, today: date) -> None:
    """Who acts for the mayor with case access: of another's account, and of no change that is the viewer's own."""
    if viewer.role is Role.INTEGRATION or not viewer.acts_for_mayor:
        raise Refused(Code.NOT_YOUR_ROLE)
    if account.id == viewer.account_id:
        raise Refused(Code.OWN_CASE_ACCESS)
    must_have_case_access(viewer)
    must_lack_it(account)
    cases = cases_by_which(viewer, account, today)
    if cases and all(each.is_admitted for each in cases):
        raise Refused(Code.CASE_ACCESS_CONFIRMED)
    if viewer.account_id in account.changed_by_ids:
        raise Refused(Code.OWN_CHANGE)


def must_lack_it(account: CaseAccessFacts) -> None:
    """It can be given to this account: it has none, and a person signs in with it."""
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED)
    if account.role is Role.INTEGRATION:
        raise Refused(Code.WRONG_KIND, expected=Role.HEAD)
    if account.has_case_access:
        raise Refused(Code.CASE_ACCESS_CONFIRMED)


# Of several accounts each leaves the event.
_CONFIRM: Final = Verb(may_confirm_case_access, EventType.CASE_ACCESS_CONFIRMED, (EventType.CASE_ACCESS_CONFIRMED,))
CASE_ACCESS: Final = Aggregate[CaseAccessFacts](
    name="CaseAccess",
    table="case_access",
    prefix="access",
    visibility=OF_CASE_ACCESS,
    offered={"Account": {"confirmCaseAccess": _CONFIRM}},
    of_itself=(EventType.CASE_ACCESS_LOST,),
    exempt={
        "twins": "an account's own: its table stands in account.py, and its verb among those on accounts",
        "type": "nobody reads it but as fields of the account; its events tell of it",
    },
)


def confirmed(held: Sequence[StoredSpan], now: datetime) -> CaseAccessChange:
    """What changes when it is given: whoever changed something before has had no say in it.

    `held`: from when until when it was had before. Clocks count by that.
    """
    return {"confirmed_at": now, "changed_by_ids": [], "held": [*held, {"from": now.isoformat(), "to": None}]}


def lost(
    held: Sequence[StoredSpan], changed_by_ids: Collection[UUID], by: UUID | None, now: datetime
) -> CaseAccessChange:
    """What changes by an appointment, another role or organisation, or a way to sign in that `by` made.

    None: the system did. All count who have changed something since it was given.
    """
    changers = changed_by_ids if by is None else {*changed_by_ids, by}
    ended: list[StoredSpan] = [{"from": each["from"], "to": each["to"] or now.isoformat()} for each in held]
    return {"confirmed_at": None, "changed_by_ids": sorted(map(str, changers)), "held": ended}
