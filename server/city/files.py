"""A city's folder while it is read: every value with its place, and everything that is wrong, not only the first."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from server.rules import bounds

CITY = "city.toml"
CODE = re.compile(r"[A-Z0-9]+([.-][A-Z0-9]+)*")
_TOML_PLACE = re.compile(r"^(.*) \(at line (\d+), column (\d+)\)$")
_TABLES = re.compile(r"\s*\[\[\s*([\w.-]+)\s*\]\]")
_TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=\s*")

# From what a file holds (text in a table, a typed value in city.toml) to the value. Raises Wrong.
Read: TypeAlias = Callable[[Any], Any]
Path_: TypeAlias = tuple[str | int, ...]
# File, line and column.
Place: TypeAlias = tuple[str, int, int]


class UnreadableCity(Exception):
    """The city's data files are missing or contradict themselves; the message has a line for each fault."""


class Wrong(Exception):
    """A value that cannot be taken; the message says what would be right."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong where. `column`: of a character in city.toml, in a table which of its columns."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row of a table. What could not be read is missing in `values`, and was told."""

    folder: Folder
    file: str
    line: int
    columns: Sequence[str]
    values: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        return len(self.values) == len(self.columns)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def wrong(self, column: str, text: str) -> None:
        """Notes a fault of this cell."""
        self.folder.faults.append(Fault(*self.place(column), f"{column} {text}"))

    def place(self, column: str) -> Place:
        """Where this cell stands."""
        return self.file, self.line, self.columns.index(column) + 1


@dataclass(slots=True)
class Folder:
    """The folder, and the faults that were found in it."""

    path: Path
    faults: list[Fault] = field(default_factory=list)

    def text(self, file: str) -> str | None:
        """A file's text; None, and a fault, where it cannot be read."""
        try:
            return (self.path / file).read_text(encoding="utf-8-sig")
        except OSError as problem:
            self.faults.append(Fault(file, 1, 1, f"cannot be read: {problem.strerror}"))
        except UnicodeDecodeError:
            self.faults.append(Fault(file, 1, 1, "is not written in UTF-8"))
        return None

    def facts(self, file: str) -> TomlTable:
        """A TOML file's outermost table; an empty one, and a fault, where it is not TOML."""
        text = self.text(file) or ""
        try:
            return TomlTable(self, file, tomllib.loads(text), _places(text))
        except tomllib.TOMLDecodeError as problem:
            found = _TOML_PLACE.match(str(problem))
            told, line, column = found.groups() if found else (str(problem), len(text.splitlines()), 1)
            self.faults.append(Fault(file, int(line), int(column), f"is not TOML: {told}"))
            raise UnreadableCity(self.told()) from None

    def table(self, file: str, columns: Mapping[str, Read]) -> Iterator[CsvRow]:
        """The rows of a CSV file with just these columns, in this order."""
        text = self.text(file)
        if text is None:
            return
        lines = csv.reader(text.splitlines(keepends=True), strict=True)
        line = 0
        try:
            for cells in lines:
                first, line = line + 1, lines.line_num
                if first == 1:
                    if [cell.strip() for cell in cells] != [*columns]:
                        told = f"must have these columns, separated by commas: {','.join(columns)}"
                        self.faults.append(Fault(file, 1, 1, told))
                        return
                elif len(cells) != len(columns):
                    told = f"there are {len(cells)} values, must be {len(columns)} as in the first line"
                    self.faults.append(Fault(file, first, min(len(cells), len(columns)) + 1, told))
                else:
                    values: dict[str, Any] = {}
                    row = CsvRow(self, file, first, [*columns], values)
                    for (column, read), cell in zip(columns.items(), cells, strict=True):
                        try:
                            values[column] = read(cell.strip())
                        except Wrong as wrong:
                            row.wrong(column, f"is {cell!r}, must be {wrong}")
                    yield row
        except csv.Error as problem:
            self.faults.append(Fault(file, max(lines.line_num, 1), 1, f"is not CSV: {problem}"))

    def told(self) -> str:
        """Every fault in a line of its own, in the order of the files."""
        return "\n".join(str(fault) for fault in sorted(set(self.faults)))


