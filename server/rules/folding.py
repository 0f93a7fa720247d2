"""How texts are compared where case, accents and ways of writing do not count, and how they are put in order.

Kept beside the text in its row: no two databases fold or sort alike, and a subscription reads in Python what a list
reads in SQL (decision 28).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

APOSTROPHES: Final = "'`´ʹʻʼʽʾʿˈ‘’‛′＇"
_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a sign that are blank
_KEPT: Final = (
    0x3000  # what is folded of code points below is kept: all alphabets, and not the hundred thousands behind
)
_LONGEST: Final = 300  # characters of a key's folded part: with the text itself it fits PostgreSQL's index
_BEFORE_ALL: Final = "\x01"  # parts the folded text from the text itself: no text has it, and nothing is smaller
_DIGITS: Final = re.compile("0*([0-9]+)")


class _Folds(dict[int, str]):
    """What each character becomes, found when it is first asked for; no character's depends on its neighbours."""

    def __missing__(self, code: int) -> str:
        found = _folded(chr(code))
        if code < _KEPT:
            self[code] = found
        return found


def _folded(character: str) -> str:
    if unicodedata.normalize("NFC", character) in APOSTROPHES:
        return "'"
    plain = "".join(each for each in unicodedata.normalize("NFKD", character) if not _is_mark(each))
    apart = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(_letter(each) for each in apart if not _is_mark(each))


def _is_mark(character: str) -> bool:
    """An accent, or what is written but not seen, such as a soft hyphen."""
    return character in _FILLERS or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


def _letter(character: str) -> str:
    if character in APOSTROPHES:
        return "'"
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


_FOLDS: Final = _Folds()


def folded(text: str) -> str:
    """A text without case and accents, with one apostrophe and one form of each letter: NFKD, marks off, casefold."""
    return text.translate(_FOLDS)


def says_nothing(text: str) -> bool:
    """Whether nothing of a text is seen: blanks, control characters, and what folds to nothing."""
    return all(_is_unseen(each) for character in text for each in folded(character))


def _is_unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cc"


def sort_key(text: str) -> str:
    """By what a text is ordered, character by character: folded, numbers by their size, then the text itself."""
    natural = _DIGITS.sub(lambda found: f"{len(found[1]):03}{found[1]}", folded(text))
    return f"{natural[:_LONGEST]}{_BEFORE_ALL}{text}"
