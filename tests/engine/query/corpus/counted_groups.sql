-- taskGroups
SELECT g.k0 AS c0, g.a0 AS c1, g.a1 AS c2, g.a2 AS c3, g.a3 AS c4, g.a4 AS c5, g.a5 AS c6, g.a6 AS c7, j1.name AS c8, j1.id AS c9, jsonb_build_array(g.k0, g.k1)::text AS c10, count(*) OVER () AS c11
FROM (
  SELECT t.priority AS k0, t.assignee_id AS k1, sum(t.n)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE t.status = 'DONE'), 0)::bigint AS a2, coalesce(sum(t.n) FILTER (WHERE t.status = 'BLOCKED'), 0)::bigint AS a3, coalesce(sum(t.n) FILTER (WHERE t.status = 'CANCELLED'), 0)::bigint AS a4, coalesce(sum(t.n) FILTER (WHERE coalesce(t.due_on < $1::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false)), 0)::bigint AS a5, coalesce(sum(t.n) FILTER (WHERE t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND t.due_on BETWEEN $1::date AND $1::date + 7), 0)::bigint AS a6
  FROM (
    SELECT t.status, t.due_on, t.priority, t.assignee_id, count(*) AS n
    FROM task t
    WHERE t.archived_at IS NULL
      AND (t.draft_of_id IS NULL)
    GROUP BY t.status, t.due_on, t.priority, t.assignee_id
  ) t
  GROUP BY 1, 2
) g
LEFT JOIN account j1 ON j1.id = g.k1
ORDER BY array_position(ARRAY['LOW', 'NORMAL', 'HIGH', 'URGENT']::text[], g.k0::text), j1.name_key, g.k0, g.k1
LIMIT 500;

-- taskGroups.tasks
SELECT p.n, r.*
FROM (SELECT q.n, (q.id::jsonb ->> 0)::text AS k0, (q.id::jsonb ->> 1)::uuid AS k1 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
CROSS JOIN LATERAL (
  SELECT u.*
  FROM (
    (
      SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
      FROM task t
      WHERE (t.priority = p.k0)
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL)
        AND (p.k1 IS NOT NULL AND t.assignee_id = p.k1)
      ORDER BY t.due_on, t.id
      LIMIT 3
    )
    UNION ALL
    (
      SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
      FROM task t
      WHERE (t.priority = p.k0)
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL)
        AND (p.k1 IS NULL AND t.assignee_id IS NULL)
      ORDER BY t.due_on, t.id
      LIMIT 3
    )
  ) u
  ORDER BY u.c1, u.c2
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- targetGroups
SELECT g.k0 AS c0, g.a0 AS c1, g.a1 AS c2, g.a2 AS c3, g.a3 AS c4, g.a4 AS c5, g.a5 AS c6, g.a6 AS c7, g.a7 AS c8, g.a8 AS c9, g.a9 AS c10, g.a10 AS c11, j1.code AS c12, j1.id AS c13, jsonb_build_array(g.k0, g.k1)::text AS c14, count(*) OVER () AS c15
FROM (
  SELECT CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END AS k0, t.owner_id AS k1, count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a1, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'ON_TRACK') AS a2, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'AT_RISK') AS a3, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a4, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_STARTED') AS a5, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $1::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $1::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_REPORTED') AS a6, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $1::date, false)) AS a7, count(*) FILTER (WHERE NOT coalesce(t.told_from <= $1::date, false) OR t.achievement IS NULL) AS a8, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false))) AS a9, count(*) FILTER (WHERE (coalesce(t.report_due_on < $1::date, false) AND NOT coalesce(t.realised_from <= $1::date, false)) OR t.achievement_to_date IS NULL) AS a10
  FROM target t
  WHERE t.archived_at IS NULL
    AND (t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed)
  GROUP BY 1, 2
) g
LEFT JOIN organisation j1 ON j1.id = g.k1
ORDER BY array_position(ARRAY['NOT_REPORTED', 'OFF_TRACK', 'AT_RISK', 'ON_TRACK', 'REALISED', 'NOT_STARTED']::text[], g.k0::text), j1.code_key, g.k0, g.k1
LIMIT 500;

