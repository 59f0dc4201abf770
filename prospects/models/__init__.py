from prospects.models.account import Account, BuyingRole
from prospects.models.activity import BantAnswer, Call, FollowUp, Meeting, Note
from prospects.models.deal import Deal, DealMove
from prospects.models.prospect import (
    AssignmentMember,
    AssignmentRule,
    Pipeline,
    Prospect,
    Reason,
    Stage,
    StageMove,
    StageRule,
)

__all__ = [
    "Account",
    "AssignmentMember",
    "AssignmentRule",
    "BantAnswer",
    "BuyingRole",
    "Call",
    "Deal",
    "DealMove",
    "FollowUp",
    "Meeting",
    "Note",
    "Pipeline",
    "Prospect",
    "Reason",
    "Stage",
    "StageMove",
    "StageRule",
]
