"""What an installation decides, read from the environment in one place."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from server.rules.account import LONGEST_SIGN_IN

# What `kolaborasi --help` says of them.
HELP = """\
settings, as environment variables:
  DATABASE_URL                      postgresql://user:password@host:5432/name, PostgreSQL 15 or newer;
                                    without it a PostgreSQL of the program's own keeps its files in the data folder
  KOLABORASI_DATA_DIR               where that database and the secret are kept (.data)
  KOLABORASI_HOST, KOLABORASI_PORT  where to listen (127.0.0.1, 8000)
  KOLABORASI_SECRET                 at least 32 characters that sign tokens; the same for all servers of one database
  KOLABORASI_SECRET_FILE            a file that holds it; with neither, one is made and kept in the data folder
  KOLABORASI_ALLOWED_ORIGINS        other sites whose pages may call this server, such as https://papan.example.go.id
  KOLABORASI_PUBLIC_ADDRESS         what people open, such as https://kolaborasi.example.go.id: only that name (and this
                                    machine's own) is served, health and metrics under any;
                                    with https, cookies go over TLS only
  KOLABORASI_TRUSTED_PROXIES        addresses or networks (172.30.0.0/24) of proxies whose X-Forwarded-For and -Proto
                                    are believed
  KOLABORASI_POOL_SIZE              connections to the database (10)
  KOLABORASI_POOL_TIMEOUT_SECONDS   how long a request waits for one (10)
  KOLABORASI_ACCESS_TOKEN_MINUTES   life of an access token (15)
  KOLABORASI_REFRESH_TOKEN_MINUTES  life of an unused refresh token (43200)
  KOLABORASI_PAGE_SESSION_MINUTES   life of an unused browser's session (720)
  KOLABORASI_SIGN_IN_MINUTES        when either ends however often it is used (43200, which is the most for all three)
  KOLABORASI_STREAMS_PER_ACCOUNT    sockets and event streams that one account may have open in a process (1000)
  KOLABORASI_METRICS_TOKEN          bearer token that /metrics asks for; without one it answers in demo mode only,
                                    with what tells nothing of hidden events
  KOLABORASI_TRUSTED_DOCUMENTS      a folder of *.graphql that may be asked for by their hash (documentId)
  KOLABORASI_ONLY_TRUSTED           yes: nothing but these is executed
  KOLABORASI_LOG_LEVEL              critical, error, warning, info or debug (info)
  KOLABORASI_DEMO                   yes: the demo accounts may sign in (KOLABORASI_ALLOW_DEMO_NETWORK: from anywhere)
  KOLABORASI_TEST_CLOCK             a file that moves the clock of rules and deadlines, in demo mode only: an offset
                                    (P3D) or an instant (2026-07-01T09:00:00+07:00); read again when it changes
