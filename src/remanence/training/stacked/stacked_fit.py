"""Training all members of a run as one stacked network, and the stacks of several runs as one joined network."""

import time
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from remanence.models.dense_pass import DensePass
from remanence.models.joined import Span, join, spans_of, tensors
from remanence.training.meeting import ask, is_meeting
from remanence.training.small_on_gpu import say_if_small
from remanence.training.stacked.autograd_pass import AutogradPass
from remanence.training.stacked.course import Course
from remanence.training.stacked.flat_adam import FlatAdam
from remanence.training.stacked.joined_rows import join_rows
from remanence.training.stacked.joint_groups import joint_groups, steps_of
from remanence.training.stacked.joint_steps import JointStep, joint_steps
from remanence.training.stacked.judges import judges
from remanence.training.stacked.member_rows import MemberRows
from remanence.training.stacked.members import Member
from remanence.training.stacked.on_cores import divided, threads
from remanence.training.stacked.stacked_training import StackedResult, StackedTraining
from remanence.training.stacked.written_pass import WrittenPass, takes_written_pass


def fit_stacked(training: StackedTraining) -> StackedResult:
    """Train every member on its own rows, from its own seed, as if it were alone.

    A member's weights, shuffling, dropout and early stopping depend on its seed and its rows only. The result is
    therefore that of training the member alone with the same ``schedule.steps``; with ``schedule.epochs="others"``, the
    epoch that is kept depends on the other members. If there are several processes, each trains some of the members,
    and each returns all of them. In a meeting of several runs, see ``training.meeting``, their members train together.

    Raises:
        Pruned: if a report ended the training; its checkpoint is written before.
        FloatingPointError: if the training diverged.
    """
    found: StackedResult = ask(training, fit_trainings)
    if is_meeting():
        torch.manual_seed(training.members[0].seed)  # what a run draws later is drawn as after a training alone
    return found


def fit_trainings(trainings: Sequence[StackedTraining]) -> list[StackedResult | Exception]:
    """Do several trainings, those of equal shape as members of one joined network, and return the result of each.

    The weights of a training do not depend on the others, but for rounding. One that fails leaves the others alone; its
    exception stands in the place of its result.
    """
    results: list[StackedResult | Exception | None] = [None] * len(trainings)
    courses: dict[Course, int] = {}
    for number, asked in enumerate(trainings):
        try:
            course = Course(asked)
            if asked.schedule.checkpoint is not None and asked.schedule.checkpoint.is_file():
                course.restore(asked.schedule.checkpoint)
            courses[course] = number
        except Exception as error:
            results[number] = error
    for group in joint_groups(list(courses)):
        try:
            _train(group)
        except Exception as error:
            if len(group) > 1:  # it may be the fault of one of them, or of their number
                for course in group:
                    (results[courses[course]],) = fit_trainings([replace(course.asked, log=course.log_later)])
                continue
            group[0].error = error
        for course in group:
            try:
                results[courses[course]] = replace(course.end(), stack=len(group))
            except Exception as error:
                results[courses[course]] = error
    return [result for result in results if result is not None]


def _train(courses: Sequence[Course]) -> None:
    """Train until all courses are over; the others train on without those that have ended."""
    written = time.monotonic()
    while going := [course for course in courses if not course.is_over]:
        trainings = [_Training(part) for part in divided(going)]
        with threads(len(trainings)) as each:
            while not any(course.is_over for course in going):
                noted = [metrics for part in each(_Training.run_epoch, trainings) for metrics in part]
                waited = time.monotonic() - written
                due = [_report_epoch(course, metrics, waited) for course, metrics in zip(going, noted, strict=True)]
                if any(due):
                    written = time.monotonic()


def _report_epoch(course: Course, metrics: dict[str, float], waited: float) -> bool:
    """Log and report what an epoch has brought, and return whether a checkpoint was written.

    Args:
        course: training.
        metrics: metrics of its last epoch.
        waited: seconds since the last checkpoint.
    """
    asked, schedule, epoch = course.asked, course.schedule, course.epoch - 1
    try:
        asked.log(metrics, epoch)
        course.logged = epoch
        stop = asked.report is not None and asked.report(metrics, epoch)
        due = schedule.checkpoint is not None and waited >= schedule.seconds
        stops, dues = zip(*course.ranks.gather((stop, due)), strict=True)
        course.pruned = any(stops) and not course.is_over
        if schedule.checkpoint is not None and any(dues):
            asked.flush()  # a training that is resumed does not repeat these epochs
            course.write(schedule.checkpoint)
            return True
    except Exception as error:
        course.error = error
    return False


