// SPDX-License-Identifier: GPL-2.0
/*
 * Users: what each may have of a scheduler, and gets back.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/xarray.h>

#include "../sched_core/deferred.h"
#include "../sched_core/user.h"
#include "fixture.h"
#include "trials.h"

#define ALICE	1000
#define BOB	1001

#define PERIOD	(10 * NSEC_PER_MSEC)	/* 100 releases a second */

/* Members of a request. */
#define LATER		.flags = BPFSCHED_JOB_NOT_BEFORE_REL, \
			.not_before_ns = 1000
#define RESERVE(run, window) \
			.flags = BPFSCHED_JOB_DEADLINE_REL, \
			.deadline_ns = (window), .run_time_ns = (run)

/**
 * struct town - a scheduler with two users who are limited
 * @f: the scheduler
 * @alice: a client of one user
 * @bob: a client of the other
 */
struct town {
	struct fixture *f;
	struct bpfsched_client *alice;
	struct bpfsched_client *bob;
};

static struct bpfsched_params params_with(const struct bpfsched_policy_ops *policy,
					  struct bpfsched_user_limits *limits)
{
	struct bpfsched_params params = fixture_params(policy);

	params.limits.user = *limits;
	if (policy->flags & BPFSCHED_POLICY_SLICES)
		params.limits.slice_ns = FIXTURE_SLICE;
	return params;
}

static struct town make_town(struct kunit *test,
			     const struct bpfsched_params *params)
{
	struct town town = { .f = fixture_new(test, params) };

	town.alice = fixture_open_as(town.f, ALICE);
	town.bob = fixture_open_as(town.f, BOB);
	return town;
}

/* A town under the policy of deadlines with some limits. */
static struct town limited_town(struct kunit *test,
				struct bpfsched_user_limits limits)
{
	struct bpfsched_params params =
		params_with(&bpfsched_deadline_policy, &limits);

	return make_town(test, &params);
}

/* A town under the policy of shares without limits. */
static struct town make_fair_town(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_params params =
		params_with(&bpfsched_fair_policy, &limits);

	return make_town(test, &params);
}

static void expect_taken_at(struct town *town, int line,
			    struct bpfsched_client *client,
			    struct bpfsched_job_desc desc)
{
	KUNIT_EXPECT_EQ_MSG(town->f->test, 0,
			    fixture_try(client, town->f->script, &desc),
			    "line %d, limit %u", line, desc.limit);
	KUNIT_EXPECT_EQ(town->f->test, (u32)BPFSCHED_LIMIT_NONE, desc.limit);
}

static void expect_refused_at(struct town *town, int line,
			      struct bpfsched_client *client, int err,
			      u32 limit, struct bpfsched_job_desc desc)
{
	KUNIT_EXPECT_EQ_MSG(town->f->test, err,
			    fixture_try(client, town->f->script, &desc),
			    "line %d", line);
	KUNIT_EXPECT_EQ_MSG(town->f->test, limit, desc.limit, "line %d", line);
}

#define expect_taken(town, client, ...) \
	expect_taken_at(town, __LINE__, client, \
			(struct bpfsched_job_desc) { __VA_ARGS__ })
#define expect_refused(town, client, err, limit, ...) \
	expect_refused_at(town, __LINE__, client, err, limit, \
			  (struct bpfsched_job_desc) { __VA_ARGS__ })
#define expect_quota(town, client, limit, ...) \
	expect_refused(town, client, -EDQUOT, BPFSCHED_LIMIT_##limit, \
		       __VA_ARGS__)

/* What users may have. */

static void jobs_are_limited(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_client *second;
	struct town town;

	limits.jobs = 3;
	town = limited_town(test, limits);
	second = fixture_open_as(town.f, ALICE);
	expect_taken(&town, town.alice);
	expect_taken(&town, second, LATER);
	expect_taken(&town, town.alice, .period_ns = PERIOD);
	expect_quota(&town, town.alice, USER_JOBS);
	expect_quota(&town, second, USER_JOBS, LATER);
	KUNIT_EXPECT_EQ(test, 3U, town.alice->user->jobs);
	expect_taken(&town, town.bob);
	KUNIT_EXPECT_TRUE(test, fixture_step(town.f));
	expect_taken(&town, second);
	fixture_check(town.f);
}

static void waiting_jobs_are_limited(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.waiting = 2;
	town = limited_town(test, limits);
	expect_taken(&town, town.alice, LATER);
	expect_taken(&town, town.alice, .period_ns = PERIOD);
	expect_quota(&town, town.alice, USER_WAITING, LATER);
	expect_quota(&town, town.alice, USER_WAITING, .period_ns = PERIOD);
	expect_taken(&town, town.alice);
	expect_taken(&town, town.bob, LATER);
	/* A job that was released waits no more, one that comes again does. */
	fixture_pass(town.f, 1000);
	KUNIT_EXPECT_EQ(test, 1U, town.alice->user->waiting);
	expect_taken(&town, town.alice, LATER);
	expect_quota(&town, town.alice, USER_WAITING, LATER);
	fixture_check(town.f);
}

static void releases_are_limited(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.releases = 250;
	town = limited_town(test, limits);
	expect_taken(&town, town.alice, .period_ns = PERIOD);
	expect_taken(&town, town.alice, .period_ns = PERIOD);
	expect_quota(&town, town.alice, USER_RELEASES, .period_ns = PERIOD);
	expect_quota(&town, town.alice, USER_RELEASES,
		     .period_ns = 2 * PERIOD - 1000);
	expect_taken(&town, town.alice, .period_ns = 2 * PERIOD);
	expect_quota(&town, town.alice, USER_RELEASES,
		     .period_ns = NSEC_PER_SEC);
	expect_taken(&town, town.alice, LATER);
	expect_taken(&town, town.bob, .period_ns = PERIOD);
	fixture_check(town.f);
}

/* What counts is rounded up: no number of jobs comes for nothing. */
static void rare_releases_count_too(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.releases = 0;
	town = limited_town(test, limits);
	expect_quota(&town, town.alice, USER_RELEASES, .period_ns = U64_MAX);
	expect_taken(&town, town.alice);
	town.alice->user->limits.releases = U64_MAX / 1000 + 1;
	expect_taken(&town, town.alice, .period_ns = 1);
	fixture_check(town.f);
}

