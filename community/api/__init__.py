"""居民接口 API: the residents' door. JSON under ``/api/v1``, its description and a page to read it under ``/api``."""

from __future__ import annotations

from apiflask import APIFlask, HTTPError

from community.api import catalogue, description, doors, health, photos, reports  # noqa: F401 - views register themselves
from community.api.blueprint import resident_api

# by the address a request comes from
LIMITS = {
    "resident_api.report": "10 per minute; 100 per day",
    "resident_api.upload": "30 per minute",
}


def install(app: APIFlask) -> None:
    """Hang the residents' routes into the application. The error translations have to be installed after this."""
    description.configure(app)
    app.register_blueprint(resident_api)
    app.register_blueprint(description.resident_docs)
    app.register_error_handler(HTTPError, doors.tell)
    # a program on a phone has no session of ours that another site could ride on
    app.extensions["csrf"].exempt(resident_api)
    limiter = app.extensions["limiter"]
    for endpoint, limit in LIMITS.items():
        app.view_functions[endpoint] = limiter.limit(limit)(app.view_functions[endpoint])
