"""The port, taken before anything slow is imported or started."""

from __future__ import annotations

import socket

from server.settings import BadSetting, Settings


def listen(settings: Settings) -> socket.socket:
    """Take the port before anything slow is done; who connects meanwhile is refused, not left waiting."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise BadSetting(
            f"cannot listen on {settings.host} port {settings.port}: {reason}. "
            f"Choose another port: --port, or make demo PORT=8123."
        ) from problem
    return listener
