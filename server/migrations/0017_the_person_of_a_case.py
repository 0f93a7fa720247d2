"""The person whom a case may strike, what a reprimand rests on, and since when accounts have had case access."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

# No clock so far stood still for want of case access: who has it has always had it, and who has lost it had it until
# then. So had who held an office and left before anybody was asked whether they have it; who holds one now is asked.
HELD = """
UPDATE case_access c SET held = jsonb_build_array(jsonb_build_object('from', NULL, 'to',
    CASE WHEN c.confirmed_at IS NULL THEN coalesce(
        (
            SELECT max(e.happened_at) FROM event e
            WHERE e.subject_id = c.id AND e.type = 'CASE_ACCESS_LOST' AND e.changes::jsonb -> 'confirmed_at' ->> 0 <> ''
        ), c.created_at
    ) END
))
"""
FORMER = """
INSERT INTO case_access (id, version, created_at, updated_at, account_id, changed_by_ids, held)
SELECT gen_random_uuid(), 0, now(), now(), a.id, '[]',
    jsonb_build_array(jsonb_build_object('from', NULL, 'to', now()))
FROM account a
WHERE EXISTS (SELECT FROM appointment p WHERE p.account_id = a.id AND p.valid_from <= current_date)
AND NOT EXISTS (
    SELECT FROM appointment p WHERE p.account_id = a.id AND (p.valid_to IS NULL OR p.valid_to >= current_date)
)
AND NOT EXISTS (SELECT FROM case_access c WHERE c.account_id = a.id)
"""
# Of cases that are open: who declined, who delivered what was disputed as they were filed, or who held the office that
# had the request on the day (the acting head where one acted); nobody who headed the asker too and acted for that. Who
# can sign in is told now; the sweep reckons until when they reply. Decided ones stay.
PERSONS = """
WITH RECURSIVE open_case AS (
    SELECT e.id, e.respondent_id, e.ground, r.id AS request_id, r.asker_id, r.giver_id, e.filed_at, r.answered_by_id, z.time_zone,
        e.ground = 'BROKEN_COMMITMENT' AND coalesce(
            (
                SELECT v.type = 'REQUEST_DISPUTED' FROM event v WHERE v.subject_id = r.id AND v.happened_at <= e.filed_at
                AND v.type IN ('REQUEST_DISPUTED', 'REQUEST_DELIVERY_RESUMED') ORDER BY v.subject_version DESC LIMIT 1
            ), r.status = 'DISPUTED'
        ) AS disputed,
        (e.ground_arose_at AT TIME ZONE z.time_zone)::date AS arose_on,
        coalesce(
            (
                SELECT (v.changes::jsonb -> 'agreed_date' ->> 0)::date FROM event v
                WHERE v.subject_id = r.id AND v.happened_at > e.filed_at AND v.changes::jsonb -> 'agreed_date' IS NOT NULL
                ORDER BY v.subject_version LIMIT 1
            ), r.agreed_date
        ) AS agreed_date,
        (r.delivered_at AT TIME ZONE z.time_zone)::date AS delivered_on
    FROM escalation e JOIN collaboration_request r ON r.id = e.request_id CROSS JOIN city z
    WHERE e.status IN ('FILED', 'REPLIED', 'REPLY_LAPSED', 'MEDIATION')
), office(case_id, id, ends_on) AS (
    SELECT c.id, x.id, x.valid_to - 1 FROM open_case c JOIN organisation x ON x.id = c.respondent_id
    UNION
    SELECT f.case_id, x.id, x.valid_to - 1 FROM office f JOIN organisation x ON x.successor_id = f.id
), day AS (
    SELECT c.id, CASE WHEN c.ground <> 'BROKEN_COMMITMENT' THEN c.arose_on
        WHEN c.disputed THEN coalesce(c.delivered_on, c.arose_on) ELSE coalesce(c.agreed_date, c.arose_on) END AS held_on
    FROM open_case c
), giver AS (
    SELECT c.id, coalesce(
        (
            SELECT (v.changes::jsonb -> 'giver_id' ->> 0)::uuid FROM event v
            WHERE v.subject_id = c.request_id AND v.changes::jsonb -> 'giver_id' ->> 0 IS NOT NULL
            AND (v.happened_at AT TIME ZONE c.time_zone)::date > d.held_on ORDER BY v.subject_version LIMIT 1
        ), c.giver_id
    ) AS organisation_id
    FROM open_case c JOIN day d ON d.id = c.id
), asker AS (
    SELECT c.id, coalesce(
        (
            SELECT (v.changes::jsonb -> 'asker_id' ->> 0)::uuid FROM event v
            WHERE v.subject_id = c.request_id AND v.changes::jsonb -> 'asker_id' ->> 0 IS NOT NULL
            AND (v.happened_at AT TIME ZONE c.time_zone)::date > d.held_on ORDER BY v.subject_version LIMIT 1
        ), c.asker_id
    ) AS organisation_id
    FROM open_case c JOIN day d ON d.id = c.id
), holder AS (
    SELECT DISTINCT ON (d.id) d.id, a.account_id, a.capacity, d.held_on
    FROM day d JOIN giver g ON g.id = d.id JOIN office f ON f.case_id = d.id AND f.id = g.organisation_id
    JOIN appointment a ON a.organisation_id = f.id
    WHERE a.valid_from <= d.held_on AND (a.valid_to IS NULL OR a.valid_to >= d.held_on)
    AND (f.ends_on IS NULL OR f.ends_on >= d.held_on)
    ORDER BY d.id, array_position(ARRAY['PLH', 'PLT', 'DEFINITIVE'], a.capacity::text), a.valid_from DESC
), act AS (
    SELECT DISTINCT ON (c.id) c.id, v.actor_id
    FROM open_case c JOIN event v ON v.subject_id = c.request_id AND v.happened_at <= c.filed_at
    WHERE (c.ground = 'REFUSED' AND v.type = 'REQUEST_DECLINED')
    OR (c.disputed AND v.type IN ('REQUEST_DELIVERED', 'REQUEST_DELIVERED_BY_CLOCK'))
    ORDER BY c.id, v.subject_version DESC
), found AS (
    SELECT c.id, coalesce(act.actor_id, CASE WHEN c.ground = 'REFUSED' THEN c.answered_by_id END, holder.account_id)
        AS person_id
    FROM open_case c LEFT JOIN act ON act.id = c.id LEFT JOIN holder ON holder.id = c.id AND NOT EXISTS (
        SELECT FROM asker s JOIN appointment b ON b.organisation_id = s.organisation_id
        WHERE s.id = c.id AND b.account_id = holder.account_id AND b.valid_from <= holder.held_on
        AND (b.valid_to IS NULL OR b.valid_to >= holder.held_on)
        AND (b.capacity = 'DEFINITIVE' OR holder.capacity <> 'DEFINITIVE')
    )
)
UPDATE escalation e SET person_id = a.id, person_named_at = now(), person_reply_days = 7,
    person_told_at = CASE WHEN a.is_active AND a.password_hash IS NOT NULL THEN now() END
