// Scales of colour that protanopes, deuteranopes and tritanopes can read: viridis for values, cividis for errors.
const SCALES = {
  viridis: ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"],
  cividis: ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"],
};

function parsed(name) {
  return SCALES[name].map(hex => [0, 2, 4].map(at => parseInt(hex.slice(at, at + 2), 16)));
}

function scaleOf(name) {  // a number from 0 to 1 to [red, green, blue]
  const stops = parsed(name), last = stops.length - 1;
  const table = Array.from({ length: 256 }, (_, number) => {
    const at = number / 255 * last, left = Math.min(last - 1, Math.floor(at)), share = at - left;
    return stops[left].map((value, channel) => Math.round(value * (1 - share) + stops[left + 1][channel] * share));
  });
  return value => table[Math.max(0, Math.min(255, Math.round(value * 255)))];
}

const gradient = name => `linear-gradient(to right, ${SCALES[name].map(hex => `#${hex}`).join(", ")})`;

function robustRange(values) {  // without the last percent at either end, so that an outlier does not grey out the rest
  const known = Float32Array.from(values).filter(Number.isFinite).sort();
  if (!known.length) return [0, 1];
  const low = known[Math.floor(0.01 * (known.length - 1))], high = known[Math.ceil(0.99 * (known.length - 1))];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
