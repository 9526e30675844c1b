// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of walks of a hash that is made here: what a run holds, and what happens
 * to it between the pieces in which keys are collected and elements found.
 *
 * The hash has its elements in the order of their numbers, which are their keys.
 * Like those of the kernel it gives its first key where the last is not there.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "../interp/walk.h"
#include "machine.h"

#define ELEMENTS	100
#define CALLX(reg)	INSN(0x8d, reg, 0, 0, 0)
#define NUMBERS_MAX	(INTERP_WALK_MAX + 1)

/* What a look-up counts, see interp_map_init(). */
#define LOOKUP_WORK	(128 + sizeof(u64))

/* Keys of a piece where all that a slice may do is used up before. */
#define KEYS_AT_ONCE	16

static struct {
	struct bpf_map map;
	DECLARE_BITMAP(live, NUMBERS_MAX);
	u64 values[ELEMENTS];
	u32 calls;
	u32 marks;
	bool flees;	/* each element is deleted as soon as it was found */
} hash;

static void *look_up(void *key)
{
	u64 number = *(u64 *)key;

	WARN_ON_ONCE(!rcu_read_lock_held());
	hash.calls++;
	if (hash.flees || number >= NUMBERS_MAX ||
	    !test_bit(number, hash.live))
		return NULL;
	return &hash.values[number % ELEMENTS];
}

/* A walk is to look in such a way that an LRU hash does not keep it for that. */
static void *hash_lookup(struct bpf_map *map, void *key)
{
	hash.marks++;
	return look_up(key);
}

static void *hash_peek(struct bpf_map *map, void *key)
{
	return look_up(key);
}

static int hash_next_key(struct bpf_map *map, void *key, void *next)
{
	u64 number = key ? *(u64 *)key : 0;

	WARN_ON_ONCE(!rcu_read_lock_held());
	hash.calls++;
	if (key)
		number = test_bit(number, hash.live) ? number + 1 : 0;
	number = find_next_bit(hash.live, NUMBERS_MAX, number);
	if (number == NUMBERS_MAX)
		return -ENOENT;
	memset(next, 0, map->key_size);
	*(u64 *)next = number;
	return 0;
}

/* By the kernel these return an int or a long. */
#define update_result typeof(hash.map.ops->map_update_elem(NULL, NULL, NULL, 0))

static update_result hash_update(struct bpf_map *map, void *key, void *value,
				 u64 flags)
{
	return 0;
}

static update_result hash_delete(struct bpf_map *map, void *key)
{
	return 0;
}

static const struct bpf_map_ops hash_ops = {
	.map_lookup_elem = hash_lookup,
	.map_update_elem = hash_update,
	.map_delete_elem = hash_delete,
	.map_get_next_key = hash_next_key,
};

static const struct bpf_map_ops lru_ops = {
	.map_lookup_elem = hash_lookup,
	.map_lookup_elem_sys_only = hash_peek,
	.map_update_elem = hash_update,
	.map_delete_elem = hash_delete,
	.map_get_next_key = hash_next_key,
};

static void give_hash(struct machine *m, u32 max_entries, u32 count)
{
	u32 i;

	hash.map = (struct bpf_map) {
		.ops = &hash_ops,
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(u64),
		.value_size = sizeof(u64),
		.max_entries = max_entries,
	};
	bpfsched_map_clear_special_fields(&hash.map);
	bitmap_zero(hash.live, NUMBERS_MAX);
	bitmap_set(hash.live, 0, count);
	for (i = 0; i < ELEMENTS; i++)
		hash.values[i] = 3 * i;
	hash.calls = 0;
	hash.marks = 0;
	hash.flees = false;
	m->maps[0] = (struct bpfsched_map) {
		.map = &hash.map, .readable = true, .writable = true,
	};
	m->map_count = 1;
}

