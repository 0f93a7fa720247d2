-- all: count
SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]));

-- some: count
SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.organisation_id AND x1.code = ANY($2::text[]))
  AND t.status = ANY($3::text[]);

-- capped: count
SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND ((t.status = 'DONE' OR NOT (EXISTS (SELECT 1 FROM target x1 WHERE x1.id = t.target_id AND true AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($1::uuid[])))))) IS NOT TRUE;

-- organisations
SELECT t.id AS c0
FROM organisation t
ORDER BY t.code_key, t.id
LIMIT 3;

-- organisations.nodes.tasks: count
SELECT p.n, (
  SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer) = extract(year FROM $3::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
    AND t.status IS DISTINCT FROM 'CANCELLED'
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.targets
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM target t
  WHERE t.owner_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  ORDER BY t.due_on, t.id
  LIMIT 10
) r
ORDER BY p.n, r.c1, r.c0;

-- organisations.nodes.targets.nodes.tasks: count
SELECT p.n, (
  SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
  WHERE t.target_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- archived: count
SELECT count(*) FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]));

-- overdue: count
SELECT count(*) FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND t.status = ANY($2::text[])
  AND (coalesce(t.due_on < $3::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false));
