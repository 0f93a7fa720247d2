-- unrealisedTargets
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.indicator AS c4, j1.id AS c5, j2.id AS c6, j3.id AS c7, (coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.owner_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.owner_id AND p.valid_from <= $1::date AND (p.valid_to IS NULL OR p.valid_to >= $1::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $1::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.owner_id AND n.valid_from BETWEEN (date_trunc('quarter', $1::date::timestamp) - interval '6 months')::date AND $1::date AND (n.valid_to IS NULL OR n.valid_to >= $1::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT')) AS c8, j4.id AS c9, j5.id AS c10, t.unit AS c11, t.direction AS c12, t.roll_up AS c13, t.formula AS c14, t.baseline AS c15, t.target_value AS c16, t.target_value_to AS c17, t.due_on AS c18, t.milestones AS c19, t.is_proposed AS c20, t.external_id AS c21, t.realised AS c22, t.achievement AS c23, (CASE WHEN t.achievement IS NOT NULL THEN least(t.achievement, (SELECT c.achievement_cap FROM city c)) END) AS c24, t.achievement_to_date AS c25, (CASE WHEN coalesce(t.told_from <= $1::date, false) THEN t.grade END) AS c26, t.grade_to_date AS c27, j1.year AS c28, ((SELECT m.value FROM measurement m WHERE m.target_id = t.id AND m.superseded_by_id IS NULL ORDER BY m.measured_on, m.id LIMIT 1)) AS c29, ((SELECT m.measured_on FROM measurement m WHERE m.target_id = t.id AND m.superseded_by_id IS NULL ORDER BY m.measured_on, m.id LIMIT 1)) AS c30, (CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END) AS c31, ((coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false))) AS c32, (coalesce(t.achievement >= 100, false)) AS c33, (coalesce(t.realised_from <= $1::date, false)) AS c34, ((jsonb_array_length(jsonb_path_query_array(t.untold_due_on, '$[*] ? (@ < $today)', jsonb_build_object('today', $1::date))) - (coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false))::integer)) AS c35, t.last_measured_on AS c36, t.report_due_on AS c37, t.counts_from AS c38, t.untold_due_on AS c39, t.told_from AS c40, t.realised_from AS c41, t.archived_at AS c42, j1.status AS c43, t.owner_id AS c44, t.draft_of_id AS c45, j1.archived_at AS c46, j2.valid_to AS c47, j6.name AS c48, ((SELECT a.kind FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c49, j1.organisation_id AS c50, ((SELECT jsonb_agg(jsonb_build_array(p.valid_from, p.valid_to)) FROM appointment p JOIN account c ON c.id = p.account_id AND c.is_active WHERE p.organisation_id = t.owner_id AND p.capacity = 'DEFINITIVE')) AS c51, ((SELECT a.status FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c52, ((SELECT a.prepared_by_id FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c53, ((SELECT a.proposed_by_id FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c54, ((SELECT a.accepted_by_id FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c55, ((SELECT a.receiver_id FROM amendment a WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c56, ((SELECT jsonb_agg(jsonb_build_array(p.valid_from, p.valid_to)) FROM appointment p JOIN account c ON c.id = p.account_id AND c.is_active JOIN amendment a ON a.receiver_id = p.organisation_id WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED') AND p.capacity = 'DEFINITIVE')) AS c57, ((SELECT o.valid_to FROM amendment a JOIN organisation o ON o.id = a.receiver_id WHERE a.target_id = t.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c58
FROM target t
LEFT JOIN work_plan j1 ON j1.id = t.work_plan_id
LEFT JOIN organisation j2 ON j2.id = t.owner_id
LEFT JOIN account j3 ON j3.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))
LEFT JOIN account j4 ON j4.id = t.responsible_id
LEFT JOIN programme j5 ON j5.id = t.programme_id
LEFT JOIN organisation j6 ON j6.id = j2.successor_id
WHERE t.archived_at IS NULL
  AND (NOT coalesce(t.realised_from <= $1::date, false) AND NOT t.is_proposed AND t.draft_of_id IS NULL)
  AND (t.work_plan_id IN (SELECT w.id FROM work_plan w WHERE w.year = coalesce(NULL::integer, extract(year FROM $1::date::timestamp)::integer)))
ORDER BY ((CASE WHEN (coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false)) THEN 0 WHEN t.achievement >= 100 THEN 3 WHEN t.achievement_to_date IS NULL THEN 2 ELSE 1 END)::numeric), (CASE WHEN (coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false)) THEN coalesce(t.last_measured_on - date '1900-01-01', 0) ELSE coalesce(t.achievement_to_date, 0) END), t.id
LIMIT 3;

-- unrealisedTargets.nodes.owners: count
SELECT p.n, (
  SELECT count(*) FROM target_owner t
  WHERE t.target_id = p.id
    AND EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (true))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- unrealisedTargets.nodes.measurements
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.measured_on AS c1
  FROM measurement t
  WHERE t.target_id = p.id
    AND EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (true))
  ORDER BY t.measured_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- unrealisedTargets.nodes.measurements: count
SELECT p.n, (
  SELECT count(*) FROM measurement t
  WHERE t.target_id = p.id
    AND EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (true))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- unrealisedTargets.nodes.amendments: count
SELECT p.n, (
  SELECT count(*) FROM amendment t
  WHERE t.target_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- unrealisedTargets.nodes.openAmendment
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.kind AS c0, t.created_at AS c1, t.id AS c2
  FROM amendment t
  WHERE t.target_id = p.id
    AND (t.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))
  ORDER BY t.created_at DESC, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1 DESC, r.c2;

-- unrealisedTargets.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE t.target_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- unrealisedTargets.nodes.tasks: count
SELECT p.n, (
  SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
  WHERE t.target_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- unrealisedTargets.nodes.requestsAbout
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM collaboration_request t
  WHERE t.target_id = p.id
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- unrealisedTargets.nodes.requestsAbout: count
SELECT p.n, (
  SELECT count(*) FROM collaboration_request t
  WHERE t.target_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- unrealisedTargets.nodes.history
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

-- unrealisedTargets.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
