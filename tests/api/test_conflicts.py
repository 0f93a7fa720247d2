"""A conflict names what exists: of each row its own, in a replay too, and nothing that the viewer may not see."""

from __future__ import annotations

from typing import Any

from tests.api.test_bulk import task_row
from tests.city import City
from tests.programs import program

EXISTING = "errors { code path ... on Conflict { existing { __typename id label } } }"
RESULTS = f"changedCount results {{ row task {{ id }} {EXISTING} }}"


def existing(task: str, label: str) -> dict[str, Any]:
    return {"__typename": "Task", "id": task, "label": label}


async def test_of_many_rows_each_names_what_it_met(city: City) -> None:
    tasks = [await city.task(city.camat, **task_row(city, n, title=f"Sapu {n}")) for n in (0, 1)]
    rows = [task_row(city, 1), task_row(city, 2), task_row(city, 0), task_row(city, 3, title="")]
    given = {"rows": rows, "mode": "PARTIAL", "idempotencyKey": "malam"}
    found = [await city.camat_staff.mutate("createTasks", given, f"isReplay {RESULTS}") for _ in range(2)]
    assert [each["isReplay"] for each in found] == [False, True]
    for told in found:
        errors = [each["errors"] for each in told["results"]]
        assert [each and each[0].get("existing") for each in errors] == [
            *(existing(tasks[1], "Sapu 1"), [], existing(tasks[0], "Sapu 0"), None)
        ]
        assert [each and each[0]["code"] for each in errors] == ["ALREADY_EXISTS", [], "ALREADY_EXISTS", "REQUIRED"]
    refused = await city.camat_staff.attempt("createTasks", {"rows": rows}, EXISTING.replace("errors", "told: errors"))
    assert [(each["path"][1], each.get("existing")) for each in refused["told"]] == [
        ("0", existing(tasks[1], "Sapu 1")),
        ("1", existing(found[0]["results"][1]["task"]["id"], "Angkut 2")),
        ("2", existing(tasks[0], "Sapu 0")),
        ("3", None),
    ]
    # What graphql-core completes, because something else went wrong, is the same.
    document = f"""mutation($i: CreateTasksInput!) {{ createTasks(input: $i) {{ {EXISTING} }}
        startTask(input: {{taskId: "case_01jd0000000000000000000000"}}) {{ isReplay }} }}"""
    answer = await city.camat_staff.ask(document, {"i": {"rows": rows}})
    assert [each.get("existing") for each in answer["data"]["createTasks"]["errors"]] == [
        each.get("existing") for each in refused["told"]
    ]


async def test_a_row_that_met_what_is_hidden_is_told_nothing_of_it(city: City) -> None:
    hidden, seen = [await city.task(city.camat, **task_row(city, n, title=f"Sapu {n}")) for n in (0, 1)]
    await city.hide(hidden, city.dlh)
    rows = [task_row(city, n) for n in (0, 1)]
    told = await city.camat.attempt("createTasks", {"rows": rows}, f"told: {EXISTING}")
    assert [(each["code"], each["existing"]) for each in told["told"]] == [
        ("ALREADY_EXISTS", None),
        ("ALREADY_EXISTS", existing(seen, "Sapu 1")),
    ]
    told = await city.camat.mutate("createTasks", {"rows": rows, "mode": "PARTIAL"}, RESULTS)
    assert [each["errors"][0]["existing"] for each in told["results"]] == [None, existing(seen, "Sapu 1")]
    one = await city.camat.attempt("createTask", rows[0], f"told: {EXISTING}")
    assert one["told"] == [{"code": "ALREADY_EXISTS", "path": ["externalId"], "existing": None}]


async def test_what_is_hidden_by_the_time_of_a_replay_is_null_then(city: City) -> None:
    by = await program(city, ["READ", "TASKS_WRITE"], organisation=city.camat.organisation, login="integrasi-camat")
    task = await city.task(city.camat, **task_row(city, 0, title="Sapu"))
    given = {"rows": [task_row(city, 0)], "mode": "PARTIAL", "idempotencyKey": "malam"}
    told = await by.mutate("createTasks", given, RESULTS)
    assert told["results"][0]["errors"][0]["existing"] == existing(task, "Sapu")
    await city.hide(task, city.dlh)
    told = await by.mutate("createTasks", given, RESULTS)
    assert told["results"][0]["errors"][0] == {
        "code": "ALREADY_EXISTS", "path": ["rows", "0", "externalId"], "existing": None,
    }  # fmt: skip
