// SPDX-License-Identifier: GPL-2.0
/*
 * The four operations on deadlines: at, from now, is expired, remaining.
 */
#include <kunit/test.h>

#include "../policies/deadline.h"

static void at_keeps_the_time_and_its_distance(struct kunit *test)
{
	struct bpfsched_deadline deadline = bpfsched_deadline_at(1000, 1500);

	KUNIT_EXPECT_EQ(test, 1500ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 500ULL, deadline.relative_ns);
}

static void at_a_time_that_has_passed_has_no_distance(struct kunit *test)
{
	struct bpfsched_deadline deadline = bpfsched_deadline_at(1000, 999);

	KUNIT_EXPECT_EQ(test, 999ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, deadline.relative_ns);

	deadline = bpfsched_deadline_at(1000, 1000);
	KUNIT_EXPECT_EQ(test, 1000ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, deadline.relative_ns);

	deadline = bpfsched_deadline_at(U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, 0ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, deadline.relative_ns);
}

static void at_the_end_of_time(struct kunit *test)
{
	struct bpfsched_deadline deadline = bpfsched_deadline_at(0, U64_MAX);

	KUNIT_EXPECT_EQ(test, U64_MAX, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, U64_MAX, deadline.relative_ns);
}

static void from_now_adds(struct kunit *test)
{
	struct bpfsched_deadline deadline =
		bpfsched_deadline_from_now(1000, 500);

	KUNIT_EXPECT_EQ(test, 1500ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 500ULL, deadline.relative_ns);

	deadline = bpfsched_deadline_from_now(1000, 0);
	KUNIT_EXPECT_EQ(test, 1000ULL, deadline.absolute_ns);
	KUNIT_EXPECT_EQ(test, 0ULL, deadline.relative_ns);
}

static void from_now_saturates(struct kunit *test)
{
	static const struct {
		u64 now_ns, relative_ns, absolute_ns;
	} sums[] = {
		{ 1000, U64_MAX - 1001, U64_MAX - 1 },
		{ 1000, U64_MAX - 1000, U64_MAX },
		{ 1000, U64_MAX - 999, U64_MAX },
		{ 1000, U64_MAX, U64_MAX },
		{ U64_MAX, 0, U64_MAX },
		{ U64_MAX, 1, U64_MAX },
		{ U64_MAX, U64_MAX, U64_MAX },
	};
	struct bpfsched_deadline deadline;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		deadline = bpfsched_deadline_from_now(sums[i].now_ns,
						      sums[i].relative_ns);
		KUNIT_EXPECT_EQ_MSG(test, sums[i].absolute_ns,
				    deadline.absolute_ns, "%llu from %llu",
				    sums[i].relative_ns, sums[i].now_ns);
		KUNIT_EXPECT_EQ_MSG(test, sums[i].relative_ns,
				    deadline.relative_ns,
				    "the distance is kept as it was given");
	}
}

static void expires_at_its_very_nanosecond(struct kunit *test)
{
	struct bpfsched_deadline deadline = bpfsched_deadline_at(1000, 1500);

	KUNIT_EXPECT_FALSE(test, bpfsched_deadline_is_expired(&deadline, 0));
	KUNIT_EXPECT_FALSE(test, bpfsched_deadline_is_expired(&deadline, 1499));
	KUNIT_EXPECT_TRUE(test, bpfsched_deadline_is_expired(&deadline, 1500));
	KUNIT_EXPECT_TRUE(test, bpfsched_deadline_is_expired(&deadline, 1501));
	KUNIT_EXPECT_TRUE(test,
			  bpfsched_deadline_is_expired(&deadline, U64_MAX));
}

static void times_are_unsigned(struct kunit *test)
{
	struct bpfsched_deadline first = bpfsched_deadline_at(0, 0);
	struct bpfsched_deadline last = bpfsched_deadline_at(0, U64_MAX);

	KUNIT_EXPECT_TRUE(test, bpfsched_deadline_is_expired(&first, 0));
	KUNIT_EXPECT_FALSE(test, bpfsched_deadline_is_expired(&last, 0));
	KUNIT_EXPECT_FALSE(test,
			   bpfsched_deadline_is_expired(&last, U64_MAX - 1));
	KUNIT_EXPECT_TRUE(test, bpfsched_deadline_is_expired(&last, U64_MAX));
}

static void remaining_ends_at_nothing(struct kunit *test)
{
	struct bpfsched_deadline deadline = bpfsched_deadline_at(1000, 1500);
	struct bpfsched_deadline last = bpfsched_deadline_at(1000, U64_MAX);

	KUNIT_EXPECT_EQ(test, 1500ULL,
			bpfsched_deadline_remaining(&deadline, 0));
	KUNIT_EXPECT_EQ(test, 500ULL,
			bpfsched_deadline_remaining(&deadline, 1000));
	KUNIT_EXPECT_EQ(test, 1ULL,
			bpfsched_deadline_remaining(&deadline, 1499));
	KUNIT_EXPECT_EQ(test, 0ULL,
			bpfsched_deadline_remaining(&deadline, 1500));
	KUNIT_EXPECT_EQ(test, 0ULL,
			bpfsched_deadline_remaining(&deadline, 1501));
	KUNIT_EXPECT_EQ(test, 0ULL,
			bpfsched_deadline_remaining(&deadline, U64_MAX));
	KUNIT_EXPECT_EQ(test, U64_MAX, bpfsched_deadline_remaining(&last, 0));
}

static struct kunit_case deadline_cases[] = {
	KUNIT_CASE(at_keeps_the_time_and_its_distance),
	KUNIT_CASE(at_a_time_that_has_passed_has_no_distance),
	KUNIT_CASE(at_the_end_of_time),
	KUNIT_CASE(from_now_adds),
	KUNIT_CASE(from_now_saturates),
	KUNIT_CASE(expires_at_its_very_nanosecond),
	KUNIT_CASE(times_are_unsigned),
	KUNIT_CASE(remaining_ends_at_nothing),
	{}
};

static struct kunit_suite deadline_suite = {
	.name = "deadline",
	.test_cases = deadline_cases,
};

kunit_test_suite(deadline_suite);
