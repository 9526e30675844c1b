// SPDX-License-Identifier: GPL-2.0
/*
 * The interface to other modules: what is accepted, from which contexts, and
 * when the callbacks come. They come in a thread of their own, so the tests
 * wait for that with settle(), and the callbacks only note what they see.
 */
#include <kunit/test.h>
#include <linux/bpfsched_kapi.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../sched_core/kclient.h"
#include "../sched_core/user.h"
#include "fixture.h"

/* Calls that a guest takes down; all are counted. */
#define CALLS		64

/* Times that a thread is waited for, a millisecond each. */
#define PATIENCE	10000

/* Jobs that are submitted one from the callback of the other. */
#define CHAIN		1000

/* Times that a client is opened, used and closed. */
#define ROUNDS		1000

/* Jobs that a client has at once in each round. */
#define ROUND_JOBS	6

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_kjob) {})

/**
 * struct call - what a callback was told
 * @record: the completion
 * @context: the start of the context, zero if there is none
 * @has_context: whether there is one
 */
struct call {
	struct bpfsched_completion record;
	u8 context[16];
	bool has_context;
};

/**
 * struct guest - a module that uses the interface, so to speak
 * @f: the fixture
 * @script: what its jobs run
 * @kclient: its client, NULL: closed
 * @link: in guests
 * @calls: how often it was called back
 * @call: the first calls
 * @at_once: calls that are under way
 * @overlaps: calls that began while another was under way
 * @not_in_process: calls that were not made in process context
 * @during: done in each call, NULL: nothing
 * @left: for @during: how often it is still to do something
 * @accepted: for @during: jobs that were accepted
 * @err: for @during: what came out
 * @other: for @during: another guest
 */
struct guest {
	struct fixture *f;
	struct fixture_script *script;
	struct bpfsched_kclient *kclient;
	struct list_head link;
	u32 calls;
	struct call call[CALLS];
	atomic_t at_once;
	u32 overlaps;
	u32 not_in_process;
	void (*during)(struct guest *guest, const struct call *call);
	u32 left;
	u32 accepted;
	int err;
	struct guest *other;
};

/* The guests of the test that runs; kapi_exit() closes what it left open. */
static LIST_HEAD(guests);

static void called_back(void *data,
			const struct bpfsched_completion *completion,
			const void *context)
{
	struct guest *guest = data;
	struct call call = { .record = *completion };

	guest->overlaps += atomic_inc_return(&guest->at_once) != 1;
	guest->not_in_process += !in_task() || irqs_disabled() ||
				 rcu_preempt_depth();
	call.has_context = context;
	if (context)
		memcpy(call.context, context,
		       min_t(size_t, completion->context_len,
			     sizeof(call.context)));
	if (guest->calls < CALLS)
		guest->call[guest->calls] = call;
	WRITE_ONCE(guest->calls, guest->calls + 1);
	if (guest->during)
		guest->during(guest, &call);
	atomic_dec(&guest->at_once);
}

static const struct bpfsched_kclient_ops guest_ops = {
	.name = "kapi_test",
	.complete = called_back,
};

static void open_client(struct guest *guest)
{
	guest->kclient = bpfsched_kclient_new(guest->f->sched, &guest_ops,
					      guest);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(guest->f->test, guest->kclient);
	list_add(&guest->link, &guests);
}

static struct guest *new_guest(struct fixture *f)
{
	struct guest *guest;

	guest = kunit_kzalloc(f->test, sizeof(*guest), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, guest);
	guest->f = f;
	guest->script = f->script;
	open_client(guest);
	return guest;
}

static void close_client(struct guest *guest)
{
	list_del(&guest->link);
	bpfsched_kclient_close(guest->kclient);
	guest->kclient = NULL;
}

/* The callbacks that are due have come, and returned. */
static void settle(struct guest *guest)
{
	bpfsched_kclient_flush(guest->kclient);
}

static void kapi_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct guest *guest, *next;

	list_for_each_entry_safe(guest, next, &guests, link) {
		/* A job that a test has abandoned will never end. */
		if (!f->sched->workers[0].task && f->sched->counters.running)
			list_del(&guest->link);
		else
			close_client(guest);
	}
	fixture_exit(test);
}

static void expect_calls(struct guest *guest, u32 calls)
{
	KUNIT_EXPECT_EQ_MSG(guest->f->test, calls, guest->calls,
			    "completions that were passed on");
	KUNIT_EXPECT_EQ(guest->f->test, 0U, guest->overlaps);
	KUNIT_EXPECT_EQ(guest->f->test, 0U, guest->not_in_process);
}

/* As fixture_check(), with the jobs of the guest. */
static void check_with(struct guest *guest)
{
	struct bpfsched_client *client =
		bpfsched_kclient_to_client(guest->kclient);
	struct fixture *f = guest->f;

	f->clients[FIXTURE_CLIENTS - 1] = client;
	fixture_check(f);
	f->clients[FIXTURE_CLIENTS - 1] = NULL;
}

static int try_with(struct guest *guest, const struct bpfsched_kjob *kjob,
		    u64 *id,
		    int (*submit)(struct bpfsched_kclient *kclient,
				  const struct bpfsched_kjob *kjob, u64 *id))
{
	struct bpfsched_kjob copy = *kjob;

	copy.prog = guest->script->prog;
	return submit(guest->kclient, &copy, id);
}

static int try_submit(struct guest *guest, const struct bpfsched_kjob *kjob)
{
	return try_with(guest, kjob, NULL, bpfsched_kclient_submit);
}

static int try_atomic(struct guest *guest, const struct bpfsched_kjob *kjob)
{
	return try_with(guest, kjob, NULL, bpfsched_kclient_submit_atomic);
}

/* Returns the number of the job; 0 if the test has failed. */
static u64 submit(struct guest *guest, const struct bpfsched_kjob *kjob)
{
	u64 id = 0;
	int err = try_with(guest, kjob, &id, bpfsched_kclient_submit);

	KUNIT_EXPECT_EQ_MSG(guest->f->test, 0, err, "the job was refused");
	return id;
}

