"""Evidence (bukti dukung): links that show a task done or a reading true."""

from __future__ import annotations

from typing import TypedDict

from server.rules import bounds


class Evidence(TypedDict):
    """One link, as stored."""

    url: str
    title: str | None


def evidence(url: str | None, title: str | None, *path: str) -> Evidence:
    """One http or https link, checked; `path` leads to it where there are several."""
    return Evidence(
        url=bounds.http_url(url, *path, "url"), title=bounds.optional_text(title, bounds.TITLE, *path, "title")
    )
