-- tasks
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.title AS c4, j1.id AS c5, j2.id AS c6, j3.id AS c7, j4.id AS c8, t.description AS c9, t.status AS c10, t.status_reason AS c11, t.priority AS c12, t.progress AS c13, t.starts_on AS c14, t.due_on AS c15, (coalesce(t.due_on < $1::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false)) AS c16, t.completed_at AS c17, j5.id AS c18, j6.id AS c19, t.is_ordered AS c20, t.needs_evidence AS c21, t.support_asked_at AS c22, t.support_answer AS c23, ((t.support_asked_at IS NOT NULL AND t.support_answer IS NULL)) AS c24, t.archived_at AS c25, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = t.id AND e.changes ? 'due_on')) AS c26, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = t.id AND e.changes ? 'status')) AS c27, t.support_note AS c28, t.checklist AS c29, t.evidence AS c30, t.external_id AS c31, j7.id AS c32, t.organisation_id AS c33, t.draft_of_id AS c34, j2.status AS c35, j2.needs_evidence AS c36, j2.archived_at AS c37, j1.valid_to AS c38, j8.name AS c39, (EXISTS (SELECT 1 FROM collaboration_request x WHERE x.commitment_id = t.id AND x.status <> 'WITHDRAWN')) AS c40
FROM task t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
LEFT JOIN work_plan j2 ON j2.id = t.work_plan_id
LEFT JOIN target j3 ON j3.id = t.target_id
LEFT JOIN programme j4 ON j4.id = j3.programme_id
LEFT JOIN account j5 ON j5.id = t.assignee_id
LEFT JOIN organisation j6 ON j6.id = t.kelurahan_id
LEFT JOIN collaboration_request j7 ON j7.id = (SELECT x.id FROM collaboration_request x WHERE x.commitment_id = t.id)
LEFT JOIN organisation j8 ON j8.id = j1.successor_id
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
