"""How allauth treats accounts here: an administrator makes them, nobody signs up; secrets of second factors
are sealed."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .look import remember


def client_address(request: HttpRequest) -> str:
    """Where the request came from. Wire alone sets the header, and drops what a client sends."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    return forwarded or request.META.get("REMOTE_ADDR") or "127.0.0.1"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The centre sends no mail: what happens to an account stands in the log."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return remember(response, language=user.language, theme=user.theme)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Encrypts the secrets of authenticator apps and recovery codes, so that a backup without keys gives none away."""

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), b"factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = base64.b64decode(encrypted_text)
        return _cipher().decrypt(raw[:12], raw[12:], b"factor").decode()

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        pass

    def _get_site_name(self) -> str:
        return _("Shouwang")


def _cipher() -> AESGCM:
    return AESGCM(hashlib.sha256(settings.CONFIG.secret("factor.key").encode()).digest())
