// The page of a run on a chain: the latents of each scale in a plane, coloured by any quantity, and each row's predictions.
const data = unpackAll(JSON.parse(byId("data").textContent));
const CATEGORY_COLOURS = ["#0b3954", "#d1495b", "#edae49", "#3fa7d6", "#7b4b94", "#5f6a76", "#1f9e89", "#b5703c", "#c98bb9", "#9aa3ad"];
const ROUNDED = 1e-4;  // a packed zero may be a little off
const ABSENT = new Set(["0", "0.0", "", "nan", "None"]);  // an element that a composition has not, an empty cell
const GREY = "#c9ced4";
let scale = data.scales[data.scales.length - 1], row = 0, colour = 0;

byId("facts").textContent = data.facts.join(" · ");
data.scales.forEach(({ name }, place) => byId("scale").append(element("option", { value: place }, name)));
byId("scale").value = data.scales.length - 1;
const plane = new Plot(byId("plane"), { x: "", y: "", width: 560, height: 500, label: "latents" });
plane.svg.style.maxWidth = "640px";

function useScale() {
  row = 0; colour = 0;
  byId("colour").replaceChildren(...scale.colours.map(({ label }, place) => element("option", { value: place }, label)));
  byId("sample").replaceChildren(...scale.rows.name.map((name, place) => element("option", { value: place }, name)));
  plane.name(...scale.axes);
  plane.scale(extent(scale.x), extent(scale.y));
  plane.content.replaceChildren(...Array.from(scale.x, (x, place) => drawn("circle", { class: "dot", r: 3.6, "fill-opacity": 0.8,
    cx: plane.px(x).toFixed(1), cy: plane.py(scale.y[place]).toFixed(1), "data-row": place })));
  paint(); choose(0);
}

function paint() {
  const { label, values, categories } = scale.colours[colour], key = byId("key"), dots = plane.content.querySelectorAll("[data-row]");
  let of;
  if (categories) {
    of = place => CATEGORY_COLOURS[Math.min(values[place], CATEGORY_COLOURS.length - 1)];
    const seen = categories.slice(0, CATEGORY_COLOURS.length - 1);
    if (categories.length > seen.length) seen.push(categories.length === seen.length + 1 ? categories[seen.length] : "others");
    key.replaceChildren(element("div", { class: "legend" }, ...seen.map((name, place) =>
      element("span", { class: "dots", style: `--colour: ${CATEGORY_COLOURS[place]}` }, name))));
  } else {
    const range = robustRange(values), shade = scaleOf("viridis");
    of = place => Number.isFinite(values[place]) ? `rgb(${shade((values[place] - range[0]) / (range[1] - range[0])).join()})` : GREY;
    key.replaceChildren(element("div", { class: "scale", style: `background: ${gradient("viridis")}; height: 9px; max-width: 380px` }),
      element("p", { class: "note" }, `${shown(range[0])} … ${shown(range[1])}: ${label}`));
  }
  dots.forEach(dot => dot.setAttribute("fill", of(Number(dot.dataset.row))));
}

function tableOf(host, head, body) {
  host.replaceChildren(element("thead", {}, element("tr", {}, ...head.map(cell => element("th", {}, cell)))),
    element("tbody", {}, ...body.map(cells => element("tr", {}, ...cells.map(cell => element("td", {}, cell))))));
}

const named = place => `${scale.rows.name[place]} (${data.parts[scale.rows.part[place]]})`;

function choose(next) {
  row = next;
  byId("sample").value = row;
  plane.content.querySelector(".chosen")?.classList.remove("chosen");
  const dot = plane.content.querySelector(`[data-row="${row}"]`);
  dot.classList.add("chosen"); plane.content.append(dot);
  listFacts(byId("where"), [["sample", named(row)], ...scale.texts.map(({ name, values }) => [name, values[row]]).filter(([, text]) => !ABSENT.has(text))]);
  tableOf(byId("predictions"), ["property", "measured", "predicted", "error"], scale.targets.map(({ label, measured, predicted, half_width }) => {
    const half = half_width[row];
    return [label, shown(measured[row], 4), shown(predicted[row], 4) + (Number.isFinite(half) ? ` ± ${shown(half)}` : ""),
      shown(predicted[row] - measured[row])];
  }));
  listFacts(byId("inputs"), scale.inputs
    .filter(({ values }) => Math.abs(values[row]) > ROUNDED * extent(values, 0).reduce((a, b) => Math.max(Math.abs(a), Math.abs(b))))
    .slice(0, 24).map(({ name, values }) => [name, shown(values[row], 4)]));
  const [{ label, measured, predicted }] = scale.targets;
  tableOf(byId("nearest"), ["nearest known samples", `measured ${label}`, "predicted", "sd away"], scale.rows.nearest[row].map((near, i) => [
    element("button", { type: "button", class: "link", onclick: () => choose(near) }, scale.rows.name[near]),
    shown(measured[near], 4), shown(predicted[near], 4), shown(scale.rows.distance[row][i], 2)]));
}

const rowOf = event => event.target.dataset && event.target.dataset.row !== undefined ? Number(event.target.dataset.row) : null;
plane.svg.addEventListener("click", event => { if (rowOf(event) !== null) choose(rowOf(event)); });
plane.svg.addEventListener("pointermove", event => {
  const place = rowOf(event), tip = byId("tip"), { label, values, categories } = scale.colours[colour];
  tip.hidden = place === null;
  if (place === null) return;
  tip.textContent = `${named(place)}: ${label} ${categories ? categories[values[place]] : shown(values[place], 4)}`;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
});
plane.svg.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
byId("scale").addEventListener("input", event => { scale = data.scales[Number(event.target.value)]; useScale(); });
byId("colour").addEventListener("input", event => { colour = Number(event.target.value); paint(); });
byId("sample").addEventListener("input", event => choose(Number(event.target.value)));
useScale();
window.explorer = { choose };
