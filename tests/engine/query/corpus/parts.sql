-- targets
SELECT t.id AS c0
FROM target t
WHERE t.archived_at IS NULL
ORDER BY t.due_on, t.id
LIMIT 3;

-- targets.nodes.owners
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.valid_from AS c0, t.valid_to AS c1, j2.code AS c2, t.id AS c3
  FROM target_owner t
  LEFT JOIN organisation j2 ON j2.id = t.organisation_id
  WHERE t.target_id = p.id
    AND EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (true))
  ORDER BY t.valid_from, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c0, r.c3;

-- targets.nodes.measurements
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.value AS c1, t.measured_on AS c2, t.note AS c3, t.evidence AS c4, t.recorded_at AS c5, ((t.superseded_by_id IS NOT NULL)) AS c6, t.is_made_by_system AS c7, t.external_id AS c8, j2.id AS c9, j3.code AS c10, j4.name AS c11, j5.id AS c12, j7.id AS c13, j2.owner_id AS c14, j2.is_proposed AS c15, j2.roll_up AS c16, j2.archived_at AS c17, j2.last_measured_on AS c18, j2.draft_of_id AS c19, j9.status AS c20, j9.year AS c21, j9.archived_at AS c22, j10.valid_to AS c23, j11.name AS c24, ((SELECT a.kind FROM amendment a WHERE a.target_id = j2.id AND a.status IN ('PREPARED', 'PROPOSED', 'ACCEPTED'))) AS c25, t.superseded_by_id AS c26
  FROM measurement t
  LEFT JOIN target j2 ON j2.id = t.target_id
  LEFT JOIN organisation j3 ON j3.id = t.owner_id
  LEFT JOIN account j4 ON j4.id = t.recorded_by_id
  LEFT JOIN measurement j5 ON j5.id = t.supersedes_id AND EXISTS (SELECT 1 FROM target v6 WHERE v6.id = j5.target_id AND (true))
  LEFT JOIN measurement j7 ON j7.id = t.superseded_by_id AND EXISTS (SELECT 1 FROM target v8 WHERE v8.id = j7.target_id AND (true))
  LEFT JOIN work_plan j9 ON j9.id = j2.work_plan_id
  LEFT JOIN organisation j10 ON j10.id = j2.owner_id
  LEFT JOIN organisation j11 ON j11.id = j10.successor_id
  WHERE t.target_id = p.id
    AND EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (true))
  ORDER BY t.measured_on DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2 DESC, r.c0;

-- targets.nodes.amendments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, ((CASE WHEN t.proposed_at IS NULL THEN t.version ELSE 1 END)) AS c1, t.created_at AS c2, t.updated_at AS c3, j1.indicator AS c4, t.kind AS c5, t.status AS c6, t.reason AS c7, t.changes AS c8, t.before AS c9, t.proposed_at AS c10, t.accepted_at AS c11, t.decided_at AS c12, t.note AS c13, j1.id AS c14, j2.code AS c15, j2.id AS c16, j3.name AS c17, j4.name AS c18, j4.id AS c19, j5.name AS c20, j5.id AS c21, j6.name AS c22, j6.id AS c23
  FROM amendment t
  LEFT JOIN target j1 ON j1.id = t.target_id
  LEFT JOIN organisation j2 ON j2.id = t.receiver_id
  LEFT JOIN account j3 ON j3.id = t.prepared_by_id
  LEFT JOIN account j4 ON j4.id = t.proposed_by_id
  LEFT JOIN account j5 ON j5.id = t.accepted_by_id
  LEFT JOIN account j6 ON j6.id = t.decided_by_id
  WHERE t.target_id = p.id
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c0;

-- targets.nodes.amendments.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.type AS c0, t.subject_version AS c1, t.id AS c2
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- tasks
SELECT t.id AS c0
FROM task t
WHERE t.archived_at IS NULL
ORDER BY t.due_on, t.id
LIMIT 3;

-- tasks.nodes.comments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.text AS c1, t.created_at AS c2, t.edited_at AS c3, t.removed_at AS c4, j2.name AS c5, t.author_id AS c6, ((SELECT x.archived_at FROM task x WHERE x.id = t.task_id)) AS c7
  FROM comment t
  LEFT JOIN account j2 ON j2.id = t.author_id
  WHERE t.task_id = p.id
    AND EXISTS (SELECT 1 FROM task v1 WHERE v1.id = t.task_id AND (true))
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c0;

-- organisations
SELECT t.id AS c0
FROM organisation t
ORDER BY t.code_key, t.id
LIMIT 3;

-- organisations.nodes.appointments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, j1.name AS c4, j2.name AS c5, t.capacity AS c6, t.valid_from AS c7, t.valid_to AS c8, ((t.capacity <> 'DEFINITIVE' AND (t.valid_to IS NULL OR t.valid_to >= $2::date) AND ((t.valid_from + make_interval(months => (SELECT c.acting_months FROM city c)))::date - 1) < $2::date)) AS c9, t.decree_number AS c10, t.account_id AS c11, j2.valid_to AS c12, j3.name AS c13, j2.id AS c14, j2.kind AS c15, j2.valid_from AS c16, (((t.valid_from + make_interval(months => (SELECT c.acting_months FROM city c)))::date - 1)) AS c17, j2.code AS c18
  FROM appointment t
  LEFT JOIN account j1 ON j1.id = t.account_id
  LEFT JOIN organisation j2 ON j2.id = t.organisation_id
  LEFT JOIN organisation j3 ON j3.id = j2.successor_id
  WHERE t.organisation_id = p.id
  ORDER BY t.valid_from DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c7 DESC, r.c0;

-- organisations.nodes.appointments.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.subject_version AS c1
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1, r.c0;
