"""One person who heads both sides of a request: for which side they act, and who acts for the other meanwhile.

They act for the side whose definitive head they are; of two offices that they hold alike, for the asker's. The other
side lacks its head: the mayor's office names an account of that organisation, its *stand-in*, and till then the clocks
on which that side must act stand still. The stand-in acts until one of the two appointments ends, as long as the
account works there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypedDict
from uuid import UUID

from server.rules.clock import Pause, PauseReason
from server.rules.fact import Moment
from server.rules.permission import must_head
from server.rules.refusal import Code, Refused
from server.rules.stretch import NEVER, Stretch, without
from server.rules.viewer import WORKING, Capacity, Viewer
from server.rules.workdays import ONE_DAY, start_of_day


class StoredStandIn(TypedDict):
    """Whom the mayor's office named for which organisation, and when, as stored."""

    accountId: str
    organisationId: str
    at: str


class Overlap(NamedTuple):
    """A time in which one account heads both sides, which are these organisations; `to` is None while that holds.

    `since`: from when it heads both organisations, which may have been before both of them were sides; `headed`: when
    somebody else headed the one for which it does not act, and could act for that.
    """

    account_id: UUID
    acts_for_asker: bool
    asker_id: UUID
    giver_id: UUID
    since: datetime
    from_: datetime
    to: datetime | None = None
    headed: Sequence[Stretch] = ()

    @property
    def other_id(self) -> UUID:
        """The organisation for which it does not act."""
        return self.giver_id if self.acts_for_asker else self.asker_id

    def holds(self, moment: datetime) -> bool:
        return self.from_ <= moment and (self.to is None or moment < self.to)


class Absence(NamedTuple):
    """A time in which whoever had been named could not act: elsewhere, in another role, disabled; None: still."""

    account_id: str
    organisation_id: str
    from_: datetime
    to: datetime | None = None


class Sides(Protocol):
    """As much of a request as says who acts for whom."""

    @property
    def asker_id(self) -> UUID: ...
    @property
    def giver_id(self) -> UUID: ...
    @property
    def overlaps(self) -> Sequence[Overlap]: ...
    @property
    def stand_ins(self) -> Sequence[StoredStandIn]: ...
    @property
    def absences(self) -> Sequence[Absence]: ...


# Whether another organisation may have been on a side before: one that ended passes its side on, and a giver is
# followed by the one that it names. What had ended as the city was loaded has passed on nothing, and was never changed.
_HAS_CHANGED = (
    "({t}.redirects <> '[]' OR EXISTS (SELECT FROM organisation o"
    " WHERE o.successor_id IN ({t}.asker_id, {t}.giver_id) AND o.version > 1))"
)
# Which organisation was on which side until when (null: it is there now), as the log tells.
_STOOD = (
    "SELECT x.*, lag(x.until) OVER (PARTITION BY x.is_asker ORDER BY x.until) AS since FROM ("
    "SELECT m.key = 'asker_id' AS is_asker, (m.value ->> 0)::uuid AS id, e.happened_at AS until"
    " FROM event e CROSS JOIN jsonb_each(e.changes) m"
    f" WHERE {_HAS_CHANGED}"
    " AND e.subject_id = {t}.id AND m.key IN ('asker_id', 'giver_id') AND m.value ->> 0 IS NOT NULL"
    " UNION ALL VALUES (true, {t}.asker_id, null::timestamptz), (false, {t}.giver_id, null)) x"
)
# Where stands who headed both sides when, for `overlaps`: the account; of either side the organisation, the capacity
# and when it came to that side; first and last day, the later recording, and until when both were sides. And, where
# anybody did, who headed either side at all. Of most requests nobody did, which is found out first.
OVERLAPS = (
    f"CASE WHEN {_HAS_CHANGED} OR EXISTS (SELECT FROM appointment a JOIN appointment b ON b.account_id = a.account_id"
    " WHERE a.organisation_id = {t}.asker_id AND b.organisation_id = {t}.giver_id) THEN"
    f" (WITH stood AS ({_STOOD}), shared AS (SELECT jsonb_agg(jsonb_build_array(a.account_id, p.id, a.capacity, q.id,"
    " b.capacity, greatest(a.valid_from, b.valid_from), least(a.valid_to, b.valid_to),"
    " greatest(a.created_at, b.created_at), greatest(p.since, q.since), least(p.until, q.until))"
    " ORDER BY a.valid_from, b.valid_from, p.until, q.until) AS found"
    " FROM stood p JOIN appointment a ON a.organisation_id = p.id JOIN appointment b ON b.account_id = a.account_id"
    " JOIN stood q ON q.id = b.organisation_id WHERE p.is_asker AND NOT q.is_asker)"
    " SELECT jsonb_build_array(s.found, (SELECT jsonb_agg(jsonb_build_array(a.account_id, p.id, a.valid_from,"
    " a.valid_to, a.created_at, p.since, p.until)) FROM stood p JOIN appointment a ON a.organisation_id = p.id))"
    " FROM shared s WHERE s.found IS NOT NULL) END"
)


