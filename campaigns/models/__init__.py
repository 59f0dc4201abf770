from campaigns.models.audience import (
    CustomField,
    IdealProfile,
    IdealValue,
    JourneyStage,
    Persona,
    TargetDomain,
    TargetList,
)
from campaigns.models.campaign import Campaign, Channel, ChannelRule, Offer, Programme, ShortLink, Spend
from campaigns.models.content import Asset, AssetKind, Topic
from campaigns.models.embedding import EmbedSite
from campaigns.models.form import ConsentText, FormField
from campaigns.models.mailing import (
    EmailTemplate,
    MailLink,
    PublishedStep,
    Sequence,
    SequenceStep,
    SequenceVersion,
    StepKind,
)
from campaigns.models.page import InquiryKind, LandingPage, MailboxPolicy, PageBlock, PageState, PageTest

__all__ = [
    "Asset",
    "AssetKind",
    "Campaign",
    "Channel",
    "ChannelRule",
    "ConsentText",
    "CustomField",
    "EmailTemplate",
    "EmbedSite",
    "FormField",
    "IdealProfile",
    "IdealValue",
    "InquiryKind",
    "JourneyStage",
    "LandingPage",
    "MailLink",
    "MailboxPolicy",
    "Offer",
    "PageBlock",
    "PageState",
    "PageTest",
    "Persona",
    "Programme",
    "PublishedStep",
    "Sequence",
    "SequenceStep",
    "SequenceVersion",
    "ShortLink",
    "Spend",
    "StepKind",
    "TargetDomain",
    "TargetList",
    "Topic",
]
