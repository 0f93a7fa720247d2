-- board
SELECT j3.code AS c0, j3.name AS c1, j3.id AS c2, g.k1 AS c3, g.a0 AS c4, g.a1 AS c5, g.a2 AS c6, jsonb_build_array(g.k0, g.k1)::text AS c7, count(*) OVER () AS c8
FROM (
  SELECT j2.programme_id AS k0, t.status AS k1, sum(t.n)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE coalesce(t.due_on < $3::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false)), 0)::bigint AS a2
  FROM (
    SELECT t.status, t.due_on, t.target_id, count(*) AS n
    FROM task t
    WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
      AND t.archived_at IS NULL
      AND (t.draft_of_id IS NULL)
      AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $2::text)
    GROUP BY t.status, t.due_on, t.target_id
  ) t
  LEFT JOIN target j2 ON j2.id = t.target_id AND (j2.draft_of_id IS NULL OR j2.draft_of_id = ANY($1::uuid[]))
  GROUP BY 1, 2
) g
LEFT JOIN programme j3 ON j3.id = g.k0
ORDER BY j3.code_key, array_position(ARRAY['PLANNED', 'IN_PROGRESS', 'BLOCKED', 'DONE', 'CANCELLED']::text[], g.k1::text), g.k0, g.k1
LIMIT 500;

-- board.tasks
SELECT p.n, r.*
FROM (SELECT q.n, (q.id::jsonb ->> 0)::uuid AS k0, (q.id::jsonb ->> 1)::text AS k1 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
CROSS JOIN LATERAL (
  SELECT u.*
  FROM (
    (
      SELECT t.due_on AS c0, t.id AS c1, t.title AS c2
      FROM task t
      WHERE (t.status = p.k1)
        AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL)
        AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $3::text)
        AND (p.k0 IS NOT NULL AND (SELECT x2.programme_id FROM target x2 WHERE x2.id = t.target_id AND (x2.draft_of_id IS NULL OR x2.draft_of_id = ANY($2::uuid[]))) = p.k0)
      ORDER BY t.due_on, t.id
      LIMIT 4
    )
    UNION ALL
    (
      SELECT t.due_on AS c0, t.id AS c1, t.title AS c2
      FROM task t
      WHERE (t.status = p.k1)
        AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL)
        AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $3::text)
        AND (p.k0 IS NULL AND (SELECT x3.programme_id FROM target x3 WHERE x3.id = t.target_id AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($2::uuid[]))) IS NULL)
      ORDER BY t.due_on, t.id
      LIMIT 4
    )
  ) u
  ORDER BY u.c0, u.c1
  LIMIT 4
) r
ORDER BY p.n, r.c0, r.c1;

-- board.tasks: count
SELECT p.n, (
  SELECT count(*) FROM task t
  WHERE (t.status = p.k1)
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.draft_of_id IS NULL)
    AND t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $3::text)
    AND ((p.k0 IS NOT NULL AND (SELECT x2.programme_id FROM target x2 WHERE x2.id = t.target_id AND (x2.draft_of_id IS NULL OR x2.draft_of_id = ANY($2::uuid[]))) = p.k0) OR (p.k0 IS NULL AND (SELECT x3.programme_id FROM target x3 WHERE x3.id = t.target_id AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($2::uuid[]))) IS NULL))
) AS total
FROM (SELECT q.n, (q.id::jsonb ->> 0)::uuid AS k0, (q.id::jsonb ->> 1)::text AS k1 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
ORDER BY p.n;

-- months
SELECT g.k0 AS c0, g.a0 AS c1, g.a1 AS c2, jsonb_build_array(g.k0)::text AS c3, count(*) OVER () AS c4
FROM (
  WITH found AS (
    SELECT s.archived_at, s.draft_of_id, s.due_on, s.id FROM task_words s
    WHERE s.words @@ websearch_to_tsquery('indonesian', $3::text)
      AND (s.draft_of_id IS NULL OR s.draft_of_id = ANY($1::uuid[]))
      AND s.archived_at IS NULL
    LIMIT 10000
  )
  SELECT date_trunc('month', t.due_on::timestamp)::date AS k0, sum(t.n)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND t.due_on BETWEEN $2::date AND $2::date + 7), 0)::bigint AS a1
  FROM (
    SELECT t.status, t.due_on, count(*) AS n
    FROM found s
    JOIN task t ON t.id = s.id
    WHERE (t.draft_of_id IS NULL)
    GROUP BY t.status, t.due_on
  ) t
  GROUP BY 1
) g
ORDER BY g.k0
LIMIT 500;

