"""The centre's own signature, by which other centres know that a document is from it and unaltered.

Ed25519 (RFC 8032) in compact JSON Web Signatures (RFC 7515, RFC 9864). Whom a document is for and when it was signed
stand in the protected header (RFC 7519, 5.3), so that one that was caught cannot be passed on elsewhere or later.
"""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
TYPE = "application/emergency.eido+json"
_rules = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)


class BadSignature(ValueError):
    """Not signed by the key it should be, or no signed document at all."""


def own_key() -> OKPKey:
    """The centre's key, from a secret outside its data backups. Who loses the secret has a new key."""
    seed = hashlib.sha256(settings.CONFIG.secret("sign.key").encode()).digest()
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return OKPKey.import_key(pem)


def public_text(key: OKPKey) -> str:
    """The public half as others are given it: 43 characters of base64url."""
    return str(key.as_dict(private=False)["x"])


def read_public(text: str) -> OKPKey:
    """The public key that `public_text` wrote. Raises ValueError for anything else."""
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": text})
        _ = key.raw_value  # reads the point
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"no {ALGORITHM} key: {error}") from error
    if public_text(key) != text:
        raise ValueError(f"no {ALGORITHM} key: it is written in another way")
    return key


def thumbprint(key: OKPKey) -> str:
    """RFC 7638 with SHA-256, as 64 hexadecimal digits: what two people compare by telephone."""
    canonical = f'{{"crv":"{ALGORITHM}","kty":"OKP","x":"{public_text(key)}"}}'
    return hashlib.sha256(canonical.encode()).hexdigest()


def sign(payload: bytes, *, key: OKPKey, at: datetime, audience: str = "", type: str = TYPE) -> str:
    """The payload as a compact JWS. `audience`: the thumbprint of whom it is for, "" for anybody."""
    header: dict[str, Any] = {"alg": ALGORITHM, "kid": thumbprint(key), "cty": type, "iat": int(at.timestamp())}
    return jws.serialize_compact(header | ({"aud": audience} if audience else {}), payload, key, registry=_rules)


def header_of(token: bytes) -> Mapping[str, Any]:
    """What a document says of itself before anything is believed. Raises BadSignature if it is none."""
    try:
        return dict(jws.extract_compact(token, registry=_rules).headers())
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadSignature("this is no compact JWS with a JSON header") from error


def opened(token: bytes, key: OKPKey) -> bytes:
    """The payload, if the key has signed it. Raises BadSignature."""
    try:
        return jws.deserialize_compact(token, key, registry=_rules).payload
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadSignature("the signature is not of this key") from error
