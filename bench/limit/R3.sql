-- The whole status board as one statement over the tables themselves: every table read once, counted for all
-- organisations and programmes at the same time. The peers answer R3 with it, and it is the recount that our own
-- server's answer must equal.
WITH day AS (
    SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date AS today,
        date_trunc('year', now() AT TIME ZONE 'Asia/Jakarta')::date AS first_day,
        extract(year FROM now() AT TIME ZONE 'Asia/Jakarta')::smallint AS this_year
), organisations AS (
    SELECT o.id, o.code, o.name FROM organisation o, day
    WHERE o.valid_from <= day.today AND (o.valid_to IS NULL OR o.valid_to >= day.today)
), programmes AS (
    SELECT p.id, p.code, p.name FROM programme p, day
    WHERE p.valid_from <= day.today AND (p.valid_to IS NULL OR p.valid_to >= day.today)
), plans AS (
    SELECT w.id, w.organisation_id, (w.status IN ('APPROVED', 'CLOSED'))::int AS approved FROM work_plan w, day
    WHERE w.draft_of_id IS NULL AND w.archived_at IS NULL AND w.year = day.this_year
), targets AS (
    SELECT t.id, t.owner_id, t.programme_id, t.indicator, t.achievement_to_date,
        CASE WHEN coalesce(t.realised_from <= day.today, false) THEN 'REALISED'
            WHEN coalesce(t.report_due_on < day.today, false) THEN 'NOT_REPORTED' ELSE t.pace END AS state
    FROM target t, day
    WHERE t.draft_of_id IS NULL AND t.archived_at IS NULL AND NOT t.is_proposed
        AND t.due_on >= day.first_day AND t.due_on < (day.first_day + interval '1 year')::date
), requests AS (
    SELECT r.id, r.subject, r.asker_id, r.giver_id, r.answer_due_at,
        CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END AS answerer_id,
        coalesce(r.target_id, k.target_id) AS target_id, (r.kind = 'NEED' AND r.lapsed_at IS NOT NULL)::int AS lapsed
    FROM collaboration_request r LEFT JOIN task k ON k.id = r.task_id
    WHERE r.status = 'OPEN'
), tasks AS MATERIALIZED (
    SELECT t.organisation_id, t.target_id, count(*) FILTER (WHERE t.status <> 'CANCELLED') AS n,
        count(*) FILTER (WHERE t.status = 'DONE') AS done, count(*) FILTER (WHERE t.status = 'BLOCKED') AS blocked,
        count(*) FILTER (WHERE t.is_overdue) AS overdue
    FROM task t, day
    WHERE t.draft_of_id IS NULL AND t.archived_at IS NULL AND (
        t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')
        OR t.due_on >= day.first_day AND t.due_on < (day.first_day + interval '1 year')::date
    )
    GROUP BY 1, 2
), counted AS (
    SELECT 'organisation' AS kind, organisation_id AS id, count(*) AS plans, sum(approved) AS approved FROM plans GROUP BY 2
    UNION ALL
    SELECT 'programme', x.programme_id, count(*), sum(p.approved) FROM plans p
    JOIN (SELECT DISTINCT programme_id, work_plan_id FROM target WHERE archived_at IS NULL) x ON x.work_plan_id = p.id
    GROUP BY 2
), measured AS (
    SELECT g.kind, g.id, count(*) AS targets, count(*) FILTER (WHERE state = 'REALISED') AS realised,
        count(*) FILTER (WHERE state = 'ON_TRACK') AS on_track, count(*) FILTER (WHERE state = 'AT_RISK') AS at_risk,
        count(*) FILTER (WHERE state = 'OFF_TRACK') AS off_track,
        count(*) FILTER (WHERE state = 'NOT_STARTED') AS not_started,
        count(*) FILTER (WHERE state = 'NOT_REPORTED') AS not_reported,
        avg(least(achievement_to_date, 110)) FILTER (
            WHERE achievement_to_date IS NOT NULL AND state <> 'NOT_REPORTED'
        ) AS average
    FROM targets t
    CROSS JOIN LATERAL (
        VALUES ('organisation', owner_id), ('programme', programme_id),
            ('city', CASE WHEN owner_id IN (SELECT id FROM organisations) THEN '00000000-0000-0000-0000-000000000000'::uuid END)
    ) g(kind, id)
    WHERE g.id IS NOT NULL
    GROUP BY 1, 2
), worked AS (
    SELECT g.kind, g.id, sum(n) AS n, sum(done) AS done, sum(blocked) AS blocked, sum(overdue) AS overdue
    FROM tasks LEFT JOIN target x ON x.id = tasks.target_id
    CROSS JOIN LATERAL (VALUES ('organisation', tasks.organisation_id), ('programme', x.programme_id)) g(kind, id)
    WHERE g.id IS NOT NULL
    GROUP BY 1, 2
), asked AS (
    SELECT g.kind, g.id, count(*) AS waiting, sum(lapsed) AS lapsed
    FROM requests r LEFT JOIN target x ON x.id = r.target_id
    CROSS JOIN LATERAL (VALUES ('organisation', r.answerer_id), ('programme', x.programme_id)) g(kind, id)
    WHERE g.id IS NOT NULL
    GROUP BY 1, 2
), listed AS (
    SELECT 'organisation' AS kind, id, code, name FROM organisations
    UNION ALL
    SELECT 'programme', id, code, name FROM programmes
), summed AS (
    SELECT l.kind, l.code, jsonb_build_object('id', l.id, 'code', l.code, 'name', l.name) AS who,
        coalesce(c.plans, 0) AS plans, coalesce(c.approved, 0) AS approved, m.*, coalesce(w.n, 0) AS n,
        coalesce(w.done, 0) AS done, coalesce(w.blocked, 0) AS blocked, coalesce(w.overdue, 0) AS overdue,
        coalesce(a.waiting, 0) AS waiting, coalesce(a.lapsed, 0) AS lapsed
    FROM listed l
    LEFT JOIN counted c ON (c.kind, c.id) = (l.kind, l.id)
    LEFT JOIN LATERAL (
        SELECT targets, realised, on_track, at_risk, off_track, not_started, not_reported, average FROM measured x
        WHERE (x.kind, x.id) = (l.kind, l.id)
    ) m ON true
    LEFT JOIN worked w ON (w.kind, w.id) = (l.kind, l.id)
    LEFT JOIN asked a ON (a.kind, a.id) = (l.kind, l.id)
), everything AS (
    SELECT kind, code, who, plans, approved, targets, realised, on_track, at_risk, off_track, not_started, not_reported,
        average, n, done, blocked, overdue, waiting, lapsed
    FROM summed
    UNION ALL
    SELECT 'city', NULL, NULL, s.plans, s.approved, m.targets, m.realised, m.on_track, m.at_risk, m.off_track,
        m.not_started, m.not_reported, m.average, s.n, s.done, s.blocked, s.overdue, s.waiting, s.lapsed
    FROM (
        SELECT sum(plans) AS plans, sum(approved) AS approved, sum(n) AS n, sum(done) AS done, sum(blocked) AS blocked,
            sum(overdue) AS overdue, sum(waiting) AS waiting, sum(lapsed) AS lapsed
        FROM summed WHERE kind = 'organisation'
    ) s LEFT JOIN measured m ON m.kind = 'city'
), told AS (
    SELECT kind, code, who, jsonb_build_object(
        'planCount', plans, 'approvedPlanCount', approved, 'targetCount', coalesce(targets, 0),
        'realisedCount', coalesce(realised, 0), 'onTrackCount', coalesce(on_track, 0),
        'atRiskCount', coalesce(at_risk, 0), 'offTrackCount', coalesce(off_track, 0),
        'notStartedCount', coalesce(not_started, 0), 'notReportedCount', coalesce(not_reported, 0),
        'averageAchievementToDate', CASE WHEN average < 100 THEN least(round(average, 1), 99.9) ELSE round(average, 1) END,
        'taskCount', n, 'doneTaskCount', done, 'blockedTaskCount', blocked,
        'overdueTaskCount', overdue, 'openRequestCount', waiting, 'lapsedRequestCount', lapsed
    ) AS summary
    FROM everything
)
SELECT jsonb_build_object(
    'totals', (SELECT summary FROM told WHERE kind = 'city'),
    'organisations', (
        SELECT jsonb_agg(jsonb_build_object('organisation', who, 'summary', summary) ORDER BY code)
        FROM told WHERE kind = 'organisation'
    ),
    'programmes', (
        SELECT jsonb_agg(jsonb_build_object('programme', who, 'summary', summary) ORDER BY code)
        FROM told WHERE kind = 'programme'
    ),
    'offTrack', (
        SELECT jsonb_agg(jsonb_build_object(
            'id', x.id, 'indicator', x.indicator, 'achievementToDate', CASE WHEN x.achievement_to_date < 100
                THEN least(round(x.achievement_to_date, 1), 99.9) ELSE round(x.achievement_to_date, 1) END,
            'owner', jsonb_build_object('id', o.id, 'name', o.name)
        ) ORDER BY x.achievement_to_date, x.id)
        FROM (SELECT * FROM targets WHERE state = 'OFF_TRACK' ORDER BY achievement_to_date, id LIMIT 10) x
        JOIN organisation o ON o.id = x.owner_id
    ),
    'requestsOnTheClock', (
        SELECT jsonb_agg(jsonb_build_object(
            'id', x.id, 'subject', x.subject, 'asker', jsonb_build_object('id', a.id, 'name', a.name),
            'giver', jsonb_build_object('id', g.id, 'name', g.name)
        ) ORDER BY x.answer_due_at, x.id)
        FROM (SELECT * FROM requests ORDER BY answer_due_at, id LIMIT 10) x
        JOIN organisation a ON a.id = x.asker_id JOIN organisation g ON g.id = x.giver_id
    ),
    'latest', (
        SELECT jsonb_agg(jsonb_build_object('id', x.id, 'type', x.type, 'subjectVersion', x.subject_version)
            ORDER BY x.epoch DESC, x.xid DESC, x.sequence DESC)
        FROM (
            SELECT id, type, subject_version, epoch, xid, sequence FROM event WHERE audience = 'EVERYONE'
            ORDER BY epoch DESC, xid DESC, sequence DESC LIMIT 10
        ) x
    )
) AS board