static int try_program(struct bpfsched_client *client, u64 bytes, u32 *limit)
{
	return bpfsched_user_add_program(client->user, bytes,
					 client->unlimited, limit);
}

static void programs_are_limited(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;
	u32 limit;

	limits.programs = 2;
	limits.memory = 1000;
	town = limited_town(test, limits);
	KUNIT_EXPECT_EQ(test, 0, try_program(town.alice, 1000, &limit));
	KUNIT_EXPECT_EQ(test, -EDQUOT, try_program(town.alice, 1, &limit));
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_LIMIT_USER_MEMORY, limit);
	KUNIT_EXPECT_EQ(test, 0, try_program(town.alice, 0, &limit));
	KUNIT_EXPECT_EQ(test, -EDQUOT, try_program(town.alice, 0, &limit));
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_LIMIT_USER_PROGRAMS, limit);
	KUNIT_EXPECT_EQ(test, 0, try_program(town.bob, 1000, &limit));
	bpfsched_user_remove_program(town.alice->user, 1000);
	KUNIT_EXPECT_EQ(test, -EDQUOT, try_program(town.alice, 1001, &limit));
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			try_program(town.alice, U64_MAX, &limit));
	KUNIT_EXPECT_EQ(test, 0, try_program(town.alice, 1000, &limit));
	bpfsched_user_remove_program(town.alice->user, 1000);
	bpfsched_user_remove_program(town.alice->user, 0);
	bpfsched_user_remove_program(town.bob->user, 1000);
}

static void clients_are_limited(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_client *second;
	struct town town;

	limits.clients = 2;
	town = limited_town(test, limits);
	second = fixture_open_as(town.f, ALICE);
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			PTR_ERR_OR_ZERO(fixture_try_open_as(town.f, ALICE)));
	KUNIT_EXPECT_EQ(test, 2U, second->user->clients);
	fixture_open_as(town.f, BOB);
	fixture_close(town.f, second);
	fixture_open_as(town.f, ALICE);
	KUNIT_EXPECT_EQ(test, -EDQUOT,
			PTR_ERR_OR_ZERO(fixture_try_open_as(town.f, ALICE)));
	/* Who may administrate is counted, and not limited. */
	fixture_open(town.f);
	fixture_open(town.f);
	KUNIT_EXPECT_EQ(test, 3U, town.f->client->user->clients);
	fixture_check(town.f);
}

static void limits_do_not_bind_an_administrator(struct kunit *test)
{
	struct bpfsched_user_limits limits = {
		.clients = 1, .weight = BPFSCHED_WEIGHT_DEFAULT,
	};
	struct town town = limited_town(test, limits);
	u32 limit;

	expect_quota(&town, town.alice, USER_JOBS);
	expect_taken(&town, town.f->client);
	expect_taken(&town, town.f->client, LATER);
	expect_taken(&town, town.f->client, .period_ns = PERIOD);
	expect_taken(&town, town.f->client, RESERVE(10, 1000));
	KUNIT_EXPECT_EQ(test, 0, try_program(town.f->client, 8, &limit));
	bpfsched_user_remove_program(town.f->client->user, 8);
	fixture_check(town.f);
}

static void budgets_beyond_the_users_need_privilege(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct town town;

	params.limits.user_budget = FIXTURE_MAX_BUDGET / 2;
	town = make_town(test, &params);
	expect_taken(&town, town.alice, .budget_insns = FIXTURE_MAX_BUDGET / 2);
	expect_refused(&town, town.alice, -EPERM, 0,
		       .budget_insns = FIXTURE_MAX_BUDGET / 2 + 1);
	expect_taken(&town, town.f->client,
		     .budget_insns = FIXTURE_MAX_BUDGET);
}

/* Whoever polls is told when the user may submit again. */
static void pollers_see_the_limit_of_jobs(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_client *second;
	struct town town;

	limits.jobs = 1;
	town = limited_town(test, limits);
	second = fixture_open_as(town.f, ALICE);
	expect_taken(&town, town.alice);
	KUNIT_EXPECT_FALSE(test, bpfsched_client_may_submit(second));
	KUNIT_EXPECT_TRUE(test, bpfsched_client_may_submit(town.bob));
	KUNIT_EXPECT_FALSE(test, list_empty(&second->poll_link));
	KUNIT_EXPECT_TRUE(test, fixture_step(town.f));
	bpfsched_deferred_flush(town.f->sched);
	KUNIT_EXPECT_TRUE(test, list_empty(&second->poll_link));
	KUNIT_EXPECT_TRUE(test, bpfsched_client_may_submit(second));
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(jobs_are_limited),
	KUNIT_CASE(waiting_jobs_are_limited),
	KUNIT_CASE(releases_are_limited),
	KUNIT_CASE(rare_releases_count_too),
	KUNIT_CASE(programs_are_limited),
	KUNIT_CASE(clients_are_limited),
	KUNIT_CASE(limits_do_not_bind_an_administrator),
	KUNIT_CASE(budgets_beyond_the_users_need_privilege),
	KUNIT_CASE(pollers_see_the_limit_of_jobs),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "user_limits",
	.exit = fixture_exit,
	.test_cases = limit_cases,
};

/* However a job ends, its user gets back all that it had. */

static const struct bpfsched_job_desc kinds[] = {
	{},
	{ LATER },
	{ .period_ns = PERIOD, .count = 3 },
	{ .period_ns = PERIOD },
	{ RESERVE(1000, 100000) },
	{ RESERVE(1000, 100000), .period_ns = PERIOD, .count = 3 },
	{ .context_len = 16, .flags = BPFSCHED_JOB_RETURN_CONTEXT },
};

static void let_run(struct town *town, u64 id)
{
	u32 i;

	for (i = 0; i < 4; i++) {
		fixture_pass(town->f, PERIOD);
		fixture_run_all(town->f);
	}
	bpfsched_cancel(town->alice, id);
}

static void let_fail(struct town *town, u64 id)
{
	town->f->script->outcome = BPFSCHED_FAULTED;
	let_run(town, id);
}

static void cancel_now(struct town *town, u64 id)
{
	KUNIT_EXPECT_EQ(town->f->test, 0, bpfsched_cancel(town->alice, id));
}

static void cancel_later(struct town *town, u64 id)
{
	fixture_pass(town->f, 1000);
	cancel_now(town, id);
}

