// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols that the object does not define harm only those who need them.
 *
 * expect plain: 0x7
 * expect weak: 0x5
 * expect calls: refused: function 'calls' (; calls 'memcmp'; no C library; -fno-builtin
 * expect nested: refused: function 'inner' (; calls 'undefined_function'
 * expect config: refused: refers to 'CONFIG_HZ'; __kconfig
 * expect pointer: refused: section '.data'; refers to 'undefined_data'
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int memcmp(const void *left, const void *right, unsigned long len);
extern long undefined_function(long x);
extern int undefined_data;
extern int CONFIG_HZ __kconfig;
extern const int weak_symbol __ksym __weak;

SEC("bpfsched") long plain(const __u8 *bytes, unsigned long len)
{
	return 7;
}

SEC("bpfsched") long weak(const __u8 *bytes, unsigned long len)
{
	return &weak_symbol ? weak_symbol : 5;
}

SEC("bpfsched") long calls(const __u8 *bytes, unsigned long len)
{
	return memcmp(bytes, bytes + 1, len);
}

static __noinline long inner(long x)
{
	return undefined_function(x) + 1;
}

SEC("bpfsched") long nested(const __u8 *bytes, unsigned long len)
{
	return inner(len) * 2;
}

SEC("bpfsched") long config(const __u8 *bytes, unsigned long len)
{
	return CONFIG_HZ;
}

static int *volatile to_undefined = &undefined_data;

SEC("bpfsched") long pointer(const __u8 *bytes, unsigned long len)
{
	return *to_undefined;
}
