"""What Averdahl has published: topics and pieces. Days count back from today; texts of open pieces: articles.py."""

from __future__ import annotations

from dataclasses import dataclass

TOPICS = [
    ("vibration", "Vibration", "cv-vibration"),
    ("pressure-flow", "Pressure and flow", "cv-pressure"),
    ("temperature", "Temperature", "cv-temperature"),
    ("calibration", "Calibration", "cv-calibration"),
    ("monitoring", "Monitoring", "cv-monitoring"),
]
AWARE, CONSIDER, DECIDE = "awareness", "consideration", "decision"


@dataclass(frozen=True)
class Piece:
    """One asset. `pages` is the number of sheets of the file that is made for it; 0: no file."""

    slug: str
    kind: str
    topic: str
    title: str
    summary: str
    length: str
    stage: str
    days_ago: int
    gated: bool = True
    art: str = ""
    persona: str = ""
    pages: int = 0
    link: str = ""
    sales_only: bool = False


PIECES = [
    Piece(
        "bearing-white-paper", "white-paper", "vibration",
        "Catch a failing bearing six weeks before it stops the line",
        "What 31 run-to-failure tests say about which reading moves first, and where to set the alarm so that it "
        "rings once.",
        "24 pages", CONSIDER, 4, art="bearing", persona="reliability", pages=6,
    ),
    Piece(
        "washdown-guide", "guide", "pressure-flow",
        "Choosing a pressure transmitter that survives wash-down",
        "Hot caustic at 80 bar kills more transmitters than pressure ever did. Nine questions to ask before you buy.",
        "16 pages", CONSIDER, 11, art="contours", persona="process", pages=5,
    ),
    Piece(
        "two-thermometers", "article", "temperature",
        "Why two good thermometers disagree by two degrees",
        "Both are calibrated, both are right, and the batch still fails. It is the well, not the sensor.",
        "7 minutes", AWARE, 16, gated=False, art="dots", persona="process",
    ),
    Piece(
        "dairy-38-percent", "case-study", "monitoring",
        "A dairy cut its unplanned stops by 38 % with 64 sensors",
        "Two lines, one fitter and a Sunday: what was mounted where, what it cost, and what nobody expected.",
        "5 minutes", DECIDE, 22, gated=False, art="figure −38 %", persona="plant",
    ),
    Piece(
        "plants-report", "report", "monitoring",
        "412 plants, nine industries: who watches their machines, and what it saves them",
        "The fourth year of our survey. With the numbers by industry, size and shift pattern, and what changed.",
        "48 pages", AWARE, 34, art="bars", persona="plant", pages=8,
    ),
    Piece(
        "loop-garden-hose", "article", "pressure-flow",
        "The 4–20 mA loop, explained with a garden hose",
        "Why the living zero sits at four, in words you can use on the night shift.",
        "3 minutes", AWARE, 41, gated=False, art="pipes",
    ),
    Piece(
        "glue-a-sensor", "article", "vibration",
        "Three ways to glue a sensor, and the one that lasts",
        "We pulled forty of them off after a year. Here is what held and what let go.",
        "4 minutes", CONSIDER, 47, gated=False, art="trace", persona="reliability",
    ),
    Piece(
        "ip69k", "article", "pressure-flow",
        "What an IP69K rating does not promise",
        "The test takes two minutes and uses clean water. Your plant does not.",
        "3 minutes", AWARE, 55, gated=False, art="rings",
    ),
    Piece(
        "certificate-one-minute", "article", "calibration",
        "Reading a calibration certificate in one minute",
        "Four lines matter. Three of them are easy to find.",
        "1 minute", AWARE, 62, gated=False, art="sheet", persona="quality",
    ),
    Piece(
        "repeatability-first", "article", "temperature",
        "Why we quote repeatability before accuracy",
        "A reading that is wrong by the same amount every day is worth more than one that is right on Tuesdays.",
        "4 minutes", CONSIDER, 70, gated=False, art="scatter", persona="quality",
    ),
    Piece(
        "calibrate-in-place", "webinar", "calibration",
        "Calibrate in place: live, on a running line",
        "Forty-two minutes on a bottling line that never stops. With the questions people asked, and the answers.",
        "42 minutes", CONSIDER, 78, art="steps", persona="quality", link="https://video.averdahl.example/in-place",
    ),
    Piece(
        "motor-spectrum", "infographic", "vibration",
        "What the spectrum of a motor tells you at a glance",
        "Imbalance, looseness, bearing, gear: one sheet for the workshop wall.",
        "1 page", AWARE, 92, gated=False, art="spectrum", persona="reliability", pages=1,
    ),
    Piece(
        "flow-without-stopping", "ebook", "pressure-flow",
        "Flow metering without stopping the flow",
        "Clamp-on, insertion or inline: how to choose when the pipe may not be opened before August.",
        "32 pages", CONSIDER, 110, art="bends", persona="process", pages=6,
    ),
    Piece(
        "vibration-course", "course", "vibration",
        "Vibration analysis from zero, in five short mails",
        "One idea a mail, with a recording from a real machine and a question at the end.",
        "5 lessons", AWARE, 128, art="trace", persona="reliability", pages=5,
    ),
    Piece(
        "business-case", "template", "monitoring",
        "The business case for 50 sensors, with the numbers your CFO will ask for",
        "A spreadsheet with our figures in grey and room for yours. Three plants have won a budget with it.",
        "Spreadsheet", DECIDE, 150, art="gauge", persona="plant", pages=1,
    ),
    Piece(
        "fit-a-thermowell", "video", "temperature",
        "Fitting a thermowell, start to finish, by someone who does it daily",
        "No music and no talking head: hands, tools, and what goes wrong.",
        "4 minutes", CONSIDER, 171, gated=False, art="play", link="https://video.averdahl.example/thermowell",
    ),
    Piece(
        "alarm-limits", "worksheet", "vibration",
        "Your alarm limits on one page",
        "Type in speed and bearing size, get both limits. The sheet from the bearing paper, to fill in.",
        "1 page", DECIDE, 190, gated=False, art="sheet", persona="reliability", pages=1,
    ),
    Piece(
        "steam-trap-guide", "guide", "temperature",
        "Steam traps: find the three that leak before the bill does",
        "A walk of one hour, a thermometer and a list. The payback is usually counted in weeks.",
        "12 pages", CONSIDER, 215, art="tower", persona="process", pages=4,
    ),
    Piece(
        "calibration-intervals", "white-paper", "calibration",
        "How long is too long? Calibration intervals from 9,000 certificates",
        "Most plants calibrate by the calendar. The drift does not know what month it is.",
        "20 pages", CONSIDER, 240, art="waves", persona="quality", pages=5,
    ),
    Piece(
        "pump-cavitation", "ebook", "vibration",
        "The sound of a pump that eats itself",
        "Cavitation, recirculation, a worn ring: how to tell them apart with one sensor and two ears.",
        "28 pages", AWARE, 270, art="waves", persona="reliability", pages=5,
    ),
    Piece(
        "paper-mill-roll", "case-study", "vibration",
        "One felt roll, eleven days of warning",
        "A paper mill changed it on a Tuesday morning instead of a Saturday night.",
        "6 minutes", DECIDE, 300, gated=False, art="figure 11", persona="plant",
    ),
    Piece(
        "audit-ready", "guide", "calibration",
        "Ready for the audit: your measuring points on one list",
        "What the auditor asks for, in the order in which it is asked, with a template for each.",
        "18 pages", DECIDE, 330, art="sheet", persona="quality", pages=4,
    ),
    Piece(
        "gateway-or-cable", "ebook", "monitoring",
        "Gateway or cable? Wiring a plant that was built in 1974",
        "Concrete, steel and a fire door: what radio does in a real hall, measured at sixty places.",
        "30 pages", CONSIDER, 360, art="contours", persona="plant", pages=5,
    ),
    Piece(
        "field-notes", "newsletter", "monitoring",
        "Field notes, about twice a month",
        "One measured result per mail, no offers. We ask you once to confirm, and every mail has a link that stops "
        "them.",
        "2 a month", AWARE, 410, art="waves",
    ),
    Piece(
        "battlecard-cable", "article", "monitoring",
        "When they say “we have a cable tray already”",
        "Five answers and two questions, for the phone.",
        "2 minutes", DECIDE, 120, gated=False, sales_only=True,
    ),
]  # fmt: skip
