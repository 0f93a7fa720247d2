"""The dossier as a PDF on A4, with the case and the page's number on every sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from server.dossier.document import Block, Dossier, Facts, Item, NamedValue, Note, Section, Text
from server.dossier.value import LANGUAGE
from server.text import sentence

FOLDER: Final = Path(__file__).parent / "font"
FILES: Final = {"": FOLDER / "DejaVuSans.ttf", "B": FOLDER / "DejaVuSans-Bold.ttf"}
FAMILY: Final = "dejavu"

# Millimetres and points.
MARGIN: Final = 20.0
FOOT: Final = 22.0
NAMES: Final = 46.0  # the column of what stands beside a value
TOGETHER: Final = 26.0  # a heading stands on no sheet whose rest is less
TITLE, HEADING, BODY, SMALL, TINY = 17.0, 12.5, 9.5, 8.5, 7.5
LEADING: Final = 0.48  # millimetres of line for each point
BLACK, GREY, LINE = 20, 90, 200

# Stands for the number of pages until that is known; no text of ours or of people's holds it once it is `shown`.
_TOTAL: Final = "\ue000\ue000\ue000"
_LINES: Final = re.compile("\r\n?|[\u2028\u2029\v\f]")


def paper(document: Dossier) -> bytes:
    """The whole PDF. Some milliseconds of a core for each event."""
    with closing(_Sheets(document)) as sheets:
        sheets.head()
        for section in document.sections:
            sheets.section(section)
        if sheets.has_other_letters:
            sheets.note(sentence(LANGUAGE, "dossier", "other_letters"))
        return bytes(sheets.output())


@cache
def letters() -> frozenset[str]:
    """The characters that both fonts have."""
    with closing(_Fonts()) as fonts:
        return frozenset.intersection(*(frozenset(map(chr, font.cmap)) for font in fonts.own))


@cache
def advances(style: str) -> Mapping[str, float]:
    """How wide each letter is, in sizes of its font. These fonts have no kerning, so a text is as wide as the sum."""
    with closing(_Fonts()) as fonts:
        font = fonts.own[list(FILES).index(style)]
        return {letter: font.get_text_width(letter, 1, None)[1] for letter in letters()}


def shown(text: str) -> str:
    """The text as these fonts can write it: what they lack stands as ‹U+4E2D›, so that nothing is lost."""
    text = _LINES.sub("\n", text).replace("\t", "    ").replace("\u00ad", "")  # a mere hint where a word may break
    if letters().issuperset(text.replace("\n", "")):
        return text
    return re.sub(r"[^\n]+", lambda line: _spelled(line[0]), text)


def _spelled(line: str) -> str:
    parts: list[str] = []
    lacking: list[str] = []
    for letter in line:
        if letter in letters():
            if lacking:
                parts.append(f"‹{' '.join(lacking)}›")
                lacking = []
            parts.append(letter)
        else:
            lacking.append(f"U+{ord(letter):04X}")
    if lacking:
        parts.append(f"‹{' '.join(lacking)}›")
    return "".join(parts)


def wrapped(text: str, widths: Mapping[str, float], limit: float) -> Iterator[str]:
    """Lines no wider than the limit, broken at spaces and, where a word alone is wider, within it.

    FPDF's own way measures a line anew for each of its letters, which took eight tenths of a long document's time.
    """
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for number, word in enumerate(paragraph.split(" ")):
            width = sum(widths[letter] for letter in word)
            if number and used + widths[" "] + width <= limit:
                line, used = f"{line} {word}", used + widths[" "] + width
                continue
            if number:
                yield line
            *full, line = _cut(word, widths, limit) if width > limit else (word,)
            yield from full
            used = sum(widths[letter] for letter in line)
        yield line


def _cut(word: str, widths: Mapping[str, float], limit: float) -> Iterator[str]:
    """A word wider than a line, in lines."""
    start, used = 0, 0.0
    for place, letter in enumerate(word):
        used += widths[letter]
        if used > limit and place > start:
            yield word[start:place]
            start, used = place, widths[letter]
    yield word[start:]


class _Fonts(FPDF):
    """A PDF with our fonts, whose files FPDF itself would leave open."""

    def __init__(self) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        for style, path in FILES.items():
            self.add_font(FAMILY, style, path)

    @property
    def own(self) -> list[TTFFont]:
        """Both fonts."""
        return [font for font in self.fonts.values() if isinstance(font, TTFFont)]

    def close(self) -> None:
        """Close their files."""
        for font in self.own:
            font.ttfont.close()


class _Sheets(_Fonts):
    """The sheets of one document, filled from top to bottom."""

    def __init__(self, document: Dossier) -> None:
        super().__init__()
        self.document = document
        self.has_other_letters = False
        self.alias_nb_pages(_TOTAL)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, FOOT)
        self.set_lang(LANGUAGE)
        self.set_title(f"{document.title}: {document.case_id}")
        self.set_subject(shown(document.subject))
        self.set_creation_date(document.printed_at)
        self.add_page()

    def footer(self) -> None:
        """Called by FPDF for each sheet."""
        self.set_y(-FOOT + 5)
        self.set_draw_color(LINE)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)
        self.ln(1.5)
        self._font(TINY, colour=GREY)
        self.cell(text=self.document.running_title)
        total = sentence(LANGUAGE, "dossier", "page", number=self.page_no(), total=_TOTAL)
        self.set_x(-MARGIN - self.get_string_width(total.replace(_TOTAL, "000")) - 2)
        self.cell(text=total, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.cell(text=self.document.disclaimer)

    def head(self) -> None:
        """The title of the whole."""
        self._words(self.document.city, SMALL, colour=GREY)
        self._words(self.document.title, TITLE, "B")
        self._words(self.document.subject, HEADING)
        self._words(self.document.case_id, SMALL, colour=GREY)
        self.ln(2)

    def section(self, section: Section) -> None:
        """A heading under a line, and what stands below it."""
        self._room(TOGETHER)
        self.ln(4)
        self.set_draw_color(LINE)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)
        self.ln(2)
        self._words(section.heading, HEADING, "B")
        self.ln(1)
        for block in section.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        """Whatever a section holds."""
        match block:
            case Facts(rows):
                self._facts(rows, BODY)
            case Text(text):
                self._words(text, BODY)
                self.ln(1)
            case Note(text):
                self.note(text)
            case Item(heading, text, facts, changes):
                self._room(TOGETHER)
                self.ln(2)
                self._words(heading, BODY, "B")
                self._words(text, BODY)
                self._facts(facts, SMALL)
                if changes:
                    self._words(sentence(LANGUAGE, "dossier", "change"), SMALL, colour=GREY)
                    self._facts(changes, TINY, indent=4)

    def note(self, text: str) -> None:
        """What the document says of itself."""
        self._words(text, SMALL, colour=GREY)
        self.ln(1)

    def _facts(self, rows: tuple[NamedValue, ...], size: float, indent: float = 0) -> None:
        height = size * LEADING
        for each in rows:
            self._room(height)
            self._font(size, colour=GREY)
            self.set_x(MARGIN + indent)
            self.cell(NAMES - indent, height, text=each.name)
            self._words(each.value, size, at=MARGIN + NAMES)

    def _words(self, text: str, size: float, style: str = "", *, colour: int = BLACK, at: float = MARGIN) -> None:
        """Lines from there to the right margin."""
        self._font(size, style, colour=colour)
        written = shown(text)
        self.has_other_letters = self.has_other_letters or "‹U+" in written
        width = self.w - MARGIN - at - 2 * self.c_margin
        for line in wrapped(written, advances(style), width * self.k / size):
            self.set_x(at)
            self.cell(0, size * LEADING, text=line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _room(self, height: float) -> None:
        """Go on on a new sheet where this one has less left."""
        if self.will_page_break(height):
            self.add_page()

    def _font(self, size: float, style: str = "", *, colour: int) -> None:
        self.set_font(FAMILY, style, size)
        self.set_text_color(colour)
