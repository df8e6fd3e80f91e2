"""Hotspots measured: injected events with known truth, beside TF-IDF + DBSCAN, in one run.

    python bench/hotspots.py                    synthetic stream, 4,000 orders over 90 days, both methods
    python bench/hotspots.py --orders 100000    the same at size (plain method skipped above 20,000 orders)
    python bench/hotspots.py --no-places        the place is only said in the text
    python bench/hotspots.py --null             nothing injected: false alerts a week against the budget

The stream is written here from phrases of our own: communities with their own level, weekdays, a city-wide swing,
sub-issues with several wordings, repeat callers. Events are n different callers on one matter at one place in d days.
The plain method is what public solutions do: TF-IDF over words, DBSCAN (cosine) on the last seven days, every
cluster of at least ``min_size`` complaints is an alert; it is run with the radius that suits it best of those tried.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.feature_extraction.text import TfidfVectorizer

from analytics.backtest import replay
from analytics.hotspots import HotspotScanner
from analytics.keywords import clauses
from analytics.records import Complaint

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 90
# matter: (category, wordings); {} is a detail that varies
ISSUES: list[tuple[str, list[str]]] = [
    (
        "城乡建设/供水",
        [
            "家里停水{}了，没人通知",
            "水压太低，{}楼根本用不上水",
            "自来水发黄，有异味，{}都这样",
            "水管爆了，路面全是水，{}没人修",
        ],
    ),
    (
        "城乡建设/电梯设施",
        [
            "{}的电梯又坏了，老人下不了楼",
            "电梯困人{}，维保迟迟不来",
            "电梯异响抖动，{}坐着害怕",
            "电梯停运{}，物业推诿",
        ],
    ),
    (
        "城乡建设/物业管理",
        [
            "物业费涨价{}没有公示",
            "保安不管事，{}外来人员随便进",
            "物业不作为，楼道垃圾{}没人清",
            "物业私自出租公共区域，{}收入不公开",
        ],
    ),
    (
        "城乡建设/停车管理",
        [
            "车位不够，{}消防通道都停满",
            "停车费突然涨到{}一个月",
            "地下车库{}被占，业主没地方停",
            "僵尸车长期占位{}",
        ],
    ),
    (
        "城乡建设/市容环卫",
        [
            "垃圾桶{}没清运，臭气熏天",
            "占道经营严重，{}路都走不了",
            "小广告贴满楼道{}",
            "公厕脏乱差，{}没人打扫",
        ],
    ),
    (
        "环境保护/噪声污染",
        [
            "工地{}还在施工，吵得睡不着",
            "广场舞音响太大，{}天天吵",
            "烧烤店{}油烟噪音扰民",
            "空调外机噪声{}影响休息",
        ],
    ),
    (
        "环境保护/大气污染",
        [
            "工厂{}排放刺鼻气味",
            "餐馆油烟直排，{}不敢开窗",
            "扬尘太大，{}窗台一层灰",
            "有人{}焚烧垃圾，烟味呛人",
        ],
    ),
    (
        "交通运输/公共交通",
        ["公交{}等一个小时不来", "公交改线后{}出行不便", "地铁口共享单车{}堆成山", "出租车{}拒载绕路"],
    ),
    (
        "教育文体/招生入学",
        ["学区划分{}不合理", "幼升小报名{}名额不足", "随迁子女{}入学被拒", "学校{}强制收取课后服务费"],
    ),
    (
        "劳动和社会保障/拖欠工资",
        ["公司拖欠工资{}，讨要无果", "工地包工头欠薪{}跑路", "辞职后{}工资不发", "加班费{}一分没有"],
    ),
    (
        "商贸旅游/消费维权",
        [
            "健身房{}突然关门，卡里的钱不退",
            "美容院诱导办卡{}，退款困难",
            "网购{}假货，商家不理",
            "培训机构{}跑路，学费要不回",
        ],
    ),
    (
        "卫生计生/医疗服务",
        ["医院{}挂号排队太久", "社区医院{}疫苗缺货", "医生态度差，{}乱开药", "医保{}报销被拒"],
    ),
]
DETAILS = [
    "三天",
    "一周",
    "半个月",
    "好几次",
    "晚上十点",
    "凌晨",
    "早高峰",
    "3栋",
    "5单元",
    "整栋楼",
    "多次反映",
    "两个月",
    "周末",
    "从上月起",
]
OPENINGS = ["", "您好，", "我要投诉，", "请问有没有人管，", "反映一个问题：", "求助，", "来电人称"]
CLOSINGS = ["", "，希望尽快解决", "，请有关部门处理", "，谢谢", "，影响正常生活", "，要求给个说法"]
SYLLABLES = "锦江青羊金牛武侯成华龙泉新都温郫双流玉林桐梓清波府南光草堂西御文家苏坡黄田汪培"


@dataclass(frozen=True)
class Truth:
    place: str
    start: datetime
    order_ids: frozenset[str]


def stream(
    orders: int, events: int, seed: int, with_places: bool, with_categories: bool
) -> tuple[list[Complaint], list[Truth]]:
    """A synthetic hotline and the events hidden in it."""
    rng = np.random.default_rng(seed)
    n_communities = max(40, orders // 60)
    names = _names(n_communities, rng)
    level = rng.gamma(1.5, 1.0, n_communities)
    level /= level.sum()
    taste = rng.dirichlet(np.full(len(ISSUES), 1.5), size=n_communities)
    day = np.arange(DAYS)
    city = np.where(day % 7 < 5, 1.1, 0.75) * (1.0 + 0.25 * np.sin(day / 9.0))
    city = city / city.sum() * orders
    made: list[Complaint] = []

    def write(place: int, issue: int, wording: int | None, when: datetime, who: str) -> Complaint:
        category, wordings = ISSUES[issue]
        said = wordings[int(rng.integers(len(wordings))) if wording is None else wording].format(
            rng.choice(DETAILS)
        )
        text = f"{rng.choice(OPENINGS)}{names[place]}{said}{rng.choice(CLOSINGS)}"
        path = (
            f"{'甲乙丙丁戊己庚辛'[place % 8]}区/第{place % 40 + 1}街道/{names[place]}" if with_places else ""
        )
        return Complaint(f"S{len(made):07d}", when, text, path, category if with_categories else "", who)

    for today in range(DAYS):
        n = int(rng.poisson(city[today]))
        for place in rng.choice(n_communities, size=n, p=level):
            when = START + timedelta(days=today, seconds=int(rng.integers(86400)))
            who = f"P{int(place)}-{int(rng.integers(30))}" if rng.random() < 0.15 else f"Q{len(made)}"
            made.append(write(int(place), int(rng.choice(len(ISSUES), p=taste[place])), None, when, who))
    truths = []
    for _ in range(events):
        place, issue = int(rng.integers(n_communities)), int(rng.integers(len(ISSUES)))
        size, length = int(rng.choice([5, 7, 10, 15, 25])), int(rng.choice([1, 3, 5, 7]))
        start = START + timedelta(days=int(rng.integers(64, DAYS - 7)), hours=int(rng.integers(24)))
        wordings = rng.permutation(len(ISSUES[issue][1]))[:2]
        ids = set()
        for _ in range(size):
            when = start + timedelta(days=length * float(rng.random()))
            made.append(write(place, issue, int(rng.choice(wordings)), when, f"E{len(made)}"))
            ids.add(made[-1].id)
        truths.append(Truth(names[place], start, frozenset(ids)))
    return sorted(made, key=lambda c: c.time), truths


def _names(n: int, rng: np.random.Generator) -> list[str]:
    names: list[str] = []
    while len(names) < n:
        stem = "".join(rng.choice(list(SYLLABLES), size=3))
        names.append(f"{stem}{rng.choice(['小区', '花园', '苑', '社区'])}")
        names = list(dict.fromkeys(names))
    return names


def judge(
    alerts: list[tuple[datetime, set[str]]], complaints: list[Complaint], truths: list[Truth], weeks: float
) -> dict[str, Any]:
    """Recall, false alerts a week, delay and orders at first flag. An alert is true when most of it is one event."""
    time_of = {c.id: c.time for c in complaints}
    found: dict[int, tuple[datetime, set[str]]] = {}
    false = 0
    purity, completeness = [], []
    for raised, ids in alerts:
        best = max(range(len(truths)), key=lambda i: len(ids & truths[i].order_ids), default=None)
        hit = best is not None and len(ids & truths[best].order_ids) >= max(3, 0.5 * len(ids))
        if not hit or best is None:
            false += 1
        elif best not in found:
            found[best] = (raised, ids)
            known = {i for i in truths[best].order_ids if time_of[i] < raised}
            purity.append(len(ids & known) / len(ids))
            completeness.append(len(ids & known) / len(known))
    seen = [sum(time_of[i] < found[t][0] for i in truths[t].order_ids) for t in found]
    delay = [(found[t][0] - truths[t].start).total_seconds() / 86400 for t in found]
    by_size = {}
    for low, high in ((5, 5), (7, 7), (10, 10), (15, 99)):
        these = [t for t in range(len(truths)) if low <= len(truths[t].order_ids) <= high]
        if these:
            by_size[str(low)] = f"{sum(t in found for t in these)}/{len(these)}"
    return {
        "events": len(truths),
        "recall": round(len(found) / max(len(truths), 1), 3),
        "recall_by_size": by_size,
        "false_alerts_per_week": round(false / weeks, 2),
        "median_delay_days": round(float(np.median(delay)), 2) if delay else None,
        "median_orders_at_alert": float(np.median(seen)) if seen else None,
        "purity": round(float(np.mean(purity)), 3) if purity else None,
        "completeness": round(float(np.mean(completeness)), 3) if completeness else None,
    }


def ours(
    complaints: list[Complaint], times: list[datetime], budget: float
) -> tuple[list[tuple[datetime, set[str]]], dict[str, Any]]:
    scanner = HotspotScanner(max_false_alarms=budget)
    began = time.perf_counter()
    scanner.scan(complaints, times[-1])
    cold = time.perf_counter() - began
    began = time.perf_counter()
    scanner.scan(complaints, times[-1])
    warm = time.perf_counter() - began
    alerts = [
        (alert.raised_at, set(alert.hotspot.order_ids))
        for day in replay(complaints, times, scanner)
        for alert in day
    ]
    return alerts, {"scan_seconds_cold": round(cold, 2), "scan_seconds_tokens_cached": round(warm, 2)}


def plain(
    complaints: list[Complaint], times: list[datetime], radius: float, min_size: int = 4
) -> list[tuple[datetime, set[str]]]:
    """TF-IDF + DBSCAN on the last week; a cluster is news when less than half of it was in an alert before."""
    words = [
        " ".join(word for clause in clauses(c.text) for word in clause if len(word) > 1) for c in complaints
    ]
    alerts: list[tuple[datetime, set[str]]] = []
    told: set[str] = set()
    for as_of in times:
        inside = [i for i, c in enumerate(complaints) if as_of - timedelta(days=7) <= c.time < as_of]
        if len(inside) < min_size:
            continue
        vectors = TfidfVectorizer(token_pattern=r"\S+").fit_transform([words[i] for i in inside])
        labels = DBSCAN(eps=radius, min_samples=min_size, metric="cosine").fit_predict(vectors)
        for label in range(labels.max() + 1):
            ids = {complaints[i].id for i, one in zip(inside, labels, strict=True) if one == label}
            if len(ids & told) * 2 < len(ids):
                alerts.append((as_of, ids))
            told |= ids
    return alerts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=4000)
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=1.0, help="false alerts a week")
    parser.add_argument("--no-places", action="store_true")
    parser.add_argument("--no-categories", action="store_true")
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--scan-only", action="store_true", help="time one scan, no replay")
    args = parser.parse_args()
    complaints, truths = stream(
        args.orders, 0 if args.null else args.events, args.seed, not args.no_places, not args.no_categories
    )
    times = [START + timedelta(days=day) for day in range(64, DAYS + 1)]
    weeks = len(times) / 7.0
    out: dict[str, Any] = {
        "orders": len(complaints),
        "weeks": round(weeks, 1),
        "budget_per_week": args.budget,
    }
    if args.scan_only:
        scanner = HotspotScanner(max_false_alarms=args.budget)
        for name in ("cold", "tokens_cached"):
            began = time.perf_counter()
            out["hotspots"] = len(scanner.scan(complaints, times[-1]))
            out[f"scan_seconds_{name}"] = round(time.perf_counter() - began, 2)
    else:
        alerts, timing = ours(complaints, times, args.budget)
        out["ours"] = {**judge(alerts, complaints, truths, weeks), **timing}
        if args.orders <= 20000:
            for radius in (0.3, 0.5, 0.7):
                began = time.perf_counter()
                result = judge(plain(complaints, times, radius), complaints, truths, weeks)
                out[f"tfidf_dbscan_{radius}"] = {
                    **result,
                    "replay_seconds": round(time.perf_counter() - began, 1),
                }
    out["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(out, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
