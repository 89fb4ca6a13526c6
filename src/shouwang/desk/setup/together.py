"""What several bodies and teams do together in an example district, and what is told to its residents: parts of joint
matters, split matters, rosters in force, commendations, a bulletin and a survey. Invented, and marked so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from shouwang.desk.brigades.models import Member, Praise
from shouwang.desk.brigades.terms import PRAISES
from shouwang.desk.bulletins.models import Bulletin, Survey
from shouwang.desk.bulletins.terms import STANDARD
from shouwang.desk.log.ids import new_id
from shouwang.desk.matters.models import JointTask, Matter, OfficeItem
from shouwang.desk.matters.terms import JOINT, OFFICES
from shouwang.desk.places.models import Area
from shouwang.desk.roster.actions.planning import turns_of
from shouwang.desk.roster.advice import asking
from shouwang.desk.roster.models import Roster, Turn
from shouwang.desk.roster.terms import OFF, Chosen, Needed, Question

BY = "setup:example"
JOINED, SPLIT, ROSTERED = 24, 6, 12  # matters with parts of others, matters in two, communities with a roster
BODIES = ("streets_office", "property_co", "power_co", "fire_rescue", "community_committee")
DAYS, ON, WEEK = 14, 5, 7
PRAISED_EVERY = 25
SET_DOWN = (  # kind, names, how many, the office that answers for it
    ("system", "两人值班制度", "Two on duty at all times", None, "综治中心"),
    ("system", "首问登记制度", "Whoever is asked first registers", None, "综治中心"),
    ("room", "矛盾调解室", "Mediation room", 1, "司法所"),
    ("room", "值班室", "Desk", 1, "综治中心"),
    ("equipment", "对讲机", "Handsets", 6, "派出所"),
    ("task", "每日巡查派遣", "Daily rounds sent out", None, "社区治安办公室"),
)


def invent(rows: Sequence[Area], day: date, now: datetime) -> dict[str, int]:
    """How many of each."""
    district = next(a for a in rows if a.kind == "district")
    told = {"parts": _joint(now), "pieces": _split(), "turns": _rosters(day, now), "praises": _praised(day)}
    _tell(district, day, now)
    told["set_down"] = _set_down(rows)
    return told


def _joint(now: datetime) -> int:
    """Matters in hand share parts out, in each of the five ways; some are done, some late."""
    held = list(Matter.objects.filter(example=True, state="handling").order_by("reported_at", "id")[: 2 * JOINED : 2])
    ways, made = list(JOINT)[:5], []
    for n, matter in enumerate(held):
        end = matter.handle_due_at or now + timedelta(days=2)
        state = ("set", "accepted", "done")[n % 3]
        late = end < now and state != "done"
        made.append(JointTask(id=new_id(), matter=matter, joint=ways[n % 5], agency=BODIES[n % 5], state=state,
                              due_at=end, since=matter.since, ends_at=end, set_by=BY, late_at=now if late else None,
                              told="agency" if late else ""))
    JointTask.objects.bulk_create(made)
    return len(made)


def _split() -> int:
    """Complex matters in two parts."""
    alone = Matter.objects.filter(example=True, state__in=("assigned", "handling"), tasks=None)
    found = list(alone.order_by("-reported_at", "id")[: 3 * SPLIT])
    wholes, rest = found[::3], [m for n, m in enumerate(found) if n % 3]
    for n, piece in enumerate(rest):
        of = wholes[n // 2]
        piece.whole, piece.area, piece.place, piece.lon, piece.lat = of, of.area, of.place, of.lon, of.lat
    Matter.objects.bulk_update(rest, ["whole", "area", "place", "lon", "lat"])
    Matter.objects.filter(id__in={piece.whole_id for piece in rest}, state="assigned").update(state="handling")
    return len(rest)


def _rosters(day: date, now: datetime) -> int:
    """Two weeks from Monday in the communities with most guards, by day, evening and night; five days on, two off."""
    teams: dict[str, list[str]] = {}
    for user, area in Member.objects.filter(example=True, kind="full_time_guard", team__rank="team_urban").order_by(
            "team__code", "badge").values_list("user", "team__area"):
        teams.setdefault(area, []).append(str(user))
    monday, made = day - timedelta(days=day.weekday()), []
    for area, users in sorted(teams.items(), key=lambda one: (-len(one[1]), one[0]))[:ROSTERED]:
        needs = tuple(Needed("guard", shift.start, 1, 1) for shift in asking.shifts())
        asked = Question(area, monday, DAYS, tuple(Chosen(user, "guard") for user in users), needs, gaps=True,
                         crews=asking.proposed(area).crews)
        rows = {user: [n % len(needs) if (d + 2 * n) % WEEK < ON else OFF for d in range(DAYS)]
                for n, user in enumerate(users)}
        roster = Roster.objects.create(
            area=area, first=monday, days=DAYS, asked=asked.kept(), given=asking.question(asked), rows=rows,
            made_by=BY, made_at=now, state="done", done_at=now, published_by=BY, published_at=now,
            figures={"status": "feasible", "objective": None, "bound": None, "gap": None, "seconds": 0.0})
        made += turns_of(roster)
    Turn.objects.bulk_create(made)
    return len(made)


def _praised(day: date) -> int:
    members = Member.objects.filter(example=True).exclude(kind="police").order_by("badge")
    kinds = list(PRAISES)
    rows = [Praise(member=m, kind=kinds[n % len(kinds)], day=day - timedelta(days=20 + 9 * n), given_by=BY,
                   reference=f"示例表扬〔2026〕{n + 1}号") for n, m in enumerate(members[::PRAISED_EVERY])]
    Praise.objects.bulk_create(rows)
    return len(rows)


def _set_down(rows: Sequence[Area]) -> int:
    """The same for each office: an example of what one sets down of itself."""
    made = [OfficeItem(id=new_id(), area=a.path, kind=kind, zh=zh, en=en, count=count, answers=answers, example=True)
            for a in rows if a.kind in OFFICES for kind, zh, en, count, answers in SET_DOWN]
    OfficeItem.objects.bulk_create(made)
    return len(made)


def _tell(district: Area, day: date, now: datetime) -> None:
    """One bulletin that anybody may read, and one survey that is open."""
    Bulletin.objects.create(
        id=new_id(), area=district.path, zh="示例公报：电动车请在车棚充电", en="Example: charge e-bikes in the shed",
        text_zh="示例数据。夜间请在车棚里充电，不要在楼道充电。看到楼道被占，扫治安信息点的码上报。",
        text_en="Example data. Charge in the shed at night, never in the stairway. Where an exit is blocked, scan the "
                "mark of a reporting point.",
        state="published", made_by=BY, made_at=now, submitted_by=BY, published_by="setup:centre", published_at=now,
        example=True)  # fmt: skip
    Survey.objects.create(
        id=new_id(), area=district.path, zh="示例问卷：您住的地方安全吗", en="Example: how safe is it?",
        questions=[q.kept() for q in STANDARD], opens_on=day, closes_on=day + timedelta(days=60), state="open",
        made_by=BY, made_at=now, example=True)  # fmt: skip
