"""Beat inside a worker is a process of its own: when it dies, Celery goes on without, and nobody sweeps."""

from celery import bootsteps
from celery.beat import EmbeddedService
from celery.worker import state

LOOK_S = 5.0


class BeatAgain(bootsteps.StartStopStep):
    """Starts the worker's beat again when its process has ended by itself."""

    requires = ("celery.worker.components:Beat", "celery.worker.components:Timer")

    def __init__(self, worker, **kwargs):
        super().__init__(worker, **kwargs)
        self._look = self._again = None

    def start(self, worker) -> None:
        if worker.beat is not None:
            self._look = worker.timer.call_repeatedly(LOOK_S, self._revive, (worker,))

    def stop(self, worker) -> None:
        if self._look is not None:
            self._look.cancel()
        if self._again is not None:
            self._again.stop()

    def _revive(self, worker) -> None:
        # A supervisor ends the whole group at once: a beat that died of that stays dead.
        if not worker.beat.is_alive() and state.should_stop is None:
            self._again = worker.beat = EmbeddedService(
                worker.app, schedule_filename=worker.schedule_filename, scheduler_cls=worker.scheduler
            )
            self._again.start()
