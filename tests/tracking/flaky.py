"""An MLflow client whose server can be taken away and brought back."""

import requests
from mlflow.exceptions import MlflowException


class Flaky:
    """Passes calls on, notes them in ``calls``, and fails as MLflow does while ``is_away``.

    Args:
        client: behind it.
        answers: how many more calls are answered before the server goes away; None for all.
    """

    def __init__(self, client, answers=None):
        self._client = client
        self.answers = answers
        self.calls = []

    @property
    def is_away(self):
        return self.answers == 0

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if not callable(call):
            return call

        def counted(*arguments, **named):
            if self.is_away:
                no_answer()
            if self.answers is not None:
                self.answers -= 1
            self.calls.append(name)
            return call(*arguments, **named)

        return counted


def no_answer():
    try:
        raise requests.ConnectionError("connection refused")
    except requests.ConnectionError:
        raise MlflowException("API request failed")  # noqa: B904  as MLflow does
