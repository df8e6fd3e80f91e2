"""种子数据 the seeds fit together: no orphan, no unknown code, a rule for every category."""

from __future__ import annotations

import pytest

from hotline import seeds

TYPES = {"inquiry", "help", "complaint", "report", "suggestion", "praise"}
BELOW = {
    "city": None,
    "district": "city",
    "street": "district",
    "community": "street",
    "grid": "community",
    "micro_grid": "grid",
}


@pytest.fixture(scope="module")
def areas() -> dict[str, seeds.AreaSeed]:
    loaded = seeds.load_areas()
    by_code = {area.code: area for area in loaded}
    assert len(by_code) == len(loaded), "area codes repeat"
    return by_code


@pytest.fixture(scope="module")
def units() -> dict[str, seeds.UnitSeed]:
    loaded = seeds.load_units()
    by_code = {unit.code: unit for unit in loaded}
    assert len(by_code) == len(loaded), "unit codes repeat"
    return by_code


@pytest.fixture(scope="module")
def categories() -> set[str]:
    return {category.code for category in seeds.load_categories()}


def test_area_tree_descends_level_by_level(areas: dict[str, seeds.AreaSeed]) -> None:
    seen: set[str] = set()
    for area in areas.values():
        if BELOW[area.level] is None:
            assert area.parent is None
        else:
            assert area.parent in seen, f"{area.name}: parent missing or listed later"
            assert areas[area.parent].level == BELOW[area.level]
        seen.add(area.code)


def test_area_names_do_not_repeat_and_every_row_has_a_source(areas: dict[str, seeds.AreaSeed]) -> None:
    names = [area.name for area in areas.values()]
    assert len(set(names)) == len(names)
    assert all(area.source for area in areas.values())


def test_qingyang_has_its_streets_and_tongde_its_grids(areas: dict[str, seeds.AreaSeed]) -> None:
    streets = [area for area in areas.values() if area.level == "street"]
    assert {area.name for area in streets} == {
        f"{name}街道"
        for name in [
            "草市街",
            "西御河",
            "汪家拐",
            "少城",
            "草堂",
            "府南",
            "光华",
            "金沙",
            "苏坡",
            "文家",
            "康河",
            "蔡桥",
        ]
    }
    for street in streets:
        assert 4 <= sum(area.parent == street.code for area in areas.values()) <= 6
    tongde = next(area for area in areas.values() if area.name == "同德社区")
    assert areas[tongde.parent or ""].name == "府南街道"
    grids = [area for area in areas.values() if area.parent == tongde.code]
    assert len(grids) == 8
    assert all(sum(a.parent == grid.code for a in areas.values()) >= 4 for grid in grids)
    for community in (area for area in areas.values() if area.level == "community"):
        assert sum(a.parent == community.code for a in areas.values()) >= 2


def test_coordinates_lie_in_the_district(areas: dict[str, seeds.AreaSeed]) -> None:
    for area in areas.values():
        if area.level not in {"city", "district"}:
            assert 30.655 <= area.lat <= 30.695
            assert 103.945 <= area.lng <= 104.085


def test_estates_lie_in_a_grid_or_community_and_no_name_is_ambiguous(
    areas: dict[str, seeds.AreaSeed],
) -> None:
    estates = seeds.load_estates()
    spoken = [name for estate in estates for name in (estate.name, *estate.aliases)]
    assert len(set(spoken)) == len(spoken)
    for estate in estates:
        assert areas[estate.area].level in {"grid", "community"}
    assert {"小区", "路", "市场", "学校", "公园"} <= {estate.kind for estate in estates}


def test_unit_tree(units: dict[str, seeds.UnitSeed], areas: dict[str, seeds.AreaSeed]) -> None:
    seen: set[str] = set()
    for unit in units.values():
        assert (unit.parent is None) == (unit.level == "city")
        assert unit.parent is None or unit.parent in seen
        assert unit.area in areas
        assert areas[unit.area].level == unit.level
        seen.add(unit.code)
    names = [unit.name for unit in units.values()]
    assert len(set(names)) == len(names)


