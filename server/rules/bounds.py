"""How long, how large, how many: the bounds of every input, each refusal naming the field and what would be right.

A `constraint` is a bound that server/text puts into words ("0..100", "2026-01-01..2026-12-31"), one that reads alike in
every language ("YYYY-MM-DD"), or the key of a sentence there under `constraint` ("http_url").
"""

from __future__ import annotations

import re
from collections.abc import Sized
from datetime import date
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlsplit

from server.rules.folding import says_nothing
from server.rules.refusal import Code, Refused

T = TypeVar("T")

# Characters. Short texts are what fits their columns; a long text is a page or two of a memo.
TITLE = 300
NAME = 200
SHORT_NAME = 60
UNIT = 60
CODE = 40
LOGIN = 100
DECREE_NUMBER = 100
EXTERNAL_ID = 200
TEXT = 10_000
URL = 2_000

# Items.
CHECKLIST = 100
EVIDENCE = 50
DEPENDENCIES = 50
MILESTONES = 50
GIVERS = 20
HANDED_OVER = 1_000

EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 12, 31)

# numeric(18, 4)
DECIMALS = 4
DIGITS = 18

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What breaks a line, rings a bell, or turns the direction of what follows: a name that reads as another one.
_NOT_IN_A_LINE = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CODE = re.compile(r"[A-Z0-9]+(?:[._-][A-Z0-9]+)*")
_LOGIN = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def given(value: T | None, *path: str) -> T:
    """A value of a patch that cannot be cleared. Refuses None."""
    if value is None:
        raise Refused(Code.REQUIRED, *path, constraint="not_null")
    return value


def text(value: str | None, limit: int, *path: str) -> str:
    """A text that must say something, without blanks around it. Refuses None, what is not seen, and over `limit`
    characters; where it has fewer than TEXT it is one line, without control characters and direction marks."""
    if value is None:
        raise Refused(Code.REQUIRED, *path, constraint=f"1..{limit}")
    if _UNSTORABLE.search(value):
        raise Refused(Code.MALFORMED, *path, constraint="plain_text")
    stripped = value.strip()
    if says_nothing(stripped):
        raise Refused(Code.REQUIRED, *path, constraint=f"1..{limit}")
    if len(stripped) > limit:
        raise Refused(Code.TOO_LONG, *path, constraint=f"1..{limit}", length=len(stripped))
    if limit < TEXT and _NOT_IN_A_LINE.search(stripped):
        raise Refused(Code.MALFORMED, *path, constraint="one_line")
    return stripped


def optional_text(value: str | None, limit: int, *path: str) -> str | None:
    """A text that may be missing: None and what is not seen are None."""
    if value is None or (says_nothing(value) and not _UNSTORABLE.search(value)):
        return None
    return text(value, limit, *path)


def code(value: str | None, *path: str) -> str:
    """A code such as `12.71.02` or `DLH`: capitals and digits, parted by single dots, hyphens or underscores."""
    return _matching(_CODE, text(value, CODE, *path), "code", *path)


def as_login(value: str) -> str:
    """A login as it is compared, whoever typed it: without blanks around it, in small letters.

    What is bounded is bounded after this: it may be longer than what was typed ("İ" lowered is two letters).
    """
    return value.strip().lower()


def login(value: str | None, *path: str) -> str:
    """A login such as `camat-medan-johor`: small letters and digits, parted by single dots, hyphens or underscores."""
    return _matching(_LOGIN, text(value, LOGIN, *path), "login", *path)


def _matching(pattern: re.Pattern[str], value: str, constraint: str, *path: str) -> str:
    if not pattern.fullmatch(value):
        raise Refused(Code.MALFORMED, *path, constraint=constraint)
    return value


def http_url(value: str | None, *path: str) -> str:
    """A link that a browser may follow: http or https, with a host, without a user's name in it."""
    url = text(value, URL, *path)
    try:
        parts = urlsplit(url)
        is_link = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_link = False
    if not is_link or any(character.isspace() for character in url):
        raise Refused(Code.MALFORMED, *path, constraint="http_url")
    return url


def day(value: date | None, *path: str, earliest: date = EARLIEST, latest: date = LATEST) -> date:
    """A day that must be given, from `earliest` to `latest`, both included; never outside 1900–2200."""
    if value is None:
        raise Refused(Code.REQUIRED, *path, constraint=f"{earliest}..{latest}")
    if not max(earliest, EARLIEST) <= value <= min(latest, LATEST):
        raise Refused(Code.OUT_OF_RANGE, *path, constraint=f"{earliest}..{latest}")
    return value


def optional_day(value: date | None, *path: str, earliest: date = EARLIEST, latest: date = LATEST) -> date | None:
    return None if value is None else day(value, *path, earliest=earliest, latest=latest)


def whole(value: int, lowest: int, highest: int, *path: str) -> int:
    """A whole number from `lowest` to `highest`, both included."""
    if not lowest <= value <= highest:
        raise Refused(Code.OUT_OF_RANGE, *path, constraint=f"{lowest}..{highest}")
    return value


def progress(value: int, *path: str) -> int:
    """Percent of a task, 0 to 100."""
    return whole(value, 0, 100, *path)


def amount(value: Decimal | None, *path: str) -> Decimal:
    """A measured value: at most 14 digits before the point and 4 behind it; trailing zeros do not count."""
    if value is None:
        raise Refused(Code.REQUIRED, *path, constraint="decimal")
    if not value.is_finite():
        raise Refused(Code.MALFORMED, *path, constraint="decimal")
    if not fits(value):
        raise Refused(Code.OUT_OF_RANGE, *path, constraint="decimal")
    return value or Decimal(0)  # and no minus zero


def fits(value: Decimal) -> bool:
    """Whether a finite number fits a column of amounts; looked at digit by digit, since arithmetic would round it."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # it is finite
    number = "".join(map(str, digits)).lstrip("0")
    trailing_zeros = len(number) - len(number.rstrip("0"))
    return not number or (len(number) + exponent <= DIGITS - DECIMALS and -(exponent + trailing_zeros) <= DECIMALS)


def optional_amount(value: Decimal | None, *path: str) -> Decimal | None:
    return None if value is None else amount(value, *path)


def at_least_one(values: Sized, limit: int, *path: str) -> None:
    """One to `limit` items."""
    if len(values) == 0:
        raise Refused(Code.REQUIRED, *path, constraint=f"1..{limit}")
    if len(values) > limit:
        raise Refused(Code.TOO_MANY, *path, constraint=f"1..{limit}", count=len(values))


def count(values: Sized, limit: int, *path: str) -> None:
    """Not more than `limit` items."""
    if len(values) > limit:
        raise Refused(Code.TOO_MANY, *path, constraint=f"0..{limit}", count=len(values))
