// SPDX-License-Identifier: GPL-2.0
/*
 * One call of a helper each, for tools/tests/twins.c: the same objects are run by
 * the kernel, whose verifier has to accept them, and by bpfsched.
 */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "twins.h"

char _license[] SEC("license") = "GPL";

struct twin twin;

#define TWIN(name)							\
SEC("bpfsched")								\
int name(void *ctx __attribute__((unused)))

/* As the verifier wants it: 1 to TWIN_TEXT */
static __always_inline __u64 text_len(void)
{
	__u64 len = twin.len - 1;

	barrier_var(len);
	len &= TWIN_TEXT - 1;
	barrier_var(len);
	return len + 1;
}

TWIN(twin_strtol)
{
	__u64 len = text_len();

	twin.ret = bpf_strtol(twin.text, len, twin.flags,
			      (long *)&twin.number);
	return 0;
}

TWIN(twin_strtoul)
{
	__u64 len = text_len();

	twin.ret = bpf_strtoul(twin.text, len, twin.flags,
			       (unsigned long *)&twin.number);
	return 0;
}

/* The second string has to be a constant */
#define STRNCMP(number, string)						\
TWIN(twin_strncmp_##number)						\
{									\
	static const char other[] = string;				\
	__u64 len = text_len();						\
									\
	twin.ret = bpf_strncmp(twin.text, len, other);		\
	return 0;							\
}

STRNCMP(0, "")
STRNCMP(1, "a")
STRNCMP(2, "abc")
STRNCMP(3, "ab\xff")
STRNCMP(4, "abcdefghijklmnopqrstuvwxyz")

/* So has the format; the arguments are in an array on the stack */
#define SNPRINTF(number, string, ...)					\
TWIN(twin_snprintf_##number)						\
{									\
	static const char format[] = string;				\
	__u64 args[] = { __VA_ARGS__ };					\
	__u64 size = twin.size;						\
									\
	barrier_var(size);						\
	size &= TWIN_TEXT - 1;						\
	twin.ret = bpf_snprintf(twin.buf, size, format, args,		\
				sizeof(args));				\
	return 0;							\
}

/* At run time, and not in the initial data of an array, which nobody relocates */
static __always_inline __u64 text_address(void)
{
	char *text = twin.text;

	barrier_var(text);
	return (__u64)text;
}

#define A	twin.args[0]
#define B	twin.args[1]
#define T	text_address()

SNPRINTF(0, "plain", )
SNPRINTF(1, "%d|%i", A, B)
SNPRINTF(2, "%u|%x|%X", A, B, A)
SNPRINTF(3, "%ld|%li|%lu", A, B, A)
SNPRINTF(4, "%lld|%llu|%llx|%llX", A, B, A, B)
SNPRINTF(5, "%5d|%-5d|%05d|%-05d", A, A, B, B)
SNPRINTF(6, "%c|%3c|%-3c", A, A, A)
SNPRINTF(7, "%s|%d", T, A)
SNPRINTF(8, "%10s|%-10s|", T, T)
SNPRINTF(9, "100%%|%d", A)
SNPRINTF(10, "%12llx|%-12llu|%012lld", A, A, B)
SNPRINTF(11, "%d", A, B)
SNPRINTF(12, "%d|%d", A)
SNPRINTF(13, "%", )
SNPRINTF(14, "%f", A)
SNPRINTF(15, "%n", A)
SNPRINTF(16, "%h", A)
SNPRINTF(17, "%.5d", A)
SNPRINTF(18, "%*d", A)
SNPRINTF(19, "%+d", A)
SNPRINTF(20, "%#x", A)
SNPRINTF(21, "% d", A)
SNPRINTF(22, "%lc", A)
SNPRINTF(23, "%ls", T)
SNPRINTF(24, "%llc", A)
SNPRINTF(25, "%99d", A)
SNPRINTF(26, "%100d", A)
SNPRINTF(27, "tab\tand\nline", )
SNPRINTF(28, "bell\a", )
SNPRINTF(29, "not ASCII: \xc3\xa4", )
SNPRINTF(30, "%lllx", A)
SNPRINTF(31, "%-", A)
SNPRINTF(32, "%d%d%d%d%d%d%d%d%d%d%d%d", A, A, A, A, A, A, A, A, A, A, A, A)
SNPRINTF(33, "%p", A)
SNPRINTF(34, "%pK", A)
SNPRINTF(35, "%hd|%hhd", A, B)
SNPRINTF(36, "%0", A)
SNPRINTF(37, "%o", A)
SNPRINTF(38, "%zu", A)

TWIN(twin_trace_printk)
{
	__u64 len = text_len();

	twin.ret = bpf_trace_printk(twin.text, len, twin.args[0],
				    twin.args[1], twin.args[2]);
	return 0;
}

TWIN(twin_trace_string)
{
	__u64 len = text_len();

	twin.ret = bpf_trace_printk(twin.text, len, twin.other,
				    twin.args[1], twin.other);
	return 0;
}

#define VPRINTK(count)							\
TWIN(twin_vprintk_##count)						\
{									\
	__u64 args[] = { twin.args[0], twin.args[1], twin.args[2],	\
			 twin.args[3], (__u64)twin.other };		\
	__u64 len = text_len();						\
									\
	twin.ret = bpf_trace_vprintk(twin.text, len, args,	\
					     8 * (count));		\
	return 0;							\
}

VPRINTK(0)
VPRINTK(1)
VPRINTK(4)
VPRINTK(5)

static long turn(__u32 index, void *data __attribute__((unused)))
{
	twin.list[twin.count & (TWIN_LIST - 1)] = index;
	twin.count++;
	return twin.count >= twin.stop;
}

TWIN(twin_loop)
{
	twin.ret = bpf_loop(twin.args[0], turn, 0, twin.flags);
	return 0;
}

#define MAP(name, kind, ktype, more)					\
struct {								\
	__uint(type, kind);						\
	__uint(max_entries, TWIN_KEYS);					\
	ktype								\
	__type(value, __u64);						\
	__uint(map_flags, more);					\
} name SEC(".maps")

#define KEY	__type(key, __u32);

MAP(array, BPF_MAP_TYPE_ARRAY, KEY, 0);
MAP(hash, BPF_MAP_TYPE_HASH, KEY, 0);
MAP(lru, BPF_MAP_TYPE_LRU_HASH, KEY, 0);
MAP(cpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, KEY, 0);
MAP(cpu_hash, BPF_MAP_TYPE_PERCPU_HASH, KEY, 0);
MAP(cpu_lru, BPF_MAP_TYPE_LRU_PERCPU_HASH, KEY, 0);
MAP(queue, BPF_MAP_TYPE_QUEUE, , 0);
MAP(stack, BPF_MAP_TYPE_STACK, , 0);

/* Each hash has an order of its own, so that a part of it is any part. */
static long each(void *map __attribute__((unused)), __u32 *key, __u64 *value,
		 void *data __attribute__((unused)))
{
	if (twin.size)
		twin.list[*key & (TWIN_LIST - 1)] += *value + 1000;
	twin.count++;
	return twin.count >= twin.stop;
}

static __always_inline void show(__u64 *value)
{
	twin.ret = !!value;
	if (value)
		twin.number = *value;
}

/*
 * Before 6.4 these returned an int in kernels with JIT, of which a program saw
 * 32 bits that were not extended.
 */
#define ELEMENTS(name, per_cpu)						\
TWIN(twin_map_##name)						\
{									\
	__u32 key = twin.args[0];					\
	__u64 value = twin.args[1], *found;				\
									\
	switch (twin.op) {						\
	case TWIN_LOOKUP:						\
		show(bpf_map_lookup_elem(&name, &key));			\
		break;							\
	case TWIN_UPDATE:						\
		twin.ret = (int)bpf_map_update_elem(&name, &key, &value,	\
					       twin.flags);		\
		break;							\
	case TWIN_DELETE:						\
		twin.ret = (int)bpf_map_delete_elem(&name, &key);		\
		break;							\
	case TWIN_EACH:							\
		twin.ret = (int)bpf_for_each_map_elem(&name, each, 0,	\
						 twin.flags);		\
		break;							\
	case TWIN_ADD:							\
		found = bpf_map_lookup_elem(&name, &key);		\
		if (found)						\
			twin.number = __sync_fetch_and_add(found, value); \
		break;							\
	case TWIN_LOOKUP_CPU:						\
		per_cpu;						\
		break;							\
	}								\
	return 0;							\
}

#define OF_CPU(name)							\
	show(bpf_map_lookup_percpu_elem(&name, &key, twin.args[2]))

ELEMENTS(array, )
ELEMENTS(hash, )
ELEMENTS(lru, )
ELEMENTS(cpu_array, OF_CPU(cpu_array))
ELEMENTS(cpu_hash, OF_CPU(cpu_hash))
ELEMENTS(cpu_lru, OF_CPU(cpu_lru))

#define ITEMS(name)							\
TWIN(twin_map_##name)						\
{									\
	__u64 value = twin.args[1];					\
									\
	switch (twin.op) {						\
	case TWIN_PUSH:							\
		twin.ret = (int)bpf_map_push_elem(&name, &value, twin.flags); \
		break;							\
	case TWIN_POP:							\
		twin.ret = (int)bpf_map_pop_elem(&name, &twin.number);	\
		break;							\
	case TWIN_PEEK:							\
		twin.ret = (int)bpf_map_peek_elem(&name, &twin.number);	\
		break;							\
	}								\
	return 0;							\
}

ITEMS(queue)
ITEMS(stack)

/* What each gives is between two others of the same */
TWIN(twin_clocks)
{
	twin.list[0] = bpf_ktime_get_ns();
	twin.list[1] = bpf_ktime_get_boot_ns();
	twin.list[2] = bpf_ktime_get_coarse_ns();
	twin.list[3] = bpf_ktime_get_tai_ns();
	twin.list[4] = bpf_jiffies64();
	twin.number = bpf_get_smp_processor_id();
	twin.count = bpf_get_prandom_u32();
	return 0;
}
