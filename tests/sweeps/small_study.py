"""Studies in memory, made of finished trials."""

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

LR = FloatDistribution(1e-5, 0.5, log=True)
HIDDEN = CategoricalDistribution(("[32,32]", "[64,64]", "[128,128]"))
SPACE = {"model.lr": "tag(log,interval(1e-5,0.5))", "model.hidden": "choice([32,32],[64,64],[128,128])"}
STATES = {"ok": TrialState.COMPLETE, "skipped": TrialState.COMPLETE, "pruned": TrialState.PRUNED}


def study(*trials, name="piezo/bayes", directions=("minimize",), objective=("val/mse",), space=SPACE):
    """Return a study as the sweeper leaves it."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    made = optuna.create_study(study_name=name, directions=directions)
    made.set_user_attr("objective", list(objective))
    made.set_user_attr("space", dict(space))
    made.add_trials(trials)
    return made


def trial(*values, outcome="ok", lr=0.01, hidden="[64,64]", reported=None, **attributes):
    """Return a trial that ended; ``reported`` is epoch to value."""
    return create_trial(
        state=STATES.get(outcome, TrialState.FAIL),
        values=list(values) or None,
        params={"model.lr": lr, "model.hidden": hidden},
        distributions={"model.lr": LR, "model.hidden": HIDDEN},
        intermediate_values=reported or {},
        user_attrs={"outcome": outcome, "run": "f" * 32, "epochs": 20, "seconds": 1.5, **attributes},
    )


def unfinished(state):
    """Return a trial that is ``RUNNING`` or ``WAITING``."""
    return create_trial(state=state, params={"model.lr": 0.1}, distributions={"model.lr": LR})


def failed(kind="diverged", message="weights are not finite", **attributes):
    """Return a trial that failed."""
    return trial(outcome="failed", kind=kind, message=message, **attributes)


def mixed():
    """Return a study in which trials ended in every way; trial 2 is the best."""
    return study(
        trial(4.0, lr=0.1),
        trial(3.0, outcome="skipped", lr=0.2, hidden="[32,32]", epochs=None),
        trial(1.0, lr=0.001, hidden="[128,128]", run="b" * 32, reported={10: 3.0, 20: 1.0}),
        trial(6.0, outcome="pruned", lr=0.3, reported={10: 7.0, 20: 6.0}),
        failed(lr=0.5),
        trial(2.0, lr=0.01, reported={10: 5.0, 20: 2.0}),
    )


def front():
    """Return a study of two objectives, the second to be maximised; trials 1 and 2 are its Pareto front."""
    values = [(3.0, 3.0), (2.0, 5.0), (1.0, 4.0), (2.5, 1.0)]
    trials = [trial(*pair, lr=10.0 ** -(number + 1)) for number, pair in enumerate(values)]
    return study(*trials, directions=("minimize", "maximize"), objective=("val/mse", "test/r2"))


def integers(values):
    """Return a study of one whole-number parameter."""
    distribution = IntDistribution(1, 100)
    trials = [
        create_trial(values=[value], params={"data.batch_size": n + 1}, distributions={"data.batch_size": distribution})
        for n, value in enumerate(values)
    ]
    return study(*trials, space={"data.batch_size": "int(interval(1,100))"})
