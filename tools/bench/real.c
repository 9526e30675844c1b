// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that people run, compiled by clang: the packet classifier over the
 * frames of a capture, steps of a PID controller, aggregation in a hash map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate.h"
#include "programs.h"

#define PATH_SIZE 4096

/* A capture: a header of the file, and one before each frame */
#define PCAP_MAGIC		0xa1b2c3d4
#define PCAP_HEADER		24
#define PCAP_FRAME_HEADER	16
#define PCAP_CAPTURED		8

#define PID_STEPS 64

#define AGGREGATE_RECORDS	256
#define AGGREGATE_KEYS		48

/* As in pid.bpf.c */
struct pid_step {
	__s64 setpoint;
	__s64 measured;
	__s64 output;
	__u64 period_ns;
};

static void open_image(struct bench_case *c, const char *folder,
		       const char *object)
{
	char path[PATH_SIZE];
	uint32_t i;

	snprintf(path, sizeof(path), "%s/%s", folder, object);
	if (bpfs_image_open(path, NULL, &c->image))
		die("%s", bpfs_error());
	c->insns = c->image->insns;
	c->insn_count = c->image->insn_count;
	c->section_count = c->image->section_count;
	c->sections = xcalloc(c->section_count ?: 1, sizeof(*c->sections));
	for (i = 0; i < c->section_count; i++) {
		struct bpfs_image_section *s = &c->image->sections[i];

		if (!s->data)
			s->data = xcalloc(1, s->len);
		c->sections[i].data = (uintptr_t)s->data;
		c->sections[i].len = s->len;
	}
}

static void add_context(struct bench_case *c, const void *bytes, uint32_t len)
{
	c->contexts = realloc(c->contexts, (c->context_count + 1) *
					   sizeof(*c->contexts));
	if (!c->contexts)
		die("out of memory");
	c->contexts[c->context_count++] = (struct bench_bytes){
		.data = (uintptr_t)bytes,
		.len = len,
	};
}

static void read_frames(struct bench_case *c, const char *path)
{
	uint32_t magic, captured;
	char *bytes;
	size_t len, pos;

	if (bpfs_file_read(path, &bytes, &len))
		die("%s", bpfs_error());
	c->memory = bytes;
	if (len < PCAP_HEADER)
		die("%s: no capture", path);
	memcpy(&magic, bytes, sizeof(magic));
	if (magic != PCAP_MAGIC)
		die("%s: no capture of this machine's byte order", path);
	for (pos = PCAP_HEADER; pos + PCAP_FRAME_HEADER <= len;
	     pos += captured) {
		memcpy(&captured, bytes + pos + PCAP_CAPTURED,
		       sizeof(captured));
		pos += PCAP_FRAME_HEADER;
		if (captured > len - pos)
			die("%s: truncated", path);
		if (captured)
			add_context(c, bytes + pos, captured);
	}
}

static void packet_parser(struct bench_case *c, const char *objects,
			  const char *capture)
{
	*c = (struct bench_case){ .name = "packet parser", .whole_runs = true };
	open_image(c, objects, "bench/classify.bpf.o");
	read_frames(c, capture);
}

static void pid_steps(struct bench_case *c, const char *objects,
		      const char *capture ATTRIBUTE(unused))
{
	struct pid_step *steps = xcalloc(PID_STEPS, sizeof(*steps));
	int i;

	*c = (struct bench_case){ .name = "PID step", .whole_runs = true };
	open_image(c, objects, "bench/pid.bpf.o");
	c->memory = steps;
	for (i = 0; i < PID_STEPS; i++) {
		steps[i].setpoint = 20 << 16;
		steps[i].measured = (i % 40) << 16;
		steps[i].period_ns = 1000000;
		add_context(c, &steps[i], sizeof(steps[i]));
	}
}

/* Put references to the map in place of the number that stands for it */
static void refer_to_map(struct bpfs_image *image)
{
	struct bpf_insn *insn = image->insns;
	const struct bpf_insn *end = insn + image->insn_count;

	for (; insn < end - 1; insn++) {
		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) ||
		    insn[0].imm != (__s32)AGGREGATE_MAP ||
		    insn[1].imm != (__s32)(AGGREGATE_MAP >> 32))
			continue;
		insn[0].src_reg = BPF_PSEUDO_MAP_IDX;
		insn[0].imm = 0;
		insn[1].imm = 0;
	}
}

static void find_largest(struct bench_case *c, const char *objects,
			 const char *capture ATTRIBUTE(unused))
{
	struct record *records = xcalloc(AGGREGATE_RECORDS, sizeof(*records));
	uint32_t i;

	*c = (struct bench_case){
		.name = "hash aggregation",
		.whole_runs = true,
		.map_type = BPF_MAP_TYPE_HASH,
	};
	open_image(c, objects, "bench/aggregate.bpf.o");
	refer_to_map(c->image);
	c->memory = records;
	for (i = 0; i < AGGREGATE_RECORDS; i++) {
		records[i].key = i * i % AGGREGATE_KEYS;
		records[i].bytes = i * 7 % 1500;
	}
	add_context(c, records, AGGREGATE_RECORDS * sizeof(*records));
}

real_case_t *const real_cases[] = { packet_parser, pid_steps, find_largest };
const size_t real_case_count = ARRAY_SIZE(real_cases);

/**
 * case_free() - free a program and what it works on
 * @c: what one of real_cases has set
 */
void case_free(struct bench_case *c)
{
	bpfs_image_free(c->image);
	free(c->sections);
	free(c->contexts);
	free(c->memory);
}
