"""The wheel: what somebody installs who has no clone serves the demo year from any folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.system.people import sign_in
from tests.system.processes import Server, environment

ROOT = Path(__file__).parents[2]


def uv(*arguments: str, cwd: Path = ROOT) -> None:
    """Of the path, or the one that make put into the project's environment."""
    found = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    done = subprocess.run(
        [found, *arguments], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.exhaustive
async def test_a_wheel_in_a_fresh_environment_serves_the_demo_year(tmp_path: Path) -> None:
    # From a copy, so that a build leaves nothing in the tree.
    source, fresh, home = tmp_path / "source", tmp_path / "environment", tmp_path / "home"
    shutil.copytree(ROOT / "server", source / "server", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "uv.lock"):
        shutil.copy(ROOT / name, source / name)
    home.mkdir()
    uv("build", "--wheel", "--out-dir", str(tmp_path), cwd=source)
    (wheel,) = tmp_path.glob("*.whl")
    uv("export", "--frozen", "--no-dev", "--no-emit-project", "--output-file", str(tmp_path / "locked.txt"))
    uv("venv", "--python", sys.executable, str(fresh))
    uv("pip", "install", "--python", str(fresh), "-r", str(tmp_path / "locked.txt"), str(wheel))

    class Installed(Server):
        command = (str(fresh / "bin" / "kolaborasi"),)

    version = subprocess.run([*Installed.command, "--version"], capture_output=True, text=True, env=environment())
    assert version.stdout.startswith("kolaborasi "), version.stderr
    server = Installed(
        tmp_path / "log", "--data-dir", str(tmp_path / "data"), "demo", "--port", "0", HOME=str(home)
    )  # fmt: skip
    try:
        await server.ready()
        mayor = await sign_in(server, "walikota")
        found = await mayor.ask("{ city { name } tasks { totalCount } }")
        assert found["city"] == {"name": "Kota Medan"}
        assert found["tasks"]["totalCount"] > 1000
        async with httpx.AsyncClient(base_url=server.url) as client:
            page = await client.get("/", headers={"accept": "text/html"})
            assert page.status_code == 200, page.text
    finally:
        server.terminate()
        await server.ended()
