"""An LRU cache of parsed and validated documents, and for each operation an LRU cache of its plans."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graphql import GraphQLError, GraphQLSchema, Lexer, OperationType, Source, Visitor, visit
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from graphql.language import Location, Token, TokenKind, ast
from graphql.language.parser import Parser

from server.query.codes import BAD_USER_INPUT, INVALID, PARSE_FAILED
from server.query.documents.coordinates import PathCoordinates, bear, locate_in_document
from server.query.documents.deprecation import Deprecations, Uses
from server.query.documents.document_limits import MOST_TOKENS, check_extent
from server.query.documents.input_limits import check_literal, check_variables, filters_among, inputs_among
from server.query.documents.refused_values import MOST_ERRORS
from server.query.documents.validation import errors_in
from server.query.documents.variables import Variables
from server.query.graphql_core import has_too_many_tokens
from server.query.problem import NotRun, Problem, too_costly, with_code

PAGE_ARGUMENTS = frozenset({"first", "last"})
SEARCH = "search"
MOST_SHAPES = 16
LONGEST_KEPT = 100_000  # characters of one source
MOST_CHARACTERS = 300_000  # of all that are kept: 180,000 objects, through which each full collection goes

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(OrderedDict[K, V], Generic[K, V]):
    """A dictionary that forgets what was least lately used: past so many entries, or when they weigh too much."""

    def __init__(self, limit: int, most_weight: int | None = None) -> None:
        super().__init__()
        self.limit = limit
        self.most_weight = most_weight
        self.weight = 0
        self._weights: dict[K, int] = {}

    def find(self, key: K) -> V | None:
        """What is kept under the key."""
        found = self.get(key)
        if found is not None:
            self.move_to_end(key)
        return found

    def keep(self, key: K, value: V, weight: int = 0) -> V:
        """Keep it, and forget others if need be."""
        self[key] = value
        self.move_to_end(key)
        if self.most_weight is not None:
            self.weight += weight - self._weights.get(key, 0)
            self._weights[key] = weight
        while len(self) > self.limit or (self.most_weight is not None and self.weight > self.most_weight):
            forgotten, _ = self.popitem(last=False)
            self.weight -= self._weights.pop(forgotten, 0)
        return value


@dataclass(eq=False, slots=True)
class Operation:
    """One operation of a document."""

    document: ast.DocumentNode
    node: ast.OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    pages: frozenset[str]  # variables that are page sizes: a compilation depends on their bucket
    searches: frozenset[str]  # variables that are searched for: it depends on whether they are blank
    filters: frozenset[str]  # variables that are filters, or stand in a filter or a search
    inputs: frozenset[str]  # variables that only verbs take
    variables: Variables
    places: PathCoordinates
    deprecated: Uses
    compiled: Kept[Hashable, Any] = field(default_factory=lambda: Kept(MOST_SHAPES))
    as_query: Operation | None = None  # of a subscription that is answered by a query: that one

    def coerce(self, given: dict[str, Any]) -> VariableValues:
        """The variables' values. Raises NotRun."""
        try:
            check_variables(given, self.filters)
            coerced = self.variables.coerce(given)
        except Problem as problem:
            coerced = [problem]
        if not isinstance(coerced, list):
            return coerced
        refused = [with_code(each, BAD_USER_INPUT) for each in coerced]
        for error in refused:
            bear(error, self.places.of_variable((error.extensions or {}).get("path") or ("",)))
        raise NotRun(*refused)


@dataclass(slots=True)
class Document:
    """A source text: its operations, or why it is refused."""

    operations: dict[str | None, Operation]
    errors: list[GraphQLError]

    def operation(self, name: str | None) -> Operation:
        """The named operation, or the only one. Raises GraphQLError."""
        if name is None:
            if len(self.operations) == 1:
                return next(iter(self.operations.values()))
            known = ", ".join(str(each) for each in self.operations)
            raise _not_chosen("operation_needed", known)
        if name not in self.operations:
            known = ", ".join(str(each) for each in self.operations if each)
            raise _not_chosen("operation_unknown", known, name[:100])
        return self.operations[name]