/* Callbacks. */

static void completion_is_passed_on(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	const struct bpfsched_completion *record = &guest->call[0].record;
	u64 id;

	f->script->result.r0 = 0x123456789aULL;
	f->script->result.instructions = 7;
	f->script->takes_ns = 50;
	id = submit(guest, &(struct bpfsched_kjob) {
		.user_data = 0xabcdef,
		.priority = BPFSCHED_PRIORITY_HIGH,
	});
	check_with(guest);
	settle(guest);
	expect_calls(guest, 0);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);

	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, id, record->id);
	KUNIT_EXPECT_EQ(test, 0xabcdefULL, record->user_data);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_OK, record->status);
	KUNIT_EXPECT_EQ(test, BPFSCHED_PRIORITY_HIGH, record->priority);
	KUNIT_EXPECT_EQ(test, 0x123456789aULL, record->r0);
	KUNIT_EXPECT_EQ(test, 7ULL, record->instructions);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS, record->submitted_ns);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 50, record->ended_ns);
	KUNIT_EXPECT_STREQ(test, "script", record->prog_name);
	KUNIT_EXPECT_EQ(test, BPFSCHED_COMPLETION_LAST, record->record.flags);
	KUNIT_EXPECT_FALSE(test, guest->call[0].has_context);
	check_with(guest);
}

static void context_comes_back(struct kunit *test)
{
	static const u8 bytes[] = { 1, 2, 3, 4, 5 };
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	struct bpfsched_kjob kjob = {
		.context = bytes,
		.context_len = sizeof(bytes),
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
	};
	u32 i;

	f->script->flip = 0xff;
	submit(guest, &kjob);
	kjob.flags = 0;
	submit(guest, &kjob);
	fixture_run_all(f);
	settle(guest);

	expect_calls(guest, 2);
	KUNIT_EXPECT_TRUE(test, guest->call[0].has_context);
	KUNIT_EXPECT_EQ(test, sizeof(bytes),
			guest->call[0].record.context_len);
	for (i = 0; i < sizeof(bytes); i++)
		KUNIT_EXPECT_EQ(test, (u8)~bytes[i], guest->call[0].context[i]);
	KUNIT_EXPECT_FALSE(test, guest->call[1].has_context);
	KUNIT_EXPECT_EQ(test, 0U, guest->call[1].record.context_len);
}

/* Not in that of submission, and whatever it is that ends a job. */
static void calls_come_in_the_order_of_the_ends(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	u64 late, firm, cancelled, early, evicted;
	u64 want[5];
	u32 i;

	late = submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 900,
	});
	early = submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 800,
	});
	firm = submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_REL | BPFSCHED_JOB_FIRM,
		.deadline_ns = 100,
	});
	cancelled = submit(guest, ANY_JOB);
	evicted = submit(guest, ANY_JOB);
	while (fixture_stat(f).pending < FIXTURE_CAPACITY)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.priority = BPFSCHED_PRIORITY_HIGH,
		});
	KUNIT_EXPECT_EQ(test, 0,
			bpfsched_kclient_cancel(guest->kclient, cancelled));
	fixture_pass(f, 100);
	while (fixture_stat(f).pending < FIXTURE_CAPACITY)
		fixture_submit(f, &(struct bpfsched_job_desc) {
			.priority = BPFSCHED_PRIORITY_HIGH,
		});
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.priority = BPFSCHED_PRIORITY_HIGH,
		.flags = BPFSCHED_JOB_EVICT,
	});
	check_with(guest);
	fixture_run_all(f);
	settle(guest);

	expect_calls(guest, 5);
	want[0] = cancelled;
	want[1] = firm;
	want[2] = evicted;
	want[3] = early;
	want[4] = late;
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ(test, want[i], guest->call[i].record.id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			guest->call[0].record.status);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_MISSED,
			guest->call[1].record.status);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_DROPPED,
			guest->call[2].record.status);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_OK, guest->call[4].record.status);
}

/* More than are passed on before others get the thread. */
static void many_completions_keep_their_order(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct fixture *f;
	struct guest *guest;
	u32 i;

	params.limits.capacity = 200;
	params.limits.completion_slots = 400;
	f = fixture_new(test, &params);
	guest = new_guest(f);
	for (i = 1; i <= 200; i++)
		submit(guest, &(struct bpfsched_kjob) { .user_data = i });
	KUNIT_EXPECT_EQ(test, -EAGAIN, try_submit(guest, ANY_JOB));
	fixture_run_all(f);
	settle(guest);
	expect_calls(guest, 200);
	for (i = 0; i < CALLS; i++)
		KUNIT_EXPECT_EQ(test, i + 1ULL,
				guest->call[i].record.user_data);
	check_with(guest);
}

static void each_release_is_passed_on(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	const u8 byte = 3;
	u32 i;

	submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_RETURN_CONTEXT,
		.context = &byte,
		.context_len = sizeof(byte),
		.period_ns = 100,
		.count = 5,
	});
	for (i = 0; i < 5; i++) {
		check_with(guest);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		settle(guest);
		expect_calls(guest, i + 1);
		KUNIT_EXPECT_EQ(test, (u64)i, guest->call[i].record.release);
		KUNIT_EXPECT_EQ(test, byte, guest->call[i].context[0]);
		fixture_pass(f, 100);
	}
	KUNIT_EXPECT_TRUE(test, guest->call[4].record.record.flags &
				BPFSCHED_COMPLETION_LAST);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	expect_calls(guest, 5);
}

static void submit_again(struct guest *guest, const struct call *call)
{
	if (!guest->left)
		return;
	guest->left--;
	guest->err = try_submit(guest, ANY_JOB);
	guest->accepted += !guest->err;
}

static void callback_may_submit(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	u32 i;

	guest->during = submit_again;
	guest->left = CHAIN;
	submit(guest, ANY_JOB);
	for (i = 0; i <= CHAIN; i++) {
		KUNIT_ASSERT_TRUE(test, fixture_step(f));
		settle(guest);
	}
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, CHAIN, guest->accepted);
	expect_calls(guest, CHAIN + 1);
	check_with(guest);
}

