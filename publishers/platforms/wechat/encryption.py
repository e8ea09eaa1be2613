"""How WeChat encrypts what it tells: docs/platforms/wechat.md, section 7."""

import base64
import binascii
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from publishers.interface import NotGenuine

KEY_CHARS, KEY_BYTES, IV_BYTES = 43, 32, 16
RANDOM_BYTES, LENGTH_BYTES = 16, 4
BLOCK_BITS = 32 * 8


def decrypted(encrypted: str, encoding_keys: Sequence[str], appid: str) -> bytes:
    """Return the message that one of ``encoding_keys`` (the present one, the one before) opens for ``appid``.

    Raises NotGenuine.
    """
    for encoding_key in encoding_keys:
        try:
            content = base64.b64decode(encrypted, validate=True)
            message, whose = _parts(_opened(content, _key(encoding_key)))
        except (ValueError, binascii.Error):
            continue
        if hmac.compare_digest(whose, appid.encode()):
            return message
    raise NotGenuine("No key of the account opens the message.")


def is_key(encoding_key: str) -> bool:
    """Return whether it can be an EncodingAESKey."""
    try:
        _key(encoding_key)
    except (ValueError, binascii.Error):
        return False
    return True


def _key(encoding_key: str) -> bytes:
    if len(encoding_key) != KEY_CHARS:
        raise ValueError("An EncodingAESKey has 43 characters.")
    key = base64.b64decode(encoding_key + "=")
    if len(key) != KEY_BYTES:
        raise ValueError("An EncodingAESKey is 32 bytes.")
    return key


def _opened(encrypted: bytes, key: bytes) -> bytes:
    opening = Cipher(AES(key), CBC(key[:IV_BYTES])).decryptor()
    unpadding = PKCS7(BLOCK_BITS).unpadder()
    padded = opening.update(encrypted) + opening.finalize()
    return unpadding.update(padded) + unpadding.finalize()


def _parts(plain: bytes) -> tuple[bytes, bytes]:
    """Return the message and the AppID: 16 random bytes, 4 of length, the message, the AppID."""
    begin = RANDOM_BYTES + LENGTH_BYTES
    end = begin + int.from_bytes(plain[RANDOM_BYTES:begin], "big")
    if len(plain) < begin or end > len(plain):
        raise ValueError("The length of the message is wrong.")
    return plain[begin:end], plain[end:]
