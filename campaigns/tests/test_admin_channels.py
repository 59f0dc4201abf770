"""The page of channel rules: who may see it, the box that says which line decides, and what is edited is heeded."""

from django.urls import reverse

from campaigns import channels
from campaigns.models import Channel, ChannelRule

TRY = "admin:campaigns_channelrule_try"


def test_marketing_may_try_an_address_and_others_may_not(client, maya, sam, nora, omar):
    for user, status in ((maya, 200), (sam, 302), (nora, 302), (omar, 403)):
        client.force_login(user)
        assert client.get(reverse(TRY)).status_code == status, user


def test_the_box_names_the_line_that_decides(client, maya):
    client.force_login(maya)
    address = "https://averdahl.example/p/guide/?utm_medium=email&utm_source=linkedin"
    page = client.get(reverse(TRY), {"address": address}).content.decode()
    rule = ChannelRule.objects.get(field="utm_medium", words__startswith="email")
    assert reverse("admin:campaigns_channelrule_change", args=[rule.pk]) in page
    assert "utm_source=linkedin" in page


def test_the_box_says_when_no_line_fits(client, maya):
    client.force_login(maya)
    page = client.get(reverse(TRY), {"referrer": "https://partner.example/links"})
    assert "No line fits. A page of somebody else" in page.content.decode().replace("&#x27;", "'")
    assert page.context["tried"]["found"].channel.slug == "referral"


def test_what_is_pasted_is_shown_inert(client, maya):
    client.force_login(maya)
    page = client.get(reverse(TRY), {"address": 'https://a.example/?utm_source="><script>alert(1)</script>'})
    assert "<script>alert" not in page.content.decode()


def test_the_box_stands_above_the_list(client, maya):
    client.force_login(maya)
    assert reverse(TRY) in client.get(reverse("admin:campaigns_channelrule_changelist")).content.decode()


def test_a_saved_line_is_heeded_at_once(client, maya, settings, django_capture_on_commit_callbacks):
    settings.KEEP_SECONDS = 60
    channels.forget()
    origin = channels.Origin(utm={"utm_medium": "skywriting"})
    assert channels.find_channel(origin).channel.slug == "unknown"
    display = Channel.objects.get(slug="display")
    client.force_login(maya)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("admin:campaigns_channelrule_add"),
            {"field": "utm_medium", "words": "skywriting", "channel": display.pk, "order": 1},
        )
    assert channels.find_channel(origin).channel == display
    channels.forget()
