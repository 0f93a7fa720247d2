"""README.md's queries, run as they stand: each answers without an error, and says what the page says that it does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.city import City
from tests.person import Person

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
DOCUMENTS = {
    found[1]: block
    for block in re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    if (found := re.search(r"(?:query|mutation|subscription) (\w+)", block))
}


async def ask(person: Person, name: str, **variables: Any) -> Any:
    answer = await person.ask(DOCUMENTS[name], variables)
    assert "errors" not in answer, (name, answer)
    return answer["data"]


async def test_each_of_its_documents_answers_as_it_says(city: City) -> None:
    assert list(DOCUMENTS) == ["Kecamatan", "Unrealised", "DueSoon", "Report", "Johor", "Waiting", "Board"]
    assert README.count("```graphql") == len(DOCUMENTS)
    camat, johor = city.camat, city.camat.organisation
    task = await city.task(camat, title="Angkut sampah pasar", dueOn=city.day(3))
    late = await city.task(camat, title="Sampah kanal", dueOn=city.day(1))

    await city.site.knows(await city.last_position())
    socket = await camat.socket()
    assert f'code: {{eq: "{johor}"}}' in DOCUMENTS["Johor"]
    johors = socket.subscribe("taskChanged", DOCUMENTS["Johor"], {})
    board = socket.subscribe("statusBoard", DOCUMENTS["Board"].replace("query", "subscription", 1), {})
    first = await board.next()

    await camat.mutate("startTask", {"taskId": task})
    (given,) = re.findall(r"with the variables `(\{.*\})`", README)
    input_ = {"taskId": task, "progress": 60, "note": "Dua dari tiga truk sudah jalan", "idempotencyKey": "lap-17"}
    assert given.replace('"task_…"', f'"{task}"') == str({"input": input_}).replace("'", '"')
    done = (await ask(camat, "Report", input=input_))["reportProgress"]
    assert (done["errors"], done["isReplay"], done["task"]["progress"]) == ([], False, 60)
    assert (await ask(camat, "Report", input=input_))["reportProgress"]["isReplay"] is True

    city.witnessed |= {each["id"] for each in await city.rows("SELECT id FROM event")}  # its payload has no event's id

    started, reported = await johors.take(2)
    assert started["node"]["id"] == reported["node"]["id"] == task
    assert (reported["changedFields"], reported["node"]["progress"]) == (["PROGRESS"], 60)
    assert (await board.next())["cursor"] != first["cursor"]

    city.now += timedelta(days=2)
    kecamatan = (await ask(camat, "Kecamatan"))["organisations"]["nodes"]
    (mine,) = [each for each in kecamatan if each["code"] == johor]
    assert [each["title"] for each in mine["tasks"]["nodes"]] == ["Sampah kanal"]
    assert "totalCount" in (await ask(camat, "Unrealised"))["unrealisedTargets"]
    due = (await ask(camat, "DueSoon"))["tasks"]
    assert [each["id"] for each in due["nodes"]] == [late, task]
    waits = (await ask(camat, "Waiting"))["viewer"]["inbox"]
    assert [each["subject"]["id"] for each in waits["nodes"]] == [late, task]
    assert waits["overdueCount"] == 1
    totals = (await ask(camat, "Board"))["statusBoard"]["totals"]
    assert totals["taskCount"] >= 2
