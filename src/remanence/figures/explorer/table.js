// The page of a run on a table: measured and predicted values of each row, and the response to the inputs.
const data = unpackAll(JSON.parse(byId("data").textContent));
const { targets, rows } = data;
const surface = data.response.axes ? new Surface(data.response) : null;
const PART_COLOURS = ["#8a8f98", "#b97a00", "#d1495b"];
let target = 0, row = data.start, at = surface ? surface.axes.map(axis => axis.values.length >> 1) : [];

byId("facts").textContent = data.facts.join(" · ");
targets.forEach(({ label }, place) => byId("target").append(element("option", { value: place }, label)));
byId("targets").hidden = targets.length < 2;
rows.name.forEach((name, place) => byId("sample").append(element("option", { value: place }, name)));

// ---- parity
const parity = new Plot(byId("parity"), { x: "", y: "", width: 560, height: 520, label: "measured and predicted values" });
parity.svg.style.maxWidth = "640px";

function described(place) {
  const { label, unit, measured, predicted, half_width } = targets[target], with_unit = value => `${shown(value, 4)}${unit}`;
  const facts = [["sample", `${rows.name[place]} (${data.parts[rows.part[place]]})`]];
  if (rows.composition) facts.push(["composition", rows.composition[place]]);
  facts.push(["measured", with_unit(measured[place])]);
  const half = half_width[place];
  facts.push(["predicted", Number.isFinite(half) ? `${shown(predicted[place], 4)} ± ${with_unit(half)} (${data.coverage})` : with_unit(predicted[place])]);
  const [near] = rows.nearest[place];
  if (near !== undefined) {
    const named = rows.composition ? `${rows.name[near]}, ${rows.composition[near]}` : rows.name[near];
    facts.push(["nearest known", `${named}: ${with_unit(measured[near])}, ${shown(rows.distance[place][0], 2)} sd away`]);
  }
  return [facts, rows.inputs.map(({ name, values }) => [name, typeof values[place] === "number" ? shown(values[place], 4) : values[place]])];
}

function drawParity() {
  const { label, measured, predicted, half_width } = targets[target];
  const limits = extent([...measured, ...predicted]);
  parity.name(`measured ${label}`, `predicted ${label}`);
  parity.scale(limits, limits);
  parity.content.replaceChildren(); parity.series.clear();
  parity.line("equal", limits, limits, { stroke: "#9aa3ad", "stroke-width": 1.2, "stroke-dasharray": "4 3" });
  let bars = "";
  measured.forEach((value, place) => {
    const half = half_width[place];
    if (!Number.isFinite(half)) return;
    const [low, high] = [-1, 1].map(sign => Math.max(limits[0], Math.min(limits[1], predicted[place] + sign * half)));
    bars += `M${parity.px(value).toFixed(1)} ${parity.py(low).toFixed(1)}V${parity.py(high).toFixed(1)}`;
  });
  parity.shape("intervals", "path", { stroke: PART_COLOURS[2], "stroke-opacity": 0.18, fill: "none" }).setAttribute("d", bars);
  rows.order.forEach(place => {
    if (!Number.isFinite(predicted[place])) return;
    parity.content.append(drawn("circle", { class: "dot", cx: parity.px(measured[place]).toFixed(1), r: 4,
      cy: parity.py(predicted[place]).toFixed(1), fill: PART_COLOURS[rows.part[place]], "fill-opacity": 0.75, "data-row": place }));
  });
  mark();
}

function mark() {
  parity.content.querySelector(".chosen")?.classList.remove("chosen");
  const dot = parity.content.querySelector(`[data-row="${row}"]`);
  if (dot) { dot.classList.add("chosen"); parity.content.append(dot); }
}

function listNearest() {
  const { label, measured, predicted } = targets[target];
  const head = ["nearest known samples", ...(rows.composition ? ["composition"] : []), `measured ${label}`, "predicted", "sd away"];
  const body = rows.nearest[row].map((near, i) => element("tr", {},
    element("td", {}, element("button", { type: "button", class: "link", onclick: () => choose(near) }, rows.name[near])),
    ...[...(rows.composition ? [rows.composition[near]] : []), shown(measured[near], 4), shown(predicted[near], 4), shown(rows.distance[row][i], 2)]
      .map(cell => element("td", {}, cell))));
  byId("nearest").replaceChildren(element("thead", {}, element("tr", {}, ...head.map(cell => element("th", {}, cell)))), element("tbody", {}, ...body));
}