/* Goes through the map; stops at a value that is not 3 times the key. */
static const struct bpf_insn walking[] = {
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 5), INSN_LDDW_END(0),
	INSN_MOV_K(3, 0), INSN_MOV_K(4, 0),
	INSN_HELPER(BPF_FUNC_for_each_map_elem),
	INSN_EXIT,
	/* Slot 8, the callback. */
	INSN_LDX(BPF_DW, 6, 2, 0), INSN_LDX(BPF_DW, 7, 3, 0),
	INSN_ALU64_K(BPF_MUL, 6, 3), INSN_MOV_K(0, 1),
	INSN_JMP_X(BPF_JNE, 6, 7, 1), INSN_MOV_K(0, 0),
	INSN_EXIT,
};

/* What it executes before the helper, with it, and for each element. */
#define INSNS_BEFORE	4
#define INSNS_CALL	7

/* The same, but its r0 is the helper, and the walk is called by that. */
static const struct bpf_insn walking_by_number[] = {
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 6), INSN_LDDW_END(0),
	INSN_MOV_K(3, 0), INSN_MOV_K(4, 0),
	INSN_MOV_K(0, BPF_FUNC_for_each_map_elem), CALLX(0),
	INSN_EXIT,
	INSN_MOV_K(0, 0), INSN_EXIT,
};

/* Counts only: elements have any value. */
static const struct bpf_insn counting[] = {
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 5), INSN_LDDW_END(0),
	INSN_MOV_K(3, 0), INSN_MOV_K(4, 0),
	INSN_HELPER(BPF_FUNC_for_each_map_elem),
	INSN_EXIT,
	INSN_MOV_K(0, 0), INSN_EXIT,
};

static void expect_walk(struct kunit *test, u64 r0)
{
	struct machine *m = test->priv;
	u32 i;

	for (i = 0; i < LOOPS; i++) {
		KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE,
				(int)machine_run(m, loop_budgets[i]));
		KUNIT_EXPECT_EQ(test, r0, m->result.r0);
		KUNIT_EXPECT_NULL(test, m->state.walks);
	}
}

static void walk_frees_what_it_collected(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 count;

	for (count = 0; count <= ELEMENTS; count += 25) {
		give_hash(m, ELEMENTS, count);
		machine_load(test, walking, ARRAY_SIZE(walking));
		expect_walk(test, count);
	}
}

/* After each instruction of a walk, the run ends instead of going on. */
static void finish_frees_walks(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 budget, held = 0;

	give_hash(m, ELEMENTS, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	for (budget = 1; budget < 40; budget++) {
		KUNIT_EXPECT_EQ(test, (int)BPFSCHED_EXHAUSTED,
				(int)machine_run(m, budget));
		held += !!m->state.walks;
		m->engine->finish(&m->state);
		KUNIT_EXPECT_NULL(test, m->state.walks);
		KUNIT_EXPECT_NULL(test, m->state.hash_keys[0]);
	}
	KUNIT_EXPECT_EQ_MSG(test, 35U, held, "the walk begins after 4");
}

/* The next instruction is executed; returns how often the map was called. */
static u32 step(struct kunit *test, enum bpfsched_outcome *outcome)
{
	struct machine *m = test->priv;
	u32 before = hash.calls;

	*outcome = machine_step(m);
	return hash.calls - before;
}

static void step_over(struct kunit *test, u32 instructions)
{
	enum bpfsched_outcome outcome;

	while (instructions--)
		step(test, &outcome);
}

/* Execute the rest of a run, and expect what it returns. */
static void expect_rest(struct kunit *test, u64 r0)
{
	struct machine *m = test->priv;

	m->state.budget = 1000000;
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE, (int)machine_go_on(m));
	KUNIT_EXPECT_EQ(test, r0, m->result.r0);
	KUNIT_EXPECT_NULL(test, m->state.walks);
}

/* Execute a run from its start. */
static void expect_run(struct kunit *test, u64 r0)
{
	machine_begin(test->priv, 1);
	expect_rest(test, r0);
}

