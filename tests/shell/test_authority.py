"""The centre's own certificate authority: made once, for one name; its certificate is renewed and taken up."""
from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from shouwang.engine.errors import BadInput
from shouwang.shell.authority import certificate
from shouwang.wire.tls import Tls

NOW = datetime.now(UTC)
HOST = "watch.example"


def chain(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def test_a_client_that_installed_the_root_trusts_this_name_and_no_other(tmp_path: Path) -> None:
    files = certificate(tmp_path, HOST, NOW)
    leaf, root = chain(files.cert)
    assert chain(files.root) == [root]
    trusting = PolicyBuilder().store(Store([root])).time(NOW)
    trusting.build_server_verifier(x509.DNSName(HOST)).verify(leaf, [])
    with pytest.raises(VerificationError):
        trusting.build_server_verifier(x509.DNSName("bank.example")).verify(leaf, [])
    limits = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical and limits.value.permitted_subtrees == [x509.DNSName(HOST)]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=825)  # phones take no longer ones
    for secret in (files.key, files.root_key):
        assert secret.stat().st_mode & 0o077 == 0


def test_it_is_made_once_and_the_certificate_anew_before_it_ends(tmp_path: Path) -> None:
    files = certificate(tmp_path, HOST, NOW)
    first, root = files.cert.read_bytes(), files.root.read_bytes()
    certificate(tmp_path, HOST, NOW + timedelta(days=80))
    assert files.cert.read_bytes() == first
    certificate(tmp_path, HOST, NOW + timedelta(days=91))
    assert files.cert.read_bytes() != first and files.root.read_bytes() == root
    files.cert.write_bytes(first)  # as after a crash between key and certificate: they are no pair any more
    files.cert.unlink()
    certificate(tmp_path, HOST, NOW + timedelta(days=91))
    assert files.root.read_bytes() == root
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.cert, files.key)
    certificate(tmp_path, "10.0.0.5", NOW)  # an address of the local network: another authority
    assert files.root.read_bytes() != root
    assert chain(files.cert)[0].extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value.get_values_for_type(x509.IPAddress)[0].exploded == "10.0.0.5"


def test_a_name_that_no_certificate_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--host"):
        certificate(tmp_path, "守望.example", NOW)
    assert not (tmp_path / "secret").exists()


def test_a_running_server_takes_up_a_renewed_certificate_and_leaves_a_broken_one(tmp_path: Path) -> None:
    files = certificate(tmp_path, HOST, NOW - timedelta(days=91))
    client = ssl.create_default_context(cafile=files.root)
    tls = Tls(files.cert, files.key)

    async def served() -> bytes:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=tls.context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=HOST)
            found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
            return bytes(found)

    before = asyncio.run(served())
    assert not tls.look()
    certificate(tmp_path, HOST, NOW)
    assert tls.look()
    after = asyncio.run(served())
    assert after != before
    files.key.write_text("nonsense")
    assert not tls.look()
    assert asyncio.run(served()) == after
