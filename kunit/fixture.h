/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the scheduler are made with: a scheduler whose time stands
 * still until the test moves it, whose workers take a step when the test says
 * so, and whose programs do what a script says. So no test sleeps, and all of
 * them do the same in each run.
 */
#ifndef BPFSCHED_KUNIT_FIXTURE_H
#define BPFSCHED_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "../policies/policy.h"
#include "../sched_core/client.h"
#include "../sched_core/completion.h"
#include "../sched_core/job.h"
#include "../sched_core/prog.h"
#include "../sched_core/scheduler.h"
#include "../sched_core/submit.h"
#include "../sched_core/worker.h"

/* The time at which every fixture begins. */
#define FIXTURE_START_NS	1000000ULL

/* Most clients that are open at once. */
#define FIXTURE_CLIENTS		16

/* The limits of fixture_params(). */
#define FIXTURE_CAPACITY	8
#define FIXTURE_SLOTS		32
#define FIXTURE_MAX_INSNS	16
#define FIXTURE_MAX_CONTEXT	64
#define FIXTURE_BUDGET		1000ULL
#define FIXTURE_MAX_BUDGET	5000ULL

/* The slices of fixture_fair(). */
#define FIXTURE_SLICE		100ULL

struct fixture;
struct fixture_run;

/**
 * struct fixture_script - a program, and what it does when it runs
 * @outcome: how a run ends, unless it is stopped
 * @result: what a run gives
 * @takes_ns: time that passes in a run, with the clock calling back. When the
 *	control word says pause or stop the rest of it does not pass, or passes
 *	when the run goes on
 * @deaf: a run does not look at the control word
 * @pauses: a run pauses when the control word says so, and then goes on
 * @until_stopped: a run goes on until the control word says stop, or pause if
 *	@pauses; for schedulers with threads
 * @flip: every byte of the context is xored with this
 * @during: called in a run, each time that it begins or goes on, after time
 *	has passed, with no locks held; NULL: nothing is. It may do to the
 *	scheduler whatever a test may, and change what @run says; but it runs
 *	on the stack of the worker, so it may not abort the test
 * @afterwards: called in a run that has looked at the control word for the
 *	last time, before it returns; otherwise as @during
 * @data: for those two
 * @runs: how many runs have begun
 * @finishes: how many runs were finished
 * @unloads: how often the program was freed
 * @last: parameters of the run that began last
 * @fixture: whose it is
 * @prog: the program, held; NULL after fixture_put_prog()
 * @link: in fixture.scripts
 *
 * The program may be gone, the script stays until the end of the fixture.
 */
struct fixture_script {
	enum bpfsched_outcome outcome;
	struct bpfsched_result result;
	u64 takes_ns;
	bool deaf;
	bool pauses;
	bool until_stopped;
	u8 flip;
	void (*during)(struct fixture_run *run);
	void (*afterwards)(struct fixture_run *run);
	void *data;

	atomic_t runs;
	atomic_t finishes;
	u32 unloads;
	struct bpfsched_exec_params last;
	struct fixture *fixture;
	struct bpfsched_prog *prog;
	struct list_head link;
};

/* Workers count at once, where there are threads. */
static inline u32 fixture_runs(const struct fixture_script *script)
{
	return atomic_read(&script->runs);
}

static inline u32 fixture_finishes(const struct fixture_script *script)
{
	return atomic_read(&script->finishes);
}

/**
 * struct fixture_run - a run of a script, the state of the scripted engine
 * @script: the script
 * @params: what the run starts from
 * @job: the job that runs
 * @finished: the run is over and was let go of
 * @turns: how often the run has begun or gone on
 * @left_ns: time that is yet to pass
 * @outcome: how the run will end, unless it is stopped
 * @result: what the run will give
 */
struct fixture_run {
	struct fixture_script *script;
	struct bpfsched_exec_params params;
	struct bpfsched_job *job;
	bool finished;
	u32 turns;
	u64 left_ns;
	enum bpfsched_outcome outcome;
	struct bpfsched_result result;
};

