// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of windows against a model of what is promised of them.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/prandom.h>

#include "machine.h"

/* More things to look at than there are windows. */
#define THINGS		(2 * INTERP_WINDOWS)
#define LOOKS		20000

/* A state that a run has just begun in, with no program. */
static struct interp_state *new_state(struct kunit *test)
{
	struct interp_state *state;

	state = kunit_kzalloc(test, sizeof(*state), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, state);
	return state;
}

/* Look at one of a row of things of 8 bytes. */
static u64 look_at(struct interp_state *state, u64 *things, u32 i, u32 tag)
{
	const struct bpfsched_memory memory = {
		.base = &things[i],
		.len = sizeof(things[i]),
	};

	return interp_window_show(state, &memory, tag);
}

static void windows_are_found_again(struct kunit *test)
{
	struct interp_state *state = new_state(test);
	u64 things[INTERP_WINDOWS];
	u32 turn, i;

	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < INTERP_WINDOWS; i++)
			KUNIT_EXPECT_EQ(test, WINDOW(i, 0),
					look_at(state, things, i, 0));
	}
	KUNIT_EXPECT_EQ(test, (u32)INTERP_REGIONS, state->region_count);
}

static void tags_tell_windows_apart(struct kunit *test)
{
	struct interp_state *state = new_state(test);
	u64 thing;

	KUNIT_EXPECT_EQ(test, WINDOW(0, 0), look_at(state, &thing, 0, 1));
	KUNIT_EXPECT_EQ(test, WINDOW(1, 0), look_at(state, &thing, 0, 2));
	KUNIT_EXPECT_EQ(test, WINDOW(0, 0), look_at(state, &thing, 0, 1));
}

static void windows_go_by_generation(struct kunit *test)
{
	struct interp_state *state = new_state(test);
	u64 things[INTERP_WINDOWS + 1];
	u32 i;

	for (i = 0; i < INTERP_WINDOWS; i++)
		look_at(state, things, i, 0);
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, WINDOW(0, 0)));
	KUNIT_EXPECT_EQ(test, WINDOW(0, 1),
			look_at(state, things, INTERP_WINDOWS, 0));
	KUNIT_EXPECT_TRUE(test, interp_window_is_gone(state, WINDOW(0, 0)));
	KUNIT_EXPECT_TRUE(test, interp_window_is_gone(state, WINDOW(0, 0) + 7));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, WINDOW(0, 1)));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, WINDOW(0, 2)));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, WINDOW(1, 0)));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, CONTEXT(0)));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, 0));
	KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, U64_MAX));
}

/**
 * struct window_model - what is known of a row of things
 * @address: where each was seen last; 0: it was not yet
 * @used: when that was
 * @seen: for each window what is seen through it now, number + 1; 0: nothing yet
 * @generation: of each window
 */
struct window_model {
	u64 address[THINGS];
	u32 used[THINGS];
	u32 seen[INTERP_WINDOWS];
	u32 generation[INTERP_WINDOWS];
};

/* How many other things were looked at since thing @i was. */
static u32 others_since(const struct window_model *model, u32 i)
{
	u32 other, count = 0;

	for (other = 0; other < THINGS; other++)
		count += model->used[other] > model->used[i];
	return count;
}

static bool is_open(const struct window_model *model, u32 i)
{
	u32 w = (model->address[i] >> 32) % INTERP_REGIONS -
		INTERP_REGION_WINDOWS;

	return model->address[i] && model->seen[w] == i + 1 &&
	       model->address[i] == WINDOW(w, model->generation[w]);
}

/* Thing @i was seen at @address: through its window still, or through another. */
static void model_look_at(struct kunit *test, struct window_model *model, u32 i,
			  u64 address, u32 now)
{
	u32 w = (address >> 32) % INTERP_REGIONS - INTERP_REGION_WINDOWS;
	u32 gone;

	KUNIT_ASSERT_LT(test, w, (u32)INTERP_WINDOWS);
	if (is_open(model, i)) {
		KUNIT_ASSERT_EQ_MSG(test, model->address[i], address,
				    "look %u", now);
	} else {
		gone = model->seen[w];
		if (gone) {
			KUNIT_ASSERT_GE_MSG(test, others_since(model, gone - 1),
					    (u32)INTERP_WINDOWS_KEPT,
					    "look %u", now);
			model->generation[w]++;
		}
		KUNIT_ASSERT_EQ_MSG(test, WINDOW(w, model->generation[w]),
				    address, "look %u", now);
		model->seen[w] = i + 1;
	}
	model->address[i] = address;
	model->used[i] = now;
}

static void windows_agree_with_the_model(struct kunit *test)
{
	static const u32 many[] = { INTERP_WINDOWS_KEPT, 70, THINGS };
	struct interp_state *state = new_state(test);
	struct window_model *model;
	struct rnd_state rnd;
	u64 *things, address;
	u32 now, i;

	model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	things = kunit_kcalloc(test, THINGS, sizeof(*things), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model);
	KUNIT_ASSERT_NOT_NULL(test, things);
	prandom_seed_state(&rnd, 1);
	for (now = 1; now <= LOOKS; now++) {
		/* Few things at times, so that they are found again. */
		i = prandom_u32_state(&rnd) %
		    many[now / 500 % ARRAY_SIZE(many)];
		address = look_at(state, things, i, 0);
		model_look_at(test, model, i, address, now);
		KUNIT_ASSERT_PTR_EQ(test, (u8 *)&things[i],
				    state->regions[(address >> 32) %
						   INTERP_REGIONS].base);
	}
}

/*
 * The worst that can be: all windows are in use, and as many were used since as
 * an epoch takes.
 */
static void windows_are_kept_as_promised(struct kunit *test)
{
	struct interp_state *state = new_state(test);
	u64 things[2 * INTERP_WINDOWS];
	u32 turn, i, kept = 0;
	u64 address;

	for (turn = 0; turn < INTERP_WINDOWS; turn++) {
		for (i = 0; i < INTERP_WINDOWS + turn; i++)
			look_at(state, things, i, 0);
		address = look_at(state, things, turn, 0);
		for (i = 0; i < INTERP_WINDOWS_KEPT; i++)
			look_at(state, things, INTERP_WINDOWS + kept++ %
						       INTERP_WINDOWS, 0);
		KUNIT_EXPECT_FALSE(test, interp_window_is_gone(state, address));
		KUNIT_EXPECT_EQ(test, address, look_at(state, things, turn, 0));
	}
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE(windows_are_found_again),
	KUNIT_CASE(tags_tell_windows_apart),
	KUNIT_CASE(windows_go_by_generation),
	KUNIT_CASE(windows_are_kept_as_promised),
	KUNIT_CASE(windows_agree_with_the_model),
	{}
};

static struct kunit_suite window_suite = {
	.name = "interp_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
