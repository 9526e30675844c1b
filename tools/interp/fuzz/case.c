// SPDX-License-Identifier: GPL-2.0
/* What a fuzzer's input says. */
#include <linux/kernel.h>

#include "case.h"

/**
 * fuzz_section_len() - length of a data section
 * @section: its number, less than FUZZ_SECTIONS
 */
u32 fuzz_section_len(u32 section)
{
	/* a round number, one shorter than a word, and the longest */
	static const u32 lens[FUZZ_SECTIONS] = { 32, 5, FUZZ_SECTION_MAX };

	return lens[section];
}

static u32 budget_of(const u8 *header)
{
	u32 budget = header[FUZZ_BUDGET_HIGH] << 8 | header[FUZZ_BUDGET_LOW];

	return budget && budget < FUZZ_BUDGET_MAX ? budget : FUZZ_BUDGET_MAX;
}

static void read_header(struct fuzz_case *input, const u8 *header)
{
	*input = (struct fuzz_case) {
		.context_len = header[FUZZ_CONTEXT_LEN],
		.section_count = header[FUZZ_SECTION_BITS] & 3,
		.readonly = header[FUZZ_SECTION_BITS] >> 2 & 7,
		.budget = budget_of(header),
		.pause_period = header[FUZZ_PAUSE_PERIOD] ?: 1,
		.fail_alloc = header[FUZZ_FAIL_ALLOC],
		.has_host = !(header[FUZZ_SECTION_BITS] & FUZZ_NO_HOST),
		.map_count = header[FUZZ_MAP_COUNT] & FUZZ_MAPS,
	};
}

/* The last is one that programs cannot have. */
static const enum bpf_map_type map_types[] = {
	BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_QUEUE,
	BPF_MAP_TYPE_STACK, BPF_MAP_TYPE_PERCPU_ARRAY,
	BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_HASH,
	BPF_MAP_TYPE_LPM_TRIE,
};

static u32 key_size_of(enum bpf_map_type type, u8 len)
{
	switch (type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return sizeof(u32);
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return 0;
	default:
		return len ?: 513;
	}
}

static void read_map(struct fuzz_map *map, const u8 *header)
{
	/* the last are more than there are windows */
	static const u8 entries[] = { 1, 2, 3, 4, 6, 9, 40, 70 };
	u8 bits = header[FUZZ_MAP_BITS];

	*map = (struct fuzz_map) {
		.type = map_types[header[FUZZ_MAP_TYPE] %
				  ARRAY_SIZE(map_types)],
		.value_size = header[FUZZ_MAP_VALUE_LEN] ?: 515,
		.max_entries = entries[bits % ARRAY_SIZE(entries)],
		.flags = (bits & FUZZ_MAP_RDONLY_PROG ? BPF_F_RDONLY_PROG : 0) |
			 (bits & FUZZ_MAP_WRONLY_PROG ? BPF_F_WRONLY_PROG : 0) |
			 (bits & FUZZ_MAP_NO_PREALLOC ? BPF_F_NO_PREALLOC : 0),
		.readable = !(bits & FUZZ_MAP_NO_READ),
		.writable = !(bits & FUZZ_MAP_NO_WRITE),
	};
	map->key_size = key_size_of(map->type, header[FUZZ_MAP_KEY_LEN]);
}

/* Of a map that was there before, only the descriptor can be another. */
static void read_maps(struct fuzz_case *input)
{
	u32 i;

	for (i = 0; i < input->map_count; i++) {
		struct fuzz_map *map = &input->maps[i];

		read_map(map, input->map_headers[i]);
		if (!i || !(input->map_headers[i][FUZZ_MAP_TYPE] &
			    FUZZ_MAP_AGAIN))
			continue;
		map[0] = (struct fuzz_map) {
			.type = map[-1].type,
			.key_size = map[-1].key_size,
			.value_size = map[-1].value_size,
			.max_entries = map[-1].max_entries,
			.flags = map[-1].flags,
			.readable = map->readable,
			.writable = map->writable,
			.again = true,
		};
	}
}

/* Fillers change nothing but where the program's instructions lie. */
static void read_insns(struct fuzz_case *input, u32 fillers, const u8 *data,
		       size_t size)
{
	const struct bpf_insn filler = {
		.code = BPF_ALU64 | BPF_MOV | BPF_X,
		.dst_reg = BPF_REG_9,
		.src_reg = BPF_REG_9,
	};
	u32 i;

	size = min_t(size_t, size / sizeof(filler), FUZZ_INSNS_MAX);
	input->insn_count = fillers + size;
	/* exactly as long as it is, so that a read beyond it is noticed */
	input->insns = malloc(input->insn_count * sizeof(filler));
	if (!input->insns && input->insn_count)
		abort();
	for (i = 0; i < fillers; i++)
		input->insns[i] = filler;
	if (size)
		memcpy(input->insns + fillers, data, size * sizeof(filler));
}

/**
 * fuzz_case_read() - take an input apart
 * @input: set; to be freed by fuzz_case_free()
 * @data: the input
 * @size: its length in bytes
 */
void fuzz_case_read(struct fuzz_case *input, const u8 *data, size_t size)
{
	u8 header[FUZZ_HEADER] = {};
	size_t len;

	len = min_t(size_t, size, sizeof(header));
	if (len)
		memcpy(header, data, len);
	read_header(input, header);
	data += len;
	size -= len;

	len = min_t(size_t, size, input->map_count * FUZZ_MAP_HEADER);
	if (len)
		memcpy(input->map_headers, data, len);
	data += len;
	size -= len;
	read_maps(input);

	len = min_t(size_t, size, input->context_len);
	if (len)
		memcpy(input->context, data, len);
	data += len;
	size -= len;

	read_insns(input, header[FUZZ_STRETCH_COUNT] * FUZZ_STRETCH, data,
		   size);
}

/**
 * fuzz_case_free() - free what an input was taken apart into
 * @input: the input
 */
void fuzz_case_free(struct fuzz_case *input)
{
	free(input->insns);
}
