"""What an installation decides, read from the environment in one place: each setting is one row of `Settings`."""

from __future__ import annotations

import os
import re
import secrets
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeAlias, get_type_hints

from server.rules.account import LONGEST_SIGN_IN

# A variable's name and its text, which is not empty → the value. Raises BadSetting.
Reads: TypeAlias = Callable[[str, str], Any]

_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?")
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class BadSetting(Exception):
    """A setting has a value that cannot work; the message names the variable and what would be right."""


# ---- how a variable's text is read ----------------------------------------------------------------------------------


def _text(_: str, value: str) -> str:
    return value


def _path(_: str, value: str) -> Path:
    return Path(value).expanduser()


def _words(_: str, value: str) -> tuple[str, ...]:
    return tuple(word.rstrip("/") for word in value.replace(",", " ").split())


def _origin(name: str, value: str) -> str:
    """As a browser writes it: small letters, no port that goes without saying."""
    found = _ORIGIN.fullmatch(value.lower())
    if found is None:
        raise BadSetting(
            f"{name} is {value!r}; it must be http:// or https://, the name, and a port where it is not the usual "
            f"one, with nothing behind it, such as https://kolaborasi.example.go.id."
        )
    scheme, host, port = found.groups()
    is_usual = port is None or (scheme, port) in (("http", "80"), ("https", "443"))
    return f"{scheme}://{host}" if is_usual else f"{scheme}://{host}:{port}"


def _networks(name: str, value: str) -> tuple[str, ...]:
    """IP addresses, and networks as 172.30.0.0/24."""
    words = _words(name, value)
    for word in words:
        try:
            ip_network(word)
        except ValueError:
            raise BadSetting(
                f"{name} is {word!r}; it must be an IP address (192.0.2.7), or a network by its first address "
                f"and its size (192.0.2.0/24)."
            ) from None
    return words


