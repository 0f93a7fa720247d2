"""docker-compose.yml is a compose file, and keeps what it promises of the proxy before it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from server import settings
from server.settings import BadSetting
from server.web.origin import LOOPBACK, names_of

FILE = Path(__file__).parents[2] / "docker-compose.yml"
GIVEN = {
    "POSTGRES_PASSWORD": "rahasia",
    "KOLABORASI_SECRET": "s" * 32,
    "KOLABORASI_PUBLIC_ADDRESS": "https://kolaborasi.example.go.id",
}


def filled(given: dict[str, str]) -> dict[str, Any]:
    """The file as compose reads it with these variables. Raises KeyError for one that it asks for."""

    def value(found: re.Match[str]) -> str:
        name, how, text = found["name"], found["how"], found["text"]
        if how == ":?" and not given.get(name):
            raise KeyError(name)
        return given.get(name) or (text if how == ":-" else "")

    text = re.sub(r"\$\{(?P<name>\w+)(?:(?P<how>:[?-])(?P<text>[^}]*))?\}", value, FILE.read_text("utf-8"))
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    return loaded


def test_it_is_a_compose_file() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("missing", GIVEN)
def test_it_asks_for_what_has_no_default(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        filled({name: value for name, value in GIVEN.items() if name != missing})


@pytest.mark.parametrize("network", [None, "10.77.0.0/16"])
def test_its_own_network_is_where_the_trusted_proxy_is(network: str | None) -> None:
    file = filled(GIVEN | ({"KOLABORASI_NETWORK": network} if network else {}))
    (subnet,) = file["networks"]["default"]["ipam"]["config"]
    assert network in (None, subnet["subnet"])
    read = settings.read(file["services"]["server"]["environment"])
    assert read.trusted_proxies == (subnet["subnet"],)
    assert read.public_address == GIVEN["KOLABORASI_PUBLIC_ADDRESS"]
    assert names_of(read).hosts == frozenset({*LOOPBACK, "kolaborasi.example.go.id"})


def test_nobody_reaches_the_server_past_the_proxy() -> None:
    (port,) = filled(GIVEN)["services"]["server"]["ports"]
    assert port.startswith("127.0.0.1:")
    assert "ports" not in filled(GIVEN)["services"]["postgres"]


def test_its_settings_are_the_servers() -> None:
    for name in filled(GIVEN)["services"]["server"]["environment"]:
        assert name in settings.HELP
    with pytest.raises(BadSetting, match="KOLABORASI_PUBLIC_ADDRESS"):
        settings.read(filled(GIVEN | {"KOLABORASI_PUBLIC_ADDRESS": "kota"})["services"]["server"]["environment"])
