"""The settings of a centre, as one table. Each is shown on the settings page and documented from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.tables.live import Rules

from .models import Setting


@dataclass(frozen=True)
class Spec:
    key: str
    default: Any
    label: str | Promise
    help: str | Promise = ""
    minimum: float | None = None
    maximum: float | None = None


SPECS: dict[str, Spec] = {
    s.key: s
    for s in (
        Spec("district_zh", "", _("District, in Chinese")),
        Spec("district_en", "", _("District, in English")),
        Spec("time_zone", "Asia/Shanghai", _("Time zone"), _("An IANA name such as Asia/Shanghai")),
        Spec(
            "example_note",
            "",
            _("Mark shown on every page"),
            _("generated: calls are generated; example: units are examples"),
        ),
        Spec("cover_within_s", 300, _("Response standard for cover, seconds"), "", 60, 3600),
        Spec("recommend_count", 6, _("Units recommended for a call"), "", 1, 20),
        Spec(
            "busy_percent",
            30,
            _("Share of the time a unit is busy, percent"),
            _("How likely a unit is out when the next call comes; weighs what sending one costs the calls to come"),
            0,
            90,
        ),
        Spec(
            "busy_measured",
            True,
            _("Busy share measured from the log where there is one"),
            _("No: the percentage above holds for every service and hour"),
        ),
        Spec("busy_min", 30, _("Minutes a call keeps a unit"), _("Counts the calls that may come meanwhile"), 5, 240),
        Spec(
            "price_percent",
            25,
            _("Weight of the calls to come, percent"),
            _("What a second that they wait longer counts beside one of this call; at level 1 they never count"),
            0,
            100,
        ),
        Spec(
            "other_area_s",
            30,
            _("Own area first: head start of its units, seconds"),
            _("What it is worth that a unit of the call's own control area comes; at level 1 nothing"),
            0,
            600,
        ),
        Spec(
            "move_up_below_percent",
            80,
            _("Cover below which moves are advised, percent"),
            _("Share of the calls expected that a free unit of the service reaches in time"),
            0,
            100,
        ),
        Spec(
            "move_up_gain_s",
            5,
            _("Least gain for advice to move a unit, seconds"),
            _("By how much the next calls have to be reached sooner on average"),
            1,
            120,
        ),
        Spec(
            "move_up_silence_min",
            30,
            _("Minutes without advice about a unit once it was dismissed"),
            "",
            1,
            480,
        ),
        Spec(
            "pace_learned",
            False,
            _("Drive times learned from units' drives"),
            _("Dispatch takes the factors shown under Learned drive times; no: the streets' own times"),
        ),
        Spec("cordon_speed_percent", 100, _("Speed of a vehicle to be shut in, % of the streets' own"), "", 50, 300),
        Spec("cordon_reserve_s", 10, _("Seconds kept for reading and sending a cordon"), "", 0, 120),
        Spec("facility_fresh_h", 6, _("Hours after which a facility is asked again what it takes"), "", 1, 72),
        Spec("closure_days", 7, _("Days a street may be closed at a time"), _("It can be extended"), 1, 60),
        Spec("found_reason", "", _("Forecasts count what patrols found too: why"),
             _("Empty: they do not. Else tours also go to communities drawn by lot, the chance of a visit is logged, "
               "and what was found here since counts corrected by it. The reason is shown with each such forecast")),
        Spec("claim_min", 10, _("Minutes a message or a missed call stays in one person's hand"),
             _("Then it waits for anybody again; what that person has typed is kept"), 2, 60),
        Spec("callback_percent", 20, _("Callers asked afterwards, percent"),
             _("Drawn by lot each day, of each class of type, from those who may be called back"), 0, 100),
        Spec("callback_types", "", _("Callers asked afterwards, percent by class of type"),
             _("Such as 10:50, 50:30; other classes have the share above")),
        Spec("escalation_chain", "dispatcher,duty_commander,next_centre",
             _("Who is told that a time is over, in order"),
             _("Codes of roles, each above the one before; next_centre is the centre above or beside this one")),
        Spec("next_centre", "", _("Next centre"),
             _("Its name and how it is reached, as shown when a call goes that far")),
        Spec("linked_link_h", 24, _("Hours an agency's link opens its task"), _("A new one can be made"), 1, 168),
        Spec("exchange_give_up_h", 24, _("Hours a document for a neighbouring centre is tried"),
             _("Then it is given up, and listed so"), 1, 168),
        Spec("event_command_min", 5, _("Minutes in which command of an event is taken"), _("Later it is an alarm"), 1,
             120),
        Spec("cap_unit", "00000000000000", _("Warnings: who issues, 14 digits"),
             _("GB/T 35965: 6 of the administrative area, 3 of the department, 3 of the unit, 2 more. Zeros until the "
               "centre has been given its own")),
        Spec("cap_sender", "", _("Warnings: name of the sender"),
             _("Without spaces, such as an address; empty: the centre's own host")),
        Spec("chinese_holidays", True, _("Working days by the Chinese calendar of holidays"),
             _("No: Monday to Friday. Deadlines of grid matters in working hours are counted so")),
        Spec("matter_near_m", 100, _("Metres within which a matter may be a repeat"), "", 10, 1000),
        Spec("public_per_hour", 300, _("Residents' reports taken in an hour"), _("Beyond it they are asked to call"), 1,
             10000),
        Spec("puzzle_bits", 16, _("Work a resident's phone does for a report, bits"),
             _("Each bit doubles it; 16 takes about a second. It keeps machines out and follows nobody"), 8, 24),
        Spec("public_url", "", _("Address of this centre for volunteers and residents"),
             _("Stands before the links in messages, such as https://shouwang.example")),
        Spec("lookouts_open", 5, _("Look-outs open at a time, at most"), _("So that they never become a list"), 1, 20),
        Spec("notice_answer_days", 7, _("Days volunteers' answers are kept after a notice's end"), "", 1, 90),
        Spec("claim_days", 1096, _("Days the sealed words of a hurt helper's claim are kept after its end"), "", 183,
             3653),
        Spec("shift_starts", ["07:00", "15:00", "23:00"], _("Shifts begin at")),
        Spec("night_shift", "23:00", _("Tonight's plan is for the shift that begins at")),
        Spec("roster_week_h", 40, _("Rosters: normal hours a week"),
             _("State Council 1995: 40; Labour Law 36: at most 44"), 20, 44),
        Spec("roster_overtime_day_h", 3, _("Rosters: overtime a day, hours at most"), _("Labour Law 41"), 0, 3),
        Spec("roster_overtime_month_h", 36, _("Rosters: overtime a month, hours at most"), _("Labour Law 41"), 0, 36),
        Spec("roster_rest_days", 1, _("Rosters: days of rest a week, at least"), _("Labour Law 38"), 1, 3),
        Spec("roster_rest_h", 11, _("Rosters: hours of rest between two shifts"),
             _("A choice of the centre, no figure of the law"), 8, 24),
        Spec("roster_row_days", 6, _("Rosters: days of duty in a row, at most"),
             _("A choice of the centre, no figure of the law"), 1, 12),
        Spec("roster_comprehensive", False, _("Rosters: hours counted over the whole period"),
             _("Only where the labour office has approved it; in place of overtime a day and a month")),
        Spec("roster_approval", "", _("Rosters: number of that approval by the labour office"),
             _("Without it hours are counted by day and week")),
        Spec("roster_approval_until", "", _("Rosters: last day of that approval"),
             _("As 2027-12-31; a roster that ends later counts hours by day and week")),
        Spec("roster_longest_h", 12, _("Rosters: longest shift in hours where they are counted over the period"), "",
             8, 16),
        Spec("coverage_day", "", _("Day by which every street and community has an office and a whole grid"),
             _("As 2027-12-31; empty: the day of the source")),
        Spec("roster_limit_s", 120, _("Rosters: seconds of search at most"), _("The planner may stop it at any time"),
             5, 3600),
        Spec("roster_off_min", 60, _("Rosters: minutes after the end of a duty when the clock ends it"),
             _("For who clocked on at a desk or post and forgot to clock off"), 10, 240),
        Spec("roster_days", 400, _("Days rosters, leave and wishes are kept after their end"), "", 183, 1096),
        Spec("hearing_days", 5, _("Days a member has to be heard in a matter of discipline"), "", 1, 30),
        Spec("objection_days", 7, _("Days objections to a recruitment result are taken"), "", 3, 30),
        Spec("member_days", 731, _("Days a member's record is kept after leaving"),
             _("Contracts are kept for two years at least: Labour Contract Law 50"), 731, 3650),
        Spec("position_terminal_first", Rules().terminal_first, _("Vehicle's terminal before its crew's phones"),
             _("Whose position is shown while both are fresh; no: the newest one's")),
        Spec("position_fresh_s", Rules().fresh_s, _("Seconds an older position stays fresh beside a newer one"),
             _("Of one unit: of its vehicle's terminal and its crew's phones"), 5, 600),
        Spec("position_jump_kmh", Rules().jump_kmh, _("Speed beyond which a position is marked as a jump, km/h"),
             _("It is kept, and shown with a mark"), 60, 1000),
        Spec("track_days", 30, _("Days tracks are kept"), _("Legal ceiling 30 days"), 1, 30),
        Spec("sealed_days", 90, _("Days a caller's sealed fields are kept after closing"), "", 1, 90),
        Spec("mediation_days", 1095, _("Days a mediation's parties are kept after its end"), "", 183, 1095),
        Spec("mediation_street_people", 10, _("Mediation: from so many people on a street or town settles it"),
             _("A count, never who they are"), 2, 1000),
        Spec("mediation_district_people", 30, _("Mediation: from so many people on the district settles it"),
             _("A count, never who they are"), 2, 10_000),
        Spec("mediation_street_amount", 100_000, _("Mediation: from so much money on a street or town settles it"),
             _("In whole units of money"), 1000, 1_000_000_000),
        Spec("mediation_district_amount", 1_000_000, _("Mediation: from so much money on the district settles it"),
             _("In whole units of money"), 1000, 1_000_000_000),
        Spec("access_days", 365, _("Days access events are kept"), _("Legal floor 6 months"), 183, 3650),
        Spec("closed_shown_min", 15, _("Minutes a closed call stays on the board"), "", 0, 240),
    )
}


def get(key: str) -> Any:
    """The value in force: the administrator's, else the default. KeyError for an unknown name."""
    spec = SPECS[key]
    row = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return spec.default if row is None else row


def get_many(*keys: str) -> dict[str, Any]:
    stored = dict(Setting.objects.filter(key__in=keys).values_list("key", "value"))
    return {k: stored.get(k, SPECS[k].default) for k in keys}
