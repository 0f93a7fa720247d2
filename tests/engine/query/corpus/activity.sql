-- organisation
SELECT t.id AS c0
FROM organisation t
WHERE t.code = $1::text
LIMIT 1;

-- organisation.activity
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.type AS c0, ((t.epoch + 0)) AS c1, t.xid AS c2, t.sequence AS c3, t.id AS c4
  FROM event t
  WHERE (t.organisation_ids @> ARRAY[p.id]::uuid[])
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
    AND t.type IS DISTINCT FROM 'TASK_CREATED'
  ORDER BY ((t.epoch + 0)) DESC, t.xid DESC, t.sequence DESC, t.id
  LIMIT 5
) r
ORDER BY p.n, r.c1 DESC, r.c2 DESC, r.c3 DESC, r.c4;

-- organisation.activity: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE (t.organisation_ids @> ARRAY[p.id]::uuid[])
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[])))))
    AND t.type IS DISTINCT FROM 'TASK_CREATED'
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- concerned
SELECT t.type AS c0
FROM (
  SELECT * FROM event t
  WHERE t.organisation_ids && ARRAY(SELECT x2.id FROM organisation x2 WHERE x2.code = $6::text)
  OFFSET 0
) t
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))))
ORDER BY t.epoch DESC, t.xid DESC, t.sequence DESC, t.id DESC
LIMIT 5;

-- concerned: count
SELECT count(*) FROM (
  SELECT * FROM event t
  WHERE t.organisation_ids && ARRAY(SELECT x2.id FROM organisation x2 WHERE x2.code = $6::text)
  OFFSET 0
) t
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))));

-- elsewhere
SELECT t.type AS c0
FROM event t
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))))
  AND NOT t.organisation_ids && ARRAY(SELECT x2.id FROM organisation x2 WHERE x2.kind = 'OPD')
ORDER BY t.epoch DESC, t.xid DESC, t.sequence DESC, t.id DESC
LIMIT 5;

-- about
SELECT t.type AS c0, j4.code AS c1, j4.id AS c2
FROM event t
LEFT JOIN programme j4 ON j4.id = (CASE t.subject_type WHEN 'Programme' THEN t.subject_id WHEN 'Target' THEN (SELECT x.programme_id FROM target x WHERE x.id = t.subject_id AND x.draft_of_id IS NULL) WHEN 'Task' THEN (SELECT y.programme_id FROM task x JOIN target y ON y.id = x.target_id AND y.draft_of_id IS NULL AND x.draft_of_id IS NULL WHERE x.id = t.subject_id) END)
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))))
  AND t.subject_id = ANY($6::uuid[])
  AND (t.subject_type = 'Organisation' OR (t.subject_type = 'Task' AND EXISTS (SELECT 1 FROM task x3 WHERE x3.id = t.subject_id AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($1::uuid[])))))
ORDER BY t.epoch, t.xid, t.sequence, t.id
LIMIT 50;

-- served
SELECT t.type AS c0, t.facts AS c1, j3.name AS c2
FROM event t
LEFT JOIN account j3 ON j3.id = t.actor_id
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[])))))
  AND (t.subject_id = ANY(ARRAY(SELECT z.id FROM (SELECT x2.id FROM programme x2 WHERE x2.code = $6::text) z UNION ALL SELECT x.id FROM target x WHERE x.programme_id IN (SELECT x2.id FROM programme x2 WHERE x2.code = $6::text) AND x.draft_of_id IS NULL UNION ALL SELECT x.id FROM task x JOIN target y ON y.id = x.target_id AND y.draft_of_id IS NULL AND x.draft_of_id IS NULL WHERE y.programme_id IN (SELECT x2.id FROM programme x2 WHERE x2.code = $6::text))))
ORDER BY t.epoch, t.xid, t.sequence, t.id
LIMIT 5;
