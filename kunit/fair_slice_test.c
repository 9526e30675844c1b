// SPDX-License-Identifier: GPL-2.0
/*
 * The policy fair in a scheduler: slices, and what users have of the workers.
 */
#include <kunit/test.h>
#include <linux/list.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "../policies/policy.h"
#include "../sched_core/suspend.h"
#include "../sched_core/user.h"
#include "fixture.h"
#include "interval.h"
#include "trials.h"

#define LOW		BPFSCHED_PRIORITY_LOW
#define NORMAL		BPFSCHED_PRIORITY_NORMAL
#define HIGH		BPFSCHED_PRIORITY_HIGH
#define CRITICAL	BPFSCHED_PRIORITY_CRITICAL

#define CAPACITY	64

#define ALICE	1000
#define BOB	1001

static struct fixture *fair_fixture(struct kunit *test, u32 workers)
{
	struct bpfsched_params params = fixture_params(&bpfsched_fair_policy);
	struct fixture *f;

	params.limits.slice_ns = FIXTURE_SLICE;
	params.limits.workers = workers;
	params.limits.capacity = CAPACITY;
	params.limits.completion_slots = 2 * CAPACITY;
	f = fixture_new(test, &params);
	f->script->pauses = true;
	return f;
}

static u64 submit(struct bpfsched_client *client, struct fixture_script *script,
		  u32 priority)
{
	struct bpfsched_job_desc desc = { .priority = priority };

	KUNIT_EXPECT_EQ(script->fixture->test, 0,
			fixture_try(client, script, &desc));
	return desc.id;
}

/* Take a completion of a client; all zero if there is none. */
static struct bpfsched_completion next_end(struct fixture *f,
					   struct bpfsched_client *client)
{
	struct bpfsched_completion record = {};

	KUNIT_EXPECT_TRUE(f->test, fixture_read(client, &record));
	return record;
}

static void used_up_slice_makes_way(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct fixture_script *longer = fixture_pausing_script(f, 250);
	struct bpfsched_completion record;

	f->script->takes_ns = 50;
	longer->result.r0 = 7;
	submit(alice, longer, NORMAL);
	submit(bob, f->script, NORMAL);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 100, f->now_ns);
	fixture_check(f);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = next_end(f, bob);
	KUNIT_EXPECT_EQ(test, FIXTURE_START_NS + 150, record.ended_ns);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));

	record = next_end(f, alice);
	KUNIT_EXPECT_EQ(test, 7ULL, record.r0);
	KUNIT_EXPECT_EQ(test, 250ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 1U, record.preemptions);
	KUNIT_EXPECT_TRUE(test, record.record.flags &
				BPFSCHED_COMPLETION_PREEMPTED);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ_MSG(test, 1U, fixture_runs(longer),
			    "it did not start anew");
	KUNIT_EXPECT_EQ(test, 250ULL, alice->user->run_ns);
	KUNIT_EXPECT_EQ(test, 50ULL, bob->user->run_ns);
	fixture_check(f);
}

static void alone_a_job_goes_on(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_completion record;

	f->script->takes_ns = 1000;
	submit(f->client, f->script, LOW);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	record = next_end(f, f->client);
	KUNIT_EXPECT_EQ(test, 1000ULL, record.run_ns);
	KUNIT_EXPECT_EQ(test, 0U, record.preemptions);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).kept_running);
	fixture_check(f);
}

/* A slice that is not used up is no reason to make way, whoever comes. */
static void submit_to_bob(struct fixture_run *run)
{
	if (run->turns == 1)
		submit(run->script->data, run->script->fixture->script, HIGH);
}

static void slice_is_not_cut_short(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct fixture_script *first = fixture_pausing_script(f, 99);

	first->during = submit_to_bob;
	first->data = bob;
	submit(f->client, first, LOW);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 0U, next_end(f, f->client).preemptions);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	next_end(f, bob);
	fixture_check(f);
}

/* Jobs of one user and priority do not take turns: the first ends first. */
static void equals_run_to_their_end(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	u64 ids[3];
	u32 i;

	f->script->takes_ns = 250;
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = submit(f->client, f->script, NORMAL);
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(f));
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		KUNIT_EXPECT_EQ(test, ids[i], next_end(f, f->client).id);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
}

