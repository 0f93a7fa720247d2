-- W1 in as few words as PostgreSQL needs: one statement that locks, changes, logs, keeps the key and, when the task
-- starts or turns out late, moves it from one counter to another (in the order of their key, as everybody does).
-- bench.reported: which tasks, each reported by whom; pgbench fills in :n and :progress.
\set n random(1, {count})
\set progress random(1, 99)
WITH before AS (
    SELECT t.id, t.progress, t.status, t.is_overdue, r.actor_id
    FROM bench.reported r JOIN task t ON t.id = r.task_id LEFT JOIN work_plan p ON p.id = t.work_plan_id
    WHERE r.n = :n AND t.archived_at IS NULL AND p.status IS DISTINCT FROM 'CLOSED'
        AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')
    FOR UPDATE OF t
), changed AS (
    UPDATE task t
    SET progress = :progress, status = CASE b.status WHEN 'PLANNED' THEN 'IN_PROGRESS' ELSE b.status END,
        is_overdue = coalesce(t.due_on < (now() AT TIME ZONE 'Asia/Jakarta')::date, false),
        version = t.version + 1, updated_at = clock_timestamp()
    FROM before b WHERE t.id = b.id
    RETURNING t.id, t.version, t.organisation_id, t.work_plan_id, t.target_id, t.draft_of_id, t.due_on, t.title,
        t.progress, t.status, t.is_overdue, t.updated_at,
        b.progress AS old_progress, b.status AS old_status, b.is_overdue AS was_overdue, b.actor_id
), counted AS (
    INSERT INTO task_count AS k (
        id, organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue, n
    )
    SELECT gen_random_uuid(), c.organisation_id, c.work_plan_id, c.target_id, d.status, c.draft_of_id,
        extract(year FROM c.due_on)::smallint, d.is_overdue, d.n
    FROM changed c
    CROSS JOIN LATERAL (VALUES (c.old_status, c.was_overdue, -1), (c.status, c.is_overdue, 1)) d(status, is_overdue, n)
    WHERE (c.old_status, c.was_overdue) <> (c.status, c.is_overdue)
    ORDER BY 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue)
    DO UPDATE SET n = k.n + excluded.n
), logged AS (
    INSERT INTO event (
        id, epoch, xid, sequence, type, subject_type, subject_id, subject_version, organisation_ids, actor_id, capacity,
        happened_at, recorded_at, changes, facts, audience
    )
    SELECT uuidv7(), 1, pg_current_xact_id()::text::bigint, nextval('event_sequence'), 'TASK_PROGRESS_REPORTED', 'Task',
        c.id, c.version, ARRAY[c.organisation_id], c.actor_id, 'DEFINITIVE', c.updated_at, c.updated_at,
        CASE WHEN c.progress = c.old_progress THEN '{{}}'::jsonb
            ELSE jsonb_build_object('progress', jsonb_build_array(c.old_progress, c.progress)) END
        || CASE WHEN c.status = c.old_status THEN '{{}}'::jsonb
            ELSE jsonb_build_object('status', jsonb_build_array(c.old_status, c.status)) END,
        jsonb_build_object('label', c.title, 'progress', c.progress, 'note', '{note}'), 'EVERYONE'
    FROM changed c
    RETURNING id, subject_id, actor_id, recorded_at
)
INSERT INTO idempotency_key (id, account_id, verb, key, input_hash, object_id, event_id, created_at)
SELECT uuidv7(), l.actor_id, 'reportProgress', gen_random_uuid()::text, sha256(l.subject_id::text::bytea), l.subject_id, l.id,
    l.recorded_at
FROM logged l;
