// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of look-ups in a map that is made here, for what user space cannot see:
 * how the map is called.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include <bpfsched/compat.h>

#include "machine.h"

/* A hash of which nothing but this is needed. */
#define ELEMENTS	100

static struct bpf_map fake_map;
static u64 fake_values[ELEMENTS];
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

static int fake_next_key(struct bpf_map *map, void *key, void *next)
{
	return -ENOENT;
}

/* By the kernel these return an int or a long. */
#define update_result typeof(fake_map.ops->map_update_elem(NULL, NULL, NULL, 0))

static update_result fake_update(struct bpf_map *map, void *key, void *value,
				 u64 flags)
{
	fake_calls++;
	return 0;
}

static update_result fake_delete(struct bpf_map *map, void *key)
{
	fake_calls++;
	return 0;
}

static void *fake_lookup_cpu(struct bpf_map *map, void *key, u32 cpu)
{
	WARN_ON_ONCE(cpu >= nr_cpu_ids || !cpu_possible(cpu));
	return fake_lookup(map, key);
}

static update_result fake_push(struct bpf_map *map, void *value, u64 flags)
{
	fake_calls++;
	return 0;
}

static update_result fake_take(struct bpf_map *map, void *value)
{
	fake_calls++;
	return 0;
}

static const struct bpf_map_ops fake_ops = {
	.map_lookup_elem = fake_lookup,
	.map_lookup_percpu_elem = fake_lookup_cpu,
	.map_update_elem = fake_update,
	.map_delete_elem = fake_delete,
	.map_get_next_key = fake_next_key,
	.map_push_elem = fake_push,
	.map_pop_elem = fake_take,
	.map_peek_elem = fake_take,
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
	for (i = 0; i < ELEMENTS; i++)
		fake_values[i] = 3 * i;
	fake_calls = 0;
	m->maps[0] = (struct bpfsched_map) {
		.map = &fake_map, .readable = true, .writable = true,
	};
	m->map_count = 1;
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
	.map_lookup_percpu_elem = fake_lookup_cpu,
	.map_update_elem = fake_update,
	.map_delete_elem = fake_delete,
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

#define HANDLE		INTERP_ADDRESS(INTERP_REGION_HANDLES, 0)
#define ARGS(...)	((const u64 [5]) { __VA_ARGS__ })

/* Which right to a map each helper takes: as bpf(2), see Documentation/maps.rst. */
static const struct right {
	const char *name;
	s32 helper;
	enum bpf_map_type type;
	bool reads;
	bool writes;
} rights[] = {
	{ "lookup", BPF_FUNC_map_lookup_elem, BPF_MAP_TYPE_HASH, false, false },
	{ "lookup_percpu", BPF_FUNC_map_lookup_percpu_elem,
	  BPF_MAP_TYPE_PERCPU_HASH, false, false },
	{ "update", BPF_FUNC_map_update_elem, BPF_MAP_TYPE_HASH, false, true },
	{ "delete", BPF_FUNC_map_delete_elem, BPF_MAP_TYPE_HASH, false, true },
	{ "push", BPF_FUNC_map_push_elem, BPF_MAP_TYPE_QUEUE, false, true },
	{ "pop", BPF_FUNC_map_pop_elem, BPF_MAP_TYPE_QUEUE, true, true },
	{ "peek", BPF_FUNC_map_peek_elem, BPF_MAP_TYPE_QUEUE, true, false },
	{ "for_each", BPF_FUNC_for_each_map_elem, BPF_MAP_TYPE_HASH, true,
	  false },
};

static void expect_right(struct kunit *test, const struct right *right,
			 bool readable, bool writable, u32 flags)
{
	bool may_read = readable && !(flags & BPF_F_WRONLY_PROG);
	bool may_write = writable && !(flags & BPF_F_RDONLY_PROG);
	bool allowed = (may_read || !right->reads) &&
		       (may_write || !right->writes);
	u64 second = right->helper == BPF_FUNC_for_each_map_elem ?
		     INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0) : CONTEXT(0);
	struct machine *m = test->priv;
	bool refused;

	give_fake_map(m);
	fake_map.map_type = right->type;
	fake_map.map_flags = flags;
	m->maps[0].readable = readable;
	m->maps[0].writable = writable;
	machine_load_call(test, right->helper,
			  ARGS(HANDLE, second, CONTEXT(8), 0));
	refused = machine_run(m, 1000) == BPFSCHED_DONE &&
		  m->result.r0 == (u64)-EPERM;
	KUNIT_EXPECT_EQ_MSG(test, refused, !allowed,
			    "%s, readable %d, writable %d, flags 0x%x",
			    right->name, readable, writable, flags);
	KUNIT_EXPECT_TRUE(test, allowed || !fake_calls);
}

