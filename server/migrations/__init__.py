"""What changed in the tables, one file per step; `make migration NAME=…` writes the next one from server.models.

Read what it wrote: Tortoise makes no UniqueConstraint that stands in a new model's Meta, no sequence and no GIN index.
Add those by hand with `ops.RunSQL` (0002 shows how); tests/house/test_migrations.py finds what is missing.
"""
