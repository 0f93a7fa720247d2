"""The committed schema is the one that the server has, and each of its verbs has an input of its own."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from pathlib import Path

import pytest
from graphql import get_named_type

from server.actions.task import start_task
from server.schema import printed as as_document
from server.schema import schema, task_verbs
from server.schema.mutation import verb

COMMITTED = Path(__file__).parents[2] / "schema.graphql"


@pytest.mark.golden
def test_schema_graphql_is_fresh() -> None:
    printed = as_document()
    if os.environ.get("GOLDEN") == "write":
        COMMITTED.write_text(printed, encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == printed, "make golden"


def test_every_mutations_input_is_named_after_it_and_used_once() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        assert {key: str(each.type) for key, each in field.args.items()} == {
            "input": f"{name[0].upper()}{name[1:]}Input!"
        }, f"{name}: hand `verb` a class of that name, or a shape"
    used = Counter(
        get_named_type(each.type).name
        for type_ in schema._schema.type_map.values()
        for field in getattr(type_, "fields", {}).values()
        for each in (field, *getattr(field, "args", {}).values())
    )
    names = [get_named_type(field.args["input"].type).name for field in mutation.fields.values()]
    assert len(names) > 90
    assert [name for name in names if used[name] != 1] == []


def test_an_input_made_of_a_shape_is_as_good_as_one_that_is_written() -> None:
    made = vars(task_verbs)["StartTaskInput"](task_id="task_x")
    assert isinstance(made, task_verbs.TaskOnly)
    assert pickle.loads(pickle.dumps(made)) == made
    printed = COMMITTED.read_text(encoding="utf-8")
    assert '"""What `startTask` takes: a task, and nothing else."""\ninput StartTaskInput {' in printed


def test_another_verbs_input_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"startTask: call its input StartTaskInput, .* BlockTaskInput is another"):
        verb(start_task, task_verbs.BlockTaskInput, task_verbs.TaskPayload, "Begin a planned task.")