static void rights_of_helpers(struct kunit *test)
{
	struct machine *m = test->priv;
	size_t i;

	machine_set_context(m, 16);
	memset(m->context.base, 0, 16);
	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		expect_right(test, &rights[i], true, true, 0);
		expect_right(test, &rights[i], true, false, 0);
		expect_right(test, &rights[i], false, true, 0);
		expect_right(test, &rights[i], true, true, BPF_F_RDONLY_PROG);
		expect_right(test, &rights[i], true, true, BPF_F_WRONLY_PROG);
	}
}

/* The old value is read, so that takes both rights. */
static void atomics_on_what_is_write_only(struct kunit *test)
{
	static const struct {
		const char *name;
		s32 operation;
		bool fetches;
	} cases[] = {
		{ "add", BPF_ADD, false }, { "or", BPF_OR, false },
		{ "and", BPF_AND, false }, { "xor", BPF_XOR, false },
		{ "fetch add", BPF_ADD | BPF_FETCH, true },
		{ "fetch or", BPF_OR | BPF_FETCH, true },
		{ "fetch and", BPF_AND | BPF_FETCH, true },
		{ "fetch xor", BPF_XOR | BPF_FETCH, true },
		{ "xchg", BPF_XCHG, true }, { "cmpxchg", BPF_CMPXCHG, true },
	};
	static const u8 sizes[] = { BPF_W, BPF_DW };
	struct machine *m = test->priv;
	size_t i, j;

	machine_set_context(m, 16);
	m->context.writeonly = true;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			const struct bpf_insn insns[] = {
				INSN_MOV_K(0, 0), INSN_MOV_K(3, 0),
				INSN(BPF_STX | BPF_ATOMIC | sizes[j], 1, 3, 8,
				     cases[i].operation),
				INSN_EXIT,
			};
			const struct bpfsched_fault fault = {
				.kind = BPFSCHED_FAULT_READ, .pc = 2,
				.address = CONTEXT(8),
			};

			machine_load(test, insns, ARRAY_SIZE(insns));
			if (cases[i].fetches)
				machine_expect_fault(test, cases[i].name,
						     machine_run(m, 1000),
						     &fault, 3);
			else
				machine_expect_return(test, 0, 4);
		}
	}
}

/**
 * struct refusal - a map that no program can have
 * @name: for messages
 * @reason: what the log says besides which map it is
 * @type: its type
 * @flags: its flags
 * @bypasses: its maker bypasses Spectre v1
 * @lacks: number of the operation that it lacks, from 1
 */
struct refusal {
	const char *name;
	const char *reason;
	u32 type;
	u32 flags;
	bool bypasses;
	u32 lacks;
};

#define LACKS_ALL	9

static void lack_operation(struct bpf_map_ops *ops, u32 number)
{
	void *operations[] = {
		NULL, &ops->map_lookup_elem, &ops->map_update_elem,
		&ops->map_delete_elem, &ops->map_get_next_key,
		&ops->map_lookup_percpu_elem, &ops->map_push_elem,
		&ops->map_pop_elem, &ops->map_peek_elem,
	};

	if (number == LACKS_ALL)
		memset(ops, 0, sizeof(*ops));
	else if (number)
		memset(operations[number], 0, sizeof(void *));
}

