"""Making avatars and voices: what may help is tried again, and it always ends."""

from collections.abc import Iterator

import pytest
from conftest import in_process

from visavis.domain.errors import NotFoundError
from visavis.jobs import attempts
from visavis.jobs.attempts import MAX_FAILED, make
from visavis.jobs.meter import Meter
from visavis.jobs.processes import ChildError, StoppedError
from visavis.jobs.service import Service
from visavis.store.blobs import MissingBlobError
from visavis.store.database import StoreError


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with in_process(tmp_path_factory.mktemp("attempts")) as (_, opened):
        yield opened


class Story:
    """Something that is made; each try ends with the next of the given errors, or well."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.fences: list[str] = []
        self.ended: list[tuple[str, str | None, str, str]] = []

    def begin(self, fence: str) -> str | None:
        self.fences.append(fence)
        return "row"

    def create(self, row: str, fence: str, meter: Meter) -> str:
        assert (row, fence) == ("row", self.fences[-1])
        if error := self.errors[min(len(self.fences), len(self.errors)) - 1]:
            raise error
        return "made"

    def settle(
        self, fence: str, made: str | None, code: str, message: str, seconds: float = 0.0
    ) -> None:
        assert (seconds > 0) == (made is not None)
        self.ended.append((fence, made, code, message))

    def told(self, service: Service) -> list[list[str | None]]:
        make(service, self.begin, self.create, self.settle, "It is gone.")
        assert all(fence == self.fences[-1] for fence, *_ in self.ended), "of the last try"
        assert len(set(self.fences)) == len(self.fences)
        return [rest for _, *rest in self.ended]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts.time, "sleep", lambda _: None)


DIED = ChildError("child_died", "It died.", True)
REFUSED = ChildError("invalid_source", "Nobody is seen.", False)


@pytest.mark.parametrize("error", [DIED, StoreError("Away."), ValueError("a bug")])
def test_what_may_help_is_tried_three_times(service: Service, error: Exception) -> None:
    story = Story(error)
    ((made, code, message),) = story.told(service)
    assert made is None
    assert len(story.fences) == MAX_FAILED
    assert code
    assert message
    assert "bug" not in message, "its words may be the user's"


def test_a_try_that_goes_well_ends_it(service: Service) -> None:
    story = Story(DIED, None)
    assert story.told(service) == [["made", "", ""]]
    assert len(story.fences) == 2


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (REFUSED, "invalid_source", "Nobody is seen."),
        (NotFoundError("asset", "x"), "invalid_source", "It is gone."),
        (MissingBlobError("x"), "invalid_source", "It is gone."),
    ],
)
def test_what_cannot_help_is_not_tried_again(
    service: Service, error: Exception, code: str, message: str
) -> None:
    story = Story(error)
    assert story.told(service) == [[None, code, message]]
    assert len(story.fences) == 1


def test_what_nobody_wants_any_more_just_stops(service: Service) -> None:
    assert Story(StoppedError()).told(service) == []
    gone = Story(None)
    make(service, lambda _: None, gone.create, gone.settle, "")
    assert gone.ended == []
