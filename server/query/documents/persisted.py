"""Documents that are asked for by their hash: those that an installation trusts, and those that a client sent before.

Apollo's automatic persisted queries (`extensions.persistedQuery`), and the `documentId` of GraphQL over HTTP's draft on
persisted documents. A trusted document may also be sent as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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
_HASH = re.compile(r"[0-9a-fA-F]{64}")


class WrongReference(Exception):
    """A hash that cannot be one, or is another document's: its sentence's key, where it stands, what would be right."""

    def __init__(self, key: str, path: list[str], constraint: str) -> None:
        super().__init__(key)
        self.key = key
        self.path = path
        self.constraint = constraint


def reference(query: str | None, document_id: object, extensions: Mapping[str, object] | None) -> str | None:
    """The SHA-256 by which a document is asked for, in lower case; None without one. Raises WrongReference.

    Where the text comes with it, it is the text's own.
    """
    path, found = ["documentId"], document_id
    if document_id is not None:
        if not isinstance(document_id, str) or not _HASH.fullmatch(document_id.removeprefix("sha256:")):
            raise WrongReference("wrong_type", path, "sha256:<64 hex>")
        found = document_id.removeprefix("sha256:")
    elif extensions and (persisted := extensions.get("persistedQuery")) is not None:
        path = ["extensions", "persistedQuery"]
        if not isinstance(persisted, dict):
            raise WrongReference("wrong_type", path, "JSON object")
        if type(persisted.get("version")) is not int or persisted["version"] != 1:
            raise WrongReference("persisted_version", [*path, "version"], "1")
        path, found = [*path, "sha256Hash"], persisted.get("sha256Hash")
        if not isinstance(found, str) or not _HASH.fullmatch(found):
            raise WrongReference("wrong_type", path, "<64 hex>")
    if found is None:
        return None
    wanted = str(found).lower()
    if query and sha256(query.encode()).hexdigest() != wanted:
        raise WrongReference("persisted_mismatch", path, "SHA-256")
    return wanted


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
        """The text of the document; `hash_` as `reference` gives it. Raises Problem: not found, or not trusted."""
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
