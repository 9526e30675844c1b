// SPDX-License-Identifier: GPL-2.0
/*
 * A manual clock, a scripted engine, and a scheduler made of them.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timerqueue.h>

#include "../sched_core/deferred.h"
#include "../sched_core/kclient.h"
#include "../sched_core/timers.h"
#include "../sched_core/user.h"
#include "fixture.h"

/* More calls at one and the same time than any test has events. */
#define TICKS_AT_ONE_TIME	1000

/* The manual clock. */

static u64 manual_now(struct bpfsched_clock *clock)
{
	const struct fixture *f = clock->data;

	return f->now_ns;
}

static void manual_arm(struct bpfsched_clock *clock, u64 when_ns)
{
	struct fixture *f = clock->data;

	f->armed_ns = when_ns;
	f->arms++;
}

static void manual_stop(struct bpfsched_clock *clock)
{
	struct fixture *f = clock->data;

	f->armed_ns = U64_MAX;
}

static const struct bpfsched_clock_ops manual_clock = {
	.now = manual_now,
	.arm = manual_arm,
	.stop = manual_stop,
};

static u32 count_timers_of(struct bpfsched_timer_owner *owner, u64 now_ns,
			   u32 *due)
{
	struct timerqueue_node *node;
	u32 count = 0;

	for (node = timerqueue_getnext(&owner->timers); node;
	     node = timerqueue_iterate_next(node)) {
		count++;
		*due += node->expires <= now_ns;
	}
	return count;
}

/* The timers that are set, and those of users that are due. */
static u32 count_timers(struct bpfsched *sched, u64 now_ns, u32 *due)
{
	struct timerqueue_node *turn;
	u32 count, own_due = 0;

	*due = 0;
	count = count_timers_of(&sched->own_timers, now_ns, &own_due);
	for (turn = timerqueue_getnext(&sched->timers); turn;
	     turn = timerqueue_iterate_next(turn))
		count += count_timers_of(container_of(turn,
						      struct bpfsched_timer_owner,
						      turn), now_ns, due);
	return count;
}

static u32 count_due(struct fixture *f)
{
	u32 due;

	raw_spin_lock_irq(&f->sched->lock);
	count_timers(f->sched, f->now_ns, &due);
	raw_spin_unlock_irq(&f->sched->lock);
	return due;
}

/*
 * The clock may be armed for later than the next event only after a call that
 * has handled as much as a call may.
 */
static void call_back(struct fixture *f)
{
	u64 misses = fixture_stat(f).deadline_misses;
	u32 due = count_due(f);

	f->armed_ns = U64_MAX;
	f->ticks++;
	f->sched->clock.tick(&f->sched->clock);
	misses = fixture_stat(f).deadline_misses - misses;
	f->breather_ns = max_t(u64, misses, due) < BPFSCHED_TIMERS_PER_TICK ?
			 0 : f->now_ns + BPFSCHED_TICK_BACKOFF_NS;
}

/**
 * fixture_advance() - let time go on, with the clock calling back
 * @f: the fixture
 * @now_ns: until when; not before now
 *
 * Each call comes at the very time that the clock was armed for, or now if
 * that has passed already. A test that wants the clock to be late sets
 * fixture.now_ns instead.
 */
void fixture_advance(struct fixture *f, u64 now_ns)
{
	u32 at_once = 0;

	while (f->armed_ns <= now_ns) {
		if (f->armed_ns > f->now_ns) {
			f->now_ns = f->armed_ns;
			at_once = 0;
		}
		if (++at_once > TICKS_AT_ONE_TIME) {
			KUNIT_FAIL(f->test,
				   "the clock is armed for ever at %llu",
				   f->now_ns);
			break;
		}
		call_back(f);
	}
	f->now_ns = now_ns;
}

/**
 * fixture_pass() - let some time pass, with the clock calling back
 * @f: the fixture
 * @ns: how much
 */
