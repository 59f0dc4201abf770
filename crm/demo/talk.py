"""What people say: on forms, on the phone, in notes. Short, and about machines."""

from __future__ import annotations

ASKS = [
    "Our felt rolls fail without warning twice a year. Can your sensor sit on a roll that turns at 90 a minute?",
    "We lose a cooling-water pump every spring. What would you mount, and where?",
    "Three transmitters in our filling hall died within a month. The lye is hot, 78 degrees. What survives that?",
    "Please call me about twelve measuring points on two bottling lines. We decide before the January shutdown.",
    "How do you handle a hall from 1974, concrete everywhere, no cable tray left?",
    "Our auditor wants as-found values for all temperature points by March. Can you do that in place?",
    "We would like to try three machines, a fan and two gearboxes. Is the pilot still open?",
    "What does the gateway need: power only, or a network socket as well?",
    "We read your report. Our stops cost twice what you print. I would like to see how you count.",
    "Is there a version for zone 2? We have solvents on line 4.",
    "Can the limits from the sheet be set from our control system?",
    "Need a price for forty sensors, mounted, and one for twelve.",
]
NEEDS = [
    "We lose about four shifts a year to bearings nobody heard.",
    "Last stop was nineteen hours, over a part of sixty francs.",
    "The two points on line 3 disagree, and we throw batches away because of it.",
    "We replace transmitters every ten months. That cannot be right.",
    "The audit found eleven points without as-found values.",
    "Nobody walks the hall on Sundays any more, and Sundays are when it happens.",
    "We grease by the calendar and hope.",
]
BUDGETS = [
    "Set aside for next year", "There is a line for condition monitoring", "Under my own limit",
    "Has to go to the board above fifty thousand", "Left over from the compressor project",
]  # fmt: skip
DECIDERS = [
    "Decides with the plant manager", "Decides alone up to the limit", "The plant manager signs, she recommends",
    "Purchasing signs, he chooses", "Decides with the maintenance lead",
]  # fmt: skip
TIMINGS = [
    "Before the January shutdown", "When the new hall opens", "After the budget round", "Before the next audit",
    "As soon as the pilot is through",
]  # fmt: skip
CALL_NOTES = [
    "Wants to hear how the limits were found before anything else.",
    "Has two candidates, a pump and a conveyor drive. Will send photographs.",
    "Was let down by a supplier last year, so slow and friendly.",
    "Asks for a plant of the same size that we may name.",
    "Would mount them with his own people if we send the glue.",
    "Colleague from quality joins next time.",
]
NO_NOTES = {
    "not-now": [
        "New hall opens first",
        "Budget is spent until the new year",
        "Busy with a merger, asks us to come back",
    ],
    "no-need": ["Replaced all pumps last summer", "Runs by contract, the maker does the maintenance"],
    "wrong-person": ["Works in purchasing, knows nobody on the floor", "Moved to another site"],
    "no-budget": ["Nothing left, and no case yet", "Everything above five thousand is stopped"],
    "no-authority": ["Interested, but has nobody to ask"],
    "no-response": ["Five tries, two voicemails"],
    "bad-fit": ["Workshop with two lathes", "Only trades, makes nothing"],
    "student": ["Writes a thesis, friendly"],
    "competitor": ["Works for a rival maker"],
    "spam": ["Address of a shop"],
    "do-not-contact": ["Asked not to be contacted again"],
    "price": ["A third cheaper elsewhere", "Above the limit by a little, and the limit is the limit"],
    "competitor-chosen": ["Stays with the maker of the drives", "Group contract with somebody else"],
    "no-decision": ["Postponed twice, then silence", "Project was stopped"],
}
NEXT_STEPS = [
    ("call", "Ask about the photographs"), ("call", "Second machine, and who decides"),
    ("mail", "Send the two-limit sheet"), ("call", "How did the step test go?"), ("meeting", "Walk the hall together"),
    ("mail", "Send the case of the dairy"),
    ("call", "Wants a price range for two lines"), ("call", "Budget round was last week"),
    ("other", "Work out the mounting plan"),
]  # fmt: skip
MEETINGS = ["First talk", "Walk through the hall", "Demonstration, 45 min", "Proposal review", "Terms"]
DEALS = [
    "Bearing watch, line {n}", "Forty sensors, hall {n}", "Wash-down transmitters, line {n}", "Pilot, then line {n}",
    "Calibration in place, {n} points", "Pump house {n}",
]  # fmt: skip
REPLIES = [
    "Thursday works. Please bring the sheet with the limits, my plant manager will want to see it.",
    "Who else have you fitted near us?",
    "Two photographs attached. The second one is the one that sings.",
    "Can you do it in the week of the shutdown?",
]