static void cancel_the_next(struct guest *guest, const struct call *call)
{
	if (call->record.status == BPFSCHED_STATUS_OK)
		guest->err = bpfsched_kclient_cancel(guest->kclient,
						     call->record.id + 1);
}

static void callback_may_cancel(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	guest->during = cancel_the_next;
	submit(guest, &(struct bpfsched_kjob) { .id = 50 });
	submit(guest, &(struct bpfsched_kjob) { .id = 51 });
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);
	KUNIT_EXPECT_EQ(test, 0, guest->err);
	expect_calls(guest, 2);
	KUNIT_EXPECT_EQ(test, 51ULL, guest->call[1].record.id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			guest->call[1].record.status);
}

static void submit_and_wait(struct guest *guest, const struct call *call)
{
	guest->err = try_submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_WAIT,
	});
}

/* It would hold up whoever closes the client, and its own completions. */
static void callback_may_not_wait(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	guest->during = submit_and_wait;
	submit(guest, ANY_JOB);
	fixture_step(f);
	settle(guest);
	KUNIT_EXPECT_EQ(test, -EDEADLK, guest->err);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).rejected);
	/* Elsewhere it may, and does not if there is room. */
	KUNIT_EXPECT_EQ(test, 0, try_submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_WAIT,
	}));
}

static void use_another(struct guest *guest, const struct call *call)
{
	struct guest *other = guest->other;

	other->kclient = bpfsched_kclient_new(guest->f->sched, &guest_ops,
					      other);
	if (IS_ERR(other->kclient)) {
		guest->err = PTR_ERR(other->kclient);
		return;
	}
	guest->err = try_submit(other, ANY_JOB);
	bpfsched_kclient_close(other->kclient);
}

static void callback_may_use_another_client(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f), *other = new_guest(f);

	close_client(other);
	guest->other = other;
	guest->during = use_another;
	submit(guest, ANY_JOB);
	fixture_step(f);
	settle(guest);
	KUNIT_EXPECT_EQ(test, 0, guest->err);
	expect_calls(guest, 1);
	expect_calls(other, 1);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			other->call[0].record.status);
}

/* The slot of a completion is free when its callback has returned. */
static void callbacks_free_slots(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct fixture *f;
	struct guest *guest;

	params.limits.completion_slots = 2;
	f = fixture_new(test, &params);
	guest = new_guest(f);
	guest->during = submit_again;
	guest->left = 1;
	submit(guest, ANY_JOB);
	submit(guest, ANY_JOB);
	KUNIT_EXPECT_EQ(test, -EDQUOT, try_submit(guest, ANY_JOB));
	fixture_step(f);
	settle(guest);
	KUNIT_EXPECT_EQ(test, -EDQUOT, guest->err);
	submit(guest, ANY_JOB);
	check_with(guest);
}

static struct kunit_case callback_cases[] = {
	KUNIT_CASE(completion_is_passed_on),
	KUNIT_CASE(context_comes_back),
	KUNIT_CASE(calls_come_in_the_order_of_the_ends),
	KUNIT_CASE(many_completions_keep_their_order),
	KUNIT_CASE(each_release_is_passed_on),
	KUNIT_CASE(callback_may_submit),
	KUNIT_CASE(callback_may_cancel),
	KUNIT_CASE(callback_may_not_wait),
	KUNIT_CASE(callback_may_use_another_client),
	KUNIT_CASE(callbacks_free_slots),
	{}
};

static struct kunit_suite callback_suite = {
	.name = "kapi_callback",
	.exit = kapi_exit,
	.test_cases = callback_cases,
};

/* Arguments and errors. */

static void open_needs_a_scheduler(struct kunit *test)
{
	struct bpfsched_kclient *kclient;

	kclient = bpfsched_kclient_open("no such scheduler", &guest_ops, NULL);
	KUNIT_EXPECT_EQ(test, -ENOENT, PTR_ERR_OR_ZERO(kclient));
	kclient = bpfsched_kclient_open("cloud", &guest_ops, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kclient));
	bpfsched_kclient_close(kclient);
}

static void open_needs_a_callback(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	const struct bpfsched_kclient_ops nameless = {
		.complete = called_back,
	};
	const struct bpfsched_kclient_ops silent = { .name = "silent" };
	struct bpfsched_kclient *kclient;

	kclient = bpfsched_kclient_new(f->sched, &nameless, NULL);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(kclient));
	kclient = bpfsched_kclient_new(f->sched, &silent, NULL);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(kclient));
}

static void open_comes_too_late(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_kclient *kclient;

	fixture_close(f, f->client);
	KUNIT_EXPECT_TRUE(test, bpfsched_begin_destroy(f->sched));
	kclient = bpfsched_kclient_new(f->sched, &guest_ops, NULL);
	KUNIT_EXPECT_EQ(test, -ENODEV, PTR_ERR_OR_ZERO(kclient));
}

static void client_tells_its_name(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	const struct bpfsched_client *client =
		bpfsched_kclient_to_client(new_guest(f)->kclient);

	KUNIT_EXPECT_STREQ(test, "kapi_test", client->comm);
	KUNIT_EXPECT_TRUE(test, !client->pid);
	KUNIT_EXPECT_TRUE(test, client->user->kernel);
	KUNIT_EXPECT_TRUE(test, client->unlimited);
}

static void expect_refused(struct guest *guest,
			   const struct bpfsched_kjob *kjob, int err)
{
	struct fixture *f = guest->f;
	struct bpfsched_stat before = fixture_stat(f);
	u64 id = 4711;

	KUNIT_EXPECT_EQ(f->test, err,
			try_with(guest, kjob, &id, bpfsched_kclient_submit));
	KUNIT_EXPECT_EQ(f->test, err,
			try_with(guest, kjob, &id,
				 bpfsched_kclient_submit_atomic));
	KUNIT_EXPECT_EQ(f->test, 4711ULL, id);
	KUNIT_EXPECT_EQ(f->test, before.rejected + 2, fixture_stat(f).rejected);
	KUNIT_EXPECT_EQ(f->test, before.submitted, fixture_stat(f).submitted);
}

