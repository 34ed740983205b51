"""This module says how far a deployment came, and what stopped it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from imagelabels.domain.errors import Gone, LabelingError, NoBucket
from imagelabels.views.printing import escaped

Say = Callable[[str], None]
"""This gets each line of the report."""

HIDDEN = "(secret)"
LEFT_OUT = "the service's own words are left out, since they repeat a key"


class CallFailed(Exception):
    """The cloud refused a call, or did not answer. `code` is the vendor's name for the reason."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


@contextmanager
def failing(uri: str = "") -> Iterator[None]:
    """Turn what a provider says of a failed call into CallFailed, so that it stops the run at the step.

    `uri` names the bucket or object of the call, if it has one.
    """
    try:
        yield
    except LabelingError as error:
        raise CallFailed(str(error.reason), str(error)) from None
    except NoBucket as error:
        raise CallFailed("no such bucket", f"{uri or error}: make the bucket, or correct its name") from None
    except Gone as error:
        raise CallFailed("not there", str(error)) from None


class Progress:
    """The steps of one run in their order, and those that are finished."""

    def __init__(self, say: Say, steps: Sequence[str], secrets: Sequence[str] = ()) -> None:
        self._say, self._steps, self._secrets = say, tuple(steps), secrets
        self.finished: list[str] = []

    @property
    def complete(self) -> bool:
        """Tell whether every step is finished."""
        return len(self.finished) == len(self._steps)

    @contextmanager
    def told(self, how_on: str) -> Iterator[None]:
        """Say how far the run came if a refused call or Ctrl-C stops it, and `how_on`, which says what to do next."""
        try:
            yield
        except CallFailed as error:
            self._say(f"stopped at {self._steps[len(self.finished)]}: {escaped(self.without_secrets(str(error)))}")
            self._say(self._how_far(how_on))
        except KeyboardInterrupt:
            self._say("stopped by Ctrl-C")
            self._say(self._how_far(how_on))
            raise

    def without_secrets(self, text: str) -> str:
        """Hide the secrets in what the cloud answers, which may repeat a parameter that it refuses."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _how_far(self, how_on: str) -> str:
        rest = self._steps[len(self.finished) :]
        return f"done: {', '.join(self.finished) or 'nothing'}; not done: {', '.join(rest) or 'nothing'}; {how_on}"
