// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of walks of and look-ups in a map that is made here, for what user space
 * cannot see: what a run holds, and how the map is called.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "machine.h"

/* A hash of which nothing but this is needed. */
#define ELEMENTS	100

static struct bpf_map fake_map;
static u64 fake_keys[ELEMENTS], fake_values[ELEMENTS];
static u32 fake_calls;
static const void *fake_key;

static void *fake_lookup(struct bpf_map *map, void *key)
{
	u64 number = *(u64 *)key;

	/* What the maps of the kernel rely on. */
	WARN_ON_ONCE(!rcu_read_lock_held());
	fake_calls++;
	fake_key = key;
	return number < ELEMENTS ? &fake_values[number] : NULL;
}

/* What the operation returns: an int or a long, by the kernel. */
#define walk_result \
	typeof(fake_map.ops->map_for_each_callback(NULL, NULL, NULL, 0))

static walk_result fake_walk(struct bpf_map *map, bpf_callback_t callback,
			     void *ctx, u64 flags)
{
	u32 i;

	for (i = 0; i < ELEMENTS; i++) {
		if (callback((long)map, (long)&fake_keys[i],
			     (long)&fake_values[i], (long)ctx, 0))
			return i + 1;
	}
	return i;
}

static const struct bpf_map_ops fake_ops = {
	.map_lookup_elem = fake_lookup,
	.map_for_each_callback = fake_walk,
};

static void give_fake_map(struct machine *m)
{
	u32 i;

	fake_map = (struct bpf_map) {
		.ops = &fake_ops,
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(u64),
		.value_size = sizeof(u64),
		.max_entries = ELEMENTS,
	};
	bpfsched_map_clear_special_fields(&fake_map);
	for (i = 0; i < ELEMENTS; i++) {
		fake_keys[i] = i;
		fake_values[i] = 3 * i;
	}
	fake_calls = 0;
	m->maps[0] = (struct bpfsched_map) {
		.map = &fake_map, .readable = true, .writable = true,
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

static void walk_frees_what_it_collected(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 i;

	give_fake_map(m);
	machine_load(test, walking, ARRAY_SIZE(walking));
	for (i = 0; i < LOOPS; i++) {
		KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE,
				(int)machine_run(m, loop_budgets[i]));
		KUNIT_EXPECT_EQ(test, (u64)ELEMENTS, m->result.r0);
		KUNIT_EXPECT_NULL(test, m->state.walks);
	}
}

/* After each instruction of a walk, the run ends instead of going on. */
static void finish_frees_walks(struct kunit *test)
{
	struct machine *m = test->priv;
	u32 budget, held = 0;

	give_fake_map(m);
	machine_load(test, walking, ARRAY_SIZE(walking));
	for (budget = 1; budget < 40; budget++) {
		KUNIT_EXPECT_EQ(test, (int)BPFSCHED_EXHAUSTED,
				(int)machine_run(m, budget));
		held += !!m->state.walks;
		m->engine->finish(&m->state);
		KUNIT_EXPECT_NULL(test, m->state.walks);
	}
	KUNIT_EXPECT_EQ_MSG(test, 35U, held, "the walk begins after 5");
}

/* The walk with a context that is the word to look at, and starts as @word. */
static enum bpfsched_outcome begin_walk(struct machine *m, u32 word)
{
	memset(m->context.base, 0, 8);
	machine_begin(m, 1000);
	m->state.regs[8] = word;
	m->state.regs[9] = CONTEXT(0);
	return machine_go_on(m);
}

/*
 * To go through a large map takes long, however many elements it has: the job
 * comes to a safe point before the first call, which it goes on with.
 */
static void walk_brings_a_safe_point(struct kunit *test)
{
	struct bpf_insn insns[ARRAY_SIZE(walking) + 1] = {
		INSN_STX(BPF_W, 9, 8, 0),
	};
	struct machine *m = test->priv;
	u64 instructions;

	memcpy(&insns[1], walking, sizeof(walking));
	give_fake_map(m);
	fake_map.max_entries = 4096;
	machine_set_context(m, 8);
	m->word = m->context.base;
	machine_load(test, insns, ARRAY_SIZE(insns));

	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE,
			(int)begin_walk(m, BPFSCHED_CONTROL_RUN));
	KUNIT_EXPECT_EQ(test, (u64)ELEMENTS, m->result.r0);
	instructions = m->result.instructions;

	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_PAUSED,
			(int)begin_walk(m, BPFSCHED_CONTROL_PAUSE));
	KUNIT_EXPECT_EQ(test, 6ULL, m->result.instructions);
	KUNIT_EXPECT_NOT_NULL(test, m->state.walks);
	memset(m->context.base, 0, 8);
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE, (int)machine_go_on(m));
	KUNIT_EXPECT_EQ(test, (u64)ELEMENTS, m->result.r0);
	KUNIT_EXPECT_EQ(test, instructions, m->result.instructions);
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

	give_fake_map(m);
	machine_load(test, insns, ARRAY_SIZE(insns));
	machine_begin(m, 1000);
	machine_expect_fault(test, "key", machine_go_on(m), &fault, 5);
	KUNIT_EXPECT_NOT_NULL(test, m->state.walks);
}

