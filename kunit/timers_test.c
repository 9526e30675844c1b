// SPDX-License-Identifier: GPL-2.0
/*
 * Timers: users take turns, workers do not stand behind them, and what cannot
 * be released costs nothing.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>

#include "../sched_core/reservation.h"
#include "../sched_core/timers.h"
#include "../sched_core/user.h"
#include "fixture.h"

#define T0		FIXTURE_START_NS
#define ALICE		1000

#define BACKLOG		200	/* timers that a user has */
#define USERS		10	/* at most */
#define PERIOD		100ULL

/**
 * struct square - a scheduler with users who have many timers
 * @f: the scheduler
 * @clients: one of each user; the last is the one that is looked at
 * @users: number of them
 */
struct square {
	struct fixture *f;
	struct bpfsched_client *clients[USERS];
	u32 users;
};

static u64 submit_at(struct fixture *f, struct bpfsched_client *client,
		     u64 when_ns)
{
	struct bpfsched_job_desc desc = {
		.flags = BPFSCHED_JOB_NOT_BEFORE_ABS, .not_before_ns = when_ns,
	};

	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(client, f->script, &desc));
	return desc.id;
}

static struct fixture *wide_fixture(struct kunit *test,
				    const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_params params = fixture_params(policy);

	params.limits.completion_slots = 2 * BACKLOG;
	if (policy->flags & BPFSCHED_POLICY_SLICES)
		params.limits.slice_ns = FIXTURE_SLICE;
	return fixture_new(test, &params);
}

/* All users but the last have a backlog of timers, one in each nanosecond. */
static void fill_square(struct square *s, struct fixture *f, u32 users)
{
	u32 i, k;

	s->f = f;
	s->users = users;
	for (i = 0; i < users; i++)
		s->clients[i] = fixture_open_as(f, ALICE + i);
	for (i = 0; i < users - 1; i++) {
		for (k = 0; k < BACKLOG; k++)
			submit_at(f, s->clients[i], T0 + 1 + k);
	}
}

/*
 * Jobs of a client that were released after one and before another; releases
 * are numbered as they are handled.
 */
static u32 count_released(struct bpfsched_client *client, u64 after, u64 before)
{
	struct rb_node *node;
	u32 count = 0;

	for (node = rb_first(&client->jobs); node; node = rb_next(node)) {
		const struct bpfsched_job *job =
			rb_entry(node, struct bpfsched_job, by_id);

		count += job->state != BPFSCHED_JOB_WAITING &&
			 job->entity.seq > after && job->entity.seq < before;
	}
	return count;
}

static const struct bpfsched_job *find_job(struct bpfsched_client *client,
					   u64 id)
{
	struct rb_node *node;

	for (node = rb_first(&client->jobs); node; node = rb_next(node)) {
		const struct bpfsched_job *job =
			rb_entry(node, struct bpfsched_job, by_id);

		if (job->id == id)
			return job;
	}
	return NULL;
}

/* Let the clock call back once, when it is armed for. */
static void tick_once(struct fixture *f)
{
	u32 ticks = f->ticks;

	fixture_advance(f, max(f->now_ns, f->armed_ns));
	KUNIT_EXPECT_EQ(f->test, ticks + 1, f->ticks);
}

static u32 ticks_for(u32 timers)
{
	return DIV_ROUND_UP(timers, BPFSCHED_TIMERS_PER_TICK);
}

/*
 * The last user has a timer that is due now. It is handled behind a turn of
 * each other user at most. Returns how many of others were before it.
 */
static u32 expect_turn(struct square *s)
{
	struct bpfsched_client *last = s->clients[s->users - 1];
	u64 after = s->f->sched->next_seq;
	const struct bpfsched_job *job;
	u32 ticks = 0, i, others, all = 0;

	job = find_job(last, submit_at(s->f, last, s->f->now_ns + 1));
	KUNIT_ASSERT_NOT_NULL(s->f->test, job);
	s->f->now_ns++;
	while (job->state == BPFSCHED_JOB_WAITING && ticks < BACKLOG) {
		tick_once(s->f);
		ticks++;
	}
	for (i = 0; i < s->users - 1; i++) {
		others = count_released(s->clients[i], after, job->entity.seq);
		KUNIT_EXPECT_LE_MSG(s->f->test, others,
				    (u32)BPFSCHED_TIMERS_PER_TURN,
				    "%u users, timers of user %u", s->users, i);
		all += others;
	}
	KUNIT_EXPECT_LE(s->f->test, ticks, ticks_for(all + 1));
	return all;
}

