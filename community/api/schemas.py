"""报文 Schemas: what residents' programs send and get, as marshmallow schemas; the OpenAPI description is made from them."""

from __future__ import annotations

from typing import Any

from apiflask import Schema, validators
from apiflask import fields as plain
from marshmallow import EXCLUDE, post_load

from community.api.fields import Line, Number, Part, Several, Strict, Text, Upload, YesNo
from hotline.intake import MAX_TEXT
from hotline.models import REQUEST_TYPES, SATISFACTION

MAX_PHOTOS = 9


def _at_most(length: int) -> validators.Length:
    return validators.Length(max=length, error=f"最多 {length} 字")


def _written(length: int) -> validators.Length:
    return validators.Length(min=1, max=length, error=f"请填写，最多 {length} 字")


def _one_of(names: dict[str, str]) -> validators.OneOf:
    return validators.OneOf(list(names), error="只能是：" + "、".join(names))


def _about(words: str, **more: Any) -> dict[str, Any]:
    return {"description": words, **more}


class _Blanks(Strict):
    """``null`` for something optional means that it is not given."""

    @post_load
    def without_blanks(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {key: value for key, value in data.items() if value is not None}


class PlaceIn(_Blanks):
    """Where it is."""

    text = Line(allow_none=True, validate=_at_most(255), metadata=_about("地点，照平常说法写"))
    lat = Number(
        allow_none=True,
        validate=validators.Range(-90, 90, error="纬度应在 -90 到 90 之间"),
        metadata=_about("纬度（WGS-84），与 lng 一起给"),
    )
    lng = Number(
        allow_none=True,
        validate=validators.Range(-180, 180, error="经度应在 -180 到 180 之间"),
        metadata=_about("经度（WGS-84），与 lat 一起给"),
    )


class ContactIn(_Blanks):
    """How the person can be reached."""

    name = Line(allow_none=True, validate=_at_most(64), metadata=_about("称呼或姓名，加密保存"))
    phone = Line(
        allow_none=True, validate=_at_most(32), metadata=_about("手机号或带区号的固定电话，加密保存")
    )


class ReportIn(_Blanks):
    """A resident's report."""

    text = Text(required=True, validate=_written(MAX_TEXT), metadata=_about("诉求内容", pattern=r"\S"))
    title = Line(allow_none=True, validate=_at_most(200), metadata=_about("标题；不填则取内容的第一句"))
    place = Part(PlaceIn, allow_none=True)
    photos = Several(
        Line(validate=validators.Length(min=1, max=64, error="照片编号不对")),
        allow_none=True,
        validate=validators.Length(max=MAX_PHOTOS, error=f"最多 {MAX_PHOTOS} 张照片"),
        metadata=_about("先用 POST /api/v1/photos 上传得到的 photo_id"),
    )
    contact = Part(ContactIn, allow_none=True)
    request_type = Line(
        allow_none=True,
        validate=_one_of(REQUEST_TYPES),
        metadata=_about("诉求类型：" + "、".join(f"{code} {name}" for code, name in REQUEST_TYPES.items())),
    )
    confidential = YesNo(allow_none=True, metadata=_about("保密：承办单位也看不到您是谁"))
    anonymous = YesNo(
        allow_none=True, metadata=_about("匿名：contact 里的内容一概不保存，我们也就无法联系您")
    )


class JudgementIn(_Blanks):
    """What the person says about the outcome."""

    contacted = YesNo(required=True, metadata=_about("承办单位联系过您吗"))
    solved = YesNo(required=True, metadata=_about("问题解决了吗"))
    satisfaction = Line(
        required=True,
        validate=_one_of(SATISFACTION),
        metadata=_about("、".join(f"{code} {name}" for code, name in SATISFACTION.items())),
    )
    comment = Text(allow_none=True, validate=_at_most(2000), metadata=_about("想说的话"))


class ReopenIn(Strict):
    """Why a finished report is not finished."""

    reason = Text(required=True, validate=_written(2000), metadata=_about("为什么要重办", pattern=r"\S"))


class PhotoIn(Schema):
    """One photo. Uploading libraries add fields of their own to a form: those are passed over."""

    class Meta:
        unknown = EXCLUDE

    photo = Upload(required=True, metadata=_about("一张照片（JPEG、PNG、WebP、HEIC 等），不超过 10 MB"))


class OnceIn(Schema):
    """The header that makes repeating a request harmless."""

    key = plain.String(
        data_key="Idempotency-Key",
        metadata=_about(
            "随机串（如 UUID）。网络不稳时用同一个键重发，只会办一次", minLength=1, maxLength=128
        ),
    )


class ProblemOut(Schema):
    """An error, as RFC 9457 problem details."""

    type = plain.String(required=True)
    title = plain.String(required=True)
    status = plain.Integer(required=True)
    code = plain.String(required=True, metadata=_about("不变的错误代码，供程序判断"))
    detail = plain.String(required=True, metadata=_about("给人看的说明和怎么办"))
    wrong = plain.Dict(
        keys=plain.String(),
        values=plain.String(),
        data_key="fields",
        metadata=_about("哪个字段错在哪里，如 place.lat"),
    )
    allowed_actions = plain.List(plain.String(), metadata=_about("现在可以做的事"))


class PhotoOut(Schema):
    """An uploaded photo, waiting for its report."""

    photo_id = plain.String(required=True)
    width = plain.Integer(required=True)
    height = plain.Integer(required=True)


def _time(words: str, *, required: bool = False, allow_none: bool = False) -> plain.String:
    return plain.String(required=required, allow_none=allow_none, metadata=_about(words, format="date-time"))


class LinksOut(Schema):
    """Where to go from here."""

    here = plain.String(required=True, data_key="self")
    judgement = plain.String(required=True)
    reopen = plain.String(required=True)


class ReceiptOut(Schema):
    """The receipt of a report."""

    id = plain.String(required=True)
    number = plain.String(required=True, metadata=_about("工单号，与 id 相同"))
    status = plain.String(required=True)
    status_name = plain.String(required=True)
    access_code = plain.String(required=True, metadata=_about("查询码，请妥善保管；凭它查看进度和评价"))
    reported_at = _time("提交时间", required=True)
    promised_by = _time("承诺办结时间；工作日历未定时为空", required=True, allow_none=True)
    links = plain.Nested(LinksOut, required=True)


class StepOut(Schema):
    """One thing that happened."""

    at = _time("时间", required=True)
    title = plain.String(required=True)
    detail = plain.String(required=True, metadata=_about("没有更多可说时为空串"))


class ReplyOut(Schema):
    """The answer."""

    at = _time("审核通过的时间", required=True)
    text = plain.String(required=True)
    unit = plain.String(required=True, allow_none=True)


class ReportPhotoOut(PhotoOut):
    """A photo of a report."""

    link = plain.String(required=True)


class PlaceOut(Schema):
    """Where it is."""

    text = plain.String(required=True)
    lat = plain.Float(required=True, allow_none=True)
    lng = plain.Float(required=True, allow_none=True)


class ReportOut(Schema):
    """A report as its author sees it."""

    id = plain.String(required=True)
    number = plain.String(required=True)
    status = plain.String(required=True)
    status_name = plain.String(required=True, metadata=_about("现在到哪一步，平常话"))
    title = plain.String(required=True)
    text = plain.String(required=True)
    place = plain.Nested(PlaceOut, required=True)
    request_type = plain.String(required=True)
    confidential = plain.Boolean(required=True)
    unit = plain.String(required=True, allow_none=True, metadata=_about("承办单位"))
    reported_at = _time("提交时间", required=True)
    promised_by = _time("承诺办结时间；暂缓办理或工作日历未定时为空", required=True, allow_none=True)
    completed_at = _time("办结时间", required=True, allow_none=True)
    timeline = plain.List(plain.Nested(StepOut), required=True)
    reply = plain.Nested(ReplyOut, required=True, allow_none=True)
    photos = plain.List(plain.Nested(ReportPhotoOut), required=True)
    allowed_actions = plain.List(
        plain.String(), required=True, metadata=_about("visit_back 评价、reopen 要求重办")
    )
    links = plain.Nested(LinksOut, required=True)


class MovedOut(Schema):
    """Where a report stands after the resident acted."""

    id = plain.String(required=True)
    number = plain.String(required=True)
    status = plain.String(required=True)
    status_name = plain.String(required=True)
    links = plain.Nested(LinksOut, required=True)


class CategoryOut(Schema):
    """A category of the public catalogue."""

    code = plain.String(required=True)
    name = plain.String(required=True)
    path = plain.String(required=True)
    level = plain.Integer(required=True)
    about = plain.String(required=True)


class CategoriesOut(Schema):
    """The catalogue, whole."""

    items = plain.List(plain.Nested(CategoryOut), required=True)
    next_cursor = plain.String(required=True, allow_none=True, metadata=_about("目录一次给全，总是空"))


class HealthOut(Schema):
    """The service is well."""

    status = plain.String(required=True)
