-- organisations
SELECT t.name_key AS c0, t.id AS c1, t.code AS c2
FROM organisation t
WHERE t.kind = ANY('{OPD,KECAMATAN}'::text[])
ORDER BY t.name_key, t.id
LIMIT 6;

-- organisations: count
SELECT count(*) FROM (
  SELECT 1 FROM organisation t
  WHERE t.kind = ANY('{OPD,KECAMATAN}'::text[]) LIMIT 100
) c;

-- organisations.nodes.workPlans
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.id AS c1, t.year AS c2
  FROM work_plan t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND t.year >= $3::integer
  ORDER BY t.year DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2 DESC, r.c1;

-- organisations.nodes.workPlans: count
SELECT p.n, (
  SELECT count(*) FROM work_plan t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND t.year >= $3::integer
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.workPlans.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.due_on AS c0, t.title_key AS c1, t.id AS c2, t.title AS c3
  FROM task t
  WHERE t.work_plan_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.status = $3::text) IS NOT TRUE
    AND t.due_on < $4::date
  ORDER BY t.due_on DESC, t.title_key, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c0 DESC, r.c1, r.c2;

-- organisations.nodes.workPlans.nodes.tasks: count
SELECT p.n, (
  SELECT count(*) FROM task t
  WHERE t.work_plan_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.status = $3::text) IS NOT TRUE
    AND t.due_on < $4::date
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.workPlans.nodes.tasks.edges.node.comments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.text AS c0, j2.name AS c1, j3.code AS c2, t.created_at AS c3, t.id AS c4
  FROM comment t
  LEFT JOIN account j2 ON j2.id = t.author_id
  LEFT JOIN organisation j3 ON j3.id = j2.organisation_id
  WHERE t.task_id = p.id
    AND EXISTS (SELECT 1 FROM task v1 WHERE v1.id = t.task_id AND (v1.draft_of_id IS NULL OR v1.draft_of_id = ANY($2::uuid[])))
  ORDER BY t.created_at DESC, t.id DESC
  LIMIT 1
) r
ORDER BY p.n, r.c3 DESC, r.c4 DESC;
