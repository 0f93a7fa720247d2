"""Whether a request waits for an answer that is late, as SQL: what the rules say of its answer clock, for filters."""

from __future__ import annotations

from server.rules.viewer import WORKING

_CITYS_TIME = "::timestamp AT TIME ZONE (SELECT c.time_zone FROM {table:city} c)"


def _then(column: str, table: str = "{t}") -> str:
    """What a row said as the clock ran out, as text; what it says now where nothing else was told since.

    Of the log one column alone: what is new in it of a row comes with a change of that row, whose table is named.
    """
    return (
        f"coalesce((SELECT e.changes -> '{column}' ->> 0 FROM {{table:event.changes}} e WHERE e.subject_id = {table}.id"
        f" AND e.happened_at > {{t}}.answer_due_at AND e.changes -> '{column}' ->> 0 IS NOT NULL"
        f" ORDER BY e.subject_version LIMIT 1), {table}.{column}::text)"
    )


def _side(column: str) -> str:
    """The organisation that was on this side as the clock ran out: its own, or what has become part of it since.

    What had ended as the city was loaded was never changed, and passed on nothing.
    """
    followed = "(SELECT m.successor_id FROM {table:organisation} m WHERE m.successor_id IS NOT NULL AND m.version > 1)"
    return f"CASE WHEN {{t}}.{column} IN {followed} THEN {_then(column)}::uuid ELSE {{t}}.{column} END"


# Who headed both sides as the clock ran out, for which of them they acted, and since when.
_ON_BOTH_SIDES = (
    "(SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker,"
    " CASE {t}.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id,"
    f" greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from){_CITYS_TIME}) AS since,"
    " CASE WHEN least(a.valid_to, g.valid_to) < {today}"
    f" THEN (least(a.valid_to, g.valid_to) + 1){_CITYS_TIME} END AS until"
    " FROM {table:appointment} a JOIN {table:appointment} g ON g.account_id = a.account_id"
    f" WHERE a.organisation_id = {_side('asker_id')} AND g.organisation_id = {_side('giver_id')})"
)
# Who headed the one that answers, `o.answerer_id`, and till when as far as it matters: no later than just after that.
_HEADS = (
    f"(SELECT c.account_id, greatest(c.created_at, c.valid_from{_CITYS_TIME}) AS since,"
    " least({t}.answer_due_at + interval '1 microsecond',"
    f" CASE WHEN c.valid_to < {{today}} THEN (c.valid_to + 1){_CITYS_TIME} END) AS until"
    " FROM {table:appointment} c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id)"
)
# Who was named last since `alone.since`, if they worked there then.
_NAMED = (
    "SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id"
    " FROM jsonb_array_elements({t}.stand_ins) x"
    " WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND {t}.answer_due_at"
    " AND (x ->> 'organisationId')::uuid = o.answerer_id"
    " ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN {table:account} y ON y.id = n.id"
    f" WHERE {_then('is_active', 'y')} = 'true' AND {_then('organisation_id', 'y')} = n.organisation_id"
    f" AND {_then('role', 'y')} IN ({', '.join(repr(each.value) for each in WORKING)})"
)
# Then somebody did, and acted for the one that does not answer, and nobody else headed the one that does who could act
# for it; and nobody who had been named since that was so could act (as `pauses` in rules/collaboration_sides.py). So
# the day told is none.
_LACKED_HEAD = (
    f"EXISTS (SELECT FROM {_ON_BOTH_SIDES} o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since"
    f" FROM {_HEADS} h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM {_ON_BOTH_SIDES} p"
    " WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until"
    " AND (p.until IS NULL OR p.until >= h.until))) alone"
    " WHERE o.for_asker = ({t}.kind = 'NEED') AND alone.since <= {t}.answer_due_at"
    f" AND (o.until IS NULL OR o.until > {{t}}.answer_due_at) AND NOT EXISTS ({_NAMED}))"
)
# Past its deadline by the app's clock, whatever the sweep has written: OPEN, no pause that began in time is open, and
# the office that answers, or the one that it follows, was not without a holder since, whose account was not disabled
# (rules/clock.py), nor was its head on both sides (rules/collaboration_sides.py). The pause of a question that ran out
# is over once the sweep has said so: a clock that goes on has a working day at least, so only a sweep that stood still
# for days makes a difference.
IS_LAPSED = (
    "({t}.status = 'OPEN' AND {t}.answer_due_at <= {now} - interval '1 second'"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements({t}.answer_pauses) x"
    " WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= {t}.answer_due_at)"
    " AND EXISTS (SELECT FROM {table:appointment} a JOIN {table:organisation} s ON s.id = a.organisation_id"
    " JOIN {table:account} k ON k.id = a.account_id"
    " WHERE CASE {t}.kind WHEN 'NEED' THEN {t}.giver_id ELSE {t}.asker_id END IN (s.id, s.successor_id)"
    " AND a.valid_from <= {today} AND coalesce(least(a.valid_to, s.valid_to), {today})"
    " >= ({t}.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM {table:city} c))::date"
    f" AND {_then('is_active', 'k')} = 'true')"
    f" AND NOT {_LACKED_HEAD})"
)
