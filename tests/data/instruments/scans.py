"""Scans of band excitation in this folder: the options that they are read with, and what is known of them."""

import numpy as np
from instruments import known

BIAS = known.bias()
OFF, ON = known.loops(BIAS), known.loops(BIAS, in_field=True)
FORC = [known.bias(maximum) for maximum in (4.0, 8.0, 12.0, 16.0)]
ALL_FORC = known.loops(np.concatenate(FORC)).reshape(-1, 4, 16)
QUARTER = known.loops(np.concatenate([known.bias(4.0), BIAS])).reshape(-1, 2, 16)
HELD = np.repeat(known.bias(steps=8), 3)
READ = np.array([-1.0, 0.0, 1.0])

ONE_LOOP = (
    "beps_snake.h5",
    "beps_permuted_rows.h5",
    "beps_x_slow.h5",
    "beps_singleton_z.h5",
    "beps_incomplete_grid.h5",
    "beps_fast_column_first.h5",
    "beps_frequency_khz.h5",
    "beps_frequency_mhz.h5",
    "beps_frequency_mhz_without_unit.h5",
    "beps_bias_mv.h5",
    "beps_opposite_phase.h5",
    "beps_other_names.h5",
    "beps_labels_on_indices_only.h5",
    "beps_without_units.h5",
    "beps_real_and_imaginary.h5",
    "be_image_before_beps.h5",
    "nsid_complex_beps.h5",
    "nsid_frequency_khz.h5",
)
"""Files of one loop a pixel."""
SCANS = [(name, {}, BIAS, OFF) for name in ONE_LOOP] + [
    ("beps_fast_column_first.h5", {"field": "on"}, BIAS, ON),
    ("beps_two_cycles_both_fields.h5", {}, BIAS, 0.5 * OFF),
    ("beps_two_cycles_both_fields.h5", {"cycle": 0, "field": "on"}, BIAS, ON),
    ("beps_quarter_first_cycle.h5", {}, BIAS, QUARTER[:, 1]),
    ("beps_quarter_first_cycle.h5", {"cycle": 0}, known.bias(4.0), QUARTER[:, 0]),
    ("forc_resetting.h5", {}, FORC[3], ALL_FORC[:, 3]),
    ("forc_resetting.h5", {"forc": 1}, FORC[1], ALL_FORC[:, 1]),
    ("forc_never_resetting.h5", {}, FORC[3], ALL_FORC[:, 3]),
    ("forc_without_a_dimension.h5", {}, FORC[3], ALL_FORC[:, 3]),
    ("beps_bias_held.h5", {}, HELD, known.loops(HELD)),
    ("beps_bias_held_index_counts.h5", {}, HELD, known.loops(HELD)),
    ("be_relaxation.h5", {"read": 0}, BIAS, OFF),
    ("ckpfm_raw.h5", {"read": 2}, BIAS, OFF + 0.05 * known.SATURATION[:, None]),
]
"""File, options, bias (steps,) and piezoresponse (pixels, steps)."""
