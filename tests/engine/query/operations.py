"""Random operations over a schema: aliases, fragments, directives, variables and literals, filters, orders, pages."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from server.ids import encode
from server.query.declare.catalogue import Catalogue
from tests.engine.query.rows import TODAY, WORDS, Library

SEARCHES = ("sampah", "sampah or jalan", "-taman bersih", '"pasar rapat"', "tidak", "", "umkm -jalan")
MORE_PREFIXES = {"comment": "comment", "event": "event"}
PREFIXES = {"task": "task", "organisation": "org", "account": "acct", "work_plan": "plan", "target": "target"}
IDS_OF = {"TaskFilter": "task", "OrganisationFilter": "organisation", "OrganisationKey": "organisation"}
IDS_OF |= {"AccountFilter": "account", "WorkPlanFilter": "work_plan", "WorkPlanKey": "work_plan", "TaskKey": "task"}
IDS_OF |= {"TargetFilter": "target", "CommentFilter": "comment", "EventFilter": "event"}
LEFT_OUT = {"cursor", "startCursor", "endCursor", "fault", "viewer"}


class Writer:
    """Writes one operation; `variables` are its variables' values."""

    def __init__(self, chance: random.Random, schema: GraphQLSchema, library: Library) -> None:
        self.chance = chance
        self.schema = schema
        self.library = library
        self.variables: dict[str, Any] = {}
        self.declared: list[str] = []
        self.fragments: list[str] = []
        self.budget = 60
        self.ids_of: str | None = None  # whose ids a filter or key takes

    def write(self) -> str:
        """The document."""
        assert self.schema.query_type
        body = self.selection(self.schema.query_type, 0)
        head = f"query Random({', '.join(self.declared)})" if self.declared else "query Random"
        return "\n".join([f"{head} {body}", *self.fragments])

    def selection(self, type_: Any, depth: int) -> str:
        chance = self.chance
        parts = []
        if is_abstract_type(type_):
            parts = ["__typename"]
            if "id" in getattr(type_, "fields", {}):
                parts.append("id")
            for possible in chance.sample(list(self.schema.get_possible_types(type_)), k=2):
                parts.append(f"... on {possible.name} {self.selection(possible, depth + 1)}")
            return "{ " + " ".join(parts) + " }"
        names = [name for name in type_.fields if name not in LEFT_OUT]
        leaves = [name for name in names if is_leaf_type(get_named_type(type_.fields[name].type))]
        branches = [name for name in names if name not in leaves]
        wanted = chance.sample(leaves, k=min(len(leaves), chance.randrange(0, 5)))
        if branches and depth < 7 and self.budget > 0:
            wanted += chance.choices(branches, k=min(len(branches), chance.randrange(1, 3)))
        if not wanted:
            wanted = [chance.choice(leaves)] if leaves else [chance.choice(branches)]
        seen: set[str] = set()
        for name in wanted:
            alias = "" if name not in seen and chance.random() < 0.8 else f"a{chance.randrange(10**6)}: "
            seen.add(name)
            parts.append(alias + self.field(type_, name, depth))
        if chance.random() < 0.2:
            parts.append("__typename")
        chance.shuffle(parts)
        text = "{ " + " ".join(parts) + " }"
        draw = chance.random()
        if draw < 0.08:
            return "{ ... " + text + " }"
        if draw < 0.16:
            name = f"F{len(self.fragments)}_{chance.randrange(10**6)}"
            self.fragments.append(f"fragment {name} on {type_.name} {text}")
            return "{ ..." + name + " }"
        return text

    def field(self, type_: GraphQLObjectType, name: str, depth: int) -> str:
        self.budget -= 1
        field = type_.fields[name]
        given = []
        arguments = dict(field.args)
        if "last" in arguments and self.chance.random() < 0.3:
            arguments.pop("first")
        else:
            arguments.pop("last", None)
        for argument, definition in arguments.items():
            if argument in ("after", "before"):
                continue
            if is_non_null_type(definition.type) or self.chance.random() < 0.4:
                given.append(f"{argument}: {self.value(definition.type, argument, 0, depth)}")
        text = name + (f"({', '.join(given)})" if given else "")
        if self.chance.random() < 0.1:
            directive, value = self.chance.choice(["include", "skip"]), self.chance.random() < 0.7
            variable = self.variable("Boolean!", value if directive == "include" else not value)
            text += f" @{directive}(if: {variable})"
        named = get_named_type(field.type)
        return text if is_leaf_type(named) else f"{text} {self.selection(named, depth + 1)}"

    def variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = value
        self.declared.append(f"${name}: {type_}")
        return f"${name}"

    def value(self, type_: Any, name: str, nesting: int, depth: int) -> str:
        raw = self.raw(type_, name, nesting, depth)
        if self.chance.random() < 0.5:
            return self.variable(str(type_), raw)
        return self.literal(type_, raw)

    def literal(self, type_: Any, raw: Any) -> str:
        """The value as GraphQL writes it, a leaf now and then as a variable."""
        if raw is None:
            return "null"
        bare = type_.of_type if is_non_null_type(type_) else type_
        if is_list_type(bare):
            return "[" + ", ".join(self.literal(bare.of_type, each) for each in raw) + "]"
        if isinstance(bare, GraphQLInputObjectType):
            inner = [f"{key}: {self.literal(bare.fields[key].type, each)}" for key, each in raw.items()]
            return "{" + ", ".join(inner) + "}"
        if self.chance.random() < 0.2:
            return self.variable(f"{bare}!", raw)
        if isinstance(bare, GraphQLEnumType):
            return str(raw)
        if isinstance(raw, bool):
            return "true" if raw else "false"
        if isinstance(raw, str):
            return '"' + raw.replace('"', '\\"') + '"'
        return str(raw)

    def raw(self, type_: Any, name: str, nesting: int, depth: int) -> Any:
        chance = self.chance
        bare = type_.of_type if is_non_null_type(type_) else type_
        if is_list_type(bare):
            most = 3 if name == "orderBy" else 4
            return [self.raw(bare.of_type, name, nesting + 1, depth) for _ in range(chance.randrange(0, most))]
        if isinstance(bare, GraphQLInputObjectType):
            outer, self.ids_of = self.ids_of, IDS_OF.get(bare.name, self.ids_of)
            made = self.object(bare, nesting, depth)
            self.ids_of = outer
            return made
        return self.leaf(bare, name, depth)

    def object(self, bare: GraphQLInputObjectType, nesting: int, depth: int) -> dict[str, Any]:
        chance, fields = self.chance, bare.fields
        required = [key for key, each in fields.items() if is_non_null_type(each.type)]
        count = 1 if bare.is_one_of else chance.choice([0, 1, 1, 2, 2])
        names = list(fields)
        if nesting > 2:
            kinds = {key: get_named_type(fields[key].type) for key in names}
            ends = ("StringFilter", "IdFilter", "IntFilter")
            names = [key for key, kind in kinds.items() if is_leaf_type(kind) or kind.name.endswith(ends)]
        chosen = required or chance.sample(names, k=min(count, len(names)))
        return {key: self.raw(fields[key].type, key, nesting + 1, depth) for key in chosen}

    def leaf(self, type_: Any, name: str, depth: int) -> Any:
        chance = self.chance
        if isinstance(type_, GraphQLEnumType):
            return chance.choice(list(type_.values))
        match type_.name:
            case "Boolean":
                return chance.random() < 0.5
            case "ID":
                table = chance.choice(["task"] * 12 + [*PREFIXES]) if self.ids_of is None else self.ids_of
                return encode((PREFIXES | MORE_PREFIXES)[table], chance.choice(self.library.rows[table])["id"])
            case "Int" if name in ("first", "last"):
                return chance.choice([0, 1, 2, 3, 7] if depth > 1 else [0, 1, 4, 12, 50])
            case "Int":
                return {"year": 2026, "atMost": chance.choice([1, 5, 1000])}.get(
                    name, chance.choice([0, 1, 2, 10, 50, 2025])
                )
            case "RelativeDate":
                day = (TODAY + dt.timedelta(days=chance.randrange(-30, 30))).isoformat()
                return chance.choice([day, "P7D", "-P1M", "P0D"])
            case "RelativeDateTime":
                return chance.choice(["2026-06-13T10:00:00+07:00", "-P1D", "-PT36H", "P1M"])
            case "Decimal" | "Percent":
                return (
                    chance.choice(["50", "100", "12.5"]) if type_.name == "Decimal" else chance.choice([50, 100, 12.5])
                )
            case "String" if name == "search":
                return chance.choice(SEARCHES)
            case "String" if name == "code":
                return f"O0{chance.randrange(10)}"
        return chance.choice([*WORDS, "O0", "O03", "a", "100%", "_", "Dinas", "Orang 1", "UMKM rapat", "áGUA"])


