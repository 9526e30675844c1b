// SPDX-License-Identifier: GPL-2.0
/*
 * One step of a Kalman filter for an axis of a robot: position and velocity
 * from an encoder's noisy position, in 16.16 fixed point. The context is a
 * struct kalman_step; have it returned to get the estimate. The model's noise
 * is in .data, the state and its covariance in .bss.
 *
 * Returns whether the measurement was used: one that is far from what was
 * expected is counted and left out.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define FIXED_SHIFT 16
#define FIXED(x) ((__s64)((x) * (1 << FIXED_SHIFT)))

struct kalman_step {
	__s64 measured;		/* position */
	__s64 dt;		/* seconds since the last step */
	__s64 position;		/* set by the program */
	__s64 velocity;		/* set by the program */
};

__s64 process_noise = FIXED(0.05);
__s64 sensor_noise = FIXED(0.5);
__s64 gate = FIXED(25);		/* squared, in variances */

struct axis {
	__s64 position;
	__s64 velocity;
	__s64 p00, p01, p11;	/* covariance; it is symmetric */
};

struct axis axis = { .p00 = FIXED(100), .p11 = FIXED(100) };
__u64 outliers;

static __s64 multiply(__s64 a, __s64 b)
{
	return (a * b) >> FIXED_SHIFT;
}

/* BPF before version 4 has no signed division; @b is positive */
static __s64 divide(__s64 a, __s64 b)
{
	__u64 quotient = ((__u64)(a < 0 ? -a : a) << FIXED_SHIFT) / (__u64)b;

	return a < 0 ? -(__s64)quotient : (__s64)quotient;
}

static void predict(struct axis *x, __s64 dt)
{
	__s64 q = multiply(process_noise, dt);

	x->position += multiply(x->velocity, dt);
	x->p00 += multiply(dt, 2 * x->p01 + multiply(dt, x->p11)) + q;
	x->p01 += multiply(dt, x->p11);
	x->p11 += q;
}

static void correct(struct axis *x, __s64 innovation, __s64 variance)
{
	__s64 k0 = divide(x->p00, variance), k1 = divide(x->p01, variance);

	x->position += multiply(k0, innovation);
	x->velocity += multiply(k1, innovation);
	x->p11 -= multiply(k1, x->p01);
	x->p01 -= multiply(k0, x->p01);
	x->p00 -= multiply(k0, x->p00);
}

SEC("bpfsched")
long estimate(struct kalman_step *step, unsigned long len)
{
	__s64 innovation, variance;
	long used;

	if (len < sizeof(*step))
		return -1;
	predict(&axis, step->dt);
	innovation = step->measured - axis.position;
	variance = axis.p00 + sensor_noise;
	used = multiply(innovation, innovation) <= multiply(gate, variance);
	if (used)
		correct(&axis, innovation, variance);
	else
		outliers++;
	step->position = axis.position;
	step->velocity = axis.velocity;
	return used;
}
