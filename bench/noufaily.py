"""Surveillance measured on the 42 simulation scenarios of Noufaily et al. 2013, beside R's Farrington Flexible and EARS.

    python -m bench.noufaily --reference 10           ours and R (10 series a scenario; a quarter of an hour)
    python -m bench.noufaily --series 400             ours alone, 400 series a scenario: false alarms by scenario
    python -m bench.noufaily --speed                  100,000 series × 5 years of weeks
    python -m bench.noufaily --plot FILE.svg          p-values under the null against the uniform

Scenarios (Statistics in Medicine 32:1206, table 1): seven sets of level, trend, season and dispersion, each without and
with trend, and with no, yearly and half-yearly season. 624 weeks, var = φ × mean; four outbreaks in the baseline
(weeks 313–575) and one in the last 49 weeks, of Poisson(k × sd) cases, spread by a lognormal(0, 0.5) law; k is drawn from
2, 3, 5, 10 here. False-positive rate: weeks of the last 49 without an outbreak, in series that had none there.
Probability of detection: at least one alarm from the first to the last week of the outbreak. At equal false
alarms: every method's own score with the threshold that makes the same rate in all scenarios of a class.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.surveillance import surveil

WEEKS, BASELINE, CURRENT = 624, 312, 575  # weeks made; first of the baseline; first of the last 49
KS = (2, 3, 5, 10)
SETS = (  # theta, beta, gamma1, gamma2, phi
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
SCENARIOS = [(which, trend, waves) for which in range(7) for trend in (0, 1) for waves in (0, 1, 2)]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Made:
    """Counts (n, 624); first and last week of the outbreak among the last 49 (−1 where none), size factor k, scenario."""

    counts: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    k: NDArray[np.int64]
    scenario: NDArray[np.int64]


def _mean(scenario: int) -> Floats:
    which, trend, waves = SCENARIOS[scenario]
    theta, beta, gamma1, gamma2, _ = SETS[which]
    t = np.arange(1, WEEKS + 1)
    log = theta + beta * t * trend
    for j in range(1, waves + 1):
        log = log + gamma1 * np.cos(2 * np.pi * j * t / 52) + gamma2 * np.sin(2 * np.pi * j * t / 52)
    return np.asarray(np.exp(log), dtype=np.float64)


def made(series: int, *, outbreak: bool, seed: int = 1) -> Made:
    """``series`` of each scenario, with four outbreaks in the baseline, and one in the last weeks when ``outbreak``."""
    rng = np.random.default_rng((seed, outbreak))
    counts, first, last, ks, scenarios = [], [], [], [], []
    for scenario in range(len(SCENARIOS)):
        mean, phi = _mean(scenario), SETS[SCENARIOS[scenario][0]][4]
        for _ in range(series):
            level = mean if phi <= 1.0 else rng.gamma(mean / (phi - 1.0), phi - 1.0)
            row = rng.poisson(level)
            for start in rng.integers(BASELINE, CURRENT - 8, 4):
                _add(row, int(start), int(rng.choice(KS)), mean, phi, rng)
            k, began, ended = 0, -1, -1
            if outbreak:
                k, began = int(rng.choice(KS)), int(rng.integers(CURRENT, WEEKS - 6))
                ended = _add(row, began, k, mean, phi, rng)
            counts.append(row)
            first.append(began)
            last.append(ended)
            ks.append(k)
            scenarios.append(scenario)
    return Made(np.array(counts), np.array(first), np.array(last), np.array(ks), np.array(scenarios))


def _add(
    row: NDArray[np.int64], start: int, k: int, mean: Floats, phi: float, rng: np.random.Generator
) -> int:
    """Put an outbreak into a series; returns its last week."""
    size = int(rng.poisson(k * np.sqrt(phi * mean[start])))
    weeks = np.minimum(start + np.floor(rng.lognormal(0.0, 0.5, size)).astype(np.int64), WEEKS - 1)
    np.add.at(row, weeks, 1)
    return int(weeks.max(initial=start))


def ours(counts: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """(score, alarm) of the last 49 weeks, from six years before them."""
    found = surveil(counts[:, BASELINE:], "week", 0.01, start=CURRENT - BASELINE)
    return -found.p_value[:, CURRENT - BASELINE :], found.alarm[:, CURRENT - BASELINE :]


def reference(counts: NDArray[np.int64]) -> tuple[dict[str, tuple[Floats, NDArray[np.bool_]]], list[float]]:
    """R's (score, alarm) of the last 49 weeks by method, and the seconds of Farrington Flexible and EARS."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise SystemExit("R is not here: apt-get install r-base-core r-cran-surveillance")
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "counts.csv", Path(folder) / "out.csv"
        np.savetxt(table, counts, fmt="%d", delimiter=",")
        script = Path(__file__).with_name("noufaily.R")
        run = subprocess.run(
            [rscript, str(script), str(table), str(out), str(CURRENT + 1), str(WEEKS)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        told: dict[str, tuple[Floats, NDArray[np.bool_]]] = {}
        names = {
            "nbPlugin": "Farrington Flexible (nbPlugin)",
            "muan": "Farrington Flexible (muan)",
            "EARS C2": "EARS C2",
        }
        for name in names.values():
            told[name] = (
                np.full((len(counts), WEEKS - CURRENT), -np.inf),
                np.zeros((len(counts), WEEKS - CURRENT), bool),
            )
        for line in out.read_text().splitlines()[1:]:
            series, week, method, score, alarm = line.split(",")
            at = int(series), int(week) - CURRENT
            value = float(score) if score not in ("NA", "NaN") else -np.inf
            name = names[method.strip('"')]
            told[name][0][at], told[name][1][at] = value, alarm == "1"
    return told, [float(part) for part in run.stdout.split()[-2:]]


def classes() -> dict[str, list[int]]:
    """Scenarios by what they hold."""
    low = [s for s in range(len(SCENARIOS)) if SCENARIOS[s][0] in (0, 1, 3)]
    out = {"all": list(range(len(SCENARIOS)))}
    for name, trend, season in (
        ("flat", 0, 0),
        ("trend", 1, 0),
        ("season", 0, 1),
        ("trend and season", 1, 1),
    ):
        out[name] = [s for s, (_, t, m) in enumerate(SCENARIOS) if t == trend and (m > 0) == bool(season)]
    out["small counts (mean below 2)"] = low
    out["larger counts"] = [s for s in range(len(SCENARIOS)) if s not in low]
    return out


def detected(score: Floats, threshold: float | Floats, series: Made) -> NDArray[np.bool_]:
    """Whether a score above the threshold falls between the first and the last week of each outbreak."""
    week = np.arange(CURRENT, WEEKS)
    during = (week >= series.first[:, None]) & (week <= series.last[:, None])
    hit: NDArray[np.bool_] = np.greater(score, threshold)
    return np.asarray((hit & during).any(axis=1), dtype=bool)


def table(
    methods: dict[str, tuple[Floats, NDArray[np.bool_], Floats, NDArray[np.bool_]]], with_: Made, none: Made
) -> dict[str, Any]:
    """Per class: false-positive rate and detection as the methods alarm, and detection at the rate of the first method."""
    out: dict[str, Any] = {}
    target_name = next(iter(methods))
    for name, scenarios in classes().items():
        quiet, loud = np.isin(none.scenario, scenarios), np.isin(with_.scenario, scenarios)
        rows = {}
        rate = float(np.mean(methods[target_name][3][quiet]))
        for method, (score, alarm, null_score, null_alarm) in methods.items():
            week = np.arange(CURRENT, WEEKS)
            during = (week >= with_.first[:, None]) & (week <= with_.last[:, None])
            threshold = float(np.quantile(null_score[quiet], 1.0 - rate))
            rows[method] = {
                "false_positive_rate": round(float(null_alarm[quiet].mean()), 4),
                "detected": round(float((alarm & during).any(axis=1)[loud].mean()), 3),
                f"detected_at_{target_name}'s_rate": round(
                    float(detected(score, threshold, with_)[loud].mean()), 3
                ),
            }
        out[name] = rows
    return out


def plot(target: Path, series: int) -> None:
    """Share of p-values below each level against the level, one line a scenario (series without outbreaks)."""
    import altair as alt

    rows = []
    for scenario, p in null_p_values(series).items():
        grid = np.linspace(0.0, 1.0, 51)
        share = np.searchsorted(np.sort(p), grid, "right") / len(p)
        rows += [
            {"level": g, "share": s, "scenario": str(scenario)}
            for g, s in zip(grid.tolist(), share.tolist(), strict=True)
        ]
    chart = alt.Chart(alt.Data(values=rows)).mark_line(opacity=0.4, strokeWidth=1).encode(
        x=alt.X("level:Q", title="level"), y=alt.Y("share:Q", title="share of p-values below it"), detail="scenario:N"
    ).properties(width=360, height=360, title="p-values under the null, 42 scenarios")  # fmt: skip
    chart.save(target)


def null_p_values(series: int) -> dict[int, Floats]:
    """p-values of quiet series by scenario (with outbreaks in the past)."""
    none = made(series, outbreak=False, seed=7)
    score, _ = ours(none.counts)
    return {s: -score[none.scenario == s].ravel() for s in range(len(SCENARIOS))}


def speed(n_series: int = 100_000) -> dict[str, Any]:
    """Seconds for the latest week of many series of five years."""
    rng = np.random.default_rng(3)
    counts = rng.negative_binomial(2, 2 / (2 + rng.gamma(1.0, 2.0, (n_series, 1))), (n_series, 261))
    began = time.perf_counter()
    surveil(counts, "week", 0.01, start=260)
    return {"series": n_series, "weeks": 260, "seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--reference", type=int, default=0, metavar="SERIES")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    if args.speed:
        print(json.dumps(speed()))
        return
    if args.plot:
        plot(args.plot, args.series)
        return
    size = args.reference or args.series
    with_, none = made(size, outbreak=True), made(size, outbreak=False)
    methods = {"ours": (*ours(with_.counts), *ours(none.counts))}
    out: dict[str, Any] = {}
    if args.reference:
        there, seconds = reference(with_.counts)
        absent, more = reference(none.counts)
        methods = {**{name: (*there[name], *absent[name]) for name in there}, **methods}
        out["R seconds a series of 49 weeks (Farrington Flexible, EARS)"] = [
            round((a + b) / (2 * len(with_.counts)), 3) for a, b in zip(seconds, more, strict=True)
        ]
    out["classes"] = table(methods, with_, none)
    rate = np.array([methods["ours"][3][none.scenario == s].mean() for s in range(len(SCENARIOS))])
    out["ours, false-positive rate by scenario"] = [round(float(r), 4) for r in rate]
    out["scenarios outside 0.008 to 0.012"] = int(((rate < 0.008) | (rate > 0.012)).sum())
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
