"""分析命令 ``flask analytics …``: file in, file out, no database, no web app.

Each room keeps its commands beside each other in one module that exports ``commands``. They are imported only when
one of them (or the help) is asked for, so that ``flask jobs list`` need not load scikit-learn.
"""

from __future__ import annotations

from importlib import import_module

import click

# command → the module of this package that holds it
_HOMES = {
    "train": "classifying",
    "classify": "classifying",
    "evaluate": "classifying",
    "segment": "classifying",
    "parse-address": "addressing",
    "duplicates": "matching",
    "check-replies": "replying",
    "surveil": "watching",
    "hotspots": "watching",
    "backtest": "watching",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            return None
        module = import_module(f"analytics.cli.{_HOMES[cmd_name]}")
        return next(command for command in module.commands if command.name == cmd_name)


@click.group("analytics", cls=_LazyGroup)
def analytics() -> None:
    """纯分析命令：读文件、写文件，不用数据库。"""
