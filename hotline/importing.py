"""批量导入 Importing: a spreadsheet of requests becomes registered orders, the whole file or nothing.

Columns are recognised by their usual Chinese names; ``mapping`` overrides. A row is known by its external number, so
importing a file twice changes nothing. Rows refused are told by row, column, what is wrong and how to mend it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core import clock
from core.areas import Area
from core.audit import Actor
from core.database import AnySession
from core.files import sha256_of
from core.privacy import Vault
from core.tables import Problem, Row, Table, TableError, normalise_number, read_table
from core.timestamps import parse_timestamp
from hotline import insights, intake
from hotline.models import CHANNELS, REQUEST_TYPES, ImportBatch, WorkOrder

# field → the column names it goes by, most telling first
COLUMNS: dict[str, tuple[str, ...]] = {
    "external_number": (
        "留言编号",
        "工单编号",
        "工单号",
        "编号",
        "诉求编号",
        "受理编号",
        "来电编号",
        "id",
        "ID",
        "number",
    ),
    "reported_at": (
        "留言时间",
        "受理时间",
        "来电时间",
        "诉求时间",
        "登记时间",
        "提交时间",
        "反映时间",
        "时间",
        "time",
        "date",
    ),
    "title": ("留言主题", "标题", "主题", "诉求标题", "工单标题", "title"),
    "text": (
        "留言详情",
        "诉求内容",
        "工单内容",
        "内容",
        "问题描述",
        "反映内容",
        "详情",
        "描述",
        "text",
        "content",
    ),
    "complainant": ("留言用户", "用户编号", "诉求人编号", "user"),
    "name": ("姓名", "诉求人", "来电人", "联系人", "诉求人姓名"),
    "phone": ("联系电话", "电话", "手机号", "手机", "来电号码", "诉求人电话", "phone"),
    "place": ("地点", "地址", "事发地点", "诉求地点", "问题地点", "place", "address"),
    "area": ("社区", "所属社区", "区域", "街道", "所属街道", "area"),
    "channel": ("渠道", "来源", "诉求来源", "受理渠道", "channel", "source"),
    "request_type": ("诉求类型", "工单类型", "类型", "性质", "type", "property"),
    "confidential": ("是否保密", "保密", "confidential"),
    "support": ("点赞数", "支持数", "赞"),
    "oppose": ("反对数", "踩"),
    "reply": ("答复意见", "回复内容", "办理结果", "答复"),
    "replied_at": ("答复时间", "回复时间", "办结时间"),
}
REQUIRED = {"text": "诉求内容"}
MAX_PROBLEMS_SHOWN = 200
SOURCE = "import"
_YES = frozenset({"是", "保密", "true", "1", "yes", "y"})
_CHANNEL_BY_NAME = {name: code for code, name in CHANNELS.items()} | {code: code for code in CHANNELS}
_TYPE_BY_NAME = {name: code for code, name in REQUEST_TYPES.items()} | {code: code for code in REQUEST_TYPES}


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: field → column, sample rows by field, the problems, and columns nobody asked for."""

    columns: dict[str, str]
    rows: int
    accepted: int
    already: int
    sample: list[dict[str, str]]
    problems: list[str]
    unmapped: list[str]


