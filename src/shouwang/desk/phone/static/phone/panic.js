// The panic button: held for two seconds, so that a pocket does not press it; works by keyboard too.
const HOLD_MS = 2000;

/** Calls `raise({lon, lat} or {})` once the button was held long enough, counting down on the button. */
export function panic(button, raise) {
  if (!button) return;
  const label = button.textContent;
  let begun = 0, timer = 0;
  const stop = () => { clearInterval(timer); begun = 0; button.classList.remove("held"); button.textContent = label; };
  const start = (e) => {
    if (e.type === "keydown" && (e.repeat || !["Enter", " "].includes(e.key))) return;
    e.preventDefault();
    hold();
  };
  const hold = () => {
    begun = performance.now();
    button.classList.add("held");
    navigator.vibrate?.(60);
    timer = setInterval(() => {
      const left = HOLD_MS - (performance.now() - begun);
      button.textContent = (Math.max(0, left) / 1000).toFixed(1);
      if (left <= 0) { stop(); navigator.vibrate?.([400, 100, 400]); where().then(raise); }
    }, 50);
  };
  button.addEventListener("pointerdown", start);
  button.addEventListener("keydown", start);
  for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) button.addEventListener(end, () => begun && stop());
  button.addEventListener("contextmenu", (e) => e.preventDefault());
  if (button.matches(":active")) hold(); // pressed while this script was still on its way
}

/** A place helps, waiting for it does not: one second at most. {lon, lat}, or {} where it is not known. */
export const where = () => new Promise((done) => {
  if (!("geolocation" in navigator)) { done({}); return; }
  setTimeout(() => done({}), 1000);
  navigator.geolocation.getCurrentPosition(({ coords }) => done({ lon: coords.longitude, lat: coords.latitude }), () => done({}),
    { maximumAge: 30000, timeout: 1000 });
});