static void cancel_job_of_run(struct fixture_run *run)
{
	KUNIT_EXPECT_EQ(run->script->fixture->test, 0,
			bpfsched_cancel(run->job->client, run->job->id));
}

static void cancel_running(struct town *town, u64 id)
{
	town->f->script->during = cancel_job_of_run;
	fixture_pass(town->f, 1000);
	fixture_run_all(town->f);
	town->f->script->during = NULL;
}

static void close_alice(struct town *town)
{
	struct bpfsched_client *client = town->alice;

	town->alice = NULL;
	fixture_close(town->f, client);
}

static void close_now(struct town *town, u64 id)
{
	close_alice(town);
}

static void close_between_releases(struct town *town, u64 id)
{
	fixture_pass(town->f, 1000);
	fixture_run_all(town->f);
	close_alice(town);
}

static void close_in_run(struct fixture_run *run)
{
	close_alice(run->script->data);
}

static void close_running(struct town *town, u64 id)
{
	town->f->script->during = close_in_run;
	town->f->script->data = town;
	fixture_pass(town->f, 1000);
	fixture_run_all(town->f);
	town->f->script->during = NULL;
	/* It had ended when its turn came. */
	if (town->alice)
		close_alice(town);
}

/* It runs out of the time that it was given. */
static void let_overrun(struct town *town, u64 id)
{
	town->f->script->takes_ns = 5000;
	let_run(town, id);
}

static void be_evicted(struct town *town, u64 id)
{
	u32 i;

	fixture_pass(town->f, 1000);
	for (i = 0; i <= FIXTURE_CAPACITY; i++)
		fixture_try(town->f->client, town->f->script,
			    &(struct bpfsched_job_desc) {
			.flags = BPFSCHED_JOB_EVICT,
			.priority = BPFSCHED_PRIORITY_HIGH,
		});
	/* Not if it was admitted, or waits for its time. */
	bpfsched_cancel(town->alice, id);
}

static void (*const ways_to_end[])(struct town *town, u64 id) = {
	let_run, let_fail, let_overrun, cancel_now, cancel_later,
	cancel_running, close_now, close_between_releases, close_running,
	be_evicted,
};

static bool has_nothing(const struct bpfsched_user *user)
{
	return !user->jobs && !user->waiting && !user->release_rate &&
	       !user->reserved_ppm && !user->reservations && !user->pooled;
}

static void end_one_way(struct kunit *test, u32 kind, u32 way)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct bpfsched_job_desc desc = kinds[kind];
	struct bpfsched_user *user;
	struct town town;
	u32 slots;

	params.preallocate = true;
	town = make_town(test, &params);
	fixture_open_as(town.f, ALICE);
	user = town.alice->user;
	slots = fixture_free_slots(town.f);
	KUNIT_ASSERT_EQ(test, 0, fixture_try(town.alice, town.f->script, &desc));
	KUNIT_EXPECT_EQ(test, 1U, user->jobs);
	KUNIT_EXPECT_EQ(test, 1U, user->pooled);

	ways_to_end[way](&town, desc.id);
	bpfsched_deferred_flush(town.f->sched);
	KUNIT_EXPECT_TRUE_MSG(test, has_nothing(user),
			      "kind %u, way %u: jobs %u, waiting %u, releases %llu, reserved %llu (%u), pooled %u",
			      kind, way, user->jobs, user->waiting,
			      user->release_rate, user->reserved_ppm,
			      user->reservations, user->pooled);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(town.f).reservations);
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(town.f).reserved_ppm);
	fixture_run_all(town.f);
	KUNIT_EXPECT_EQ(test, slots, fixture_free_slots(town.f));
	fixture_check(town.f);
	fixture_free(town.f);
}

static void all_comes_back(struct kunit *test)
{
	u32 kind, way;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (way = 0; way < ARRAY_SIZE(ways_to_end); way++)
			end_one_way(test, kind, way);
	}
}

static void missed_job_gives_all_back(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);
	const struct bpfsched_user *user = town.alice->user;

	expect_taken(&town, town.alice,
		     .flags = BPFSCHED_JOB_FIRM | BPFSCHED_JOB_DEADLINE_REL,
		     .deadline_ns = 100);
	expect_taken(&town, town.alice, .period_ns = 1000, .count = 2,
		     .flags = BPFSCHED_JOB_FIRM | BPFSCHED_JOB_DEADLINE_REL,
		     .deadline_ns = 100);
	fixture_pass(town.f, 100);
	KUNIT_EXPECT_EQ(test, 1U, user->jobs);
	KUNIT_EXPECT_EQ(test, 1U, user->waiting);
	fixture_pass(town.f, 1000);
	KUNIT_EXPECT_TRUE(test, has_nothing(user));
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(town.f).dropped);
}

/* What is refused costs nothing. */
static void refused_job_has_nothing(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct town town;

	params.preallocate = true;
	params.limits.max_reservations = 0;
	town = make_town(test, &params);
	expect_quota(&town, town.alice, RESERVATIONS, RESERVE(10, 100));
	town.alice->user->limits.jobs = 0;
	expect_quota(&town, town.alice, USER_JOBS, .period_ns = PERIOD);
	KUNIT_EXPECT_TRUE(test, has_nothing(town.alice->user));
	fixture_check(town.f);
}

static struct kunit_case return_cases[] = {
	KUNIT_CASE(all_comes_back),
	KUNIT_CASE(missed_job_gives_all_back),
	KUNIT_CASE(refused_job_has_nothing),
	{}
};

static struct kunit_suite return_suite = {
	.name = "user_returns",
	.exit = fixture_exit,
	.test_cases = return_cases,
};

/* Eviction: who may drop whose jobs. */

#define EVICT(level) \
	.flags = BPFSCHED_JOB_EVICT, .priority = BPFSCHED_PRIORITY_##level

static struct town full_town(struct kunit *test,
			     const struct bpfsched_policy_ops *policy,
			     u32 capacity)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_params params = params_with(policy, &limits);
	struct town town;
	u32 i;

	params.limits.capacity = capacity;
	town = make_town(test, &params);
	for (i = 0; i < capacity; i++)
		expect_taken(&town, town.bob);
	return town;
}

