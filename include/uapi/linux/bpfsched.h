/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * bpfsched: run eBPF programs later, in the right order, on time.
 *
 * The interface of the character devices /dev/bpfsched/<scheduler>, and of
 * /dev/bpfsched/control, which makes more of them. It is described in
 * Documentation/abi.rst; the rules that every structure follows:
 *
 *  - fixed-width members, explicit padding, sizes that are a multiple of 8,
 *    user-space addresses as __u64;
 *  - a structure starts with its size as user space knows it and may grow at
 *    its end: a shorter one is extended with zeroes, a longer one is taken
 *    (E2BIG otherwise) if the part that the kernel does not know is zero;
 *  - unknown flags and padding that is not zero are refused with EINVAL;
 *  - every time is in nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef _UAPI_LINUX_BPFSCHED_H
#define _UAPI_LINUX_BPFSCHED_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define BPFSCHED_ABI_VERSION	2

#define BPFSCHED_NAME_LEN	32	/* of a scheduler, with its final NUL */
#define BPFSCHED_PROG_NAME_LEN	32	/* of a program, with its final NUL */

/*
 * Which limit a request has met that fails with EDQUOT. The limits of a user
 * are in struct bpfsched_user_limits, the others in struct bpfsched_info.
 */
#define BPFSCHED_LIMIT_NONE		0
#define BPFSCHED_LIMIT_COMPLETIONS	1 /* completion slots of the open file */
#define BPFSCHED_LIMIT_CLIENT_JOBS	2 /* live jobs of the open file */
#define BPFSCHED_LIMIT_USER_JOBS	3
#define BPFSCHED_LIMIT_USER_WAITING	4
#define BPFSCHED_LIMIT_USER_RELEASES	5
#define BPFSCHED_LIMIT_USER_RESERVED	6 /* reserved processor time */
#define BPFSCHED_LIMIT_USER_PROGRAMS	7
#define BPFSCHED_LIMIT_USER_MEMORY	8
#define BPFSCHED_LIMIT_RESERVATIONS	9 /* places for reservations */

/* Parts per million of one worker. */
#define BPFSCHED_PPM		1000000U

/* A limit that does not limit. */
#define BPFSCHED_NO_LIMIT	(~0U)
#define BPFSCHED_NO_LIMIT64	(~0ULL)

/* Weights of users; a user that has been given none has the default. */
#define BPFSCHED_WEIGHT_MIN	1
#define BPFSCHED_WEIGHT_DEFAULT	100
#define BPFSCHED_WEIGHT_MAX	10000

/**
 * struct bpfsched_user_limits - what one user can have of a scheduler
 * @clients: most open files
 * @jobs: most live jobs
 * @waiting: most live jobs that wait for their first release or are periodic
 * @programs: most programs that were loaded through the scheduler
 * @memory: most bytes of the code and the data sections of these programs
 * @releases: most releases a second: the sum over the user's periodic jobs of
 *	the second divided by the period
 * @reserved_ppm: most processor time that the user's admitted jobs reserve, in
 *	parts per million of one worker; without CAP_SYS_NICE
 * @weight: share of the workers' time under the policy fair, BPFSCHED_WEIGHT_*
 *
 * BPFSCHED_NO_LIMIT, in @memory and @releases BPFSCHED_NO_LIMIT64, means that
 * there is no limit.
 */
struct bpfsched_user_limits {
	__u32 clients;
	__u32 jobs;
	__u32 waiting;
	__u32 programs;
	__u64 memory;
	__u64 releases;
	__u32 reserved_ppm;
	__u32 weight;
};

/* struct bpfsched_info.features */
#define BPFSCHED_FEATURE_DEADLINES	(1ULL << 0) /* the policy has deadlines */
#define BPFSCHED_FEATURE_GUARD_CRITICAL	(1ULL << 1) /* needs CAP_SYS_NICE */
#define BPFSCHED_FEATURE_SLICES		(1ULL << 2) /* the policy has slices */

/* struct bpfsched_info.user_flags */
#define BPFSCHED_USER_UNLIMITED	(1U << 0) /* user_limits does not bind this file */

/**
 * struct bpfsched_info - what a scheduler is, and its limits
 * @size: sizeof(struct bpfsched_info), set by the caller
 * @abi_version: BPFSCHED_ABI_VERSION of the module
 * @features: BPFSCHED_FEATURE_* bits
 * @name: name of the scheduler, and of its device node
 * @profile: name of the set of defaults that it was made from
 * @policy: name of the policy that orders its jobs
 * @engine: name of the engine that runs its programs
 * @capacity: most jobs in the queue; a submission that finds so many has no room
 * @workers: number of worker threads
 * @max_batch: most jobs in one BPFSCHED_IOC_SUBMIT
 * @max_insns: most instructions of a program; the two slots of a 16-byte
 *	load count as two
 * @max_context: most bytes of a job's context
 * @completion_slots: most jobs in flight and completions not yet read of one
 *	open file
 * @default_budget_insns: instruction budget of a job that names none
 * @max_budget_insns: largest instruction budget that a job can ask for;
 *	BPFSCHED_BUDGET_UNLIMITED if there is no limit
 * @client: number of this open file among those of the scheduler
 * @client_jobs: most live jobs of one open file; BPFSCHED_NO_LIMIT: no limit of
 *	its own
 * @max_reservations: most jobs that can be admitted at once
 * @user_budget_insns: largest instruction budget without CAP_SYS_NICE
 * @min_period_ns: shortest period of a job
 * @slice_ns: time on a worker after which a job makes way, 0: it does not
 * @blocking_ns: what admission assumes for the longest time that a job keeps a
 *	worker after it was told to make way
 * @start_ns: what admission assumes for the cost of a start
 * @supply_ppm: part of the time of a CPU that admission counts on
 * @user_flags: BPFSCHED_USER_*
 * @user_limits: the limits of the user of this open file
 */
