"""Whether a request may be reported to the mayor: shown on the request to its asker's head and the mayor's office."""

from __future__ import annotations

import datetime as dt

import strawberry

from server.rules.eligibility import Eligibility, EscalationGround, Missing
from server.text import Language, sentence


@strawberry.type(description="A ground that a request's record does not show.")
class MissingGround:
    ground: EscalationGround = strawberry.field(description="The ground.")
    why: str = strawberry.field(description="What it lacks, in the caller's language.")
    eligible_at: dt.datetime | None = strawberry.field(
        description="When it could arise by the passing of time alone; null when not by that."
    )


@strawberry.type(
    description="Whether a request may be reported to the mayor now, on which grounds, and why not others."
)
class EscalationEligibility:
    is_eligible: bool = strawberry.field(description="True while its record shows a ground and no case is open.")
    grounds: list[EscalationGround] = strawberry.field(description="The grounds that its record shows.")
    missing: list[MissingGround] = strawberry.field(description="All other grounds, and what they lack.")


def shown(found: Eligibility, language: Language) -> EscalationEligibility:
    """A rule's answer, in this language."""
    return EscalationEligibility(
        is_eligible=found.is_eligible,
        grounds=[each.ground for each in found.grounds],
        missing=[missing(each, language) for each in found.missing],
    )


def missing(each: Missing, language: Language) -> MissingGround:
    """What one ground lacks, in this language."""
    return MissingGround(
        ground=each.ground,
        why=sentence(language, "missing", each.why.name),
        eligible_at=each.eligible_at,
    )
