"""错误答复 Problems: errors as RFC 9457 problem+json for programs and as a page for people."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from core.database import db
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, RuleError
from core.photos import PhotoError

_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (InvalidInput, 422),
    (NotFound, 404),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (Conflict, 409),
)
_WORDS = {
    400: ("bad_request", "请求格式不对，请检查后再试"),
    401: ("not_signed_in", "请先登录"),
    403: ("not_allowed", "没有权限"),
    404: ("not_found", "没有这个页面，请检查网址"),
    405: ("method_not_allowed", "这个地址不支持这种操作"),
    409: ("conflict", "内容已经变了，请刷新后再试"),
    413: ("too_large", "上传的内容太大，请压缩或分开上传"),
    415: ("unsupported_media_type", "不支持这种内容格式"),
    422: ("invalid_input", "填写的内容有误，请检查"),
    429: ("too_many_requests", "操作太频繁，请稍后再试"),
    500: ("internal_error", "系统出错了，已经记录。请稍后再试，内容没有提交"),
    503: ("busy", "系统正忙，请稍后再试，内容没有提交"),
}


def status_of(error: Exception) -> int:
    """The HTTP status a rule's error is told with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def wants_json() -> bool:
    """Programs live under /api; the rest is for people."""
    return request.path.startswith("/api/")


def answer(status: int, code: str, detail: str, **more: Any) -> ResponseReturnValue:
    """A problem in the form the caller reads."""
    if not wants_json():
        return render_template("frame/problem.html", status=status, code=code, detail=detail), status
    title = _WORDS.get(status, ("", "出错了"))[1]
    body = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    response: Response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def install(app: Flask) -> None:
    """Register the translations."""

    @app.errorhandler(RuleError)
    def rule(error: RuleError) -> ResponseReturnValue:
        db.session.rollback()
        return answer(status_of(error), error.code, error.detail, **error.context)

    @app.errorhandler(PhotoError)
    def photo(error: PhotoError) -> ResponseReturnValue:
        db.session.rollback()
        return answer(422, error.code, str(error))

    @app.errorhandler(StaleDataError)
    def stale(_: StaleDataError) -> ResponseReturnValue:
        db.session.rollback()
        return answer(409, "stale", "有人同时改了这条记录，您的改动没有保存。请刷新看最新情况后再办")

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> ResponseReturnValue:
        db.session.rollback()
        current_app.logger.error("database: %s", error.orig)
        code, detail = _WORDS[503]
        return answer(503, code, detail)

    @app.errorhandler(CSRFError)
    def forged(_: CSRFError) -> ResponseReturnValue:
        return answer(400, "csrf", "页面停留太久或来源不明，请返回上一页刷新后重新提交")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        code, detail = _WORDS.get(status, ("http_error", error.description or "出错了"))
        response = current_app.make_response(answer(status, code, detail))
        # Allow, Retry-After and the like belong to the answer whatever its body
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        db.session.rollback()
        if current_app.testing:
            raise error
        current_app.logger.exception("unexpected error on %s %s", request.method, request.path)
        code, detail = _WORDS[500]
        return answer(500, code, detail)
