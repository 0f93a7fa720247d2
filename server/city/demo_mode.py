"""Demo accounts are served in demo mode only."""

from __future__ import annotations

from server.database import connect
from server.settings import BadSetting, Settings


async def refuse_without_demo_mode(settings: Settings) -> None:
    """Raises BadSetting where the demo's accounts, whose password everybody knows, would be served as real ones."""
    if settings.demo:
        return
    connection = await connect(settings.database_url or "")
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM city WHERE is_demo)"):
            raise BadSetting(
                "this database holds the demo year, whose accounts have a known password. "
                "`kolaborasi demo` or `serve --demo` serves it; "
                "for a real installation choose another one (KOLABORASI_DATA_DIR, DATABASE_URL)."
            )
    finally:
        await connection.close()
