"""What is borrowed from inside a dependency is there, written down, and its dependency is pinned."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path
from types import ModuleType

import graphql
import graphql.language
import pytest

from tests.house.borrowed import BORROWED, DOCUMENTED, MADE_TO_DERIVE_FROM, WRITTEN, Borrowed

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server"
PACKAGES = sorted({each.package for each in BORROWED})


def exists(name: str) -> bool:
    """Whether there is such a name: in a module, of a class, or of the objects that a class makes."""
    module, _, inside = name.partition(":")
    *owners, last = inside.split(".")
    try:
        found = importlib.import_module(module)
        for owner in owners:
            found = getattr(found, owner)
    except (ImportError, AttributeError):
        return False
    return hasattr(found, last) or (isinstance(found, type) and last in names_of_instances(found))


def names_of_instances(of: type) -> set[str]:
    """What objects of this class have: annotated, in slots, or assigned to `self`."""
    found: set[str] = set()
    for each in (each for each in of.__mro__ if each.__module__ != "builtins"):
        found |= {*vars(each).get("__annotations__", {}), *vars(each).get("__slots__", ())}
        found |= assigned(each.__module__).get(each.__qualname__, frozenset())
    return found


@cache
def assigned(module: str) -> dict[str, frozenset[str]]:
    """For each class of a module the attributes that its methods assign; none where there is no source to read."""
    try:
        source = inspect.getsource(importlib.import_module(module))
    except (OSError, TypeError):
        return {}
    return {
        of.name: frozenset(
            node.attr for node in ast.walk(of) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        )
        for of in ast.walk(ast.parse(source))
        if isinstance(of, ast.ClassDef)
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_borrowed_is_there(package: str) -> None:
    gone = [each for each in BORROWED if each.package == package and not exists(each.name)]
    assert not gone, "\n".join(
        f"{package} {version(package)} has no {each.name}; it is borrowed by {', '.join(each.by)}: {each.why}"
        for each in gone
    )


@pytest.mark.parametrize("name", ["uvicorn.server:Server.nowhere", "uvicorn.nowhere:Server", "uvicorn:Nowhere.started"])
def test_what_is_not_there_is_noticed(name: str) -> None:
    assert not exists(name)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_borrowed_from_is_pinned_to_its_minor_version(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = [each.partition("==")[2] for each in project["dependencies"] if each.startswith(f"{package}==")]
    installed = version(package).split(".")
    minor = ".".join(installed[:2])
    assert pins in ([f"{minor}.*"], [version(package)]), f'pyproject.toml: "{package}=={minor}.*"'


def test_nothing_is_borrowed_that_is_not_written_down() -> None:
    unknown = [
        f"server/{module}.py:{line} borrows {name}: write it down in tests/house/borrowed.py"
        for module, line, name in borrowing()
        if not any(module in each.by and name in (last_of(each), whole_of(each)) for each in BORROWED)
    ]
    assert not unknown, "\n".join(unknown)


def test_nothing_is_written_down_that_nobody_borrows() -> None:
    idle = [
        f"server/{module}.py does not borrow {each.name} any more"
        for each in BORROWED
        for module in each.by
        if WRITTEN.get(last_of(each), last_of(each)) not in words(module)
    ]
    assert not idle, "\n".join(idle)


def test_what_a_class_of_ours_takes_from_its_base_is_written_down() -> None:
    unknown = [
        f"server/{module}.py:{line} borrows {base}.{name}: write it down in tests/house/borrowed.py"
        for module, line, base, name in inherited()
        if not is_written_down(module, name) and name not in MADE_TO_DERIVE_FROM.get(base, ())
    ]
    assert not unknown, "\n".join(unknown)


def test_what_is_written_into_an_object_of_graphql_core_is_written_down() -> None:
    unknown = [
        f"server/{module}.py:{line} writes {name}: write it down in tests/house/borrowed.py"
        for module, line, name in writing()
        if not is_written_down(module, name)
    ]
    assert not unknown, "\n".join(unknown)


def test_what_is_borrowed_in_either_way_is_found() -> None:
    assert {("web/limits", "on_url"), ("web/limits", "pipeline"), ("web/serving", "handle_exit")} <= {
        (module, name) for module, _, _, name in inherited()
    }
    assert ("query/run/resolve", "is_type_of") in {(module, name) for module, _, name in writing()}


def is_written_down(module: str, name: str) -> bool:
    return any(module in each.by and name == last_of(each) for each in BORROWED)


def last_of(each: Borrowed) -> str:
    return each.name.replace(":", ".").rpartition(".")[2]


def whole_of(each: Borrowed) -> str:
    return each.name.replace(":", ".")


def borrowing() -> Iterator[tuple[str, int, str]]:
    """Module, line, and a private name of an object that is not ours, or an import of what nobody promises."""
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                is_own = ast.unparse(node.value) in ("self", "cls") and node.attr in given(module)
                if is_private(node.attr) and not is_own and node.attr not in ours():
                    yield module, node.lineno, node.attr
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in foreign():
                if node.module not in DOCUMENTED:
                    yield from ((module, node.lineno, f"{node.module}.{each.name}") for each in node.names)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name, written in WRITTEN.items():
                    if node.value == written:
                        yield module, node.lineno, name


def inherited() -> Iterator[tuple[str, int, str, str]]:
    """Module, line, base and name: what a class overrides of a base that is not ours, or asks of it through `self`."""
    for module, tree in trees().items():
        imported = imports(tree)
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for base in found_bases(node, imported):
                theirs = names_of_instances(base) | {*dir(base)}
                for line, name in taken(node):
                    if name in theirs and not name.startswith("__"):
                        yield module, line, f"{base.__module__}:{base.__qualname__}", name


def taken(of: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """Line and name of all that a class gives itself, or asks for through `self` and `super()`."""
    for node in ast.walk(of):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "cls", "super()"):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node in of.body:
            yield node.lineno, node.name


def found_bases(of: ast.ClassDef, imported: dict[str, object]) -> Iterator[type]:
    """The bases that come from a dependency; an error is anybody's to derive from."""
    for base in of.bases:
        while isinstance(base, ast.Subscript):
            base = base.value
        first, *rest = ast.unparse(base).split(".")
        found = imported.get(first)
        for name in rest:
            found = getattr(found, name, None)
        if isinstance(found, type) and not issubclass(found, Exception):
            yield found


