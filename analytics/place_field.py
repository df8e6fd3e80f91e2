"""地点栏 Place field: what an order's place field names that no list of ours knows.

A listed name in the text says little when the field names another place: an estate nobody has listed yet, or a
district that is not ours. The field is read as an address (`analytics.address`); parts no listed name covers are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analytics.address import POI_ENDING, parse

_PLACE = re.compile(
    rf".{{2,}}(?:{POI_ENDING}|小区|大院|[苑园城郡湾庭邸轩阁居府寓][东西南北]?院?|[东西南北]院)$"
)
_DIVISION = re.compile(
    r"(?:(?<![一-鿿])[在住]?|(?<=[省市在于住]))([一-鿿]{2,3}?[区县])(?=[一-鿿]{2,6}?(?:街道|镇|乡|社区|大道|路|街))"
)
_NO_DIVISION = re.compile(r".*[小社园业校地市片景城住宅厂矿院库辖郊全本我该整的]区$|.*[全本我该各的]县$")
_LEVEL = {"city": "city", "district": "district", "town": "street"}


class Unlisted(NamedTuple):
    """``place``: a road or estate the field names; ``divisions``: (level, name) of cities, districts and streets."""

    place: str
    divisions: tuple[tuple[str, str], ...]


def unlisted(line: str, covered: Sequence[tuple[int, int]]) -> Unlisted:
    """What a place field names beyond the listed names found in it. Never raises.

    ``line``: the field in one writing (see `address_segments.plain`); ``covered``: (start, end) of the listed names.
    """
    place = ""
    divisions = []
    for span in parse(line) if line else ():
        if any(start < span.end and span.start < end for start, end in covered):
            continue
        name = line[span.start : span.end]
        if span.label in _LEVEL and len(name) > 2:
            divisions.append((_LEVEL[span.label], name))
        elif not place and len(name) > 2 and (span.label == "road" or _PLACE.match(name)):
            place = name
    return Unlisted(place, tuple(divisions))


def districts_said(text: str) -> Iterable[str]:
    """Districts a running text names before a street, a road or a community."""
    return (name for name in _DIVISION.findall(text) if not _NO_DIVISION.match(name))