static void malformed_jobs_are_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	static const u8 context[FIXTURE_MAX_CONTEXT + 1];

	KUNIT_EXPECT_EQ(test, -EINVAL,
			bpfsched_kclient_submit(guest->kclient, ANY_JOB, NULL));
	expect_refused(guest, &(struct bpfsched_kjob) {
		.flags = 1U << 31,
	}, -EINVAL);
	expect_refused(guest, &(struct bpfsched_kjob) {
		.priority = BPFSCHED_PRIORITY_CRITICAL + 1,
	}, -EINVAL);
	expect_refused(guest, &(struct bpfsched_kjob) {
		.context = context, .context_len = sizeof(context),
	}, -E2BIG);
	expect_refused(guest, &(struct bpfsched_kjob) {
		.budget_insns = FIXTURE_MAX_BUDGET + 1,
	}, -E2BIG);
	expect_refused(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 5,
	}, -EOPNOTSUPP);
	check_with(guest);
}

static void emit_to_guest(struct fixture_run *run)
{
	const struct bpfsched_host_ops *host = run->params.host;

	KUNIT_EXPECT_EQ(run->script->fixture->test, -EOPNOTSUPP,
			host->emit(run->params.host_data, "event", 5));
}

static void events_are_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	f->script->during = emit_to_guest;
	submit(guest, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, 1U, fixture_runs(f->script));
	check_with(guest);
}

static void submit_followup(struct fixture_run *run)
{
	const struct bpfsched_host_ops *host = run->params.host;
	s64 *id = run->script->data;

	*id = host->submit(run->params.host_data, 0, NULL, 0, NULL);
}

static void followup_is_passed_on(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *other = fixture_script(f, 1);
	struct guest *guest = new_guest(f);
	s64 followup = 0;
	u64 id;

	bpfsched_prog_add_followup(f->script->prog, other->prog);
	f->script->during = submit_followup;
	f->script->data = &followup;
	id = submit(guest, ANY_JOB);
	fixture_run_all(f);
	settle(guest);
	expect_calls(guest, 2);
	KUNIT_EXPECT_EQ(test, id, guest->call[0].record.id);
	KUNIT_EXPECT_EQ(test, 1U, guest->call[0].record.followups);
	KUNIT_EXPECT_GT(test, followup, 0LL);
	KUNIT_EXPECT_EQ(test, (u64)followup, guest->call[1].record.id);
	KUNIT_EXPECT_EQ(test, id, guest->call[1].record.parent);
	check_with(guest);
	fixture_put_prog(f->script);
}

/* The client is being closed while a job of it submits another. */
static void shut_and_submit(struct fixture_run *run)
{
	const struct bpfsched_host_ops *host = run->params.host;
	struct guest *guest = run->script->data;

	bpfsched_client_shut(bpfsched_kclient_to_client(guest->kclient));
	guest->err = host->submit(run->params.host_data, 0, NULL, 0, NULL);
}

static void followup_is_refused_while_closing(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct fixture_script *other = fixture_script(f, 1);
	struct guest *guest = new_guest(f);

	bpfsched_prog_add_followup(f->script->prog, other->prog);
	f->script->during = shut_and_submit;
	f->script->data = guest;
	submit(guest, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, guest->err);
	KUNIT_EXPECT_EQ(test, 0U, fixture_runs(other));
	close_client(guest);
	expect_calls(guest, 1);
	fixture_put_prog(f->script);
}

static void passed_deadline_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	expect_refused(new_guest(f), &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_ABS,
		.deadline_ns = FIXTURE_START_NS,
	}, -ETIME);
}

static void live_number_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	const struct bpfsched_kjob kjob = { .id = 33 };

	KUNIT_EXPECT_EQ(test, 33ULL, submit(guest, &kjob));
	expect_refused(guest, &kjob, -EEXIST);
	fixture_step(f);
	KUNIT_EXPECT_EQ(test, 33ULL, submit(guest, &kjob));
}

static void full_queue_is_told(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	struct bpfsched_kjob kjob = {
		.flags = BPFSCHED_JOB_WAIT,
		.timeout_ns = 1000,
	};

	while (fixture_stat(f).pending < FIXTURE_CAPACITY)
		submit(guest, ANY_JOB);
	expect_refused(guest, ANY_JOB, -EAGAIN);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, try_submit(guest, &kjob));
	check_with(guest);
	kjob.flags = BPFSCHED_JOB_EVICT;
	kjob.priority = BPFSCHED_PRIORITY_HIGH;
	KUNIT_EXPECT_EQ(test, 0, try_submit(guest, &kjob));
	KUNIT_EXPECT_EQ(test, 0, try_atomic(guest, &kjob));
	settle(guest);
	expect_calls(guest, 2);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_DROPPED,
			guest->call[1].record.status);
	check_with(guest);
}

static void admission_tells_the_room(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	u64 room_ns = 1;
	struct bpfsched_kjob kjob = {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = 1000,
		.run_time_ns = 600,
		.room_ns = &room_ns,
	};

	KUNIT_EXPECT_EQ(test, 0, try_submit(guest, &kjob));
	KUNIT_EXPECT_EQ(test, 0ULL, room_ns);
	KUNIT_EXPECT_EQ(test, -EBUSY, try_submit(guest, &kjob));
	KUNIT_EXPECT_EQ(test, 400ULL, room_ns);
	kjob.run_time_ns = 400;
	KUNIT_EXPECT_EQ(test, 0, try_submit(guest, &kjob));
	check_with(guest);
}

static void cancel_finds_own_live_jobs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f), *other = new_guest(f);
	u64 id = submit(guest, ANY_JOB);

	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_kclient_cancel(other->kclient, id));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_kclient_cancel(guest->kclient, id + 1));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_kclient_cancel(guest->kclient, id));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			bpfsched_kclient_cancel(guest->kclient, id));
	settle(guest);
	expect_calls(guest, 1);
	expect_calls(other, 0);
}

