"""路由 Blueprint: the residents' routes hang here; every one lies under ``/api/v1``."""

from __future__ import annotations

from apiflask import APIBlueprint

from community.api import doors

resident_api = APIBlueprint("resident_api", __name__, url_prefix="/api/v1", tag="居民接口")
doors.install(resident_api)
