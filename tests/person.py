"""Somebody of the small city, who asks, acts and watches; and what the witness thinks of a watcher."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.process import Site
from tests.verbs import ERRORS, LISTS, change_of, own_fields, payload_of, watched_of
from tests.watching import EventStream, Refusal, Socket, Watcher, until

if TYPE_CHECKING:
    from tests.city import City

Json = dict[str, Any]


def to_the_second(found: Any) -> Any:
    """Without what the city's clock ticks between two looks at it."""
    return json.loads(re.sub(r"(T\d\d:\d\d:\d\d)\.\d+", r"\1", json.dumps(found)))


class Person:
    """Somebody who signed in. Everything is done at `city.site` unless another process is named (`at`)."""

    def __init__(self, city: City, token: str, account: Json) -> None:
        self.city = city
        self.token = token
        self.id: str = account["id"]
        self.login: str = account["login"]
        self.name: str = account["name"]
        self.organisation_id: str = account["organisation"]["id"]
        self.organisation: str = account["organisation"]["code"]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    # ---- ask ------------------------------------------------------------------------------------------------------

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, at: Site | None = None, **headers: str
    ) -> Json:
        """The whole answer to a POST on /graphql, errors and all."""
        async with (at or self.city.site).client(**self.headers, **headers) as client:
            answer = await client.post("/graphql", json={"query": query, "variables": variables or {}})
        self.city.answers.append(answer.text)
        found: Json = answer.json()
        return found

    async def query(self, query: str, *, at: Site | None = None, **variables: Any) -> Json:
        """The data of a query that must work; for one root field that is {field: value}."""
        answer = await self.ask(query, variables, at=at)
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def position(self) -> str:
        """A cursor of the log: everything so far lies before it."""
        await self.city.settled()
        cursor: str = (await self.ask("{ __typename }"))["extensions"]["position"]
        return cursor

    # ---- act ------------------------------------------------------------------------------------------------------

    async def attempt(
        self, verb: str, input: Mapping[str, Any], selection: str | None = None, *, at: Site | None = None
    ) -> Json:
        """The payload of a verb, done or refused, after the witness has looked at it."""
        payload, input_type = payload_of(verb)
        selection = own_fields(payload) if selection is None else selection
        document = (
            f"mutation($input: {input_type}) {{ {verb}(input: $input) {{ {selection}"
            f" witness: event {{ id type }} isReplay isDryRun isUnchanged {ERRORS} }} }}"
        )
        answer = await self.ask(document, {"input": input}, at=at)
        assert "errors" not in answer, answer["errors"]
        found: Json = answer["data"][verb]
        await self.city.witness(verb, input, found)
        return found

    async def mutate(
        self, verb: str, input: Mapping[str, Any], selection: str | None = None, *, at: Site | None = None
    ) -> Json:
        """The payload of a verb that must work. `selection` of its own fields; default: the object's id and version."""
        payload = await self.attempt(verb, input, selection, at=at)
        assert not payload["errors"], payload["errors"]
        return payload

    async def refused(self, verb: str, input: Mapping[str, Any], *, at: Site | None = None) -> Json:
        """The one error of a verb that must be refused."""
        payload = await self.attempt(verb, input, at=at)
        assert payload["errors"], f"{verb} was not refused"
        (error,) = payload["errors"]
        found: Json = error
        return found

    # ---- watch ----------------------------------------------------------------------------------------------------

    async def watch(
        self,
        field: str,
        *,
        filter: Mapping[str, Any] | None = None,
        after: str | None = None,
        node: str | None = None,
        over: str = "socket",
        on: Socket | None = None,
        at: Site | None = None,
        **headers: str,
    ) -> Watcher:
        """Follow a `…Changed` or `events`; returns once what happens now is told.

        `node`: the selection on the row (on the event itself for `events`); `over`: "socket" (a new one, or that one
        given as `on`) or "sse".
        Raises Refusal when the server refuses the subscription.
        """
        city, site = self.city, at or self.city.site
        await site.knows(await city.last_position())
        selection, types = change_of(field, node)
        query = (
            f"subscription($filter: {types['filter']}, $after: {types['after']})"
            f" {{ {field}(filter: $filter, after: $after) {selection} }}"
        )
        variables = {"filter": filter, "after": after}
        hub = site.installation.hub
        before = len(hub)
        if over == "sse":
            stream = EventStream(site.app, field, query, variables, {**self.headers, **headers})
            city.wires.append(stream)
            watcher = stream.watcher
        else:
            socket = on or await self.socket(at=site)
            watcher = socket.subscribe(field, query, variables)
        await until(lambda: len(hub) > before or watcher.is_ended, what=f"{field} is watched")
        if watcher.errors:
            raise Refusal(watcher.errors)
        assert not watcher.is_ended, watcher.wire.end
        watched = Watched(self, watcher, filter, node, site, await self._view(field, filter, node, site, after))
        city.watched.append(watched)
        return watcher

    async def socket(self, *, at: Site | None = None, **payload: str) -> Socket:
        """A new WebSocket of this person's, signed in; the test's end closes it."""
        socket = Socket((at or self.city.site).app)
        self.city.wires.append(socket)
        return await socket.sign_in(self.token, **payload)

    async def _view(
        self, field: str, filter: Mapping[str, Any] | None, node: str | None, site: Site, after: str | None
    ) -> dict[str, Json] | None:
        if field not in LISTS or after is not None:
            return None
        has_rows = await self.city.rows(_HAS_ROWS)
        return await self.listed(field, filter, node, site) if has_rows[0]["any"] else {}

    async def listed(
        self, field: str, filter: Mapping[str, Any] | None, node: str | None, site: Site
    ) -> dict[str, Json]:
        """What a subscription's list holds now, by id."""
        name = LISTS[field]
        wanted = watched_of(field) if node is None else node
        query = (
            f"query($filter: {change_of(field, node)[1]['filter']})"
            f" {{ {name}(filter: $filter, first: 200) {{ nodes {{ id {wanted} }} }} }}"
        )
        nodes = (await self.query(query, at=site, filter=filter))[name]["nodes"]
        return {each["id"]: each for each in nodes}


