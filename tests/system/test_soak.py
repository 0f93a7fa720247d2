"""`make soak` itself works: it starts a demonstration, loads it, and prints how it fares."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.system.processes import environment

ROOT = Path(__file__).parents[2]


@pytest.mark.exhaustive
async def test_a_soak_of_a_moment_prints_memory_stops_and_what_was_done() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.soak", "--minutes", "0.05", cwd=ROOT, env=environment(),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    lines = re.findall(r"^\| \d+ s \| (\d+) \| \d+ \| \d+ \| ([\d,]+) \| [\d,]+ \| [\d,]+ \|$", said, re.MULTILINE)
    assert len(lines) >= 3, said  # at the beginning, at the end, and at rest
    assert all(int(memory) > 0 for memory, _ in lines), said
    assert int(lines[-1][1].replace(",", "")) > 0, said