static void administrator_cancels_too(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	u64 id = submit(guest, ANY_JOB);

	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel_any(f->sched, 0, id));
	settle(guest);
	expect_calls(guest, 1);
}

static struct kunit_case argument_cases[] = {
	KUNIT_CASE(open_needs_a_scheduler),
	KUNIT_CASE(open_needs_a_callback),
	KUNIT_CASE(open_comes_too_late),
	KUNIT_CASE(client_tells_its_name),
	KUNIT_CASE(malformed_jobs_are_refused),
	KUNIT_CASE(events_are_refused),
	KUNIT_CASE(followup_is_passed_on),
	KUNIT_CASE(followup_is_refused_while_closing),
	KUNIT_CASE(passed_deadline_is_refused),
	KUNIT_CASE(live_number_is_refused),
	KUNIT_CASE(full_queue_is_told),
	KUNIT_CASE(admission_tells_the_room),
	KUNIT_CASE(cancel_finds_own_live_jobs),
	KUNIT_CASE(administrator_cancels_too),
	{}
};

static struct kunit_suite argument_suite = {
	.name = "kapi_argument",
	.exit = kapi_exit,
	.test_cases = argument_cases,
};

/* Contexts that may not sleep. */

static void interrupts_off_may_submit_and_cancel(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	struct bpfsched_kjob kjob = { .prog = f->script->prog };
	u64 id = 0, other = 0;
	unsigned long flags;
	static DEFINE_SPINLOCK(lock);
	int err;

	spin_lock_irqsave(&lock, flags);
	err = bpfsched_kclient_submit_atomic(guest->kclient, &kjob, &id) ?:
	      bpfsched_kclient_submit_atomic(guest->kclient, &kjob, &other) ?:
	      bpfsched_kclient_cancel(guest->kclient, id);
	spin_unlock_irqrestore(&lock, flags);

	KUNIT_EXPECT_EQ(test, 0, err);
	settle(guest);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, id, guest->call[0].record.id);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			guest->call[0].record.status);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);
	expect_calls(guest, 2);
	KUNIT_EXPECT_EQ(test, other, guest->call[1].record.id);
	check_with(guest);
}

/* The atomic way, with a job that has all that a job can have there. */
static void submit_all_kinds(struct guest *guest)
{
	static const u8 context[FIXTURE_MAX_CONTEXT];
	struct bpfsched_kjob kjob = {
		.flags = BPFSCHED_JOB_DEADLINE_REL |
			 BPFSCHED_JOB_NOT_BEFORE_REL |
			 BPFSCHED_JOB_RETURN_CONTEXT | BPFSCHED_JOB_FIRM |
			 BPFSCHED_JOB_EVICT,
		.deadline_ns = 50,
		.not_before_ns = 10,
		.context = context,
		.context_len = sizeof(context),
		.budget_ns = 10,
		.period_ns = 100,
		.count = 2,
	};

	guest->err = in_softirq() ? 0 : -EWOULDBLOCK;
	guest->err = guest->err ?: try_atomic(guest, &kjob) ?:
		    try_atomic(guest, ANY_JOB);
}

static struct guest *tasklet_guest;

static void submit_in_softirq(struct tasklet_struct *tasklet)
{
	submit_all_kinds(tasklet_guest);
}

/* The softirq runs as soon as it may. */
static void softirq_may_submit(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	struct tasklet_struct tasklet;

	tasklet_guest = guest;
	tasklet_setup(&tasklet, submit_in_softirq);
	local_bh_disable();
	tasklet_schedule(&tasklet);
	local_bh_enable();
	tasklet_kill(&tasklet);

	KUNIT_EXPECT_EQ(test, 0, guest->err);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).pending);
	check_with(guest);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_pass(f, 10);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	fixture_pass(f, 100);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);
	expect_calls(guest, 3);
	KUNIT_EXPECT_TRUE(test, guest->call[2].has_context);
	check_with(guest);
}

/* With slots made in advance too, and none is lost. */
static void atomic_refusal_gives_everything_back(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	static const u8 context[FIXTURE_MAX_CONTEXT];
	struct bpfsched_kjob kjob = {
		.context = context,
		.context_len = sizeof(context),
	};
	struct fixture *f;
	struct guest *guest;
	u32 free;

	params.preallocate = true;
	f = fixture_new(test, &params);
	guest = new_guest(f);
	free = fixture_free_slots(f);
	while (fixture_stat(f).pending < FIXTURE_CAPACITY)
		KUNIT_ASSERT_EQ(test, 0, try_atomic(guest, &kjob));
	KUNIT_EXPECT_EQ(test, free - FIXTURE_CAPACITY, fixture_free_slots(f));
	kjob.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	expect_refused(guest, &kjob, -EAGAIN);
	kjob.period_ns = 100;
	expect_refused(guest, &kjob, -EAGAIN);
	KUNIT_EXPECT_EQ(test, free - FIXTURE_CAPACITY, fixture_free_slots(f));
	fixture_run_all(f);
	settle(guest);
	KUNIT_EXPECT_EQ(test, free, fixture_free_slots(f));
	expect_calls(guest, FIXTURE_CAPACITY);
}

/* Beyond what the kernel ever allocates at once. */
#define TOO_MUCH	((size_t)INT_MAX + 1)

static void expect_no_memory(struct guest *guest,
			     const struct bpfsched_kjob *kjob)
{
	struct fixture *f = guest->f;
	u64 rejected = fixture_stat(f).rejected;

	KUNIT_EXPECT_EQ(f->test, -ENOMEM, try_atomic(guest, kjob));
	KUNIT_EXPECT_EQ(f->test, rejected + 1, fixture_stat(f).rejected);
	check_with(guest);
}

/* Of a job, of its completions, of its copies for later ones. */
static void no_memory_for_a_context_is_told(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched_kjob kjob = { .context_len = TOO_MUCH };
	struct fixture *f;
	struct guest *guest;

	params.limits.max_context = U32_MAX;
	f = fixture_new(test, &params);
	guest = new_guest(f);
	expect_no_memory(guest, &kjob);
	kjob.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	expect_no_memory(guest, &kjob);
	kjob.period_ns = 100;
	expect_no_memory(guest, &kjob);
	KUNIT_EXPECT_EQ(test, 0, try_atomic(guest, ANY_JOB));
}

