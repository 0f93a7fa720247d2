-- statusBoard
SELECT ((pg_snapshot_xmin(pg_current_snapshot())::text::bigint)) AS c0, ((SELECT max(s.swept_at) FROM swept_until s)) AS c1, t.term_starts_on AS c2, t.term_ends_on AS c3, t.id AS c4
FROM city t
LIMIT 1;

-- statusBoard.totals
SELECT p.n, s0.a0 AS c0, s0.a1 AS c1, s1.a0 AS c2, s1.a1 AS c3, s1.a2 AS c4, s1.a3 AS c5, s1.a4 AS c6, s1.a5 AS c7, s1.a6 AS c8, s1.a7 AS c9, s1.a8 AS c10, s1.a9 AS c11, s1.a10 AS c12, s1.a11 AS c13, s2.a0 AS c14, s2.a1 AS c15, s2.a2 AS c16, s2.a3 AS c17, s3.a0 AS c18, s4.a0 AS c19, s4.a1 AS c20
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT count(*) AS a0, count(*) FILTER (WHERE t.status IN ('APPROVED', 'CLOSED')) AS a1
  FROM work_plan t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to >= $2::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND (t.year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer))
) s0
CROSS JOIN LATERAL (
  SELECT count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a1, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'ON_TRACK') AS a2, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'AT_RISK') AS a3, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a4, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_STARTED') AS a5, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_REPORTED') AS a6, count(*) FILTER (WHERE coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.owner_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.owner_id AND p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to >= $2::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.owner_id AND n.valid_from BETWEEN (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND $2::date AND (n.valid_to IS NULL OR n.valid_to >= $2::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $2::date AND (a.valid_to IS NULL OR a.valid_to >= $2::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $2::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT') <> 'ACTIVE') AS a7, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $2::date, false)) AS a8, count(*) FILTER (WHERE NOT coalesce(t.told_from <= $2::date, false) OR t.achievement IS NULL) AS a9, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false))) AS a10, count(*) FILTER (WHERE (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) OR t.achievement_to_date IS NULL) AS a11
  FROM target t
  WHERE t.owner_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to >= $2::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
) s1
CROSS JOIN LATERAL (
  SELECT coalesce(sum(t.n) FILTER (WHERE t.status <> 'CANCELLED'), 0)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status = 'DONE'), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE t.status = 'BLOCKED'), 0)::bigint AS a2, coalesce(sum(t.n) FILTER (WHERE t.is_overdue), 0)::bigint AS a3
  FROM task_count t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to >= $2::date)) AND t.draft_of_id IS NULL AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
) s2
CROSS JOIN LATERAL (
  SELECT count(*) AS a0
  FROM task t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to >= $2::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL
) s3
CROSS JOIN LATERAL (
  SELECT count(*) AS a0, count(*) FILTER (WHERE t.kind = 'NEED' AND t.lapsed_at IS NOT NULL) AS a1
  FROM collaboration_request t
  WHERE (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $2::date AND (o.valid_to IS NULL OR o.valid_to >= $2::date)) AND t.status = 'OPEN'
) s4
ORDER BY p.n;

-- statusBoard.organisations
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT j1.id AS c0, j1.code AS c1, j1.short_name AS c2, t.id AS c3, t.code_key AS c4
  FROM organisation t
  LEFT JOIN organisation j1 ON j1.id = t.id
  WHERE (t.valid_from <= $2::date AND (t.valid_to IS NULL OR t.valid_to >= $2::date))
  ORDER BY t.code_key, t.id
  LIMIT 1000
) r
ORDER BY p.n, r.c4, r.c3;

