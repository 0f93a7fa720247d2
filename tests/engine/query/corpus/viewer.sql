-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0
FROM work_plan t
WHERE t.id = ANY($1::uuid[])
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]));

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0, t.indicator AS c1
FROM target t
WHERE t.id = ANY($1::uuid[])
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]));

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0, t.title AS c1
FROM task t
WHERE t.id = ANY($1::uuid[])
  AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]));

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0
FROM collaboration_request t
WHERE t.id = ANY($1::uuid[]);

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0
FROM escalation t
WHERE t.id = ANY($1::uuid[])
  AND (t.filer_id = ANY($2::uuid[]) OR t.respondent_id = ANY($2::uuid[]) OR t.person_id = ANY($3::uuid[]) OR (t.person_id = $4::uuid AND t.id = ANY($5::uuid[])) OR t.referred_to_id = ANY($2::uuid[]));

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0
FROM appointment t
WHERE t.id = ANY($1::uuid[]);

-- viewer.inbox.nodes.subject
SELECT t.id, t.id AS c0
FROM token t
WHERE t.id = ANY($1::uuid[])
  AND t.account_id = $2::uuid;

-- viewer.account
SELECT t.name AS c0, (CASE WHEN t.id = $2::uuid THEN t.login END) AS c1, j1.code AS c2
FROM account t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
WHERE t.id = $1::uuid
LIMIT 1;

-- viewer.token
SELECT t.name AS c0
FROM token t
WHERE t.id = $1::uuid
  AND t.account_id = $2::uuid
LIMIT 1;

-- viewer.organisation
SELECT t.name AS c0, t.id AS c1
FROM organisation t
WHERE t.id = $1::uuid
LIMIT 1;

-- viewer.organisation.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.title AS c0, t.due_on AS c1, t.id AS c2
  FROM task t
  WHERE t.organisation_id = p.id
    AND (t.draft_of_id IS NULL OR t.draft_of_id = ANY($2::uuid[]))
    AND t.archived_at IS NULL
    AND ((extract(year FROM t.due_on)::integer = coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $3::date::timestamp)::integer) = extract(year FROM $3::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- viewer.offices.organisation
SELECT t.code AS c0
FROM organisation t
WHERE t.id = $1::uuid
LIMIT 1;
