// SPDX-License-Identifier: GPL-2.0
/*
 * Submit a job and wait for it: the smallest program with the library.
 *
 *	cc submit.c -o submit $(pkg-config --cflags --libs libbpfsched)
 *	submit add.bpf.o 01 02 03
 *
 * The arguments after the object are the context's bytes, in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpfsched.h>

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, bpfs_error());
	return 1;
}

/* Returns an exit status */
static int run(int fd, const char *object, const void *bytes, __u32 len)
{
	const struct bpfsched_completion *completion;
	struct bpfsched_job_desc job;
	struct bpfs_stream *stream;
	struct bpfs_prog *prog;
	int status = 1;

	if (bpfs_prog_load_file(fd, object, NULL, &prog))
		return fail("load");
	if (bpfs_stream_new(fd, &stream)) {
		bpfs_prog_free(prog);
		return fail("stream");
	}
	bpfs_job_init(&job, bpfs_prog_fd(prog), bytes, len);
	if (bpfs_sched_submit(fd, &job, 1) < 0) {
		status = fail("submit");
	} else if (bpfs_stream_next(stream, -1, &completion)) {
		status = fail("wait");
	} else {
		printf("job %llu: %s, r0 %llu\n",
		       (unsigned long long)completion->id,
		       bpfs_status_name(completion->status),
		       (unsigned long long)completion->r0);
		status = completion->status != BPFSCHED_STATUS_OK;
	}
	bpfs_stream_free(stream);
	bpfs_prog_free(prog);
	return status;
}

int main(int argc, char **argv)
{
	unsigned char bytes[4096];
	int i, fd, status;
	__u32 len = 0;

	if (argc < 2 || argc - 2 > (int)sizeof(bytes)) {
		fprintf(stderr, "usage: submit OBJECT [BYTE...]\n");
		return 2;
	}
	for (i = 2; i < argc; i++)
		bytes[len++] = strtoul(argv[i], NULL, 16);
	fd = bpfs_sched_open("cloud");
	if (fd < 0)
		return fail("open");
	status = run(fd, argv[1], bytes, len);
	close(fd);
	return status;
}