/* Take all free states out of a scheduler. */
static void hide_states(struct fixture *f, struct list_head *hidden)
{
	raw_spin_lock_irq(&f->sched->lock);
	list_splice_init(&f->sched->states.free, hidden);
	f->sched->states.free_count = 0;
	raw_spin_unlock_irq(&f->sched->lock);
}

/* Put them back, when no job runs. */
static void show_states(struct fixture *f, struct list_head *hidden)
{
	list_splice(hidden, &f->sched->states.free);
	f->sched->states.free_count = f->sched->states.total;
}

static void hide_states_at_first(struct fixture_run *run)
{
	if (run->turns == 1)
		hide_states(run->script->fixture, run->script->data);
}

/* Nobody is paused for a job that has no state to run in. */
static void without_a_state_a_job_is_kept_running(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct fixture_script *first = fixture_pausing_script(f, 350);
	LIST_HEAD(hidden);

	first->during = hide_states_at_first;
	first->data = &hidden;
	f->script->takes_ns = 10;
	submit(f->client, first, NORMAL);
	submit(bob, f->script, NORMAL);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(f).kept_running);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 350ULL, next_end(f, f->client).run_ns);
	/* Its own state is free now. */
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	next_end(f, bob);

	show_states(f, &hidden);
	fixture_check(f);
}

/* What a user has provided may be in use when it goes; then it stays. */
static void user_goes_without_its_states(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	LIST_HEAD(hidden);

	submit(bob, f->script, NORMAL);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, 1U, f->sched->states.free_count);
	hide_states(f, &hidden);
	fixture_close(f, bob);
	KUNIT_EXPECT_NULL(test, xa_load(&f->sched->users, BOB));
	show_states(f, &hidden);
	KUNIT_EXPECT_EQ(test, 1U, f->sched->states.total);
}

static void suspend_in_vain(struct fixture_run *run)
{
	struct bpfsched *sched = run->script->fixture->sched;

	if (run->turns > 1)
		return;
	KUNIT_EXPECT_EQ(run->script->fixture->test,
			(u32)BPFSCHED_CONTROL_PAUSE, run->job->control);
	bpfsched_suspend(sched);
	bpfsched_wake(sched);
}

/* The system does not go to sleep after all, before the job has looked. */
static void slice_ends_in_spite_of_a_suspend(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct fixture_script *first = fixture_pausing_script(f, 250);

	first->during = suspend_in_vain;
	submit(f->client, first, NORMAL);
	submit(bob, f->script, NORMAL);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	KUNIT_EXPECT_EQ(test, 2U, fixture_run_all(f));
	KUNIT_EXPECT_EQ(test, 250ULL, next_end(f, f->client).run_ns);
	fixture_check(f);
}

/* A job that is told to stop, for good or for its budget, does not go on. */
static void budget_ends_between_slices(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_completion record;
	struct bpfsched_job_desc desc = { .budget_ns = 230 };

	f->script->takes_ns = 1000;
	KUNIT_EXPECT_EQ(test, 0, fixture_try(f->client, f->script, &desc));
	submit(f->client, f->script, HIGH);
	fixture_run_all(f);
	record = next_end(f, f->client);
	if (record.id != desc.id)
		record = next_end(f, f->client);
	KUNIT_EXPECT_EQ(test, BPFSCHED_STATUS_BUDGET, record.status);
	KUNIT_EXPECT_EQ(test, 230ULL, record.run_ns);
	fixture_check(f);
}

/* Alice takes ten slices at once and closes. Bob submits 25 jobs; returns him. */
static struct bpfsched_client *alice_overdraws(struct fixture *f)
{
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct fixture_script *longer =
		fixture_pausing_script(f, 10 * FIXTURE_SLICE);
	u32 i;

	longer->deaf = true;
	f->script->takes_ns = FIXTURE_SLICE / 2;
	submit(alice, longer, NORMAL);
	for (i = 0; i < 25; i++)
		submit(bob, f->script, NORMAL);
	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	fixture_close(f, alice);
	return bob;
}

/* Whoever closes its file and opens another is the same user. */
static void reopening_gains_nothing(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *bob = alice_overdraws(f);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	u32 i;

	submit(alice, f->script, CRITICAL);
	for (i = 0; i < 19; i++) {
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		next_end(f, bob);
	}
	KUNIT_EXPECT_FALSE(test, bpfsched_client_has_completions(alice));
	/* Then they have had the same; it is one of the next. */
	for (i = 0; i < 3; i++)
		fixture_step(f);
	next_end(f, alice);
	KUNIT_EXPECT_EQ(test, 1050ULL, alice->user->run_ns);
}

