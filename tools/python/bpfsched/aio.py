# SPDX-License-Identifier: GPL-2.0
"""Schedulers for asyncio: completions are awaited."""

from __future__ import annotations

import asyncio
import errno
from types import TracebackType
from typing import (Any, AsyncIterator, Callable, Dict, Optional, Sequence,
                    Type)

from .records import Completion, Event
from .scheduler import Job, Path, Program, Scheduler


class AsyncScheduler:
    """An open scheduler whose completions the running event loop reads

    on_event: called for each event of a program
    """

    def __init__(self, name: str = "cloud", *,
                 on_event: Optional[Callable[[Event], None]] = None) -> None:
        self.on_event = on_event
        self._loop = asyncio.get_running_loop()
        self._jobs: Dict[int, asyncio.Queue[Completion]] = {}
        self._room: Optional[asyncio.Future[None]] = None
        self._ended: Optional[asyncio.Future[None]] = None
        self._error: Optional[BaseException] = None
        # What its methods do that do not wait can be used here, too
        self.scheduler = Scheduler(name)
        self._loop.add_reader(self.scheduler.fileno(), self._readable)

    def close(self) -> None:
        """Cancels jobs; who awaits one gets a CancelledError"""
        fd = self.scheduler._fd
        if fd >= 0:
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)
            self.scheduler.close()
        self._fail(asyncio.CancelledError("the scheduler was closed"))

    async def __aenter__(self) -> AsyncScheduler:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]],
                        value: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        self.close()

    def load(self, path: Path, program: Optional[str] = None, *,
             followups: Sequence[Program] = ()) -> Program:
        """As Scheduler.load()"""
        return self.scheduler.load(path, program, followups=followups)

    async def run(self, job: Job) -> Completion:
        """Submits a job and waits until it has ended

        If the queue is full, it is submitted when there is room. When the task
        is cancelled, so is the job.
        """
        async for completion in self.releases(job):
            last = completion
        return last

    async def releases(self, job: Job) -> AsyncIterator[Completion]:
        """Submits a job; yields the completion of each of its releases"""
        number = await self._submit(job)
        queue = self._jobs[number]
        ended = False
        try:
            while not ended:
                completion = await self._next(queue)
                ended = completion.last
                yield completion
        finally:
            self._jobs.pop(number, None)
            if not ended:
                self._cancel(number)

    async def _next(self, queue: asyncio.Queue[Completion]) -> Completion:
        completion = await queue.get()
        if self._error:
            raise self._error
        return completion

    def _cancel(self, number: int) -> None:
        try:
            self.scheduler.cancel(number)
        except (OSError, ValueError):
            pass  # it has ended, or the scheduler is closed

    async def _submit(self, job: Job) -> int:
        if job.wait:
            raise ValueError("a job that waits would hold up the event loop")
        while True:
            if self._error:
                raise self._error
            result = self.scheduler.submit_all([job])[0]
            if isinstance(result, int):
                self._jobs[result] = asyncio.Queue()
                return result
            if result.errno == errno.EAGAIN:
                await self._wait_for_room()
            elif result.errno == errno.EDQUOT and self._jobs:
                await self._wait_for_end()
            else:
                raise result

    async def _wait_for_room(self) -> None:
        if self._room is None:
            self._room = self._loop.create_future()
            self._loop.add_writer(self.scheduler.fileno(), self._writable)
        await asyncio.shield(self._room)

    async def _wait_for_end(self) -> None:
        if self._ended is None:
            self._ended = self._loop.create_future()
        await asyncio.shield(self._ended)

    def _writable(self) -> None:
        self._loop.remove_writer(self.scheduler.fileno())
        room, self._room = self._room, None
        if room:
            room.set_result(None)

    def _readable(self) -> None:
        try:
            records = self.scheduler.read(0)
        except OSError as error:
            self._loop.remove_reader(self.scheduler.fileno())
            self._fail(error)
            return
        for record in records:
            if isinstance(record, Event):
                if self.on_event:
                    self.on_event(record)
            elif record.id in self._jobs:
                self._jobs[record.id].put_nowait(record)
        ended, self._ended = self._ended, None
        if ended:
            ended.set_result(None)

    def _fail(self, error: BaseException) -> None:
        """Nothing comes any more"""
        self._error = error
        waste: Any = None
        for queue in self._jobs.values():
            queue.put_nowait(waste)  # wakes who waits, who sees the error
        for future in (self._room, self._ended):
            if future and not future.done():
                future.set_result(None)
        self._room = self._ended = None
