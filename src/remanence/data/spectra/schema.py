"""Schemas of ``conf/data`` for spectra; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.schema import Count, Fraction, Positive, Seed, configures, node

Share = Annotated[float, Field(ge=0, lt=1)]


@configures("remanence.data.spectra.simulated.SimulatedScan")
class SimulatedScan:
    """``conf/data/_simulated_scan.yaml``."""

    rows: Count
    cols: Count
    steps: Annotated[int, Field(ge=4)]
    cycles: Count
    bins: Annotated[int, Field(ge=4)]
    bandwidth: Annotated[float, Field(gt=0, le=1000)]
    snr: Positive
    outliers: Share
    dead_pixels: Share
    resonance_drift: float
    amplitude_drift: Share
    phase: float
    seed: Seed


@node
class PixelSplit:
    """Pixels that are held out."""

    kind: Literal["random", "blocks", "all"]
    test: Fraction
    validation: Fraction
    block: Count
    seed: Seed


@node
class SpectralData:
    """Keys that all spectra have."""

    layout: Literal["joined", "stacked", "interleaved"]
    scaling: Literal["array", "step"]
    batch_size: Count
    mixup: Annotated[float, Field(ge=0, le=1)]


@configures("remanence.data.spectra.toy.Toy", kind="spectra")
class Toy(SpectralData):
    """``conf/data/toy.yaml``."""

    colours: Count
    validation: Count
    gamut: Count
    image: str | None
    image_size: Count
    seed: Seed


@configures("remanence.data.spectra.beps.BEPS", kind="spectra")
class BEPS(SpectralData):
    """``conf/data/beps.yaml``."""

    dir: str | None
    channels: Annotated[list[Literal["piezoresponse", "resonance"]], Field(min_length=1)]
    split: PixelSplit


@configures("remanence.data.spectra.raw.Raw", kind="spectra")
class Raw(SpectralData):
    """``conf/data/raw.yaml``."""

    path: str | None
    measurement: str | None
    channel: str | None
    field: Literal["off", "on"]
    cycle: int
    minimum_r2: Fraction
    max_bad: Fraction
    side: Positive | None
    device: Annotated[str, Field(pattern=r"^(cpu|cuda(:\d+)?)$")]
    split: PixelSplit
