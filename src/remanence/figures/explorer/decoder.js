// The decoder that models/described_decoder.py describes: latents to a spectrum, layer by layer as torch computes it.
const sigmoid = value => 1 / (1 + Math.exp(-value));
const tanh = value => 1 - 2 / (1 + Math.exp(2 * value));  // a third of the time of Math.tanh
const relu = values => { for (let i = 0; i < values.length; i++) if (!(values[i] > 0)) values[i] = 0; return values; };

let fast = null;  // what multiplies with the matrices that were handed to it, see products.js

function multiply(weight, x, from, bias, out, to) {  // out[to…] = weight · x[from…] + bias
  if (weight.fast) {
    fast(weight, x, from, out, to);
    if (bias) for (let row = 0; row < bias.length; row++) out[to + row] += bias[row];
    return;
  }
  const [rows, columns] = weight.shape, fours = columns - columns % 4;
  for (let row = 0, w = 0; row < rows; row++) {
    let a = bias ? bias[row] : 0, b = 0, c = 0, d = 0, i = from;  // four sums, which a processor adds at the same time
    for (const end = from + fours; i < end; i += 4, w += 4) {
      a += weight[w] * x[i]; b += weight[w + 1] * x[i + 1]; c += weight[w + 2] * x[i + 2]; d += weight[w + 3] * x[i + 3];
    }
    for (const end = from + columns; i < end; i++, w++) a += weight[w] * x[i];
    out[to + row] = a + b + c + d;
  }
}

// sequences are {time, width, values}, token after token
function linear({ weight, bias }, { time, values }) {
  const [rows, columns] = weight.shape, out = new Float32Array(time * rows);
  for (let t = 0; t < time; t++) multiply(weight, values, t * columns, bias, out, t * rows);
  return { time, width: rows, values: out };
}

function recurrent({ kind, ways }, { time, width, values }) {
  const units = ways[0].weight_hh.shape[1], gates = ways[0].weight_hh.shape[0];
  const out = new Float32Array(time * 2 * units), given = new Float32Array(gates), own = new Float32Array(gates);
  ways.forEach((way, number) => {
    const hidden = new Float32Array(units), cell = new Float32Array(units);
    for (let step = 0; step < time; step++) {
      const t = number ? time - 1 - step : step;
      multiply(way.weight_ih, values, t * width, way.bias_ih, given, 0);
      multiply(way.weight_hh, hidden, 0, way.bias_hh, own, 0);
      for (let u = 0; u < units; u++) {
        const [a, b, c] = [u, units + u, 2 * units + u];
        if (kind === "lstm") {
          const d = 3 * units + u;
          cell[u] = sigmoid(given[b] + own[b]) * cell[u] + sigmoid(given[a] + own[a]) * tanh(given[c] + own[c]);
          hidden[u] = sigmoid(given[d] + own[d]) * tanh(cell[u]);
        } else {
          const fresh = tanh(given[c] + sigmoid(given[a] + own[a]) * own[c]), stays = sigmoid(given[b] + own[b]);
          hidden[u] = (1 - stays) * fresh + stays * hidden[u];
        }
      }
      out.set(hidden, t * 2 * units + number * units);
    }
  });
  return { time, width: 2 * units, values: out };
}

function convolution({ weight, bias }, { time, width, values }) {
  const [rows, columns, window] = weight.shape, middle = (window - 1) / 2, out = new Float32Array(time * rows);
  for (let t = 0; t < time; t++) for (let row = 0; row < rows; row++) {
    let sum = bias[row];
    for (let k = Math.max(0, middle - t); k < Math.min(window, time + middle - t); k++) {
      const x = (t + k - middle) * width, w = row * columns * window + k;
      for (let column = 0; column < columns; column++) sum += weight[w + column * window] * values[x + column];
    }
    out[t * rows + row] = sum;
  }
  return { time, width: rows, values: out };
}

function whole({ weight, bias }, { time, values }) {
  const out = new Float32Array(weight.shape[0]);
  multiply(weight, values, 0, bias, out, 0);
  return { time, width: out.length / time, values: out };
}

const CELLS = { lstm: recurrent, gru: recurrent, convolution, dense: whole };
const cellOf = (cell, x) => CELLS[cell.kind](cell, x);

