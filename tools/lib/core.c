// SPDX-License-Identifier: GPL-2.0
/*
 * What relocations against types (CO-RE) stand for. Elsewhere the types of the
 * running kernel answer them; here it is the object that they are in, as its
 * types are all that a program can have in its memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define BITS		8
#define LONG_BITS	64

/* Most bytes that an offset may have: it has to fit into an instruction */
#define OFFSET_MAX	INT32_MAX

/**
 * struct field - a member of a structure, or an element of an array
 * @type: number of its type
 * @bit: where it begins, counted from the begin of the outermost type
 * @bits: bits that it has, if it is a bit-field; else 0
 */
struct field {
	__u32 type;
	__u64 bit;
	__u32 bits;
};

/* The next number of a text like "0:1:2"; false if there is none */
static bool next_number(const char **text, __u32 *number)
{
	unsigned long long value;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	value = strtoull(*text, &end, 10);
	if (value > OFFSET_MAX || (*end && (*end != ':' || !end[1])))
		return false;
	*number = value;
	*text = *end ? end + 1 : end;
	return true;
}

/* Go to one of several values of a type that lie behind each other */
static bool enter_element(const struct bpfs_btf *btf, __u32 type, __u32 number,
			  struct field *field)
{
	__u32 size = 0;

	if (number && (!bpfs_btf_size(btf, type, &size) ||
		       (size && number > OFFSET_MAX / size)))
		return false;
	field->type = type;
	field->bit += (__u64)number * size * BITS;
	return true;
}

static bool enter_array(const struct bpfs_btf *btf, __u32 number,
			struct field *field)
{
	struct btf_array array;

	/* One without a length is the end of a structure */
	return bpfs_btf_array(btf, field->type, &array) &&
	       (!array.nelems || number < array.nelems) &&
	       enter_element(btf, array.type, number, field);
}

static bool enter_member(const struct bpfs_btf *btf, __u32 id,
			 const struct btf_type *type, __u32 number,
			 struct field *field)
{
	struct btf_member member;

	if (number >= BTF_INFO_VLEN(type->info) ||
	    !bpfs_btf_member(btf, id, number, &member))
		return false;
	field->type = member.type;
	if (BTF_INFO_KFLAG(type->info)) {
		field->bits = BTF_MEMBER_BITFIELD_SIZE(member.offset);
		member.offset = BTF_MEMBER_BIT_OFFSET(member.offset);
	}
	field->bit += member.offset;
	return true;
}

/* Find what a text like "0:1:2" leads to, from a type on */
static bool find_field(const struct bpfs_btf *btf, __u32 type,
		       const char *path, struct field *field)
{
	struct btf_type outer;
	__u32 number, id;
	bool is_found;

	*field = (struct field) { .type = type };
	if (!next_number(&path, &number) ||
	    !enter_element(btf, type, number, field))
		return false;
	while (*path) {
		id = field->type;
		if (field->bits || !next_number(&path, &number) ||
		    !bpfs_btf_resolve(btf, &id, &outer))
			return false;
		switch (BTF_INFO_KIND(outer.info)) {
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			is_found = enter_member(btf, id, &outer, number, field);
			break;
		default:
			is_found = enter_array(btf, number, field);
		}
		if (!is_found || field->bit / BITS > OFFSET_MAX)
			return false;
	}
	return true;
}

/*
 * The whole number of the type's size, or larger, that a bit-field is in. The
 * compiler has its own idea of it; what counts is that all values of one
 * bit-field are of the same number.
 */
static bool find_unit(const struct field *field, __u32 *begin, __u32 *size)
{
	__u64 end = field->bit + field->bits;

	if (!*size || *size & (*size - 1))
		return false;
	for (; *size <= LONG_BITS / BITS; *size *= 2) {
		*begin = field->bit / BITS / *size * *size;
		if (end <= ((__u64)*begin + *size) * BITS)
			return true;
	}
	return false;
}

static bool is_signed(const struct bpfs_btf *btf, __u32 id)
{
	struct btf_type type;
	__u32 encoding;

	if (bpfs_btf_encoding(btf, id, &encoding))
		return encoding & BTF_INT_SIGNED;
	return bpfs_btf_resolve(btf, &id, &type) &&
	       (BTF_INFO_KIND(type.info) == BTF_KIND_ENUM ||
		BTF_INFO_KIND(type.info) == BTF_KIND_ENUM64) &&
	       BTF_INFO_KFLAG(type.info);
}

static const char *field_value(const struct bpfs_btf *btf,
			       const struct bpf_core_relo *relo, __u64 *value)
{
	__u32 begin, size, bits;
	struct field field;

	if (!find_field(btf, relo->type_id,
			bpfs_btf_string(btf, relo->access_str_off), &field))
		return "refers to a member that the types of the object do not have";
	*value = 1;
	if (relo->kind == BPF_CORE_FIELD_EXISTS)
		return NULL;
	*value = is_signed(btf, field.type);
	if (relo->kind == BPF_CORE_FIELD_SIGNED)
		return NULL;
	begin = field.bit / BITS;
	*value = begin;
	if (relo->kind == BPF_CORE_FIELD_BYTE_OFFSET && !field.bits)
		return NULL;
	if (!bpfs_btf_size(btf, field.type, &size))
		return "refers to a member whose size the types of the object do not tell";
	if (field.bits && !find_unit(&field, &begin, &size))
		return "refers to a bit-field that is not in a number of 64 bits";
	bits = field.bits ?: size * BITS;
	switch (relo->kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
		*value = begin;
		return NULL;
	case BPF_CORE_FIELD_BYTE_SIZE:
		*value = size;
		return size <= OFFSET_MAX ? NULL : "refers to a member that is too large";
	default:
		break;
	}
	if (size > LONG_BITS / BITS)
		return "shifts a member of more than 64 bits";
	if (relo->kind == BPF_CORE_FIELD_LSHIFT_U64)
		*value = LONG_BITS - (field.bit + bits - (__u64)begin * BITS);
	else
		*value = LONG_BITS - bits;
	return NULL;
}