-- statusBoard.organisations.summary
SELECT p.n, coalesce(s0.a0, 0) AS c0, coalesce(s0.a1, 0) AS c1, coalesce(s1.a0, 0) AS c2, coalesce(s1.a1, 0) AS c3, coalesce(s1.a2, 0) AS c4, coalesce(s1.a3, 0) AS c5, coalesce(s1.a4, 0) AS c6, coalesce(s1.a5, 0) AS c7, coalesce(s1.a6, 0) AS c8, coalesce(s1.a7, 0) AS c9, s1.a8 AS c10, coalesce(s1.a9, 0) AS c11, s1.a10 AS c12, coalesce(s1.a11, 0) AS c13, coalesce(s2.a0, 0) AS c14, coalesce(s2.a1, 0) AS c15, coalesce(s2.a2, 0) AS c16, coalesce(s2.a3, 0) AS c17, coalesce(s3.a0, 0) AS c18, coalesce(s4.a0, 0) AS c19, coalesce(s4.a1, 0) AS c20
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
LEFT JOIN (
  SELECT t.organisation_id AS k, count(*) AS a0, count(*) FILTER (WHERE t.status IN ('APPROVED', 'CLOSED')) AS a1
  FROM work_plan t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND (t.year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer))
  GROUP BY 1
) s0 ON s0.k = p.id
LEFT JOIN (
  SELECT t.owner_id AS k, count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a1, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'ON_TRACK') AS a2, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'AT_RISK') AS a3, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a4, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_STARTED') AS a5, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_REPORTED') AS a6, count(*) FILTER (WHERE coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.owner_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.owner_id AND p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to >= $2::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.owner_id AND n.valid_from BETWEEN (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND $2::date AND (n.valid_to IS NULL OR n.valid_to >= $2::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $2::date AND (a.valid_to IS NULL OR a.valid_to >= $2::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $2::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT') <> 'ACTIVE') AS a7, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $2::date, false)) AS a8, count(*) FILTER (WHERE NOT coalesce(t.told_from <= $2::date, false) OR t.achievement IS NULL) AS a9, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false))) AS a10, count(*) FILTER (WHERE (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) OR t.achievement_to_date IS NULL) AS a11
  FROM target t
  WHERE t.owner_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  GROUP BY 1
) s1 ON s1.k = p.id
LEFT JOIN (
  SELECT t.organisation_id AS k, coalesce(sum(t.n) FILTER (WHERE t.status <> 'CANCELLED'), 0)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status = 'DONE'), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE t.status = 'BLOCKED'), 0)::bigint AS a2, coalesce(sum(t.n) FILTER (WHERE t.is_overdue), 0)::bigint AS a3
  FROM task_count t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  GROUP BY 1
) s2 ON s2.k = p.id
LEFT JOIN (
  SELECT t.organisation_id AS k, count(*) AS a0
  FROM task t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL
  GROUP BY 1
) s3 ON s3.k = p.id
LEFT JOIN (
  SELECT (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) AS k, count(*) AS a0, count(*) FILTER (WHERE t.kind = 'NEED' AND t.lapsed_at IS NOT NULL) AS a1
  FROM collaboration_request t
  WHERE (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) = ANY($1::uuid[]) AND t.status = 'OPEN'
  GROUP BY 1
) s4 ON s4.k = p.id
ORDER BY p.n;

-- statusBoard.programmes
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT j1.id AS c0, j1.name AS c1, t.id AS c2, t.code_key AS c3
  FROM programme t
  LEFT JOIN programme j1 ON j1.id = t.id
  WHERE (t.valid_from <= $2::date AND (t.valid_to IS NULL OR t.valid_to >= $2::date))
  ORDER BY t.code_key, t.id
  LIMIT 200
) r
ORDER BY p.n, r.c3, r.c2;

