"""Whether a request waits for an answer that is late, as SQL: what the rules say of its answer clock, for filters."""

from __future__ import annotations

# Whoever heads both sides began to, before the deadline, and acts for the one that does not answer; nobody was named.
LACKS_HEAD = (
    "EXISTS (SELECT FROM (SELECT a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker,"
    " greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp"
    " AT TIME ZONE (SELECT c.time_zone FROM {table:city} c)) AS since,"
    " bool_or(a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE') OVER ()"
    " AND bool_or(NOT (a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE')) OVER () AS is_crossed"
    " FROM {table:appointment} a JOIN {table:appointment} g ON g.account_id = a.account_id"
    " WHERE a.organisation_id = {t}.asker_id AND g.organisation_id = {t}.giver_id"
    " AND greatest(a.valid_from, g.valid_from) <= {today}"
    " AND coalesce(least(a.valid_to, g.valid_to), {today}) >= {today}) o"
    " WHERE NOT o.is_crossed AND o.for_asker = ({t}.kind = 'NEED') AND o.since <= {t}.answer_due_at"
    " AND NOT EXISTS (SELECT FROM jsonb_array_elements({t}.stand_ins) x WHERE (x ->> 'at')::timestamptz >= o.since"
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
    f" AND NOT {LACKS_HEAD})"
)
