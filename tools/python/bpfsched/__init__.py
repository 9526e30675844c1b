# SPDX-License-Identifier: GPL-2.0
"""Run eBPF programs later, in the right order, on time.

A thin layer over the shared library libbpfsched: Scheduler has what most need,
AsyncScheduler is for asyncio. What fails raises OSError with the errno of the
library and its words; FileNotFoundError, for example, if there is no such
scheduler, or PermissionError.

Times are nanoseconds of CLOCK_MONOTONIC, as of time.monotonic_ns().
"""

from ._library import version
from .records import Completion, Event, Fault, Priority, Record, Status
from .scheduler import Job, Program, Scheduler
from .aio import AsyncScheduler

__all__ = ["AsyncScheduler", "Completion", "Event", "Fault", "Job", "Priority",
           "Program", "Record", "Scheduler", "Status", "version"]