-- statusBoard.programmes.summary
SELECT p.n, coalesce(s0.a0, 0) AS c0, coalesce(s0.a1, 0) AS c1, coalesce(s1.a0, 0) AS c2, coalesce(s1.a1, 0) AS c3, coalesce(s1.a2, 0) AS c4, coalesce(s1.a3, 0) AS c5, coalesce(s1.a4, 0) AS c6, coalesce(s1.a5, 0) AS c7, coalesce(s1.a6, 0) AS c8, coalesce(s1.a7, 0) AS c9, s1.a8 AS c10, coalesce(s1.a9, 0) AS c11, s1.a10 AS c12, coalesce(s1.a11, 0) AS c13, coalesce(s2.a0, 0) AS c14, coalesce(s2.a1, 0) AS c15, coalesce(s2.a2, 0) AS c16, coalesce(s2.a3, 0) AS c17, coalesce(s3.a0, 0) AS c18, coalesce(s4.a0, 0) AS c19, coalesce(s4.a1, 0) AS c20
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
LEFT JOIN (
  SELECT x.programme_id AS k, count(*) AS a0, count(*) FILTER (WHERE t.status IN ('APPROVED', 'CLOSED')) AS a1
  FROM work_plan t JOIN (SELECT DISTINCT programme_id, work_plan_id FROM target WHERE archived_at IS NULL) x ON x.work_plan_id = t.id
  WHERE x.programme_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND (t.year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer))
  GROUP BY 1
) s0 ON s0.k = p.id
LEFT JOIN (
  SELECT t.programme_id AS k, count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a1, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'ON_TRACK') AS a2, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'AT_RISK') AS a3, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a4, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_STARTED') AS a5, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_REPORTED') AS a6, count(*) FILTER (WHERE coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.owner_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.owner_id AND p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to >= $2::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.owner_id AND n.valid_from BETWEEN (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND $2::date AND (n.valid_to IS NULL OR n.valid_to >= $2::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $2::date AND (a.valid_to IS NULL OR a.valid_to >= $2::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $2::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT') <> 'ACTIVE') AS a7, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $2::date, false)) AS a8, count(*) FILTER (WHERE NOT coalesce(t.told_from <= $2::date, false) OR t.achievement IS NULL) AS a9, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false))) AS a10, count(*) FILTER (WHERE (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) OR t.achievement_to_date IS NULL) AS a11
  FROM target t
  WHERE t.programme_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  GROUP BY 1
) s1 ON s1.k = p.id
LEFT JOIN (
  SELECT x.programme_id AS k, coalesce(sum(t.n) FILTER (WHERE t.status <> 'CANCELLED'), 0)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status = 'DONE'), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE t.status = 'BLOCKED'), 0)::bigint AS a2, coalesce(sum(t.n) FILTER (WHERE t.is_overdue), 0)::bigint AS a3
  FROM task_count t JOIN target x ON x.id = t.target_id
  WHERE x.programme_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  GROUP BY 1
) s2 ON s2.k = p.id
LEFT JOIN (
  SELECT x.programme_id AS k, count(*) AS a0
  FROM task t JOIN target x ON x.id = t.target_id
  WHERE x.programme_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL
  GROUP BY 1
) s3 ON s3.k = p.id
LEFT JOIN (
  SELECT x.programme_id AS k, count(*) AS a0, count(*) FILTER (WHERE t.kind = 'NEED' AND t.lapsed_at IS NOT NULL) AS a1
  FROM collaboration_request t JOIN target x ON x.id = coalesce(t.target_id, (SELECT y.target_id FROM task y WHERE y.id = t.task_id)) AND x.draft_of_id IS NULL
  WHERE x.programme_id = ANY($1::uuid[]) AND t.status = 'OPEN'
  GROUP BY 1
) s4 ON s4.k = p.id
ORDER BY p.n;

-- statusBoard.offTrack
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.indicator AS c1, t.achievement_to_date AS c2, j1.short_name AS c3
  FROM target t
  LEFT JOIN organisation j1 ON j1.id = t.owner_id
  WHERE (t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND t.due_on >= date_trunc('year', $2::date::timestamp)::date AND t.due_on < (date_trunc('year', $2::date::timestamp) + interval '1 year')::date AND CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK')
  ORDER BY t.achievement_to_date, t.id
  LIMIT 5
) r
ORDER BY p.n, r.c2, r.c0;