# Where stands what became of those who were named, for `absences`: the account, the organisation for which it acts, and
# what was told of it since it was first named for that.
ABSENCES = (
    "(SELECT jsonb_agg(jsonb_build_array(n.account_id, n.organisation_id, e.happened_at, e.changes)"
    " ORDER BY e.subject_version) FROM (SELECT x ->> 'accountId' AS account_id, x ->> 'organisationId' AS"
    " organisation_id, min((x ->> 'at')::timestamptz) AS at FROM jsonb_array_elements({t}.stand_ins) x GROUP BY 1, 2) n"
    " JOIN event e ON e.subject_id = n.account_id::uuid AND e.happened_at > n.at"
    " AND e.changes ?| ARRAY['organisation_id', 'role', 'is_active'])"
)


def absences(found: Iterable[Sequence[Any]] | None, _: Moment | None = None) -> tuple[Absence, ...]:
    """Of what `ABSENCES` found. Whoever is named works there then."""
    told: dict[tuple[str, str], list[tuple[datetime, Mapping[str, Sequence[Any]]]]] = {}
    for account_id, organisation_id, at, changes in found or ():
        told.setdefault((account_id, organisation_id), []).append((datetime.fromisoformat(at), changes))
    made = []
    for (account_id, organisation_id), events in told.items():
        is_there, works, is_active, gone_at = True, True, True, None
        for at, changes in events:
            if "organisation_id" in changes:
                is_there = changes["organisation_id"][1] == organisation_id
            if "role" in changes:
                works = changes["role"][1] in WORKING
            if "is_active" in changes:
                is_active = changes["is_active"][1]
            may_act = is_there and works and is_active
            if not may_act and gone_at is None:
                gone_at = at
            elif may_act and gone_at is not None:
                made.append(Absence(account_id, organisation_id, gone_at, at))
                gone_at = None
        if gone_at is not None:
            made.append(Absence(account_id, organisation_id, gone_at))
    return tuple(made)


def overlaps(found: Sequence[Iterable[Sequence[Any]]] | None, moment: Moment) -> tuple[Overlap, ...]:
    """Of what `OVERLAPS` found, those that have begun: from a day's begin, or the recording where that is later."""
    made: list[Overlap] = []
    shared, heads = found or ((), ())
    for account_id, asker_id, as_asker, giver_id, as_giver, *days in shared:
        since, from_, to = _held(days, moment)
        if from_ < to:
            for_asker = acts_for_asker(Capacity(as_asker), Capacity(as_giver))
            ids = UUID(asker_id), UUID(giver_id)
            made.append(Overlap(UUID(account_id), for_asker, *ids, since, from_, None if to == NEVER else to))
    return tuple(each._replace(headed=_headed(each, made, heads, moment)) for each in made)


def _held(days: Sequence[str | None], moment: Moment) -> tuple[datetime, datetime, datetime]:
    """First day, last day and recording of a term, and since and until when its organisation was a side: since when it
    was held, and from when until when it was by who stood on that side. NEVER: it has not begun, or not ended.
    """
    first, last, recorded_at, stood_from, stood_to = days
    assert first is not None
    assert recorded_at is not None
    calendar = moment.city.calendar
    if date.fromisoformat(first) > moment.today:
        return NEVER, NEVER, NEVER
    since = max(start_of_day(date.fromisoformat(first), calendar), datetime.fromisoformat(recorded_at))
    from_ = since if stood_from is None else max(since, datetime.fromisoformat(stood_from))
    to = NEVER if stood_to is None else datetime.fromisoformat(stood_to)
    if last is not None and date.fromisoformat(last) < moment.today:
        to = min(to, start_of_day(date.fromisoformat(last) + ONE_DAY, calendar))
    return since, from_, to


def _headed(
    overlap: Overlap, every: Iterable[Overlap], heads: Iterable[Sequence[Any]], moment: Moment
) -> Sequence[Stretch]:
    """When others headed the side for which this account does not act, but for when they acted for the same as it."""
    found: list[Stretch] = []
    alike = [each for each in every if each.acts_for_asker is overlap.acts_for_asker]
    for account_id, organisation_id, *days in heads:
        if organisation_id == str(overlap.other_id) and account_id != str(overlap.account_id):
            _, from_, to = _held(days, moment)
            found += without([(from_, to)], (_times(each) for each in alike if str(each.account_id) == account_id))
    return tuple(found)


