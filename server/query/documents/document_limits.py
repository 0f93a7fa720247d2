"""Depth and complexity limits of a document, measured before it is validated, whose own work grows with its size.

Depth, aliases and fields are counted with fragments where they are spread; repetitions as GraphQL merges selections.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode
from graphql.language import OperationDefinitionNode

from server.query.codes import INVALID
from server.query.problem import Problem, too_costly

MOST_TOKENS = 10_000
MOST_OPERATIONS = 20
MOST_FRAGMENTS = 100  # validation compares each with each: 0.1 s
MOST_DEPTH = 15
MOST_LEVELS = 100  # selections in selections, of fragments too: validation gives up at 200
MOST_ALIASES = 50
MOST_FIELDS = 2_000
MOST_REPEATS = 50  # of one response key in one object: validation compares each with each
MOST_INTROSPECTIONS = 1  # a whole one takes 0.15 s

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How deep and wide a selection is."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    deepest: Path = ()
    levels: int = 0


def check_extent(document: DocumentNode) -> None:
    """Refuses a document that is too deep, too wide, or says the same too often. Raises Problem."""
    try:
        _check_extent(document)
    except RecursionError:
        raise Problem("document_too_deep", INVALID) from None


def _check_extent(document: DocumentNode) -> None:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    _at_most(MOST_OPERATIONS, len(operations), "too_many_in_document")
    _at_most(MOST_FRAGMENTS, len(fragments), "too_many_fragments")
    measure = _Measure(fragments)
    for operation in operations:
        _check(measure.of(operation.selection_set))
        measure.refuse_repeats([operation.selection_set], ())
    # What is spread nowhere is refused by validation, after it has looked at it.
    unused = [each for each in fragments.values() if each.name.value not in measure.known]
    extents = [measure.of(each.selection_set) for each in unused]
    _at_most(MOST_LEVELS, max((each.levels for each in extents), default=0), "too_many_levels")
    _at_most(MOST_FIELDS, sum(each.fields for each in extents), "too_many_fields")
    for fragment in unused:
        measure.refuse_repeats([fragment.selection_set], (fragment.name.value,))


def _check(extent: Extent) -> None:
    if extent.depth > MOST_DEPTH:
        place = ".".join(extent.deepest[: MOST_DEPTH + 1])
        end = ".".join(extent.deepest[:MOST_DEPTH])
        raise too_costly(
            "selection_too_deep", extent.depth, MOST_DEPTH, hint="selection_too_deep", place=place, end=end
        )
    _at_most(MOST_LEVELS, extent.levels, "too_many_levels")
    _at_most(MOST_ALIASES, extent.aliases, "too_many_aliases")
    _at_most(MOST_FIELDS, extent.fields, "too_many_fields")


def _at_most(limit: int, count: int, key: str, place: str | None = None) -> None:
    if count > limit:
        raise too_costly(key, count, limit, hint=key, place=place)


@dataclass(slots=True)
class _Measure:
    """Measures selections; each fragment once, or its spreading would explode."""

    fragments: dict[str, FragmentDefinitionNode]
    known: dict[str, Extent | None] = field(default_factory=dict)  # None: it is being measured

    def of(self, selections: SelectionSetNode) -> Extent:
        depth = aliases = fields = levels = 0
        deepest: Path = ()
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                name = selection.name.value
                below = self.of(selection.selection_set) if selection.selection_set else Extent()
                if name.startswith("__"):  # an introspection's depth has a rule of its own
                    below = replace(below, depth=0, deepest=())
                inner = Extent(
                    below.depth + 1,
                    below.aliases + bool(selection.alias),
                    below.fields + 1,
                    (name, *below.deepest),
                    below.levels,
                )
            elif isinstance(selection, FragmentSpreadNode):
                inner = self.spread(selection.name.value)
            else:
                inner = self.of(selection.selection_set)  # type: ignore[attr-defined]
            aliases += inner.aliases
            fields += inner.fields
            levels = max(levels, inner.levels)
            if inner.depth > depth:
                depth, deepest = inner.depth, inner.deepest
        return Extent(depth, aliases, fields, deepest, levels + 1)

    def spread(self, name: str) -> Extent:
        if name not in self.fragments:
            return Extent()  # refused by validation
        if name not in self.known:
            self.known[name] = None
            self.known[name] = self.of(self.fragments[name].selection_set)
        extent = self.known[name]
        if extent is None:
            raise Problem("fragment_in_itself", INVALID, {"name": name})
        return extent

    def refuse_repeats(self, selection_sets: list[SelectionSetNode], path: Path) -> None:
        """Fields of one response key become one object, whose selections are merged in turn."""
        times: Counter[str] = Counter()
        below: dict[str, list[SelectionSetNode]] = {}
        introspections: set[str] = set()
        spread: set[str] = set()
        waiting = list(selection_sets)
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, FieldNode):
                    key = selection.alias.value if selection.alias else selection.name.value
                    times[key] += 1
                    if selection.selection_set:
                        below.setdefault(key, []).append(selection.selection_set)
                    if selection.name.value == "__schema":
                        introspections.add(key)
                elif isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    times[f"...{name}"] += 1
                    if name in self.fragments and name not in spread:
                        spread.add(name)
                        waiting.append(self.fragments[name].selection_set)
                else:
                    waiting.append(selection.selection_set)  # type: ignore[attr-defined]
        _at_most(MOST_INTROSPECTIONS, len(introspections), "introspected_too_often")
        for key, count in times.most_common(1):
            place = f"{'.'.join(path)} {key}" if key.startswith("...") else ".".join((*path, key))
            _at_most(MOST_REPEATS, count, "selected_too_often", place)
        for key, inner in below.items():
            self.refuse_repeats(inner, (*path, key))
