-- escalations
SELECT t.id AS c0, (CASE WHEN false THEN t.id END) AS c1, (j1.decision_kind) AS c2, j1.id AS c3
FROM escalation t
LEFT JOIN escalation j1 ON j1.id = (CASE WHEN t.decision_kind IS NOT NULL THEN t.id END) AND (j1.filer_id = ANY($1::uuid[]) OR j1.respondent_id = ANY($1::uuid[]) OR j1.person_id = ANY($2::uuid[]) OR (j1.person_id = $3::uuid AND j1.id = ANY($4::uuid[])) OR j1.referred_to_id = ANY($1::uuid[]))
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.person_id = ANY($2::uuid[]) OR (t.person_id = $3::uuid AND t.id = ANY($4::uuid[])) OR t.referred_to_id = ANY($1::uuid[]))
ORDER BY t.filed_at DESC, t.id
LIMIT 3;

-- escalations.nodes.remarks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.text AS c0, t.created_at AS c1, t.id AS c2
  FROM remark l
  JOIN remark t ON t.id = l.id
  WHERE l.escalation_id = p.id
    AND false
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c1, r.c2;

-- escalations.nodes.followUps
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.text AS c0, t.created_at AS c1, t.id AS c2
  FROM follow_up l
  JOIN follow_up t ON t.id = l.id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.escalation_id AND (v1.filer_id = ANY($2::uuid[]) OR v1.respondent_id = ANY($2::uuid[]) OR v1.person_id = ANY($3::uuid[]) OR (v1.person_id = $4::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($2::uuid[])))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c1, r.c2;

-- escalations.nodes.dossier
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.type AS c0, t.epoch AS c1, t.xid AS c2, t.sequence AS c3, t.id AS c4
  FROM event t
  WHERE (t.subject_id = ANY(ARRAY[p.id, (SELECT x.request_id FROM escalation x WHERE x.id = p.id)]))
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
  ORDER BY t.epoch, t.xid, t.sequence, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2, r.c3, r.c4;
