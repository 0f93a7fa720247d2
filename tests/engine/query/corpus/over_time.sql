-- targets
SELECT t.direction AS c0, t.roll_up AS c1, t.target_value AS c2, t.target_value_to AS c3, t.baseline AS c4, t.due_on AS c5, t.milestones AS c6, j1.year AS c7, ((SELECT jsonb_agg(jsonb_build_array(m.measured_on, m.value::text) ORDER BY m.measured_on, m.id) FROM measurement m WHERE m.target_id = t.id AND m.superseded_by_id IS NULL)) AS c8
FROM target t
LEFT JOIN work_plan j1 ON j1.id = t.work_plan_id
WHERE t.archived_at IS NULL
ORDER BY t.due_on, t.id
LIMIT 3;

-- statusDays
SELECT t.id AS c0, t.counted_on AS c1, t.plan_count AS c2, t.approved_plan_count AS c3, t.target_count AS c4, t.realised_count AS c5, t.on_track_count AS c6, t.at_risk_count AS c7, t.off_track_count AS c8, t.not_started_count AS c9, t.not_reported_count AS c10, t.average_achievement AS c11, t.average_achievement_left_out AS c12, t.average_achievement_to_date AS c13, t.average_achievement_to_date_left_out AS c14, t.task_count AS c15, t.done_task_count AS c16, t.blocked_task_count AS c17, t.help_wanted_count AS c18, t.overdue_task_count AS c19, t.open_request_count AS c20, t.lapsed_request_count AS c21, j1.code AS c22, j1.id AS c23, j2.code AS c24, j2.id AS c25
FROM status_day t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
LEFT JOIN programme j2 ON j2.id = t.programme_id
WHERE (CASE $1::text WHEN 'WEEK' THEN extract(isodow FROM t.counted_on) = 7 WHEN 'MONTH' THEN extract(day FROM t.counted_on + 1) = 1 WHEN 'QUARTER' THEN extract(day FROM t.counted_on + 1) = 1 AND extract(month FROM t.counted_on)::integer % 3 = 0 ELSE true END)
  AND t.counted_on >= $2::date
ORDER BY t.counted_on, t.id
LIMIT 5;

-- statusDays: count
SELECT count(*) FROM status_day t
WHERE (CASE $1::text WHEN 'WEEK' THEN extract(isodow FROM t.counted_on) = 7 WHEN 'MONTH' THEN extract(day FROM t.counted_on + 1) = 1 WHEN 'QUARTER' THEN extract(day FROM t.counted_on + 1) = 1 AND extract(month FROM t.counted_on)::integer % 3 = 0 ELSE true END)
  AND t.counted_on >= $2::date;

-- city
SELECT t.id AS c0
FROM city t
LIMIT 1;

-- city.statusDays
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.counted_on AS c0, t.overdue_task_count AS c1, t.id AS c2
  FROM status_day t
  WHERE (t.organisation_id IS NULL AND t.programme_id IS NULL)
  ORDER BY t.counted_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c0, r.c2;

-- organisation
SELECT t.id AS c0
FROM organisation t
WHERE t.code = $1::text
LIMIT 1;

-- organisation.statusDays
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.counted_on AS c0, t.plan_count AS c1, t.id AS c2
  FROM status_day t
  WHERE t.organisation_id = p.id
    AND (CASE $2::text WHEN 'WEEK' THEN extract(isodow FROM t.counted_on) = 7 WHEN 'MONTH' THEN extract(day FROM t.counted_on + 1) = 1 WHEN 'QUARTER' THEN extract(day FROM t.counted_on + 1) = 1 AND extract(month FROM t.counted_on)::integer % 3 = 0 ELSE true END)
  ORDER BY t.counted_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c0, r.c2;

-- programme
SELECT t.id AS c0
FROM programme t
WHERE t.code = $1::text
LIMIT 1;

-- programme.statusDays
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.counted_on AS c0, t.target_count AS c1, t.id AS c2
  FROM status_day t
  WHERE t.programme_id = p.id
  ORDER BY t.counted_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c0, r.c2;
