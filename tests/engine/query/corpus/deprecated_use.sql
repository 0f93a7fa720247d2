-- deprecatedUses
SELECT t.id AS c0, t.coordinate AS c1, t.last_used_at AS c2, (CASE WHEN j1.id = $1::uuid THEN j1.login END) AS c3, j1.name AS c4, j2.name AS c5, j2.id AS c6
FROM deprecated_use t
LEFT JOIN account j1 ON j1.id = t.account_id
LEFT JOIN token j2 ON j2.id = t.token_id AND j2.account_id = $1::uuid
WHERE false
ORDER BY t.last_used_at DESC, t.id
LIMIT 20;

-- deprecatedUses: count
SELECT count(*) FROM deprecated_use t
WHERE false;