void fixture_pass(struct fixture *f, u64 ns)
{
	fixture_advance(f, f->now_ns + ns);
}

/* The scripted engine: the first instruction is the address of the script. */

static int scripted_load(const struct bpfsched_code *code,
			 struct bpfsched_log *log, void **image)
{
	BUILD_BUG_ON(sizeof(*code->insns) < sizeof(*image));

	memcpy(image, code->insns, sizeof(*image));
	return 0;
}

static void scripted_unload(void *image)
{
	struct fixture_script *script = image;

	script->unloads++;
}

static void scripted_start(void *state,
			   const struct bpfsched_exec_params *params)
{
	struct fixture_script *script = (void *)params->image;
	struct fixture_run *run = state;

	*run = (struct fixture_run) {
		.script = script,
		.params = *params,
		.left_ns = script->takes_ns,
		.outcome = script->outcome,
		.result = script->result,
	};
	script->last = *params;
	atomic_inc(&script->runs);
}

static void flip_context(const struct bpfsched_memory *context, u8 flip)
{
	u8 *bytes = context->base;
	u32 i;

	for (i = 0; flip && i < context->len; i++)
		bytes[i] ^= flip;
}

/* What the control word says to those who listen. */
static u32 told_to(const struct fixture_script *script, const u32 *control)
{
	u32 word = script->deaf ? BPFSCHED_CONTROL_RUN : READ_ONCE(*control);

	if (word == BPFSCHED_CONTROL_PAUSE && !script->pauses)
		return BPFSCHED_CONTROL_RUN;
	return word;
}

static void wait_for_word(const struct fixture_script *script,
			  const u32 *control)
{
	while (told_to(script, control) == BPFSCHED_CONTROL_RUN)
		usleep_range(50, 100);
}

/* Time goes from one call of the clock to the next: each is a safe point. */
static void let_time_pass(struct fixture_run *run, const u32 *control)
{
	struct fixture *f = run->script->fixture;
	u64 from_ns;

	while (run->left_ns) {
		from_ns = f->now_ns;
		fixture_advance(f, min(max(f->armed_ns, from_ns),
				       from_ns + run->left_ns));
		run->left_ns -= f->now_ns - from_ns;
		if (told_to(run->script, control) != BPFSCHED_CONTROL_RUN)
			break;
	}
}

static enum bpfsched_outcome scripted_run(void *state, const u32 *control,
					  struct bpfsched_result *result)
{
	struct fixture_run *run = state;
	struct fixture_script *script = run->script;
	u32 word;

	KUNIT_EXPECT_FALSE_MSG(script->fixture->test, run->finished,
			       "a run goes on after it was finished");
	run->job = container_of((u32 *)control, struct bpfsched_job, control);
	run->turns++;
	let_time_pass(run, control);
	if (script->during)
		script->during(run);
	if (script->until_stopped)
		wait_for_word(script, control);

	*result = run->result;
	word = told_to(script, control);
	if (script->afterwards)
		script->afterwards(run);
	if (word == BPFSCHED_CONTROL_RUN) {
		flip_context(&run->params.context, script->flip);
		return run->outcome;
	}
	result->r0 = 0;
	return word == BPFSCHED_CONTROL_STOP ? BPFSCHED_STOPPED :
					       BPFSCHED_PAUSED;
}

static void scripted_set_budget(void *state, u64 insns)
{
	struct fixture_run *run = state;

	run->params.budget_insns = insns;
}

static void scripted_finish(void *state)
{
	struct fixture_run *run = state;

	KUNIT_EXPECT_FALSE_MSG(run->script->fixture->test, run->finished,
			       "a run is finished twice");
	run->finished = true;
	atomic_inc(&run->script->finishes);
}

const struct bpfsched_engine_ops fixture_engine = {
	.name = "scripted",
	.state_size = sizeof(struct fixture_run),
	.load = scripted_load,
	.unload = scripted_unload,
	.start = scripted_start,
	.run = scripted_run,
	.set_budget = scripted_set_budget,
	.finish = scripted_finish,
};

