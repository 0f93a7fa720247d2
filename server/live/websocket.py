"""The WebSocket at /graphql: reads frames, does what the protocol says; back-pressure by a bounded queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

from starlette.types import Receive, Scope
from starlette.types import Send as SendMessage
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.database import log_fault
from server.events.position import Mark
from server.live.ends import End, Stranger, Stream, Streams
from server.live.hub import Ended
from server.live.operation import Live, RunningOperation
from server.live.protocol import NO_SUBPROTOCOL, SUBPROTOCOL, Close, Identify, Send, ServerProtocol, Start, Step, Stop
from server.text import Language, constraint, sentence

BEFORE_OTHERS = 20  # messages of one socket that are taken before others have their turn
log = logging.getLogger(__name__)


class SocketEndpoint:
    """The ASGI application for WebSockets on /graphql."""

    def __init__(
        self,
        live: Live,
        streams: Streams,
        *,
        init_seconds: float = 10.0,
        heartbeat_seconds: int = 20,
        send_seconds: float = 30.0,
        max_operations: int = 100,
    ) -> None:
        """`init_seconds`: until connection_init must have come. `send_seconds`: for which one frame may be stuck."""
        self.live = live
        self.streams = streams
        self.init_seconds = init_seconds
        self.heartbeat_seconds = heartbeat_seconds
        self.send_seconds = send_seconds
        self.max_operations = max_operations

    async def __call__(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        websocket = WebSocket(scope, receive, send)
        with suppress(WebSocketDisconnect):  # gone before it was there
            if SUBPROTOCOL not in scope.get("subprotocols", ()):
                await websocket.accept()
                await websocket.close(NO_SUBPROTOCOL, f"Subprotocol not acceptable: use {SUBPROTOCOL}")
                return
            await websocket.accept(SUBPROTOCOL)
            await _Socket(self, websocket).serve()


class _Closing(Exception):
    """The socket is closed or about to be: what was to be written was not, and is sent when its client resumes."""


class _Socket:
    """One connection."""

    def __init__(self, endpoint: SocketEndpoint, websocket: WebSocket) -> None:
        self.endpoint = endpoint
        self.live = endpoint.live
        self.websocket = websocket
        self.protocol = ServerProtocol(
            max_operations=endpoint.max_operations, heartbeat_seconds=endpoint.heartbeat_seconds
        )
        self.stream: Stream = endpoint.streams.open()
        self.language: Language = "id"
        self.running: dict[str, tuple[RunningOperation, asyncio.Task[None]]] = {}
        self.closing: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.writing = asyncio.Lock()

    async def serve(self) -> None:
        """Until either side closes."""
        loops = (self._receive(), self._expect_init(), self._keep_alive(), self._follow_sign_in())
        receiving, *others = [asyncio.create_task(loop) for loop in loops]
        waited: list[asyncio.Future[Any]] = [receiving, self.closing]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            place = self._resume_from()
            tasks = [receiving, *others, *(task for _, task in self.running.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.endpoint.streams.close(self.stream)
        if self.closing.done():
            await self._close(self.closing.result(), place)

    # ---- loops ----------------------------------------------------------------------------------------------------

    async def _receive(self) -> None:
        count = 0
        while (message := await self.websocket.receive())["type"] != "websocket.disconnect":
            count += 1
            if count % BEFORE_OTHERS == 0:  # while messages wait, taking and answering them waits for nothing
                await asyncio.sleep(0)
            frame = message.get("text")
            try:
                await self._do(self.protocol.receive(message.get("bytes") or b"" if frame is None else frame))
            except _Closing:
                continue  # `serve` is about to end this, or to hear that the client has gone
            except Exception:
                log.exception("a socket's message failed")
                self._finish(End.FAULT)

    async def _expect_init(self) -> None:
        await asyncio.sleep(self.endpoint.init_seconds)
        await self._do(self.protocol.init_timed_out())

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self.endpoint.heartbeat_seconds)
            await self._do([self.protocol.ping()])

    async def _follow_sign_in(self) -> None:
        await self.stream.ended.wait()
        assert self.stream.end is not None
        self._finish(self.stream.end)

    async def _run(self, id_: str, run: RunningOperation) -> None:
        """One operation to its end; what it says is told in the protocol's words."""
        try:
            async with aclosing(run.answers()) as answers:
                async for answer in answers:
                    if not answer.json:
                        continue  # it watches: this protocol has no word for that
                    if answer.errors:
                        await self._write(self.protocol.error(id_, *answer.errors))
                        return
                    await self._write(self.protocol.next(id_, answer.json))
            await self._write(self.protocol.complete(id_))
        except Ended as ended:
            self._finish(ended.end)
        except _Closing:
            pass  # the receiving loop hears it as well
        except Exception:
            log.exception("an operation's answer could not be sent")
            self._finish(End.FAULT)
        finally:
            if not self.closing.done():  # else its place is still asked for
                self._forget(id_)

    # ---- steps ----------------------------------------------------------------------------------------------------

    async def _do(self, steps: Iterable[Step]) -> None:
        for step in steps:
            match step:
                case Send():
                    await self._write(step)
                case Close():
                    self._end(step)
                case Identify(authorization, accept_language):
                    await self._identify(authorization, accept_language)
                case Start() if self.stream.ended.is_set():
                    raise _Closing  # signed out, or about to close for another reason
                case Start(id_, operation):
                    assert self.stream.sign_in is not None
                    left = self.live.outside.limit(self.stream.sign_in)
                    if left is not None and (refused := self.protocol.allow(id_, left)):
                        await self._do(refused)
                        continue
                    run = self.live.run(operation, self.stream.sign_in, self.language, left=left)
                    self.running[id_] = run, asyncio.create_task(self._run(id_, run))
                case Stop(id_):
                    if (running := self.running.pop(id_, None)) is not None:
                        running[1].cancel()

    async def _identify(self, authorization: str | None, accept_language: str | None) -> None:
        outside = self.live.outside
        self.language = outside.language(accept_language or self.websocket.headers.get("accept-language"))
        self.protocol.say = partial(sentence, self.language, "problem")
        self.protocol.bound = partial(constraint, self.language)
        since = self.live.reader.position
        try:
            sign_in = await outside.identify(self.websocket.scope, authorization)
        except Stranger as stranger:
            await self._do(self.protocol.refuse(stranger.key, **stranger.facts))
            return
        except Exception as fault:
            is_away = log_fault(log, "a socket could not be identified", fault)
            self._finish(End.NO_DATABASE if is_away else End.FAULT)
            return
        await self.endpoint.streams.identified(self.stream, sign_in, since)
        await self._do(self.protocol.acknowledge())

    async def _write(self, step: Send) -> None:
        """One frame at a time; a client that takes none for long is told to come back. Raises _Closing."""
        async with self.writing:
            if self.closing.done() or self.stream.ended.is_set():
                raise _Closing
            try:
                async with asyncio.timeout(self.endpoint.send_seconds):
                    await self.websocket.send_text(step.text)
            except TimeoutError:
                self._finish(End.BEHIND)
                raise _Closing from None
            except (WebSocketDisconnect, RuntimeError):  # the client has gone: it is said so, or that a close was sent
                raise _Closing from None

    # ---- the end --------------------------------------------------------------------------------------------------

    def _forget(self, id_: str) -> None:
        running = self.running.get(id_)
        if running is not None and running[1] is asyncio.current_task():
            del self.running[id_]

    def _finish(self, end: End) -> None:
        for step in self.protocol.close(end.code, "" if end.code == 1013 else end.reason):
            assert isinstance(step, Close)
            self._end(step)

    def _end(self, close: Close) -> None:
        if not self.closing.done():
            self.closing.set_result(close)

    def _resume_from(self) -> Mark | None:
        """Where all of this socket's subscriptions could go on: the earliest of their places, as of the earliest."""
        marks = [mark for run, _ in self.running.values() if (mark := run.resume_from) is not None]
        return Mark(min(mark.position for mark in marks), min(mark.as_of for mark in marks)) if marks else None

    async def _close(self, close: Close, place: Mark | None) -> None:
        reason = close.reason or ("" if place is None else self.live.seal.close(*place))
        if self.websocket.application_state is WebSocketState.CONNECTED:
            with suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
                async with asyncio.timeout(2):
                    await self.websocket.close(close.code, reason)
