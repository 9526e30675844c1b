// SPDX-License-Identifier: GPL-2.0
/*
 * The policies by themselves: entities go into a queue and come out in order.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/string.h>

#include "../policies/policy.h"
#include "../sched_core/scheduler.h"
#include "fixture.h"
#include "trials.h"

#define LOW		BPFSCHED_PRIORITY_LOW
#define NORMAL		BPFSCHED_PRIORITY_NORMAL
#define HIGH		BPFSCHED_PRIORITY_HIGH
#define CRITICAL	BPFSCHED_PRIORITY_CRITICAL

#define ENTITIES	512
#define SEED		0x5eed0001ULL
#define SEARCH_ROUNDS	20

/**
 * struct harness - a policy, its queue, and what can be put into it
 * @test: the test
 * @ops: the policy
 * @queue: its queue
 * @used: how many of @entities have been put into the queue
 * @entities: in order of submission
 * @queued: which of them are in the queue
 */
struct harness {
	struct kunit *test;
	const struct bpfsched_policy_ops *ops;
	void *queue;
	u32 used;
	struct bpfsched_entity entities[ENTITIES];
	bool queued[ENTITIES];
};

static int harness_init(struct kunit *test,
			const struct bpfsched_policy_ops *ops)
{
	struct harness *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->test = test;
	h->ops = ops;
	h->queue = kunit_kzalloc(test, ops->queue_size, GFP_KERNEL);
	if (!h->queue)
		return -ENOMEM;
	ops->init(h->queue, 0);
	test->priv = h;
	return 0;
}

static int throughput_suite_init(struct kunit *test)
{
	return harness_init(test, &bpfsched_throughput_policy);
}

static int deadline_suite_init(struct kunit *test)
{
	return harness_init(test, &bpfsched_deadline_policy);
}

static u32 index_of(const struct harness *h,
		    const struct bpfsched_entity *entity)
{
	return entity - h->entities;
}

static struct bpfsched_entity *make(struct harness *h, u8 priority)
{
	struct bpfsched_entity *entity = &h->entities[h->used];

	KUNIT_ASSERT_LT(h->test, h->used, ENTITIES);
	*entity = (struct bpfsched_entity) {
		.seq = ++h->used,
		.priority = priority,
	};
	return entity;
}

static void enqueue(struct harness *h, struct bpfsched_entity *entity)
{
	h->queued[index_of(h, entity)] = true;
	h->ops->enqueue(h->queue, entity);
}

static struct bpfsched_entity *put(struct harness *h, u8 priority)
{
	struct bpfsched_entity *entity = make(h, priority);

	enqueue(h, entity);
	return entity;
}

static struct bpfsched_entity *put_due(struct harness *h, u8 priority,
				       u64 deadline_ns)
{
	struct bpfsched_entity *entity = make(h, priority);

	entity->has_deadline = true;
	entity->deadline.absolute_ns = deadline_ns;
	enqueue(h, entity);
	return entity;
}

static void dequeue(struct harness *h, struct bpfsched_entity *entity)
{
	h->queued[index_of(h, entity)] = false;
	h->ops->dequeue(h->queue, entity);
}

/* Expect an entity to be selected, NULL: none, and take it out of the queue. */
static void expect_next(struct harness *h, struct bpfsched_entity *expected)
{
	struct bpfsched_entity *entity = h->ops->select(h->queue);

	KUNIT_ASSERT_PTR_EQ_MSG(h->test, entity, expected,
				"submitted as number %lld, not %lld",
				entity ? (s64)entity->seq : -1,
				expected ? (s64)expected->seq : -1);
	if (entity)
		dequeue(h, entity);
}

static void empty_queue_selects_nothing(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *entity;

	KUNIT_EXPECT_NULL(test, h->ops->select(h->queue));
	entity = put(h, NORMAL);
	expect_next(h, entity);
	KUNIT_EXPECT_NULL(test, h->ops->select(h->queue));
	entity = put(h, LOW);
	dequeue(h, entity);
	KUNIT_EXPECT_NULL(test, h->ops->select(h->queue));
}

static void select_leaves_the_entity_queued(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *entity = put(h, NORMAL);

	put(h, LOW);
	KUNIT_EXPECT_PTR_EQ(test, entity, h->ops->select(h->queue));
	KUNIT_EXPECT_PTR_EQ(test, entity, h->ops->select(h->queue));
}

