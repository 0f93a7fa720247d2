"""Labels: what people call the values of enums, the verbs and the fields, in both languages.

Each field that holds an enum has a field beside it that says in words what it holds: `status`, `statusLabel`. Nobody
writes these by hand; they are made from the sentences of server/text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, cast

import strawberry
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from server.live.watch import ChangeKind
from server.query.declare.declaration import Argument, Column, Computed, GroupKey, Labelled
from server.query.declare.fields import Declared
from server.rules.refusal import Code
from server.schema.enums import NAMED_BY, State, described
from server.text import LANGUAGES, keys, sentence
from server.text import Language as Spoken


class Language(StrEnum):
    """In which people are addressed."""

    ID = "ID"
    EN = "EN"


described(Language, "A language in which people are addressed.", ID="Indonesian.", EN="English.")

# For programs: an error has its message, a state is one of an enum that has labels, and what a change means is for
# whoever keeps a list.
FOR_PROGRAMS: Final = (Code, ChangeKind, State)


def derive_labels(types: Iterable[type[Any]]) -> None:
    """Give every enum field of these output types, of rows and of plain ones, a field `…Label` behind it."""
    for type_ in types:
        definition = getattr(type_, "__strawberry_definition__", None)
        if not isinstance(definition, StrawberryObjectDefinition) or definition.is_graphql_generic:
            continue
        if definition.is_input or definition.is_interface:
            continue
        fields: list[StrawberryField] = []
        for field in definition.fields:
            fields.append(field)
            if (beside := _beside(field)) is not None:
                fields.append(beside)
                if (row := type_.__dict__.get("__row__")) is not None:
                    row.fields[beside.python_name] = beside
        definition.fields = fields


def _beside(field: StrawberryField) -> Declared | None:
    declaration = field.metadata.get("sql")
    if field.base_resolver is not None or not isinstance(declaration, Column | Computed | GroupKey | None):
        return None
    type_: Any = field.resolve_type()
    is_nullable = isinstance(type_, StrawberryOptional)
    definition = type_.of_type if is_nullable else type_
    if not isinstance(definition, StrawberryEnumDefinition) or definition.wrapped_cls in FOR_PROGRAMS:
        return None
    name = field.graphql_name or field.python_name
    words = f"What people call `{name}`{'; null where that is' if is_nullable else ''}."
    made: Declared = made_label(field.python_name, labels_of(cast(type[StrEnum], definition.wrapped_cls)), words)
    made.graphql_name = None if field.graphql_name is None else f"{field.graphql_name}Label"
    made.python_name = f"{field.python_name}_label"
    made.type_annotation = strawberry.annotation.StrawberryAnnotation(str | None if is_nullable else str)
    return made


def made_label(of: str, labels: Mapping[str, Mapping[str, str]], description: str) -> Any:
    """A field of a plain type that says in words what its attribute `of` holds; `labels`: language → value → words."""
    argument = Argument(Language, "", "In this language; in the caller's where it is left out.")
    declaration = Labelled(of, labels, description, arguments={"language": argument})
    return Declared(metadata={"sql": declaration}, description=description, default=None)


@cache
def labels_of(of: type[StrEnum]) -> Mapping[str, Mapping[str, str]]:
    """Language → an enum's name → its label. Raises KeyError for one without."""
    section, named = NAMED_BY.get(of) or ("label", {each.name: f"{of.__name__}.{each.name}" for each in of})
    return {language: {name: sentence(language, section, key) for name, key in named.items()} for language in LANGUAGES}


@strawberry.type(description="What people call something.")
class Label:
    name: str = strawberry.field(description="Its name in the API.")
    label: str = strawberry.field(description="What people call it.")


@strawberry.type(description="What people call the values of an enum.")
class EnumLabels:
    name: str = strawberry.field(description="The enum's name in the API.")
    values: list[Label] = strawberry.field(description="Its values, in the schema's order.")


@strawberry.type(description="What people call the API's names, in one language: for buttons, columns and choices.")
class Labels:
    language: Language = strawberry.field(description="In this language.")
    enums: list[EnumLabels] = strawberry.field(
        description="Every enum that people read, by name, `Verb` and `ChangedField` among them; an error has its "
        "message, a list's change is for programs."
    )


def _labels(
    info: strawberry.Info,
    language: Annotated[
        Language | None, strawberry.argument(description="In this language; in the caller's where it is left out.")
    ] = None,
) -> Labels | None:
    language = language or Language[info.context.language.upper()]
    code = cast(Spoken, language.lower())
    named = {key.partition(".")[0] for key in keys(code, "label")} | {each.__name__ for each in NAMED_BY}
    # Others are named in sentences alone.
    enums = [found for name in sorted(named) if (found := info.schema.get_type_by_name(name)) is not None]
    return Labels(
        language=language,
        enums=[_of_enum(code, cast(StrawberryEnumDefinition, each)) for each in enums],
    )


def _of_enum(language: Spoken, definition: StrawberryEnumDefinition) -> EnumLabels:
    labels = labels_of(cast(type[StrEnum], definition.wrapped_cls))[language]
    return EnumLabels(name=definition.name, values=[Label(name=name, label=each) for name, each in labels.items()])


queries = [
    strawberry.field(resolver=_labels, name="labels", description="What people call the API's names."),
]