/**
 * fixture_script() - make a program that does what a script says
 * @f: the fixture
 * @insn_count: number of its 8-byte slots, at least 1
 *
 * Return: the script, with a run that returns 0; there is always one, for the
 * test is aborted otherwise.
 */
struct fixture_script *fixture_script(struct fixture *f, u32 insn_count)
{
	struct bpfsched_log log = {};
	struct fixture_script *script;
	struct bpf_insn *insns;

	script = kunit_kzalloc(f->test, sizeof(*script), GFP_KERNEL);
	insns = kunit_kcalloc(f->test, insn_count, sizeof(*insns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, script);
	KUNIT_ASSERT_NOT_NULL(f->test, insns);
	memcpy(insns, &script, sizeof(script));

	script->fixture = f;
	script->prog = bpfsched_prog_new(&fixture_engine, "script");
	KUNIT_ASSERT_NOT_NULL(f->test, script->prog);
	list_add(&script->link, &f->scripts);
	KUNIT_ASSERT_EQ(f->test, 0, bpfsched_prog_set_code(script->prog, insns,
							   insn_count, &log));
	return script;
}

/**
 * fixture_pausing_script() - make a program that takes time and can be paused
 * @f: the fixture
 * @takes_ns: time that a run takes
 *
 * Return: as fixture_script().
 */
struct fixture_script *fixture_pausing_script(struct fixture *f, u64 takes_ns)
{
	struct fixture_script *script = fixture_script(f, 1);

	script->pauses = true;
	script->takes_ns = takes_ns;
	return script;
}

/**
 * fixture_put_prog() - hold the program of a script no longer
 * @script: the script; nothing happens if its program was put before
 */
void fixture_put_prog(struct fixture_script *script)
{
	if (script->prog)
		bpfsched_prog_put(script->prog);
	script->prog = NULL;
}

static struct bpfsched_client **free_place(struct fixture *f)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(f->clients) && f->clients[i])
		i++;
	KUNIT_ASSERT_LT_MSG(f->test, i, ARRAY_SIZE(f->clients),
			    "too many clients");
	return &f->clients[i];
}

/**
 * fixture_open() - open a client
 * @f: the fixture
 *
 * Return: the client, to be closed by fixture_close() or with the fixture.
 */
struct bpfsched_client *fixture_open(struct fixture *f)
{
	struct bpfsched_client **place = free_place(f);

	*place = bpfsched_client_open(f->sched, false);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, *place);
	return *place;
}

/**
 * fixture_try_open_as() - open a client of a user without privileges
 * @f: the fixture
 * @uid: the user
 *
 * What such a client submits is submitted without CAP_SYS_NICE too.
 *
 * Return: the client, as of fixture_open(), or an ERR_PTR().
 */
struct bpfsched_client *fixture_try_open_as(struct fixture *f, u32 uid)
{
	struct bpfsched_client *client, **place = free_place(f);
	struct cred *user = prepare_creds();
	const struct cred *before;

	KUNIT_ASSERT_NOT_NULL(f->test, user);
	user->uid = KUIDT_INIT(uid);
	user->euid = user->uid;
	cap_clear(user->cap_effective);
	before = override_creds(user);
	client = bpfsched_client_open(f->sched, false);
	revert_creds(before);
	put_cred(user);
	if (!IS_ERR(client))
		*place = client;
	return client;
}

/**
 * fixture_open_as() - open a client of a user without privileges
 * @f: the fixture
 * @uid: the user
 *
 * Return: the client; there is always one, for the test is aborted otherwise.
 */
struct bpfsched_client *fixture_open_as(struct fixture *f, u32 uid)
{
	struct bpfsched_client *client = fixture_try_open_as(f, uid);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(f->test, client);
	return client;
}

/**
 * fixture_close() - close a client
 * @f: the fixture
 * @client: the client
 */
