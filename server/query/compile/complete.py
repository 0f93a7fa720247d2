"""Code generation: rows become the answer's tree by functions that are made once for each shape of a selection.

The same tree feeds both completions: `orjson.dumps(tree)`, and graphql-core with `resolve = source[info.path.key]`.
Only names of the API (through repr) and column numbers enter the generated source. In it stand for

    r           a fetched row; `r[3]` is its fourth column
    rows        the rows of a page
    k           what stands below: `k[0]` is the first level's, by its parents' ids; in a payload what it holds, by key
    o           an object that Python made (a payload, what a derived field returned), or one in JSON
    v           the value that is just looked at
    x           an item of a list
    run         the execution: `run.context`, the city's `run.zone`; `run.flaw()` where null stands although none may
    more        whether more rows follow the page
    count       the list's totalCount, not capped yet
    ids_task    the encoder of the ids of tasks: UUID → TypeID
    made_1, …   a function generated before; `make_1`, `path_2`, `limit_3` and the like: what
                `GeneratedCode.keep` was given
    tag, capped, called, given, text_of, share_of, amount_of, plain_decimal, percent: as below and in query/values.py
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from server.ids import Encoder
from server.query.compile.asked import Asked
from server.query.compile.plan_key import Bound
from server.query.compile.statement import Run
from server.query.declare.context import Context
from server.query.declare.declaration import ById, Labelled
from server.query.declare.strawberry_types import Declared, declaration_of, definition_of
from server.query.problem import bad_input
from server.query.values import percent, plain_decimal

MOST_COUNTED = 10_000
# How a scalar's value {} is written that a column holds, and one that Python made or that stands in JSON.
INSTANT = "{}.astimezone(run.zone)"
STORED = {"DateTime": INSTANT, "Decimal": "plain_decimal({})", "Percent": "percent({})"}
MADE = {"DateTime": INSTANT, "Decimal": "amount_of({})", "Percent": "share_of({})", "ID": "str({})"}
# Where a `by_id` field stands in the object, its declaration, type and nodes → the expression of its row.
RowById = Callable[[tuple[str, ...], Declared, Any, Any], str]


def object_of(asked: Asked, type_: GraphQLObjectType, details: Any, value: Callable[[str, str, Any], str]) -> str:
    """The expression of an object; `value`: that of a field, by its response key, its name and nodes."""
    parts = {
        key: repr(type_.name) if name == "__typename" else value(key, name, nodes)
        for key, name, nodes in asked.named(type_, details)
    }
    return "{" + ", ".join(f"{key!r}: {part}" for key, part in parts.items()) + "}"


def unless_null(value: str, made: str, is_required: bool) -> str:
    """`made`, or null where the value is; which breaks a promise if it is required."""
    return f"({'run.flaw()' if is_required else 'None'} if {value} is None else {made})"


def found_or_null(found: str, is_required: bool) -> str:
    """What was found, null or not; null breaks a promise if it is required."""
    return f"({found} or run.flaw())" if is_required else found


class Tagged(dict[str, Any]):
    """An object in a place where several types may stand, with its type's name beside it."""

    __slots__ = ("typename",)
    typename: str


class GeneratedCode:
    """The names that one generated function may use."""

    def __init__(self, encoders: dict[str, Encoder]) -> None:
        self.encoders = encoders
        self.names: dict[str, Any] = {
            "plain_decimal": plain_decimal,
            "percent": percent,
            "tag": tag,
            "capped": capped,
            "called": called,
            "given": given,
            "text_of": text_of,
            "share_of": share_of,
            "amount_of": amount_of,
            "__builtins__": {"len": len, "str": str, "type": type},
        }
        self._number = 0

    def keep(self, thing: Any, hint: str) -> str:
        """A name under which generated code finds something."""
        self._number += 1
        name = f"{hint}_{self._number}"
        self.names[name] = thing
        return name

    def ids(self, prefix: str) -> str:
        """The name of a prefix's encoder."""
        name = f"ids_{prefix}"
        self.names[name] = self.encoders.setdefault(prefix, Encoder(prefix))
        return name

    def function(self, parameters: str, expression: str) -> Any:
        """A function of one expression."""
        self._number += 1
        name = f"made_{self._number}"
        exec(f"def {name}({parameters}):\n    return {expression}\n", self.names)  # noqa: S102  # see the module's docstring
        return self.names[name]

    def named_function(self, parameters: str, expression: str) -> str:
        """The same, under a name for other generated code."""
        made: str = self.function(parameters, expression).__name__
        return made


def stored_leaf(code: GeneratedCode, value: str, leaf: Any, prefix: str, is_required: bool, is_nullable: bool) -> str:
    """A column's value as the tree holds it; `value` is an expression such as r[3]."""
    made = f"{code.ids(prefix)}[{value}]" if leaf.name == "ID" else STORED.get(leaf.name, "{}").format(value)
    if not is_nullable or (made is value and not is_required):
        return made
    return unless_null(value, made, is_required)


def label(code: GeneratedCode, value: str, labelled: Labelled, arguments: Mapping[str, Any]) -> str:
    """The expression of a value's label, which is not null; `value`: of the field that it labels."""
    language = code.keep(arguments.get("language"), "language")
    return f"called({value}, {code.keep(labelled.labels, 'labels')}, {language}, run)"


