# SPDX-License-Identifier: GPL-2.0
"""What comes back from a scheduler: completions of jobs, and events."""

from __future__ import annotations

import ctypes
import dataclasses
import enum
from typing import Iterator, Optional, Union

from . import _library
from ._library import lib


class Status(enum.IntEnum):
    """How a job, or a release of it, has ended"""
    OK = 0
    FAULT = 1
    BUDGET = 2
    CANCELLED = 3
    DROPPED = 4
    MISSED = 5


class Priority(enum.IntEnum):
    """Of a job among those without a deadline"""
    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3


@dataclasses.dataclass(frozen=True)
class Fault:
    """Where a program was stopped, and why: BPFSCHED_FAULT_*"""
    kind: int
    instruction: int
    address: int


@dataclasses.dataclass(frozen=True)
class Completion:
    """The end of a job, or of one release of a periodic one

    context: the bytes that came back, empty if they were not asked for
    last: no more completions of this job follow
    parent: the job whose program has submitted this one, 0: none
    """
    id: int
    user_data: int
    program: str
    program_id: int
    status: Status
    priority: Priority
    r0: int
    context: bytes
    fault: Optional[Fault]
    submitted_ns: int
    started_ns: int
    ended_ns: int
    deadline_ns: int
    run_ns: int
    instructions: int
    preemptions: int
    release: int
    overruns: int
    followups: int
    parent: int
    missed: bool
    last: bool

    @property
    def ok(self) -> bool:
        """Whether the program has returned"""
        return self.status == Status.OK

    @property
    def value(self) -> int:
        """What the program has returned, as a signed number"""
        return self.r0 - (1 << 64) if self.r0 >> 63 else self.r0


@dataclasses.dataclass(frozen=True)
class Event:
    """What a program has emitted

    lost: events that were lost since the one before this
    """
    id: int
    user_data: int
    release: int
    time_ns: int
    seq: int
    lost: int
    data: bytes


Record = Union[Completion, Event]


def _fault(raw: _library.CompletionRecord) -> Optional[Fault]:
    if raw.status != Status.FAULT:
        return None
    return Fault(raw.fault_kind, raw.fault_pc, raw.fault_address)


def _completion(pointer: ctypes._Pointer[_library.CompletionRecord]
                ) -> Completion:
    raw = pointer.contents
    flags = raw.record.flags
    context = lib.bpfs_completion_context(pointer)
    return Completion(
        raw.id, raw.user_data, raw.prog_name.decode(errors="replace"),
        raw.prog_id, Status(raw.status), Priority(raw.priority), raw.r0,
        ctypes.string_at(context, raw.context_len) if context else b"",
        _fault(raw), raw.submitted_ns, raw.started_ns, raw.ended_ns,
        raw.deadline_ns, raw.run_ns, raw.instructions, raw.preemptions,
        raw.release, raw.overruns, raw.followups, raw.parent,
        bool(flags & _library.COMPLETION_MISSED),
        bool(flags & _library.COMPLETION_LAST))


def _event(pointer: ctypes._Pointer[_library.EventRecord]) -> Event:
    raw = pointer.contents
    data = lib.bpfs_event_data(pointer)
    return Event(raw.id, raw.user_data, raw.release, raw.time_ns, raw.seq,
                 raw.lost, ctypes.string_at(data, raw.len))


def decode(buffer: ctypes.Array[ctypes.c_uint64],
           length: int) -> Iterator[Record]:
    """The records of a buffer; types that are not known are left out"""
    position = ctypes.c_size_t(0)
    while True:
        record = lib.bpfs_record_next(buffer, length, ctypes.byref(position))
        if not record:
            return
        completion = lib.bpfs_record_completion(record)
        event = lib.bpfs_record_event(record)
        if completion:
            yield _completion(completion)
        elif event:
            yield _event(event)
