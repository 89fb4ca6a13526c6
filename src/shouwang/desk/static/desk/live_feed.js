// The stream itself: server-sent events read by fetch, because a page must see the heartbeat (to know that it is stale) and the
// status (to ask for a new ticket), which EventSource hides.

const RETRY_MS = [500, 1000, 2000, 5000];

export class Feed {
  /** `tell` gets {type: "event"|"positions"|"reset"|"up"|"down"|"beat"|"ended", data, at}. */
  constructor(tell) { this.tell = tell; this.last = 0; this.run = 0; this.running = false; this.failures = 0; }

  start(from) {
    this.last = Math.max(this.last, from);
    if (this.running) return;
    this.running = true;
    this.#keep(++this.run);
  }

  stop() { this.running = false; this.abort?.abort(); }

  async #keep(run) {
    while (this.running && run === this.run) {
      try { await this.#follow(await this.#ticket()); } catch { /* told below */ }
      if (!this.running || run !== this.run) return;
      this.tell({ type: "down" });
      const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
      await new Promise((go) => setTimeout(go, wait * (0.75 + Math.random() / 2)));
    }
  }

  async #ticket() {
    const answer = await fetch("/live/ticket/", { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.redirected) { this.stop(); this.tell({ type: "ended" }); }
    if (!answer.ok || !this.running) throw new Error(`ticket ${answer.status}`);
    return answer.json();
  }

  async #follow({ ticket }) {
    this.abort = new AbortController();
    // A silent line is a dead line: the heartbeat comes every 5 s.
    const watch = () => { clearTimeout(this.dog); this.dog = setTimeout(() => this.abort.abort(), 20_000); };
    watch();
    try {
      const answer = await fetch(`/live?ticket=${encodeURIComponent(ticket)}`, { signal: this.abort.signal,
        headers: { Accept: "text/event-stream", "Last-Event-ID": String(this.last) }, cache: "no-store" });
      if (!answer.ok) throw new Error(`stream ${answer.status}`);
      this.failures = 0;
      this.tell({ type: "up", at: Date.now() });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { done, value } = await reader.read();
        if (done) return;
        watch();
        rest = this.#split(rest + value);
        this.tell({ type: "beat", at: Date.now() });
      }
    } finally { clearTimeout(this.dog); }
  }

  /** Hands on the whole messages in `text`; returns the unfinished rest. */
  #split(text) {
    const blocks = text.split(/\r?\n\r?\n/);
    const rest = blocks.pop();
    for (const block of blocks) {
      let type = "message", data = "";
      for (const line of block.split(/\r?\n/)) {
        if (line.startsWith("event:")) type = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trimStart();
      }
      if (data) this.#pass(type, JSON.parse(data));
    }
    return rest;
  }

  #pass(type, data) {
    if (type === "event") this.last = Math.max(this.last, data.seq);
    if (type === "hello" && !this.last) this.last = data.seq;
    if (type === "reset") this.last = Math.max(this.last, data.seq ?? 0);
    if (type === "event" || type === "positions" || type === "reset") this.tell({ type, data, at: Date.now() });
  }
}
