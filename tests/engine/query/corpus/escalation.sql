-- escalations
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.ground AS c4, t.ground_arose_at AS c5, t.statement AS c6, t.status AS c7, t.filed_at AS c8, t.reply AS c9, t.replied_at AS c10, t.closed_at AS c11, t.withdrawn_at AS c12, j2.id AS c13, j2.subject AS c14, j3.code AS c15, j4.code AS c16, j5.name AS c17, j6.name AS c18, j6.id AS c19, t.request_id AS c20, t.filer_id AS c21, t.respondent_id AS c22, t.reply_due_at AS c23, t.mediation_from AS c24, t.meeting_at AS c25, t.decided_at AS c26, t.referred_to_id AS c27, j4.kind AS c28, ((SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')) AS c29, ((SELECT min(o.valid_to) FROM organisation o WHERE o.id IN (t.filer_id, t.respondent_id))) AS c30, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = t.respondent_id UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c31, (j7.meeting_at) AS c32, j7.meeting_place AS c33, j7.mediation_outcome AS c34, j8.name AS c35, j8.id AS c36, j7.id AS c37, (j9.decision_kind) AS c38, j9.decision_kind AS c39, (j9.decision_facts) AS c40, j9.legal_basis AS c41, j9.signed_by AS c42, j9.document_number AS c43, (j9.decided_at) AS c44, j10.name AS c45, j10.id AS c46, j11.name AS c47, j11.id AS c48, j12.code AS c49, j12.id AS c50, j9.id AS c51, (CASE WHEN ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($2::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($2::uuid[]))) THEN t.id END) AS c52
FROM escalation t
LEFT JOIN collaboration_request j2 ON j2.id = t.request_id
LEFT JOIN organisation j3 ON j3.id = t.filer_id
LEFT JOIN organisation j4 ON j4.id = t.respondent_id
LEFT JOIN account j5 ON j5.id = t.filed_by_id
LEFT JOIN account j6 ON j6.id = t.replied_by_id
LEFT JOIN escalation j7 ON j7.id = (CASE WHEN t.meeting_at IS NOT NULL THEN t.id END) AND (j7.filer_id = ANY($1::uuid[]) OR j7.respondent_id = ANY($1::uuid[]) OR j7.referred_to_id = ANY($1::uuid[]) OR ((j7.filer_id IS NOT NULL AND j7.filer_id <> ALL($2::uuid[])) AND (j7.respondent_id IS NOT NULL AND j7.respondent_id <> ALL($2::uuid[]))))
LEFT JOIN account j8 ON j8.id = j7.mediation_proposed_by_id
LEFT JOIN escalation j9 ON j9.id = (CASE WHEN t.decision_kind IS NOT NULL THEN t.id END) AND (j9.filer_id = ANY($1::uuid[]) OR j9.respondent_id = ANY($1::uuid[]) OR j9.referred_to_id = ANY($1::uuid[]) OR ((j9.filer_id IS NOT NULL AND j9.filer_id <> ALL($2::uuid[])) AND (j9.respondent_id IS NOT NULL AND j9.respondent_id <> ALL($2::uuid[]))))
LEFT JOIN account j10 ON j10.id = j9.decided_by_id
LEFT JOIN account j11 ON j11.id = j9.on_behalf_of_id
LEFT JOIN organisation j12 ON j12.id = j9.referred_to_id
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.referred_to_id = ANY($1::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($2::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($2::uuid[]))))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.filer_id AND x1.code IS DISTINCT FROM $3::text)
  AND t.status = ANY('{FILED,DECIDED}'::text[])
ORDER BY t.filed_at DESC, t.id
LIMIT 3;

-- escalations: count
SELECT count(*) FROM escalation t
WHERE (t.filer_id = ANY($1::uuid[]) OR t.respondent_id = ANY($1::uuid[]) OR t.referred_to_id = ANY($1::uuid[]) OR ((t.filer_id IS NOT NULL AND t.filer_id <> ALL($2::uuid[])) AND (t.respondent_id IS NOT NULL AND t.respondent_id <> ALL($2::uuid[]))))
  AND EXISTS (SELECT 1 FROM organisation x1 WHERE x1.id = t.filer_id AND x1.code IS DISTINCT FROM $3::text)
  AND t.status = ANY('{FILED,DECIDED}'::text[]);

