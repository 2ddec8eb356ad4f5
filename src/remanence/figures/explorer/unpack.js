// Packed arrays, see packed_array.py: {shape, low, step, codes} becomes a Float32Array with its shape.
function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function unpackRows({ shape, bits, rows, codes }) {  // a matrix of codes without gaps between them; each row has its range
  const ends = new Float32Array(bytesOf(rows).buffer), bytes = bytesOf(codes), values = new Float32Array(shape[0] * shape[1]);
  const largest = 2 ** bits - 1;
  for (let row = 0, i = 0; row < shape[0]; row++) for (let column = 0; column < shape[1]; column++, i++) {
    const at = i * bits >> 3, code = (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16) >> (i * bits & 7) & largest;
    values[i] = ends[row] + ends[shape[0] + row] * code;
  }
  values.shape = shape;
  return values;
}

function unpack(packed) {
  if ("rows" in packed) return unpackRows(packed);
  const codes = new Uint16Array(bytesOf(packed.codes).buffer), values = new Float32Array(codes.length);
  const { low, step } = packed;
  for (let i = 0; i < codes.length; i++) values[i] = codes[i] === 65535 ? NaN : low + step * codes[i];
  values.shape = packed.shape;
  return values;
}

function unpackAll(value) {
  if (Array.isArray(value)) return value.map(unpackAll);
  if (value === null || typeof value !== "object") return value;
  if ("codes" in value) return unpack(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpackAll(each)]));
}

const byId = name => document.getElementById(name);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function shown(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(digits - 1).replace("-", "−");
  return String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1)))))).replace("-", "−");
}

function listFacts(list, facts) {
  list.replaceChildren(...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
