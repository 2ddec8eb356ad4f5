"""Least-squares fits of the harmonic-oscillator response to very many band-excitation spectra.

Levenberg-Marquardt iterates on two of the four parameters; the complex amplitude follows by linear least squares
(variable projection; Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)). On a processor the compiled fit computes,
on other devices, and where numba cannot be imported, the batched one of torch.
"""

import functools
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from remanence.science.band_excitation.batched_sho_fit import fit_batch
from remanence.science.band_excitation.fitted_sho import Band, ShoFit


def fit_sho(
    spectra: Any,
    frequency: ArrayLike,
    *,
    chunk: int | None = None,
    iterations: int = 20,
    minimum_r2: float = 0.5,
    conjugate: bool = False,
    device: str | torch.device = "cpu",
) -> ShoFit:
    """Fit `sho_response` to each spectrum by least squares, the maximum-likelihood estimate in white complex noise.

    Args:
        spectra: complex spectra, shape (spectra, bins): any object that slices by rows, such as an HDF5 dataset or a
            memory map. The fit computes in the precision of the spectra.
        frequency: frequency of each bin, shape (bins,), positive, in any order; at least four bins.
        chunk: number of spectra that are read and solved at a time, which limits the memory.
        iterations: largest number of Levenberg-Marquardt iterations; three or four are usual.
        minimum_r2: value of `r2` below which a fit is flagged as bad.
        conjugate: whether to fit the complex conjugates of the spectra, for an instrument of the opposite phase sense.
        device: device to compute on.

    Raises:
        ValueError: if the shapes do not fit together or the frequencies do not span a band.

    >>> from remanence.science.band_excitation.sho import sho_response
    >>> frequency = torch.linspace(320, 380, 74)
    >>> fit = fit_sho(sho_response(torch.tensor([[2.0, 350.0, 100.0, 0.5]]), frequency), frequency)
    >>> [round(float(value[0]), 2) for value in (fit.amplitude, fit.resonance_frequency, fit.quality_factor, fit.phase)]
    [2.0, 350.0, 100.0, 0.5]
    """
    if chunk is None:  # fits the cache of a core; a GPU needs larger chunks
        chunk = 2048 if torch.device(device).type == "cpu" else 65536
    chunks = (spectra[first : first + chunk] for first in range(0, max(len(spectra), 1), chunk))
    settings: dict[str, Any] = {"iterations": iterations, "minimum_r2": minimum_r2, "conjugate": conjugate}
    fits = list(fit_sho_chunks(chunks, frequency, **settings, device=device))
    return ShoFit(*(np.concatenate([getattr(fit, field.name) for fit in fits]) for field in fields(ShoFit)))


def fit_sho_chunks(
    chunks: Iterable[Any],
    frequency: ArrayLike,
    *,
    iterations: int = 20,
    minimum_r2: float = 0.5,
    conjugate: bool = False,
    device: str | torch.device = "cpu",
) -> Iterator[ShoFit]:
    """Fit chunks of spectra, each of shape (spectra, bins), one after the other; the arguments are those of `fit_sho`.

    On the CPU, each thread works on its own chunk. A chunk must not be overwritten when the next one is made. A single
    chunk is fitted by the thread that asks for it, because starting others takes longer than a few hundred fits.
    """
    cpu, threads = torch.device(device).type == "cpu", torch.get_num_threads()
    band, workers, compiled = Band.of(frequency), threads if cpu else 1, _compiled() if cpu else None
    settings: dict[str, Any] = {"iterations": iterations, "minimum_r2": minimum_r2, "conjugate": conjugate}

    def fit(spectra: Tensor) -> ShoFit:
        if compiled is not None:
            return compiled(spectra.cpu().numpy(), band, **settings)
        return fit_batch(spectra.to(device), band, **settings)

    ready = (_checked(chunk, len(band.w)) for chunk in chunks)
    first = list(itertools.islice(ready, 2))
    if len(first) < 2:
        yield from map(fit, first)
        return
    if compiled is not None:
        fit(first[0][:0])  # compiles once, here, and not in each of the threads that begin at the same time
    waiting: deque[Future[ShoFit]] = deque()
    try:
        # torch would split every small operation among its threads, which then wait for each other after each of them
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for spectra in itertools.chain(first, ready):
                waiting.append(pool.submit(fit, spectra))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        torch.set_num_threads(threads)


@functools.cache
def _compiled() -> Callable[..., ShoFit] | None:
    """Return the compiled fit, or None where numba is not installed or refuses the version of NumPy or LLVM."""
    try:
        from remanence.science.band_excitation.compiled_sho_fit import fit_compiled  # takes time, and may fail
    except (ImportError, OSError):
        return None
    return fit_compiled


def _checked(chunk: Any, bins: int) -> Tensor:
    if isinstance(chunk, Tensor):
        spectra = chunk.detach().resolve_conj()
    else:
        array = np.asarray(chunk)
        native = array.astype(array.dtype.newbyteorder("="), copy=not array.flags.writeable)
        spectra = torch.from_numpy(native)
    if spectra.ndim != 2 or spectra.shape[1] != bins or not spectra.is_complex():
        raise ValueError(
            f"Expected complex `spectra` of the shape (spectra, {bins}), "
            f"but got {str(spectra.dtype).removeprefix('torch.')} of the shape {tuple(spectra.shape)}."
        )
    return spectra
