"""Runs as the comparison sees them, made by hand."""

from types import SimpleNamespace


def compared_run(name="a", run_id="0" * 32, *, digest="d1", artifact_uri="", tags=None, params=None, **metrics):
    dataset = SimpleNamespace(dataset=SimpleNamespace(name="mine.csv", digest=digest))
    return SimpleNamespace(
        info=SimpleNamespace(
            run_name=name, run_id=run_id, status="FINISHED", experiment_id="1", artifact_uri=artifact_uri
        ),
        data=SimpleNamespace(params={"data.target": "d33", **(params or {})}, metrics=metrics, tags=tags or {}),
        inputs=SimpleNamespace(dataset_inputs=[dataset]),
    )


def repeated(maes, *, key="seed", **params):
    """Return a run for each value of test/mae, under the seeds 0, 1, …, of one setting."""
    return [
        compared_run(
            f"{number}", f"{sum(map(ord, str(params))):x}{number}".rjust(32, "0"),
            params={**params, key: str(number)}, **{"test/mae": mae},
        )
        for number, mae in enumerate(maes)
    ]  # fmt: skip
