"""Who runs actions while the log's thread goes on: threads, or an asyncio loop."""

import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from wayfold.errors import WayfoldError

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "Action",
    "Answer",
    "AsyncioExecutor",
    "Call",
    "EffectRefused",
    "Executor",
    "Job",
    "Threads",
]


class EffectRefused(WayfoldError):
    """Raised by an action where trying again would not help: the effect is given up at once."""


class Call(msgspec.Struct, frozen=True):
    """What an action is told. `idempotency_key` is to be handed on: it may be called again."""

    idempotency_key: str
    name: str
    arguments: Mapping[str, Any]
    attempt: int
    timeout_s: float


Answer = Mapping[str, Any] | None
Action = Callable[[Call], Answer | Awaitable[Answer]]
"""Does something and gives what is to be recorded, in plain values; raises where it failed."""


class Job(NamedTuple):
    """One attempt; `durable` waits until its being required is on disk."""

    action: Action
    call: Call
    durable: Callable[[], object]
    deliver: Callable[[Answer, BaseException | None], None]


class Executor(Protocol):
    """Runs jobs at once, at most as many as it is given."""

    def submit(self, job: Job) -> None:
        """Begin a job; its `deliver` is called from any thread."""
        ...

    def close(self) -> None:
        """Begin nothing more."""
        ...


class Threads:
    """A thread for each job, so that one which hangs keeps no other one waiting."""

    def submit(self, job: Job) -> None:
        """Begin a job on a thread of its own."""
        name = f"effect {job.call.name}"
        threading.Thread(target=self._run, args=(job,), name=name, daemon=True).start()

    @staticmethod
    def _run(job: Job) -> None:
        try:
            job.durable()
            answer = job.action(job.call)
            if inspect.isawaitable(answer):
                import asyncio  # slow to import, and not needed by plain actions

                answer = asyncio.run(_within(answer, job.call.timeout_s))
        except BaseException as error:
            job.deliver(None, error)
        else:
            job.deliver(answer, None)

    def close(self) -> None:
        """Do nothing: what is under way ends by itself, or with the process."""


class AsyncioExecutor:
    """Runs coroutine actions on a loop, which may be the one that the log's thread runs.

    Plain functions, and the wait for the disk, go to the loop's thread pool.
    """

    def __init__(self, loop: "asyncio.AbstractEventLoop") -> None:
        self._loop = loop
        self._tasks: set[Any] = set()

    def submit(self, job: Job) -> None:
        """Begin a job on the loop."""
        import asyncio

        task = asyncio.run_coroutine_threadsafe(self._run(job), self._loop)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> None:
        import asyncio

        try:
            await self._loop.run_in_executor(None, job.durable)
            async with asyncio.timeout(job.call.timeout_s):
                if inspect.iscoroutinefunction(job.action):
                    answer = await job.action(job.call)
                else:
                    answer = await self._loop.run_in_executor(None, job.action, job.call)
        except BaseException as error:
            job.deliver(None, error)
            if isinstance(error, asyncio.CancelledError):
                raise
        else:
            job.deliver(answer, None)

    def close(self) -> None:
        """Cancel what is under way; it is attempted again after the next start."""
        for task in list(self._tasks):
            task.cancel()


async def _within(answer: Awaitable[Answer], timeout_s: float) -> Answer:
    import asyncio

    async with asyncio.timeout(timeout_s):
        return await answer
