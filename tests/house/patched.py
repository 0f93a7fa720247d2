"""A change that somebody makes, as a patch: whether it still fits, and a copy of the repository with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "*.egg-info")


def files(patch: str) -> list[str]:
    """The patch, a part for each file."""
    return [f"diff --git{part}" for part in patch.split("diff --git")[1:]]


def name_of(part: str) -> str:
    return part.splitlines()[0].rpartition(" b/")[2]


def is_new(part: str) -> bool:
    return "\nnew file mode" in part


def must_fit(path: Path) -> None:
    """As `grown` finds what is there: written anew when what it stands beside has changed."""
    for part in files(path.read_text()):
        if not is_new(part):
            text = (ROOT / name_of(part)).read_text()
            for change in re.split(r"^@@ .*\n", part, flags=re.MULTILINE)[1:]:
                old = "\n".join(line[1:] for line in change.splitlines() if line[:1] in (" ", "-"))
                assert old in text, f"{path.name}: {name_of(part)} has changed: apply it by hand, write it anew"


def grown(folder: Path, patch: str) -> Path:
    """A copy of the repository with the patch."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    done = subprocess.run(["git", "apply", "--recount", "-"], cwd=tree, input=patch, text=True, stderr=subprocess.PIPE)
    assert done.returncode == 0, f"the patch fits no more: apply it by hand and write it anew\n{done.stderr}"
    return tree


def run(tree: Path, *command: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        cwd=tree,
        env={**inherited, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def must(tree: Path, *command: str) -> None:
    code, said = run(tree, *command)
    assert code == 0, f"{' '.join(command)}\n{said[-6_000:]}"


def start(tree: Path) -> tuple[int, str]:
    """Everything that the server imports, and its declarations checked."""
    return run(tree, sys.executable, "-c", "import server.app")


def run_tests(tree: Path, *names: str) -> tuple[int, str]:
    """Of these tests all but those of the patches: what they look at has happened here."""
    arguments = ("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not exhaustive")
    return run(tree, sys.executable, "-m", "pytest", *arguments, "--ignore-glob=*/test_adding_*", *names)


def numbered(text: str) -> set[str]:
    """The files that a page's numbered lists name, each first on its line."""
    return set(re.findall(r"^\d+\. `([^`]+)`", text, re.MULTILINE))
