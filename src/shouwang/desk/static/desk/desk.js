// Every page: the clock in the district's zone, the CSRF token for htmx.
const zone = document.body.dataset.zone;
const skew = Date.parse(document.body.dataset.now) - Date.now();
const clock = document.getElementById("clock");
const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
export const now = () => new Date(Date.now() + skew);
if (clock) { const tick = () => { clock.textContent = format.format(now()); setTimeout(tick, 1000 - now().getMilliseconds()); }; tick(); }
export const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.slice(name.length + 1) ?? "";
document.body.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = cookie("csrftoken"); });
