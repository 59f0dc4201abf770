"""What the public pages saw besides forms: how pieces were read, where forms were left, a test of two wordings, a
partner's site, what was found out about people, and what they asked of us about their data."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from campaigns.models import EmbedSite, PageTest
from crm.demo.cast import Cast
from crm.demo.pages import PAGES
from crm.demo.world import dice, message_id
from leads.judging import VERSION
from leads.models import (
    ConsentEvent,
    Door,
    Fact,
    Hit,
    Lead,
    Message,
    PrivacyRequest,
    Submission,
    Touch,
    TouchKind,
    Verdict,
)

BEGIN, LEFT_OF_BEGUN = 0.35, 0.5
WEIGHTS = {"phone": 7, "message": 4, "job_title": 3, "country": 2, "company": 2, "company_size": 3}
TESTS = (
    # page, began, ended (days ago), visitors each, B's headline, how many of the forms are B's
    ("bearing", 210, 90, 120, "The pump that will stop your line is already telling you", 0.6),
    ("wash-down", 35, 0, 400, "140 transmitters died so that yours need not", 0.5),
)
CLEAR = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
DONE = "Sent as JSON to the address on file."
FOUND_BY = "Our table of companies"


def look_back(cast: Cast) -> None:
    """Add it all to the rows that wait to be written."""
    _read_in_place(cast)
    _left_forms(cast)
    _two_wordings(cast)
    _partner_site(cast)
    _found_out(cast)
    _requests(cast)


def _read_in_place(cast: Cast) -> None:
    """Each reading is followed by a beacon; the touch of a known reader carries what it said."""
    die = dice("readings")
    known = {
        touch.hit_id: touch
        for touch in cast.world.rows[Touch]
        if touch.kind == TouchKind.READ and touch.hit_id
    }
    for hit in [hit for hit in cast.world.rows[Hit] if hit.kind == Hit.Kind.READ]:
        if die.random() < 0.2:  # left at once, or without scripts
            continue
        depth = min(100, int(die.betavariate(1.6, 1.1) * 100) + 4)
        seconds = int(depth * die.uniform(0.8, 3.2)) + 3
        _human(cast, hit, Hit.Kind.VIEW, hit.at + timedelta(seconds=seconds), seconds=seconds, depth=depth)
        if touch := known.get(hit.pk):
            touch.seconds, touch.depth = seconds, depth


def _left_forms(cast: Cast) -> None:
    """Some begin a form and leave it at a field; the fields that ask most are left most."""
    die = dice("left forms")
    asked = {page.slug: [name.rstrip("?+") for name in page.fields] for page in PAGES}
    machines = {
        verdict.hit_id for verdict in cast.world.rows[Verdict] if verdict.verdict == Verdict.Kind.MACHINE
    }
    slugs = {page.pk: page.slug for page in cast.pages.values()}
    for hit in [hit for hit in cast.world.rows[Hit] if hit.kind == Hit.Kind.PAGE]:
        if hit.person_id or hit.pk in machines or die.random() > BEGIN * LEFT_OF_BEGUN:
            continue
        fields = asked.get(slugs.get(hit.page_id, ""), ["email", "company"])
        field = die.choices(fields, [WEIGHTS.get(name, 1) for name in fields])[0]
        _human(cast, hit, Hit.Kind.LEFT, hit.at + timedelta(seconds=die.randrange(15, 240)), label=field)


def _human(cast: Cast, hit: Hit, kind: Hit.Kind, at: datetime, **more: object) -> None:
    """A beacon of the visitor who made `hit`."""
    beacon = cast.world.add(
        Hit(
            kind=kind.value, at=at, method="POST", path=hit.path, page_id=hit.page_id, asset_id=hit.asset_id,
            campaign_id=hit.campaign_id, person_id=hit.person_id, visitor_key=hit.visitor_key, agent=hit.agent,
            judged=True, **more,
        )
    )  # fmt: skip
    cast.world.add(Verdict(hit_id=beacon.pk, version=VERSION, verdict=Verdict.Kind.HUMAN.value))


def _two_wordings(cast: Cast) -> None:
    """One test that has said what it had to say, and one that has not."""
    for slug, began, ended, visitors, headline, share in TESTS:
        page, die = cast.pages[slug], dice("wording", slug)
        test = PageTest(
            page=page, title=headline, visitors_each=max(50, int(visitors * min(1, cast.world.scale * 4))),
            state=PageTest.State.DONE if ended else PageTest.State.RUNNING,
            started_at=cast.world.clock(9, days=-began),
            ended_at=cast.world.clock(17, days=-ended) if ended else None, kept="a" if ended else "",
        )  # fmt: skip
        test._history_user = cast.users["ines"]  # type: ignore[attr-defined]
        test.save()
        until = test.ended_at or cast.world.now
        for row in (*cast.world.rows[Hit], *cast.world.rows[Submission]):
            if row.page_id != page.pk or not test.started_at < row.at < until:
                continue
            if isinstance(row, Submission):
                row.test, row.variant = test, "b" if die.random() < share else "a"
            elif row.kind == Hit.Kind.PAGE:
                row.test, row.variant = test, "ab"[hash_of(row.visitor_key)]


def hash_of(key: str) -> int:
    """0 or 1, the same for a key whenever it is asked."""
    return random.Random(key).randrange(2)


def _partner_site(cast: Cast) -> None:
    """A dealer shows two of our forms; some of the questions come from there."""
    die = dice("partner site")
    pages = [cast.pages["ask"], cast.pages["quote"]]
    site = EmbedSite.objects.create(
        name="Tolvar Automation, dealer", origins="https://www.tolvar-automation.example"
    )
    site.pages.set(pages)
    for form in cast.world.rows[Submission]:
        accepted = form.state == Submission.State.ACCEPTED
        if accepted and form.page_id in {page.pk for page in pages} and die.random() < 0.12:
            form.door, form.site = Door.EMBED, site
    visits = [hit for hit in cast.world.rows[Hit] if hit.kind == Hit.Kind.PAGE and not hit.person_id]
    for hit in die.sample(visits, len(visits) // 60):
        hit.site, hit.page_id, hit.label = site, None, die.choice(("/sensors/", "/service/", "/"))
        hit.test, hit.variant = None, ""


def _found_out(cast: Cast) -> None:
    """What the enrichers knew of a lead's company within seconds of the form."""
    for lead in cast.world.rows[Lead]:
        person, at = lead.person, lead.created_at + timedelta(seconds=20)
        person.enriched_at = at
        company = person.company
        if company is None:
            continue
        for field, value in (("industry", company.industry), ("company_size", company.size)):
            if value:
                cast.world.add(
                    Fact(
                        person=person, field=field, value=str(value), source=Fact.Source.ENRICHED.value,
                        detail=FOUND_BY, confidence="0.90", at=at, recorded_at=at,
                    )
                )  # fmt: skip


