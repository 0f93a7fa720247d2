"""Where nothing happens nothing runs, and what happens runs for those alone whom it can alter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from server.live.group import Subscriber
from server.live.operation import Live
from server.query.run.question import Question, ask
from server.query.run.result import Result
from tests.api.test_live import executed, groups, quiet
from tests.city import City
from tests.person import Person

SELECTED = ("title", "status progress", "organisation { code }", "target { indicator }", "assignee { name }")


def documents() -> list[str]:
    """A hundred different ones."""
    return [
        f"query @live {{ tasks(first: {first}) {{ totalCount nodes {{ id isOverdue {selected} }} }} }}"
        for first in range(1, 21)
        for selected in SELECTED
    ]


async def join(city: City, person: Person, asked: Sequence[str]) -> list[Subscriber]:
    """As many live queries of this person's as there are documents, without a wire."""
    installation = city.site.installation
    live: Live = installation.live()
    sign_in = await installation.identify_socket({"type": "websocket", "headers": []}, f"Bearer {person.token}")
    context = installation.context(sign_in, "id", "idle")
    questions = [ask(live.engine, each, None, None, context, live.states) for each in asked]
    assert all(isinstance(each, Question) for each in questions), [
        each.errors for each in questions if isinstance(each, Result)
    ]
    joining = (installation.groups.join(each, sign_in, "id") for each in questions if isinstance(each, Question))
    return [*await asyncio.gather(*joining)]


async def transactions(city: City) -> int:
    """How many this database has seen, as PostgreSQL counts them."""
    await city.rows("SELECT pg_stat_force_next_flush()")
    (row,) = await city.rows(
        "SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()"
    )
    count: int = row["n"]
    return count


@pytest.mark.exhaustive
async def test_ten_thousand_idle_watchers_of_a_hundred_documents_cost_fewer_than_five_statements_a_second(
    city: City,
) -> None:
    async def in_twenty_seconds() -> int:
        before = await transactions(city)
        await asyncio.sleep(20)
        return await transactions(city) - before

    watching = await join(city, city.outsider, documents() * 100)
    await quiet(city, is_told=False)
    assert (len(watching), len(groups(city)), len([*groups(city).groups()])) == (10_000, 10_000, 100)
    await asyncio.sleep(12)  # until each of PostgreSQL's sessions has said what it did before
    ran = executed(city)
    assert await in_twenty_seconds() < 5 * 20, "statements a second in the whole process"
    assert executed(city) == ran
    city.go_to(city.today + city.today.resolution, hour=0)
    await asyncio.sleep(2)
    await quiet(city, is_told=False)
    assert executed(city) == ran + 100, "at midnight each group is asked once"


async def test_an_event_of_one_organisation_runs_none_of_the_lists_of_others(city: City) -> None:
    found = await city.outsider.query("{ organisations(first: 200) { nodes { code } } }")
    codes = [each["code"] for each in found["organisations"]["nodes"]]
    lists = [
        f'query @live {{ tasks(filter: {{organisation: {{code: {{eq: "{code}"}}}}}}, first: 50)'
        " { totalCount nodes { id title dueOn organisation { code } target { id indicator } } } }"
        for code in codes
    ]
    await join(city, city.outsider, lists)
    await quiet(city, is_told=False)
    before = executed(city)
    task = await city.task(city.camat)
    await quiet(city, is_told=False)
    assert executed(city) - before == 1
    await city.camat.mutate("updateTask", {"taskId": task, "title": "Lain"})
    await quiet(city, is_told=False)
    assert executed(city) - before == 2
