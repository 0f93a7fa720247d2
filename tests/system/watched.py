"""The command `kolaborasi`, but nothing looks for reference cycles: what lies in some and is not used any more piles up
until SIGUSR1 asks how many objects that are, and how many of those were made for a connection."""

from __future__ import annotations

import gc
import signal
import sys
from unittest.mock import patch

NEVER = 1e6  # seconds


def tell_garbage(*_: object) -> None:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from websockets.server import ServerProtocol

    from server.live.operation import RunningOperation
    from server.live.watcher import Watcher
    from server.web.limits import HttpProtocol
    from server.web.socket import SocketProtocol

    made = (HttpProtocol, RequestResponseCycle, SocketProtocol, ServerProtocol, RunningOperation, Watcher)
    gc.unfreeze()
    gc.set_debug(gc.DEBUG_SAVEALL)  # what would be freed is kept, to be looked at
    found = gc.collect()
    gc.set_debug(0)
    of_connections = sum(isinstance(each, made) for each in gc.garbage)
    gc.garbage.clear()
    gc.collect()
    print(f"garbage: {found} {of_connections}", flush=True)
    gc.freeze()


if __name__ == "__main__":
    from server.background import collect
    from server.cli import main

    signal.signal(signal.SIGUSR1, tell_garbage)
    gc.disable()
    with patch.object(collect, "EVERY", NEVER):
        sys.exit(main())
