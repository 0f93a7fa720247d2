"""People of the demo city: they sign in over HTTP, ask and change over HTTP, and watch over sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

from tests.system.processes import Server

JSON = {"accept": "application/json", "accept-language": "en"}
_keys = itertools.count(1)

EVENTS = "subscription($after: Cursor) { events(after: $after) { id cursor type } }"
TASKS = """subscription($code: String!, $after: Cursor) {
  taskChanged(filter: {organisation: {code: {eq: $code}}}, after: $after) {
    kind cursor id: nodeId node { version progress status } event { id type }
  }
}"""
PLANS = """subscription($code: String!, $after: Cursor) {
  workPlanChanged(filter: {organisation: {code: {eq: $code}}}, after: $after) {
    kind cursor id: nodeId node { version status } event { id type }
  }
}"""


@dataclass
class Person:
    """Somebody signed in; the token is good at every process of the installation."""

    server: Server
    token: str
    refresh: str
    position: str = ""  # of the log, at the last answer

    @property
    def headers(self) -> dict[str, str]:
        return {**JSON, "authorization": f"Bearer {self.token}"}

    def at(self, server: Server) -> Person:
        """The same sign-in at another process."""
        return Person(server, self.token, self.refresh, self.position)

    async def post(self, source: str, **variables: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=15) as client:
            asked = {"query": source, "variables": variables}
            return await client.post(f"{self.server.url}/graphql", json=asked, headers=self.headers)

    async def ask(self, source: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.post(source, **variables)
        found = answer.json()
        assert answer.status_code == 200, answer.text
        assert not found.get("errors"), answer.text
        self.position = found["extensions"]["position"]
        data: dict[str, Any] = found["data"]
        return data

    async def do(self, verb: str, selection: str, **given: Any) -> dict[str, Any]:
        """The payload of a verb that is not refused."""
        payload: dict[str, Any] = (await self.ask(mutation(verb, selection), input=given))[verb]
        assert not payload["errors"], payload
        return payload

    async def sign_out(self) -> None:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{self.server.url}/auth/sign-out", headers=self.headers)
        assert answer.status_code == 204, answer.text


def mutation(verb: str, selection: str) -> str:
    """A document that calls one verb with `$input`."""
    return (
        f"mutation($input: {verb[0].upper()}{verb[1:]}Input!) {{ {verb}(input: $input) "
        f"{{ {selection} isReplay event {{ id cursor }} errors {{ code message path }} }} }}"
    )


async def sign_in(server: Server, login: str, password: str = "demo") -> Person:
    async with httpx.AsyncClient(timeout=15) as client:
        given = {"login": login, "password": password}
        answer = await client.post(f"{server.url}/auth/sign-in", json=given)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return Person(server, found["accessToken"], found["refreshToken"])


def client(person: Person, **settings: Any) -> Client:
    """A stock client over a socket."""
    transport = WebsocketsTransport(
        url=person.server.socket_url,
        init_payload={"authorization": f"Bearer {person.token}", "acceptLanguage": "en"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        close_timeout=2,
        **settings,
    )
    return Client(transport=transport)


class Watcher:
    """A stock client's subscription; `seen` holds what it was told over all its connections, in order."""

    def __init__(self, source: str, after: str, **variables: Any) -> None:
        self.source = source
        self.after = after
        self.variables = variables
        self.seen: list[dict[str, Any]] = []
        self.problem: BaseException | None = None

    @asynccontextmanager
    async def watching(self, person: Person) -> AsyncIterator[asyncio.Task[None]]:
        """Go on from the last cursor at this person's server; the task ends when the server cuts it off."""
        task = asyncio.create_task(self._watch(person))
        try:
            yield task
        finally:
            # Again until it has ended: gql loses a cancellation that comes while it closes a connection.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=1)
            if not task.cancelled():
                task.result()

    async def _watch(self, person: Person) -> None:
        request = GraphQLRequest(self.source, variable_values={**self.variables, "after": self.after})
        try:
            async with client(person) as session:
                async for data in session.subscribe(request):
                    (change,) = data.values()
                    assert change.get("event", change) is not None, change
                    self.seen.append(change)
                    self.after = change["cursor"]
        except (TransportError, OSError) as cut_off:
            self.problem = cut_off

    @property
    def event_ids(self) -> list[str]:
        """The events that it was told of, in that order."""
        return [change["event"]["id"] if "event" in change else change["id"] for change in self.seen]


def new_key() -> str:
    """An idempotency key that was not used before in this run."""
    return f"system-{next(_keys)}"
