"""Whether a request waits for an answer that is late, as SQL: what the rules say of its answer clock, for filters."""

from __future__ import annotations

_CITYS_TIME = "::timestamp AT TIME ZONE (SELECT c.time_zone FROM {table:city} c)"
# When one person headed both sides, for which of them they acted, and until when; null while they do.
_ON_BOTH_SIDES = (
    "(SELECT a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker,"
    f" greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from){_CITYS_TIME}) AS since,"
    " CASE WHEN least(a.valid_to, g.valid_to) < {today}"
    f" THEN (least(a.valid_to, g.valid_to) + 1){_CITYS_TIME} END AS until"
    " FROM {table:appointment} a JOIN {table:appointment} g ON g.account_id = a.account_id"
    " WHERE a.organisation_id = {t}.asker_id AND g.organisation_id = {t}.giver_id"
    " AND greatest(a.valid_from, g.valid_from) <= {today})"
)
# Somebody does, and acts for the one that does not answer, since before the deadline and while nobody acts for the one
# that does; and nobody was named since (as `lacking` in rules/collaboration_sides.py).
_LACKS_HEAD = (
    f"EXISTS (SELECT FROM {_ON_BOTH_SIDES} o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since,"
    f" bool_or(h.until IS NULL) IS TRUE AS has_head FROM {_ON_BOTH_SIDES} h WHERE h.for_asker <> o.for_asker"
    " AND (h.until IS NULL OR h.until > greatest(h.since, o.since))) alone"
    " WHERE o.until IS NULL AND o.for_asker = ({t}.kind = 'NEED') AND NOT alone.has_head"
    " AND alone.since <= {t}.answer_due_at"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements({t}.stand_ins) x WHERE (x ->> 'at')::timestamptz >= alone.since"
    " AND (x ->> 'organisationId')::uuid = CASE {t}.kind WHEN 'NEED' THEN {t}.giver_id ELSE {t}.asker_id END))"
)
# Past its deadline by the app's clock, whatever the sweep has written: OPEN, no pause that began in time is open, and
# the office that answers, or the one that it follows, was not without a holder since (rules/clock.py), nor is its head
# on both sides (rules/collaboration_sides.py).
IS_LAPSED = (
    "({t}.status = 'OPEN' AND {t}.answer_due_at <= {now} - interval '1 second'"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements({t}.answer_pauses) x"
    " WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= {t}.answer_due_at)"
    " AND EXISTS (SELECT FROM {table:appointment} a JOIN {table:organisation} s ON s.id = a.organisation_id"
    " WHERE CASE {t}.kind WHEN 'NEED' THEN {t}.giver_id ELSE {t}.asker_id END IN (s.id, s.successor_id)"
    " AND a.valid_from <= {today} AND coalesce(least(a.valid_to, s.valid_to), {today})"
    " >= ({t}.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM {table:city} c))::date)"
    f" AND NOT {_LACKS_HEAD})"
)