void fixture_close(struct fixture *f, struct bpfsched_client *client)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(f->clients); i++) {
		if (f->clients[i] == client)
			f->clients[i] = NULL;
	}
	bpfsched_client_close(client);
}

/* A user that nothing is denied. */
const struct bpfsched_user_limits fixture_no_limits = {
	.clients = BPFSCHED_NO_LIMIT,
	.jobs = BPFSCHED_NO_LIMIT,
	.waiting = BPFSCHED_NO_LIMIT,
	.programs = BPFSCHED_NO_LIMIT,
	.memory = BPFSCHED_NO_LIMIT64,
	.releases = BPFSCHED_NO_LIMIT64,
	.reserved_ppm = BPFSCHED_NO_LIMIT,
	.weight = BPFSCHED_WEIGHT_DEFAULT,
};

/**
 * fixture_params() - what a scheduler of the tests is made from
 * @policy: its policy
 *
 * Return: the parameters, to be changed as the test likes and passed to
 * fixture_new(): one worker without a thread, small limits.
 */
struct bpfsched_params fixture_params(const struct bpfsched_policy_ops *policy)
{
	return (struct bpfsched_params) {
		.name = "test",
		.profile = "none",
		.policy = policy,
		.engine = &fixture_engine,
		.limits = {
			.capacity = FIXTURE_CAPACITY,
			.workers = 1,
			.completion_slots = FIXTURE_SLOTS,
			.client_jobs = U32_MAX,
			.min_period = 1,
			.max_insns = FIXTURE_MAX_INSNS,
			.max_context = FIXTURE_MAX_CONTEXT,
			.default_budget = FIXTURE_BUDGET,
			.max_budget = FIXTURE_MAX_BUDGET,
			.user_budget = FIXTURE_MAX_BUDGET,
			.max_reservations = BPFSCHED_RESERVATIONS_MAX,
			.supply_ppm = BPFSCHED_PPM,
			.user = fixture_no_limits,
		},
		.clock = &manual_clock,
		.no_threads = true,
	};
}

/**
 * fixture_new() - make a scheduler with a client and a script
 * @test: the test; its suite has fixture_exit() as its exit function
 * @params: from fixture_params(); with a clock of the kernel's if the test set
 *	its clock to NULL
 *
 * Return: the fixture; there is always one, for the test is aborted otherwise.
 */
struct fixture *fixture_new(struct kunit *test,
			    const struct bpfsched_params *params)
{
	struct bpfsched_params copy = *params;
	struct fixture *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->now_ns = FIXTURE_START_NS;
	f->armed_ns = U64_MAX;
	INIT_LIST_HEAD(&f->scripts);
	test->priv = f;

	copy.clock_data = f;
	f->sched = bpfsched_create(&copy);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->sched);
	f->client = fixture_open(f);
	f->script = fixture_script(f, 1);
	return f;
}

/**
 * fixture_expect_not_made() - expect that no scheduler is made
 * @test: the test, aborted if one is made
 * @params: from fixture_params(), with something missing
 * @what: what that is
 */
void fixture_expect_not_made(struct kunit *test,
			     const struct bpfsched_params *params,
			     const char *what)
{
	struct bpfsched_params copy = *params;
	struct bpfsched *sched;
	int err;

	/* The manual clock is of no use without a fixture. */
	copy.clock = NULL;
	sched = bpfsched_create(&copy);
	err = PTR_ERR_OR_ZERO(sched);
	if (!err)
		bpfsched_destroy(sched);
	KUNIT_ASSERT_EQ_MSG(test, -EINVAL, err, "%s", what);
}

/**
 * fixture_throughput() - a scheduler with the throughput policy
 * @test: the test
 *
 * Return: as fixture_new().
 */
struct fixture *fixture_throughput(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	return fixture_new(test, &params);
}

/**
 * fixture_deadline() - a scheduler with the deadline policy
 * @test: the test
 *
 * Return: as fixture_new().
 */
