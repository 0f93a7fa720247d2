"""The documents that an installation trusts: an allow-list, read from its folders at the start."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graphql import GraphQLSchema

from server.query.documents.cache import Documents
from server.query.problem import told
from server.settings import BadSetting
from server.web.pages import FOLDER as PAGES


def read_trusted(own: Path | None, schema: GraphQLSchema) -> list[str]:
    """What may be asked for by its hash: the texts of every *.graphql in the installation's own folder and of our own
    pages, each as it stands and without its outer blank space; nothing without such a folder.

    Raises BadSetting naming file and line for what is not valid, and for a folder without documents.
    """
    documents, texts = Documents(schema), list[str]()
    for folder in () if own is None else (own, PAGES):
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