static void no_memory_for_a_state_is_told(struct kunit *test)
{
	struct bpfsched_engine_ops engine = fixture_engine;
	struct fixture *f = fixture_fair(test);
	struct guest *guest = new_guest(f);

	engine.state_size = TOO_MUCH;
	f->sched->engine = &engine;
	f->script->prog->engine = &engine;
	expect_no_memory(guest, ANY_JOB);
	f->sched->engine = &fixture_engine;
	f->script->prog->engine = &fixture_engine;
	KUNIT_EXPECT_EQ(test, 0, try_atomic(guest, ANY_JOB));
}

static void what_sleeps_is_refused(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			try_atomic(guest, &(struct bpfsched_kjob) {
				.flags = BPFSCHED_JOB_WAIT,
			}));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			try_atomic(guest, &(struct bpfsched_kjob) {
				.flags = BPFSCHED_JOB_DEADLINE_REL,
				.deadline_ns = 1000,
				.run_time_ns = 10,
			}));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).rejected);
}

/* The client has taken the next numbers of the counter for itself. */
static void atomic_submission_skips_live_numbers(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct fixture *f;
	struct guest *guest;
	u64 first, id = 0;
	u32 i;

	params.limits.capacity = FIXTURE_SLOTS;
	f = fixture_new(test, &params);
	guest = new_guest(f);
	first = submit(guest, ANY_JOB);
	for (i = 1; i <= 20; i++)
		submit(guest, &(struct bpfsched_kjob) { .id = first + i });
	KUNIT_EXPECT_EQ(test, 0, try_with(guest, ANY_JOB, &id,
					  bpfsched_kclient_submit_atomic));
	KUNIT_EXPECT_EQ(test, first + 21, id);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).rejected);
}

static void cancel_this_job(struct fixture_run *run)
{
	struct guest *guest = run->script->data;
	unsigned long flags;

	local_irq_save(flags);
	guest->err = bpfsched_kclient_cancel(guest->kclient, run->job->id);
	local_irq_restore(flags);
}

static void running_job_is_cancelled(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	guest->err = 1;
	f->script->during = cancel_this_job;
	f->script->data = guest;
	submit(guest, ANY_JOB);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	settle(guest);
	KUNIT_EXPECT_EQ(test, 0, guest->err);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			guest->call[0].record.status);
}

static struct kunit_case atomic_cases[] = {
	KUNIT_CASE(interrupts_off_may_submit_and_cancel),
	KUNIT_CASE(softirq_may_submit),
	KUNIT_CASE(atomic_refusal_gives_everything_back),
	KUNIT_CASE(no_memory_for_a_context_is_told),
	KUNIT_CASE(no_memory_for_a_state_is_told),
	KUNIT_CASE(what_sleeps_is_refused),
	KUNIT_CASE(atomic_submission_skips_live_numbers),
	KUNIT_CASE(running_job_is_cancelled),
	{}
};

static struct kunit_suite atomic_suite = {
	.name = "kapi_atomic",
	.exit = kapi_exit,
	.test_cases = atomic_cases,
};

/* Closing. */

static void close_passes_everything_on(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct guest *guest = new_guest(f);
	u32 i;

	submit(guest, ANY_JOB);
	submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_NOT_BEFORE_REL, .not_before_ns = 500,
	});
	submit(guest, &(struct bpfsched_kjob) { .period_ns = 100 });
	submit(guest, &(struct bpfsched_kjob) {
		.flags = BPFSCHED_JOB_DEADLINE_REL, .deadline_ns = 50,
	});
	close_client(guest);

	expect_calls(guest, 4);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
				guest->call[i].record.status);
		KUNIT_EXPECT_TRUE(test, guest->call[i].record.record.flags &
					BPFSCHED_COMPLETION_LAST);
	}
	KUNIT_EXPECT_EQ(test, 0U, fixture_runs(f->script));
	KUNIT_EXPECT_EQ(test, 4ULL, fixture_stat(f).cancelled);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	fixture_check(f);
}

static void try_in_vain(struct guest *guest, const struct call *call)
{
	guest->err = try_submit(guest, ANY_JOB) == -ESHUTDOWN &&
		    try_atomic(guest, ANY_JOB) == -ESHUTDOWN &&
		    !bpfsched_begin_destroy(guest->f->sched) ? 1 : -EINVAL;
}

/* Callbacks that submit again do not keep a client open for ever. */
static void close_takes_no_more_jobs(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	fixture_close(f, f->client);
	guest->during = try_in_vain;
	submit(guest, ANY_JOB);
	close_client(guest);
	KUNIT_EXPECT_EQ(test, 1, guest->err);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).rejected);
	KUNIT_EXPECT_TRUE(test, bpfsched_begin_destroy(f->sched));
}

static void open_client_holds_the_scheduler(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	fixture_close(f, f->client);
	KUNIT_EXPECT_FALSE(test, bpfsched_begin_destroy(f->sched));
	close_client(guest);
	KUNIT_EXPECT_TRUE(test, bpfsched_begin_destroy(f->sched));
}

static void close_leaves_others_alone(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f), *other = new_guest(f);
	u64 file_job = fixture_submit(f, &(struct bpfsched_job_desc) {});

	submit(guest, ANY_JOB);
	submit(other, ANY_JOB);
	close_client(guest);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	settle(other);
	expect_calls(guest, 1);
	expect_calls(other, 1);
	fixture_expect_end(f, file_job, BPFSCHED_STATUS_OK);
}

static void program_outlives_its_client(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f), *other = new_guest(f);

	close_client(guest);
	submit(other, ANY_JOB);
	bpfsched_kprog_put(f->script->prog);
	f->script->prog = NULL;
	bpfsched_prog_flush();
	KUNIT_EXPECT_EQ(test, 0U, f->script->unloads);
	fixture_step(f);
	bpfsched_prog_flush();
	KUNIT_EXPECT_EQ(test, 1U, f->script->unloads);
	bpfsched_kprog_put(NULL);
}

