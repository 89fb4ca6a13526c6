"""How a phone or computer comes to trust a centre that is its own certificate authority (shell/authority.py)."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwang.desk.log.errors import Missing
from shouwang.desk.people.access import public
from shouwang.desk.places.marks import qr


@require_GET
@public
def trust(request: HttpRequest) -> HttpResponse:
    """A mark to scan, the certificate, how it is installed, and by what one sees that it is the right one."""
    root = _root()
    address = request.build_absolute_uri(reverse("trust"))
    told = {} if root is None else {
        "fingerprint": root.fingerprint(hashes.SHA256()).hex(":").upper().split(":"), "until": root.not_valid_after_utc}
    return render(request, "public/trust.html", {"own": root is not None, "address": address, "qr": qr(address),
                                                 "host": settings.CONFIG.host, **told})


@require_GET
@public
def certificate(request: HttpRequest) -> HttpResponse:
    """The authority's certificate. It holds no secret: everybody who connects may have it."""
    root = _root()
    if root is None:
        raise Missing(_("This centre's certificate comes from elsewhere: nothing need be installed."), code="trust")
    return HttpResponse(root.public_bytes(serialization.Encoding.DER), content_type="application/x-x509-ca-cert",
                        headers={"Content-Disposition": 'attachment; filename="shouwang.crt"'})


def _root() -> x509.Certificate | None:
    config = settings.CONFIG
    if not (config.own_authority and config.root_certificate.exists()):
        return None
    return x509.load_pem_x509_certificate(config.root_certificate.read_bytes())