def _one_of(*allowed: str) -> Reads:
    def read_one(name: str, value: str) -> str:
        if value.lower() not in allowed:
            raise BadSetting(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")
        return value.lower()

    return read_one


def _yes_or_no(name: str, value: str) -> bool:
    return _one_of(*_YES, *_NO)(name, value) in _YES


def _whole(lowest: int, highest: int) -> Reads:
    def read_whole(name: str, value: str) -> int:
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
        if number is None or not lowest <= number <= highest:
            raise BadSetting(f"{name} is {value!r}; it must be a whole number from {lowest} to {highest}.")
        return number

    return read_whole


def _minutes(lowest: int, highest: timedelta) -> Reads:
    whole = _whole(lowest, highest // timedelta(minutes=1))
    return lambda name, value: timedelta(minutes=whole(name, value))


# ---- the settings ---------------------------------------------------------------------------------------------------


class Variable(NamedTuple):
    """A setting's environment variable, how its text is read, and what `kolaborasi --help` says of it."""

    name: str
    read: Reads
    help: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's settings."""

    database_url: Annotated[
        str | None,
        Variable("DATABASE_URL", _text,
            "postgresql://user:password@host:5432/name, PostgreSQL 15 or newer; without it a PostgreSQL of the"
            " program's own keeps its files in the data folder"),
    ] = field(default=None, repr=False)  # fmt: skip
    data_dir: Annotated[
        Path,
        Variable("KOLABORASI_DATA_DIR", _path,
            "where that database and the secret are kept"),
    ] = Path(".data")  # fmt: skip
    host: Annotated[str, Variable("KOLABORASI_HOST", _text, "the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Variable("KOLABORASI_PORT", _whole(0, 65535), "the port to listen on")] = 8000
    given_secret: Annotated[
        str | None,
        Variable("KOLABORASI_SECRET", _text,
            "at least 32 characters that sign tokens; the same for all servers of one database"),
    ] = field(default=None, repr=False)  # fmt: skip
    secret_file: Annotated[
        Path | None,
        Variable("KOLABORASI_SECRET_FILE", _path,
            "a file that holds it; with neither, one is made and kept in the data folder"),
    ] = None  # fmt: skip
    allowed_origins: Annotated[
        tuple[str, ...],
        Variable("KOLABORASI_ALLOWED_ORIGINS", _words,
            "other sites whose pages may call this server with credentials, such as https://papan.example.go.id"),
    ] = ()  # fmt: skip
    public_address: Annotated[
        str | None,
        Variable("KOLABORASI_PUBLIC_ADDRESS", _origin,
            "what people open, such as https://kolaborasi.example.go.id: only that name (and this machine's own)"
            " is served, health and metrics under any; with https, cookies go over TLS only"),
    ] = None  # fmt: skip
    trusted_proxies: Annotated[
        tuple[str, ...],
        Variable("KOLABORASI_TRUSTED_PROXIES", _networks,
            "addresses or networks (172.30.0.0/24) of proxies whose X-Forwarded-For and -Proto are believed"),
    ] = ()  # fmt: skip
    pool_size: Annotated[int, Variable("KOLABORASI_POOL_SIZE", _whole(2, 500), "connections to the database")] = 10
    pool_timeout: Annotated[
        float,
        Variable("KOLABORASI_POOL_TIMEOUT_SECONDS", _whole(1, 600),
            "how long a request waits for one"),
    ] = 10  # fmt: skip
    access_token_lifetime: Annotated[
        timedelta,
        Variable("KOLABORASI_ACCESS_TOKEN_MINUTES", _minutes(1, timedelta(days=1)),
            "life of an access token"),
    ] = timedelta(minutes=15)  # fmt: skip
    refresh_token_lifetime: Annotated[
        timedelta,
        Variable("KOLABORASI_REFRESH_TOKEN_MINUTES", _minutes(5, LONGEST_SIGN_IN),
            "life of an unused refresh token"),
    ] = timedelta(days=30)  # fmt: skip
    page_session_lifetime: Annotated[
        timedelta,
        Variable("KOLABORASI_PAGE_SESSION_MINUTES", _minutes(5, LONGEST_SIGN_IN),
            "life of an unused browser's session"),
    ] = timedelta(hours=12)  # fmt: skip
    sign_in_lifetime: Annotated[
        timedelta,
        Variable("KOLABORASI_SIGN_IN_MINUTES", _minutes(5, LONGEST_SIGN_IN),
            "when either ends however often it is used; the default is the most for all three"),
    ] = LONGEST_SIGN_IN  # fmt: skip
    # A wall display in each office of a city may share one account.
    streams_per_account: Annotated[
        int,
        Variable("KOLABORASI_STREAMS_PER_ACCOUNT", _whole(1, 100_000),
            "sockets and event streams that one account may have open in a process"),
    ] = 1_000  # fmt: skip
    token_requests: Annotated[
        int,
        Variable("KOLABORASI_TOKEN_REQUESTS", _whole(1, 1_000_000),
            "requests that a program's token may make in a minute, in a process"),
    ] = 600  # fmt: skip
    metrics_token: Annotated[
        str | None,
        Variable("KOLABORASI_METRICS_TOKEN", _text,
            "bearer token that /metrics asks for; without one it answers in demo mode only, with what tells"
            " nothing of hidden events"),
    ] = field(default=None, repr=False)  # fmt: skip
    trusted_documents: Annotated[
        Path | None,
        Variable("KOLABORASI_TRUSTED_DOCUMENTS", _path,
            "a folder of *.graphql that may be asked for by their hash (documentId)"),
    ] = None  # fmt: skip
    only_trusted: Annotated[
        bool,
        Variable("KOLABORASI_ONLY_TRUSTED", _yes_or_no,
            "yes: nothing but these is executed"),
    ] = False  # fmt: skip
    plain: Annotated[
        bool,
        Variable("KOLABORASI_PLAIN", _yes_or_no,
            "yes: no shortcut around a framework is taken; slower, to see whether one is to blame for a fault"),
    ] = False  # fmt: skip
    log_level: Annotated[str, Variable("KOLABORASI_LOG_LEVEL", _one_of(*LOG_LEVELS), ", ".join(LOG_LEVELS))] = "info"
    demo: Annotated[
        bool,
        Variable("KOLABORASI_DEMO", _yes_or_no,
            "yes: the demo accounts may sign in, from this machine"),
    ] = False  # fmt: skip
    # Demo accounts have known passwords.
    allow_demo_network: Annotated[
        bool,
        Variable("KOLABORASI_ALLOW_DEMO_NETWORK", _yes_or_no,
            "yes: they may from anywhere"),
    ] = False  # fmt: skip
    test_clock: Annotated[
        Path | None,
        Variable("KOLABORASI_TEST_CLOCK", _path,
            "a file that moves the clock of rules and deadlines, in demo mode only: an offset (P3D) or an instant"
            " (2026-07-01T09:00:00+07:00); read again when it changes"),
    ] = None  # fmt: skip

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

    An empty variable is none. Raises `BadSetting` for a value that cannot work.
    """
    source = os.environ if environment is None else environment
    values = {
        name: variable.read(variable.name, text)
        for name, variable in _VARIABLES.items()
        if (text := source.get(variable.name))
    }
    return Settings(**values | {name: value for name, value in overrides.items() if value is not None})


def _help(variable: Variable, default: object) -> str:
    """A setting's lines in the help: its variable, and beside it what is said of it."""
    if isinstance(default, timedelta):
        default //= timedelta(minutes=1)
    said = variable.help + (f" ({default})" if default not in (None, False, ()) else "")
    lines = textwrap.wrap(said, 84, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"  {variable.name:<33} {lines[0]}", *(" " * 36 + line for line in lines[1:])])


_VARIABLES: Mapping[str, Variable] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Settings, include_extras=True).items()
}
# What `kolaborasi --help` says of them.
HELP = "settings, as environment variables:\n" + "".join(
    _help(_VARIABLES[each.name], each.default) + "\n" for each in fields(Settings)
)


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
