"""The words of the funnel, each with its one sentence: shown on hover and printed as `docs/glossary.md`.

This is the one source. A page names a word by its key (`{% term "marketing_qualified" %}`); the document is made by
`manage.py glossary` and a test fails when the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Term:
    """One word: its name on screens, one sentence, and the arithmetic where it is a number."""

    name: str | Promise
    says: str | Promise
    formula: str | Promise = ""


PEOPLE = {
    "person": Term(_("Person"), _("Someone we know of, with names, addresses, phones and a company.")),
    "visitor": Term(
        _("Visitor"), _("A browser, not a person; a link to a person is a row with its evidence.")
    ),
    "lead": Term(_("Lead"), _("A person who has shown interest; one lead per person.")),
    "cold_contact": Term(
        _("Cold contact"),
        _("A person without a lead, from an outbound list; gets no marketing mail and is in no lead count."),
    ),
    "prospect": Term(
        _("Prospect"), _("One cycle of work by sales on one person, from the handover to its end.")
    ),
    "account": Term(_("Account"), _("A company that has an owner, a tier or a target.")),
    "persona": Term(_("Persona"), _("A buyer type we write for.")),
    "ideal_profile": Term(
        _("Ideal customer profile"),
        _("Required, preferred and excluded values of company and role: size, place, industry, title."),
    ),
    "segment": Term(
        _("Segment"),
        _(
            "A saved question about leads. Its people are kept up to date; mailings and sequences ask for them."
        ),
    ),
    "deal": Term(
        _("Deal"), _("Money: what, how much and when it is due. Forecasts count deals, not people.")
    ),
}

WHAT_HAPPENS = {
    "touch": Term(_("Touch"), _("Something the person did or met: a visit, a form, a download, a reply.")),
    "activity": Term(_("Activity"), _("Something we did: a call, a meeting, a note, a mail of our own.")),
    "channel": Term(
        _("Channel"), _("The way somebody came, read from click ids, UTM values and the referrer.")
    ),
    "inquiry": Term(
        _("Inquiry"), _("A form that asks for contact, a demo, a quote, a call back or a trial.")
    ),
    "asset": Term(_("Asset"), _("A piece of content; its public library is titled Resources.")),
    "offer": Term(_("Offer"), _("Terms with a code, a time and a limited number.")),
    "sequence": Term(_("Sequence"), _("Mails in steps, sent when each falls due and may be sent.")),
    "grade": Term(
        _("Grade"),
        _("A letter for fit, A to D, and a digit for engagement, 1 to 4; A1 is the warmest."),
    ),
    "receipt": Term(
        _("Receipt"), _("One line of a score: the rule, the touch or fact behind it, its points to date.")
    ),
    "seniority": Term(
        _("Seniority"),
        _("What a job title says of its holder's place, from owner to student; a fit rule may ask it."),
    ),
    "journey_stage": Term(
        _("Journey stage"),
        _("How far a lead has come towards buying: the furthest that the touches show, or set by hand."),
    ),
    "again_margin": Term(
        _("More engagement after a return"),
        _("What a lead that sales gave back needs above the threshold, so that nobody goes back and forth."),
    ),
    "backtest": Term(
        _("Backtest"),
        _("A version of the rules tried on past weeks, day by day, with only what was known on each day."),
    ),
    "learned_points": Term(
        _("Learned points"),
        _(
            "A table of points worked out from closed leads; it becomes a draft of the rules, never live by itself."
        ),
    ),
    "closed_lead": Term(
        _("Closed lead"), _("One whose outcome is known: became a customer, was disqualified or given back.")
    ),
    "bant": Term(
        _("BANT"),
        _(
            "Budget, authority, need, timing. Each is unknown, claimed, confirmed or no, with the sentence "
            "behind it and its age."
        ),
    ),
    "verdict": Term(_("Verdict"), _("Sales accepts, or rejects with a reason that carries its outcome.")),
    "first_touch_time": Term(
        _("First touch"), _("Working minutes from the handover to the first human act by the owner.")
    ),
    "machine_share": Term(
        _("Machine share"), _("Hits read as made by scanners and bots, of all hits; they never score.")
    ),
}

STEPS = {
    "visits": Term(
        _("Visitors"), _("Human visitors of our pages; not measured where a source carries none.")
    ),
    "leads": Term(_("Leads"), _("Leads created in the period, after spam and duplicates are taken out.")),
    "marketing_qualified": Term(
        _("Marketing-qualified"),
        _(
            "An inquiry, whatever the score; or a grade over the threshold with all required facts; and no "
            "exclusion."
        ),
    ),
    "accepted": Term(
        _("Accepted"), _("Handed over and accepted by sales. The rate counts only those with a verdict.")
    ),
    "sales_qualified": Term(
        _("Sales-qualified"),
        _("A real conversation took place and sales found the need and the position to be real."),
    ),
    "proposal": Term(_("Proposal"), _("The person holds an offer of ours.")),
    "won": Term(_("Won"), _("The person's company bought; the amount is on the deal.")),
    "contacted": Term(_("Contacted"), _("Cold contacts that sales called or wrote to.")),
    "answered": Term(_("Answered"), _("Cold contacts that reacted in any way.")),
    "conversation": Term(_("Conversation"), _("Cold contacts with a logged conversation.")),
    "meeting_held": Term(_("Meeting held"), _("Cold contacts with a meeting that took place.")),
}

NUMBERS = {
    "cost_per_lead": Term(
        _("Cost per lead"),
        _("Spend dated in the period, for each lead of the period under the same attribution."),
        _("spend ÷ leads"),
    ),
    "cost_per_qualified": Term(
        _("Cost per qualified lead"),
        _("Spend dated in the period, for each marketing-qualified lead of the cohort."),
        _("spend ÷ marketing-qualified"),
    ),
    "cost_per_customer": Term(
        _("Cost per customer"),
        _("Spend dated in the period, for each customer of the same cohort and attribution."),
        _("spend ÷ customers"),
    ),
    "qualification_rate": Term(
        _("Qualification rate"),
        _("Leads of the cohort that became marketing-qualified."),
        _("marketing-qualified ÷ leads"),
    ),
    "acceptance_rate": Term(
        _("Acceptance rate"),
        _(
            "Accepted, of the prospects handed over that have a verdict. Undecided ones are shown apart, not "
            "counted as rejected."
        ),
        _("accepted ÷ handed over with a verdict"),
    ),
    "sales_qualified_rate": Term(
        _("Sales-qualified rate"),
        _("Prospects found sales-qualified, of those accepted."),
        _("sales-qualified ÷ accepted"),
    ),
    "conversion": Term(
        _("Conversion"),
        _("Customers of the accepted prospects of the cohort; open ones are shown apart."),
        _("won ÷ accepted"),
    ),
    "time_to_conversion": Term(
        _("Time to conversion"),
        _("Median days from the first touch to the sale; open ones count as still running."),
    ),
    "time_from_handover": Term(
        _("Time from handover to conversion"), _("Median days from the handover to the sale.")
    ),
    "sends_waiting": Term(_("Sends waiting"), _("Mails whose moment has come and that are not sent yet.")),
    "sales_ready": Term(
        _("Sales-ready"),
        _("Prospects handed over and not yet touched by a person, and how long they wait."),
    ),
}

SECTIONS: dict[str, tuple[str | Promise, dict[str, Term]]] = {
    "people": (_("People and companies"), PEOPLE),
    "events": (_("What happens"), WHAT_HAPPENS),
    "steps": (_("Steps of the funnel"), STEPS),
    "numbers": (_("Numbers"), NUMBERS),
}
TERMS: dict[str, Term] = {key: term for _title, terms in SECTIONS.values() for key, term in terms.items()}


def as_markdown() -> str:
    """The whole glossary as a document, one line a word."""
    lines = ["# Glossary", "", "Made from `crm/glossary.py` by `manage.py glossary`; edit it there.", ""]
    for title, terms in SECTIONS.values():
        lines += [f"## {title}", ""]
        for term in terms.values():
            formula = f" Formula: {term.formula}." if term.formula else ""
            lines.append(f"- **{term.name}.** {term.says}{formula}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