struct bpfsched_info {
	__u32 size;
	__u32 abi_version;
	__u64 features;
	char name[BPFSCHED_NAME_LEN];
	char profile[BPFSCHED_NAME_LEN];
	char policy[BPFSCHED_NAME_LEN];
	char engine[BPFSCHED_NAME_LEN];
	__u32 capacity;
	__u32 workers;
	__u32 max_batch;
	__u32 max_insns;
	__u32 max_context;
	__u32 completion_slots;
	__u64 default_budget_insns;
	__u64 max_budget_insns;
	__u64 client;
	__u32 client_jobs;
	__u32 max_reservations;
	__u64 user_budget_insns;
	__u64 min_period_ns;
	__u64 slice_ns;
	__u64 blocking_ns;
	__u64 start_ns;
	__u32 supply_ppm;
	__u32 user_flags;
	struct bpfsched_user_limits user_limits;
};

/* struct bpfsched_section.flags */
#define BPFSCHED_SECTION_RDONLY	(1U << 0) /* programs and mmap() cannot write */

/**
 * struct bpfsched_section - one data section of a program
 * @data: address of the initial bytes; 0: all bytes start as zero
 * @len: length in bytes, at least 1
 * @flags: BPFSCHED_SECTION_*
 * @mmap_offset: set by the kernel: the offset at which mmap() of the
 *	program's descriptor maps this section
 *
 * An instruction refers to byte n of section i by a 16-byte load with
 * source register 6 (BPF_PSEUDO_MAP_IDX_VALUE), i in the immediate of its
 * first half and n in that of its second.
 */
struct bpfsched_section {
	__u64 data;
	__u32 len;
	__u32 flags;
	__u64 mmap_offset;
};

/**
 * struct bpfsched_map_ref - one map of a program
 * @fd: descriptor of a map of the kernel, as bpf(2) gives it
 * @flags: none yet, 0
 *
 * An instruction refers to map i by a 16-byte load with source register 5
 * (BPF_PSEUDO_MAP_IDX) and i in the immediate of its first half.
 */
struct bpfsched_map_ref {
	__s32 fd;
	__u32 flags;
};

/* struct bpfsched_reloc.kind */
#define BPFSCHED_RELOC_SECTION	0 /* byte @addend of section @target */
#define BPFSCHED_RELOC_FUNCTION	1 /* the function at instruction slot @target */
#define BPFSCHED_RELOC_MAP	2 /* map @target */

/* struct bpfsched_prog_load.reloc_count */
#define BPFSCHED_RELOCS_MAX	262144

/**
 * struct bpfsched_reloc - a pointer in the initial data of a section
 * @section: number of the section that holds the pointer
 * @offset: where it is there; 8 bytes, which need not be aligned
 * @kind: BPFSCHED_RELOC_*: what it points to
 * @target: number of the section, of the instruction slot or of the map that it
 *	points to
 * @addend: with BPFSCHED_RELOC_SECTION a byte of that section, or its end;
 *	otherwise 0
 * @pad: 0
 *
 * The kernel writes the pointer after the initial bytes have been copied. It is
 * the number that a 16-byte load of source register 6, 4 or 5 gives.
 */
struct bpfsched_reloc {
	__u32 section;
	__u32 offset;
	__u32 kind;
	__u32 target;
	__u32 addend;
	__u32 pad;
};

/* struct bpfsched_prog_load.followup_count */
#define BPFSCHED_FOLLOWUPS_MAX	32

/**
 * struct bpfsched_prog_load - check a program and make it ready to run
 * @size: sizeof(struct bpfsched_prog_load), set by the caller
 * @flags: none yet, 0
 * @name: printable, NUL-terminated, may be empty
 * @insns: address of the instructions, 8 bytes each (RFC 9669)
 * @insn_count: number of 8-byte instruction slots, at least 1
 * @section_count: number of data sections
 * @sections: address of an array of struct bpfsched_section
 * @log: address of a buffer for the log, or 0
 * @log_size: size of that buffer in bytes
 * @log_len: set by the kernel: bytes that the whole log takes, with its final
 *	NUL, or 0 if there is none; if this is more than @log_size, what is in
 *	the buffer is cut
 * @prog_id: set by the kernel: number of the program, never used again
 * @maps: address of an array of struct bpfsched_map_ref
 * @map_count: number of maps
 * @followup_count: number of programs that this one can submit, up to
 *	BPFSCHED_FOLLOWUPS_MAX
 * @followup_fds: address of an array of __s32, descriptors of those programs.
 *	The program holds them. As it can name only programs that exist, none
 *	leads back to itself
 * @limit: set by the kernel: with EDQUOT BPFSCHED_LIMIT_*, otherwise 0
 * @reloc_count: number of pointers in the initial data of the sections, up to
 *	BPFSCHED_RELOCS_MAX
 * @relocs: address of an array of struct bpfsched_reloc
 *
 * On success the ioctl returns a file descriptor (close-on-exec) that holds
 * the program; a job that uses it keeps the program alive as well. If the
 * program is refused the ioctl fails with EINVAL and the log says at which
 * instruction, for which map or for which pointer, and why. The program may do with a map what
 * the descriptor and the map's own flags allow; it holds the map, and the
 * descriptor can be closed. @log_len, @log and, on success, @prog_id and
 * @mmap_offset of each section are written back.
 */