/**
 * struct fixture - a scheduler and all that belongs to it
 * @test: the test
 * @sched: the scheduler
 * @now_ns: the time
 * @armed_ns: when the clock will call back, U64_MAX: never
 * @breather_ns: the clock may be armed for as late as this although there is
 *	something to do before
 * @arms: how often the clock was armed
 * @ticks: how often the clock called back
 * @scripts: all scripts
 * @clients: the open clients; NULL: none
 * @script: a script that was made with the fixture
 * @client: a client that was opened with the fixture
 */
struct fixture {
	struct kunit *test;
	struct bpfsched *sched;
	u64 now_ns;
	u64 armed_ns;
	u64 breather_ns;
	u32 arms;
	u32 ticks;
	struct list_head scripts;
	struct bpfsched_client *clients[FIXTURE_CLIENTS];
	struct fixture_script *script;
	struct bpfsched_client *client;
};

extern const struct bpfsched_engine_ops fixture_engine;
extern const struct bpfsched_user_limits fixture_no_limits;

struct bpfsched_params fixture_params(const struct bpfsched_policy_ops *policy);
struct fixture *fixture_new(struct kunit *test,
			    const struct bpfsched_params *params);
void fixture_expect_not_made(struct kunit *test,
			     const struct bpfsched_params *params,
			     const char *what);
struct fixture *fixture_throughput(struct kunit *test);
struct fixture *fixture_deadline(struct kunit *test);
struct fixture *fixture_fair(struct kunit *test);
void fixture_free(struct fixture *f);
void fixture_exit(struct kunit *test);

struct fixture_script *fixture_script(struct fixture *f, u32 insn_count);
struct fixture_script *fixture_pausing_script(struct fixture *f, u64 takes_ns);
void fixture_put_prog(struct fixture_script *script);
struct bpfsched_client *fixture_open(struct fixture *f);
struct bpfsched_client *fixture_try_open_as(struct fixture *f, u32 uid);
struct bpfsched_client *fixture_open_as(struct fixture *f, u32 uid);
void fixture_close(struct fixture *f, struct bpfsched_client *client);

void fixture_advance(struct fixture *f, u64 now_ns);
void fixture_pass(struct fixture *f, u64 ns);

struct bpfsched_job *fixture_job(struct bpfsched_client *client,
				 struct fixture_script *script,
				 const struct bpfsched_job_desc *desc);
u32 fixture_batch(struct bpfsched_client *client,
		  struct fixture_script *script,
		  struct bpfsched_job_desc *descs, u32 count);
int fixture_try(struct bpfsched_client *client, struct fixture_script *script,
		struct bpfsched_job_desc *desc);
u64 fixture_submit(struct fixture *f, struct bpfsched_job_desc *desc);
bool fixture_step(struct fixture *f);
u32 fixture_run_all(struct fixture *f);

struct bpfsched_record_slot *fixture_first(struct bpfsched_client *client);
void fixture_consume(struct bpfsched_client *client);
bool fixture_read(struct bpfsched_client *client,
		  struct bpfsched_completion *record);
struct bpfsched_completion fixture_expect_end(struct fixture *f, u64 id,
					      u32 status);
void fixture_expect_silence(struct fixture *f,
			    struct bpfsched_client *client);
struct bpfsched_stat fixture_stat(struct fixture *f);
u32 fixture_free_slots(struct fixture *f);

/**
 * fixture_check() - expect that the scheduler is consistent
 * @f: the fixture
 *
 * The counters balance, and agree with the jobs that the clients have and the
 * workers run; the clients' slots are accounted for; every deadline that can
 * still pass is waited for, and the clock is armed for the first of them.
 */
#define fixture_check(f)	fixture_check_at(f, __func__, __LINE__)
bool fixture_check_at(struct fixture *f, const char *where, int line);

#endif /* BPFSCHED_KUNIT_FIXTURE_H */
