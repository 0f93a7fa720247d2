"""A released schema's promises are kept: what goes was deprecated in the last release, and its day is past."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.house import compatible
from tests.house.compatible import KEPT, SCHEMA, breaks, newest

TODAY = date(2027, 7, 1)
OUT = '@deprecated(reason: "use b; removed after 2027-06-30")'
NOT_YET = '@deprecated(reason: "use b; removed after 2027-07-01")'
Q = "type Query { a: Int %s b: Int }"

# What was released, what is to come, and what that breaks on the first of July 2027.
CHANGED: list[tuple[str, str, str, list[str]]] = [
    ("a field goes", Q % "", "type Query { b: Int }", ["Field Query.a was removed."]),
    ("… whose day is not past", Q % NOT_YET, "type Query { b: Int }", ["Field Query.a was removed."]),
    ("… whose day is past", Q % OUT, "type Query { b: Int }", []),
    ("… that was deprecated otherwise", Q % '@deprecated(reason: "soon")', "type Query { b: Int }",
     ["Field Query.a was removed."]),
    ("a field changes", Q % "", "type Query { a: String b: Int }", ["Field Query.a changed type from Int to String."]),
    ("… whose day is past", Q % OUT, "type Query { a: String b: Int }", []),
    ("an argument goes", "type Query { a(x: Int): Int }", "type Query { a: Int }",
     ["Argument Query.a(x:) was removed."]),
    ("… whose day is past", f"type Query {{ a(x: Int {OUT}): Int }}", "type Query { a: Int }", []),
    ("an input's field goes", "type Query { a(i: I): Int } input I { x: Int y: Int }",
     "type Query { a(i: I): Int } input I { y: Int }", ["Field I.x was removed."]),
    ("… whose day is past", f"type Query {{ a(i: I): Int }} input I {{ x: Int {OUT} y: Int }}",
     "type Query { a(i: I): Int } input I { y: Int }", []),
    ("an enum's value goes", "type Query { a: E } enum E { V W }", "type Query { a: E } enum E { W }",
     ["Enum value E.V was removed."]),
    ("… whose day is past", f"type Query {{ a: E }} enum E {{ V {OUT} W }}", "type Query { a: E } enum E { W }", []),
    ("a type goes with the last that led to it", f"type Query {{ a(i: I): T {OUT} b: Int }} type T {{ u: U }} type U "
     "{ x: Int } input I { e: E } enum E { V }", "type Query { b: Int }", []),
    ("… but something else still leads to it", f"type Query {{ a: T {OUT} b: [T] }} type T {{ x: Int }}",
     "type Query { b: [Int] }", ["T was removed.", "Field Query.b changed type from [T] to [Int]."]),
    ("… by an interface", f"type Query {{ a: T {OUT} n: N }} interface N {{ x: Int }} type T implements N {{ x: Int }}",
     "type Query { n: N } interface N { x: Int }", ["T was removed."]),
    ("what is to go goes earlier than promised", Q % NOT_YET, Q % OUT,
     ["Query.a was promised until 2027-07-01, and is to go after 2027-06-30."]),
    ("… or later", Q % OUT, Q % NOT_YET, []),
    ("… or stays after all", Q % NOT_YET, Q % "", []),
    ("an argument becomes required", "type Query { a(x: Int): Int }", "type Query { a(x: Int!): Int }",
     ["Argument Query.a(x:) has changed type from Int to Int!."]),
    ("a default changes", "type Query { a(x: Int = 1): Int }", "type Query { a(x: Int = 2): Int }",
     ["Query.a(x:) has changed defaultValue from 1 to 2."]),
    ("an input field's default changes", "type Query { a(i: I): Int } input I { x: Int = 1 }",
     "type Query { a(i: I): Int } input I { x: Int = 2 }", ["I.x has changed defaultValue from 1 to 2."]),
    ("there is more", "type Query { a(i: I): E } input I { x: Int } enum E { V } union U = A type A { x: Int }",
     "type Query { a(i: I, j: Int): E c: U } input I { x: Int y: Int } enum E { V W } union U = A | B type A "
     "{ x: Int! } type B { x: Int }", []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "released", "now", "broken"), CHANGED)
def test_only_what_has_run_its_time_goes(what: str, released: str, now: str, broken: list[str]) -> None:
    assert breaks(released, now, TODAY) == broken, what


def test_the_newest_release_is_found_by_its_numbers(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    for name in ("0.2.0", "0.10.0", "0.9.1"):
        (tmp_path / f"{name}.graphql").touch()
    assert newest(tmp_path) == tmp_path / "0.10.0.graphql"


def test_a_releases_schema_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compatible, "KEPT", tmp_path / "releases")
    kept = compatible.keep()
    assert kept.name == f"{compatible.version()}.graphql"
    assert kept.read_text("utf-8") == SCHEMA.read_text("utf-8")
    with pytest.raises(FileExistsError):
        compatible.keep()


def test_the_schema_keeps_what_the_last_release_promised() -> None:
    released = newest(KEPT) or SCHEMA  # until a release with settled names is out (docs/releasing.md), only itself
    broken = breaks(released.read_text("utf-8"), SCHEMA.read_text("utf-8"), date.today())
    assert not broken, f"deprecate it first (docs/releasing.md: Deprecation): {broken}"
