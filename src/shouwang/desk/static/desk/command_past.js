// The lines that who is signed in gave the command bar, for Arrow up on every page and in every tab. Only lines that the centre calls
// plain are kept: reasons, remarks and messages stay nowhere in the browser. Signing out empties it, for whoever sits here next.
const KEEP = 30, SHELF = "commands:", MINE = SHELF + document.body.dataset.who;

/** The oldest first. Read anew each time: another tab may have added to them. */
export const past = () => {
  try { return JSON.parse(localStorage.getItem(MINE) ?? "[]"); } catch { return []; } // where a browser keeps nothing
};

export function remember(line) {
  const lines = past();
  if (lines.at(-1) === line) return;
  try { localStorage.setItem(MINE, JSON.stringify([...lines, line].slice(-KEEP))); } catch { /* it is done all the same */ }
}

/** Whoever's: at one browser the person before may have gone without signing out. */
function forget() {
  try { Object.keys(localStorage).filter((name) => name.startsWith(SHELF)).forEach((name) => localStorage.removeItem(name)); } catch { /* none */ }
}

document.addEventListener("submit", (e) => { if (e.target.matches("form[action*=logout]")) forget(); });