def acts_for_asker(as_asker: Capacity, as_giver: Capacity) -> bool:
    """Whether who heads both sides in these capacities acts for the asker's; else for the giver's."""
    return as_asker is Capacity.DEFINITIVE or as_giver is not Capacity.DEFINITIVE


def own_side(viewer: Viewer, asker_id: UUID, giver_id: UUID) -> UUID | None:
    """The side for which a viewer who heads both today acts; None: heads at most one of them."""
    as_asker, as_giver = viewer.capacity_in(asker_id), viewer.capacity_in(giver_id)
    if as_asker is None or as_giver is None:
        return None
    return asker_id if acts_for_asker(as_asker, as_giver) else giver_id


def must_act_for(viewer: Viewer, sides: Sides, side_id: UUID) -> None:
    """The one question of every verb of one side: its head, unless they act for the other; or its stand-in."""
    own = own_side(viewer, sides.asker_id, sides.giver_id)
    if own is not None and own != side_id:
        raise Refused(Code.BOTH_SIDES)
    lacks = lacking(sides)
    if own is None and lacks is not None and lacks.organisation_id == side_id and lacks.is_stand_in(viewer):
        return
    must_head(viewer, side_id)


@dataclass(frozen=True, slots=True)
class Lacking:
    """The side that lacks its head, since when, who heads both, and whom the mayor's office named since."""

    organisation_id: UUID
    since: datetime
    account_id: UUID
    stand_in: StoredStandIn | None

    def is_stand_in(self, viewer: Viewer) -> bool:
        """Whether the viewer was named, and still works there."""
        named = self.stand_in
        return (
            named is not None
            and named["accountId"] == str(viewer.account_id)
            and viewer.organisation_id == self.organisation_id
            and viewer.role in WORKING
        )


def lacking(sides: Sides) -> Lacking | None:
    """Which side lacks its head now, if one does. Of who was named and can no longer act nothing is said."""
    for side_id in (sides.giver_id, sides.asker_id):
        for each in _without_head(sides, side_id):
            if each.to is None:
                last = _named(sides, each)[-1:]
                named = next((one for one in last if any(to == NEVER for _, to in _acted(sides, one, NEVER))), None)
                return Lacking(side_id, each.from_, each.account_id, named)
    return None


def pauses(sides: Sides, side_id: UUID) -> list[Pause]:
    """When the clocks on which this side must act stood still, since it lacked its head and nobody who was named could
    act. Whatever organisation was on that side by then.
    """
    found = []
    for each in _without_head(sides, side_id):
        named = _named(sides, each)
        until = [*(_at(one) for one in named[1:]), NEVER]
        acted = [stretch for one, to in zip(named, until, strict=False) for stretch in _acted(sides, one, to)]
        for from_, to in without([_times(each)], acted):
            found.append(Pause(PauseReason.BOTH_SIDES, from_, None if to == NEVER else to))
    return found


def _acted(sides: Sides, named: StoredStandIn, until: datetime) -> list[Stretch]:
    """When who was named could act, until another was."""
    key = named["accountId"], named["organisationId"]
    return without(
        [(_at(named), until)], ((each.from_, each.to or NEVER) for each in sides.absences if each[:2] == key)
    )


def acting_for(sides: Sides, side_id: UUID, moment: datetime) -> set[UUID]:
    """Who headed both sides then, and acted for this one."""
    for_asker = side_id == sides.asker_id
    return {each.account_id for each in sides.overlaps if each.acts_for_asker is for_asker and each.holds(moment)}


def _without_head(sides: Sides, side_id: UUID) -> Iterator[Overlap]:
    """When whoever headed both acted for the other side, and nobody else headed this one who could act for it.

    So neither the definitive head beside an acting one, nor two who stand in for each other, leave a side without.
    """
    for_asker = side_id == sides.asker_id
    for each in sides.overlaps:
        if each.acts_for_asker is not for_asker:
            for from_, to in without([_times(each)], each.headed):
                since = each.since if from_ == each.from_ else from_
                yield each._replace(since=since, from_=from_, to=None if to == NEVER else to)


def _times(overlap: Overlap) -> Stretch:
    return overlap.from_, overlap.to or NEVER


def _named(sides: Sides, overlap: Overlap) -> list[StoredStandIn]:
    """Those who were named since the same account heads the same two organisations as sides, the first first.

    Also before another had the request meanwhile.
    """
    same = [each for each in sides.overlaps if each[:4] == overlap[:4]]
    found = []
    for each in sides.stand_ins:
        at = _at(each)
        is_since = overlap._replace(from_=overlap.since).holds(at)
        if is_since and each["organisationId"] == str(overlap.other_id) and any(one.holds(at) for one in same):
            found.append(each)
    return found


def _at(named: StoredStandIn) -> datetime:
    return datetime.fromisoformat(named["at"])