@dataclass(slots=True)
class Outcome:
    """What an import did."""

    rows: int = 0
    accepted: int = 0
    already: int = 0
    problems: list[Problem] = field(default_factory=list)
    order_ids: list[int] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows with at least one problem."""
        return len({problem.row for problem in self.problems})


def recognise(table: Table, mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column holds which field. ``mapping`` is column → field, as a person says it.

    Raises TableError when a mapped column or field does not exist, or when nothing holds the text.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for column, name in (mapping or {}).items():
        if column not in table.columns:
            mend = f"这个文件的列有：{'、'.join(table.columns)}"
            problems.append(Problem(table.name, None, column, "没有这一列", mend))
        elif name not in COLUMNS:
            problems.append(
                Problem(table.name, None, column, f"没有“{name}”这个字段", f"可用：{'、'.join(COLUMNS)}")
            )
        else:
            found[name] = column
    if problems:
        raise TableError(problems)
    taken = set(found.values())
    for name, usual in COLUMNS.items():
        if name in found:
            continue
        match = next((column for column in usual if column in table.columns and column not in taken), None)
        if match:
            found[name] = match
            taken.add(match)
    if "text" not in found and "title" in found:
        found["text"] = found.pop("title")
    for name, said in REQUIRED.items():
        if name not in found:
            mend = f"请用 --map 列名={name} 指明哪一列是{said}；这个文件的列有：{'、'.join(table.columns)}"
            raise TableError([Problem(table.name, None, None, f"认不出哪一列是{said}", mend)])
    return found


def preview(
    session: AnySession,
    path: str | Path,
    mapping: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
) -> Preview:
    """Read the whole file and say what importing it would do; nothing is written. Raises TableError."""
    table = read_table(path, name=name)
    columns = recognise(table, mapping)
    outcome = Outcome()
    sample: list[dict[str, str]] = []
    fresh = 0
    for row, request in _requests(session, table, columns, outcome, SOURCE):
        if len(sample) < 5:
            sample.append({field_: row.values.get(column, "")[:120] for field_, column in columns.items()})
        fresh += request is not None
    return Preview(
        columns=columns,
        rows=outcome.rows,
        accepted=fresh,
        already=outcome.already,
        sample=sample,
        problems=[str(problem) for problem in outcome.problems[:MAX_PROBLEMS_SHOWN]],
        unmapped=[column for column in table.columns if column not in columns.values()],
    )


def check_file(
    session: AnySession,
    path: str | Path,
    *,
    source: str,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Outcome, list[intake.Request]]:
    """Read a whole file and check every row; nothing is written. Raises TableError when it cannot be read at all.

    Returns what an import would do (``problems`` by row) and the requests that are new. Checking all first keeps the
    writing that follows short: on SQLite nobody else can write meanwhile.
    """
    table = read_table(path, name=name)
    columns = recognise(table, mapping)
    outcome = Outcome()
    fresh: list[intake.Request] = []
    for _, request in _requests(session, table, columns, outcome, source):
        if request is not None:
            fresh.append(request)
        if progress and outcome.rows % 200 == 0:
            progress(outcome.rows)
    if progress:
        progress(outcome.rows)
    return outcome, fresh


def write(
    session: AnySession,
    vault: Vault,
    outcome: Outcome,
    fresh: Sequence[intake.Request],
    actor: Actor,
    batch: ImportBatch,
    *,
    chunk: int = 500,
) -> None:
    """Register the checked requests in the caller's transaction and fill in ``outcome`` and ``batch``.

    A number that came in by another door since the check is left out as already there.
    """
    known = _known_numbers(session, batch.source)
    new = [request for request in fresh if request.external_number not in known]
    outcome.already += len(fresh) - len(new)
    for begin in range(0, len(new), chunk):
        part = new[begin : begin + chunk]
        outcome.order_ids.extend(intake.accept_many(session, vault, part, actor, import_batch_id=batch.id))
    outcome.accepted = len(new)
    batch.rows = outcome.rows
    batch.accepted = outcome.accepted
    batch.already = outcome.already
    batch.refused = outcome.refused
    batch.problems = [str(problem) for problem in outcome.problems[:MAX_PROBLEMS_SHOWN]]


def new_batch(
    session: AnySession, *, token: str, file_name: str, path: Path | None, by_id: int | None, source: str
) -> ImportBatch:
    """The record of one import, made before its first row."""
    batch = ImportBatch(
        token=token,
        file_name=file_name[:255],
        sha256=sha256_of(path) if path else "",
        source=source,
        by_id=by_id,
        started_at=clock.now(),
        state="running",
    )
    session.add(batch)
    session.flush()
    return batch


def _requests(
    session: AnySession, table: Table, columns: Mapping[str, str], outcome: Outcome, source: str
) -> Iterator[tuple[Row, intake.Request | None]]:
    """Each row with its request; None for a row already there, repeated in the file, or wrong (told in ``outcome``)."""
    known = _known_numbers(session, source)
    areas = {
        name: area
        for area in session.scalars(select(Area))
        for name in (area.name, area.full_name, area.code)
    }
    seen: dict[str, tuple[int, int]] = {}
    for row in table:
        outcome.rows += 1
        reader = _RowReader(table.name, row, columns)
        request = reader.request(areas, source)
        number = request.external_number if request else None
        if request is None:
            outcome.problems.extend(reader.problems)
        elif number and number in known:
            outcome.already += 1
            request = None
        elif number and number in seen:
            first, said = seen[number]
            if said == hash(request.text):
                outcome.already += 1
            else:
                problem = f"编号 {number} 与第 {first} 行重复，但内容不同"
                outcome.problems.append(
                    Problem(
                        table.name,
                        row.number,
                        columns["external_number"],
                        problem,
                        "请改正编号或删去其中一行",
                    )
                )
            request = None
        elif number:
            seen[number] = (row.number, hash(request.text))
        yield row, request


def _known_numbers(session: AnySession, source: str) -> set[str]:
    query = select(WorkOrder.external_number).where(
        WorkOrder.source == source, WorkOrder.external_number.is_not(None)
    )
    return set(session.scalars(query))


class _RowReader:
    """Reads one row by field and gathers everything wrong with it, not only the first thing."""

    def __init__(self, file: str, row: Row, columns: Mapping[str, str]) -> None:
        self.file = file
        self.row = row
        self.columns = columns
        self.problems: list[Problem] = []

    def request(self, areas: Mapping[str, Area], source: str) -> intake.Request | None:
        reported_at = self._time("reported_at")
        extra = {}
        if self._text("reply"):
            replied_at = self._time("replied_at")
            extra = {
                "original_reply": self._text("reply"),
                "original_reply_at": replied_at.isoformat() if replied_at else "",
            }
        area_name = self._text("area")
        found = intake.Request(
            text=self._text("text"),
            title=self._text("title")[:200],
            channel=self._named("channel", _CHANNEL_BY_NAME, "import"),
            request_type=self._named("request_type", _TYPE_BY_NAME, "") or insights.guess_type(self._told()),
            place_text=" ".join(part for part in (area_name, self._text("place")) if part)[:255],
            area=areas.get(area_name),
            name=self._text("name"),
            phone=self._text("phone"),
            confidential=self._text("confidential").lower() in _YES,
            reported_at=reported_at,
            source=source,
            external_number=self._text("external_number")[:64] or self._own_number(),
            complainant_alias=self._text("complainant"),
            support_count=self._count("support"),
            oppose_count=self._count("oppose"),
            extra=extra,
        )
        for name, wrong in intake.check(found).items():
            self._wrong(name, wrong, "请改正后重新导入")
        return None if self.problems else found

    def _own_number(self) -> str:
        """A number from the row's content, for a file without numbers: importing it twice still changes nothing."""
        told = "\n".join(
            self._text(name) for name in ("reported_at", "title", "text", "place", "phone", "complainant")
        )
        return f"sha-{hashlib.sha256(told.encode()).hexdigest()[:32]}"

    def _told(self) -> str:
        return f"{self._text('title')}。{self._text('text')}"

    def _text(self, name: str) -> str:
        column = self.columns.get(name)
        return self.row.values.get(column, "").strip() if column else ""

    def _time(self, name: str) -> Any:
        text = self._text(name)
        if not text:
            if name == "reported_at" and name in self.columns:
                self._wrong(name, "没有时间", "请补上时间，如 2019-04-25 09:32:09")
            return None
        try:
            return parse_timestamp(text)
        except ValueError as error:
            self._wrong(name, str(error), "请写成 2019-04-25 09:32:09 的样子")
            return None

    def _count(self, name: str) -> int:
        text = normalise_number(self._text(name))
        if not text:
            return 0
        try:
            return max(0, int(float(text)))
        except ValueError:
            self._wrong(name, f"“{text}”不是数字", "请改成整数，或留空")
            return 0

    def _named(self, name: str, names: Mapping[str, str], otherwise: str) -> str:
        return names.get(self._text(name), otherwise)

    def _wrong(self, name: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, self.row.number, self.columns.get(name), what, mend))
