"""The texts of the open pieces, as HTML. Written for this demo; the measurements are invented."""

from __future__ import annotations

ARTICLES = {
    "two-thermometers": """
<p>A sauce kettle in a plant near Fribourg had two thermometers, one at the wall and one in the return pipe.
Both had
fresh certificates. For three years they disagreed by two degrees, and for three years the night shift believed the
one that gave them less work.</p>
<h2>The sensor is seldom the liar</h2>
<p>We took both out and put them side by side into an oil bath: they agreed to a twentieth of a degree. The
difference
was made by what stood between the sensor and the sauce. One well was filled with heat-conducting paste, the other
with air and four years of dust.</p>
<h2>What an empty well does</h2>
<ul><li>It answers late: 90 seconds instead of 12.</li><li>It reads low while the batch heats up, and high
while it
cools.</li><li>It does both by an amount that depends on the weather in the hall.</li></ul>
<h2>What to do on Monday</h2>
<ol><li>Pull one sensor per line and look into the well.</li><li>Dry? Fill it with paste that is allowed
where you
work.</li><li>Write down the time it takes to follow a step of ten degrees. Do it again in a year.</li></ol>
<p>It costs a tube of paste. It was worth 41 batches.</p>""",
    "dairy-38-percent": """
<p>Tolvar Dairies fills 190,000 cups an hour on two lines. In the year before, the lines stood still without
warning
for 211 hours. In the year after, for 131.</p>
<h2>What was mounted</h2>
<p>Sixty-four vibration sensors on pumps, fans and conveyor drives, glued, not screwed, because nobody was
allowed to
drill. One fitter needed a Sunday for the first line and, being wiser, half a Sunday for the second.</p>
<h2>What was found in the first month</h2>
<ul><li>Two bearings in stage two, on machines nobody had on a list.</li><li>A fan that ran at 51 Hz because
somebody
had once wanted more air.</li><li>A guard that rang like a bell and had been blamed on the gearbox for
years.</li></ul>
<h2>What nobody expected</h2>
<p>Half of the hours came from one thing: the same three drives were greased too often. The alarm did not
ring for a
lack of grease but for too much of it.</p>
<blockquote>The pump that woke me every other Sunday has been quiet since March.</blockquote>
<p>The whole of it cost less than nine of those hours.</p>""",
    "loop-garden-hose": """
<p>Think of a garden hose with a tap at one end and a lawn at the other. The tap is your transmitter: it does
not push
water, it lets through more or less of it. The water is the current.</p>
<h2>Why four and not zero</h2>
<p>A dry hose could mean a closed tap, a cut hose or a neighbour with a sense of humour. So we never close
the tap
fully: a trickle of four stands for nothing, and silence stands for something broken.</p>
<h2>Why the length does not matter</h2>
<p>What comes out of the lawn end is what the tap let in, however long the hose is, as long as it has no
leak. That is
why a current goes through 600 metres of plant and a voltage does not.</p>
<p>And the pump? That is the supply. If it is too weak for the hose, the reading is right until it is high,
and then it
stops being high. Remember that one at three in the morning.</p>""",
    "glue-a-sensor": """
<p>Last year we pulled forty accelerometers off twelve machines. They had been put on by five people in three
ways.</p>
<h2>Two-part epoxy</h2><p>Held on 38 of 40. The two that let go sat on paint.</p>
<h2>Fast glue</h2><p>Held for a week in the warm, for a day in the wet. Good for a trial on a Tuesday, not
for an alarm.</p>
<h2>Magnets</h2><p>Stay on, and walk. A magnet on a pump foot had moved four centimetres by spring; the
reading had
moved by a third.</p>
<h2>So</h2><p>Scrape to bare metal, roughen, wipe with alcohol, two-part epoxy, hold for the length of a
coffee. Then
write the date beside it with a paint pen. Your successor will think well of you.</p>""",
    "ip69k": """
<p>Two minutes, four angles, water at 80 degrees and 80 to 100 bar from ten centimetres. After that the
housing must be
dry inside. That is a hard test, and a short one.</p>
<h2>What is not in it</h2>
<ul><li>Caustic, acid or foam. Seals that laugh at water swell in lye.</li><li>The hundredth time. It is a
test of a
new part.</li><li>The shock of cold product after hot rinse, which pulls air, and with it moisture, past a
seal that
was tight a second ago.</li><li>The cable. Most wet sensors we see were entered through the plug.</li></ul>
<p>Ask for the rating, and then ask how many cycles, with which lye, and with the plug on.</p>""",
    "certificate-one-minute": """
<p>Look for four lines. <b>The as-found value</b>: what your instrument read before anybody touched it. <b>The
uncertainty</b>: how well the laboratory itself can know. <b>The points</b>: were they where you work, or
where the
bath was warm anyway? <b>The limit</b>: whose tolerance was used for the word “passed”?</p>
<p>If the as-found value is missing you have bought an adjustment, not a calibration. Everything you made
since the
last one is a guess.</p>""",
    "repeatability-first": """
<p>Accuracy says how near a reading is to the truth. Repeatability says how near it is to itself. A control
loop lives
on the second.</p>
<p>We heated the same kettle two hundred times. Sensor A was 0.8 degrees too low, every time, give or take
0.05. Sensor
B was right on average, give or take 0.9. With A you subtract a number once. With B you have a hundred batches that are
fine and a hundred that are interesting.</p>
<p>So when you compare data sheets, look for the small number without the plus-minus sign in bold. It is
usually in a
footnote. Ours is in the first line.</p>""",
    "motor-spectrum": """
<p>Four shapes cover most of what a motor has to say. One tall line at running speed: <b>imbalance</b>. The
same with a
row of shorter ones behind it: <b>looseness</b>. A small family that does not fit the running speed at all,
far to the
right: <b>bearing</b>. Two lines that lean on a tall one like children on a father: <b>gear</b>.</p>
<p>Print the sheet, hang it where the grease gun hangs, and draw your own spectra beside it.</p>""",
    "fit-a-thermowell": """
<p>Shown in the film: checking the depth, why the tip must stand in the middle third of the pipe, sealing
tape and its
right direction, the torque, the paste, and the step test at the end. Four minutes; the work itself takes
eleven.</p>""",
    "alarm-limits": """
<p>Two numbers decide whether an alarm is believed. The first is where it <b>warns</b>: low enough to give
you weeks.
The second is where it <b>shouts</b>: high enough that nobody ever pulls the plug on it.</p>
<p>Take the speed of the shaft and the bore of the bearing, find the line on the sheet, write both limits on the
machine. For speeds under 120 a minute use the envelope column; the other one is blind down there.</p>""",
    "paper-mill-roll": """
<p>On a Friday the envelope level of felt roll 14 rose by six decibels. Nothing could be heard and nothing
was warm. The
mill's planner looked at the calendar, saw a wash on Tuesday week and ordered the roll.</p>
<p>Eleven days later it was changed in four hours of a planned stop. On the bench the bearing had a spall of
nine
millimetres. The last one like it had taken a Saturday night, a crane and 46 hours.</p>
<blockquote>I do not want more alarms. I want one that comes on a working day.</blockquote>""",
    "battlecard-cable": """
<p>Ask what is in the tray, and who pulled it. Ask how many free pairs are left and at which end. Then say:
the tray
stays, the sensors talk past it, and the first twenty are up before the permit for a cable is.</p>""",
}
