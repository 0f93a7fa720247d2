-- tasks
WITH found AS (
  SELECT s.archived_at, s.draft_of_id, s.due_on, s.id FROM task_words s
  WHERE s.words @@ websearch_to_tsquery('indonesian', $3::text)
    AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
    AND s.archived_at IS NULL
  LIMIT 10000
)
SELECT t.title AS c0, (SELECT count(*) FROM found s
JOIN task t ON t.id = s.id
WHERE t.progress < $2::integer) AS c1
FROM found s
JOIN task t ON t.id = s.id
WHERE t.progress < $2::integer
ORDER BY t.due_on, t.id
LIMIT 10;

-- tasks: count
WITH found AS (
  SELECT s.archived_at, s.draft_of_id, s.due_on, s.id FROM task_words s
  WHERE s.words @@ websearch_to_tsquery('indonesian', $3::text)
    AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
    AND s.archived_at IS NULL
  LIMIT 10000
)
SELECT count(*) FROM found s
JOIN task t ON t.id = s.id
WHERE t.progress < $2::integer;

-- workPlans
WITH found AS (
  SELECT s.archived_at, s.draft_of_id, s.id, s.year FROM work_plan_words s
  WHERE s.words @@ websearch_to_tsquery('indonesian', $2::text)
    AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
    AND s.archived_at IS NULL
  LIMIT 10000
)
SELECT t.title AS c0, t.id AS c1
FROM (
  SELECT s.year, s.id
  FROM found s
  ORDER BY s.year DESC, s.id
  LIMIT 3
) s
JOIN work_plan t ON t.id = s.id
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

-- later
WITH found AS (
  SELECT s.archived_at, s.draft_of_id, s.due_on, s.id FROM task_words s
  WHERE s.words @@ websearch_to_tsquery('indonesian', $3::text)
    AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
    AND s.archived_at IS NULL
  LIMIT 10000
)
SELECT t.title AS c0, (SELECT count(*) FROM found s) AS c1
FROM (
  SELECT s.*
  FROM (
    (
      SELECT s.due_on, s.id
      FROM found s
      WHERE s.due_on IS NULL AND s.id > $2::uuid
      ORDER BY s.due_on DESC, s.id
      LIMIT 3
    )
    UNION ALL
    (
      SELECT s.due_on, s.id
      FROM found s
      WHERE s.due_on IS NOT NULL
      ORDER BY s.due_on DESC, s.id
      LIMIT 3
    )
  ) s
  ORDER BY s.due_on DESC, s.id
  LIMIT 3
) s
JOIN task t ON t.id = s.id
ORDER BY t.due_on DESC, t.id
LIMIT 3;

-- later: count
WITH found AS (
  SELECT s.archived_at, s.draft_of_id, s.due_on, s.id FROM task_words s
  WHERE s.words @@ websearch_to_tsquery('indonesian', $2::text)
    AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
    AND s.archived_at IS NULL
  LIMIT 10000
)
SELECT count(*) FROM found s;