struct fixture *fixture_deadline(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);

	return fixture_new(test, &params);
}

/* Every reference is gone but the one that ends with the scheduler. */
static void expect_unreferenced(struct fixture *f)
{
	struct fixture_script *script;

	/* What the clock has left to do holds a client until it is done. */
	bpfsched_deferred_flush(f->sched);
	bpfsched_clients_flush();
	/* So does what has passed completions on, when the client is closed. */
	bpfsched_kclient_drain();
	bpfsched_clients_flush();
	KUNIT_EXPECT_EQ_MSG(f->test, 1, kref_read(&f->sched->ref),
			    "a client or its job still holds the scheduler");
	list_for_each_entry(script, &f->scripts, link) {
		if (!script->prog)
			continue;
		KUNIT_EXPECT_EQ_MSG(f->test, 1, kref_read(&script->prog->ref),
				    "a job still holds the program");
	}
}

/**
 * fixture_fair() - a scheduler with the fair policy
 * @test: the test
 *
 * Return: as fixture_new(); slices of FIXTURE_SLICE.
 */
struct fixture *fixture_fair(struct kunit *test)
{
	struct bpfsched_params params = fixture_params(&bpfsched_fair_policy);

	params.limits.slice_ns = FIXTURE_SLICE;
	return fixture_new(test, &params);
}

/**
 * fixture_free() - close all clients, end the scheduler, free the programs
 * @f: the fixture
 */
void fixture_free(struct fixture *f)
{
	struct fixture_script *script, *next;
	size_t i;

	f->test->priv = NULL;
	for (i = 0; i < ARRAY_SIZE(f->clients); i++) {
		if (f->clients[i])
			fixture_close(f, f->clients[i]);
	}
	if (!IS_ERR_OR_NULL(f->sched)) {
		/* With threads, a job of a client that has closed may run. */
		if (!f->sched->workers[0].task)
			expect_unreferenced(f);
		bpfsched_destroy(f->sched);
	}
	list_for_each_entry_safe(script, next, &f->scripts, link) {
		KUNIT_EXPECT_EQ_MSG(f->test, fixture_runs(script),
				    fixture_finishes(script),
				    "a run was not finished");
		list_del(&script->link);
		fixture_put_prog(script);
	}
}

/**
 * fixture_exit() - the exit function of suites that use a fixture
 * @test: the test
 *
 * A test that was aborted in the middle of a run leaves a job that nobody will
 * ever end; then the rest is left alone too, for it would be pulled from under
 * that job.
 */
void fixture_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	if (!IS_ERR_OR_NULL(f->sched) && !f->sched->workers[0].task &&
	    f->sched->counters.running) {
		KUNIT_FAIL(test, "a job is left running; not cleaning up");
		return;
	}
	fixture_free(f);
}

/**
 * fixture_job() - make a job, but do not submit it
 * @client: the client
 * @script: what it runs
 * @desc: the request; its context is an address of the kernel
 *
 * Return: the job or an ERR_PTR().
 */
struct bpfsched_job *fixture_job(struct bpfsched_client *client,
				 struct fixture_script *script,
				 const struct bpfsched_job_desc *desc)
{
	struct bpfsched_job *job;

	job = bpfsched_job_new(client, script->prog, desc,
			       bpfsched_clock_now(&client->sched->clock),
			       client->unlimited, GFP_KERNEL);
	if (!IS_ERR(job) && desc->context_len) {
		memset(job->context, 0, desc->context_len);
		if (desc->context)
			memcpy(job->context, (void *)(uintptr_t)desc->context,
			       desc->context_len);
	}
	return job;
}

static void make_entries(struct bpfsched_client *client,
			 struct fixture_script *script,
			 const struct bpfsched_job_desc *descs,
			 struct bpfsched_submission *entries, u32 count)
{
	struct bpfsched_job *job;
	u32 i;

	for (i = 0; i < count; i++) {
		job = fixture_job(client, script, &descs[i]);
		if (IS_ERR(job))
			entries[i].error = PTR_ERR(job);
		else
			entries[i].job = job;
	}
}

