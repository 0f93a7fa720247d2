-- W1 for the peer: what server/actions/task.py and server/rules/task.py do for `reportProgress`, as one function call.
-- It leaves the same rows: the task's next version, its event, the idempotency key, the counters of how many tasks
-- there are of each kind (locked last and in the order of their key, as everybody does).
CREATE SCHEMA bench;

CREATE FUNCTION bench.report_progress(
    viewer_id uuid, viewer_organisation_ids uuid[], viewer_role text, viewer_headed uuid[], viewer_capacities text[],
    is_reviewer boolean, reported_task_id uuid, reported_progress integer, note text, idempotency_key text
) RETURNS public.task LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    now_ constant timestamptz := clock_timestamp();
    hash constant bytea := sha256(convert_to(jsonb_build_array(reported_task_id, reported_progress, note)::text, 'UTF8'));
    event_id constant uuid := uuidv7();
    kept public.idempotency_key;
    before public.task;
    after public.task;
    capacity_ text;
    plan_status text;
    next_status text;
    changes_ jsonb;
BEGIN
    SELECT * INTO kept FROM public.idempotency_key k
    WHERE k.account_id = viewer_id AND k.verb = 'reportProgress' AND k.key = report_progress.idempotency_key;
    IF FOUND THEN
        IF kept.input_hash <> hash THEN RAISE EXCEPTION 'KEY_REUSED'; END IF;
        SELECT * INTO after FROM public.task t WHERE t.id = kept.object_id;
        RETURN after;
    END IF;

    SELECT * INTO before FROM public.task t WHERE t.id = reported_task_id FOR UPDATE;
    IF NOT FOUND OR NOT (before.draft_of_id IS NULL OR before.draft_of_id = ANY (viewer_organisation_ids) OR is_reviewer)
    THEN RAISE EXCEPTION 'NOT_FOUND'; END IF;
    capacity_ := viewer_capacities[array_position(viewer_headed, before.organisation_id)];
    IF capacity_ IS NULL AND NOT (
        before.organisation_id = viewer_organisation_ids[1] AND viewer_role IN ('STAFF', 'HEAD', 'OFFICE', 'REVIEWER')
    ) THEN RAISE EXCEPTION 'NOT_YOUR_ORGANISATION'; END IF;
    IF before.archived_at IS NOT NULL THEN RAISE EXCEPTION 'ARCHIVED'; END IF;
    SELECT p.status INTO plan_status FROM public.work_plan p WHERE p.id = before.work_plan_id;
    IF plan_status = 'CLOSED' THEN RAISE EXCEPTION 'PLAN_NOT_OPEN'; END IF;
    IF before.status NOT IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') THEN RAISE EXCEPTION 'MOVE_NOT_ALLOWED'; END IF;
    IF reported_progress NOT BETWEEN 0 AND 100 THEN RAISE EXCEPTION 'INVALID_INPUT'; END IF;
    next_status := CASE WHEN before.status = 'PLANNED' AND reported_progress > 0 THEN 'IN_PROGRESS' ELSE before.status END;

    UPDATE public.task t
    SET progress = reported_progress, status = next_status,
        is_overdue = coalesce(t.due_on < (now_ AT TIME ZONE 'Asia/Jakarta')::date, false), version = t.version + 1, updated_at = now_
    WHERE t.id = before.id
    RETURNING * INTO after;
    changes_ := '{}';
    IF after.progress <> before.progress THEN
        changes_ := changes_ || jsonb_build_object('progress', jsonb_build_array(before.progress, after.progress));
    END IF;
    IF after.status <> before.status THEN
        changes_ := changes_ || jsonb_build_object('status', jsonb_build_array(before.status, after.status));
    END IF;

    INSERT INTO public.event (
        id, epoch, xid, sequence, type, subject_type, subject_id, subject_version, organisation_ids, actor_id, capacity,
        happened_at, recorded_at, changes, facts, audience, audience_id
    ) VALUES (
        event_id, 1, pg_current_xact_id()::text::bigint, nextval('public.event_sequence'), 'TASK_PROGRESS_REPORTED', 'Task',
        after.id, after.version, ARRAY[after.organisation_id], viewer_id, capacity_, now_, now_, changes_,
        jsonb_build_object('label', after.title, 'progress', reported_progress, 'note', note),
        CASE WHEN after.draft_of_id IS NULL THEN 'EVERYONE' ELSE 'ORGANISATION' END, after.draft_of_id
    );
    INSERT INTO public.idempotency_key (id, account_id, verb, key, input_hash, object_id, event_id, created_at)
    VALUES (uuidv7(), viewer_id, 'reportProgress', idempotency_key, hash, after.id, event_id, now_);
    IF (before.status, before.is_overdue) <> (after.status, after.is_overdue) THEN
        INSERT INTO public.task_count AS c (
            id, organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue, n
        )
        SELECT gen_random_uuid(), after.organisation_id, after.work_plan_id, after.target_id, d.status, after.draft_of_id,
            extract(year FROM after.due_on)::smallint, d.is_overdue, d.n
        FROM (VALUES (before.status, before.is_overdue, -1), (after.status, after.is_overdue, 1)) d(status, is_overdue, n)
        ORDER BY 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT (organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue)
        DO UPDATE SET n = c.n + excluded.n;
    END IF;
    RETURN after;
END $$;
