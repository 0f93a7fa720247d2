-- events
SELECT t.id AS c0, t.epoch AS c1, t.xid AS c2, t.sequence AS c3, t.type AS c4, t.subject_type AS c5, t.subject_id AS c6, t.subject_version AS c7, t.organisation_ids AS c8, j3.id AS c9, t.capacity AS c10, j4.id AS c11, t.happened_at AS c12, t.recorded_at AS c13, t.facts AS c14, j3.name AS c15, t.changes AS c16
FROM event t
LEFT JOIN account j3 ON j3.id = t.actor_id
LEFT JOIN account j4 ON j4.id = t.on_behalf_of_id
WHERE (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($1::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $2::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $2::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($3::uuid[]) OR v1.respondent_id = ANY($3::uuid[]) OR v1.person_id = ANY($4::uuid[]) OR (v1.person_id = $2::uuid AND v1.id = ANY($5::uuid[])) OR v1.referred_to_id = ANY($3::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($1::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($1::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $2::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($1::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($1::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $2::uuid))))))
ORDER BY t.epoch, t.xid, t.sequence, t.id
LIMIT 3;

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM city t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM appointment t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM programme t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM work_plan t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM target t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM amendment t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM task t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM collaboration_request t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM escalation t
WHERE t.id = ANY($1::uuid[])
  AND (t.filer_id = ANY($2::uuid[]) OR t.respondent_id = ANY($2::uuid[]) OR t.person_id = ANY($3::uuid[]) OR (t.person_id = $4::uuid AND t.id = ANY($5::uuid[])) OR t.referred_to_id = ANY($2::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($6::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($6::uuid[])) AND (t.person_id IS NULL OR t.person_id <> $4::uuid)));

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM remark t
WHERE t.id = ANY($1::uuid[])
  AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.escalation_id AND (((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))));

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM delegation t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM token t
WHERE t.id = ANY($1::uuid[])
  AND t.account_id = $2::uuid;

-- events.nodes.subject
SELECT t.id, t.id AS c0
FROM hand_over_receipt t
WHERE t.id = ANY($1::uuid[]);

-- events.nodes.organisations
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);
