-- task
SELECT t.id AS c0, t.title AS c1, t.status AS c2, j1.id AS c3, j1.name AS c4
FROM task t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
WHERE t.id = $1::uuid
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
LIMIT 1;
