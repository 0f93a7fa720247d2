"""How texts are folded, put in order and parted into words: whoever wrote them, and in whichever form."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.folding import folded, says_nothing, sort_key
from server.rules.search import asked, words

# What is alike for who looks for it.
ALIKE = {
    "case": ("SAMPAH", "sampah"),
    "an accent": ("Café", "cafe"),
    "a dot that only capitals have": ("İSTANBUL", "istanbul"),
    "a letter that becomes two": ("Straße", "STRASSE"),
    "composed and decomposed": ("R\u00e9", "Re\u0301"),
    "apostrophes": ("Jum'at", "Jum’at"),
    "an apostrophe from a phone, and a backtick": ("Jumʼat", "Jum`at"),
    "wide letters": ("ＲＴ ０３", "rt 03"),
    "a ligature": ("ﬁnal", "final"),
    "a soft hyphen": ("dra\u00adinase", "drainase"),
    "other digits": ("٣", "3"),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_what_reads_alike_is_folded_alike(kind: str) -> None:
    one, other = ALIKE[kind]
    assert folded(one) == folded(other)


@given(st.text(max_size=60))
def test_a_folded_text_stays_as_it_is_and_its_form_does_not_matter(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text)) == once


def test_every_character_folds_to_itself_once_folded() -> None:
    for code in range(sys.maxunicode + 1):
        once = folded(chr(code))
        assert folded(once) == once, hex(code)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_part_of_a_text_is_a_part_of_it_when_both_are_folded(one: str, other: str) -> None:
    assert folded(one + other).startswith(folded(one))
    assert folded(other) in folded(one + other)


def test_titles_are_in_the_order_in_which_people_look_for_them() -> None:
    titles = ["Air", "air", "éclair", "Ordering 2", "Ordering 10", "Ordering 10a", "RW 03", "RW 3a", "Zebra", "zebra"]
    assert sorted([*titles[5:], *titles[:5]], key=sort_key) == titles
    assert sorted(["Tahap 1.10", "Tahap 1.9", "Tahap 1"], key=sort_key) == ["Tahap 1", "Tahap 1.9", "Tahap 1.10"]


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_numbers_in_texts_go_by_their_size_however_long_they_are(one: int, other: int) -> None:
    assert (sort_key(f"RT {one}") < sort_key(f"RT {other}")) == (one < other)


@given(st.text(max_size=300), st.text(max_size=300))
def test_of_each_text_there_is_another_key(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=250, max_size=300))
def test_a_key_fits_the_index(text: str) -> None:
    assert len(sort_key(text).encode()) <= 2_500  # PostgreSQL's entries: 2,704, with two ids


@given(st.text(max_size=80))
def test_words_are_letters_alone_or_digits_with_points_between_them(text: str) -> None:
    for word in words(text).split(" "):
        assert word.isalpha() or all(part.isascii() and part.isdigit() for part in word.split(".")) or not word


@given(st.text(st.sampled_from("ab1.'’-/ \"RW03é"), max_size=30))
def test_every_word_of_a_text_is_a_word_when_it_is_asked_for(text: str) -> None:
    found = set(words(text).split())
    looked_for = {
        each for each in asked(text.replace('"', " ").replace("-", " ")).replace('"', " ").split() if each != "or"
    }
    assert looked_for <= found


@pytest.mark.parametrize(
    ("search", "to_postgresql"),
    [
        ('sampah "jalan rusak" or -taman', '"sampah" "jalan rusak" or -"taman"'),
        ("RT/RW", '"rt" "rw"'),
        ("RW03", '"rw 03"'),
        ("-RT/RW", '-"rt rw"'),
        ("Jum’at", '"jumat"'),
        ("“jalan rusak”", '"jalan rusak"'),
        ('"jalan rusak', '"jalan rusak"'),
        ("dan/or", '"dan" "or"'),
        ("12.71.11", '"12.71.11"'),
    ],
)
def test_a_search_is_asked_in_words_that_postgresql_cannot_take_for_anything_else(
    search: str, to_postgresql: str
) -> None:
    assert asked(search) == to_postgresql


@pytest.mark.parametrize("text", ["", " \t", "-", '""', "…", "\u200b", "\u2800", "\u3164", "😀"])
def test_what_has_no_word_is_no_search(text: str) -> None:
    assert asked(text) == ""


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u2800", "\u00ad", "\u3164", "\ufeff", "\u2060\n", "\x07"])
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["a", "\u200bé", "…", "-", "3", "❤\ufe0f", "ᯅ", "中"])
def test_what_is_seen_says_something(text: str) -> None:
    assert not says_nothing(text)


def test_a_text_of_one_long_word_is_parted_at_once() -> None:
    """Tried again from each of its letters it would take hours."""
    word = "a" * 1_000_000
    assert words(word) == word
    assert words(f"{word}'b") == f"{word}b {word} b"


@pytest.mark.parametrize("search", ["or", " OR ", "or or"])
def test_the_word_between_alternatives_is_a_word_where_it_stands_alone(search: str) -> None:
    assert asked(search) == '"or"'
