"""The command: its help, and one clear sentence for what cannot work."""

from __future__ import annotations

import platform
import re
import socket
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from server import cli, settings


def kolaborasi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        capture_output=True, text=True, input="", timeout=60, env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        (), ("serve",), ("demo",), ("migrate",), ("check",), ("account",), ("account", "create"),
        ("city",), ("city", "load"), ("explain",), ("export-schema",), ("confirm-case-access",),
        ("schema",), ("schema", "check"), ("token",), ("token", "create"), ("token", "list"), ("token", "revoke"),
    ],
)  # fmt: skip
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([*command, "--help"])
    assert end.value.code == 0
    assert "usage: kolaborasi" in capsys.readouterr().out


def test_it_says_its_version() -> None:
    done = kolaborasi("--version", KOLABORASI_PORT="abc")
    assert done.returncode == 0, "a wrong setting is in nobody's way"
    with (Path(cli.__file__).parents[1] / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert done.stdout == f"kolaborasi {project['version']} on Python {platform.python_version()}\n"
    assert metadata.metadata(cli.DISTRIBUTION)["License-Expression"] == project["license"] == "Apache-2.0"


def test_the_help_names_every_setting_that_the_program_names() -> None:
    server = Path(cli.__file__).parent
    names = {name for path in server.rglob("*.py") for name in re.findall(r"\bKOLABORASI_[A-Z_]+\b", path.read_text())}
    assert len(names) > 10
    told = re.findall(r"^  (KOLABORASI_[A-Z_]+|DATABASE_URL) +\S", settings.HELP, re.MULTILINE)
    assert names | {"DATABASE_URL"} == set(told)
    assert len(told) == len(set(told))
    assert "KOLABORASI_SIGN_IN_MINUTES        when either ends however often it is used; the default" in settings.HELP
    assert "the port to listen on (8000)\n" in settings.HELP


def test_a_wrong_setting_is_one_sentence_on_stderr() -> None:
    done = kolaborasi("migrate", KOLABORASI_PORT="abc")
    assert done.returncode == 1
    assert done.stderr == "kolaborasi: KOLABORASI_PORT is 'abc'; it must be a whole number from 0 to 65535.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no-such-file",), "No such file or directory"),
        (("-", "--variables", "{first: 1}"), "--variables: Expecting property name"),
        (("-", "--variables", "[1]"), "the variables' values are an object"),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_sentence(arguments: tuple[str, ...], told: str) -> None:
    done = kolaborasi("explain", *arguments, "--as", "walikota")
    assert done.returncode == 1
    assert done.stderr.startswith("kolaborasi: ")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_reached_is_one_sentence() -> None:
    done = kolaborasi("migrate", DATABASE_URL="postgresql://a:rahasia@127.0.0.1:1/kota")
    assert done.returncode == 1
    assert done.stderr.startswith("kolaborasi: The database kota at 127.0.0.1:1 cannot be reached: ")
    assert "Traceback" not in done.stderr
    assert "rahasia" not in done.stderr


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = kolaborasi("--data-dir", str(tmp_path / "data"), "serve", "--port", str(port))
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert not (tmp_path / "data").exists()


def test_demo_accounts_are_not_offered_to_a_network_by_accident(tmp_path: Path) -> None:
    done = kolaborasi("--data-dir", str(tmp_path / "data"), "serve", "--demo", "--host", "0.0.0.0")
    assert done.returncode == 1
    assert "--allow-demo-network" in done.stderr


def test_a_data_folder_is_migrated_once(open_folder: Path) -> None:
    first = kolaborasi("migrate", KOLABORASI_DATA_DIR=str(open_folder / "data"))
    assert first.returncode == 0, first.stderr
    assert "applied 0001_initial" in first.stdout
    second = kolaborasi("migrate", KOLABORASI_DATA_DIR=str(open_folder / "data"))
    assert second.stdout == "The database is up to date.\n"
    assert not (open_folder / "data" / "postgres" / "postmaster.pid").exists()