static void first_in_is_first_out(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *entities[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(entities); i++)
		entities[i] = put(h, NORMAL);
	for (i = 0; i < ARRAY_SIZE(entities); i++)
		expect_next(h, entities[i]);
	expect_next(h, NULL);
}

/* "Submit order: P1(Normal), P2(Normal), P3(High), P4(Normal)" */
static void example_of_the_guide(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *p1 = put(h, NORMAL);
	struct bpfsched_entity *p2 = put(h, NORMAL);
	struct bpfsched_entity *p3 = put(h, HIGH);
	struct bpfsched_entity *p4 = put(h, NORMAL);

	expect_next(h, p3);
	expect_next(h, p1);
	expect_next(h, p2);
	expect_next(h, p4);
	expect_next(h, NULL);
}

/* In whatever order one of each priority is submitted. */
static void higher_priority_goes_first(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *of[BPFSCHED_PRIORITIES];
	u32 order;
	int p;

	for (order = 0; order < BIT(2 * BPFSCHED_PRIORITIES); order++) {
		u32 seen = 0, i;

		for (i = 0; i < BPFSCHED_PRIORITIES; i++)
			seen |= BIT((order >> (2 * i)) & 3);
		if (seen != BIT(BPFSCHED_PRIORITIES) - 1)
			continue;

		h->used = 0;
		for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
			p = (order >> (2 * i)) & 3;
			of[p] = put(h, p);
		}
		for (p = BPFSCHED_PRIORITIES - 1; p >= 0; p--)
			expect_next(h, of[p]);
		expect_next(h, NULL);
	}
}

/*
 * For every set of priorities that have work: taking away all of one of them,
 * by dequeue from the queue's inside, leaves the rest in order.
 */
static void any_set_of_priorities(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *first[BPFSCHED_PRIORITIES];
	struct bpfsched_entity *second[BPFSCHED_PRIORITIES];
	u32 set, gone;
	int p;

	for (set = 0; set < BIT(BPFSCHED_PRIORITIES); set++) {
		for (gone = 0; gone < BPFSCHED_PRIORITIES; gone++) {
			h->used = 0;
			for (p = 0; p < BPFSCHED_PRIORITIES; p++) {
				first[p] = set & BIT(p) ? put(h, p) : NULL;
				second[p] = set & BIT(p) ? put(h, p) : NULL;
			}
			if (set & BIT(gone)) {
				dequeue(h, second[gone]);
				dequeue(h, first[gone]);
			}
			for (p = BPFSCHED_PRIORITIES - 1; p >= 0; p--) {
				if (p == gone || !(set & BIT(p)))
					continue;
				expect_next(h, first[p]);
				expect_next(h, second[p]);
			}
			expect_next(h, NULL);
		}
	}
}

static void dequeue_anywhere(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *entities[5];
	size_t gone, i;

	for (gone = 0; gone < ARRAY_SIZE(entities); gone++) {
		h->used = 0;
		for (i = 0; i < ARRAY_SIZE(entities); i++)
			entities[i] = put(h, NORMAL);
		dequeue(h, entities[gone]);
		for (i = 0; i < ARRAY_SIZE(entities); i++) {
			if (i != gone)
				expect_next(h, entities[i]);
		}
		expect_next(h, NULL);
	}
}

static void entity_can_come_back(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *low = put(h, LOW), *high = put(h, HIGH);

	expect_next(h, high);
	enqueue(h, high);
	expect_next(h, high);
	expect_next(h, low);
	enqueue(h, low);
	enqueue(h, high);
	expect_next(h, high);
	expect_next(h, low);
	expect_next(h, NULL);
}

/* What goes before what, as the guide words it. */
static bool goes_before(const struct harness *h,
			const struct bpfsched_entity *a,
			const struct bpfsched_entity *b)
{
	if (h->ops->flags & BPFSCHED_POLICY_DEADLINES) {
		if (a->admitted && !b->admitted)
			return true;
		if (b->admitted && !a->admitted)
			return false;
		if (a->has_deadline && !b->has_deadline)
			return true;
		if (b->has_deadline && !a->has_deadline)
			return false;
		if (a->has_deadline) {
			if (a->deadline.absolute_ns < b->deadline.absolute_ns)
				return true;
			if (b->deadline.absolute_ns < a->deadline.absolute_ns)
				return false;
			return a->seq < b->seq;
		}
	}
	if (a->priority > b->priority)
		return true;
	if (b->priority > a->priority)
		return false;
	return a->seq < b->seq;
}

