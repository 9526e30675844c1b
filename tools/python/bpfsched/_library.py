# SPDX-License-Identifier: GPL-2.0
"""The functions and structures of libbpfsched that the package uses.

Structures are those of <linux/bpfsched.h> and <bpfsched.h>, by the names that
their members have there.
"""

import ctypes
from ctypes import (POINTER, Structure, c_char, c_char_p, c_int, c_short,
                    c_size_t, c_ssize_t, c_uint16, c_uint32, c_int32, c_uint64,
                    c_void_p)
import os

LIBRARY = "libbpfsched.so.1"

NAME_LEN = 32
PROG_NAME_LEN = 32
EVENT_MAX = 4096

# struct bpfsched_job_desc.flags
JOB_RETURN_CONTEXT = 1 << 0
JOB_DEADLINE_ABS = 1 << 1
JOB_DEADLINE_REL = 1 << 2
JOB_FIRM = 1 << 3
JOB_NOT_BEFORE_ABS = 1 << 4
JOB_NOT_BEFORE_REL = 1 << 5
JOB_WAIT = 1 << 6
JOB_EVICT = 1 << 7

# struct bpfsched_record.flags of a completion
COMPLETION_MISSED = 1 << 0
COMPLETION_PREEMPTED = 1 << 1
COMPLETION_LAST = 1 << 2
COMPLETION_CONTEXT = 1 << 3

# struct bpfs_image_section.flags
SECTION_RDONLY = 1 << 0


class UserLimits(Structure):
    _fields_ = [("clients", c_uint32), ("jobs", c_uint32),
                ("waiting", c_uint32), ("programs", c_uint32),
                ("memory", c_uint64), ("releases", c_uint64),
                ("reserved_ppm", c_uint32), ("weight", c_uint32)]


class Info(Structure):
    _fields_ = [("size", c_uint32), ("abi_version", c_uint32),
                ("features", c_uint64), ("name", c_char * NAME_LEN),
                ("profile", c_char * NAME_LEN), ("policy", c_char * NAME_LEN),
                ("engine", c_char * NAME_LEN), ("capacity", c_uint32),
                ("workers", c_uint32), ("max_batch", c_uint32),
                ("max_insns", c_uint32), ("max_context", c_uint32),
                ("completion_slots", c_uint32),
                ("default_budget_insns", c_uint64),
                ("max_budget_insns", c_uint64), ("client", c_uint64),
                ("client_jobs", c_uint32), ("max_reservations", c_uint32),
                ("user_budget_insns", c_uint64), ("min_period_ns", c_uint64),
                ("slice_ns", c_uint64), ("blocking_ns", c_uint64),
                ("start_ns", c_uint64), ("supply_ppm", c_uint32),
                ("user_flags", c_uint32), ("user_limits", UserLimits)]


class Stat(Structure):
    _fields_ = [("size", c_uint32), ("state", c_uint32),
                ("submitted", c_uint64), ("completed", c_uint64),
                ("failed", c_uint64), ("cancelled", c_uint64),
                ("dropped", c_uint64), ("rejected", c_uint64),
                ("pending", c_uint64), ("running", c_uint64),
                ("exec_count", c_uint64), ("deadline_misses", c_uint64),
                ("preemptions", c_uint64), ("queue_high_water", c_uint64),
                ("capacity", c_uint64), ("waiting", c_uint64),
                ("kept_running", c_uint64), ("reservations", c_uint64),
                ("reserved_ppm", c_uint64), ("cpus", c_uint64)]


class JobDesc(Structure):
    _fields_ = [("id", c_uint64), ("user_data", c_uint64),
                ("prog_fd", c_int32), ("flags", c_uint32),
                ("priority", c_uint32), ("error", c_int32),
                ("context", c_uint64), ("context_len", c_uint32),
                ("limit", c_uint32), ("deadline_ns", c_uint64),
                ("budget_insns", c_uint64), ("budget_ns", c_uint64),
                ("not_before_ns", c_uint64), ("period_ns", c_uint64),
                ("count", c_uint64), ("run_time_ns", c_uint64)]


class RecordHeader(Structure):
    _fields_ = [("size", c_uint32), ("type", c_uint16), ("flags", c_uint16)]


class CompletionRecord(Structure):
    _fields_ = [("record", RecordHeader), ("id", c_uint64),
                ("user_data", c_uint64), ("prog_id", c_uint64),
                ("prog_name", c_char * PROG_NAME_LEN), ("status", c_uint32),
                ("priority", c_uint32), ("r0", c_uint64),
                ("submitted_ns", c_uint64), ("started_ns", c_uint64),
                ("ended_ns", c_uint64), ("deadline_ns", c_uint64),
                ("start_seq", c_uint64), ("instructions", c_uint64),
                ("fault_address", c_uint64), ("fault_pc", c_uint32),
                ("fault_kind", c_uint32), ("preemptions", c_uint32),
                ("context_len", c_uint32), ("context_offset", c_uint32),
                ("followups", c_uint32), ("release", c_uint64),
                ("overruns", c_uint64), ("run_ns", c_uint64),
                ("parent", c_uint64)]


