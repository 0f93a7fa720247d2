"""The command `kolaborasi`, which also says how its garbage collector fares when a signal asks.

SIGUSR1: how many objects lie in reference cycles that nothing uses. SIGUSR2: how often all objects were looked through.
"""

from __future__ import annotations

import gc
import signal
import sys


def tell_garbage(*_: object) -> None:
    gc.unfreeze()
    print(f"garbage: {gc.collect()}", flush=True)
    gc.freeze()


def tell_collections(*_: object) -> None:
    print(f"collections: {gc.get_stats()[2]['collections']}", flush=True)


if __name__ == "__main__":
    from server.cli import main

    signal.signal(signal.SIGUSR1, tell_garbage)
    signal.signal(signal.SIGUSR2, tell_collections)
    sys.exit(main())