static void lookup_is_in_a_critical_section(struct kunit *test)
{
	struct machine *m = test->priv;
	const struct bpf_insn insns[] = {
		INSN_ST(BPF_DW, 10, -8, 9),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_MOV_X(2, 10), INSN_ADD_K(2, -8),
		INSN_HELPER(BPF_FUNC_map_lookup_elem),
		INSN_LDX(BPF_DW, 0, 0, 0), INSN_EXIT,
	};

	give_fake_map(m);
	machine_load(test, insns, ARRAY_SIZE(insns));
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE, (int)machine_run(m, 1000));
	KUNIT_EXPECT_EQ(test, 27ULL, m->result.r0);
	KUNIT_EXPECT_EQ(test, 1U, fake_calls);
}

/* An array of which nothing but this is needed, with room between its values. */

#define ARRAY_ELEMENTS	5
#define ARRAY_STRIDE	16

static u64 fake_elements[ARRAY_ELEMENTS * ARRAY_STRIDE / sizeof(u64)];

static void *fake_array_lookup(struct bpf_map *map, void *key)
{
	u32 number = *(u32 *)key;

	if (number >= ARRAY_ELEMENTS)
		return NULL;
	return (u8 *)fake_elements + number * ARRAY_STRIDE;
}

static const struct bpf_map_ops fake_array_ops = {
	.map_lookup_elem = fake_array_lookup,
};

static void give_fake_array(struct machine *m)
{
	give_fake_map(m);
	fake_map.ops = &fake_array_ops;
	fake_map.map_type = BPF_MAP_TYPE_ARRAY;
	fake_map.key_size = sizeof(u32);
	fake_map.value_size = ARRAY_STRIDE - sizeof(u32);
	fake_map.max_entries = ARRAY_ELEMENTS;
}

/*
 * The orders in which a program can set what it hands to a look-up: a dispatcher
 * may take what comes right before the call together with it. The key is at
 * r10 - 8, and is set first; the call is the last but one.
 */
#define ORDER_MAX	9

static const struct order {
	const char *name;
	u32 count;
	struct bpf_insn insns[ORDER_MAX];
} orders[] = {
	{ "map last", 7, {
		INSN_ST(BPF_W, 10, -8, 0),
		INSN_MOV_X(2, 10), INSN_ADD_K(2, -8),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_HELPER(BPF_FUNC_map_lookup_elem), INSN_EXIT } },
	{ "key last", 7, {
		INSN_ST(BPF_W, 10, -8, 0),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_MOV_X(2, 10), INSN_ADD_K(2, -8),
		INSN_HELPER(BPF_FUNC_map_lookup_elem), INSN_EXIT } },
	{ "something between", 8, {
		INSN_ST(BPF_W, 10, -8, 0),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_MOV_X(2, 10), INSN_ADD_K(2, -8), INSN_MOV_K(3, 0),
		INSN_HELPER(BPF_FUNC_map_lookup_elem), INSN_EXIT } },
	{ "into the middle", 9, {
		INSN_ST(BPF_W, 10, -8, 0),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_MOV_X(2, 10), INSN_JA(1),
		INSN_MOV_X(2, 0), INSN_ADD_K(2, -8),
		INSN_HELPER(BPF_FUNC_map_lookup_elem), INSN_EXIT } },
};

