"""What an administrator may do with accounts, and what the log and open sessions make of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.people import actions
from shouwang.desk.people.models import Grant, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def area_admin(cast: Any, town: Any) -> Any:
    """An administrator of control area t/1/ alone."""
    return add_admin("area_admin", "t/1/")


def add_admin(name: str, area: str) -> Any:
    from tests.desk.conftest import Person

    user = User.objects.create(username=name, name=name)
    Grant.objects.create(user=user, role=Role.objects.get(code="admin"), area=area)
    return Person(user)


def give(who: Any, whom: Any, role: str, area: str, reason: str = "new post") -> Grant:
    return actions.grant(actor=who.actor, now=timezone.now(), user_id=whom.user.id, role=role, area=area, reason=reason)


def test_a_role_holds_in_its_area_and_below_and_its_reason_is_sealed(cast: Any, town: Any) -> None:
    give(cast.admin, cast.nobody, "dispatcher", "t/1/", "stands in for a colleague")
    who = cast.nobody.actor
    assert who.may("dispatch.assign", "t/1/a/")
    assert not who.may("dispatch.assign", "t/2/")
    event = Event.objects.get(kind="role.granted")
    assert (event.area, event.payload["role"]) == ("t/1/", "dispatcher")
    assert "colleague" not in str(event.payload)
    assert read_reasons([event.id]) == {str(event.id): "stands in for a colleague"}


def test_nobody_gives_what_lies_outside_their_area(cast: Any, area_admin: Any) -> None:
    give(area_admin, cast.nobody, "planner", "t/1/a/")
    for area in ("t/", "t/2/", "x/"):
        with pytest.raises(Denied):
            give(area_admin, cast.nobody, "planner", area)
    with pytest.raises(Denied):
        give(cast.dispatcher, cast.nobody, "planner", "t/1/")
    assert Grant.objects.filter(user=cast.nobody.user).count() == 1


def test_a_narrow_administrator_cannot_take_over_a_wider_account(cast: Any, area_admin: Any) -> None:
    for step in (actions.reset_password, actions.deactivate):
        with pytest.raises(Denied):
            step(actor=area_admin.actor, now=timezone.now(), user_id=cast.dispatcher.user.id, reason="x")
    assert area_admin.client.get(f"/settings/users/{cast.dispatcher.user.id}/").status_code == 404


@pytest.mark.parametrize(
    ("role", "area", "reason", "field"),
    [
        ("planner", "nowhere/", "why", None),
        ("emperor", "t/", "why", "role"),
        ("planner", "t/", "  ", "reason"),
        ("planner", "t/9/", "why", "area"),
    ],
)
def test_grants_are_checked_at_their_fields(
    cast: Any, town: Any, role: str, area: str, reason: str, field: str
) -> None:
    with pytest.raises((Refused, Denied)) as caught:
        give(cast.admin, cast.nobody, role, area, reason)
    assert getattr(caught.value, "field", None) == field


def test_the_same_role_twice_is_a_conflict(cast: Any, town: Any) -> None:
    give(cast.admin, cast.nobody, "planner", "t/")
    with pytest.raises(Conflict):
        give(cast.admin, cast.nobody, "planner", "t/")


def test_the_last_administrator_stays(cast: Any, town: Any) -> None:
    own = Grant.objects.get(user=cast.admin.user)
    with pytest.raises(Refused, match=r".") as caught:
        actions.revoke(actor=cast.admin.actor, now=timezone.now(), grant_id=own.id, reason="leaves")
    assert caught.value.code == "last_admin"
    second = add_admin("second", "t/")
    with pytest.raises(Refused):  # nobody closes the door behind themselves
        actions.deactivate(actor=cast.admin.actor, now=timezone.now(), user_id=cast.admin.user.id, reason="leaves")
    actions.deactivate(actor=second.actor, now=timezone.now(), user_id=cast.admin.user.id, reason="leaves")
    with pytest.raises(Refused):
        actions.revoke(
            actor=second.actor, now=timezone.now(), grant_id=Grant.objects.get(user=second.user).id, reason="x"
        )


def test_an_administrator_of_one_area_is_not_enough_for_the_whole(cast: Any, area_admin: Any) -> None:
    own = Grant.objects.get(user=cast.admin.user)
    with pytest.raises(Refused):
        actions.revoke(actor=cast.admin.actor, now=timezone.now(), grant_id=own.id, reason="leaves")
    theirs = Grant.objects.get(user=area_admin.user)
    actions.revoke(actor=cast.admin.actor, now=timezone.now(), grant_id=theirs.id, reason="leaves")


def test_closing_an_account_ends_its_sessions_keys_and_streams(cast: Any, town: Any) -> None:
    client, other = cast.dispatcher.client, cast.planner.client
    assert client.get("/me/").status_code == 200
    from shouwang.desk.people.tokens import make_token

    make_token(actor=cast.dispatcher.actor, now=timezone.now(), name="wall", days=3)
    actions.deactivate(actor=cast.admin.actor, now=timezone.now(), user_id=cast.dispatcher.user.id, reason="left")
    assert client.get("/me/").status_code == 302
    assert other.get("/me/").status_code == 200
    assert cast.dispatcher.user.tokens.count() == 0
    ended = Event.objects.get(kind="access.ended", subject=str(cast.dispatcher.user.id))
    assert ended.payload["why"] == "deactivated"


def test_a_taken_role_ends_sessions_a_given_one_only_streams(cast: Any, town: Any) -> None:
    client = cast.planner.client
    give(cast.admin, cast.planner, "dispatcher", "t/")
    assert client.get("/me/").status_code == 200
    row = Grant.objects.get(user=cast.planner.user, role="dispatcher")
    actions.revoke(actor=cast.admin.actor, now=timezone.now(), grant_id=row.id, reason="back")
    assert client.get("/me/").status_code == 302
    assert Event.objects.filter(kind="access.ended", subject=str(cast.planner.user.id)).count() == 2


def test_a_new_account_gets_a_password_once(cast: Any, town: Any) -> None:
    answer = cast.admin.client.post(
        "/settings/users/new/", {"username": "li.na", "name": "李娜", "staff_no": "2031", "email": ""}
    )
    user = User.objects.get(username="li.na")
    page = answer.content.decode()
    shown = page.split('class="secret">')[1].split("<")[0]
    assert user.check_password(shown)
    assert shown not in cast.admin.client.get(f"/settings/users/{user.id}/").content.decode()
    assert "李娜" not in str(Event.objects.get(kind="user.created").payload)


@pytest.mark.parametrize("username", ["", "planner", "PLANNER", "with space", "x" * 41])
def test_bad_sign_in_names_are_refused_at_the_field(cast: Any, town: Any, username: str) -> None:
    answer = cast.admin.client.post("/settings/users/new/", {"username": username, "name": "Somebody"})
    assert answer.status_code == 422
    assert 'id="id_username_error"' in answer.content.decode()
    assert 'value="Somebody"' in answer.content.decode()


def test_a_refused_step_shows_the_page_again_with_the_reason_typed(cast: Any, town: Any) -> None:
    answer = cast.admin.client.post(
        f"/settings/users/{cast.nobody.user.id}/grant/",
        {"role": "planner", "area": "t/7/", "reason": "joins the planners"},
    )
    assert answer.status_code == 422
    assert "joins the planners" in answer.content.decode()


def test_the_list_shows_those_in_reach_and_searches(cast: Any, area_admin: Any) -> None:
    give(cast.admin, cast.member, "planner", "t/1/a/")
    page = area_admin.client.get("/settings/users/").content.decode()
    assert "area_admin" in page
    assert ">member<" in page
    assert ">dispatcher<" not in page
    found = cast.admin.client.get("/settings/users/?q=plann").content.decode()
    assert ">planner<" in found
    assert ">dispatcher<" not in found
    exported = cast.admin.client.get("/settings/users/export.csv?q=plann").content.decode("utf-8-sig").splitlines()
    assert len(exported) == 2
    assert exported[1].startswith("planner,")


def test_the_first_administrator_is_made_only_in_an_empty_centre(rules: None) -> None:
    made = actions.first_administrator(
        now=timezone.now(), username="root", password="watch-and-help-7", name="First", area=""
    )
    from shouwang.desk.people.access import actor_of

    assert actor_of(made).may("user.manage", "t/1/")
    with pytest.raises(Conflict):
        actions.first_administrator(
            now=timezone.now(), username="r2", password="watch-and-help-7", name="Second", area=""
        )


def test_a_password_that_an_administrator_read_is_changed_before_all_else(cast: Any, town: Any, client: Any) -> None:
    user, given = actions.create_user(actor=cast.admin.actor, now=timezone.now(), username="fresh", name="Fresh")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/me/").headers["Location"] == "/account/password/change/"
    assert client.get("/api/calls").json()["code"] == "password_given"
    page = client.get("/account/password/change/")
    assert page.status_code == 200 and "先把发给你的密码改掉" in page.content.decode()
    own = "river-Lantern-42"
    done = client.post("/account/password/change/", {"oldpassword": given, "password1": own, "password2": own})
    assert done.headers["Location"] == "/"
    assert client.get("/me/").status_code == 200
    actions.reset_password(actor=cast.admin.actor, now=timezone.now(), user_id=user.id, reason="forgotten")
    client.force_login(User.objects.get(id=user.id), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/me/").headers["Location"] == "/account/password/change/"