-- statusBoard.ofYear
SELECT p.n, s0.a0 AS c0, s1.a0 AS c1, s1.a1 AS c2, s2.a0 AS c3, s3.a0 AS c4, s4.a0 AS c5
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT count(*) AS a0
  FROM work_plan t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $3::date AND (o.valid_to IS NULL OR o.valid_to >= $3::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND (t.year = coalesce($2::integer, extract(year FROM $3::date::timestamp)::integer))
) s0
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $3::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $3::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a0, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $3::date, false)) AS a1
  FROM target t
  WHERE t.owner_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $3::date AND (o.valid_to IS NULL OR o.valid_to >= $3::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND (t.due_on >= make_date(least(greatest(coalesce($2::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce($2::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
) s1
CROSS JOIN LATERAL (
  SELECT coalesce(sum(t.n) FILTER (WHERE t.status <> 'CANCELLED'), 0)::bigint AS a0
  FROM task_count t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $3::date AND (o.valid_to IS NULL OR o.valid_to >= $3::date)) AND t.draft_of_id IS NULL AND ((t.due_year = coalesce($2::integer, extract(year FROM $3::date::timestamp)::integer) OR coalesce($2::integer, extract(year FROM $3::date::timestamp)::integer) = extract(year FROM $3::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
) s2
CROSS JOIN LATERAL (
  SELECT count(*) AS a0
  FROM collaboration_request t
  WHERE (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $3::date AND (o.valid_to IS NULL OR o.valid_to >= $3::date)) AND t.status = 'OPEN'
) s3
CROSS JOIN LATERAL (
  SELECT count(*) AS a0
  FROM task t
  WHERE t.organisation_id IN (SELECT o.id FROM organisation o WHERE o.valid_from <= $3::date AND (o.valid_to IS NULL OR o.valid_to >= $3::date)) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL
) s4
ORDER BY p.n;

-- statusBoard.helpWanted
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.title AS c1, t.support_note AS c2, t.support_asked_at AS c3
  FROM task t
  WHERE (t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL)
  ORDER BY t.support_asked_at, t.id
  LIMIT 5
) r
ORDER BY p.n, r.c3, r.c0;

-- statusBoard.overdueOrders
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE (t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.is_ordered AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND t.due_on < $2::date)
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- statusBoard.rulingsDue
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.ruling_due_at AS c1
  FROM collaboration_request t
  WHERE (t.status = 'OPEN' AND t.ruling_asked_at IS NOT NULL)
  ORDER BY t.ruling_due_at, t.id
  LIMIT 10
) r
ORDER BY p.n, r.c1, r.c0;

-- statusBoard.requestsOnTheClock
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.title AS c1, t.answer_due_at AS c2, ((t.status = 'OPEN' AND t.answer_due_at <= $2::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id JOIN account k ON k.id = a.account_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $3::date AND coalesce(least(a.valid_to, s.valid_to), $3::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date AND coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = k.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), k.is_active::text) = 'true') AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $3::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER'))))) AS c3
  FROM collaboration_request t
  WHERE (t.status = 'OPEN')
  ORDER BY t.answer_due_at, t.id
  LIMIT 10
) r
ORDER BY p.n, r.c2, r.c0;

-- statusBoard.latest
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.type AS c1, t.facts AS c2, j1.name AS c3, t.epoch AS c4, t.xid AS c5, t.sequence AS c6
  FROM event t
  LEFT JOIN account j1 ON j1.id = t.actor_id
  WHERE (t.audience = 'EVERYONE')
  ORDER BY t.epoch DESC, t.xid DESC, t.sequence DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c4 DESC, r.c5 DESC, r.c6 DESC, r.c0;

-- statusBoard.cases
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.status AS c1, t.filed_at AS c2
  FROM escalation t
  WHERE (t.status IN ('FILED', 'MEDIATION', 'REPLIED', 'REPLY_LAPSED') AND t.filer_id <> ALL($2::uuid[]) AND t.respondent_id <> ALL($2::uuid[]))
    AND (t.filer_id = ANY($3::uuid[]) OR t.respondent_id = ANY($3::uuid[]) OR t.person_id = ANY($4::uuid[]) OR (t.person_id = $5::uuid AND t.id = ANY($6::uuid[])) OR t.referred_to_id = ANY($3::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($2::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($2::uuid[])) AND (t.person_id IS NULL OR t.person_id <> $5::uuid)))
  ORDER BY t.filed_at, t.id
  LIMIT 10
) r
ORDER BY p.n, r.c2, r.c0;