function normalised(norm, { time, width, values }) {
  if (!norm) return { time, width, values };
  const out = new Float32Array(values.length), over = norm.over === "time";
  const [groups, count, stride, next] = over ? [width, time, width, 1] : [time, width, 1, width];
  for (let group = 0; group < groups; group++) {
    let mean = 0, variance = 0;
    for (let i = 0; i < count; i++) mean += values[group * next + i * stride] / count;
    for (let i = 0; i < count; i++) variance += (values[group * next + i * stride] - mean) ** 2 / count;
    const scale = 1 / Math.sqrt(variance + norm.eps);
    for (let i = 0; i < count; i++) {
      const at = group * next + i * stride, normal = (values[at] - mean) * scale;
      out[at] = normal * (norm.weight ? norm.weight[i] : 1) + (norm.bias ? norm.bias[i] : 0);
    }
  }
  return { time, width, values: out };
}

function network(layers, z) {
  const { time, positions } = layers;
  const activity = linear(layers.embedding, { time: 1, values: z }), width = activity.width;
  relu(activity.values);
  const tokens = new Float32Array(time * width);
  for (let t = 0; t < time; t++) for (let i = 0; i < width; i++) {
    tokens[t * width + i] = activity.values[i] + (positions ? positions[t * width + i] : 0);
  }
  let x = cellOf(layers.first, { time, width, values: tokens });
  for (const block of layers.blocks) {
    let y = x;
    for (const cell of block.cells) { y = cellOf(cell, y); relu(y.values); }
    const skipped = block.skip ? linear(block.skip, x) : x, sum = y.values.map((value, i) => value + skipped.values[i]);
    x = normalised(block.norm, { time, width: y.width, values: sum });
    relu(x.values);
  }
  return linear(layers.output, normalised(layers.norm, x)).values;
}

function moved(moving, spectrum, amounts) {
  const { order, knots, own, first, last, direction, span, shifts, opens } = moving;
  return spectrum.map((_, v) => {
    const by = (opens ? amounts[amounts.length - 1] * direction[v] : 0) + (shifts ? amounts[0] : 0);
    const wanted = Math.min(Math.max(own[v] - by / span, knots[first[v]]), knots[last[v]]);
    let below = 0, above = knots.length;  // the number of knots up to the wanted one
    while (below < above) {
      const middle = (below + above) >> 1;
      if (knots[middle] <= wanted) below = middle + 1; else above = middle;
    }
    const right = Math.min(Math.max(below, first[v] + 1), last[v]), left = Math.max(right - 1, 0);
    const share = (wanted - knots[left]) / Math.max(knots[right] - knots[left], 1e-9);
    return spectrum[order[left]] * (1 - share) + spectrum[order[right]] * share;
  });
}

function matrixTimes(z, matrix) {  // a row times a matrix (rows, columns)
  const [rows, columns] = matrix.shape, out = new Float32Array(columns);
  for (let row = 0; row < rows; row++) for (let i = 0; i < columns; i++) out[i] += z[row] * matrix[row * columns + i];
  return out;
}

function matrices(layers) {  // all that multiply is called with
  const cells = [layers.first, ...layers.blocks.flatMap(block => block.cells)];
  return [layers.embedding, layers.output, ...layers.blocks.map(block => block.skip).filter(Boolean), ...cells.filter(cell => cell.kind === "dense")]
    .map(layer => layer.weight).concat(cells.flatMap(cell => cell.ways || []).flatMap(way => [way.weight_ih, way.weight_hh]));
}

function makeDecoder(described) {
  try {
    fast = fastProducts(described.parts.filter(part => part.layers).flatMap(part => matrices(part.layers)));
  } catch {
    fast = null;  // a browser without these instructions: the same in plain JavaScript
  }
  const { mask, unturn, base, parts, moving } = described;
  const made = (part, z) => {
    const given = Float32Array.from(part.inputs, input => input < 0 ? 0 : z[input]);
    return part.affine ? matrixTimes(given, part.affine) : network(part.layers, given);
  };
  const centres = described.centred ? parts.map(part => made(part, new Float32Array(mask.length))) : null;
  return latents => {
    const z = (unturn ? matrixTimes(latents, unturn) : Float32Array.from(latents)).map((value, i) => value * mask[i]);
    const sum = parts.map(part => made(part, z)).reduce((total, each, place) => {
      for (let i = 0; i < each.length; i++) total[i] += each[i] - (centres ? centres[place][i] : 0);
      return total;
    }, base ? Float32Array.from(base) : new Float32Array(described.size));
    return moving ? moved(moving, sum, moving.moves.map((move, i) => move * z[i])) : sum;
  };
}
