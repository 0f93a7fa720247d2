"""A real installation's first steps, as an administrator takes them, and what is said when one goes wrong."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.bay import FOLDER
from tests.system.conftest import OwnCity
from tests.system.people import sign_in
from tests.system.processes import run, until

PASSWORD = "gotong-royong-2026"


@pytest.mark.parametrize(
    ("city", "organisation", "name", "kecamatan"),
    [("medan", "DISKOMINFO", "Kota Medan", 21), (str(FOLDER), "BAPPEDA", "Kota Teluk Biru", 3)],
    ids=["medan", "another"],
)
async def test_an_empty_machine_becomes_an_installation_that_its_administrator_signs_in_to(
    own_folder: OwnCity, city: str, organisation: str, name: str, kecamatan: int
) -> None:
    """Of the city that comes with the program, and of one whose folder somebody else wrote."""
    folder = ("--data-dir", str(own_folder.data_dir))
    # While it serves, every command finds PostgreSQL running.
    server = await own_folder.serve("serve")
    migrated = await asyncio.to_thread(run, *folder, "migrate")
    assert migrated.stdout == "The database is up to date.\n", migrated.stderr
    loaded = await asyncio.to_thread(run, *folder, "city", "load", city)
    assert loaded.returncode == 0, loaded.stderr
    create = ("account", "create", "admin", "--name", "Siti Rahma", "--organisation", organisation)
    created = await asyncio.to_thread(run, *folder, *create)
    assert created.returncode == 0, created.stderr
    link = re.search(r"^/auth/password#(\S+)$", created.stdout, re.MULTILINE)
    assert link, created.stdout

    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/auth/password", headers={"accept": "text/html"})
        assert page.status_code == 200
        done = await client.post("/auth/password", json={"link": link[1], "password": PASSWORD})
        assert done.json() == {"login": "admin"}, done.text
        again = await client.post("/auth/password", json={"link": link[1], "password": PASSWORD})
        assert again.status_code in (401, 422), again.text
        for login, password in (("admin", "demo"), ("walikota", "demo"), ("sekda", PASSWORD)):
            refused = await client.post("/auth/sign-in", json={"login": login, "password": password})
            assert refused.status_code == 401, refused.text
    # Cases are for nobody yet, and nobody is there who could confirm anybody.
    for told, code in (("admin has case access.\n", 0), ("account: The account has case access already.\n", 1)):
        confirmed = await asyncio.to_thread(run, *folder, "confirm-case-access", "admin")
        assert (confirmed.stdout or confirmed.stderr, confirmed.returncode) == (told, code)
    admin = await sign_in(server, "admin", PASSWORD)
    found = await admin.ask(
        "{ viewer { role } organisations(filter: {kind: {eq: KECAMATAN}}) { totalCount } city { name } }"
    )
    assert found == {
        "viewer": {"role": "ADMIN"}, "organisations": {"totalCount": kecamatan}, "city": {"name": name},
    }  # fmt: skip


async def test_the_demo_year_is_served_in_demo_mode_only(own_city: OwnCity) -> None:
    folder = ("--data-dir", str(own_city.data_dir))
    refused = await asyncio.to_thread(run, *folder, "serve", "--port", "0")
    assert refused.returncode == 1
    assert "this database holds the demo year, whose accounts have a known password" in refused.stderr
    assert "Traceback" not in refused.stderr
    await sign_in(await own_city.serve("serve", "--demo"), "walikota")


async def test_an_administrator_sees_what_a_document_becomes(own_city: OwnCity, tmp_path: Path) -> None:
    document = tmp_path / "list.graphql"
    document.write_text("query List($n: Int) { tasks(first: $n) { totalCount nodes { title organisation { name } } } }")
    command = ("--data-dir", str(own_city.data_dir), "explain", str(document))
    asked = await asyncio.to_thread(run, *command, "--as", "walikota", "--variables", '{"n": 3}', "--analyze")
    assert asked.returncode == 0, asked.stderr
    assert re.search(r"^-- \d+ rows may be read, of at most \d+; [1-9]\d* were$", asked.stdout, re.MULTILINE)
    assert "-- tasks\nSELECT" in asked.stdout
    assert "-- tasks: count\nSELECT" in asked.stdout
    assert "actual time" in asked.stdout
    stranger = await asyncio.to_thread(run, *command, "--as", "nobody")
    assert (stranger.returncode, stranger.stderr) == (1, "kolaborasi: there is no active account 'nobody'\n")


async def test_what_goes_wrong_at_the_start_is_said_in_a_sentence(own_folder: OwnCity) -> None:
    folder = ("--data-dir", str(own_folder.data_dir))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command, told in (
            (("serve", "--port", port), f"cannot listen on 127.0.0.1 port {port}: Address already in use"),
            (("demo", "--host", "0.0.0.0"), "Demo accounts have known passwords and would be reachable by others"),
            (("serve", "--demo", "--host", "0.0.0.0"), "--allow-demo-network allows that"),
            (("city", "load", "atlantis"), "there is no city 'atlantis'; there are: medan"),
        ):
            said = await asyncio.to_thread(run, *folder, *command)
            assert said.returncode == 1
            assert said.stderr.startswith("kolaborasi: ")
            assert told in said.stderr
            assert "Traceback" not in said.stderr
    unreachable = await asyncio.to_thread(run, "migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert unreachable.returncode == 1
    assert "127.0.0.1" in unreachable.stderr
    assert "Traceback" not in unreachable.stderr


async def test_a_program_of_a_fresh_city_is_given_its_token_on_the_machine(own_folder: OwnCity) -> None:
    folder = ("--data-dir", str(own_folder.data_dir))
    server = await own_folder.serve("serve")

    async def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, *folder, *arguments)

    async def answer(secret: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {secret}"}) as client:
            asked = "{ viewer { account { login } organisation { code } token { name scopes } } }"
            return await client.post("/graphql", json={"query": asked})

    assert (await command("city", "load", "medan")).returncode == 0
    create = ("token", "create", "sinkron-dlh")
    unknown = await command(*create)
    assert (unknown.returncode, unknown.stdout, unknown.stderr) == (1, "", "login: It was not found.\n")
    made = await command(*create, "--organisation", "DLH", "--name", "Sinkron malam", "--scopes", "TASKS_WRITE")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert (await answer(secret)).json()["data"]["viewer"] == {
        "account": {"login": "sinkron-dlh"},
        "organisation": {"code": "DLH"},
        "token": {"name": "Sinkron malam", "scopes": ["READ", "TASKS_WRITE"]},
    }
    assert (await command(*create, "--days", "1")).returncode == 0
    third = await command(*create)
    assert (third.returncode, third.stderr) == (1, "accountId: The limit is reached: 2.\n")
    listed = (await command("token", "list")).stdout.splitlines()
    assert len(listed) == 2
    assert all("  sinkron-dlh  " in line for line in listed)
    assert secret not in "".join(listed)
    (line,) = (each for each in listed if "READ,TASKS_WRITE" in each)
    ended = await command("token", "revoke", line.split()[0])
    assert ended.stdout == f"{line.split()[0]} is revoked.\n"
    again = await command("token", "revoke", line.split()[0])
    assert again.returncode == 1

    async def is_revoked() -> bool:
        return (await answer(secret)).status_code == 401

    await until(is_revoked)
    assert "revoked" in (await command("token", "list")).stdout
    not_one = await command("token", "revoke", "acct_01jd0000000000000000000000")
    assert "is no token's id" in not_one.stderr
