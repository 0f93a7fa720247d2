"""How an input names what has a code: by the id, which a cache holds, or by the code, which people know."""

from __future__ import annotations

import strawberry


@strawberry.input(one_of=True, description="An organisation's id or code.")
class OrganisationKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    code: str | None = strawberry.field(default=strawberry.UNSET, description="Its code, such as 12.71.11 or DLH.")


@strawberry.input(one_of=True, description="A programme's id or code.")
class ProgrammeKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    code: str | None = strawberry.field(default=strawberry.UNSET, description="Its code, such as KEBERSIHAN.")


KEYS = (OrganisationKey, ProgrammeKey)
