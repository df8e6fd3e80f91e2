"""演示账号 Demo accounts: one per role, with a published password. They exist in a demo database and nowhere else."""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "tongde-demo-2026"  # noqa: S105 - published on purpose; production refuses a database that holds it


class Account(NamedTuple):
    """An account: name to sign in with, role, person, unit and what to try with it."""

    username: str
    role: str
    name: str
    unit: str | None
    try_this: str


ACCOUNTS: tuple[Account, ...] = (
    Account("shouli", "intake_operator", "刘敏", None, "接电话、登记诉求，看分类、单位、地点和重复件的建议"),
    Account("paidan", "dispatcher", "陈刚", None, "核对分类，派给承办单位，裁定退单"),
    Account("jingban", "unit_clerk", "周洋", "QY-FN", "府南街道办：签收、联系诉求人、回复"),
    Account("shenhe", "unit_lead", "吴静", "QY-FN", "府南街道办：审核回复"),
    Account("zhifa", "unit_clerk", "郑凯", "QY-ZF", "综合行政执法局：签收、回复"),
    Account("zhifa-sh", "unit_lead", "孙莉", "QY-ZF", "综合行政执法局：审核回复"),
    Account("wangge", "grid_worker", "王芳", "QY-FN-001-G01", "网格员：手机上看自己网格的工单"),
    Account("huifang", "visit_back_agent", "黄蓉蓉", None, "回访：联系了吗、解决了吗、满意吗"),
    Account("duban", "supervisor", "赵强", None, "临期、逾期、挂账、热点扫描、导入"),
    Account("juece", "decision_maker", "何勤勤", None, "热点、周报"),
    Account("shenji", "auditor", "马超", None, "谁看过、谁改过"),
    Account("admin", "administrator", "系统管理员", None, "账号、任务、导入"),
)