class EventRecord(Structure):
    _fields_ = [("record", RecordHeader), ("id", c_uint64),
                ("user_data", c_uint64), ("release", c_uint64),
                ("time_ns", c_uint64), ("seq", c_uint64), ("len", c_uint32),
                ("lost", c_uint32), ("data_offset", c_uint32),
                ("pad", c_uint32)]


class ImageSection(Structure):
    _fields_ = [("name", c_char_p), ("data", c_void_p), ("len", c_uint32),
                ("flags", c_uint32)]


class ImageVariable(Structure):
    _fields_ = [("name", c_char_p), ("section", c_uint32),
                ("offset", c_uint32), ("size", c_uint32)]


class Image(Structure):
    _fields_ = [("name", c_char * PROG_NAME_LEN), ("insns", c_void_p),
                ("insn_count", c_uint32), ("section_count", c_uint32),
                ("sections", POINTER(ImageSection)), ("map_count", c_uint32),
                ("maps", c_void_p), ("reloc_count", c_uint32),
                ("relocs", c_void_p), ("variable_count", c_uint32),
                ("variables", POINTER(ImageVariable)),
                ("function_count", c_uint32), ("functions", c_void_p),
                ("line_count", c_uint32), ("lines", c_void_p),
                ("file_count", c_uint32), ("files", c_void_p)]


# By their names in C, for a test that compares them
STRUCTURES = {
    "bpfsched_user_limits": UserLimits,
    "bpfsched_info": Info,
    "bpfsched_stat": Stat,
    "bpfsched_job_desc": JobDesc,
    "bpfsched_record": RecordHeader,
    "bpfsched_completion": CompletionRecord,
    "bpfsched_event_record": EventRecord,
    "bpfs_image_section": ImageSection,
    "bpfs_image_variable": ImageVariable,
    "bpfs_image": Image,
}

# Of each function what it returns, and its parameters
PROTOTYPES = {
    "bpfs_version": (c_char_p,),
    "bpfs_error": (c_char_p,),
    "bpfs_errno_name": (c_char_p, c_int),
    "bpfs_limit_explain": (c_char_p, c_int, c_uint32, c_char_p, c_size_t),
    "bpfs_sched_open": (c_int, c_char_p),
    "bpfs_sched_open_reader": (c_int, c_char_p),
    "bpfs_sched_get_info": (c_int, c_int, POINTER(Info)),
    "bpfs_sched_get_stat": (c_int, c_int, POINTER(Stat)),
    "bpfs_sched_pause": (c_int, c_int),
    "bpfs_sched_resume": (c_int, c_int),
    "bpfs_sched_cancel": (c_int, c_int, c_uint64),
    "bpfs_sched_submit_wait": (c_int, c_int, POINTER(JobDesc), c_uint32,
                               c_uint64, POINTER(c_uint64)),
    "bpfs_sched_poll": (c_int, c_int, c_short, c_int),
    "bpfs_sched_read": (c_ssize_t, c_int, c_void_p, c_size_t, c_int),
    "bpfs_record_next": (POINTER(RecordHeader), c_void_p, c_size_t,
                         POINTER(c_size_t)),
    "bpfs_record_completion": (POINTER(CompletionRecord),
                               POINTER(RecordHeader)),
    "bpfs_completion_context": (c_void_p, POINTER(CompletionRecord)),
    "bpfs_record_event": (POINTER(EventRecord), POINTER(RecordHeader)),
    "bpfs_event_data": (c_void_p, POINTER(EventRecord)),
    "bpfs_image_open": (c_int, c_char_p, c_char_p, POINTER(POINTER(Image))),
    "bpfs_image_raw": (c_int, c_char_p, c_char_p, c_size_t,
                       POINTER(POINTER(Image))),
    "bpfs_image_free": (None, POINTER(Image)),
    "bpfs_prog_load_with": (c_int, c_int, POINTER(Image), POINTER(c_void_p),
                            c_uint32, POINTER(c_void_p)),
    "bpfs_prog_free": (None, c_void_p),
    "bpfs_prog_fd": (c_int, c_void_p),
    "bpfs_prog_id": (c_uint64, c_void_p),
    "bpfs_prog_name": (c_char_p, c_void_p),
    "bpfs_prog_section": (c_void_p, c_void_p, c_char_p, POINTER(c_size_t)),
    "bpfs_prog_map_fd": (c_int, c_void_p, c_char_p),
}


def _open() -> ctypes.CDLL:
    opened = ctypes.CDLL(LIBRARY, use_errno=True)
    for name, (result, *parameters) in PROTOTYPES.items():
        function = getattr(opened, name)
        function.restype = result
        function.argtypes = parameters
    return opened


lib = _open()


def version() -> str:
    """Version of the shared library"""
    text: bytes = lib.bpfs_version()
    return text.decode()


def failure(err: int) -> OSError:
    """What to raise for a negative errno of the last call in this thread"""
    text: bytes = lib.bpfs_error()
    return OSError(-err, text.decode(errors="replace") or os.strerror(-err))


def check(result: int) -> int:
    """Raises what a call has failed with; returns what it returned"""
    if result < 0:
        raise failure(result)
    return result
