"""Accounts, as the API says them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from server.query.declare.fields import column, computed, root_list, root_one, table, to_many, to_one
from server.rules import case_access
from server.rules.account import ACCOUNT, AccountFacts
from server.rules.aggregate import bound
from server.rules.bounds import as_login
from server.rules.case_access import CaseAccessFacts
from server.rules.hand_over_receipt import HAND_OVER_RECEIPT, LeavingFacts
from server.rules.token import TOKEN, ServiceAccount
from server.rules.viewer import Role
from server.rules.visibility import IsViewers, ViewerIs
from server.schema.allowed_action import AllowedAction, offered
from server.schema.connection import Connection
from server.schema.node import Subject, called_by

if TYPE_CHECKING:
    from server.schema.organisation import Appointment, Organisation
    from server.schema.task import Task

OF_CASE_ACCESS = (IsViewers("id", "account_id"), ViewerIs("is_admin"), ViewerIs("handles_cases"))
OF_CASES = bound(case_access.CASE_ACCESS.offered["Account"])
OF_TOKENS = bound(TOKEN.offered["Account"])
OF_MATTERS = bound(HAND_OVER_RECEIPT.offered["Account"])
OWN_OR_ADMINISTRATORS = (IsViewers("id", "account_id"), ViewerIs("is_admin"))


@table(
    ACCOUNT,
    is_small=True,
    search=True,
    order=["name"],
    description="A person who signs in.",
)
class Account(Subject):
    label: str = called_by("name")
    name: str = column("The person's name.", order=True)
    title: str | None = column("The position's title; null when none was given.")
    organisation: Organisation = to_one("organisation_id", "Where the person works.", order=["name"])
    role: Role = column("What the account may do of itself; appointments add a head's powers.")
    is_active: bool = column("False once it was disabled.")
    login: str | None = column(
        "What it signs in with; null for all but itself and administrators. It is found as at the door: in capitals or "
        "with blanks around it as well.",
        mask=OWN_OR_ADMINISTRATORS,
        meant=as_login,
    )
    last_sign_in_at: dt.datetime | None = column(
        "When it last signed in; null for all but itself and administrators, and before the first time.",
        mask=OWN_OR_ADMINISTRATORS,
    )
    appointments: Connection[Appointment] = to_many(
        "account_id", "The offices it holds or held, the latest first.", order=["-valid_from"]
    )
    tasks: Connection[Task] = to_many("assignee_id", "The tasks assigned to it.", order=["due_on"], search=True)

    has_case_access: bool | None = computed(
        case_access.HAS.format(t="{t}", case_access="{table:case_access}"),
        "Whether cases are for it, as the mayor's office has confirmed; null for all but itself, administrators and "
        "those who handle cases. Of a case's person only the case tells.",
        mask=OF_CASE_ACCESS,
    )
    awaits_case_access: bool | None = computed(
        case_access.WAITS.format(
            t="{t}",
            today="{today}",
            handles_cases="{viewer.handles_cases}",
            organisation_ids="{viewer.organisation_ids}",
            **{each: f"{{table:{each}}}" for each in case_access.TABLES},
        ),
        "Whether it lacks case access, and may handle cases or be a party's head, now or soon, or is the person of a "
        "case that the viewer handles; null as `hasCaseAccess` is.",
        mask=OF_CASE_ACCESS,
    )

    allowed_actions: list[AllowedAction] = offered(
        (AccountFacts, ACCOUNT.rules),
        (CaseAccessFacts, OF_CASES),
        (ServiceAccount, OF_TOKENS),
        (LeavingFacts, OF_MATTERS),
    )


@strawberry.input(one_of=True, description="An account's id, or what it signs in with.")
class AccountKey:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its id.")
    login: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What it signs in with: found by itself and by administrators, as they alone see it.",
    )


queries = [
    root_one("account", Account, "One account; null when unknown.", by=AccountKey, keys={"id": "id", "login": "login"}),
    root_list("accounts", Connection[Account], "All accounts, by name, disabled ones as well."),
]
