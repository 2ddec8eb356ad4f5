"""Members called one by one with their own weights: for a network whose forward is written for its own rows only."""

import copy
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from remanence.errors import NotStackable
from remanence.models.member_step import current_step, taking


class MemberWise(nn.Module):
    """A network whose weights and buffers have a leading member axis, and which is called for each member.

    Its methods take rows of all members, (members, rows, …), and give each member its own, (rows, …). The weights are
    called ``network.<name>``, by the names of the network itself.

    Args:
        modules: one network per member, of equal structure.
        form: vmap traces the network once for all members: nothing may be drawn in it, or depend on a value. A loop
            calls each member by itself, with its own rows and random generator.
    """

    def __init__(self, modules: Sequence[nn.Module], form: Literal["vmap", "loop"]) -> None:
        super().__init__()
        self.form = form
        self.randomness = "error"  # of vmap: noise of its members would not be their own
        self.network = _with_member_axis(modules)

    def forward(self, x: Tensor) -> Tensor:
        """Predict (members, rows, outputs) from x (members, rows, features)."""
        return self._each("forward", x)

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row (members, rows) from x (members, rows, features) and y (members, rows, outputs).

        In a loop, the loss of rows that are not a member's own is 0.
        """
        return self._each("row_loss", x, y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer of a single network, for the weights of all members.

        It is made of a single one, because some divide weights by their number of axes.
        """
        one: Any = self.member(0)
        optimizer: torch.optim.Optimizer = one.configure_optimizers()
        own = dict(self.network.named_parameters())
        stacked = {parameter: own[name] for name, parameter in one.named_parameters()}
        for group in optimizer.param_groups:
            group["params"] = [stacked[parameter] for parameter in group["params"]]
        for parameter, values in list(optimizer.state.items()):  # some begin with a state, as Adagrad does
            del optimizer.state[parameter]
            optimizer.state[stacked[parameter]] = {
                name: _repeated(value, like=stacked[parameter]) if name != "step" else value
                for name, value in values.items()
            }
        return optimizer

    def member(self, number: int) -> nn.Module:
        """Return one member as the network that it was before it was stacked."""
        one: nn.Module = with_tensors(self.network, lambda value: value[number].clone())
        return one

    def complete_gradients(self) -> None:
        """Give a gradient of 0 to weights that no member has used in a step, as if one of them had.

        A forward may choose its layers by what it is given, and a member must not notice what others chose.
        """
        for weight in self.parameters():
            if weight.requires_grad and weight.grad is None:
                weight.grad = torch.zeros_like(weight)

    def _weights(self) -> dict[str, Tensor]:
        """Return weights and buffers by name; a layer that stands in several places has one name.

        ``functional_call`` would put a layer of two names back wrongly.
        """
        return {
            f"{place}.{name}": value
            for place, part in self.network.named_modules(prefix="network")
            for name, value in _tensors(part)
        }

    def _each(self, method: str, *rows: Tensor) -> Tensor:
        weights = self._weights()
        call = _Call(self.network, method)
        if self.form == "vmap":

            def one(own: dict[str, Tensor], *arguments: Tensor) -> Tensor:
                return functional_call(call, own, arguments, tie_weights=False)  # type: ignore[no-any-return]

            with taking(None):
                return vmap(one, randomness=self.randomness)(weights, *rows)
        step, width, results = current_step(), rows[0].shape[1], []
        apart = {id(value): value.unbind() for value in weights.values()}
        unbound = {name: apart[id(value)] for name, value in weights.items()}
        for member, arguments in enumerate(zip(*rows, strict=True)):
            own = {name: values[member] for name, values in unbound.items()}
            if step is None or step.width != width:
                results.append(functional_call(call, own, arguments, tie_weights=False))
                continue
            with step.drawing_as(member), taking(None):
                taken = tuple(values[: step.rows[member]] for values in arguments)
                result = functional_call(call, own, taken, tie_weights=False)
            results.append(torch.cat([result, result.new_zeros(width - len(result), *result.shape[1:])]))
        return torch.stack(results)


