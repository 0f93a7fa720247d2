-- programmes
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.name AS c4, t.code AS c5, j1.id AS c6, t.valid_from AS c7, t.valid_to AS c8
FROM programme t
LEFT JOIN organisation j1 ON j1.id = t.lead_id
ORDER BY t.code_key, t.id
LIMIT 3;

-- programmes.nodes.carriers
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.code_key AS c1
  FROM organisation t
  WHERE (EXISTS (SELECT 1 FROM target x WHERE x.programme_id = p.id AND x.owner_id = t.id AND x.draft_of_id IS NULL AND x.archived_at IS NULL))
  ORDER BY t.code_key, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- programmes.nodes.carriers: count
SELECT p.n, (
  SELECT count(*) FROM organisation t
  WHERE (EXISTS (SELECT 1 FROM target x WHERE x.programme_id = p.id AND x.owner_id = t.id AND x.draft_of_id IS NULL AND x.archived_at IS NULL))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- programmes.nodes.targets
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM target t
  WHERE t.programme_id = p.id
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- programmes.nodes.targets: count
SELECT p.n, (
  SELECT count(*) FROM target t
  WHERE t.programme_id = p.id
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- programmes.nodes.summary
SELECT p.n, coalesce(s0.a0, 0) AS c0, coalesce(s0.a1, 0) AS c1, coalesce(s1.a0, 0) AS c2, coalesce(s1.a1, 0) AS c3, coalesce(s1.a2, 0) AS c4, coalesce(s1.a3, 0) AS c5, coalesce(s1.a4, 0) AS c6, coalesce(s1.a5, 0) AS c7, coalesce(s1.a6, 0) AS c8, coalesce(s1.a7, 0) AS c9, s1.a8 AS c10, coalesce(s1.a9, 0) AS c11, s1.a10 AS c12, coalesce(s1.a11, 0) AS c13, coalesce(s2.a0, 0) AS c14, coalesce(s2.a1, 0) AS c15, coalesce(s2.a2, 0) AS c16, coalesce(s2.a3, 0) AS c17, coalesce(s3.a0, 0) AS c18
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
ORDER BY p.n;

-- programmes.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.subject_version AS c1
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- programmes.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