/* Each drops jobs of the other until both have the same. */
static void evict_down_to_equality(struct kunit *test,
				   const struct bpfsched_policy_ops *policy)
{
	struct town town = full_town(test, policy, 6);
	struct bpfsched_completion record;
	u32 i;

	for (i = 0; i < 3; i++) {
		expect_taken(&town, town.alice, EVICT(HIGH));
		KUNIT_EXPECT_TRUE(test, fixture_read(town.bob, &record));
		KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_STATUS_DROPPED,
				record.status);
		fixture_check(town.f);
	}
	expect_refused(&town, town.alice, -EAGAIN, 0, EVICT(CRITICAL));
	KUNIT_EXPECT_EQ(test, 3U, town.alice->user->jobs);
	KUNIT_EXPECT_EQ(test, 3U, town.bob->user->jobs);
	/* The administrator is not asked who has how many. */
	for (i = 0; i < 6; i++)
		expect_taken(&town, town.f->client, EVICT(CRITICAL));
	fixture_check(town.f);
	fixture_free(town.f);
}

static void evicts_who_has_more(struct kunit *test)
{
	evict_down_to_equality(test, &bpfsched_throughput_policy);
	evict_down_to_equality(test, &bpfsched_deadline_policy);
}

static void evicts_its_own(struct kunit *test)
{
	struct town town = full_town(test, &bpfsched_deadline_policy, 4);
	struct bpfsched_client *second = fixture_open_as(town.f, BOB);

	expect_taken(&town, town.bob, EVICT(HIGH));
	expect_taken(&town, second, EVICT(HIGH));
	KUNIT_EXPECT_EQ(test, 4U, town.bob->user->jobs);
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(town.f).dropped);
	/* Only one that would run later. */
	expect_refused(&town, second, -EAGAIN, 0, EVICT(LOW));
	fixture_check(town.f);
}

static void evicts_neither_admitted_nor_started(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_params params =
		params_with(&bpfsched_deadline_policy, &limits);
	struct town town;

	params.limits.capacity = 2;
	town = make_town(test, &params);
	expect_taken(&town, town.bob, RESERVE(10, 100000));
	expect_taken(&town, town.bob, RESERVE(10, 100000));
	expect_refused(&town, town.alice, -EAGAIN, 0, EVICT(CRITICAL));
	expect_refused(&town, town.f->client, -EAGAIN, 0, EVICT(CRITICAL));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(town.f).dropped);
}

/* Jobs that wait are live ones too: who has many of them has many. */
static void waiting_jobs_count_as_live(struct kunit *test)
{
	struct town town = full_town(test, &bpfsched_deadline_policy, 2);

	expect_taken(&town, town.alice, LATER);
	expect_taken(&town, town.alice, LATER);
	expect_refused(&town, town.alice, -EAGAIN, 0, EVICT(CRITICAL));
	expect_taken(&town, town.bob, LATER);
	expect_taken(&town, town.alice, EVICT(CRITICAL));
	fixture_check(town.f);
}

/* The next completion of a client is that of a job that was dropped. */
static void expect_dropped_at(struct town *town, int line,
			      struct bpfsched_client *client, u64 id)
{
	struct bpfsched_completion record = {};

	KUNIT_EXPECT_TRUE_MSG(town->f->test, fixture_read(client, &record),
			      "line %d", line);
	KUNIT_EXPECT_EQ_MSG(town->f->test, (u32)BPFSCHED_STATUS_DROPPED,
			    record.status, "line %d", line);
	KUNIT_EXPECT_EQ_MSG(town->f->test, id, record.id, "line %d", line);
	fixture_check(town->f);
}

#define expect_dropped(town, client, id) \
	expect_dropped_at(town, __LINE__, client, id)

/* Jobs 1 to @count of a client. */
static void take_some(struct town *town, struct bpfsched_client *client,
		      u32 count)
{
	u32 i;

	for (i = 1; i <= count; i++)
		expect_taken(town, client, .id = i);
}

/* Under the policy of shares; capacity 8: Bob has 6 jobs, Alice 2. */
static struct town crowded_town(struct kunit *test)
{
	struct town town = make_fair_town(test);

	take_some(&town, town.bob, 6);
	take_some(&town, town.alice, 2);
	return town;
}

/* Whoever comes, it is the flood that makes room, the newest of it first. */
static void fair_drops_of_the_flood(struct kunit *test)
{
	struct town town = crowded_town(test);
	struct bpfsched_client *carol = fixture_open_as(town.f, BOB + 1);

	expect_taken(&town, carol, EVICT(LOW));
	expect_dropped(&town, town.bob, 6);
	expect_taken(&town, town.f->client, EVICT(LOW));
	expect_dropped(&town, town.bob, 5);
	expect_taken(&town, town.alice, EVICT(LOW));
	expect_dropped(&town, town.bob, 4);
	fixture_expect_silence(town.f, town.alice);
	fixture_expect_silence(town.f, carol);
	fixture_expect_silence(town.f, town.f->client);
}

/* Who has the longest way to go drops jobs of its own, or none. */
static void fair_flood_drops_its_own(struct kunit *test)
{
	struct town town = crowded_town(test);
	struct bpfsched_client *second = fixture_open_as(town.f, BOB);
	u32 i;

	expect_refused(&town, town.bob, -EAGAIN, 0, EVICT(LOW));
	expect_refused(&town, second, -EAGAIN, 0, EVICT(LOW));
	for (i = 6; i >= 1; i--) {
		expect_taken(&town, second, EVICT(HIGH));
		expect_dropped(&town, town.bob, i);
	}
	expect_refused(&town, second, -EAGAIN, 0, EVICT(HIGH));
	for (i = 0; i < 6; i++)
		expect_taken(&town, town.bob, EVICT(CRITICAL));
	expect_refused(&town, town.bob, -EAGAIN, 0, EVICT(CRITICAL));
	fixture_expect_silence(town.f, town.alice);
	KUNIT_EXPECT_EQ(test, 2U, town.alice->user->jobs);
	KUNIT_EXPECT_EQ(test, 12ULL, fixture_stat(town.f).dropped);
	fixture_check(town.f);
}

/* Two who have as many jobs each drop none of the other's. */
static void fair_equals_drop_their_own(struct kunit *test)
{
	struct town town = make_fair_town(test);

	take_some(&town, town.bob, 4);
	take_some(&town, town.alice, 4);
	expect_refused(&town, town.alice, -EAGAIN, 0, EVICT(LOW));
	expect_refused(&town, town.bob, -EAGAIN, 0, EVICT(LOW));
	expect_taken(&town, town.bob, EVICT(HIGH));
	expect_dropped(&town, town.bob, 4);
	expect_taken(&town, town.alice, EVICT(HIGH));
	expect_dropped(&town, town.alice, 4);
	fixture_check(town.f);
}

