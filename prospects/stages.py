"""The stages that the rules of the funnel name, and finding them in a pipeline.

Stages are data and may be renamed or moved; their slugs stay, because verbs and reports know them by these.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.models import Pipeline, Prospect, Stage

TO_CONTACT = "to_contact"
CONTACTING = "contacting"
SALES_QUALIFIED = "sales_qualified"
NAMED = (TO_CONTACT, CONTACTING, SALES_QUALIFIED)


def default_pipeline() -> Pipeline:
    """The pipeline that handovers go to. Raises Pipeline.DoesNotExist on an installation without one."""
    return Pipeline.objects.get(is_default=True)


def stage_named(pipeline: Pipeline, slug: str) -> Stage:
    """A stage in use. Raises Refused where the pipeline has none of this slug."""
    stage = Stage.objects.in_use().filter(pipeline=pipeline, slug=slug).first()
    if stage is None:
        raise Refused(_no_stage(pipeline, slug))
    return stage


def end_stage(pipeline: Pipeline, kind: str) -> Stage:
    """The end of this kind (won, lost, returned, disqualified). Raises Refused where the pipeline has none in use."""
    stage = Stage.objects.in_use().filter(pipeline=pipeline, kind=kind).order_by("order").first()
    if stage is None:
        raise Refused(_no_stage(pipeline, str(Stage.Kind(kind).label)))
    return stage


def _no_stage(pipeline: Pipeline, name: str) -> str:
    said = {"pipeline": pipeline.name, "stage": name}
    return _("The pipeline “%(pipeline)s” has no stage “%(stage)s” in use: a manager adds it.") % said


def is_late(prospect: Prospect, at: datetime) -> bool:
    """The same as `too_long` says, of a row with its stage."""
    days = prospect.stage.limit_days
    return prospect.is_open and days is not None and prospect.stage_since < at - timedelta(days=days)


def too_long(at: datetime) -> Q:
    """Open prospects that stay longer than their stage allows (`limit_days`). One small query for the limits."""
    limits = Stage.objects.exclude(limit_days=None).values_list("pk", "limit_days")
    late = Q(pk__in=[])
    for stage, days in limits:
        assert days is not None
        late |= Q(stage=stage, stage_since__lt=at - timedelta(days=days))
    return late & Q(closed_at=None)
