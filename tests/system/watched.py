"""The command `kolaborasi`, but nothing looks for reference cycles: what lies in some and is not used any more piles up
until SIGUSR1 asks how many objects that are."""

from __future__ import annotations

import gc
import signal
import sys
from unittest.mock import patch

NEVER = 1e6  # seconds


def tell_garbage(*_: object) -> None:
    gc.unfreeze()
    print(f"garbage: {gc.collect()}", flush=True)
    gc.freeze()


if __name__ == "__main__":
    from server.background import collect
    from server.cli import main

    signal.signal(signal.SIGUSR1, tell_garbage)
    gc.disable()
    with patch.object(collect, "EVERY", NEVER):
        sys.exit(main())