/* The policy says the same of entities that are not in its queue. */
static bool is_before(const struct harness *h, const struct bpfsched_entity *a,
		      const struct bpfsched_entity *b)
{
	bool before = goes_before(h, a, b);

	KUNIT_EXPECT_EQ(h->test, before, h->ops->before(a, b));
	KUNIT_EXPECT_EQ(h->test, !before, h->ops->before(b, a));
	return before;
}

static struct bpfsched_entity *search(struct harness *h)
{
	struct bpfsched_entity *best = NULL;
	u32 i;

	for (i = 0; i < h->used; i++) {
		struct bpfsched_entity *entity = &h->entities[i];

		if (h->queued[i] && (!best || is_before(h, entity, best)))
			best = entity;
	}
	return best;
}

/* Few different times, so that many are equal; from both ends of time. */
static u64 random_time(struct rnd_state *rnd)
{
	u64 time_ns = prandom_u32_state(rnd) % 32;

	return prandom_u32_state(rnd) % 2 ? time_ns : U64_MAX - time_ns;
}

static void put_random(struct harness *h, struct rnd_state *rnd)
{
	bool deadlines = h->ops->flags & BPFSCHED_POLICY_DEADLINES;
	u8 priority = prandom_u32_state(rnd) % BPFSCHED_PRIORITIES;

	struct bpfsched_entity *entity = make(h, priority);

	if (deadlines && prandom_u32_state(rnd) % 4) {
		entity->has_deadline = true;
		entity->deadline.absolute_ns = random_time(rnd);
		entity->admitted = prandom_u32_state(rnd) % 2;
	}
	enqueue(h, entity);
}

/* Fill the queue, while entities come and go; returns how many did. */
static u32 come_and_go(struct harness *h, struct rnd_state *rnd)
{
	u32 i, ops;

	h->used = 0;
	for (ops = 0; h->used < ENTITIES; ops++) {
		switch (prandom_u32_state(rnd) % 4) {
		case 0:
			expect_next(h, search(h));
			break;
		case 1:
			i = prandom_u32_state(rnd) % ENTITIES;
			if (h->queued[i])
				dequeue(h, &h->entities[i]);
			break;
		default:
			put_random(h, rnd);
		}
	}
	for (i = 0; i <= ENTITIES; i++, ops++)
		expect_next(h, search(h));
	return ops;
}

/* Many entities come and go; a search of all of them tells who is next. */
static void agrees_with_a_search(struct kunit *test)
{
	struct harness *h = test->priv;
	u64 seed = trials_seed(SEED), ops = 0;
	struct rnd_state rnd;
	u32 round;

	for (round = 0; round < trials(SEARCH_ROUNDS); round++) {
		trials_start(&rnd, seed + round);
		ops += come_and_go(h, &rnd);
		cond_resched();
	}
	trials_done(test, ops, seed);
}

static struct kunit_case throughput_cases[] = {
	KUNIT_CASE(empty_queue_selects_nothing),
	KUNIT_CASE(select_leaves_the_entity_queued),
	KUNIT_CASE(first_in_is_first_out),
	KUNIT_CASE(example_of_the_guide),
	KUNIT_CASE(higher_priority_goes_first),
	KUNIT_CASE(any_set_of_priorities),
	KUNIT_CASE(dequeue_anywhere),
	KUNIT_CASE(entity_can_come_back),
	KUNIT_CASE(agrees_with_a_search),
	{}
};

static struct kunit_suite throughput_suite = {
	.name = "policy_throughput",
	.init = throughput_suite_init,
	.test_cases = throughput_cases,
};

static void earliest_deadline_goes_first(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *third = put_due(h, CRITICAL, 3000);
	struct bpfsched_entity *first = put_due(h, LOW, 1000);
	struct bpfsched_entity *fourth = put_due(h, HIGH, 4000);
	struct bpfsched_entity *second = put_due(h, NORMAL, 2000);

	expect_next(h, first);
	expect_next(h, second);
	expect_next(h, third);
	expect_next(h, fourth);
	expect_next(h, NULL);
}