struct bpfsched_prog_load {
	__u32 size;
	__u32 flags;
	char name[BPFSCHED_PROG_NAME_LEN];
	__u64 insns;
	__u32 insn_count;
	__u32 section_count;
	__u64 sections;
	__u64 log;
	__u32 log_size;
	__u32 log_len;
	__u64 prog_id;
	__u64 maps;
	__u32 map_count;
	__u32 followup_count;
	__u64 followup_fds;
	__u32 limit;
	__u32 reloc_count;
	__u64 relocs;
};

#define BPFSCHED_PRIORITY_LOW		0
#define BPFSCHED_PRIORITY_NORMAL	1
#define BPFSCHED_PRIORITY_HIGH		2
#define BPFSCHED_PRIORITY_CRITICAL	3

/* struct bpfsched_job_desc.flags */
#define BPFSCHED_JOB_RETURN_CONTEXT	(1U << 0) /* context bytes come back */
#define BPFSCHED_JOB_DEADLINE_ABS	(1U << 1) /* deadline_ns is a time */
#define BPFSCHED_JOB_DEADLINE_REL	(1U << 2) /* ... counted from the release */
#define BPFSCHED_JOB_FIRM		(1U << 3) /* useless after its deadline */
#define BPFSCHED_JOB_NOT_BEFORE_ABS	(1U << 4) /* not_before_ns is a time */
#define BPFSCHED_JOB_NOT_BEFORE_REL	(1U << 5) /* ... counted from submission */
#define BPFSCHED_JOB_WAIT		(1U << 6) /* queue full: wait for room */
#define BPFSCHED_JOB_EVICT		(1U << 7) /* queue full: drop the last one */

/* struct bpfsched_job_desc.budget_insns */
#define BPFSCHED_BUDGET_DEFAULT		0ULL
#define BPFSCHED_BUDGET_UNLIMITED	(~0ULL)

/**
 * struct bpfsched_job_desc - one request to run a program
 * @id: number of the job among the live jobs of this open file; 0 asks for
 *	the next number of the scheduler's counter. Set by the kernel to the
 *	number that the job got
 * @user_data: handed back in the completion, not looked at
 * @prog_fd: descriptor of a program
 * @flags: BPFSCHED_JOB_*
 * @priority: BPFSCHED_PRIORITY_*
 * @error: set by the kernel: 0 if the job was taken, else a negative errno
 * @context: address of the context bytes; they are copied
 * @context_len: number of context bytes, may be 0
 * @limit: 0; set by the kernel: with EDQUOT BPFSCHED_LIMIT_*, otherwise 0
 * @deadline_ns: see BPFSCHED_JOB_DEADLINE_ABS and _REL; 0 without either
 * @budget_insns: most instructions that the job may execute, or
 *	BPFSCHED_BUDGET_DEFAULT, or BPFSCHED_BUDGET_UNLIMITED
 * @budget_ns: longest time that the job may be on a worker, or 0: no limit
 * @not_before_ns: see BPFSCHED_JOB_NOT_BEFORE_ABS and _REL; 0 without either.
 *	The job is released then, and not at its submission
 * @period_ns: if not 0, the job is released again every @period_ns
 * @count: with @period_ns the number of releases, or 0: until it is cancelled
 * @run_time_ns: if not 0, the longest time that a release will be on a worker;
 *	the job is taken only if all jobs that declared one keep their
 *	deadlines
 */
struct bpfsched_job_desc {
	__u64 id;
	__u64 user_data;
	__s32 prog_fd;
	__u32 flags;
	__u32 priority;
	__s32 error;
	__u64 context;
	__u32 context_len;
	__u32 limit;
	__u64 deadline_ns;
	__u64 budget_insns;
	__u64 budget_ns;
	__u64 not_before_ns;
	__u64 period_ns;
	__u64 count;
	__u64 run_time_ns;
};

/**
 * struct bpfsched_submit - submit jobs
 * @size: sizeof(struct bpfsched_submit), set by the caller
 * @flags: none yet, 0
 * @count: number of jobs, 1 to bpfsched_info.max_batch
 * @job_size: sizeof(struct bpfsched_job_desc), set by the caller; the
 *	distance in bytes between two jobs of the array
 * @jobs: address of the array
 * @timeout_ns: longest time that the call waits for room in the queue, for
 *	jobs with BPFSCHED_JOB_WAIT; 0: no limit
 * @room_ns: set by the kernel when admission refused a job: the longest run
 *	time with which the last such job would have been taken
 *
 * Every job is tried, in the order of the array, and gets its @id or its
 * @error back. The ioctl returns how many were taken; it fails only if none
 * was, with the error of the first.
 */
struct bpfsched_submit {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 job_size;
	__u64 jobs;
	__u64 timeout_ns;
	__u64 room_ns;
};

/*
 * Helpers of the module's own, which programs call by these numbers beside those
 * of enum bpf_func_id. include/bpf/bpfsched_helpers.h declares them for programs.
 */
#define BPFSCHED_FUNC_FIRST		0x10000
#define BPFSCHED_FUNC_job_id		0x10000
#define BPFSCHED_FUNC_release		0x10001
#define BPFSCHED_FUNC_deadline_ns	0x10002
#define BPFSCHED_FUNC_time_remaining_ns	0x10003
#define BPFSCHED_FUNC_budget_remaining	0x10004
#define BPFSCHED_FUNC_yield		0x10005
#define BPFSCHED_FUNC_emit		0x10006
#define BPFSCHED_FUNC_submit_job	0x10007

