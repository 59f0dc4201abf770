"""A mail filled into a skeleton reads exactly as one made the usual way, whatever stands in a name."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from campaigns.mail.printing import only_prints
from campaigns.models import EmailTemplate, MailLink
from leads.consent import TRACKING, record_consent
from leads.models import Message
from leads.sending import line, skeleton
from leads.sending.letters import Letter, Made, letter, parts, written
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
NASTY = [
    "", "None", "O'Hara \"the\" <b>&amp;", "<script>alert(1)</script>", "\r\nBcc: x@y.example\r\n\r\nhello", "\n.\n",
    ".", "=", "..", "=3D=\r\n", "=?utf-8?q?x?=", "{{ brand }}", "{% if x %}", "https://averdahl.example/a", "--=_0123",
    "x" * 997, "木" * 400, "a " * 400, "zq0123456789ab0x&<>\"'xzq0123456789ab", "https://zq00u.example/", "\u202e abc",
    "😀", "\u00a0x\u2028y", "</a></body>",
]  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=120),
    st.text(alphabet="\r\n\t =.<>\"',;:@&{}%\x00\x85\u2028aé", max_size=200),
)
SUBJECT = (
    "{{ person.first_name | default: 'Hello' }}, grüße an "
    "{{ person.company | default: person.last_name | default: 'you' }}"
)
BODY = """<h1>Hi {{ person.first_name | default: "there" }}{{ person.last_name | default: "!" }}</h1>
<p title="{{ person.company | default: '-' }}">.{{ person.company | default: "-" }}.
{% if person.job_title %}As {{ person.job_title }}{% elsif person.country %}In {{ person.country }}
{% else %}So{% endif %},
<a href="https://averdahl.example/a">read {{ person.company | default: "it" }}</a>,
<a href="https://averdahl.example/b?x=1&y=2">https://averdahl.example/b?x=1&y=2</a></p>
<ul><li>{{ person.last_name | default: "one" }}</li></ul>
{% unless person.first_name %}<p>Who are you?</p>{% endunless %}
<p><img src="https://averdahl.example/p.png" alt="{{ person.last_name | default: 'x' }}">
<a href="{{ unsubscribe_url }}">{{ unsubscribe_url }}</a> <a href="{{ preferences_url }}">leave</a></p>"""


def a_mail(subject: str = SUBJECT, body: str = BODY, preheader: str = "", tracked: bool = False) -> Message:
    """A due mail of these words, as a sender holds it."""
    made = a_due_mail()
    row = Message.objects.select_related(
        "person", "enrolment__sequence__campaign__owner", "step", "words"
    ).get(pk=made.pk)
    row.words.subject, row.words.body, row.words.preheader = subject, body, preheader
    MailLink.objects.filter(words=row.words).delete()
    for position, target in enumerate(("https://averdahl.example/a", "https://averdahl.example/b?x=1&y=2")):
        MailLink.objects.create(
            words=row.words, position=position, source=target, target=f"{target}#utm={position}"
        )
    if tracked:
        record_consent(person=row.person, purpose=TRACKING, given=True, at=NOON)
    return row


def named(row: Message, first="", last="", company="", title="", country="") -> Message:
    row.person.first_name, row.person.last_name, row.person.company_name = first, last, company
    row.person.job_title, row.person.country = title, country
    return row


def filled(kept: skeleton.Skeletons, row: Message) -> Letter | line.Written:
    """A skeleton is made for the second mail of its kind."""
    kept.letter(row, NOON, Made.empty())
    return kept.letter(row, NOON, Made.empty())


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def usual(row: Message) -> bytes:
    return line.email(letter(row, NOON)).message().as_bytes(linesep="\r\n")


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return found.get_content().replace("\r\n", "\n")


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    """All but the date and the boundary. The usual way may begin a long one on a line of its own."""
    return sorted(
        (n.lower(), v.strip()) for n, v in message.items() if n.lower() not in ("date", "content-type")
    )


def same(one: bytes, other: bytes) -> None:
    """Equal headers but for the date's seconds and the boundary, equal parts, and legal lines."""
    left, right = parsed(one), parsed(other)
    assert headers(left) == headers(right)
    gap = parsedate_to_datetime(left["Date"]) - parsedate_to_datetime(right["Date"])
    assert abs(gap) < timedelta(minutes=5)
    assert left.get_content_type() == right.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in left.iter_parts()] == [
        part.get_content_type() for part in right.iter_parts()
    ]
    assert body(left, "plain") == body(right, "plain")
    assert body(left, "html") == body(right, "html")
    assert all(len(each) <= 76 for each in one.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[^\x00-\x7f]", one)


@pytest.mark.parametrize("tracked", [False, True])
def test_a_filled_skeleton_is_the_mail_that_would_have_been_made(tracked):
    row, kept, ways = (
        a_mail(tracked=tracked, preheader="For {{ person.first_name | default: 'you' }}"),
        skeleton.Skeletons(),
        [],
    )

    @rules(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES))
    def holds(names):
        made = filled(kept, named(row, *names))
        ways.append(isinstance(made, line.Written))
        if isinstance(made, line.Written):
            same(made.raw, usual(row))
            assert (made.to, made.envelope) == (row.person.email, letter(row, NOON).envelope)
            assert made.subject == letter(row, NOON).subject

    holds()
    assert sum(ways) > len(ways) * 0.7


