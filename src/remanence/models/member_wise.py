"""Members that are called one by one, for networks whose forward does not accept a leading member axis."""

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
    """A network whose weights and buffers have a leading member axis, and which is called once for each member.

    The methods take the rows of all members, (members, rows, …), and call each member with its own rows, (rows, …). A
    weight that the network calls ``<name>`` is called ``network.<name>`` here.

    Args:
        modules: one network per member, of equal structure.
        form: ``vmap`` traces the network once for all members; the network may not draw random numbers or branch on a
            value. ``loop`` calls each member separately, with its own rows and its own random generator.
    """

    def __init__(self, modules: Sequence[nn.Module], form: Literal["vmap", "loop"]) -> None:
        super().__init__()
        self.form = form
        self.randomness = "error"  # vmap refuses random numbers, which would not come from a member's generator
        self.network = _with_member_axis(modules)

    def forward(self, x: Tensor) -> Tensor:
        """Predict (members, rows, outputs) from x (members, rows, features)."""
        return self._each("forward", x)

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row (members, rows) from x (members, rows, features) and y (members, rows, outputs).

        In a loop, the loss of a member's padding is 0.
        """
        return self._each("row_loss", x, y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer that a single network configures, with the weights of all members in it.

        The optimizer is configured by a single network, because some networks group weights by their number of axes.
        """
        one: Any = self.member(0)
        optimizer: torch.optim.Optimizer = one.configure_optimizers()
        own = dict(self.network.named_parameters())
        stacked = {parameter: own[name] for name, parameter in one.named_parameters()}
        for group in optimizer.param_groups:
            group["params"] = [stacked[parameter] for parameter in group["params"]]
        for parameter, values in list(optimizer.state.items()):  # some optimizers, such as Adagrad, begin with a state
            del optimizer.state[parameter]
            optimizer.state[stacked[parameter]] = {
                name: _repeated(value, like=stacked[parameter]) if name != "step" else value
                for name, value in values.items()
            }
        return optimizer

    def member(self, number: int) -> nn.Module:
        """Return one member as a network without the member axis."""
        one: nn.Module = with_tensors(self.network, lambda value: value[number].clone())
        return one

    def complete_gradients(self) -> None:
        """Give a gradient of 0 to weights that no member has used in this step.

        A forward may choose its layers by its inputs. A weight that only some members use has a gradient of 0 for the
        others, so without this a member's step would depend on what other members choose.
        """
        for weight in self.parameters():
            if weight.requires_grad and weight.grad is None:
                weight.grad = torch.zeros_like(weight)

    def _weights(self) -> dict[str, Tensor]:
        """Return weights and buffers by name, with one name for a layer that is used in several places.

        With two names for a layer, ``functional_call`` would restore its weights wrongly.
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
    """A method of a network as a module that ``functional_call`` accepts."""

    def __init__(self, network: nn.Module, method: str) -> None:
        super().__init__()
        self.network, self.method = network, method

    def forward(self, *arguments: Tensor) -> Any:
        return self.network(*arguments) if self.method == "forward" else getattr(self.network, self.method)(*arguments)


def with_tensors(module: nn.Module, change: Callable[[Tensor], Tensor]) -> Any:
    """Return a copy of ``module`` with changed weights and buffers; tensors that layers share stay shared."""
    copied = copy.deepcopy(module, _computed(module))
    made: dict[int, tuple[Tensor, Tensor]] = {}  # old tensors are kept alive, so that no new one gets their id
    for part in copied.modules():
        for name, parameter in list(part.named_parameters(recurse=False, remove_duplicate=False)):
            changed = nn.Parameter(change(parameter.detach()), requires_grad=parameter.requires_grad)
            setattr(part, name, made.setdefault(id(parameter), (parameter, changed))[1])
        for name, buffer in list(part.named_buffers(recurse=False, remove_duplicate=False)):
            setattr(part, name, made.setdefault(id(buffer), (buffer, change(buffer)))[1])
    return copied


def _computed(module: nn.Module) -> dict[int, Any]:
    """Return detached replacements of tensors that layers keep from their last call, which cannot be copied.

    The keys are the ids of the tensors, as the memo of ``copy.deepcopy`` has them.
    """
    kept = (value for part in module.modules() for value in vars(part).values())
    tensors = (entry for value in kept for entry in (value if isinstance(value, list | tuple) else [value]))
    return {id(value): value.detach() for value in tensors if isinstance(value, Tensor) and not value.is_leaf}


def check_alike(modules: Sequence[nn.Module]) -> None:
    """Raise NotStackable for members that differ in anything but the values of their weights and buffers."""
    first = _structure(modules[0])
    for module in modules[1:]:
        other = _structure(module)
        if first != other:
            pairs = ((_in_words(a), _in_words(b)) for a, b in zip_longest(first, other, fillvalue=None) if a != b)
            raise NotStackable(
                f"ensemble: members of {type(module).__name__} differ by more than values: "
                "{} in one, {} in another".format(*next(pairs))
            )


def _structure(module: nn.Module) -> list[tuple[str, object]]:
    """Return the class of each layer, the shape of each tensor, and which tensors are shared."""
    layers = [(name, type(part).__name__) for name, part in module.named_modules(remove_duplicate=False)]
    tensors = [
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ]
    first: dict[int, str] = {}
    return [*layers, *((name, (*value.shape, first.setdefault(id(value), name))) for name, value in tensors)]


def _in_words(entry: tuple[str, object] | None) -> str:
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
    """Return weights and buffers of a layer without its sublayers, in the order of ``with_tensors``."""
    return [
        *part.named_parameters(recurse=False, remove_duplicate=False),
        *part.named_buffers(recurse=False, remove_duplicate=False),
    ]


def _repeated(value: Any, *, like: Tensor) -> Any:
    if isinstance(value, Tensor) and value.shape == like.shape[1:]:
        return value.expand(like.shape).clone()
    return value
