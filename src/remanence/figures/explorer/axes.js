// A small plot as SVG: axes with round ticks, lines, dots and bands; it is drawn again by setting what has changed.
const SVG = "http://www.w3.org/2000/svg";

function drawn(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function extent(values, margin = 0.05) {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (Number.isFinite(value)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const more = margin * (high - low || Math.abs(high) || 1);
  return [low - more, high + more];
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const tenTo = power => `10${power < 0 ? "⁻" : ""}${[...String(Math.abs(power))].map(digit => SUPERSCRIPTS[digit]).join("")}`;

function powerOf([low, high]) {  // of ten, that the ticks of very small or large numbers are written in
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest > 0 && (largest < 1e-2 || largest >= 1e5) ? Math.floor(Math.log10(largest)) : 0;
}

function roundTicks([low, high], most = 5) {
  const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find(each => each * power >= raw) || 10);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step);
  const digits = Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) - 1e-9) + (Math.abs(step / power - 2.5) < 1e-6)));
  return ticks.map(tick => [tick, (Math.abs(tick) < 1e-12 * step ? 0 : tick).toFixed(digits).replace("-", "−")]);
}

class Plot {
  constructor(host, { x, y, width = 320, height = 250, label = "" }) {
    this.width = width; this.height = height;
    this.box = { left: 50, right: 8, top: 24, bottom: 38 };
    this.svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": label || y });
    this.grid = drawn("g"); this.content = drawn("g"); this.series = new Map();
    const { left, top, right, bottom } = this.box;
    this.frame = drawn("path", { class: "frame", d: `M${left} ${top}V${height - bottom}H${width - right}` });
    this.names = [drawn("text", { class: "name", x: 0, y: 13 }),
      drawn("text", { class: "name", x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" })];
    this.name(x, y);
    this.svg.append(this.grid, this.frame, this.content, ...this.names);
    host.append(this.svg);
  }

  name(x, y) { this.y = y; this.names[0].textContent = y; this.names[1].textContent = x; }

  scale(xs, ys) {
    const { left, right, top, bottom } = this.box, wide = this.width - left - right, high = this.height - top - bottom;
    this.xs = xs; this.ys = ys;
    this.px = value => left + (value - xs[0]) / (xs[1] - xs[0]) * wide;
    this.py = value => top + (ys[1] - value) / (ys[1] - ys[0]) * high;
    this.grid.replaceChildren();
    for (const [value, text] of roundTicks(xs, Math.max(3, wide / 55))) {
      const at = this.px(value), label = drawn("text", { x: at, y: top + high + 15, "text-anchor": "middle" });
      label.textContent = text;
      this.grid.append(drawn("path", { class: "tick", d: `M${at} ${top}V${top + high}` }), label);
    }
    const power = powerOf(ys), unit = 10 ** power;
    this.names[0].textContent = power ? `${this.y}, × ${tenTo(power)}` : this.y;
    for (const [value, text] of roundTicks(ys.map(each => each / unit), Math.max(3, high / 40))) {
      const at = this.py(value * unit), label = drawn("text", { x: left - 6, y: at + 4, "text-anchor": "end" });
      label.textContent = text;
      this.grid.append(drawn("path", { class: "tick", d: `M${left} ${at}H${left + wide}` }), label);
    }
  }

  shape(name, kind, attributes) {
    if (!this.series.has(name)) {
      const made = drawn(kind, { "data-series": name, ...attributes });
      this.series.set(name, made);
      this.content.append(made);
    }
    return this.series.get(name);
  }

  path(x, y) {
    let text = "", pen = "M";
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(y[i])) { pen = "M"; continue; }
      text += `${pen}${this.px(x[i]).toFixed(1)} ${this.py(y[i]).toFixed(1)}`;
      pen = "L";
    }
    return text;
  }

  line(name, x, y, attributes) {
    this.shape(name, "path", { fill: "none", "stroke-width": 2, "stroke-linejoin": "round", ...attributes })
      .setAttribute("d", y ? this.path(x, y) : "");
  }

  dots(name, x, y, attributes) {
    let text = "";
    if (y) for (let i = 0; i < x.length; i++) if (Number.isFinite(y[i])) {
      text += `M${this.px(x[i]).toFixed(1)} ${this.py(y[i]).toFixed(1)}h0`;  // round caps make dots of empty lines
    }
    this.shape(name, "path", { fill: "none", "stroke-linecap": "round", "stroke-width": 4.2, ...attributes })
      .setAttribute("d", text);
  }

  // a quadrilateral for each pair of steps, because a loop turns back; all turn one way round, so that none is cut out
  band(name, x, low, high, attributes) {
    let text = "";
    if (low) for (let i = 1; i < x.length; i++) {
      const [a, b] = x[i - 1] <= x[i] ? [i - 1, i] : [i, i - 1];
      const corners = [[x[a], low[a]], [x[b], low[b]], [x[b], high[b]], [x[a], high[a]]];
      if (corners.some(([, value]) => !Number.isFinite(value))) continue;
      text += "M" + corners.map(([a, b]) => `${this.px(a).toFixed(1)} ${this.py(b).toFixed(1)}`).join("L") + "Z";
    }
    this.shape(name, "path", { stroke: "none", "fill-opacity": 0.2, ...attributes }).setAttribute("d", text);
  }
}
