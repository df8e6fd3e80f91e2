"""隐私 Privacy: fields encrypted at rest with keys that rotate, searchable by blind index, and masked wherever shown.

What is private in running text is found by `core.private_words` and hidden by `core.masking`; both are reached from
here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.masking import (
    mask_address,
    mask_houses,
    mask_id_number,
    mask_name,
    mask_phone,
    mask_text,
    normalise_phone,
)
from core.private_words import Found, find

__all__ = [
    "Found",
    "Vault",
    "VaultError",
    "find",
    "mask_address",
    "mask_houses",
    "mask_id_number",
    "mask_name",
    "mask_phone",
    "mask_text",
    "new_key",
    "normalise_phone",
]

_VERSION = "v1"
_KEY_BYTES = 32


class VaultError(Exception):
    """A value could not be opened: its key is not here, or it was altered."""


def new_key() -> str:
    """A random key: 32 bytes as urlsafe base64."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def _key_bytes(key: str) -> bytes:
    try:
        # strictly: two keys run together would otherwise pass for the first of them
        raw = base64.b64decode(key.encode(), altchars=b"-_", validate=True)
    except ValueError as error:
        raise VaultError("密钥应是 32 字节的 urlsafe base64，请用 flask keys new 生成") from error
    if len(raw) != _KEY_BYTES:
        raise VaultError("密钥应是 32 字节的 urlsafe base64，请用 flask keys new 生成")
    return raw


class Vault:
    """Encrypts single fields with AES-256-GCM.

    ``keys`` are newest first: the first encrypts, all decrypt. A token reads ``v1.<key id>.<nonce+ciphertext>``; the
    context (which field it is) is bound into it, so that a phone cannot be passed off as a name.
    """

    def __init__(self, keys: Sequence[str], blind_key: str) -> None:
        if not keys:
            raise VaultError("没有加密密钥，请设置 FIELD_KEYS")
        raw = [_key_bytes(key) for key in keys]
        self._ciphers = {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in raw}
        self._newest = next(iter(self._ciphers))
        self._blind_key = _key_bytes(blind_key)

    def encrypt(self, value: str, context: str) -> str:
        """The token of a value."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._newest].encrypt(nonce, value.encode(), context.encode())
        return f"{_VERSION}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, context: str) -> str:
        """The value of a token. Raises VaultError when its key is unknown or it does not hold."""
        version, _, rest = token.partition(".")
        key_id, _, body = rest.partition(".")
        if version != _VERSION or not body:
            raise VaultError("加密字段的格式不对，可能被改动过")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultError(f"这个字段用密钥 {key_id} 加密，FIELD_KEYS 里没有它。请把旧密钥加回去")
        try:
            raw = base64.urlsafe_b64decode(body)
            return cipher.decrypt(raw[:12], raw[12:], context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError("加密字段与校验值不符，可能被改动过") from error

    def needs_rotation(self, token: str) -> bool:
        """True for a token that is not under the newest key."""
        return token.split(".")[1:2] != [self._newest]

    def blind_index(self, value: str, context: str) -> str:
        """A keyed digest by which equal values can be found without being known; width, case and spaces do not count."""
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).casefold()
        return hmac.new(self._blind_key, f"{context}\x00{plain}".encode(), hashlib.sha256).hexdigest()
