"""Synthetic weeks for the report's tests: believable, seeded, written here; no real order is behind any of them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from analytics.report.parts import Cell, Row
from analytics.report.periods import SHANGHAI, monday_of, week_of
from analytics.report.records import HotspotRow, OrderRow, Satisfaction, VisitBackRow, WeeklyInputs

WEEK = "2026-W46"
CUT_OFF = datetime(2026, 11, 16, 6, tzinfo=SHANGHAI)
CHANNELS = ("电话", "电话", "电话", "电话", "小程序", "小程序", "网站", "公众号", "上级转办")
TYPES = ("求助", "求助", "求助", "投诉", "投诉", "投诉", "咨询", "咨询", "建议", "举报", "表扬")
AREAS = tuple(
    ("青羊区", street, community)
    for street, communities in {
        "府南街道": ("同德社区", "石人社区", "文苑社区"),
        "草堂街道": ("青华社区", "草堂路社区"),
        "光华街道": ("光华社区", "万家湾社区"),
        "少城街道": ("宽巷子社区", "小南街社区"),
    }.items()
    for community in communities
)
ANSWERS: tuple[Satisfaction | None, ...] = ("satisfied", "basically_satisfied", "dissatisfied", None)
# topic → (handling unit, titles)
TOPICS: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    ("城乡建设", "物业管理"): (
        "区住建交局",
        ("物业长期不清运楼道杂物", "小区物业费上涨未公示", "保安夜间脱岗"),
    ),
    ("城乡建设", "停车管理"): ("区综合执法局", ("小区门口车辆乱停堵塞通道", "地下车库充电桩迟迟不装")),
    ("城乡建设", "电梯设施"): ("区市场监管局", ("三单元电梯频繁停运", "电梯困人后一直未修")),
    ("城乡建设", "市政设施"): ("区综合执法局", ("路灯不亮", "人行道地砖松动易绊倒", "井盖下沉")),
    ("城乡建设", "供水"): ("区水务服务站", ("二次供水水质浑浊", "高层晚间水压不足")),
    ("环境保护", "噪音扰民"): ("区生态环境局", ("工地夜间施工噪音", "广场舞音响过大")),
    ("环境保护", "油烟异味"): ("区生态环境局", ("楼下餐馆油烟直排", "垃圾房异味")),
    ("教育文体", "招生入学"): ("区教育局", ("咨询随迁子女入学", "学区划分咨询")),
    ("教育文体", "校外培训"): ("区教育局", ("培训机构关门不退费",)),
    ("商贸旅游", "消费维权"): ("区市场监管局", ("健身房预付卡无法退款", "超市标价与结算不符")),
    ("劳动和社会保障", "拖欠工资"): ("区人社局", ("餐饮店拖欠两个月工资", "装修工程尾款拖欠")),
    ("民政", "养老服务"): ("府南街道办事处", ("社区食堂价格咨询", "适老化改造申请")),
    ("政法", "养犬管理"): ("公安青羊分局", ("遛犬不牵绳", "凌晨犬吠")),
    ("交通运输", "共享单车"): ("区综合执法局", ("共享单车堵塞盲道",)),
    ("卫生计生", "食品安全"): ("区市场监管局", ("外卖中发现异物",)),
}
UNIT_ORDER = (
    "府南街道办事处",
    "区教育局",
    "公安青羊分局",
    "区人社局",
    "区生态环境局",
    "区住建交局",
    "区综合执法局",
)


def make_inputs(
    size: int = 120, seed: int = 1, week: str = WEEK, cut_off: datetime = CUT_OFF, **changes
) -> WeeklyInputs:
    """About ``size`` orders over two weeks and their visit-backs, two hotspots now and two last week."""
    rng = random.Random(seed)
    start = monday_of(week) - timedelta(weeks=1)
    topics, weights = list(TOPICS), [1 / (1 + index) ** 0.6 for index in range(len(TOPICS))]
    orders = tuple(_order(rng, index, start, cut_off, topics, weights) for index in range(size))
    visit_backs = tuple(row for order in orders for row in _visit_backs(rng, order, cut_off))
    last = sum(monday_of(week) > order.reported_at for order in orders)
    weeks = {
        week_of(start - timedelta(weeks=back)): int(last * rng.uniform(0.85, 1.15)) for back in range(1, 8)
    }
    fields: dict[str, Any] = {
        "week": week,
        "scope": "青羊区",
        "cut_off": cut_off,
        "orders": orders,
        "visit_backs": visit_backs,
        "hotspots": _hotspots(orders, monday_of(week), (("城乡建设", "供水"), ("环境保护", "噪音扰民"))),
        "last_week_hotspots": _hotspots(orders, start, (("环境保护", "噪音扰民"), ("城乡建设", "电梯设施"))),
        "same_week_last_year_intake": int(last * 0.93) or None,
        "previous_weeks_intake": weeks | {week_of(start): last},
        "holidays_next_week": (),
        "unit_order": UNIT_ORDER,
    }
    return WeeklyInputs(**(fields | changes))


def _order(
    rng: random.Random, index: int, start: datetime, cut_off: datetime, topics: list, weights: list
) -> OrderRow:
    reported = start + timedelta(
        days=rng.choices(range(14), (9, 8, 8, 8, 8, 5, 4) * 2)[0], minutes=rng.randrange(1440)
    )
    reported = min(reported, cut_off - timedelta(minutes=1))
    category = rng.choices(topics, weights)[0]
    unit, titles = TOPICS[category]
    direct = rng.random() < 0.12
    dispatched = None if direct else min(reported + timedelta(hours=rng.expovariate(1 / 4)), cut_off)
    completed = reported + timedelta(minutes=8) if direct else None
    due = None
    if dispatched is not None:
        due = dispatched + timedelta(days=rng.choice((3, 5, 7, 10)))
        done = dispatched + timedelta(days=rng.expovariate(1 / 4))
        completed = done if done < cut_off else None
    area = () if rng.random() < 0.04 else rng.choice(AREAS)
    return OrderRow(
        id=f"o{index}",
        number=f"QY{reported:%Y%m%d}{index:05d}",
        reported_at=reported,
        channel=rng.choice(CHANNELS),
        request_type=rng.choice(TYPES),
        category=() if rng.random() < 0.03 else category,
        area=area,
        unit="" if direct else unit,
        status="办结" if completed else ("挂账" if rng.random() < 0.05 else "办理中"),
        title=f"{area[-1] if area else ''}{rng.choice(titles)}",
        dispatched=not direct,
        dispatched_at=dispatched,
        completed_at=completed,
        handle_due_at=due,
        sent_back=int(rng.random() < 0.07) if dispatched else 0,
        rework=rng.choices((0, 1, 2, 3), (90, 7, 2, 1))[0] if dispatched else 0,
        extended=int(rng.random() < 0.05),
    )


def _visit_backs(rng: random.Random, order: OrderRow, cut_off: datetime):
    if order.completed_at is None or not order.unit or rng.random() < 0.4:
        return
    solved = rng.random() < 0.82
    satisfaction = rng.choices(
        ANSWERS,
        (70, 15, 8, 7) if solved else (5, 20, 70, 5),
    )[0]
    at = min(order.completed_at + timedelta(hours=rng.expovariate(1 / 20)), cut_off - timedelta(seconds=1))
    valid = rng.random() < 0.85
    contacted = rng.choices((True, False, None), (85, 10, 5))[0]
    yield VisitBackRow(order.id, at, valid, contacted, solved, satisfaction, order.unit)


def _hotspots(orders: tuple[OrderRow, ...], start: datetime, topics: tuple) -> tuple[HotspotRow, ...]:
    rows = []
    for rank, (category, status, q_value) in enumerate(
        zip(topics, ("emerging", "growing"), (0.0004, 0.03), strict=True), 1
    ):
        members = [
            order
            for order in orders
            if order.category == category and start <= order.reported_at < start + timedelta(weeks=1)
        ]
        place = ("青羊区", "府南街道", "同德社区")
        members = [order for order in members if order.area == place] or members[:6]
        if not members:
            continue
        observed, expected = len(members), max(1.0, len(members) / 4)
        rows.append(
            HotspotRow(
                key="/".join(category),
                rank=rank,
                name=members[0].title.removeprefix("同德社区"),
                place="/".join(place),
                category=category,
                status=status,
                start=min(order.reported_at for order in members),
                end=start + timedelta(weeks=1),
                size=observed,
                complainants=max(1, observed - 1),
                observed=observed,
                expected=expected,
                interval=(0.0, expected * 1.6 + 1),
                ratio=observed / expected,
                p_value=q_value / 10,
                q_value=q_value,
                keywords=("水质", "浑浊"),
                examples=tuple(
                    f"{order.title}，来电人张先生（138****0000）希望尽快处理" for order in members[:2]
                ),
                order_ids=tuple(order.id for order in members),
                unit=TOPICS[category][0],
                action="现场核查原因，三日内公开处理进展",
            )
        )
    return tuple(rows)


def count_at(row: Row | None, index: int) -> Cell:
    """The count that stands in a row's column."""
    assert row is not None
    cell = row.cells[index]
    assert isinstance(cell, Cell)
    return cell
