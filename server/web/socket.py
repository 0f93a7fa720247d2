"""uvicorn's WebSocket connection, which here goes as soon as it is closed, and lets sleepers come back."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

COME_BACK = 1013


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, without the circle that the parser of websockets leaves behind it, and without code 1011."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # It never comes to its end, and so holds what it parses for, which holds it, until the garbage collector comes.
        self.conn.parser.close()

    def keepalive_timeout(self) -> None:
        # Who slept is to come back. The first code counts, and after uvicorn's 1011 stock clients stay away for good.
        if not self.close_sent:
            self.conn.fail(COME_BACK)
        super().keepalive_timeout()