/* What may follow the call instead: the value is taken, if there is one. */
static const struct bpf_insn take_value[] = {
	INSN_JMP_K(BPF_JEQ, 0, 0, 2),
	INSN_LDX(BPF_DW, 0, 0, 0), INSN_EXIT,
	INSN_MOV_K(0, 77), INSN_EXIT,
};

/* Load a program of @order with one instruction, that of @opcode, changed. */
static void load_order(struct kunit *test, const struct order *order,
		       u8 opcode, s32 imm, u8 kind)
{
	struct bpf_insn insns[ORDER_MAX];
	u32 i;

	memcpy(insns, order->insns, sizeof(insns));
	for (i = 0; i < order->count; i++) {
		if (insns[i].code != opcode)
			continue;
		insns[i].imm = imm;
		insns[i].src_reg = kind;
	}
	machine_load(test, insns, order->count);
}

/* The 16-byte load counts one, and so does what is jumped over: none. */
static u32 order_need(const struct order *order)
{
	return order->count - 1 - (order->count == ORDER_MAX);
}

static void lookup_in_a_hash(struct kunit *test)
{
	const u32 keys[] = { 0, 9, ELEMENTS - 1, ELEMENTS, U32_MAX };
	struct bpf_insn insns[ORDER_MAX + ARRAY_SIZE(take_value)];
	struct machine *m = test->priv;
	size_t i, j;

	give_fake_map(m);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order *order = &orders[i];
		u32 call = order->count - 2;

		memcpy(insns, order->insns, sizeof(order->insns));
		memcpy(&insns[call + 1], take_value, sizeof(take_value));
		for (j = 0; j < ARRAY_SIZE(keys); j++) {
			u32 need = order_need(order) + 2;

			insns[0].imm = keys[j];
			machine_load(test, insns,
				     call + 1 + ARRAY_SIZE(take_value));
			KUNIT_EXPECT_EQ(test, (int)BPFSCHED_EXHAUSTED,
					(int)machine_run(m, need - 1));
			machine_expect_return(test, keys[j] < ELEMENTS ?
						    3 * keys[j] : 77, need);
			KUNIT_EXPECT_EQ(test, m->state.regs[BPF_REG_1],
					INTERP_ADDRESS(INTERP_REGION_HANDLES,
						       0));
			KUNIT_EXPECT_EQ(test, m->state.regs[BPF_REG_2],
					m->state.regs[BPF_REG_10] - 8);
		}
	}
}

/* Another job may write to a context, so to say, and nobody to a stack. */
static void keys_are_copied_but_from_the_stack(struct kunit *test)
{
	const struct bpf_insn in_context[] = {
		INSN_MOV_X(2, 1),
		INSN_LDDW(1, BPF_PSEUDO_MAP_IDX, 0), INSN_LDDW_END(0),
		INSN_HELPER(BPF_FUNC_map_lookup_elem), INSN_EXIT,
	};
	struct machine *m = test->priv;
	const u8 *stack = m->state.stack;

	give_fake_map(m);
	machine_set_context(m, 8);
	machine_load(test, in_context, ARRAY_SIZE(in_context));
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE, (int)machine_run(m, U64_MAX));
	KUNIT_EXPECT_PTR_NE(test, fake_key, (const void *)m->context.base);

	machine_load(test, orders[0].insns, orders[0].count);
	KUNIT_EXPECT_EQ(test, (int)BPFSCHED_DONE, (int)machine_run(m, U64_MAX));
	KUNIT_EXPECT_PTR_EQ(test, fake_key,
			    (const void *)(stack + INTERP_FRAME_SIZE - 8));
	KUNIT_EXPECT_EQ(test, 2U, fake_calls);
}