/* Who has just had its turn has not yet the longest way to go. */
static void fair_drops_by_what_is_queued(struct kunit *test)
{
	struct town town = make_fair_town(test);
	struct bpfsched_client *carol = fixture_open_as(town.f, BOB + 1);

	take_some(&town, town.alice, 2);
	take_some(&town, town.bob, 6);
	town.f->script->takes_ns = 2 * FIXTURE_SLICE;
	KUNIT_EXPECT_TRUE(test, fixture_step(town.f));
	fixture_consume(town.alice);
	expect_taken(&town, carol);
	expect_taken(&town, carol, EVICT(NORMAL));
	expect_dropped(&town, town.bob, 6);
	fixture_expect_silence(town.f, town.alice);
}

/* The way is the longer the less of the time a user has. */
static void fair_drops_by_weight(struct kunit *test)
{
	struct bpfsched_user_limits limits = {
		.weight = BPFSCHED_WEIGHT_DEFAULT / 4,
	};
	struct town town = make_fair_town(test);

	take_some(&town, town.bob, 6);
	take_some(&town, town.alice, 2);
	bpfsched_user_set(town.f->sched, KUIDT_INIT(ALICE),
			  BPFSCHED_USER_SET_WEIGHT, &limits);
	expect_taken(&town, town.f->client, EVICT(LOW));
	expect_dropped(&town, town.alice, 2);
	expect_taken(&town, town.f->client, EVICT(LOW));
	expect_dropped(&town, town.bob, 6);
}

/* Nothing is reserved under this policy, and what was started is not lost. */
static void fair_drops_nothing_started(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct bpfsched_params params =
		params_with(&bpfsched_fair_policy, &limits);
	struct fixture_script *script;
	struct town town;

	params.limits.capacity = 2;
	town = make_town(test, &params);
	script = fixture_pausing_script(town.f, 10 * FIXTURE_SLICE);
	expect_refused(&town, town.bob, -EOPNOTSUPP, 0, RESERVE(10, 100000));
	KUNIT_EXPECT_EQ(test, 0, fixture_try(town.bob, script,
					     &(struct bpfsched_job_desc) {}));
	KUNIT_EXPECT_EQ(test, 0, fixture_try(town.alice, script,
					     &(struct bpfsched_job_desc) {}));
	/* Each has its slice, and makes way. */
	KUNIT_EXPECT_TRUE(test, fixture_step(town.f));
	KUNIT_EXPECT_TRUE(test, fixture_step(town.f));
	KUNIT_EXPECT_EQ(test, 2ULL, fixture_stat(town.f).preemptions);
	expect_refused(&town, town.f->client, -EAGAIN, 0, EVICT(CRITICAL));
	KUNIT_EXPECT_EQ(test, 0ULL, fixture_stat(town.f).dropped);
	fixture_check(town.f);
}

static struct kunit_case evict_cases[] = {
	KUNIT_CASE(evicts_who_has_more),
	KUNIT_CASE(evicts_its_own),
	KUNIT_CASE(evicts_neither_admitted_nor_started),
	KUNIT_CASE(waiting_jobs_count_as_live),
	KUNIT_CASE(fair_drops_of_the_flood),
	KUNIT_CASE(fair_flood_drops_its_own),
	KUNIT_CASE(fair_equals_drop_their_own),
	KUNIT_CASE(fair_drops_by_what_is_queued),
	KUNIT_CASE(fair_drops_by_weight),
	KUNIT_CASE(fair_drops_nothing_started),
	{}
};

static struct kunit_suite evict_suite = {
	.name = "user_evict",
	.exit = fixture_exit,
	.test_cases = evict_cases,
};

/* Slots of the pool, and reservations. */

static void pool_is_shared_by_halves(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct town town;
	u32 size, half, i;

	params.preallocate = true;
	params.limits.completion_slots = 100;
	town = make_town(test, &params);
	size = fixture_free_slots(town.f);
	half = size / 2;
	for (i = 0; i < half + 3; i++)
		expect_taken(&town, town.alice, LATER);
	KUNIT_EXPECT_EQ(test, half, town.alice->user->pooled);
	KUNIT_EXPECT_EQ(test, size - half, fixture_free_slots(town.f));
	for (i = 0; i < half + 3; i++)
		expect_taken(&town, town.bob, LATER);
	KUNIT_EXPECT_EQ(test, half, town.bob->user->pooled);
	for (i = 0; i < 3; i++)
		expect_taken(&town, town.f->client, LATER);
	KUNIT_EXPECT_EQ(test, 0U, fixture_free_slots(town.f));

	fixture_close(town.f, town.alice);
	KUNIT_EXPECT_EQ(test, half, fixture_free_slots(town.f));
	fixture_close(town.f, town.bob);
	KUNIT_EXPECT_EQ(test, 2 * half, fixture_free_slots(town.f));
	fixture_check(town.f);
}

static void reservation_needs_a_grant(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.reserved_ppm = 0;
	town = limited_town(test, limits);
	expect_refused(&town, town.alice, -EPERM, 0, RESERVE(1, 1000000));
	expect_taken(&town, town.f->client, RESERVE(1, 1000000));
	fixture_check(town.f);
}

static void reservations_keep_to_the_grant(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.reserved_ppm = 100000;
	town = limited_town(test, limits);
	expect_taken(&town, town.alice, RESERVE(50, 1000));
	expect_quota(&town, town.alice, USER_RESERVED, RESERVE(50, 1000));
	/* The period counts if it is shorter. */
	expect_quota(&town, town.alice, USER_RESERVED, .period_ns = 1000,
		     RESERVE(50, 2000));
	expect_taken(&town, town.alice, RESERVE(49, 1000));
	expect_taken(&town, town.bob, .period_ns = 1000, RESERVE(50, 1000));
	KUNIT_EXPECT_EQ(test, 50001ULL + 49001, town.alice->user->reserved_ppm);
	KUNIT_EXPECT_EQ(test, 3ULL, fixture_stat(town.f).reservations);
	KUNIT_EXPECT_EQ(test, 100002ULL + 49001,
			fixture_stat(town.f).reserved_ppm);
	fixture_run_all(town.f);
	KUNIT_EXPECT_EQ(test, 0ULL, town.alice->user->reserved_ppm);
	expect_taken(&town, town.alice, RESERVE(99, 1000));
	/* What does not fit is another matter. */
	expect_refused(&town, town.f->client, -EBUSY, 0, RESERVE(902, 1000));
	fixture_check(town.f);
}

