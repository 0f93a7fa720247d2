"""Persisted and trusted documents, asked for by their hash: an allow-list, and what a client sent before.

Apollo's automatic persisted queries (`extensions.persistedQuery`), and the `documentId` of GraphQL over HTTP's draft on
persisted documents. A trusted document may also be sent as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

from server.query.documents.cache import LONGEST_KEPT, Documents, Kept
from server.query.problem import Problem

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
MOST_REMEMBERED = 1_000
MOST_CHARACTERS = 5_000_000


class Persisted:
    """Finds the text of what is asked for; remembers what came with its hash and is valid, for whoever asks next."""

    def __init__(self, documents: Callable[[], Documents], trusted: Iterable[str] = (), *, only_trusted: bool) -> None:
        """`trusted`: texts, checked; `only_trusted`: nothing else is executed, and nothing is remembered."""
        self._documents = documents
        self._trusted = {sha256(text.encode()).hexdigest(): text for text in trusted}
        self._texts = frozenset(self._trusted.values())
        self._only_trusted = only_trusted
        self.remembered: Kept[str, str] = Kept(MOST_REMEMBERED, MOST_CHARACTERS)

    def source(self, query: str | None, hash_: str | None) -> str:
        """The text of the document; `hash_` as in `Parameters`. Raises Problem: not found, or not trusted."""
        if self._only_trusted:
            found = self._trusted.get(hash_) if hash_ else query if query in self._texts else None
            if found is None:
                raise Problem("not_trusted", NOT_TRUSTED)
            return found
        if query:
            is_new = hash_ is not None and hash_ not in self._trusted and len(query) <= LONGEST_KEPT
            if hash_ is not None and is_new and not self._documents().get(query).errors:
                self.remembered.keep(hash_, query, len(query))
            return query
        if hash_ is None:
            return ""  # what it lacks, a document without a definition tells
        found = self._trusted.get(hash_) or self.remembered.find(hash_)
        if found is None:
            raise Problem("persisted_not_found", NOT_FOUND, hint="persisted_not_found")
        return found
