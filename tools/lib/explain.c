// SPDX-License-Identifier: GPL-2.0
/*
 * Why a program was refused, in the words of who wrote it. The module knows
 * numbers: of instructions, helpers, maps and their types. The image knows their
 * names, and where instructions come from.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define NAME(helper)	[BPF_FUNC_##helper] = "bpf_" #helper

static const char *const helper_names[] = {
	__BPF_FUNC_MAPPER(NAME)
};

#define NO_KERNEL_MEMORY \
	"programs read only memory of their own, put what they need into the context"
#define NO_RING	"use bpfsched_emit()"
#define NO_TASK	"jobs run in threads of the scheduler, put what is meant into the context"
#define NO_PACKET "the packet is the context, read and write it there"
#define NO_TIMER "submit a job with a period or a not-before time"
#define NO_TAIL_CALL "call a function, or submit a job with bpfsched_submit_job()"

/* What to use instead of helpers that are not there */
static const struct {
	__u32 first;
	__u32 last;
	const char *advice;
} helper_advice[] = {
	{ BPF_FUNC_probe_read, BPF_FUNC_probe_read, NO_KERNEL_MEMORY },
	{ BPF_FUNC_skb_store_bytes, BPF_FUNC_l4_csum_replace, NO_PACKET },
	{ BPF_FUNC_tail_call, BPF_FUNC_tail_call, NO_TAIL_CALL },
	{ BPF_FUNC_clone_redirect, BPF_FUNC_clone_redirect, NO_PACKET },
	{ BPF_FUNC_get_current_pid_tgid, BPF_FUNC_get_current_comm, NO_TASK },
	{ BPF_FUNC_perf_event_output, BPF_FUNC_skb_load_bytes, NO_RING },
	{ BPF_FUNC_get_current_task, BPF_FUNC_get_current_task, NO_TASK },
	{ BPF_FUNC_probe_write_user, BPF_FUNC_probe_write_user,
	  NO_KERNEL_MEMORY },
	{ BPF_FUNC_probe_read_str, BPF_FUNC_probe_read_str, NO_KERNEL_MEMORY },
	{ BPF_FUNC_spin_lock, BPF_FUNC_spin_unlock,
	  "use atomic operations (__sync_fetch_and_add() and the like)" },
	{ BPF_FUNC_probe_read_user, BPF_FUNC_probe_read_kernel_str,
	  NO_KERNEL_MEMORY },
	{ BPF_FUNC_ringbuf_output, BPF_FUNC_ringbuf_query, NO_RING },
	{ BPF_FUNC_get_current_task_btf, BPF_FUNC_get_current_task_btf,
	  NO_TASK },
	{ BPF_FUNC_timer_init, BPF_FUNC_timer_cancel, NO_TIMER },
};

/* The same of types of maps */
static const struct {
	__u32 type;
	const char *advice;
} map_advice[] = {
	{ BPF_MAP_TYPE_PROG_ARRAY, NO_TAIL_CALL },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, NO_RING },
	{ BPF_MAP_TYPE_RINGBUF, NO_RING },
	{ BPF_MAP_TYPE_ARRAY_OF_MAPS,
	  "use one map whose key has both keys, or several maps" },
	{ BPF_MAP_TYPE_HASH_OF_MAPS,
	  "use one map whose key has both keys, or several maps" },
	{ BPF_MAP_TYPE_LPM_TRIE,
	  "look prefixes up one length after the other in a hash" },
	{ BPF_MAP_TYPE_BLOOM_FILTER, "use a hash" },
};

/**
 * bpfs_helper_name() - name of a helper of the kernel
 * @id: its number
 *
 * Return: the name, or NULL if it is not known.
 */
const char *bpfs_helper_name(__u32 id)
{
	return id && id < ARRAY_SIZE(helper_names) ? helper_names[id] : NULL;
}

static const char *advice_for_helper(__u32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(helper_advice); i++) {
		if (id >= helper_advice[i].first && id <= helper_advice[i].last)
			return helper_advice[i].advice;
	}
	return NULL;
}

/**
 * bpfs_map_type_describe() - a type of maps in words
 * @type: BPF_MAP_TYPE_*
 * @buf: where the text goes
 * @size: size of @buf
 *
 * Return: what to use in place of such a map; NULL: nothing is known.
 */
