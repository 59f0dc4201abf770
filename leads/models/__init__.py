from leads.models.activity import PastActivity
from leads.models.asked import Backtest
from leads.models.company import Company
from leads.models.consent import ConsentEvent, ContactBasis, Pause, PrivacyRequest, Suppression, TopicChoice
from leads.models.enrichment import EnrichTry
from leads.models.feedback import Inbound, MailEvent
from leads.models.lead import Lead, LeadMove, LeadStatus, WorkRequest
from leads.models.learned import DriftCheck, LearnedModel, LearnedPoint, LeftOut, ReliabilityBin
from leads.models.nurture import (
    Enrolment,
    EnrolmentMove,
    Entry,
    EntryRule,
    Mailing,
    Message,
    Rehearsal,
    SenderPause,
    SendLease,
    StaffMail,
)
from leads.models.own_mail import FilingAddress, OwnMail, UnfiledMail
from leads.models.person import ExternalRef, Fact, Person
from leads.models.piece import PieceRecord
from leads.models.scoring import (
    JourneyRule,
    LeadScore,
    ScoreRun,
    ScoringModel,
    ScoringRule,
)
from leads.models.segment import ExportLog, Segment, SegmentCondition, SegmentMember
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
from leads.models.twins import Merge, Twin

__all__ = [
    "Backtest",
    "Company",
    "ConsentEvent",
    "ContactBasis",
    "Door",
    "DriftCheck",
    "EnrichTry",
    "Enrolment",
    "EnrolmentMove",
    "Entry",
    "EntryRule",
    "ExportLog",
    "ExternalRef",
    "Fact",
    "FilingAddress",
    "Hit",
    "Inbound",
    "JourneyRule",
    "Lead",
    "LeadMove",
    "LeadScore",
    "LeadStatus",
    "LearnedModel",
    "LearnedPoint",
    "LeftOut",
    "MailEvent",
    "Mailing",
    "Merge",
    "Message",
    "OwnMail",
    "PastActivity",
    "Pause",
    "Person",
    "PieceRecord",
    "PrivacyRequest",
    "Rehearsal",
    "ReliabilityBin",
    "ScoreRun",
    "ScoringModel",
    "ScoringRule",
    "Segment",
    "SegmentCondition",
    "SegmentMember",
    "SendLease",
    "SenderPause",
    "ShareLink",
    "StaffMail",
    "Submission",
    "Suppression",
    "TopicChoice",
    "Touch",
    "TouchKind",
    "Twin",
    "UnfiledMail",
    "Verdict",
    "Visitor",
    "VisitorLink",
    "WorkRequest",
]
