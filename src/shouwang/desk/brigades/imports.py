"""Members from Excel, CSV or Parquet: those who serve already when a centre begins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log
from shouwang.desk.people import facts as people
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, read_rows

from .actions import checked, enter
from .models import Member, Team
from .terms import HIRE, KINDS, Contract, Hired

NEEDED = ("team", "kind", "name", "username", "badge", "since")
OPTIONAL = ("armband", "contract_no", "contract_from", "contract_until")
COLUMN = {"contract": "contract_no"}


def check(source: Source) -> Checked:
    """Columns team (its code), kind, name, username, badge, since (2026-03-01); armband, contract_no, contract_from,
    contract_until may be there. Everybody gets an account, which an administrator gives a password; police have one."""
    rows, faults = read_rows(source.path), Faults(keep=200)
    for column in NEEDED:
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(NEEDED)}.")
    if not faults and not len(rows):
        faults.add(rows.file, "there is no member", 0, "Give at least one row.")
    faults.raise_if_any()
    teams = {t.code: t for t in Team.objects.filter(closed_at=None)}
    taken = _Taken()
    found: list[tuple[Team, Hired]] = []
    for i in range(len(rows)):
        before = len(faults)
        said = {c: plain(rows.columns[c][i]) if rows.has(c) else "" for c in (*NEEDED, *OPTIONAL)}
        if said["team"] not in teams:
            faults.add(rows.where(i, "team"), "there is no such team", said["team"], "Give the code of a team in use.")
        if said["kind"] not in KINDS:
            faults.add(rows.where(i, "kind"), "there is no such kind", said["kind"], f"Give one of {', '.join(KINDS)}.")
        days = {c: _day(faults, rows, i, c, said[c], needed=c == "since") for c in ("since", *OPTIONAL[2:])}
        taken.see(faults, rows, i, said)
        given = Hired(said["name"], said["username"], said["kind"], said["badge"], said["armband"],
                      days["since"] or date.min,
                      Contract(said["contract_no"], days["contract_from"], days["contract_until"]))
        if len(faults) == before:
            try:
                found.append((teams[said["team"]], checked(given, timezone.now())))
            except Refused as error:
                column = error.field if rows.has(error.field) else "badge"
                faults.add(rows.where(i, column), str(error.message), said.get(error.field), "Mend this value.")
    faults.raise_if_any()
    return Checked({"members": len(found)}, lambda log: _save(log, found))


class _Taken:
    """Numbers and names that are used already, here and in the file."""

    def __init__(self) -> None:
        standing = Member.objects.filter(left_at=None)
        self.used: dict[str, dict[str, str]] = {
            "badge": dict.fromkeys(Member.objects.values_list("badge", flat=True), ""),
            "armband": dict.fromkeys(standing.exclude(armband="").values_list("armband", flat=True), ""),
            "username": {},
        }
        self.accounts = people.usernames()
        self.members = {str(u) for u in standing.values_list("user", flat=True)}

    def see(self, faults: Faults, rows: Rows, i: int, said: dict[str, str]) -> None:
        for column, used in self.used.items():
            value = said[column].lower() if column == "username" else said[column]
            if value and value in used:
                where = used[value] or "a member of this centre"
                faults.add(rows.where(i, column), f"{where} has it already", said[column], "Give another one.")
            elif value:
                used[value] = f"row {rows.first_row + i}"
        account = self.accounts.get(said["username"].lower())
        if said["kind"] == "police" and (account is None or account in self.members):
            what = "there is no such account" if account is None else "this person is in a team already"
            faults.add(rows.where(i, "username"), what, said["username"], "Give the sign-in name of an officer.")
        elif said["kind"] in KINDS and said["kind"] != "police" and account is not None:
            faults.add(rows.where(i, "username"), "this sign-in name is taken", said["username"], "Give another one.")


def _day(faults: Faults, rows: Rows, i: int, column: str, text: str, *, needed: bool) -> date | None:
    if not text and not needed:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        faults.add(rows.where(i, column), "this is no day", text, "Write it as 2026-03-01.")
        return None


def _save(log: Log, found: list[tuple[Team, Hired]]) -> None:
    for team, given in found:
        row, _password = enter(log, new_id(), team, given, with_password=False)
        log.append("member.hired", subject=("member", row.id), area=team.area, may="team.manage",
                   payload={"member_kind": row.kind})


IMPORTERS: tuple[Any, ...] = (
    Importer("members", 45, gettext_lazy("Members of the brigades"),
             gettext_lazy("Excel, CSV or Parquet with team, kind, name, username, badge, since; armband, contract_no, "
                          "contract_from, contract_until may be there."),
             (".xlsx", ".csv", ".parquet"), check, may=HIRE),
)
