// SPDX-License-Identifier: GPL-2.0
/*
 * Maps that are not defined as they have to be, and neighbours that are.
 *
 * expect plain: 0x18
 * expect old: refused: map in the section 'maps' ('old_map'); SEC(".maps")
 * expect unknown: refused: map 'with_unknown' has a member 'colour'
 * expect no_type: refused: map 'without_type' has no type; __uint(type
 * expect no_size: refused: map 'without_size'; 'value'; size is not known
 * expect inside: fault handle
 * expect kind: refused: map 'ring'; type 27 (ringbuf), which is not supported; bpfsched_emit()
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct old_definition {
	__u32 type, key_size, value_size, max_entries, flags;
} old_map SEC("maps") = { BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(colour, 3);
} with_unknown SEC(".maps");

struct {
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} without_type SEC(".maps");

struct unknown;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unknown);
} without_size SEC(".maps");

typedef const volatile struct { char bytes[3][8]; } value_type;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(key_size, sizeof(__u32));
	__type(value, value_type);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} right SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static long look_up(void *map)
{
	__u32 key = 0;
	value_type *value = bpf_map_lookup_elem(map, &key);

	return value ? (long)sizeof(*value) : -1;
}

#define PROGRAM(name, map) \
	SEC("bpfsched") long name(const __u8 *bytes, unsigned long len) \
	{ \
		return look_up(map); \
	}

PROGRAM(plain, &right)
PROGRAM(old, &old_map)
PROGRAM(unknown, &with_unknown)
PROGRAM(no_type, &without_type)
PROGRAM(no_size, &without_size)
PROGRAM(inside, (char *)&right + 8)
PROGRAM(kind, &ring)
