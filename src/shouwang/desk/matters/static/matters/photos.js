// Photos for a report or an answer: made small on the device, so that they go through a thin line; shown and taken away again.
import { html } from "../desk/desk.js";

const SIDE = 1600, QUALITY = 0.8;

/** input: a file field; list: an element for the small pictures. `.data` holds data addresses. */
export class Photos {
  constructor(input, list, { most = 3, onFault = () => {}, onChange = () => {} } = {}) {
    Object.assign(this, { input, list, most, onFault, onChange, data: [] });
    input.addEventListener("change", () => this.take([...input.files]));
    list.addEventListener("click", (e) => { const b = e.target.closest("button"); if (b) { this.data.splice(Number(b.dataset.i), 1); this.draw(); } });
  }
  async take(files) {
    this.onFault("");
    for (const file of files) {
      if (this.data.length >= this.most) { this.onFault(interpolate(gettext("At most %(n)s photos."), { n: this.most }, true)); break; }
      try { this.data.push(await small(file)); } catch { this.onFault(gettext("This is no photo: a JPEG, PNG or WebP file is needed.")); }
    }
    this.input.value = "";
    this.draw();
  }
  clear() { this.data = []; this.draw(); }
  draw() {
    this.list.innerHTML = html`${this.data.map((src, i) => html`<li><img src="${src}" alt="${interpolate(gettext("Photo %(n)s"), { n: i + 1 }, true)}"><button type="button" data-i="${i}" aria-label="${interpolate(gettext("Take photo %(n)s away"), { n: i + 1 }, true)}">×</button></li>`)}`;
    this.onChange(this.data);
  }
}

async function small(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * share), height: Math.round(picture.height * share) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", QUALITY);
}