def _requests(cast: Cast) -> None:
    """A copy that was sent, an erasure that waits for an operator, and one that the mailbox has not confirmed."""
    die = dice("requests")
    quiet = [lead.person for lead in cast.world.rows[Lead] if not lead.person.sales_stage]
    agreed = {event.person_id for event in cast.world.rows[ConsentEvent]}
    people = die.sample([person for person in quiet if person.pk not in agreed], 3)
    for person, (kind, days, confirmed, done) in zip(
        people,
        (("export", 40, True, True), ("erasure", 6, True, False), ("export", 1, False, False)),
        strict=True,
    ):
        at = cast.world.at(days, die)
        row = cast.world.add(
            PrivacyRequest(
                person=person, kind=kind, receipt=_receipt(die), asked_at=at,
                confirmed_at=at + timedelta(minutes=12) if confirmed else None,
                done_at=at + timedelta(days=1, hours=2) if done else None,
                done_by=cast.users["jonas"] if done else None, note=DONE if done else "",
            )
        )  # fmt: skip
        key = f"req:{row.pk}:confirm:1"
        cast.world.add(
            Message(
                key=key, message_id=message_id(key), kind=Message.Kind.REQUEST.value, person=person,
                to_address=person.email, state=Message.State.SENT.value, attempts=1, due_at=at, created_at=at,
                claimed_at=at + timedelta(seconds=3), ended_at=at + timedelta(seconds=4), code="250",
            )
        )  # fmt: skip


def _receipt(die: random.Random) -> str:
    return "-".join("".join(die.choices(CLEAR, k=4)) for _half in range(2))
