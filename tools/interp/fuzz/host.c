// SPDX-License-Identifier: GPL-2.0
/* Who runs the programs of the fuzzers. */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "host.h"
#include "interp.h"
#include "maps.h"
#include "play.h"
#include "shim.h"

#define DEADLINE_NS	20000

/* FNV-1a, of words: a run can hand over many megabytes. */
static void add_word(struct fuzz_record *record, u64 word)
{
	record->hash = (record->hash ^ word) * 0x100000001b3ULL;
	/* the upper bits have to reach the lower ones, too */
	record->hash ^= record->hash >> 32;
}

static void add_bytes(struct fuzz_record *record, const void *bytes, u32 len)
{
	const u8 *from = bytes;
	u64 word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		add_word(record, word);
		from += sizeof(word);
	}
	word = 0;
	if (len)
		memcpy(&word, from, len);
	add_word(record, word);
}

static bool is_within(const void *bytes, u32 len, const void *from, u64 room)
{
	u64 offset = (uintptr_t)bytes - (uintptr_t)from;

	return from && offset <= room && len <= room - offset;
}

static bool is_of_a_map(const struct bpfsched_code *code, const void *bytes,
			u32 len)
{
	u32 i;

	for (i = 0; i < code->map_count; i++) {
		const struct bpfsched_map *map = &code->maps[i];

		/* perhaps not through this descriptor */
		if (map_has_value(map->map, bytes, len) && map->readable &&
		    !(map->map->map_flags & BPF_F_WRONLY_PROG))
			return true;
	}
	return false;
}

/* Live frames only, and the key that a walk shows. */
static bool is_of_the_run(const struct interp_state *state, const void *bytes,
			  u32 len)
{
	u32 i;

	for (i = 0; i < INTERP_FRAMES; i++) {
		if (is_within(bytes, len, state->hash_keys[i], INTERP_KEY_MAX))
			return true;
	}
	return is_within(bytes, len, state->stack,
			 state->frame_base - state->stack) ||
	       is_within(bytes, len, state->array_keys,
			 sizeof(state->array_keys));
}

/* Whether the program may read these bytes. */
static bool is_in_sight(const struct fuzz_host *host, const void *bytes,
			u32 len)
{
	const struct bpfsched_code *code = host->code;
	u32 i;

	if (is_within(bytes, len, host->context.base, host->context.len))
		return true;
	for (i = 0; i < code->section_count; i++) {
		if (is_within(bytes, len, code->sections[i].base,
			      code->sections[i].len))
			return true;
	}
	return is_of_a_map(code, bytes, len) ||
	       (host->state && is_of_the_run(host->state, bytes, len));
}

/* What each call of the host is promised. */
static struct fuzz_host *called(void *data)
{
	fuzz_expect(!interp_shim.reads && !interp_shim.stays);
	return data;
}

static void expect_bytes(const struct fuzz_host *host, const void *bytes,
			 u32 len)
{
	fuzz_expect(!bytes == !len);
	/* the reference looks at its own stack, which nobody else knows */
	fuzz_expect(!len || !host->state || is_in_sight(host, bytes, len));
}

static u64 job_id(void *data)
{
	called(data);
	return 0x123456789aULL;
}

static u64 release(void *data)
{
	called(data);
	return 3;
}

static u64 deadline_ns(void *data)
{
	called(data);
	return DEADLINE_NS;
}

static s64 time_remaining_ns(void *data)
{
	called(data);
	return DEADLINE_NS - (s64)interp_shim.clock_ns;
}

static int emit(void *data, const void *bytes, u32 len)
{
	struct fuzz_host *host = called(data);
	struct fuzz_record *record = &host->record;

	fuzz_expect(len <= BPFSCHED_EVENT_MAX);
	expect_bytes(host, bytes, len);
	add_word(record, len);
	add_bytes(record, bytes, len);
	return ++record->events % 4 ? 0 : -ENOSPC;
}

static void expect_options(const struct fuzz_host *host,
			   const struct bpfsched_followup *options)
{
	fuzz_expect(options->size >= BPFSCHED_FOLLOWUP_SIZE_VER1);
	fuzz_expect(options->size % 8 == 0);
	/* a copy, that the program cannot change */
	fuzz_expect(!is_in_sight(host, options, 1));
}

static s64 submit(void *data, u32 index, const void *context, u32 len,
		  const struct bpfsched_followup *options)
{
	struct fuzz_host *host = called(data);
	struct fuzz_record *record = &host->record;

	expect_bytes(host, context, len);
	add_word(record, (u64)index << 32 | len);
	add_bytes(record, context, len);
	if (options) {
		expect_options(host, options);
		add_bytes(record, options, sizeof(*options));
	}
	return ++record->jobs % 3 ? 100 + record->jobs : -EAGAIN;
}

const struct bpfsched_host_ops fuzz_host_ops = {
	.job_id = job_id,
	.release = release,
	.deadline_ns = deadline_ns,
	.time_remaining_ns = time_remaining_ns,
	.emit = emit,
	.submit = submit,
};

/**
 * fuzz_host_trace() - take a line that was traced
 * @host: of the run
 * @text: the line
 */
void fuzz_host_trace(struct fuzz_host *host, const char *text)
{
	host->record.lines++;
	add_bytes(&host->record, text, strlen(text) + 1);
}
