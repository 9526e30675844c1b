// SPDX-License-Identifier: GPL-2.0
/*
 * One step of a PID controller, in 16.16 fixed point. The context is a struct
 * pid_step; give it a deadline, and have the context returned to get the
 * output. Gains and state are global data (section .data), which user space
 * can map and change while the controller runs.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define FIXED_SHIFT 16
#define FIXED(x) ((__s64)((x) * (1 << FIXED_SHIFT)))
#define NSEC_PER_SEC 1000000000LL

/* A step that takes longer than this starts over: derivatives would be wrong */
#define GAP_MAX_NS (NSEC_PER_SEC / 10)

struct pid_step {
	__s64 setpoint;		/* 16.16 */
	__s64 measured;		/* 16.16 */
	__s64 output;		/* 16.16, set by the program */
	__u64 period_ns;	/* time since the last step; 0: measure it */
};

struct pid {
	__s64 kp;		/* 16.16 */
	__s64 ki;		/* 16.16, a second */
	__s64 kd;		/* 16.16 seconds */
	__s64 out_min;		/* 16.16 */
	__s64 out_max;		/* 16.16 */
	__s64 integral;		/* 16.16 */
	__s64 last_error;	/* 16.16 */
};

struct pid pid = {
	.kp = FIXED(2.0),
	.ki = FIXED(0.5),
	.kd = FIXED(0.05),
	.out_min = FIXED(-100),
	.out_max = FIXED(100),
};

__u64 last_ns;			/* when the last step ran; 0: never */

static __s64 clamp(__s64 value, __s64 min, __s64 max)
{
	if (value < min)
		return min;
	return value > max ? max : value;
}

static __s64 multiply(__s64 a, __s64 b)
{
	return (a * b) >> FIXED_SHIFT;
}

/* BPF before version 4 has no signed division */
static __s64 divide(__s64 a, __s64 b)
{
	__u64 quotient = (__u64)(a < 0 ? -a : a) / (__u64)(b < 0 ? -b : b);

	return (a < 0) == (b < 0) ? (__s64)quotient : -(__s64)quotient;
}

/* Nanoseconds as 16.16 seconds, without overflow below a day */
static __s64 to_seconds(__u64 ns)
{
	return ((ns << FIXED_SHIFT) + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
}

/* Time since the last step, 0 if this is the first one */
static __u64 elapsed(const struct pid_step *step)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 gap = last_ns ? now - last_ns : 0;

	last_ns = now;
	if (step->period_ns)
		return step->period_ns;
	if (gap > GAP_MAX_NS) {
		bpf_printk("pid: gap of %llu ns, starting over", gap);
		pid.integral = 0;
		return 0;
	}
	return gap;
}

/* Returns whether the output is at a limit */
SEC("bpfsched")
long pid_step(struct pid_step *step, unsigned long len)
{
	__s64 error, dt, integral, derivative = 0, wanted;

	if (len < sizeof(*step))
		return -1;
	error = step->setpoint - step->measured;
	dt = to_seconds(elapsed(step));
	integral = pid.integral + multiply(multiply(pid.ki, error), dt);
	if (dt)
		derivative = divide((error - pid.last_error) * FIXED(1), dt);
	wanted = multiply(pid.kp, error) + integral +
		 multiply(pid.kd, derivative);
	step->output = clamp(wanted, pid.out_min, pid.out_max);
	/* No wind-up: integrate only while the output follows */
	if (step->output == wanted)
		pid.integral = integral;
	pid.last_error = error;
	return step->output != wanted;
}
