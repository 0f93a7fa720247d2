"""Other people's tools find nothing: Relay's compiler, store and rules, Apollo's cache, urql's, the code generator."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.npm import NODE, clients
from tests.system.conftest import City, Office
from tests.system.people import Person

pytestmark = pytest.mark.exhaustive
SCHEMA = Path(__file__).parents[2] / "schema.graphql"
RELAY = {
    "src": ".",
    "schema": "schema.graphql",
    "language": "javascript",
    "artifactDirectory": "__generated__",
    "excludes": ["**/node_modules/**", "**/__generated__/**"],
}

# What Relay's rules find in the schema and is so on purpose, each with the reason.
ANSWERED = {
    (
        "relay-arguments",
        "Subscription.inboxChanged",
    ): "a state is told by its first page; a query turns it",
    ("relay-edge-types", "InboxItemEdge"): "what waits is reckoned for its viewer and not stored: no id finds it again",
    ("relay-edge-types", "TargetOwnerEdge"): "a span of a target's own history: nobody refers to it",
}


async def run(*arguments: str | Path, cwd: Path) -> tuple[int, str, str]:
    """A script of Node's: its exit code, what it printed, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        NODE, *arguments, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def lines(*arguments: str | Path, cwd: Path) -> list[dict[str, Any]]:
    """What a script found, line by line."""
    code, said, complained = await run(*arguments, cwd=cwd)
    found = [json.loads(line) for line in said.splitlines()]
    assert (code, complained) == (0, ""), (found, complained)
    return found


async def test_relays_rules_find_nothing_but_what_is_answered_for() -> None:
    *found, rules = await lines("schema_rules.mjs", SCHEMA, cwd=clients())
    assert len(rules["rules"]) == 4
    assert {(each["rule"], each["place"]) for each in found} == set(ANSWERED)
    assert len(found) == len(ANSWERED)


async def test_the_code_generator_makes_types_that_are_strict_and_compile(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(clients() / "node_modules")
    (end,) = await lines("codegen.mjs", SCHEMA, tmp_path, cwd=clients())
    assert end["files"] == 5


@pytest.fixture
async def person(city: City, office: Office) -> Person:
    """A camat with five tasks, of which the first is under way."""
    camat = await office.camat(await city.serve())
    made = [
        await camat.do("createTask", "task { id }", organisation={"code": office.code}, title=f"Kerja {letter}")
        for letter in "ABCDE"
    ]
    started = {"taskId": made[0]["task"]["id"]}
    await camat.do("startTask", "task { id }", **started)
    await camat.do("reportProgress", "task { id }", **started, progress=10)
    return camat


async def told(person: Person, office: Office) -> str:
    """What a script is to know."""
    tasks = await person.ask(
        "query($code: String!) { tasks(filter: {organisation: {code: {eq: $code}}, status: {eq: IN_PROGRESS}}) "
        "{ nodes { id } } }",
        code=office.code,
    )
    return json.dumps(
        {
            "url": f"{person.server.url}/graphql",
            "token": person.token,
            "code": office.code,
            "taskId": tasks["tasks"]["nodes"][0]["id"],
            "after": person.position,
            "schema": str(SCHEMA),
        }
    )


async def test_relays_compiler_takes_the_schema_and_no_change_corrupts_its_store(
    person: Person, office: Office, tmp_path: Path
) -> None:
    place = shutil.copytree(clients() / "relay", tmp_path / "relay")
    (place / "node_modules").symlink_to(clients() / "node_modules")
    (place / "__generated__").mkdir()
    shutil.copy(SCHEMA, place / "schema.graphql")
    (place / "relay.config.json").write_text(json.dumps(RELAY))
    compiler = place / "node_modules" / "relay-compiler" / "cli.js"
    code, said, complained = await run(compiler, "relay.config.json", cwd=place)
    assert code == 0, said + complained
    assert "warn" not in (said + complained).lower()
    (end,) = await lines("store.js", await told(person, office), cwd=place)
    assert end["heard"] == 2


@pytest.mark.parametrize(("script", "end"), [("apollo.mjs", {"rows": 4}), ("graphcache.mjs", {"rows": 4, "heard": 1})])
async def test_a_cache_pages_a_list_takes_back_what_was_refused_and_warns_of_nothing(
    script: str, end: dict[str, int], person: Person, office: Office
) -> None:
    assert await lines(script, await told(person, office), cwd=clients()) == [end]
