"""Validation by GraphQL's own rules. One of them says more: the place of a literal, and what would be right there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    ValidationContext,
    VariableDefinitionNode,
    Visitor,
    specified_rules,
    validate,
)
from graphql.language import SKIP, ValueNode, VisitorAction
from graphql.type import GraphQLInputType
from graphql.validation import ValuesOfCorrectTypeRule
from graphql.validation.rules import overlapping_fields_can_be_merged as merging
from graphql.validation.validate import ValidationAbortedError

from server.query.codes import INVALID
from server.query.documents.refused_values import MOST_ERRORS, refused_literal
from server.query.problem import Problem, too_costly, with_code

MOST_COMPARED = 200_000  # of selections with each other: 0.5 s; what extent.py lets pass needs a tenth of it
merging.MAX_COMPLEXITY_BUDGET = MOST_COMPARED


def errors_in(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Why the document is not valid, each with its code; none when it is."""
    used: list[object] = []
    try:
        errors = validate(schema, document, [partial(_made, used, rule) for rule in RULES], max_errors=MOST_ERRORS)  # type: ignore[misc]  # graphql-core calls them, no more
    except RecursionError:
        return [Problem("document_too_deep", INVALID)]
    finally:
        # Each visitor keeps its own methods, and with them itself and all that it noted of the document.
        for each in used:
            vars(each).clear()
    if any(isinstance(each, ValidationAbortedError) for each in errors[:MOST_ERRORS]):
        # Behind as many errors it says that these are all that it tells; before, that it is out of its budget.
        return [too_costly("too_much_compared", MOST_COMPARED + 1, MOST_COMPARED, hint="too_much_compared")]
    return [with_code(each, INVALID) for each in errors[:MOST_ERRORS]]


def _made(used: list[object], rule: Callable[[ValidationContext], Visitor], context: ValidationContext) -> Visitor:
    """The rule at work, remembered in `used`, and its context."""
    visitor = rule(context)
    used += (visitor, context)
    return visitor


class Literals(ValuesOfCorrectTypeRule):
    """Keeps the path to the value that is being looked at; in a fragment it begins with the fragment's own fields."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.place: list[str] = []
        self.names: list[str] = []  # the same, without aliases

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.place.append(node.alias.value if node.alias else node.name.value)
        self.names.append(node.name.value)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self.place.append(node.name.value)
        self.names.append(node.name.value)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self.place.append(node.variable.name.value)
        self.names.append(node.variable.name.value)

    def leave_field(self, *_: Any) -> None:
        self.place.pop()
        self.names.pop()

    leave_argument = leave_variable_definition = leave_field

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """graphql-core's check, each error with its place and what would be right."""
        if input_type:
            for error in refused_literal(self.context.schema, node, input_type, self.place, self.names):
                self.report_error(error)
        return SKIP


RULES = tuple(Literals if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules)
