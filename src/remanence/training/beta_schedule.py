"""Schedules of β, λ and the learning rate in the training of a β-VAE, as pure functions of the epoch."""

import math
from dataclasses import dataclass
from typing import Literal

from remanence.errors import ConfigurationError

L1 = 1e-5
"""Weight λ of the L1 penalty at β = 0."""


@dataclass(frozen=True, kw_only=True)
class BetaSchedule:
    """Warm-up at β = 0, then a rise of β that disentangles, then optionally a refinement with the surviving latents.

    Args:
        kind: ``staged`` adds ``step`` every ``stage_epochs``; ``linear`` rises to ``peak`` until the refinement;
            ``cyclical`` rises to ``peak`` anew in every cycle of ``cycle_epochs``; ``none`` stays at 0.
        max_epochs: number of epochs of the whole training.
        warmup_epochs: number of epochs at β = 0.
        stage_epochs: number of epochs of a stage; after each stage a checkpoint is kept and the active units are
            counted.
        step: amount by which ``staged`` raises β at each stage; None calibrates it by ``share``.
        share: share of β·KL in MSE + β·KL at the first epoch with β > 0; calibrates ``step``.
        peak: highest β of ``linear`` and ``cyclical``.
        cycle_epochs: number of epochs of a cycle of ``cyclical``; β rises in its first half and stays in its second.
        l1: whether an L1 penalty with the weight λ = 1e-5·10^β acts on the dense layers.
        l1_in_warmup: whether λ acts during the warm-up too; the paper's text says no, the paper's code says yes.
        reset_optimizer: whether each stage begins with a fresh state of the optimiser, as in the released code.
        reload_best: whether each stage begins from the best weights of the stage before.
        wanted: number of latents to end with; None finds it as ``number`` says.
        number: ``dimension`` takes the intrinsic dimension of the training spectra; ``persistence`` the number of
            active units that stays over most stages.
        refine_epochs: number of epochs of the refinement at the end, in which all other latents are masked; 0 for none.
        refine_from: β at the beginning of the refinement; None takes the β of the chosen stage.
        refine_to: β at the end of the refinement.
        free_nats: divergence of each latent in nats below which the refinement does not penalise it, so that none of
            the latents that are kept is switched off.
        weights: which weights the training ends with: those of the epoch with the ``best`` validation error, or the
            ``last`` ones; at a learning rate of 0, the epoch with the best error of a few spectra is chosen by chance.
        cosine: whether the learning rate rises over the first 2 % of the training and falls to 0 over the refinement.

    Source: Qin et al., Adv. Mater. 2022, 2202814; cyclical: Fu et al., NAACL 2019; free nats: Kingma et al., NeurIPS
    2016. The refinement is ours.
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
    number: Literal["dimension", "persistence"] = "persistence"
    refine_epochs: int = 0
    refine_from: float | None = None
    refine_to: float = 1e-3
    free_nats: float = 0.0
    weights: Literal["best", "last"] = "best"
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
        """Whether the step of β is calibrated from the errors at the end of the warm-up."""
        return self.kind == "staged" and self.step is None

    @property
    def rise_end(self) -> int:
        """Epoch at which β stops rising; the refinement, if there is one, begins with it."""
        return self.max_epochs - self.refine_epochs

    def stage(self, epoch: int) -> int:
        """Return the number of the stage that ``epoch`` belongs to: 0 is the warm-up, -1 the refinement."""
        if epoch >= self.rise_end:
            return -1
        if epoch < self.warmup_epochs:
            return 0
        return 1 + (epoch - self.warmup_epochs) // self.stage_epochs

    def ends_stage(self, epoch: int) -> bool:
        """Return whether a stage ends with this epoch."""
        return epoch + 1 <= self.rise_end and (epoch + 1 == self.rise_end or self.stage(epoch) != self.stage(epoch + 1))

    def begins_stage(self, epoch: int) -> bool:
        """Return whether a new stage begins with this epoch; the first epoch does not count."""
        return epoch > 0 and self.stage(epoch) != self.stage(epoch - 1)

    def beta(self, epoch: int, *, step: float | None = None, chosen: float | None = None) -> float:
        """Return β in an epoch.

        Args:
            epoch: number of the epoch, counted from 0.
            step: calibrated step of β; used where the schedule itself gives none.
            chosen: β of the stage that the refinement starts from.
        """
        if self.stage(epoch) == -1:
            high = self.refine_from if self.refine_from is not None else (chosen or self.refine_to)
            done = min(1.0, (epoch - self.rise_end) / (0.9 * self.refine_epochs))  # the last tenth stays at refine_to
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

    def free(self, epoch: int) -> float:
        """Return the divergence of a latent in nats that is not penalised in an epoch."""
        return self.free_nats if self.stage(epoch) == -1 else 0.0

    def revives(self, epoch: int) -> bool:
        """Return whether kept latents that are switched off are revived before an epoch.

        That is at the beginning of the refinement and after a quarter and a half of it: later ones would not be
        learnt.
        """
        moments = {self.rise_end + self.refine_epochs * quarters // 4 for quarters in range(3)}
        return self.stage(epoch) == -1 and self.free_nats > 0 and epoch in moments

    def penalty(self, epoch: int, beta: float) -> float:
        """Return the weight λ of the L1 penalty, which grows with ``beta``."""
        acts = self.l1 and (self.l1_in_warmup or epoch >= self.warmup_epochs)
        return L1 * 10**beta if acts else 0.0

    def lr_factor(self, epoch: float) -> float:
        """Return the factor of the learning rate at ``epoch``, which may be a fraction of an epoch."""
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
