-- tasks
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.title AS c4, j1.id AS c5, j2.id AS c6, j3.id AS c7, j4.id AS c8, t.description AS c9, t.status AS c10, t.status_reason AS c11, t.priority AS c12, t.progress AS c13, t.starts_on AS c14, t.due_on AS c15, (coalesce(t.due_on < $1::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false)) AS c16, t.completed_at AS c17, j5.id AS c18, (coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.organisation_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.organisation_id AND p.valid_from <= $1::date AND (p.valid_to IS NULL OR p.valid_to >= $1::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $1::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.organisation_id AND n.valid_from BETWEEN (date_trunc('quarter', $1::date::timestamp) - interval '6 months')::date AND $1::date AND (n.valid_to IS NULL OR n.valid_to >= $1::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.assignee_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.organisation_id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.organisation_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.organisation_id) > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT')) AS c19, j6.id AS c20, j7.id AS c21, t.is_ordered AS c22, t.needs_evidence AS c23, t.support_asked_at AS c24, t.support_answer AS c25, ((t.support_asked_at IS NOT NULL AND t.support_answer IS NULL)) AS c26, t.archived_at AS c27, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = t.id AND e.changes ? 'due_on')) AS c28, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = t.id AND e.changes ? 'status')) AS c29, t.support_note AS c30, t.checklist AS c31, t.evidence AS c32, t.external_id AS c33, j8.id AS c34, t.organisation_id AS c35, t.draft_of_id AS c36, j2.status AS c37, j2.needs_evidence AS c38, j2.archived_at AS c39, j1.valid_to AS c40, j9.name AS c41, (EXISTS (SELECT 1 FROM collaboration_request x WHERE x.commitment_id = t.id AND x.status <> 'WITHDRAWN')) AS c42
FROM task t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
LEFT JOIN work_plan j2 ON j2.id = t.work_plan_id
LEFT JOIN target j3 ON j3.id = t.target_id
LEFT JOIN programme j4 ON j4.id = j3.programme_id
LEFT JOIN account j5 ON j5.id = coalesce(t.assignee_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.organisation_id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.organisation_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.organisation_id) > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))
LEFT JOIN account j6 ON j6.id = t.assignee_id
LEFT JOIN organisation j7 ON j7.id = t.kelurahan_id
LEFT JOIN collaboration_request j8 ON j8.id = (SELECT x.id FROM collaboration_request x WHERE x.commitment_id = t.id)
LEFT JOIN organisation j9 ON j9.id = j1.successor_id
WHERE t.archived_at IS NULL
ORDER BY t.due_on, t.id
LIMIT 3;

-- tasks.nodes.waitsFor
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task_dependency l
  JOIN task t ON t.id = l.waits_for_id
  WHERE l.task_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c1, r.c0;

-- tasks.nodes.blocks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task_dependency l
  JOIN task t ON t.id = l.task_id
  WHERE l.waits_for_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c1, r.c0;

-- tasks.nodes.comments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM comment t
  WHERE t.task_id = p.id
    AND EXISTS (SELECT 1 FROM task v1 WHERE v1.id = t.task_id AND (true))
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- tasks.nodes.comments: count
SELECT p.n, (
  SELECT count(*) FROM comment t
  WHERE t.task_id = p.id
    AND EXISTS (SELECT 1 FROM task v1 WHERE v1.id = t.task_id AND (true))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- tasks.nodes.requestsAbout
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM collaboration_request t
  WHERE t.task_id = p.id
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- tasks.nodes.requestsAbout: count
SELECT p.n, (
  SELECT count(*) FROM collaboration_request t
  WHERE t.task_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- tasks.nodes.history
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

-- tasks.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