/* A job that was taken is the scheduler's, any other is ours to free. */
static void finish_entries(struct fixture *f, struct bpfsched_job_desc *descs,
			   struct bpfsched_submission *entries, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		descs[i].error = entries[i].error;
		descs[i].limit = entries[i].limit;
		if (!entries[i].error)
			descs[i].id = entries[i].id;
		if (!entries[i].job)
			continue;
		KUNIT_EXPECT_NE_MSG(f->test, 0, entries[i].error,
				    "a job that was taken was given back");
		bpfsched_job_free(entries[i].job);
	}
}

/**
 * fixture_batch() - submit jobs in one call
 * @client: the client
 * @script: what all of them run
 * @descs: the requests; error and limit are set, and id of those that are taken
 * @count: number of @descs
 *
 * What happens to requests of which no job can be made is what happens to
 * those of user space.
 *
 * Return: how many were taken.
 */
u32 fixture_batch(struct bpfsched_client *client,
		  struct fixture_script *script,
		  struct bpfsched_job_desc *descs, u32 count)
{
	struct bpfsched_submission *entries;
	u64 room_ns;
	u32 taken;

	entries = kvcalloc(count, sizeof(*entries), GFP_KERNEL);
	if (!entries) {
		KUNIT_FAIL(script->fixture->test, "out of memory");
		return 0;
	}
	make_entries(client, script, descs, entries, count);
	taken = bpfsched_submit(client, entries, count, 0, GFP_KERNEL,
				&room_ns);
	finish_entries(script->fixture, descs, entries, count);
	kvfree(entries);
	return taken;
}

/**
 * fixture_try() - submit a job that may be refused
 * @client: the client
 * @script: what it runs
 * @desc: the request; id, error and limit are set
 *
 * Return: 0 or the error.
 */
int fixture_try(struct bpfsched_client *client, struct fixture_script *script,
		struct bpfsched_job_desc *desc)
{
	struct bpfsched_submission entry = {};
	u64 room_ns;
	u32 taken;

	make_entries(client, script, desc, &entry, 1);
	taken = bpfsched_submit(client, &entry, 1, 0, GFP_KERNEL, &room_ns);
	finish_entries(script->fixture, desc, &entry, 1);
	KUNIT_EXPECT_EQ_MSG(script->fixture->test, taken, !desc->error,
			    "the number of jobs that were taken is wrong");
	return desc->error;
}

/**
 * fixture_submit() - submit a job that is taken
 * @f: the fixture, whose first client submits a run of its first script
 * @desc: the request
 *
 * Return: the number of the job; 0 if the test has failed.
 */
u64 fixture_submit(struct fixture *f, struct bpfsched_job_desc *desc)
{
	int err = fixture_try(f->client, f->script, desc);

	KUNIT_EXPECT_EQ_MSG(f->test, 0, err, "the job was refused");
	return err ? 0 : desc->id;
}

/**
 * fixture_step() - let the first worker run the next job, if there is one
 * @f: the fixture
 *
 * Return: whether there was one.
 */
bool fixture_step(struct fixture *f)
{
	return bpfsched_worker_step(&f->sched->workers[0]);
}

/**
 * fixture_run_all() - let the first worker run all that is pending
 * @f: the fixture
 *
 * Return: how many jobs it ran.
 */
u32 fixture_run_all(struct fixture *f)
{
	u32 count = 0;

	while (fixture_step(f))
		count++;
	return count;
}

/**
 * fixture_first() - the oldest completion of a client
 * @client: the client
 *
 * Return: the completion, which stays until fixture_consume(), or NULL.
 */
struct bpfsched_record_slot *fixture_first(struct bpfsched_client *client)
{
	return bpfsched_client_has_completions(client) ?
	       bpfsched_completions_first(client, 0) : NULL;
}

