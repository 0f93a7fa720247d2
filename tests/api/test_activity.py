"""The log by what it is about: by subject, by organisation, by programme; and what an organisation did and met."""

from __future__ import annotations

from server.ids import decode
from tests import cases
from tests.city import City
from tests.person import Person


async def types(person: Person, condition: str) -> list[str]:
    """What happened, under this filter."""
    answer = await person.query(f"{{ events(first: 200, filter: {condition}) {{ totalCount nodes {{ type }} }} }}")
    found = [each["type"] for each in answer["events"]["nodes"]]
    assert answer["events"]["totalCount"] == len(found)
    return found


async def activity(person: Person, code: str) -> list[str]:
    """What an organisation shows of its activity, the latest first."""
    query = "query($code: String!) { organisation(by: {code: $code}) { activity(first: 50) { nodes { type } } } }"
    answer = await person.query(query, code=code)
    return [each["type"] for each in answer["organisation"]["activity"]["nodes"]]


async def test_the_log_is_found_by_subject_organisation_and_programme(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programme={"code": "KEBERSIHAN"})
    task = await city.task(city.camat, workPlanId=plan, targetId=target)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.dlh.mutate("createTask", {"organisation": {"code": "DLH"}, "title": "Lain"})
    own = await types(city.outsider, f'{{subject: {{id: {{eq: "{task}"}}}}}}')
    assert own == ["TASK_PUBLISHED"]  # what was a draft's stays a draft's
    both = await types(city.camat, f'{{subject: {{id: {{in: ["{task}", "{target}"]}}}}}}')
    assert sorted(both) == ["TARGET_CREATED", "TARGET_PUBLISHED", "TASK_CREATED", "TASK_PUBLISHED"]
    johor = await types(city.outsider, '{organisations: {some: {code: {eq: "12.71.11"}}}, type: {eq: TASK_PUBLISHED}}')
    assert johor == ["TASK_PUBLISHED"]
    assert "TASK_PUBLISHED" not in await types(city.outsider, '{organisations: {none: {code: {eq: "12.71.11"}}}}')
    of_programme = (
        '{programme: {code: {eq: "KEBERSIHAN"}}, type: {in: [TARGET_PUBLISHED, TASK_PUBLISHED, TASK_CREATED]}}'
    )
    assert sorted(await types(city.outsider, of_programme)) == ["TARGET_PUBLISHED", "TASK_PUBLISHED"]
    answer = await city.outsider.query(f"{{ events(filter: {of_programme}) {{ nodes {{ programme {{ code }} }} }} }}")
    assert {each["programme"]["code"] for each in answer["events"]["nodes"]} == {"KEBERSIHAN"}


async def test_a_hidden_subject_is_no_subject(city: City) -> None:
    """A public task that once could go into a draft: its old events stay everybody's, and lead nowhere."""
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programme={"code": "KEBERSIHAN"})
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    task = await city.task(city.camat, workPlanId=plan, targetId=target)
    of_task, of_programme = f'{{subject: {{id: {{eq: "{task}"}}}}}}', '{programme: {code: {eq: "KEBERSIHAN"}}}'
    assert "TASK_CREATED" in await types(city.outsider, of_task)
    assert "TASK_CREATED" in await types(city.outsider, of_programme)
    await city.settled()  # before it is hidden: a watcher reads the row when it is told
    await city.rows("UPDATE task SET draft_of_id = organisation_id WHERE id = $1 RETURNING id", decode(task)[1])
    assert "TASK_CREATED" in await types(city.camat, of_task)
    assert await types(city.outsider, of_task) == []
    assert "TASK_CREATED" not in await types(city.outsider, of_programme)
    await city.rows("UPDATE task SET draft_of_id = NULL WHERE id = $1 RETURNING id", decode(task)[1])


async def test_an_id_that_nothing_happens_to_is_refused_by_name(city: City) -> None:
    bad = city.camat.organisation_id.replace("org_", "comment_")
    answer = await city.camat.ask(f'{{ events(filter: {{subject: {{id: {{eq: "{bad}"}}}}}}) {{ totalCount }} }}')
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["path"] == ["events", "filter", "subject", "id", "eq"]
    assert "task_…" in error["extensions"]["constraint"]


async def test_an_organisations_activity_has_what_others_did_to_it_and_cases_for_who_may_see_them(city: City) -> None:
    await city.task(city.dlh)
    await city.mayor.mutate("orderTask", {"organisation": {"code": "DLH"}, "title": "Disposisi", "dueOn": city.day(5)})
    await cases.filed(city)
    seen = await activity(city.dlh, "DLH")
    assert seen.index("ESCALATION_FILED") < seen.index("TASK_ORDERED") < seen.index("TASK_CREATED")
    assert "ESCALATION_FILED" in await activity(city.camat, "12.71.11")
    public = await activity(city.outsider, "DLH")
    assert public == [each for each in seen if not each.startswith("ESCALATION")]
    query = '{ organisation(by: {code: "DLH"}) { activity(filter: {type: {eq: TASK_ORDERED}}) { totalCount } } }'
    assert (await city.outsider.query(query))["organisation"]["activity"]["totalCount"] == 1