static void user_has_half_of_the_places(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct town town;
	u32 i;

	params.limits.max_reservations = 4;
	params.limits.user.reserved_ppm = BPFSCHED_PPM;
	town = make_town(test, &params);
	for (i = 0; i < 2; i++)
		expect_taken(&town, town.alice, RESERVE(1, 100000));
	expect_quota(&town, town.alice, RESERVATIONS, RESERVE(1, 100000));
	for (i = 0; i < 2; i++)
		expect_taken(&town, town.bob, RESERVE(1, 100000));
	expect_quota(&town, town.f->client, RESERVATIONS, RESERVE(1, 100000));
	fixture_close(town.f, town.bob);
	expect_quota(&town, town.alice, RESERVATIONS, RESERVE(1, 100000));
	for (i = 0; i < 2; i++)
		expect_taken(&town, town.f->client, RESERVE(1, 100000));
	fixture_check(town.f);
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(pool_is_shared_by_halves),
	KUNIT_CASE(reservation_needs_a_grant),
	KUNIT_CASE(reservations_keep_to_the_grant),
	KUNIT_CASE(user_has_half_of_the_places),
	{}
};

static struct kunit_suite share_suite = {
	.name = "user_shares",
	.exit = fixture_exit,
	.test_cases = share_cases,
};

/* Who is in the table of users, and with what limits. */

static struct bpfsched_user *town_user(struct town *town, u32 uid)
{
	return xa_load(&town->f->sched->users, uid);
}

static int set_jobs(struct town *town, u32 uid, u32 flags, u32 jobs)
{
	struct bpfsched_user_limits limits = { .jobs = jobs };

	return bpfsched_user_set(town->f->sched, KUIDT_INIT(uid), flags,
				 &limits);
}

static void limits_are_set_for_a_user(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);
	struct bpfsched_user_limits expected = fixture_no_limits;

	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE, BPFSCHED_USER_SET_JOBS,
					  1));
	expected.jobs = 1;
	KUNIT_EXPECT_EQ_MSG(test, 0, memcmp(&town.alice->user->limits,
					    &expected, sizeof(expected)),
			    "others than the one that was named");
	expect_taken(&town, town.alice);
	expect_quota(&town, town.alice, USER_JOBS);
	expect_taken(&town, town.bob);
	expect_taken(&town, town.bob);
	/* Who has too much keeps it. */
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, BOB, BPFSCHED_USER_SET_JOBS,
					  1));
	KUNIT_EXPECT_EQ(test, 2U, town.bob->user->jobs);
	expect_quota(&town, town.bob, USER_JOBS);
	KUNIT_EXPECT_EQ(test, 3U, fixture_run_all(town.f));
	expect_taken(&town, town.bob);
	fixture_check(town.f);
}

static void limits_outlive_the_clients(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);

	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE, BPFSCHED_USER_SET_JOBS,
					  1));
	fixture_close(town.f, town.alice);
	KUNIT_EXPECT_NOT_NULL(test, town_user(&town, ALICE));
	town.alice = fixture_open_as(town.f, ALICE);
	expect_taken(&town, town.alice);
	expect_quota(&town, town.alice, USER_JOBS);
	/* And for who has never been here. */
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, 7, BPFSCHED_USER_SET_JOBS, 0));
	expect_quota(&town, fixture_open_as(town.f, 7), USER_JOBS);
}

static void defaults_come_back(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.jobs = 2;
	town = limited_town(test, limits);
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE, BPFSCHED_USER_SET_JOBS |
					  BPFSCHED_USER_SET_WAITING, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			set_jobs(&town, ALICE, BPFSCHED_USER_SET_WEIGHT, 0));
	expect_quota(&town, town.alice, USER_JOBS);
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE,
					  BPFSCHED_USER_SET_DEFAULTS, 77));
	KUNIT_EXPECT_EQ_MSG(test, 0, memcmp(&town.alice->user->limits, &limits,
					    sizeof(limits)),
			    "all limits are those of the scheduler");
	/* Both at once: all but what is named. */
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE,
					  BPFSCHED_USER_SET_DEFAULTS |
					  BPFSCHED_USER_SET_JOBS, 1));
	KUNIT_EXPECT_EQ(test, 1U, town.alice->user->limits.jobs);
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_USER_SET_JOBS,
			town.alice->user->changed);
	fixture_close(town.f, town.alice);
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, ALICE,
					  BPFSCHED_USER_SET_DEFAULTS, 0));
	KUNIT_EXPECT_NULL(test, town_user(&town, ALICE));
}

static int set_all(struct town *town, u32 flags,
		   struct bpfsched_user_limits limits)
{
	return bpfsched_users_set_all(town->f->sched, flags, &limits);
}

/* Whoever is there, and whoever comes; but not who has a limit of its own. */
static void limits_are_set_for_all(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);
	struct bpfsched_user_limits expected = fixture_no_limits;
	struct bpfsched_client *carol;

	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, BOB, BPFSCHED_USER_SET_JOBS,
					  5));
	KUNIT_EXPECT_EQ(test, 0,
			set_all(&town, BPFSCHED_USER_SET_JOBS |
				       BPFSCHED_USER_SET_WAITING |
				       BPFSCHED_USER_SET_ALL,
				(struct bpfsched_user_limits) {
					.jobs = 2, .waiting = 1,
				}));
	carol = fixture_open_as(town.f, BOB + 1);
	expected.jobs = 2;
	expected.waiting = 1;
	KUNIT_EXPECT_EQ_MSG(test, 0, memcmp(&town.alice->user->limits,
					    &expected, sizeof(expected)),
			    "others than those that were named");
	KUNIT_EXPECT_EQ(test, 0, memcmp(&carol->user->limits, &expected,
					sizeof(expected)));
	KUNIT_EXPECT_EQ(test, 5U, town.bob->user->limits.jobs);
	KUNIT_EXPECT_EQ(test, 1U, town.bob->user->limits.waiting);
	KUNIT_EXPECT_EQ(test, 0U, town.alice->user->changed);
	KUNIT_EXPECT_EQ(test, (u32)BPFSCHED_USER_SET_JOBS,
			town.bob->user->changed);
	expect_taken(&town, carol, LATER);
	expect_quota(&town, carol, USER_WAITING, LATER);
	/* Who gets the defaults back gets those of today. */
	KUNIT_EXPECT_EQ(test, 0, set_jobs(&town, BOB,
					  BPFSCHED_USER_SET_DEFAULTS, 0));
	KUNIT_EXPECT_EQ(test, 2U, town.bob->user->limits.jobs);
	fixture_check(town.f);
}

