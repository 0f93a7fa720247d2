-- tasks
SELECT t.title AS c0
FROM (
  SELECT * FROM task t
  WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
    AND t.archived_at IS NULL
    AND t.search @@ websearch_to_tsquery('indonesian', $2::text) LIMIT 10000
) t
WHERE t.progress < $3::integer
ORDER BY t.due_on, t.id
LIMIT 10;

-- tasks: count
SELECT count(*) FROM (
  SELECT * FROM task t
  WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
    AND t.archived_at IS NULL
    AND t.search @@ websearch_to_tsquery('indonesian', $2::text) LIMIT 10000
) t
WHERE t.progress < $3::integer;

-- workPlans
SELECT t.title AS c0, t.id AS c1
FROM (
  SELECT * FROM work_plan t
  WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
    AND t.archived_at IS NULL
    AND t.search @@ websearch_to_tsquery('indonesian', $2::text) LIMIT 10000
) t
ORDER BY t.year DESC, t.id
LIMIT 3;

-- workPlans.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
  FROM task t
  WHERE t.work_plan_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;
