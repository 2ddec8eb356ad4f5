"""How β, λ and the learning rate go over the epochs of a β-VAE: pure functions of the epoch."""

import math
from dataclasses import dataclass
from typing import Literal

from remanence.errors import ConfigurationError

L1 = 1e-5
"""λ at β = 0."""


@dataclass(frozen=True, kw_only=True)
class BetaSchedule:
    """Warm-up at β = 0, a rise that disentangles, and, as an option, a refinement with the surviving latents.

    Args:
        kind: ``staged`` adds ``step`` every ``stage_epochs``; ``linear`` rises to ``peak`` until the refinement;
            ``cyclical`` rises to ``peak`` anew in every cycle of ``cycle_epochs``; ``none`` stays at 0.
        max_epochs: of the whole training.
        warmup_epochs: at β = 0.
        stage_epochs: after each stage a checkpoint is kept and the active units are counted.
        step: of ``staged``; None calibrates it by ``share``.
        share: of β·KL in MSE + β·KL at the first epoch with β > 0.
        peak: of ``linear`` and ``cyclical``.
        cycle_epochs: of ``cyclical``, whose β rises in the first half of a cycle and stays in the second.
        l1: whether λ = 1e-5·10^β acts on the dense layers.
        l1_in_warmup: whether λ acts before β does; the paper's text says no, its code yes.
        reset_optimizer: forget the optimiser's moments at the beginning of each stage, as released.
        reload_best: begin each stage from the best weights of the last one.
        wanted: number of latents to end with; None takes the one that persists longest.
        refine_epochs: at the end, with all other latents masked; 0 for none.
        refine_from: β at their beginning; None takes that of the chosen stage.
        refine_to: β at their end.
        cosine: let the learning rate rise over the first 2 % and fall to 0 over the refinement.

    Source: Qin et al., Adv. Mater. 2022, 2202814; cyclical: Fu et al., NAACL 2019. The refinement is ours.
    """

    kind: Literal["none", "staged", "linear", "cyclical"]
    max_epochs: int
    warmup_epochs: int = 0
    stage_epochs: int = 1
    step: float | None = None
    share: float = 0.6
    peak: float = 1.0
    cycle_epochs: int = 1
    l1: bool = False
    l1_in_warmup: bool = False
    reset_optimizer: bool = False
    reload_best: bool = False
    wanted: int | None = None
    refine_epochs: int = 0
    refine_from: float | None = None
    refine_to: float = 1e-3
    cosine: bool = False

    def __post_init__(self) -> None:
        if self.calibrates and not self.warmup_epochs:
            raise ConfigurationError(
                "beta_schedule.warmup_epochs: the step of β is calibrated after the warm-up, which needs at least "
                "1 epoch, got 0; or give beta_schedule.step"
            )
        if self.warmup_epochs + self.refine_epochs >= self.max_epochs and self.kind != "none":
            raise ConfigurationError(
                f"trainer.max_epochs: {self.max_epochs} epochs leave none for β to rise in, between "
                f"beta_schedule.warmup_epochs={self.warmup_epochs} and beta_schedule.refine_epochs={self.refine_epochs}"
            )

    @property
    def calibrates(self) -> bool:
        """Whether the step of β is taken from the errors at the end of the warm-up."""
        return self.kind == "staged" and self.step is None

    @property
    def rise_end(self) -> int:
        """Epoch at which β has risen, and the refinement begins if there is one."""
        return self.max_epochs - self.refine_epochs

    def stage(self, epoch: int) -> int:
        """Return the number of the stage: 0 is the warm-up, -1 the refinement."""
        if epoch >= self.rise_end:
            return -1
        if epoch < self.warmup_epochs:
            return 0
        return 1 + (epoch - self.warmup_epochs) // self.stage_epochs

    def ends_stage(self, epoch: int) -> bool:
        """Return whether a stage ends with this epoch."""
        return epoch + 1 <= self.rise_end and (epoch + 1 == self.rise_end or self.stage(epoch) != self.stage(epoch + 1))

    def begins_stage(self, epoch: int) -> bool:
        """Return whether another stage begins with this epoch."""
        return epoch > 0 and self.stage(epoch) != self.stage(epoch - 1)

    def beta(self, epoch: int, *, step: float | None = None, chosen: float | None = None) -> float:
        """Return β.

        Args:
            epoch: counted from 0.
            step: the calibrated one, where the schedule gives none.
            chosen: β of the stage that the refinement starts from.
        """
        if self.stage(epoch) == -1:
            high = self.refine_from if self.refine_from is not None else (chosen or self.refine_to)
            done = min(1.0, (epoch - self.rise_end) / (0.9 * self.refine_epochs))  # the last tenth stays at the end
            return float(high * (self.refine_to / high) ** done)
        since = epoch - self.warmup_epochs
        if since < 0:
            return 0.0
        match self.kind:
            case "staged":
                height = self.step if self.step is not None else step
                return (height or 0.0) * self.stage(epoch)
            case "linear":
                return self.peak * (since + 1) / (self.rise_end - self.warmup_epochs)
            case "cyclical":
                return self.peak * min(1.0, 2 * (since % self.cycle_epochs + 1) / self.cycle_epochs)
            case _:
                return 0.0

    def penalty(self, epoch: int, beta: float) -> float:
        """Return λ, linked to β."""
        acts = self.l1 and (self.l1_in_warmup or epoch >= self.warmup_epochs)
        return L1 * 10**beta if acts else 0.0

    def lr_factor(self, epoch: float) -> float:
        """Return what the learning rate is multiplied with, at a fraction of an epoch."""
        if not self.cosine:
            return 1.0
        rising = min(1.0, (epoch + 1e-3) / (0.02 * self.max_epochs))
        falling_epochs = self.refine_epochs or self.max_epochs
        done = max(0.0, epoch - (self.max_epochs - falling_epochs)) / falling_epochs
        return rising * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def calibrated_step(mse: float, kl: float, share: float = 0.6) -> float:
    """Return the β with which β·KL is ``share`` of MSE + β·KL.

    >>> beta = calibrated_step(0.1, 2.0)
    >>> round(beta * 2.0 / (0.1 + beta * 2.0), 6)
    0.6
    """
    return share / (1 - share) * mse / kl if kl > 0 else 0.0
