"""演示历史 the demo history is believable, varied, deterministic, and knows its own truth."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clock import SHANGHAI
from hotline import seeds
from hotline.demo import DemoHistory, generate
from hotline.demo.phrasebook import choose, load_common, load_event_topics, load_topics, read_topics
from hotline.demo.rhythm import after_working_hours, end_of_working_day, is_working_day
from hotline.demo.slots import Scene, fill

AS_OF = datetime(2026, 11, 23, 11, 30, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def history() -> DemoHistory:
    return generate(weeks=12, orders=3000, seed=1, as_of=AS_OF)


def test_as_many_orders_as_asked_in_order_of_time_and_none_in_the_future(history: DemoHistory) -> None:
    assert len(history.orders) == 3000
    times = [order.reported_at for order in history.orders]
    assert times == sorted(times)
    assert times[-1] <= AS_OF
    assert times[0] >= AS_OF - timedelta(weeks=12, days=1)
    assert [order.number for order in history.orders] == list(range(1, 3001))


def test_same_seed_same_history_and_another_seed_another() -> None:
    first = generate(weeks=8, orders=120, seed=3, as_of=AS_OF)
    assert first == generate(weeks=8, orders=120, seed=3, as_of=AS_OF)
    other = generate(weeks=8, orders=120, seed=4, as_of=AS_OF)
    assert {order.text for order in first.orders}.isdisjoint({order.text for order in other.orders}) or (
        len({order.text for order in first.orders} & {order.text for order in other.orders}) < 5
    )


def test_texts_are_distinct_filled_and_of_believable_length(history: DemoHistory) -> None:
    texts = [order.text for order in history.orders]
    assert len(set(texts)) > 2900
    for order in history.orders:
        assert not re.search(r"[\[\]{}|]", order.text + order.title), order.text
        assert 3 <= len(order.title) <= 40, order.title
        assert len(order.text) >= 8
        assert not re.search(r"，，|。。|，。|。，|起起", order.text), order.text
    lengths = sorted(len(text) for text in texts)
    assert 45 <= lengths[1500] <= 120


def test_titles_and_openings_do_not_come_from_one_mould(history: DemoHistory) -> None:
    assert len({order.title for order in history.orders}) > 1200
    heads = Counter(order.text[:12] for order in history.orders)
    assert heads.most_common(1)[0][1] < 40


def test_categories_are_many_known_and_weighted(history: DemoHistory) -> None:
    known = {category.code for category in seeds.load_categories()}
    counts = Counter(order.true_category for order in history.orders)
    assert set(counts) <= known
    assert len(counts) >= 70
    for heavy in ("0101", "0114", "0118", "0401", "0501", "1004"):
        assert counts[heavy] > 3000 / len(counts)


def test_channels_and_types_have_realistic_shares(history: DemoHistory) -> None:
    channels = Counter(order.channel for order in history.orders)
    assert set(channels) == {"phone", "mini_program", "web", "wechat", "visit", "letter", "transfer"}
    assert 0.6 < channels["phone"] / 3000 < 0.75
    kinds = Counter(order.request_type for order in history.orders)
    assert set(kinds) == {"inquiry", "help", "complaint", "report", "suggestion", "praise"}
    assert kinds["complaint"] > kinds["inquiry"] > kinds["report"] > kinds["praise"] > 0


def test_weekends_holidays_and_nights_are_quieter(history: DemoHistory) -> None:
    days = Counter(order.reported_at.date() for order in history.orders if order.event_id is None)
    working = [count for day, count in days.items() if is_working_day(day) and day != AS_OF.date()]
    free = [count for day, count in days.items() if not is_working_day(day)]
    assert sum(free) / len(free) < 0.8 * sum(working) / len(working)
    hours = Counter(order.reported_at.hour for order in history.orders)
    assert hours[9] + hours[10] > 5 * (hours[2] + hours[3])
    assert all(
        is_working_day(order.reported_at.date())
        for order in history.orders
        if order.channel in {"letter", "visit"}
    )


def test_now_at_night_is_only_said_at_night(history: DemoHistory) -> None:
    for order in history.orders:
        said = re.search(r"现在(凌晨|晚上)(\d+)点", order.text)
        if said:
            hour = order.reported_at.hour
            assert (hour % 12 or 12) == int(said[2])
            assert (hour < 6) == (said[1] == "凌晨")


def test_operators_write_in_the_third_person(history: DemoHistory) -> None:
    notes = [order for order in history.orders if order.channel == "phone"]
    first_person = [order.text for order in notes if re.search(r"(?<![自])我(?!国)|本人", order.text)]
    assert len(first_person) < 0.01 * len(notes), first_person[:5]


def test_places_are_seeded_and_agree_with_their_area(history: DemoHistory) -> None:
    areas = {area.code for area in seeds.load_areas()}
    estates = {estate.name: estate.area for estate in seeds.load_estates()}
    for order in history.orders:
        assert order.area_code in areas
        if order.estate is not None:
            assert order.area_code.startswith(estates[order.estate])
    assert sum(order.area_code.startswith("510105006001") for order in history.orders) > 120


def test_people_are_fictitious_and_some_call_again(history: DemoHistory) -> None:
    calls = Counter(order.complainant.key for order in history.orders)
    people = {order.complainant.key: order.complainant for order in history.orders}
    assert len({person.phone for person in people.values()}) == len(people)
    for person in people.values():
        assert re.fullmatch(r"1[3-9]\d0000\d{4}", person.phone)
        assert 2 <= len(person.name) <= 4
    again = sum(count - 1 for count in calls.values())
    assert 0.05 < again / len(history.orders) < 0.12


def test_injected_events_are_counted_placed_and_timed(history: DemoHistory) -> None:
    areas = {area.code: area for area in seeds.load_areas()}
    assert [event.id for event in history.events] == ["main_break", "metro_night", "gym_runaway"]
    for event in history.events:
        members = [order for order in history.orders if order.event_id == event.id]
        assert len(members) == event.order_count
        assert all(event.start <= order.reported_at <= (event.end or AS_OF) for order in members)
        assert all(order.area_code.startswith(event.area_code) for order in members)
        same = sum(order.true_category == event.category_code for order in members)
        assert same >= 0.75 * len(members)
        assert event.area_code in areas
        mentioning = sum(any(word in order.text for word in event.keywords) for order in members)
        assert mentioning >= 0.6 * len(members)
        assert len({order.text for order in members}) == len(members)
        assert len({order.text[:6] for order in members}) > len(members) / 3


def test_one_event_is_over_one_lasts_and_one_is_emerging(history: DemoHistory) -> None:
    over, lasting, emerging = history.events
    assert over.end is not None and timedelta(weeks=4) < AS_OF - over.end < timedelta(weeks=6)
    assert lasting.end is None and AS_OF - lasting.start == timedelta(weeks=3)
    weekly = Counter(
        (AS_OF - order.reported_at).days // 7 for order in history.orders if order.event_id == lasting.id
    )
    assert min(weekly[week] for week in range(3)) >= 6
    assert emerging.end is None and timedelta(days=2) <= AS_OF - emerging.start <= timedelta(days=3)
    recent = [AS_OF - order.reported_at for order in history.orders if order.event_id == emerging.id]
    last_day = sum(age <= timedelta(hours=24) for age in recent)
    assert last_day > len(recent) - last_day
    assert 12 <= len(recent) <= 20


def test_the_background_holds_the_events_categories_elsewhere(history: DemoHistory) -> None:
    for event in history.events:
        elsewhere = [
            order
            for order in history.orders
            if order.event_id is None
            and order.true_category == event.category_code
            and not order.area_code.startswith(event.area_code)
        ]
        assert len(elsewhere) >= 15


def test_a_short_history_leaves_out_the_event_that_began_before_it() -> None:
    assert [event.id for event in generate(weeks=4, orders=60, as_of=AS_OF).events] == [
        "metro_night",
        "gym_runaway",
    ]


@pytest.mark.parametrize(
    "as_of", [datetime(2026, 10, 2, 3, 5, tzinfo=SHANGHAI), datetime(2028, 2, 1, tzinfo=SHANGHAI)]
)
def test_any_present_will_do(as_of: datetime) -> None:
    history = generate(weeks=7, orders=80, as_of=as_of)
    assert len(history.orders) == 80
    assert max(order.reported_at for order in history.orders) <= as_of
    assert all(step.at <= as_of for order in history.orders for step in order.fate.steps)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="时区"):
        generate(as_of=datetime(2026, 11, 23))
    with pytest.raises(ValueError, match="40"):
        generate(orders=3, as_of=AS_OF)


# --- fates ---------------------------------------------------------------------------------------------------------

FROM = {
    "answer_directly": {"registered"},
    "decline": {"registered"},
    "dispatch": {"registered"},
    "send_back": {"dispatched"},
    "uphold": {"sent_back"},
    "deny": {"sent_back"},
    "sign_for": {"dispatched"},
    "contact": {"signed_for"},
    "ask_extension": {"signed_for"},
    "approve_extension": {"signed_for"},
    "deny_extension": {"signed_for"},
    "suspend": {"signed_for"},
    "reply": {"signed_for"},
    "reject": {"replied"},
    "approve": {"replied"},
    "visit_back": {"reviewed"},
    "reopen": {"completed"},
}
TO = {
    "answer_directly": "completed",
    "decline": "declined",
    "dispatch": "dispatched",
    "send_back": "sent_back",
    "uphold": "registered",
    "deny": "dispatched",
    "sign_for": "signed_for",
    "suspend": "suspended",
    "reply": "replied",
    "reject": "signed_for",
    "approve": "reviewed",
    "reopen": "signed_for",
}


def test_every_life_follows_the_lifecycle(history: DemoHistory) -> None:
    units = {unit.code for unit in seeds.load_units()}
    routes = {route.code for route in seeds.load_legal_routes()}
    for order in history.orders:
        state, before = "registered", order.reported_at
        for step in order.fate.steps:
            assert state in FROM[step.action], (step.action, state)
            assert before <= step.at <= AS_OF
            assert step.delay_hours == pytest.approx((step.at - before).total_seconds() / 3600, abs=0.01)
            before = step.at
            if step.action == "visit_back":
                again = step.data["reached"] and (
                    not step.data["solved"] or step.data["satisfaction"] == "dissatisfied"
                )
                state = "signed_for" if again else "completed"
            else:
                state = TO.get(step.action, state)
            if step.action == "dispatch":
                assert {step.data["unit"], *step.data["co_units"]} <= units
            if step.action == "decline":
                assert step.data["route"] in routes
            if step.action in {"reply", "answer_directly", "decline", "send_back", "suspend"}:
                assert len(step.note) >= 5
                assert not re.search(r"[\[\]{}|]|。。", step.note), step.note
        assert state == order.fate.state


def test_old_orders_are_mostly_closed_and_recent_ones_mixed(history: DemoHistory) -> None:
    closed = {"completed", "declined"}
    old = [order for order in history.orders if AS_OF - order.reported_at > timedelta(weeks=6)]
    assert sum(order.fate.state in closed for order in old) > 0.93 * len(old)
    recent = [order for order in history.orders if AS_OF - order.reported_at < timedelta(weeks=2)]
    states = Counter(order.fate.state for order in recent)
    assert {"registered", "dispatched", "signed_for", "replied", "reviewed", "completed"} <= set(states)
    assert 0.2 < sum(states[state] for state in closed) / len(recent) < 0.8


def test_some_open_orders_are_near_due_and_some_overdue(history: DemoHistory) -> None:
    waiting = [
        order.fate
        for order in history.orders
        if order.fate.state in {"dispatched", "signed_for"} and order.fate.expected_due is not None
    ]
    assert sum(fate.expected_due < AS_OF for fate in waiting if fate.expected_due) >= 8
    soon = AS_OF + timedelta(days=2)
    assert sum(AS_OF <= fate.expected_due <= soon for fate in waiting if fate.expected_due) >= 5


def test_lives_hold_send_backs_extensions_rework_and_every_kind_of_verdict(history: DemoHistory) -> None:
    actions = Counter(step.action for order in history.orders for step in order.fate.steps)
    for rare in (
        "send_back",
        "uphold",
        "deny",
        "approve_extension",
        "deny_extension",
        "suspend",
        "reject",
        "reopen",
    ):
        assert actions[rare] > 0, rare
    visits = [
        step.data for order in history.orders for step in order.fate.steps if step.action == "visit_back"
    ]
    assert {visit["satisfaction"] for visit in visits} == {
        "satisfied",
        "basically_satisfied",
        "dissatisfied",
        None,
    }
    solved = sum(visit["solved"] is True for visit in visits) / sum(visit["reached"] for visit in visits)
    assert 0.8 < solved < 0.95
    assert any(order.fate.rework_count for order in history.orders)
    assert any(order.fate.late for order in history.orders)


def test_office_steps_of_ordinary_orders_happen_in_office_hours(history: DemoHistory) -> None:
    for order in history.orders:
        if not order.urgent:
            for step in order.fate.steps:
                if step.action in {"dispatch", "sign_for", "approve"}:
                    assert is_working_day(step.at.date())
                    assert 9 <= step.at.hour <= 17


# --- phrases and rhythm ----------------------------------------------------------------------------------------------


def _scene(seed: int, hour: int, *, third: bool) -> Scene:
    when = datetime(2026, 11, 18, hour, 20, tzinfo=SHANGHAI)
    return Scene(random.Random(seed), when, third, ["锦澜苑", "小区"], "锦澜苑", "王", "f", event_day=2)


def test_every_phrase_can_be_filled() -> None:
    """A bad slot or range in a data file shows here, not on the day it is drawn."""
    for topic in (*load_topics(), *load_event_topics().values()):
        assert topic.replies or topic.answers, topic.key
        assert topic.situations, topic.key
        lines = [*topic.replies, *topic.answers]
        for situation in topic.situations:
            assert situation.titles and situation.openings, (topic.key, situation.name)
            lines += [*situation.titles, *situation.openings, *situation.details, *situation.asks]
        for line in lines:
            for seed in range(12):
                assert not re.search(r"[\[\]{}|]", fill(line.text, _scene(seed, 10, third=bool(seed % 2)))), (
                    line.text
                )


def test_choose_settles_nested_choices() -> None:
    found = {choose("[a[b|c]|d]，x", random.Random(seed)) for seed in range(60)}
    assert {"ab，x", "ac，x", "d，x"} <= found
    assert all("[" not in text for text in found)
    assert {choose("[!甲|乙]", random.Random(seed)) for seed in range(40)} == {"甲", "乙"}


def test_a_malformed_phrase_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text("== 0101 w=1\nT 没有情形的标题\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.txt 第 2 行"):
        read_topics(path)


def test_common_phrases_have_every_channel_and_type() -> None:
    common = load_common()
    assert {"phone", "visit", "transfer", "letter", "web", "wechat", "mini_program"} <= set(common["leads"])
    assert {"complaint", "report", "help", "inquiry", "suggestion", "praise"} == set(common["asks"])


def test_office_hours_skip_nights_weekends_and_holidays() -> None:
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=SHANGHAI)
    assert after_working_hours(friday, 2) == datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
    assert after_working_hours(datetime(2026, 11, 23, 11, 0, tzinfo=SHANGHAI), 2) == datetime(
        2026, 11, 23, 14, 0, tzinfo=SHANGHAI
    )
    assert not is_working_day(datetime(2026, 10, 2).date())
    assert is_working_day(datetime(2026, 10, 10).date())
    assert end_of_working_day(friday, 1) == datetime(2026, 11, 23, 17, 0, tzinfo=SHANGHAI)