class _Training:
    """Trainings that run together, epoch by epoch: one alone, or several that are joined.

    Args:
        courses: trainings, alike; a joined one is not divided among processes.
    """

    def __init__(self, courses: Sequence[Course]) -> None:
        self.courses, first = courses, courses[0]
        self.ranks, self.is_alone = first.ranks, len(courses) == 1
        self.spans = spans_of([len(course.own) for course in courses])
        joined, members = join_rows(courses)
        own = first.own if self.is_alone else range(len(members))
        self.rows = self._rows_of(joined, members, own)
        self.judges = judges(members)[list(own)].to(first.best) if first.schedule.epochs == "others" else None
        """Which members choose the best epoch of each member of this process; None if each chooses its own."""
        self.network = join([course.network for course in courses])
        self.best, self.best_epoch = self._join_best_epochs()
        self.kept = [] if self.is_alone else self._join_best_weights()
        is_wanted = all(course.schedule.passes == "written" for course in courses)
        is_written = is_wanted and takes_written_pass(self.network, self.rows)
        # the steps before the passes, which read the weights where they are then
        self.steps = self._choose_steps(is_flat=is_written)
        self.passes = self._choose_passes(is_written=is_written)
        self.final = first.schedule.is_final(self.best_epoch, self.epoch)
        """Whether the best weights of each member are final, (members,)."""
        if self.ranks.rank == 0:
            say_if_small(self.network, rows=self.rows.steps.weight.shape[-1], device=first.best.device)

    @property
    def epoch(self) -> int:
        """Number of epochs trained; it is the same for all trainings that run together."""
        return self.courses[0].epoch

    def _rows_of(self, joined: StackedTraining, members: Sequence[Member], own: Sequence[int]) -> MemberRows:
        """Return the rows of the members ``own``, which draw from the generators of their courses."""
        first = self.courses[0]
        rows = MemberRows(
            joined.x,
            joined.y,
            members,
            own,
            batch_size=joined.schedule.batch_size,
            steps=joined.schedule.steps if self.is_alone else steps_of(first.asked),
            device=first.best.device,
            dtype=first.best.dtype,
            uncertainty=joined.uncertainty,
            loaded=[course.schedule.batch_size for course in self.courses] if joined.order is not None else None,
        )
        rows.generators[:] = [one for course in self.courses for one in course.shuffled]
        rows.drawn[:] = [one for course in self.courses for one in course.drawn]
        return rows

    def _choose_steps(self, *, is_flat: bool) -> Sequence[Course | JointStep | FlatAdam]:
        """Return what takes the steps of the optimizers; ``is_flat`` lets a course alone step as one tensor."""
        if not self.is_alone:
            return joint_steps(self.network, self.courses, self.spans)
        flat = FlatAdam.of(self.courses[0]) if is_flat else None
        return self.courses if flat is None else [flat]

    def _choose_passes(self, *, is_written: bool) -> WrittenPass | AutogradPass:
        """Return what computes losses and gradients."""
        with_errors = any(course.tells_errors for course in self.courses)
        if is_written:
            return WrittenPass(DensePass.of(self.network), self.rows, with_errors=with_errors)
        return AutogradPass(self.network, self.rows, self._zero_gradients, with_errors=with_errors)

    def _join_best_epochs(self) -> tuple[Tensor, Tensor]:
        """Return the best loss and epoch of each member, (members,), of which the courses see their own."""
        best = torch.cat([course.best for course in self.courses])
        best_epoch = torch.cat([course.best_epoch for course in self.courses])
        for course, span in zip(self.courses, self.spans, strict=True):
            course.best, course.best_epoch = span.of(best), span.of(best_epoch)
        return best, best_epoch

    def _join_best_weights(self) -> list[tuple[Span, Tensor, Tensor]]:
        """Join the best weights of all courses; return them with their members and the weights as they are."""
        kept = []
        for name, span, value in tensors(self.network, Span(0, len(self.best))):
            inside = [(c, own) for c, own in zip(self.courses, self.spans, strict=True) if own.is_in(span)]
            best = torch.cat([course.best_weights[name] for course, _ in inside])
            for course, own in inside:
                course.best_weights[name] = own.within(span).of(best)
            kept.append((span, value.detach(), best))
        return kept

    def run_epoch(self) -> list[dict[str, float]]:
        """Take all steps of an epoch, validate, keep the weights of members that improved; return each one's means."""
        total, steps = torch.zeros_like(self.best), 0
        for loss in self.passes.epoch():
            for part in self.steps:
                part.step()
            total += loss if self.rows.shares is None else loss * self.rows.shares[:, steps]
            steps += 1
        score, errors = self.passes.validate()
        judged = score if self.judges is None else self._judged(score, self.judges)
        schedule = self.courses[0].schedule
        improved = (judged < self.best - schedule.min_delta) & ~self.final & score.isfinite()
        chosen = improved.nonzero()[:, 0]
        if len(chosen):
            self.best[chosen] = judged[chosen]
            self.best_epoch[chosen] = self.epoch
            self._keep(improved, chosen)
        for course in self.courses:
            course.epoch += 1
        self.final = schedule.is_final(self.best_epoch, self.epoch)
        mean = total / steps if self.rows.shares is None else total
        own = torch.stack([mean, score, self.final.to(score), *errors]).cpu()
        every = own if self.ranks.size == 1 else torch.cat(self.ranks.gather(own), dim=1)  # (3 or 5, all members)
        if self.is_alone:
            return [self.courses[0].note(every)]
        return [
            course.note(every[: None if course.tells_errors else 3, span.begin : span.end])
            for course, span in zip(self.courses, self.spans, strict=True)
        ]

    def _zero_gradients(self) -> None:
        if self.is_alone:
            self.courses[0].optimizer.zero_grad()
        else:  # they stay where the courses see them
            torch._foreach_zero_([weight.grad for weight in self.network.parameters() if weight.grad is not None])

    def _keep(self, improved: Tensor, chosen: Tensor) -> None:
        """Keep the weights of members that improved, (members,), whose numbers are ``chosen``."""
        if not self.is_alone:
            for span, value, best in self.kept:
                own = span.of(improved)
                best[own] = value[own]
            return
        best_weights = self.courses[0].best_weights
        for name, value in self.network.state_dict().items():
            if len(chosen) == len(improved):
                best_weights[name].copy_(value)
            else:
                best_weights[name].index_copy_(0, chosen, value.index_select(0, chosen))

    def _judged(self, score: Tensor, judges: Tensor) -> Tensor:
        """Return the mean validation loss of the judges of each member of this process; of those that are finite."""
        every = torch.cat(self.ranks.gather(score.cpu())).to(score)
        finite = every.isfinite()
        number = judges[:, finite].sum(dim=1)
        mean = judges[:, finite] @ every[finite] / number.clamp(min=1)
        return torch.where(number > 0, mean, torch.inf)
