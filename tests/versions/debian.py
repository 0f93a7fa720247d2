"""Python as a release of Debian has it, in a folder of its own: the machine stays as it is, and nobody need be root."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# The versions of Python that Debian's releases hold.
RELEASES = {"3.11": "bookworm", "3.13": "trixie"}
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def python(version: str, folder: Path) -> Path:
    """The interpreter, with all that it is linked with, down to libc. Raises AssertionError where it is not given."""
    for each in ("etc/preferences.d", "etc/apt.conf.d", "lists/partial", "archives/partial"):
        (folder / each).mkdir(parents=True)
    (folder / "status").touch()
    # From wherever this machine has its packages.
    sources = _said("apt-get", "indextargets", "--format", "$(REPO_URI)")
    (folder / "sources.list").write_text(f"deb [signed-by={KEYS}] {sources.split()[0]} {RELEASES[version]} main\n")
    settings = folder / "apt.conf"
    settings.write_text(
        f'Dir "/"; Dir::Etc "{folder}/etc"; Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "-";\n'
        f'Dir::State "{folder}"; Dir::State::status "{folder}/status"; Dir::Cache "{folder}";\n'
        'APT::Sandbox::User "root";\n'
    )
    _said("apt-get", "-q", "update", APT_CONFIG=str(settings))
    wanted = ("--yes", "--download-only", "--no-install-recommends", f"python{version}")
    _said("apt-get", "-q", "install", *wanted, APT_CONFIG=str(settings))
    root = folder / "root"
    for archive in sorted((folder / "archives").glob("*.deb")):
        _said("dpkg-deb", "--extract", str(archive), str(root))
    return _with_its_own_libraries(root, root / "usr" / "bin" / f"python{version}")


def _with_its_own_libraries(root: Path, program: Path) -> Path:
    """The program is started by that release's loader, since this machine's libc may be older."""
    real = program.rename(program.with_name(f"{program.name}.real"))
    (loader,) = (root / "usr").glob("lib*/ld-linux-*.so.*")
    (libraries,) = (root / "usr" / "lib").glob("*-linux-gnu")
    program.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} --argv0 "$0" {real} "$@"\n')
    program.chmod(0o755)
    return program


def _said(*command: str, **environment: str) -> str:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