def called(value: Any, labels: Mapping[str, Mapping[str, str]], language: Any, run: Run) -> str:
    """An enum's label, of its name or of itself; called by generated code."""
    return label_in(labels, value, language.of(run.values) if isinstance(language, Bound) else language, run.context)


def given(arguments: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """A field's arguments in this execution, without those that are null; called by generated code."""
    values = {name: _bound(value, run) for name, value in arguments.items()}
    return {name: value for name, value in values.items() if value is not None}


def _bound(value: Any, run: Run) -> Any:
    if isinstance(value, list):
        return [_bound(each, run) for each in value]
    return value.of(run.values) if isinstance(value, Bound) else value


def label_in(labels: Mapping[str, Mapping[str, str]], value: Any, language: Any, context: Context) -> str:
    """An enum's label in a language, else in the caller's."""
    return labels[context.language if language is None else language.name.lower()][text_of(value)]


def tag(made: dict[str, Any], typename: str) -> Tagged:
    """Called by generated code."""
    tagged = Tagged(made)
    tagged.typename = typename
    return tagged


def capped(count: int, at_most: Any, run: Run, path: tuple[str, ...]) -> int:
    """`totalCount(atMost)`; called by generated code."""
    limit = at_most.of(run.values) if isinstance(at_most, Bound) else at_most
    return count if limit is None else min(count, checked_limit(limit, path))


def checked_limit(limit: int, path: tuple[str, ...]) -> int:
    """`atMost` within its bounds."""
    if not 1 <= limit <= MOST_COUNTED:
        raise bad_input("count_limit", *path, "atMost", constraint=f"1..{MOST_COUNTED}", limit=limit)
    return limit


def text_of(value: Any) -> Any:
    """An enum's name; text as it is."""
    return value.value if isinstance(value, enum.Enum) else value


def share_of(value: Any) -> Any:
    """A percentage that Python made."""
    return value if isinstance(value, (int, float)) else percent(value)


def amount_of(value: Any) -> Any:
    """A measured value that Python made, or that stands in JSON."""
    return value if isinstance(value, str) else plain_decimal(value)


class Objects:
    """Generates what completes plain objects: those that derived fields return, and those in JSON lists.

    `row`: what their `by_id` fields become.
    """

    def __init__(
        self, code: GeneratedCode, asked: Asked, *, from_json: bool = False, row: RowById | None = None
    ) -> None:
        self.code = code
        self.asked = asked
        self.from_json = from_json
        self.row = row

    def value(self, expression: str, type_: Any, details: Any, path: tuple[str, ...] = ()) -> str:
        """An expression that completes a value of this type; it may use `run`, and `k`, what stands below."""
        required = is_non_null_type(type_)
        if required:
            type_ = type_.of_type
        # One name serves every value: lists and objects complete theirs in functions of their own.
        return unless_null(f"(v := {expression})", self._present("v", type_, details, path), required)

    def _present(self, name: str, type_: Any, details: Any, path: tuple[str, ...]) -> str:
        if is_list_type(type_):
            item = self.code.named_function("x, run, k", self.value("x", type_.of_type, details, path))
            return f"[{item}(x, run, k) for x in {name}]"
        if is_leaf_type(type_):
            if self.from_json and type_.name == "DateTime":
                return name
            return MADE.get(type_.name, "text_of({})").format(name)
        if isinstance(type_, GraphQLObjectType):
            return f"{self._object(type_, details, path)}({name}, run, k)"
        assert isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType))
        makers = {}
        for possible in self.asked.tools.schema.get_possible_types(type_):
            definition = definition_of(possible)
            made = self.code.names[self._object(possible, details, path)]
            makers[definition.origin] = (made, possible.name)
        kept = self.code.keep(makers, "makers")
        return f"tag({kept}[type({name})][0]({name}, run, k), {kept}[type({name})][1])"

    def _object(self, type_: GraphQLObjectType, details: Any, path: tuple[str, ...]) -> str:
        return self.code.named_function("o, run, k", self.fields(type_, details, self.row, path))

    def fields(self, type_: GraphQLObjectType, details: Any, row: RowById | None, path: tuple[str, ...] = ()) -> str:
        """The expression that completes the object `o`, which stands at `path` of the outermost one."""

        def value(key: str, name: str, below: Any) -> str:
            field = type_.fields[name]
            definition = definition_of(field)
            declaration = declaration_of(definition)
            if isinstance(declaration, Labelled):
                made = label(self.code, "v", declaration, self.asked.arguments(type_, below))
                return unless_null(f"(v := o.{declaration.of})", made, is_non_null_type(field.type))
            if isinstance(declaration, ById) and row is not None:
                return found_or_null(row((*path, key), definition, field.type, below), is_non_null_type(field.type))
            if isinstance(declaration, ById) and declaration.of_verb:
                return "None"
            if definition.base_resolver is not None or declaration:
                raise TypeError(f"{type_.name}.{name}: objects that Python makes hold plain values only")
            source = f"o.get({name!r})" if self.from_json else f"o.{definition.python_name}"
            return self.value(source, field.type, below, (*path, key))

        return object_of(self.asked, type_, details, value)