static void equal_deadlines_keep_their_order(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *later = put_due(h, CRITICAL, 2000);
	struct bpfsched_entity *p1 = put_due(h, LOW, 1000);
	struct bpfsched_entity *p2 = put_due(h, CRITICAL, 1000);
	struct bpfsched_entity *p3 = put_due(h, NORMAL, 1000);

	expect_next(h, p1);
	expect_next(h, p2);
	expect_next(h, p3);
	expect_next(h, later);
}

static void no_deadline_comes_after_any_deadline(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *none = put(h, CRITICAL);
	struct bpfsched_entity *last = put_due(h, LOW, U64_MAX);
	struct bpfsched_entity *far = put_due(h, LOW, (u64)S64_MAX + 1);
	struct bpfsched_entity *zero = put_due(h, LOW, 0);

	expect_next(h, zero);
	expect_next(h, far);
	expect_next(h, last);
	expect_next(h, none);
	expect_next(h, NULL);
}

/* Whatever their deadlines, near or beyond what the policy can tell apart. */
static void admitted_goes_before_any_other_deadline(struct kunit *test)
{
	static const u64 times[] = { 0, 1000, 1ULL << 62, S64_MAX, U64_MAX };
	struct harness *h = test->priv;
	struct bpfsched_entity *other[ARRAY_SIZE(times)];
	struct bpfsched_entity *admitted[ARRAY_SIZE(times)];
	int i;

	for (i = ARRAY_SIZE(times) - 1; i >= 0; i--) {
		other[i] = put_due(h, CRITICAL, times[i]);
		admitted[i] = make(h, LOW);
		admitted[i]->has_deadline = true;
		admitted[i]->deadline.absolute_ns = times[i];
		admitted[i]->admitted = true;
		enqueue(h, admitted[i]);
	}
	for (i = 0; i < ARRAY_SIZE(times); i++)
		expect_next(h, admitted[i]);
	for (i = 0; i < ARRAY_SIZE(times); i++)
		expect_next(h, other[i]);
	expect_next(h, NULL);
}

static void no_deadline_goes_by_priority(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *low = put(h, LOW);
	struct bpfsched_entity *normal = put(h, NORMAL);
	struct bpfsched_entity *due = put_due(h, LOW, 1000);
	struct bpfsched_entity *critical = put(h, CRITICAL);
	struct bpfsched_entity *normal2 = put(h, NORMAL);

	expect_next(h, due);
	expect_next(h, critical);
	expect_next(h, normal);
	expect_next(h, normal2);
	expect_next(h, low);
	expect_next(h, NULL);
}

/* An entity without a deadline has no time, whatever is left in the field. */
static void time_without_a_deadline_means_nothing(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *none = make(h, NORMAL), *none2, *due;

	none->deadline.absolute_ns = 500;
	enqueue(h, none);
	none2 = put(h, NORMAL);
	due = put_due(h, LOW, 1000);

	expect_next(h, due);
	expect_next(h, none);
	expect_next(h, none2);
}

/* What was taken out comes back to its place, not behind its equals. */
static void entity_comes_back_to_its_place(struct kunit *test)
{
	struct harness *h = test->priv;
	struct bpfsched_entity *p1 = put_due(h, NORMAL, 1000);
	struct bpfsched_entity *p2 = put_due(h, NORMAL, 1000);
	struct bpfsched_entity *n1 = put(h, NORMAL);
	struct bpfsched_entity *n2 = put(h, NORMAL);

	dequeue(h, p1);
	dequeue(h, n1);
	enqueue(h, n1);
	enqueue(h, p1);
	expect_next(h, p1);
	expect_next(h, p2);
	expect_next(h, n1);
	expect_next(h, n2);
}

