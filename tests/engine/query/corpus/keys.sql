-- organisation
SELECT t.name AS c0, t.id AS c1
FROM organisation t
WHERE t.code = $1::text
LIMIT 1;

-- organisation.workPlan
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.status AS c1, t.created_at AS c2, t.id AS c3
  FROM work_plan t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.year = coalesce($3::integer, extract(year FROM $4::date::timestamp)::integer))
  ORDER BY t.created_at DESC, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c2 DESC, r.c3;

-- workPlan
SELECT t.title AS c0
FROM work_plan t
WHERE (t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $1::text) AND t.year = $2::integer)
  AND t.archived_at IS NULL
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($3::uuid[]))
LIMIT 1;

-- node
SELECT t.id AS c0
FROM work_plan t
WHERE t.id = $1::uuid
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
LIMIT 1;

-- nodes
SELECT t.id, t.id AS c0, t.code AS c1
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- nodes
SELECT t.id, t.id AS c0, t.title AS c1
FROM task t
WHERE t.id = ANY($1::uuid[])
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]));
