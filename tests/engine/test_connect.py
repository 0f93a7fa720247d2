"""A database that cannot be used is explained in one sentence, without its password."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.database import DatabaseProblem, DatabaseUnavailable, Pool, connect, embedded, is_away


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("postgresql://a:rahasia@127.0.0.1:1/kota", DatabaseUnavailable, "kota at 127.0.0.1:1 cannot be reached"),
        ("postgresql://a:rahasia@no-such-host.invalid/kota", DatabaseUnavailable, "cannot be reached"),
        ("mysql://a:rahasia@127.0.0.1/kota", DatabaseProblem, "DATABASE_URL is not understood"),
        ("postgresql://a:rahasia@127.0.0.1:notaport/kota", DatabaseProblem, "DATABASE_URL is not understood"),
    ],
)
async def test_a_wrong_address_is_explained_without_its_password(url: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as problem:
        await connect(url)
    assert "rahasia" not in str(problem.value)


async def test_the_database_is_the_postgresql_that_the_suite_was_given(pool: Pool) -> None:
    (row,) = await pool.fetch("SELECT current_setting('server_version_num')::int / 10000 AS major")
    assert row["major"] == int(os.environ.get("POSTGRES_MAJOR", embedded.VERSION))


async def test_a_machine_without_files_left_does_not_blame_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_files_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("asyncpg.connect", no_files_left)
    with pytest.raises(OSError, match="Too many open files") as fault:
        await connect("postgresql://a:rahasia@127.0.0.1/kota")
    assert not is_away(fault.value)


async def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    with pytest.raises(DatabaseProblem, match=r"no_such.*does not exist"):
        await connect(urlsplit(database_url)._replace(path="/no_such").geturl())


async def test_a_wrong_password_is_told_from_an_unknown_address(tmp_path: Path) -> None:
    database = await asyncio.to_thread(embedded.start, tmp_path / "postgres", settings={"fsync": "off"})
    rules = database.folder / "pg_hba.conf"
    rules.write_text("local all kota scram-sha-256\n" + rules.read_text())
    administrator = await connect(database.url)
    await administrator.execute("CREATE ROLE kota LOGIN PASSWORD 'benar'")
    await administrator.execute("SELECT pg_reload_conf()")
    await administrator.close()
    address = database.url.replace("postgres@", "kota:{}@")
    async with asyncio.timeout(5):
        while await lets_in(address.format("salah")):  # the new rules are read a moment later
            await asyncio.sleep(0)
    with pytest.raises(DatabaseProblem, match="refuses the user or the password") as problem:
        await connect(address.format("salah"))
    assert "salah" not in str(problem.value)
    await (await connect(address.format("benar"))).close()
    assert await asyncio.to_thread(database.stop)


async def test_a_postgres_that_is_too_old_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.database.connection.OLDEST_VERSION", 99)
    with pytest.raises(DatabaseProblem, match=rf"is PostgreSQL {embedded.VERSION}.*; version 99 or newer is needed"):
        await connect(database_url)


async def lets_in(url: str) -> bool:
    try:
        connection = await connect(url)
    except DatabaseProblem:
        return False
    await connection.close()
    return True
