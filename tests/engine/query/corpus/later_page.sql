-- tasks
SELECT u.*
FROM (
  (
    SELECT t.title AS c0, t.due_on AS c1, j1.name AS c2, j1.name_key AS c3, t.id AS c4
    FROM task t
    LEFT JOIN organisation j1 ON j1.id = t.organisation_id
    WHERE t.archived_at IS NULL
      AND t.due_on IS NULL AND ((j1.name_key > $1::text OR j1.name_key IS NULL) OR (j1.name_key = $1::text AND t.id > $2::uuid))
    ORDER BY t.due_on DESC, j1.name_key, t.id
    LIMIT 21
  )
  UNION ALL
  (
    SELECT t.title AS c0, t.due_on AS c1, j1.name AS c2, j1.name_key AS c3, t.id AS c4
    FROM task t
    LEFT JOIN organisation j1 ON j1.id = t.organisation_id
    WHERE t.archived_at IS NULL
      AND t.due_on IS NOT NULL
    ORDER BY t.due_on DESC, j1.name_key, t.id
    LIMIT 21
  )
) u
ORDER BY u.c1 DESC, u.c3, u.c4
LIMIT 21;