static struct fixture *threaded_fixture(struct kunit *test, u32 workers)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	params.no_threads = false;
	params.clock = NULL;
	params.limits.workers = workers;
	return fixture_new(test, &params);
}

static bool wait_for_the_end(struct fixture *f)
{
	struct bpfsched_stat stat;
	int i;

	for (i = 0; i < PATIENCE; i++) {
		stat = fixture_stat(f);
		if (!stat.pending && !stat.running)
			return true;
		usleep_range(50, 100);
	}
	return false;
}

static bool wait_for_running(struct fixture *f, u64 count)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (fixture_stat(f).running == count)
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

static void close_waits_for_running_jobs(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2);
	struct guest *guest = new_guest(f);
	u32 i;

	f->script->until_stopped = true;
	for (i = 0; i < 5; i++)
		submit(guest, ANY_JOB);
	KUNIT_ASSERT_TRUE(test, wait_for_running(f, 2));
	close_client(guest);

	expect_calls(guest, 5);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
				guest->call[i].record.status);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(f).exec_count);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).running);
}

static void linger(struct guest *guest, const struct call *call)
{
	usleep_range(20000, 21000);
	guest->left++;
}

static void close_waits_for_callbacks(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);

	guest->during = linger;
	submit(guest, ANY_JOB);
	submit(guest, ANY_JOB);
	fixture_step(f);
	close_client(guest);
	KUNIT_EXPECT_EQ(test, 2U, guest->left);
	expect_calls(guest, 2);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_OK, guest->call[0].record.status);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_CANCELLED,
			guest->call[1].record.status);
}

/* Some are cancelled at once, some run, some are still pending at the end. */
static u32 one_round(struct guest *guest, u32 round)
{
	u32 i, accepted = 0;
	u64 id;

	for (i = 0; i < ROUND_JOBS; i++) {
		int err = try_with(guest, ANY_JOB, &id, (round + i) % 2 ?
				   bpfsched_kclient_submit :
				   bpfsched_kclient_submit_atomic);

		accepted += !err;
		if (!err && (round + i) % 3 == 0)
			bpfsched_kclient_cancel(guest->kclient, id);
	}
	if (round % 4 == 0) {
		KUNIT_EXPECT_TRUE(guest->f->test, wait_for_the_end(guest->f));
		settle(guest);
	}
	close_client(guest);
	return accepted;
}

/* With threads, so that everything happens at once. */
static void every_accepted_job_is_passed_on_once(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2);
	struct guest *guest = new_guest(f);
	u32 round, accepted = 0, total = 0;
	struct bpfsched_stat stat;

	for (round = 0; round < ROUNDS; round++) {
		if (!guest->kclient)
			open_client(guest);
		guest->calls = 0;
		guest->accepted = 0;
		/* Every other round two callbacks submit as well. */
		guest->during = submit_again;
		guest->left = round % 2 ? 2 : 0;
		accepted = one_round(guest, round) + guest->accepted;
		KUNIT_ASSERT_EQ_MSG(test, accepted, guest->calls,
				    "round %u", round);
		total += accepted;
		cond_resched();
	}
	expect_calls(guest, accepted);
	stat = fixture_stat(f);
	KUNIT_EXPECT_EQ(test, (u64)total, stat.submitted);
	KUNIT_EXPECT_EQ(test, stat.submitted, stat.completed + stat.cancelled);
	KUNIT_EXPECT_LT(test, 0ULL, stat.completed);
	KUNIT_EXPECT_LT(test, 0ULL, stat.cancelled);
}

/* Jobs that come from callbacks are passed on too, until the client closes. */
static void chains_end_with_the_client(struct kunit *test)
{
	struct fixture *f = threaded_fixture(test, 2);
	struct guest *guest = new_guest(f);
	struct bpfsched_stat stat;
	u32 i;

	guest->during = submit_again;
	guest->left = U32_MAX;
	for (i = 0; i < 4; i++)
		submit(guest, ANY_JOB);
	for (i = 0; i < PATIENCE && READ_ONCE(guest->calls) < CHAIN; i++)
		usleep_range(1000, 1500);
	KUNIT_EXPECT_LE(test, (u32)CHAIN, READ_ONCE(guest->calls));
	close_client(guest);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, guest->err);
	stat = fixture_stat(f);
	KUNIT_EXPECT_EQ(test, stat.submitted, (u64)guest->calls);
	KUNIT_EXPECT_EQ(test, stat.submitted, stat.completed + stat.cancelled);
	expect_calls(guest, guest->calls);
}

static struct kunit_case close_cases[] = {
	KUNIT_CASE(close_passes_everything_on),
	KUNIT_CASE(close_takes_no_more_jobs),
	KUNIT_CASE(open_client_holds_the_scheduler),
	KUNIT_CASE(close_leaves_others_alone),
	KUNIT_CASE(program_outlives_its_client),
	KUNIT_CASE(close_waits_for_running_jobs),
	KUNIT_CASE(close_waits_for_callbacks),
	KUNIT_CASE(every_accepted_job_is_passed_on_once),
	KUNIT_CASE(chains_end_with_the_client),
	{}
};

static struct kunit_suite close_suite = {
	.name = "kapi_close",
	.exit = kapi_exit,
	.test_cases = close_cases,
};

/* Programs, on the interpreter. */

static struct guest *interp_guest(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	params.engine = bpfsched_engine_find("auto", true);
	return new_guest(fixture_new(test, &params));
}

/* Adds its context to a variable, and returns the sum. */
static const struct bpf_insn adding_insns[] = {
	BPF_LD_IMM64_RAW(BPF_REG_6, BPF_PSEUDO_MAP_IDX_VALUE, 1),
	BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_6, 0),
	BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
	BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_2),
	BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 0),
	BPF_EXIT_INSN(),
};