/**
 * fixture_consume() - have done with the oldest completion of a client
 * @client: the client
 */
void fixture_consume(struct bpfsched_client *client)
{
	bpfsched_completions_consume(client, 1);
}

/**
 * fixture_read() - take the oldest completion of a client
 * @client: the client
 * @record: set to the completion, without its context
 *
 * Return: false if there is none.
 */
bool fixture_read(struct bpfsched_client *client,
		  struct bpfsched_completion *record)
{
	struct bpfsched_record_slot *slot = fixture_first(client);

	if (!slot)
		return false;
	*record = slot->record;
	fixture_consume(client);
	return true;
}

/**
 * fixture_expect_end() - take a completion, which is to be of one certain job
 * @f: the fixture, whose first client is asked
 * @id: number of the job
 * @status: how it ended
 *
 * Return: the completion, all zero if there is none.
 */
struct bpfsched_completion fixture_expect_end(struct fixture *f, u64 id,
					      u32 status)
{
	struct bpfsched_completion record = {};

	KUNIT_EXPECT_TRUE_MSG(f->test, fixture_read(f->client, &record),
			      "job %llu has no completion", id);
	KUNIT_EXPECT_EQ_MSG(f->test, record.id, id,
			    "another job ended in place of this one");
	KUNIT_EXPECT_EQ_MSG(f->test, record.status, status,
			    "job %llu ended otherwise", id);
	return record;
}

/**
 * fixture_expect_silence() - expect that a client has no more completions
 * @f: the fixture
 * @client: the client
 */
void fixture_expect_silence(struct fixture *f, struct bpfsched_client *client)
{
	struct bpfsched_completion record;

	KUNIT_EXPECT_FALSE(f->test, bpfsched_client_has_completions(client));
	if (fixture_read(client, &record))
		KUNIT_FAIL(f->test, "a completion too many: job %llu, status %u",
			   record.id, record.status);
}

/**
 * fixture_stat() - the counters of the scheduler
 * @f: the fixture
 */
struct bpfsched_stat fixture_stat(struct fixture *f)
{
	struct bpfsched_stat stat = {};

	bpfsched_get_stat(f->sched, &stat);
	return stat;
}

/**
 * fixture_free_slots() - number of free job slots in the pool
 * @f: the fixture
 */
u32 fixture_free_slots(struct fixture *f)
{
	struct list_head *node;
	u32 count = 0;

	raw_spin_lock_irq(&f->sched->lock);
	list_for_each(node, &f->sched->pool.free)
		count++;
	raw_spin_unlock_irq(&f->sched->lock);
	return count;
}

/**
 * struct census - what is found when all jobs are counted
 * @pending: pending jobs
 * @running: jobs on a worker
 * @deadlines: what is to be waited for: releases, deadlines that were not
 *	counted as missed, ends of budgets and declarations
 * @events: what is waited for
 * @own_ns: the first of those of the scheduler itself, U64_MAX: none
 * @first_ns: the first of those of users, U64_MAX: none
 * @slots_wrong: clients whose slots are not those of their jobs and unread
 *	completions
 * @states_wrong: jobs in a state that does not fit where they were found
 */
struct census {
	u64 pending;
	u64 running;
	u32 deadlines;
	u32 events;
	u64 own_ns;
	u64 first_ns;
	u32 slots_wrong;
	u32 states_wrong;
};

static void count_client(struct bpfsched_client *client, struct census *census)
{
	const struct bpfsched_completions *completions = &client->completions;
	struct rb_node *node;
	u32 live = 0;

	for (node = rb_first(&client->jobs); node; node = rb_next(node)) {
		struct bpfsched_job *job =
			rb_entry(node, struct bpfsched_job, by_id);

		live += job->slots;
		switch (job->state) {
		case BPFSCHED_JOB_WAITING:
			census->pending++;
			census->deadlines += list_empty(&job->starved_link) ||
					     job->timing.count;
			break;
		case BPFSCHED_JOB_PENDING:
		case BPFSCHED_JOB_PAUSED:
			census->pending++;
			census->deadlines += job->entity.has_deadline &&
					     !job->missed;
			break;
		case BPFSCHED_JOB_RUNNING:
			break;
		default:
			census->states_wrong++;
		}
	}
	census->slots_wrong +=
		completions->used != live + completions->unread ||
		completions->room < completions->used +
				    (completions->used ?
				     BPFSCHED_CHUNK_RECORDS : 0);
}

