-- accounts
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.name AS c4, t.title AS c5, j1.id AS c6, t.role AS c7, t.is_active AS c8, (CASE WHEN t.id = $1::uuid THEN t.login END) AS c9, (CASE WHEN t.id = $1::uuid THEN t.last_sign_in_at END) AS c10, (EXISTS (SELECT 1 FROM case_access c WHERE c.account_id = t.id AND c.confirmed_at IS NOT NULL AND c.escalation_id IS NULL)) AS c11, ((t.is_active AND t.role <> 'INTEGRATION' AND NOT EXISTS (SELECT 1 FROM case_access c WHERE c.account_id = t.id AND c.confirmed_at IS NOT NULL AND c.escalation_id IS NULL) AND (t.role = 'OFFICE' OR coalesce((SELECT max(x.until) FROM (SELECT least(coalesce(p.valid_to, date '9999-12-31'), o.valid_to - 1) AS until FROM appointment p JOIN organisation o ON o.id = p.organisation_id WHERE p.account_id = t.id UNION ALL SELECT d.valid_to FROM delegation d WHERE d.account_id = t.id) x) >= $2::date, false) OR ($3::boolean AND t.password_hash IS NOT NULL AND EXISTS (SELECT 1 FROM escalation x WHERE x.person_id = t.id AND x.status IN ('FILED', 'REPLIED', 'REPLY_LAPSED', 'MEDIATION', 'DECIDED') AND NOT EXISTS (SELECT 1 FROM case_access c WHERE c.account_id = t.id AND c.confirmed_at IS NOT NULL AND c.escalation_id = x.id) AND x.filer_id <> ALL($4::uuid[]) AND x.respondent_id <> ALL($4::uuid[])))))) AS c12, t.organisation_id AS c13, ((t.role = 'ADMIN' AND t.is_active AND NOT EXISTS (SELECT 1 FROM account a WHERE a.role = 'ADMIN' AND a.is_active AND a.id <> t.id))) AS c14, ((SELECT c.changed_by_ids FROM case_access c WHERE c.account_id = t.id AND c.escalation_id IS NULL)) AS c15, ((SELECT max(x.until) FROM (SELECT least(coalesce(p.valid_to, date '9999-12-31'), o.valid_to - 1) AS until FROM appointment p JOIN organisation o ON o.id = p.organisation_id WHERE p.account_id = t.id UNION ALL SELECT d.valid_to FROM delegation d WHERE d.account_id = t.id) x)) AS c16, ((SELECT jsonb_agg(jsonb_build_array(x.id, x.filer_id, x.respondent_id, EXISTS (SELECT 1 FROM case_access c WHERE c.account_id = t.id AND c.confirmed_at IS NOT NULL AND c.escalation_id = x.id)) ORDER BY x.filed_at DESC) FROM escalation x WHERE x.person_id = t.id AND x.status IN ('FILED', 'REPLIED', 'REPLY_LAPSED', 'MEDIATION', 'DECIDED'))) AS c17, j1.valid_to AS c18, j2.name AS c19, ((SELECT jsonb_agg(x.expires_at) FROM token x WHERE x.account_id = t.id AND x.revoked_at IS NULL)) AS c20
FROM account t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
LEFT JOIN organisation j2 ON j2.id = j1.successor_id
ORDER BY t.name_key, t.id
LIMIT 3;

-- accounts.nodes.appointments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.valid_from AS c1
  FROM appointment t
  WHERE t.account_id = p.id
  ORDER BY t.valid_from DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- accounts.nodes.appointments: count
SELECT p.n, (
  SELECT count(*) FROM appointment t
  WHERE t.account_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- accounts.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE t.assignee_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- accounts.nodes.tasks: count
SELECT p.n, (
  SELECT count(*) FROM task t
  WHERE t.assignee_id = p.id
    AND t.archived_at IS NULL
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- accounts.nodes.tokens
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.expires_at AS c1
  FROM token t
  WHERE t.account_id = p.id
    AND t.account_id = $2::uuid
  ORDER BY t.expires_at DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- accounts.nodes.tokens: count
SELECT p.n, (
  SELECT count(*) FROM token t
  WHERE t.account_id = p.id
    AND t.account_id = $2::uuid
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- accounts.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.subject_version AS c1
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- accounts.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