static void lookup_in_an_array(struct kunit *test)
{
	const u32 keys[] = { 0, 1, ARRAY_ELEMENTS - 1, ARRAY_ELEMENTS, U32_MAX };
	struct machine *m = test->priv;
	size_t i, j;

	give_fake_array(m);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		for (j = 0; j < ARRAY_SIZE(keys); j++) {
			u64 address = INTERP_ADDRESS(INTERP_REGION_MAPS,
						     keys[j] * ARRAY_STRIDE);
			u32 need = order_need(&orders[i]);

			load_order(test, &orders[i], BPF_ST | BPF_MEM | BPF_W,
				   keys[j], 0);
			KUNIT_EXPECT_EQ(test, (int)BPFSCHED_EXHAUSTED,
					(int)machine_run(m, need - 1));
			machine_expect_return(test, keys[j] < ARRAY_ELEMENTS ?
						    address : 0, need);
			KUNIT_EXPECT_EQ(test, m->state.regs[BPF_REG_2],
					m->state.regs[BPF_REG_10] - 8);
		}
	}
}

static void expect_bad_arguments(struct kunit *test, const struct order *order)
{
	struct machine *m = test->priv;
	struct bpfsched_fault fault = { .pc = order->count - 2 };
	/* Too long for the frame; below it. */
	const s32 offsets[] = { -3, -INTERP_FRAME_SIZE - 8 };
	u32 need = order_need(order) - 1;
	size_t i;

	fault.kind = BPFSCHED_FAULT_HANDLE;
	fault.address = 1;
	load_order(test, order, BPF_LD | BPF_IMM | BPF_DW, 1, 0);
	machine_expect_fault(test, order->name, machine_run(m, U64_MAX),
			     &fault, need);

	fault.kind = BPFSCHED_FAULT_READ;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		fault.address = STACK(INTERP_FRAME_SIZE) + offsets[i];
		load_order(test, order, BPF_ALU64 | BPF_ADD | BPF_K,
			   offsets[i], 0);
		machine_expect_fault(test, order->name,
				     machine_run(m, U64_MAX), &fault, need);
	}
}

/* What is no map, and what is no key, is found out by the call. */
static void bad_arguments_of_a_lookup(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		give_fake_array(m);
		expect_bad_arguments(test, &orders[i]);
		give_fake_map(m);
		expect_bad_arguments(test, &orders[i]);
	}
	KUNIT_EXPECT_EQ(test, 0U, fake_calls);
}

/* A queue has no keys. */
static void lookup_in_what_has_none(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i;

	give_fake_map(m);
	fake_map.map_type = BPF_MAP_TYPE_QUEUE;
	fake_map.key_size = 0;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct bpfsched_fault fault = {
			.kind = BPFSCHED_FAULT_HANDLE,
			.pc = orders[i].count - 2,
			.address = INTERP_ADDRESS(INTERP_REGION_HANDLES, 0),
		};

		machine_load(test, orders[i].insns, orders[i].count);
		machine_expect_fault(test, orders[i].name,
				     machine_run(m, U64_MAX), &fault,
				     order_need(&orders[i]) - 1);
	}
	KUNIT_EXPECT_EQ(test, 0U, fake_calls);
}

MACHINE_SUITES(interp_map, machine_exit,
	       KUNIT_CASE(walk_frees_what_it_collected),
	       KUNIT_CASE(finish_frees_walks),
	       KUNIT_CASE(walk_brings_a_safe_point),
	       KUNIT_CASE(fault_in_a_walk),
	       KUNIT_CASE(lookup_is_in_a_critical_section),
	       KUNIT_CASE(lookup_in_an_array),
	       KUNIT_CASE(lookup_in_a_hash),
	       KUNIT_CASE(keys_are_copied_but_from_the_stack),
	       KUNIT_CASE(lookup_in_what_has_none),
	       KUNIT_CASE(bad_arguments_of_a_lookup));