-- escalations.nodes.followUps
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.text AS c1, t.due_on AS c2, t.is_referral AS c3, t.outcome AS c4, t.created_at AS c5, t.closed_at AS c6, t.objected_at AS c7, t.objection AS c8, j1.id AS c9, j2.id AS c10, j3.name AS c11, j3.id AS c12, j4.name AS c13, j4.id AS c14, t.task_id AS c15, t.objectable_from AS c16, t.objection_due_at AS c17, ((SELECT o.valid_to FROM escalation x JOIN organisation o ON o.id = x.referred_to_id WHERE x.id = t.escalation_id)) AS c18, ((SELECT x.status FROM task x WHERE x.id = t.task_id)) AS c19, j1.request_id AS c20, j1.filer_id AS c21, j1.respondent_id AS c22, j1.status AS c23, j1.ground_arose_at AS c24, j1.filed_at AS c25, j1.reply_due_at AS c26, j1.replied_at AS c27, j1.mediation_from AS c28, j1.meeting_at AS c29, j1.decided_at AS c30, j1.withdrawn_at AS c31, j1.referred_to_id AS c32, j5.kind AS c33, ((SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')) AS c34, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = (SELECT x.filer_id FROM escalation x WHERE x.id = t.escalation_id) UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c35
  FROM follow_up l
  JOIN follow_up t ON t.id = l.id
  LEFT JOIN escalation j1 ON j1.id = t.escalation_id AND (j1.filer_id = ANY($2::uuid[]) OR j1.respondent_id = ANY($2::uuid[]) OR j1.referred_to_id = ANY($2::uuid[]) OR ((j1.filer_id IS NOT NULL AND j1.filer_id <> ALL($3::uuid[])) AND (j1.respondent_id IS NOT NULL AND j1.respondent_id <> ALL($3::uuid[]))))
  LEFT JOIN task j2 ON j2.id = t.task_id
  LEFT JOIN account j3 ON j3.id = t.added_by_id
  LEFT JOIN account j4 ON j4.id = t.closed_by_id
  LEFT JOIN organisation j5 ON j5.id = j1.respondent_id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v6 WHERE v6.id = t.escalation_id AND (v6.filer_id = ANY($2::uuid[]) OR v6.respondent_id = ANY($2::uuid[]) OR v6.referred_to_id = ANY($2::uuid[]) OR ((v6.filer_id IS NOT NULL AND v6.filer_id <> ALL($3::uuid[])) AND (v6.respondent_id IS NOT NULL AND v6.respondent_id <> ALL($3::uuid[])))))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c5, r.c0;

-- escalations.nodes.appendices
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.kind AS c1, t.text AS c2, t.created_at AS c3, j1.name AS c4
  FROM appendix l
  JOIN appendix t ON t.id = l.id
  LEFT JOIN account j1 ON j1.id = t.author_id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.escalation_id AND (v2.filer_id = ANY($2::uuid[]) OR v2.respondent_id = ANY($2::uuid[]) OR v2.referred_to_id = ANY($2::uuid[]) OR ((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($3::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($3::uuid[])))))
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
  LEFT JOIN escalation j1 ON j1.id = t.escalation_id AND (j1.filer_id = ANY($2::uuid[]) OR j1.respondent_id = ANY($2::uuid[]) OR j1.referred_to_id = ANY($2::uuid[]) OR ((j1.filer_id IS NOT NULL AND j1.filer_id <> ALL($3::uuid[])) AND (j1.respondent_id IS NOT NULL AND j1.respondent_id <> ALL($3::uuid[]))))
  LEFT JOIN account j2 ON j2.id = t.author_id
  WHERE l.escalation_id = p.id
    AND EXISTS (SELECT 1 FROM escalation v3 WHERE v3.id = t.escalation_id AND (((v3.filer_id IS NOT NULL AND v3.filer_id <> ALL($3::uuid[])) AND (v3.respondent_id IS NOT NULL AND v3.respondent_id <> ALL($3::uuid[])))))
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c2, r.c0;

-- escalations.nodes.dossier
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.type AS c1, t.epoch AS c2, t.xid AS c3, t.sequence AS c4
  FROM event t
  WHERE (t.subject_id = ANY(ARRAY[p.id, (SELECT x.request_id FROM escalation x WHERE x.id = p.id)]))
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])))))))
  ORDER BY t.epoch, t.xid, t.sequence, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c3, r.c4, r.c0;

-- escalations.nodes.dossier: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE (t.subject_id = ANY(ARRAY[p.id, (SELECT x.request_id FROM escalation x WHERE x.id = p.id)]))
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])))))))
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
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])))))))
  ORDER BY t.subject_version, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c0;

-- delegations
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.valid_from AS c4, t.valid_to AS c5, t.decree_number AS c6, j1.name AS c7, j2.name AS c8, t.account_id AS c9
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
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])))))))
  ORDER BY t.subject_version, t.id
  LIMIT 1
) r
ORDER BY p.n, r.c1, r.c0;