static void users_take_turns(struct kunit *test)
{
	struct fixture *f;
	struct square s;
	u32 users, most;

	for (users = 2; users <= USERS; users++) {
		f = wide_fixture(test, &bpfsched_throughput_policy);
		fill_square(&s, f, users);
		/* The clock is late. */
		f->now_ns = T0 + 2 * BACKLOG;
		most = 0;
		while (count_released(s.clients[0], 0, U64_MAX) < BACKLOG) {
			most = max(most, expect_turn(&s));
			fixture_check(f);
		}
		KUNIT_EXPECT_GT_MSG(test, most, 0U, "nobody was in the way");
		fixture_free(f);
	}
}

static void one_tick_serves_all_users(struct kunit *test)
{
	struct fixture *f = wide_fixture(test, &bpfsched_throughput_policy);
	struct square s;
	u32 i;

	fill_square(&s, f, 6);
	submit_at(f, s.clients[5], T0 + BACKLOG);
	f->now_ns = T0 + BACKLOG;
	tick_once(f);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_GT(test, count_released(s.clients[i], 0, U64_MAX),
				0U);
	KUNIT_EXPECT_EQ(test, f->now_ns + BPFSCHED_TICK_BACKOFF_NS,
			f->armed_ns);
	fixture_check(f);
}

/* Whoever is alone is not held up: it has turn after turn. */
static void one_user_has_all_turns(struct kunit *test)
{
	struct fixture *f = wide_fixture(test, &bpfsched_throughput_policy);
	struct square s;
	u32 ticks;

	fill_square(&s, f, 2);
	f->now_ns = T0 + BACKLOG;
	for (ticks = 0; ticks < ticks_for(BACKLOG); ticks++)
		tick_once(f);
	KUNIT_EXPECT_EQ(test, (u32)BACKLOG,
			count_released(s.clients[0], 0, U64_MAX));
	/* In the order of their times. */
	KUNIT_EXPECT_EQ(test, (u32)BACKLOG, fixture_run_all(f));
	fixture_check(f);
}

/**
 * struct watch - what a run sees of the clock
 * @word: what its control word is to say
 * @late_ns: when the clock calls back at last
 * @most: most calls until the control word says so
 */
struct watch {
	u32 word;
	u64 late_ns;
	u32 most;
};

static void watch_clock(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	const struct watch *watch = run->script->data;
	u32 ticks;

	if (run->turns > 1)
		return;
	f->now_ns = watch->late_ns;
	for (ticks = 0; ticks < watch->most; ticks++) {
		KUNIT_EXPECT_EQ(f->test, (u32)BPFSCHED_CONTROL_RUN,
				run->job->control);
		tick_once(f);
		if (run->job->control != BPFSCHED_CONTROL_RUN)
			break;
	}
	KUNIT_EXPECT_EQ_MSG(f->test, watch->word, run->job->control,
			    "after %u calls", ticks);
}

static struct fixture_script *watching_script(struct fixture *f,
					      const struct watch *watch)
{
	struct fixture_script *script = fixture_script(f, 1);

	script->pauses = true;
	script->during = watch_clock;
	script->data = (void *)watch;
	return script;
}

/* The end of a budget lies behind all the others in time, but not in line. */
static void budgets_end_before_a_backlog(struct kunit *test)
{
	struct square s;
	u32 users;

	for (users = 2; users <= USERS; users++) {
		struct watch watch = {
			.word = BPFSCHED_CONTROL_STOP,
			.late_ns = T0 + 10 * BACKLOG,
			.most = 1,
		};
		struct bpfsched_job_desc desc = { .budget_ns = 2 * BACKLOG };
		struct fixture *f =
			wide_fixture(test, &bpfsched_throughput_policy);

		fill_square(&s, f, users);
		KUNIT_EXPECT_EQ(test, 0,
				fixture_try(f->client,
					    watching_script(f, &watch), &desc));
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		fixture_expect_end(f, desc.id, BPFSCHED_STATUS_BUDGET);
		fixture_free(f);
	}
}

