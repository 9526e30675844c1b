// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pointers in the initial data of sections: what is refused, what is
 * written, and that programs can use it.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "machine.h"

#define CALLX(reg)	INSN(0x8d, reg, 0, 0, 0)

#define RELOC(section_, offset_, kind_, target_, addend_)		\
	((struct bpfsched_reloc) {					\
		.section = (section_),					\
		.offset = (offset_),					\
		.kind = BPFSCHED_RELOC_##kind_,				\
		.target = (target_),					\
		.addend = (addend_),					\
	})

/* Calls function number r2 of a table in section 0, with r1 as it is. */
static const struct bpf_insn table_insns[] = {
	/* 0 */ INSN_LDDW(3, BPF_PSEUDO_MAP_IDX_VALUE, 0), INSN_LDDW_END(0),
	/* 2 */ INSN_ALU64_K(BPF_LSH, 2, 3), INSN_ADD_X(3, 2),
	/* 4 */ INSN_LDX(BPF_DW, 3, 3, 0), CALLX(3), INSN_EXIT,
	/* 7 */ INSN_MOV_K(0, 70), INSN_EXIT,
	/* 9 */ INSN_LDDW(0, 0, 90), INSN_LDDW_END(0), INSN_EXIT,
	/* 12 */ INSN_MOV_K(0, 120), INSN_EXIT,
};

#define SECTION_LEN	64

/* Two sections, one of them read-only for programs. */
static void set_sections(struct machine *m)
{
	memset(m->memory, 0xcc, sizeof(m->memory));
	m->sections[0] = (struct bpfsched_memory) {
		.base = m->memory, .len = SECTION_LEN, .readonly = true,
	};
	m->sections[1] = (struct bpfsched_memory) {
		.base = m->memory + 2 * SECTION_LEN, .len = SECTION_LEN,
	};
	m->section_count = 2;
}

static int load_with(struct machine *m, const struct bpfsched_reloc *relocs,
		     u32 count, struct bpfsched_log *log)
{
	const struct bpfsched_code code = {
		.insns = table_insns,
		.insn_count = ARRAY_SIZE(table_insns),
		.sections = m->sections,
		.section_count = m->section_count,
		.relocs = relocs,
		.reloc_count = count,
	};

	m->engine->unload(m->image);
	m->image = NULL;
	memset(log, 0, sizeof(*log));
	return m->engine->load(&code, log, &m->image);
}

static void expect_refused(struct kunit *test, struct bpfsched_reloc reloc,
			   const char *reason)
{
	/* The first one is right. */
	const struct bpfsched_reloc relocs[] = {
		RELOC(0, 0, SECTION, 0, 0), reloc,
	};
	struct machine *m = test->priv;
	struct bpfsched_log log;

	set_sections(m);
	KUNIT_EXPECT_EQ_MSG(test, load_with(m, relocs, 2, &log), -EINVAL, "%s",
			    reason);
	KUNIT_EXPECT_STREQ(test, &log.text[0], reason);
	/* Nothing is written before all is checked. */
	KUNIT_EXPECT_EQ(test, (int)m->memory[0], 0xcc);
}

static void places(struct kunit *test)
{
	expect_refused(test, RELOC(2, 0, SECTION, 0, 0),
		       "relocation 1: there is no section 2 to be written");
	expect_refused(test, RELOC(U32_MAX, 0, SECTION, 0, 0),
		       "relocation 1: there is no section 4294967295 to be written");
	expect_refused(test, RELOC(0, SECTION_LEN - 7, SECTION, 0, 0),
		       "relocation 1: 8 bytes at offset 57 are not inside of section 0");
	expect_refused(test, RELOC(1, SECTION_LEN, SECTION, 0, 0),
		       "relocation 1: 8 bytes at offset 64 are not inside of section 1");
	expect_refused(test, RELOC(1, U32_MAX, SECTION, 0, 0),
		       "relocation 1: 8 bytes at offset 4294967295 are not inside of section 1");
	expect_refused(test, RELOC(1, U32_MAX - 7, SECTION, 0, 0),
		       "relocation 1: 8 bytes at offset 4294967288 are not inside of section 1");
}

