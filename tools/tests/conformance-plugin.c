// SPDX-License-Identifier: GPL-2.0
/*
 * Plugin for the public bpf_conformance suite: runs one program.
 *
 *	conformance-plugin [--program HEX] [MEMORY] [OPTIONS]
 *
 * The program is read from standard input as hex bytes unless --program gives
 * it. Options that are not known are ignored, as the suite asks for. Prints r0
 * in hex; what goes wrong is said on standard error and by the exit status.
 */
#include <bpfsched.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define die(format, ...) \
	do { \
		fprintf(stderr, "conformance-plugin: " format "\n", \
			##__VA_ARGS__); \
		exit(1); \
	} while (0)

#include "hex.h"

static int load(int fd, const struct bytes *code)
{
	struct bpfs_image *image;
	struct bpfs_prog *prog;

	if (bpfs_image_raw("conformance", code->data, code->len, &image) ||
	    bpfs_prog_load(fd, image, &prog))
		die("%s", bpfs_error());
	return bpfs_prog_fd(prog);
}

static uint64_t run(const struct bytes *code, const struct bytes *memory)
{
	const struct bpfsched_completion *completion;
	struct bpfs_stream *stream;
	struct bpfsched_job_desc job;
	int fd = bpfs_sched_open("cloud");

	if (fd < 0 || bpfs_stream_new(fd, &stream))
		die("%s", bpfs_error());
	bpfs_job_init(&job, load(fd, code), memory->data, memory->len);
	if (bpfs_sched_submit(fd, &job, 1) < 0)
		die("%s", bpfs_error());
	if (bpfs_stream_next(stream, -1, &completion) < 0)
		die("%s", bpfs_error());
	if (completion->status == BPFSCHED_STATUS_FAULT)
		die("fault: %s at address %#llx, instruction %u",
		    bpfs_fault_name(completion->fault_kind) ?: "unknown",
		    completion->fault_address, completion->fault_pc);
	if (completion->status != BPFSCHED_STATUS_OK)
		die("%s", bpfs_status_name(completion->status) ?:
		    "unknown status");
	return completion->r0;
}

int main(int argc, char **argv)
{
	const char *program = NULL, *memory = "";
	struct bytes code, context;
	int next = 1;

	if (argc > 2 && !strcmp(argv[1], "--program")) {
		program = argv[2];
		next = 3;
	}
	if (next < argc && strncmp(argv[next], "--", 2))
		memory = argv[next++];
	for (; next + 1 < argc; next++) {
		if (!strcmp(argv[next], "--program"))
			program = argv[next + 1];
	}
	code = parse_hex(program ?: read_input());
	context = parse_hex(memory);
	printf("%llx\n", (unsigned long long)run(&code, &context));
	return 0;
}
