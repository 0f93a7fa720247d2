"""Lossless JSON numbers: parsers read them as doubles, and only the text tells which digits were lost."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

# Fifteen significant digits come back from a double as they were; so does every exponent of two digits.
_TEXT = re.compile(r"[0-9][0-9.]{15}|[eE]-?[0-9]{3}")
_BYTES = re.compile(_TEXT.pattern.encode())


class Rounded(float):
    """What a double made of a number that it cannot hold."""


def exact(value: Any, text: str | bytes) -> Any:
    """The parsed JSON text, each number that was rounded as `Rounded`; only a text that may hold one is read again.

    Raises RecursionError where it is nested too deep.
    """
    if not _has_float(value) or not (_TEXT.search(text) if isinstance(text, str) else _BYTES.search(text)):
        return value
    return json.loads(text, parse_float=_read)


def _has_float(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            waiting.extend(each.values())
        elif type(each) is list:
            waiting.extend(each)
        elif type(each) is float:
            return True
    return False


def _read(text: str) -> float:
    read = float(text)
    try:
        is_exact = Decimal(text) == Decimal(repr(read))
    except InvalidOperation:  # an exponent past all reason
        is_exact = False
    return read if is_exact else Rounded(read)
