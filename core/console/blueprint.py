"""框架路由 Routes of the frame: the open page, signing in, accounts, audit, and the charts' own script."""

from __future__ import annotations

from flask import Blueprint

from core.console import assets, people, signing

blueprint = Blueprint(
    "frame", __name__, template_folder="templates", static_folder="static", static_url_path="/console-assets"
)

for rule, endpoint, view, methods in (
    ("/", "home", signing.home, ["GET"]),
    ("/login", "login", signing.login, ["GET", "POST"]),
    ("/logout", "logout", signing.logout, ["POST"]),
    ("/password", "password", signing.password, ["GET", "POST"]),
    ("/staff", "staff", people.staff, ["GET", "POST"]),
    ("/staff/<int:staff_id>/<any(reset, disable):action>", "staff_action", people.staff_action, ["POST"]),
    ("/audit", "audit", people.audit, ["GET"]),
    ("/assets/charts.js", "charts_script", assets.charts_script, ["GET"]),
):
    blueprint.add_url_rule(rule, endpoint, view, methods=methods)
