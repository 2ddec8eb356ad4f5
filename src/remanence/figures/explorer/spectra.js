// The page of a run on spectra: maps, the spectra of a pixel or a region, and what the decoder makes of any latents.
const data = unpackAll(JSON.parse(byId("data").textContent));
const { latents, channels, axis, stages, decoder: described } = data;
const steps = axis.values.length, pixels = data.valid.length;
const COLOUR = { measured: "var(--measured)", made: "var(--made)", moved: "var(--moved)" };
let chosen = { kind: "none" }, position = latents.map(latent => latent.middle), touched = false;

byId("facts").textContent = data.facts.join(" · ");

// ---- the decoder, which is not believed until it has decoded the probes as the model did
const decode = described.parts ? makeDecoder(described) : null;
const given = new Float32Array(data.number_of_latents);

function decoded(at) {  // the value of each kept latent to channels of steps, in physical units
  latents.forEach((latent, place) => { given[latent.place] = at[place]; });
  const laidOut = decode(given), { mean, sd } = data.scaling;
  return channels.map((_, channel) => Float32Array.from(axis.values, (_, step) => {
    const at = (mean.length > channels.length ? step * channels.length : 0) + channel;
    return laidOut[data.places[step * channels.length + channel]] * sd[at] + mean[at];
  }));
}

function errorOf(probe) {  // the largest one, in shares of the range of each channel
  const made = decoded(data.probes.latents.subarray(probe * latents.length, (probe + 1) * latents.length));
  let worst = 0;
  channels.forEach((_, channel) => {
    const wanted = data.probes.spectra[channel].subarray(probe * steps, (probe + 1) * steps);
    const range = Math.max(...wanted) - Math.min(...wanted) || 1;
    for (let step = 0; step < steps; step++) {
      const error = Math.abs(made[channel][step] - wanted[step]) / range;
      worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
    }
  });
  return worst;
}

// ---- maps
const maps = new Maps(byId("maps"), data.map || { x: latents[0].mean, y: (latents[1] || latents[0]).mean }, {
  chosen: pixel => { if (data.valid[pixel]) look({ kind: "pixel", pixel }); },
  brushed: (inside, region) => look({ kind: "region", pixels: inside.filter(pixel => data.valid[pixel]), region }),
});
const tiles = latents.map(latent => maps.tile(latent.name));
for (const quantity of data.quantities) maps.paint(maps.tile(quantity.name, { scale: "cividis" }), quantity.values);
const stage = byId("stage"), choice = byId("shown");
if (latents.every(latent => latent.sd)) choice.append(element("option", { value: "sd" }, "sd"));
else choice.parentElement.hidden = true;
if (stages.length) {
  byId("stages").hidden = false;
  stage.max = stages.length; stage.value = stages.length;
}

function paintLatents() {
  const at = stages.length ? Number(stage.value) : 0, final = at === stages.length;
  const sd = final && choice.value === "sd";
  choice.disabled = !final;
  byId("stage-name").textContent = final ? "final" : stages[at].name;
  latents.forEach((latent, place) => {
    maps.paint(tiles[place], final ? latent[sd ? "sd" : "mean"] : stages[at].latents[place], latent.name + (sd ? ", sd" : ""));
  });
}
stage.addEventListener("input", paintLatents);
choice.addEventListener("change", paintLatents);

// ---- spectra
const plots = channels.map(({ label }) => new Plot(byId("loops"), { x: axis.label, y: label, height: 285, label: `${label} against ${axis.label}` }));
const xs = extent(axis.values, 0.03);

function meanAndSpread(values, of) {
  const mean = new Float32Array(steps), spread = new Float32Array(steps);
  for (let step = 0; step < steps; step++) {
    let sum = 0, squares = 0;
    for (const pixel of of) sum += values[pixel * steps + step];
    mean[step] = sum / of.length;
    for (const pixel of of) squares += (values[pixel * steps + step] - mean[step]) ** 2;
    spread[step] = Math.sqrt(squares / of.length);
  }
  return [mean, spread];
}

function drawSpectra() {
  const moved = decode && (touched || chosen.kind === "none") ? decoded(position) : null;
  plots.forEach((plot, place) => {
    const { measured, made } = channels[place], own = { measured: null, made: null, low: null, high: null };
    if (chosen.kind === "pixel") {
      const part = [chosen.pixel * steps, (chosen.pixel + 1) * steps];
      own.measured = measured.subarray(...part); own.made = made.subarray(...part);
    } else if (chosen.kind === "region") {
      let spread;
      [own.measured, spread] = meanAndSpread(measured, chosen.pixels);
      own.made = meanAndSpread(made, chosen.pixels)[0];
      own.low = own.measured.map((value, step) => value - spread[step]);
      own.high = own.measured.map((value, step) => value + spread[step]);
    }
    const seen = [own.measured, own.made, own.low, own.high, moved && moved[place]].filter(Boolean);
    plot.scale(xs, extent(seen.flatMap(values => [...values])));
    plot.band("spread", axis.values, own.low, own.high, { fill: COLOUR.measured });
    plot.dots("measured", axis.values, own.measured, { stroke: COLOUR.measured, "stroke-opacity": 0.7 });
    plot.line("reconstructed", axis.values, own.made, { stroke: COLOUR.made });
    plot.line("decoded", axis.values, moved && moved[place],
      { stroke: COLOUR.moved, "stroke-dasharray": "6 3", "stroke-width": 2.4 });
  });
}