def test_every_street_and_community_has_its_unit(
    units: dict[str, seeds.UnitSeed], areas: dict[str, seeds.AreaSeed]
) -> None:
    for level in ("street", "community"):
        covered = sorted(unit.area for unit in units.values() if unit.level == level)
        assert covered == sorted(area.code for area in areas.values() if area.level == level)
    stations = [unit for unit in units.values() if unit.level == "grid"]
    assert len(stations) == 8
    assert {units[unit.parent or ""].name for unit in stations} == {"同德社区居民委员会"}


def test_dispatch_rules_name_known_things_and_cover_every_category(
    units: dict[str, seeds.UnitSeed], areas: dict[str, seeds.AreaSeed], categories: set[str]
) -> None:
    catalogue = seeds.load_dispatch_catalogue()
    for rule in catalogue.rules:
        assert rule.category in categories
        assert (rule.lead_unit is None) != (rule.lead_level is None)
        assert rule.lead_unit is None or rule.lead_unit in units
        assert rule.lead_level in {None, "street", "community"}
        assert set(rule.co_units) <= set(units)
        assert set(rule.co_levels) <= {"street", "community"}
        assert rule.area is None or rule.area in areas
        assert rule.source
    assert {rule.category for rule in catalogue.rules if rule.area is None} == categories
    keys = [(rule.category, rule.area) for rule in catalogue.rules]
    assert len(set(keys)) == len(keys)


def test_the_rule_of_the_finer_area_wins() -> None:
    rules = seeds.load_dispatch_catalogue().rules
    tongde = ("510100", "510105", "510105006", "510105006001")
    there = seeds.dispatch_rule_for(rules, "0114", tongde)
    elsewhere = seeds.dispatch_rule_for(rules, "0114", ("510100", "510105", "510105007"))
    assert there is not None and there.lead_level == "community"
    assert elsewhere is not None and elsewhere.lead_unit == "QY-ZF"
    assert seeds.dispatch_rule_for(rules, "9999") is None


def test_deadlines_cover_every_type_and_follow_the_domain_table() -> None:
    rules = seeds.load_deadline_rules()
    handle = {
        kind: (rule.amount, rule.unit)
        for rule in rules.rules
        if rule.clock == "handle" and rule.urgent is not True
        for kind in rule.request_types
    }
    assert set(handle) == TYPES
    assert handle["inquiry"] == (3, "working_days")
    assert handle["help"] == handle["suggestion"] == (7, "working_days")
    assert handle["complaint"] == handle["report"] == (15, "working_days")
    clocks = {rule.clock for rule in rules.rules}
    assert clocks == {"accept", "first_response", "sign_for", "handle", "review", "visit_back"}
    assert {rule.unit for rule in rules.rules} <= {"working_days", "working_hours", "hours"}
    assert all(set(rule.request_types) <= TYPES and rule.source for rule in rules.rules)
    assert {threshold.clock for threshold in rules.near_due} <= clocks
    urgent = [rule for rule in rules.rules if rule.clock == "first_response" and rule.urgent]
    assert [(rule.amount, rule.unit) for rule in urgent] == [(2, "hours")]


def test_routes_templates_and_playbook(units: dict[str, seeds.UnitSeed], categories: set[str]) -> None:
    routes = seeds.load_legal_routes()
    assert {"petition", "litigation", "reconsideration", "emergency_110"} <= {route.code for route in routes}
    assert len({route.code for route in routes}) == len(routes)
    assert all(set(route.categories) <= categories and route.explanation for route in routes)
    templates = seeds.load_reply_templates()
    assert len({template.code for template in templates}) == len(templates)
    assert all(set(template.request_types) <= TYPES for template in templates)
    playbook = seeds.load_playbook()
    assert set(playbook) == categories
    for action in playbook.values():
        assert (action.unit is None) != (action.level is None)
        assert action.unit is None or action.unit in units
        assert len(action.action) >= 8