/* Each limit by its own flag, and no other. */
static void each_limit_is_set_for_all(struct kunit *test)
{
	const struct bpfsched_user_limits limits = {
		.clients = 11, .jobs = 12, .waiting = 13, .programs = 14,
		.memory = 15, .releases = 16, .reserved_ppm = 17, .weight = 18,
	};
	struct town town = limited_town(test, fixture_no_limits);
	struct bpfsched_user_limits expected = fixture_no_limits;
	u32 flag;

	for (flag = 1; flag <= BPFSCHED_USER_SET_LIMITS; flag <<= 1) {
		if (!(flag & BPFSCHED_USER_SET_LIMITS))
			continue;
		KUNIT_EXPECT_EQ(test, 0, set_all(&town, flag, limits));
		bpfsched_user_merge_limits(&expected, &limits, flag);
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    memcmp(&town.alice->user->limits, &expected,
					   sizeof(expected)), "flag %#x", flag);
		KUNIT_EXPECT_EQ(test, 0, memcmp(&town.f->sched->limits.user,
						&expected, sizeof(expected)));
	}
	KUNIT_EXPECT_EQ(test, 0, memcmp(&expected, &limits, sizeof(limits)));
}

/* All of what is asked for, or nothing. */
static void bad_limits_are_set_for_nobody(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);
	const u32 weights[] = { 0, BPFSCHED_WEIGHT_MAX + 1, U32_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(weights); i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				set_all(&town, BPFSCHED_USER_SET_JOBS |
					       BPFSCHED_USER_SET_WEIGHT,
					(struct bpfsched_user_limits) {
						.jobs = 1,
						.weight = weights[i],
					}));
	}
	KUNIT_EXPECT_EQ(test, 0, memcmp(&town.alice->user->limits,
					&fixture_no_limits,
					sizeof(fixture_no_limits)));
	KUNIT_EXPECT_EQ(test, 0, memcmp(&town.f->sched->limits.user,
					&fixture_no_limits,
					sizeof(fixture_no_limits)));
	/* What is not named is not looked at. */
	KUNIT_EXPECT_EQ(test, 0, set_all(&town, BPFSCHED_USER_SET_JOBS,
					 (struct bpfsched_user_limits) {
						.jobs = 1,
					 }));
}

/* The policy has the new weights at once. */
static void weight_is_set_for_all(struct kunit *test)
{
	struct bpfsched_user_limits limits = { .weight = 7 };
	struct town town = make_fair_town(test);

	KUNIT_EXPECT_EQ(test, 0,
			bpfsched_user_set(town.f->sched, KUIDT_INIT(BOB),
					  BPFSCHED_USER_SET_WEIGHT, &limits));
	limits.weight = 300;
	KUNIT_EXPECT_EQ(test, 0, set_all(&town, BPFSCHED_USER_SET_WEIGHT,
					 limits));
	KUNIT_EXPECT_EQ(test, 300U, town.alice->user->share.weight);
	KUNIT_EXPECT_EQ(test, 7U, town.bob->user->share.weight);
	KUNIT_EXPECT_EQ(test, 300U, fixture_open_as(town.f, BOB + 1)->user->share.weight);
}

/* Whoever polls for room finds that there is more of it. */
static void pollers_are_told_of_limits_for_all(struct kunit *test)
{
	struct bpfsched_user_limits limits = fixture_no_limits;
	struct town town;

	limits.jobs = 0;
	town = limited_town(test, limits);
	KUNIT_EXPECT_FALSE(test, bpfsched_client_may_submit(town.alice));
	limits.jobs = 1;
	KUNIT_EXPECT_EQ(test, 0, set_all(&town, BPFSCHED_USER_SET_JOBS,
					 limits));
	bpfsched_deferred_flush(town.f->sched);
	KUNIT_EXPECT_TRUE(test, list_empty(&town.alice->poll_link));
	KUNIT_EXPECT_TRUE(test, bpfsched_client_may_submit(town.alice));
}

static void users_are_forgotten(struct kunit *test)
{
	struct town town = limited_town(test, fixture_no_limits);
	struct bpfsched_client *second = fixture_open_as(town.f, ALICE);
	struct bpfsched_user *held;

	KUNIT_EXPECT_PTR_EQ(test, second->user, town.alice->user);
	fixture_close(town.f, town.alice);
	KUNIT_EXPECT_NOT_NULL(test, town_user(&town, ALICE));
	held = bpfsched_user_get(town.f->sched, KUIDT_INIT(ALICE));
	KUNIT_EXPECT_PTR_EQ(test, second->user, held);
	fixture_close(town.f, second);
	KUNIT_EXPECT_PTR_EQ(test, held, town_user(&town, ALICE));
	bpfsched_user_put(held);
	KUNIT_EXPECT_NULL(test, town_user(&town, ALICE));
	KUNIT_EXPECT_NOT_NULL(test, town_user(&town, BOB));
	KUNIT_EXPECT_NOT_NULL(test, town_user(&town, 0));
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(limits_are_set_for_a_user),
	KUNIT_CASE(limits_outlive_the_clients),
	KUNIT_CASE(defaults_come_back),
	KUNIT_CASE(limits_are_set_for_all),
	KUNIT_CASE(each_limit_is_set_for_all),
	KUNIT_CASE(bad_limits_are_set_for_nobody),
	KUNIT_CASE(weight_is_set_for_all),
	KUNIT_CASE(pollers_are_told_of_limits_for_all),
	KUNIT_CASE(users_are_forgotten),
	{}
};

static struct kunit_suite table_suite = {
	.name = "user_table",
	.exit = fixture_exit,
	.test_cases = table_cases,
};

