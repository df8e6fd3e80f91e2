"""周报耗时 Seconds and memory to build, reconcile and render one week's report. Run by hand: python -m bench.report.

A week of N means N orders reported in that week (and as many in the week before it). Every size runs in a process of
its own, so that one size's peak memory is not another's.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

SIZES = (5_000, 50_000)


def measure(size: int) -> dict[str, float]:
    """Seconds of each step and peak memory in MB, for a week of ``size`` orders."""
    from analytics.report.build import build_weekly
    from analytics.report.docx import render_docx
    from analytics.report.figures import figures
    from analytics.report.html import render_html
    from analytics.report.pdf import render_pdf
    from analytics.report.reconcile import publishable, reconcile
    from tests.analytics.report_fixture import make_inputs

    inputs = make_inputs(2 * size)
    result: dict[str, float] = {"orders": size, "inputs_mb": _peak()}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        value = work()
        result[name] = round(time.perf_counter() - begun, 3)
        return value

    report = timed("build", lambda: build_weekly(inputs))
    timed("reconcile", lambda: reconcile(report))
    publishable(report)  # the renderers ask it once more and are answered from memory
    timed("docx", lambda: render_docx(report))
    timed("docx_again", lambda: render_docx(report))
    timed("html", lambda: render_html(report))
    timed("json", lambda: json.dumps(figures(report), ensure_ascii=False))
    timed("pdf", lambda: render_pdf(report))
    result["peak_mb"] = _peak()
    return result


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    for size in SIZES:
        command = [sys.executable, "-m", "bench.report", str(size)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
