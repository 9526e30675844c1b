// SPDX-License-Identifier: GPL-2.0
/*
 * CO-RE relocations, which fit a program to the types of the kernel that runs
 * it: they are found in .BTF.ext and refused.
 */
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "elf.h"

/* Start of .BTF.ext; linux/btf.h does not have it */
struct ext_header {
	__u16 magic;
	__u8 version;
	__u8 flags;
	__u32 hdr_len;
	__u32 func_info_off;
	__u32 func_info_len;
	__u32 line_info_off;
	__u32 line_info_len;
	__u32 core_relo_off;
	__u32 core_relo_len;
};

/* Start of the records of one code section there */
struct ext_section {
	__u32 name_off;
	__u32 count;
};

/**
 * struct records - going through the CO-RE records of an object
 * @pos: next byte
 * @end: end of the records
 * @rec_size: bytes of one record
 * @section: code section that the records from @pos on belong to
 */
struct records {
	const char *pos;
	const char *end;
	__u32 rec_size;
	struct ext_section section;
};

/* A string of .BTF, "" if there is none at that offset */
static const char *btf_string(const struct bpfsched_elf *elf, __u32 off)
{
	struct btf_header h;
	const char *btf;
	size_t len;
	__u64 start;

	btf = bpfsched_elf_data(elf, ".BTF", &len);
	if (!btf || len < sizeof(h))
		return "";
	memcpy(&h, btf, sizeof(h));
	start = (__u64)h.hdr_len + h.str_off;
	if (start + h.str_len > len || off >= h.str_len ||
	    !memchr(btf + start + off, 0, h.str_len - off))
		return "";
	return btf + start + off;
}

/* False if the object has no records */
static bool records_begin(const struct bpfsched_elf *elf, struct records *r)
{
	struct ext_header h;
	const char *ext;
	size_t len;
	__u64 start;

	ext = bpfsched_elf_data(elf, ".BTF.ext", &len);
	if (!ext || len < sizeof(h))
		return false;
	memcpy(&h, ext, sizeof(h));
	start = (__u64)h.hdr_len + h.core_relo_off;
	if (h.hdr_len < sizeof(h) || h.core_relo_len < sizeof(r->rec_size) ||
	    start + h.core_relo_len > len)
		return false;
	r->pos = ext + start;
	r->end = r->pos + h.core_relo_len;
	memcpy(&r->rec_size, r->pos, sizeof(r->rec_size));
	r->pos += sizeof(r->rec_size);
	return r->rec_size >= sizeof(__u32);
}

/* Go to the records of the next code section */
static bool records_next_section(struct records *r)
{
	if ((size_t)(r->end - r->pos) < sizeof(r->section))
		return false;
	memcpy(&r->section, r->pos, sizeof(r->section));
	r->pos += sizeof(r->section);
	return (__u64)r->section.count * r->rec_size <=
	       (__u64)(r->end - r->pos);
}

/* Pass the section's records; whether one is for an offset in [from, to) */
static bool records_in_range(struct records *r, __u64 from, __u64 to)
{
	bool found = false;
	__u32 off, i;

	for (i = 0; i < r->section.count; i++) {
		/* A record starts with the offset of its instruction */
		memcpy(&off, r->pos, sizeof(off));
		found = found || (off >= from && off < to);
		r->pos += r->rec_size;
	}
	return found;
}

/* Whether there is a record for a range of a code section */
static bool range_has_core(const struct bpfsched_elf *elf, const char *section,
			   __u64 from, __u64 to)
{
	struct records r;
	const char *name;

	if (!records_begin(elf, &r))
		return false;
	while (records_next_section(&r)) {
		name = btf_string(elf, r.section.name_off);
		if (records_in_range(&r, from, to) && !strcmp(name, section))
			return true;
	}
	return false;
}

/**
 * bpfsched_has_core() - whether any function has CO-RE relocations
 * @elf: object
 *
 * Return: whether there are any.
 */
bool bpfsched_has_core(const struct bpfsched_elf *elf)
{
	struct records r;

	return records_begin(elf, &r) && records_next_section(&r);
}

/**
 * bpfsched_function_has_core() - whether a function has CO-RE relocations
 * @elf: object
 * @function: name of the function; if several static ones have it, any of them
 *
 * Return: whether it has any.
 */
bool bpfsched_function_has_core(const struct bpfsched_elf *elf,
				const char *function)
{
	struct bpfsched_symbols symbols;
	struct elf64_sym sym;
	const char *name;

	if (!bpfsched_elf_symbols(elf, &symbols))
		return false;
	while (bpfsched_elf_next_symbol(elf, &symbols, &sym, &name)) {
		if (ELF64_ST_TYPE(sym.st_info) != STT_FUNC ||
		    strcmp(name, function))
			continue;
		name = bpfsched_elf_section_name(elf, sym.st_shndx);
		if (range_has_core(elf, name, sym.st_value,
				   sym.st_value + sym.st_size))
			return true;
	}
	return false;
}
