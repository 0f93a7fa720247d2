"""The lists of an organisation and a programme are of a year, by the rule of the summary beside them."""

from __future__ import annotations

from tests.city import City

COUNTS = """query($year: Int) { organisation(by: {code: "DLH"}) {
    summary(year: $year) { taskCount targetCount }
    tasks(year: $year, first: 1) { totalCount nodes { id } } listed: tasks(year: $year, first: 50) { nodes { id } }
    done: tasks(year: $year, filter: {status: {eq: DONE}}) { totalCount }
    targets(year: $year) { totalCount nodes { id } } } }"""


async def test_a_count_beside_a_list_is_the_lists(city: City) -> None:
    plan = await city.approved(city.dlh)
    for due in (None, city.day(5), city.day(400), "2027-12-31"):
        await city.task(city.dlh, workPlanId=plan, **({} if due is None else {"dueOn": due}))
    for due in (city.day(5), "2027-02-01"):
        task = await city.task(city.dlh, dueOn=due)
        await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
        await city.dlh.mutate("completeTask", {"taskId": task})
    found = {}
    for year in (None, 2025, 2026, 2027):
        answer = (await city.dlh.query(COUNTS, year=year))["organisation"]
        summary = answer["summary"]
        assert answer["tasks"]["totalCount"] == summary["taskCount"] == len(answer["listed"]["nodes"]), year
        assert answer["targets"]["totalCount"] == summary["targetCount"] == len(answer["targets"]["nodes"])
        found[year] = (summary["taskCount"], summary["targetCount"], answer["done"]["totalCount"])
    assert found[None] == found[2026] == (5, 1, 1)
    assert (found[2025], found[2027]) == ((0, 0, 0), (3, 0, 1))
