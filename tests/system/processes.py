"""Real `kolaborasi` processes: started, waited for, killed and asked how they fared."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import httpx

COMMAND = Path(sys.executable).with_name("kolaborasi")
SECRET = "a-secret-of-the-system-tests-0123456789"
READY = re.compile(r"^Kolaborasi: (http://\S+)/ ", re.MULTILINE)


async def until(fact: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until `fact`, which may be awaitable, is true; fails after so many seconds, showing what it gave last."""
    deadline = time.monotonic() + seconds
    while True:
        value = fact()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {inspect.getsource(fact).strip()} is {value!r}"
        await asyncio.sleep(0.01)


def environment(**settings: str) -> dict[str, str]:
    """This process's, without any settings of the server's but these."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KOLABORASI_") and name != "DATABASE_URL"
    }
    # Compiled modules are kept: to compile them all anew takes a process longer than to start.
    return {**inherited, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "", **settings}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [str(COMMAND), *arguments], env=environment(**settings), capture_output=True, text=True, timeout=120
    )


class Server:
    """One process that serves; `log` is the file of what it says."""

    command: ClassVar[tuple[str, ...]] = (str(COMMAND),)

    def __init__(self, log: Path, *arguments: str, **settings: str) -> None:
        """Start it; the arguments follow `kolaborasi`, the settings are its environment's."""
        self.log = log
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [*self.command, *arguments],
                env=environment(**settings),
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    async def ready(self) -> Server:
        """Itself once it serves; fails with its own words when it ends before."""
        await until(lambda: READY.search(self.said()) or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def url(self) -> str:
        found = READY.search(self.said())
        assert found, self.said()
        return found[1]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def socket_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}/graphql"

    def kill(self) -> None:
        """At once, as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float = 20.0) -> int:
        """Its exit code."""
        await until(lambda: self.process.poll() is not None, seconds)
        return self.process.wait()

    async def status(self, path: str) -> int:
        """Of a GET; 0 when nobody answers."""
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}{path}", timeout=2)).status_code
            except httpx.TransportError:
                return 0

    async def is_alive(self) -> bool:
        return self.process.poll() is None and await self.status("/healthz") == 200

    async def is_well(self) -> bool:
        return await self.status("/readyz") == 200

    async def is_unwell(self) -> bool:
        """It says itself that it cannot do its work."""
        return await self.status("/readyz") == 503

    def resident(self) -> int:
        """Bytes of memory that it uses."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        assert found
        return int(found[1]) * 1024

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))