const rowOf = event => event.target.dataset && event.target.dataset.row !== undefined ? Number(event.target.dataset.row) : null;
parity.svg.addEventListener("click", event => { if (rowOf(event) !== null) choose(rowOf(event)); });
parity.svg.addEventListener("pointermove", event => {
  const place = rowOf(event), tip = byId("tip");
  tip.hidden = place === null;
  if (place === null) return;
  const list = element("dl", { class: "facts" });
  listFacts(list, described(place)[0]);
  tip.replaceChildren(list);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
});
parity.svg.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
byId("legend").replaceChildren(
  ...data.parts.map((name, part) => [name, part]).filter(([, part]) => rows.part.includes(part))
    .map(([name, part]) => element("span", { class: "dots", style: `--colour: ${PART_COLOURS[part]}` }, name)),
  element("span", { class: "dashed", style: "--colour: #9aa3ad" }, "equal"));

// ---- response
const numbers = surface ? surface.axes.map((axis, place) => place).filter(place => !surface.axes[place].categories) : [];
const slices = numbers.map(place => new Plot(byId("slices"), { x: surface.axes[place].label, y: "", width: 300,
  height: numbers.length > 2 ? 185 : 250, label: `prediction against ${surface.axes[place].label}` }));

function drawSlices() {
  const { label, measured } = targets[target], curves = numbers.map(place => surface.along(place, at, target));
  const seen = curves.flatMap(([values, half]) => [...values.map((value, i) => value - (half[i] || 0)), ...values.map((value, i) => value + (half[i] || 0))]);
  const limits = extent([...seen, ...measured]);
  slices.forEach((plot, i) => {
    const place = numbers[i], { values, index } = surface.axes[place], [predicted, half] = curves[i];
    plot.name(surface.axes[place].label, i ? "" : `predicted ${label}`);
    plot.scale(extent(values, 0.02), limits);
    plot.band("interval", values, predicted.map((value, k) => value - half[k]), predicted.map((value, k) => value + half[k]), { fill: PART_COLOURS[2] });
    plot.line("predicted", values, predicted, { stroke: PART_COLOURS[2] });
    plot.dots("here", [values[at[place]]], [predicted[at[place]]], { stroke: "#b97a00", "stroke-width": 10 });
    plot.dots("sample", [rows.x[index][row]], [measured[row]], { stroke: "#0b3954", "stroke-width": 7 });
  });
  const [value, half] = surface.at(at, target), unit = targets[target].unit;
  byId("about").textContent = `predicted here: ${shown(value, 4)}${Number.isFinite(half) ? ` ± ${shown(half)}` : ""}${unit}; ${data.response.about}`;
}

const sliders = surface ? surface.axes.map((axis, place) => {
  const named = i => axis.categories ? axis.values[i] : shown(axis.values[i]);
  const input = element("input", { type: "range", min: 0, max: axis.values.length - 1, step: 1, "data-input": axis.name, "aria-label": axis.label });
  const output = element("output"), known = element("span", { class: "known" });
  const show = () => { input.value = at[place]; output.textContent = named(at[place]); input.setAttribute("aria-valuetext", named(at[place])); };
  input.addEventListener("input", () => { at[place] = Number(input.value); show(); drawSlices(); });
  byId("sliders").append(element("span", { class: "name" }, axis.label), element("div", { class: "slide" }, input), output, known);
  return { show, known, axis };
}) : [];

function choose(next, moves = true) {
  row = next;
  byId("sample").value = row;
  listFacts(byId("where"), described(row).flat());
  mark(); listNearest();
  if (!surface) return;
  const values = surface.axes.map(axis => axis.categories ? rows.inputs.find(({ name }) => name === axis.name).values[row] : rows.x[axis.index][row]);
  if (moves) at = values.map((value, place) => surface.nearest(place, value));
  sliders.forEach(({ show, known, axis }, place) => { show(); known.textContent = `sample: ${axis.categories ? values[place] : shown(values[place])}`; });
  drawSlices();
}

byId("sample").addEventListener("input", event => choose(Number(event.target.value)));
byId("target").addEventListener("input", event => { target = Number(event.target.value); drawParity(); choose(row, false); });
byId("back").addEventListener("click", () => choose(row));
if (!surface) {
  byId("back").hidden = true; byId("inputs-head").hidden = true;
  byId("about").textContent = data.response.why;
}
drawParity();
choose(row);
window.explorer = { surface, choose };
