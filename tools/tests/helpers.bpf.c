// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that call helpers, for tools/tests/helpers.c. A program that checks
 * something returns 0, or the line of what is wrong.
 */
#include <linux/types.h>

#include <linux/bpf.h>
#include <linux/errno.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

#define CHECK(condition)	check(&wrong, __LINE__, !(condition))

#define ENOSPC	28
#define ENOENT	2
#define E2BIG	7

/* The first that does not hold is kept in @wrong, by its line. */
static __always_inline void check(long *wrong, long line, int fails)
{
	if (fails && !*wrong)
		*wrong = line;
}

SEC("bpfsched/times")
long times(void)
{
	__u64 now = bpf_ktime_get_ns(), boot = bpf_ktime_get_boot_ns();
	__u64 ticks = bpf_jiffies64();
	long wrong = 0;

	CHECK(now && bpf_ktime_get_ns() >= now);
	CHECK(boot && bpf_ktime_get_boot_ns() >= boot);
	CHECK(bpf_ktime_get_coarse_ns() && bpf_ktime_get_tai_ns());
	CHECK(bpf_jiffies64() >= ticks);
	CHECK(!(bpf_get_prandom_u32() & ~0xffffffffULL));
	return wrong;
}

SEC("bpfsched/texts")
long texts(void)
{
	static const char number[] = " -0x1f;", name[] = "name";
	char buf[16] = "name";
	unsigned long u = 0;
	__u64 args[2];
	long wrong = 0;
	long s = 0;

	CHECK(bpf_strtol(number, sizeof(number), 0, &s) == 6 && s == -31);
	CHECK(bpf_strtoul("377", 3, 8, &u) == 3 && u == 255);
	/* What is no number is 0, and no value of before */
	CHECK(bpf_strtol("zz", 2, 0, &s) == -EINVAL && !s);
	CHECK(bpf_strtoul("zz", 2, 0, &u) == -EINVAL && !u);
	CHECK(!bpf_strncmp(buf, sizeof(buf), name));
	args[0] = 42;
	args[1] = (__u64)name;
	CHECK(bpf_snprintf(buf, sizeof(buf), "%d %s", args, sizeof(args)) == 8);
	CHECK(!bpf_strncmp(buf, sizeof(buf), "42 name"));
	return wrong;
}

SEC("bpfsched/job")
long job(void)
{
	__u64 budget = bpfsched_budget_remaining();
	long wrong = 0;

	CHECK(bpfsched_job_id());
	CHECK(!bpfsched_release());
	CHECK(!bpfsched_deadline_ns());
	CHECK(bpfsched_time_remaining_ns() == 0x7fffffffffffffff);
	CHECK(!bpfsched_yield());
	CHECK(bpfsched_budget_remaining() < budget);
	return wrong;
}

/* Steps that may be done; user space writes it. */
__u64 ticket;

/* Steps that are done; user space reads it. */
__u64 done;

struct sum {
	__u64 hash;
	__u64 seed;
};

static long step(__u64 index, struct sum *sum)
{
	__u64 frame[32], *kept = frame, i;

	/* The frame has to hold them while the job is paused. */
	barrier_var(kept);
	for (i = 0; i < 32; i++)
		kept[i] = sum->hash + i * index;
	while (ticket <= done)
		bpfsched_yield();
	for (i = 0; i < 32; i++)
		sum->hash = sum->hash * 31 + kept[i] + sum->seed;
	done++;
	return 0;
}

static long middle(__u64 index, struct sum *sum)
{
	struct sum own = { .hash = sum->hash + index, .seed = index };

	bpf_loop(10, step, &own, 0);
	sum->hash ^= own.hash;
	return 0;
}

static long outer(__u64 index, struct sum *sum)
{
	struct sum own = { .hash = sum->hash * 7, .seed = index };

	bpf_loop(10, middle, &own, 0);
	sum->hash += own.hash;
	return 0;
}

/* A thousand steps in callbacks of callbacks, each of which waits its turn. */
SEC("bpfsched/steps")
long steps(void)
{
	struct sum sum = { .hash = 1 };

	if (bpf_loop(10, outer, &sum, 0) != 10)
		return 0;
	return sum.hash;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 10);
	__type(key, __u32);
	__type(value, __u64);
} tens SEC(".maps");

/* Each makes an order of its own of its keys */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__type(key, __u64);
	__type(value, __u64);
} hundred SEC(".maps");

static long step_of_hash(void *map, const __u64 *key, __u64 *value,
			 struct sum *sum)
{
	struct sum own = { .hash = *key, .seed = sum->seed };

	(void)map;
	step(*key, &own);
	sum->hash += own.hash + *key * 3 + *value;
	return 0;
}

static long step_of_array(void *map, const __u32 *key, __u64 *value,
			  struct sum *sum)
{
	/* Its window is another's after the inner walk. */
	__u32 index = *key;
	struct sum own = { .hash = sum->hash + index, .seed = index };

	(void)map;
	bpf_for_each_map_elem(&hundred, step_of_hash, &own, 0);
	sum->hash = sum->hash * 7 + own.hash + index + *value;
	return 0;
}

/* As many, in walks of a hash in a walk of an array. */
SEC("bpfsched/walks")
long walks(void)
{
	struct sum sum = { .hash = 1 };
	__u64 i, value;

	for (i = 0; i < 100; i++) {
		value = i * i;
		if (bpf_map_update_elem(&hundred, &i, &value, BPF_ANY))
			return 0;
	}
	if (bpf_for_each_map_elem(&tens, step_of_array, &sum, 0) != 10)
		return 0;
	return sum.hash;
}

/* As many events as the first byte of the context says. */
SEC("bpfsched/events")
long events(const __u8 *ctx, unsigned long len)
{
	__u32 i, lost = 0;

	if (!len)
		return __LINE__;
	for (i = 0; i < ctx[0]; i++)
		lost += bpfsched_emit(&i, sizeof(i)) == -ENOSPC;
	if (bpfsched_emit(&i, BPFSCHED_EVENT_MAX + 1) != -E2BIG)
		return __LINE__;
	return lost;
}

/* Submits its first follow-up with a number that is one more than its own. */
SEC("bpfsched/chain")
long chain(const __u64 *ctx, unsigned long len)
{
	__u64 number = len == sizeof(number) ? *ctx + 1 : 1;
	long ret = bpfsched_submit_job(0, &number, sizeof(number), 0);

	bpfsched_emit(&number, sizeof(number));
	if (ret == -ENOENT)
		return number;
	return ret > 0 ? 0 : ret;
}

SEC("bpfsched/middle_link")
long middle_link(const __u64 *ctx, unsigned long len)
{
	return chain(ctx, len);
}

SEC("bpfsched/last_link")
long last_link(const __u64 *ctx, unsigned long len)
{
	return chain(ctx, len);
}
