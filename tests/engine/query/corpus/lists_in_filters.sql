-- workPlans
SELECT t.title AS c0
FROM work_plan t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM target x1 WHERE x1.work_plan_id = t.id AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($1::uuid[])) AND x1.archived_at IS NULL)
  AND EXISTS (SELECT 1 FROM task x2 WHERE x2.work_plan_id = t.id AND (x2.draft_of_id IS NULL OR x2.draft_of_id = ANY($1::uuid[])) AND x2.archived_at IS NULL AND x2.status = 'BLOCKED')
ORDER BY t.year DESC, t.id
LIMIT 5;

-- tasks
SELECT t.title AS c0
FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND (EXISTS (SELECT 1 FROM comment x1 WHERE x1.task_id = t.id AND EXISTS (SELECT 1 FROM task v2 WHERE v2.id = x1.task_id AND (v2.draft_of_id IS NULL OR v2.draft_of_id = ANY($1::uuid[]))) AND EXISTS (SELECT 1 FROM account x3 WHERE x3.id = x1.author_id AND x3.organisation_id = (SELECT x4.id FROM organisation x4 WHERE x4.code = $2::text)))) IS NOT TRUE
  AND NOT EXISTS (SELECT 1 FROM task_dependency l6 JOIN task x5 ON x5.id = l6.waits_for_id WHERE l6.task_id = t.id AND (x5.draft_of_id IS NULL OR x5.draft_of_id = ANY($1::uuid[])) AND x5.archived_at IS NULL AND x5.status = ANY('{DONE,CANCELLED}'::text[]))
  AND EXISTS (SELECT 1 FROM task_dependency l8 JOIN task x7 ON x7.id = l8.waits_for_id WHERE l8.task_id = t.id AND (x7.draft_of_id IS NULL OR x7.draft_of_id = ANY($1::uuid[])) AND x7.archived_at IS NULL)
ORDER BY t.due_on, t.id
LIMIT 5;

-- tasks: count
SELECT count(*) FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND (EXISTS (SELECT 1 FROM comment x1 WHERE x1.task_id = t.id AND EXISTS (SELECT 1 FROM task v2 WHERE v2.id = x1.task_id AND (v2.draft_of_id IS NULL OR v2.draft_of_id = ANY($1::uuid[]))) AND EXISTS (SELECT 1 FROM account x3 WHERE x3.id = x1.author_id AND x3.organisation_id = (SELECT x4.id FROM organisation x4 WHERE x4.code = $2::text)))) IS NOT TRUE
  AND NOT EXISTS (SELECT 1 FROM task_dependency l6 JOIN task x5 ON x5.id = l6.waits_for_id WHERE l6.task_id = t.id AND (x5.draft_of_id IS NULL OR x5.draft_of_id = ANY($1::uuid[])) AND x5.archived_at IS NULL AND x5.status = ANY('{DONE,CANCELLED}'::text[]))
  AND EXISTS (SELECT 1 FROM task_dependency l8 JOIN task x7 ON x7.id = l8.waits_for_id WHERE l8.task_id = t.id AND (x7.draft_of_id IS NULL OR x7.draft_of_id = ANY($1::uuid[])) AND x7.archived_at IS NULL);

-- organisations
SELECT t.code AS c0
FROM organisation t
WHERE NOT ((SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND (t.valid_to IS NULL OR t.valid_to > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1) IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM work_plan x1 WHERE x1.organisation_id = t.id AND (x1.draft_of_id IS NULL OR x1.draft_of_id = ANY($2::uuid[])) AND x1.archived_at IS NULL AND x1.year = $3::integer)
ORDER BY t.code_key, t.id
LIMIT 5;

-- programmes
SELECT t.code AS c0
FROM programme t
WHERE EXISTS (SELECT 1 FROM organisation x1 WHERE (EXISTS (SELECT 1 FROM target x WHERE x.programme_id = t.id AND x.owner_id = x1.id AND x.draft_of_id IS NULL AND x.archived_at IS NULL)) AND x1.kind = 'OPD')
ORDER BY t.code_key, t.id
LIMIT 5;

-- escalations
SELECT t.status AS c0
FROM escalation t
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.person_id = ANY($2::uuid[]) OR (t.person_id = $3::uuid AND t.id = ANY($4::uuid[])) OR t.referred_to_id = ANY($1::uuid[]))
  AND EXISTS (SELECT 1 FROM event x1 WHERE x1.subject_id = t.id AND (x1.audience = 'EVERYONE' OR (x1.audience = 'ORGANISATION' AND x1.audience_id = ANY($5::uuid[])) OR (x1.audience = 'ACCOUNT' AND x1.audience_id = $3::uuid) OR (x1.audience = 'CASE_ACCESS' AND x1.audience_id = $3::uuid) OR (x1.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = x1.audience_id AND (v2.filer_id = ANY($1::uuid[]) OR v2.respondent_id = ANY($1::uuid[]) OR v2.person_id = ANY($2::uuid[]) OR (v2.person_id = $3::uuid AND v2.id = ANY($4::uuid[])) OR v2.referred_to_id = ANY($1::uuid[]))))) AND x1.type = 'ESCALATION_FILED')
  AND NOT coalesce(false AND EXISTS (SELECT 1 FROM remark l4 JOIN remark x3 ON x3.id = l4.id WHERE l4.escalation_id = t.id AND false), false)
ORDER BY t.filed_at DESC, t.id
LIMIT 5;
