"""The one switch that turns off every shortcut around a framework: what is done by hand, for time's sake alone.

With KOLABORASI_PLAIN each framework goes its own, general way, and every answer is the same. Whoever looks for a fault,
or lets in a new version of a framework, sees by it whether a shortcut is to blame. `tests/plain.py` lists them.
"""

from __future__ import annotations

# Read wherever a shortcut begins; set once, before anything is served, by the command line.
are_taken = True