/**
 * struct bpfsched_followup - options of a job that a program submits
 * @size: sizeof(struct bpfsched_followup) as the program knows it
 * @flags: BPFSCHED_JOB_*, but not BPFSCHED_JOB_WAIT
 * @priority: BPFSCHED_PRIORITY_*
 * @pad: 0
 * @user_data: as in struct bpfsched_job_desc
 * @deadline_ns: as there
 * @not_before_ns: as there
 * @budget_insns: as there
 * @budget_ns: as there
 */
struct bpfsched_followup {
	__u32 size;
	__u32 flags;
	__u32 priority;
	__u32 pad;
	__u64 user_data;
	__u64 deadline_ns;
	__u64 not_before_ns;
	__u64 budget_insns;
	__u64 budget_ns;
};

/* struct bpfsched_cancel.flags */
#define BPFSCHED_CANCEL_ANY_CLIENT	(1U << 0) /* needs CAP_SYS_ADMIN */

/**
 * struct bpfsched_cancel - cancel a job
 * @size: sizeof(struct bpfsched_cancel), set by the caller
 * @flags: BPFSCHED_CANCEL_*
 * @id: the job
 * @client: with BPFSCHED_CANCEL_ANY_CLIENT the client that owns the job, or 0:
 *	the only one that has a job of that number (ENOTUNIQ if two have);
 *	otherwise 0
 *
 * A job that is queued ends at once; one that runs is stopped at its next
 * safe point. The completion tells the outcome.
 */
struct bpfsched_cancel {
	__u32 size;
	__u32 flags;
	__u64 id;
	__u64 client;
};

/* struct bpfsched_update.flags */
#define BPFSCHED_UPDATE_PRIORITY	(1U << 0)
#define BPFSCHED_UPDATE_DEADLINE_ABS	(1U << 1) /* deadline_ns is a time */
#define BPFSCHED_UPDATE_DEADLINE_REL	(1U << 2) /* ... counted from the release */
#define BPFSCHED_UPDATE_BUDGET_INSNS	(1U << 3)
#define BPFSCHED_UPDATE_BUDGET_NS	(1U << 4)
#define BPFSCHED_UPDATE_ANY_CLIENT	(1U << 5) /* needs CAP_SYS_ADMIN */

/**
 * struct bpfsched_update - change a job that has not ended
 * @size: sizeof(struct bpfsched_update), set by the caller
 * @flags: what is to be changed, BPFSCHED_UPDATE_*
 * @id: the job
 * @client: with BPFSCHED_UPDATE_ANY_CLIENT the client that owns the job, or 0:
 *	the only one that has a job of that number (ENOTUNIQ if two have);
 *	otherwise 0
 * @priority: with BPFSCHED_UPDATE_PRIORITY, BPFSCHED_PRIORITY_*
 * @limit: 0
 * @deadline_ns: with BPFSCHED_UPDATE_DEADLINE_*. A job with a period takes
 *	_REL only, and later releases have the new deadline too
 * @budget_insns: with BPFSCHED_UPDATE_BUDGET_INSNS: how many instructions the
 *	current release may execute from now on, at least 1; later releases too.
 *	Without CAP_SYS_NICE a release executes no more than
 *	bpfsched_info.user_budget_insns in all
 * @budget_ns: with BPFSCHED_UPDATE_BUDGET_NS: how long the current release may
 *	be on a worker from now on, or 0: no limit; later releases too
 * @room_ns: set by the kernel when admission refused the change (EBUSY): as in
 *	struct bpfsched_submit
 *
 * All of it is changed, or nothing. The new values obey the same rules as at
 * submission; a job that is admitted gets another deadline only if all
 * admitted jobs keep theirs.
 */
struct bpfsched_update {
	__u32 size;
	__u32 flags;
	__u64 id;
	__u64 client;
	__u32 priority;
	__u32 limit;
	__u64 deadline_ns;
	__u64 budget_insns;
	__u64 budget_ns;
	__u64 room_ns;
};

/* struct bpfsched_stat.state */
#define BPFSCHED_STATE_PAUSED	(1U << 0)

/**
 * struct bpfsched_stat - one snapshot of the counters of a scheduler
 * @size: sizeof(struct bpfsched_stat), set by the caller
 * @state: BPFSCHED_STATE_* bits
 * @submitted: jobs that were taken
 * @completed: jobs that ended as BPFSCHED_STATUS_OK
 * @failed: jobs that ended as BPFSCHED_STATUS_FAULT or _BUDGET
 * @cancelled: jobs that ended as BPFSCHED_STATUS_CANCELLED
 * @dropped: jobs that ended as BPFSCHED_STATUS_DROPPED or _MISSED
 * @rejected: jobs that were not taken
 * @pending: jobs that wait to run, now
 * @running: jobs that run, now
 * @exec_count: jobs that were started
 * @deadline_misses: jobs whose deadline passed before they ended
 * @preemptions: times that a running job made way for another
 * @queue_high_water: most jobs that were in the queue at once
 * @capacity: most jobs in the queue; a submission that finds so many has no room
 * @waiting: those of @pending that wait for their release; they are not in the
 *	queue
 * @kept_running: times that a job was not made to give way because there was
 *	no free state for the other job to run in
 * @reservations: jobs that are admitted, now
 * @reserved_ppm: processor time that they reserve, in parts per million of one
 *	worker
 * @cpus: the number of workers, but no more than CPUs of theirs that are online.
 *	Admission counts on so many; where a policy preempts, no more jobs run
 *	at once
 *
 * At any moment @submitted is the sum of @completed, @failed, @cancelled,
 * @dropped, @pending and @running.
 */
