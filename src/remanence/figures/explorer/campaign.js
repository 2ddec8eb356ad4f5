// The campaign of a run: what was measured, row after row, the best value so far, and what was suggested to measure next.
const { campaign, backtest } = data;
const WAY_COLOURS = ["#d1495b", "#0b3954", "#3fa7d6", "#b97a00"];
const keys = (host, entries) => byId(host).replaceChildren(
  ...entries.map(([text, colour, kind]) => element("span", { class: kind, style: `--colour: ${colour}` }, text)));

const best = campaign ? new Plot(byId("best"), { x: "measured rows", y: "", width: 560, height: 300, label: "best value so far" }) : null;
if (best) best.svg.style.maxWidth = "640px";

function listGoals() {  // highest and lowest, or what was wanted of the chosen property
  byId("goal").replaceChildren(...campaign.targets[target].goals.map(({ name }, place) => element("option", { value: place }, name)));
}

function drawBest() {
  const { label } = targets[target], { values, goals } = campaign.targets[target], { at, best: reached, reached: ofRuns } = goals[byId("goal").value];
  const numbers = values ? values.map((_, place) => place + 1) : [], next = campaign.next ? campaign.next.targets[target] : null;
  const ahead = next ? next.predicted.map((_, place) => campaign.rows + 1 + place) : [];
  best.name("measured rows", label);
  best.scale([0, campaign.rows + ahead.length + 1],
    extent([...(values || []), ...reached, ...(next ? [...next.predicted, ...(next.low || []), ...(next.high || [])] : [])]));
  best.content.replaceChildren(); best.series.clear();
  for (const { rows: count } of campaign.runs) {
    if (count < campaign.rows) best.line(`run of ${count}`, [count + 0.5, count + 0.5], best.ys, { stroke: "#9aa3ad", "stroke-width": 1, "stroke-dasharray": "3 3" });
  }
  best.dots("measured", numbers, values, { stroke: PART_COLOURS[0], "stroke-opacity": 0.55 });
  const [x, y] = [[], []];
  at.forEach((row, place) => {  // a step at each better value, and a flat line up to the last row
    if (place) { x.push(row); y.push(reached[place - 1]); }
    x.push(row); y.push(reached[place]);
  });
  x.push(campaign.rows); y.push(reached[reached.length - 1]);
  best.line("best", x, y, { stroke: PART_COLOURS[2] });
  best.dots("runs", campaign.runs.map(run => run.rows), ofRuns, { stroke: "#0b3954", "stroke-width": 8 });
  if (!next) return;
  let bars = "";
  ahead.forEach((row, place) => {
    if (next.low && Number.isFinite(next.low[place]) && Number.isFinite(next.high[place])) bars += `M${best.px(row).toFixed(1)} ${best.py(next.low[place]).toFixed(1)}V${best.py(next.high[place]).toFixed(1)}`;
  });
  best.shape("intervals", "path", { stroke: "#b97a00", "stroke-opacity": 0.6, "stroke-width": 1.6, fill: "none" }).setAttribute("d", bars);
  best.dots("suggested", ahead, next.predicted, { stroke: "#b97a00", "stroke-width": 7 });
}

function listNext() {
  const { inputs, rows: suggested, reason, nearest, extrapolated } = campaign.next, { predicted, low, high } = campaign.next.targets[target];
  const ends = place => low && high && Number.isFinite(low[place]) ? ` (${shown(low[place])} to ${shown(high[place])})` : "";
  const head = ["#", ...inputs, `predicted ${targets[target].label}`, "nearest measured", "reason"];
  const body = suggested.map((cells, place) => element("tr", extrapolated[place] ? { class: "warning" } : {},
    ...[String(place + 1), ...cells, `${shown(predicted[place], 4)}${ends(place)}`, nearest[place], reason[place] + (extrapolated[place] ? "; outside the training rows" : "")]
      .map(cell => element("td", {}, cell))));
  byId("next").replaceChildren(element("thead", {}, element("tr", {}, ...head.map(cell => element("th", {}, cell)))), element("tbody", {}, ...body));
}

if (campaign) {
  const redraw = () => { listGoals(); drawBest(); if (campaign.next) listNext(); };
  byId("campaign").hidden = false;
  byId("goal").addEventListener("input", drawBest);
  byId("target").addEventListener("input", redraw);
  redraw();
  const earlier = campaign.runs.slice(0, -1).map(({ name, rows: count }) => `${name} (${count} rows)`);
  byId("order").textContent = `Rows stand ${campaign.order}.${earlier.length ? ` Forked from ${earlier.join(", then ")}.` : ""}`;
  keys("best-legend", [...(campaign.targets[target].values ? [["measured", PART_COLOURS[0], "dots"]] : []), ["best so far", PART_COLOURS[2], "line"],
    [earlier.length ? "best of each run" : "best of this run", "#0b3954", "dots"], ...(earlier.length ? [["end of an earlier run", "#9aa3ad", "dashed"]] : []),
    ...(campaign.next ? [["suggested: prediction with interval, not measured", "#b97a00", "dots"]] : [])]);
  if (campaign.next) byId("next-head").textContent = `Suggested next for ${campaign.next.goals.replaceAll(/,(?=\S)(?![^[]*\])/g, ", ")}, the most wanted first`;
}

if (backtest) {
  const plot = new Plot(byId("backtest"), { x: "experiments made", y: `best ${backtest.label} so far`, width: 560, height: 260, label: "backtest" });
  plot.svg.style.maxWidth = "640px";
  const all = backtest.ways.flatMap(({ best: mean, best_se: error }) => mean.flatMap((value, i) => [value - error[i], value + error[i]]));
  plot.scale(extent(backtest.ways.flatMap(({ measured }) => measured), 0.02), extent(all));
  backtest.ways.forEach(({ name, measured, best: mean, best_se: error }, place) => {
    const colour = name === "random" ? PART_COLOURS[0] : WAY_COLOURS[place % WAY_COLOURS.length];
    plot.band(`${name} error`, measured, mean.map((value, i) => value - error[i]), mean.map((value, i) => value + error[i]), { fill: colour });
    plot.line(name, measured, mean, { stroke: colour });
  });
  keys("backtest-legend", [...backtest.ways.map(({ name }, place) => [name, name === "random" ? PART_COLOURS[0] : WAY_COLOURS[place % WAY_COLOURS.length], "line"]),
    [`± standard error over ${backtest.campaigns} campaigns`, "#8a8f98", "band"]]);
}
byId("suggested").hidden = !(backtest || (campaign && campaign.next));
byId("next-head").parentElement.hidden = !(campaign && campaign.next);
byId("backtest-head").hidden = !backtest;
