"""The pages say of a state what the API says of it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.words import sentences

PAGES = Path(__file__).parents[2] / "server" / "board"
WORD = re.compile(r'"?([\w.]+)"?:\s*\["([^"]*)",\s*"([^"]*)"\]')
ASKED = re.compile(r"`(\w+)\.\$\{")  # a label by an enum's name and a code: `WorkPlanStatus.${status}`


def words() -> dict[str, dict[str, str]]:
    """Each word of the pages by its name, and in both languages."""
    found = WORD.findall((PAGES / "words.js").read_text(encoding="utf-8"))
    return {name: {"id": indonesian, "en": english} for name, indonesian, english in found}


def labels(enum: str) -> dict[str, dict[str, str]]:
    """The API's labels of an enum's members, each under the name that the pages have for it."""
    return {
        key.removeprefix("label."): {"id": text, "en": sentences("en")[key]}
        for key, text in sentences("id").items()
        if key.startswith(f"label.{enum}.")
    }


def test_the_pages_call_every_state_what_the_api_calls_it() -> None:
    asked = {enum for page in PAGES.glob("*.js") for enum in ASKED.findall(page.read_text(encoding="utf-8"))}
    assert "WorkPlanStatus" in asked
    for enum in asked:
        assert labels(enum), f"server/text has no labels of {enum}"
        assert {name: word for name, word in words().items() if name.startswith(f"{enum}.")} == labels(enum)


def test_the_pages_have_no_word_for_a_code_of_which_nobody_knows_whose_it_is() -> None:
    assert len(words()) > 40
    assert not [name for name in words() if name.isupper()], "write the enum before it: WorkPlanStatus.DRAFT"
