"""Long work: asked once, done once, and taken again when a worker dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.log.errors import Denied, Missing
from shouwang.desk.patrol import jobs
from shouwang.desk.patrol.models import Forecast, Job, Plan


def test_asking_twice_gives_one_job(cast: Any, town: Any) -> None:
    first, second = (jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast") for _ in range(2))
    assert first.id == second.id
    assert Job.objects.count() == 1


def test_a_forecast_and_then_proposals(history: Any, cast: Any, town: Any) -> None:
    jobs.ask(actor=cast.planner.actor, now=town.now, kind="nightly")
    assert jobs.run_one(town.now)
    job = Job.objects.get()
    assert (job.state, job.progress, job.error) == ("done", 1.0, "")
    assert Forecast.objects.count() == 1
    assert Plan.objects.filter(state="draft").count() == 3
    assert not jobs.run_one(town.now)


def test_a_refusal_ends_the_job_in_words(cast: Any, town: Any) -> None:
    jobs.ask(actor=cast.planner.actor, now=town.now, kind="propose")
    assert jobs.run_one(town.now)
    job = Job.objects.get()
    assert job.state == "failed"
    assert job.error
    assert "Traceback" not in job.error


def test_a_job_whose_worker_died_is_taken_again_by_one_worker(cast: Any, town: Any, monkeypatch: Any) -> None:
    jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast")

    def die(*_: Any) -> None:
        raise SystemExit  # as a kill would, it passes every handler

    monkeypatch.setitem(jobs._WORK, "forecast", die)
    with pytest.raises(SystemExit):
        jobs.run_one(town.now)
    assert Job.objects.get().state == "running"
    assert not jobs.run_one(town.now + timedelta(seconds=30))  # it may still be at work
    monkeypatch.setitem(jobs._WORK, "forecast", lambda *_: None)
    assert jobs.run_one(town.now + timedelta(minutes=4))
    assert (Job.objects.get().state, Job.objects.get().tries) == ("done", 2)


def test_a_job_that_kills_its_worker_is_given_up(cast: Any, town: Any, monkeypatch: Any) -> None:
    jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast")
    Job.objects.update(state="running", tries=3, beat_at=town.now)
    assert not jobs.run_one(town.now + timedelta(minutes=4))
    assert Job.objects.get().state == "failed"


def test_the_worker_that_was_given_up_may_not_finish(cast: Any, town: Any, monkeypatch: Any) -> None:
    """A worker that slept through its job being taken again stops at its next step and ends nothing."""
    jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast")

    def slow(job: Job, now: Any, tell: Any) -> None:
        Job.objects.filter(id=job.id).update(tries=2)  # another worker has taken it
        tell("fitting", 0.5)
        raise AssertionError("went on")

    monkeypatch.setitem(jobs._WORK, "forecast", slow)
    assert jobs.run_one(town.now)
    assert Job.objects.get().state == "running"


def test_a_cancelled_job_stops_at_its_next_step(history: Any, cast: Any, town: Any, monkeypatch: Any) -> None:
    job = jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast")
    real = jobs._WORK["forecast"]

    def cancelled(job: Job, now: Any, tell: Any) -> None:
        jobs.cancel(actor=cast.planner.actor, now=town.now, job_id=job.id)
        real(job, now, tell)

    monkeypatch.setitem(jobs._WORK, "forecast", cancelled)
    assert jobs.run_one(town.now)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Forecast.objects.exists()


def test_who_may_ask_and_cancel(cast: Any, town: Any) -> None:
    with pytest.raises(Denied):
        jobs.ask(actor=cast.dispatcher.actor, now=town.now, kind="forecast")
    job = jobs.ask(actor=cast.planner.actor, now=town.now, kind="forecast")
    with pytest.raises(Missing):
        jobs.cancel(actor=cast.stranger.actor, now=town.now, job_id=job.id)


def test_each_night_work_is_asked_for_once(forecast: Any, town: Any, monkeypatch: Any) -> None:
    done: list[Any] = []
    monkeypatch.setitem(jobs._WORK, "nightly", lambda job, *_: done.append(job.area))
    assert not jobs.run_one(town.now)  # the forecast is of today
    tomorrow = town.now + timedelta(days=1)
    assert jobs.run_one(tomorrow)
    assert not jobs.run_one(tomorrow + timedelta(minutes=1))
    assert done == ["t/"]
