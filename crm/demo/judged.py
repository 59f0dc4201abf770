"""What becomes of a lead: the product's own judgement, asked after each touch, and the handover to sales.

So no lead is marketing-qualified whose score does not say so, and none is over the threshold and left lying.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.demo.walks import Walks
from leads.models import LeadMove, LeadStatus, Submission
from leads.scoring.days import local_midnight
from leads.scoring.graduation import MARKETINGS, last_sign, may_go_again
from leads.scoring.points import counted_touches, decayed, frozen, grade, over_threshold, receipts, shown

Way = LeadMove.Way


@dataclass
class Judged(Walks):
    """The part of a story that lifecycle and scoring would have written."""

    def mark(self, at: datetime) -> str:
        """The grade at `at`."""
        return grade(self.fit, self.does(at), self.rules)

    def does(self, at: datetime) -> float:
        """The decayed points of what was done up to `at`."""
        midnight = local_midnight(at, self.rules.zone)
        does = sum(
            decayed(one.rule.points, one.touch.at, midnight, self.rules.half_lives[one.rule.half_life])
            for one in counted_touches(self.seen, self.rules, at)
            if not one.note
        )
        return min(does, float(self.rules.engagement_ceiling))

    def judge(self, at: datetime) -> None:
        assert self.lead is not None
        if (
            self.lead.status not in MARKETINGS
            or self.sales_open
            or self.excluded
            or not self.complete
            or self.fit < self.rules.fit_from[1]
            or not self._may_go_again(at)
        ):
            return
        mark = self.mark(at)
        if over_threshold(mark, self.rules):
            self._qualify(at, Way.GRADE, f"Grade {mark} with all required facts", mark)

    def _may_go_again(self, at: datetime) -> bool:
        """Given back once, they need a new sign and more than the threshold."""
        return may_go_again(
            engagement=shown(self.does(at)),
            returned_at=self.returned_at,
            last_sign_at=last_sign(self.seen, at),
            rules=self.rules,
        )

    def judge_again(self, at: datetime) -> None:
        """The night after: the full run looks at everybody whom sales has let go."""
        self.plan(at + timedelta(hours=9), self.judge)

    def _judge_inquiry(self, submission: Submission, at: datetime) -> None:
        assert self.lead is not None
        if self.lead.status in MARKETINGS and not self.sales_open and not self.excluded:
            asked = submission.get_inquiry_display()
            self._qualify(at, Way.INQUIRY, f"Inquiry: {asked}", self.mark(at), submission=submission)

    def _qualify(
        self, at: datetime, way: str, why: str, mark: str, submission: Submission | None = None
    ) -> None:
        lines = frozen(receipts(self.seen, self.facts, self.rules, at))
        move = self.move(
            LeadStatus.MARKETING_QUALIFIED, way, at, why=why, model=self.cast.model, grade=mark, receipts=lines,
            submission=submission, handed_at=at,
        )  # fmt: skip
        self.leave_walks("handed over", at)
        self.sales_open = True
        self.desk.hand_over(self, move, at)