const char *bpfs_map_type_describe(__u32 type, char *buf, size_t size)
{
	const char *name = libbpf_bpf_map_type_str(type);
	size_t i;

	if (name)
		snprintf(buf, size, "type %u (%s)", type, name);
	else
		snprintf(buf, size, "type %u", type);
	for (i = 0; i < ARRAY_SIZE(map_advice); i++) {
		if (map_advice[i].type == type)
			return map_advice[i].advice;
	}
	return NULL;
}

/* "instruction 5 (function 'f', prog.bpf.c:12): ..." */
static void explain_instruction(const struct bpfs_image *image, __u32 slot,
				const char *reason, char *buf, size_t size)
{
	const char *function = bpfs_image_function(image, slot);
	const char *name = NULL, *advice = NULL, *file = NULL;
	char place[512] = "", of_line[300] = "";
	__u32 line, helper;

	if (sscanf(reason, "unknown helper %u", &helper) == 1) {
		name = bpfs_helper_name(helper);
		advice = advice_for_helper(helper);
	}
	file = bpfs_image_line(image, slot, &line);
	if (file)
		snprintf(of_line, sizeof(of_line), ", %s:%u", file, line);
	if (function)
		snprintf(place, sizeof(place), " (function '%s'%s)", function,
			 of_line);
	snprintf(buf, size, "instruction %u%s: %s%s%s%s%s%s", slot, place,
		 reason, name ? " (" : "", name ?: "", name ? ")" : "",
		 advice ? ": " : "", advice ?: "");
}

/* "map 'm' is of type 27 (ringbuf), which is not supported: ..." */
static void explain_map(const struct bpfs_image *image, __u32 number,
			const char *reason, char *buf, size_t size)
{
	static const char start[] = "type ", unsupported[] = " is not supported";
	const char *name, *advice;
	char type_text[64], *end;
	unsigned long type;

	if (number >= image->map_count) {
		snprintf(buf, size, "map %u: %s", number, reason);
		return;
	}
	name = image->maps[number].name;
	type = strncmp(reason, start, strlen(start)) ? 0 :
	       strtoul(reason + strlen(start), &end, 10);
	if (!type || strcmp(end, unsupported)) {
		snprintf(buf, size, "map '%s': %s", name, reason);
		return;
	}
	advice = bpfs_map_type_describe(type, type_text,
					sizeof(type_text));
	snprintf(buf, size, "map '%s' is of %s, which is not supported%s%s",
		 name, type_text, advice ? ": " : "", advice ?: "");
}

/* "relocation 3 (in variable 'names'): ..." */
static void explain_reloc(const struct bpfs_image *image, __u32 number,
			  const char *reason, char *buf, size_t size)
{
	const struct bpfsched_reloc *reloc;
	const char *variable = NULL;

	if (number < image->reloc_count) {
		reloc = &image->relocs[number];
		variable = bpfs_image_variable(image, reloc->section,
					       reloc->offset);
	}
	snprintf(buf, size, "relocation %u%s%s%s: %s", number,
		 variable ? " (in variable '" : "", variable ?: "",
		 variable ? "')" : "", reason);
}

/**
 * bpfs_log_explain() - what the module says of a program, with names
 * @image: the program
 * @log: what the module says
 * @buf: where the text goes
 * @size: size of @buf
 */
void bpfs_log_explain(const struct bpfs_image *image, const char *log,
		      char *buf, size_t size)
{
	static const struct {
		const char *start;
		void (*explain)(const struct bpfs_image *image,
				__u32 number, const char *reason, char *buf,
				size_t size);
	} kinds[] = {
		{ "instruction ", explain_instruction },
		{ "map ", explain_map },
		{ "relocation ", explain_reloc },
	};
	unsigned long number;
	size_t i, len;
	char *end;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		len = strlen(kinds[i].start);
		if (strncmp(log, kinds[i].start, len))
			continue;
		number = strtoul(log + len, &end, 10);
		if (end > log + len && !strncmp(end, ": ", 2)) {
			kinds[i].explain(image, number, end + 2, buf, size);
			return;
		}
	}
	snprintf(buf, size, "%s", log);
}
