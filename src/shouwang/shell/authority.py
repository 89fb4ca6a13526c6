"""The centre's own certificate authority, for a centre that has no certificate from elsewhere.

Made once for a host name, in DATA/secret/authority: its certificate (`root.pem`, which phones install) says that it
vouches for this name alone (RFC 5280, 4.2.1.10), so a phone that trusts it trusts it for nothing else. The centre's
certificate is made from it, and made anew by itself before it ends.
"""
from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shouwang.engine.errors import BadInput, Fault

ROOT_LASTS = timedelta(days=10 * 366)
LASTS = timedelta(days=120)  # of the centre's certificate: phones take no longer ones than 825 days
RENEW_BEFORE = timedelta(days=30)
LOOK_S = 6 * 3600.0
EARLIER = timedelta(hours=1)  # phones whose clock is a little behind


@dataclass(frozen=True)
class Files:
    """Where the authority of a centre keeps its things: with the secrets, of which a copy is kept elsewhere."""

    data: Path

    @property
    def root(self) -> Path:
        return self.data / "secret" / "authority" / "root.pem"

    @property
    def root_key(self) -> Path:
        return self.root.with_name("root.key")

    @property
    def cert(self) -> Path:
        return self.root.with_name("centre.pem")

    @property
    def key(self) -> Path:
        return self.root.with_name("centre.key")


def certificate(data: Path, host: str, now: datetime) -> Files:
    """The files of a certificate for this host that holds for a while yet, made if there is none. The authority is
    made once; for another name it is a new one, which phones have to install again. Raises BadInput for a name that no
    certificate can have."""
    files = Files(data)
    _name(host)
    if not (root := _root(files, host, now)):
        root = _make_root(files, host, now)
    if not _holds(files, root, host, now):
        _make(files, root, host, now)
    return files


def _root(files: Files, host: str, now: datetime) -> x509.Certificate | None:
    """The authority, if there is one, for this name, that holds longer than the centre's next certificate."""
    if not (files.root.exists() and files.root_key.exists()):
        return None
    root = x509.load_pem_x509_certificate(files.root.read_bytes())
    limits = root.extensions.get_extension_for_class(x509.NameConstraints).value
    fits = list(limits.permitted_subtrees or ()) == [_permitted(host)]
    return root if fits and root.not_valid_after_utc > now + LASTS else None


def _holds(files: Files, root: x509.Certificate, host: str, now: datetime) -> bool:
    if not (files.cert.exists() and files.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificates(files.cert.read_bytes())[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names) == [_name(host)] and leaf.not_valid_after_utc - now > RENEW_BEFORE and _signed_by(leaf, root)


def _signed_by(leaf: x509.Certificate, root: x509.Certificate) -> bool:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(root))
    return leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value == identifier


def _make_root(files: Files, host: str, now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shouwang 守望"),
                      x509.NameAttribute(NameOID.COMMON_NAME, f"Shouwang 守望 {host}"[:64])])
    limits = x509.NameConstraints(permitted_subtrees=[_permitted(host)], excluded_subtrees=None)
    usage = x509.KeyUsage(digital_signature=False, content_commitment=False, key_encipherment=False,
                          data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
                          encipher_only=False, decipher_only=False)
    root = (_begun(name, name, key, now, ROOT_LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(limits, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256()))
    _write(files.root_key, _pem(key), 0o600)
    _write(files.root, root.public_bytes(serialization.Encoding.PEM), 0o644)
    return root


def _make(files: Files, root: x509.Certificate, host: str, now: datetime) -> None:
    """A new key and certificate of the centre; the key first, so that a crash in between leaves a pair that is made
    again."""
    signer = serialization.load_pem_private_key(files.root_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    leaf = (_begun(name, root.subject, key, now, LASTS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(root)), critical=False)
            .sign(signer, hashes.SHA256()))
    files.cert.unlink(missing_ok=True)
    _write(files.key, _pem(key), 0o600)
    _write(files.cert, b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, root)), 0o644)


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime,
           lasts: timedelta) -> x509.CertificateBuilder:
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - EARLIER).not_valid_after(now + lasts))


def _name(host: str) -> x509.GeneralName:
    """The host as a certificate names it. Raises BadInput."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:
        raise BadInput([Fault("--host", "this is no host name", host,
                              "Write it in Latin letters, figures, dots and hyphens.")]) from None


def _permitted(host: str) -> x509.GeneralName:
    name = _name(host)
    return x509.IPAddress(ipaddress.ip_network(str(name.value))) if isinstance(name, x509.IPAddress) else name


def _public(root: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = root.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """All or nothing, never readable to others for a moment."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())
    os.replace(beside, path)


def keep(data: Path, host: str, say: Callable[[str], None]) -> None:
    """Makes the certificate anew in time, as long as this process runs. `wire` takes up what changed by itself."""
    def look() -> None:
        while True:
            threading.Event().wait(LOOK_S)
            try:
                before = Files(data).cert.stat().st_mtime_ns
                if certificate(data, host, datetime.now(UTC)).cert.stat().st_mtime_ns != before:
                    say("A new certificate of the centre is made")
            except OSError as error:
                say(f"The centre's certificate could not be renewed: {error}")
    threading.Thread(target=look, daemon=True).start()
