"""What is kept of a photo is the picture and nothing else; what is no photo is refused by a stable code."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.photos import CleanPhoto, PhotoError, PhotoStore, clean_photo

pillow_heif.register_heif_opener()

RED, BLUE = (255, 0, 0), (0, 0, 255)


def halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return picture


def encoded(picture: Image.Image, form: str, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def opened(photo: CleanPhoto) -> Image.Image:
    picture = Image.open(io.BytesIO(photo.data))
    picture.load()
    return picture


def near(picture: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(a - b) < 40 for a, b in zip(found, colour, strict=True))


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(PhotoError) as told:
        clean_photo(data, **limits)
    assert any("一" <= char <= "龥" for char in str(told.value))
    return told.value.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_every_format_comes_out_as_plain_jpeg(form: str) -> None:
    photo = clean_photo(encoded(halves(), form))
    assert (photo.media_type, photo.width, photo.height) == ("image/jpeg", 60, 40)
    assert photo.sha256 == hashlib.sha256(photo.data).hexdigest()
    picture = opened(photo)
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (60, 40))
    assert near(picture, (5, 20), RED)
    assert near(picture, (55, 20), BLUE)


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRETMAKER"
    exif[0x9C9C] = "SECRETCOMMENT".encode("utf-16-le")
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 41.0, 12.5), 3: "E", 4: (104.0, 3.0, 59.0)})
    return exif


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_place_maker_and_comments_stay_behind(form: str) -> None:
    more: dict[str, Any] = {"exif": _exif().tobytes()}
    if form == "JPEG":
        more |= {"comment": b"SECRETNOTE", "icc_profile": b"SECRETPROFILE" * 20, "dpi": (300, 300)}
        more["xmp"] = b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"
    data = encoded(halves(), form, **more)
    assert b"SECRETMAKER" in data
    photo = clean_photo(data + b"SECRETTAIL <script>alert(1)</script>")
    assert b"SECRET" not in photo.data
    assert b"Exif" not in photo.data
    picture = opened(photo)
    assert not dict(picture.getexif())
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "size", "red_at", "blue_at"),
    [
        (1, (60, 40), (5, 20), (55, 20)),
        (2, (60, 40), (55, 20), (5, 20)),
        (3, (60, 40), (55, 20), (5, 20)),
        (6, (40, 60), (20, 5), (20, 55)),
        (8, (40, 60), (20, 55), (20, 5)),
    ],
)
def test_turned_upright(
    orientation: int, size: tuple[int, int], red_at: tuple[int, int], blue_at: tuple[int, int]
) -> None:
    photo = clean_photo(encoded(halves(), "JPEG", exif=_exif(orientation).tobytes()))
    picture = opened(photo)
    assert (photo.width, photo.height) == picture.size == size
    assert near(picture, red_at, RED)
    assert near(picture, blue_at, BLUE)


def test_transparency_shows_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    grey = Image.new("LA", (20, 20), (0, 0))
    for data in (
        encoded(clear, "PNG"),
        encoded(clear, "WEBP"),
        encoded(grey, "PNG"),
        encoded(palette, "PNG", transparency=0),
        encoded(palette, "GIF", transparency=0),
    ):
        assert near(opened(clean_photo(data)), (10, 10), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_other_modes(mode: str) -> None:
    form = "JPEG" if mode in ("L", "CMYK") else "PNG"
    picture = Image.new(mode, (30, 20)) if mode == "I;16" else halves((30, 20)).convert(mode)
    assert opened(clean_photo(encoded(picture, form))).size == (30, 20)


def test_of_a_moving_picture_the_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    photo = clean_photo(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert near(opened(photo), (10, 10), RED)


def test_large_ones_are_made_smaller_in_proportion() -> None:
    photo = clean_photo(encoded(halves((3000, 1500)), "PNG"))
    assert (photo.width, photo.height) == (2560, 1280)
    assert clean_photo(encoded(halves(), "PNG"), max_side=30).width == 30
    assert clean_photo(encoded(halves((5000, 1)), "PNG")).height == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<?php system($_GET['c']); ?>",
        b"#!/bin/sh\nrm -rf /\n",
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"PK\x03\x04" + b"\0" * 60,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat" + b"\0" * 100,
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 100,
        b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 100,
        b"\x1aE\xdf\xa3" + b"\0" * 100,
        b"MZ" + b"\0" * 200,
        b"\0",
        b"x" * 5000,
    ],
)
def test_what_is_no_photo(data: bytes) -> None:
    assert refused(data) == "not_a_photo"


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM"])
def test_formats_nobody_asked_for(form: str) -> None:
    assert refused(encoded(halves(), form)) == "not_a_photo"


def test_empty() -> None:
    assert refused(b"") == "empty_photo"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_truncated(form: str) -> None:
    picture = Image.effect_noise((200, 200), 100).convert("RGB")
    data = encoded(picture, form)
    assert refused(data[: len(data) // 2]) == "broken_photo"
    assert refused(data[:20]) in ("broken_photo", "not_a_photo")


def test_too_many_bytes() -> None:
    assert refused(encoded(halves(), "PNG"), max_bytes=50) == "photo_too_large"


def _png_that_says(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(6400, 6400), (10_000, 10_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1), (100_000_000, 1)],
)
def test_too_many_pixels_are_never_decoded(width: int, height: int) -> None:
    assert refused(_png_that_says(width, height)) == "too_many_pixels"


def test_a_true_picture_of_too_many_pixels() -> None:
    data = encoded(Image.new("1", (7000, 7000)), "PNG")
    assert len(data) < 20_000
    assert refused(data) == "too_many_pixels"


@settings(max_examples=60)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "HEIF"]), st.data())
def test_damage_is_refused_or_survived_and_nothing_else(form: str, data: st.DataObject) -> None:
    raw = bytearray(encoded(halves(), form))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert clean_photo(bytes(raw)).media_type == "image/jpeg"
    except PhotoError as told:
        assert told.code in {"not_a_photo", "broken_photo", "too_many_pixels"}


def test_store(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path / "photos")
    photo = clean_photo(encoded(halves(), "PNG"))
    assert store.put(photo) == store.put(photo) == photo.sha256
    path = store.path(photo.sha256)
    assert path.read_bytes() == photo.data
    assert [found for found in store.folder.rglob("*") if found.is_file()] == [path]
    assert not path.stat().st_mode & stat.S_IXUSR
    store.delete(photo.sha256)
    store.delete(photo.sha256)
    assert not path.exists()
    store.put(photo)
    assert path.exists()


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "../" + "a" * 61]
)
def test_keys_that_are_no_digests(tmp_path: Path, key: str) -> None:
    store = PhotoStore(tmp_path)
    for ask in (store.path, store.delete):
        with pytest.raises(ValueError, match="digest"):
            ask(key)
