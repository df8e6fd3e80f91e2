"""错误 Errors: every rule that refuses raises one of these. They carry a code, never an HTTP status.

Doors translate: the residents' API to problem+json, the console to a page or a notice, the CLI to a line and an
exit status.
"""

from __future__ import annotations

from typing import Any


class RuleError(Exception):
    """A rule refused. ``code`` is stable and for machines; ``detail`` is Chinese and says what to do."""

    default_code = "refused"

    def __init__(self, detail: str, *, code: str | None = None, **context: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.context = context


class InvalidInput(RuleError):
    """What was sent cannot be understood; ``context['fields']`` maps a field to what is wrong with it."""

    default_code = "invalid_input"


class NotFound(RuleError):
    """No such thing, or none that this caller may know of."""

    default_code = "not_found"


class NotAllowed(RuleError):
    """The caller is known and may not do this."""

    default_code = "not_allowed"


class NotSignedIn(RuleError):
    """The caller is not known."""

    default_code = "not_signed_in"


class Conflict(RuleError):
    """The thing has changed since the caller looked, or is in a state where this cannot be done."""

    default_code = "conflict"


class SettingsError(RuleError):
    """The installation is not set up so that it may start; the detail names each missing piece."""

    default_code = "settings"
