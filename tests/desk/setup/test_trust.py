"""The page by which phones come to trust a centre that is its own authority."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from shouwang.shell.authority import certificate

pytestmark = pytest.mark.django_db


def test_it_shows_the_mark_and_fingerprint_and_gives_the_certificate_alone(client: Any, settings: Any,
                                                                          tmp_path: Path) -> None:
    files = certificate(tmp_path, "watch.example", datetime.now(UTC))
    settings.CONFIG = replace(settings.CONFIG, data=tmp_path, own_authority=True, host="watch.example")
    page = client.get("/trust/").content.decode()
    root = x509.load_pem_x509_certificate(files.root.read_bytes())
    shown = "".join(page.split('fingerprint">')[1].split("</p>")[0].replace("<wbr>", "").split())
    assert shown.replace("<span>", "").replace("</span>", "") == root.fingerprint(hashes.SHA256()).hex().upper()
    assert "<svg" in page
    given = client.get("/trust/shouwang.crt")
    assert given["Content-Type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(given.content) == root


def test_a_centre_with_another_certificate_has_nothing_to_install(client: Any) -> None:
    assert client.get("/trust/").status_code == 200
    assert client.get("/trust/shouwang.crt").status_code == 404
