"""命运 Fates: what becomes of an order, planned step by step and cut at the present."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hotline.demo.phrasebook import Topic, load_common
from hotline.demo.places import Gazetteer
from hotline.demo.records import Fate, FateStep
from hotline.demo.rhythm import after_working_hours, end_of_working_day
from hotline.demo.slots import Scene, fill
from hotline.seeds import DispatchCatalogue, LegalRoute, UnitSeed, dispatch_rule_for

_ALLOWANCE = {"inquiry": 3, "help": 7, "suggestion": 7, "praise": 7, "complaint": 15, "report": 15}
_DAY = 7.0  # office hours
_NOT_A_ROUTE_TO_SEND_TO = {"emergency_119", "emergency_120", "secrets"}
_AFTER = {
    "answer_directly": "completed",
    "decline": "declined",
    "dispatch": "dispatched",
    "send_back": "sent_back",
    "uphold": "registered",
    "deny": "dispatched",
    "sign_for": "signed_for",
    "suspend": "suspended",
    "resume": "signed_for",
    "reply": "replied",
    "reject": "signed_for",
    "approve": "reviewed",
    "reopen": "signed_for",
}


@dataclass(frozen=True, slots=True)
class _Step:
    action: str
    at: datetime
    actor: str
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What a fate depends on: the order's topic, true category, type, urgency, area and scene."""

    topic: Topic
    category: str
    request_type: str
    urgent: bool
    area_code: str
    scene: Scene