/* A user who has gone and owes no time is freed. */
static void who_owes_nothing_is_forgotten(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	u32 i;

	alice_overdraws(f);
	for (i = 0; i < 21; i++) {
		KUNIT_EXPECT_NOT_NULL_MSG(test,
					  xa_load(&f->sched->users, ALICE),
					  "after %u jobs of the other", i);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_close(f, fixture_open_as(f, BOB + 1));
	}
	fixture_step(f);
	fixture_close(f, fixture_open_as(f, BOB + 1));
	KUNIT_EXPECT_NULL(test, xa_load(&f->sched->users, ALICE));
	KUNIT_EXPECT_NULL(test, xa_load(&f->sched->users, BOB + 1));
	KUNIT_EXPECT_NOT_NULL(test, xa_load(&f->sched->users, BOB));
}

static void users_divide_a_worker_by_weight(struct kunit *test)
{
	struct bpfsched_user_limits limits = { .weight = 300 };
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, bpfsched_user_set(f->sched, KUIDT_INIT(BOB),
						   BPFSCHED_USER_SET_WEIGHT,
						   &limits));
	f->script->takes_ns = 1000000;
	submit(alice, f->script, NORMAL);
	submit(bob, f->script, NORMAL);
	for (i = 0; i < 400; i++)
		fixture_step(f);
	KUNIT_EXPECT_LE(test,
			abs((s64)(3 * alice->user->run_ns - bob->user->run_ns)),
			(s64)(8 * FIXTURE_SLICE));
	KUNIT_EXPECT_GT(test, bob->user->run_ns, 250 * FIXTURE_SLICE);
	fixture_check(f);
}

/*
 * A step, after which the worker takes some time before the next, to end the job
 * of Bob. Sets how long it was for each of both.
 */
static void step_with_end(struct fixture *f, struct bpfsched_client *bob,
			  u64 *alices_ns, u64 *bobs_ns)
{
	u64 before_ns = f->now_ns, ran_ns = bob->user->run_ns;

	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	if (bob->user->run_ns == ran_ns) {
		*alices_ns += f->now_ns - before_ns;
		return;
	}
	fixture_pass(f, 20);
	*bobs_ns += f->now_ns - before_ns;
}

/* A user pays for the end of its jobs, even if that takes longer than their runs. */
static void end_of_a_job_is_its_users_time(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	struct bpfsched_completion record;
	u64 alices_ns, bobs_ns;
	u32 i, longest;

	/* One of the two has short jobs too, or a long one. */
	for (longest = 5; longest <= 5000000; longest *= 1000000) {
		struct fixture_script *other =
			fixture_pausing_script(f, longest);

		f->script->takes_ns = 5;
		alices_ns = 0;
		bobs_ns = 0;
		for (i = 0; i < 1000; i++) {
			while (bob->user->jobs < 2)
				submit(bob, f->script, NORMAL);
			while (alice->user->jobs < 2)
				submit(alice, other, NORMAL);
			step_with_end(f, bob, &alices_ns, &bobs_ns);
			while (fixture_read(bob, &record) ||
			       fixture_read(alice, &record))
				;
		}
		KUNIT_EXPECT_LE(test, abs((s64)(alices_ns - bobs_ns)),
				(s64)(8 * FIXTURE_SLICE));
		KUNIT_EXPECT_GT(test, alices_ns, 20 * FIXTURE_SLICE);
	}
	fixture_check(f);
}

/* A user who goes while a worker ends its job is charged no more. */
static void who_goes_is_not_charged(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);

	submit(alice, f->script, NORMAL);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_PTR_EQ(test, alice->user, f->sched->workers[0].payer);
	fixture_close(f, alice);
	KUNIT_EXPECT_NULL(test, xa_load(&f->sched->users, ALICE));
	KUNIT_EXPECT_NULL(test, f->sched->workers[0].payer);
	fixture_pass(f, 1000);
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
}

