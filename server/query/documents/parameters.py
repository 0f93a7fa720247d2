"""The parameters of a GraphQL request, as GraphQL over HTTP names them: read here for HTTP, SSE and sockets alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

_HASH = re.compile(r"[0-9a-fA-F]{64}")


class WrongParameter(Exception):
    """A parameter that is not as it must be: its sentence's key, where it stands, what would be right."""

    def __init__(self, key: str, path: list[str], constraint: str) -> None:
        super().__init__(key)
        self.key = key
        self.path = path
        self.constraint = constraint


@dataclass(frozen=True, slots=True)
class Parameters:
    """One GraphQL request; `query` is empty where the document is asked for by its hash."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    hash: str | None = None


def read_parameters(found: Mapping[str, Any]) -> Parameters:
    """`{query, documentId, variables, operationName, extensions}`, each of its right type. Raises WrongParameter."""
    query, variables = found.get("query"), found.get("variables")
    operation_name, extensions = found.get("operationName"), found.get("extensions")
    if query is not None and not isinstance(query, str):
        raise WrongParameter("wrong_type", ["query"], "String!")
    if variables is not None and not isinstance(variables, dict):
        raise WrongParameter("wrong_type", ["variables"], "json_object")
    if operation_name is not None and not isinstance(operation_name, str):
        raise WrongParameter("wrong_type", ["operationName"], "String")
    if extensions is not None and not isinstance(extensions, dict):
        raise WrongParameter("wrong_type", ["extensions"], "json_object")
    hash_ = _hash(query, found.get("documentId"), extensions)
    if query is None and hash_ is None:
        raise WrongParameter("query_missing", ["query"], "String!")
    return Parameters(query or "", variables, operation_name or None, hash_)


def _hash(query: str | None, document_id: object, extensions: Mapping[str, object] | None) -> str | None:
    """The SHA-256 by which a document is asked for, in lower case; None without one. Raises WrongParameter.

    Where the text comes with it, it is the text's own.
    """
    path, found = ["documentId"], document_id
    if document_id is not None:
        if not isinstance(document_id, str) or not _HASH.fullmatch(document_id.removeprefix("sha256:")):
            raise WrongParameter("wrong_type", path, "sha256:<64 hex>")
        found = document_id.removeprefix("sha256:")
    elif extensions and (persisted := extensions.get("persistedQuery")) is not None:
        path = ["extensions", "persistedQuery"]
        if not isinstance(persisted, dict):
            raise WrongParameter("wrong_type", path, "json_object")
        if type(persisted.get("version")) is not int or persisted["version"] != 1:
            raise WrongParameter("persisted_version", [*path, "version"], "1")
        path, found = [*path, "sha256Hash"], persisted.get("sha256Hash")
        if not isinstance(found, str) or not _HASH.fullmatch(found):
            raise WrongParameter("wrong_type", path, "<64 hex>")
    if found is None:
        return None
    wanted = str(found).lower()
    if query and sha256(query.encode()).hexdigest() != wanted:
        raise WrongParameter("persisted_mismatch", path, "SHA-256")
    return wanted
