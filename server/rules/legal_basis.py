"""Which law could be cited when: dated data, over which the city's own goes.

PP 53/2010 on the discipline of civil servants was in force until 30 August 2021, PP 94/2021 is since the 31st. A case
may cite only what was in force on the day on which its ground arose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A law by its short name, with its first and last day in force; None: still in force.

    `is_disciplinary`: whether a reprimand can rest on it.
    """

    code: str
    title: str
    valid_from: date
    valid_to: date | None = None
    is_disciplinary: bool = False

    def is_in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


LEGAL_BASES: Final = (
    LegalBasis("PP 53/2010", "Disiplin Pegawai Negeri Sipil", date(2010, 6, 6), date(2021, 8, 30), True),
    LegalBasis("PP 94/2021", "Disiplin Pegawai Negeri Sipil", date(2021, 8, 31), None, True),
)


def legal_bases(stored: Iterable[Mapping[str, Any]]) -> Sequence[LegalBasis]:
    """The known ones and the city's, `[{"code": "PP 94/2021", "title": "…", "from": "2021-08-31", "to": null}]`.

    A reprimand can rest on a law of the city's with `"discipline": true`.
    A law of the city's data takes the place of the known one of the same code.
    """
    own = [
        LegalBasis(
            str(each["code"]),
            str(each["title"]),
            date.fromisoformat(str(each["from"])),
            None if each.get("to") is None else date.fromisoformat(str(each["to"])),
            bool(each.get("discipline", False)),
        )
        for each in stored
    ]
    replaced = {_plain(each.code) for each in own}
    return (*(each for each in LEGAL_BASES if _plain(each.code) not in replaced), *own)


def cited(text: str, bases: Iterable[LegalBasis]) -> LegalBasis | None:
    """The law that a citation such as "PP 94/2021 pasal 8" or "PP Nomor 94 Tahun 2021" names; None: none of these."""
    words = _plain(text)
    return next((each for each in bases if re.search(rf"(?<!\w){re.escape(_plain(each.code))}(?!\w)", words)), None)


def in_force(day: date, bases: Iterable[LegalBasis], *, is_disciplinary: bool) -> list[str]:
    """The codes of the laws that could be cited on that day; `is_disciplinary`: only those for a reprimand."""
    return [each.code for each in bases if each.is_in_force(day) and (each.is_disciplinary or not is_disciplinary)]


def _plain(text: str) -> str:
    """One way of writing it: small letters, "94/2021" for "Nomor 94 Tahun 2021", single spaces, few long words."""
    plain = " ".join(text.casefold().split())
    plain = plain.replace("peraturan pemerintah", "pp").replace("undang-undang", "uu")
    plain = re.sub(r"\b(?:nomor|no\.?)\s*(?=\d)", "", plain)
    return re.sub(r"(\d+)\s*(?:tahun|/)\s*(\d{4})", r"\1/\2", plain)
