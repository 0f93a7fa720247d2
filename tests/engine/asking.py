"""A request context as installation.py makes it, for tests of the engine alone."""

from __future__ import annotations

from server.actions.at_once import AtOnce, Together
from server.actions.transaction import Moment, transaction
from server.auth.tokens import Tokens
from server.database import Pool
from server.events.position import Seal
from server.events.wake import Wake
from server.rules.viewer import Viewer
from server.schema.context import RequestContext
from server.text import Language

SECRET = b"a secret of thirty-two bytes ...."


def asking(
    pool: Pool, viewer: Viewer, clock: Moment, seal: Seal | None = None, language: Language = "id", request_id: str = ""
) -> RequestContext:
    """A request of this viewer's; nobody is woken by what it writes."""
    together = Together(pool, Wake(""))
    return RequestContext(
        asker=viewer,
        now=clock.now,
        today=clock.today,
        city=clock.city,
        language=language,
        request_id=request_id,
        begin=lambda context: transaction(pool, context.viewer, clock, None),
        at_once=lambda context, key: AtOnce(together, context.viewer, clock, key),
        seal=seal or Seal(SECRET),
        tokens=Tokens(SECRET),
    )
