from prospects.models.account import Account, BuyingRole
from prospects.models.activity import (
    BantAnswer,
    Call,
    FollowUp,
    Meeting,
    MeetingGuest,
    Mention,
    Note,
    NoteFile,
    PhoneEvent,
    SocialTouch,
)
from prospects.models.agreement import Acknowledgement, Agreement
from prospects.models.assignment import Assignment, AssignmentMember, AssignmentRule
from prospects.models.deal import Deal, DealLine, DealMove, DealPerson, Product
from prospects.models.notice import Notice
from prospects.models.prospect import Pipeline, Prospect, Reason, Stage, StageMove, StageRule
from prospects.models.prospecting import ListedPerson, ProspectingList
from prospects.models.request import MarketingRequest
from prospects.models.target import Review, Target
from prospects.models.team import Absence, Holiday, Rep, Team
from prospects.models.transfer import Transfer

__all__ = [
    "Absence",
    "Account",
    "Acknowledgement",
    "Agreement",
    "Assignment",
    "AssignmentMember",
    "AssignmentRule",
    "BantAnswer",
    "BuyingRole",
    "Call",
    "Deal",
    "DealLine",
    "DealMove",
    "DealPerson",
    "FollowUp",
    "Holiday",
    "ListedPerson",
    "MarketingRequest",
    "Meeting",
    "MeetingGuest",
    "Mention",
    "Note",
    "NoteFile",
    "Notice",
    "PhoneEvent",
    "Pipeline",
    "Product",
    "Prospect",
    "ProspectingList",
    "Reason",
    "Rep",
    "Review",
    "SocialTouch",
    "Stage",
    "StageMove",
    "StageRule",
    "Target",
    "Team",
    "Transfer",
]
