"""What the house asks of every room: sizes, twins of names, and one place that writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.rules.aggregate import Aggregate
from server.rules.aggregates import DECLARED

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server"

# The modules of server/rules whose aggregates are not exempt from having twins.
AGGREGATES = {
    Path(place).stem for place, each in DECLARED if isinstance(each, Aggregate) and "twins" not in each.exempt
}

# Modules of the domain rooms that are no aggregate, and why they need no twin.
ALONE = {
    "rules": {
        "refusal", "lifecycle", "viewer", "visibility", "workdays", "bounds", "permission", "change",
        "aggregate", "aggregates",  # how an aggregate says what it is, and all of them
        "achievement", "trajectory", "report", "tally",  # what a target's readings come to, and which are owed
        "kept_day",  # what the clock alone changes of a row
        "city",  # loaded from data; of its days holiday.py
        "holiday",  # the part of the city that verbs change
        "sweep",  # what the clock alone does to others
        "comment", "amendment", "measurement", "appointment", "evidence",  # parts of a task, a target, an organisation
        "task_content", "target_content",  # what these say, beside how they go
        "event",  # events are written by verbs and have none of their own
        "clock", "clock_change", "due_clocks", "office",  # deadlines of whatever has them, and who must act when
        "stretch", "disabled",  # times, as these count them, and those in which an account was disabled
        "eligibility", "decision", "follow_up", "delegation", "person",  # parts of an escalation
        "escalation_facts", "reply_clock", "case_term",  # what is known of a case, and by what its clocks count
        "case_access",  # an account's own
        "legal_basis",  # data, as the city is
        "task_support", "task_waits",  # for a blocked task, and what tasks wait for
        "inbox", "inbox_clock", "inbox_tasks", "helpfulness",  # read from other things, changed by no verb
        "fact",  # where the facts of the others stand
        "deprecation",  # who uses what is to go
        "owner",  # who keeps the others
        "wait",  # read from tasks and requests
        "filing",  # what a case is filed on, beside the request's record
        "bulk",  # many rows of whatever they are
        "external_id",  # of whatever has one
        "status_day",  # what is kept of the board
        "folding", "search",  # how texts are compared, and found by their words
    },
    "models": {
        "fields", "city", "event", "idempotency",
        "declared",  # whether the tables are as the rules declare them
        "sweep",  # when it last looked
        "counter", "status_day",  # how many there are of others, and were as a day ended
        "words",  # by which others are found
        "deprecation",  # who uses what is to go
    },
    "actions": {
        "transaction", "rows", "facts",
        "audience",  # who may read an event
        "entry",  # what an event says
        "check", "recount",  # the recount
        "figures",  # what is kept of a target's readings
        "counting",  # what transaction.py keeps beside the tasks
        "city",  # the clock and the facts by which its days are counted
        "holiday", "sweep", "sweep_kinds",
        "sign_in", "sign_in_attempts",  # what is done at the door, no verb of the API
        "amendment", "measurement", "appointment", "task_content",
        "waiting",  # what task waits for what
        "inbox",  # reads what waits for a viewer
        "wait",  # reads who waits for whom
        "decision", "follow_up", "delegation", "person",  # parts of an escalation
        "case_access",  # an account's own
        "many",  # a verb on many things at once
        "hand",  # what every verb has in hand
        "at_once",  # a verb in one statement
        "bulk", "gathering",  # a verb on many rows, and the transaction that reads and writes them together
        "texts", "words",  # what is kept of others' texts
        "viewer",  # an account as whoever asks
        "deprecation",  # keeps who uses what is to go
        "status_day",  # keeps how a day ended
        "reaction",  # what the system does in the wake of an event
    },
    "schema": {
        "inbox", "node", "connection", "filters", "scalars", "errors", "enums", "mutation", "allowed_action", "change",
        "arguments",  # of an action, from its input
        "faults",  # of a verb's input
        "input",
        "keys",  # how an input names what has a code
        "bulk",  # what verbs on many rows take and answer
        "declared",  # whether the schema is as the rules declare it
        "summary", "event", "city",
        "status_board", "status_day", "groups",  # made of the others
        "context",  # what verbs and resolvers may use
        "live",  # any query, again and again
        "clock",  # deadlines of whatever has them
        "deprecation",  # who uses what is to go
        "labels", "field_change",  # what people call enums, verbs, fields and what is in them
        "helpfulness",  # counted from requests
        "owner",  # who keeps a plan, a target, a task
        "wait",  # read from tasks and requests
        "eligibility",  # shown on a request, and in a refusal
        # The inputs, payloads and mutations beside the types.
        "city_verbs", "account_verbs", "organisation_verbs", "work_plan_verbs", "target_verbs", "task_verbs",
    },
}  # fmt: skip
# The names that Tortoise asks for.
IDIOMS = {"Meta", "Migration"}

# Longer than 400 lines, with the reason. Test and generated files are not counted.
LONG: dict[str, str] = {}

# Who may hold SQL that writes.
WRITERS = {
    "actions/transaction.py",
    "actions/at_once.py",  # the same in one statement
    "actions/gathering.py",  # the same of many rows, a statement for each table
    "actions/counting.py",  # what transaction.py adds to the kept counters at its end
    "actions/rows.py",  # the text of transaction.py's statements
    "actions/words.py",  # and of what is found by words
    "events/log.py",  # appends events inside transaction.py's statement
    "events/lasting.py",  # moves lasting positions, in the transaction that does their work
    "background/prune.py",
    "background/past_days.py",  # tables of its own, which nobody else sees
}
# Tables that `tx.keep` may write: bookkeeping that leaves no event.
BOOKKEEPING = {
    "account", "deprecated_use", "idempotency_key", "password_link", "reader_position", "sign_in", "sign_in_attempt",
    "status_day", "swept_until", "texts_kept", "last_act", "token",
}  # fmt: skip

WRITING_CALLS = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "execute", "executemany", "copy_records_to_table",
}  # fmt: skip
WRITING_SQL = re.compile(r"\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+(?!SKIP|OF\b|SET\b))\s*\"?(\w+)?", re.IGNORECASE)


def modules(room: str) -> set[str]:
    return {path.stem for path in (SERVER / room).glob("*.py")} - {"__init__"}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_listed_files_are_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(SERVER)): lines
        for path in SERVER.rglob("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 400
    }
    assert set(long) == set(LONG), f"split them or list them with a reason: {long}"


def test_what_make_check_leaves_out_is_there_and_has_a_reason() -> None:
    from tests.conftest import LONG as LEFT_OUT

    assert all((SERVER.parent / file).is_file() and reason for file, reason in LEFT_OUT.items())


@pytest.mark.parametrize("room", ALONE)
def test_every_aggregate_has_its_twin_in_every_room(room: str) -> None:
    lacks = AGGREGATES - modules(room)
    assert not lacks, f"write these in server/{room}, named as in server/rules: {sorted(lacks)}"


@pytest.mark.parametrize("room", ALONE)
def test_every_module_of_a_domain_room_is_an_aggregate_or_listed(room: str) -> None:
    # An aggregate may take several modules: task.py, task_content.py.
    own = {name for name in modules(room) for aggregate in AGGREGATES if f"{name}_".startswith(f"{aggregate}_")}
    strangers = modules(room) - own - ALONE[room]
    assert not strangers, (
        f"server/{room}: {sorted(strangers)} belong to no aggregate: say in ALONE why they stand alone"
    )


def test_a_class_name_has_one_meaning() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted(SERVER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            # A protocol may bear the name of the class that it describes for another room.
            if isinstance(node, ast.ClassDef) and not any("Protocol" in ast.unparse(base) for base in node.bases):
                found.setdefault(node.name, []).append(str(path.relative_to(SERVER).with_suffix("")))
    strangers = {
        name: places
        for name, places in found.items()
        if len(places) > 1 and not _are_twins(places) and name not in IDIOMS
    }
    assert not strangers, f"one name, one meaning: rename all but one of {strangers}"


def _are_twins(places: list[str]) -> bool:
    """Whether these are one thing in different domain rooms: what is decided, stored and said of it."""
    rooms = [place.partition("/")[0] for place in places]
    return len(rooms) == len(set(rooms)) and set(rooms) <= {"rules", "models", "schema"}


def test_actions_write_through_their_transaction_only() -> None:
    found = [
        f"{path.name}:{call.lineno} .{call.func.attr}()"
        for path in (SERVER / "actions").glob("*.py")
        if path.name not in ("transaction.py", "gathering.py", "hand.py", "rows.py")
        for call in calls(ast.parse(path.read_text()))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITING_CALLS
        and not (isinstance(call.func.value, ast.Name) and call.func.value.id == "tx")
    ]
    assert not found, "write with tx.create, tx.change, tx.change_all or tx.keep"


def test_sql_that_writes_stands_in_listed_modules_only() -> None:
    found = []
    for path in SERVER.rglob("*.py"):
        place = str(path.relative_to(SERVER))
        if place in WRITERS or "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        kept = {id(part) for call in calls(tree) if _is_keep(call) for part in ast.walk(call)}
        kept |= {id(part) for text in _named_texts(tree, kept) for part in ast.walk(text)}
        found += [
            f"{place}:{node.lineno}: {node.value.strip()[:60]}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in kept
            and re.match(r"\s*(WITH\b.*?\)\s*)?(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b", node.value, re.S)
        ]
    assert not found, found


def test_keep_writes_bookkeeping_tables_only() -> None:
    for path in (SERVER / "actions").glob("*.py"):
        tree = ast.parse(path.read_text())
        constants = _constants(tree)
        for call in calls(tree):
            # After an upgrade of the rules figures are other ones (recount.py), and more is kept of texts (texts.py),
            # though nothing happened.
            if not _is_keep(call) or path.name in ("transaction.py", "recount.py", "texts.py"):
                continue
            statement = call.args[0]
            if isinstance(statement, ast.Name):
                statement = constants.get(statement.id, statement)
            text = "".join(
                part.value
                for part in ast.walk(statement)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
            tables = {name for name in WRITING_SQL.findall(text) if name}
            assert tables, (
                f"{path.name}:{call.lineno}: keep's statement must be written out, or a constant of the module"
            )
            assert tables <= BOOKKEEPING, (
                f"{path.name}:{call.lineno}: {tables - BOOKKEEPING} leave events: use tx.change"
            )


def _is_keep(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "keep" and bool(call.args)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node.value
    return found


def _named_texts(tree: ast.Module, kept: set[int]) -> Iterator[ast.expr]:
    """The module constants that are handed to tx.keep by name."""
    constants = _constants(tree)
    for call in calls(tree):
        if _is_keep(call) and isinstance(call.args[0], ast.Name) and call.args[0].id in constants:
            yield constants[call.args[0].id]