struct bpfsched_stat {
	__u32 size;
	__u32 state;
	__u64 submitted;
	__u64 completed;
	__u64 failed;
	__u64 cancelled;
	__u64 dropped;
	__u64 rejected;
	__u64 pending;
	__u64 running;
	__u64 exec_count;
	__u64 deadline_misses;
	__u64 preemptions;
	__u64 queue_high_water;
	__u64 capacity;
	__u64 waiting;
	__u64 kept_running;
	__u64 reservations;
	__u64 reserved_ppm;
	__u64 cpus;
};

/* struct bpfsched_histogram.kind */
#define BPFSCHED_HISTOGRAM_WAIT	0 /* from the release to the start */
#define BPFSCHED_HISTOGRAM_RUN		1 /* on a worker */
#define BPFSCHED_HISTOGRAM_LATE	2 /* from the deadline to the end, if missed */

/**
 * struct bpfsched_histogram - how long jobs take
 * @size: sizeof(struct bpfsched_histogram), set by the caller
 * @kind: BPFSCHED_HISTOGRAM_*
 * @buckets: @buckets[0] counts times of 0 ns, @buckets[i] those from 2^(i-1)
 *	ns up to, and not including, 2^i ns
 */
struct bpfsched_histogram {
	__u32 size;
	__u32 kind;
	__u64 buckets[64];
};

/* struct bpfsched_jobs.flags */
#define BPFSCHED_JOBS_ANY_CLIENT	(1U << 0) /* needs CAP_SYS_ADMIN */

/* struct bpfsched_job_info.state */
#define BPFSCHED_JOB_STATE_WAITING	1 /* for its release */
#define BPFSCHED_JOB_STATE_PENDING	2
#define BPFSCHED_JOB_STATE_RUNNING	3
#define BPFSCHED_JOB_STATE_PAUSED	4 /* made way for another */

/* struct bpfsched_job_info.flags */
#define BPFSCHED_JOB_INFO_MISSED	(1U << 0) /* the deadline has passed */
#define BPFSCHED_JOB_INFO_ADMITTED	(1U << 1) /* its deadline is vouched for */
#define BPFSCHED_JOB_INFO_NO_SLOT	(1U << 2) /* waits for a completion slot */

/**
 * struct bpfsched_job_info - a job that has not ended
 * @client: number of its client
 * @id: its number
 * @pid: process that opened the file, as the caller's PID namespace numbers it;
 *	0: it has no number there, or is a module of the kernel
 * @uid: user who did, as the caller's user namespace numbers it
 * @comm: name of the process then; of a module, the name that it gave itself
 * @prog_id: number of its program
 * @prog_name: name of its program
 * @state: BPFSCHED_JOB_STATE_*
 * @priority: as submitted
 * @submitted_ns: as in struct bpfsched_completion
 * @started_ns: when it was started, 0 if it was not
 * @deadline_ns: its absolute deadline, 0 if it has none
 * @release: number of the release
 * @run_ns: time on a worker, up to the last pause
 * @preemptions: how often it made way for another
 * @flags: BPFSCHED_JOB_INFO_*
 */
struct bpfsched_job_info {
	__u64 client;
	__u64 id;
	__u32 pid;
	__u32 uid;
	char comm[16];
	__u64 prog_id;
	char prog_name[BPFSCHED_PROG_NAME_LEN];
	__u32 state;
	__u32 priority;
	__u64 submitted_ns;
	__u64 started_ns;
	__u64 deadline_ns;
	__u64 release;
	__u64 run_ns;
	__u32 preemptions;
	__u32 flags;
};

/**
 * struct bpfsched_jobs - list jobs that have not ended
 * @size: sizeof(struct bpfsched_jobs), set by the caller
 * @flags: BPFSCHED_JOBS_*; without a flag the caller's own are listed
 * @client: list the jobs that come after job @id of this client; 0 for the
 *	first call
 * @id: see @client; 0 for the first call
 * @count: room in @jobs, 1 to 1024; set by the kernel to the number listed
 * @info_size: sizeof(struct bpfsched_job_info), set by the caller
 * @jobs: address of an array of struct bpfsched_job_info
 *
 * Jobs are listed by client and number. If there may be more, @client and @id
 * are set to the last job of the list, for the next call; otherwise to 0. Jobs
 * come and go meanwhile, so the list is no snapshot.
 */
struct bpfsched_jobs {
	__u32 size;
	__u32 flags;
	__u64 client;
	__u64 id;
	__u32 count;
	__u32 info_size;
	__u64 jobs;
};

/* struct bpfsched_users.flags */
#define BPFSCHED_USERS_ALL	(1U << 0) /* needs CAP_SYS_ADMIN */

/* struct bpfsched_user_info.flags */
#define BPFSCHED_USER_KERNEL	(1U << 0) /* a module of the kernel */
#define BPFSCHED_USER_CHANGED	(1U << 1) /* its limits were set by USER_SET */