class Fortune:
    """Plans lives. Needs the seeds that say who handles what."""

    def __init__(
        self,
        *,
        gazetteer: Gazetteer,
        units: Sequence[UnitSeed],
        catalogue: DispatchCatalogue,
        routes: Sequence[LegalRoute],
        as_of: datetime,
        rng: random.Random,
    ) -> None:
        self._gazetteer = gazetteer
        self._units = {unit.code: unit for unit in units}
        self._of_area = {(unit.area, unit.level): unit.code for unit in units if unit.level != "district"}
        self._rules = catalogue.rules
        self._routes = routes
        self._as_of = as_of
        self._rng = rng

    def plan(self, case: Case) -> Fate:
        """The life of an order reported at ``case.scene.when``, as far as the present."""
        reported, request_type, urgent = case.scene.when, case.request_type, case.urgent
        taken: list[FateStep] = []
        state, before, reworks = "registered", reported, 0
        due: datetime | None = None
        replied: datetime | None = None
        for step in self._life(case):
            if step.at > self._as_of:
                break
            hours = round((step.at - before).total_seconds() / 3600, 2)
            taken.append(FateStep(step.action, step.at, step.actor, hours, step.note, step.data))
            before = step.at
            if step.action == "visit_back":
                redo = bool(step.data["reached"]) and (
                    not step.data["solved"] or step.data["satisfaction"] == "dissatisfied"
                )
                reworks += redo
                state = "signed_for" if redo else "completed"
            else:
                state = _AFTER.get(step.action, state)
                reworks += step.action == "reopen"
            if step.action == "dispatch":
                due = self._due(step.at, request_type, urgent)
            elif step.action == "approve_extension" and due is not None:
                due = end_of_working_day(due, int(step.data["working_days"]))
            elif step.action == "reply" and replied is None:
                replied = step.at
        kind = (
            {"answer_directly": "answered", "decline": "declined"}.get(taken[0].action, "dispatched")
            if taken
            else "waiting"
        )
        late = due is not None and (replied or self._as_of) > due
        return Fate(kind, state, due, late, reworks, tuple(taken))

    def units_for(self, category: str, area_code: str) -> tuple[str, list[str]]:
        """Leading unit and co-units by the dispatch catalogue at a place."""
        rule = dispatch_rule_for(
            self._rules, category, [area.code for area in self._gazetteer.line(area_code)]
        )
        if rule is None:
            raise KeyError(category)
        lead = rule.lead_unit or self._local(rule.lead_level or "street", area_code)
        others = [*rule.co_units, *(self._local(level, area_code) for level in rule.co_levels)]
        return lead, [unit for unit in dict.fromkeys(others) if unit != lead]

    def _local(self, level: str, area_code: str) -> str:
        at = self._gazetteer.code_at(area_code, level) or self._gazetteer.code_at(area_code, "street")
        return self._of_area.get((at or "", level)) or self._of_area.get((at or "", "street"), "QY")

    def _due(self, dispatched: datetime, request_type: str, urgent: bool) -> datetime:
        if urgent:
            return dispatched + timedelta(hours=24)
        return end_of_working_day(dispatched, _ALLOWANCE[request_type])

    def _life(self, case: Case) -> Iterator[_Step]:
        rng, common = self._rng, load_common()
        urgent, request_type, category, scene = case.urgent, case.request_type, case.category, case.scene
        routes = [
            route
            for route in self._routes
            if category in route.categories and route.code not in _NOT_A_ROUTE_TO_SEND_TO
        ]
        now = self._later(scene.when, rng.uniform(0.05, 1.2), urgent)
        if not urgent and rng.random() < (0.18 if routes else 0.008) and request_type != "praise":
            route = rng.choice(routes) if routes else self._route(rng.choice(["out_of_area", "no_content"]))
            yield _Step(
                "decline", now, "operator", f"{route.explanation}{route.contact}", {"route": route.code}
            )
            return
        if request_type == "inquiry" and rng.random() < 0.62:
            answer = self._frame(common["answer_frames"], self._finding(case), "", now)
            yield _Step("answer_directly", now, "operator", answer)
            return
        unit, others = self.units_for(category, case.area_code)
        now = self._later(now, rng.uniform(0.1, 2.0), urgent)
        if not urgent and rng.random() < 0.06:
            wrong = self._wrong_unit(unit, case.area_code)
            yield _Step("dispatch", now, "dispatcher", "", {"unit": wrong, "co_units": []})
            now = self._later(now, rng.uniform(0.8, 4), urgent)
            yield _Step("send_back", now, "clerk", rng.choice(common["send_back_reasons"]), {"unit": wrong})
            now = self._later(now, rng.uniform(0.5, 4), urgent)
            yield _Step("uphold", now, "dispatcher", rng.choice(common["uphold_notes"]))
            now = self._later(now, rng.uniform(0.05, 0.5), urgent)
        data: dict[str, Any] = {"unit": unit, "co_units": others if rng.random() < 0.4 else []}
        yield _Step("dispatch", now, "dispatcher", rng.choice(common["dispatch_notes"]), data)
        due = self._due(now, request_type, urgent)
        if not urgent and rng.random() < 0.02:
            now = self._later(now, rng.uniform(0.5, 2), urgent)
            yield _Step("send_back", now, "clerk", rng.choice(common["send_back_reasons"]), {"unit": unit})
            now = self._later(now, rng.uniform(0.5, 4), urgent)
            yield _Step("deny", now, "dispatcher", rng.choice(common["deny_notes"]))
        slow = rng.random() < 0.07
        now = self._later(now, rng.uniform(2.2, 8) if slow else rng.uniform(0.1, 1.8), urgent)
        yield _Step("sign_for", now, "clerk", "", {"unit": unit})
        contacted = self._later(now, rng.uniform(0.2, 6), urgent)
        yield _Step("contact", contacted, "clerk", rng.choice(common["contact_notes"]))
        yield from self._handling(case, unit, contacted, due)

    def _handling(self, case: Case, unit: str, now: datetime, due: datetime) -> Iterator[_Step]:
        rng, common = self._rng, load_common()
        urgent, allowance = case.urgent, _ALLOWANCE[case.request_type]
        if rng.random() < 0.012 and not urgent:
            now = self._later(now, allowance * _DAY * 0.4, urgent)
            review = end_of_working_day(now, 40).date().isoformat()
            yield _Step(
                "suspend", now, "supervisor", rng.choice(common["suspend_reasons"]), {"review_on": review}
            )
            return
        # Most replies come well inside the allowance; one in fourteen late; one in seventy never so far.
        share = rng.betavariate(1.7, 2.1)
        fortune = rng.random()
        if fortune < 0.015:
            share = 40.0
        elif fortune < 0.085:
            share = rng.uniform(1.1, 1.9)
        elif fortune < 0.13 and not urgent:
            asked = self._later(now, allowance * _DAY * rng.uniform(0.6, 0.85), urgent)
            days = {"working_days": rng.choice([3, 5, 7])}
            yield _Step("ask_extension", asked, "clerk", rng.choice(common["extension_reasons"]), days)
            verdict = "approve_extension" if rng.random() < 0.8 else "deny_extension"
            yield _Step(verdict, self._later(asked, rng.uniform(0.5, 3), False), "supervisor", "", days)
            more = days["working_days"] / allowance
            share = rng.uniform(0.95, 1.0 + more * (0.9 if verdict.startswith("approve") else 0.2))
        yield from self._answering(case, unit, self._reply_time(now, due, share, case), due)

    def _reply_time(self, now: datetime, due: datetime, share: float, case: Case) -> datetime:
        """When the reply comes: ``share`` of the allowance used, and inside the deadline when that is at most one."""
        if case.urgent:
            return now + timedelta(hours=22 * share)
        replied = self._later(now, max(0.3, _ALLOWANCE[case.request_type] * _DAY * share - 3), False)
        if share <= 1.0:
            replied = min(replied, due - timedelta(minutes=self._rng.randint(5, 200)))
        return max(replied, self._later(now, 0.2, False))

    def _answering(self, case: Case, unit: str, replied: datetime, due: datetime) -> Iterator[_Step]:
        rng, common, urgent = self._rng, load_common(), case.urgent
        late, rounds = replied > due, 0
        while True:
            note = self._frame(self._frames(case), self._finding(case), self._units[unit].name, replied)
            if rounds:
                note = rng.choice(common["rework_prefix"]) + note
            yield _Step("reply", replied, "clerk", note, {"unit": unit})
            checked = self._later(replied, rng.uniform(0.3, 6), urgent)
            if rng.random() < 0.05:
                yield _Step("reject", checked, "lead", rng.choice(common["reject_notes"]))
                again = self._later(checked, rng.uniform(1, 10), urgent)
                yield _Step("reply", again, "clerk", note, {"unit": unit})
                checked = self._later(again, rng.uniform(0.3, 6), urgent)
            yield _Step("approve", checked, "lead")
            visited = self._later(checked, rng.uniform(2, 18), False)
            outcome = self._visit(rounds, late, quick=replied - case.scene.when < timedelta(days=3))
            yield _Step("visit_back", visited, "visit_agent", outcome["comment"], outcome)
            happy = not outcome["reached"] or (
                outcome["solved"] and outcome["satisfaction"] != "dissatisfied"
            )
            rounds += 1
            if happy:
                if rounds > 1 or rng.random() >= 0.015:
                    return
                visited += timedelta(hours=rng.uniform(30, 200))
                yield _Step("reopen", visited, "resident", rng.choice(common["comments"]["reopen"]))
            replied = self._later(visited, rng.uniform(4, 30), False)

    def _visit(self, rounds: int, late: bool, *, quick: bool) -> dict[str, Any]:
        rng, comments = self._rng, load_common()["comments"]
        if rng.random() < 0.13:
            return _outcome(False, None, None, None, rng.choice(comments["unreached"]))
        solved = rng.random() < 0.91 - 0.12 * late - 0.15 * (rounds > 0)
        contacted = rng.random() < (0.985 if solved else 0.86)
        if not solved:
            mood = rng.choices(["dissatisfied", "basically_satisfied"], [8, 2])[0]
            return _outcome(True, contacted, False, mood, rng.choice(comments["unsolved"]))
        mood = rng.choices(["satisfied", "basically_satisfied", "dissatisfied"], [76, 21, 3])[0]
        pool = comments["dissatisfied_solved" if mood == "dissatisfied" else mood]
        if mood == "satisfied" and quick and not rounds:
            pool = pool + comments["satisfied_fast"]
        return _outcome(True, contacted, True, mood, rng.choice(pool) if rng.random() < 0.6 else "")

    def _finding(self, case: Case) -> str:
        rng, common = self._rng, load_common()
        topic, request_type, scene = case.topic, case.request_type, case.scene
        if request_type == "praise":
            return rng.choice(common["praise_replies"])
        if request_type == "suggestion":
            return rng.choice(common["suggestion_replies"])
        if request_type == "inquiry":
            if topic.answers and rng.random() < 0.75:
                return fill(rng.choice(topic.answers).text, scene)
            return rng.choice(common["generic_answers"])
        return fill(rng.choice(topic.replies or topic.answers).text, scene)

    def _frame(self, frames: list[str], finding: str, unit: str, at: datetime) -> str:
        filled = self._rng.choice(frames).replace("{结果}", finding).replace("{单位}", unit)
        return filled.replace("{日期}", f"{at.month}月{at.day}日").replace("。。", "。")

    def _frames(self, case: Case) -> list[str]:
        """Frames of a reply; only what lies somewhere is looked at on the spot."""
        common = load_common()
        if case.request_type in {"inquiry", "suggestion", "praise"} or case.topic.place == "none":
            return list(common["desk_frames"])
        return list(common["reply_frames"])

    def _wrong_unit(self, right: str, area_code: str) -> str:
        street = self._local("street", area_code)
        tempting = [unit for unit in ("QY-ZF", "QY-ZJ", "QY-SJ", "QY-HB", "QY-XZ", street) if unit != right]
        return self._rng.choice(tempting)

    def _route(self, code: str) -> LegalRoute:
        return next(route for route in self._routes if route.code == code)

    def _later(self, instant: datetime, hours: float, urgent: bool) -> datetime:
        """Office hours later, or, for the urgent, a fraction of an hour round the clock."""
        return instant + timedelta(hours=0.25 * hours) if urgent else after_working_hours(instant, hours)


def _outcome(
    reached: bool, contacted: bool | None, solved: bool | None, satisfaction: str | None, comment: str
) -> dict[str, Any]:
    return {
        "reached": reached,
        "contacted": contacted,
        "solved": solved,
        "satisfaction": satisfaction,
        "comment": comment,
    }
