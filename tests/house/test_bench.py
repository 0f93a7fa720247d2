"""The benchmark's pure parts: what is compared, what is taken from PostgreSQL's log, how the page is written."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from graphql import parse

from bench import bulk, growth, hot, works
from bench.chart import draw
from bench.compare import Different, canonical, must_agree
from bench.contenders import CONTENDERS, KOLABORASI
from bench.dataset import Reporter, Sample
from bench.limit import count_of, script, statements
from bench.load import Measured
from bench.report import BEGIN, END, WORKS, Series, bound, numbers, put, ratios
from server.ids import encode
from server.query.documents.validation import errors_in
from server.schema import graphql_schema

TASK = UUID("01a20ad8-377d-7a45-81ae-fdc74d20d85d")
OTHER = UUID("01a20ad8-3783-78f0-b182-a44d572af7c9")
ROOT = Path(__file__).parents[2]
LOG = f"""\
2026-11-24 00:00:00.000 UTC [7] LOG:  execute __asyncpg_stmt_1__: SELECT t.title AS c0
\tFROM task t
\tWHERE t.id = $1::uuid AND t.status = ANY($2::text[]) AND t.note = $3
\tLIMIT 1
2026-11-24 00:00:00.000 UTC [7] DETAIL:  Parameters: $1 = '{TASK}', $2 = '{{DONE}}', $3 = 'it''s $1'
2026-11-24 00:00:00.001 UTC [8] LOG:  execute __asyncpg_stmt_2__: SELECT 1 FROM event e WHERE e.xid > $1
2026-11-24 00:00:00.001 UTC [8] DETAIL:  Parameters: $1 = '900'
2026-11-24 00:00:00.002 UTC [7] LOG:  statement: SELECT pg_reload_conf()
"""


def _series(*rates: int) -> Series:
    return Series([Measured(answers=rate, seconds=1.0) for rate in rates])


def test_two_dialects_of_one_answer_are_the_same_answer() -> None:
    ours = {"data": {"task": {"id": encode("task", TASK), "errors": []}}, "extensions": {"requestId": "1"}}
    assert canonical(ours) == {"data": {"task": {"id": str(TASK)}}}


def test_a_difference_is_named_by_its_place() -> None:
    answers = {"one": {"nodes": [{"due": None}, {"due": "2026-01-01"}]}, "other": {"nodes": [{"due": None}, {}]}}
    with pytest.raises(Different, match=r"R2: one and other differ at \.nodes\[1\]\.due"):
        must_agree("R2", answers)


def test_true_and_one_are_different_answers() -> None:
    with pytest.raises(Different, match="the top"):
        must_agree("R1", {"one": True, "other": 1})


def test_the_limit_says_what_the_server_said_with_another_id() -> None:
    found = statements(LOG, "task")
    assert len(found) == 1
    assert f"t.id = '{TASK}'::uuid AND t.status = ANY('{{DONE}}'::text[]) AND t.note = 'it''s $1'" in found[0]
    said = script(found, TASK, [TASK, OTHER])
    assert said.startswith("\\set n random(1, 2)\n")
    assert f"t.id = (ARRAY['{TASK}','{OTHER}']::uuid[])[:n] AND" in said
    with pytest.raises(ValueError, match="does not name"):
        script(found, OTHER, [TASK])


def test_ratios_are_of_medians_and_say_whether_they_reach_the_goal() -> None:
    results = {"R1": {"kolaborasi": _series(90, 500, 100), "pgbench": _series(200)}}
    table = ratios(results, "kolaborasi", ["postgraphile", "strawberry"])
    assert "| – | – | 0.50 (reached: ≥ 0.45) | – |" in table


def test_a_figure_says_what_was_the_limit_when_it_was_not_the_server() -> None:
    def series(server: float, postgres: float, generator: float) -> Series:
        return Series([Measured(9, 1.0, server_cpu=server, postgres_cpu=postgres, own_cpu=generator)])

    assert [
        bound(series(0.95, 0.9, 0.1)),
        bound(series(0.5, 0.8, 0.1)),
        bound(series(0.5, 0.3, 0.7)),
        bound(series(0.5, 0.1, 0.1)),
    ] == ["", "PostgreSQL", "generator", "waiting"]
    table = numbers({"R1": {"kolaborasi": series(0.5, 0.8, 0.1)}}, {("R1", "kolaborasi"): 1.2})
    assert "| 9 ⚠ PostgreSQL |" in table
    assert "| 1.2 |" in table


def test_every_contender_has_a_document_for_every_work() -> None:
    for contender in CONTENDERS.values():
        for work in set(WORKS) - {works.MIXED}:
            assert contender.document(work), (contender.name, work)


def test_of_the_mixed_requests_every_tenth_is_a_report() -> None:
    reporter = Reporter("head", TASK, OTHER)
    sample = Sample([reporter], [TASK] * 30, [OTHER], [(TASK, 0)] * 3, None, {})
    mixed = works.requests(works.MIXED, KOLABORASI, sample, ["token"])
    kinds = ["mutation" in request for request, _ in mixed]
    assert kinds == [*[False] * 9, True] * 3
    assert sum("totalCount" in request for request, _ in mixed) in (13, 14)


def test_statements_are_counted_and_taken_from_the_log_once_each() -> None:
    assert count_of(LOG) == 3
    assert [text.split()[1] for text in hot.spoken(LOG + LOG)] == ["t.title", "1"]


def test_the_picture_is_one_and_cuts_what_is_too_long() -> None:
    drawn = draw({"R1": {"kolaborasi": _series(10), "pgbench": _series(90)}}, "kolaborasi")
    assert drawn.startswith("<svg ")
    assert "pgbench 9.00 × (cut)" in drawn


def test_growth_is_told_as_how_much_slower_it_is() -> None:
    small = {name: [100.0, 100.0] for name in growth.ASKED}
    table = growth.table(small, small | {"R1": [50.0, 50.0]}, 50_000, 5_000_000)
    assert "| R1 | 100 | 50 | 2.00 × (not reached: ≤ 1.25) |" in table
    assert "| search | 100 | 100 | 1.00 × (reported) |" in table


def test_only_what_stands_between_the_markers_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    put(page, "new")
    assert page.read_text() == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"


def test_the_page_has_a_place_for_the_measurements() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    assert page.index(BEGIN) < page.index(END)


@pytest.mark.parametrize("folder", ["bench/peers/postgraphile", "tests/clients", "tests/versions"])
def test_no_lock_of_npm_names_a_registry(folder: str) -> None:
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()


@pytest.mark.parametrize("verb", ["createTask", "createTasks", "upsertTasks", "upsertMeasurements"])
def test_what_is_asked_of_many_rows_is_valid(verb: str) -> None:
    rows: list[dict[str, str]] = [{}] if verb == "createTask" else [{}, {}]
    document, variables = bulk.Work(verb, rows, 1, "").asked()
    assert errors_in(graphql_schema, parse(document)) == []
    assert ("rows" in variables["input"]) == (verb != "createTask")
