"""A few invented sites and hazards of an example district, one in every so many communities."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shouwang.desk.places.models import Area
from shouwang.desk.sites.models import Facility, Hazard, Site
from shouwang.desk.sites.terms import site_kinds

from .example import Example

KINDS = {  # kind of site → its hazard
    "bank": "", "school_site": "steep_stairs", "petrol_site": "fuel", "hospital": "", "mall": "blocked_exit",
    "factory": "chemicals", "street_shop": "dog", "care_home": "no_lift", "shelter_site": "",
}
TAKES = {"hospital": 120, "shelter_site": 800}  # places of the facilities
HOLDS = timedelta(days=180)


def site_rows(example: Example, areas: Sequence[Area],
              now: datetime) -> tuple[list[Site], list[Hazard], list[Facility]]:
    """Sites at the middle of communities, named in the language of the place. Nobody has a key to them. Hospital and
    shelter take people in."""
    communities = [a for a in areas if a.kind == "community"]
    chinese = example.time_zone.startswith("Asia/")
    sites, hazards = [], []
    for n, (code, hazard) in enumerate(KINDS.items()):
        at, kind = communities[n * len(communities) // len(KINDS)], site_kinds()[code]
        name = f"{at.zh}{kind.zh}" if chinese else f"{at.en} {kind.en}"
        site = Site(code=f"E{n + 1}", name=name[:80], kind=code, lon=at.lon, lat=at.lat, area=at.path,
                    obliged=kind.obliged, example=True)
        sites.append(site)
        if hazard:
            hazards.append(Hazard(site=site, kind=hazard, lon=at.lon, lat=at.lat, area=at.path, owner="site_office",
                                  until=(now + HOLDS).date(), added_at=now))
    facilities = [Facility(site=s, state="open", free=TAKES[s.kind] // 4, places=TAKES[s.kind], told_at=now,
                           told_by="system:example") for s in sites if s.kind in TAKES]
    return sites, hazards, facilities
