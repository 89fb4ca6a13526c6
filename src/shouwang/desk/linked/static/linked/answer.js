// The agency's page: shows what the desk did meanwhile, unless somebody is writing.
const main = document.getElementById("main"), ASK_MS = 10_000;
const writing = () => [...document.querySelectorAll("textarea")].some((t) => t.value.trim() || t === document.activeElement);

setInterval(async () => {
  if (document.visibilityState !== "visible" || writing()) return;
  try {
    const answer = await fetch(`${location.pathname}version.json`, { cache: "no-store" });
    const { version } = await answer.json();
    if (version !== Number(main.dataset.version) && !writing()) location.replace(location.pathname);
  } catch { /* no network: asked again */ }
}, ASK_MS);
