// Maps of one value a pixel that share a chosen pixel and a chosen region; without a map, pixels lie in a plane.
const SIDE = 160;

class Maps {
  // place: {rows, columns}, or {x, y} in a plane; chosen(pixel) and brushed(pixels) are told what the user chose
  constructor(host, place, { chosen, brushed }) {
    this.host = host; this.place = place; this.chosen = chosen; this.brushed = brushed; this.tiles = [];
    this.mapped = "rows" in place;
    if (this.mapped) [this.wide, this.high] = [place.columns, place.rows];
    else {
      [this.wide, this.high] = [SIDE, SIDE];
      const [xs, ys] = [extent(place.x), extent(place.y)];
      this.x = place.x.map(value => (value - xs[0]) / (xs[1] - xs[0]) * SIDE);
      this.y = place.y.map(value => (ys[1] - value) / (ys[1] - ys[0]) * SIDE);
    }
    this.pixel = null; this.region = null;
  }

  tile(name, { scale = "viridis" } = {}) {
    const canvas = element("canvas", { width: this.wide, height: this.high });
    const over = drawn("svg", { viewBox: `0 0 ${this.wide} ${this.high}`, preserveAspectRatio: "none" });
    const hint = `${name}: map; arrow keys choose a pixel, with Shift a region, Escape drops it`;
    const face = element("div", { class: "map", tabindex: 0, role: "application", "aria-label": hint,
      style: `aspect-ratio: ${this.wide} / ${this.high}` }, canvas, over);
    const range = element("span", { class: "range" }), title = element("span", {}, name);
    const strip = element("div", { class: "scale", style: `background: ${gradient(scale)}` });
    this.host.append(element("figure", { "data-map": name },
      element("figcaption", {}, title, range), face, strip));
    const tile = { canvas, over, range, title, colour: scaleOf(scale) };
    this.tiles.push(tile);
    face.addEventListener("pointerdown", event => this.begin(event, face));
    face.addEventListener("pointermove", event => this.extend(event, face));
    face.addEventListener("pointerup", () => { this.from = null; });
    face.addEventListener("pointercancel", () => { this.from = null; });
    face.addEventListener("keydown", event => this.key(event));
    return tile;
  }

  paint(tile, values, name) {
    if (name) tile.title.textContent = name;
    const range = robustRange(values), context = tile.canvas.getContext("2d");
    tile.range.textContent = `${shown(range[0], 2)} … ${shown(range[1], 2)}`;
    const share = value => (value - range[0]) / (range[1] - range[0]);
    if (!this.mapped) {
      context.clearRect(0, 0, SIDE, SIDE);
      for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) {
        context.fillStyle = `rgb(${tile.colour(share(values[i])).join()})`;
        context.fillRect(this.x[i] - 1, this.y[i] - 1, 2, 2);
      }
      return;
    }
    const image = context.createImageData(this.wide, this.high);
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;  // stays transparent, so grey
      image.data.set(tile.colour(share(values[i])), 4 * i);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  at(event, face) {
    const box = face.getBoundingClientRect();
    const inside = (value, most) => Math.max(0, Math.min(most - 1e-6, value));
    return [inside((event.clientX - box.left) / box.width * this.wide, this.wide),
      inside((event.clientY - box.top) / box.height * this.high, this.high)];
  }

  nearest([x, y]) {
    if (this.mapped) return Math.floor(y) * this.wide + Math.floor(x);
    let best = 0, least = Infinity;
    for (let i = 0; i < this.x.length; i++) {
      const distance = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  begin(event, face) {
    if (event.button) return;
    face.setPointerCapture(event.pointerId);
    this.from = this.at(event, face);
    this.choose(this.nearest(this.from));
  }

  extend(event, face) {
    if (!this.from) return;
    const to = this.at(event, face), far = Math.max(...to.map((each, axis) => Math.abs(each - this.from[axis])));
    if (far * face.clientWidth / this.wide > 5) this.brush(this.from, to);  // a hand that shakes is no region
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape" && this.pixel !== null) this.choose(this.pixel);
    else if (way && this.mapped) {
      const from = this.pixel ?? 0, start = [from % this.wide, Math.floor(from / this.wide)];
      const end = event.shiftKey && this.end ? this.end : start;
      const to = [Math.max(0, Math.min(this.wide - 1, end[0] + way[0])), Math.max(0, Math.min(this.high - 1, end[1] + way[1]))];
      if (event.shiftKey) { this.brush(start.map(each => each + 0.5), to.map(each => each + 0.5)); this.end = to; }
      else this.choose(to[1] * this.wide + to[0]);
    } else return;
    event.preventDefault();
  }

  choose(pixel) {
    this.pixel = pixel; this.region = null; this.end = null;
    this.mark(); this.chosen(pixel);
  }

  brush(from, to) {
    const [x0, x1] = [from[0], to[0]].sort((a, b) => a - b), [y0, y1] = [from[1], to[1]].sort((a, b) => a - b);
    const pixels = [];
    if (this.mapped) {
      this.region = [Math.floor(x0), Math.floor(y0), Math.floor(x1) + 1, Math.floor(y1) + 1];
      for (let row = this.region[1]; row < this.region[3]; row++) {
        for (let column = this.region[0]; column < this.region[2]; column++) pixels.push(row * this.wide + column);
      }
    } else {
      this.region = [x0, y0, x1, y1];
      this.x.forEach((x, i) => { if (x >= x0 && x <= x1 && this.y[i] >= y0 && this.y[i] <= y1) pixels.push(i); });
    }
    this.mark(); this.brushed(pixels, this.region);
  }

  mark() {
    let path = "";
    if (this.region) {
      const [x0, y0, x1, y1] = this.region;
      path = `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    } else if (this.pixel !== null) {
      const [x, y] = this.mapped ? [this.pixel % this.wide + 0.5, Math.floor(this.pixel / this.wide) + 0.5]
        : [this.x[this.pixel], this.y[this.pixel]];
      const near = this.wide / 30, far = this.wide / 11;
      path = [[1, 0], [-1, 0], [0, 1], [0, -1]]
        .map(([dx, dy]) => `M${x + dx * near} ${y + dy * near}L${x + dx * far} ${y + dy * far}`).join("");
      path += `M${x - near} ${y - near}h${2 * near}v${2 * near}h${-2 * near}Z`;
    }
    for (const { over } of this.tiles) {
      over.replaceChildren(drawn("path", { class: "under", d: path }), drawn("path", { class: "cross", d: path }));
    }
  }
}
