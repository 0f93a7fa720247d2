"""What of a client's documents the schema does not have any more, or will not have for long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Source,
    get_location,
    parse,
    validate,
)
from graphql.language import FragmentDefinitionNode
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    FragmentsOnCompositeTypesRule,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
)

from server.query.codes import INVALID, PARSE_FAILED
from server.query.documents.coordinates import Coordinates
from server.query.documents.deprecation import Deprecations, spread_by
from server.query.documents.validation import Literals
from server.query.problem import told, with_code
from server.settings import BadSetting

# GraphQL's rules that compare with the schema. Directives of a client's own are its own matter, and so is how its
# documents fit together.
RULES: Final = (
    FieldsOnCorrectTypeRule,
    FragmentsOnCompositeTypesRule,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    Literals,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
)
TEXTS: Final = (".graphql", ".gql")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is found where: in a file, or in one document of a manifest."""

    place: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}:{self.column}: {self.what}"


def report(schema: GraphQLSchema, paths: Iterable[Path]) -> int:
    """Print what of a client's documents is gone or deprecated → 1 where anything is. Raises BadSetting."""
    sources = sources_at(paths)
    found = findings(schema, sources)
    for each in found:
        print(each)
    print(f"{len(found)} findings." if found else f"{len(sources)} documents: nothing is deprecated or gone.")
    return 1 if found else 0


def sources_at(paths: Iterable[Path]) -> list[Source]:
    """The documents of files, folders (their *.graphql and *.gql) and manifests (*.json). Raises BadSetting."""
    found: list[Source] = []
    for path in paths:
        try:
            files = sorted(each for each in path.rglob("*") if each.suffix in TEXTS) if path.is_dir() else [path]
            if not files:
                raise BadSetting(f"{path}: there is no *.graphql in this folder")
            for file in files:
                text = file.read_text("utf-8")
                found += _of_manifest(file, text) if file.suffix == ".json" else [Source(text, str(file))]
        except OSError as problem:
            raise BadSetting(f"{problem.filename}: {problem.strerror}") from None
        except UnicodeDecodeError:
            raise BadSetting(f"{path}: it is not UTF-8") from None
    return found


def findings(schema: GraphQLSchema, sources: Sequence[Source]) -> list[Finding]:
    """What is gone or deprecated in these documents; a fragment may stand in another of them."""
    found: list[Finding] = []
    parsed: list[DocumentNode] = []
    for source in sources:
        try:
            parsed.append(_executable(parse(source)))
        except GraphQLError as error:
            found.append(_wrong(with_code(error, PARSE_FAILED)))
    fragments = {
        each.name.value: each
        for document in parsed
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    deprecations = Deprecations(schema)
    for document in parsed:
        found += _gone(schema, document, fragments)
        found += _deprecated(schema, document, deprecations)
    return sorted(set(found))


def _gone(schema: GraphQLSchema, document: DocumentNode, all_: dict[str, FragmentDefinitionNode]) -> Iterator[Finding]:
    own = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    spread = {id(each): each for definition in document.definitions for each in spread_by(definition, {**all_, **own})}
    others = [each for each in spread.values() if each not in own.values()]
    whole = DocumentNode(definitions=(*document.definitions, *others))
    texts = {id(each.loc.source) for each in document.definitions if each.loc is not None}
    for error in validate(schema, whole, RULES, max_errors=1_000):
        if error.source is not None and id(error.source) in texts:
            yield _wrong(with_code(error, INVALID))


def _deprecated(schema: GraphQLSchema, document: DocumentNode, deprecations: Deprecations) -> Iterator[Finding]:
    if not deprecations.reasons:
        return
    for node, coordinate in Coordinates(schema, document).named:
        if (reason := deprecations.reasons.get(coordinate)) is not None and node.loc is not None:
            where = get_location(node.loc.source, node.loc.start)
            what = f"{coordinate} is deprecated: {reason}"
            yield Finding(node.loc.source.name, where.line, where.column, what)


def _executable(document: DocumentNode) -> DocumentNode:
    """Without definitions of types: a client may keep the schema, or an extension of its own, beside its documents."""
    kept: list[Any] = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    return DocumentNode(definitions=tuple(kept), loc=document.loc)


def _wrong(error: GraphQLError) -> Finding:
    assert error.source is not None
    assert error.locations
    where = error.locations[0]
    return Finding(error.source.name, where.line, where.column, told(error, "en").message)


def _of_manifest(file: Path, text: str) -> list[Source]:
    """Of Apollo's form, {"operations": [{"name", "body"}]}, or of Relay's and the code generator's, {hash: text}."""
    try:
        held = json.loads(text)
    except ValueError as problem:
        raise BadSetting(f"{file}: {problem}") from None
    if isinstance(held, dict) and isinstance(held.get("operations"), list):
        held = {each.get("name"): each.get("body") for each in held["operations"] if isinstance(each, dict)}
    pairs = list(held.items()) if isinstance(held, dict) else []
    if not pairs or not all(isinstance(part, str) for pair in pairs for part in pair):
        raise BadSetting(
            f'{file}: no manifest of documents: {{"operations": [{{"name", "body"}}]}} as Apollo writes it, or'
            " {hash: text} as Relay and GraphQL Code Generator do"
        )
    return [Source(body, f"{file} ({name})") for name, body in pairs]