/*
 * Between two instructions no more is asked of the map than a slice may do, and
 * where all of it is used up by the buckets, no more than KEYS_AT_ONCE keys.
 */
static void keys_are_collected_in_pieces(struct kunit *test)
{
	static const struct {
		u32 max_entries;
		u32 keys;
	} cases[] = {
		{ INTERP_WALK_MAX, KEYS_AT_ONCE },
		{ 4096, (32768 - 4096) / (3 * LOOKUP_WORK) + 1 },
		{ ELEMENTS, (32768 - 128) / (3 * LOOKUP_WORK) + 1 },
	};
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u32 i, calls, most;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		give_hash(m, cases[i].max_entries, ELEMENTS);
		machine_load(test, walking, ARRAY_SIZE(walking));
		machine_begin(m, 1);
		most = 0;
		do {
			calls = step(test, &outcome);
			most = max(most, calls);
		} while (outcome == BPFSCHED_EXHAUSTED);
		KUNIT_EXPECT_EQ(test, (u64)ELEMENTS, m->result.r0);
		/* The first has no key before it to look up. */
		KUNIT_EXPECT_LE(test, most, 2 * cases[i].keys);
		KUNIT_EXPECT_GE(test, most, 2 * cases[i].keys - 1);
		KUNIT_EXPECT_EQ(test, m->result.instructions,
				(u64)INSNS_BEFORE + 1 +
				INSNS_CALL * ELEMENTS + 1 +
				ELEMENTS / cases[i].keys);
	}
}

static void helper_is_called_by_number(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking_by_number, ARRAY_SIZE(walking_by_number));
	expect_walk(test, ELEMENTS);
}

/* The word that asks for a pause is there from the helper on. */
static void walk_pauses(struct kunit *test)
{
	static const u32 pause = BPFSCHED_CONTROL_PAUSE;
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE + 1);
	KUNIT_EXPECT_NOT_NULL(test, m->state.walks);
	m->word = &pause;
	m->state.budget = 1000;
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_PAUSED, (int)machine_go_on(m));
	m->word = &m->control;
	expect_rest(test, ELEMENTS);
}

/*
 * While keys are collected, the one goes where they were: the walk begins anew,
 * and no element comes twice. Others that go are left out, one that is new too or
 * not, and all that have come before stay.
 */
static void last_key_is_deleted(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE + 2);
	clear_bit(2 * KEYS_AT_ONCE - 1, hash.live);
	expect_rest(test, ELEMENTS - 1);
}

static void deleted_elements_are_left_out(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	/* All are collected, two callbacks have come. */
	step_over(test, INSNS_BEFORE + ELEMENTS / KEYS_AT_ONCE + 1 +
			2 * INSNS_CALL);
	KUNIT_ASSERT_NOT_NULL(test, m->state.walks);
	bitmap_clear(hash.live, 3, ELEMENTS - 4);
	hash.values[1] = 17;
	expect_rest(test, 4);
}

/* To find that all the rest is gone takes as many pieces. */
static void deleted_elements_take_safe_points(struct kunit *test)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u32 count = 4000, most = 0;

	give_hash(m, INTERP_WALK_MAX, count);
	machine_load(test, counting, ARRAY_SIZE(counting));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE + count / KEYS_AT_ONCE + 1);
	KUNIT_ASSERT_NOT_NULL(test, m->state.walks);
	bitmap_clear(hash.live, 1, count - 2);
	do {
		most = max(most, step(test, &outcome));
	} while (outcome == BPFSCHED_EXHAUSTED);
	KUNIT_EXPECT_EQ(test, 2ULL, m->result.r0);
	KUNIT_EXPECT_LE(test, most, (u32)(32768 / LOOKUP_WORK) + KEYS_AT_ONCE);
	KUNIT_EXPECT_GE(test, most, (u32)(32768 / LOOKUP_WORK) - KEYS_AT_ONCE);
}

