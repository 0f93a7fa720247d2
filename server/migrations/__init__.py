"""What changed in the tables, one file per step; `make migration NAME=…` writes the next one from server.models.

A migration imports nothing of the server: it holds the values that it needs, and stays when what they came from is
renamed. Columns of enums are plain text here, and ids plain UUIDs (models/fields.py).

Read what it wrote: Tortoise makes no UniqueConstraint that stands in a new model's Meta, no sequence and no GIN index.
Add those by hand with `ops.RunSQL` (0002 shows how); tests/house/test_migrations.py finds what is missing.

An empty database is given tables.sql instead, which `make golden` writes: what all migrations together make. So a
migration puts no rows into an empty database; whatever needs a row makes it when it is missing.
"""
