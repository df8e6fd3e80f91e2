"""Every way the exports write a time, and the ways that are none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SHANGHAI
from core.timestamps import parse_timestamp


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-04-25 09:32:09", at(2019, 4, 25, 9, 32, 9)),
        ("2019/4/25 9:32", at(2019, 4, 25, 9, 32)),
        ("2019.4.5 9:3:7", at(2019, 4, 5, 9, 3, 7)),
        ("2019-04-25T09:32:09", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25", at(2019, 4, 25)),
        ("2019年4月25日", at(2019, 4, 25)),
        ("2019年4月25号", at(2019, 4, 25)),
        ("2019年4月25日9时", at(2019, 4, 25, 9)),
        ("2019年4月25日 9时32分9秒", at(2019, 4, 25, 9, 32, 9)),
        ("2019年 4月 25日 9点32分", at(2019, 4, 25, 9, 32)),
        ("2019-04-25 星期四 09:32:09", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25（星期四）09:32", at(2019, 4, 25, 9, 32)),
        ("2019年4月25日周四下午3点", at(2019, 4, 25, 15)),
        ("  2019-04-25 09:32:09\n", at(2019, 4, 25, 9, 32, 9)),
        ("２０１９－０４－２５　０９：３２：０９", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25 09:32:09.5", at(2019, 4, 25, 9, 32, 9, 500_000)),
        ("2019-04-25 09:32:09.000001", at(2019, 4, 25, 9, 32, 9, 1)),
        ("20190425", at(2019, 4, 25)),
        ("20190425093209", at(2019, 4, 25, 9, 32, 9)),
        ("201904250932", at(2019, 4, 25, 9, 32)),
        # halves of the day
        ("2019/4/25 下午 3:05", at(2019, 4, 25, 15, 5)),
        ("2019/4/25 下午 12:30", at(2019, 4, 25, 12, 30)),
        ("2019/4/25 上午 12:30", at(2019, 4, 25, 0, 30)),
        ("2019/4/25 上午 11:59:59", at(2019, 4, 25, 11, 59, 59)),
        ("2019/4/25 3:05 PM", at(2019, 4, 25, 15, 5)),
        ("2019/4/25 12:05 AM", at(2019, 4, 25, 0, 5)),
        ("2019/4/25 12:05 PM", at(2019, 4, 25, 12, 5)),
        ("2019-4-25 中午12点", at(2019, 4, 25, 12)),
        ("2019-4-25 中午11点40分", at(2019, 4, 25, 11, 40)),
        ("2019-4-25 中午1点", at(2019, 4, 25, 13)),
        ("2019-4-25 凌晨12点10分", at(2019, 4, 25, 0, 10)),
        ("2019-4-25 晚上8点", at(2019, 4, 25, 20)),
        # twelve at night ends the day
        ("2019-4-25 晚上12点", at(2019, 4, 26)),
        ("2019-4-25 下午15:00", at(2019, 4, 25, 15)),
        # with a zone: the same instant on a Shanghai clock
        ("2019-04-25T01:32:09Z", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25 09:32:09+08:00", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25T09:32:09+0800", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-25 09:32:09 +0800", at(2019, 4, 25, 9, 32, 9)),
        ("2019-04-24T20:32:09.250-05:00", at(2019, 4, 25, 9, 32, 9, 250_000)),
        # the spreadsheet's count of days
        ("43580", at(2019, 4, 25)),
        ("43580.5", at(2019, 4, 25, 12)),
        ("43580.397326388885", at(2019, 4, 25, 9, 32, 9)),
        # leap days
        ("2020-02-29", at(2020, 2, 29)),
        ("2000年2月29日", at(2000, 2, 29)),
    ],
)
def test_reads(text: str, expected: datetime) -> None:
    found = parse_timestamp(text)
    assert found == expected
    assert found.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "昨天", "2019", "2019-04", "04-25", "2019-13-01", "2019-00-10", "2019-02-29", "1900-02-29",
        "2019-04-31 08:00", "2019年2月30日", "2019-04-25 25:00", "2019-04-25 09:60", "2019-04-25 09:32:61",
        "20190231", "20191301", "20190425250000", "99999999", "00000000", "0000-01-01", "43580.5.1", "12345",
        "99999", "1556155929", "1556155929000", "13800000000", "2019-04-25 9", "25/04/2019", "2019-04-25T09:32:09+25:00",
        "2019-04-25 至 2019-04-26", "2019-04-25 09:32:09 起", "-43580", "4.358e4", "nan", "١٢٣", "=NOW()", "None",
    ],
)  # fmt: skip
def test_refuses_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match=r"看不懂时间.*请写成") as told:
        parse_timestamp(text)
    assert text.strip() in str(told.value)


def test_takes_dates_as_they_are() -> None:
    assert parse_timestamp(date(2019, 4, 25)) == at(2019, 4, 25)
    assert parse_timestamp(datetime(2019, 4, 25, 9, 32)) == at(2019, 4, 25, 9, 32)
    assert parse_timestamp(datetime(2019, 4, 25, 1, 32, tzinfo=UTC)) == at(2019, 4, 25, 9, 32)


_seconds = st.datetimes(datetime(1992, 1, 1), datetime(2099, 12, 31)).map(lambda t: t.replace(microsecond=0))


@given(
    _seconds,
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒",
            "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %I:%M:%S %p",
        ]
    ),
)  # fmt: skip
def test_round_trip(moment: datetime, form: str) -> None:
    assert parse_timestamp(moment.strftime(form)).replace(tzinfo=None) == moment


@given(_seconds, st.integers(-12 * 4, 14 * 4))
def test_round_trip_with_zone(moment: datetime, quarters: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert parse_timestamp(aware.isoformat()) == aware


@given(_seconds)
def test_round_trip_of_excel_serials(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert parse_timestamp(repr(serial)).replace(tzinfo=None) == moment


@given(st.text(max_size=30))
def test_never_fails_otherwise(text: str) -> None:
    try:
        assert parse_timestamp(text).utcoffset() is not None
    except ValueError as told:
        assert "看不懂时间" in str(told)