/* All that was collected is gone before the first callback. */
static void all_are_deleted(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE + ELEMENTS / KEYS_AT_ONCE);
	KUNIT_ASSERT_NOT_NULL(test, m->state.walks);
	bitmap_zero(hash.live, NUMBERS_MAX);
	expect_rest(test, 0);
}

/*
 * Nothing that is kept in a frame is taken for an address of the kernel: a
 * processor may take what a program has handed to another helper for it.
 */
static void frame_holds_no_address(struct kunit *test)
{
	struct machine *m = test->priv;
	struct interp_frame *frame = &m->state.frames[0];

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE + ELEMENTS / KEYS_AT_ONCE + 1 +
			2 * INSNS_CALL);
	KUNIT_ASSERT_NOT_NULL(test, m->state.walks);
	memset(&frame->data[1], 0x5a, sizeof(frame->data) - sizeof(u64));
	expect_rest(test, ELEMENTS);
}

/* Then all buckets may have to be looked at twice, but not more often. */
static void piece_ends_when_the_last_key_is_gone(struct kunit *test)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u32 i;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	hash.flees = true;
	machine_load(test, walking, ARRAY_SIZE(walking));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE);
	/* A first key, another, and whether the first is there yet. */
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, 3U, step(test, &outcome));
}

/* Somebody deletes the last key again and again. */
static void deleting_ends_a_walk(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, INTERP_WALK_MAX, ELEMENTS);
	hash.flees = true;
	machine_load(test, walking, ARRAY_SIZE(walking));
	expect_run(test, -EAGAIN);
	KUNIT_EXPECT_GE(test, m->result.instructions,
			(u64)2 * INTERP_WALK_MAX / KEYS_AT_ONCE);
}

static void too_much_to_collect(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 keys = INTERP_WALK_BYTES / INTERP_KEY_MAX;

	give_hash(m, INTERP_WALK_MAX, INTERP_WALK_MAX);
	machine_load(test, counting, ARRAY_SIZE(counting));
	expect_run(test, INTERP_WALK_MAX);
	bitmap_set(hash.live, INTERP_WALK_MAX, 1);
	expect_run(test, -E2BIG);

	give_hash(m, INTERP_WALK_MAX, keys);
	hash.map.key_size = INTERP_KEY_MAX;
	machine_load(test, counting, ARRAY_SIZE(counting));
	expect_run(test, keys);
	bitmap_set(hash.live, keys, 1);
	expect_run(test, -E2BIG);

	give_hash(m, INTERP_WALK_MAX + 1, ELEMENTS);
	machine_load(test, counting, ARRAY_SIZE(counting));
	expect_run(test, -E2BIG);
	KUNIT_EXPECT_EQ(test, 0U, hash.calls);
}

/* The first callback walks as well, which is all; what that gave is returned. */
static const struct bpf_insn walking_in_a_walk[] = {
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 7), INSN_LDDW_END(0),
	INSN_MOV_X(3, 10), INSN_ADD_K(3, -8), INSN_MOV_K(4, 0),
	INSN_HELPER(BPF_FUNC_for_each_map_elem),
	INSN_LDX(BPF_DW, 0, 10, -8), INSN_EXIT,
	/* Slot 10, the callback. */
	INSN_MOV_X(6, 4),
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 7), INSN_LDDW_END(0),
	INSN_MOV_K(3, 0), INSN_MOV_K(4, 0),
	INSN_HELPER(BPF_FUNC_for_each_map_elem),
	INSN_STX(BPF_DW, 6, 0, 0), INSN_MOV_K(0, 1), INSN_EXIT,
	/* Slot 21, that of the inner walk. */
	INSN_MOV_K(0, 0), INSN_EXIT,
};

