"""拒绝 Refusing: how every analysis command says that its input is wrong: a line per problem, exit status 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from analytics.model_files import ModelError
from core.tables import TableError

MAX_PROBLEMS = 50


class Refused(click.ClickException):
    """Wrong input: one line per problem on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:
        """Print the lines as they are, without the word "Error"."""
        click.echo(self.message, err=True)


def refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command: wrong tables, wrong models and unreadable files become lines instead of tracebacks."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except TableError as error:
            lines = [str(problem) for problem in error.problems[:MAX_PROBLEMS]]
            if len(error.problems) > MAX_PROBLEMS:
                lines.append(f"……共 {len(error.problems)} 处问题，先列出 {MAX_PROBLEMS} 处")
            raise Refused("\n".join(lines)) from None
        except ModelError as error:
            raise Refused(str(error)) from None
        except OSError as error:
            where = error.filename or kwargs.get("out") or ""
            raise Refused(
                f"{where}：无法读写（{error.strerror or error}）；请检查路径、权限与磁盘空间"
            ) from None

    return run
