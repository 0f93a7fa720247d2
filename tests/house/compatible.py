"""Whether a schema keeps what a release promised: nothing goes or changes but what was deprecated there, in its time.

`python -m tests.house.compatible` keeps schema.graphql as that of the version in pyproject.toml.
"""

from __future__ import annotations

import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    build_ast_schema,
    build_schema,
    get_named_type,
    parse,
)
from graphql.language import REMOVE, DirectiveNode, Node, StringValueNode, Visitor, visit
from graphql.utilities import (
    DangerousChangeType,
    find_breaking_changes,
    find_dangerous_changes,
)

from server.query.documents.deprecation import Deprecations, last_day

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = ROOT / "schema.graphql"
KEPT: Final = ROOT / "docs" / "releases"
# What docs/releasing.md promises not to be a break: additions. Another default changes what an old document means.
CHANGES_MEANING: Final = (
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
    DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE,
)


def breaks(released: str, now: str, today: date) -> list[str]:
    """What of a released schema's promises another one breaks, in sentences; none where it keeps them."""
    old, new = build_schema(released), build_schema(now)
    due = _without_what_ran_out(parse(released), today)
    found = [each.description for each in find_breaking_changes(due, new)]
    found += [each.description for each in find_dangerous_changes(due, new) if each.type in CHANGES_MEANING]
    reasons = Deprecations(new).reasons
    for coordinate, reason in Deprecations(old).reasons.items():
        promised, said = last_day(reason), last_day(reasons.get(coordinate, ""))
        if promised is not None and said is not None and said < promised:
            found.append(f"{coordinate} was promised until {promised}, and is to go after {said}.")
    return found


def newest(folder: Path) -> Path | None:
    """The schema of the newest release that is kept."""
    return max(folder.glob("*.graphql"), key=lambda path: _numbers(path.stem), default=None)


def version() -> str:
    """The program's own."""
    project: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return project


def keep() -> Path:
    """Keep schema.graphql as this version's. Raises FileExistsError: a release's schema is never changed."""
    path = KEPT / f"{version()}.graphql"
    KEPT.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(SCHEMA.read_text("utf-8"))
    return path


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _without_what_ran_out(document: DocumentNode, today: date) -> GraphQLSchema:
    """The schema as it still counts: without what was to go before today, and what only that led to."""
    kept: DocumentNode = visit(document, _RunsOut(today))
    reached = _reached(build_ast_schema(kept, assume_valid=True))
    definitions: tuple[Any, ...] = tuple(
        each for each in kept.definitions if _type_name(each) is None or _type_name(each) in reached
    )
    return build_ast_schema(DocumentNode(definitions=definitions), assume_valid=True)


def _type_name(definition: Any) -> str | None:
    is_type = definition.kind.endswith("_type_definition")
    return definition.name.value if is_type else None


def _reached(schema: GraphQLSchema) -> set[str]:
    """The types that a document can name or get, from the roots on."""
    found: set[str] = set()
    waiting: list[GraphQLNamedType] = [
        each for each in (schema.query_type, schema.mutation_type, schema.subscription_type) if each is not None
    ]
    while waiting:
        type_ = waiting.pop()
        if type_.name in found:
            continue
        found.add(type_.name)
        for each in getattr(type_, "fields", {}).values():
            waiting.append(get_named_type(each.type))
            waiting += [get_named_type(argument.type) for argument in getattr(each, "args", {}).values()]
        waiting += getattr(type_, "interfaces", ())
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            waiting += schema.get_possible_types(type_)
    return found


class _RunsOut(Visitor):
    """Takes away what is deprecated with a last day before today."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today

    def enter(self, node: Node, *_: Any) -> Any:
        for directive in getattr(node, "directives", None) or ():
            reason = _reason(directive)
            if reason is not None and (day := last_day(reason)) is not None and day < self.today:
                return REMOVE
        return None


def _reason(directive: DirectiveNode) -> str | None:
    values = [each.value for each in directive.arguments or () if each.name.value == "reason"]
    if directive.name.value != "deprecated" or not values or not isinstance(values[0], StringValueNode):
        return None
    return values[0].value


if __name__ == "__main__":
    try:
        print(f"Kept as {keep().relative_to(ROOT)}: commit it with the release.")
    except FileExistsError as problem:
        sys.exit(f"{problem.filename} is kept already: the version in pyproject.toml is that of a release.")
