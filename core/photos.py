"""照片 Photos: known by their content, cleaned of everything but the picture, kept under the digest of their bytes."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from core.files import write_whole

pillow_heif.register_heif_opener()

_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "HEIF"]
_KEY = re.compile(r"[0-9a-f]{64}")


class PhotoError(Exception):
    """A photo was refused; ``code`` is stable, the text says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A photo fit to keep: JPEG bytes without metadata, its size in pixels and its digest."""

    data: bytes
    media_type: str
    width: int
    height: int
    sha256: str


def clean_photo(
    data: bytes,
    *,
    max_bytes: int = 10 * 1024 * 1024,
    max_pixels: int = 40_000_000,
    max_side: int = 2560,
) -> CleanPhoto:
    """Decode, turn upright, shrink to ``max_side`` and encode anew; EXIF, GPS and all else stay behind.

    Raises PhotoError for anything that is not a picture, is broken, or is too large to decode safely.
    """
    if not data:
        raise PhotoError("empty_photo", "照片是空的，请重新选择")
    if len(data) > max_bytes:
        raise PhotoError("photo_too_large", f"照片超过 {max_bytes // 1024 // 1024} MB，请压缩或重拍后再传")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > max_pixels:
                raise PhotoError(
                    "too_many_pixels", f"照片有 {opened.width}×{opened.height} 像素，太大了，请缩小后再传"
                )
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            picture = _on_white(upright)
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoError(
            "not_a_photo", "这不是照片。请上传 JPG、PNG、WebP、GIF 或 HEIC 图片，不支持视频和文档"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError("too_many_pixels", "照片的像素太多，请缩小后再传") from error
    except Exception as error:  # decoders raise many kinds for broken files: all mean the same to the person
        raise PhotoError("broken_photo", "照片损坏或不完整，请重新拍摄或选择") from error
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    picture.info.clear()  # a JPEG comment would otherwise be written out again
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    cleaned = out.getvalue()
    return CleanPhoto(
        cleaned, "image/jpeg", picture.width, picture.height, hashlib.sha256(cleaned).hexdigest()
    )


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent shows white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        image = ground
    return image.convert("RGB")


class PhotoStore:
    """Photos on disk by digest: the same picture twice is kept once."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def path(self, sha256: str) -> Path:
        """Where a photo is or would be. Raises ValueError for what is not a digest."""
        if not _KEY.fullmatch(sha256):
            raise ValueError("not a sha256 digest")
        return self.folder / sha256[:2] / f"{sha256}.jpg"

    def put(self, photo: CleanPhoto) -> str:
        """Keep a photo; returns its digest."""
        path = self.path(photo.sha256)
        if not path.exists():
            write_whole(path, photo.data)
        return photo.sha256

    def delete(self, sha256: str) -> None:
        """Drop a photo; nothing happens when it is gone already."""
        self.path(sha256).unlink(missing_ok=True)