static void place_in_short_section(struct kunit *test)
{
	const struct bpfsched_reloc reloc = RELOC(1, 0, SECTION, 0, 0);
	struct machine *m = test->priv;
	struct bpfsched_log log;
	u32 len;

	for (len = 1; len <= 8; len++) {
		set_sections(m);
		m->sections[1].len = len;
		KUNIT_EXPECT_EQ_MSG(test, load_with(m, &reloc, 1, &log),
				    len < 8 ? -EINVAL : 0, "%u bytes", len);
	}
}

static void targets(struct kunit *test)
{
	struct bpfsched_reloc reloc = RELOC(0, 8, SECTION, 0, 0);

	expect_refused(test, RELOC(0, 8, SECTION, 2, 0),
		       "relocation 1: there is no section 2");
	expect_refused(test, RELOC(0, 8, SECTION, S32_MIN, 0),
		       "relocation 1: there is no section 2147483648");
	expect_refused(test, RELOC(0, 8, SECTION, 1, SECTION_LEN + 1),
		       "relocation 1: offset 65 is outside of section 1");
	expect_refused(test, RELOC(0, 8, SECTION, 1, U32_MAX),
		       "relocation 1: offset 4294967295 is outside of section 1");
	expect_refused(test, RELOC(0, 8, FUNCTION, ARRAY_SIZE(table_insns), 0),
		       "relocation 1: address of 14, where no instruction starts");
	expect_refused(test, RELOC(0, 8, FUNCTION, U32_MAX, 0),
		       "relocation 1: address of 4294967295, where no instruction starts");
	/* In the middle of a 16-byte load. */
	expect_refused(test, RELOC(0, 8, FUNCTION, 10, 0),
		       "relocation 1: address of 10, where no instruction starts");
	expect_refused(test, RELOC(0, 8, FUNCTION, 7, 8),
		       "relocation 1: addend is not 0");
	expect_refused(test, RELOC(0, 8, MAP, 0, 0),
		       "relocation 1: there is no map 0");
	reloc.kind = 3;
	expect_refused(test, reloc, "relocation 1: unknown kind 3");
	reloc.kind = U32_MAX;
	expect_refused(test, reloc, "relocation 1: unknown kind 4294967295");
	reloc.kind = BPFSCHED_RELOC_SECTION;
	reloc.pad = 1;
	expect_refused(test, reloc, "relocation 1: padding is not 0");
}

/* Where a pointer leads is a function: what runs into it is refused. */
static void function_is_entered_by_calls_only(struct kunit *test)
{
	/* The end of the first one, and its middle. */
	expect_refused(test, RELOC(0, 8, FUNCTION, 6, 0),
		       "instruction 5: control runs off the end of the function");
	expect_refused(test, RELOC(0, 8, FUNCTION, 4, 0),
		       "instruction 3: control runs off the end of the function");
}

static u64 pointer_at(const struct machine *m, u32 section, u32 offset)
{
	u64 value;

	memcpy(&value, m->sections[section].base + offset, sizeof(value));
	return value;
}

/* Each kind, at the first and the last place, at any alignment. */
static void what_is_written(struct kunit *test)
{
	const struct bpfsched_reloc relocs[] = {
		RELOC(0, 0, SECTION, 1, 0),
		RELOC(0, SECTION_LEN - 8, SECTION, 0, SECTION_LEN),
		RELOC(1, 1, SECTION, 1, 3),
		RELOC(1, 9, FUNCTION, 0, 0),
		RELOC(1, 20, FUNCTION, 12, 0),
		RELOC(1, SECTION_LEN - 8, MAP, 2, 0),
	};
	struct machine *m = test->priv;
	static unsigned long start, entry;
	struct bpfsched_code code = {
		.insns = table_insns,
		.insn_count = ARRAY_SIZE(table_insns),
		.sections = m->sections,
		.relocs = relocs,
		.reloc_count = ARRAY_SIZE(relocs),
	};
	const u32 index_of[] = { 3, 0, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 77, 78 };
	struct bpfsched_log log = {};
	unsigned long entries[2] = {};

	set_sections(m);
	code.section_count = m->section_count;
	code.map_count = 3;
	start = ~0UL;
	entry = 0;
	KUNIT_ASSERT_EQ_MSG(test, interp_relocs_check(&code, &start, &entry,
						      &log), 0, "%s", log.text);
	KUNIT_EXPECT_EQ(test, entry, BIT(0) | BIT(12));
	interp_relocs_apply(&code, index_of, entries);
	KUNIT_EXPECT_EQ(test, entries[0], BIT(3));
	KUNIT_EXPECT_EQ(test, entries[1], BIT(77 - 64));

	KUNIT_EXPECT_EQ(test, pointer_at(m, 0, 0), SECTION(1, 0));
	KUNIT_EXPECT_EQ(test, pointer_at(m, 0, SECTION_LEN - 8),
			SECTION(0, SECTION_LEN));
	KUNIT_EXPECT_EQ(test, pointer_at(m, 1, 1), SECTION(1, 3));
	KUNIT_EXPECT_EQ(test, pointer_at(m, 1, 9),
			INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 3));
	KUNIT_EXPECT_EQ(test, pointer_at(m, 1, 20),
			INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 77));
	KUNIT_EXPECT_EQ(test, pointer_at(m, 1, SECTION_LEN - 8),
			INTERP_ADDRESS(INTERP_REGION_HANDLES, 2));
	/* And nothing beside. */
	KUNIT_EXPECT_EQ(test, pointer_at(m, 0, 8), 0xccccccccccccccccULL);
	KUNIT_EXPECT_EQ(test, (int)m->memory[SECTION_LEN], 0xcc);
	KUNIT_EXPECT_EQ(test, (int)m->memory[2 * SECTION_LEN], 0xcc);
	KUNIT_EXPECT_EQ(test, (int)m->memory[3 * SECTION_LEN], 0xcc);
}

