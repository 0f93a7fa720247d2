-- tasks
SELECT t.due_on AS c0, t.id AS c1, t.title AS c2, t.status AS c3, (coalesce(t.due_on < $3::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false)) AS c4, j2.id AS c5, j2.name AS c6, j3.id AS c7, j3.indicator AS c8, (SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.organisation_id = (SELECT x4.id FROM organisation x4 WHERE x4.code = $2::text)
  AND (t.status = ANY('{DONE,CANCELLED}'::text[])) IS NOT TRUE) AS c9
FROM task t
LEFT JOIN organisation j2 ON j2.id = t.organisation_id
LEFT JOIN target j3 ON j3.id = t.target_id AND (j3.draft_of_id IS NULL OR j3.draft_of_id = ANY($1::uuid[]))
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $2::text)
  AND (t.status = ANY('{DONE,CANCELLED}'::text[])) IS NOT TRUE
ORDER BY t.due_on, t.id
LIMIT 51;

-- tasks: count
SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $2::text)
  AND (t.status = ANY('{DONE,CANCELLED}'::text[])) IS NOT TRUE;
