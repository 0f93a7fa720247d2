-- organisations
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.name AS c4, t.kind AS c5, t.code AS c6, t.short_name AS c7, j1.id AS c8, j2.id AS c9, ((SELECT jsonb_agg(jsonb_build_array(w.kind, w.holder_id, w.waiter_id, w.since, w.task_id, w.waiting_task_id, w.request_id) ORDER BY w.since, w.kind) FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.waiter_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w)) AS c10, (ARRAY(SELECT unnest(ARRAY[w.holder_id, w.waiter_id]) FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.waiter_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w)) AS c11, (array_remove(ARRAY(SELECT unnest(ARRAY[w.task_id, w.waiting_task_id]) FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.waiter_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w), NULL)) AS c12, (array_remove(ARRAY(SELECT w.request_id FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.waiter_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w), NULL)) AS c13, ((SELECT jsonb_agg(jsonb_build_array(w.kind, w.holder_id, w.waiter_id, w.since, w.task_id, w.waiting_task_id, w.request_id) ORDER BY w.since, w.kind) FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.holder_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w)) AS c14, (ARRAY(SELECT unnest(ARRAY[w.holder_id, w.waiter_id]) FROM (SELECT w.* FROM (SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS since, o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id FROM task_dependency d JOIN task u ON u.id = d.task_id JOIN task o ON o.id = d.waits_for_id WHERE u.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND u.draft_of_id IS NULL AND u.archived_at IS NULL AND o.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND o.draft_of_id IS NULL AND o.archived_at IS NULL UNION ALL SELECT CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN 'RULING' WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN 'QUESTION' WHEN r.status = 'OPEN' THEN 'ANSWER' WHEN r.status = 'COUNTERED' THEN 'COUNTER' WHEN r.status = 'ACCEPTED' THEN 'DELIVERY' WHEN r.status = 'DELIVERED' THEN 'CONFIRMATION' WHEN r.status = 'DISPUTED' THEN 'DISPUTE' END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE') WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'ACCEPTED' THEN r.giver_id WHEN r.status = 'DELIVERED' THEN r.asker_id WHEN r.status = 'DISPUTED' THEN r.giver_id END, CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.asker_id WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'OPEN' THEN (CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END) WHEN r.status = 'COUNTERED' THEN (CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END) WHEN r.status = 'ACCEPTED' THEN r.asker_id WHEN r.status = 'DELIVERED' THEN r.giver_id WHEN r.status = 'DISPUTED' THEN r.asker_id END, coalesce(CASE WHEN r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL THEN r.ruling_asked_at WHEN r.status = 'OPEN' AND r.question_asked_at IS NOT NULL THEN r.question_asked_at WHEN r.status = 'OPEN' THEN r.answer_started_at WHEN r.status = 'COUNTERED' THEN r.counter_made_at WHEN r.status = 'ACCEPTED' THEN r.accepted_at WHEN r.status = 'DELIVERED' THEN r.delivered_at WHEN r.status = 'DISPUTED' THEN r.disputed_at END, r.created_at), r.commitment_id, NULL::uuid, r.id FROM collaboration_request r WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED') AND (r.asker_id = t.id OR r.giver_id = t.id OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL) UNION ALL SELECT 'ORDER', q.organisation_id, (SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE'), q.created_at, q.id, NULL::uuid, NULL::uuid FROM task q WHERE q.is_ordered AND q.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND q.draft_of_id IS NULL AND q.archived_at IS NULL) w WHERE w.holder_id = t.id AND w.holder_id <> w.waiter_id ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT 50) w)) AS c15, t.valid_from AS c16, t.valid_to AS c17, j3.id AS c18, j3.name AS c19
FROM organisation t
LEFT JOIN organisation j1 ON j1.id = t.parent_id
LEFT JOIN account j2 ON j2.id = (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.id AND a.valid_from <= $1::date AND (a.valid_to IS NULL OR a.valid_to >= $1::date) AND (t.valid_to IS NULL OR t.valid_to > $1::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1)
LEFT JOIN organisation j3 ON j3.id = t.successor_id
ORDER BY t.code_key, t.id
LIMIT 3;

-- organisations.nodes.children
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.code_key AS c1
  FROM organisation t
  WHERE t.parent_id = p.id
  ORDER BY t.code_key, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- organisations.nodes.children: count
SELECT p.n, (
  SELECT count(*) FROM organisation t
  WHERE t.parent_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.waitingOn.holder
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.waitingOn.waiter
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.waitingOn.task
SELECT t.id, t.id AS c0
FROM task t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.waitingOn.waitingTask
SELECT t.id, t.id AS c0
FROM task t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.waitingOn.request
SELECT t.id, t.id AS c0
FROM collaboration_request t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.holdsUp.waiter
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- organisations.nodes.appointments
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.valid_from AS c1
  FROM appointment t
  WHERE t.organisation_id = p.id
  ORDER BY t.valid_from DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- organisations.nodes.appointments: count
SELECT p.n, (
  SELECT count(*) FROM appointment t
  WHERE t.organisation_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.workPlan
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM work_plan t
  WHERE t.organisation_id = p.id
    AND t.archived_at IS NULL
    AND (t.year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer))
  ORDER BY t.created_at DESC, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- organisations.nodes.workPlans
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.year AS c1
  FROM work_plan t
  WHERE t.organisation_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.year DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- organisations.nodes.workPlans: count
SELECT p.n, (
  SELECT count(*) FROM work_plan t
  WHERE t.organisation_id = p.id
    AND t.archived_at IS NULL
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.targets
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM target t
  WHERE t.owner_id = p.id
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- organisations.nodes.targets: count
SELECT p.n, (
  SELECT count(*) FROM target t
  WHERE t.owner_id = p.id
    AND t.archived_at IS NULL
    AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.tasks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE t.organisation_id = p.id
    AND t.archived_at IS NULL
    AND ((extract(year FROM t.due_on)::integer = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- organisations.nodes.tasks: count
SELECT p.n, (
  SELECT coalesce(sum(t.n), 0)::bigint FROM task_count t
  WHERE t.organisation_id = p.id
    AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.tasksInTerritory
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.due_on AS c1
  FROM task t
  WHERE t.kelurahan_id = p.id
    AND t.archived_at IS NULL
  ORDER BY t.due_on, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c0;

-- organisations.nodes.tasksInTerritory: count
SELECT p.n, (
  SELECT count(*) FROM task t
  WHERE t.kelurahan_id = p.id
    AND t.archived_at IS NULL
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.summary
SELECT p.n, coalesce(s0.a0, 0) AS c0, coalesce(s0.a1, 0) AS c1, coalesce(s1.a0, 0) AS c2, coalesce(s1.a1, 0) AS c3, coalesce(s1.a2, 0) AS c4, coalesce(s1.a3, 0) AS c5, coalesce(s1.a4, 0) AS c6, coalesce(s1.a5, 0) AS c7, coalesce(s1.a6, 0) AS c8, coalesce(s1.a7, 0) AS c9, s1.a8 AS c10, coalesce(s1.a9, 0) AS c11, s1.a10 AS c12, coalesce(s1.a11, 0) AS c13, coalesce(s2.a0, 0) AS c14, coalesce(s2.a1, 0) AS c15, coalesce(s2.a2, 0) AS c16, coalesce(s2.a3, 0) AS c17, coalesce(s3.a0, 0) AS c18, coalesce(s4.a0, 0) AS c19, coalesce(s4.a1, 0) AS c20
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
LEFT JOIN (
  SELECT t.organisation_id AS k, count(*) AS a0, count(*) FILTER (WHERE t.status IN ('APPROVED', 'CLOSED')) AS a1
  FROM work_plan t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND (t.year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer))
  GROUP BY 1
) s0 ON s0.k = p.id
LEFT JOIN (
  SELECT t.owner_id AS k, count(*) AS a0, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'REALISED') AS a1, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'ON_TRACK') AS a2, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'AT_RISK') AS a3, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'OFF_TRACK') AS a4, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_STARTED') AS a5, count(*) FILTER (WHERE CASE WHEN coalesce(t.realised_from <= $2::date, false) THEN 'REALISED' WHEN coalesce(t.report_due_on < $2::date, false) THEN 'NOT_REPORTED' ELSE t.pace END = 'NOT_REPORTED') AS a6, count(*) FILTER (WHERE coalesce((SELECT CASE WHEN NOT (h.is_active AND (h.organisation_id = t.owner_id AND h.role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER') OR EXISTS (SELECT FROM appointment p WHERE p.account_id = h.id AND p.organisation_id = t.owner_id AND p.valid_from <= $2::date AND (p.valid_to IS NULL OR p.valid_to >= $2::date)))) THEN 'LEFT' WHEN coalesce((SELECT l.quarter_on FROM last_act l WHERE l.account_id = h.id), (h.created_at AT TIME ZONE 'UTC')::date) < (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND NOT EXISTS (SELECT FROM appointment n WHERE n.account_id = h.id AND n.organisation_id = t.owner_id AND n.valid_from BETWEEN (date_trunc('quarter', $2::date::timestamp) - interval '6 months')::date AND $2::date AND (n.valid_to IS NULL OR n.valid_to >= $2::date)) THEN 'SILENT' ELSE 'ACTIVE' END FROM account h WHERE h.id = coalesce(t.responsible_id, (SELECT a.account_id FROM appointment a WHERE a.organisation_id = t.owner_id AND a.valid_from <= $2::date AND (a.valid_to IS NULL OR a.valid_to >= $2::date) AND ((SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) IS NULL OR (SELECT o.valid_to FROM organisation o WHERE o.id = t.owner_id) > $2::date) ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1))), 'VACANT') <> 'ACTIVE') AS a7, avg(least(t.achievement, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement IS NOT NULL AND coalesce(t.told_from <= $2::date, false)) AS a8, count(*) FILTER (WHERE NOT coalesce(t.told_from <= $2::date, false) OR t.achievement IS NULL) AS a9, avg(least(t.achievement_to_date, (SELECT c.achievement_cap FROM city c))) FILTER (WHERE t.achievement_to_date IS NOT NULL AND NOT (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false))) AS a10, count(*) FILTER (WHERE (coalesce(t.report_due_on < $2::date, false) AND NOT coalesce(t.realised_from <= $2::date, false)) OR t.achievement_to_date IS NULL) AS a11
  FROM target t
  WHERE t.owner_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed AND (t.due_on >= make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998), 1, 1) AND t.due_on < make_date(least(greatest(coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer), 1), 9998) + 1, 1, 1))
  GROUP BY 1
) s1 ON s1.k = p.id
LEFT JOIN (
  SELECT t.organisation_id AS k, coalesce(sum(t.n) FILTER (WHERE t.status <> 'CANCELLED'), 0)::bigint AS a0, coalesce(sum(t.n) FILTER (WHERE t.status = 'DONE'), 0)::bigint AS a1, coalesce(sum(t.n) FILTER (WHERE t.status = 'BLOCKED'), 0)::bigint AS a2, coalesce(sum(t.n) FILTER (WHERE t.is_overdue), 0)::bigint AS a3
  FROM task_count t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND ((t.due_year = coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) OR coalesce(NULL::integer, extract(year FROM $2::date::timestamp)::integer) = extract(year FROM $2::date::timestamp)::integer AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')))
  GROUP BY 1
) s2 ON s2.k = p.id
LEFT JOIN (
  SELECT t.organisation_id AS k, count(*) AS a0
  FROM task t
  WHERE t.organisation_id = ANY($1::uuid[]) AND t.draft_of_id IS NULL AND t.archived_at IS NULL AND t.support_asked_at IS NOT NULL AND t.support_answer IS NULL
  GROUP BY 1
) s3 ON s3.k = p.id
LEFT JOIN (
  SELECT (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) AS k, count(*) AS a0, count(*) FILTER (WHERE t.kind = 'NEED' AND t.lapsed_at IS NOT NULL) AS a1
  FROM collaboration_request t
  WHERE (CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END) = ANY($1::uuid[]) AND t.status = 'OPEN'
  GROUP BY 1
) s4 ON s4.k = p.id
ORDER BY p.n;

-- organisations.nodes.requestsMade
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM collaboration_request t
  WHERE ((t.kind = 'NEED' AND t.asker_id = p.id) OR (t.kind = 'OFFER' AND t.giver_id = p.id))
  ORDER BY t.created_at DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- organisations.nodes.requestsMade: count
SELECT p.n, (
  SELECT count(*) FROM collaboration_request t
  WHERE ((t.kind = 'NEED' AND t.asker_id = p.id) OR (t.kind = 'OFFER' AND t.giver_id = p.id))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.requestsReceived
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.created_at AS c1
  FROM collaboration_request t
  WHERE ((t.kind = 'NEED' AND t.giver_id = p.id) OR (t.kind = 'OFFER' AND t.asker_id = p.id))
  ORDER BY t.created_at DESC, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1 DESC, r.c0;

-- organisations.nodes.requestsReceived: count
SELECT p.n, (
  SELECT count(*) FROM collaboration_request t
  WHERE ((t.kind = 'NEED' AND t.giver_id = p.id) OR (t.kind = 'OFFER' AND t.asker_id = p.id))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- organisations.nodes.helpfulness
SELECT p.n, s0.a0 AS c0, s0.a1 AS c1, s0.a2 AS c2, s0.a3 AS c3, s0.a4 AS c4, s0.a5 AS c5, s0.a6 AS c6, s0.a7 AS c7, s0.a8 AS c8
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED') + count(*) FILTER (WHERE jsonb_path_exists(t.redirects, '$[*] ? (@.fromId == $giver && @.lapsedAt != null)', jsonb_build_object('giver', (p.id)::text))) AS a0, count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL) AS a1, count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL AND t.answer_stopped_at < t.answer_due_at + interval '1 second') AS a2, CASE WHEN count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL) >= 5 THEN 100.0 * count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL AND t.answer_stopped_at < t.answer_due_at + interval '1 second') / (count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL) + count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'NEED' AND NOT (t.giver_id = p.id AND t.kind = 'NEED' AND t.answered_at IS NOT NULL AND t.answer_stopped_at IS NOT NULL) AND (t.lapsed_at IS NOT NULL OR (t.status = 'OPEN' AND t.answer_due_at <= $2::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id JOIN account k ON k.id = a.account_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $3::date AND coalesce(least(a.valid_to, s.valid_to), $3::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date AND coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = k.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), k.is_active::text) = 'true') AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $3::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $3::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER')))))) + count(*) FILTER (WHERE jsonb_path_exists(t.redirects, '$[*] ? (@.fromId == $giver && @.lapsedAt != null)', jsonb_build_object('giver', (p.id)::text)))) END AS a3, count(*) FILTER (WHERE t.giver_id = p.id AND t.status IN ('DELIVERED', 'CONFIRMED')) AS a4, count(*) FILTER (WHERE t.giver_id = p.id AND t.status IN ('DELIVERED', 'CONFIRMED') AND t.days_late > 0) AS a5, coalesce(sum(t.days_late) FILTER (WHERE t.giver_id = p.id AND t.status IN ('DELIVERED', 'CONFIRMED') AND t.days_late > 0), 0) AS a6, count(*) FILTER (WHERE t.giver_id = p.id AND t.kind = 'OFFER' AND t.status <> 'WITHDRAWN') AS a7, count(*) FILTER (WHERE t.kind = 'OFFER' AND t.giver_id = p.id AND t.status IN ('DELIVERED', 'CONFIRMED')) AS a8
  FROM collaboration_request t
  WHERE (t.giver_id = p.id OR t.redirects @> jsonb_build_array(jsonb_build_object('fromId', (p.id)::text))) AND (extract(year FROM t.created_at AT TIME ZONE (SELECT c.time_zone FROM city c)) = coalesce($4::integer, extract(year FROM $3::date::timestamp)::integer))
) s0
ORDER BY p.n;

-- organisations.nodes.history
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

-- organisations.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
