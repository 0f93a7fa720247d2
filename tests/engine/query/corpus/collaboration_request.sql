-- requests
SELECT t.id AS c0, t.version AS c1, t.created_at AS c2, t.updated_at AS c3, t.title AS c4, t.kind AS c5, t.status AS c6, t.description AS c7, t.needed_on AS c8, t.agreed_due_on AS c9, j1.id AS c10, j1.code AS c11, t.asker_id AS c12, t.giver_id AS c13, t.counters_refused_count AS c14, t.question_count AS c15, t.question_asked_at AS c16, t.ruling_asked_at AS c17, t.ruling_days AS c18, t.ruling_due_at AS c19, t.ruling_proposed_id AS c20, t.is_assigned AS c21, t.redirects AS c22, t.new_due_on AS c23, t.counter_needed_on AS c24, t.answered_at AS c25, j2.status AS c26, j2.progress AS c27, ((SELECT (k.needs_evidence OR coalesce(w.needs_evidence, false)) AND k.evidence = '[]'::jsonb FROM task k LEFT JOIN work_plan w ON w.id = k.work_plan_id WHERE k.id = t.commitment_id)) AS c28, j2.completed_at AS c29, ((SELECT x.id FROM organisation x WHERE x.kind = 'MAYORS_OFFICE')) AS c30, t.answer_days AS c31, t.answer_started_at AS c32, t.answer_due_at AS c33, t.answer_stopped_at AS c34, t.answer_pauses AS c35, t.question_due_at AS c36, t.counter_made_at AS c37, t.counter_due_at AS c38, t.accepted_at AS c39, t.deliver_due_at AS c40, t.days_late AS c41, t.dispute_count AS c42, t.dispute_due_at AS c43, t.delivered_at AS c44, t.confirm_due_at AS c45, t.disputed_at AS c46, t.dispute_reason AS c47, t.commitment_id AS c48, t.clock_restarted_at AS c49, t.stand_ins AS c50, (CASE WHEN t.status IN ('COUNTERED', 'ACCEPTED', 'DELIVERED') OR t.question_asked_at IS NOT NULL THEN (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = CASE WHEN t.status IN ('ACCEPTED', 'DELIVERED') THEN t.asker_id ELSE CASE t.kind WHEN 'NEED' THEN t.asker_id ELSE t.giver_id END END UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) END) AS c51, ((SELECT jsonb_agg(jsonb_build_array(n.account_id, n.organisation_id, e.happened_at, e.changes) ORDER BY e.subject_version) FROM (SELECT x ->> 'accountId' AS account_id, x ->> 'organisationId' AS organisation_id, min((x ->> 'at')::timestamptz) AS at FROM jsonb_array_elements(t.stand_ins) x GROUP BY 1, 2) n JOIN event e ON e.subject_id = n.account_id::uuid AND e.happened_at > n.at AND e.changes ?| ARRAY['organisation_id', 'role', 'is_active'])) AS c52, (CASE WHEN (t.redirects <> '[]' OR EXISTS (SELECT FROM organisation o WHERE o.successor_id IN (t.asker_id, t.giver_id) AND o.version > 1)) OR EXISTS (SELECT FROM appointment a JOIN appointment b ON b.account_id = a.account_id WHERE a.organisation_id = t.asker_id AND b.organisation_id = t.giver_id) THEN (WITH stood AS (SELECT x.*, lag(x.until) OVER (PARTITION BY x.is_asker ORDER BY x.until) AS since FROM (SELECT m.key = 'asker_id' AS is_asker, (m.value ->> 0)::uuid AS id, e.happened_at AS until FROM event e CROSS JOIN jsonb_each(e.changes) m WHERE (t.redirects <> '[]' OR EXISTS (SELECT FROM organisation o WHERE o.successor_id IN (t.asker_id, t.giver_id) AND o.version > 1)) AND e.subject_id = t.id AND m.key IN ('asker_id', 'giver_id') AND m.value ->> 0 IS NOT NULL UNION ALL VALUES (true, t.asker_id, null::timestamptz), (false, t.giver_id, null)) x), shared AS (SELECT jsonb_agg(jsonb_build_array(a.account_id, p.id, a.capacity, q.id, b.capacity, greatest(a.valid_from, b.valid_from), least(a.valid_to, b.valid_to), greatest(a.created_at, b.created_at), greatest(p.since, q.since), least(p.until, q.until)) ORDER BY a.valid_from, b.valid_from, p.until, q.until) AS found FROM stood p JOIN appointment a ON a.organisation_id = p.id JOIN appointment b ON b.account_id = a.account_id JOIN stood q ON q.id = b.organisation_id WHERE p.is_asker AND NOT q.is_asker) SELECT jsonb_build_array(s.found, (SELECT jsonb_agg(jsonb_build_array(a.account_id, p.id, a.valid_from, a.valid_to, a.created_at, p.since, p.until)) FROM stood p JOIN appointment a ON a.organisation_id = p.id)) FROM shared s WHERE s.found IS NOT NULL) END) AS c53, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = t.giver_id UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c54, (EXISTS (SELECT 1 FROM escalation x WHERE x.request_id = t.id AND x.status IN ('FILED', 'MEDIATION', 'REPLIED', 'REPLY_LAPSED'))) AS c55, ((SELECT max(x.decided_at) FROM escalation x WHERE x.request_id = t.id)) AS c56, ((SELECT max(x.withdrawn_at) FROM escalation x WHERE x.request_id = t.id)) AS c57, j3.id AS c58, j3.status AS c59, j4.id AS c60, j4.code AS c61, (CASE WHEN t.task_id IS NOT NULL THEN 'Task' WHEN t.target_id IS NOT NULL THEN 'Target' END) AS c62, (coalesce(t.task_id, t.target_id)) AS c63, ((SELECT min(o.valid_to) FROM organisation o WHERE o.id IN (t.asker_id, t.giver_id))) AS c64, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c65, (ARRAY(SELECT (x ->> 'actorId')::uuid FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'actorId' IS NOT NULL)) AS c66, t.confirmed_at AS c67, t.withdrawn_at AS c68, (WITH RECURSIVE o(id, ends_on) AS (SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = t.asker_id UNION SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id) SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at) ORDER BY a.valid_from) FROM o JOIN appointment a ON a.organisation_id = o.id) AS c69, ((SELECT coalesce(jsonb_agg(jsonb_build_array(e.type, e.happened_at, e.changes) ORDER BY e.subject_version), '[]'::jsonb) FROM event e WHERE e.subject_id = t.id AND e.changes <> jsonb_build_object())) AS c70, ((ARRAY[]::uuid[])) AS c71, (coalesce(t.lapsed_at, CASE WHEN (t.status = 'OPEN' AND t.answer_due_at <= $6::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $7::date AND coalesce(least(a.valid_to, s.valid_to), $7::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date) AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $7::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $7::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $7::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER')))) THEN t.answer_due_at END)) AS c72, ((t.status = 'OPEN' AND t.answer_due_at <= $6::timestamptz - interval '1 second' AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.answer_pauses) x WHERE x ->> 'to' IS NULL AND (x ->> 'from')::timestamptz <= t.answer_due_at) AND EXISTS (SELECT FROM appointment a JOIN organisation s ON s.id = a.organisation_id WHERE CASE t.kind WHEN 'NEED' THEN t.giver_id ELSE t.asker_id END IN (s.id, s.successor_id) AND a.valid_from <= $7::date AND coalesce(least(a.valid_to, s.valid_to), $7::date) >= (t.answer_due_at AT TIME ZONE (SELECT c.time_zone FROM city c))::date) AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $7::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) o, LATERAL (SELECT greatest(o.since, max(h.until)) AS since FROM (SELECT c.account_id, greatest(c.created_at, c.valid_from::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, least(t.answer_due_at + interval '1 microsecond', CASE WHEN c.valid_to < $7::date THEN (c.valid_to + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END) AS until FROM appointment c WHERE c.organisation_id = o.answerer_id AND c.account_id <> o.account_id) h WHERE h.since < h.until AND NOT EXISTS (SELECT FROM (SELECT a.account_id, a.capacity = 'DEFINITIVE' OR g.capacity <> 'DEFINITIVE' AS for_asker, CASE t.kind WHEN 'NEED' THEN g.organisation_id ELSE a.organisation_id END AS answerer_id, greatest(a.created_at, g.created_at, greatest(a.valid_from, g.valid_from)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c)) AS since, CASE WHEN least(a.valid_to, g.valid_to) < $7::date THEN (least(a.valid_to, g.valid_to) + 1)::timestamp AT TIME ZONE (SELECT c.time_zone FROM city c) END AS until FROM appointment a JOIN appointment g ON g.account_id = a.account_id WHERE a.organisation_id = CASE WHEN t.asker_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'asker_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'asker_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.asker_id::text)::uuid ELSE t.asker_id END AND g.organisation_id = CASE WHEN t.giver_id IN (SELECT m.successor_id FROM organisation m WHERE m.successor_id IS NOT NULL AND m.version > 1) THEN coalesce((SELECT e.changes -> 'giver_id' ->> 0 FROM event e WHERE e.subject_id = t.id AND e.happened_at > t.answer_due_at AND e.changes -> 'giver_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), t.giver_id::text)::uuid ELSE t.giver_id END) p WHERE p.account_id = h.account_id AND p.for_asker = o.for_asker AND p.since < h.until AND (p.until IS NULL OR p.until >= h.until))) alone WHERE o.for_asker = (t.kind = 'NEED') AND alone.since <= t.answer_due_at AND (o.until IS NULL OR o.until > t.answer_due_at) AND NOT EXISTS (SELECT FROM (SELECT (x ->> 'accountId')::uuid AS id, x ->> 'organisationId' AS organisation_id FROM jsonb_array_elements(t.stand_ins) x WHERE (x ->> 'at')::timestamptz BETWEEN alone.since AND t.answer_due_at AND (x ->> 'organisationId')::uuid = o.answerer_id ORDER BY x ->> 'at' DESC LIMIT 1) n JOIN account y ON y.id = n.id WHERE coalesce((SELECT e.changes -> 'is_active' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'is_active' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.is_active::text) = 'true' AND coalesce((SELECT e.changes -> 'organisation_id' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'organisation_id' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.organisation_id::text) = n.organisation_id AND coalesce((SELECT e.changes -> 'role' ->> 0 FROM event e WHERE e.subject_id = y.id AND e.happened_at > t.answer_due_at AND e.changes -> 'role' ->> 0 IS NOT NULL ORDER BY e.subject_version LIMIT 1), y.role::text) IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER'))))) AS c73, t.answer_reason AS c74, j5.id AS c75, t.question AS c76, t.counter_terms AS c77, t.counter_made_by_id AS c78, (array_remove(ARRAY[t.counter_made_by_id], NULL)) AS c79, j6.id AS c80, (ARRAY(SELECT y::uuid FROM jsonb_array_elements(t.redirects) x, unnest(ARRAY[x ->> 'fromId', x ->> 'toId']) y)) AS c81, (ARRAY(SELECT (x ->> 'actorId')::uuid FROM jsonb_array_elements(t.redirects) x)) AS c82, t.ruling_cause AS c83, t.ruling_reason AS c84, j7.id AS c85, (ARRAY[t.asker_id, t.giver_id]) AS c86, (array_remove(ARRAY[t.stand_in_id], NULL)) AS c87, j2.id AS c88, (j2.progress) AS c89, t.new_due_reason AS c90, t.new_due_proposed_at AS c91
FROM collaboration_request t
LEFT JOIN organisation j1 ON j1.id = t.asker_id
LEFT JOIN task j2 ON j2.id = t.commitment_id
LEFT JOIN escalation j3 ON j3.id = (SELECT x.id FROM escalation x WHERE x.request_id = t.id ORDER BY x.filed_at DESC LIMIT 1) AND (j3.filer_id = ANY($1::uuid[]) OR j3.respondent_id = ANY($1::uuid[]) OR j3.person_id = ANY($2::uuid[]) OR (j3.person_id = $3::uuid AND j3.id = ANY($4::uuid[])) OR j3.referred_to_id = ANY($1::uuid[]) OR ((j3.filer_id IS NOT NULL AND j3.filer_id <> ALL($5::uuid[])) AND (j3.respondent_id IS NOT NULL AND j3.respondent_id <> ALL($5::uuid[])) AND (j3.person_id IS NULL OR j3.person_id <> $3::uuid)))
LEFT JOIN organisation j4 ON j4.id = t.giver_id
LEFT JOIN account j5 ON j5.id = t.answered_by_id
LEFT JOIN organisation j6 ON j6.id = t.redirected_from_id
LEFT JOIN organisation j7 ON j7.id = t.ruling_proposed_id
ORDER BY t.created_at DESC, t.id
LIMIT 3;

-- requests.nodes.about
SELECT t.id, t.id AS c0, t.title AS c1
FROM task t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.about
SELECT t.id, t.id AS c0, t.indicator AS c1
FROM target t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.answerClock.actor
SELECT t.id, t.id AS c0, t.name AS c1
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.confirmationClock.actor
SELECT t.id, t.id AS c0
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.counterOffer.madeBy
SELECT t.id, t.name AS c0
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.redirects.fromGiver
SELECT t.id, t.code AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.redirects.toGiver
SELECT t.id, t.code AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.redirects.actor
SELECT t.id, t.name AS c0
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.bothSides.organisation
SELECT t.id, t.code AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.bothSides.answerer
SELECT t.id, t.name AS c0
FROM account t
WHERE t.id = ANY($1::uuid[]);

-- requests.nodes.siblings
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, j1.code AS c1, t.created_at AS c2
  FROM (SELECT a.id AS one_id, b.id AS other_id FROM collaboration_request a JOIN collaboration_request b ON b.thread_id = a.thread_id AND b.id <> a.id) l
  JOIN collaboration_request t ON t.id = l.other_id
  LEFT JOIN organisation j1 ON j1.id = t.giver_id
  WHERE l.one_id = p.id
  ORDER BY t.created_at, t.id
  LIMIT 100
) r
ORDER BY p.n, r.c2, r.c0;

-- requests.nodes.messages
SELECT p.n, r.*
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
CROSS JOIN LATERAL (
  SELECT t.id AS c0, t.text AS c1, t.created_at AS c2, j1.id AS c3
  FROM message t
  LEFT JOIN account j1 ON j1.id = t.author_id
  WHERE t.request_id = p.id
  ORDER BY t.created_at, t.id
  LIMIT 3
) r
ORDER BY p.n, r.c2, r.c0;

-- requests.nodes.messages: count
SELECT p.n, (
  SELECT count(*) FROM message t
  WHERE t.request_id = p.id
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;

-- requests.nodes.history
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

-- requests.nodes.history: count
SELECT p.n, (
  SELECT count(*) FROM event t
  WHERE t.subject_id = p.id
    AND (t.audience = 'EVERYONE' OR (t.audience = 'ORGANISATION' AND t.audience_id = ANY($2::uuid[])) OR t.audience = 'ORGANISATION' OR (t.audience = 'ACCOUNT' AND t.audience_id = $3::uuid) OR (t.audience = 'CASE_ACCESS' AND t.audience_id = $3::uuid) OR t.audience = 'CASE_ACCESS' OR (t.audience = 'CASE' AND EXISTS (SELECT 1 FROM escalation v1 WHERE v1.id = t.audience_id AND (v1.filer_id = ANY($4::uuid[]) OR v1.respondent_id = ANY($4::uuid[]) OR v1.person_id = ANY($5::uuid[]) OR (v1.person_id = $3::uuid AND v1.id = ANY($6::uuid[])) OR v1.referred_to_id = ANY($4::uuid[]) OR ((v1.filer_id IS NOT NULL AND v1.filer_id <> ALL($2::uuid[])) AND (v1.respondent_id IS NOT NULL AND v1.respondent_id <> ALL($2::uuid[])) AND (v1.person_id IS NULL OR v1.person_id <> $3::uuid))))) OR (t.audience = 'CASE_OFFICE' AND EXISTS (SELECT 1 FROM escalation v2 WHERE v2.id = t.audience_id AND (((v2.filer_id IS NOT NULL AND v2.filer_id <> ALL($2::uuid[])) AND (v2.respondent_id IS NOT NULL AND v2.respondent_id <> ALL($2::uuid[])) AND (v2.person_id IS NULL OR v2.person_id <> $3::uuid))))))
) AS total
FROM unnest($1::uuid[]) WITH ORDINALITY p(id, n)
ORDER BY p.n;