/**
 * struct bpfsched_user_info - a user of a scheduler, and what it has in use
 * @number: number of the user among those of the scheduler, from 1
 * @uid: the user, as the caller's user namespace numbers it
 * @flags: BPFSCHED_USER_KERNEL, BPFSCHED_USER_CHANGED
 * @comm: of a module the name that it gave itself, otherwise empty
 * @clients: open files
 * @jobs: live jobs
 * @waiting: those that wait for their first release or are periodic
 * @programs: programs
 * @memory: bytes of their code and sections
 * @releases: releases a second of the periodic jobs, rounded up
 * @reserved_ppm: processor time that the admitted jobs reserve, with
 *	CAP_SYS_NICE or without
 * @pad: 0
 * @run_ns: time that jobs of the user have been on a worker
 * @limits: the limits
 */
struct bpfsched_user_info {
	__u64 number;
	__u32 uid;
	__u32 flags;
	char comm[16];
	__u32 clients;
	__u32 jobs;
	__u32 waiting;
	__u32 programs;
	__u64 memory;
	__u64 releases;
	__u32 reserved_ppm;
	__u32 pad;
	__u64 run_ns;
	struct bpfsched_user_limits limits;
};

/**
 * struct bpfsched_users - list the users of a scheduler
 * @size: sizeof(struct bpfsched_users), set by the caller
 * @flags: BPFSCHED_USERS_*; without a flag the caller's own user is listed
 * @after: list the users that come after this number; 0 for the first call; set
 *	by the kernel to the last user of the list if there may be more,
 *	otherwise to 0
 * @count: room in @users, 1 to 1024; set by the kernel to the number listed
 * @info_size: sizeof(struct bpfsched_user_info), set by the caller
 * @users: address of an array of struct bpfsched_user_info
 */
struct bpfsched_users {
	__u32 size;
	__u32 flags;
	__u64 after;
	__u32 count;
	__u32 info_size;
	__u64 users;
};

/* struct bpfsched_user_set.flags: which members of the limits are set */
#define BPFSCHED_USER_SET_CLIENTS	(1U << 0)
#define BPFSCHED_USER_SET_JOBS		(1U << 1)
#define BPFSCHED_USER_SET_WAITING	(1U << 2)
#define BPFSCHED_USER_SET_PROGRAMS	(1U << 3)
#define BPFSCHED_USER_SET_MEMORY	(1U << 4)
#define BPFSCHED_USER_SET_RELEASES	(1U << 5)
#define BPFSCHED_USER_SET_RESERVED	(1U << 6)
#define BPFSCHED_USER_SET_WEIGHT	(1U << 7)
/* First give the user the limits back that the scheduler gives to users. */
#define BPFSCHED_USER_SET_DEFAULTS	(1U << 8)
/* Set what the scheduler gives to users that were not set; @uid is 0. */
#define BPFSCHED_USER_SET_ALL		(1U << 9)

/**
 * struct bpfsched_user_set - change the limits of a user
 * @size: sizeof(struct bpfsched_user_set), set by the caller
 * @flags: BPFSCHED_USER_SET_*
 * @uid: the user, as the caller's user namespace numbers it
 * @pad: 0
 * @limits: the new limits; members that @flags does not name are not looked at
 *
 * What the user already has stays, even if it is more. Needs CAP_SYS_ADMIN.
 */
struct bpfsched_user_set {
	__u32 size;
	__u32 flags;
	__u32 uid;
	__u32 pad;
	struct bpfsched_user_limits limits;
};

/* struct bpfsched_drain.flags */
#define BPFSCHED_DRAIN_OWN	(1U << 0) /* the jobs of this open file only */
#define BPFSCHED_DRAIN_NOWAIT	(1U << 1) /* EAGAIN instead of waiting */

/**
 * struct bpfsched_drain - wait until no job is pending and none runs
 * @size: sizeof(struct bpfsched_drain), set by the caller
 * @flags: BPFSCHED_DRAIN_*
 * @timeout_ns: longest time to wait, 0: no limit
 */
struct bpfsched_drain {
	__u32 size;
	__u32 flags;
	__u64 timeout_ns;
};

/* struct bpfsched_events.flags */
#define BPFSCHED_EVENTS_SET_ROOM	(1U << 0)

#define BPFSCHED_EVENTS_ROOM_DEFAULT	16384
#define BPFSCHED_EVENTS_ROOM_MAX	(16 << 20)

/**
 * struct bpfsched_events - the room for events of this open file
 * @size: sizeof(struct bpfsched_events), set by the caller
 * @flags: BPFSCHED_EVENTS_*
 * @room: with BPFSCHED_EVENTS_SET_ROOM the room to be made, in bytes of whole
 *	records, 0 to BPFSCHED_EVENTS_ROOM_MAX, rounded up to a power of 2; set
 *	by the kernel to the room that there is
 * @used: set by the kernel: bytes of events that nobody has read
 * @emitted: set by the kernel: events so far, those that were lost too
 * @lost: set by the kernel: events that found no room
 *
 * The room can be changed only while there are no events to be read (EBUSY).
 */
struct bpfsched_events {
	__u32 size;
	__u32 flags;
	__u64 room;
	__u64 used;
	__u64 emitted;
	__u64 lost;
};

/*
 * read() returns whole records. Each starts with this header; a reader skips
 * a record of a type that it does not know by its size.
 */
#define BPFSCHED_RECORD_COMPLETION	1
#define BPFSCHED_RECORD_EVENT		2

/**
 * struct bpfsched_record - the start of every record
 * @size: bytes of the whole record, a multiple of 8
 * @type: BPFSCHED_RECORD_*
 * @flags: by type
 */
struct bpfsched_record {
	__u32 size;
	__u16 type;
	__u16 flags;
};

