"""Disputes in the small town, and the people who settle them."""
from __future__ import annotations

from typing import Any

import pytest

from shouwang.desk.log.ids import new_id
from shouwang.desk.mediation.terms import NewDispute, NewParty

NAMES = ("Wanda Kowalczyk", "Elm Street Bakery")
ACCOUNT = "Flour dust on the balcony since spring"
PARTIES = (NewParty("a", "person", NAMES[0], "314-555-0148", "Elm St 3, flat 2"),
           NewParty("b", "organisation", NAMES[1], "", "Elm St 1"))


@pytest.fixture
def manager(cast: Any) -> Any:
    return another(cast, "manager", "mediation_manager")


def another(cast: Any, name: str, role: str) -> Any:
    """One more of the cast, in the town."""
    from shouwang.desk.people.models import Grant, User

    user = User(username=name, name=name.title())
    user.set_unusable_password()
    user.save()
    Grant.objects.create(user=user, role_id=role, area="t/")
    cast.people[name] = type(cast.mediator)(user)
    return cast.people[name]


@pytest.fixture
def colleague(cast: Any) -> Any:
    """A second mediator."""
    return another(cast, "colleague", "mediator")


@pytest.fixture
def case(cast: Any, town: Any, clock: Any) -> Any:
    """A neighbours' dispute, registered by the clerk (or another)."""
    from shouwang.desk.mediation import actions

    def made(kind: str = "K03", *, by: str = "clerk", parties: Any = PARTIES, source: str = "asked") -> Any:
        new = NewDispute(new_id(), kind, "t/2/b/", ACCOUNT, parties)
        return actions.register(actor=getattr(cast, by).actor, now=clock(), new=new, source=source)
    return made


@pytest.fixture
def move(cast: Any, clock: Any) -> Any:
    """A step of a case by one of the cast."""
    from shouwang.desk.mediation import actions
    from shouwang.desk.mediation.terms import Given

    def moved(row: Any, step: str, by: str = "mediator", *, version: int | None = None, key: Any = None,
              **given: Any) -> Any:
        return actions.move(actor=getattr(cast, by).actor, now=clock(), mediation_id=row.id, transition=step,
                            given=Given(**given), version=version, key=key)
    return moved


@pytest.fixture
def take(cast: Any, clock: Any) -> Any:
    """The mediator (or another) opens the case and declares."""
    from shouwang.desk.mediation import actions

    def taken(row: Any, by: str = "mediator", *, interest: bool = False) -> Any:
        who = getattr(cast, by).actor
        actions.open_case(actor=who, now=clock(), mediation_id=row.id, reason="Check for an interest")
        return actions.declare(actor=who, now=clock(), mediation_id=row.id, interest=interest)
    return taken


@pytest.fixture
def routed(case: Any, move: Any) -> Any:
    """A case at its body that nobody has taken."""
    def made(**given: Any) -> Any:
        row = case(**given)
        move(row, "d_judge", "clerk")
        return move(row, "d_route", "clerk")
    return made


@pytest.fixture
def session(routed: Any, take: Any, move: Any) -> Any:
    """A case in session, in the mediator's hands."""
    def made(**given: Any) -> Any:
        row = routed(**given)
        take(row)
        move(row, "d_consent", both_consents=True)
        return move(row, "d_open")
    return made


@pytest.fixture
def hold(cast: Any, clock: Any) -> Any:
    """A session with minutes, and the agreement unless told otherwise."""
    from datetime import timedelta

    from shouwang.desk.mediation import actions
    from shouwang.desk.mediation.terms import NewSession

    def held(row: Any, *, agreement: bool = True, days: int = 10) -> Any:
        who = cast.mediator.actor
        clock.forward(hours=2)
        new = NewSession(new_id(), clock() - timedelta(hours=1), 50, "room", True, "The bakery will fit a filter.")
        made = actions.record_session(actor=who, now=clock(), mediation_id=row.id, new=new)
        if agreement:
            actions.write_agreement(actor=who, now=clock(), mediation_id=row.id, terms="A filter by 1 December.",
                                    perform_by=clock().date() + timedelta(days=days))
        return made
    return held


@pytest.fixture
def secrets() -> list[str]:
    """What may stand nowhere in the clear."""
    return [*NAMES, "314-555-0148", "Elm St 3", "Elm St 1", "Flour dust", "fit a filter", "A filter by", "runs well"]
