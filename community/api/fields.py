"""字段 Fields: what a resident's program may send, read strictly and cleaned of what no database can keep.

Strict means: a number is a JSON number and a yes a JSON boolean; nothing is guessed from text. Cleaned means: NUL and
other control characters and halves of surrogate pairs (a message cut through the middle of an emoji) are left out.
"""

from __future__ import annotations

import re
from typing import Any

from apiflask import Schema
from apiflask import fields as base
from marshmallow import RAISE

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_WORDS = {
    "required": "必须填写",
    "null": "不能为空",
    "validator_failed": "填写有误",
}


def clean(text: str) -> str:
    """The text without control characters (line breaks and tabs stay) and without halves of surrogate pairs."""
    return _SURROGATE.sub("", _CONTROL.sub("", text.replace("\r\n", "\n")))


class Strict(Schema):
    """A JSON object in which a field nobody knows is a mistake worth telling."""

    error_messages = {"unknown": "没有这个字段，请检查拼写", "type": "应为 JSON 对象"}

    class Meta:
        unknown = RAISE


class Text(base.String):
    """Text of one or more lines."""

    default_error_messages = {**_WORDS, "invalid": "应为文字", "invalid_utf8": "应为 UTF-8 文字"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return clean(value)


class Line(Text):
    """Text of a single line: line breaks and runs of blanks become one blank."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return " ".join(super()._deserialize(value, attr, data, **kwargs).split())


class Number(base.Float):
    """A JSON number."""

    default_error_messages = {
        **_WORDS,
        "invalid": "应为数字",
        "special": "应为普通数字",
        "too_large": "数字太大",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


class YesNo(base.Boolean):
    """A JSON boolean."""

    default_error_messages = {**_WORDS, "invalid": "应为 true 或 false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Part(base.Nested):
    """An object within an object."""

    default_error_messages = {**_WORDS, "type": "应为 JSON 对象"}


class Several(base.List):
    """A JSON array."""

    default_error_messages = {**_WORDS, "invalid": "应为数组"}


class Upload(base.File):
    """A file of a multipart form."""

    default_error_messages = {**_WORDS, "invalid": "应为文件"}