def _not_chosen(key: str, known: str, name: str | None = None) -> Problem:
    facts: dict[str, object] = {"known": known or None, "name": name}
    if known:  # the client's own words, no key
        return Problem(key, BAD_USER_INPUT, facts, shown={"path": ["operationName"], "constraint": known})
    return Problem(key, BAD_USER_INPUT, {**facts, "constraint": "none_is_named"}, shown={"path": ["operationName"]})


class Documents:
    """The cache of documents, by their source."""

    def __init__(self, schema: GraphQLSchema, limit: int = 500, most_characters: int = MOST_CHARACTERS) -> None:
        self.schema = schema
        self.deprecations = Deprecations(schema)
        self.kept: Kept[str, Document] = Kept(limit, most_characters)
        self._always: dict[str, Document] = {}

    def get(self, source: str) -> Document:
        """Parsed and validated; kept, errors too."""
        found = self.kept.find(source) or self._always.get(source)
        if found is None:
            found = self._read(source)
            if len(source) <= LONGEST_KEPT:
                self.kept.keep(source, found, len(source))
        return found

    def kind(self, source: str, name: str | None) -> OperationType | None:
        """Whether it is a query, a mutation or a subscription; None where executing it will tell what is wrong."""
        try:
            return self.get(source).operation(name).node.operation
        except GraphQLError:
            return None

    def may_be_live(self, source: str, name: str | None) -> bool:
        """Whether it may be one to be answered again and again; False where executing it will tell what is wrong."""
        try:
            node = self.get(source).operation(name).node
        except GraphQLError:
            return False
        return node.operation is OperationType.SUBSCRIPTION or bool(node.directives)

    def keep_always(self, source: str) -> None:
        """Whatever else is asked, this one stays read."""
        self._always[source] = self.get(source)

    def _read(self, source: str) -> Document:
        try:
            return Document(self._operations(source), [])
        except NotRun as refused:
            errors = refused.errors
        except Problem as problem:
            errors = [problem]
        for error in errors:
            _let_go(error)
        return Document({}, errors)

    def _operations(self, source: str) -> dict[str | None, Operation]:
        """Raises NotRun and Problem."""
        document = _parse(source)
        try:
            return self._checked(document)
        except NotRun as refused:
            locate_in_document(self.schema, document, refused.errors)
            raise
        except Problem as problem:
            locate_in_document(self.schema, document, [problem])
            raise

    def _checked(self, document: ast.DocumentNode) -> dict[str | None, Operation]:
        nodes = [each for each in document.definitions if isinstance(each, ast.OperationDefinitionNode)]
        if not nodes:
            raise Problem("no_operation", INVALID)
        check_extent(document)
        visitor = _DocumentVisitor(self.schema)
        visit(document, visitor)
        visitor.enter_leave_map.clear()  # its own methods, and so itself
        if errors := visitor.errors[:MOST_ERRORS] or errors_in(self.schema, document):
            raise NotRun(*errors)
        fragments = {
            each.name.value: FragmentDetails(each)
            for each in document.definitions
            if isinstance(each, ast.FragmentDefinitionNode)
        }
        definitions = {name: each.definition for name, each in fragments.items()}
        return {
            node.name.value if node.name else None: Operation(
                document,
                node,
                fragments,
                frozenset(visitor.pages),
                frozenset(visitor.searches),
                filters_among(self.schema, node) | visitor.bounded,
                inputs_among(self.schema, node),
                Variables(self.schema, document, node.variable_definitions or ()),
                PathCoordinates(self.schema, node, definitions),
                self.deprecations.uses(node, definitions),
            )
            for node in nodes
        }


