"""The page that writes a mail, how the mail will look, its talk on the timeline, and the same by the API."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Asset, AssetKind, EmailTemplate
from leads.consent import suppress
from leads.models import Message, OwnMail, Person
from prospects import pipeline
from prospects.correspondence import acts, talks
from prospects.models import Prospect
from prospects.tests.conftest import TUESDAY, later, make_inbound, make_person, reason
from prospects.timeline import timeline

pytestmark = pytest.mark.django_db
TYPED = {
    "subject": "Your press",
    "text": "Hello Ada,\r\n\r\nthe gauge fits.\r\n\r\nBest regards\r\nSam Okafor",
}


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def page(prospect: Prospect, name: str = "write") -> str:
    return reverse(f"staff-mail-{name}", args=[prospect.pk])


def theirs(prospect: Prospect, **more: Any) -> OwnMail:
    given = {
        "person": prospect.person, "direction": "in", "message_id": f"<{uuid4()}@works.example>",
        "thread": "<first@works.example>", "subject": "AW: Press", "text": "Which gauge?\n> said you", "at": TUESDAY,
    }  # fmt: skip
    return OwnMail.objects.create(**(given | more))


def template(**more: Any) -> EmailTemplate:
    given = {
        "name": "After the talk", "slug": "after-the-talk", "subject": "For {{ person.company | default: 'you' }}",
        "body": '<p>Hello {{ person.first_name | default: "there" }},</p><p>see <a href="/p/gauge/">this</a>.</p>'
        "<p>{{ owner.name }}</p>",
    }  # fmt: skip
    return EmailTemplate.objects.create(**(given | more))


def test_a_mail_goes_out_from_the_page(rep: Client, inbound: Prospect) -> None:
    shown = rep.get(page(inbound)).content.decode()
    assert "Hello Ada," in shown and "It goes out from sam@averdahl.example" in shown
    answer = rep.post(page(inbound), TYPED | {"submit_key": uuid4(), "next_kind": "call", "next_in": "3"})
    assert answer["Location"] == reverse("staff-person", args=[inbound.pk])
    mail = OwnMail.objects.get()
    assert (mail.subject, mail.text) == (TYPED["subject"], TYPED["text"].replace("\r", ""))
    assert inbound.follow_ups.filter(kind="call", done_at=None).count() == 1


def test_the_same_form_twice_is_one_mail(rep: Client, inbound: Prospect) -> None:
    form = TYPED | {"submit_key": uuid4(), "next_kind": "call", "next_in": "3"}
    assert {rep.post(page(inbound), form).status_code for _ in range(3)} == {302}
    assert Message.objects.filter(kind="one").count() == OwnMail.objects.count() == 1
    assert inbound.follow_ups.filter(kind="call").count() == 1


@pytest.mark.parametrize("missing", ["subject", "text"])
def test_what_is_missing_is_said_beside_the_field(rep: Client, inbound: Prospect, missing: str) -> None:
    answer = rep.post(page(inbound), TYPED | {missing: " "})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.content.decode()
    assert not OwnMail.objects.exists()


def test_what_the_gate_says_stands_there_and_the_button_is_gone(rep: Client, inbound: Prospect) -> None:
    assert ">Send <" in rep.get(page(inbound)).content.decode().replace("</svg>", ">")
    suppress(email_key=inbound.person.email_key or "", person=inbound.person, reason="bounced", at=TUESDAY)
    shown = rep.get(page(inbound)).content.decode()
    assert "This mail cannot go out." in shown and "does not work" in shown
    assert "mailto:" not in shown, "a refused mail shows a way around the refusal"
    assert 'class="btn btn-primary"' not in shown
    answer = rep.post(page(inbound), TYPED | {"submit_key": uuid4()})
    assert answer.status_code == 422 and "the gauge fits." in answer.content.decode()
    assert not OwnMail.objects.exists()


def test_a_closed_cycle_sends_nothing(rep: Client, inbound: Prospect, sam: Any) -> None:
    pipeline.reject(prospect=inbound, reason=reason("no-need"), by=sam, at=timezone.now())
    assert "This cycle is closed" in rep.get(page(inbound)).content.decode()
    assert rep.post(page(inbound), TYPED).status_code == 422


def test_a_template_is_filled_in_for_this_person_and_whoever_writes(rep: Client, inbound: Prospect) -> None:
    chosen = template()
    Person.objects.filter(pk=inbound.person_id).update(company_name="Gears & Co")
    form = rep.get(page(inbound), {"template": chosen.pk}).context["form"]
    assert form["subject"].value() == "For Gears & Co"
    assert re.fullmatch(r"Hello Ada,\n\nsee this <http\S+/p/gauge/>\.\n\nSam Okafor", form["text"].value()), (
        form["text"].value()
    )


def test_a_template_chosen_late_loses_nothing_that_was_typed(rep: Client, inbound: Prospect) -> None:
    first = template()
    second = template(name="b", slug="b", subject="Second", body="<p>Other words.</p>")
    mine = {"subject": "Mine", "text": "I saw your press.\r\n\r\nSam", "next_kind": "call", "next_in": "7"}
    answer = rep.post(page(inbound), mine | {"fill": "1", "template": second.pk})
    form = answer.context["form"]
    assert answer.status_code == 200 and not OwnMail.objects.exists() and "aria-invalid" not in str(form)
    assert (form["subject"].value(), form["next_in"].value()) == ("Mine", "7")
    assert form["text"].value() == "Other words.\n\nI saw your press.\n\nSam"
    again = mine | {"text": form["text"].value(), "fill": "1", "template": first.pk, "filled": second.pk}
    words = rep.post(page(inbound), again).context["form"]["text"].value()
    assert words.endswith("Sam Okafor\n\nI saw your press.\n\nSam") and "Other words" not in words
    assert (
        rep.post(page(inbound), again | {"text": words, "filled": first.pk}).context["form"]["text"].value()
        == words
    )


def test_a_template_takes_the_place_of_a_greeting_and_of_another_template(
    rep: Client, inbound: Prospect
) -> None:
    first = template()
    second = template(name="b", slug="b", subject="Second", body="<p>Other words.</p>")
    begun = rep.get(page(inbound)).context["form"]["text"].value().replace("\n", "\r\n")
    one = rep.post(page(inbound), {"subject": "", "text": begun, "fill": "1", "template": first.pk}).context[
        "form"
    ]
    assert one["text"].value().startswith("Hello Ada,\n\nsee this") and one["subject"].value() == "For you"
    typed = {"subject": one["subject"].value(), "text": one["text"].value(), "filled": first.pk}
    two = rep.post(page(inbound), typed | {"fill": "1", "template": second.pk}).context["form"]
    assert (two["subject"].value(), two["text"].value()) == ("Second", "Other words.")


@pytest.mark.parametrize("asked", ["template", "filled"])
def test_a_template_that_is_not_there_fills_nothing_in(rep: Client, inbound: Prospect, asked: str) -> None:
    assert rep.post(page(inbound), TYPED | {"fill": "1", asked: "99999"}).status_code == 404


def test_a_template_that_fails_keeps_what_was_typed(rep: Client, inbound: Prospect) -> None:
    broken = template(subject="{{ person.job_title }}")
    answer = rep.post(page(inbound), TYPED | {"fill": "1", "template": broken.pk}).content.decode()
    assert "cannot be filled in" in answer and "the gauge fits." in answer


def test_templates_of_bulk_mail_are_not_offered(rep: Client, inbound: Prospect) -> None:
    fits = template()
    template(name="b", slug="b", body="<p>{{ unsubscribe_url }}</p>")
    template(name="c", slug="c", body="{% if piece.title %}x{% endif %}")
    template(name="d", slug="d", format="mjml", body="<mjml></mjml>")
    template(name="e", slug="e", archived_at=TUESDAY)
    german = template(name="z", slug="z", language="de")
    Person.objects.filter(pk=inbound.person_id).update(language="de")
    assert rep.get(page(inbound)).context["templates"] == [german, fits]
    others = EmailTemplate.objects.exclude(pk__in=[german.pk, fits.pk])
    for pk in others.values_list("pk", flat=True):
        assert rep.get(page(inbound), {"template": pk}).status_code == 404
        assert rep.post(page(inbound), TYPED | {"fill": "1", "template": pk}).status_code == 404
    assert rep.get(page(inbound), {"template": "x"}).status_code == 404
    assert rep.get(page(inbound), {"template": "99999"}).status_code == 404


def test_a_template_that_fails_for_somebody_says_so(rep: Client, inbound: Prospect) -> None:
    broken = template(subject="{{ person.job_title }}")
    assert "cannot be filled in" in rep.get(page(inbound), {"template": broken.pk}).content.decode()


def test_pieces_are_put_in_as_links_above_the_name(rep: Client, inbound: Prospect) -> None:
    kind = AssetKind.objects.first() or AssetKind.objects.create(name="Guide", slug="guide")
    for name, link in (("Outside", "https://x.example/a"), ("Only here", "")):
        Asset.objects.create(
            title=name, slug=name.lower().replace(" ", "-"), kind=kind, audience="sales", link=link, body="x",
            journey_stage="consideration", published_at=TUESDAY, language="en",
        )  # fmt: skip
    assert [link.title for link in rep.get(page(inbound)).context["form"].links] == ["Outside"]
    rep.post(page(inbound), TYPED | {"submit_key": uuid4(), "pieces": ["outside"]})
    assert OwnMail.objects.get().text.endswith(
        "the gauge fits.\n\nOutside: https://x.example/a\n\nBest regards\nSam Okafor"
    )
    assert rep.post(page(inbound), TYPED | {"pieces": ["only-here"]}).status_code == 422


def test_the_mail_is_shown_in_a_frame_that_does_nothing(rep: Client, inbound: Prospect) -> None:
    answer = rep.post(page(inbound, "look"), TYPED | {"text": "<script>x</script>\n\nhttps://x.example/"})
    shown = answer.content.decode()
    assert "<script" not in shown and '<a href="https://x.example/"' in shown
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "/u/preview/" not in shown
    assert not OwnMail.objects.exists()


def test_a_cold_contact_sees_the_way_out_in_it(rep: Client, cold: Prospect) -> None:
    assert "/u/preview/" in rep.post(page(cold, "look"), TYPED).content.decode()


def test_an_answer_quotes_nothing_and_keeps_the_talk(rep: Client, inbound: Prospect) -> None:
    mail = theirs(inbound)
    shown = rep.get(page(inbound), {"answer": "last"})
    form = shown.context["form"]
    assert form["subject"].value() == "Re: Press"
    assert "Which gauge?" not in form["text"].value()
    assert "Which gauge?" in shown.content.decode()  # beside it, to be read
    rep.post(page(inbound), TYPED | {"answers": mail.pk, "submit_key": uuid4()})
    mine = OwnMail.objects.get(direction="out")
    assert (mine.in_reply_to, mine.thread) == (mail.message_id, mail.thread)


def test_three_people_ask_and_only_sales_with_a_right_to_it_gets_in(
    client: Client, inbound: Prospect, sam: Any, sara: Any, maya: Any, nora: Any, vera: Any
) -> None:
    Prospect.objects.filter(pk=inbound.pk).update(owner=sara)
    for who, status in ((maya, 403), (nora, 403), (vera, 403), (sam, 404), (sara, 200)):
        client.force_login(who)
        assert client.get(page(inbound)).status_code == status
        assert client.get(page(inbound, "look")).status_code == status
        posted = client.post(page(inbound), TYPED | {"submit_key": uuid4()}).status_code
        assert posted == (302 if status == 200 else status)
    assert [mail.user for mail in OwnMail.objects.all()] == [sara]


def test_the_mail_of_somebody_else_is_not_found(rep: Client, inbound: Prospect, sara: Any) -> None:
    other = theirs(make_inbound(sara, make_person()))
    assert rep.get(page(inbound), {"answer": other.pk}).status_code == 404
    assert rep.post(page(inbound), TYPED | {"answers": other.pk}).status_code == 404


# On the timeline.


def test_a_talk_stands_once_with_the_newest_mail_on_top(inbound: Prospect, sam: Any) -> None:
    first = acts.write_mail(prospect=inbound, subject="Press", text="Hello", by=sam, at=TUESDAY)
    Message.objects.update(state="sent", ended_at=TUESDAY)
    theirs(inbound, thread=first.thread, in_reply_to=first.message_id, at=later(hours=2))
    (line,) = [line for line in timeline(inbound.person) if line.kind == "talk"]
    assert line.at == later(hours=2) and line.talk is not None
    newest, before = line.talk.mails
    assert (newest.ours, newest.text, newest.quoted) == (False, "Which gauge?", "> said you")
    assert (before.ours, before.who, before.state and before.state.words) == (True, "Sam Okafor", "sent")
    assert not [line for line in timeline(inbound.person) if line.what.startswith("Mail ")]


@pytest.mark.parametrize(
    ("state", "words", "look"),
    [
        ("scheduled", "on its way", "chip-info"), ("sent", "sent", "chip-good"), ("failed", "failed", "chip-bad"),
        ("unknown", "not known", "chip-warn"), ("suppressed", "held back", "chip-bad"),
    ],
)  # fmt: skip
def test_what_became_of_ours_is_what_the_ledger_says(
    inbound: Prospect, sam: Any, state: str, words: str, look: str
) -> None:
    acts.write_mail(prospect=inbound, subject="Press", text="Hello", by=sam, at=TUESDAY)
    Message.objects.update(state=state, reason="550 no")
    mail = talks.talks(talks.mails_of(inbound.person, 9), inbound.person)[0].newest
    assert mail.state and (mail.state.words, mail.state.look, mail.why) == (words, look, "550 no")


def test_the_page_shows_the_talk_and_leads_to_the_answer(rep: Client, inbound: Prospect) -> None:
    mail = theirs(inbound, text="<b>Hi</b>")
    shown = rep.get(reverse("staff-person", args=[inbound.pk]), {"all": 1}).content.decode()
    assert "&lt;b&gt;Hi&lt;/b&gt;" in shown and f"{page(inbound)}?answer={mail.pk}" in shown


def test_a_long_talk_takes_no_more_statements(
    rep: Client, inbound: Prospect, sam: Any, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        acts.write_mail(prospect=inbound, subject="x", text="y", by=sam, at=later(minutes=number))
    with django_assert_num_queries(1):
        talks.talks(talks.mails_of(inbound.person, 60), inbound.person)


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        ("a\n> b", "a", "> b"), ("> b", "", "> b"), ("a\n> b\nc", "a\n> b\nc", ""),
        ("a\n\n> b\n\n> c\n", "a", "> b\n\n> c"),
        ("a\n", "a", ""), ("", "", ""),
    ],
)  # fmt: skip
def test_only_what_is_repeated_at_the_end_is_folded(text: str, own: str, quoted: str) -> None:
    assert talks.own_words(text) == (own, quoted)


# By the API.


def test_the_api_writes_and_lists(rep: Client, inbound: Prospect) -> None:
    address = reverse("api-prospect-mails", args=[inbound.pk])
    mail = theirs(inbound, at=timezone.now() - timedelta(hours=1))
    body = {"subject": "Press", "text": "Yes.", "answers": mail.pk}
    key = {"Idempotency-Key": "1"}
    sent = [rep.post(address, body, content_type="application/json", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201] and sent[0].json() == sent[1].json()
    assert sent[0].json()["state"] == "scheduled" and sent[0].json()["thread"] == mail.thread
    other = rep.post(address, body | {"text": "No."}, content_type="application/json", headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    assert [row["direction"] for row in rep.get(address).json()["results"]] == ["out", "in"]


def test_the_api_refuses_as_the_page_does(
    client: Client, inbound: Prospect, sam: Any, maya: Any, sara: Any
) -> None:
    address, body = reverse("api-prospect-mails", args=[inbound.pk]), {"subject": "Press", "text": "Yes."}
    client.force_login(maya)
    assert client.post(address, body, content_type="application/json").status_code == 403
    client.force_login(sam)
    for wrong in ({"subject": ""}, {"answers": 99999}, {"other": 1}, {"follow_up": {"kind": "x"}}):
        assert client.post(address, body | wrong, content_type="application/json").status_code in (400, 422)
    suppress(email_key=inbound.person.email_key or "", person=inbound.person, reason="sales", at=TUESDAY)
    assert client.post(address, body, content_type="application/json").json()["error"]["code"] == "refused"
    Prospect.objects.filter(pk=inbound.pk).update(owner=sara)
    assert client.get(address).status_code == 404
    assert not OwnMail.objects.exists()
