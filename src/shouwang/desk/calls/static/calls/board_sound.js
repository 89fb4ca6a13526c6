// What the board says aloud. New level 1: two tones, again each 10 s until opened. New level 2: one. A call past its time: one low
// tone. Panic: until acknowledged. A mute lasts 10 min and never covers panic.

const MUTE_MS = 600_000, AGAIN_MS = 10_000, PANIC_MS = 1_200;
let audio = null;
const unlock = () => { audio ??= window.AudioContext ? new AudioContext() : null; audio?.resume(); };
addEventListener("pointerdown", unlock);
addEventListener("keydown", unlock);

function tones(...notes) {
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime + 0.02;
  for (const [hertz, seconds] of notes) {
    const wave = audio.createOscillator(), gain = audio.createGain();
    wave.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
    gain.gain.setValueAtTime(0.2, at + seconds - 0.04);
    gain.gain.linearRampToValueAtTime(0, at + seconds);
    wave.connect(gain).connect(audio.destination);
    wave.start(at); wave.stop(at + seconds);
    at += seconds + 0.04;
  }
}

export class Sounds {
  constructor(button) {
    this.unopened = new Set(); // level 1 calls nobody here has opened
    this.late = new Set();
    this.panics = new Set();
    this.button = button;
    this.until = Number(sessionStorage.getItem("muted-until") ?? 0);
    button.addEventListener("click", () => this.mute(this.muted ? 0 : Date.now() + MUTE_MS));
    setInterval(() => this.unopened.size && this.#play([880, 0.18], [660, 0.24]), AGAIN_MS);
    setInterval(() => this.panics.size && tones([1046, 0.25], [784, 0.25]), PANIC_MS);
    setInterval(() => this.#tell(), 1000);
    this.#tell();
  }

  get muted() { return Date.now() < this.until; }
  mute(until) { this.until = until; sessionStorage.setItem("muted-until", String(until)); this.#tell(); }
  #play(...notes) { if (!this.muted) tones(...notes); }

  newCall(call) {
    if (call.severity === 1) { this.unopened.add(call.id); this.#play([880, 0.18], [660, 0.24]); }
    if (call.severity === 2) this.#play([660, 0.22]);
  }
  opened(id) { this.unopened.delete(id); }
  overdue(id) { if (!this.late.has(id)) { this.late.add(id); this.#play([220, 0.4]); } }
  panic(id, on) { this.panics[on ? "add" : "delete"](id); }

  #tell() {
    const left = Math.max(0, Math.ceil((this.until - Date.now()) / 1000));
    const text = left ? `${gettext("Muted")} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : gettext("Sound on");
    if (this.button.textContent !== text) this.button.textContent = text;
    this.button.setAttribute("aria-pressed", String(Boolean(left)));
  }
}
