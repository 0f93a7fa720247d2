"""Documents that are asked for by their hash: those that an installation trusts, and those that a client sent before.

Apollo's automatic persisted queries (`extensions.persistedQuery`), and the `documentId` of GraphQL over HTTP's draft on
persisted documents. A trusted document may also be sent as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from graphql import GraphQLSchema

from server.query.documents.cache import LONGEST_KEPT, Documents, Kept
from server.query.problem import Problem, told
from server.settings import BadSetting

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
        self._remembered: Kept[str, str] = Kept(MOST_REMEMBERED, MOST_CHARACTERS)

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
                self._remembered.keep(hash_, query, len(query))
            return query
        if hash_ is None:
            return ""  # what it lacks, a document without a definition tells
        found = self._trusted.get(hash_) or self._remembered.find(hash_)
        if found is None:
            raise Problem("persisted_not_found", NOT_FOUND, hint="persisted_not_found")
        return found


def read_trusted(folders: Iterable[Path], schema: GraphQLSchema) -> list[str]:
    """The texts of every *.graphql in the folders, each as it stands and without its outer blank space.

    Raises BadSetting naming file and line for what is not valid, and for a folder without documents.
    """
    documents, texts = Documents(schema), list[str]()
    for folder in folders:
        try:
            paths = sorted(folder.rglob("*.graphql")) if folder.is_dir() else []
            if not paths:
                raise BadSetting(f"KOLABORASI_TRUSTED_DOCUMENTS: {folder}: there is no *.graphql in such a folder.")
            for path in paths:
                texts += _checked(documents, path)
        except OSError as problem:
            raise BadSetting(f"KOLABORASI_TRUSTED_DOCUMENTS: {problem.filename}: {problem.strerror}.") from problem
    return texts


def _checked(documents: Documents, path: Path) -> Iterable[str]:
    try:
        text = path.read_bytes().decode()  # as it is: a hash knows nothing of line ends
    except UnicodeDecodeError as problem:
        raise BadSetting(f"KOLABORASI_TRUSTED_DOCUMENTS: {path}: it is not UTF-8.") from problem
    for error in documents.get(text).errors:
        line = f":{error.locations[0].line}" if error.locations else ""
        raise BadSetting(f"KOLABORASI_TRUSTED_DOCUMENTS: {path}{line}: {told(error, 'en').message}")
    return (text, text.strip())
