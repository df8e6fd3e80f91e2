"""The house's own rules: who may import whom, no module too long or namelessly named, no stray words."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("core", "analytics", "hotline", "community", "wsgi")
# who may know whom; a dotted name narrows a permission to that room
MAY = {
    "core": {"core"},
    "analytics": {"analytics"},
    "analytics.cli": {"analytics", "core.clock", "core.tables", "core.files", "core.timestamps"},
    "hotline": {"hotline", "core"},
    "hotline.insights": {"hotline", "core", "analytics"},
    "community": {
        "community", "core", "hotline.intake", "hotline.queries", "hotline.visit_back", "hotline.journal",
        "hotline.verbs", "hotline.lifecycle", "hotline.insights", "hotline.models", "hotline.catalogue",
        "hotline.photos", "hotline.deadlines",
    },
    "wsgi": {"core", "analytics.cli", "hotline", "community"},
}  # fmt: skip
MAX_LINES = 400


def _modules() -> list[Path]:
    return [path for floor in FLOORS[:-1] for path in sorted((ROOT / floor).rglob("*.py"))] + [
        ROOT / "wsgi.py"
    ]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            # `from hotline import queries` names the room hotline.queries
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            rooms = [name for name in inside if _is_module(name)]
            found |= set(rooms) or {node.module}
    return {name for name in found if name.split(".")[0] in FLOORS}


def _is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def _allowed(module: str) -> set[str]:
    rule = max((name for name in MAY if module == name or module.startswith(name + ".")), key=len)
    return MAY[rule]


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_go_one_way(path: Path) -> None:
    allowed = _allowed(_name(path))
    for imported in _imports(path):
        assert any(imported == room or imported.startswith(room + ".") for room in allowed), (
            f"{_name(path)} must not import {imported}"
        )


def test_core_and_analytics_know_no_web_app_where_they_must_not() -> None:
    for path in (ROOT / "analytics").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in names if name.split(".")[0] in ("flask", "sqlalchemy", "apiflask")}, path


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_modules_are_small_named_and_introduced(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_LINES, (
        f"{path} is longer than {MAX_LINES} lines: split it by noun or verb"
    )
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "platform"}
    assert ast.get_docstring(ast.parse(source)), f"{path} has no docstring"


def test_only_lifecycle_changes_an_order_s_status() -> None:
    """`order.status = …` anywhere else would bypass the table and the journal."""
    for path in _modules():
        if _name(path) == "hotline.lifecycle":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr == "status"
                    and isinstance(target.value, ast.Name)
                ):
                    assert target.value.id != "order", f"{_name(path)}:{node.lineno} sets order.status"


def test_rules_do_not_commit() -> None:
    """Only doors commit: views, commands, jobs' runner, background runs."""
    doors = ("console", "commands", "community.api", "core.jobs", "core.readiness", "hotline.import_runs", "core.access",
             "hotline.demo_history", "core.problems")  # fmt: skip
    for path in _modules():
        if any(door in _name(path) for door in doors):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                pytest.fail(f"{_name(path)}:{node.lineno} commits")


def test_the_clock_is_the_only_way_to_ask_the_time() -> None:
    for path in _modules():
        if _name(path) == "core.clock":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
                owner = node.value
                assert not (isinstance(owner, ast.Name) and owner.id in {"datetime", "date"}), (
                    f"{_name(path)}:{node.lineno} asks the time past core.clock"
                )


def test_repository_holds_no_machine_paths_or_large_files() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if path.is_file():
            assert path.stat().st_size < 1_000_000, f"{name} is larger than 1 MB"