static u64 call_through_table(struct kunit *test, u32 number)
{
	struct machine *m = test->priv;

	m->context.len = number;
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000), (int)BPFSCHED_DONE);
	return m->result.r0;
}

static void table_of_functions(struct kunit *test)
{
	const struct bpfsched_reloc relocs[] = {
		RELOC(0, 0, FUNCTION, 12, 0), RELOC(0, 8, FUNCTION, 7, 0),
		RELOC(0, 16, FUNCTION, 9, 0),
	};
	struct machine *m = test->priv;
	struct bpfsched_log log;

	set_sections(m);
	KUNIT_ASSERT_EQ_MSG(test, load_with(m, relocs, 3, &log), 0, "%s",
			    log.text);
	m->context.base = m->memory;
	KUNIT_EXPECT_EQ(test, call_through_table(test, 0), 120ULL);
	KUNIT_EXPECT_EQ(test, call_through_table(test, 1), 70ULL);
	KUNIT_EXPECT_EQ(test, call_through_table(test, 2), 90ULL);
	/* What is no function there is none. */
	m->context.len = 3;
	KUNIT_EXPECT_EQ(test, (int)machine_run(m, 1000),
			(int)BPFSCHED_FAULTED);
	KUNIT_EXPECT_EQ(test, m->result.fault.kind, (u32)BPFSCHED_FAULT_CALL);
}

/* As many as there may be. */
static void most_relocations(struct kunit *test)
{
	struct bpfsched_reloc *relocs = vmalloc(array_size(sizeof(*relocs),
							   BPFSCHED_RELOCS_MAX));
	u8 *bytes = vmalloc(8 * BPFSCHED_RELOCS_MAX);
	struct machine *m = test->priv;
	u64 wrong = 0, value;
	struct bpfsched_log log;
	int err = -ENOMEM;
	u32 i;

	if (relocs && bytes) {
		for (i = 0; i < BPFSCHED_RELOCS_MAX; i++)
			relocs[i] = RELOC(0, 8 * i, SECTION, 0, i);
		m->sections[0] = (struct bpfsched_memory) {
			.base = bytes, .len = 8 * BPFSCHED_RELOCS_MAX,
		};
		m->section_count = 1;
		err = load_with(m, relocs, BPFSCHED_RELOCS_MAX, &log);
		for (i = 0; i < BPFSCHED_RELOCS_MAX; i++) {
			memcpy(&value, bytes + 8 * i, sizeof(value));
			wrong += value != SECTION(0, i);
		}
	}
	vfree(relocs);
	vfree(bytes);
	m->engine->unload(m->image);
	m->image = NULL;
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0ULL);
}

MACHINE_SUITES(interp_reloc, machine_exit,
	       KUNIT_CASE(places),
	       KUNIT_CASE(place_in_short_section),
	       KUNIT_CASE(targets),
	       KUNIT_CASE(function_is_entered_by_calls_only),
	       KUNIT_CASE(what_is_written),
	       KUNIT_CASE(table_of_functions),
	       KUNIT_CASE(most_relocations));
