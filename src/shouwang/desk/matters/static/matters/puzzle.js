// The proof of work of a resident's report, in a worker so that the page stays awake. Web Crypto is missing on plain http, and asks one
// promise for each try; SHA-256 (FIPS 180-4) by hand is faster here.
export function solve(token, bits) {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL("./puzzle_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
    worker.onerror = (e) => { worker.terminate(); failed(e); };
    worker.postMessage({ token, bits });
  });
}
