-- events
SELECT t.id AS c0, t.epoch AS c1, t.xid AS c2, t.sequence AS c3, t.type AS c4, t.subject_type AS c5, t.subject_id AS c6, t.subject_version AS c7, t.organisation_ids AS c8, j3.id AS c9, t.capacity AS c10, j4.id AS c11, t.happened_at AS c12, t.recorded_at AS c13, t.facts AS c14, j3.name AS c15, t.changes AS c16, ((CASE WHEN t.changes ?| ARRAY['about_id', 'accepted_by_id', 'account_id', 'actor_id', 'amendment_id', 'answered_by_id', 'appendix_id', 'appointment_id', 'approved_by_id', 'asker_id', 'assignee_id', 'author_id', 'case_access_id', 'city_id', 'collaboration_request_id', 'comment_id', 'commitment_id', 'counter_made_by_id', 'decided_by_id', 'decided_person_id', 'delegated_by_id', 'delegation_id', 'deprecated_use_id', 'escalation_id', 'event_id', 'filed_by_id', 'filer_id', 'follow_up_id', 'from_id', 'giver_id', 'item_id', 'kelurahan_id', 'lead_id', 'made_by_id', 'measurement_id', 'mediation_proposed_by_id', 'message_id', 'on_behalf_of_id', 'organisation_id', 'owner_id', 'parent_id', 'password_link_id', 'person_id', 'prepared_by_id', 'programme_id', 'proposed_by_id', 'receiver_id', 'redirected_from_id', 'referred_to_id', 'remark_id', 'replied_by_id', 'request_id', 'respondent_id', 'responsible_id', 'ruling_proposed_id', 'sign_in_id', 'stand_in_id', 'submitted_by_id', 'successor_id', 'target_id', 'target_owner_id', 'task_id', 'to_id', 'waits_for_id', 'work_plan_id'] THEN (SELECT jsonb_object_agg(n.id, n.name) FROM (SELECT x.id, x.name AS name FROM account x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) UNION ALL SELECT x.id, x.name AS name FROM organisation x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) UNION ALL SELECT x.id, x.name AS name FROM programme x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) UNION ALL SELECT x.id, x.title AS name FROM work_plan x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) AND x.draft_of_id IS NULL UNION ALL SELECT x.id, x.indicator AS name FROM target x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) AND x.draft_of_id IS NULL UNION ALL SELECT x.id, x.title AS name FROM task x WHERE x.id = ANY(ARRAY(SELECT (jsonb_path_query(t.changes, '$.keyvalue() ? (@.key like_regex "^(about_id|accepted_by_id|account_id|actor_id|amendment_id|answered_by_id|appendix_id|appointment_id|approved_by_id|asker_id|assignee_id|author_id|case_access_id|city_id|collaboration_request_id|comment_id|commitment_id|counter_made_by_id|decided_by_id|decided_person_id|delegated_by_id|delegation_id|deprecated_use_id|escalation_id|event_id|filed_by_id|filer_id|follow_up_id|from_id|giver_id|item_id|kelurahan_id|lead_id|made_by_id|measurement_id|mediation_proposed_by_id|message_id|on_behalf_of_id|organisation_id|owner_id|parent_id|password_link_id|person_id|prepared_by_id|programme_id|proposed_by_id|receiver_id|redirected_from_id|referred_to_id|remark_id|replied_by_id|request_id|respondent_id|responsible_id|ruling_proposed_id|sign_in_id|stand_in_id|submitted_by_id|successor_id|target_id|target_owner_id|task_id|to_id|waits_for_id|work_plan_id)$").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid)) AND x.draft_of_id IS NULL) n) END)) AS c17
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

-- events.nodes.organisations
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);