static void expect_map(struct kunit *test, const struct refusal *refusal)
{
	struct machine *m = test->priv;
	const struct bpf_insn insn = INSN_EXIT;
	const struct bpfsched_code code = {
		.insns = &insn, .insn_count = 1, .maps = m->maps,
		.map_count = 1,
	};
	struct bpfsched_log log = { "" };
	struct bpf_map_ops ops;
	void *image = NULL;
	int err;

	give_fake_map(m);
	ops = refusal->type == BPF_MAP_TYPE_ARRAY ? fake_array_ops : fake_ops;
	lack_operation(&ops, refusal->lacks);
	fake_map.ops = &ops;
	fake_map.map_type = refusal->type;
	fake_map.map_flags = refusal->flags;
	fake_map.bypass_spec_v1 = refusal->bypasses;
	fake_map.max_entries = ARRAY_ELEMENTS;
	fake_map.value_size = ARRAY_STRIDE - sizeof(u32);
	err = m->engine->load(&code, &log, &image);
	KUNIT_EXPECT_EQ_MSG(test, err, refusal->reason ? -EINVAL : 0, "%s: %s",
			    refusal->name, log.text);
	if (refusal->reason)
		KUNIT_EXPECT_NOT_NULL_MSG(test,
					  strstr(log.text, refusal->reason),
					  "%s: %s", refusal->name, log.text);
	if (!err)
		m->engine->unload(image);
}

static void maps_that_are_refused(struct kunit *test)
{
	static const char type[] = "is not supported";
	static const char flags[] = "are not supported";
	static const char lacks[] = "lacks operations";
	static const struct refusal refusals[] = {
		{ "hash", NULL, BPF_MAP_TYPE_HASH },
		{ "type 0", type, BPF_MAP_TYPE_UNSPEC },
		{ "program array", type, BPF_MAP_TYPE_PROG_ARRAY },
		{ "between", type, BPF_MAP_TYPE_LPM_TRIE },
		{ "behind", type, 27 },
		{ "far behind", type, 0x10000 },
		{ "negative", type, U32_MAX },
		{ "flag of arrays", flags, BPF_MAP_TYPE_HASH, BPF_F_MMAPABLE },
		{ "flag of LRU hashes", flags, BPF_MAP_TYPE_HASH,
		  BPF_F_NO_COMMON_LRU },
		{ "a seed that is known", flags, BPF_MAP_TYPE_HASH,
		  BPF_F_ZERO_SEED },
		{ "unknown flag", flags, BPF_MAP_TYPE_HASH, 1U << 30 },
		{ "not preallocated", "BPF_F_NO_PREALLOC", BPF_MAP_TYPE_HASH,
		  BPF_F_NO_PREALLOC },
		{ "no operations", lacks, BPF_MAP_TYPE_HASH, 0, false,
		  LACKS_ALL },
		{ "no look-up", lacks, BPF_MAP_TYPE_ARRAY, 0, false, 1 },
		{ "no update", lacks, BPF_MAP_TYPE_HASH, 0, false, 2 },
		{ "no delete", lacks, BPF_MAP_TYPE_LRU_HASH, 0, false, 3 },
		{ "no walk", lacks, BPF_MAP_TYPE_HASH, 0, false, 4 },
		{ "no walk of an array", NULL, BPF_MAP_TYPE_ARRAY, 0, false,
		  4 },
		{ "no other CPU", lacks, BPF_MAP_TYPE_PERCPU_HASH, 0, false,
		  5 },
		{ "no push", lacks, BPF_MAP_TYPE_QUEUE, 0, false, 6 },
		{ "no pop", lacks, BPF_MAP_TYPE_STACK, 0, false, 7 },
		{ "no peek", lacks, BPF_MAP_TYPE_QUEUE, 0, false, 8 },
		{ "no mask", "bypass_spec_v1", BPF_MAP_TYPE_PERCPU_ARRAY, 0,
		  true },
		{ "mask", NULL, BPF_MAP_TYPE_PERCPU_ARRAY },
		{ "no mask needed", NULL, BPF_MAP_TYPE_ARRAY, 0, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++)
		expect_map(test, &refusals[i]);
}

MACHINE_SUITES(interp_map, machine_exit,
	       KUNIT_CASE(rights_of_helpers),
	       KUNIT_CASE(atomics_on_what_is_write_only),
	       KUNIT_CASE(maps_that_are_refused),
	       KUNIT_CASE(lookup_is_in_a_critical_section),
	       KUNIT_CASE(lookup_in_an_array),
	       KUNIT_CASE(lookup_in_a_hash),
	       KUNIT_CASE(keys_are_copied_but_from_the_stack),
	       KUNIT_CASE(lookup_in_what_has_none),
	       KUNIT_CASE(bad_arguments_of_a_lookup));