class _Call(nn.Module):
    """A method of a network as what ``functional_call`` takes."""

    def __init__(self, network: nn.Module, method: str) -> None:
        super().__init__()
        self.network, self.method = network, method

    def forward(self, *arguments: Tensor) -> Any:
        return self.network(*arguments) if self.method == "forward" else getattr(self.network, self.method)(*arguments)


def with_tensors(module: nn.Module, change: Callable[[Tensor], Tensor]) -> Any:
    """Return a copy of ``module`` with changed weights and buffers; those that layers share stay shared."""
    copied = copy.deepcopy(module, _computed(module))
    made: dict[int, tuple[Tensor, Tensor]] = {}  # the old one stays alive, so that no other gets its id
    for part in copied.modules():
        for name, parameter in list(part.named_parameters(recurse=False, remove_duplicate=False)):
            changed = nn.Parameter(change(parameter.detach()), requires_grad=parameter.requires_grad)
            setattr(part, name, made.setdefault(id(parameter), (parameter, changed))[1])
        for name, buffer in list(part.named_buffers(recurse=False, remove_duplicate=False)):
            setattr(part, name, made.setdefault(id(buffer), (buffer, change(buffer)))[1])
    return copied


def _computed(module: nn.Module) -> dict[int, Any]:
    """Return what takes the place of tensors that layers keep of their last call, which cannot be copied."""
    kept = (value for part in module.modules() for value in vars(part).values())
    tensors = (entry for value in kept for entry in (value if isinstance(value, list | tuple) else [value]))
    return {id(value): value.detach() for value in tensors if isinstance(value, Tensor) and not value.is_leaf}


def check_alike(modules: Sequence[nn.Module]) -> None:
    """Raise NotStackable for members that differ in anything but the values of their weights and buffers."""
    first = _structure(modules[0])
    for module in modules[1:]:
        other = _structure(module)
        if first != other:
            pairs = ((_told(a), _told(b)) for a, b in zip_longest(first, other, fillvalue=None) if a != b)
            raise NotStackable(
                f"ensemble: members of {type(module).__name__} differ by more than values: "
                "{} in one, {} in another".format(*next(pairs))
            )


def _structure(module: nn.Module) -> list[tuple[str, object]]:
    """Return the kind of each layer, the shape of each tensor, and which tensors are one."""
    layers = [(name, type(part).__name__) for name, part in module.named_modules(remove_duplicate=False)]
    tensors = [
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ]
    first: dict[int, str] = {}
    return [*layers, *((name, (*value.shape, first.setdefault(id(value), name))) for name, value in tensors)]


def _told(entry: tuple[str, object] | None) -> str:
    if entry is None:
        return "nothing"
    name, what = entry
    return f"{name} of shape {what[:-1]}" if isinstance(what, tuple) else f"{name or 'the network'} a {what}"


def _with_member_axis(modules: Sequence[nn.Module]) -> nn.Module:
    """Return a copy of the first module whose weights and buffers have a leading member axis."""
    rows = zip(*([value for part in m.modules() for _, value in _tensors(part)] for m in modules), strict=True)
    stacked = iter([torch.stack([value.detach() for value in values]) for values in rows])
    return with_tensors(modules[0], lambda value: next(stacked))  # type: ignore[no-any-return]


def _tensors(part: nn.Module) -> list[tuple[str, Tensor]]:
    """Return weights and buffers of a layer without its parts, in the order in which ``with_tensors`` changes them."""
    return [
        *part.named_parameters(recurse=False, remove_duplicate=False),
        *part.named_buffers(recurse=False, remove_duplicate=False),
    ]


def _repeated(value: Any, *, like: Tensor) -> Any:
    if isinstance(value, Tensor) and value.shape == like.shape[1:]:
        return value.expand(like.shape).clone()
    return value
