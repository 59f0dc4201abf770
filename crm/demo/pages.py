"""The landing pages. A block is (kind, heading, text, note), as campaigns.models.PageBlock has them."""

from __future__ import annotations

from dataclasses import dataclass, field

Block = tuple[str, str, str, str]

WHAT_NEXT: list[Block] = [
    ("next", "Right away", "The next page has the download. Nothing to confirm first.", ""),
    ("next", "Within two minutes", "The same link is in your mailbox, yours alone, good for seven days.", ""),
    (
        "next",
        "Later, if you ticked the box",
        "Field notes, about twice a month. If you didn’t, you won’t.",
        "",
    ),
]
SHORT_FORM = ("email", "first_name", "last_name", "company", "job_title")
LONG_FORM = (*SHORT_FORM, "country", "message", "heard_from?")


@dataclass(frozen=True)
class Page:
    """One landing page. `fields` name what the form asks for: `name?` is optional, `name?+` is asked later."""

    slug: str
    title: str
    lead: str
    asset: str = ""
    campaign: str = ""
    facts: str = ""
    kicker: str = ""
    fields: tuple[str, ...] = SHORT_FORM
    button: str = "Send it to me"
    form_title: str = ""
    inquiry: str = ""
    sequence: str = ""
    double_opt_in: bool = False
    blocks: list[Block] = field(default_factory=list)


