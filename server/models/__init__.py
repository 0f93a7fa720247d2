"""What is stored: every table once. Columns and indexes only; what may happen to them is in rules and actions."""

from __future__ import annotations

from server.models.account import Account, CaseAccess, LastAct, PasswordLink, SignIn, SignInAttempt
from server.models.city import City
from server.models.collaboration import Message, Request
from server.models.counter import TaskCount
from server.models.declared import check_tables
from server.models.deprecation import DeprecatedUse
from server.models.escalation import Appendix, Delegation, Escalation, FollowUp, Remark
from server.models.event import Event, ReaderPosition
from server.models.hand_over_receipt import HandedOverMatter, HandOverReceipt
from server.models.idempotency import IdempotencyKey
from server.models.organisation import Appointment, Organisation
from server.models.programme import Programme
from server.models.status_day import StatusDay
from server.models.sweep import SweptUntil, TextsKept
from server.models.target import Amendment, Measurement, Target, TargetOwner
from server.models.task import Comment, Task, TaskDependency
from server.models.token import Token
from server.models.words import (
    AccountWords,
    EscalationWords,
    OrganisationWords,
    ProgrammeWords,
    RequestWords,
    TargetWords,
    TaskWords,
    WorkPlanWords,
)
from server.models.work_plan import WorkPlan

__all__ = [
    "Account",
    "AccountWords",
    "Amendment",
    "Appendix",
    "Appointment",
    "CaseAccess",
    "City",
    "Comment",
    "Delegation",
    "DeprecatedUse",
    "Escalation",
    "EscalationWords",
    "Event",
    "FollowUp",
    "HandOverReceipt",
    "HandedOverMatter",
    "IdempotencyKey",
    "LastAct",
    "Measurement",
    "Message",
    "Organisation",
    "OrganisationWords",
    "PasswordLink",
    "Programme",
    "ProgrammeWords",
    "ReaderPosition",
    "Remark",
    "Request",
    "RequestWords",
    "SignIn",
    "SignInAttempt",
    "StatusDay",
    "SweptUntil",
    "Target",
    "TargetOwner",
    "TargetWords",
    "Task",
    "TaskCount",
    "TaskDependency",
    "TaskWords",
    "TextsKept",
    "Token",
    "WorkPlan",
    "WorkPlanWords",
]

check_tables(__all__, globals())