function legend() {
  const region = chosen.kind === "region", entries = [];
  if (chosen.kind !== "none") {
    entries.push([region ? "measured, mean" : "measured", COLOUR.measured, "dots"]);
    if (region) entries.push(["± sd over the region", COLOUR.measured, "band"]);
    entries.push([region ? "reconstructed, mean" : "reconstructed", COLOUR.made, "line"]);
  }
  if (decode) entries.push(["decoded at the sliders", COLOUR.moved, "dashed"]);
  byId("legend").replaceChildren(...entries.map(([text, colour, kind]) => element("span", { class: kind, style: `--colour: ${colour}` }, text)));
}

// ---- sliders
const rows = latents.map((latent, place) => {
  const input = element("input", { type: "range", min: latent.low, max: latent.high, "data-latent": latent.place + 1,
    step: (latent.high - latent.low) / 400, "aria-label": latent.name, disabled: decode ? null : "" });
  const output = element("output"), known = element("span", { class: "known" }), bar = element("div", { class: "posterior" });
  input.addEventListener("input", () => {
    position[place] = Number(input.value); touched = true;
    output.textContent = shown(position[place]);
    drawSpectra();
  });
  byId("sliders").append(element("span", { class: "name" }, latent.name), element("div", { class: "slide" }, input, bar), output, known);
  return { input, output, known, bar };
});

function setSliders(values) {
  position = [...values]; touched = false;
  rows.forEach(({ input, output }, place) => { input.value = values[place]; output.textContent = shown(values[place]); });
}

function showPosterior() {
  latents.forEach((latent, place) => {
    const { known, bar } = rows[place], share = value => 100 * Math.max(0, Math.min(1, (value - latent.low) / (latent.high - latent.low)));
    let middle = null, spread = null, text = "";
    if (chosen.kind === "pixel") {
      [middle, spread] = [latent.mean[chosen.pixel], latent.sd ? latent.sd[chosen.pixel] : null];
      text = spread === null ? shown(middle) : `${shown(middle)} ± ${shown(spread, 2)}`;
    } else if (chosen.kind === "region") {
      const values = chosen.pixels.map(pixel => latent.mean[pixel]);
      middle = values.reduce((a, b) => a + b, 0) / values.length;
      spread = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length);
      text = `${shown(middle)}, sd ${shown(spread, 2)}`;
    }
    known.textContent = text;
    bar.hidden = middle === null;
    if (middle === null) return;
    const [from, to] = [share(middle - (spread || 0)), share(middle + (spread || 0))];
    bar.style.left = `${from}%`; bar.style.width = `${to - from}%`;
  });
}

function look(next) {
  if (next.kind === "region" && !next.pixels.length) return;
  chosen = next;
  const facts = [], nameOf = pixel => data.map
    ? `row ${Math.floor(pixel / data.map.columns) * data.map.every + 1}, column ${(pixel % data.map.columns) * data.map.every + 1}`
    : `spectrum ${data.number[pixel] + 1}`;
  if (next.kind === "pixel") {
    facts.push(["pixel", `${nameOf(next.pixel)}${data.parts ? `, ${data.parts.names[data.parts.of[next.pixel]]}` : ""}`]);
    for (const { name, values, unit } of data.quantities) facts.push([name, `${shown(values[next.pixel])}${unit}`]);
    setSliders(latents.map(latent => latent.mean[next.pixel]));
  } else if (next.kind === "region") {
    const [x0, y0, x1, y1] = next.region, every = data.map && data.map.every;
    const where = data.map ? `rows ${y0 * every + 1}–${(y1 - 1) * every + 1}, columns ${x0 * every + 1}–${(x1 - 1) * every + 1}, ` : "";
    facts.push(["region", `${where}${next.pixels.length} pixels`]);
    for (const { name, values, unit } of data.quantities) {
      facts.push([`mean ${name}`, `${shown(next.pixels.reduce((sum, pixel) => sum + values[pixel], 0) / next.pixels.length)}${unit}`]);
    }
    setSliders(latents.map(latent => next.pixels.reduce((sum, pixel) => sum + latent.mean[pixel], 0) / next.pixels.length));
  }
  byId("back").textContent = next.kind === "region" ? "back to the region's mean" : "back to the pixel";
  listFacts(byId("where"), facts);
  legend(); showPosterior(); drawSpectra();
}
byId("back").addEventListener("click", () => look(chosen));
byId("back").hidden = !decode;

setSliders(position);
paintLatents();
maps.choose(data.start);

// ---- after the first paint, the decoder is compared with what the model made of random latents
const fidelity = byId("fidelity");
function withoutSliders(reason) {
  fidelity.textContent = reason;
  fidelity.classList.add("warning");
  rows.forEach(({ input }) => { input.disabled = true; });
  byId("back").hidden = true;
}
let probe = 0, worst = 0, took = [];
function compare() {  // a little at a time, so that the page answers meanwhile
  const count = data.probes.latents.shape[0];
  for (const began = performance.now(); probe < count && performance.now() - began < 30; probe++) {
    const from = performance.now();
    worst = Math.max(worst, errorOf(probe));
    took.push(performance.now() - from);
  }
  if (probe < count) { setTimeout(compare); return; }
  const usual = took.sort((a, b) => a - b)[count >> 1], slow = usual > 100 ? `; a spectrum takes ${shown(usual / 1000, 2)} s in this browser` : "";
  fidelity.dataset.error = worst; fidelity.dataset.milliseconds = usual;
  if (worst <= data.tolerance) {
    fidelity.textContent = `the decoder runs in this page: within ${shown(100 * worst, 2)} % of the range at ${count} random latents${slow}`;
  } else withoutSliders(`no sliders: the decoder in this page is off by ${shown(100 * worst, 2)} % of the range`);
}
if (!decode) withoutSliders(described.why);
else requestAnimationFrame(() => setTimeout(compare));
window.explorer = { decoded, look: pixel => maps.choose(pixel), isFast: fast !== null };
