"""The servers side by side: how each is started in production mode on one core, and how it is asked.

A contender runs only while it is its turn, so that no other's readers or timers take from its core.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen
from uuid import UUID

from bench.machine import SERVER_CORE, output, pinned
from server.ids import encode

HERE = Path(__file__).parent
POSTGRAPHILE = HERE / "peers" / "postgraphile"
POOL_SIZE = 8
SECRET = "a-secret-of-the-benchmark-that-nobody-needs-to-guess"
NODE = 22  # the oldest that PostGraphile 5 takes


@dataclass(frozen=True)
class Running:
    """A contender that answers."""

    port: int
    pid: int


@dataclass(frozen=True)
class Contender:
    """One server: its name, its command for a database and a port, and its way to write ids."""

    name: str
    command: Callable[[], list[str]]
    environment: Callable[[str, int], dict[str, str]]
    folder: Path
    spell: Callable[[str, UUID], str]

    def document(self, work: str) -> str:
        """The GraphQL document of a work (R1, R2, W1) in this contender's schema."""
        return (HERE / "documents" / f"{work}.{self.name}.graphql").read_text()

    @contextmanager
    def serve(self, url: str, log: Path) -> Iterator[Running]:
        """Start it on a free port and wait until it answers HTTP; stop it at the end of the block."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with log.open("ab") as file:
            process = subprocess.Popen(
                [*pinned(SERVER_CORE), *self.command()],
                cwd=self.folder,
                env=os.environ | self.environment(url, port),
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
            )
            try:
                _wait(process, port, log)
                yield Running(port, process.pid)
            except Exception:
                sys.stderr.write(f"\n{self.name}'s last words:\n{log.read_text()[-3000:]}\n")
                raise
            finally:
                process.terminate()
                try:
                    process.wait(25)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            post(port, "/graphql", {"query": "{ __typename }"})
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer: {log.read_text()[-2000:]}")


def post(port: int, path: str, body: dict[str, Any], token: str | None = None) -> tuple[int, Any]:
    """One request as an ordinary client makes it: its status, and the answer's JSON (None if it is none)."""
    from urllib.error import HTTPError, URLError

    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers)
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        text = refused.read()
        return refused.code, json.loads(text) if text.startswith(b"{") else None
    except URLError as problem:
        raise ConnectionError(str(problem)) from problem


def raw(document: str, variables: dict[str, Any], token: str) -> str:
    """The same request as bytes on a kept-alive connection."""
    body = json.dumps({"query": document, "variables": variables})
    return (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )


# ---- Kolaborasi: as installed, with sign-in, scope and limits ------------------------------------------


def _serve_kolaborasi(url: str, port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "KOLABORASI_PORT": str(port),
        "KOLABORASI_SECRET": SECRET,
        "KOLABORASI_POOL_SIZE": str(POOL_SIZE),
        "KOLABORASI_DEMO": "yes",  # the accounts that sign in are demo accounts
        "KOLABORASI_ACCESS_TOKEN_MINUTES": "240",
    }


KOLABORASI = Contender(
    name="kolaborasi",
    command=lambda: [sys.executable, "-m", "server.cli", "serve"],
    environment=_serve_kolaborasi,
    folder=HERE.parent,
    spell=encode,
)


def sign_in(port: int, login: str) -> str:
    """A demo account's access token, which every contender then checks."""
    status, answer = post(port, "/auth/sign-in", {"login": login, "password": "demo"})
    if status != 200:
        raise RuntimeError(f"{login} cannot sign in: {status} {answer}")
    return str(answer["accessToken"])


# ---- PostGraphile 5 ------------------------------------------------------------------------------------


def install_postgraphile() -> None:
    """`npm ci` of the committed lock, once; with a Node of its own when the system's is too old."""
    modules, lock = POSTGRAPHILE / "node_modules", POSTGRAPHILE / "package-lock.json"
    stamp = modules / ".installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    if shutil.which("npm") is None:
        raise RuntimeError("npm is needed to install PostGraphile, or: make bench ARGS='--only kolaborasi pgbench'")
    own_node = ["--omit=optional"] if _system_node() else []
    subprocess.run(["npm", "ci", "--loglevel=error", *own_node], cwd=POSTGRAPHILE, check=True)
    stamp.write_bytes(lock.read_bytes())


def _system_node() -> str | None:
    """The system's Node when it is new enough."""
    found = shutil.which("node")
    return found if found and int(output(found, "--version").lstrip("v").split(".")[0]) >= NODE else None


def node() -> str:
    """The Node that runs PostGraphile."""
    return _system_node() or str(POSTGRAPHILE / "node_modules" / ".bin" / "node")


def postgraphile_version() -> str:
    manifest = POSTGRAPHILE / "node_modules" / "postgraphile" / "package.json"
    return str(json.loads(manifest.read_text())["version"])


def _serve_postgraphile(url: str, port: int) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "PORT": str(port),
        "PGHOST": parse_qs(parts.query)["host"][0],
        "PGUSER": parts.username or "postgres",
        "PGDATABASE": parts.path.lstrip("/"),
        "POOL_SIZE": str(POOL_SIZE),
        "KOLABORASI_SECRET": SECRET,
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }


PEER = Contender(
    name="postgraphile",
    command=lambda: [node(), "server.mjs"],
    environment=_serve_postgraphile,
    folder=POSTGRAPHILE,
    spell=lambda _, value: str(value),
)


# ---- plain Strawberry and Tortoise ---------------------------------------------------------------------


def _serve_strawberry(url: str, port: int) -> dict[str, str]:
    return {
        "PORT": str(port),
        "DATABASE_URL": url,
        "POOL_SIZE": str(POOL_SIZE),
        "KOLABORASI_SECRET": SECRET,
        "PYTHONOPTIMIZE": "1",
    }


PLAIN = Contender(
    name="strawberry",
    # As uvicorn's documents start it for production, one process without a log of requests.
    command=lambda: [sys.executable, "-m", "bench.peers.strawberry"],
    environment=_serve_strawberry,
    folder=HERE.parent,
    spell=lambda _, value: str(value),
)

CONTENDERS = {each.name: each for each in (KOLABORASI, PEER, PLAIN)}
