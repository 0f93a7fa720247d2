-- tasks
SELECT t.id AS c0
FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND ((t.title_folded LIKE $2::text AND t.title_folded LIKE $3::text AND t.title IS DISTINCT FROM $4::text) OR (EXISTS (SELECT 1 FROM account x1 WHERE x1.id = t.assignee_id AND (x1.name_key = ANY($5::text[]) AND x1.organisation_id = (SELECT x2.id FROM organisation x2 WHERE x2.code = $6::text)))) IS NOT TRUE OR EXISTS (SELECT 1 FROM work_plan x3 WHERE x3.id = t.work_plan_id AND (EXISTS (SELECT 1 FROM organisation x4 WHERE x4.id = x3.organisation_id AND x4.kind IS DISTINCT FROM 'OPD') AND (x3.year = ANY($7::integer[])) IS NOT TRUE) AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($1::uuid[]))) OR EXISTS (SELECT 1 FROM target x5 WHERE x5.id = t.target_id AND (NOT (x5.programme_id IS NOT NULL) AND (CASE WHEN x5.achievement < 100 THEN least(round(x5.achievement, 1), 99.9) ELSE round(x5.achievement, 1) END) >= $8::numeric) AND (x5.draft_of_id IS NULL OR x5.draft_of_id = ANY($1::uuid[]))))
  AND t.updated_at > $9::timestamptz
  AND (t.due_on <= $10::date AND t.due_on >= $11::date)
  AND NOT (coalesce(t.due_on < $12::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false))
  AND EXISTS (SELECT 1 FROM organisation x6 WHERE x6.id = t.kelurahan_id AND x6.parent_id IS NOT NULL)
  AND t.external_id IS NULL
ORDER BY t.due_on, t.id
LIMIT 5;

-- tasks: count
SELECT count(*) FROM task t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND ((t.title_folded LIKE $2::text AND t.title_folded LIKE $3::text AND t.title IS DISTINCT FROM $4::text) OR (EXISTS (SELECT 1 FROM account x1 WHERE x1.id = t.assignee_id AND (x1.name_key = ANY($5::text[]) AND x1.organisation_id = (SELECT x2.id FROM organisation x2 WHERE x2.code = $6::text)))) IS NOT TRUE OR EXISTS (SELECT 1 FROM work_plan x3 WHERE x3.id = t.work_plan_id AND (EXISTS (SELECT 1 FROM organisation x4 WHERE x4.id = x3.organisation_id AND x4.kind IS DISTINCT FROM 'OPD') AND (x3.year = ANY($7::integer[])) IS NOT TRUE) AND (x3.draft_of_id IS NULL OR x3.draft_of_id = ANY($1::uuid[]))) OR EXISTS (SELECT 1 FROM target x5 WHERE x5.id = t.target_id AND (NOT (x5.programme_id IS NOT NULL) AND (CASE WHEN x5.achievement < 100 THEN least(round(x5.achievement, 1), 99.9) ELSE round(x5.achievement, 1) END) >= $8::numeric) AND (x5.draft_of_id IS NULL OR x5.draft_of_id = ANY($1::uuid[]))))
  AND t.updated_at > $9::timestamptz
  AND (t.due_on <= $10::date AND t.due_on >= $11::date)
  AND NOT (coalesce(t.due_on < $12::date AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED'), false))
  AND EXISTS (SELECT 1 FROM organisation x6 WHERE x6.id = t.kelurahan_id AND x6.parent_id IS NOT NULL)
  AND t.external_id IS NULL;

-- unrealisedTargets
SELECT t.indicator AS c0, t.achievement AS c1, (CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END) AS c2
FROM target t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND (NOT coalesce(t.realised_from <= $2::date, false) AND NOT t.is_proposed AND t.draft_of_id IS NULL)
  AND (t.work_plan_id IN (SELECT w.id FROM work_plan w WHERE w.year = coalesce($3::integer, extract(year FROM $2::date::timestamp)::integer)))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.owner_id AND x1.name_folded LIKE $4::text)
ORDER BY ((CASE WHEN (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) THEN 0 WHEN t.achievement >= 100 THEN 3 WHEN t.achievement_to_date IS NULL THEN 2 ELSE 1 END)::numeric), (CASE WHEN (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) THEN coalesce(t.last_measured_on - date '1900-01-01', 0) ELSE coalesce(t.achievement_to_date, 0) END), t.id
LIMIT 10;

-- unrealisedTargets: count
SELECT count(*) FROM target t
WHERE (t.draft_of_id IS NULL OR t.draft_of_id = ANY($1::uuid[]))
  AND t.archived_at IS NULL
  AND (NOT coalesce(t.realised_from <= $2::date, false) AND NOT t.is_proposed AND t.draft_of_id IS NULL)
  AND (t.work_plan_id IN (SELECT w.id FROM work_plan w WHERE w.year = coalesce($3::integer, extract(year FROM $2::date::timestamp)::integer)))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.owner_id AND x1.name_folded LIKE $4::text);