/* struct bpfsched_record.flags of a completion */
#define BPFSCHED_COMPLETION_MISSED	(1U << 0) /* the deadline passed */
#define BPFSCHED_COMPLETION_PREEMPTED	(1U << 1) /* made way for another */
#define BPFSCHED_COMPLETION_LAST	(1U << 2) /* no more of this job */
#define BPFSCHED_COMPLETION_CONTEXT	(1U << 3) /* context bytes follow */
#define BPFSCHED_COMPLETION_DEMOTED	(1U << 4) /* lost its admission */

/* struct bpfsched_completion.status */
#define BPFSCHED_STATUS_OK		0 /* returned */
#define BPFSCHED_STATUS_FAULT		1 /* stopped by the sandbox */
#define BPFSCHED_STATUS_BUDGET		2 /* used up its budget */
#define BPFSCHED_STATUS_CANCELLED	3
#define BPFSCHED_STATUS_DROPPED		4 /* made room for another */
#define BPFSCHED_STATUS_MISSED		5 /* firm, not started by its deadline */

/* struct bpfsched_completion.fault_kind */
#define BPFSCHED_FAULT_NONE		0
#define BPFSCHED_FAULT_READ		1 /* load outside memory it may read */
#define BPFSCHED_FAULT_WRITE		2 /* store outside memory it may write */
#define BPFSCHED_FAULT_CALL_DEPTH	3 /* more than 8 frames */
#define BPFSCHED_FAULT_ALIGNMENT	4 /* atomic access that is not aligned */
#define BPFSCHED_FAULT_CALL		5 /* call of what is no function */
#define BPFSCHED_FAULT_HANDLE		6 /* no map where a helper needs one */
#define BPFSCHED_FAULT_WINDOW		7 /* map element whose window is gone */

/**
 * struct bpfsched_completion - how a job ended
 * @record: header; type BPFSCHED_RECORD_COMPLETION
 * @id: the job
 * @user_data: as submitted
 * @prog_id: number of its program
 * @prog_name: name of its program
 * @status: BPFSCHED_STATUS_*
 * @priority: as submitted
 * @r0: what the program returned, with BPFSCHED_STATUS_OK; otherwise 0
 * @submitted_ns: when it was submitted; of a job with a period the time of the
 *	release, in theory
 * @started_ns: when it was started, 0 if it never was
 * @ended_ns: when it ended
 * @deadline_ns: its absolute deadline, 0 if it has none
 * @start_seq: 1 for the first job that the scheduler started, and so on; 0 if
 *	it was never started
 * @instructions: how many it executed
 * @fault_address: address of the access that failed, for BPFSCHED_FAULT_READ
 *	and _WRITE
 * @fault_pc: the instruction slot that failed
 * @fault_kind: BPFSCHED_FAULT_*
 * @preemptions: how often it made way for another
 * @context_len: bytes of context that follow this structure at
 *	@context_offset from its start, with BPFSCHED_COMPLETION_CONTEXT
 * @context_offset: see @context_len
 * @followups: jobs that this release has submitted
 * @release: number of the release, from 0; 0 for a job without a period
 * @overruns: releases that fell due while this one was unfinished, or for which
 *	there was no completion slot, and were left out
 * @run_ns: time that it was on a worker
 * @parent: the job that has submitted this one, 0: the client itself
 */
struct bpfsched_completion {
	struct bpfsched_record record;
	__u64 id;
	__u64 user_data;
	__u64 prog_id;
	char prog_name[BPFSCHED_PROG_NAME_LEN];
	__u32 status;
	__u32 priority;
	__u64 r0;
	__u64 submitted_ns;
	__u64 started_ns;
	__u64 ended_ns;
	__u64 deadline_ns;
	__u64 start_seq;
	__u64 instructions;
	__u64 fault_address;
	__u32 fault_pc;
	__u32 fault_kind;
	__u32 preemptions;
	__u32 context_len;
	__u32 context_offset;
	__u32 followups;
	__u64 release;
	__u64 overruns;
	__u64 run_ns;
	__u64 parent;
};

/* Most bytes of an event. */
#define BPFSCHED_EVENT_MAX	4096

/**
 * struct bpfsched_event_record - what a program has emitted
 * @record: header; type BPFSCHED_RECORD_EVENT
 * @id: the job
 * @user_data: as submitted
 * @release: number of the release
 * @time_ns: when it was emitted
 * @seq: number of the event among those of the open file, from 1; events that
 *	were lost for want of room have numbers too
 * @len: number of bytes that the program has emitted
 * @lost: events that were lost since the one before this
 * @data_offset: where these bytes are, from the start of the record; they are
 *	padded with zeroes to a multiple of 8
 * @pad: 0
 */
struct bpfsched_event_record {
	struct bpfsched_record record;
	__u64 id;
	__u64 user_data;
	__u64 release;
	__u64 time_ns;
	__u64 seq;
	__u32 len;
	__u32 lost;
	__u32 data_offset;
	__u32 pad;
};

/* struct bpfsched_create.flags */
#define BPFSCHED_CREATE_GUARD_CRITICAL	(1U << 0) /* needs CAP_SYS_NICE */

#define BPFSCHED_CAPACITY_MAX	131072
#define BPFSCHED_WORKERS_MAX	256
#define BPFSCHED_RESERVATIONS_MAX	64
#define BPFSCHED_SLICE_MIN_NS	100000ULL
#define BPFSCHED_SLICE_MAX_NS	1000000000ULL

