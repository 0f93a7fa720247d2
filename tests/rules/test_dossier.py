"""The dossier's words and lines: every field has its name and kind, and paper loses no letter."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case
from tortoise import fields

from server.dossier.paper import advances, letters, shown, wrapped
from server.dossier.value import DAYS, LABELS, LISTS, REFERENCES
from server.models import Escalation, Request
from server.models.fields import KeptText
from server.schema.event import INTERNAL
from server.schema.field_change import field_name
from server.text import LANGUAGES, keys

BOOKKEEPING = {"id", "version", "created_at", "updated_at"}
COLUMNS = {
    field.source_field or name: field
    for model in (Request, Escalation)
    for name, field in model._meta.fields_map.items()
    if not isinstance(field, fields.relational.RelationalField | KeptText) and name not in BOOKKEEPING | INTERNAL
}


@pytest.mark.parametrize("column", COLUMNS)
def test_whatever_an_event_of_a_request_or_case_changes_has_a_name_and_a_kind(column: str) -> None:
    name, field = to_camel_case(field_name(column).lower()), COLUMNS[column]
    assert all(name in keys(language, "field") for language in LANGUAGES)
    assert (name in REFERENCES) == column.endswith("_id")
    assert (name in DAYS) == isinstance(field, fields.DateField)
    assert (name in LISTS) == isinstance(field, fields.JSONField)
    assert name.endswith("At") == isinstance(field, fields.DatetimeField)
    assert name.startswith("is") == isinstance(field, fields.BooleanField)
    enum: Any = getattr(field, "enum_type", None)
    assert (name in LABELS or name == "status") == (enum is not None)
    if enum is not None and name != "status":
        assert issubclass(enum, StrEnum)
        assert LABELS[name] == enum.__name__


def test_the_fonts_have_what_indonesian_texts_are_written_with() -> None:
    assert letters().issuperset("AZaz09 “”‘’–—…•→×²°§éñüŁ€№")
    assert shown("Camat “Medan Johor” – 5 m²") == "Camat “Medan Johor” – 5 m²"


def test_what_the_fonts_lack_is_spelled_out() -> None:
    assert shown("陈文 Lim\t😀\r\n{nb}\ue000") == "‹U+9648 U+6587› Lim    ‹U+1F600›\n{nb}‹U+E000›"


@given(st.text())
def test_paper_can_write_every_text(text: str) -> None:
    written = shown(text)
    assert letters().issuperset(written.replace("\n", ""))
    spelled = re.sub(
        "‹(U\\+[0-9A-F ]+(?: U\\+[0-9A-F]+)*)›",
        lambda found: "".join(chr(int(code[2:], 16)) for code in found[1].split()),
        written,
    )
    plain = re.sub("\r\n?|[\u2028\u2029\v\f]", "\n", text).replace("\t", "    ").replace("\u00ad", "")
    assert spelled == plain or "‹U+" in text


@given(st.text(alphabet="ab cWé-\n", max_size=200), st.floats(1.0, 20.0), st.sampled_from(["", "B"]))
def test_lines_hold_every_letter_and_are_no_wider_than_the_sheet(text: str, limit: float, style: str) -> None:
    widths = advances(style)
    lines = list(wrapped(text, widths, limit))
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(len(line) <= 1 or sum(widths[letter] for letter in line.rstrip()) <= limit + 1e-6 for line in lines)
