"""HTTP streaming: one operation, one response that goes on, as events or as parts (live/framing.py)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

from starlette.types import Receive, Scope
from starlette.types import Send as SendMessage

from server.auth.token_limits import Allowance
from server.live.ends import End, SignIn, Stream, Streams
from server.live.framing import Framing
from server.live.hub import Ended
from server.live.operation import Live, RunningOperation
from server.live.protocol import StreamedOperation
from server.text import Language, sentence

log = logging.getLogger(__name__)


class EventStreams:
    """Answers one operation as a stream; web/graphql.py has read and identified the request."""

    def __init__(
        self, live: Live, streams: Streams, *, keep_alive_seconds: float = 15.0, send_seconds: float = 30.0
    ) -> None:
        self.live = live
        self.streams = streams
        self.keep_alive_seconds = keep_alive_seconds
        self.send_seconds = send_seconds

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: SendMessage,
        operation: StreamedOperation,
        sign_in: SignIn,
        framing: Framing,
    ) -> None:
        """Until the operation completes, the client goes, or the stream must end."""
        stream = self.streams.open()
        language = self.live.outside.language(_header(scope, b"accept-language"))
        after = _header(scope, b"last-event-id") or None
        since = self.live.reader.position
        try:
            # It was identified before its body was read: what was revoked meanwhile is asked for once more.
            still = await self.live.outside.still(sign_in)
            if still is None:
                stream.finish(End.REVOKED)
            else:
                await self.streams.identified(stream, still, since)
            left: Allowance | None = scope.get("state", {}).get("allowance")  # as web/identity.py has taken it
            run = self.live.run(operation, still or sign_in, language, after, left)
            await _Writer(self, send, stream, language, framing).write(run, receive)
        finally:
            self.streams.close(stream)


class _Writer:
    """One stream."""

    def __init__(
        self, endpoint: EventStreams, send: SendMessage, stream: Stream, language: Language, framing: Framing
    ) -> None:
        self.framing = framing
        self.endpoint = endpoint
        self.send = send
        self.stream = stream
        self.language = language
        self.writing = asyncio.Lock()

    async def write(self, run: RunningOperation, receive: Receive) -> None:
        await self.send({"type": "http.response.start", "status": 200, "headers": self.framing.headers})
        await self.send({"type": "http.response.body", "body": self.framing.opening, "more_body": True})
        answering = asyncio.create_task(self._answers(run))
        others = (self._keep_alive(), _gone(receive), self.stream.ended.wait())
        tasks = [answering, *map(asyncio.ensure_future, others)]
        try:
            await asyncio.wait([answering, *tasks[2:]], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if answering.cancelled() and self.stream.end is None:
            return  # the client is gone
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(2):
                await self._end()

    async def _answers(self, run: RunningOperation) -> None:
        if self.stream.ended.is_set():
            return  # before anything was asked of the database
        try:
            async with aclosing(run.answers()) as answers:
                async for answer in answers:
                    if self.stream.ended.is_set():
                        return
                    await self._write(self.framing.next(answer.json, answer.cursor))
        except Ended as ended:
            self.stream.finish(ended.end)
        except TimeoutError:
            self.stream.finish(End.BEHIND)
        except OSError:
            pass  # the client is gone
        except Exception:
            log.exception("an event stream failed")
            self.stream.finish(End.FAULT)

    async def _keep_alive(self) -> None:
        try:
            while True:
                await asyncio.sleep(self.endpoint.keep_alive_seconds)
                await self._write(self.framing.keep_alive)
        except TimeoutError:
            self.stream.finish(End.BEHIND)

    async def _write(self, chunk: bytes) -> None:
        if not chunk:
            return
        async with self.writing, asyncio.timeout(self.endpoint.send_seconds):
            await self.send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _end(self) -> None:
        """Said and done: `complete`. Signed out: an error, then `complete`: coming back is of no use. For any other
        reason the stream just breaks off, which clients answer by coming back: to them `complete` is the end for good.
        """
        end = self.stream.end
        last = self.framing.complete if end is None else b""
        if end is End.REVOKED:
            text = sentence(self.language, "problem", "signed_out")
            error = {"message": text, "extensions": {"code": "UNAUTHENTICATED"}}
            last = self.framing.refusal(error) + self.framing.complete
        await self.send({"type": "http.response.body", "body": last, "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _header(scope: Mapping[str, Any], name: bytes) -> str | None:
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key == name), None)
