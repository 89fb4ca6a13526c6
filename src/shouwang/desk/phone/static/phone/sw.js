// The phone without a network: pages and files as they came last. What is pressed meanwhile waits in the outbox (outbox.js).
const PAGES = "phone-pages", FILES = "phone-files", WAIT_MS = 4000;
const LATEST_MS = 12 * 3600_000; // a shift, as long as one stays signed in; older pages are not shown, and deleted
const AT = "/m/at/", POINTS = "/m/points/"; // the mark of a check point opens the list of them, which knows what to do with its code
const OUTSIDE = ["/m/sw.js", "/m/manifest.webmanifest"];
const MOST_FILES = 400;
const MATTERS = "/m/matters/", MOST_MATTERS = 20, MATTER_MS = 10 * 60_000; // of the member's own so many are kept beforehand, each anew after so long
const MATTER = /href="(\/m\/matters\/[0-9a-f-]{36}\/)"/g;
const NAMED = /(?:src|href)="(\/static\/[^"]+\.(?:js|css)|\/i18n\/[^"]*)"|\b(?:from|import)\s*\(?\s*"(\.{0,2}\/[^"]+\.js)"/g; // what a page or a script asks for
const asked = new Set(); // since this worker began: files are fetched once for all pages

addEventListener("install", () => skipWaiting());
addEventListener("activate", (e) => e.waitUntil(clients.claim()));
addEventListener("message", (e) => {
  if (e.data.keep) e.waitUntil(Promise.all(e.data.keep.map((url) => keepWhole(url).catch(() => {}))));
  if (e.data.forget) e.waitUntil(caches.delete(PAGES).then(() => e.ports[0]?.postMessage("done")));
});

addEventListener("fetch", (e) => {
  const url = new URL(e.request.url), path = url.pathname;
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (path.startsWith("/m/") && !OUTSIDE.includes(path)) e.respondWith(newest(e.request, PAGES));
  else if (/^\/(static|map)\/|^\/i18n\//.test(path)) e.respondWith(newest(e.request, FILES));
});

/** The centre's answer; after 4 s without one, or without a network, what was kept. */
async function newest(request, where) {
  const asked = fetch(request).then((answer) => { keep(request, answer.clone()); return answer; });
  const kept = await match(request, where);
  if (!kept) return asked;
  const late = new Promise((go) => setTimeout(go, WAIT_MS, kept));
  return Promise.race([asked.catch(() => kept), late]);
}

async function match(request, where) {
  const path = new URL(request.url).pathname, store = await caches.open(where);
  const answer = await store.match(where === PAGES ? (path.startsWith(AT) ? POINTS : path) : request);
  if (!answer) return null;
  const date = new Date(answer.headers.get("Date") ?? 0);
  if (where === FILES) return answer;
  if (Date.now() - date > LATEST_MS) { await store.delete(path); return null; }
  // The page learns that it is not fresh, and from when it is.
  const text = (await answer.text()).replace("<body ", `<body data-kept="${date.toISOString()}" `);
  return new Response(text, { headers: { "Content-Type": answer.headers.get("Content-Type"),
    "Content-Security-Policy": answer.headers.get("Content-Security-Policy") ?? "" } });
}

/** A page with all that it needs to work: one that was never opened before works without a network too. */
async function keepWhole(url) {
  const answer = await fetch(url);
  await keep(new Request(url), answer.clone());
  if (!answer.ok || answer.redirected) return;
  const text = await answer.text();
  await keepNamed(text, answer.url);
  if (url === MATTERS) await keepMatters(text);
}

/** What the list names, what is to be done first: one after the other, so that a slow line still serves who works with it. */
async function keepMatters(list) {
  const urls = [...new Set([...list.matchAll(MATTER)].map(([, path]) => path))].slice(0, MOST_MATTERS);
  const store = await caches.open(PAGES);
  for (const url of urls) {
    const old = await store.match(url);
    if (!old || Date.now() - new Date(old.headers.get("Date") ?? 0) > MATTER_MS) await keepWhole(url).catch(() => {});
  }
}

async function keepNamed(text, base) {
  await Promise.all([...text.matchAll(NAMED)].map(async ([, path, script]) => {
    const url = new URL(path ?? script, base).href;
    if (asked.has(url)) return;
    asked.add(url);
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) { asked.delete(url); return; } // the next page asks for it again; the others are kept meanwhile
    await keep(new Request(url), answer.clone());
    if (url.endsWith(".js")) await keepNamed(await answer.text(), url);
  }));
}

async function keep(request, answer) {
  const path = new URL(request.url).pathname, page = path.startsWith("/m/");
  if (answer.redirected && page) { await caches.delete(PAGES); return; } // signed out: nothing of the centre stays on the phone
  if (!answer.ok || path.startsWith(AT)) return;
  const store = await caches.open(page ? PAGES : FILES);
  await store.put(page ? path : request, answer.clone());
  if (!page) { const all = await store.keys(); for (const old of all.slice(0, Math.max(0, all.length - MOST_FILES))) await store.delete(old); }
}