static void slices_end_before_a_backlog(struct kunit *test)
{
	struct watch watch = {
		.word = BPFSCHED_CONTROL_PAUSE,
		.late_ns = T0 + 10 * BACKLOG,
		.most = 1,
	};
	struct fixture *f = wide_fixture(test, &bpfsched_fair_policy);
	struct square s;

	fill_square(&s, f, 7);
	fixture_try(f->client, watching_script(f, &watch),
		    &(struct bpfsched_job_desc) {});
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).preemptions);
	fixture_check(f);
}

/* A job with a declared run time, to be released at a time. */
static u64 submit_declared(struct fixture *f, u64 when_ns, u64 run_time_ns)
{
	struct bpfsched_job_desc desc = {
		.flags = BPFSCHED_JOB_NOT_BEFORE_ABS |
			 BPFSCHED_JOB_DEADLINE_REL,
		.not_before_ns = when_ns,
		.deadline_ns = 1000000,
		.run_time_ns = run_time_ns,
	};

	KUNIT_EXPECT_EQ(f->test, 0, fixture_try(f->client, f->script, &desc));
	return desc.id;
}

static bool is_released(struct fixture *f, u64 id)
{
	const struct bpfsched_job *job = find_job(f->client, id);

	return job && job->state != BPFSCHED_JOB_WAITING;
}

/* Their timers are the last in time, but not in line. */
static void admitted_jobs_are_released_before_a_backlog(struct kunit *test)
{
	struct fixture *f = wide_fixture(test, &bpfsched_deadline_policy);
	struct square s;
	u64 ids[20];
	u32 i;

	fill_square(&s, f, 7);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = submit_declared(f, T0 + 2 * BACKLOG, 10);
	f->now_ns = T0 + 2 * BACKLOG;
	tick_once(f);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		KUNIT_EXPECT_TRUE_MSG(test, is_released(f, ids[i]),
				      "job number %u", i);
	fixture_check(f);
}

/* One that comes while the others have to wait does not wait with them. */
static void admitted_jobs_do_not_wait_with_a_backlog(struct kunit *test)
{
	struct fixture *f = wide_fixture(test, &bpfsched_deadline_policy);
	u64 when_ns = T0 + 2 * BACKLOG + BPFSCHED_TICK_BACKOFF_NS / 2;
	struct square s;
	u32 released, k;
	u64 id;

	fill_square(&s, f, 2);
	id = submit_declared(f, when_ns, 10);
	f->now_ns = T0 + 2 * BACKLOG;
	tick_once(f);
	released = count_released(s.clients[0], 0, U64_MAX);
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_TIMERS_PER_TICK, released);
	KUNIT_EXPECT_EQ(test, when_ns, f->armed_ns);
	tick_once(f);
	KUNIT_EXPECT_TRUE(test, is_released(f, id));
	KUNIT_EXPECT_EQ_MSG(test, released,
			    count_released(s.clients[0], 0, U64_MAX),
			    "the others wait on");
	for (k = 0; k < ticks_for(BACKLOG); k++)
		tick_once(f);
	KUNIT_EXPECT_EQ(test, (u32)BACKLOG,
			count_released(s.clients[0], 0, U64_MAX));
	fixture_check(f);
}

/* A job that lost its admission is one of its user's again. */
static void demoted_jobs_take_turns(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	const struct bpfsched_job *job;
	struct fixture *f;
	u64 ids[2];

	params.limits.workers = 2;
	f = fixture_new(test, &params);
	ids[0] = submit_declared(f, T0 + 100, 550000);
	ids[1] = submit_declared(f, T0 + 100, 550000);
	bpfsched_reservations_recheck(f->sched, 1);
	KUNIT_EXPECT_EQ(test, 1U, f->sched->reservations);
	job = find_job(f->client, ids[0]);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_PTR_EQ(test, &f->sched->own_timers, job->timer.owner);
	job = find_job(f->client, ids[1]);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_PTR_EQ(test, &f->client->user->timers, job->timer.owner);
	fixture_check(f);
	f->now_ns = T0 + 100;
	tick_once(f);
	KUNIT_EXPECT_TRUE(test, is_released(f, ids[0]));
	KUNIT_EXPECT_TRUE(test, is_released(f, ids[1]));
	fixture_check(f);
}