/**
 * struct bpfsched_create - make a scheduler (control node)
 * @size: sizeof(struct bpfsched_create), set by the caller
 * @flags: BPFSCHED_CREATE_*; with BPFSCHED_CREATE_GUARD_CRITICAL jobs of
 *	BPFSCHED_PRIORITY_CRITICAL need CAP_SYS_NICE
 * @name: its name: letters, digits, '-' and '_'; not "control"
 * @profile: name of the set of defaults, empty: "cloud"
 * @policy: name of the policy, empty: that of the profile
 * @capacity: most jobs in the queue, up to BPFSCHED_CAPACITY_MAX; 0: that of
 *	the profile
 * @workers: number of worker threads, up to BPFSCHED_WORKERS_MAX; 0: that of
 *	the profile
 * @cpus: address of a mask of the CPUs that the workers may use, as
 *	sched_setaffinity(2) takes it; 0: all
 * @cpus_len: bytes of that mask
 * @thread_room: room in @threads; 0 is fine
 * @threads: address of an array of __u32, set to the thread ids of the
 *	workers, as many as there is room for
 * @thread_count: set to the number of workers
 * @max_reservations: most jobs that can be admitted at once, up to
 *	BPFSCHED_RESERVATIONS_MAX; 0: that of the profile
 * @user_budget_insns: largest instruction budget of jobs that are submitted
 *	without CAP_SYS_NICE; 0: that of the profile
 * @slice_ns: with a policy that has slices, how long they are, from
 *	BPFSCHED_SLICE_MIN_NS to BPFSCHED_SLICE_MAX_NS; 0: that of the policy
 * @user_flags: BPFSCHED_USER_SET_*: which members of @user_limits are set; the
 *	others are those of the profile
 * @supply_ppm: part of the time of a CPU that admission counts on; 0: that of
 *	the profile
 * @user_limits: limits of each user
 *
 * A thread id is one of the caller's PID namespace; it is 0 where the thread
 * has none. Needs CAP_SYS_ADMIN, and CAP_SYS_NICE for a profile with real-time
 * workers.
 */
struct bpfsched_create {
	__u32 size;
	__u32 flags;
	char name[BPFSCHED_NAME_LEN];
	char profile[BPFSCHED_NAME_LEN];
	char policy[BPFSCHED_NAME_LEN];
	__u32 capacity;
	__u32 workers;
	__u64 cpus;
	__u32 cpus_len;
	__u32 thread_room;
	__u64 threads;
	__u32 thread_count;
	__u32 max_reservations;
	__u64 user_budget_insns;
	__u64 slice_ns;
	__u32 user_flags;
	__u32 supply_ppm;
	struct bpfsched_user_limits user_limits;
};

/**
 * struct bpfsched_destroy - end a scheduler (control node)
 * @size: sizeof(struct bpfsched_destroy), set by the caller
 * @flags: none yet, 0
 * @name: its name
 *
 * Needs CAP_SYS_ADMIN. EBUSY while a file of the scheduler is open for writing,
 * or a module of the kernel uses it. Files that are open for reading only stay
 * open; what is asked of them from then on fails with ENODEV.
 */
struct bpfsched_destroy {
	__u32 size;
	__u32 flags;
	char name[BPFSCHED_NAME_LEN];
};

/**
 * struct bpfsched_list - the names of all schedulers (control node)
 * @size: sizeof(struct bpfsched_list), set by the caller
 * @count: room in @names; set to the number of schedulers
 * @names: address of an array of char[BPFSCHED_NAME_LEN]
 */
struct bpfsched_list {
	__u32 size;
	__u32 count;
	__u64 names;
};

#define BPFSCHED_IOC_MAGIC	0xBF

/*
 * The kernel tells commands apart by direction, magic and number; the size in
 * the command must be that of the structure's first member.
 */
#define BPFSCHED_IOC_INFO \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x00, struct bpfsched_info)
#define BPFSCHED_IOC_PROG_LOAD \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x01, struct bpfsched_prog_load)
#define BPFSCHED_IOC_SUBMIT \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x02, struct bpfsched_submit)
#define BPFSCHED_IOC_CANCEL \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x03, struct bpfsched_cancel)
#define BPFSCHED_IOC_STAT \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x04, struct bpfsched_stat)
#define BPFSCHED_IOC_PAUSE	_IO(BPFSCHED_IOC_MAGIC, 0x05)
#define BPFSCHED_IOC_RESUME	_IO(BPFSCHED_IOC_MAGIC, 0x06)
#define BPFSCHED_IOC_HISTOGRAM \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x07, struct bpfsched_histogram)
#define BPFSCHED_IOC_JOBS \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x08, struct bpfsched_jobs)
#define BPFSCHED_IOC_DRAIN \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x09, struct bpfsched_drain)
#define BPFSCHED_IOC_EVENTS \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x0A, struct bpfsched_events)
#define BPFSCHED_IOC_UPDATE \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x0B, struct bpfsched_update)
#define BPFSCHED_IOC_USERS \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x0C, struct bpfsched_users)
#define BPFSCHED_IOC_USER_SET \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x0D, struct bpfsched_user_set)

/* Commands of /dev/bpfsched/control */
#define BPFSCHED_IOC_CREATE \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x40, struct bpfsched_create)
#define BPFSCHED_IOC_DESTROY \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x41, struct bpfsched_destroy)
#define BPFSCHED_IOC_LIST \
	_IOWR(BPFSCHED_IOC_MAGIC, 0x42, struct bpfsched_list)

#endif /* _UAPI_LINUX_BPFSCHED_H */
