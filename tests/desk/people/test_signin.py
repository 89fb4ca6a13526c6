"""Sign-in with the real pages: passwords, lockout, second factor, and the events they leave."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.test import Client

from shouwang.desk.log.models import Event
from shouwang.desk.people.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "watch-and-help-7"


@pytest.fixture
def dispatcher(cast: Any) -> User:
    user: User = cast.dispatcher.user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, password: str = PASSWORD, name: str = "dispatcher", **headers: str) -> Any:
    return client.post("/account/login/", {"login": name, "password": password}, headers=headers)


def kinds(user: User) -> list[str]:
    return list(
        Event.objects.filter(subject_kind="user", subject=str(user.id)).order_by("seq").values_list("kind", flat=True)
    )


def test_sign_in_and_out_are_events(dispatcher: User) -> None:
    client = Client()
    assert sign_in(client).status_code == 302
    assert client.get("/me/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/me/").status_code == 302
    assert kinds(dispatcher) == ["auth.signed_in", "auth.signed_out", "access.ended"]


def test_every_page_of_the_sign_in_library_has_our_frame(dispatcher: User) -> None:
    client = Client()
    assert 'class="entry-box' in client.get("/account/login/").content.decode()
    sign_in(client)
    for path in ("password/change/", "logout/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/"):
        page = client.get(f"/account/{path}", follow=True).content.decode()
        assert 'class="entry-box' in page, path
        assert "注册" not in page, path


def test_sign_in_brings_the_accounts_language_and_theme(dispatcher: User) -> None:
    User.objects.update(language="en", theme="dark")
    answer = sign_in(Client())
    assert answer.cookies["django_language"].value == "en"
    assert answer.cookies["theme"].value == "dark"


def test_five_failures_lock_the_name_from_that_device_alone(dispatcher: User) -> None:
    client = Client()
    for _n in range(5):
        answer = sign_in(client, "wrong", **{"X-Forwarded-For": "10.0.0.9"})
    assert answer.status_code == 429
    assert "15" in answer.content.decode()
    assert sign_in(client, **{"X-Forwarded-For": "10.0.0.9"}).status_code == 429
    assert sign_in(Client(), **{"X-Forwarded-For": "10.0.0.10"}).status_code == 302
    found = kinds(dispatcher)
    assert found.count("auth.failed") >= 5
    assert "auth.locked" in found


def test_what_was_typed_as_a_name_is_kept_nowhere_in_the_log(dispatcher: User) -> None:
    sign_in(Client(), "x", name="my-password-typed-too-early")
    event = Event.objects.get(kind="auth.failed")
    assert event.subject == "unknown"
    assert not any("too-early" in str(getattr(event, f.attname)) for f in Event._meta.concrete_fields)


def test_second_factor_is_asked_and_its_secret_is_not_stored_in_the_clear(dispatcher: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(dispatcher, secret)
    assert secret not in str(Authenticator.objects.get(user=dispatcher).data)
    client = Client()
    answer = sign_in(client)
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/me/").status_code == 302
    assert client.get("/account/2fa/authenticate/").status_code == 200
    from allauth.mfa.totp.internal.auth import format_hotp_value, yield_hotp_counters_from_time

    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/me/").status_code == 200


def test_nobody_signs_up_or_resets_by_mail() -> None:
    for path in ("signup/", "email/", "password/reset/", "password/set/"):
        assert Client().get(f"/account/{path}").status_code == 404, path


def test_password_change_needs_the_old_one_and_is_an_event(dispatcher: User) -> None:
    client = Client()
    sign_in(client)
    new = {"password1": "lantern-on-the-wall", "password2": "lantern-on-the-wall"}
    assert client.post("/account/password/change/", {"oldpassword": "wrong", **new}).status_code == 200
    assert client.post("/account/password/change/", {"oldpassword": PASSWORD, **new}).status_code == 302
    assert sign_in(Client(), "lantern-on-the-wall").status_code == 302
    assert "auth.password_changed" in kinds(dispatcher)


def test_a_closed_account_cannot_sign_in(dispatcher: User) -> None:
    User.objects.update(is_active=False)
    client = Client()
    sign_in(client)
    assert client.get("/me/").status_code == 302