@pytest.mark.parametrize("name", NASTY)
def test_each_hostile_name_reads_the_same(name):
    row = named(a_mail(tracked=True), name, name, name, name, name)
    made = filled(skeleton.Skeletons(), row)
    if isinstance(made, line.Written):
        same(made.raw, usual(row))
    else:
        assert made == letter(row, NOON)


def test_only_a_name_with_an_address_in_it_goes_the_usual_way():
    kept, row = skeleton.Skeletons(), a_mail()
    slow = [name for name in NASTY if isinstance(filled(kept, named(row, name)), Letter)]
    assert slow == ["https://averdahl.example/a", "https://zq00u.example/"]


@pytest.mark.parametrize(
    ("source", "prints"),
    [
        ("{{ person.first_name | default: 'you' }}", True),
        ("{% if person.company and person.country %}a{% else %}b{% endif %}", True),
        ("{% unless person.company %}{{ brand }}{% endunless %}", True),
        ("{% if person.country == 'DE' %}a{% endif %}", False),
        ("{% if person.company %}{% if person.country == 'DE' %}a{% endif %}{% endif %}", False),
        ("{{ person.first_name | upcase }}", False),
        ("{{ person.first_name | default: 'you' | upcase }}", False),
        ("{{ person.first_name | size }}", False),
        ("{{ person.first_name.size }}", False),
        ("{% for x in person %}{{ x }}{% endfor %}", False),
        ("{% case person.country %}{% when 'DE' %}a{% endcase %}", False),
        ("{% assign x = person.country %}{{ x }}", False),
        ("{{ broken", False),
    ],
)
def test_words_that_do_more_with_a_field_than_print_it_get_no_skeleton(source, prints):
    assert only_prints(source) is prints
    if not prints and source != "{{ broken":
        row = named(a_mail(subject="Hello", body=f"<p>{source}</p>"), "Ada", country="DE")
        assert isinstance(filled(skeleton.Skeletons(), row), Letter)


def test_other_words_another_consent_or_another_field_known_is_another_skeleton():
    kept = skeleton.Skeletons()
    row = a_mail()
    filled(kept, named(row, "Ada"))
    assert isinstance(kept.letter(named(row, "Bob"), NOON, Made.empty()), line.Written)
    assert isinstance(kept.letter(named(row, "Ada", "Nordin"), NOON, Made.empty()), Letter)
    record_consent(person=row.person, purpose=TRACKING, given=True, at=NOON)
    assert isinstance(kept.letter(named(row, "Ada"), NOON, Made.empty()), Letter)
    row.words.body += "<p>More</p>"
    assert isinstance(kept.letter(named(row, "Ada"), NOON, Made.empty()), Letter)


def test_a_tracked_piece_is_filled_in_and_its_address_is_each_readers_own():
    row = named(a_mail(tracked=True), "Ada")
    looked_up = parts(row, Made.empty())
    pieces = [
        {"title": "Where to put it", "url": f"https://averdahl.example/c/{n}/", "kind": "guide"}
        for n in (1, 2)
    ]
    one, two = (
        replace(looked_up, fields=looked_up.fields | {"piece": piece}, next_piece=True) for piece in pieces
    )
    made = skeleton.make(one, "a@b.example")
    assert made is not None
    assert made.read(skeleton.personal(two)) == written(two)
    assert "https://averdahl.example/c/2/" in written(two).html


def test_an_address_that_is_more_than_plain_goes_the_usual_way():
    row = a_mail()
    row.person.email = row.person.email_key = "jürgen@maasland.example"
    assert isinstance(filled(skeleton.Skeletons(), row), Letter)


def test_words_that_cannot_prove_themselves_get_no_skeleton(monkeypatch):
    row = named(a_mail(), "Ada")
    real = skeleton.letters.written

    def depends_on_a_value(parts):
        made = real(parts)
        return (
            made
            if len(parts.fields["person"]["first_name"]) < 100
            else type(made)("other", made.html, made.text)
        )

    monkeypatch.setattr(skeleton.letters, "written", depends_on_a_value)
    assert skeleton.make(parts(row, Made.empty()), "a@b.example") is None
    monkeypatch.undo()
    assert skeleton.make(parts(row, Made.empty()), "a@b.example") is not None


def test_the_templates_of_the_demo_company_all_fit_a_skeleton():
    for template in EmailTemplate.objects.all():
        assert only_prints(template.subject + template.body + template.preheader), template