class RealWriter(Writer):
    """Writes operations over the product's schema: it knows whose ids each input takes from the catalogue."""

    def __init__(self, chance: random.Random, schema: GraphQLSchema, library: Library, catalogue: Catalogue) -> None:
        super().__init__(chance, schema, library)
        self.prefixes = {each.row.table: each.row.prefix for each in catalogue.rows.values()}
        self.tables = {name: each.row.table for name, each in catalogue.rows.items()}

    def field(self, type_: GraphQLObjectType, name: str, depth: int) -> str:
        outer, self.ids_of = self.ids_of, self.tables.get(get_named_type(type_.fields[name].type).name)
        written = super().field(type_, name, depth)
        self.ids_of = outer
        return written

    def raw(self, type_: Any, name: str, nesting: int, depth: int) -> Any:
        outer = self.ids_of
        self.ids_of = self.tables.get(get_named_type(type_).name.removesuffix("Filter").removesuffix("Key"), outer)
        made = super().raw(type_, name, nesting, depth)
        self.ids_of = outer
        return made

    def leaf(self, type_: Any, name: str, depth: int) -> Any:
        if getattr(type_, "name", "") != "ID":
            return super().leaf(type_, name, depth)
        table = self.ids_of if self.ids_of in self.prefixes else None
        if table is None or self.chance.random() < 0.05:
            table = self.chance.choice([each for each in self.prefixes if self.library.rows.get(each)])
        return encode(self.prefixes[table], self.chance.choice(self.library.rows[table])["id"])