static struct kunit_case deadline_cases[] = {
	KUNIT_CASE(empty_queue_selects_nothing),
	KUNIT_CASE(select_leaves_the_entity_queued),
	KUNIT_CASE(first_in_is_first_out),
	KUNIT_CASE(example_of_the_guide),
	KUNIT_CASE(higher_priority_goes_first),
	KUNIT_CASE(any_set_of_priorities),
	KUNIT_CASE(dequeue_anywhere),
	KUNIT_CASE(entity_can_come_back),
	KUNIT_CASE(agrees_with_a_search),
	KUNIT_CASE(earliest_deadline_goes_first),
	KUNIT_CASE(equal_deadlines_keep_their_order),
	KUNIT_CASE(no_deadline_comes_after_any_deadline),
	KUNIT_CASE(admitted_goes_before_any_other_deadline),
	KUNIT_CASE(no_deadline_goes_by_priority),
	KUNIT_CASE(time_without_a_deadline_means_nothing),
	KUNIT_CASE(entity_comes_back_to_its_place),
	{}
};

static struct kunit_suite deadline_suite = {
	.name = "policy_deadline",
	.init = deadline_suite_init,
	.test_cases = deadline_cases,
};

static void policies_are_found_by_name(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, &bpfsched_throughput_policy,
			    bpfsched_policy_find("throughput"));
	KUNIT_EXPECT_PTR_EQ(test, &bpfsched_deadline_policy,
			    bpfsched_policy_find("deadline"));
	KUNIT_EXPECT_PTR_EQ(test, &bpfsched_fair_policy,
			    bpfsched_policy_find("fair"));
	KUNIT_EXPECT_NULL(test, bpfsched_policy_find("deadlines"));
	KUNIT_EXPECT_NULL(test, bpfsched_policy_find(""));
}

static void only_the_deadline_policy_has_deadlines(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0U, bpfsched_throughput_policy.flags);
	KUNIT_EXPECT_TRUE(test, bpfsched_deadline_policy.flags &
				BPFSCHED_POLICY_DEADLINES);
}

static void policies_of_the_table_are_valid(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, bpfsched_policies_validate());
	KUNIT_EXPECT_TRUE(test,
			  bpfsched_policy_is_valid(&bpfsched_deadline_policy));
	KUNIT_EXPECT_TRUE(test,
			  bpfsched_policy_is_valid(&bpfsched_throughput_policy));
}

/* Neither the check nor a scheduler takes it. */
static void expect_refused(struct kunit *test,
			   const struct bpfsched_policy_ops *ops,
			   const char *what)
{
	struct bpfsched_params params = fixture_params(ops);

	KUNIT_ASSERT_FALSE_MSG(test, bpfsched_policy_is_valid(ops), "%s", what);
	fixture_expect_not_made(test, &params, what);
}

static void incomplete_policy_is_refused(struct kunit *test)
{
	struct bpfsched_policy_ops ops = bpfsched_deadline_policy;

	expect_refused(test, NULL, "no policy");
	ops.name = NULL;
	expect_refused(test, &ops, "no name");
	ops = bpfsched_deadline_policy;
	ops.queue_size = 0;
	expect_refused(test, &ops, "no queue_size");
	ops = bpfsched_deadline_policy;
	ops.init = NULL;
	expect_refused(test, &ops, "no init");
	ops = bpfsched_deadline_policy;
	ops.enqueue = NULL;
	expect_refused(test, &ops, "no enqueue");
	ops = bpfsched_deadline_policy;
	ops.dequeue = NULL;
	expect_refused(test, &ops, "no dequeue");
	ops = bpfsched_deadline_policy;
	ops.select = NULL;
	expect_refused(test, &ops, "no select");
}

static void malformed_policy_is_refused(struct kunit *test)
{
	struct bpfsched_policy_ops ops = bpfsched_deadline_policy;

	ops.name = "";
	expect_refused(test, &ops, "an empty name");
	ops = bpfsched_deadline_policy;
	ops.flags |= BIT(31);
	expect_refused(test, &ops, "an unknown flag");
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(policies_are_found_by_name),
	KUNIT_CASE(only_the_deadline_policy_has_deadlines),
	KUNIT_CASE(policies_of_the_table_are_valid),
	KUNIT_CASE(incomplete_policy_is_refused),
	KUNIT_CASE(malformed_policy_is_refused),
	{}
};

static struct kunit_suite table_suite = {
	.name = "policy_table",
	.test_cases = table_cases,
};

kunit_test_suites(&throughput_suite, &deadline_suite, &table_suite);
