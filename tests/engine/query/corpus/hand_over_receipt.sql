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
