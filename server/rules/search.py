"""The words of a text that can be searched for, and the words that are asked for, parted alike on both sides.

PostgreSQL's own parser takes `RT/RW` for a file and `-03` for a number, and what it takes for a letter depends on the
database. So it is given nothing but words parted by blanks.
"""

from __future__ import annotations

import re
from typing import Final

from server.rules.folding import folded

# In what is folded. A digit's neighbours: a point within a number or code parts nothing.
_WITHIN: Final = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_WORD: Final = re.compile(r"[^\W\d_]+|[0-9]+(?:\.[0-9]+)*")
# Begun at a word's first letter alone, and never tried again shorter: a long word costs no more than it has letters.
_WITH_APOSTROPHE: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:'[^\W\d_]++)+")
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„«»＂", '"'))
_PUNCTUATION: Final = re.compile(r"(?:[\W_](?<!\.)|(?<![0-9])\.|\.(?![0-9]))+")
_ASKED: Final = re.compile(r'(?P<without>(?<!\S)-)?(?:"(?P<exact>[^"]*)"?|(?P<word>[^\s"]+))')


def words(*texts: str | None) -> str:
    """What of these texts can be found: their words, parted by blanks.

    An apostrophe within a word joins it (`Jum'at` is found by `jumat`); its parts stand at the end and are found too.
    """
    whole = " ".join(folded(text) for text in texts if text)
    parts = " ".join(found[0] for found in _WITH_APOSTROPHE.finditer(whole))
    return " ".join([*_words(whole), *_WORD.findall(parts)])


def asked(search: str) -> str:
    """A search as `websearch_to_tsquery` reads it: words, "exact words", or, -without. "" where there is none."""
    found: list[str] = []
    is_any = False
    for each in _ASKED.finditer(folded(search.translate(_QUOTES))):
        given = each["word"] if each["exact"] is None else each["exact"]
        if given == "or" and each["without"] is None and each["exact"] is None:
            found.append("or")
            continue
        parts = _words(given)
        is_any = is_any or bool(parts)
        if not parts:
            continue
        if each["without"] is not None:
            found.append(f'-"{" ".join(parts)}"')
        elif each["exact"] is not None:
            found.append(f'"{" ".join(parts)}"')
        else:
            # What punctuation parts stands anywhere, what stands unparted (`RW03`) together.
            found += (f'"{" ".join(_words(one))}"' for one in _PUNCTUATION.split(_joined(given)) if _words(one))
    if not is_any:
        return '"or"' if found else ""  # alone it is a word
    return " ".join(found)


def _joined(text: str) -> str:
    return _WITHIN.sub("", text)


def _words(text: str) -> list[str]:
    return _WORD.findall(_joined(_without_signs(text)))


def _without_signs(text: str) -> str:
    """Numbers that are no digits (`৴`) parted like punctuation: whether they are letters, databases do not agree."""
    if text.isascii():
        return text
    return "".join(each if each.isalpha() or not each.isalnum() or each in "0123456789" else " " for each in text)
