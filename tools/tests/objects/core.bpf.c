// SPDX-License-Identifier: GPL-2.0
/*
 * Relocations against types are resolved by the types of the object itself. The
 * context is a struct frame, where a bit-field is not where the compiler says.
 *
 * expect members 0100000000000000000200000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000500000006ad76aa234466885401007788990000000000: 0x4701
 * expect bits 0100000000000000000200000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000500000006ad76aa234466885401007788990000000000: 0x1aa555
 * expect written 0100000000000000000200000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000500000006ad76aa234466885401007788990000000000: 0x27
 * expect sizes: 0x5014080204
 * expect offsets: 0x3834300410
 * expect exists: 0xff
 * expect signs: 0x15
 * expect enumerators: 0x1f
 * expect numbers: 0x3
 * expect flexible 000000000000000000000000000000000700000000000000: 0x7
 * expect declared: 0x0
 * expect flavours: 0x10
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define RELOCATED __attribute__((preserve_access_index))

#if __clang_major__ >= 15
#define TYPE_MATCHES(type)	bpf_core_type_matches(type)
#else
#define TYPE_MATCHES(type)	bpf_core_type_exists(type)
#endif

struct pair {
	short first;
	int second[4];
} RELOCATED;

struct frame {
	char kind;
	long number;
	struct pair pairs[2];
	union {
		int whole;
		short half;
	};
	struct {
		short inner;
	} RELOCATED unnamed;
	unsigned int low: 3, middle: 7;
	signed int minus: 5;
	unsigned int more: 9;
	unsigned long wide: 40;
	unsigned long last: 24;
} RELOCATED;

struct open {
	long count;
	long values[];
} RELOCATED;

struct frame___of_another_kernel {
	long before;
	long number;
} RELOCATED;

enum color {
	RED = 3,
	BLUE = -2,
};

enum large {
	LARGE = 0xfffffff0,
	LARGER = 0x123456789aULL,
};

enum unsigned_color {
	BLACK,
	WHITE = 0xfffffff0,
};

typedef struct frame frame_t;
typedef struct declared declared_t;

SEC("bpfsched") long members(struct frame *frame, unsigned long len)
{
	int i = len & 1;

	return frame->number + frame->pairs[1].second[i] + frame->half +
	       frame->kind;
}

SEC("bpfsched") long bits(struct frame *frame, unsigned long len)
{
	long minus = BPF_CORE_READ_BITFIELD(frame, minus);

	if (minus != -3 || BPF_CORE_READ_BITFIELD(frame, last) != 0x998877 ||
	    BPF_CORE_READ_BITFIELD(frame, wide) != 0xaa44332211)
		return -1;
	/* Also one that is no bit-field */
	if ((long)BPF_CORE_READ_BITFIELD(frame, number) != 0x200)
		return -2;
	return BPF_CORE_READ_BITFIELD(frame, low) |
	       BPF_CORE_READ_BITFIELD(frame, middle) << 4 |
	       BPF_CORE_READ_BITFIELD(frame, more) << 12;
}

SEC("bpfsched") long written(struct frame *frame, unsigned long len)
{
	const volatile unsigned char *bytes = (unsigned char *)frame;

	frame->number = 3;
	frame->pairs[1].second[3] = 4;
	frame->unnamed.inner = 0x20;
	return bytes[8] + bytes[52] + bytes[60];
}

SEC("bpfsched") long sizes(struct frame *frame, unsigned long len)
{
	return bpf_core_field_size(frame->pairs[0].second[1]) |
	       bpf_core_field_size(frame->half) << 8 |
	       bpf_core_field_size(frame->number) << 16 |
	       bpf_core_type_size(struct pair) << 24 |
	       (long)bpf_core_type_size(frame_t) << 32;
}

SEC("bpfsched") long offsets(struct frame *frame, unsigned long len)
{
	struct frame *none = NULL;
	struct pair *pair = NULL;

	return bpf_core_field_offset(none->pairs) |
	       bpf_core_field_offset(pair->second) << 8 |
	       bpf_core_field_offset(none->pairs[1].second[2]) << 16 |
	       (long)bpf_core_field_offset(none->pairs[1].second[3]) << 24 |
	       (long)bpf_core_field_offset(none->half) << 32;
}

SEC("bpfsched") long exists(struct frame *frame, unsigned long len)
{
	return bpf_core_field_exists(frame->half) |
	       bpf_core_field_exists(frame->wide) << 1 |
	       bpf_core_type_exists(struct frame) << 2 |
	       bpf_core_type_exists(frame_t) << 3 |
	       bpf_core_type_exists(enum color) << 4 |
	       bpf_core_enum_value_exists(enum color, BLUE) << 5 |
	       bpf_core_enum_value_exists(enum large, LARGER) << 6 |
	       TYPE_MATCHES(frame_t) << 7;
}

SEC("bpfsched") long signs(struct frame *frame, unsigned long len)
{
	return __builtin_preserve_field_info(frame->number, BPF_FIELD_SIGNED) |
	       __builtin_preserve_field_info(frame->low, BPF_FIELD_SIGNED) << 1 |
	       __builtin_preserve_field_info(frame->minus,
					     BPF_FIELD_SIGNED) << 2 |
	       __builtin_preserve_field_info(frame->wide,
					     BPF_FIELD_SIGNED) << 3 |
	       __builtin_preserve_field_info(frame->half,
					     BPF_FIELD_SIGNED) << 4;
}

SEC("bpfsched") long enumerators(struct frame *frame, unsigned long len)
{
	return (bpf_core_enum_value(enum color, RED) == 3) |
	       ((long)bpf_core_enum_value(enum color, BLUE) == -2) << 1 |
	       (bpf_core_enum_value(enum large, LARGE) == 0xfffffff0) << 2 |
	       (bpf_core_enum_value(enum large, LARGER) ==
		0x123456789aULL) << 3 |
	       (bpf_core_enum_value(enum unsigned_color, WHITE) ==
		0xfffffff0) << 4;
}

SEC("bpfsched") long numbers(struct frame *frame, unsigned long len)
{
	return (bpf_core_type_id_local(struct frame) > 0) |
	       (bpf_core_type_id_local(struct frame) ==
		bpf_core_type_id_kernel(struct frame)) << 1;
}

SEC("bpfsched") long flexible(struct open *open, unsigned long len)
{
	return open->values[1];
}

SEC("bpfsched") long declared(struct frame *frame, unsigned long len)
{
	return bpf_core_type_exists(declared_t) |
	       bpf_core_type_size(declared_t) << 1;
}

/* It is a type of its own, though it is named for another one */
SEC("bpfsched") long flavours(struct frame___of_another_kernel *frame,
			      unsigned long len)
{
	return bpf_core_type_size(struct frame___of_another_kernel);
}
