"""An ensemble of networks of one shape, which predicts their mean with an interval."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.foundation.threads import one_thread
from remanence.foundation.trust import import_target, trusting
from remanence.models.constant_width import ConstantWidth
from remanence.models.member_wise import MemberWise
from remanence.models.stacked import Form, form_of, stack

CHUNK = 512
"""Number of rows predicted at once; hundreds of members with encoded inputs need about 1 MB per row."""


def dtype_of(network: nn.Module) -> torch.dtype:
    """Return the dtype of the inputs that a network takes."""
    return next(network.parameters()).dtype


class Ensemble(ConstantWidth, nn.Module):
    """Mean of stacked members; each member predicts one target or all targets.

    Args:
        member: class of the members, as ``module.name``.
        arguments: constructor arguments of one member, as plain values.
        targets: number of the target that each member predicts, one entry per member; -1 for all targets.
        n_targets: number of outputs.
        half_width: half width of the interval of each target, in the target's unit; NaN or None where it is unknown.
        coverage: nominal coverage of the interval.
        form: form in which the members are computed together, see ``stack``.
        groups: number of the group of each member, such as the fold that it was trained in; None for a single group.
    """

    def __init__(
        self,
        *,
        member: str,
        arguments: Mapping[str, Any],
        targets: Sequence[int],
        n_targets: int,
        half_width: Sequence[float | None],
        coverage: float,
        form: Form = "batched",
        groups: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.hparams = {
            "member": member,
            "arguments": dict(arguments),
            "targets": list(targets),
            "n_targets": n_targets,
            # None, because JSON has no NaN
            "half_width": [None if width is None or not np.isfinite(width) else float(width) for width in half_width],
            "coverage": coverage,
            **({} if form == "batched" else {"form": form}),  # models stored by older versions have no form
            **({} if groups is None else {"groups": list(groups)}),  # nor groups
        }
        member_class = import_target("member", member)
        if not (isinstance(member_class, type) and issubclass(member_class, nn.Module)):
            raise TypeError(f"Expected argument `member` to name a network, but got {member!r}.")
        self.n_targets = n_targets
        self.members = stack([member_class(**arguments) for _ in targets], form)

    @classmethod
    def of(cls, stacked: nn.Module, **description: Any) -> Self:
        """Return the ensemble of trained ``stacked`` members; ``description`` is passed to the constructor."""
        kind = type(stacked.network if isinstance(stacked, MemberWise) else stacked)
        member = f"{kind.__module__}.{kind.__qualname__}"
        with trusting([member]):  # this process has built a network of this class already
            ensemble = cls(member=member, form=form_of(stacked), **description)
        ensemble.members = stacked
        return ensemble

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean prediction (batch, n_targets) for inputs (batch, n_features)."""
        return torch.cat([predicted.mean(dim=0) for predicted, _ in self._by_target(x)], dim=1)

    def _by_target(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return the predictions (members, batch, outputs) of the members of each target, and their groups (members,).

        Members that predict all targets are the only entry.
        """
        targets = torch.tensor(self.hparams["targets"])
        groups = torch.tensor(self.hparams.get("groups", [0] * len(targets)))
        predicted: Tensor = self.members(x.expand(len(targets), *x.shape))  # (members, batch, outputs of a member)
        if (targets < 0).all():
            return [(predicted, groups)]
        return [(predicted[targets == target], groups[targets == target]) for target in range(self.n_targets)]

    @torch.no_grad()
    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean prediction (rows, n_targets) in physical units."""
        return self._in_chunks(self, x)

    def spread(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standard deviation of the prediction over members (rows, n_targets), in physical units.

        Members of several groups differ from the mean of their own group.
        """
        return self.predict_with_spread(x)[1]

    @torch.no_grad()
    def predict_with_spread(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what ``predict`` and ``spread`` return, by one pass through the members."""

        def both(rows: Tensor) -> Tensor:
            means, squares = [], []
            for predicted, groups in self._by_target(rows):
                means.append(predicted.mean(dim=0))
                own = [predicted[groups == group].double() for group in sorted(set(groups.tolist()))]
                variances = [(each - each.mean(dim=0)).square().mean(dim=0) for each in own]
                squares.append(torch.stack(variances).mean(dim=0))
            return torch.cat([torch.cat(means, dim=1).double(), torch.cat(squares, dim=1).sqrt()], dim=1)

        values = self._in_chunks(both, x)
        return values[:, : self.n_targets], values[:, self.n_targets :]

    def _in_chunks(self, function: Callable[[Tensor], Tensor], x: NDArray[np.float64]) -> NDArray[np.float64]:
        self.eval()
        inputs = torch.as_tensor(x, dtype=dtype_of(self), device=next(self.parameters()).device)
        with one_thread():  # sums that are split among threads differ in the last digit
            chunks = [function(rows).double().cpu() for rows in torch.split(inputs, CHUNK)]
        values: NDArray[np.float64] = torch.cat(chunks).numpy() if chunks else np.empty((0, self.n_targets))
        return values
