"""Sentences of the rooms below the desk, in the reader's language."""

from django import template

from ..words import said

register = template.Library()
register.filter("said", lambda text: said(str(text)))
