"""路由表 Every page of the hotline's console."""

from __future__ import annotations

from flask import Blueprint

from hotline.console import acting, backtest, hotspots, imports, intake, models, order, queue, reports, watch

blueprint = Blueprint(
    "desk", __name__, template_folder="templates", static_folder="static", static_url_path="/desk-assets"
)

for rule, endpoint, view, methods in (
    ("/start", "start", queue.start, ["GET"]),
    ("/orders", "queue", queue.queue, ["GET"]),
    ("/orders/new", "intake", intake.new, ["GET", "POST"]),
    ("/orders/suggest", "intake_suggest", intake.suggest, ["POST"]),
    ("/orders/<number>", "queue_order", order.page, ["GET"]),
    ("/orders/<number>/actions/<action>", "queue_act", acting.act, ["POST"]),
    ("/orders/<number>/actions/<action>/check", "queue_check", acting.check, ["POST"]),
    ("/orders/<number>/category", "queue_category", acting.category, ["POST"]),
    ("/orders/<number>/urgency", "queue_urgency", acting.urgency, ["POST"]),
    ("/orders/<number>/reveal", "queue_reveal", acting.reveal, ["POST"]),
    ("/orders/<number>/photos/<int:photo_id>", "queue_photo", order.photo, ["GET"]),
    ("/imports", "imports", imports.imports, ["GET", "POST"]),
    ("/imports/<token>/start", "imports_start", imports.start, ["POST"]),
    ("/imports/<token>", "imports_run", imports.run, ["GET"]),
    ("/imports/<token>/progress", "imports_progress", imports.progress, ["GET"]),
    ("/hotspots", "hotspots", hotspots.listing, ["GET"]),
    ("/hotspots/scan", "hotspots_scan", hotspots.scan, ["POST"]),
    ("/hotspots/backtest", "hotspots_backtest", backtest.page, ["GET"]),
    ("/hotspots/backtest", "hotspots_backtest_start", backtest.start, ["POST"]),
    ("/hotspots/backtest/<token>", "hotspots_backtest_run", backtest.one, ["GET"]),
    ("/hotspots/backtest/<token>/progress", "hotspots_backtest_progress", backtest.progress, ["GET"]),
    ("/hotspots/<int:hotspot_id>", "hotspots_one", hotspots.one, ["GET"]),
    ("/hotspots/<int:hotspot_id>/verdict", "hotspots_verdict", hotspots.verdict, ["POST"]),
    ("/hotspots/<int:hotspot_id>/acknowledge", "hotspots_acknowledge", hotspots.acknowledge, ["POST"]),
    ("/hotspots/<int:hotspot_id>/suppress", "hotspots_suppress", hotspots.suppress, ["POST"]),
    ("/hotspots/<int:hotspot_id>/lift", "hotspots_lift", hotspots.lift, ["POST"]),
    ("/hotspots/<int:hotspot_id>/assign", "hotspots_assign", hotspots.assign, ["POST"]),
    ("/reports", "reports", reports.listing, ["GET"]),
    ("/reports/publish", "reports_publish", reports.publish, ["POST"]),
    ("/reports/style.css", "reports_style", reports.style, ["GET"]),
    ("/reports/<week>", "reports_one", reports.one, ["GET"]),
    ("/reports/<week>/file.<form>", "reports_file", reports.file, ["GET"]),
    ("/models", "models", models.page, ["GET"]),
    ("/models/back", "models_back", models.back, ["POST"]),
    ("/labels", "labels", models.labels, ["GET"]),
    ("/labels/<number>", "labels_confirm", models.confirm, ["POST"]),
    ("/warnings", "warnings", watch.warnings, ["GET"]),
    ("/jobs", "jobs", watch.jobs, ["GET"]),
    ("/jobs/<name>", "jobs_once", watch.once, ["POST"]),
):
    blueprint.add_url_rule(rule, endpoint, view, methods=methods)
