"""洞察 Insights: the only room of the hotline that talks to analytics.

It turns orders into the plain records analysis works on, and what analysis finds back into rows people see.
"""

from analytics.champion import AT_LEAST
from analytics.report.charts import FontMissing, require_font
from analytics.report.html import STYLE as REPORT_STYLE
from analytics.report.reconcile import ReconciliationError
from hotline.insights.aliases import keep as keep_places
from hotline.insights.aliases import look as look_for_places
from hotline.insights.drifting import keep as keep_drift
from hotline.insights.drifting import look as look_for_drift
from hotline.insights.hotspot_keeping import keep_hotspots
from hotline.insights.hotspots import found_at, replay_hotspots, scan_hotspots, unit_to_act, who_should_act
from hotline.insights.labelling import to_label
from hotline.insights.learning import FEWEST
from hotline.insights.learning import keep as keep_challenger
from hotline.insights.learning import prepare as prepare_challenger
from hotline.insights.replies import review_draft
from hotline.insights.suggestions import (
    classify,
    classify_batch,
    classify_pending,
    confirm_category,
    guess_type,
    model_name,
    reasons,
    suggest,
    unreadable_model,
    warm_up,
)
from hotline.insights.weekly import (
    FORMATS,
    last_finished_week,
    prepare_weekly_report,
    publish,
    publish_weekly_report,
    render,
    report_file,
    weekly_report,
)

__all__ = [
    "AT_LEAST",
    "FEWEST",
    "FORMATS",
    "REPORT_STYLE",
    "FontMissing",
    "ReconciliationError",
    "classify",
    "classify_batch",
    "classify_pending",
    "confirm_category",
    "found_at",
    "guess_type",
    "keep_challenger",
    "keep_drift",
    "keep_hotspots",
    "keep_places",
    "last_finished_week",
    "look_for_drift",
    "look_for_places",
    "model_name",
    "prepare_challenger",
    "prepare_weekly_report",
    "publish",
    "publish_weekly_report",
    "reasons",
    "render",
    "replay_hotspots",
    "report_file",
    "require_font",
    "review_draft",
    "scan_hotspots",
    "suggest",
    "to_label",
    "unit_to_act",
    "unreadable_model",
    "warm_up",
    "weekly_report",
    "who_should_act",
]
