"""A rehearsal: a simulated clock walks the real audience through a draft. Nothing is sent.

No row but its own is written. The walk is `leads.nurture.walk`, the times are `leads.nurture.times`, the answers
are `leads.sending.gate.judge`: what the real advance and the real lease go by.
"""

from leads.nurture.rehearsal.asking import ask, work_due
from leads.nurture.rehearsal.draft import draft_of
from leads.nurture.rehearsal.run import rehearse
from leads.nurture.rehearsal.trail import trail

__all__ = ["ask", "draft_of", "rehearse", "trail", "work_due"]