PAGES = [
    Page(
        "bearing", "Catch a failing bearing six weeks before it stops the line",
        "31 bearings, run until they broke, with every reading recorded. Which one moved first, and where to set the "
        "alarm so that it rings once.",
        asset="bearing-white-paper", campaign="bearing-organic", sequence="field-notes-bearing",
        facts="24 pages · 20 minutes · for maintenance and reliability engineers",
        button="Send me the white "
         "paper", fields=("email", "first_name", "last_name?", "company", "job_title", "industry?", "company_size?+"),
        blocks=[
            ("point", "Plan the repair, skip the emergency", "In 27 of 31 tests the envelope level warned "
             "forty days or "
             "more ahead. Enough to order the part and pick the shift.", ""),
            ("point", "Fewer alarms that mean nothing", "Two limits instead of one cut false alarms from "
             "nine a month "
             "to one, on the same data.", ""),
            ("point", "Numbers you can use on Monday", "Alarm limits for pumps, fans and conveyors by speed "
             "and bearing "
             "size, on one sheet to print.", ""),
            ("inside", "How a bearing dies, in four stages", "", "3"),
            ("inside", "The test bench: 31 bearings, 14 months", "", "6"),
            ("inside", "Which reading moves first", "", "9"),
            ("inside", "Two limits instead of one", "", "14"),
            ("inside", "Where to mount the sensor, and where never to", "", "18"),
            ("inside", "Alarm limits by machine, one page to print", "", "23"),
            ("figure", "Page 9: the same cooling-water pump, two readings. The one most plants watch moves last.", "",
             "two-readings"),
            ("quote", "We changed two limits after page 14. The pump that woke me every other Sunday has "
             "been quiet since "
             "March.", "maintenance lead, Tolvar Dairies", "Jonna Reiss"),
            *WHAT_NEXT,
            ("faq", "Will someone call me?", "Only if you ask. This page has no field for your phone number for that "
             "reason.", ""),
            ("faq", "Does it only work with your sensors?", "No. The limits hold for any accelerometer that "
             "reads up to "
             "10 kHz. Page 20 lists what to check.", ""),
            ("faq", "Why do you want my e-mail at all?", "It tells us which plants find this useful, and "
             "lets us send you "
             "a correction should we get a number wrong. It happened once.", ""),
            ("faq", "May I pass the paper on?", "Yes, in your company and to your suppliers. Please pass on "
             "the address "
             "of this page, so that they get the newest edition.", ""),
            ("closing", "The next bearing is already wearing.", "", "Send me the white paper"),
        ],
    ),
    Page(
        "wash-down", "Choosing a pressure transmitter that survives wash-down",
        "140 dead transmitters, opened and photographed. Nine questions that would have saved most of them.",
        asset="washdown-guide", campaign="washdown-search", sequence="clean-plants",
        facts="16 pages · 12 minutes · for process engineers in food and drink", button="Send me the guide",
        fields=("email", "first_name", "last_name", "company", "job_title", "country?"),
        blocks=[
            ("point", "Know which lye kills which seal", "A table of eleven cleaners and six seals, from "
             "our own bath.", ""),
            ("point", "Ask the question suppliers skip", "One sentence for your next request. Two in four "
             "answer it.", ""),
            ("point", "Spend less by mounting better", "Turn the plug down and half of the failures are gone.", ""),
            ("inside", "What was inside 140 dead transmitters", "", "2"),
            ("inside", "Seals, lyes and temperatures", "", "5"),
            ("inside", "The plug is the weak end", "", "8"),
            ("inside", "Nine questions before you buy", "", "11"),
            ("inside", "Mounting: ten pictures, right and wrong", "", "13"),
            ("quote", "We sent question four to our suppliers. It was a short list afterwards.", "process engineer, "
             "Brauhaus Ellmoos", "Piotr Halasz"),
            *WHAT_NEXT,
            ("faq", "Is this an advertisement?", "Our own transmitters died in the bath too. They are on "
             "page three.", ""),
            ("faq", "Which industries is it for?", "Dairies, breweries, meat, ready meals: wherever the "
             "hall is hosed down.",
             ""),
            ("closing", "The next rinse is tonight.", "", "Send me the guide"),
        ],
    ),
    Page(
        "plants-report", "412 plants, nine industries: who watches their machines",
        "What a stopped hour costs, how many plants see it coming, and what those do otherwise. Fourth year.",
        asset="plants-report", campaign="report-native", facts="48 pages · figures to copy · for plant managers",
        button="Send me the report",
        blocks=[
            ("point", "See where you stand", "Find your industry and your size, read three figures.", ""),
            ("point", "Take the charts along", "Each one may be used in your own slides, with our name "
             "under it.", ""),
            ("point", "Learn from the top tenth", "They do not own more sensors. They answer them within a day.", ""),
            ("inside", "Who answered, and who did not", "", "4"),
            ("inside", "What an unplanned hour costs, by industry", "", "9"),
            ("inside", "Seen coming: share of stops with a warning", "", "17"),
            ("inside", "The top tenth", "", "26"),
            ("inside", "What changed in four years", "", "38"),
            ("quote", "Page 17 ended a discussion we had been having for two "
             "years.", "head of production, Lorne Hydraulics",
             "Emeric Dubois"),
            *WHAT_NEXT,
            ("faq", "Who paid for it?", "We did. The questionnaire and all counts are in the annex.", ""),
            ("faq", "Can we take part next year?", "Gladly; the last page has a link.", ""),
            ("closing", "How many of your stops came with a warning?", "", "Send me the report"),
        ],
    ),
    Page(
        "calibrate-in-place", "Calibrate in place: watch it done on a running line",
        "Forty-two minutes on a bottling line that never stops. Which points can stay in, and how the "
         "auditor takes it.",
        asset="calibrate-in-place", campaign="webinar-linkedin",
        facts="42 minutes · with chapters · for quality and instrumentation", button="Show me the recording",
        blocks=[
            ("point", "Leave the sensor where it is", "Seven of ten points on a usual line can be checked "
             "without a spanner.",
             ""),
            ("point", "Keep the auditor happy", "The paper trail, shown line by line.", ""),
            ("point", "Skip to what you need", "Eleven chapters, each with its minute.", ""),
            ("inside", "Which points may stay in", "", "0:03"),
            ("inside", "The reference, and how it travels", "", "0:11"),
            ("inside", "Live: a flow meter, a pressure point, a thermowell", "", "0:17"),
            ("inside", "What the auditor asked", "", "0:34"),
            ("quote", "I had planned to watch ten minutes.", "quality lead, Alvor Beverages", "Sofia Brandão"),
            *WHAT_NEXT,
            ("faq", "Is there sound?", "Yes, and subtitles in five languages.", ""),
            ("faq", "May my team watch with me?", "Yes. The link is yours, the screen is the team’s.", ""),
            ("closing", "The line runs on. So can you.", "", "Show me the recording"),
        ],
    ),
    Page(
        "flow-metering", "Flow metering without stopping the flow",
        "The pipe may not be opened before August, and the number is needed in May. Three ways, compared on "
         "one pipe.",
        asset="flow-without-stopping", campaign="flow-organic", sequence="clean-plants",
        facts="32 pages · 25 minutes · for process engineers", button="Send me the e-book",
        blocks=[
            ("point", "Choose in five minutes", "A decision tree that begins with the pipe and ends with a "
             "part.", ""),
            ("point", "Believe the number", "All three meters on one pipe for a month, against a weighed tank.", ""),
            ("point", "Know when to wait", "Four cases in which August is the right answer.", ""),
            ("inside", "Clamp-on: quick, and fussy about rust", "", "4"),
            ("inside", "Insertion: one hole, hot-tapped", "", "11"),
            ("inside", "Inline: worth the wait when …", "", "18"),
            ("inside", "A month on one pipe", "", "22"),
            ("quote", "We clamped it on at ten and had a leak by noon. Found, I "
             "mean.", "utilities engineer, Wisłok Paper",
             "Katarzyna Wrona"),
            *WHAT_NEXT,
            ("faq", "Does clamp-on work on old steel?", "Often. Page seven has the test with a hammer.", ""),
            ("closing", "The flow is there. So is the number.", "", "Send me the e-book"),
        ],
    ),
    Page(
        "vibration-course", "Vibration analysis from zero, in five short mails",
        "One idea a mail, a recording from a real machine and a question at the end. Four minutes each.",
        asset="vibration-course", campaign="course-mail", sequence="field-notes-bearing",
        facts="5 lessons · 4 minutes each · no software needed", button="Start the course",
        fields=("email", "first_name", "company?", "job_title?"),
        blocks=[
            ("point", "Hear it before you read it", "Each lesson opens with a sound. Headphones help.", ""),
            ("point", "No mathematics on Monday", "The first formula comes in lesson four, and it is a "
             "division.", ""),
            ("point", "End with your own machine", "Lesson five is yours: one pump, one reading, one decision.", ""),
            ("inside", "Lesson 1: what shakes, and why", "", ""),
            ("inside", "Lesson 2: speed, and its children", "", ""),
            ("inside", "Lesson 3: the small family on the right", "", ""),
            ("inside", "Lesson 4: two limits", "", ""),
            ("inside", "Lesson 5: your pump", "", ""),
            ("quote", "My apprentice now hears things I do not.", "fitter, Engström Mekaniska", "Lars Engström"),
            *WHAT_NEXT,
            ("faq", "Can I stop?", "With one click in each mail.", ""),
            ("closing", "Lesson one is waiting.", "", "Start the course"),
        ],
    ),
    Page(
        "business-case", "The business case for 50 sensors, ready to fill in",
        "A spreadsheet with our figures in grey and room for yours. Three plants have won a budget with it.",
        asset="business-case", campaign="business-case", sequence="business-case",
        facts="Spreadsheet · 30 minutes to fill in · for plant managers", button="Send me the sheet",
        fields=("email", "first_name", "last_name", "company", "job_title", "company_size?"),
        blocks=[
            ("point", "Begins with what a stop costs", "The one number everybody agrees on once it is "
             "written down.", ""),
            ("point", "Counts what it saves, not what it could", "Every saving carries the plant it was "
             "measured in.", ""),
            ("point", "One page for the board", "Printed on a single sheet, with the risk on it.", ""),
            ("inside", "Your stops in the last year", "", ""),
            ("inside", "What can be seen coming", "", ""),
            ("inside", "Cost of sensors, mounting, people", "", ""),
            ("inside", "The page for the board", "", ""),
            ("quote", "Approved in eleven minutes, and nine of them were "
             "coffee.", "plant manager, Maasland Drivetrain",
             "Piet Verhaag"),
            *WHAT_NEXT,
            ("faq", "Is the price in it ours?", "It is the list price, and you may overwrite it.", ""),
            ("closing", "The next stop has a price. Write it down first.", "", "Send me the sheet"),
        ],
    ),
    Page(
        "pilot", "Three of your machines, sixty days, one afternoon of work",
        "We glue the sensors on, read them with you and take them away again, unless you say otherwise.",
        campaign="ask-engineer", inquiry="demo", kicker="Pilot",
        form_title="Which three machines?", button="Ask for a pilot", fields=(*LONG_FORM, "phone?"),
        blocks=[
            ("point", "No drilling, no cable, no stop", "Two fitters, one afternoon, epoxy and radio.", ""),
            ("point", "A page per machine", "At the end you know its state, its limits and what we would do.", ""),
            ("point", "No order, no bill", "Sixty days. Then keep them or give them back.", ""),
            ("next", "Within fifteen minutes", "One of us reads your three machines and calls, in working "
             "hours.", ""),
            ("next", "Within two weeks", "We come by with the sensors.", ""),
            ("next", "After sixty days", "You have three pages, and a decision to make.", ""),
            ("faq", "What does it cost?", "Nothing. Our fitters like going out.", ""),
            ("faq", "Which plants can take part?", "Those we can reach in a day: most of Europe.", ""),
            ("closing", "Which three would you choose?", "", "Ask for a pilot"),
        ],
    ),
    Page(
        "ask", "Put your question to the people who build the sensors",
        "Sanna Okeke and four colleagues answer. Send a photograph, a data sheet or a complaint.",
        campaign="ask-engineer", inquiry="contact", kicker="Ask an engineer", form_title="What is it about?",
        button="Ask", fields=(*LONG_FORM, "phone?"),
    ),
    Page(
        "quote", "A price for your measuring points",
        "Tell us how many, of what, and where. You get a price with a delivery date, and the name of who "
         "worked it out.",
        campaign="business-case", inquiry="quote", kicker="Prices", form_title="How many, of what?",
        button="Ask for a price", fields=(*LONG_FORM, "company_size?", "phone?"),
    ),
    Page(
        "fair", "Met us at the sensor fair? Here is what was on the table",
        "The demonstrator, the two-limit sheet and the bearing paper, in one parcel of links.",
        asset="bearing-white-paper", campaign="fair", facts="For visitors of hall 4, stand B 19",
        button="Send me the parcel", fields=("email", "first_name", "last_name", "company", "job_title"),
        blocks=[
            ("point", "The demonstrator, as a film", "The pump with the worn ring, from healthy to loud.", ""),
            ("point", "The sheet that was always gone", "Printed six hundred times, and never enough.", ""),
            ("point", "The paper behind it", "All 31 bearings.", ""),
            *WHAT_NEXT,
        ],
    ),
    Page(
        "field-notes", "Field notes, about twice a month",
        "One measured result per mail, no offers. We ask you once to confirm, and every mail has a link "
         "that stops them.",
        asset="field-notes", campaign="course-mail", double_opt_in=True, button="Send me field notes",
        fields=("email",),
    ),
]  # fmt: skip

# Gated pieces without a page of their own above get a short one: headline and lead text are the asset's.
SHORT_PAGES = {
    "steam-trap-guide": "flow-organic",
    "calibration-intervals": "webinar-linkedin",
    "pump-cavitation": "bearing-search",
    "audit-ready": "webinar-linkedin",
    "gateway-or-cable": "report-native",
}
