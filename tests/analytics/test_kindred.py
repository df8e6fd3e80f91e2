"""同事: circles of complaints that say much the same, within one place where places are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from analytics.hotspots import HotspotScanner
from analytics.keywords import Vocabulary
from analytics.kindred import Kin, circles
from analytics.records import Complaint

AS_OF = datetime(2026, 4, 1, tzinfo=UTC)
# One matter said in eight ways: no word is in more than half of them, every two neighbours share something.
WAYS = [
    "锅炉房烟囱冒黑烟，阳台落满煤灰",
    "阳台上全是煤灰，怀疑供暖锅炉没有除尘",
    "供暖锅炉除尘设备坏了，呛得咳嗽",
    "烟囱呛人，孩子咳嗽不止，锅炉房不管",
    "煤灰飘进厨房，烟囱天天冒",
    "锅炉除尘停用，厨房关窗也呛人",
]
OTHERS = [
    "公交车等了一个小时不来",
    "学区划分不合理，名额不够",
    "健身房关门，会员卡退费无门",
    "路灯坏了没有维修",
    "医院挂号排队太久",
    "楼道垃圾堆积，保洁不来",
    "网购假货，商家推诿",
    "加班工资拖欠三个月",
    "宠物粪便无人清理",
    "自来水发黄有异味",
]


def kin(texts: list[str], ages: list[float], blocks: list[int] | None = None, **options: int) -> Kin:
    vocabulary = Vocabulary()
    words = [vocabulary.ids(text) for text in texts]
    frequency = np.bincount(np.concatenate(words), minlength=len(vocabulary.words)).astype(np.int64)
    settings = {"window": 7, "reach": 28, "horizon": 63, "min_size": 3, **options}
    return circles(
        words,
        frequency,
        np.array(ages, dtype=np.float64),
        np.array(blocks or [0] * len(texts), dtype=np.int64),
        **settings,
    )


def test_circles_hold_what_is_alike_and_the_centre_itself():
    found = kin([*WAYS, *OTHERS], [1.0] * 6 + [2.0] * 10)
    assert len(found.centre)
    for centre in np.unique(found.centre):
        members = found.member[found.centre == centre]
        assert centre in members
        assert members.max() < len(WAYS)
    assert len(found.usual) == 16  # one number for every complaint of the window
    assert (found.usual == 0).all()


def test_what_was_always_said_has_a_past():
    found = kin([*WAYS, *WAYS, *OTHERS], [1.0] * 6 + [30.0] * 6 + [2.0] * 10)
    assert found.usual[:6].min() >= 2


def test_other_places_never_meet():
    texts, ages = [*WAYS, *OTHERS], [1.0] * 6 + [2.0] * 10
    apart = kin(texts, ages, [1, 2, 3, 4, 5, 6] + [7] * 10)
    assert len(apart.centre) == 0
    together = kin(texts, ages, [1] * 6 + [7] * 10)
    assert set(together.member.tolist()) == set(kin(texts, ages).member.tolist())


def test_too_few_or_nothing_said():
    assert len(kin(WAYS[:2], [1.0, 1.0]).centre) == 0
    empty = circles(
        [np.zeros(0, np.int32)] * 8,
        np.zeros(0, np.int64),
        np.ones(8),
        np.zeros(8, np.int64),
        window=7,
        reach=28,
        horizon=63,
        min_size=3,
    )
    assert len(empty.centre) == 0


def test_a_burst_without_a_common_word_is_a_hotspot():
    rng = np.random.default_rng(3)
    usual = [
        Complaint(f"B{i}", AS_OF - timedelta(days=float(rng.uniform(0.5, 80))), f"{OTHERS[i % 10]}，{i}", complainant=f"b{i}")
        for i in range(600)
    ]  # fmt: skip
    told = [
        Complaint(f"E{i}", AS_OF - timedelta(hours=6 + 9 * i), text, complainant=f"e{i}")
        for i, text in enumerate(WAYS)
    ]
    found = HotspotScanner().scan(usual + told, AS_OF)
    mine = [h for h in found if any(i.startswith("E") for i in h.order_ids)]
    assert len(mine) == 1
    assert sum(i.startswith("E") for i in mine[0].order_ids) >= 5
    assert all(i.startswith("E") for i in mine[0].order_ids)
    # The same six spread over the quarter are no burst.
    spread = [
        Complaint(c.id, AS_OF - timedelta(days=3 + 12 * i), c.text, complainant=c.complainant)
        for i, c in enumerate(told)
    ]
    assert not any(
        i.startswith("E") for h in HotspotScanner().scan(usual + spread, AS_OF) for i in h.order_ids
    )