static void program_runs_from_memory(struct kunit *test)
{
	struct guest *guest = interp_guest(test);
	const u64 initial = 100, more = 11;
	const struct bpfsched_ksection sections[] = {
		{ .len = 1, .flags = BPFSCHED_SECTION_RDONLY },
		{ .data = &initial, .len = sizeof(initial) },
	};
	char log[32] = "untouched";
	struct bpfsched_prog *prog;
	struct bpfsched_kjob kjob = {
		.context = &more,
		.context_len = sizeof(more),
	};
	u64 *sum;

	prog = bpfsched_kprog_load(guest->kclient, &(struct bpfsched_kprog) {
		.name = "adding",
		.insns = adding_insns,
		.insn_count = ARRAY_SIZE(adding_insns),
		.sections = sections,
		.section_count = ARRAY_SIZE(sections),
		.log = log,
		.log_size = sizeof(log),
	});
	KUNIT_ASSERT_FALSE(test, IS_ERR(prog));
	KUNIT_EXPECT_STREQ(test, "", log);
	KUNIT_EXPECT_NOT_NULL(test, bpfsched_kprog_section(prog, 0));
	KUNIT_EXPECT_NULL(test, bpfsched_kprog_section(prog, 2));
	sum = bpfsched_kprog_section(prog, 1);
	KUNIT_EXPECT_EQ(test, 100ULL, *sum);

	kjob.prog = prog;
	KUNIT_EXPECT_EQ(test, 0, bpfsched_kclient_submit(guest->kclient, &kjob,
							 NULL));
	fixture_step(guest->f);
	settle(guest);
	expect_calls(guest, 1);
	KUNIT_EXPECT_EQ(test, 111ULL, guest->call[0].record.r0);
	KUNIT_EXPECT_STREQ(test, "adding", guest->call[0].record.prog_name);
	KUNIT_EXPECT_EQ(test, 111ULL, *sum);
	bpfsched_kprog_put(prog);
	bpfsched_prog_flush();
}

static void expect_not_loaded(struct guest *guest,
			      const struct bpfsched_kprog *kprog, int err)
{
	struct bpfsched_prog *prog = bpfsched_kprog_load(guest->kclient, kprog);

	KUNIT_EXPECT_EQ(guest->f->test, err, PTR_ERR_OR_ZERO(prog));
	if (!IS_ERR(prog))
		bpfsched_kprog_put(prog);
	/* It is freed by a work item, and holds the scheduler until then. */
	bpfsched_prog_flush();
}

static void bad_programs_are_refused(struct kunit *test)
{
	struct guest *guest = interp_guest(test);
	static const struct bpf_insn good[] = { BPF_EXIT_INSN() };
	static const struct bpf_insn no_exit[] = {
		BPF_MOV64_IMM(BPF_REG_0, 1),
	};
	const struct bpfsched_ksection empty = {}, huge = { .len = U32_MAX };
	const struct bpfsched_ksection strange = { .len = 1, .flags = ~0U };
	char log[8] = "";
	struct bpfsched_kprog kprog = {
		.insns = no_exit, .insn_count = 1,
		.log = log, .log_size = sizeof(log),
	};

	expect_not_loaded(guest, &kprog, -EINVAL);
	/* Cut to fit. */
	KUNIT_EXPECT_EQ(test, sizeof(log) - 1, strlen(log));

	kprog.insns = good;
	expect_not_loaded(guest, &kprog, 0);
	KUNIT_EXPECT_STREQ(test, "", log);
	kprog.log_size = 0;
	kprog.log = NULL;
	kprog.name = "a name that is much too long for a program";
	expect_not_loaded(guest, &kprog, -EINVAL);
	kprog.name = "bell\a";
	expect_not_loaded(guest, &kprog, -EINVAL);
	kprog.name = NULL;
	kprog.sections = &empty;
	kprog.section_count = 1;
	expect_not_loaded(guest, &kprog, -EINVAL);
	kprog.sections = &strange;
	expect_not_loaded(guest, &kprog, -EINVAL);
	kprog.sections = &huge;
	expect_not_loaded(guest, &kprog, -E2BIG);
	kprog.section_count = BPFSCHED_SECTIONS_MAX + 1;
	expect_not_loaded(guest, &kprog, -E2BIG);
	kprog.section_count = 0;
	kprog.insn_count = 0;
	expect_not_loaded(guest, &kprog, -EINVAL);
	kprog.insn_count = U32_MAX;
	expect_not_loaded(guest, &kprog, -E2BIG);
}

static int load_without_memory(const struct bpfsched_code *code,
			       struct bpfsched_log *log, void **image)
{
	return -ENOMEM;
}

static void no_memory_for_a_program_is_told(struct kunit *test)
{
	struct bpfsched_engine_ops engine = fixture_engine;
	struct fixture *f = fixture_throughput(test);
	struct guest *guest = new_guest(f);
	const struct bpfsched_ksection section = { .len = 1 };
	const struct bpf_insn exit = BPF_EXIT_INSN();
	char log[8] = "full";
	const struct bpfsched_kprog kprog = {
		.insns = &exit, .insn_count = 1,
		.sections = &section, .section_count = 1,
		.log = log, .log_size = sizeof(log),
	};

	engine.load = load_without_memory;
	f->sched->engine = &engine;
	expect_not_loaded(guest, &kprog, -ENOMEM);
	f->sched->engine = &fixture_engine;
	KUNIT_EXPECT_STREQ(test, "", log);
}

/* An engine cannot run the program of another. */
static void program_belongs_to_its_engine(struct kunit *test)
{
	struct guest *guest = interp_guest(test);

	expect_refused(guest, ANY_JOB, -EINVAL);
}

static struct kunit_case program_cases[] = {
	KUNIT_CASE(program_runs_from_memory),
	KUNIT_CASE(bad_programs_are_refused),
	KUNIT_CASE(no_memory_for_a_program_is_told),
	KUNIT_CASE(program_belongs_to_its_engine),
	{}
};

static struct kunit_suite program_suite = {
	.name = "kapi_program",
	.exit = kapi_exit,
	.test_cases = program_cases,
};

kunit_test_suites(&callback_suite, &argument_suite, &atomic_suite,
		  &close_suite, &program_suite);
