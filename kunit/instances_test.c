// SPDX-License-Identifier: GPL-2.0
/*
 * Schedulers by name: what is undone is the scheduler that was made, and not
 * whatever has its name.
 */
#include <kunit/test.h>
#include <linux/err.h>

#include "../sched_core/instances.h"
#include "fixture.h"

#define NAME	"kunit-instance"

static struct bpfsched *create(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_throughput_policy);
	struct bpfsched *sched;
	u32 thread_count = 0;

	params.name = NAME;
	params.clock = NULL;
	sched = bpfsched_instance_create(&params, NULL, &thread_count);
	KUNIT_ASSERT_FALSE(test, IS_ERR(sched));
	KUNIT_EXPECT_EQ(test, 1U, thread_count);
	return sched;
}

/* Whether the name leads to a scheduler, NULL: to none. */
static bool is_named(const struct bpfsched *expected)
{
	struct bpfsched *sched = bpfsched_instance_get(NAME);

	if (sched)
		bpfsched_put(sched);
	return sched == expected;
}

static void undo_ends_what_was_made(struct kunit *test)
{
	struct bpfsched *sched = create(test);

	KUNIT_EXPECT_TRUE(test, is_named(sched));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_instance_undo(sched));
	KUNIT_EXPECT_TRUE(test, is_named(NULL));
	bpfsched_put(sched);
}

/* Somebody has ended it, and made another one of that name. */
static void undo_leaves_a_namesake_alone(struct kunit *test)
{
	struct bpfsched *first = create(test), *second;

	KUNIT_EXPECT_EQ(test, 0, bpfsched_instance_destroy(NAME));
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_instance_undo(first));
	second = create(test);
	KUNIT_EXPECT_EQ(test, -ENOENT, bpfsched_instance_undo(first));
	KUNIT_EXPECT_TRUE(test, is_named(second));
	KUNIT_EXPECT_EQ(test, 0, bpfsched_instance_undo(second));
	bpfsched_put(second);
	bpfsched_put(first);
}

static void undo_leaves_what_is_used(struct kunit *test)
{
	struct bpfsched *sched = create(test);
	struct bpfsched_client *client = bpfsched_client_open(sched, false);

	KUNIT_EXPECT_NOT_NULL(test, client);
	if (client) {
		KUNIT_EXPECT_EQ(test, -EBUSY, bpfsched_instance_undo(sched));
		KUNIT_EXPECT_TRUE(test, is_named(sched));
		bpfsched_client_close(client);
	}
	KUNIT_EXPECT_EQ(test, 0, bpfsched_instance_undo(sched));
	bpfsched_put(sched);
}

static struct kunit_case instances_cases[] = {
	KUNIT_CASE(undo_ends_what_was_made),
	KUNIT_CASE(undo_leaves_a_namesake_alone),
	KUNIT_CASE(undo_leaves_what_is_used),
	{}
};

static struct kunit_suite instances_suite = {
	.name = "instances",
	.test_cases = instances_cases,
};

kunit_test_suites(&instances_suite);