/* What walks of a run hold is bounded, for all of it may have to be freed at once. */
static void too_much_for_two_walks(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 keys = INTERP_WALK_BYTES / INTERP_KEY_MAX / 2;

	give_hash(m, INTERP_WALK_MAX, keys);
	hash.map.key_size = INTERP_KEY_MAX;
	machine_load(test, walking_in_a_walk, ARRAY_SIZE(walking_in_a_walk));
	expect_run(test, keys);
	bitmap_set(hash.live, keys, 1);
	expect_run(test, -E2BIG);
}

/* What FREE_WORK of interp/walk.c lets a slice free. */
#define FREED_AT_ONCE	(32768 / 64)

/* Returns how many instructions the end of the walk takes, which frees its keys. */
static u32 steps_to_the_end(struct kunit *test)
{
	struct machine *m = test->priv;
	enum bpfsched_outcome outcome;
	u32 steps = 0;

	while (m->state.walks) {
		step(test, &outcome);
		KUNIT_ASSERT_EQ(test, (int)BPFSCHED_EXHAUSTED, (int)outcome);
		steps++;
	}
	return steps;
}

/* The first callback ends it; then it is there yet, with all that it has. */
static const struct bpf_insn walking_once[] = {
	INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
	INSN_LDDW(2, BPF_PSEUDO_FUNC, 5), INSN_LDDW_END(0),
	INSN_MOV_K(3, 0), INSN_MOV_K(4, 0),
	INSN_HELPER(BPF_FUNC_for_each_map_elem),
	INSN_EXIT,
	INSN_MOV_K(0, 1), INSN_EXIT,
};

static void what_was_collected_is_freed_in_pieces(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 in_a_piece = (4096 - sizeof(void *)) / INTERP_KEY_MAX;
	u32 pieces = FREED_AT_ONCE * 2 + 5, keys = pieces * in_a_piece;
	enum bpfsched_outcome outcome;

	give_hash(m, INTERP_WALK_MAX, keys);
	hash.map.key_size = INTERP_KEY_MAX;
	machine_load(test, walking_once, ARRAY_SIZE(walking_once));
	machine_begin(m, 1);
	do {
		step(test, &outcome);
	} while (!m->state.depth);
	step_over(test, 1);
	KUNIT_EXPECT_EQ(test, 3U, steps_to_the_end(test));
	expect_rest(test, 1);
	KUNIT_EXPECT_EQ(test, 0U, m->state.depth);
}

/* No callback comes, and what was collected is freed by the call itself. */
static void too_much_is_freed_in_pieces(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 keys = INTERP_WALK_BYTES / INTERP_KEY_MAX;
	enum bpfsched_outcome outcome;

	give_hash(m, INTERP_WALK_MAX, keys + 1);
	hash.map.key_size = INTERP_KEY_MAX;
	machine_load(test, walking_once, ARRAY_SIZE(walking_once));
	machine_begin(m, 1);
	step_over(test, INSNS_BEFORE);
	while (step(test, &outcome))
		KUNIT_ASSERT_EQ(test, (int)BPFSCHED_EXHAUSTED, (int)outcome);
	KUNIT_EXPECT_NOT_NULL(test, m->state.walks);
	KUNIT_EXPECT_GE(test, steps_to_the_end(test), 1U);
	expect_rest(test, -E2BIG);
}

/* Room for the key, the walk itself, and pieces. */
static u32 allocations(u32 keys)
{
	u32 in_a_piece = (4096 - sizeof(void *)) / INTERP_KEY_MAX;

	/* That there is no more is found with a place for one more. */
	return 2 + keys / in_a_piece + 1;
}

/* Execute a run with one allocation that fails, and expect what it returns. */
static void expect_failing(struct kunit *test, u32 allocation, u64 r0)
{
	struct machine *m = test->priv;

	interp_walk_fails_alloc = allocation;
	expect_run(test, r0);
	KUNIT_EXPECT_EQ(test, r0 == (u64)-ENOMEM ? 0U : 1U,
			interp_walk_fails_alloc);
	interp_walk_fails_alloc = 0;
	m->engine->finish(&m->state);
	KUNIT_EXPECT_NULL(test, m->state.hash_keys[0]);
}

