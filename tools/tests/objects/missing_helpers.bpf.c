// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that are not there: which, where, and what to use instead.
 *
 * expect reads: refused: function 'copy'; missing_helpers.bpf.c:16; unknown helper 113 (bpf_probe_read_kernel); memory of their own
 * expect who: refused: function 'who'; missing_helpers.bpf.c:28; unknown helper 14 (bpf_get_current_pid_tgid); threads of the scheduler
 * expect locks: refused: unknown helper 93 (bpf_spin_lock); atomic operations
 * expect other: refused: unknown helper 77 (bpf_rc_repeat)
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline long copy(void *to, const void *from)
{
	return bpf_probe_read_kernel(to, 8, from);
}

SEC("bpfsched") long reads(const __u8 *bytes, unsigned long len)
{
	long value = 0;

	return copy(&value, bytes) + value;
}

SEC("bpfsched") long who(const __u8 *bytes, unsigned long len)
{
	return bpf_get_current_pid_tgid() >> 32;
}

SEC("bpfsched") long locks(const __u8 *bytes, unsigned long len)
{
	struct bpf_spin_lock lock = {};

	bpf_spin_lock(&lock);
	return 1;
}

SEC("bpfsched") long other(void *bytes, unsigned long len)
{
	return bpf_rc_repeat(bytes);
}