def imports(tree: ast.Module) -> dict[str, object]:
    """What the module imports from dependencies, by the name that it has there."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in foreign():
            module = importlib.import_module(node.module)
            found |= {each.asname or each.name: getattr(module, each.name, None) for each in node.names}
        elif isinstance(node, ast.Import):
            for each in node.names:
                if each.name in foreign():
                    found[each.asname or each.name] = importlib.import_module(each.name)
    return found


def writing() -> Iterator[tuple[str, int, str]]:
    """Module, line, and an attribute that only objects of graphql-core have and that is assigned from outside."""
    theirs = {
        name
        for room in (graphql, graphql.language)
        for each in classes(room)
        for name in names_of_instances(each)
        if not name.startswith("__")
    }
    own = {
        node.target.id
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
                continue
            if node.attr in theirs - own and ast.unparse(node.value) != "self":
                yield module, node.lineno, node.attr


def classes(room: ModuleType) -> Iterator[type]:
    for each in vars(room).values():
        if isinstance(each, type) and each.__module__.startswith("graphql.") and not issubclass(each, Exception | Enum):
            yield each


@cache
def foreign() -> frozenset[str]:
    """The names by which the packages are imported on which the server depends."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split("[^a-z0-9-]", each)[0] for each in project["dependencies"]}
    return frozenset(name for name, of in packages_distributions().items() if not wanted.isdisjoint(of))


def is_private(name: str) -> bool:
    if name == "__strawberry_definition__":
        return True
    return name.startswith("_") and not name.endswith("__") and name not in NAMED_TUPLE


NAMED_TUPLE = ("_asdict", "_fields", "_replace")  # documented, in spite of their underscore


@cache
def ours() -> frozenset[str]:
    """Names that some module below server/ gives itself, and no dependency does."""
    return frozenset().union(*map(given, trees())) - {last_of(each) for each in BORROWED}


@cache
def given(module: str) -> frozenset[str]:
    """What a module itself names: a method, a field, an attribute of `self`."""
    found: set[str] = set()
    for node in ast.walk(trees()[module]):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
    return frozenset(found)


@cache
def trees() -> dict[str, ast.Module]:
    """Every module's syntax, by its path below server/ without its ending; migrations are never changed."""
    paths = [path for path in sorted(SERVER.rglob("*.py")) if path.parent.name != "migrations"]
    return {path.relative_to(SERVER).with_suffix("").as_posix(): ast.parse(path.read_text()) for path in paths}


@cache
def words(module: str) -> frozenset[str]:
    """Every name, attribute and text of a module."""
    found: set[str] = set()
    for node in ast.walk(trees()[module]):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.AsyncFunctionDef(name=name) | ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                found.add(name)
    return frozenset(found)
