"""uvicorn's WebSocket connection, which here goes as soon as it is closed."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, without the circle that the parser of websockets leaves behind it."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # It never comes to its end, and so holds what it parses for, which holds it, until the garbage collector comes.
        self.conn.parser.close()
