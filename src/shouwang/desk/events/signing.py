"""The centre's own key for its warnings: made once, kept with its other secrets; the certificate is for everybody."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

LASTS = timedelta(days=20 * 365)
MARK = b"-----BEGIN CERTIFICATE-----"


def key_and_certificate() -> tuple[bytes, bytes]:
    """Both as PEM. The key never leaves the centre's folder of secrets."""
    path = settings.CONFIG.data / "secret" / "warnings.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as f:
            f.write(_made())
            f.flush()
            os.fsync(f.fileno())
        with suppress(FileExistsError):  # another process of this centre was first: its pair holds
            os.link(fresh, path)
        fresh.unlink()
    both = path.read_bytes()
    cut = both.index(MARK)
    return both[:cut], both[cut:]


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Shouwang warnings, {settings.CONFIG.host}"[:64])])
    now = datetime.now(UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                   .not_valid_after(now + LASTS)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                   .sign(key, hashes.SHA256()))
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()) + certificate.public_bytes(serialization.Encoding.PEM)
