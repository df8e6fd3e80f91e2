"""照片 Photos: uploaded one by one before the report they belong to, and seen again with its access code."""

from __future__ import annotations

from typing import Any

from apiflask import HTTPError
from flask import Response, request

from community.api import doors
from community.api.blueprint import resident_api
from community.api.schemas import PhotoIn, PhotoOut
from core.access import for_receipt_holder, open_to_everybody
from core.database import db
from core.errors import InvalidInput
from hotline import photos


@resident_api.post("/photos")
@resident_api.input(PhotoIn, location="files", arg_name="sent")
@resident_api.output(PhotoOut, status_code=201, description="已收到")
@resident_api.doc(
    summary="上传照片",
    description="一次一张，字段名 photo。拍摄地点等附带信息在保存前去掉。24 小时内没有随诉求提交的照片会被删除。",
    responses=[413, 415, 429],
)
@open_to_everybody("a photo comes before the report it belongs to")
def upload(sent: dict[str, Any]) -> Any:
    """Clean and keep one photo."""
    if len(request.files.getlist("photo")) > 1:
        raise InvalidInput("一次只能上传一张照片，请分次上传", fields={"photo": "只能有一个文件"})
    data = sent["photo"].stream.read(doors.PHOTO_LIMIT + 1)
    if len(data) > doors.PHOTO_LIMIT:
        raise HTTPError(413, "每张照片不能超过 10 MB，请压缩后再上传")
    kept = photos.keep(db.session, doors.photo_store(), data)
    answer = {"photo_id": kept.token, "width": kept.width, "height": kept.height}
    db.session.commit()
    return answer, 201


@resident_api.get("/reports/<string:report_id>/photos/<string:photo_id>")
@resident_api.output({}, content_type="image/*", description="照片")
@resident_api.doc(summary="查看照片", security="AccessCode", responses=[401, 404])
@for_receipt_holder
def photo(report_id: str, photo_id: str) -> Response:
    """A photo of the report, as it was cleaned."""
    found = photos.of_order(db.session, doors.shown_order(), photo_id)
    response = Response(photos.content(doors.photo_store(), found), mimetype=found.media_type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
