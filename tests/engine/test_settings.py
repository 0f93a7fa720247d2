"""Settings: read from the environment, refused with the variable's name, a secret that is made once."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from server import settings
from server.settings import BadSetting


def test_an_empty_environment_gives_the_defaults_and_the_command_line_wins() -> None:
    plain = settings.read({})
    assert (plain.host, plain.port, plain.database_url, plain.demo) == ("127.0.0.1", 8000, None, False)
    given = settings.read({"KOLABORASI_PORT": "9000", "KOLABORASI_DEMO": "yes"}, port=8123, host=None)
    assert (given.host, given.port, given.demo) == ("127.0.0.1", 8123, True)


def test_lists_and_times_are_read() -> None:
    read = settings.read(
        {
            "KOLABORASI_ALLOWED_ORIGINS": "https://a.example/, https://b.example",
            "KOLABORASI_ACCESS_TOKEN_MINUTES": "5",
            "DATABASE_URL": "",
        }
    )
    assert read.allowed_origins == ("https://a.example", "https://b.example")
    assert read.access_token_lifetime == timedelta(minutes=5)
    assert read.database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOLABORASI_PORT", "65536"),
        ("KOLABORASI_PORT", "-1"),
        ("KOLABORASI_PORT", "8e3"),
        ("KOLABORASI_POOL_SIZE", "1"),
        ("KOLABORASI_POOL_SIZE", "9" * 5000),
        ("KOLABORASI_DEMO", "perhaps"),
        ("KOLABORASI_LOG_LEVEL", "loud"),
        ("KOLABORASI_ACCESS_TOKEN_MINUTES", "0"),
        *(("KOLABORASI_TRUSTED_PROXIES", each) for each in ("*", "proxy", "10.0.0.1/8", "10.0.0.0/33", "10.0.0")),
        *(
            ("KOLABORASI_PUBLIC_ADDRESS", each)
            for each in (
                "kota.go.id",
                "ftp://kota.go.id",
                "https://",
                "https://kota.go.id/papan",
                "https://a@kota.go.id",
                "https://kota.go.id:x",
                "https://kota.go.id?x",
                "https://kota go id",
                "//kota.go.id",
            )
        ),
        # A sign-in ends after thirty days: these may shorten that.
        ("KOLABORASI_REFRESH_TOKEN_MINUTES", "43201"),
        ("KOLABORASI_PAGE_SESSION_MINUTES", "43201"),
        ("KOLABORASI_SIGN_IN_MINUTES", "43201"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"{name} is .* must be "):
        settings.read({name: value})


def test_a_public_address_is_written_as_browsers_write_it() -> None:
    for given, read in {
        "https://Kolaborasi.Example.GO.id": "https://kolaborasi.example.go.id",
        "https://kota.example:443/": "https://kota.example",
        "http://kota.example:80": "http://kota.example",
        "https://kota.example:8443": "https://kota.example:8443",
        "http://192.168.1.5:8000": "http://192.168.1.5:8000",
        "https://[FD00::7]": "https://[fd00::7]",
    }.items():
        assert settings.read({"KOLABORASI_PUBLIC_ADDRESS": given}).public_address == read


def test_proxies_are_addresses_and_networks() -> None:
    read = settings.read({"KOLABORASI_TRUSTED_PROXIES": "192.0.2.7, 172.30.117.0/24 fd00::/8"})
    assert read.trusted_proxies == ("192.0.2.7", "172.30.117.0/24", "fd00::/8")


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    one = settings.read({"KOLABORASI_DATA_DIR": str(tmp_path / "data")})
    two = settings.read({"KOLABORASI_DATA_DIR": str(tmp_path / "data")})
    assert one.secret == two.secret
    assert len(one.secret) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_a_given_secret_is_used_and_a_short_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s" * 40 + "\n")
    assert settings.read({"KOLABORASI_SECRET_FILE": str(file)}).secret == b"s" * 40
    assert settings.read({"KOLABORASI_SECRET": "t" * 32}).secret == b"t" * 32
    with pytest.raises(BadSetting, match="at least 32"):
        _ = settings.read({"KOLABORASI_SECRET": "short"}).secret
    with pytest.raises(BadSetting, match="KOLABORASI_SECRET_FILE"):
        _ = settings.read({"KOLABORASI_SECRET_FILE": str(tmp_path / "absent")}).secret


def test_secrets_do_not_show_in_a_log() -> None:
    shown = repr(settings.read({"KOLABORASI_SECRET": "rahasia" * 8, "DATABASE_URL": "postgresql://a:sandi@h/d"}))
    assert "rahasia" not in shown
    assert "sandi" not in shown
