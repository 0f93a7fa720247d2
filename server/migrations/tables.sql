-- The tables as all migrations make them, for a database that has none. `make golden` writes this file.

CREATE TABLE account (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    title character varying(200) COLLATE pg_catalog."C",
    role character varying(40) NOT NULL COLLATE pg_catalog."C",
    login character varying(100) NOT NULL COLLATE pg_catalog."C",
    password_hash character varying(200) COLLATE pg_catalog."C",
    is_active boolean NOT NULL,
    last_sign_in_at timestamp with time zone,
    organisation_id uuid NOT NULL,
    login_folded text COLLATE pg_catalog."C",
    name_folded text COLLATE pg_catalog."C",
    name_key text COLLATE pg_catalog."C",
    title_folded text COLLATE pg_catalog."C"
);

COMMENT ON TABLE account IS 'A person who signs in.';

COMMENT ON COLUMN account.title IS 'Position title.';

COMMENT ON COLUMN account.role IS 'A member of Role.';

COMMENT ON COLUMN account.login IS 'Lower case.';

COMMENT ON COLUMN account.password_hash IS 'argon2id; null: cannot sign in yet.';

CREATE TABLE account_words (
    id uuid NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE account_words IS 'Of people: names and position titles, without stems.';

CREATE TABLE amendment (
    id uuid NOT NULL,
    kind character varying(40) NOT NULL COLLATE pg_catalog."C",
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    changes jsonb NOT NULL,
    proposed_at timestamp with time zone,
    decided_at timestamp with time zone,
    note text COLLATE pg_catalog."C",
    decided_by_id uuid,
    proposed_by_id uuid,
    target_id uuid NOT NULL,
    accepted_at timestamp with time zone,
    accepted_by_id uuid,
    before jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    draft_of_id uuid,
    prepared_by_id uuid NOT NULL,
    receiver_id uuid,
    updated_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

COMMENT ON TABLE amendment IS 'A proposed change of an approved plan''s target; every one is kept.';

COMMENT ON COLUMN amendment.kind IS 'A member of AmendmentKind.';

COMMENT ON COLUMN amendment.status IS 'A member of AmendmentStatus.';

COMMENT ON COLUMN amendment.changes IS 'Target columns → proposed values, as the log writes them.';

CREATE TABLE appendix (
    id uuid NOT NULL,
    kind character varying(40) NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    author_id uuid NOT NULL,
    escalation_id uuid NOT NULL
);

COMMENT ON TABLE appendix IS 'A correction of a decision or an objection to it; the decision itself stays as it is.';

COMMENT ON COLUMN appendix.kind IS 'A member of AppendixKind.';

CREATE TABLE appointment (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    capacity character varying(40) NOT NULL COLLATE pg_catalog."C",
    valid_from date NOT NULL,
    valid_to date,
    decree_number character varying(100) COLLATE pg_catalog."C",
    account_id uuid NOT NULL,
    organisation_id uuid NOT NULL
);

COMMENT ON TABLE appointment IS 'Who holds an organisation''s office when, and in what capacity.';

COMMENT ON COLUMN appointment.capacity IS 'A member of Capacity.';

COMMENT ON COLUMN appointment.valid_to IS 'The last day of the appointment.';

CREATE TABLE case_access (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    changed_by_ids jsonb NOT NULL,
    account_id uuid NOT NULL,
    escalation_id uuid,
    held jsonb DEFAULT '[]'::jsonb NOT NULL
);

COMMENT ON TABLE case_access IS 'Whether cases are for an account; without a row they are not.';

COMMENT ON COLUMN case_access.confirmed_at IS 'Null: not confirmed, or lost.';

COMMENT ON COLUMN case_access.changed_by_ids IS 'Who made the changes since by which it was lost, or would have been.';

CREATE TABLE city (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    code character varying(20) NOT NULL COLLATE pg_catalog."C",
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    time_zone character varying(60) NOT NULL COLLATE pg_catalog."C",
    term_starts_on date NOT NULL,
    term_ends_on date NOT NULL,
    report_working_days integer NOT NULL,
    grade_scale jsonb NOT NULL,
    holidays jsonb NOT NULL,
    is_demo boolean DEFAULT false NOT NULL,
    legal_bases jsonb DEFAULT '[]'::jsonb NOT NULL,
    referral_bodies jsonb DEFAULT '[]'::jsonb NOT NULL,
    achievement_cap integer DEFAULT 110 NOT NULL,
    map jsonb DEFAULT '[]'::jsonb NOT NULL,
    target_formula character varying(40) DEFAULT 'RATIO'::character varying NOT NULL COLLATE pg_catalog."C",
    inspectorate character varying(20) COLLATE pg_catalog."C",
    person_reply_working_days integer DEFAULT 7 NOT NULL,
    reprimand_kinds jsonb DEFAULT '["OPD", "KECAMATAN"]'::jsonb NOT NULL,
    acting_months integer DEFAULT 6 NOT NULL,
    complete_years jsonb DEFAULT '[]'::jsonb NOT NULL,
    ruling_working_days integer DEFAULT 3 NOT NULL
);

COMMENT ON TABLE city IS 'Name, term, time zone, grade scale and report days; everything that another city would change.';

COMMENT ON COLUMN city.report_working_days IS 'Working days after a quarter within which a report is due.';

COMMENT ON COLUMN city.grade_scale IS '[{\"grade\": \"VERY_HIGH\", \"from\": 91}, …], highest first.';

COMMENT ON COLUMN city.holidays IS 'Own days: [{\"date\", \"name\", \"isWorkday\"}].';

CREATE TABLE collaboration_request (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    kind character varying(40) NOT NULL COLLATE pg_catalog."C",
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    thread_id uuid NOT NULL,
    title character varying(300) CONSTRAINT collaboration_request_subject_not_null NOT NULL COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    needed_on date,
    agreed_due_on date,
    answer_days smallint NOT NULL,
    answer_started_at timestamp with time zone NOT NULL,
    answer_due_at timestamp with time zone NOT NULL,
    answer_stopped_at timestamp with time zone,
    answer_pauses jsonb NOT NULL,
    lapsed_at timestamp with time zone,
    answer_reason text COLLATE pg_catalog."C",
    answered_at timestamp with time zone,
    question text COLLATE pg_catalog."C",
    question_asked_at timestamp with time zone,
    question_due_at timestamp with time zone,
    question_count smallint NOT NULL,
    counter_needed_on date,
    counter_terms text COLLATE pg_catalog."C",
    counter_made_at timestamp with time zone,
    counter_due_at timestamp with time zone,
    counters_refused_count smallint CONSTRAINT collaboration_request_counters_refused_not_null NOT NULL,
    redirects jsonb NOT NULL,
    is_assigned boolean NOT NULL,
    ruling_cause character varying(40) COLLATE pg_catalog."C",
    ruling_asked_at timestamp with time zone,
    ruling_reason text COLLATE pg_catalog."C",
    new_due_on date,
    new_due_reason text COLLATE pg_catalog."C",
    new_due_proposed_at timestamp with time zone,
    accepted_at timestamp with time zone,
    delivered_at timestamp with time zone,
    confirm_due_at timestamp with time zone,
    disputed_at timestamp with time zone,
    dispute_reason text COLLATE pg_catalog."C",
    confirmed_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    answered_by_id uuid,
    asker_id uuid NOT NULL,
    commitment_id uuid,
    counter_made_by_id uuid,
    giver_id uuid NOT NULL,
    redirected_from_id uuid,
    ruling_proposed_id uuid,
    target_id uuid,
    task_id uuid,
    days_late smallint,
    deliver_due_at timestamp with time zone,
    dispute_count smallint DEFAULT 0 NOT NULL,
    dispute_due_at timestamp with time zone,
    ruling_due_at timestamp with time zone,
    stand_in_id uuid,
    stand_ins jsonb DEFAULT '[]'::jsonb NOT NULL,
    ruling_days smallint DEFAULT 3 NOT NULL,
    title_folded text COLLATE pg_catalog."C",
    clock_restarted_at timestamp with time zone
);

COMMENT ON TABLE collaboration_request IS 'Permintaan (NEED) or tawaran (OFFER) kolaborasi of one asker, who receives, and one giver, who delivers.';

COMMENT ON COLUMN collaboration_request.kind IS 'A member of RequestKind.';

COMMENT ON COLUMN collaboration_request.status IS 'A member of RequestStatus.';

COMMENT ON COLUMN collaboration_request.thread_id IS 'Shared by all that were asked of several at once.';

COMMENT ON COLUMN collaboration_request.answer_days IS 'Working days.';

COMMENT ON COLUMN collaboration_request.answer_pauses IS '[{\"reason\", \"from\", \"to\", \"actorId\"}].';

COMMENT ON COLUMN collaboration_request.lapsed_at IS 'When the answer clock ran out.';

COMMENT ON COLUMN collaboration_request.question_count IS 'Asked by the present giver, also before.';

COMMENT ON COLUMN collaboration_request.redirects IS 'What StoredRedirect in rules/collaboration_facts.py says, for each step.';

COMMENT ON COLUMN collaboration_request.is_assigned IS 'The mayor''s office has named the giver.';

COMMENT ON COLUMN collaboration_request.ruling_cause IS 'A member of RulingCause.';

CREATE TABLE collaboration_request_words (
    id uuid NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE collaboration_request_words IS 'Of requests and offers.';

CREATE TABLE comment (
    id uuid NOT NULL,
    text text CONSTRAINT comment_body_not_null NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    removed_at timestamp with time zone,
    author_id uuid NOT NULL,
    task_id uuid NOT NULL
);

COMMENT ON TABLE comment IS 'What somebody said of a task; its author may edit or remove it.';

COMMENT ON COLUMN comment.text IS 'Empty once removed.';

CREATE TABLE delegation (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    decree_number character varying(100) COLLATE pg_catalog."C",
    account_id uuid NOT NULL,
    delegated_by_id uuid NOT NULL
);

COMMENT ON TABLE delegation IS 'The mayor lets an account decide cases, for a stated period.';

COMMENT ON COLUMN delegation.valid_to IS 'The last day.';

CREATE TABLE deprecated_use (
    id uuid NOT NULL,
    coordinate character varying(300) NOT NULL COLLATE pg_catalog."C",
    last_used_at timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    token_id uuid
);

COMMENT ON TABLE deprecated_use IS 'When an account last used something deprecated, to the minute: its last use of a minute may go unrecorded.';

COMMENT ON COLUMN deprecated_use.coordinate IS 'Of the schema, such as Task.progress.';

CREATE TABLE escalation (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    ground character varying(40) NOT NULL COLLATE pg_catalog."C",
    ground_arose_at timestamp with time zone NOT NULL,
    statement text NOT NULL COLLATE pg_catalog."C",
    filed_at timestamp with time zone NOT NULL,
    reply_due_at timestamp with time zone NOT NULL,
    reply text COLLATE pg_catalog."C",
    replied_at timestamp with time zone,
    mediation_from character varying(40) COLLATE pg_catalog."C",
    meeting_at timestamp with time zone,
    meeting_place character varying(300) COLLATE pg_catalog."C",
    mediation_outcome text COLLATE pg_catalog."C",
    decision_kind character varying(40) COLLATE pg_catalog."C",
    decision_facts text COLLATE pg_catalog."C",
    legal_basis character varying(300) COLLATE pg_catalog."C",
    signed_by character varying(200) COLLATE pg_catalog."C",
    document_number character varying(100) COLLATE pg_catalog."C",
    decided_at timestamp with time zone,
    closed_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    decided_by_id uuid,
    filed_by_id uuid NOT NULL,
    filer_id uuid NOT NULL,
    mediation_proposed_by_id uuid,
    on_behalf_of_id uuid,
    referred_to_id uuid,
    replied_by_id uuid,
    request_id uuid NOT NULL,
    respondent_id uuid NOT NULL,
    decided_as character varying(40) COLLATE pg_catalog."C",
    decided_capacity character varying(40) COLLATE pg_catalog."C",
    decided_person_id uuid,
    hearing_number character varying(100) COLLATE pg_catalog."C",
    hearing_on date,
    person_id uuid,
    person_named_at timestamp with time zone,
    person_notice_number character varying(100) COLLATE pg_catalog."C",
    person_notice_on date,
    person_replied_at timestamp with time zone,
    person_reply text COLLATE pg_catalog."C",
    person_reply_days smallint,
    person_reply_due_at timestamp with time zone,
    person_told_at timestamp with time zone,
    reply_restarted_at timestamp with time zone,
    signed_by_office character varying(200) COLLATE pg_catalog."C",
    document_number_folded text COLLATE pg_catalog."C",
    hearing_number_folded text COLLATE pg_catalog."C",
    legal_basis_folded text COLLATE pg_catalog."C",
    meeting_place_folded text COLLATE pg_catalog."C",
    person_notice_number_folded text COLLATE pg_catalog."C",
    signed_by_folded text COLLATE pg_catalog."C",
    signed_by_office_folded text COLLATE pg_catalog."C"
);

COMMENT ON TABLE escalation IS 'One case. Who is no party''s head and not of the mayor''s office does not learn that it exists.';

COMMENT ON COLUMN escalation.status IS 'A member of EscalationStatus.';

COMMENT ON COLUMN escalation.ground IS 'A member of EscalationGround.';

COMMENT ON COLUMN escalation.mediation_from IS 'A member of EscalationStatus.';

COMMENT ON COLUMN escalation.decision_kind IS 'A member of DecisionKind.';

CREATE TABLE escalation_words (
    id uuid NOT NULL,
    words tsvector NOT NULL,
    filer_id uuid NOT NULL,
    respondent_id uuid NOT NULL,
    person_id uuid,
    referred_to_id uuid,
    filed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE escalation_words IS 'Of cases, with all by which they are hidden.';

CREATE TABLE event (
    id uuid NOT NULL,
    epoch smallint NOT NULL,
    xid bigint NOT NULL,
    sequence bigint NOT NULL,
    type character varying(40) NOT NULL COLLATE pg_catalog."C",
    subject_type character varying(40) NOT NULL COLLATE pg_catalog."C",
    subject_id uuid NOT NULL,
    subject_version integer NOT NULL,
    organisation_ids uuid[] NOT NULL,
    capacity character varying(40) COLLATE pg_catalog."C",
    happened_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    changes jsonb NOT NULL,
    facts jsonb NOT NULL,
    audience character varying(40) NOT NULL COLLATE pg_catalog."C",
    audience_id uuid,
    actor_id uuid,
    on_behalf_of_id uuid,
    deadline character varying(40) COLLATE pg_catalog."C"
);

COMMENT ON TABLE event IS 'What happened. Its position in the log is (epoch, xid, sequence); see events/reader.py for why.';

COMMENT ON COLUMN event.xid IS 'The writing transaction''s pg_current_xact_id().';

COMMENT ON COLUMN event.sequence IS 'From the table''s own sequence event_sequence.';

COMMENT ON COLUMN event.type IS 'A member of EventType.';

COMMENT ON COLUMN event.subject_type IS 'The subject''s GraphQL type.';

COMMENT ON COLUMN event.organisation_ids IS 'Organisations concerned, the owner first.';

COMMENT ON COLUMN event.capacity IS 'A member of Capacity.';

COMMENT ON COLUMN event.changes IS '{\"column\": [before, after]}.';

COMMENT ON COLUMN event.facts IS 'What its sentence needs, and the verb''s own words.';

COMMENT ON COLUMN event.audience IS 'A member of Audience.';

CREATE SEQUENCE event_sequence
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE event_sequence OWNED BY event.sequence;

CREATE TABLE follow_up (
    id uuid NOT NULL,
    text character varying(300) NOT NULL COLLATE pg_catalog."C",
    due_on date,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    objectable_from timestamp with time zone,
    objection_due_at timestamp with time zone,
    objected_at timestamp with time zone,
    objection text COLLATE pg_catalog."C",
    added_by_id uuid,
    closed_by_id uuid,
    escalation_id uuid NOT NULL,
    task_id uuid,
    is_referral boolean DEFAULT false NOT NULL,
    outcome text COLLATE pg_catalog."C"
);

COMMENT ON TABLE follow_up IS 'Something that follows from a decision, with the task that was ordered for it if any.';

COMMENT ON COLUMN follow_up.objectable_from IS 'When its task was done.';

CREATE TABLE hand_over_receipt (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    from_account_id uuid NOT NULL,
    handed_over_by_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    to_account_id uuid NOT NULL
);

COMMENT ON TABLE hand_over_receipt IS 'Serah terima: all that one person kept in an organisation, passed to another at once.';

CREATE TABLE handed_over_matter (
    id uuid NOT NULL,
    receipt_id uuid NOT NULL,
    target_id uuid,
    task_id uuid
);

COMMENT ON TABLE handed_over_matter IS 'What stands on a receipt: a task or a target.';

CREATE TABLE idempotency_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    verb character varying(60) NOT NULL COLLATE pg_catalog."C",
    key character varying(255) NOT NULL COLLATE pg_catalog."C",
    input_hash bytea NOT NULL,
    object_id uuid,
    event_id uuid,
    created_at timestamp with time zone NOT NULL,
    rows jsonb
);

COMMENT ON TABLE idempotency_key IS 'What a verb did for an account under a key: the input''s hash and the ids of object and event, for 48 hours.';

CREATE TABLE last_act (
    id uuid NOT NULL,
    quarter_on date NOT NULL,
    account_id uuid NOT NULL
);

COMMENT ON TABLE last_act IS 'In which quarter an account last did something of which everybody may know. Bookkeeping, by the sweep.';

COMMENT ON COLUMN last_act.quarter_on IS 'Its first day.';

CREATE TABLE measurement (
    id uuid NOT NULL,
    value numeric(18,4) NOT NULL,
    measured_on date NOT NULL,
    note text COLLATE pg_catalog."C",
    evidence jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    is_made_by_system boolean NOT NULL,
    owner_id uuid NOT NULL,
    recorded_by_id uuid NOT NULL,
    superseded_by_id uuid,
    supersedes_id uuid,
    target_id uuid NOT NULL,
    external_id character varying(200) COLLATE pg_catalog."C",
    external_id_folded text COLLATE pg_catalog."C"
);

COMMENT ON TABLE measurement IS 'One reading; never edited, a wrong one is superseded.';

COMMENT ON COLUMN measurement.evidence IS '[{\"url\", \"title\"}].';

CREATE TABLE message (
    id uuid NOT NULL,
    text text CONSTRAINT message_body_not_null NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    author_id uuid NOT NULL,
    request_id uuid NOT NULL
);

COMMENT ON TABLE message IS 'What somebody said in a request''s thread.';

CREATE TABLE organisation (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    kind character varying(40) NOT NULL COLLATE pg_catalog."C",
    code character varying(40) NOT NULL COLLATE pg_catalog."C",
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    short_name character varying(60) NOT NULL COLLATE pg_catalog."C",
    valid_from date NOT NULL,
    valid_to date,
    parent_id uuid,
    successor_id uuid,
    code_folded text COLLATE pg_catalog."C",
    code_key text COLLATE pg_catalog."C",
    name_folded text COLLATE pg_catalog."C",
    name_key text COLLATE pg_catalog."C",
    short_name_folded text COLLATE pg_catalog."C",
    short_name_key text COLLATE pg_catalog."C"
);

COMMENT ON TABLE organisation IS 'The mayor''s office, an OPD, a kecamatan, a kelurahan or a city company.';

COMMENT ON COLUMN organisation.kind IS 'A member of OrganisationKind.';

COMMENT ON COLUMN organisation.valid_to IS 'The last day on which it exists.';

CREATE TABLE organisation_words (
    id uuid NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE organisation_words IS 'Of organisations.';

CREATE TABLE password_link (
    id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    account_id uuid NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    made_by_id uuid
);

COMMENT ON TABLE password_link IS 'A one-time link, made by an administrator, with which a person sets a password.';

COMMENT ON COLUMN password_link.used_at IS 'When it was used, or ended unused.';

CREATE TABLE programme (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    code character varying(40) NOT NULL COLLATE pg_catalog."C",
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    valid_from date CONSTRAINT programme_active_from_not_null NOT NULL,
    valid_to date,
    lead_id uuid NOT NULL,
    code_folded text COLLATE pg_catalog."C",
    code_key text COLLATE pg_catalog."C",
    name_folded text COLLATE pg_catalog."C",
    name_key text COLLATE pg_catalog."C"
);

COMMENT ON TABLE programme IS 'A programme with its lead organisation and active period.';

COMMENT ON COLUMN programme.valid_to IS 'The last active day.';

CREATE TABLE programme_words (
    id uuid NOT NULL,
    words tsvector NOT NULL
);

COMMENT ON TABLE programme_words IS 'Of programmes.';

CREATE TABLE reader_position (
    id uuid NOT NULL,
    name character varying(60) NOT NULL COLLATE pg_catalog."C",
    epoch smallint NOT NULL,
    xid bigint NOT NULL,
    sequence bigint NOT NULL
);

COMMENT ON TABLE reader_position IS 'How far a lasting consumer of the log has come; moved in the transaction that does its work.';

CREATE TABLE remark (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    text text NOT NULL COLLATE pg_catalog."C",
    author_id uuid NOT NULL,
    escalation_id uuid NOT NULL
);

COMMENT ON TABLE remark IS 'A remark of the mayor''s office, seen by it alone and no part of the dossier.';

CREATE TABLE sign_in (
    id uuid NOT NULL,
    is_session boolean NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    account_id uuid NOT NULL,
    retry_hash bytea,
    updated_at timestamp with time zone NOT NULL,
    version integer NOT NULL
);

COMMENT ON TABLE sign_in IS 'One sign-in: a family of rotating refresh tokens, or a page''s sliding session.';

COMMENT ON COLUMN sign_in.secret_hash IS 'SHA-256 of the newest refresh token, or of the session''s cookie.';

COMMENT ON COLUMN sign_in.used_at IS 'When a token was exchanged last, or the session slid.';

CREATE TABLE sign_in_attempt (
    id uuid NOT NULL,
    bucket character varying(200) NOT NULL COLLATE pg_catalog."C",
    failures integer NOT NULL,
    window_starts_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE sign_in_attempt IS 'Failed sign-ins in a window, by account and by address; what limits guessing.';

COMMENT ON COLUMN sign_in_attempt.bucket IS 'What is counted: its kind and a keyed hash.';

CREATE TABLE status_day (
    id uuid NOT NULL,
    counted_on date NOT NULL,
    plan_count integer NOT NULL,
    approved_plan_count integer NOT NULL,
    target_count integer NOT NULL,
    realised_count integer NOT NULL,
    on_track_count integer NOT NULL,
    at_risk_count integer NOT NULL,
    off_track_count integer NOT NULL,
    not_started_count integer NOT NULL,
    not_reported_count integer NOT NULL,
    average_achievement numeric(18,4),
    average_achievement_left_out integer NOT NULL,
    average_achievement_to_date numeric(18,4),
    average_achievement_to_date_left_out integer NOT NULL,
    task_count integer NOT NULL,
    done_task_count integer NOT NULL,
    blocked_task_count integer NOT NULL,
    help_wanted_count integer NOT NULL,
    overdue_task_count integer NOT NULL,
    open_request_count integer NOT NULL,
    lapsed_request_count integer NOT NULL,
    organisation_id uuid,
    programme_id uuid
);

COMMENT ON TABLE status_day IS 'The counts of one organisation, of one programme, or (neither) of the city, as a day ended.';

CREATE TABLE swept_until (
    id uuid NOT NULL,
    name character varying(60) NOT NULL COLLATE pg_catalog."C",
    swept_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE swept_until IS 'One row: numbers that the clock changes count what had run out by this moment, whichever process looked.';

COMMENT ON COLUMN swept_until.swept_at IS 'By the clock of the rules.';

COMMENT ON COLUMN swept_until.finished_at IS 'By the machine''s, from which its age is counted.';

CREATE TABLE target (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    indicator character varying(300) NOT NULL COLLATE pg_catalog."C",
    unit character varying(60) NOT NULL COLLATE pg_catalog."C",
    direction character varying(40) NOT NULL COLLATE pg_catalog."C",
    roll_up character varying(40) NOT NULL COLLATE pg_catalog."C",
    baseline numeric(18,4),
    target_value numeric(18,4) NOT NULL,
    target_value_to numeric(18,4),
    due_on date NOT NULL,
    milestones jsonb NOT NULL,
    is_proposed boolean NOT NULL,
    realised numeric(18,4),
    achievement numeric(18,4),
    achievement_to_date numeric(18,4),
    grade character varying(40) COLLATE pg_catalog."C",
    pace character varying(40) NOT NULL COLLATE pg_catalog."C",
    last_measured_on date,
    report_due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    owner_id uuid NOT NULL,
    programme_id uuid,
    responsible_id uuid,
    work_plan_id uuid NOT NULL,
    counts_from date,
    formula character varying(40) DEFAULT 'RATIO'::character varying NOT NULL COLLATE pg_catalog."C",
    grade_to_date character varying(40) COLLATE pg_catalog."C",
    realised_from date,
    told_from date,
    untold_due_on jsonb DEFAULT '[]'::jsonb NOT NULL,
    indicator_folded text COLLATE pg_catalog."C",
    indicator_key text COLLATE pg_catalog."C",
    unit_folded text COLLATE pg_catalog."C",
    external_id character varying(200) COLLATE pg_catalog."C",
    external_id_folded text COLLATE pg_catalog."C"
);

COMMENT ON TABLE target IS 'An indicator of a plan with the value to reach; what its readings say of it is kept on the row.';

COMMENT ON COLUMN target.direction IS 'A member of TargetDirection.';

COMMENT ON COLUMN target.roll_up IS 'A member of RollUp.';

COMMENT ON COLUMN target.target_value_to IS 'The upper bound of a RANGE.';

COMMENT ON COLUMN target.milestones IS '[{\"dueOn\": \"2026-03-31\", \"value\": \"12.5\"}].';

COMMENT ON COLUMN target.is_proposed IS 'Added to an approved plan, not yet approved.';

COMMENT ON COLUMN target.achievement IS 'Capaian of the year, percent.';

COMMENT ON COLUMN target.achievement_to_date IS 'Capaian against the period''s expected value.';

COMMENT ON COLUMN target.grade IS 'A member of Grade.';

COMMENT ON COLUMN target.pace IS 'A member of TrackState.';

COMMENT ON COLUMN target.report_due_on IS 'Not reported from the day after this one on.';

CREATE TABLE target_owner (
    id uuid CONSTRAINT target_owner_id_not_null1 NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    organisation_id uuid NOT NULL,
    target_id uuid NOT NULL
);

COMMENT ON TABLE target_owner IS 'Who answered for a target from when to when.';

COMMENT ON COLUMN target_owner.valid_to IS 'The last day; null: still.';

CREATE TABLE target_words (
    id uuid NOT NULL,
    words tsvector NOT NULL,
    due_on date NOT NULL,
    draft_of_id uuid,
    archived_at timestamp with time zone
);

COMMENT ON TABLE target_words IS 'Of targets.';

CREATE TABLE task (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    title character varying(300) NOT NULL COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    status_reason text COLLATE pg_catalog."C",
    priority character varying(40) NOT NULL COLLATE pg_catalog."C",
    progress smallint NOT NULL,
    starts_on date,
    due_on date,
    completed_at timestamp with time zone,
    is_ordered boolean NOT NULL,
    needs_evidence boolean NOT NULL,
    support_asked_at timestamp with time zone,
    support_note text COLLATE pg_catalog."C",
    checklist jsonb NOT NULL,
    evidence jsonb NOT NULL,
    external_id character varying(200) COLLATE pg_catalog."C",
    draft_of_id uuid,
    archived_at timestamp with time zone,
    assignee_id uuid,
    kelurahan_id uuid,
    organisation_id uuid NOT NULL,
    target_id uuid,
    work_plan_id uuid,
    is_overdue boolean DEFAULT false NOT NULL,
    support_answer text COLLATE pg_catalog."C",
    external_id_folded text COLLATE pg_catalog."C",
    title_folded text COLLATE pg_catalog."C",
    title_key text COLLATE pg_catalog."C"
)
WITH (fillfactor='90');

COMMENT ON TABLE task IS 'Pekerjaan of one organisation, normally in its plan.';

COMMENT ON COLUMN task.status IS 'A member of TaskStatus.';

COMMENT ON COLUMN task.status_reason IS 'Why it is blocked, cancelled or reopened.';

COMMENT ON COLUMN task.priority IS 'A member of Priority.';

COMMENT ON COLUMN task.progress IS '0 to 100.';

COMMENT ON COLUMN task.is_ordered IS 'Ordered by the mayor''s office (disposisi).';

COMMENT ON COLUMN task.needs_evidence IS 'Asked for by an order; a plan asks for itself.';

COMMENT ON COLUMN task.support_asked_at IS 'Raised to the mayor''s office while blocked.';

COMMENT ON COLUMN task.checklist IS '[{\"id\", \"text\", \"isDone\"}], at most 100.';

COMMENT ON COLUMN task.evidence IS '[{\"url\", \"title\"}].';

CREATE TABLE task_count (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    work_plan_id uuid,
    target_id uuid,
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    draft_of_id uuid,
    due_year smallint,
    is_overdue boolean NOT NULL,
    n bigint NOT NULL
)
WITH (fillfactor='50');

COMMENT ON TABLE task_count IS 'How many tasks are alike in these columns, which are the task''s own; archived ones are not counted.';

COMMENT ON COLUMN task_count.status IS 'A member of TaskStatus.';

COMMENT ON COLUMN task_count.due_year IS 'The year of its due date.';

COMMENT ON COLUMN task_count.is_overdue IS 'As it was last recorded.';

COMMENT ON COLUMN task_count.n IS '0 where there were some once.';

CREATE TABLE task_dependency (
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    waits_for_id uuid NOT NULL
);

COMMENT ON TABLE task_dependency IS 'One task waits for another.';

CREATE TABLE task_words (
    id uuid NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector NOT NULL
)
PARTITION BY HASH (id);

CREATE TABLE task_words_0 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_1 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_10 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_11 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_12 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_13 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_14 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_15 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_2 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_3 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_4 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_5 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_6 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_7 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_8 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE task_words_9 (
    id uuid CONSTRAINT task_words_id_not_null NOT NULL,
    due_on date,
    draft_of_id uuid,
    archived_at timestamp with time zone,
    words tsvector CONSTRAINT task_words_words_not_null NOT NULL
);

CREATE TABLE texts_kept (
    id uuid NOT NULL,
    name character varying(60) NOT NULL COLLATE pg_catalog."C",
    texts jsonb NOT NULL
);

COMMENT ON TABLE texts_kept IS 'Of a table: all its rows have what is kept of their texts; what no index finds is not looked for again.';

COMMENT ON COLUMN texts_kept.texts IS 'What is kept: columns, and the table of words.';

CREATE TABLE token (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    scopes jsonb NOT NULL,
    is_city_wide boolean NOT NULL,
    networks jsonb NOT NULL,
    locks_network boolean NOT NULL,
    secret_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    account_id uuid NOT NULL,
    made_by_id uuid
);

COMMENT ON TABLE token IS 'By which a program asks and acts as its service account; it is never changed but revoked.';

COMMENT ON COLUMN token.scopes IS 'Members of TokenScope.';

COMMENT ON COLUMN token.networks IS 'From which alone it counts; empty: from all.';

COMMENT ON COLUMN token.locks_network IS 'Whether it counts from the network alone from which it is used first.';

COMMENT ON COLUMN token.secret_hash IS 'SHA-256 of its 256 random bits.';

COMMENT ON COLUMN token.last_used_at IS 'To the minute.';

CREATE TABLE tortoise_migrations (
    id integer NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

CREATE SEQUENCE tortoise_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE tortoise_migrations_id_seq OWNED BY tortoise_migrations.id;

CREATE TABLE work_plan (
    id uuid NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    year integer NOT NULL,
    title character varying(300) NOT NULL COLLATE pg_catalog."C",
    status character varying(40) NOT NULL COLLATE pg_catalog."C",
    needs_evidence boolean NOT NULL,
    submitted_at timestamp with time zone,
    approved_at timestamp with time zone,
    closed_at timestamp with time zone,
    return_note text COLLATE pg_catalog."C",
    draft_of_id uuid,
    archived_at timestamp with time zone,
    approved_by_id uuid,
    organisation_id uuid NOT NULL,
    submitted_by_id uuid,
    title_folded text COLLATE pg_catalog."C",
    title_key text COLLATE pg_catalog."C"
);

COMMENT ON TABLE work_plan IS 'Rencana kerja of one organisation for one year.';

COMMENT ON COLUMN work_plan.status IS 'A member of WorkPlanStatus.';

COMMENT ON COLUMN work_plan.needs_evidence IS 'Its tasks are completed with evidence only.';

COMMENT ON COLUMN work_plan.draft_of_id IS 'Its organisation until it is first submitted.';

CREATE TABLE work_plan_words (
    id uuid NOT NULL,
    words tsvector NOT NULL,
    year integer NOT NULL,
    draft_of_id uuid,
    archived_at timestamp with time zone
);

COMMENT ON TABLE work_plan_words IS 'Of work plans.';

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_0 FOR VALUES WITH (modulus 16, remainder 0);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_1 FOR VALUES WITH (modulus 16, remainder 1);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_10 FOR VALUES WITH (modulus 16, remainder 10);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_11 FOR VALUES WITH (modulus 16, remainder 11);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_12 FOR VALUES WITH (modulus 16, remainder 12);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_13 FOR VALUES WITH (modulus 16, remainder 13);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_14 FOR VALUES WITH (modulus 16, remainder 14);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_15 FOR VALUES WITH (modulus 16, remainder 15);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_2 FOR VALUES WITH (modulus 16, remainder 2);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_3 FOR VALUES WITH (modulus 16, remainder 3);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_4 FOR VALUES WITH (modulus 16, remainder 4);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_5 FOR VALUES WITH (modulus 16, remainder 5);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_6 FOR VALUES WITH (modulus 16, remainder 6);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_7 FOR VALUES WITH (modulus 16, remainder 7);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_8 FOR VALUES WITH (modulus 16, remainder 8);

ALTER TABLE ONLY task_words ATTACH PARTITION task_words_9 FOR VALUES WITH (modulus 16, remainder 9);

ALTER TABLE ONLY tortoise_migrations ALTER COLUMN id SET DEFAULT nextval('tortoise_migrations_id_seq'::regclass);

ALTER TABLE ONLY account
    ADD CONSTRAINT account_login_key UNIQUE (login);

ALTER TABLE ONLY account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY account_words
    ADD CONSTRAINT account_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY appendix
    ADD CONSTRAINT appendix_pkey PRIMARY KEY (id);

ALTER TABLE ONLY appointment
    ADD CONSTRAINT appointment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY case_access
    ADD CONSTRAINT case_access_pkey PRIMARY KEY (id);

ALTER TABLE ONLY city
    ADD CONSTRAINT city_code_key UNIQUE (code);

ALTER TABLE ONLY city
    ADD CONSTRAINT city_pkey PRIMARY KEY (id);

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY collaboration_request_words
    ADD CONSTRAINT collaboration_request_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY delegation
    ADD CONSTRAINT delegation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY deprecated_use
    ADD CONSTRAINT deprecated_use_pkey PRIMARY KEY (id);

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY escalation_words
    ADD CONSTRAINT escalation_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY event
    ADD CONSTRAINT event_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY follow_up
    ADD CONSTRAINT follow_up_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hand_over_receipt
    ADD CONSTRAINT hand_over_receipt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY handed_over_matter
    ADD CONSTRAINT handed_over_matter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY last_act
    ADD CONSTRAINT last_act_pkey PRIMARY KEY (id);

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation
    ADD CONSTRAINT organisation_code_key UNIQUE (code);

ALTER TABLE ONLY organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY organisation_words
    ADD CONSTRAINT organisation_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY password_link
    ADD CONSTRAINT password_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY programme
    ADD CONSTRAINT programme_code_key UNIQUE (code);

ALTER TABLE ONLY programme
    ADD CONSTRAINT programme_pkey PRIMARY KEY (id);

ALTER TABLE ONLY programme_words
    ADD CONSTRAINT programme_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY reader_position
    ADD CONSTRAINT reader_position_name_key UNIQUE (name);

ALTER TABLE ONLY reader_position
    ADD CONSTRAINT reader_position_pkey PRIMARY KEY (id);

ALTER TABLE ONLY remark
    ADD CONSTRAINT remark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_bucket_key UNIQUE (bucket);

ALTER TABLE ONLY sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sign_in
    ADD CONSTRAINT sign_in_pkey PRIMARY KEY (id);

ALTER TABLE ONLY status_day
    ADD CONSTRAINT status_day_pkey PRIMARY KEY (id);

ALTER TABLE ONLY swept_until
    ADD CONSTRAINT swept_until_name_key UNIQUE (name);

ALTER TABLE ONLY swept_until
    ADD CONSTRAINT swept_until_pkey PRIMARY KEY (id);

ALTER TABLE ONLY target
    ADD CONSTRAINT target_external_id UNIQUE (owner_id, external_id);

ALTER TABLE ONLY target_owner
    ADD CONSTRAINT target_owner_pkey PRIMARY KEY (id);

ALTER TABLE ONLY target
    ADD CONSTRAINT target_pkey PRIMARY KEY (id);

ALTER TABLE ONLY target_words
    ADD CONSTRAINT target_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_count
    ADD CONSTRAINT task_count_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_dependency
    ADD CONSTRAINT task_dependency_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words
    ADD CONSTRAINT task_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_0
    ADD CONSTRAINT task_words_0_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_10
    ADD CONSTRAINT task_words_10_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_11
    ADD CONSTRAINT task_words_11_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_12
    ADD CONSTRAINT task_words_12_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_13
    ADD CONSTRAINT task_words_13_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_14
    ADD CONSTRAINT task_words_14_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_15
    ADD CONSTRAINT task_words_15_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_1
    ADD CONSTRAINT task_words_1_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_2
    ADD CONSTRAINT task_words_2_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_3
    ADD CONSTRAINT task_words_3_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_4
    ADD CONSTRAINT task_words_4_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_5
    ADD CONSTRAINT task_words_5_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_6
    ADD CONSTRAINT task_words_6_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_7
    ADD CONSTRAINT task_words_7_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_8
    ADD CONSTRAINT task_words_8_pkey PRIMARY KEY (id);

ALTER TABLE ONLY task_words_9
    ADD CONSTRAINT task_words_9_pkey PRIMARY KEY (id);

ALTER TABLE ONLY texts_kept
    ADD CONSTRAINT texts_kept_name_key UNIQUE (name);

ALTER TABLE ONLY texts_kept
    ADD CONSTRAINT texts_kept_pkey PRIMARY KEY (id);

ALTER TABLE ONLY token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tortoise_migrations
    ADD CONSTRAINT tortoise_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tortoise_migrations
    ADD CONSTRAINT uid_tortoise_mi_app_3803a5 UNIQUE (app, name);

ALTER TABLE ONLY work_plan
    ADD CONSTRAINT work_plan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY work_plan_words
    ADD CONSTRAINT work_plan_words_pkey PRIMARY KEY (id);

CREATE INDEX account_words_words ON account_words USING gin (words);

CREATE UNIQUE INDEX amendment_open ON amendment USING btree (target_id) WHERE ((status)::text = ANY (ARRAY[('PREPARED'::character varying)::text, ('PROPOSED'::character varying)::text, ('ACCEPTED'::character varying)::text]));

CREATE UNIQUE INDEX case_access_of_account ON case_access USING btree (account_id) WHERE (escalation_id IS NULL);

CREATE UNIQUE INDEX case_access_of_person ON case_access USING btree (account_id, escalation_id) WHERE (escalation_id IS NOT NULL);

CREATE INDEX collaboration_request_redirects ON collaboration_request USING gin (redirects jsonb_path_ops);

CREATE INDEX collaboration_request_running ON collaboration_request USING btree (id) WHERE ((status)::text = ANY (ARRAY[('OPEN'::character varying)::text, ('COUNTERED'::character varying)::text, ('ACCEPTED'::character varying)::text, ('DELIVERED'::character varying)::text, ('DISPUTED'::character varying)::text]));

CREATE INDEX collaboration_request_waiting ON collaboration_request USING btree ((
CASE kind
    WHEN 'NEED'::text THEN giver_id
    ELSE asker_id
END)) WHERE ((status)::text = 'OPEN'::text);

CREATE INDEX collaboration_request_words_words ON collaboration_request_words USING gin (words);

CREATE UNIQUE INDEX deprecated_use_of_token ON deprecated_use USING btree (token_id, coordinate) WHERE (token_id IS NOT NULL);

CREATE UNIQUE INDEX deprecated_use_once ON deprecated_use USING btree (account_id, coordinate) WHERE (token_id IS NULL);

CREATE UNIQUE INDEX escalation_open ON escalation USING btree (request_id) WHERE ((status)::text = ANY (ARRAY[('FILED'::character varying)::text, ('REPLIED'::character varying)::text, ('REPLY_LAPSED'::character varying)::text, ('MEDIATION'::character varying)::text]));

CREATE INDEX escalation_waiting ON escalation USING btree (id) WHERE ((status)::text = ANY (ARRAY[('DECIDED'::character varying)::text, ('FILED'::character varying)::text, ('MEDIATION'::character varying)::text, ('REPLIED'::character varying)::text, ('REPLY_LAPSED'::character varying)::text]));

CREATE INDEX escalation_words_words ON escalation_words USING gin (words);

CREATE UNIQUE INDEX event_deadline ON event USING btree (subject_id, deadline, happened_at) WHERE (deadline IS NOT NULL);

CREATE UNIQUE INDEX idempotency_key_once ON idempotency_key USING btree (account_id, verb, key);

CREATE INDEX idx_account_name_ke_fe0f5e ON account USING btree (name_key, id);

CREATE INDEX idx_account_organis_73173b ON account USING btree (organisation_id, name_key, id);

CREATE INDEX idx_amendment_created_577ee6 ON amendment USING btree (created_at, id);

CREATE INDEX idx_amendment_receive_1018c2 ON amendment USING btree (receiver_id);

CREATE INDEX idx_amendment_target__4d14b6 ON amendment USING btree (target_id, created_at, id);

CREATE INDEX idx_amendment_updated_2e8e4c ON amendment USING brin (updated_at);

CREATE INDEX idx_appendix_escalat_5d0259 ON appendix USING btree (escalation_id, created_at, id);

CREATE INDEX idx_appointment_account_c063f4 ON appointment USING btree (account_id, valid_from, id);

CREATE INDEX idx_appointment_organis_a1d5dc ON appointment USING btree (organisation_id, valid_from, id);

CREATE INDEX idx_appointment_valid_t_5e42c5 ON appointment USING btree (valid_to, id);

CREATE INDEX idx_collaborati_answer__c5834e ON collaboration_request USING btree (answer_due_at, id);

CREATE INDEX idx_collaborati_asker_i_fbbc09 ON collaboration_request USING btree (asker_id, created_at, id);

CREATE INDEX idx_collaborati_commitm_5063fc ON collaboration_request USING btree (commitment_id);

CREATE INDEX idx_collaborati_created_a8377b ON collaboration_request USING btree (created_at, id);

CREATE INDEX idx_collaborati_giver_i_258dd3 ON collaboration_request USING btree (giver_id, answer_due_at, id);

CREATE INDEX idx_collaborati_giver_i_d6c8f6 ON collaboration_request USING btree (giver_id, created_at, id);

CREATE INDEX idx_collaborati_needed__d898c4 ON collaboration_request USING btree (needed_on, id);

CREATE INDEX idx_collaborati_stand_i_cabb44 ON collaboration_request USING btree (stand_in_id);

CREATE INDEX idx_collaborati_status_b77b61 ON collaboration_request USING btree (status, answer_due_at, id);

CREATE INDEX idx_collaborati_target__2391f8 ON collaboration_request USING btree (target_id);

CREATE INDEX idx_collaborati_task_id_5d26c3 ON collaboration_request USING btree (task_id);

CREATE INDEX idx_collaborati_thread__f6846e ON collaboration_request USING btree (thread_id, id);

CREATE INDEX idx_collaborati_updated_ab0169 ON collaboration_request USING brin (updated_at);

CREATE INDEX idx_comment_author__eaa782 ON comment USING btree (author_id);

CREATE INDEX idx_comment_created_26bf03 ON comment USING btree (created_at, id);

CREATE INDEX idx_comment_task_id_f089d1 ON comment USING btree (task_id, created_at, id);

CREATE INDEX idx_delegation_account_f4cc31 ON delegation USING btree (account_id, valid_from, id);

CREATE INDEX idx_delegation_valid_t_c8c59f ON delegation USING btree (valid_to, id);

CREATE INDEX idx_deprecated__last_us_02b445 ON deprecated_use USING btree (last_used_at, id);

CREATE INDEX idx_escalation_created_6513cc ON escalation USING btree (created_at, id);

CREATE INDEX idx_escalation_filed_a_68d842 ON escalation USING btree (filed_at, id);

CREATE INDEX idx_escalation_filer_i_47c4b8 ON escalation USING btree (filer_id, filed_at, id);

CREATE INDEX idx_escalation_person__6bc75e ON escalation USING btree (person_id, filed_at, id);

CREATE INDEX idx_escalation_referre_d0847d ON escalation USING btree (referred_to_id, filed_at, id);

CREATE INDEX idx_escalation_request_531844 ON escalation USING btree (request_id, filed_at, id);

CREATE INDEX idx_escalation_respond_9f9964 ON escalation USING btree (respondent_id, filed_at, id);

CREATE INDEX idx_escalation_status_ea2cc6 ON escalation USING btree (status, reply_due_at, id);

CREATE INDEX idx_escalation_updated_b84f67 ON escalation USING brin (updated_at);

CREATE INDEX idx_event_actor_i_50400d ON event USING btree (actor_id, id);

CREATE INDEX idx_event_epoch_99d54d ON event USING btree (epoch, xid, sequence);

CREATE INDEX idx_event_happene_c29057 ON event USING btree (happened_at, id);

CREATE INDEX idx_event_organis_80e814 ON event USING gin (organisation_ids);

CREATE INDEX idx_event_subject_87afc0 ON event USING btree (subject_id, subject_version, id);

CREATE INDEX idx_follow_up_escalat_8ae233 ON follow_up USING btree (escalation_id, created_at, id);

CREATE INDEX idx_follow_up_task_id_8925a2 ON follow_up USING btree (task_id);

CREATE INDEX idx_hand_over_r_created_3a4bd7 ON hand_over_receipt USING btree (created_at, id);

CREATE INDEX idx_hand_over_r_from_ac_493a93 ON hand_over_receipt USING btree (from_account_id, created_at, id);

CREATE INDEX idx_hand_over_r_organis_17e742 ON hand_over_receipt USING btree (organisation_id, created_at, id);

CREATE INDEX idx_hand_over_r_to_acco_a40496 ON hand_over_receipt USING btree (to_account_id, created_at, id);

CREATE INDEX idx_handed_over_receipt_073cee ON handed_over_matter USING btree (receipt_id);

CREATE INDEX idx_idempotency_created_98dcfd ON idempotency_key USING btree (created_at);

CREATE INDEX idx_measurement_owner_i_1a7594 ON measurement USING btree (owner_id);

CREATE INDEX idx_measurement_recorde_e86446 ON measurement USING btree (recorded_at, id);

CREATE INDEX idx_measurement_target__eec56f ON measurement USING btree (target_id, measured_on, id);

CREATE INDEX idx_message_author__82d30a ON message USING btree (author_id);

CREATE INDEX idx_message_request_672530 ON message USING btree (request_id, created_at, id);

CREATE INDEX idx_organisatio_code_ke_a4bd77 ON organisation USING btree (code_key, id);

CREATE INDEX idx_organisatio_kind_3d8b79 ON organisation USING btree (kind, code_key, id);

CREATE INDEX idx_organisatio_name_ke_9e28ab ON organisation USING btree (name_key, id);

CREATE INDEX idx_organisatio_parent__642a66 ON organisation USING btree (parent_id, code_key, id);

CREATE INDEX idx_organisatio_short_n_476b16 ON organisation USING btree (short_name_key, id);

CREATE INDEX idx_organisatio_success_7b8285 ON organisation USING btree (successor_id);

CREATE INDEX idx_programme_code_ke_796e7d ON programme USING btree (code_key, id);

CREATE INDEX idx_programme_lead_id_808ba7 ON programme USING btree (lead_id);

CREATE INDEX idx_programme_name_ke_86fa1a ON programme USING btree (name_key, id);

CREATE INDEX idx_remark_escalat_34d18b ON remark USING btree (escalation_id, created_at, id);

CREATE INDEX idx_sign_in_account_6f7a28 ON sign_in USING btree (account_id);

CREATE INDEX idx_sign_in_expires_bb084c ON sign_in USING btree (expires_at);

CREATE INDEX idx_status_day_counted_72ab3d ON status_day USING btree (counted_on, id);

CREATE INDEX idx_status_day_organis_508c5c ON status_day USING btree (organisation_id, counted_on, id);

CREATE INDEX idx_status_day_program_8eb66d ON status_day USING btree (programme_id, counted_on, id);

CREATE INDEX idx_target_achieve_37432d ON target USING btree (achievement, id);

CREATE INDEX idx_target_created_73e2a1 ON target USING btree (created_at, id);

CREATE INDEX idx_target_due_on_b6cb32 ON target USING btree (due_on, id);

CREATE INDEX idx_target_indicat_4580f1 ON target USING btree (indicator_key, id);

CREATE INDEX idx_target_owne_organis_fb7964 ON target_owner USING btree (organisation_id);

CREATE INDEX idx_target_owne_target__b4ce6e ON target_owner USING btree (target_id, valid_from, id);

CREATE INDEX idx_target_owner_i_b716b6 ON target USING btree (owner_id, due_on, id);

CREATE INDEX idx_target_program_70839f ON target USING btree (programme_id, due_on, id);

CREATE INDEX idx_target_respons_8e9616 ON target USING btree (responsible_id);

CREATE INDEX idx_target_updated_1cf719 ON target USING brin (updated_at);

CREATE INDEX idx_target_work_pl_d80f1a ON target USING btree (work_plan_id, due_on, id);

CREATE INDEX idx_task_assigne_bcc715 ON task USING btree (assignee_id, due_on, id);

CREATE INDEX idx_task_count_target__8b8378 ON task_count USING btree (target_id);

CREATE INDEX idx_task_count_work_pl_ea4243 ON task_count USING btree (work_plan_id);

CREATE INDEX idx_task_created_e338f9 ON task USING btree (created_at, id);

CREATE INDEX idx_task_depend_waits_f_e42eed ON task_dependency USING btree (waits_for_id);

CREATE INDEX idx_task_due_on_7dc306 ON task USING btree (due_on, id);

CREATE INDEX idx_task_kelurah_2d2ce8 ON task USING btree (kelurahan_id, due_on, id);

CREATE INDEX idx_task_organis_683338 ON task USING btree (organisation_id, due_on, id);

CREATE INDEX idx_task_target__5e73d8 ON task USING btree (target_id, due_on, id);

CREATE INDEX idx_task_title_k_c280d0 ON task USING btree (title_key, id);

CREATE INDEX idx_task_updated_57b925 ON task USING brin (updated_at);

CREATE INDEX idx_task_work_pl_a6cc13 ON task USING btree (work_plan_id, due_on, id);

CREATE INDEX idx_token_account_19c449 ON token USING btree (account_id);

CREATE INDEX idx_token_expires_79943c ON token USING btree (expires_at, id);

CREATE INDEX idx_work_plan_created_64a5a8 ON work_plan USING btree (created_at, id);

CREATE INDEX idx_work_plan_organis_adabcc ON work_plan USING btree (organisation_id, year, id);

CREATE INDEX idx_work_plan_status_b0fdcd ON work_plan USING btree (status, id);

CREATE INDEX idx_work_plan_title_k_95a2a7 ON work_plan USING btree (title_key, id);

CREATE INDEX idx_work_plan_updated_9cd3a0 ON work_plan USING brin (updated_at);

CREATE INDEX idx_work_plan_year_421200 ON work_plan USING btree (year, id);

CREATE UNIQUE INDEX last_act_of_account ON last_act USING btree (account_id);

CREATE UNIQUE INDEX measurement_external_id ON measurement USING btree (target_id, external_id) WHERE (supersedes_id IS NULL);

CREATE INDEX organisation_words_words ON organisation_words USING gin (words);

CREATE INDEX programme_words_words ON programme_words USING gin (words);

CREATE UNIQUE INDEX status_day_once ON status_day USING btree (counted_on, organisation_id, programme_id) NULLS NOT DISTINCT;

CREATE INDEX target_words_words ON target_words USING gin (words);

CREATE UNIQUE INDEX task_count_cell ON task_count USING btree (organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue) NULLS NOT DISTINCT;

CREATE UNIQUE INDEX task_dependency_once ON task_dependency USING btree (task_id, waits_for_id);

CREATE UNIQUE INDEX task_external_id ON task USING btree (organisation_id, external_id);

CREATE INDEX task_groups ON task USING btree (organisation_id, status, priority, due_on, kelurahan_id, target_id, assignee_id) WHERE ((archived_at IS NULL) AND (draft_of_id IS NULL));

CREATE INDEX task_help_wanted ON task USING btree (support_asked_at, id) WHERE ((support_asked_at IS NOT NULL) AND (support_answer IS NULL));

CREATE INDEX task_open ON task USING btree (organisation_id, due_on, id) WHERE ((archived_at IS NULL) AND ((status)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('IN_PROGRESS'::character varying)::text, ('BLOCKED'::character varying)::text])));

CREATE INDEX task_open_order ON task USING btree (due_on, id) WHERE (is_ordered AND (archived_at IS NULL) AND ((status)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('IN_PROGRESS'::character varying)::text, ('BLOCKED'::character varying)::text])));

CREATE INDEX task_priority ON task USING btree (organisation_id, array_position(ARRAY['LOW'::text, 'NORMAL'::text, 'HIGH'::text, 'URGENT'::text], (priority)::text), id);

CREATE INDEX task_words_words ON ONLY task_words USING gin (words);

CREATE INDEX task_words_0_words_idx ON task_words_0 USING gin (words);

CREATE INDEX task_words_10_words_idx ON task_words_10 USING gin (words);

CREATE INDEX task_words_11_words_idx ON task_words_11 USING gin (words);

CREATE INDEX task_words_12_words_idx ON task_words_12 USING gin (words);

CREATE INDEX task_words_13_words_idx ON task_words_13 USING gin (words);

CREATE INDEX task_words_14_words_idx ON task_words_14 USING gin (words);

CREATE INDEX task_words_15_words_idx ON task_words_15 USING gin (words);

CREATE INDEX task_words_1_words_idx ON task_words_1 USING gin (words);

CREATE INDEX task_words_2_words_idx ON task_words_2 USING gin (words);

CREATE INDEX task_words_3_words_idx ON task_words_3 USING gin (words);

CREATE INDEX task_words_4_words_idx ON task_words_4 USING gin (words);

CREATE INDEX task_words_5_words_idx ON task_words_5 USING gin (words);

CREATE INDEX task_words_6_words_idx ON task_words_6 USING gin (words);

CREATE INDEX task_words_7_words_idx ON task_words_7 USING gin (words);

CREATE INDEX task_words_8_words_idx ON task_words_8 USING gin (words);

CREATE INDEX task_words_9_words_idx ON task_words_9 USING gin (words);

CREATE INDEX work_plan_words_words ON work_plan_words USING gin (words);

CREATE UNIQUE INDEX work_plan_year ON work_plan USING btree (organisation_id, year) WHERE (archived_at IS NULL);

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_0_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_0_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_10_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_10_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_11_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_11_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_12_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_12_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_13_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_13_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_14_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_14_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_15_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_15_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_1_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_1_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_2_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_2_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_3_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_3_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_4_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_4_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_5_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_5_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_6_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_6_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_7_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_7_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_8_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_8_words_idx;

ALTER INDEX task_words_pkey ATTACH PARTITION task_words_9_pkey;

ALTER INDEX task_words_words ATTACH PARTITION task_words_9_words_idx;

ALTER TABLE ONLY account
    ADD CONSTRAINT account_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_accepted_by_id_fkey FOREIGN KEY (accepted_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_decided_by_id_fkey FOREIGN KEY (decided_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_prepared_by_id_fkey FOREIGN KEY (prepared_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_proposed_by_id_fkey FOREIGN KEY (proposed_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_receiver_id_fkey FOREIGN KEY (receiver_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY amendment
    ADD CONSTRAINT amendment_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY appendix
    ADD CONSTRAINT appendix_author_id_fkey FOREIGN KEY (author_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY appendix
    ADD CONSTRAINT appendix_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES escalation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY appointment
    ADD CONSTRAINT appointment_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY appointment
    ADD CONSTRAINT appointment_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY case_access
    ADD CONSTRAINT case_access_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY case_access
    ADD CONSTRAINT case_access_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES escalation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_answered_by_id_fkey FOREIGN KEY (answered_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_asker_id_fkey FOREIGN KEY (asker_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_commitment_id_fkey FOREIGN KEY (commitment_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_counter_made_by_id_fkey FOREIGN KEY (counter_made_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_giver_id_fkey FOREIGN KEY (giver_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_redirected_from_id_fkey FOREIGN KEY (redirected_from_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_ruling_proposed_id_fkey FOREIGN KEY (ruling_proposed_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_stand_in_id_fkey FOREIGN KEY (stand_in_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY collaboration_request
    ADD CONSTRAINT collaboration_request_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_author_id_fkey FOREIGN KEY (author_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY comment
    ADD CONSTRAINT comment_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY delegation
    ADD CONSTRAINT delegation_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY delegation
    ADD CONSTRAINT delegation_delegated_by_id_fkey FOREIGN KEY (delegated_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY deprecated_use
    ADD CONSTRAINT deprecated_use_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY deprecated_use
    ADD CONSTRAINT deprecated_use_token_id_fkey FOREIGN KEY (token_id) REFERENCES token(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_decided_by_id_fkey FOREIGN KEY (decided_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_decided_person_id_fkey FOREIGN KEY (decided_person_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_filed_by_id_fkey FOREIGN KEY (filed_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_filer_id_fkey FOREIGN KEY (filer_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_mediation_proposed_by_id_fkey FOREIGN KEY (mediation_proposed_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_on_behalf_of_id_fkey FOREIGN KEY (on_behalf_of_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_person_id_fkey FOREIGN KEY (person_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_referred_to_id_fkey FOREIGN KEY (referred_to_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_replied_by_id_fkey FOREIGN KEY (replied_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_request_id_fkey FOREIGN KEY (request_id) REFERENCES collaboration_request(id) ON DELETE RESTRICT;

ALTER TABLE ONLY escalation
    ADD CONSTRAINT escalation_respondent_id_fkey FOREIGN KEY (respondent_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY event
    ADD CONSTRAINT event_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY event
    ADD CONSTRAINT event_on_behalf_of_id_fkey FOREIGN KEY (on_behalf_of_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY follow_up
    ADD CONSTRAINT follow_up_added_by_id_fkey FOREIGN KEY (added_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY follow_up
    ADD CONSTRAINT follow_up_closed_by_id_fkey FOREIGN KEY (closed_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY follow_up
    ADD CONSTRAINT follow_up_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES escalation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY follow_up
    ADD CONSTRAINT follow_up_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY hand_over_receipt
    ADD CONSTRAINT hand_over_receipt_from_account_id_fkey FOREIGN KEY (from_account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY hand_over_receipt
    ADD CONSTRAINT hand_over_receipt_handed_over_by_id_fkey FOREIGN KEY (handed_over_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY hand_over_receipt
    ADD CONSTRAINT hand_over_receipt_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY hand_over_receipt
    ADD CONSTRAINT hand_over_receipt_to_account_id_fkey FOREIGN KEY (to_account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY handed_over_matter
    ADD CONSTRAINT handed_over_matter_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES hand_over_receipt(id) ON DELETE RESTRICT;

ALTER TABLE ONLY handed_over_matter
    ADD CONSTRAINT handed_over_matter_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY handed_over_matter
    ADD CONSTRAINT handed_over_matter_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY last_act
    ADD CONSTRAINT last_act_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_recorded_by_id_fkey FOREIGN KEY (recorded_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_superseded_by_id_fkey FOREIGN KEY (superseded_by_id) REFERENCES measurement(id) ON DELETE RESTRICT;

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_supersedes_id_fkey FOREIGN KEY (supersedes_id) REFERENCES measurement(id) ON DELETE RESTRICT;

ALTER TABLE ONLY measurement
    ADD CONSTRAINT measurement_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY message
    ADD CONSTRAINT message_author_id_fkey FOREIGN KEY (author_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY message
    ADD CONSTRAINT message_request_id_fkey FOREIGN KEY (request_id) REFERENCES collaboration_request(id) ON DELETE RESTRICT;

ALTER TABLE ONLY organisation
    ADD CONSTRAINT organisation_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY organisation
    ADD CONSTRAINT organisation_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY password_link
    ADD CONSTRAINT password_link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY password_link
    ADD CONSTRAINT password_link_made_by_id_fkey FOREIGN KEY (made_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY programme
    ADD CONSTRAINT programme_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY remark
    ADD CONSTRAINT remark_author_id_fkey FOREIGN KEY (author_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY remark
    ADD CONSTRAINT remark_escalation_id_fkey FOREIGN KEY (escalation_id) REFERENCES escalation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY sign_in
    ADD CONSTRAINT sign_in_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY status_day
    ADD CONSTRAINT status_day_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY status_day
    ADD CONSTRAINT status_day_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programme(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target
    ADD CONSTRAINT target_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target_owner
    ADD CONSTRAINT target_owner_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target_owner
    ADD CONSTRAINT target_owner_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target
    ADD CONSTRAINT target_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programme(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target
    ADD CONSTRAINT target_responsible_id_fkey FOREIGN KEY (responsible_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY target
    ADD CONSTRAINT target_work_plan_id_fkey FOREIGN KEY (work_plan_id) REFERENCES work_plan(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task
    ADD CONSTRAINT task_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task_dependency
    ADD CONSTRAINT task_dependency_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task_dependency
    ADD CONSTRAINT task_dependency_waits_for_id_fkey FOREIGN KEY (waits_for_id) REFERENCES task(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task
    ADD CONSTRAINT task_kelurahan_id_fkey FOREIGN KEY (kelurahan_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task
    ADD CONSTRAINT task_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task
    ADD CONSTRAINT task_target_id_fkey FOREIGN KEY (target_id) REFERENCES target(id) ON DELETE RESTRICT;

ALTER TABLE ONLY task
    ADD CONSTRAINT task_work_plan_id_fkey FOREIGN KEY (work_plan_id) REFERENCES work_plan(id) ON DELETE RESTRICT;

ALTER TABLE ONLY token
    ADD CONSTRAINT token_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY token
    ADD CONSTRAINT token_made_by_id_fkey FOREIGN KEY (made_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY work_plan
    ADD CONSTRAINT work_plan_approved_by_id_fkey FOREIGN KEY (approved_by_id) REFERENCES account(id) ON DELETE RESTRICT;

ALTER TABLE ONLY work_plan
    ADD CONSTRAINT work_plan_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE RESTRICT;

ALTER TABLE ONLY work_plan
    ADD CONSTRAINT work_plan_submitted_by_id_fkey FOREIGN KEY (submitted_by_id) REFERENCES account(id) ON DELETE RESTRICT;

INSERT INTO tortoise_migrations (app, name, applied_at) VALUES
    ('models', '0001_initial', now()),
    ('models', '0002_what_tortoise_leaves_out', now()),
    ('models', '0003_collaboration', now()),
    ('models', '0004_what_tortoise_leaves_out', now()),
    ('models', '0005_what_the_sweep_looks_through', now()),
    ('models', '0006_when_the_sweep_looked', now()),
    ('models', '0007_counters', now()),
    ('models', '0008_sign_ins_are_subjects', now()),
    ('models', '0009_referrals_are_followed_up', now()),
    ('models', '0010_what_another_city_changes', now()),
    ('models', '0011_amendments_are_signed', now()),
    ('models', '0012_how_requests_end', now()),
    ('models', '0013_case_access', now()),
    ('models', '0014_old_rows_under_new_rules', now()),
    ('models', '0015_what_ran_out_long_ago', now()),
    ('models', '0016_figures', now()),
    ('models', '0017_the_person_of_a_case', now()),
    ('models', '0018_both_sides', now()),
    ('models', '0019_rulings_and_calendar', now()),
    ('models', '0020_texts_are_folded', now()),
    ('models', '0021_activity', now()),
    ('models', '0022_successors_clocks', now()),
    ('models', '0023_deprecated_uses', now()),
    ('models', '0024_hot_rows', now()),
    ('models', '0025_texts_kept', now()),
    ('models', '0026_one_name_everywhere', now()),
    ('models', '0027_service_accounts', now()),
    ('models', '0028_groups_and_days', now()),
    ('models', '0029_owners', now()),
    ('models', '0030_many_rows', now()),
    ('models', '0031_tokens_from_the_command_line', now());
