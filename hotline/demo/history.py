"""演示历史 Demo history: weeks of a district's hotline, written anew from a seed, always the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from core.clock import SHANGHAI
from hotline import seeds
from hotline.demo import events as injected
from hotline.demo.fates import Case, Fortune
from hotline.demo.people import Crowd
from hotline.demo.phrasebook import Line, Situation, Topic, load_common, load_event_topics, load_topics
from hotline.demo.places import Gazetteer, Spot, mentions, place_text
from hotline.demo.records import Complainant, DemoHistory, DemoOrder, InjectedEvent
from hotline.demo.rhythm import is_working_day, moment, report_days
from hotline.demo.slots import Scene, fill
from hotline.demo.voices import THIRD_PERSON, entitle, openings_at, tell

_CHANNELS = {
    "phone": 68.0,
    "mini_program": 13.0,
    "web": 6.0,
    "wechat": 5.5,
    "transfer": 4.5,
    "letter": 1.6,
    "visit": 1.4,
}
_NOT_SPOKEN = {"mini_program": 52.0, "wechat": 20.0, "web": 12.0, "phone": 60.0}
_TYPE_WEIGHT = {
    "inquiry": 2.4,
    "help": 1.2,
    "complaint": 1.0,
    "report": 1.0,
    "suggestion": 0.8,
    "praise": 0.5,
}


@dataclass(frozen=True, slots=True)
class _Matter:
    """What one order is about, before it is put into words."""

    topic: Topic
    situation: Situation
    channel: str
    when: datetime
    spot: Spot
    person: Complainant
    event_id: str | None = None
    opening: Line | None = None
    event_day: int = 1


class _Writer:
    """Holds what the orders of one history share."""

    def __init__(
        self, gazetteer: Gazetteer, fortune: Fortune, crowd: Crowd, as_of: datetime, rng: random.Random
    ) -> None:
        self.gazetteer, self.fortune, self.crowd, self.as_of, self.rng = gazetteer, fortune, crowd, as_of, rng
        self.seen: set[str] = set()
        self.orders: list[DemoOrder] = []

    def background(self, day: date, topics: Sequence[Topic], weights: Sequence[float]) -> bool:
        """Write one ordinary order of a day; False when the day has no room for it."""
        rng = self.rng
        topic = rng.choices(topics, weights)[0]
        situation = rng.choices(topic.situations, [_TYPE_WEIGHT[s.request_type] for s in topic.situations])[0]
        channel = rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
        if channel in {"letter", "visit"} and (situation.urgent or not is_working_day(day)):
            channel = "phone"
        profile = (
            "office"
            if channel in {"letter", "visit"}
            else "night"
            if situation.night and rng.random() < 0.5
            else "day"
        )
        when = moment(day, self.as_of, profile, rng)
        if when is None or not any(line.fits(when.month, 1) for line in situation.openings):
            return False
        kind = topic.place
        if kind == "none" and _names_place(situation):
            kind = "小区"
        estate = None if kind == "none" else self.gazetteer.draw(kind, rng)
        home_estate = (
            estate if estate is not None and estate.kind == "小区" else self.gazetteer.draw("小区", rng)
        )
        person = self.crowd.caller(home_estate.name if estate is home_estate else "")
        if estate is not None:
            spot = self.gazetteer.spot(estate, kind, rng)
        else:
            spot = self._somewhere_near(home_estate)
        self._write(_Matter(topic, situation, channel, when, spot, person))
        return True

    def of_event(self, plan: injected.EventPlan, topic: Topic, count: int) -> int:
        """Write an event's orders, spreading its openings; returns how many."""
        rng, start = self.rng, self.as_of - plan.starts_before
        by_name = {estate.name: estate for estate in self.gazetteer.estates}
        deck: list[Line] = []
        for when in injected.times(plan, count, self.as_of, rng):
            situation = topic.situations[0]
            event_day = (when.date() - start.date()).days + 1
            usable = [line for line in situation.openings if line.fits(when.month, event_day)]
            said = next((line for line in deck if line in usable), None)
            if said is None:
                deck = rng.sample(usable, len(usable))
                said = deck[0]
            deck.remove(said)
            channel = rng.choices(list(_NOT_SPOKEN), list(_NOT_SPOKEN.values()))[0]
            named = self.gazetteer.named_in(said.text.split("[")[0])
            estate = named or by_name[rng.choice(plan.default_estates)]
            spot = self.gazetteer.spot(estate, estate.kind, rng)
            home = estate.name if estate.kind == "小区" else ""
            person = self.crowd.caller(home, anew=True)
            self._write(_Matter(topic, situation, channel, when, spot, person, plan.id, said, event_day))
        return count

    def _write(self, matter: _Matter) -> None:
        rng, spot, situation = self.rng, matter.spot, matter.situation
        request_type = situation.request_type
        if matter.event_id is not None:
            # The same trouble reaches the hotline now as a complaint, now as a plea for help.
            request_type = rng.choices(
                ["complaint", "help"], [6, 4] if request_type == "complaint" else [3, 7]
            )[0]
        for _ in range(6):
            scene = self._scene(matter)
            opening = matter.opening or rng.choice(openings_at(situation, scene))
            text, opened = tell(matter.topic, situation, scene, matter.channel, opening)
            if text not in self.seen:
                break
        self.seen.add(text)
        scene.mentions = [spot.estate.name if spot.estate is not None else "这边"]
        title = (
            opening.title
            if opening.title and rng.random() < 0.8
            else entitle(situation, scene, matter.channel, text, opened)
        )
        named = fill("{栋}", scene) if "栋" in scene.kept else ""
        confidential = "保密" in text or rng.random() < (0.4 if request_type == "report" else 0.1)
        urgent = situation.urgent and rng.random() < 0.85
        category = opening.category or matter.topic.category
        fate = self.fortune.plan(Case(matter.topic, category, request_type, urgent, spot.area_code, scene))
        written = matter.channel in {"mini_program", "web", "wechat"}
        self.orders.append(
            DemoOrder(
                number=0,
                reported_at=matter.when,
                channel=matter.channel,
                request_type=request_type,
                title=title,
                text=text,
                place_text=place_text(spot, named, matter.channel, rng),
                area_code=spot.area_code,
                estate=spot.estate.name if spot.estate else None,
                complainant=matter.person,
                confidential=confidential,
                true_category=category,
                urgent=urgent,
                event_id=matter.event_id,
                votes=int(rng.paretovariate(1.1) - 1) % 900 if written and rng.random() < 0.5 else 0,
                fate=fate,
            )
        )

    def _scene(self, matter: _Matter) -> Scene:
        spot, person = matter.spot, matter.person
        at_home = spot.estate.name if spot.estate and spot.estate.kind == "小区" else "青羊区" + spot.street
        return Scene(
            rng=self.rng,
            when=matter.when,
            third=matter.channel in THIRD_PERSON,
            mentions=mentions(spot, matter.channel, self.rng, load_common()["stub_places"]),
            home=person.home or at_home,
            surname=person.name[0],
            gender=person.gender,
            event_day=matter.event_day,
        )

    def _somewhere_near(self, home: seeds.EstateSeed) -> Spot:
        """A matter without a place of its own: known to the caller's community, street or only the district."""
        level = self.rng.choices(["community", "street", "district"], [25, 50, 25])[0]
        code = self.gazetteer.code_at(home.area, level) or home.area
        return Spot(code, None, "none", self.gazetteer.name_at(home.area, "street"), "")


