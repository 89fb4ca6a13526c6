// Calls that have to do with one another: linked, or one split in two. Each can be taken back.
import { ask, complain, fill, getJson, nameOf, newId } from "../desk/desk.js";
import { order } from "./board_actions.js";
import { otherCall } from "./board_units.js";

const of = (id, what) => `/api/calls/${id}/${what}`;
const unlink = (id, other, number) => order(of(id, "unlink"), { other }, fill(gettext("No longer linked with %(call)s"), { call: number }));

/** Asks for the other call and links the two. */
export async function link(board, call) {
  const to = await otherCall(board, call, { title: gettext("Link %(call)s with"), confirm: gettext("Link the calls") });
  const number = to && (board.calls.get(to.main)?.number ?? "");
  return to && order(of(call.id, "link"), { other: to.main }, fill(gettext("Linked with %(call)s"), { call: number }), () => unlink(call.id, to.main, number));
}

export const unlinked = (id, { other, number }) => unlink(id, other, number);

/** A second call out of one: its type, and which caller goes over to it. It lies where the first does until it is amended. */
export async function split(id, number, callers) {
  let types;
  try { types = await getJson("/api/types"); } catch (problem) { complain(problem, () => split(id, number, callers)); return null; }
  const given = await ask({ title: fill(gettext("Split %(call)s in two"), { call: number }), confirm: gettext("Make a second call"),
    text: gettext("The second call lies at the same place and waits for dispatch; amend it to put it elsewhere."),
    fields: [{ name: "type", label: gettext("Type of the second call"), options: types.filter((t) => t.parent).map((t) => [t.code, `${t.code} ${nameOf(t)}`]) },
      ...(callers.length > 1 ? [{ name: "caller", label: gettext("Whose words go over"), required: false,
        options: [["", gettext("Nobody's")], ...callers.map((c, i) => [c.id, fill(gettext("caller %(n)s, %(time)s"), { n: i + 1, time: c.at })])] }] : [])] });
  if (!given) return null;
  const part = newId();
  return order(of(id, "split"), { id: part, type: given.type, callers: given.caller ? [given.caller] : [] }, fill(gettext("%(call)s is split in two"), { call: number }),
    () => unsplit(part));
}

export const unsplit = (id) => order(of(id, "unsplit"), {}, gettext("Taken back"));