/*
 * Users do all sorts of things; what they have in use is always what a count of
 * their jobs gives, and within their limits.
 */

#define SEED		0x5eed0800ULL
#define ROUNDS		20
#define OPS		1000	/* of a round */
#define USERS		3

/**
 * struct crowd - some users
 * @f: the scheduler
 * @clients: two of each user
 * @rnd: where all randomness comes from
 * @seed: where that came from
 */
struct crowd {
	struct fixture *f;
	struct bpfsched_client *clients[2 * USERS];
	struct rnd_state rnd;
	u64 seed;
};

static u32 below(struct crowd *c, u32 limit)
{
	return prandom_u32_state(&c->rnd) % limit;
}

static void count_jobs(const struct bpfsched_client *client,
		       struct bpfsched_user *count)
{
	struct rb_node *node;

	for (node = rb_first(&client->jobs); node; node = rb_next(node)) {
		struct bpfsched_job *job =
			rb_entry(node, struct bpfsched_job, by_id);
		u64 period_ns = job->timing.period_ns;

		count->jobs++;
		count->waiting += period_ns ||
				  job->state == BPFSCHED_JOB_WAITING;
		if (period_ns)
			count->release_rate +=
				DIV64_U64_ROUND_UP(NSEC_PER_SEC * 1000,
						   period_ns);
		count->reservations += job->entity.admitted;
		count->reserved_ppm += job->reserved_ppm;
		count->pooled += job->pooled;
	}
}

static void check_user(struct crowd *c, u32 number)
{
	const struct bpfsched_user *user = c->clients[2 * number]->user;
	struct kunit *test = c->f->test;
	struct bpfsched_user count = {};

	count_jobs(c->clients[2 * number], &count);
	count_jobs(c->clients[2 * number + 1], &count);
	KUNIT_EXPECT_EQ(test, count.jobs, user->jobs);
	KUNIT_EXPECT_EQ(test, count.waiting, user->waiting);
	KUNIT_EXPECT_EQ(test, count.release_rate, user->release_rate);
	KUNIT_EXPECT_EQ(test, count.reservations, user->reservations);
	KUNIT_EXPECT_EQ(test, count.reserved_ppm, user->reserved_ppm);
	KUNIT_EXPECT_EQ(test, count.pooled, user->pooled);
	KUNIT_EXPECT_LE(test, user->jobs, user->limits.jobs);
	KUNIT_EXPECT_LE(test, user->waiting, user->limits.waiting);
	KUNIT_EXPECT_LE(test, user->release_rate,
			1000 * user->limits.releases);
	KUNIT_EXPECT_LE(test, user->reserved_ppm, user->limits.reserved_ppm);
}

static void random_submit(struct crowd *c)
{
	struct bpfsched_job_desc desc = {
		.priority = below(c, BPFSCHED_PRIORITIES),
		.flags = below(c, 2) ? BPFSCHED_JOB_EVICT : 0,
		.period_ns = below(c, 4) ? 0 : NSEC_PER_SEC / (1 + below(c, 9)),
		.count = 0,
	};

	if (desc.period_ns)
		desc.count = below(c, 3);
	if (!below(c, 3)) {
		desc.flags |= BPFSCHED_JOB_NOT_BEFORE_REL;
		desc.not_before_ns = below(c, 1000);
	}
	if (!below(c, 2)) {
		desc.flags |= BPFSCHED_JOB_DEADLINE_REL |
			      (below(c, 2) ? BPFSCHED_JOB_FIRM : 0);
		desc.deadline_ns = 1 + below(c, 5000);
		desc.run_time_ns = below(c, 2) ? 0 : 1 + below(c, 100);
	}
	fixture_try(c->clients[below(c, 2 * USERS)], c->f->script, &desc);
}

static void random_op(struct crowd *c)
{
	u64 last = atomic64_read(&c->f->sched->next_id);
	u32 i = below(c, 2 * USERS);
	struct bpfsched_completion record;

	switch (below(c, 16)) {
	case 0:
		fixture_close(c->f, c->clients[i]);
		c->clients[i] = fixture_open_as(c->f, ALICE + i / 2);
		break;
	case 1:
	case 2:
		bpfsched_cancel_any(c->f->sched, 0,
				    last - min_t(u64, last, below(c, 24)));
		break;
	case 3:
		fixture_pass(c->f, below(c, 3) ? below(c, 1000) :
						 below(c, NSEC_PER_SEC));
		break;
	case 4:
	case 5:
	case 6:
		while (fixture_read(c->clients[i], &record))
			;
		break;
	case 7:
	case 8:
	case 9:
		c->f->script->takes_ns = below(c, 150);
		fixture_step(c->f);
		break;
	default:
		random_submit(c);
	}
}

static void start_round(struct crowd *c, struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	u32 i;

	trials_start(&c->rnd, c->seed);
	params.preallocate = true;
	params.limits.user = (struct bpfsched_user_limits) {
		.clients = 2,
		.jobs = 1 + below(c, 12),
		.waiting = below(c, 8),
		.releases = below(c, 30),
		.reserved_ppm = below(c, 500000),
		.weight = BPFSCHED_WEIGHT_DEFAULT,
	};
	c->f = fixture_new(test, &params);
	for (i = 0; i < 2 * USERS; i++)
		c->clients[i] = fixture_open_as(c->f, ALICE + i / 2);
}

static void usage_is_what_a_count_gives(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u64 seed = trials_seed(SEED), ops = 0;
	u32 round, op, i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (round = 0; round < trials(ROUNDS); round++) {
		c->seed = seed + round;
		start_round(c, test);
		for (op = 0; op < OPS; op++, ops++) {
			random_op(c);
			bpfsched_deferred_flush(c->f->sched);
			for (i = 0; i < USERS; i++)
				check_user(c, i);
			fixture_check(c->f);
			KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
					    "seed 0x%llx, operation %u",
					    c->seed, op);
		}
		fixture_free(c->f);
		cond_resched();
	}
	trials_done(test, ops, seed);
}

static struct kunit_case crowd_cases[] = {
	KUNIT_CASE(usage_is_what_a_count_gives),
	{}
};

static struct kunit_suite crowd_suite = {
	.name = "user_random",
	.exit = fixture_exit,
	.test_cases = crowd_cases,
};

kunit_test_suites(&limit_suite, &return_suite, &evict_suite, &share_suite,
		  &table_suite, &crowd_suite);