-- months.tasks
SELECT p.n, r.*
FROM (SELECT q.n, (q.id::jsonb ->> 0)::date AS k0 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
CROSS JOIN LATERAL (
  SELECT u.*
  FROM (
    (
      SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
      FROM task t
      JOIN task_words s ON s.id = t.id
      WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
        AND t.archived_at IS NULL
        AND s.words @@ websearch_to_tsquery('indonesian', $3::text)
        AND (t.draft_of_id IS NULL)
        AND (p.k0 IS NOT NULL AND t.due_on >= p.k0 AND t.due_on < (p.k0 + interval '1 month')::date)
      ORDER BY t.due_on, t.id
      LIMIT 1
    )
    UNION ALL
    (
      SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
      FROM task t
      JOIN task_words s ON s.id = t.id
      WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
        AND t.archived_at IS NULL
        AND s.words @@ websearch_to_tsquery('indonesian', $3::text)
        AND (t.draft_of_id IS NULL)
        AND (p.k0 IS NULL AND t.due_on IS NULL)
      ORDER BY t.due_on, t.id
      LIMIT 1
    )
  ) u
  ORDER BY u.c1, u.c2
  LIMIT 1
) r
ORDER BY p.n, r.c1, r.c2;

-- map
SELECT j2.code AS c0, j2.id AS c1, g.a0 AS c2, g.a1 AS c3, g.a2 AS c4, count(*) OVER () AS c5
FROM (
  SELECT CASE j1.kind WHEN 'KECAMATAN' THEN t.owner_id WHEN 'KELURAHAN' THEN j1.parent_id END AS k0, count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a1, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false))) AS a2
  FROM target t
  LEFT JOIN organisation j1 ON j1.id = t.owner_id
  WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
    AND t.archived_at IS NULL
    AND (t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed)
  GROUP BY 1
) g
LEFT JOIN organisation j2 ON j2.id = g.k0
ORDER BY j2.code_key, g.k0
LIMIT 500;

-- requestGroups
SELECT j4.code AS c0, j4.id AS c1, j5.code AS c2, j5.id AS c3, g.a0 AS c4, g.a1 AS c5, count(*) OVER () AS c6
FROM (
  SELECT t.giver_id AS k0, (CASE (CASE WHEN t.task_id IS NOT NULL THEN 'Task' WHEN t.target_id IS NOT NULL THEN 'Target' END) WHEN 'Task' THEN (SELECT (SELECT x2.programme_id FROM target x2 WHERE x2.id = x1.target_id AND (x2.draft_of_id IS NULL OR x2.draft_of_id = ANY($1::uuid[]))) FROM task x1 WHERE x1.id = (coalesce(t.task_id, t.target_id)) AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($1::uuid[]))) WHEN 'Target' THEN (SELECT x3.programme_id FROM target x3 WHERE x3.id = (coalesce(t.task_id, t.target_id)) AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($1::uuid[]))) END) AS k1, count(*) FILTER (WHERE t.status = 'OPEN') AS a0, count(*) FILTER (WHERE t.kind = 'NEED' AND (t.status = 'OPEN' AND t.answer_due_at <= $2::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id JOIN account k ON k.id = a.account_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $3::date AND coalesce(least(a.valid_to, s.valid_to), $3::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date AND coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = k.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), k.is_active::text) = 'true') AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $3::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER'))))) AS a1
  FROM collaboration_request t
  GROUP BY 1, 2
) g
LEFT JOIN organisation j4 ON j4.id = g.k0
LEFT JOIN programme j5 ON j5.id = g.k1
ORDER BY j4.code_key, j5.code_key, g.k0, g.k1
LIMIT 500;
