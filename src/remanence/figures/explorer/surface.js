// Predictions on a joint grid of the inputs: categories first, then the numbers; sliders stand on points of the grid.
class Surface {
  constructor({ axes, values, half_width }) {
    this.axes = axes; this.values = values; this.half = half_width;
    this.strides = axes.map((_, place) => axes.slice(place + 1).reduce((product, axis) => product * axis.values.length, 1));
    this.size = axes.reduce((product, axis) => product * axis.values.length, 1);
  }

  along(place, at, target) {  // predictions and half widths along one axis, where the others stand at numbers of points
    const from = this.strides.reduce((sum, stride, axis) => sum + (axis === place ? 0 : stride * at[axis]), target * this.size);
    const take = array => Float32Array.from(this.axes[place].values, (_, i) => array[from + i * this.strides[place]]);
    return [take(this.values), take(this.half)];
  }

  at(at, target) {
    const from = this.strides.reduce((sum, stride, axis) => sum + stride * at[axis], target * this.size);
    return [this.values[from], this.half[from]];
  }

  nearest(place, value) {  // the number of the point nearest to a value; of categories the equal one
    const { values, categories } = this.axes[place];
    if (categories) return Math.max(0, values.indexOf(value));
    return values.reduce((best, each, i) => Math.abs(each - value) < Math.abs(values[best] - value) ? i : best, 0);
  }
}
