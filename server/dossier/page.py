"""The dossier as an HTML page without scripts, for reading and for printing; everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from server.dossier.document import Block, Dossier, Facts, Item, NamedValue, Note, Section, Text
from server.dossier.value import LANGUAGE

STYLE: Final = "/static/dossier.css"
_EXACT: Final = ' class="exact"'


def page(document: Dossier) -> bytes:
    """The whole page."""
    return "".join(_page(document)).encode()


def _page(document: Dossier) -> Iterator[str]:
    yield (
        f'<!doctype html>\n<html lang="{LANGUAGE}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(document.title)}: {escape(document.case_id)}</title>\n"
        f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{STYLE}">\n</head>\n<body>\n<main>\n'
        f"<header>\n<p>{escape(document.city)}</p>\n<h1>{escape(document.title)}</h1>\n"
        f'<p class="subject">{_written(document.subject)}</p>\n<p class="exact">{escape(document.case_id)}</p>\n'
        "</header>\n"
    )
    for section in document.sections:
        yield from _section(section)
    yield f"<footer><p>{escape(document.disclaimer)}</p></footer>\n</main>\n</body>\n</html>\n"


def _section(section: Section) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(section.heading)}</h2>\n"
    for block in section.blocks:
        yield from _block(block)
    yield "</section>\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Facts(rows):
            yield _rows(rows, "facts")
        case Text(text):
            yield f'<p class="text">{_written(text)}</p>\n'
        case Note(text):
            yield f'<p class="note">{escape(text)}</p>\n'
        case Item(heading, text, facts, changes):
            yield f'<article>\n<h3>{escape(heading)}</h3>\n<p class="text">{_written(text)}</p>\n'
            yield _rows(facts, "facts")
            if changes:
                yield _rows(changes, "changes")
            yield "</article>\n"


def _rows(rows: Iterable[NamedValue], kind: str) -> str:
    told = "".join(
        f"<div><dt>{escape(each.name)}</dt><dd{_EXACT if each.is_exact else ''}>{_written(each.value)}</dd></div>\n"
        for each in rows
    )
    return f'<dl class="{kind}">\n{told}</dl>\n'


def _written(text: str) -> str:
    """Somebody's words: escaped, and set apart, so that letters written from right to left turn nothing around them."""
    return f"<bdi>{escape(text)}</bdi>"