class _Parser(Parser):
    """Tells each node its place, but not the tokens there: through one of them a node would keep all of the text's."""

    def loc(self, start_token: Token) -> Location | None:
        """Where a node begins and ends."""
        location = super().loc(start_token)
        if location is not None:
            location.start_token = location.end_token = _NO_TOKEN
        return location


_NO_TOKEN = Token(TokenKind.SOF, 0, 0, 0, 0)


def _parse(source: str) -> ast.DocumentNode:
    """Raises NotRun and Problem."""
    lexer = Lexer(Source(source))
    first = lexer.token
    try:
        return _Parser(lexer.source, max_tokens=MOST_TOKENS, lexer=lexer).parse_document()
    except GraphQLError as error:
        if has_too_many_tokens(error.message):
            error = too_costly("too_many_tokens", MOST_TOKENS + 1, MOST_TOKENS, hint="too_many_tokens")
        raise NotRun(with_code(error, PARSE_FAILED)) from None
    except RecursionError:
        raise Problem("document_too_deep", PARSE_FAILED) from None
    finally:
        # The tokens are linked in both directions: as they are, only the garbage collector would find them.
        token: Token | None = first
        while token is not None:
            token.prev = None
            token.next, token = None, token.next


def _let_go(error: GraphQLError) -> None:
    """An error is kept with its place and its cause, not with the document and the stack in which it was found."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause.nodes = None
        cause.__traceback__ = cause.__context__ = None
        cause = cause.original_error


class _DocumentVisitor(Visitor):
    """Finds the variables on which more depends than their type tells, and literals that hold too much."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.schema = schema
        self.pages: set[str] = set()
        self.searches: set[str] = set()
        self.bounded: set[str] = set()  # variables that stand in a filter or a search
        self.is_bounded = False  # what stands around is one
        self.defaults: list[tuple[str, ast.ValueNode, bool]] = []
        self.errors: list[GraphQLError] = []
        self.place: list[str] = []  # the fields around; in a fragment its own
        self.filters: frozenset[str] = frozenset()

    def enter_operation_definition(self, node: ast.OperationDefinitionNode, *_: Any) -> None:
        self.filters = filters_among(self.schema, node)

    def enter_variable_definition(self, node: ast.VariableDefinitionNode, *_: Any) -> None:
        if node.default_value is not None:
            name = node.variable.name.value
            self.defaults.append((name, node.default_value, name in self.filters))

    def leave_document(self, *_: Any) -> None:
        for name, value, is_filter in self.defaults:
            self.measure(value, name, is_filter or name in self.bounded)

    def enter_field(self, node: ast.FieldNode, *_: Any) -> None:
        self.place.append(node.alias.value if node.alias else node.name.value)

    def leave_field(self, *_: Any) -> None:
        self.place.pop()

    def enter_argument(self, node: ast.ArgumentNode, *_: Any) -> None:
        name = node.name.value
        if isinstance(node.value, ast.VariableNode) and name in PAGE_ARGUMENTS:
            self.pages.add(node.value.name.value)
        elif isinstance(node.value, ast.VariableNode) and name == SEARCH:
            self.searches.add(node.value.name.value)
        self.is_bounded = name == "filter" or name == SEARCH
        self.measure(node.value, name, self.is_bounded)

    def enter_variable(self, node: ast.VariableNode, *_: Any) -> None:
        if self.is_bounded:
            self.bounded.add(node.name.value)

    def leave_argument(self, *_: Any) -> None:
        self.is_bounded = False

    def measure(self, node: ast.ValueNode, name: str, is_filter: bool) -> None:
        """Count what a literal holds."""
        try:
            check_literal(node, (*self.place, name), is_filter)
        except Problem as problem:
            self.errors.append(GraphQLError(problem.message, node, original_error=problem))

    def enter_directive(self, node: ast.DirectiveNode, *_: Any) -> None:
        if node.name.value == "defer" or node.name.value == "stream":
            self.errors.append(Problem("directive_unknown", INVALID, {"name": node.name.value}, nodes=node))
