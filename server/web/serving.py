"""Uvicorn as it serves us: our protocols, one worker, and an end that waits for streams."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette

from server.settings import Settings
from server.web.limits import HttpProtocol
from server.web.proxies import Proxies
from server.web.socket import SocketProtocol


def uvicorn_server(app: Starlette, settings: Settings) -> uvicorn.Server:
    """Uvicorn that says when it is ready and lets streams end by themselves before it stops."""

    class DrainingServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                self.loop = asyncio.get_running_loop()
                host = f"[{settings.host}]" if ":" in settings.host else settings.host
                for listener in sockets or []:
                    print(f"Kolaborasi: http://{host}:{listener.getsockname()[1]}/ (Ctrl-C to stop)", flush=True)

        def handle_exit(self, sig: int, frame: Any) -> None:
            # An open stream would keep the server alive for ever: app.state.draining tells them all to end.
            draining: asyncio.Event | None = getattr(app.state, "draining", None)
            if draining is not None and self.started:
                self.loop.call_soon_threadsafe(draining.set)
            super().handle_exit(sig, frame)

    return DrainingServer(
        uvicorn.Config(
            Proxies(app, settings.trusted_proxies),
            loop="uvloop",
            http=HttpProtocol,
            ws=SocketProtocol,
            ws_per_message_deflate=False,
            ws_max_size=1024 * 1024,
            lifespan="on",
            log_config=None,
            log_level="debug" if settings.log_level == "debug" else "warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `Proxies` does it
            timeout_graceful_shutdown=20,
            backlog=2048,
        )
    )
