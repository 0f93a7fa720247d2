"""`kolaborasi schema check` says at which place a client's documents use what is deprecated or gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import build_schema

from server import cli
from server.query.documents.outdated import report
from server.settings import BadSetting

SCHEMA = build_schema("""
type Query { tasks(first: Int, limit: Int @deprecated(reason: "use `first`; removed after 2027-06-30")): [Task!] }
type Task { title: String progress: Int @deprecated(reason: "use `share`; removed after 2027-06-30") parts: [Task!]
  of(filter: Filter): Task }
input Filter { status: Status state: Status @deprecated(reason: "use `status`; removed after 2027-06-30") }
enum Status { DONE OPEN ENDED @deprecated(reason: "use DONE; removed after 2027-06-30") }
""")
GOES = "is deprecated: use {}; removed after 2027-06-30"


def told(paths: list[Path], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = report(SCHEMA, paths)
    return code, capsys.readouterr().out.splitlines()


def test_each_place_is_named_with_what_is_to_be_used_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.graphql").write_text(
        "query List {\n  tasks(limit: 3) {\n    titel\n    ...Row @relay(mask: false)\n  }\n}\n"
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "row.gql").write_text(
        "fragment Row on Task {\n  progress\n  of(filter: {state: ENDED}) { title }\n"
        "  of2: of(filtre: null) { title }\n}"
    )
    (tmp_path / "schema.graphql").write_text("extend type Query { isOpen: Boolean }")
    (tmp_path / "broken.graphql").write_text("query {\n  tasks {")
    (tmp_path / "notes.txt").write_text("{ titel }")
    code, lines = told([tmp_path], capsys)
    row, list_ = tmp_path / "deep" / "row.gql", tmp_path / "list.graphql"
    assert code == 1
    assert lines == [
        f"{tmp_path / 'broken.graphql'}:2:10: Syntax Error: Expected Name, found <EOF>.",
        f"{row}:2:3: Task.progress {GOES.format('`share`')}",
        f"{row}:3:15: Filter.state {GOES.format('`status`')}",
        f"{row}:3:22: Status.ENDED {GOES.format('DONE')}",
        f"{row}:4:11: Unknown argument 'filtre' on 'Task.of'. Did you mean 'filter'?",
        f"{list_}:2:9: Query.tasks(limit:) {GOES.format('`first`')}",
        f"{list_}:3:5: Cannot query field 'titel' on type 'Task'. Did you mean 'title'?",
        "7 findings.",
    ]


@pytest.mark.parametrize(
    "form",
    [
        lambda texts: {"format": "apollo-persisted-query-manifest", "version": 1,
                       "operations": [{"id": "1", "type": "query", "name": n, "body": t} for n, t in texts.items()]},
        lambda texts: texts,
    ],
)  # fmt: skip
def test_a_manifest_of_persisted_documents_is_read_document_by_document(
    form: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(form)
    fragment = "fragment F on Task { title }"
    texts = {
        "A": f"query A {{ tasks {{ ...F }} }} {fragment}",
        "B": f"query B {{ tasks {{ ...F progress }} }} {fragment}",
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(form(texts)))
    code, lines = told([manifest], capsys)
    assert (code, lines) == (1, [f"{manifest} (B):1:24: Task.progress {GOES.format('`share`')}", "1 findings."])


def test_what_is_up_to_date_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.graphql").write_text("query($s: Status) { tasks { of(filter: {status: $s}) { title } } }")
    assert told([tmp_path / "a.graphql"], capsys) == (0, ["1 documents: nothing is deprecated or gone."])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("no.graphql", None, "No such file"),
        ("a.json", "{", "Expecting"),
        ("a.json", "[1]", "no manifest"),
        ("a.json", '{"operations": [{"name": "A"}]}', "no manifest"),
        ("", None, "there is no *.graphql"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(name: str, text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadSetting) as refused:
        report(SCHEMA, [tmp_path / name])
    assert words in str(refused.value)
    assert str(tmp_path / name) in str(refused.value)


def test_the_command_compares_with_this_very_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.graphql"
    path.write_text("{ taks { totalCount } }")
    assert cli.main(["schema", "check", str(path)]) == 1
    assert f"{path}:1:3: " in capsys.readouterr().out
    board = Path(cli.__file__).parent / "board"
    assert cli.main(["schema", "check", str(board)]) == 0
    assert cli.main(["schema", "check", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("kolaborasi: ")