def generate(
    weeks: int = 12,
    orders: int = 3000,
    seed: int = 1,
    *,
    as_of: datetime,
    areas: Sequence[seeds.AreaSeed] | None = None,
    estates: Sequence[seeds.EstateSeed] | None = None,
    units: Sequence[seeds.UnitSeed] | None = None,
    catalogue: seeds.DispatchCatalogue | None = None,
    routes: Sequence[seeds.LegalRoute] | None = None,
) -> DemoHistory:
    """A believable history of ``orders`` orders over ``weeks`` weeks up to ``as_of`` (an aware instant).

    The orders of the injected events are among the ``orders``; an event that began before the history does is left
    out. Seeds not given are loaded from :mod:`hotline.seeds`. The same arguments give the same history. Times are
    aware, in Asia/Shanghai. Raises ValueError for a naive ``as_of``, fewer than one week or fewer than 40 orders.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of 必须带时区")
    if weeks < 1 or orders < 40:
        raise ValueError("演示历史至少要 1 周、40 件工单")
    rng = random.Random(f"{seed}/{weeks}/{orders}")
    now = as_of.astimezone(SHANGHAI)
    gazetteer = Gazetteer(areas or seeds.load_areas(), estates or seeds.load_estates())
    fortune = Fortune(
        gazetteer=gazetteer,
        units=units or seeds.load_units(),
        catalogue=catalogue or seeds.load_dispatch_catalogue(),
        routes=routes or seeds.load_legal_routes(),
        as_of=now,
        rng=random.Random(f"fates/{seed}"),
    )
    writer = _Writer(gazetteer, fortune, Crowd(rng), now, rng)
    start = datetime.combine(now.date() - timedelta(days=weeks * 7), time.min, SHANGHAI)
    truths = []
    for plan in injected.PLANS:
        if now - plan.starts_before >= start:
            topic = load_event_topics()[plan.topic]
            written = writer.of_event(plan, topic, injected.size(plan, orders))
            truths.append(_truth(plan, topic, written, now))
    days, day_weights = report_days(start, now, rng)
    topics = [topic for topic in load_topics() if topic.weight > 0]
    weights = [topic.weight for topic in topics]
    while len(writer.orders) < orders:
        writer.background(rng.choices(days, day_weights)[0], topics, weights)
    return DemoHistory(now, _numbered(writer.orders), truths)


def _truth(plan: injected.EventPlan, topic: Topic, written: int, now: datetime) -> InjectedEvent:
    start = now - plan.starts_before
    return InjectedEvent(
        id=plan.id,
        name=topic.facts["name"],
        place=plan.place,
        area_code=plan.area_code,
        category_code=topic.category,
        start=start,
        end=start + plan.lasts if plan.lasts is not None else None,
        order_count=written,
        keywords=tuple(topic.facts["keywords"].split(",")),
    )


def _numbered(orders: list[DemoOrder]) -> list[DemoOrder]:
    in_time = sorted(orders, key=lambda order: order.reported_at)
    return [replace(order, number=number) for number, order in enumerate(in_time, 1)]


def _names_place(situation: Situation) -> bool:
    return any("{p}" in line.text for line in (*situation.openings, *situation.titles, *situation.details))