static void count_workers(struct bpfsched *sched, struct census *census)
{
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		const struct bpfsched_job *job = sched->workers[i].job;

		if (!job)
			continue;
		census->running++;
		census->states_wrong += job->state != BPFSCHED_JOB_RUNNING;
		census->deadlines += job->entity.has_deadline && !job->missed;
		census->deadlines += bpfsched_timer_is_set(&sched->workers[i].timer);
	}
}

static void count_events(struct bpfsched *sched, struct census *census)
{
	struct timerqueue_node *own =
		timerqueue_getnext(&sched->own_timers.timers);
	struct timerqueue_node *first = timerqueue_getnext(&sched->timers);
	u32 due;

	census->own_ns = own ? own->expires : U64_MAX;
	census->first_ns = first ? first->expires : U64_MAX;
	census->events = count_timers(sched, 0, &due);
}

/*
 * Clients that are being read by nobody, and whose jobs, if closed, are with a
 * worker.
 */
static void take_census(struct fixture *f, struct census *census)
{
	size_t i;

	raw_spin_lock_irq(&f->sched->lock);
	for (i = 0; i < ARRAY_SIZE(f->clients); i++) {
		if (f->clients[i])
			count_client(f->clients[i], census);
	}
	count_workers(f->sched, census);
	count_events(f->sched, census);
	raw_spin_unlock_irq(&f->sched->lock);
}

static bool consistent(const struct fixture *f,
		       const struct bpfsched_stat *stat,
		       const struct census *census)
{
	/* A job that has made way or waits for its next release finds room. */
	u64 most = stat->queue_high_water + f->sched->limits.workers +
		   stat->waiting;

	return stat->submitted == stat->completed + stat->failed +
				  stat->cancelled + stat->dropped +
				  stat->pending + stat->running &&
	       stat->pending == census->pending &&
	       stat->running == census->running &&
	       stat->pending - stat->waiting <= stat->queue_high_water &&
	       stat->pending + stat->running <= most &&
	       census->deadlines == census->events &&
	       f->armed_ns <= census->own_ns &&
	       f->armed_ns <= max(census->first_ns, f->breather_ns) &&
	       f->armed_ns == f->sched->armed_ns &&
	       !census->slots_wrong && !census->states_wrong;
}

/**
 * fixture_check_at() - see fixture_check()
 * @f: the fixture
 * @where: name of the function that asks
 * @line: its line
 *
 * Return: false if the scheduler is not consistent; the test has failed then.
 */
bool fixture_check_at(struct fixture *f, const char *where, int line)
{
	struct bpfsched_stat stat = fixture_stat(f);
	struct census census = {};

	take_census(f, &census);
	if (consistent(f, &stat, &census))
		return true;

	KUNIT_FAIL(f->test,
		   "%s:%d: submitted %llu, completed %llu, failed %llu, cancelled %llu, dropped %llu, pending %llu (found %llu), running %llu (found %llu), high water %llu of %llu, deadlines %u (waited for %u), first %llu, armed %llu (%llu); clients with wrong slots %u, jobs in wrong states %u",
		   where, line, stat.submitted, stat.completed, stat.failed,
		   stat.cancelled, stat.dropped, stat.pending, census.pending,
		   stat.running, census.running, stat.queue_high_water,
		   stat.capacity, census.deadlines, census.events,
		   census.first_ns, f->armed_ns, f->sched->armed_ns,
		   census.slots_wrong, census.states_wrong);
	return false;
}