"""

_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?")
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


class BadSetting(Exception):
    """A setting has a value that cannot work; the message names the variable and what would be right."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's settings; each field is read from the variable named beside it in `read`."""

    data_dir: Path = Path(".data")
    database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    # Demo accounts have known passwords: without this they are served to this machine only.
    allow_demo_network: bool = False
    pool_size: int = 10
    pool_timeout: float = 10.0
    log_level: str = "info"
    # Origins of other sites whose pages may call this server with credentials, such as https://papan.example.go.id.
    allowed_origins: tuple[str, ...] = ()
    # What people open, as an origin: scheme, name, and the port where it is not the scheme's own.
    public_address: str | None = None
    # Behind a proxy that sets X-Forwarded-For and -Proto: its addresses, or the networks in which it may be.
    trusted_proxies: tuple[str, ...] = ()
    access_token_lifetime: timedelta = timedelta(minutes=15)
    refresh_token_lifetime: timedelta = timedelta(days=30)
    page_session_lifetime: timedelta = timedelta(hours=12)
    # However often it is used.
    sign_in_lifetime: timedelta = LONGEST_SIGN_IN
    # Sockets and event streams: a wall display in each office of a city may share one account.
    streams_per_account: int = 1_000
    given_secret: str | None = field(default=None, repr=False)
    secret_file: Path | None = None
    # A file that moves the clock of the rules; demo mode only.
    test_clock: Path | None = None
    # A folder of documents that may be asked for by their hash; and whether nothing else is executed.
    trusted_documents: Path | None = None
    only_trusted: bool = False
    # What /metrics asks for as a bearer token; without one it answers in demo mode only.
    metrics_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises BadSetting for what does not go together."""
        if self.only_trusted and self.trusted_documents is None:
            raise BadSetting(
                "KOLABORASI_ONLY_TRUSTED needs KOLABORASI_TRUSTED_DOCUMENTS, the folder of what is trusted."
            )
        if self.test_clock is not None and not self.demo:
            raise BadSetting(
                "KOLABORASI_TEST_CLOCK moves the clock by which deadlines run: demo mode alone allows that "
                "(KOLABORASI_DEMO, `serve --demo`, `demo`)."
            )

    @property
    def database_dir(self) -> Path:
        """Where the embedded PostgreSQL keeps its files."""
        return self.data_dir / "postgres"

    @cached_property
    def secret(self) -> bytes:
        """The key that signs tokens, at least 32 bytes; made once and kept in the data folder when none is given.

        Several servers on one database must be given the same one. Raises `BadSetting` when it is too short.
        """
        if self.given_secret is not None:
            return _long_enough(self.given_secret.encode(), "KOLABORASI_SECRET")
        if self.secret_file is not None:
            try:
                return _long_enough(self.secret_file.read_bytes().strip(), "KOLABORASI_SECRET_FILE")
            except OSError as problem:
                raise BadSetting(f"KOLABORASI_SECRET_FILE: {self.secret_file}: {problem.strerror}") from problem
        return _long_enough(_kept_secret(self.data_dir / "secret"), str(self.data_dir / "secret"))

    def with_database(self, url: str) -> Settings:
        """The same settings once the database is open: `database_url` is then always set."""
        return replace(self, database_url=url)


def read(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from environment variables (default: the process's); overrides that are not None win.

    Raises `BadSetting` for a value that cannot work.
    """
    source = _Source(os.environ if environment is None else environment)
    values: dict[str, Any] = {
        "data_dir": source.path("KOLABORASI_DATA_DIR"),
        "database_url": source.text("DATABASE_URL"),
        "host": source.text("KOLABORASI_HOST"),
        "port": source.whole("KOLABORASI_PORT", 0, 65535),
        "demo": source.yes_or_no("KOLABORASI_DEMO"),
        "allow_demo_network": source.yes_or_no("KOLABORASI_ALLOW_DEMO_NETWORK"),
        "pool_size": source.whole("KOLABORASI_POOL_SIZE", 2, 500),
        "pool_timeout": source.whole("KOLABORASI_POOL_TIMEOUT_SECONDS", 1, 600),
        "log_level": source.one_of("KOLABORASI_LOG_LEVEL", LOG_LEVELS),
        "allowed_origins": source.words("KOLABORASI_ALLOWED_ORIGINS"),
        "public_address": source.origin("KOLABORASI_PUBLIC_ADDRESS"),
        "trusted_proxies": source.networks("KOLABORASI_TRUSTED_PROXIES"),
        "access_token_lifetime": source.minutes("KOLABORASI_ACCESS_TOKEN_MINUTES", 1, timedelta(days=1)),
        "refresh_token_lifetime": source.minutes("KOLABORASI_REFRESH_TOKEN_MINUTES", 5, LONGEST_SIGN_IN),
        "page_session_lifetime": source.minutes("KOLABORASI_PAGE_SESSION_MINUTES", 5, LONGEST_SIGN_IN),
        "sign_in_lifetime": source.minutes("KOLABORASI_SIGN_IN_MINUTES", 5, LONGEST_SIGN_IN),
        "streams_per_account": source.whole("KOLABORASI_STREAMS_PER_ACCOUNT", 1, 100_000),
        "metrics_token": source.text("KOLABORASI_METRICS_TOKEN"),
        "trusted_documents": source.path("KOLABORASI_TRUSTED_DOCUMENTS"),
        "only_trusted": source.yes_or_no("KOLABORASI_ONLY_TRUSTED"),
        "given_secret": source.text("KOLABORASI_SECRET"),
        "secret_file": source.path("KOLABORASI_SECRET_FILE"),
        "test_clock": source.path("KOLABORASI_TEST_CLOCK"),
    }
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**{name: value for name, value in values.items() if value is not None})


class _Source:
    """Reads one variable as one kind of value; None when it is absent or empty."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str) -> str | None:
        return self.environment.get(name) or None

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value).expanduser() if value else None

    def words(self, name: str) -> tuple[str, ...] | None:
        value = self.text(name)
        return tuple(word.rstrip("/") for word in value.replace(",", " ").split()) if value else None

    def origin(self, name: str) -> str | None:
        """As a browser writes it: small letters, no port that goes without saying."""
        value = self.text(name)
        if value is None:
            return None
        found = _ORIGIN.fullmatch(value.lower())
        if found is None:
            raise BadSetting(
                f"{name} is {value!r}; it must be http:// or https://, the name, and a port where it is not the usual "
                f"one, with nothing behind it, such as https://kolaborasi.example.go.id."
            )
        scheme, host, port = found.groups()
        is_usual = port is None or (scheme, port) in (("http", "80"), ("https", "443"))
        return f"{scheme}://{host}" if is_usual else f"{scheme}://{host}:{port}"

    def networks(self, name: str) -> tuple[str, ...] | None:
        """IP addresses, and networks as 172.30.0.0/24."""
        words = self.words(name)
        for word in words or ():
            try:
                ip_network(word)
            except ValueError:
                raise BadSetting(
                    f"{name} is {word!r}; it must be an IP address (192.0.2.7), or a network by its first address "
                    f"and its size (192.0.2.0/24)."
                ) from None
        return words

    def yes_or_no(self, name: str) -> bool | None:
        value = self.one_of(name, ("1", "true", "yes", "on", "0", "false", "no", "off"))
        return None if value is None else value in ("1", "true", "yes", "on")

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value.lower() not in allowed:
            raise BadSetting(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")
        return value.lower() if value else None

    def whole(self, name: str, lowest: int, highest: int) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
        if number is None or not lowest <= number <= highest:
            raise BadSetting(f"{name} is {value!r}; it must be a whole number from {lowest} to {highest}.")
        return number

    def minutes(self, name: str, lowest: int, highest: timedelta) -> timedelta | None:
        number = self.whole(name, lowest, highest // timedelta(minutes=1))
        return None if number is None else timedelta(minutes=number)


def _long_enough(secret: bytes, origin: str) -> bytes:
    if len(secret) < 32:
        raise BadSetting(f"{origin}: a secret needs at least 32 characters; `openssl rand -hex 32` makes one.")
    return secret


def _kept_secret(path: Path) -> bytes:
    """The secret in this file; made when absent, by exactly one of the processes that start together."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(fresh, path)  # unlike a rename, never replaces the one that another process made first
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes().strip()
