#!/usr/bin/env bash
# ramanspy 0.2.10 (numpy 2.4.6, scipy 1.17.1): denoise.Gaussian smooths along all axes, not along the wavenumbers alone
# as the other denoising steps do. In a map every pixel takes up the spectra of the pixels around it; in a container of
# spectra, of one sample each, every row takes up those of the rows before and after it. A model that is fitted to some
# rows and scored on others has then seen the others, and a single pixel of another phase is lost. Nothing is said.
# SavGol and Whittaker leave the spectra apart, and so does Gaussian for one spectrum (Spectrum) after another.
# Seen on 2026-11-30, mean intensity of the spectra of five samples, the third of which has a flat signal of 1:
#   before                  [0.0, 0.0, 1.0, 0.0, 0.0]
#   Gaussian(sigma=1)       [0.058, 0.242, 0.399, 0.242, 0.058]
#   SavGol                  [0.0, 0.0, 1.0, 0.0, 0.0]
#   Whittaker               [0.0, 0.0, 1.0, 0.0, 0.0]
#   Gaussian, one by one    [0.0, 0.0, 1.0, 0.0, 0.0]
#   of a map of 5 x 5 pixels, the signal of 1 in the middle: 0.159 there, 0.097 beside it
# Exit code: 0 if it still behaves so, 1 if it does not, 2 if the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 scikit-learn==1.9.1 \
  matplotlib==3.11.2 pybaselines==1.2.1 pysptools==0.15.0 ramanspy==0.2.10 || exit 2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
from ramanspy import SpectralContainer, SpectralImage
from ramanspy.preprocessing.denoise import Gaussian, SavGol, Whittaker

wavenumbers = np.linspace(100.0, 1000.0, 91)  # 1/cm
spectra = SpectralContainer(np.outer([0, 0, 1, 0, 0], np.ones(91)).astype(float), wavenumbers)


def means(container):
    return container.spectral_data.mean(axis=-1).round(3).tolist()


def one_by_one(container):
    smoothed = [Gaussian(sigma=1).apply(spectrum) for spectrum in container.tolist()]
    return SpectralContainer(np.array([spectrum.spectral_data for spectrum in smoothed]), wavenumbers)


found = {
    "before": means(spectra),
    "Gaussian(sigma=1)": means(Gaussian(sigma=1).apply(spectra)),
    "SavGol": means(SavGol(window_length=5, polyorder=2).apply(spectra)),
    "Whittaker": means(Whittaker().apply(spectra)),
    "Gaussian, one by one": means(one_by_one(spectra)),
}
for name, intensities in found.items():
    print(f"{name:22}  {intensities}")
pixels = np.zeros((5, 5, 91))
pixels[2, 2] = 1
smoothed = Gaussian(sigma=1).apply(SpectralImage(pixels, wavenumbers)).spectral_data.mean(axis=-1)
beside = f"{smoothed[2, 2]:.3f} there, {smoothed[2, 3]:.3f} beside it"
print("of a map of 5 x 5 pixels, the signal of 1 in the middle:", beside)
assert found["SavGol"] == found["Whittaker"] == found["Gaussian, one by one"] == found["before"]
sys.exit(bool(found["Gaussian(sigma=1)"][1] < 0.2 or smoothed[2, 2] > 0.5))
PY
