// SPDX-License-Identifier: GPL-2.0
/*
 * A control loop: each step is a job with a deadline, and a global variable of
 * the program, mapped here, has the parameters and the state of the controller.
 * The plant is a model, a body that is heated and cools down.
 *
 *	cc control.c -o control $(pkg-config --cflags --libs libbpfsched)
 *	control pid.bpf.o
 */
#include <stdio.h>
#include <unistd.h>

#include <bpfsched.h>

#define STEPS		2000
#define STEP_NS		10000000ULL
#define DEADLINE_NS	1000000000ULL

#define FIXED(x)	((__s64)((x) * 65536))
#define AS_DOUBLE(x)	((double)(x) / 65536)

/* As in pid.bpf.c */
struct pid_step {
	__s64 setpoint;
	__s64 measured;
	__s64 output;
	__u64 period_ns;
};

struct pid {
	__s64 kp;
	__s64 ki;
	__s64 kd;
	__s64 out_min;
	__s64 out_max;
	__s64 integral;
	__s64 last_error;
};

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, bpfs_error());
	return -1;
}

/* Where the variable is in its section, for which the image has a name */
static const struct bpfs_image_variable *
find_variable(const struct bpfs_image *image, const char *name)
{
	__u32 i;

	for (i = 0; i < image->variable_count; i++) {
		if (!strcmp(image->variables[i].name, name))
			return &image->variables[i];
	}
	return NULL;
}

/*
 * Loads the program; sets *pid to its variable, which the program and this
 * process share from now on.
 */
static int load(int fd, const char *object, struct bpfs_prog **prog,
		volatile struct pid **pid)
{
	const struct bpfs_image_variable *variable;
	struct bpfs_image *image;
	char *section = NULL;
	size_t len;
	int err;

	if (bpfs_image_open(object, NULL, &image))
		return fail("image");
	err = bpfs_prog_load(fd, image, prog) ? fail("load") : 0;
	variable = find_variable(image, "pid");
	if (!err && variable)
		section = bpfs_prog_section(*prog,
					    image->sections[variable->section].name,
					    &len);
	if (!err && !section) {
		err = fail("variable 'pid'");
		bpfs_prog_free(*prog);
	}
	if (!err)
		*pid = (void *)(section + variable->offset);
	bpfs_image_free(image);
	return err;
}

/* One step; sets @step->output */
static int control(int fd, struct bpfs_stream *stream,
		   const struct bpfs_prog *prog, struct pid_step *step)
{
	const struct bpfsched_completion *completion;
	struct bpfsched_job_desc job;

	bpfs_job_init(&job, bpfs_prog_fd(prog), step, sizeof(*step));
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT | BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = DEADLINE_NS;
	if (bpfs_sched_submit(fd, &job, 1) < 0)
		return fail("submit");
	if (bpfs_stream_next(stream, -1, &completion))
		return fail("wait");
	if (completion->status != BPFSCHED_STATUS_OK ||
	    completion->context_len != sizeof(*step)) {
		fprintf(stderr, "step: %s\n",
			bpfs_status_name(completion->status));
		return -1;
	}
	memcpy(step, bpfs_completion_context(completion), sizeof(*step));
	return 0;
}

static int loop(int fd, struct bpfs_stream *stream,
		const struct bpfs_prog *prog, volatile struct pid *pid)
{
	struct pid_step step = {
		.setpoint = FIXED(60),
		.measured = FIXED(20),
		.period_ns = STEP_NS,
	};
	double temperature = 20;
	int i;

	/* Seen by the next step */
	pid->kp = FIXED(4);
	pid->ki = FIXED(2);
	pid->kd = 0;
	pid->out_min = 0;
	for (i = 0; i < STEPS; i++) {
		step.measured = FIXED(temperature);
		if (control(fd, stream, prog, &step))
			return -1;
		temperature += AS_DOUBLE(step.output) * 0.01 -
			       (temperature - 20) * 0.01;
		if (i % 500 == 0)
			printf("step %d: %.1f degrees, heater at %.1f\n", i,
			       temperature, AS_DOUBLE(step.output));
	}
	printf("end: %.1f degrees, integral %.1f\n", temperature,
	       AS_DOUBLE(pid->integral));
	return 0;
}

int main(int argc, char **argv)
{
	struct bpfs_stream *stream = NULL;
	struct bpfs_prog *prog = NULL;
	volatile struct pid *pid = NULL;
	int fd, err;

	if (argc != 2) {
		fprintf(stderr, "usage: control OBJECT\n");
		return 2;
	}
	fd = bpfs_sched_open("embedded");
	if (fd < 0) {
		fail("open");
		return 1;
	}
	err = bpfs_stream_new(fd, &stream) ? fail("stream") : 0;
	if (!err)
		err = load(fd, argv[1], &prog, &pid);
	if (!err) {
		err = loop(fd, stream, prog, pid);
		bpfs_prog_free(prog);
	}
	bpfs_stream_free(stream);
	close(fd);
	return err ? 1 : 0;
}
