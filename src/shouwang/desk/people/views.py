"""The way in."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import nav
from .access import actor, signed_in


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """The first page that opens to this person: a unit's crew to the phone, others to the first entry of their bar."""
    who = actor(request)
    if who.may("position.own") and not who.may("dispatch.recommend"):
        return redirect("/m/")
    entries = nav.entries(who)
    return redirect(entries[0].route) if entries else render(request, "home.html")
