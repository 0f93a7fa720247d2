-- escalations
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.statement AS c4, t.ground AS c5, t.ground_arose_at AS c6, t.status AS c7, t.filed_at AS c8, t.reply AS c9, t.replied_at AS c10, t.closed_at AS c11, t.withdrawn_at AS c12, j2.id AS c13, j2.title AS c14, j3.code AS c15, j4.code AS c16, j5.name AS c17, j6.name AS c18, j6.id AS c19, t.person_id AS c20, t.person_told_at AS c21, t.person_reply_days AS c22, t.person_reply_due_at AS c23, t.person_replied_at AS c24, t.person_notice_on AS c25, ((SELECT a.is_active AND a.password_hash IS NOT NULL FROM account a WHERE a.id = t.person_id)) AS c26, ((SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = t.person_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) AS c27, ((SELECT jsonb_agg(h.span) FROM case_access c CROSS JOIN jsonb_array_elements(c.held) AS h(span) WHERE c.account_id = t.person_id AND (c.escalation_id IS NULL OR c.escalation_id = t.id))) AS c28, t.decided_at AS c29, t.request_id AS c30, t.filer_id AS c31, t.respondent_id AS c32, t.reply_restarted_at AS c33, t.reply_due_at AS c34, t.person_named_at AS c35, t.mediation_from AS c36, t.meeting_at AS c37, t.referred_to_id AS c38, j4.kind AS c39, j4.valid_to AS c40, j4.successor_id AS c41, ((SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')) AS c42, ((SELECT min(o.valid_to) FROM organisation o WHERE o.id IN (t.filer_id, t.respondent_id))) AS c43, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = t.respondent_id UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at, (SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = a.account_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c44, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = t.respondent_id UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.account_id, a.capacity, a.valid_from, a.valid_to, o.ends_on, o.id, c.held, (SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = a.account_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) ORDER BY a.valid_from, a.id) FROM o JOIN appointment a ON a.organisation_id = o.id LEFT JOIN case_access c ON c.account_id = a.account_id AND c.escalation_id IS NULL) AS c45, j8.name AS c46, j8.id AS c47, j7.person_told_at AS c48, j7.person_notice_number AS c49, j7.person_notice_on AS c50, j7.person_reply AS c51, j7.person_replied_at AS c52, j7.person_id AS c53, j7.person_reply_days AS c54, j7.person_reply_due_at AS c55, ((SELECT a.is_active AND a.password_hash IS NOT NULL FROM account a WHERE a.id = j7.person_id)) AS c56, ((SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = j7.person_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) AS c57, ((SELECT jsonb_agg(h.span) FROM case_access c CROSS JOIN jsonb_array_elements(c.held) AS h(span) WHERE c.account_id = j7.person_id AND (c.escalation_id IS NULL OR c.escalation_id = j7.id))) AS c58, j7.decided_at AS c59, j7.withdrawn_at AS c60, j7.id AS c61, j9.filed_at AS c62, j9.meeting_at AS c63, j9.mediation_outcome AS c64, j9.decided_at AS c65, j9.withdrawn_at AS c66, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = j9.id AND e.type = 'ESCALATION_MEDIATION_PROPOSED')) AS c67, ((SELECT max(e.happened_at) FROM event e WHERE e.subject_id = j9.id AND e.type = 'ESCALATION_MEDIATION_CONCLUDED')) AS c68, (j9.meeting_at) AS c69, j9.meeting_place AS c70, j10.name AS c71, j10.id AS c72, j9.id AS c73, (j11.decision_kind) AS c74, (j11.decision_facts) AS c75, j11.legal_basis AS c76, j11.signed_by AS c77, j11.signed_by_office AS c78, j11.document_number AS c79, j11.hearing_on AS c80, j11.hearing_number AS c81, (j11.decided_at) AS c82, j12.name AS c83, j12.id AS c84, j11.decided_as AS c85, j11.decided_capacity AS c86, j13.name AS c87, j13.id AS c88, j14.name AS c89, j14.id AS c90, j15.code AS c91, j15.id AS c92, j11.id AS c93, (CASE WHEN ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($5::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($5::uuid[])) AND (t.person_id IS NULL OR t.person_id <> $3::uuid)) THEN t.id END) AS c94
FROM escalation t
LEFT JOIN collaboration_request j2 ON j2.id = t.request_id
LEFT JOIN organisation j3 ON j3.id = t.filer_id
LEFT JOIN organisation j4 ON j4.id = t.respondent_id
LEFT JOIN account j5 ON j5.id = t.filed_by_id
LEFT JOIN account j6 ON j6.id = t.replied_by_id
LEFT JOIN escalation j7 ON j7.id = (CASE WHEN t.person_id IS NOT NULL THEN t.id END) AND (j7.filer_id = ANY($1::uuid[]) OR j7.respondent_id = ANY($1::uuid[]) OR j7.person_id = ANY($2::uuid[]) OR (j7.person_id = $3::uuid AND j7.id = ANY($4::uuid[])) OR j7.referred_to_id = ANY($1::uuid[]) OR ((j7.filer_id IS NOT NULL AND j7.filer_id <> ALL($5::uuid[])) AND (j7.respondent_id IS NOT NULL AND j7.respondent_id <> ALL($5::uuid[])) AND (j7.person_id IS NULL OR j7.person_id <> $3::uuid)))
LEFT JOIN account j8 ON j8.id = j7.person_id
LEFT JOIN escalation j9 ON j9.id = (CASE WHEN t.meeting_at IS NOT NULL THEN t.id END) AND (j9.filer_id = ANY($1::uuid[]) OR j9.respondent_id = ANY($1::uuid[]) OR j9.person_id = ANY($2::uuid[]) OR (j9.person_id = $3::uuid AND j9.id = ANY($4::uuid[])) OR j9.referred_to_id = ANY($1::uuid[]) OR ((j9.filer_id IS NOT NULL AND j9.filer_id <> ALL($5::uuid[])) AND (j9.respondent_id IS NOT NULL AND j9.respondent_id <> ALL($5::uuid[])) AND (j9.person_id IS NULL OR j9.person_id <> $3::uuid)))
LEFT JOIN account j10 ON j10.id = j9.mediation_proposed_by_id
LEFT JOIN escalation j11 ON j11.id = (CASE WHEN t.decision_kind IS NOT NULL THEN t.id END) AND (j11.filer_id = ANY($1::uuid[]) OR j11.respondent_id = ANY($1::uuid[]) OR j11.person_id = ANY($2::uuid[]) OR (j11.person_id = $3::uuid AND j11.id = ANY($4::uuid[])) OR j11.referred_to_id = ANY($1::uuid[]) OR ((j11.filer_id IS NOT NULL AND j11.filer_id <> ALL($5::uuid[])) AND (j11.respondent_id IS NOT NULL AND j11.respondent_id <> ALL($5::uuid[])) AND (j11.person_id IS NULL OR j11.person_id <> $3::uuid)))
LEFT JOIN account j12 ON j12.id = j11.decided_person_id
LEFT JOIN account j13 ON j13.id = j11.decided_by_id
LEFT JOIN account j14 ON j14.id = j11.on_behalf_of_id
LEFT JOIN organisation j15 ON j15.id = j11.referred_to_id
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.person_id = ANY($2::uuid[]) OR (t.person_id = $3::uuid AND t.id = ANY($4::uuid[])) OR t.referred_to_id = ANY($1::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($5::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($5::uuid[])) AND (t.person_id IS NULL OR t.person_id <> $3::uuid)))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.filer_id AND x1.code IS DISTINCT FROM $6::text)
  AND t.status = ANY('{FILED,DECIDED}'::text[])
ORDER BY t.filed_at DESC, t.id
LIMIT 3;

-- escalations: count
SELECT count(*) FROM escalation t
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.person_id = ANY($2::uuid[]) OR (t.person_id = $3::uuid AND t.id = ANY($4::uuid[])) OR t.referred_to_id = ANY($1::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($5::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($5::uuid[])) AND (t.person_id IS NULL OR t.person_id <> $3::uuid)))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.filer_id AND x1.code IS DISTINCT FROM $6::text)
  AND t.status = ANY('{FILED,DECIDED}'::text[]);

