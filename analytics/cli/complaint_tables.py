"""诉求表 Complaint tables: orders of a spreadsheet as `Complaint` records, columns known by their usual names."""

from __future__ import annotations

from analytics.records import Complaint
from core.tables import Problem, Row, Table, TableError, read_table
from core.timestamps import parse_timestamp

# Columns by the names that exports give them; several sources are joined in the order written.
_NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "id": (("id",), ("留言编号",), ("工单编号",), ("工单号",), ("诉求编号",), ("编号",)),
    "time": (("time",), ("留言时间",), ("受理时间",), ("来电时间",), ("登记时间",), ("创建时间",), ("时间",)),
    "text": (
        *(
            ("text",),
            ("留言主题", "留言详情"),
            ("标题", "内容"),
            ("诉求标题", "诉求内容"),
            ("工单标题", "工单内容"),
        ),
        *(("诉求内容",), ("工单内容",), ("留言详情",), ("留言主题",), ("内容",), ("诉求描述",)),
    ),
    "place": (("place",), ("地点",), ("区域",), ("所属区域",), ("事发地点",), ("事发地址",), ("诉求地址",)),
    "category": (
        *(("category",), ("一级分类", "二级分类", "三级分类"), ("一级分类", "二级分类")),
        *(("分类",), ("事项分类",), ("诉求分类",), ("一级分类",)),
    ),
    "complainant": (("complainant",), ("留言用户",), ("诉求人",), ("来电人",), ("诉求人编号",)),
}
_REQUIRED = ("id", "time", "text")


def _sources(table: Table) -> dict[str, tuple[str, ...]]:
    """Which columns of the file hold what; refuses a file without the required ones."""
    have = {name.strip().lower(): name for name in table.columns}
    found: dict[str, tuple[str, ...]] = {}
    for field, choices in _NAMES.items():
        for names in choices:
            if all(name in have for name in names):
                found[field] = tuple(have[name] for name in names)
                break
    missing = [field for field in _REQUIRED if field not in found]
    if missing:
        usual = "；".join(
            f"{field}（也认 {'、'.join('+'.join(c) for c in _NAMES[field][1:4])}）" for field in missing
        )
        raise TableError(
            [Problem(table.name, 1, "、".join(missing), "缺少必要的列", f"请在表头给出 {usual}")]
        )
    return found


def read_complaints(source: str) -> list[Complaint]:
    """Complaints of a file. Raises TableError naming every bad row; a row repeated whole is read once."""
    table = read_table(source)
    columns = _sources(table)
    problems: list[Problem] = []
    seen: dict[str, Complaint] = {}
    for row in table:
        complaint = _complaint(table.name, row, columns, problems)
        if complaint is None:
            continue
        before = seen.setdefault(complaint.id, complaint)
        if before is not complaint and before != complaint:
            problems.append(
                Problem(
                    table.name,
                    row.number,
                    columns["id"][0],
                    f"编号 {complaint.id} 已出现过且内容不同",
                    "请保证编号唯一",
                )
            )
    if problems:
        raise TableError(problems)
    return list(seen.values())


def _complaint(
    name: str, row: Row, columns: dict[str, tuple[str, ...]], problems: list[Problem]
) -> Complaint | None:
    values = {
        field: ("/" if field in ("category", "place") else "\n").join(
            part for part in (row.values.get(column, "").strip() for column in sources) if part
        )
        for field, sources in columns.items()
    }
    if not any(values.values()):
        return None
    bad = [
        Problem(name, row.number, columns[field][0], "是空的", "请补上，或删去这一行")
        for field in _REQUIRED
        if not values[field]
    ]
    time = None
    if values["time"]:
        try:
            time = parse_timestamp(values["time"])
        except ValueError as error:
            bad.append(Problem(name, row.number, columns["time"][0], str(error), "请写成 2026-02-11 09:30"))
    if bad or time is None:
        problems.extend(bad)
        return None
    return Complaint(
        id=values["id"],
        time=time,
        text=values["text"],
        place=values.get("place", ""),
        category=values.get("category", ""),
        complainant=values.get("complainant", ""),
    )