/* Neither an attempt that is refused leaves a timer among the scheduler's. */
static void refused_jobs_own_their_timers(struct kunit *test)
{
	struct fixture *f = wide_fixture(test, &bpfsched_deadline_policy);
	struct bpfsched_job_desc desc = {
		.flags = BPFSCHED_JOB_NOT_BEFORE_ABS |
			 BPFSCHED_JOB_DEADLINE_REL,
		.not_before_ns = T0 + 100,
		.deadline_ns = 1000,
		.run_time_ns = 10,
		.id = submit_declared(f, T0 + 100, 10),
	};
	struct bpfsched_job *job = fixture_job(f->client, f->script, &desc);
	struct bpfsched_submission entry = { .job = job };

	KUNIT_ASSERT_FALSE(test, IS_ERR(job));
	bpfsched_reserve(&entry);
	KUNIT_EXPECT_EQ(test, -EEXIST, entry.error);
	KUNIT_EXPECT_PTR_EQ(test, job, entry.job);
	KUNIT_EXPECT_PTR_EQ(test, &f->client->user->timers, job->timer.owner);
	bpfsched_job_free(job);
	fixture_check(f);
}

static void do_nothing(struct bpfsched *sched, struct bpfsched_timer *timer,
		       u64 now_ns)
{
}

/* Even for the scheduler itself an interrupt is not without end. */
static void own_timers_leave_time_for_others(struct kunit *test)
{
	static const u32 count = BPFSCHED_OWN_TIMERS_PER_TICK + 100;
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_timer *timers;
	u32 i, left = 0;

	timers = kunit_kcalloc(test, count, sizeof(*timers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, timers);
	raw_spin_lock_irq(&f->sched->lock);
	for (i = 0; i < count; i++) {
		bpfsched_timer_init(&timers[i], &f->sched->own_timers);
		bpfsched_timer_set(f->sched, &timers[i], T0 + 1, do_nothing);
	}
	raw_spin_unlock_irq(&f->sched->lock);
	fixture_pass(f, 1);
	for (i = 0; i < count; i++)
		left += bpfsched_timer_is_set(&timers[i]);
	KUNIT_EXPECT_EQ(test, 100U, left);
	KUNIT_EXPECT_EQ(test, f->now_ns + BPFSCHED_TICK_BACKOFF_NS,
			f->armed_ns);
	fixture_pass(f, BPFSCHED_TICK_BACKOFF_NS);
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_FALSE(test, bpfsched_timer_is_set(&timers[i]));
}

/**
 * struct slow_timer - a timer of a user whose handling takes time
 * @timer: the timer
 * @f: whose time it takes
 */
struct slow_timer {
	struct bpfsched_timer timer;
	struct fixture *f;
};

#define HANDLING_NS	(10 * NSEC_PER_USEC)

static void take_time(struct bpfsched *sched, struct bpfsched_timer *timer,
		      u64 now_ns)
{
	container_of(timer, struct slow_timer, timer)->f->now_ns += HANDLING_NS;
}

/* On a slow machine users' timers take half of a CPU at most, too. */
static void long_interrupts_are_followed_by_long_rests(struct kunit *test)
{
	static const u64 took_ns = (BPFSCHED_TIMERS_PER_TICK - 1) * HANDLING_NS;
	static const u32 count = BPFSCHED_TIMERS_PER_TICK + 1;
	struct fixture *f = fixture_throughput(test);
	struct slow_timer *timers;
	u32 i;

	timers = kunit_kcalloc(test, count, sizeof(*timers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, timers);
	raw_spin_lock_irq(&f->sched->lock);
	for (i = 0; i < count; i++) {
		timers[i].f = f;
		bpfsched_timer_init(&timers[i].timer, &f->client->user->timers);
		bpfsched_timer_set(f->sched, &timers[i].timer, T0 + 1,
				   take_time);
	}
	raw_spin_unlock_irq(&f->sched->lock);
	f->now_ns = T0 + 1;
	f->sched->clock.tick(&f->sched->clock);
	KUNIT_EXPECT_GT(test, took_ns, BPFSCHED_TICK_BACKOFF_NS);
	KUNIT_EXPECT_EQ(test, T0 + 1 + 2 * took_ns, f->armed_ns);
	f->now_ns = f->armed_ns;
	f->sched->clock.tick(&f->sched->clock);
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_FALSE(test,
				   bpfsched_timer_is_set(&timers[i].timer));
}

static struct kunit_case turn_cases[] = {
	KUNIT_CASE(users_take_turns),
	KUNIT_CASE(one_tick_serves_all_users),
	KUNIT_CASE(one_user_has_all_turns),
	KUNIT_CASE(budgets_end_before_a_backlog),
	KUNIT_CASE(slices_end_before_a_backlog),
	KUNIT_CASE(admitted_jobs_are_released_before_a_backlog),
	KUNIT_CASE(admitted_jobs_do_not_wait_with_a_backlog),
	KUNIT_CASE(demoted_jobs_take_turns),
	KUNIT_CASE(refused_jobs_own_their_timers),
	KUNIT_CASE(own_timers_leave_time_for_others),
	KUNIT_CASE(long_interrupts_are_followed_by_long_rests),
	{}
};

static struct kunit_suite turn_suite = {
	.name = "timer_turns",
	.exit = fixture_exit,
	.test_cases = turn_cases,
};

/* Jobs without a completion slot. */

#define FOREVER		1000000ULL	/* periods */

static struct fixture *narrow_fixture(struct kunit *test, u32 slots)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);

	params.limits.completion_slots = slots;
	return fixture_new(test, &params);
}