-- targetGroups.targets
SELECT p.n, r.*
FROM (SELECT q.n, (q.id::jsonb ->> 0)::text AS k0, (q.id::jsonb ->> 1)::uuid AS k1 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
CROSS JOIN LATERAL (
  SELECT u.*
  FROM (
    (
      SELECT t.indicator AS c0, t.due_on AS c1, t.id AS c2
      FROM target t
      WHERE (t.owner_id = p.k1)
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed)
        AND (p.k0 IS NOT NULL AND CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = p.k0)
      ORDER BY t.due_on, t.id
      LIMIT 3
    )
    UNION ALL
    (
      SELECT t.indicator AS c0, t.due_on AS c1, t.id AS c2
      FROM target t
      WHERE (t.owner_id = p.k1)
        AND t.archived_at IS NULL
        AND (t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed)
        AND (p.k0 IS NULL AND CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END IS NULL)
      ORDER BY t.due_on, t.id
      LIMIT 3
    )
  ) u
  ORDER BY u.c1, u.c2
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- requestGroups
SELECT g.k0 AS c0, g.k1 AS c1, g.a0 AS c2, g.a1 AS c3, g.a2 AS c4, g.a3 AS c5, g.a4 AS c6, g.a5 AS c7, g.a6 AS c8, g.a7 AS c9, g.a8 AS c10, jsonb_build_array(g.k0, g.k1)::text AS c11, count(*) OVER () AS c12
FROM (
  SELECT t.status AS k0, date_trunc('month', t.needed_on::timestamp)::date AS k1, count(*) AS a0, count(*) FILTER (WHERE t.status = 'OPEN') AS a1, count(*) FILTER (WHERE t.kind = 'NEED' AND (t.status = 'OPEN' AND t.answer_due_at <= $1::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id JOIN account k ON k.id = a.account_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $2::date AND coalesce(least(a.valid_to, s.valid_to), $2::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date AND coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = k.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), k.is_active::text) = 'true') AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $2::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $2::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $2::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER'))))) AS a2, count(*) FILTER (WHERE t.status = 'ACCEPTED') AS a3, count(*) FILTER (WHERE coalesce(t.status = 'ACCEPTED' AND t.agreed_due_on < $2::date, false)) AS a4, count(*) FILTER (WHERE t.status = 'DECLINED') AS a5, count(*) FILTER (WHERE t.status = 'DELIVERED') AS a6, count(*) FILTER (WHERE t.status = 'DISPUTED') AS a7, count(*) FILTER (WHERE t.status = 'CONFIRMED') AS a8
  FROM collaboration_request t
  GROUP BY 1, 2
) g
ORDER BY array_position(ARRAY['OPEN', 'COUNTERED', 'ACCEPTED', 'DECLINED', 'DELIVERED', 'DISPUTED', 'CONFIRMED', 'WITHDRAWN']::text[], g.k0::text), g.k1, g.k0
LIMIT 500;

-- requestGroups.requests
SELECT p.n, r.*
FROM (SELECT q.n, (q.id::jsonb ->> 0)::text AS k0, (q.id::jsonb ->> 1)::date AS k1 FROM unnest($1::text[]) WITH ORDINALITY q(id, n) OFFSET 0) p
CROSS JOIN LATERAL (
  SELECT u.*
  FROM (
    (
      SELECT t.title AS c0, t.created_at AS c1, t.id AS c2
      FROM collaboration_request t
      WHERE (t.status = p.k0)
        AND (p.k1 IS NOT NULL AND t.needed_on >= p.k1 AND t.needed_on < (p.k1 + interval '1 month')::date)
      ORDER BY t.created_at DESC, t.id
      LIMIT 3
    )
    UNION ALL
    (
      SELECT t.title AS c0, t.created_at AS c1, t.id AS c2
      FROM collaboration_request t
      WHERE (t.status = p.k0)
        AND (p.k1 IS NULL AND t.needed_on IS NULL)
      ORDER BY t.created_at DESC, t.id
      LIMIT 3
    )
  ) u
  ORDER BY u.c1 DESC, u.c2
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c2;
