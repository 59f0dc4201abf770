from leads.models.activity import PastActivity
from leads.models.company import Company
from leads.models.consent import ConsentEvent, Pause, PrivacyRequest, Suppression, TopicChoice
from leads.models.enrichment import EnrichTry
from leads.models.lead import Lead, LeadMove, LeadStatus, WorkRequest
from leads.models.nurture import Enrolment, Message, SenderPause, SendLease
from leads.models.person import ExternalRef, Fact, Person
from leads.models.scoring import LeadScore, ScoringModel, ScoringRule
from leads.models.segment import Segment, SegmentCondition, SegmentMember
from leads.models.tracking import (
    Door,
    Hit,
    ShareLink,
    Submission,
    Touch,
    TouchKind,
    Verdict,
    Visitor,
    VisitorLink,
)

__all__ = [
    "Company",
    "ConsentEvent",
    "Door",
    "EnrichTry",
    "Enrolment",
    "ExternalRef",
    "Fact",
    "Hit",
    "Lead",
    "LeadMove",
    "LeadScore",
    "LeadStatus",
    "Message",
    "PastActivity",
    "Pause",
    "Person",
    "PrivacyRequest",
    "ScoringModel",
    "ScoringRule",
    "Segment",
    "SegmentCondition",
    "SegmentMember",
    "SendLease",
    "SenderPause",
    "ShareLink",
    "Submission",
    "Suppression",
    "TopicChoice",
    "Touch",
    "TouchKind",
    "Verdict",
    "Visitor",
    "VisitorLink",
    "WorkRequest",
]
