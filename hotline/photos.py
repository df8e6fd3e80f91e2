"""照片 Photos: the pictures people add to a report, from upload to the order they belong to, or to nothing.

A photo is cleaned before it is kept (:func:`core.photos.clean_photo`), kept once by its content, and named by a random
token. One that no report took up within a day is dropped, row and file.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from core import clock
from core.database import AnySession
from core.errors import InvalidInput, NotFound
from core.photos import PhotoStore, clean_photo
from hotline.models import OrderPhoto, WorkOrder

KEEP_ORPHANS = timedelta(hours=24)


def keep(session: AnySession, store: PhotoStore, data: bytes) -> OrderPhoto:
    """Clean an uploaded picture and keep it, as yet without an order. Raises PhotoError; the caller commits."""
    cleaned = clean_photo(data)
    photo = OrderPhoto(
        token=secrets.token_urlsafe(24),
        sha256=cleaned.sha256,
        media_type=cleaned.media_type,
        width=cleaned.width,
        height=cleaned.height,
        size=len(cleaned.data),
        uploaded_at=clock.now(),
    )
    session.add(photo)
    session.flush()
    store.put(cleaned)
    # the same picture may lie there already, about to be dropped as nobody's: a fresh date keeps it
    store.path(cleaned.sha256).touch()
    return photo


def attach(session: AnySession, order: WorkOrder, tokens: Sequence[str]) -> list[OrderPhoto]:
    """Give uploaded photos to an order, in the order given.

    Raises InvalidInput when one is named twice, is unknown or expired, or belongs to a report already; of two reports
    that name one photo at the same time one gets it.
    """
    if len(set(tokens)) < len(tokens):
        raise InvalidInput("同一张照片写了两次", fields={"photos": "有重复的照片编号"})
    fresh = [OrderPhoto.order_id.is_(None), OrderPhoto.uploaded_at > clock.now() - KEEP_ORPHANS]
    taken = session.execute(
        update(OrderPhoto)
        .where(OrderPhoto.token.in_(tokens), *fresh)
        .values(order_id=order.id)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != len(tokens):  # type: ignore[attr-defined]
        raise InvalidInput(
            "有照片找不到、已过期或已经用在别的诉求里，请重新上传",
            code="photo_not_usable",
            fields={"photos": "照片编号不可用"},
        )
    session.expire(order, ["photos"])
    return order.photos


def of_order(session: AnySession, order: WorkOrder, token: str) -> OrderPhoto:
    """A photo of an order by its token. Raises NotFound for any other."""
    photo = session.scalar(
        select(OrderPhoto).where(
            OrderPhoto.order_id == order.id, OrderPhoto.token == token.replace("\x00", "")
        )
    )
    if photo is None:
        raise NotFound("这件诉求没有这张照片")
    return photo


def content(store: PhotoStore, photo: OrderPhoto) -> bytes:
    """The bytes of a kept photo. Raises NotFound when the file is gone."""
    try:
        return store.path(photo.sha256).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("照片文件不见了，请联系管理员") from error


def drop_orphans(session: AnySession, store: PhotoStore) -> int:
    """Drop photos no report took up within a day, and the files nothing else uses; returns how many. Does not commit.

    Files go before the commit: should it fail, the rows that come back are too old to be attached and go next time.
    """
    stale = session.scalars(
        select(OrderPhoto.sha256).where(
            OrderPhoto.order_id.is_(None), OrderPhoto.uploaded_at <= clock.now() - KEEP_ORPHANS
        )
    ).all()
    if not stale:
        return 0
    session.execute(
        delete(OrderPhoto).where(
            OrderPhoto.order_id.is_(None), OrderPhoto.uploaded_at <= clock.now() - KEEP_ORPHANS
        )
    )
    for sha256 in set(stale):
        used = session.scalar(select(OrderPhoto.id).where(OrderPhoto.sha256 == sha256).limit(1))
        if used is None and not _fresh(store, sha256):
            store.delete(sha256)
    return len(stale)


def _fresh(store: PhotoStore, sha256: str) -> bool:
    """Whether somebody is uploading the same picture just now, in a transaction this one cannot see."""
    try:
        written = store.path(sha256).stat().st_mtime
    except FileNotFoundError:
        return False
    return clock.now().timestamp() - written < KEEP_ORPHANS.total_seconds()