@dataclass(slots=True)
class TomlTable:
    """A table of a TOML file: its keys are taken one by one, and what nobody took is a fault."""

    folder: Folder
    file: str
    values: dict[str, Any]
    places: Mapping[Path_, tuple[int, int]]
    path: Path_ = ()

    def take(self, key: str, read: Read, otherwise: Any = ...) -> Any:
        """A key's value, read; None, and a fault, where it is missing (unless there is an `otherwise`) or wrong."""
        if key not in self.values:
            if otherwise is ...:
                self.wrong(None, f"{key} is missing")
                return None
            return otherwise
        value = self.values.pop(key)
        try:
            return read(value)
        except Wrong as wrong:
            self.wrong(key, f"is {_shown(value)}, must be {wrong}")
            return None

    def table(self, key: str) -> TomlTable:
        """A table inside; an empty one, and a fault, where there is none."""
        found = self.take(key, _table)
        return self._inside(found or {}, key)

    def tables(self, key: str) -> list[TomlTable]:
        """The tables of a list, which may be missing."""
        return [self._inside(each, key, number) for number, each in enumerate(self.take(key, _tables, ()) or ())]

    def end(self) -> None:
        """All that is known was taken."""
        for key in self.values:
            self.wrong(key, "is not known here")

    def wrong(self, key: str | None, text: str) -> None:
        """Notes a fault of a key's value, or of the table."""
        place = self.place() if key is None else self.place(key)
        self.folder.faults.append(Fault(*place, text if key is None else f"{key} {text}"))

    def place(self, *keys: str | int) -> Place:
        """Where a key stands, or else the table that should have it."""
        path = (*self.path, *keys)
        while path not in self.places and len(path) > len(self.path):
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return self.file, line, column

    def _inside(self, values: dict[str, Any], *path: str | int) -> TomlTable:
        return TomlTable(self.folder, self.file, dict(values), self.places, (*self.path, *path))


# ---- how values are read --------------------------------------------------------------------------------------------


def words(limit: int) -> Read:
    """A text that says something."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= limit or "\0" in value:
            raise Wrong(f"a text of 1 to {limit} characters")
        return value.strip()

    return read


def code(value: Any) -> str:
    """An organisation's or programme's code."""
    if not isinstance(value, str) or not CODE.fullmatch(value) or len(value) > bounds.CODE:
        raise Wrong(f"capitals and digits, joined by . or -, at most {bounds.CODE} characters")
    return value


def codes(value: Any) -> list[str]:
    """A list of codes, each once."""
    if not isinstance(value, list) or len({*map(str, value)}) != len(value):
        raise Wrong("a list of codes, each once")
    return [code(each) for each in value]


def each_of(read: Read) -> Read:
    """A list of values of this kind, each once."""

    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list) or len({*map(str, value)}) != len(value):
            raise Wrong("a list, each once")
        return [read(each) for each in value]

    return read_all


def pattern(expression: str, wanted: str) -> Read:
    """A text of this form."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(expression, value, re.ASCII) or "\0" in value:
            raise Wrong(wanted)
        return value

    return read


def one_of(*known: str) -> Read:
    """One of these words."""

    def read(value: Any) -> str:
        if value not in known:
            raise Wrong(f"one of {', '.join(known)}")
        return str(value)

    return read


def whole(first: int, last: int) -> Read:
    """A whole number."""

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value, re.ASCII):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not first <= value <= last:
            raise Wrong(f"a whole number from {first} to {last}")
        return value

    return read


def degrees(first: float, last: float) -> Read:
    """Degrees with at most six decimals, a tenth of a metre."""

    def read(value: Any) -> float:
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,3}(\.\d{1,6})?", value, re.ASCII):
            raise Wrong("degrees such as 3.5294, with at most six decimals")
        if not first <= float(value) <= last:
            raise Wrong(f"degrees from {first} to {last}")
        return float(value)

    return read


def day(value: Any) -> date:
    """A day of the city."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date) or isinstance(value, datetime) or not bounds.EARLIEST <= value <= bounds.LATEST:
        raise Wrong("a day, YYYY-MM-DD")
    return value


def yes_or_no(value: Any) -> bool:
    """A truth value, as TOML writes it."""
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def maybe(read: Read) -> Read:
    """The same, or nothing."""
    return lambda value: None if value == "" else read(value)


# ---- how ------------------------------------------------------------------------------------------------------------


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("a table")
    return value


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Wrong("tables in double brackets")
    return value


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _places(text: str) -> Mapping[Path_, tuple[int, int]]:
    """Where each table and value stands, which tomllib does not tell; for keys at the beginning of a line."""
    places: dict[Path_, tuple[int, int]] = {}
    counts: Counter[Path_] = Counter()
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLES.match(line):
            name: Path_ = tuple(found[1].split("."))
            table = (*name, counts[name])
            counts[name] += 1
            places[table] = number, found.start(1) + 1
        elif found := _TABLE.match(line):
            table = tuple(found[1].split("."))
            places[table] = number, found.start(1) + 1
        elif found := _KEY.match(line):
            places[(*table, found[1])] = number, found.end() + 1
    return places
