-- tokens
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.name AS c4, j1.id AS c5, j2.name AS c6, j2.id AS c7, t.scopes AS c8, t.is_city_wide AS c9, t.networks AS c10, t.locks_network AS c11, t.expires_at AS c12, t.revoked_at AS c13, t.last_used_at AS c14
FROM token t
LEFT JOIN account j1 ON j1.id = t.account_id
LEFT JOIN account j2 ON j2.id = t.made_by_id
ORDER BY t.expires_at DESC, t.id
LIMIT 3;

-- tokens: count
SELECT count(*) FROM token t;

-- tokens.nodes.deprecatedUses
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.coordinate AS c0, j1.id AS c1, t.last_used_at AS c2, t.id AS c3
  FROM deprecated_use t
  LEFT JOIN token j1 ON j1.id = t.token_id
  WHERE t.token_id = p.id
  ORDER BY t.last_used_at DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2 DESC, r.c3;

-- tokens.nodes.deprecatedUses: count
SELECT p.n, (
  SELECT count(*) FROM deprecated_use t
  WHERE t.token_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- tokens.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.facts AS c0, t.subject_version AS c1, t.id AS c2
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR t.audience = 'ACCOUNT' OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- tokens.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR t.audience = 'ACCOUNT' OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
