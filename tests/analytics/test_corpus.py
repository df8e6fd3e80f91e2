"""语料: phrases for every category, composed with a seed."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from analytics.corpus import category_phrases, common_phrases, compose, corpus_hash
from analytics.taxonomy import categories

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def test_every_category_has_phrases_of_its_own() -> None:
    assert [p.path for p in category_phrases()] == [c.path for c in categories()]
    for phrases in category_phrases():
        assert len(phrases.words) >= 12, phrases.path
        assert len(phrases.events) >= 5, phrases.path
        assert len(phrases.wishes) >= 3, phrases.path
    said = Counter(event for phrases in category_phrases() for event in phrases.events)
    assert not [event for event, times in said.items() if times > 1], "one event in two categories"


def test_composing_is_the_same_for_a_seed_and_varied() -> None:
    once, again, other = (list(compose(12, seed)) for seed in (1, 1, 2))
    assert once == again != other
    assert Counter(e.label for e in once) == dict.fromkeys([c.path for c in categories()], 12)
    assert len({e.text for e in once}) > 0.9 * len(once)
    lengths = [len(e.text) for e in compose(40, 3)]
    assert min(lengths) < 12
    assert max(lengths) > 250
    assert not [e.text for e in once if "{" in e.text]


def test_halves_share_no_event() -> None:
    phrases = category_phrases()[0]
    texts = {0: "", 1: ""}
    for example in compose(60, 5):
        if example.label == phrases.path:
            texts[example.half] += example.text
    for at, event in enumerate(phrases.events):
        own, other = texts[at % 2], texts[1 - at % 2]
        if event in own:
            assert event not in other


def test_hash_is_stable_within_a_version() -> None:
    assert corpus_hash() == corpus_hash()
    assert len(corpus_hash()) == 64


def test_common_phrases_fill_all_headings() -> None:
    common = common_phrases()
    assert all("{}" in phrase for phrase in (*common.titles, *common.sayings, *common.links, *common.asides))
    assert not [p for pool in (common.greetings, common.moods, common.endings) for p in pool if "{}" in p]


@pytest.mark.skipif(
    not (SHARED / "petitions_labelled.csv").is_file(), reason="SHARED_DATA 中没有真实信访数据"
)
def test_no_sentence_is_taken_from_real_petitions() -> None:
    with (SHARED / "petitions_labelled.csv").open(encoding="utf-8-sig", newline="") as file:
        petitions = "\n".join(row["text"] for row in csv.DictReader(file))
    own = [e for p in category_phrases() for e in (*p.events, *p.wishes) if len(e) >= 12]
    assert not [phrase for phrase in own if phrase in petitions]