-- escalations.nodes.followUps
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.due_on AS c0, t.created_at AS c1, t.closed_at AS c2, t.id AS c3, t.text AS c4, t.is_referral AS c5, t.outcome AS c6, t.objected_at AS c7, t.objection AS c8, j1.id AS c9, j2.id AS c10, j3.name AS c11, j3.id AS c12, j4.name AS c13, j4.id AS c14, t.task_id AS c15, t.objectable_from AS c16, t.objection_due_at AS c17, ((SELECT o.valid_to FROM escalation x JOIN organisation o ON o.id = x.referred_to_id WHERE x.id = t.escalation_id)) AS c18, ((SELECT x.status FROM task x WHERE x.id = t.task_id)) AS c19, j1.person_id AS c20, j1.person_told_at AS c21, j1.person_reply_days AS c22, j1.person_reply_due_at AS c23, j1.person_replied_at AS c24, j1.person_notice_on AS c25, ((SELECT a.is_active AND a.password_hash IS NOT NULL FROM account a WHERE a.id = j1.person_id)) AS c26, ((SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = j1.person_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) AS c27, ((SELECT jsonb_agg(h.span) FROM case_access c CROSS JOIN jsonb_array_elements(c.held) AS h(span) WHERE c.account_id = j1.person_id AND (c.escalation_id IS NULL OR c.escalation_id = j1.id))) AS c28, j1.decided_at AS c29, j1.withdrawn_at AS c30, j1.request_id AS c31, j1.filer_id AS c32, j1.respondent_id AS c33, j1.status AS c34, j1.ground_arose_at AS c35, j1.filed_at AS c36, j1.reply_restarted_at AS c37, j1.reply_due_at AS c38, j1.replied_at AS c39, j1.person_named_at AS c40, j1.mediation_from AS c41, j1.meeting_at AS c42, j1.referred_to_id AS c43, j5.kind AS c44, j5.valid_to AS c45, j5.successor_id AS c46, ((SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')) AS c47, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = (SELECT x.filer_id FROM escalation x WHERE x.id = t.escalation_id) UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at, (SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = a.account_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c48, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = (SELECT x.filer_id FROM escalation x WHERE x.id = t.escalation_id) UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.account_id, a.capacity, a.valid_from, a.valid_to, o.ends_on, o.id, c.held, (SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version) FROM event e WHERE e.subject_id = a.account_id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))) ORDER BY a.valid_from, a.id) FROM o JOIN appointment a ON a.organisation_id = o.id LEFT JOIN case_access c ON c.account_id = a.account_id AND c.escalation_id IS NULL) AS c49
  FROM follow_up l
  JOIN follow_up t ON t.id = l.id
  LEFT JOIN escalation j1 ON j1.id = t.escalation_id AND (j1.filer_id = ANY($2::uuid[]) OR j1.respondent_id = ANY($2::uuid[]) OR j1.person_id = ANY($3::uuid[]) OR (j1.person_id = $4::uuid AND j1.id = ANY($5::uuid[])) OR j1.referred_to_id = ANY($2::uuid[]) OR ((j1.filer_id IS NOT NULL AND j1.filer_id <> ALL($6::uuid[])) AND (j1.respondent_id IS NOT NULL AND j1.respondent_id <> ALL($6::uuid[])) AND (j1.person_id IS NULL OR j1.person_id <> $4::uuid)))
  LEFT JOIN task j2 ON j2.id = t.task_id
  LEFT JOIN account j3 ON j3.id = t.added_by_id
  LEFT JOIN account j4 ON j4.id = t.closed_by_id
  LEFT JOIN organisation j5 ON j5.id = j1.respondent_id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v6 WHERE v6.id = t.escalation_id AND (v6.filer_id = ANY($2::uuid[]) OR v6.respondent_id = ANY($2::uuid[]) OR v6.person_id = ANY($3::uuid[]) OR (v6.person_id = $4::uuid AND v6.id = ANY($5::uuid[])) OR v6.referred_to_id = ANY($2::uuid[]) OR ((v6.filer_id IS NOT NULL AND v6.filer_id <> ALL($6::uuid[])) AND (v6.respondent_id IS NOT NULL AND v6.respondent_id <> ALL($6::uuid[])) AND (v6.person_id IS NULL OR v6.person_id <> $4::uuid))))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c1, r.c3;

-- escalations.nodes.appendices
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.kind AS c1, t.text AS c2, t.created_at AS c3, j1.name AS c4, j2.id AS c5
  FROM appendix l
  JOIN appendix t ON t.id = l.id
  LEFT JOIN account j1 ON j1.id = t.author_id
  LEFT JOIN escalation j2 ON j2.id = t.escalation_id AND (j2.filer_id = ANY($2::uuid[]) OR j2.respondent_id = ANY($2::uuid[]) OR j2.person_id = ANY($3::uuid[]) OR (j2.person_id = $4::uuid AND j2.id = ANY($5::uuid[])) OR j2.referred_to_id = ANY($2::uuid[]) OR ((j2.filer_id IS NOT NULL AND j2.filer_id <> ALL($6::uuid[])) AND (j2.respondent_id IS NOT NULL AND j2.respondent_id <> ALL($6::uuid[])) AND (j2.person_id IS NULL OR j2.person_id <> $4::uuid)))
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v3 WHERE v3.id = t.escalation_id AND (v3.filer_id = ANY($2::uuid[]) OR v3.respondent_id = ANY($2::uuid[]) OR v3.person_id = ANY($3::uuid[]) OR (v3.person_id = $4::uuid AND v3.id = ANY($5::uuid[])) OR v3.referred_to_id = ANY($2::uuid[]) OR ((v3.filer_id IS NOT NULL AND v3.filer_id <> ALL($6::uuid[])) AND (v3.respondent_id IS NOT NULL AND v3.respondent_id <> ALL($6::uuid[])) AND (v3.person_id IS NULL OR v3.person_id <> $4::uuid))))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c3, r.c0;

-- escalations.nodes.remarks
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.text AS c4, j1.id AS c5, j2.name AS c6
  FROM remark l
  JOIN remark t ON t.id = l.id
  LEFT JOIN escalation j1 ON j1.id = t.escalation_id AND (j1.filer_id = ANY($2::uuid[]) OR j1.respondent_id = ANY($2::uuid[]) OR j1.person_id = ANY($3::uuid[]) OR (j1.person_id = $4::uuid AND j1.id = ANY($5::uuid[])) OR j1.referred_to_id = ANY($2::uuid[]) OR ((j1.filer_id IS NOT NULL AND j1.filer_id <> ALL($6::uuid[])) AND (j1.respondent_id IS NOT NULL AND j1.respondent_id <> ALL($6::uuid[])) AND (j1.person_id IS NULL OR j1.person_id <> $4::uuid)))
  LEFT JOIN account j2 ON j2.id = t.author_id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v3 WHERE v3.id = t.escalation_id AND (((v3.filer_id IS NOT NULL AND v3.filer_id <> ALL($6::uuid[])) AND (v3.respondent_id IS NOT NULL AND v3.respondent_id <> ALL($6::uuid[])) AND (v3.person_id IS NULL OR v3.person_id <> $4::uuid))))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c2, r.c0;

-- escalations.nodes.remarks.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.type AS c0, t.subject_version AS c1, t.id AS c2
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c1, r.c2;

-- escalations.nodes.dossier
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.type AS c1, t.epoch AS c2, t.xid AS c3, t.sequence AS c4
  FROM event t
  WHERE (t.subject_id = ANY(ARRAY[p.id, (SELECT x.request_id FROM escalation x WHERE x.id = p.id)]))
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.epoch, t.xid, t.sequence, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c3, r.c4, r.c0;

-- escalations.nodes.dossier: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE (t.subject_id = ANY(ARRAY[p.id, (SELECT x.request_id FROM escalation x WHERE x.id = p.id)]))
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- escalations.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.type AS c1, t.subject_version AS c2
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c0;

-- delegations
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, j1.name AS c4, t.valid_from AS c5, t.valid_to AS c6, t.decree_number AS c7, j2.name AS c8, t.account_id AS c9
FROM delegation t
LEFT JOIN account j1 ON j1.id = t.account_id
LEFT JOIN account j2 ON j2.id = t.delegated_by_id
ORDER BY t.valid_from DESC, t.id
LIMIT 3;

-- delegations.nodes.history
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.subject_version AS c1
  FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
  ORDER BY t.subject_version, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1, r.c0;
