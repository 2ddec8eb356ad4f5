"""The decoder of a model of spectra as plain weights, so that a page can compute what the model decodes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.models.additive_decoder import AdditiveDecoder
from remanence.models.beta_vae import BetaVAE
from remanence.models.moving_decoder import MovingDecoder
from remanence.models.parallel_cells import ParallelConvolution, ParallelDense, ParallelRecurrent, ParallelTimeNorm
from remanence.models.residual_block import TimeNorm
from remanence.models.sequence import Convolution, Dense, Recurrent
from remanence.models.spectra_decoder import Decoder
from remanence.models.stacked_layers import StackedLayerNorm

Plain = dict[str, Any]
MOVING = ("order", "knots", "own", "first", "last", "direction", "span")
AFFINE_TOLERANCE = 1e-4
"""Share of the range of decoded spectra by which sums may differ from them, if a model is to count as affine."""


def described_decoder(model: Any, latents: int) -> Plain | None:
    """Return what turns latents (latents,) into a laid-out spectrum (steps·channels,), as plain values and arrays.

    The spectrum is ``base`` plus what every entry of ``parts`` makes of the latents ``inputs``, times ``mask`` and, if
    there is an ``unturn`` matrix, multiplied with that before. A part is ``affine``, a matrix, or the ``layers`` of a
    network; if ``centred``, what it makes of zeros is subtracted. ``moving`` then moves the sum as ``MovingDecoder``.
    ``multiplications`` is about the number of products that a spectrum costs.

    Args:
        model: fitted β-VAE, or another model of spectra whose ``decode`` is affine.
        latents: number of its latents.

    Returns:
        the description; None for a model that is neither, or has layers of its own.
    """
    if not isinstance(model, BetaVAE):
        return _affine(model, latents)
    moving, decoder = None, model.decoder
    if type(decoder) is MovingDecoder:
        moving = {name: getattr(decoder, name).tolist() for name in MOVING}
        moving |= {"moves": decoder.moves, "shifts": decoder.shifts, "opens": decoder.opens}
        decoder = decoder.decoder
    first = len(moving["moves"]) if moving else 0
    mask = _array(model.kept)
    try:
        if type(decoder) is Decoder:
            parts: list[Plain] = [{"inputs": list(range(first, latents)), "layers": _network(decoder, None)}]
        elif type(decoder) is AdditiveDecoder:
            parts = _additive(decoder, mask, first)
        else:
            return None
    except KeyError:  # a layer that nobody has described
        return None
    base = getattr(decoder, "base", None)
    return {
        "mask": mask,
        "unturn": np.linalg.inv(_array(model.axes)) if model.turns else None,
        "base": None if base is None else _array(base).ravel(),
        "centred": base is not None,
        "parts": parts,
        "moving": moving,
        "size": int(np.prod(decoder.shape)),
        "multiplications": sum(_products(part["layers"]) for part in parts),
    }


def number_of_weights(described: Any) -> int:
    """Return how many numbers the arrays of a description hold.

    >>> number_of_weights({"base": np.zeros(3), "parts": [{"affine": np.zeros((2, 3))}], "mask": None})
    9
    """
    if isinstance(described, np.ndarray):
        return int(described.size)
    if isinstance(described, Mapping):
        return sum(map(number_of_weights, described.values()))
    return sum(map(number_of_weights, described)) if isinstance(described, list) else 0


def _affine(model: Any, latents: int) -> Plain | None:
    """Return the description of a model that adds weighed spectra to an offset; None if it does anything else."""
    probes = np.random.default_rng(0).normal(size=(4, latents)).astype(np.float32)
    given = np.concatenate([np.zeros((1, latents), dtype=np.float32), np.eye(latents, dtype=np.float32), probes])
    decoded = np.asarray(model.decode(given), dtype=np.float64).reshape(len(given), -1)
    base, steps, wanted = decoded[0], decoded[1 : latents + 1] - decoded[0], decoded[latents + 1 :]
    error = np.abs(base + probes @ steps - wanted).max()
    if not error <= AFFINE_TOLERANCE * (np.ptp(decoded) or 1.0):  # also where it is no number
        return None
    parts = [{"inputs": list(range(latents)), "affine": steps}]
    common: Plain = {"mask": np.ones(latents), "unturn": None, "centred": False, "moving": None}
    return common | {"base": base, "parts": parts, "size": base.size, "multiplications": steps.size}


def _additive(decoder: AdditiveDecoder, mask: NDArray[np.float64], first: int) -> list[Plain]:
    """Return the networks of the blocks of latents that are kept; a block that is filled up has -1 as further input."""
    width = len(mask) - first
    parts = []
    for place, block in enumerate(decoder.inputs.tolist()):
        inputs = [first + latent if latent < width else -1 for latent in block]
        if any(latent >= 0 and mask[latent] > 0 for latent in inputs):
            parts.append({"inputs": inputs, "layers": _network(decoder.networks, place)})
    return parts


def _network(network: Any, place: int | None) -> Plain:
    """Return the layers of a decoder, or of the network at one place of several that stand side by side."""
    positions = network.positions
    return {
        "time": network.time,
        "embedding": _linear(network.embedding, place),
        "positions": None if positions is None else _array(_of(positions, place)).reshape(network.time, -1),
        "first": _cell(network.first, place),
        "blocks": [
            {
                "cells": [_cell(cell, place) for cell in block.cells],
                "skip": None if isinstance(block.skip, nn.Identity) else _linear(block.skip, place),
                "norm": _norm(block.norm, place),
            }
            for block in network.blocks
        ],
        "norm": _norm(network.norm, place),
        "output": _linear(network.output, place),
    }


def _linear(layer: nn.Module, place: int | None) -> Plain:
    """Return weight (out, in) and bias (out,) of a dense layer."""
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, Tensor)
    matrix = weight if place is None else weight[place].T  # side by side, weights are stored as (in, out)
    return {"weight": _array(matrix), "bias": _flat(bias, place)}


def _cell(cell: nn.Module, place: int | None) -> Plain:
    kind = {
        Recurrent: "recurrent",
        ParallelRecurrent: "recurrent",
        Convolution: "convolution",
        ParallelConvolution: "convolution",
        Dense: "dense",
        ParallelDense: "dense",
    }[type(cell)]
    if kind == "dense":
        return {"kind": kind, **_linear(cell.layer, place)}  # type: ignore[arg-type]
    if isinstance(cell, Convolution):
        return {"kind": kind, "weight": _array(cell.filter.weight), "bias": _flat(cell.filter.bias, None)}
    if isinstance(cell, ParallelConvolution):
        return {"kind": kind, "weight": _array(cell.weight[place]), "bias": _flat(cell.bias, place)}
    ways = []
    for number, way in enumerate(("", "_reverse")):
        named = {}
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            if isinstance(cell, Recurrent):
                named[name] = _array(getattr(cell.cell, f"{name}_l0{way}"))
            else:
                named[name] = _array(getattr(cell, name)[place, number])
        ways.append(named)
    is_lstm = isinstance(cell.cell, nn.LSTM) if isinstance(cell, Recurrent) else cell.lstm
    return {"kind": "lstm" if is_lstm else "gru", "ways": ways}


def _norm(norm: nn.Module, place: int | None) -> Plain | None:
    """Return the normalisation of a block; None if it has none."""
    over_time = isinstance(norm, TimeNorm | ParallelTimeNorm)
    layer = norm.norm if over_time else norm
    if isinstance(layer, nn.Identity):
        return None
    if not isinstance(layer, nn.LayerNorm | StackedLayerNorm):
        raise KeyError(type(layer).__name__)
    weight, bias = (_flat(each, place) for each in (layer.weight, layer.bias))
    return {"over": "time" if over_time else "feature", "weight": weight, "bias": bias, "eps": layer.eps}


def _products(layers: Plain) -> int:
    """Return about how many products a spectrum costs: each weight at every token, those of all tokens once."""
    cells = [layers["first"], *(cell for block in layers["blocks"] for cell in block["cells"])]
    once = [cell for cell in cells if cell["kind"] == "dense"] + [layers["embedding"]]
    time, whole = int(layers["time"]), number_of_weights(once)
    return whole + time * (number_of_weights(layers) - whole)


def _of(tensor: Tensor, place: int | None) -> Tensor:
    return tensor if place is None else tensor[place]


def _flat(tensor: Any, place: int | None) -> NDArray[np.float64] | None:
    return None if tensor is None else _array(_of(tensor, place)).ravel()


def _array(tensor: Any) -> NDArray[np.float64]:
    """Return a tensor, on whatever device, as float64."""
    array: NDArray[np.float64] = torch.as_tensor(tensor).detach().double().cpu().numpy()
    return array
