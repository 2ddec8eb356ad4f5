// Products of a matrix and a vector by four numbers at a time (WebAssembly with SIMD), which a large decoder needs to
// follow a slider: seven times as fast as plain JavaScript, which computes them where a browser has no such instructions.
const BLOCK = 8;  // columns that one turn of the inner loop takes; rows of weights are filled up with zeros to it

function productModule() {  // f(weight, rows / 4 · 4, bytes of a row, x, out), all but the second addresses
  const get = local => [0x20, local], set = local => [0x21, local], number = value => [0x41, value], plus = [0x6a];
  const [weight, rows, bytes, x, out, end, at] = [0, 1, 2, 3, 4, 5, 6], row = [7, 8, 9, 10], sum = [11, 12, 13, 14], part = 15;
  const load = offset => [0xfd, 0x00, 4, offset], times = [0xfd, 0xe6, 1], add = [0xfd, 0xe4, 1];
  const step = offset => [...get(at), ...load(offset), ...set(part),
    ...row.flatMap((_, k) => [...get(sum[k]), ...get(row[k]), ...load(offset), ...get(part), ...times, ...add, ...set(sum[k])])];
  const lane = (k, which) => [...get(sum[k]), 0xfd, 0x1f, which];
  const code = [
    ...get(x), ...get(bytes), ...plus, ...set(end),
    0x03, 0x40,  // a loop over four rows at a time
    ...get(weight), ...set(row[0]),
    ...[1, 2, 3].flatMap(k => [...get(row[k - 1]), ...get(bytes), ...plus, ...set(row[k])]),
    ...sum.flatMap(local => [0x43, 0, 0, 0, 0, 0xfd, 0x13, ...set(local)]),
    ...get(x), ...set(at),
    0x03, 0x40,  // a loop over eight columns at a time
    ...step(0), ...step(16),
    ...[...row, at].flatMap(local => [...get(local), ...number(32), ...plus, ...set(local)]),
    ...get(at), ...get(end), 0x49, 0x0d, 0, 0x0b,  // again while at < end
    ...sum.flatMap((_, k) => [...get(out), ...lane(k, 0), ...lane(k, 1), 0x92, ...lane(k, 2), 0x92, ...lane(k, 3), 0x92, 0x38, 2, 4 * k]),
    ...get(out), ...number(16), ...plus, ...set(out),
    ...get(row[3]), ...set(weight),
    ...get(rows), ...number(4), 0x6b, 0x22, rows, 0x0d, 0, 0x0b,  // again while rows are left
  ];
  const long = value => value < 128 ? [value] : [(value & 127) | 128, ...long(value >> 7)];
  const body = [2, 6, 0x7f, 5, 0x7b, ...code, 0x0b], section = (name, content) => [name, ...long(content.length), ...content];
  return new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]), ...section(2, [1, 1, 0x61, 1, 0x6d, 2, 0, 1]),
    ...section(3, [1, 0]), ...section(7, [1, 1, 0x66, 0, 0]), ...section(10, [1, ...long(body.length), ...body])]));
}

function fastProducts(weights) {  // tells each matrix where it lies, and returns the function that multiplies with it
  const four = count => Math.ceil(count / 4) * 4, wide = weight => Math.ceil(weight.shape[1] / BLOCK) * BLOCK;
  const widest = Math.max(...weights.map(wide)), highest = Math.max(...weights.map(weight => four(weight.shape[0])));
  let place = widest + highest;
  const places = weights.map(weight => { const own = place; place += four(weight.shape[0]) * wide(weight); return own; });
  const memory = new WebAssembly.Memory({ initial: Math.ceil(place * 4 / 65536) });
  const { f } = new WebAssembly.Instance(productModule(), { a: { m: memory } }).exports, numbers = new Float32Array(memory.buffer);
  weights.forEach((weight, which) => {
    const [rows, columns] = weight.shape;
    for (let row = 0; row < rows; row++) {
      numbers.set(weight.subarray(row * columns, (row + 1) * columns), places[which] + row * wide(weight));
    }
    weight.fast = { at: 4 * places[which], rows: four(rows), bytes: 4 * wide(weight) };
  });
  return (weight, x, from, out, to) => {
    const { at, rows, bytes } = weight.fast, [height, columns] = weight.shape;
    for (let i = 0; i < columns; i++) numbers[i] = x[from + i];
    f(at, rows, bytes, 0, 4 * widest);
    for (let row = 0; row < height; row++) out[to + row] = numbers[widest + row];
  };
}