_HAS_ROWS = (
    "SELECT EXISTS (SELECT FROM work_plan) OR EXISTS (SELECT FROM task)"
    " OR EXISTS (SELECT FROM collaboration_request) OR EXISTS (SELECT FROM escalation) AS any"
)


class Watched:
    """A watcher under the witness's eyes."""

    def __init__(
        self,
        person: Person,
        watcher: Watcher,
        filter: Mapping[str, Any] | None,
        node: str | None,
        site: Site,
        view: dict[str, Json] | None,
    ) -> None:
        self.person, self.watcher, self.filter, self.node, self.site = person, watcher, filter, node, site
        self.view = view

    async def confirm(self) -> None:
        """Old view + what was told = a fresh query; and nothing was told twice or out of order."""
        seal = self.site.installation.seal
        places = [seal.open(told["cursor"]).position for told in self.watcher.told]
        assert places == sorted(set(places)), f"{self.watcher.field} told something twice or out of order"
        if self.watcher.is_ended or self.watcher.field not in LISTS:
            return
        view = dict(self.view or {})
        gone = set()
        for change in self.watcher.told:
            if change["kind"] in ("CREATED", "UPDATED"):
                if self.view is not None:
                    assert (change["kind"] == "UPDATED") == (change["nodeId"] in view), (
                        f"not {change['kind']}: {change}"
                    )
                view[change["nodeId"]] = change["node"]
                gone.discard(change["nodeId"])
            else:
                assert self.view is None or change["nodeId"] in view, (
                    f"{change['kind']}, but it was not there: {change}"
                )
                assert (change["node"] is None) == (change["kind"] == "REMOVED"), change
                view.pop(change["nodeId"], None)
                gone.add(change["nodeId"])
        fresh = await self.person.listed(self.watcher.field, self.filter, self.node, self.site)
        if self.view is None:
            assert not gone & fresh.keys(), f"{self.watcher.field} took away what is there"
            fresh = {id_: node for id_, node in fresh.items() if id_ in view}
        assert view == fresh, f"{self.watcher.field} of {self.person.login}: the old view and the changes give another"
