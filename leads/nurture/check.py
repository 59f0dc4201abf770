"""The check of a whole sequence before its start: each mail as it is written, and for real people of its audience."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from campaigns import preflight
from campaigns.mail import checks, merge
from campaigns.mail import html as mail_html
from campaigns.models import EmailTemplate, SequenceStep, StepKind
from campaigns.models import Sequence as MailSequence
from campaigns.preflight import ERROR, NOTE, WARNING, Finding
from campaigns.sequences import tagged
from leads.models import Person
from leads.sending import preview

REAL_PEOPLE = 50
MOSTLY = 0.5  # above this share what stands in for "not known" is what most people read
ENDS_SOON = timedelta(days=7)


@dataclass(frozen=True)
class Found:
    """A finding and whose it is: step 0 is the sequence as a whole, `mail` the name of the e-mail template."""

    step: int
    mail: str
    finding: Finding

    @property
    def key(self) -> str:
        return f"{self.step}:{self.finding.key}"[:200]


@dataclass(frozen=True)
class Draft:
    """One wording of one mail step as it is being written."""

    step: int
    template: EmailTemplate
    next_piece: bool


def findings(sequence: MailSequence, *, at: datetime, ask_web: bool = True) -> list[Found]:
    """Everything that speaks against starting this sequence as its steps are written now, in the order of the steps."""
    drafts = _drafts(sequence)
    mails = {draft: _mail(draft, sequence) for draft in drafts if not checks.check(draft.template)}
    asked = preflight.ask_web(mails.values()) if ask_web else None
    people = _audience(sequence)
    found = [Found(0, "", finding) for finding in _of_all(sequence, drafts)]
    for draft in drafts:
        ours = list(_of_draft(draft, at))
        if draft in mails:
            ours += preflight.check(mails[draft], at=at, asked=asked)
            ours += _for_real_people(draft, sequence, people)
        found += [Found(draft.step, draft.template.name, one) for one in preflight.worst_first(ours)]
    return found


def blocking(found: Iterable[Found]) -> list[Found]:
    """What must be mended first."""
    return [one for one in found if one.finding.level == ERROR]


def open_warnings(found: Iterable[Found], reasons: Mapping[str, str]) -> list[Found]:
    """Warnings for which nobody has given a reason yet. `reasons`: key of a finding → words."""
    return [one for one in found if one.finding.level == WARNING and not reasons.get(one.key, "").strip()]


def rows(found: Iterable[Found], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is kept with the published version: each finding, and why it was accepted."""
    return [
        one.finding.as_row(reasons.get(one.key, "").strip()[:300]) | {"step": one.step, "mail": one.mail}
        for one in found
    ]


def _drafts(sequence: MailSequence) -> list[Draft]:
    steps = sequence.steps.select_related("template__offer").prefetch_related("wordings__template__offer")
    found = []
    for number, step in enumerate(steps.order_by("order", "pk"), start=1):
        if step.kind == StepKind.MAIL:
            found += [Draft(number, template, step.next_piece) for template in _templates(step)]
    return found


def _templates(step: SequenceStep) -> Iterator[EmailTemplate]:
    if step.template:
        yield step.template
    yield from (wording.template for wording in step.wordings.all())


def _mail(draft: Draft, sequence: MailSequence) -> preflight.Mail:
    """As an example person would get it."""
    template = draft.template
    made = preview.draft(template, None, sequence=sequence, next_piece=draft.next_piece)
    targets = mail_html.targets(template.body)
    return preflight.Mail(
        subject=made.subject,
        preheader=template.preheader,
        html=made.html,
        text=made.text,
        written=template.body,
        targets=tuple((target, tagged(target, sequence, draft.step)) for target in targets),
        unsubscribe_url=f"{settings.BASE_URL}{preview.NOWHERE}",
        postal_address=settings.POSTAL_ADDRESS,
    )


def _of_all(sequence: MailSequence, drafts: list[Draft]) -> Iterator[Finding]:
    """What no single mail shows."""
    yield from preflight.check_sender()
    if not drafts:
        yield Finding("no-mail", NOTE, _("This sequence sends no mail."))
    elif sequence.topic is None and sequence.audience != MailSequence.Audience.PROSPECTS:
        words = _("The sequence has no topic: readers can only stop everything, not this alone.")
        yield Finding("no-topic", WARNING, words)
    if sequence.kind == MailSequence.Kind.SEQUENCE and not sequence.goal:
        words = _("The sequence has no goal: people who did what you hoped for go on getting its mails.")
        yield Finding("no-goal", NOTE, words)
    names = Counter(draft.template.name for draft in drafts)
    for name in (name for name, times in names.items() if times > 1):
        words = _("The same e-mail template is sent by more than one step; some people may get it twice.")
        yield Finding("mail-twice", WARNING, words, name)


def _of_draft(draft: Draft, at: datetime) -> Iterator[Finding]:
    for problem in checks.check(draft.template):
        yield Finding("template", ERROR, problem)
    offer = draft.template.offer
    if offer is None or offer.valid_until is None:
        return
    today = localdate(at)
    if offer.valid_until < today:
        yield Finding(
            "offer-over", ERROR, _("The offer in this mail is over. Renew it or take it out."), offer.name
        )
    elif offer.valid_until < today + ENDS_SOON:
        words = _("The offer in this mail ends on %(day)s; later readers get no mail at this step.")
        yield Finding("offer-ends", WARNING, words % {"day": offer.valid_until.isoformat()}, offer.name)


def _audience(sequence: MailSequence) -> list[Person]:
    """The newest people whom this sequence may be for: who walks it already, else who could."""
    people = Person.objects.filter(erased_at=None, merged_into=None).exclude(email_key=None)
    audience = MailSequence.Audience(sequence.audience)
    walking = people.filter(enrolments__sequence=sequence).distinct()
    could = {
        MailSequence.Audience.LEADS: people.filter(lead__isnull=False, sales_open=False),
        MailSequence.Audience.PROSPECTS: people.filter(sales_open=True),
        MailSequence.Audience.CUSTOMERS: people.filter(lead__status="customer"),
    }[audience]
    return list(walking.order_by("-pk")[:REAL_PEOPLE]) or list(could.order_by("-pk")[:REAL_PEOPLE])


def _for_real_people(draft: Draft, sequence: MailSequence, people: list[Person]) -> Iterator[Finding]:
    """Made for each of them: what cannot be made, and which fields are empty for most."""
    template = draft.template
    lines = merge.names(template.subject, html=False) | merge.names(template.preheader, html=False)
    used = lines | merge.names(template.body)
    missing: Counter[str] = Counter()
    for person in people:
        fields = preview.fields(template, person, sequence=sequence, next_piece=draft.next_piece)
        missing.update(name for name in used if name.startswith("person.") and not _has(fields, name))
        try:
            preview.draft(template, person, sequence=sequence, next_piece=draft.next_piece)
        except Exception as error:  # noqa: BLE001 - whatever a template can raise, this person would get no mail
            words = _("For at least one real person no mail can be made: %s.") % error
            yield Finding("person-fails", ERROR, words, str(person))
            return
    for name, number in missing.most_common():
        level = WARNING if number > len(people) * MOSTLY else NOTE
        words = _("%(name)s is not known of %(number)d of %(all)d people; they read what you wrote instead.")
        yield Finding(
            "field-empty", level, words % {"name": name, "number": number, "all": len(people)}, name
        )


def _has(fields: Mapping[str, Any], name: str) -> bool:
    return bool(fields.get("person", {}).get(name.removeprefix("person.")))
