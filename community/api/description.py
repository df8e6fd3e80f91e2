"""接口说明 Description: the OpenAPI description made from the code, and a page people can read, made from that.

The page is plain HTML from this server: no script, nothing from another host.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, current_app, render_template, request

from community.api.schemas import ProblemOut
from core.access import open_to_everybody

ABOUT = (
    "居民小程序和网页用的接口：提交诉求、上传照片、查看进度、评价结果。\n\n"
    "时间一律是带 +08:00 的 ISO 8601；编号是不透明的字符串。"
    "出错时返回 application/problem+json（RFC 9457），按 code 判断，detail 可以直接给人看。"
    "创建和办理类请求请带 Idempotency-Key，断网后用同一个键重发只会办一次。"
)
_ERRORS = {
    "400": "请求体不是正确的 JSON",
    "401": "没有出示查询码，没有这件诉求，或者查询码不对",
    "404": "没有这样东西",
    "409": "现在不能这样做，或 Idempotency-Key 已用于另一份内容",
    "413": "内容太大",
    "415": "内容格式不对",
    "422": "填写有误，见 fields",
    "429": "太频繁，请稍后再试",
    "503": "服务暂时不可用",
}

# the page tells the routes in the order a resident meets them; ones not named here come last
_STORY = ("upload", "report", "show", "judge", "reopen", "photo", "categories", "health")

resident_docs = Blueprint("resident_docs", __name__, url_prefix="/api", template_folder="templates")


def configure(app: APIFlask) -> None:
    """Tell the framework how errors look, what the code of a report is, and what the description says of itself."""
    app.config.update(
        VALIDATION_ERROR_SCHEMA=ProblemOut,
        HTTP_ERROR_SCHEMA=ProblemOut,
        VALIDATION_ERROR_STATUS_CODE=422,
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
        SUCCESS_DESCRIPTION="成功",
        DESCRIPTION=ABOUT,
    )
    app.description = ABOUT
    app.servers = [{"url": "/"}]
    app.security_schemes = {
        "AccessCode": {"type": "http", "scheme": "bearer", "description": "提交诉求时得到的查询码"}
    }
    app.spec_processor(_mend)


def _mend(spec: Any) -> Any:
    """Errors are problem+json and say in Chinese what they mean; a photo is bytes."""
    for path in spec["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
            for status, answer in operation["responses"].items():
                if status in _ERRORS:
                    answer["description"] = _ERRORS[status]
                content = answer.get("content", {})
                if status >= "400" and "application/json" in content:
                    content["application/problem+json"] = content.pop("application/json")
                for media_type, told in content.items():
                    if media_type.startswith("image/"):
                        told["schema"] = {"type": "string", "format": "binary"}
            if operation["operationId"] == "post_resident_api_report":
                operation["responses"]["201"]["headers"] = {
                    "Idempotency-Replayed": {
                        "description": "true：这是同一个键先前那次的答复",
                        "schema": {"type": "string"},
                    }
                }
    # one without the other is no place
    spec["components"]["schemas"]["PlaceIn"]["dependentRequired"] = {"lat": ["lng"], "lng": ["lat"]}
    return spec


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a table of fields."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be read."""

    key: str
    method: str
    path: str
    summary: str
    about: str
    secured: bool
    curl: str
    parameters: list[Field] = field(default_factory=list)
    body: list[Field] = field(default_factory=list)
    body_type: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)
    given: list[Field] = field(default_factory=list)


@resident_docs.get("/docs")
@open_to_everybody("the description of the public interface")
def page() -> str:
    """The readable page."""
    spec = cast(dict[str, Any], cast(APIFlask, current_app).spec)
    host = request.host_url.rstrip("/")
    operations = [
        _readable(spec, method, path, operation, host)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    operations.sort(key=lambda one: _place(one.key))
    problem = _fields(spec, spec["components"]["schemas"]["ProblemOut"])
    return render_template(
        "resident_docs/page.html", info=spec["info"], operations=operations, problem=problem
    )


def _place(key: str) -> int:
    name = key.rsplit("_", 1)[1]
    return _STORY.index(name) if name in _STORY else len(_STORY)


def _readable(
    spec: dict[str, Any], method: str, path: str, operation: dict[str, Any], host: str
) -> Operation:
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    without: tuple[str, dict[str, Any]] = ("", {})
    body_type, told = next(iter(body.items()), without)
    answers = operation["responses"]
    good: dict[str, Any] = next((answers[status] for status in answers if status < "300"), {})
    given: dict[str, Any] = good.get("content", {}).get("application/json", {})
    return Operation(
        key=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=operation.get("description", ""),
        secured=bool(operation.get("security")),
        curl=_curl(method, host + path, operation, body_type, told),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_fields(spec, told.get("schema", {})),
        body_type=body_type,
        answers=[(status, answer.get("description", "")) for status, answer in sorted(answers.items())],
        given=_fields(spec, given.get("schema", {})),
    )


def _parameter(one: dict[str, Any]) -> Field:
    where = {"path": "地址", "header": "请求头", "query": "查询"}.get(one["in"], one["in"])
    about = one.get("description") or one.get("schema", {}).get("description", "")
    return Field(one["name"], where, bool(one.get("required")), about)


def _fields(spec: dict[str, Any], schema: dict[str, Any], path: str = "") -> list[Field]:
    """The fields of an object, those of objects within it behind a dot."""
    schema = _found(spec, schema)
    if schema.get("type") == "array" or "items" in schema:
        return _fields(spec, schema["items"], f"{path}[]")
    rows: list[Field] = []
    for name, told in schema.get("properties", {}).items():
        below = _found(spec, told)
        full = f"{path}.{name}" if path else name
        about = told.get("description") or below.get("description", "")
        rows.append(Field(full, _kind(below), name in schema.get("required", []), about))
        rows += _fields(spec, below, full)
    return rows


def _found(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema itself, wherever the description put it."""
    for way in ("allOf", "anyOf"):
        if way in schema:
            return _found(spec, next(one for one in schema[way] if one.get("type") != "null"))
    if "$ref" in schema:
        return cast(dict[str, Any], spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else next(one for one in kind if one != "null")
    if schema.get("enum"):
        return " | ".join(str(one) for one in schema["enum"] if one is not None)
    if kind == "array":
        return "数组"
    names = {"string": "文字", "number": "数字", "integer": "整数", "boolean": "true/false", "object": "对象"}
    return {"date-time": "时间", "binary": "文件"}.get(schema.get("format", ""), names[kind])


def _curl(method: str, address: str, operation: dict[str, Any], body_type: str, told: dict[str, Any]) -> str:
    """A command one can copy."""
    shown = address.replace("{report_id}", "20261123-0123456").replace("{photo_id}", "照片编号")
    lines = [f"curl -X {method.upper()} {shown}" if method != "get" else f"curl {shown}"]
    if operation.get("security"):
        lines.append("-H 'Authorization: Bearer 查询码'")
    if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body_type == "multipart/form-data":
        lines.append("-F photo=@photo.jpg")
    elif body_type:
        lines.append(f"-H 'Content-Type: {body_type}'")
        lines.append("-d " + shlex.quote(json.dumps(told.get("example", {}), ensure_ascii=False, indent=2)))
    if any(media.startswith("image/") for media in operation["responses"].get("200", {}).get("content", {})):
        lines.append("-o photo.jpg")
    return " \\\n  ".join(lines)
