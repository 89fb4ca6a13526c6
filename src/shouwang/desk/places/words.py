"""Sentences about files that rooms below the desk write in English, named here so that pages can say them
in the reader's language. A sentence that is missing here is shown as it is."""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

COUNTED = (
    _("district"),
    _("control_area"),
    _("community"),
    _("cell"),
    _("beat"),
    _("units"),
    _("new"),
    _("landmarks"),
    _("calls"),
    _("kinds"),
    _("nodes"),
    _("edges"),
)
FAULTS = (
    _("this is not a GeoJSON FeatureCollection"),
    _("the file holds no area"),
    _("the feature has no properties"),
    _("a code is 1 to 20 letters, digits, - or _"),
    _("there is no such kind of area"),
    _("a name has 1 to 80 characters"),
    _("unknown setting"),
    _("the geometry cannot be read"),
    _("an area is a Polygon or MultiPolygon"),
    _("coordinates have to be degrees (WGS 84)"),
    _("the polygon crosses or touches itself"),
    _("the code is used twice under this area"),
    _("a district lies in no other area"),
    _("there is no such area above"),
    _("an area of this kind cannot lie in the one above"),
    _("an area of another kind has this path"),
    _("the area reaches beyond the one above"),
    _("the area overlaps its neighbour"),
    _("a community lies wholly inside others"),
    _("no crossing of these streets lies in the district"),
    _("streets come as an OpenStreetMap extract (.osm.pbf) or a folder with two Parquet files"),
    _("the column is missing"),
    _("the column stands there twice"),
    _("the value is missing"),
    _("the name is used twice"),
    _("the name is missing or too long"),
    _("there is no unit"),
    _("there is no such kind of unit"),
    _("there is no such capability"),
    _("the value is not a number, or out of bounds"),
    _("the file holds no calls"),
    _("there is no district yet"),
    _("the file has no such kind"),
    _("the file is empty"),
    _("the file cannot be read"),
    _("neither CSV nor Parquet"),
    _("the row has another number of columns than the heading"),
    _("another number of values than the heading has"),
    _("the file cannot be read as an OpenStreetMap extract"),
    _("the file holds no street for this profile"),
    _("the streets do not hang together"),
    _("a turn that is barred leads from an edge onto one that leaves where it arrives"),
    _("the column has to hold lines as WKB"),
    _("the column has to hold lists of rows"),
    _("the file cannot be read as Parquet"),
    _("the node number is used twice"),
    _("the edge names a node that does not exist"),
    _("there is no edge"),
    _("a coordinate has to be a finite number of metres, or degrees within ±180 and ±90"),
    _("a length or time has to be a finite number, 0 or more"),
    _("no time"),
    _("not a local time"),
    _("not a number of degrees"),
    _("no category"),
    _("an unknown source"),
    _("there is no such kind of landmark"),
    _("there is no such landmark"),
    _("this is no code"),
    _("this is no name"),
    _("the code is used twice"),
    _("the names are too long"),
    _("this point lies outside the district"),
)
REMEDIES = (
    _("Change it in the file and check again."),
    _("Repair the polygon."),
    _("Give it another code."),
    _("Convert them to EPSG:4326."),
    _("Use town, outskirts or country."),
    _("Add that area, or write the path of one that is there, such as d/3/."),
    _("Leave it empty."),
    _("Give one of these."),
    _("Import the streets of the district, or its areas first."),
    _("Use a code of unit_kinds.csv."),
    _("Use codes of capabilities.csv, split by semicolons."),
    _("Shorten it or fill it in."),
    _("Give at least one row."),
    _("Import areas first."),
    _("Fill it in."),
    _("Add it."),
    _("Add it, or rename one."),
    _("Leave one out."),
    _("Give up to 24 characters."),
    _("Give the code of a landmark in use."),
    _("Give up to 80 characters."),
    _("Give up to 200 characters."),
    _("Save it as UTF-8 text with commas and a heading, or as Parquet."),
    _("Name the kind of call."),
    _("Give a PBF file."),
    _("Choose another file."),
    _("Check the directions: from no street can another be reached and left again."),
    _("Give the row of such an edge, counted from 0."),
    _("Write each course as one line in WKB."),
    _("Write lists of whole numbers, counted from 0."),
    _("Write it anew as Parquet."),
    _("Number it anew."),
    _("Add the node or remove the edge."),
    _("Correct the coordinate."),
    _("Give CSV in UTF-8 or Parquet."),
    _("Give a heading and rows."),
    _("Write local time as 2019-09-01T08:30:00."),
)
PATTERNS = (  # sentences with gaps; the first that fits is taken
    _("%(file)s, row %(row)s, column %(column)s"),
    _("%(file)s, row %(row)s"),
    _("%(file)s, column %(column)s"),
    _("%(file)s, feature %(row)s, property %(column)s"),
    _("%(file)s, feature %(row)s, geometry"),
    _("%(file)s, feature %(row)s"),
    _("Row %(row)s has it already; remove or rename one."),
    _("Feature %(row)s has it already; give each its own."),
    _("Give a number from %(least)s to %(most)s."),
    _("Give a finite number."),
    _("Give %(row)s columns."),
    _("Give %(row)s values, as in the heading."),
    _("Give %(what)s."),
    _("Use %(what)s."),
)
_FIGURES = {"row", "least", "most"}


def _matcher(pattern: str) -> re.Pattern[str]:
    """Fits what the pattern may have become; every second part is the name of a gap."""
    def gap(name: str) -> str:
        return rf"(?P<{name}>-?\d+(?:\.\d+)?)" if name in _FIGURES else f"(?P<{name}>.+)"
    parts = re.split(r"%\((\w+)\)s", pattern)
    return re.compile("".join(gap(part) if n % 2 else re.escape(part) for n, part in enumerate(parts)))


_MATCHERS = tuple((pattern, _matcher(pattern)) for pattern in PATTERNS)
_EXACT = frozenset((*COUNTED, *FAULTS, *REMEDIES))


def said(text: str) -> str:
    """A sentence of the rooms below in the reader's language."""
    if text in _EXACT:
        return gettext(text)
    for pattern, matcher in _MATCHERS:
        if found := matcher.fullmatch(text):
            return gettext(pattern) % found.groupdict()
    return text