/* The time in which a worker had nothing to do is charged to nobody. */
static void idle_time_is_not_divided(struct kunit *test)
{
	struct fixture *f = fair_fixture(test, 1);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct bpfsched_client *bob = fixture_open_as(f, BOB);
	u32 i;

	submit(alice, f->script, NORMAL);
	KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
	fixture_pass(f, 1000 * FIXTURE_SLICE);
	f->script->takes_ns = 1000000;
	submit(alice, f->script, NORMAL);
	submit(bob, f->script, NORMAL);
	for (i = 0; i < 20; i++)
		fixture_step(f);
	KUNIT_EXPECT_EQ(test, 10 * FIXTURE_SLICE, alice->user->run_ns);
	KUNIT_EXPECT_EQ(test, 10 * FIXTURE_SLICE, bob->user->run_ns);
	fixture_check(f);
}

/*
 * Users with more or less to do, workers that run on top of each other, and
 * jobs that get to a safe point late.
 */

#define MILL_SEED	0x5eed0780ULL
#define MILL_ROUNDS	12
#define MILL_OPS	2000
#define MILL_USERS	3

/**
 * struct mill - a scheduler in which users compete
 * @f: the scheduler
 * @clients: one of each user
 * @weights: of each user
 * @targets: how many jobs each is to have
 * @pairs: for each two users
 * @workers: number of workers
 * @depth: workers that are in a run
 * @most_ns: longest time that a job has been on a worker so far
 * @rnd: where all randomness comes from
 * @seed: where that came from
 * @op: number of the operation
 * @failed: nothing more is done
 */
struct mill {
	struct fixture *f;
	struct bpfsched_client *clients[MILL_USERS];
	u32 weights[MILL_USERS];
	u32 targets[MILL_USERS];
	struct interval pairs[MILL_USERS][MILL_USERS];
	u32 workers;
	u32 depth;
	u64 most_ns;
	struct rnd_state rnd;
	u64 seed;
	u32 op;
	bool failed;
};

static u32 mill_below(struct mill *m, u32 limit)
{
	return prandom_u32_state(&m->rnd) % limit;
}

/* The time that a user has had; notes how long jobs are on a worker. */
static u64 time_of(struct mill *m, u32 number)
{
	const struct bpfsched_user *user = m->clients[number]->user;
	u64 sum_ns = user->run_ns, now_ns;
	u32 i;

	for (i = 0; i < m->workers; i++) {
		struct bpfsched_worker *worker = &m->f->sched->workers[i];

		if (!worker->job || worker->job->client->user != user)
			continue;
		now_ns = m->f->now_ns - worker->since_ns;
		sum_ns += now_ns;
		m->most_ns = max(m->most_ns, worker->ran_ns + now_ns);
	}
	return sum_ns;
}

static bool is_busy(const struct mill *m, u32 number)
{
	return m->clients[number]->user->jobs >= m->workers;
}

/*
 * The bound of fairness; a slice and the way to the next safe point take @most_ns
 * at most.
 */
static void check_users(struct mill *m, u32 i, u32 k, const u64 *times)
{
	s64 bound = (m->workers + 1) * m->most_ns *
		    (m->weights[i] + m->weights[k]);
	s64 spread = interval_extend(&m->pairs[i][k],
				     is_busy(m, i) && is_busy(m, k),
				     times[i] * m->weights[k] -
				     times[k] * m->weights[i]);

	if (spread <= bound || m->failed)
		return;
	m->failed = true;
	KUNIT_FAIL(m->f->test,
		   "seed 0x%llx, operation %u: %u workers, weights %u and %u, difference %lld, bound %lld",
		   m->seed, m->op, m->workers, m->weights[i], m->weights[k],
		   spread, bound);
}

static void mill_check(struct mill *m)
{
	u64 times[MILL_USERS];
	u32 i, k;

	for (i = 0; i < MILL_USERS; i++)
		times[i] = time_of(m, i);
	for (i = 0; i < MILL_USERS; i++) {
		for (k = 0; k < i; k++)
			check_users(m, i, k, times);
	}
	if (!m->failed && !fixture_check(m->f))
		m->failed = true;
}

static void mill_submit(struct mill *m)
{
	u32 i = mill_below(m, MILL_USERS);

	if (!mill_below(m, 10))
		m->targets[i] = mill_below(m, 2 * m->workers + 3);
	if (m->clients[i]->user->jobs < m->targets[i])
		submit(m->clients[i], m->f->script,
		       mill_below(m, BPFSCHED_PRIORITIES));
}

