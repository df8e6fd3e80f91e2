"""图表脚本 Chart script: Vega's own bundle out of its package, written once and served from here."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import vl_convert
from flask import Response, current_app, send_file

from core.access import open_to_everybody
from core.files import write_whole


@open_to_everybody("a library's script")
def charts_script() -> Response:
    """vega, vega-lite and vega-embed in one file."""
    folder: Path = current_app.extensions["settings"].instance_path / "assets"
    path = folder / f"charts-{version('vl-convert-python')}.js"
    if not path.exists():
        write_whole(path, vl_convert.javascript_bundle())  # type: ignore[call-arg]  # the stub is behind the code
    return send_file(path, mimetype="text/javascript", max_age=30 * 86400, conditional=True)
