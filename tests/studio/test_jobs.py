from __future__ import annotations

import threading
from pathlib import Path

import pytest

from scenegen.errors import RenderError, UsageError
from scenegen.progress import Progress
from scenegen.studio.jobs import Job, Jobs
from scenegen.studio.worker import Worker


def ended(jobs: Jobs) -> tuple[threading.Event, list[Job]]:
    over, told = threading.Event(), []

    def hear(job: Job) -> None:
        told.append(job)
        if job.state != "running":
            over.set()

    jobs.listen(hear)
    return over, told


def test_a_job_ends_with_its_file() -> None:
    jobs = Jobs()
    over, told = ended(jobs)
    jobs.start("clip", lambda _: Path("clip.mp4"))
    assert over.wait(30)
    assert (told[0].state, told[-1].state, told[-1].share) == ("running", "done", 1.0)
    assert told[-1].output == Path("clip.mp4")


def test_a_job_is_cancelled_at_its_next_step_and_another_one_waits() -> None:
    jobs = Jobs()
    over, told = ended(jobs)
    going, go_on = threading.Event(), threading.Event()

    def work(progress: Progress) -> Path:
        going.set()
        assert go_on.wait(30)
        progress("rendering", 1, 2)
        return Path("never")

    jobs.start("clip", work)
    assert going.wait(30)
    with pytest.raises(UsageError, match="clip is still running"):
        jobs.start("other", work)
    jobs.cancel()
    go_on.set()
    assert over.wait(30)
    assert told[-1].state == "cancelled"
    jobs.start("next", lambda _: Path("next"))
    jobs.close()
    assert jobs.job is not None
    assert jobs.job.name == "next"


def test_what_went_wrong_is_told() -> None:
    jobs = Jobs()
    over, told = ended(jobs)

    def work(_: Progress) -> Path:
        raise RenderError("the scene is damaged")

    jobs.start("clip", work)
    assert over.wait(30)
    assert (told[-1].state, told[-1].words) == ("failed", "the scene is damaged")


def test_a_worker_keeps_the_order_and_the_latest_of_a_kind() -> None:
    done: list[int] = []
    complaints: list[str] = []
    worker = Worker("test", complaints.append)
    hold, end = threading.Event(), threading.Event()
    worker.post(lambda: hold.wait(30))
    for number in range(5):
        worker.post(lambda number=number: done.append(number), kind="slider")
    worker.post(lambda: done.append(10))

    def fail() -> None:
        raise RenderError("no")

    worker.post(fail)
    worker.post(end.set)
    hold.set()
    assert end.wait(30)
    worker.close()
    assert done == [4, 10]
    assert complaints == ["no"]
