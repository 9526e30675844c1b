/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bpfsched for other modules of the kernel: open a scheduler, load a program,
 * submit jobs from process or softirq context, get completions.
 *
 * Documentation/kernel-api.rst describes how the parts work together and how a
 * module is built against this; tools/examples/kernel/ is an example. What the
 * flags, priorities and statuses mean is the same as for user space, and is
 * described in the header of that interface.
 *
 * All functions are exported to modules with a GPL-compatible licence. A module
 * that uses one of them holds bpfsched.ko, which cannot be removed before it.
 */
#ifndef _LINUX_BPFSCHED_KAPI_H
#define _LINUX_BPFSCHED_KAPI_H

#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

struct bpf_insn;

/* A scheduler that a module has opened. */
struct bpfsched_kclient;

/* A program; jobs hold it, and who loaded it until he puts it. */
struct bpfsched_prog;

/**
 * struct bpfsched_kclient_ops - what a module wants to be told
 * @name: what the client is called where jobs are listed; cut to 15 bytes;
 *	required
 * @complete: a job has ended, or a release of a job with a period; required
 *
 * @complete is called exactly once for every job that was accepted, and of a
 * job with a period for every release that was not left out (see
 * bpfsched_completion.overruns). The calls for one client come one at a time,
 * in the order in which the jobs ended. @data is what bpfsched_kclient_open()
 * was given. @completion says how the job ended; with
 * BPFSCHED_COMPLETION_CONTEXT in the flags of its record, @context points to
 * bpfsched_completion.context_len bytes, else it is NULL. Neither is there any
 * longer when the call has returned.
 *
 * A job may have ended, and @complete been called, before the submission that
 * it comes from has returned; bpfsched_kjob.user_data tells jobs apart from
 * the start.
 *
 * Context: process, may sleep, no locks held. It may submit and cancel jobs,
 * load and put programs, open and close other clients. It may neither close its
 * own client nor wait for room in the queue. While it runs, later completions
 * of the client wait, and each of them holds a completion slot.
 */
struct bpfsched_kclient_ops {
	const char *name;
	void (*complete)(void *data,
			 const struct bpfsched_completion *completion,
			 const void *context);
};

/**
 * struct bpfsched_ksection - one data section of a program
 * @data: its initial bytes, NULL: zero
 * @len: its length in bytes, at least 1
 * @flags: BPFSCHED_SECTION_*
 */
struct bpfsched_ksection {
	const void *data;
	u32 len;
	u32 flags;
};

/**
 * struct bpfsched_kprog - what a program is made from
 * @name: printable, at most BPFSCHED_PROG_NAME_LEN - 1 bytes; NULL: empty
 * @insns: the instructions, RFC 9669
 * @insn_count: number of 8-byte slots, at least 1
 * @sections: its data sections; instructions name them by their number here,
 *	as described at struct bpfsched_section
 * @section_count: number of @sections
 * @log: where to write why the program was refused; may be NULL if @log_size
 *	is 0
 * @log_size: size of @log in bytes; the text is cut to fit, and is empty if
 *	there is nothing to say
 */
struct bpfsched_kprog {
	const char *name;
	const struct bpf_insn *insns;
	u32 insn_count;
	const struct bpfsched_ksection *sections;
	u32 section_count;
	char *log;
	u32 log_size;
};

/**
 * struct bpfsched_kjob - a request to run a program
 * @prog: the program; the job holds it until it has ended
 * @id: number of the job among the live jobs of the client; 0 asks for the next
 *	number of the scheduler's counter
 * @user_data: handed back in the completion, not looked at
 * @flags: BPFSCHED_JOB_*
 * @priority: BPFSCHED_PRIORITY_*
 * @context: the context bytes; they are copied
 * @context_len: number of them, may be 0
 * @budget_insns: most instructions that the job may execute, or
 *	BPFSCHED_BUDGET_DEFAULT, or BPFSCHED_BUDGET_UNLIMITED
 * @budget_ns: longest time on a worker, 0: no limit
 * @deadline_ns: with BPFSCHED_JOB_DEADLINE_ABS or _REL
 * @not_before_ns: with BPFSCHED_JOB_NOT_BEFORE_ABS or _REL
 * @period_ns: if not 0, the job is released again every @period_ns
 * @count: with @period_ns the number of releases, 0: until it is cancelled
 * @run_time_ns: if not 0, the longest time that a release will be on a worker,
 *	for admission
 * @timeout_ns: with BPFSCHED_JOB_WAIT the longest time to wait, 0: no limit
 * @room_ns: if not NULL, set to the longest run time with which the job would
 *	have been admitted, if it was not; else to 0
 *
 * All times are in nanoseconds of CLOCK_MONOTONIC. What is 0 is not asked for;
 * struct bpfsched_job_desc has the rules.
 */
struct bpfsched_kjob {
	struct bpfsched_prog *prog;
	u64 id;
	u64 user_data;
	u32 flags;
	u32 priority;
	const void *context;
	u32 context_len;
	u64 budget_insns;
	u64 budget_ns;
	u64 deadline_ns;
	u64 not_before_ns;
	u64 period_ns;
	u64 count;
	u64 run_time_ns;
	u64 timeout_ns;
	u64 *room_ns;
};

struct bpfsched_kclient *
bpfsched_kclient_open(const char *scheduler,
		      const struct bpfsched_kclient_ops *ops, void *data);
void bpfsched_kclient_close(struct bpfsched_kclient *kclient);
int bpfsched_kclient_submit(struct bpfsched_kclient *kclient,
			    const struct bpfsched_kjob *kjob, u64 *id);
int bpfsched_kclient_submit_atomic(struct bpfsched_kclient *kclient,
				   const struct bpfsched_kjob *kjob, u64 *id);
int bpfsched_kclient_cancel(struct bpfsched_kclient *kclient, u64 id);

struct bpfsched_prog *
bpfsched_kprog_load(struct bpfsched_kclient *kclient,
		    const struct bpfsched_kprog *kprog);
void bpfsched_kprog_put(struct bpfsched_prog *prog);
void *bpfsched_kprog_section(struct bpfsched_prog *prog, u32 index);

#endif /* _LINUX_BPFSCHED_KAPI_H */
