"""事项分类: the catalogue."""

from __future__ import annotations

import pytest

from analytics.taxonomy import by_code, by_path, categories, level1_names, top_of


def test_fifteen_top_level_names_in_order() -> None:
    names = level1_names()
    assert len(names) == 15
    assert names[0] == "城乡建设"
    assert "劳动和社会保障" in names


def test_codes_and_paths_are_unique_and_lead_back() -> None:
    everything = categories()
    assert len({c.code for c in everything}) == len({c.path for c in everything}) == len(everything)
    for category in everything:
        assert by_code(category.code) is by_path(category.path) is category
        assert category.about


def test_a_path_reads_as_everywhere() -> None:
    assert by_code("0101").path == "城乡建设/物业管理"
    assert top_of("城乡建设/物业管理") == top_of("城乡建设") == "城乡建设"


@pytest.mark.parametrize("unknown", ["9999", "", "城乡建设/物业管理"])
def test_unknown_codes(unknown: str) -> None:
    with pytest.raises(KeyError, match="没有代码"):
        by_code(unknown)


@pytest.mark.parametrize("unknown", ["0101", "城乡建设", "城乡建设/无"])
def test_unknown_paths(unknown: str) -> None:
    with pytest.raises(KeyError, match="事项分类中没有"):
        by_path(unknown)
