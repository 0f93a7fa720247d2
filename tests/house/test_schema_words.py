"""The schema explains itself, keeps the names that were promised, and every refusal it can tell of is told of."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_specified_directive,
    is_specified_scalar_type,
    parse,
    print_ast,
)

from server.query.documents.deprecation import last_day
from server.rules.refusal import Code
from server.schema import errors, schema

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GRAPHQL: GraphQLSchema = schema._schema

# Where the schema differs from the sketch, and why.
DIFFERENT = {
    "Viewer.account": "a root's fields that are read by id are nullable: a fault in one leaves the other standing",
    "Viewer.organisation": "the same",
    "Target.workPlan": "a plan can be hidden from one who sees the target's row through another path",
    "Measurement.target": "the same for a target",
    "TaskChange.event": "null where the viewer may not see the event of what left their sight",
    "BooleanFilter.eq": "a filter made by a program may leave a comparator null; it then says nothing",
    "CreateTaskInput.priority": "a default instead of null: there is no task without a priority",
    "OrganisationOrder.openTaskCount": "counted, not kept, until the board's counters are there",
    "OrganisationOrder.overdueTaskCount": "the same",
}


def elements() -> Iterator[tuple[str, str | None]]:
    """Every element of the schema that is ours, with its description."""
    for name, kind in GRAPHQL.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        yield name, kind.description
        if is_object_type(kind) or is_interface_type(kind):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument.description
        elif is_input_object_type(kind):
            for field_name, input_field in kind.fields.items():
                yield f"{name}.{field_name}", input_field.description
        elif is_enum_type(kind):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value.description
    for directive in GRAPHQL.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description


def test_every_element_of_the_schema_is_described() -> None:
    found = dict(elements())
    assert len(found) > 1_500
    undescribed = [name for name, description in found.items() if not (description or "").strip()]
    assert not undescribed, f"describe these in server/schema (an enum by `described`): {undescribed}"


# Days and instants whose names end otherwise, and why.
OTHERWISE = {
    "validFrom": "the first day of a period",
    "validTo": "the last day of a period",
    "dueMonth": "a month, by its first day",
    "neededMonth": "a month, by its first day",
}


def test_days_end_in_on_and_instants_in_at() -> None:
    endings = {"Date": "On", "DateTime": "At"}
    odd = []
    for kind in GRAPHQL.type_map.values():
        if not (is_object_type(kind) or is_interface_type(kind) or is_input_object_type(kind)):
            continue
        for name, field in kind.fields.items():
            ending = endings.get(get_named_type(field.type).name)
            if ending is not None and not name.endswith(ending) and name not in OTHERWISE:
                odd.append(f"{kind.name}.{name}")
    assert odd == [], "call a day …On, an instant …At, the ends of a period validFrom and validTo"


def test_every_description_begins_and_ends_as_a_sentence() -> None:
    def is_sentence(text: str) -> bool:
        return bool(re.match(r"[A-Z0-9`“{]", text)) and text.rstrip()[-1] in ".?"

    odd = {name: text for name, text in elements() if text and not is_sentence(text)}
    assert not odd, f"begin these with a capital and end them with a full stop: {odd}"


def test_no_description_speaks_of_what_is_not_there_yet() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|not yet implemented|coming soon|stub)\b", re.IGNORECASE)
    assert not [name for name, text in elements() if text and unfinished.search(text)]


def parts(definition: Any) -> dict[str, str]:
    """What a type promises: its kind, and each name in it with its type."""
    name = definition.name.value
    found = {name: definition.kind}
    found |= {f"{name} is a {each.name.value}": "yes" for each in getattr(definition, "interfaces", None) or ()}
    found |= {f"{name} @{each.name.value}": "yes" for each in definition.directives or ()}
    found |= {f"{name}.{each.name.value}": "value" for each in getattr(definition, "values", None) or ()}
    for field in getattr(definition, "fields", None) or ():
        path = f"{name}.{field.name.value}"
        found[path] = print_ast(field.type)
        for argument in getattr(field, "arguments", None) or ():
            found[f"{path}({argument.name.value})"] = print_ast(argument.type)
    return found


def test_the_promised_names_are_there_and_are_what_was_promised() -> None:
    has: dict[str, str] = {}
    for definition in parse(schema.as_str()).definitions:
        has |= parts(definition)
    different: set[str] = set()
    for definition in parse((HERE / "sketch.graphql").read_text("utf-8")).definitions:
        different |= {path for path, said in parts(definition).items() if has.get(path) != said}
    assert different == set(DIFFERENT), "keep what sketch.graphql promises, or say in DIFFERENT why not"


def used_codes() -> set[str]:
    """The refusal codes named in rules, actions and schema, but for where they are defined and typed."""
    rooms = (ROOT / "server" / room for room in ("rules", "actions", "schema"))
    trees = (
        ast.parse(module.read_text("utf-8"))
        for room in rooms
        for module in room.glob("*.py")
        if module.name not in ("refusal.py", "errors.py")
    )
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }


def test_every_refusal_is_raised_somewhere() -> None:
    unused = {code.name for code in Code} - used_codes()
    assert not unused, f"no rule raises these codes of server/rules/refusal.py; remove them: {unused}"


def test_every_refusal_becomes_a_type_of_the_schema() -> None:
    for code in Code:
        assert GRAPHQL.type_map[errors.type_of(code).__name__] in GRAPHQL.get_possible_types(
            GRAPHQL.type_map["UserError"]  # type: ignore[arg-type]
        )


@pytest.mark.golden
def test_the_page_of_refusals_is_fresh() -> None:
    page = ROOT / "docs" / "errors.md"
    if os.environ.get("GOLDEN") == "write":
        page.write_text(errors.as_markdown(), "utf-8")
    assert page.read_text("utf-8") == errors.as_markdown(), "make golden"


def test_the_page_on_releases_shows_what_is_to_go_as_it_is_to_be_declared() -> None:
    example = re.search(r'deprecated="([^"]+)"', (ROOT / "docs" / "releasing.md").read_text())
    assert example
    assert last_day(example[1]) is not None


# Nodes that are no part of anything that verbs change.
OF_NOTHING = {"Event", "DeprecatedUse", "StatusDay"}


def test_a_part_has_no_history_and_leads_to_the_subject_whose_history_tells_of_it() -> None:
    subject, node = GRAPHQL.type_map["Subject"], GRAPHQL.type_map["Node"]
    assert is_interface_type(subject)
    assert is_interface_type(node)
    subjects = {each.name for each in GRAPHQL.get_possible_types(subject)}
    parts = {each.name for each in GRAPHQL.get_possible_types(node)} - subjects - OF_NOTHING
    assert {"Comment", "Message", "FollowUp", "Measurement"} <= parts
    for name in parts:
        kind = GRAPHQL.type_map[name]
        assert is_object_type(kind)
        assert not {"history", "version"} & kind.fields.keys(), name
        owner = {"Comment": "task", "Measurement": "target", "Message": "request"}.get(name, "escalation")
        assert get_named_type(kind.fields[owner].type).name in subjects, f"{name} leads to nothing that has a history"
