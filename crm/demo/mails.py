"""The mails of the demo's sequences. `{{ person.first_name }}` may be empty, so each greeting says what stands then."""

from __future__ import annotations

HELLO = '<p>Hello {{ person.first_name | default: "there" }},</p>'
BYE = "<p>{{ owner.name }}<br>Averdahl</p>"

# slug, name, subject, preview line, body between greeting and name
TEMPLATES = [
    (
        "notes-1", "Field notes 1: page nine",
        "Page nine, if you only read one",
        "The reading most plants watch is the one that moves last.",
        """<p>You have the bearing paper, and you have a job. So here is the shortest way through it: page
nine.</p>
<p>It shows one cooling-water pump with two readings, from healthy to broken. The overall level, which most
plants
watch, rose nine days before the end. The envelope rose <b>forty-six</b> days before.</p>
<p><a class="button" href="/r/motor-spectrum/">See what the shapes mean</a></p>
<p>One sheet, open for you, made for the workshop wall.</p>""",
    ),
    (
        "notes-2", "Field notes 2: where to put the sensor",
        "Where to put the sensor, and where never to",
        "Two places cover nine machines in ten. A third one cost us four months of data.",
        """<p>Page 18 drew the most questions, so here is the longer answer. On the bench we moved one
accelerometer to
eleven places on the same pump. The reading changed by a factor of seven.</p>
<ol><li><b>On the load side, at bearing height.</b> Metal to metal, no paint under it. Right for nine
machines in ten.</li>
<li><b>Radial first, axial second.</b> If you have one sensor only, take radial.</li>
<li><b>Never on the guard.</b> It rings at its own pitch. We lost four months of data to that.</li></ol>
<p><a class="button" href="/r/glue-a-sensor/">How to make it stay there</a></p>
<p>If you have a machine that does not fit, answer this mail. It reaches me.</p>""",
    ),
    (
        "notes-3", "Field notes 3: one alarm",
        "One alarm a month is a good number",
        "Nine alarms a month are the same as none. How two limits fix it.",
        """<p>A plant we know had nine alarms a month. Nobody looked at the ninth, and the ninth was the
one.</p>
<p>Two limits instead of one took it to a single alarm a month, on the same data: a low one that only writes
a line into
the plan, and a high one that may ring.</p>
<p><a class="button" href="/r/alarm-limits/">Find both limits for your machines</a></p>
<p>Speed and bore are all you need. It takes as long as a coffee.</p>""",
    ),
    (
        "notes-4", "Field notes 4: what a dairy found",
        "What a dairy found on its first Monday",
        "Sixty-four sensors, two surprises, and a fan at 51 Hz.",
        """<p>You know the argument for watching machines. This is what it looked like in one plant, with the
figures they
allowed us to print: 38 % fewer unplanned stops in the first year, and half of that from a grease gun.</p>
<p><a class="button" href="/r/dairy-38-percent/">Read how they went about it</a></p>
<p>It is five minutes long, and it ends with what they would do otherwise.</p>""",
    ),
    (
        "notes-5", "Field notes 5: three machines",
        "Three of your machines, one afternoon",
        "We bring the sensors and take them away again, unless you say otherwise.",
        """<p>This is the last mail of this row, and the only one with an offer in it.</p>
<p>Choose three machines that worry you. We bring sensors, glue them on in an afternoon and read them with
you for
sixty days. At the end you have a page per machine. Keep the sensors or give them back.</p>
<p><a class="button" href="/p/pilot/">Tell us which three</a></p>
<p>And if not: thank you for reading. The field notes come about twice a month from here on.</p>""",
    ),
    (
        "clean-1", "Wash-down 1: the plug",
        "It was the plug, not the sensor",
        "Seven of ten wet transmitters we opened were entered through the cable.",
        """<p>Before you compare ratings, look at the other end. We opened 140 transmitters that had died in
wash-down. In
seven of ten the water had come along the cable.</p>
<p><a class="button" href="/r/ip69k/">What the rating does not promise</a></p>""",
    ),
    (
        "clean-2", "Wash-down 2: nine questions",
        "The question your supplier would rather skip",
        "Which lye, how hot, how often, and with the plug on?",
        """<p>Of the nine questions in the guide one does most of the work: <b>how many cycles, with which
lye, with the
plug on?</b> If the answer is a rating, ask again.</p>
<p>A colleague of yours in a brewery sent that one line to four suppliers. Two answered.</p>
<p><a class="button" href="/p/flow-metering/">And if the pipe may not be opened at all</a></p>""",
    ),
    (
        "clean-3", "Wash-down 3: a visit",
        "Send us your worst corner",
        "A photograph and a temperature are enough to begin with.",
        """<p>Every plant has a corner where nothing lives longer than a year. Send us a photograph of yours,
the lye and
the temperature. We answer with what we would put there and why, and with the name of a plant where it
works.</p>
<p><a class="button" href="/p/ask/">Show us the corner</a></p>""",
    ),
    (
        "case-1", "Business case 1: the column that convinces",
        "The one column your CFO will read",
        "Not what it costs. What a stopped hour costs you.",
        """<p>In the sheet you downloaded the grey column is ours and the white one is yours. If you fill in
one cell only,
fill in <b>what a stopped hour costs</b>. Ask the shift lead, not the controller: the number is usually twice
as high.</p>
<p><a class="button" href="/r/dairy-38-percent/">See a case that was accepted</a></p>""",
    ),
    (
        "case-2", "Business case 2: start with twelve",
        "Nobody buys fifty sensors. They buy twelve",
        "How three plants got from a page of paper to a line.",
        """<p>Three plants have won a budget with this sheet. None of them asked for fifty sensors. They
asked for twelve,
on the machines of the last three stops, and for a decision in ninety days.</p>
<p><a class="button" href="/p/quote/">Ask us for a price for twelve</a></p>""",
    ),
]  # fmt: skip

# slug, name, campaign, topic, goal, steps (template, hours after the step before)
SEQUENCES = [
    (
        "field-notes-bearing", "Field notes after the bearing paper", "bearing-organic", "vibration",
        "inquiry",
        [("notes-1", 48), ("notes-2", 120), ("notes-3", 168), ("notes-4", 216), ("notes-5", 264)],
    ),
    (
        "clean-plants", "Clean plants", "washdown-search", "pressure-flow", "inquiry",
        [("clean-1", 48), ("clean-2", 168), ("clean-3", 240)],
    ),
    (
        "business-case", "From sheet to budget", "business-case", "monitoring", "inquiry",
        [("case-1", 24), ("case-2", 192)],
    ),
]  # fmt: skip
