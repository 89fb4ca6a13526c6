// Finds a counter so that SHA-256 of "token:counter" begins with so many zero bits.
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const bitsOf = (x) => (x - Math.floor(x)) * 2 ** 32 | 0;
const K = primes.map((p) => bitsOf(Math.cbrt(p))), H = primes.slice(0, 8).map((p) => bitsOf(Math.sqrt(p)));
const W = new Int32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function block(h, bytes, from) {
  for (let i = 0; i < 16; i++) W[i] = (bytes[from + 4 * i] << 24) | (bytes[from + 4 * i + 1] << 16) | (bytes[from + 4 * i + 2] << 8) | bytes[from + 4 * i + 3];
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = (W[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + W[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
  }
  let [a, b, c, d, e, f, g, k] = h;
  for (let i = 0; i < 64; i++) {
    const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    k = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, k].forEach((v, i) => { h[i] = (h[i] + v) | 0; });
}

export function sha256(bytes) {
  const long = bytes.length, whole = new Uint8Array(Math.ceil((long + 9) / 64) * 64), h = [...H];
  whole.set(bytes);
  whole[long] = 0x80;
  new DataView(whole.buffer).setUint32(whole.length - 4, long * 8);
  for (let at = 0; at < whole.length; at += 64) block(h, whole, at);
  return h;
}

onmessage = ({ data: { token, bits } }) => {
  const text = new TextEncoder();
  for (let counter = 0; ; counter++) {
    const first = sha256(text.encode(`${token}:${counter}`))[0] >>> 0;
    if (Math.clz32(first) >= bits) { postMessage(counter); return; }
  }
};
