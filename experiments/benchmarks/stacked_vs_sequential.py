"""The members of `experiment=piezo/ns_to_qs` trained stacked, and one by one with Lightning, in one process.

    python experiments/benchmarks/stacked_vs_sequential.py [epochs] [runs]

15 members of d33 (5 folds of the training rows x 3 repetitions), same networks, rows, epochs, no early stopping,
neither logging nor checkpoints on either side. Of several runs, such as the trials of a sweep, all members are trained
together, on as many cores as there are and pay, and one by one only those of the first run, whose time is multiplied.
The two take turns. On a busy machine, the ratio of the processor time is the one to believe.
"""

import logging
import statistics
import sys
import time
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
from pytorch_lightning import Trainer

from remanence.configuration.compose import compose
from remanence.data.module import TableModule
from remanence.data.nbbt import NBBT
from remanence.data.splits import Fold
from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.training.meeting import meet
from remanence.training.stacked.members import Member, plan_members
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import Schedule, StackedResult, StackedTraining

TYPED = sys.argv[1:] if __name__ == "__main__" else []
EPOCHS = int(TYPED[0]) if TYPED else 1000
RUNS = int(TYPED[1]) if len(TYPED) > 1 else 1
ROUNDS = 2


def opened() -> NBBT:
    node = compose(["experiment=piezo/ns_to_qs", "data.target=d33"]).data
    data = NBBT(**{key: value for key, value in node.items() if key != "_target_"}).open()
    assert isinstance(data.folds[0], Fold)
    return data


def planned(data: NBBT, repeats: int = 3) -> list[Member]:
    return plan_members(data, folds=5, repeats=repeats, per_target=True, seed=0)


def stacked(data: NBBT, members: list[Member], *, epochs: int = EPOCHS, device: str = "cpu") -> StackedResult:
    schedule = Schedule(max_epochs=epochs, batch_size=data.batch_size, device=device, passes="written")
    return fit_stacked(StackedTraining(lambda: DNN(n_features=2), data.x, data.y, members, schedule))


def together(data: NBBT, members: list[Member]) -> None:
    if RUNS == 1:
        stacked(data, members)
        return
    found: list[int] = []
    meet([partial(stacked, data, members)] * RUNS, lambda number, result: found.append(result.stack))
    assert found == [RUNS] * RUNS, found


def sequential(data: NBBT, members: list[Member]) -> None:
    folds = data.folds
    for member in members:
        data.folds = [replace(folds[0], train=member.train, validation=member.validation)]
        network = DNN(n_features=2)
        network.prepare(*data.part("train"))
        trainer = Trainer(
            max_epochs=EPOCHS,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        trainer.fit(network, TableModule(data))
    data.folds = folds


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    data = opened()
    members = planned(data)
    seconds: dict[str, list[float]] = {"stacked": [], "sequential": []}
    processor: dict[str, list[float]] = {"stacked": [], "sequential": []}
    with one_thread():  # for both: it is faster for either
        for _ in range(ROUNDS):
            for name, train, times in (("stacked", together, 1), ("sequential", sequential, RUNS)):
                began, used = time.perf_counter(), time.process_time()
                train(data, members)
                processor[name].append((time.process_time() - used) * times)
                seconds[name].append((time.perf_counter() - began) * times)
    number, rows = RUNS * len(members), np.size(members[0].train)
    print(f"{number} members, {EPOCHS} epochs, {rows} training rows each, best of {ROUNDS}:")
    for name, values in seconds.items():
        print(f"  {name:10} {min(values):.1f} s (median {statistics.median(values):.1f})")
    print(f"  sequential / stacked: {min(seconds['sequential']) / min(seconds['stacked']):.0f}")
    print(f"  by processor time: {min(processor['sequential']) / min(processor['stacked']):.0f}")
