"""热点: injected bursts are found once, named well and early; ordinary days, one loud person and the future are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.backtest import moments, replay, same_event
from analytics.hotspots import Hotspot, HotspotScanner
from analytics.records import Complaint
from analytics.voices import near_identical, voices

AS_OF = datetime(2026, 4, 1, tzinfo=UTC)
MATTERS = [
    ("城乡建设/供水", ["家里停水两天了没人通知", "水压太低楼上用不了水", "自来水发黄有异味"]),
    ("城乡建设/物业管理", ["物业费涨价没有公示", "保安不管外来人员", "楼道垃圾堆积物业不清理"]),
    ("环境保护/噪声污染", ["工地夜里施工吵得睡不着", "广场舞音响声音太大", "烧烤摊深夜喧哗"]),
    ("交通运输/公共交通", ["公交车等了一个小时", "共享单车堵住地铁口", "出租车拒载"]),
    ("教育文体/招生入学", ["学区划分不合理", "幼升小报名名额不够", "课后服务强制收费"]),
]
PLACES = [
    f"{a}{b}小区" for a in ("青湖", "锦里", "桐梓", "金水", "玉林", "清波") for b in ("一村", "雅筑", "东苑")
]


DETAILS = [
    "孩子咳嗽了半个月去医院看过好几次",
    "阳台刚擦完不到一会儿又是厚厚一层",
    "老母亲今年八十岁心脏本来就不好",
    "上完夜班回来根本没有办法合眼",
    "楼下晾的被子全部白洗了心里窝火",
    "找过城管也打过电话都说归别人管",
    "运料的大车一趟接一趟把路面压坏",
    "当初买房的时候可没人讲过这回事",
    "学校离得这样近学生上课也听得见",
    "想问一下当时环评手续到底有没有办",
    "空气里一股怪味出门都得戴上口罩",
    "马上就要中考了女儿复习静不下心",
]


def background(seed: int = 0, per_day: int = 25, days: int = 90, **fields: bool) -> list[Complaint]:
    rng = np.random.default_rng(seed)
    made: list[Complaint] = []
    for day in range(days):
        for _ in range(int(rng.poisson(per_day))):
            place = PLACES[int(rng.integers(len(PLACES)))]
            category, wordings = MATTERS[int(rng.integers(len(MATTERS)))]
            when = AS_OF - timedelta(days=days - day - float(rng.random()))
            made.append(
                Complaint(
                    f"B{len(made)}",
                    when,
                    f"{place}{wordings[int(rng.integers(len(wordings)))]}，第{len(made)}次反映，希望处理",
                    f"青羊区/府南街道/{place}" if fields.get("place", True) else "",
                    category if fields.get("category", True) else "",
                    f"p{len(made)}",
                )
            )
    return made


def burst(
    n: int, days: float, place: str = "锦里雅筑小区", before: float = 0.0, **fields: bool
) -> list[Complaint]:
    texts = [
        "旁边新开的搅拌站粉尘太大，{}，不敢开窗",
        "搅拌站半夜作业噪音扰民，{}，老人睡不好",
        "强烈反对在小区旁建搅拌站，{}，灰尘满天",
    ]
    return [
        Complaint(
            f"E{i}",
            AS_OF - timedelta(days=before + days * (n - i) / (n + 1)),
            place + texts[i % 3].format(DETAILS[i % len(DETAILS)]),
            f"青羊区/府南街道/{place}" if fields.get("with_place", True) else "",
            "环境保护/大气污染" if fields.get("category", True) else "",
            "" if fields.get("anonymous") else f"e{i}",
        )
        for i in range(n)
    ]


def the_event(found: list[Hotspot]) -> Hotspot:
    mine = [h for h in found if sum(i.startswith("E") for i in h.order_ids) >= 3]
    assert len(mine) == 1, [h.name for h in found]
    return mine[0]


def test_a_burst_is_one_hotspot_with_its_reasons():
    found = HotspotScanner().scan(background() + burst(6, 2.0), AS_OF)
    hotspot = the_event(found)
    assert set(hotspot.order_ids) == {f"E{i}" for i in range(6)}
    assert hotspot.place == "青羊区/府南街道/锦里雅筑小区"
    assert hotspot.category == "环境保护/大气污染"
    assert hotspot.status == "emerging"
    assert hotspot.name.startswith("锦里雅筑小区：")
    assert "搅拌站" in hotspot.name
    assert "搅拌站" in "".join(hotspot.keywords)
    assert hotspot.observed == hotspot.complainants == hotspot.size == 6
    assert 0 < hotspot.expected < 1
    assert hotspot.ratio == pytest.approx(hotspot.observed / hotspot.expected, rel=0.02)
    assert hotspot.interval[0] <= hotspot.expected <= hotspot.interval[1] + 1
    assert hotspot.p_value <= hotspot.q_value <= 0.05
    assert hotspot.history == "enough"
    assert "自身水平" in hotspot.compared_with
    assert len(hotspot.series) == 56
    assert sum(count for _, count, _ in hotspot.series[-3:]) >= 6
    assert 1 <= len(hotspot.examples) <= 3


@pytest.mark.parametrize(("place", "category"), [(True, False), (False, True), (False, False)])
def test_found_from_text_where_columns_are_missing(place, category):
    complaints = background(place=place, category=category) + burst(
        7, 3.0, with_place=place, category=category
    )
    hotspot = the_event(HotspotScanner().scan(complaints, AS_OF))
    assert "锦里雅筑" in hotspot.name
    assert len([i for i in hotspot.order_ids if i.startswith("E")]) >= 5


def test_one_person_posting_twenty_times_is_no_hotspot():
    loud = [Complaint(c.id, c.time, c.text, c.place, c.category, "same") for c in burst(20, 3.0)]
    found = HotspotScanner().scan(background() + loud, AS_OF)
    assert not [h for h in found if any(i.startswith("E") for i in h.order_ids)]


def test_the_same_text_from_nobody_in_particular_is_one_voice():
    copies = [
        Complaint(
            f"E{i}",
            AS_OF - timedelta(hours=3 * i + 1),
            "锦里雅筑小区旁的搅拌站粉尘噪音严重影响居民休息请处理",
            "青羊区/府南街道/锦里雅筑小区",
        )
        for i in range(20)
    ]
    found = HotspotScanner().scan(background() + copies, AS_OF)
    assert not [h for h in found if any(i.startswith("E") for i in h.order_ids)]


def test_only_what_was_known_counts():
    complaints = background()
    later = [
        Complaint(f"L{i}", AS_OF + timedelta(minutes=i), c.text, c.place, c.category, c.complainant)
        for i, c in enumerate(burst(9, 1.0))
    ]
    assert HotspotScanner().scan(complaints + later, AS_OF) == HotspotScanner().scan(complaints, AS_OF)
    exactly = [Complaint("X", AS_OF, "整点", "", "", "x")]
    assert HotspotScanner().scan(complaints + exactly, AS_OF) == HotspotScanner().scan(complaints, AS_OF)


def test_order_of_rows_does_not_matter_and_scans_repeat():
    complaints = background() + burst(6, 2.0)
    scanner = HotspotScanner()
    first = scanner.scan(complaints, AS_OF)
    assert scanner.scan(complaints[::-1], AS_OF) == first
    assert HotspotScanner().scan(complaints, AS_OF) == first


def test_ordinary_days_stay_within_the_budget():
    alerts = 0
    for seed in range(3):
        times = moments(AS_OF - timedelta(days=9), AS_OF)
        alerts += sum(len(day) for day in replay(background(seed), times, HotspotScanner()))
    assert alerts <= 6  # three streams of ten days at one a week: 4.3 promised at most


def test_a_busy_city_is_not_a_hotspot_everywhere():
    complaints = background(per_day=25) + [
        Complaint(f"X{c.id}", c.time, c.text, c.place, c.category, f"x{c.complainant}")
        for c in background(9, per_day=40)
        if c.time > AS_OF - timedelta(days=7)
    ]
    assert len(HotspotScanner().scan(complaints, AS_OF)) <= 1


def test_life_of_a_hotspot():
    complaints = background() + burst(12, 6.0, before=8.0)
    early = AS_OF - timedelta(days=11)
    scanner = HotspotScanner()
    assert the_event(scanner.scan(complaints, early)).status in {"emerging", "growing"}
    gone = [
        h
        for h in scanner.scan(complaints, AS_OF + timedelta(days=8))
        if any(i.startswith("E") for i in h.order_ids)
    ]
    assert all(h.status == "fading" for h in gone)
    lasting = (
        background()
        + burst(12, 6.0, before=7.0)
        + [
            Complaint(f"E9{c.id}", c.time, c.text, c.place, c.category, f"n{c.complainant}")
            for c in burst(12, 6.0)
        ]
    )
    hotspot = the_event(scanner.scan(lasting, AS_OF))
    assert hotspot.status in {"persisting", "growing"}
    assert same_event(hotspot, the_event(scanner.scan(lasting, AS_OF - timedelta(days=1))))


def test_short_history_says_so():
    complaints = [c for c in background() if c.time > AS_OF - timedelta(days=12)] + burst(9, 2.0)
    found = HotspotScanner().scan(complaints, AS_OF)
    assert all(h.history == "short" and "先验" in h.compared_with for h in found)
    assert HotspotScanner().scan(burst(9, 2.0), AS_OF) is not None  # no baseline at all: no crash
    assert HotspotScanner().scan([], AS_OF) == []


def test_json_has_the_promised_fields():
    hotspot = the_event(HotspotScanner().scan(background() + burst(6, 2.0), AS_OF))
    out = json.loads(json.dumps(hotspot.to_json(), ensure_ascii=False))
    promised = (
        "rank,name,place,category,status,from,to,size,order_ids,observed,expected,ratio,p_value,q_value"
    )
    assert set(f"{promised},keywords,examples".split(",")) <= set(out)
    assert datetime.fromisoformat(out["from"]) <= datetime.fromisoformat(out["to"]) < AS_OF
    assert out["series"][-1].keys() == {"date", "count", "expected"}


def test_replay_raises_an_event_once_and_early():
    complaints = background() + burst(10, 5.0, before=3.0)
    alerts = [
        a
        for day in replay(complaints, moments(AS_OF - timedelta(days=10), AS_OF), HotspotScanner())
        for a in day
    ]
    mine = [a for a in alerts if any(i.startswith("E") for i in a.hotspot.order_ids)]
    assert len(mine) == 1
    assert mine[0].hotspot.size <= 7
    known = {c.id for c in complaints if c.time < mine[0].raised_at}
    assert set(mine[0].hotspot.order_ids) <= known


@pytest.mark.parametrize(
    "settings", [{"window": timedelta(0)}, {"baseline": timedelta(days=2)}, {"max_false_alarms": 0.0}]
)
def test_settings_without_sense_are_refused(settings):
    with pytest.raises(ValueError, match=r"窗口|误报"):
        HotspotScanner(**settings).scan([], AS_OF)
    with pytest.raises(ValueError, match="时区"):
        HotspotScanner().scan([], datetime(2026, 4, 1))


def test_near_identical_texts():
    long = "小区门口的道路破损严重，晚上没有路灯，老人小孩出行非常危险，请尽快维修处理，谢谢"
    groups = near_identical(
        [long, long.replace("，", "！"), long + "。", "完全不同的一件事情，关于公交线路的调整建议", "", ""]
    )
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] != groups[0]
    assert groups[4] != groups[5]


def test_a_row_exported_twice_under_two_ids_is_one_voice():
    c = burst(1, 1.0)[0]
    twin = Complaint("T", c.time, c.text, c.place, c.category, "another id")
    other = Complaint("O", c.time + timedelta(hours=5), c.text, c.place, c.category, "third")
    said = voices([c, twin, other])
    assert said[0] == said[1]
    assert said[2] != said[0]
