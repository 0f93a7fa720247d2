-- measurements
SELECT t.value AS c0, t.recorded_at AS c1, j2.indicator AS c2, j2.id AS c3
FROM measurement t
LEFT JOIN target j2 ON j2.id = t.target_id AND (j2.draft_of_id IS NULL OR j2.draft_of_id = ANY($1::uuid[]))
WHERE EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (v1.draft_of_id IS NULL OR v1.draft_of_id = ANY($1::uuid[])))
  AND NOT ((t.superseded_by_id IS NOT NULL))
ORDER BY t.recorded_at DESC, t.id
LIMIT 5;

-- measurements: count
SELECT count(*) FROM measurement t
WHERE EXISTS (SELECT 1 FROM target v1 WHERE v1.id = t.target_id AND (v1.draft_of_id IS NULL OR v1.draft_of_id = ANY($1::uuid[])))
  AND NOT ((t.superseded_by_id IS NOT NULL));

-- comments
SELECT t.text AS c0, t.created_at AS c1, j2.title AS c2, j2.id AS c3
FROM comment t
LEFT JOIN task j2 ON j2.id = t.task_id AND (j2.draft_of_id IS NULL OR j2.draft_of_id = ANY($1::uuid[]))
WHERE EXISTS (SELECT 1 FROM task v1 WHERE v1.id = t.task_id AND (v1.draft_of_id IS NULL OR v1.draft_of_id = ANY($1::uuid[])))
ORDER BY t.created_at DESC, t.id
LIMIT 5;

-- appointments
SELECT t.valid_from AS c0, j1.code AS c1
FROM appointment t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
WHERE t.capacity = 'PLH'
ORDER BY t.valid_from DESC, t.id
LIMIT 5;

-- tasks
SELECT t.title AS c0, t.status AS c1
FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND array_position(ARRAY['LOW', 'NORMAL', 'HIGH', 'URGENT']::text[], t.priority::text) >= array_position(ARRAY['LOW', 'NORMAL', 'HIGH', 'URGENT']::text[], 'HIGH'::text)
ORDER BY array_position(ARRAY['PLANNED', 'IN_PROGRESS', 'BLOCKED', 'DONE', 'CANCELLED']::text[], t.status::text) DESC, t.completed_at, t.id
LIMIT 5;

-- targets
SELECT t.indicator AS c0
FROM target t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND array_position(ARRAY['VERY_LOW', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH']::text[], t.grade_to_date::text) < array_position(ARRAY['VERY_LOW', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH']::text[], 'MEDIUM'::text)
ORDER BY array_position(ARRAY['NOT_REPORTED', 'OFF_TRACK', 'AT_RISK', 'ON_TRACK', 'REALISED', 'NOT_STARTED']::text[], (CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END)::text), t.id
LIMIT 5;

-- requests
SELECT t.title AS c0
FROM collaboration_request t
WHERE (coalesce(t.task_id, t.target_id)) = ANY($1::uuid[])
  AND ((CASE WHEN t.task_id IS NOT NULL THEN 'Task' WHEN t.target_id IS NOT NULL THEN 'Target' END) = 'Task' AND EXISTS (SELECT 1 FROM task x1 WHERE x1.id = (coalesce(t.task_id, t.target_id)) AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($2::uuid[]))))
ORDER BY t.agreed_due_on DESC, t.id
LIMIT 5;

-- events
SELECT t.type AS c0, t.happened_at AS c1
FROM event t
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))))
ORDER BY t.happened_at DESC, t.id
LIMIT 5;

-- organisation
SELECT t.id AS c0
FROM organisation t
WHERE t.code = $1::text
LIMIT 1;

-- organisation.requestsReceived
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.created_at AS c1, t.id AS c2
  FROM collaboration_request t
  JOIN collaboration_request_words s ON s.id = t.id
  WHERE ((t.kind = 'NEED' AND t.giver_id = p.id) OR (t.kind = 'OFFER' AND t.asker_id = p.id))
    AND s.words @@ websearch_to_tsquery('indonesian', $2::text)
  ORDER BY t.created_at DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c2;

-- organisation.requestsReceived: count
SELECT p.n, (
  SELECT count(*) FROM collaboration_request t
  JOIN collaboration_request_words s ON s.id = t.id
  WHERE ((t.kind = 'NEED' AND t.giver_id = p.id) OR (t.kind = 'OFFER' AND t.asker_id = p.id))
    AND s.words @@ websearch_to_tsquery('indonesian', $2::text)
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisation.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.id AS c1, t.due_on AS c2
  FROM task t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND ((extract(year FROM t.due_on)::integer = coalesce($3::integer, extract(year FROM $4::date::timestamp)::integer) OR coalesce($3::integer, extract(year FROM $4::date::timestamp)::integer) = extract(year FROM $4::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c1;

-- organisation.tasks: count
SELECT p.n, (
  SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND ((t.due_year = coalesce($3::integer, extract(year FROM $4::date::timestamp)::integer) OR coalesce($3::integer, extract(year FROM $4::date::timestamp)::integer) = extract(year FROM $4::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisation.tasks.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.type AS c0, t.happened_at AS c1, t.id AS c2
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
  ORDER BY t.happened_at DESC, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1 DESC, r.c2;

-- organisation.targets
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.indicator AS c0, t.due_on AS c1, t.id AS c2
  FROM target t
  WHERE t.owner_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- organisation.targets: count
SELECT p.n, (
  SELECT count(*) FROM target t
  WHERE t.owner_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- task
SELECT t.title AS c0
FROM task t
WHERE (t.organisation_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $1::text) AND t.external_id = $2::text)
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($3::uuid[]))
LIMIT 1;

-- target
SELECT t.indicator AS c0
FROM target t
WHERE (t.owner_id = (SELECT x1.id FROM organisation x1 WHERE x1.code = $1::text) AND t.external_id = $2::text)
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($3::uuid[]))
LIMIT 1;

-- measurement
SELECT t.value AS c0
FROM measurement t
WHERE (t.target_id = (SELECT x1.id FROM target x1 WHERE x1.id = $2::uuid AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($1::uuid[]))) AND t.external_id = $3::text)
  AND t.superseded_by_id IS NULL
  AND EXISTS (SELECT 1 FROM target v2 WHERE v2.id = t.target_id AND (v2.draft_of_id IS NULL OR v2.draft_of_id = ANY($1::uuid[])))
LIMIT 1;

-- account
SELECT t.name AS c0
FROM account t
WHERE (CASE WHEN t.id = $1::uuid THEN t.login END) = $2::text
LIMIT 1;
