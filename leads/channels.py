"""The channel and the campaign of a visit, by the table of `campaigns.channels`."""

from campaigns.channels import UTM, Origin, find_channel, table
from campaigns.models import Campaign, Channel
from leads.models import Hit
from leads.tracking import VisitContext


def channel_for(visit: VisitContext) -> Channel:
    """The first rule of the ordered table that fits; else the campaign's channel, unknown, referral or direct.

    Who comes by somebody's share link was referred, whatever else the address says.
    """
    if visit.share_id:
        return table().channels["referral"]
    origin = Origin(utm=visit.utm, click_id_kind=visit.click_id_kind, referrer=visit.referrer)
    return find_channel(origin).channel


def campaign_for(visit: VisitContext) -> Campaign | None:
    """The campaign whose UTM set the visit carries."""
    name = visit.utm.get("utm_campaign", "")
    return table().campaigns.get(name) if name else None


def channel_of(hit: Hit) -> Channel:
    """How the visit of a stored hit came. A look at our own site that says nothing of its way is the website's."""
    if hit.share_id:
        return table().channels["referral"]
    origin = Origin(
        utm={key: value for key in UTM if (value := getattr(hit, key))},
        click_id_kind=hit.click_id_kind,
        referrer=hit.referrer,
    )
    if origin == Origin():
        return table().channels["website"]
    return find_channel(origin).channel