static u64 submit_periodic(struct fixture *f, u64 count)
{
	return fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = PERIOD, .count = count,
	});
}

/* A job of which two releases have run, and that has no slot for the next. */
static u64 starve_one(struct fixture *f, u64 count)
{
	u64 id = submit_periodic(f, count);

	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	fixture_pass(f, PERIOD);
	KUNIT_EXPECT_TRUE(f->test, fixture_step(f));
	KUNIT_EXPECT_EQ(f->test, 3U, f->client->completions.used);
	fixture_check(f);
	return id;
}

static void expect_release(struct fixture *f, u64 id, u64 release, u64 overruns,
			   bool last)
{
	struct bpfsched_completion record;

	record = fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_EQ(f->test, release, record.release);
	KUNIT_EXPECT_EQ(f->test, T0 + release * PERIOD, record.submitted_ns);
	KUNIT_EXPECT_EQ(f->test, overruns, record.overruns);
	KUNIT_EXPECT_EQ(f->test, last, !!(record.record.flags &
					  BPFSCHED_COMPLETION_LAST));
}

/* Let time pass, of which the clock hears nothing. */
static void pass_in_silence(struct fixture *f, u64 until_ns)
{
	u32 arms = f->arms, ticks = f->ticks;

	fixture_advance(f, until_ns);
	KUNIT_EXPECT_EQ(f->test, arms, f->arms);
	KUNIT_EXPECT_EQ(f->test, ticks, f->ticks);
	KUNIT_EXPECT_FALSE(f->test, fixture_step(f));
}

/* A slot comes back at different moments of a period. */
static void starved_job_costs_nothing(struct kunit *test)
{
	static const u64 parts[] = { 0, 1, 50, 99 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct fixture *f = narrow_fixture(test, 3);
		u64 id = starve_one(f, 0);

		pass_in_silence(f, T0 + FOREVER * PERIOD + parts[i]);
		expect_release(f, id, 0, 0, false);
		fixture_check(f);
		KUNIT_EXPECT_EQ(test, T0 + (FOREVER + 1) * PERIOD, f->armed_ns);
		fixture_pass(f, PERIOD - parts[i] - 1);
		KUNIT_EXPECT_FALSE(test, fixture_step(f));
		fixture_pass(f, 1);
		KUNIT_EXPECT_TRUE(test, fixture_step(f));
		expect_release(f, id, 1, 0, false);
		expect_release(f, id, FOREVER + 1, FOREVER - 1, false);
		fixture_free(f);
	}
}

/* Nothing was left out: the slot came back in time. */
static void slot_in_time_leaves_nothing_out(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);
	u64 id = starve_one(f, 0);

	fixture_pass(f, PERIOD - 1);
	expect_release(f, id, 0, 0, false);
	fixture_pass(f, 1);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_release(f, id, 1, 0, false);
	expect_release(f, id, 2, 0, false);
	fixture_check(f);
}