/*
 * Whichever of the allocations of one walk fails, @first before it, nothing is
 * left, and the program goes on.
 */
static void expect_each_failing(struct kunit *test, u32 first,
				const struct bpf_insn *insns, u32 insn_count)
{
	u32 last = first + allocations(ELEMENTS), i;

	give_hash(test->priv, ELEMENTS, ELEMENTS);
	hash.map.key_size = INTERP_KEY_MAX;
	machine_load(test, insns, insn_count);
	for (i = first + 1; i <= last; i++)
		expect_failing(test, i, -ENOMEM);
	expect_failing(test, last + 1, ELEMENTS);
}

static void no_memory_for_a_walk(struct kunit *test)
{
	expect_each_failing(test, 0, counting, ARRAY_SIZE(counting));
}

/* The outer walk goes on with what it has collected. */
static void no_memory_for_an_inner_walk(struct kunit *test)
{
	expect_each_failing(test, allocations(ELEMENTS), walking_in_a_walk,
			    ARRAY_SIZE(walking_in_a_walk));
}

static void lru_hash_is_not_told(struct kunit *test)
{
	struct machine *m = test->priv;

	give_hash(m, ELEMENTS, ELEMENTS);
	hash.map.ops = &lru_ops;
	hash.map.map_type = BPF_MAP_TYPE_LRU_HASH;
	machine_load(test, walking, ARRAY_SIZE(walking));
	expect_walk(test, ELEMENTS);
	KUNIT_EXPECT_EQ(test, 0U, hash.marks);
}

/* The callback fails at its first instruction. */
static void fault_in_a_walk(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct bpfsched_fault fault = {
		.kind = BPFSCHED_FAULT_WRITE, .pc = 8, .address = WINDOW(0, 0),
	};
	const struct bpf_insn insns[] = {
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_LDDW(2, BPF_PSEUDO_FUNC, 5), INSN_LDDW_END(0),
		INSN_MOV_K(4, 0),
		INSN_HELPER(BPF_FUNC_for_each_map_elem), INSN_EXIT,
		INSN_EXIT,
		/* Keys are read-only. */
		INSN_ST(BPF_DW, 2, 0, 0), INSN_EXIT,
	};

	give_hash(m, ELEMENTS, 10);
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1000);
	machine_expect_fault(test, "key", machine_go_on(m), &fault, 5);
	KUNIT_EXPECT_NOT_NULL(test, m->state.walks);
}

MACHINE_SUITES(interp_walk, machine_exit,
	       KUNIT_CASE(walk_frees_what_it_collected),
	       KUNIT_CASE(finish_frees_walks),
	       KUNIT_CASE(keys_are_collected_in_pieces),
	       KUNIT_CASE(helper_is_called_by_number),
	       KUNIT_CASE(walk_pauses),
	       KUNIT_CASE(last_key_is_deleted),
	       KUNIT_CASE(deleted_elements_are_left_out),
	       KUNIT_CASE(deleted_elements_take_safe_points),
	       KUNIT_CASE(all_are_deleted),
	       KUNIT_CASE(frame_holds_no_address),
	       KUNIT_CASE(piece_ends_when_the_last_key_is_gone),
	       KUNIT_CASE(deleting_ends_a_walk),
	       KUNIT_CASE(too_much_to_collect),
	       KUNIT_CASE(too_much_for_two_walks),
	       KUNIT_CASE(what_was_collected_is_freed_in_pieces),
	       KUNIT_CASE(too_much_is_freed_in_pieces),
	       KUNIT_CASE(no_memory_for_a_walk),
	       KUNIT_CASE(no_memory_for_an_inner_walk),
	       KUNIT_CASE(lru_hash_is_not_told),
	       KUNIT_CASE(fault_in_a_walk));