static void mill_read(struct mill *m)
{
	struct bpfsched_completion record;
	u32 i;

	for (i = 0; i < MILL_USERS; i++) {
		while (fixture_read(m->clients[i], &record))
			;
	}
}

static void mill_cancel(struct mill *m)
{
	u64 last = atomic64_read(&m->f->sched->next_id);

	if (!mill_below(m, 3))
		bpfsched_cancel_any(m->f->sched, 0,
				    last - min_t(u64, last, mill_below(m, 24)));
}

static void mill_step(struct mill *m)
{
	struct fixture_script *script = m->f->script;

	if (m->depth >= m->workers)
		return;
	script->takes_ns = 1 + mill_below(m, mill_below(m, 2) ? 50 : 350);
	bpfsched_worker_step(&m->f->sched->workers[m->depth]);
}

static void mill_op(struct mill *m)
{
	static void (*const ops[])(struct mill *m) = {
		mill_submit, mill_submit, mill_submit, mill_submit, mill_step,
		mill_step, mill_step, mill_step, mill_read, mill_cancel,
	};

	m->op++;
	ops[mill_below(m, ARRAY_SIZE(ops))](m);
	mill_check(m);
}

static void mill_during(struct fixture_run *run)
{
	struct mill *m = run->script->data;
	u32 ops;

	mill_check(m);
	m->depth++;
	for (ops = mill_below(m, 5); ops && !m->failed; ops--)
		mill_op(m);
	fixture_pass(m->f, mill_below(m, 10));
	m->depth--;
	mill_check(m);
}

static void start_mill(struct mill *m, struct kunit *test)
{
	struct bpfsched_user_limits limits;
	u32 i;

	trials_start(&m->rnd, m->seed);
	m->workers = 1 + mill_below(m, 3);
	m->f = fair_fixture(test, m->workers);
	m->f->script->during = mill_during;
	m->f->script->data = m;
	for (i = 0; i < MILL_USERS; i++) {
		m->weights[i] = 50 + mill_below(m, 400);
		limits.weight = m->weights[i];
		bpfsched_user_set(m->f->sched, KUIDT_INIT(ALICE + i),
				  BPFSCHED_USER_SET_WEIGHT, &limits);
		m->clients[i] = fixture_open_as(m->f, ALICE + i);
		m->targets[i] = m->workers + 1;
	}
}

static void users_have_their_shares(struct kunit *test)
{
	struct mill *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u64 seed = trials_seed(MILL_SEED), ops = 0, preemptions = 0;
	u32 round;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (round = 0; round < trials(MILL_ROUNDS); round++) {
		memset(m, 0, sizeof(*m));
		m->seed = seed + round;
		start_mill(m, test);
		while (m->op < MILL_OPS && !m->failed)
			mill_op(m);
		if (m->failed)
			return;
		ops += m->op;
		preemptions += fixture_stat(m->f).preemptions;
		fixture_free(m->f);
		cond_resched();
	}
	KUNIT_EXPECT_NE(test, 0ULL, preemptions);
	trials_done(test, ops, seed);
}

static struct kunit_case slice_cases[] = {
	KUNIT_CASE(used_up_slice_makes_way),
	KUNIT_CASE(alone_a_job_goes_on),
	KUNIT_CASE(slice_is_not_cut_short),
	KUNIT_CASE(equals_run_to_their_end),
	KUNIT_CASE(without_a_state_a_job_is_kept_running),
	KUNIT_CASE(user_goes_without_its_states),
	KUNIT_CASE(slice_ends_in_spite_of_a_suspend),
	KUNIT_CASE(budget_ends_between_slices),
	KUNIT_CASE(reopening_gains_nothing),
	KUNIT_CASE(who_owes_nothing_is_forgotten),
	KUNIT_CASE(users_divide_a_worker_by_weight),
	KUNIT_CASE(end_of_a_job_is_its_users_time),
	KUNIT_CASE(who_goes_is_not_charged),
	KUNIT_CASE(idle_time_is_not_divided),
	KUNIT_CASE(users_have_their_shares),
	{}
};

static struct kunit_suite slice_suite = {
	.name = "slices",
	.exit = fixture_exit,
	.test_cases = slice_cases,
};

kunit_test_suite(slice_suite);
