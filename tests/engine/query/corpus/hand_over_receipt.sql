-- handOverReceipts
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, j1.name AS c4, j2.name AS c5, j3.id AS c6, j1.id AS c7, j2.id AS c8, j4.id AS c9
FROM hand_over_receipt t
LEFT JOIN account j1 ON j1.id = t.from_account_id
LEFT JOIN account j2 ON j2.id = t.to_account_id
LEFT JOIN organisation j3 ON j3.id = t.organisation_id
LEFT JOIN account j4 ON j4.id = t.handed_over_by_id
ORDER BY t.created_at DESC, t.id
LIMIT 3;

-- handOverReceipts: count
SELECT count(*) FROM hand_over_receipt t;

-- handOverReceipts.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- handOverReceipts.nodes.targets
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM target t
  WHERE (t.id IN (SELECT h.target_id FROM handed_over_matter h WHERE h.receipt_id = p.id))
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- handOverReceipts.nodes.targets: count
SELECT p.n, (
  SELECT count(*) FROM target t
  WHERE (t.id IN (SELECT h.target_id FROM handed_over_matter h WHERE h.receipt_id = p.id))
    AND t.archived_at IS NULL
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- handOverReceipts.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE (t.id IN (SELECT h.task_id FROM handed_over_matter h WHERE h.receipt_id = p.id))
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- handOverReceipts.nodes.tasks: count
SELECT p.n, (
  SELECT count(*) FROM task t
  WHERE (t.id IN (SELECT h.task_id FROM handed_over_matter h WHERE h.receipt_id = p.id))
    AND t.archived_at IS NULL
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
