-- targets
SELECT t.direction AS c0, t.roll_up AS c1, t.target_value AS c2, t.target_value_to AS c3, t.baseline AS c4, t.due_on AS c5, t.milestones AS c6, j1.year AS c7, ((SELECT jsonb_agg(jsonb_build_array(m.measured_on, m.value::text) ORDER BY m.measured_on, m.id) FROM measurement m WHERE m.target_id = t.id AND m.superseded_by_id IS NULL)) AS c8
FROM target t
LEFT JOIN work_plan j1 ON j1.id = t.work_plan_id
WHERE t.archived_at IS NULL
ORDER BY t.due_on, t.id
LIMIT 3;

-- statusDays
SELECT t.counted_on AS c0, t.task_count AS c1, t.average_achievement AS c2, j1.code AS c3, j1.id AS c4
FROM status_day t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
WHERE (CASE $1::text WHEN 'WEEK' THEN extract(isodow FROM t.counted_on) = 7 WHEN 'MONTH' THEN extract(day FROM t.counted_on + 1) = 1 WHEN 'QUARTER' THEN extract(day FROM t.counted_on + 1) = 1 AND extract(month FROM t.counted_on)::integer % 3 = 0 ELSE true END)
  AND t.counted_on >= $2::date
ORDER BY t.counted_on, t.id
LIMIT 5;

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