FROM found JOIN account a ON a.id = found.person_id WHERE e.id = found.id
"""
# Where a reply is still waited for, or came, after the case had passed on: the successor's time began then.
RESTARTED = """
UPDATE escalation e SET reply_restarted_at = v.happened_at FROM (
    SELECT DISTINCT ON (subject_id) subject_id, happened_at FROM event
    WHERE type = 'ESCALATION_PASSED_ON' AND changes::jsonb ?& ARRAY['respondent_id', 'reply_due_at']
    ORDER BY subject_id, subject_version DESC
) v WHERE v.subject_id = e.id
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0016_figures')]

    initial = False

    operations = [
        # By hand: 0013 made it an index, which Tortoise takes for a constraint.
        ops.RunSQL(
            "ALTER TABLE case_access ADD CONSTRAINT case_access_of_account UNIQUE USING INDEX case_access_of_account", ""
        ),
        ops.RemoveConstraint(model_name='CaseAccess', name='case_access_of_account', fields=None),
        ops.AddField(
            model_name='CaseAccess',
            name='escalation',
            field=fields.ForeignKeyField('models.Escalation', source_field='escalation_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddConstraint(
            model_name='CaseAccess',
            constraint=UniqueConstraint(fields=('account_id',), name='case_access_of_account', condition='escalation_id IS NULL'),
        ),
        ops.AddConstraint(
            model_name='CaseAccess',
            constraint=UniqueConstraint(fields=('account_id', 'escalation_id'), name='case_access_of_person', condition='escalation_id IS NOT NULL'),
        ),
        ops.AddField(
            model_name='CaseAccess',
            name='held',
            field=fields.JSONField(default=list, description='From when until when it was had, each; null: open.', db_default=SqlDefault("'[]'"), encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='City',
            name='inspectorate',
            field=fields.CharField(null=True, description="Code of the one of them to which a city company's case may be.", max_length=20),
        ),
        ops.AddField(
            model_name='City',
            name='person_reply_working_days',
            field=fields.IntField(default=7, description='Working days in which the person of a case replies.', db_default=7),
        ),
        ops.AddField(
            model_name='City',
            name='reprimand_kinds',
            field=fields.JSONField(description='Kinds of organisation against whose heads the mayor decides a reprimand.', db_default=SqlDefault('\'["OPD", "KECAMATAN"]\''), encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Escalation',
            name='decided_as',
            field=fields.CharField(null=True, description='A member of Decider.', max_length=40),
        ),
        ops.AddField(
            model_name='Escalation',
            name='decided_capacity',
            field=fields.CharField(null=True, description='A member of Capacity.', max_length=40),
        ),
        ops.AddField(
            model_name='Escalation',
            name='decided_person',
            field=fields.ForeignKeyField('models.Account', source_field='decided_person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Escalation',
            name='hearing_number',
            field=fields.CharField(null=True, description="Of the hearing's record, or of the summonses.", max_length=100),
        ),
        ops.AddField(
            model_name='Escalation',
            name='hearing_on',
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person',
            field=fields.ForeignKeyField('models.Account', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_named_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_notice_number',
            field=fields.CharField(null=True, max_length=100),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_notice_on',
            field=fields.DateField(null=True, description='When a notice on paper was received.'),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_replied_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_reply',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_reply_days',
            field=fields.SmallIntField(null=True, description='Working days of that clock.'),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_reply_due_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_told_at',
            field=fields.DatetimeField(null=True, description="When the person's clock began.", auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='reply_restarted_at',
            field=fields.DatetimeField(null=True, description='When a successor got its time to reply in full; null: at filing.', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Escalation',
            name='signed_by_office',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddIndex(
            model_name='Escalation',
            index=Index(fields=['person_id', 'filed_at', 'id']),
        ),
        # By hand: while a case is open the person's clock may run.
        ops.RunSQL("DROP INDEX escalation_waiting", ""),
        ops.RunSQL(
            "CREATE INDEX escalation_waiting ON escalation (id)"
            " WHERE status IN ('DECIDED', 'FILED', 'MEDIATION', 'REPLIED', 'REPLY_LAPSED')",
            "",
        ),
        ops.RunSQL(HELD, ""),
        ops.RunSQL(FORMER, ""),
        ops.RunSQL(PERSONS, ""),
        ops.RunSQL(RESTARTED, ""),
    ]