static void last_release_of_a_starved_job_runs(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);
	u64 id = starve_one(f, FOREVER);

	KUNIT_EXPECT_EQ(test, T0 + (FOREVER - 1) * PERIOD, f->armed_ns);
	pass_in_silence(f, T0 + (FOREVER - 1) * PERIOD - 1);
	fixture_pass(f, 1);
	fixture_check(f);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	KUNIT_EXPECT_FALSE(test, fixture_step(f));
	expect_release(f, id, 0, 0, false);
	expect_release(f, id, 1, 0, false);
	expect_release(f, id, FOREVER - 1, FOREVER - 3, true);
	fixture_expect_silence(f, f->client);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_check(f);
}

/* The clock is late, and the slot comes back when the last is overdue. */
static void slot_comes_back_after_the_last_release(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);
	u64 id = starve_one(f, 10);

	f->now_ns = T0 + 500 * PERIOD;
	expect_release(f, id, 0, 0, false);
	fixture_advance(f, f->now_ns);
	fixture_check(f);
	KUNIT_EXPECT_TRUE(test, fixture_step(f));
	expect_release(f, id, 1, 0, false);
	expect_release(f, id, 9, 7, true);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_expect_silence(f, f->client);
}

/* What ends while it waits for a slot tells what it has left out. */
static void starved_job_is_cancelled(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);
	struct bpfsched_completion record;
	u64 id = starve_one(f, 0);

	pass_in_silence(f, T0 + 100 * PERIOD + 1);
	KUNIT_EXPECT_EQ(test, 0, bpfsched_cancel(f->client, id));
	expect_release(f, id, 0, 0, false);
	expect_release(f, id, 1, 0, false);
	record = fixture_expect_end(f, id, BPFSCHED_STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, 101ULL, record.release);
	KUNIT_EXPECT_EQ(test, 99ULL, record.overruns);
	KUNIT_EXPECT_EQ(test, 0U, f->client->completions.used);
	fixture_check(f);
}

static void starved_job_is_closed(struct kunit *test)
{
	struct fixture *f = narrow_fixture(test, 3);

	starve_one(f, 0);
	fixture_close(f, f->client);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
}

/* The index of the job that a completion is of. */
static u32 owner_of(const struct bpfsched_completion *record, const u64 *ids,
		    u32 count)
{
	u32 i = 0;

	while (i < count - 1 && record->id != ids[i])
		i++;
	return i;
}

/* Each completion that is read gives a slot to the job that waits longest. */
static void share_slots(struct kunit *test, u32 jobs)
{
	struct fixture *f = narrow_fixture(test, 2 * jobs);
	struct bpfsched_completion record;
	u32 runs[5] = {}, turn, i;
	u64 ids[5];

	for (i = 0; i < jobs; i++)
		ids[i] = submit_periodic(f, 0);
	KUNIT_EXPECT_EQ(test, jobs, fixture_run_all(f));
	for (turn = 0; turn < 20 * jobs; turn++) {
		KUNIT_ASSERT_TRUE(test, fixture_read(f->client, &record));
		runs[owner_of(&record, ids, jobs)]++;
		fixture_pass(f, PERIOD);
		KUNIT_EXPECT_EQ(test, 1U, fixture_run_all(f));
		fixture_check(f);
	}
	for (i = 0; i < jobs; i++)
		KUNIT_EXPECT_EQ_MSG(test, 20U, runs[i], "job %u of %u", i,
				    jobs);
	fixture_free(f);
}

static void starved_jobs_share_slots(struct kunit *test)
{
	u32 jobs;

	for (jobs = 1; jobs <= 5; jobs++)
		share_slots(test, jobs);
}

static struct kunit_case starved_cases[] = {
	KUNIT_CASE(starved_job_costs_nothing),
	KUNIT_CASE(slot_in_time_leaves_nothing_out),
	KUNIT_CASE(last_release_of_a_starved_job_runs),
	KUNIT_CASE(slot_comes_back_after_the_last_release),
	KUNIT_CASE(starved_job_is_cancelled),
	KUNIT_CASE(starved_job_is_closed),
	KUNIT_CASE(starved_jobs_share_slots),
	{}
};

static struct kunit_suite starved_suite = {
	.name = "timer_starved",
	.exit = fixture_exit,
	.test_cases = starved_cases,
};

kunit_test_suites(&turn_suite, &starved_suite);
