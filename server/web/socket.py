"""uvicorn's WebSocket connection, but its memory is freed at once when it closes, and a silent client may come back."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

COME_BACK = 1013


class SocketProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's, but it breaks a reference cycle when it closes, and closes a silent socket with 1013, not 1011."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # The parser is a generator that never ends: it and the connection hold each other until a garbage collection.
        self.conn.parser.close()

    def keepalive_timeout(self) -> None:
        # A laptop that slept is to come back; after uvicorn's 1011 stock clients never do. The first code counts.
        if not self.close_sent:
            self.conn.fail(COME_BACK)
        super().keepalive_timeout()
