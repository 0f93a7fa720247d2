"""Receipts of hand-overs, as the API says them, and the verb that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from server.actions import hand_over_receipt as actions
from server.actions.gathering import Gathering
from server.query.declare.fields import by_id, root_list, root_one, table, to_many, to_one
from server.rules.hand_over_receipt import HAND_OVER_RECEIPT
from server.schema.connection import Connection
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, field, verb
from server.schema.node import Subject, called

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.organisation import Organisation
    from server.schema.target import Target
    from server.schema.task import Task

PASSED = "{{t}}.id IN (SELECT h.{column} FROM {{table:handed_over_matter}} h WHERE h.receipt_id = {{parent}})"


@table(
    HAND_OVER_RECEIPT,
    order=["-created_at"],
    description="The receipt of a hand-over (serah terima): what one person kept in an organisation, passed to another "
    "there at once.",
)
class HandOverReceipt(Subject):
    label: str = called(
        {"leaving": "from_account.name", "successor": "to_account.name"},
        lambda values: f"{values.leaving} – {values.successor}",
    )
    organisation: Organisation = to_one("organisation_id", "In which organisation.")
    from_account: Account = to_one("from_account_id", "Who kept it until then.")
    to_account: Account = to_one("to_account_id", "Who keeps it since then.")
    handed_over_by: Account = to_one("handed_over_by_id", "Who passed it on: the person, the head or an administrator.")
    targets: Connection[Target] = to_many(
        PASSED.format(column="target_id"), "The targets that were passed, as the viewer sees them.", order=["due_on"]
    )
    tasks: Connection[Task] = to_many(
        PASSED.format(column="task_id"), "The tasks that were passed, as the viewer sees them.", order=["due_on"]
    )


@strawberry.type(description="The receipt of a hand-over.")
class HandOverReceiptPayload(Payload):
    object = "hand_over_receipt"
    transaction = Gathering  # up to a thousand matters, each with its event, in as many statements as one
    hand_over_receipt_id: strawberry.Private[UUID | None] = None
    hand_over_receipt: HandOverReceipt | None = by_id("The receipt; null when the verb was refused.")


@command("Whose open tasks and targets are passed to whom.", versioned=False)
class HandOverMattersInput:
    from_account_id: strawberry.ID = field("Who keeps them now.")
    to_account_id: strawberry.ID = field("Who is to keep them: another active account of the same organisation.")
    organisation: OrganisationKey | None = field(
        "In which organisation, where that is not the one in which `fromAccountId` works now.", default=None
    )


queries = [
    root_one("handOverReceipt", HandOverReceipt, "One receipt; null when unknown.", by="id"),
    root_list(
        "handOverReceipts", Connection[HandOverReceipt], "All receipts of hand-overs, the latest first.", search=False
    ),
]
mutations = [
    verb(
        actions.hand_over_matters,
        HandOverMattersInput,
        HandOverReceiptPayload,
        "Pass all open tasks and targets of a person to a colleague, with a receipt (serah terima): at most 1,000 at "
        "once. The person, whoever heads the organisation, or an administrator. Drafts are passed too; what of them is "
        "hidden from the viewer is not shown on the receipt.",
    ),
]
