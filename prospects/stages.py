"""The stages that the rules of the funnel name, and finding them in a pipeline.

Stages are data and may be renamed or moved; their slugs stay, because verbs and reports know them by these.
"""

from __future__ import annotations

from campaigns.errors import Refused
from prospects.models import Pipeline, Stage

TO_CONTACT = "to_contact"
CONTACTING = "contacting"
SALES_QUALIFIED = "sales_qualified"


def default_pipeline() -> Pipeline:
    """The pipeline that handovers go to. Raises Pipeline.DoesNotExist on an installation without one."""
    return Pipeline.objects.get(is_default=True)


def stage_named(pipeline: Pipeline, slug: str) -> Stage:
    """A stage in use. Raises Refused where the pipeline has none of this slug."""
    stage = Stage.objects.in_use().filter(pipeline=pipeline, slug=slug).first()
    if stage is None:
        raise Refused(f"The pipeline has no stage {slug}.")
    return stage


def end_stage(pipeline: Pipeline, kind: str) -> Stage:
    """The end of this kind (won, lost, returned, disqualified)."""
    return Stage.objects.in_use().filter(pipeline=pipeline, kind=kind).order_by("order")[0]