static const char *type_value(const struct bpfs_btf *btf,
			      const struct bpf_core_relo *relo, __u64 *value)
{
	__u32 id = relo->type_id, size;
	struct btf_type type;

	*value = id;
	if (relo->kind == BPF_CORE_TYPE_ID_LOCAL)
		return NULL;
	if (!bpfs_btf_resolve(btf, &id, &type))
		return "refers to a type that the object does not have";
	/* It is declared only, so it is one that does not exist */
	if (BTF_INFO_KIND(type.info) == BTF_KIND_FWD) {
		*value = 0;
		return NULL;
	}
	if (relo->kind == BPF_CORE_TYPE_ID_TARGET)
		return NULL;
	*value = 1;
	if (relo->kind != BPF_CORE_TYPE_SIZE)
		return NULL;
	if (!bpfs_btf_size(btf, id, &size) || size > OFFSET_MAX)
		return "refers to a type whose size the types of the object do not tell";
	*value = size;
	return NULL;
}

static const char *enum_value(const struct bpfs_btf *btf,
			      const struct bpf_core_relo *relo, __u64 *value)
{
	const char *path = bpfs_btf_string(btf, relo->access_str_off);
	__u32 number, id = relo->type_id;
	struct btf_type type;
	__u64 found;

	if (!next_number(&path, &number) || *path ||
	    !bpfs_btf_enum(btf, id, number, &found))
		return "refers to an enumerator that the types of the object do not have";
	if (relo->kind == BPF_CORE_ENUMVAL_EXISTS) {
		*value = 1;
		return NULL;
	}
	/*
	 * Compilers before clang 16 do not tell whether one of 32 bits has a
	 * sign, but what they have put into the instruction has the right one.
	 */
	if (bpfs_btf_resolve(btf, &id, &type) &&
	    BTF_INFO_KIND(type.info) == BTF_KIND_ENUM &&
	    (__u32)found == (__u32)*value)
		return NULL;
	*value = found;
	return NULL;
}

/**
 * bpfs_core_value() - what a relocation stands for
 * @btf: types of the object
 * @relo: relocation
 * @value: what the compiler has put in; set to the value
 *
 * Return: NULL; or why there is no value, as the end of a sentence.
 */
const char *bpfs_core_value(const struct bpfs_btf *btf,
			    const struct bpf_core_relo *relo, __u64 *value)
{
	switch (relo->kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
	case BPF_CORE_FIELD_BYTE_SIZE:
	case BPF_CORE_FIELD_EXISTS:
	case BPF_CORE_FIELD_SIGNED:
	case BPF_CORE_FIELD_LSHIFT_U64:
	case BPF_CORE_FIELD_RSHIFT_U64:
		return field_value(btf, relo, value);
	case BPF_CORE_TYPE_ID_LOCAL:
	case BPF_CORE_TYPE_ID_TARGET:
	case BPF_CORE_TYPE_EXISTS:
	case BPF_CORE_TYPE_SIZE:
	case BPF_CORE_TYPE_MATCHES:
		return type_value(btf, relo, value);
	case BPF_CORE_ENUMVAL_EXISTS:
	case BPF_CORE_ENUMVAL_VALUE:
		return enum_value(btf, relo, value);
	}
	return "is of a kind that is not known";
}

/**
 * bpfs_core_is_bit_field() - whether a relocation is of a bit-field's place
 * @btf: types of the object
 * @relo: relocation
 *
 * Return: whether it is.
 */
bool bpfs_core_is_bit_field(const struct bpfs_btf *btf,
			    const struct bpf_core_relo *relo)
{
	struct field field;

	return relo->kind == BPF_CORE_FIELD_BYTE_OFFSET &&
	       find_field(btf, relo->type_id,
			  bpfs_btf_string(btf, relo->access_str_off),
			  &field) && field.bits;
}

static bool set_offset(struct bpf_insn *insn, __u64 value)
{
	if (value > INT16_MAX)
		return false;
	insn->off = value;
	return true;
}

static bool set_immediate(struct bpf_insn *insn, __u64 value)
{
	__s64 number = value;

	if (BPF_SRC(insn->code) != BPF_K || number < INT32_MIN ||
	    number > UINT32_MAX)
		return false;
	insn->imm = value;
	return true;
}

static bool is_number(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) && !insn->src_reg;
}

/**
 * bpfs_core_get() - the number in an instruction that a relocation is of
 * @insn: instruction; all of it, if it has two slots
 *
 * Return: the number; 0 if the instruction has none.
 */
__u64 bpfs_core_get(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return is_number(insn) ? (__u64)(__u32)insn[1].imm << 32 |
					 (__u32)insn->imm : 0;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return insn->off;
	default:
		return insn->imm;
	}
}

/**
 * bpfs_core_set() - put a number into an instruction
 * @insn: instruction; all of it, if it has two slots
 * @value: the number
 *
 * Return: whether the instruction can have the number.
 */
bool bpfs_core_set(struct bpf_insn *insn, __u64 value)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		if (!is_number(insn))
			return false;
		insn->imm = value;
		insn[1].imm = value >> 32;
		return true;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return set_offset(insn, value);
	case BPF_ALU:
	case BPF_ALU64:
		return set_immediate(insn, value);
	}
	return false;
}
