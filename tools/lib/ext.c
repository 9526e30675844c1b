// SPDX-License-Identifier: GPL-2.0
/*
 * What .BTF.ext tells of instructions: lines of the source, and relocations
 * against types (CO-RE). It names code sections by their names; of several with
 * one name it is not known which is meant.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "linker.h"

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

/* Compilers before CO-RE end the header before its members */
#define HEADER_SIZE_MIN	offsetof(struct ext_header, core_relo_off)

/* Start of the records of one code section */
struct ext_group {
	__u32 name_off;
	__u32 count;
};

/**
 * struct records - going through records of one kind
 * @pos: next byte
 * @end: end of the records
 * @rec_size: bytes of one record
 * @group: code section that the records from @pos on belong to
 */
struct records {
	const char *pos;
	const char *end;
	__u32 rec_size;
	struct ext_group group;
};

static bool read_header(const struct bpfs_elf_section *s,
			struct ext_header *h)
{
	memset(h, 0, sizeof(*h));
	if (!s || s->len < HEADER_SIZE_MIN)
		return false;
	memcpy(h, s->data, HEADER_SIZE_MIN);
	if (h->magic != BTF_MAGIC || h->hdr_len < HEADER_SIZE_MIN)
		return false;
	if (h->hdr_len >= sizeof(*h) && s->len >= sizeof(*h))
		memcpy(h, s->data, sizeof(*h));
	return true;
}

/* False if the object has no records of that kind */
static bool records_begin(const struct linker *l, bool core, struct records *r)
{
	const struct bpfs_elf_section *s;
	struct ext_header h;
	__u32 off, len;

	s = bpfs_elf_find(l->elf, ".BTF.ext");
	if (!read_header(s, &h))
		return false;
	off = core ? h.core_relo_off : h.line_info_off;
	len = core ? h.core_relo_len : h.line_info_len;
	if (len < sizeof(r->rec_size) ||
	    (__u64)h.hdr_len + off + len > s->len)
		return false;
	r->pos = s->data + h.hdr_len + off;
	r->end = r->pos + len;
	memcpy(&r->rec_size, r->pos, sizeof(r->rec_size));
	r->pos += sizeof(r->rec_size);
	return r->rec_size >= sizeof(struct bpf_line_info) &&
	       r->rec_size >= sizeof(struct bpf_core_relo);
}

/* Go to the records of the next code section; all before have been read */
static bool records_next_group(struct records *r)
{
	if ((size_t)(r->end - r->pos) < sizeof(r->group))
		return false;
	memcpy(&r->group, r->pos, sizeof(r->group));
	r->pos += sizeof(r->group);
	return r->group.count && (__u64)r->group.count * r->rec_size <=
				 (__u64)(r->end - r->pos);
}

/* Read the next record of the section; false if there are no more */
static bool records_next(struct records *r, void *record, size_t len)
{
	if (!r->group.count)
		return false;
	r->group.count--;
	memcpy(record, r->pos, len);
	r->pos += r->rec_size;
	return true;
}

static void records_skip(struct records *r)
{
	r->pos += (size_t)r->group.count * r->rec_size;
	r->group.count = 0;
}

/* The first code section that records belong to, as an index; -1: there is none */
static int find_code(const struct linker *l, const struct records *r)
{
	const char *name = bpfs_btf_string(l->btf, r->group.name_off);
	size_t i = bpfs_link_named(l->code, l->code_count, name);

	return i < l->code_count && !strcmp(l->code[i].name, name) ? (int)i : -1;
}

static bool is_one_of_several(const struct linker *l, size_t first)
{
	return first + 1 < l->code_count &&
	       !strcmp(l->code[first].name, l->code[first + 1].name);
}

/* The code section that records belong to; 0: not known */
static __u32 section_of(const struct linker *l, const struct records *r)
{
	int i = find_code(l, r);

	return i < 0 || is_one_of_several(l, i) ? 0 : l->code[i].section;
}

/* The function of the image that has an instruction; NULL: none */
static const struct link_function *
function_around(const struct linker *l, __u32 section, __u64 offset)
{
	const struct link_function *f = l->functions;
	size_t begun = bpfs_count_first(l->function_count,
					f[i].section < section ||
					(f[i].section == section &&
					 f[i].offset <= offset));

	if (!begun)
		return NULL;
	f += begun - 1;
	if (f->section != section || offset - f->offset >= f->len ||
	    f->slot == LINK_NOWHERE)
		return NULL;
	return f;
}

/*
 * CO-RE
 */

/**
 * struct core - what relocations against types are resolved with
 * @l: linker
 * @functions: for each of the code sections of the linker a function of the
 *	image that is in a section of that name, at the first of that name
 * @group: all records of the section
 * @shift_count: number of @shifts
 * @shifts: those of @group that are of a bit-field's shift, by what they are of;
 *	NULL: not known yet
 */
struct core {
	struct linker *l;
	const struct link_function **functions;
	struct records group;
	size_t shift_count;
	struct bpf_core_relo *shifts;
};

/* Records of several sections of one name fail where any of them is used */
static int find_used(struct core *c)
{
	const struct linker *l = c->l;
	size_t i, *first = calloc(l->elf->section_count + 1, sizeof(*first));
	const struct link_function *f;

	c->functions = calloc(l->code_count + 1, sizeof(*c->functions));
	if (!first || !c->functions) {
		free(first);
		return bpfs_fail(-ENOMEM, "out of memory");
	}
	for (i = 0; i < l->code_count; i++)
		first[l->code[i].section] =
			i && is_one_of_several(l, i - 1) ?
			first[l->code[i - 1].section] : i;
	for (i = l->function_count; i--;) {
		f = &l->functions[i];
		if (f->slot != LINK_NOWHERE)
			c->functions[first[f->section]] = f;
	}
	free(first);
	return 0;
}

static int fail_core(const struct linker *l, const struct link_function *f,
		     __u64 at, const char *why)
{
	char place[256] = "";
	const char *file;
	__u32 line;

	file = bpfs_link_line(l, f->section, at, &line);
	if (file)
		snprintf(place, sizeof(place), " (%s:%u)", file, line);
	return bpfs_fail(-ENOEXEC,
			 "%s: program '%s' has a CO-RE relocation, in function '%s'%s, that %s: compile without preserve_access_index (for vmlinux.h with -DBPF_NO_PRESERVE_ACCESS_INDEX)",
			 l->elf->path, l->image->name, f->name, place, why);
}

/* qsort_r() passes the types */
static int compare_shifts(const void *left, const void *right, void *btf)
{
	const struct bpf_core_relo *l = left, *r = right;

	if (l->type_id != r->type_id)
		return l->type_id < r->type_id ? -1 : 1;
	return strcmp(bpfs_btf_string(btf, l->access_str_off),
		      bpfs_btf_string(btf, r->access_str_off));
}

static int find_shifts(struct core *c)
{
	struct records r = c->group;
	struct bpf_core_relo relo;

	c->shifts = calloc(r.group.count + 1, sizeof(*c->shifts));
	if (!c->shifts)
		return bpfs_fail(-ENOMEM, "out of memory");
	while (records_next(&r, &relo, sizeof(relo))) {
		if (relo.kind == BPF_CORE_FIELD_LSHIFT_U64)
			c->shifts[c->shift_count++] = relo;
	}
	qsort_r(c->shifts, c->shift_count, sizeof(*c->shifts), compare_shifts,
		(void *)c->l->btf);
	return 0;
}

/* Whether the code has a bit-field's shift, as BPF_CORE_READ_BITFIELD() has */
static bool has_shift(const struct core *c, const struct bpf_core_relo *relo)
{
	void *btf = (void *)c->l->btf;
	size_t before = bpfs_count_first(c->shift_count,
					 compare_shifts(&c->shifts[i], relo,
							btf) < 0);

	return before < c->shift_count &&
	       !compare_shifts(&c->shifts[before], relo, btf);
}

/*
 * In an access without BPF_CORE_READ_BITFIELD() the place is that of what the
 * compiler reads the bit-field with, which no type tells.
 */
static bool is_plain_bit_field(const struct core *c,
			       const struct bpf_core_relo *relo,
			       const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return true;
	}
	return !has_shift(c, relo);
}

/*
 * Without optimization clang reads from the number, as if it were the address of
 * a variable that has it.
 * @end: behind the last instruction of the function
 */
static bool is_not_optimized(const struct bpf_insn *insn,
			     const struct bpf_insn *end)
{
	const struct bpf_insn *next = insn + 1;

	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
		next++;
	else if (insn->code != (BPF_ALU64 | BPF_MOV | BPF_K) &&
		 insn->code != (BPF_ALU | BPF_MOV | BPF_K))
		return false;
	return next < end && BPF_CLASS(next->code) == BPF_LDX &&
	       next->src_reg == insn->dst_reg && !next->off;
}

static int link_core(struct core *c, const struct link_function *f,
		     const struct bpf_core_relo *relo)
{
	__u64 distance = relo->insn_off - f->offset;
	const struct linker *l = c->l;
	struct bpf_insn *insn;
	bool is_bit_field;
	const char *why;
	__u64 value;

	if (distance % sizeof(*insn))
		return fail_core(l, f, relo->insn_off,
				 "does not lie at an instruction");
	insn = &l->image->insns[f->slot + distance / sizeof(*insn)];
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	    distance + 2 * sizeof(*insn) > f->len)
		return fail_core(l, f, relo->insn_off,
				 "does not lie at an instruction");
	if (is_not_optimized(insn, insn + (f->len - distance) / sizeof(*insn)))
		return fail_core(l, f, relo->insn_off,
				 "needs -O1 or more, and this was compiled with -O0");
	is_bit_field = bpfs_core_is_bit_field(l->btf, relo);
	if (is_bit_field && !c->shifts && find_shifts(c))
		return -ENOMEM;
	if (is_bit_field && is_plain_bit_field(c, relo, insn))
		return fail_core(l, f, relo->insn_off,
				 "refers to a bit-field, which is to be read with BPF_CORE_READ_BITFIELD()");
	value = bpfs_core_get(insn);
	why = bpfs_core_value(l->btf, relo, &value);
	if (!why && !bpfs_core_set(insn, value))
		why = "is of an instruction that cannot have its value";
	return why ? fail_core(l, f, relo->insn_off, why) : 0;
}

/* @r: records of a section; all of them are read */
static int link_group(struct core *c, struct records *r)
{
	const struct link_function *f, *other = NULL;
	__u32 section = section_of(c->l, r);
	int first = find_code(c->l, r), err = 0;
	struct bpf_core_relo relo;

	if (!section && first >= 0)
		other = c->functions[first];
	c->group = *r;
	while (!err && records_next(r, &relo, sizeof(relo))) {
		f = section ? function_around(c->l, section, relo.insn_off) :
			      NULL;
		if (f)
			err = link_core(c, f, &relo);
		else if (other && relo.kind != BPF_CORE_TYPE_ID_LOCAL)
			err = fail_core(c->l, other, relo.insn_off,
					"is in one of several sections of one name");
	}
	free(c->shifts);
	c->shifts = NULL;
	c->shift_count = 0;
	return err;
}

/**
 * bpfs_link_core() - resolve CO-RE relocations
 * @l: linker; what is in the image is known
 *
 * By the types of the object itself. Relocations of functions that are not in
 * the image do no harm.
 *
 * Return: 0 or negative errno.
 */
int bpfs_link_core(struct linker *l)
{
	struct core c = { .l = l };
	struct records r;
	int err;

	if (!records_begin(l, true, &r))
		return 0;
	err = find_used(&c);
	while (!err && records_next_group(&r))
		err = link_group(&c, &r);
	free(c.functions);
	return err;
}

/*
 * Lines
 */
#define line_number(info)	((info).line_col >> 10)

/**
 * bpfs_link_line() - the line of the source that an instruction is of
 * @l: linker
 * @section: number of its section
 * @at: offset there
 * @line: set to the number of the line
 *
 * Return: name of the file, NULL if it is not known.
 */
const char *bpfs_link_line(const struct linker *l, __u32 section, __u64 at,
			   __u32 *line)
{
	struct bpf_line_info info;
	const char *file = NULL;
	struct records r;

	if (!records_begin(l, false, &r))
		return NULL;
	while (records_next_group(&r)) {
		if (section_of(l, &r) != section) {
			records_skip(&r);
			continue;
		}
		while (records_next(&r, &info, sizeof(info))) {
			if (info.insn_off > at)
				continue;
			file = bpfs_btf_string(l->btf, info.file_name_off);
			*line = line_number(info);
		}
	}
	return file && *file ? file : NULL;
}

static int compare_lines(const void *left, const void *right)
{
	const struct bpfs_image_line *l = left, *r = right;

	return l->slot < r->slot ? -1 : l->slot > r->slot;
}

static int add_line(struct linker *l, size_t *room, __u32 slot,
		    const struct bpf_line_info *info)
{
	struct bpfs_image *image = l->image;
	struct bpfs_image_line *lines;

	if (image->line_count == *room) {
		*room = *room ? *room * 2 : 64;
		lines = reallocarray(image->lines, *room, sizeof(*lines));
		if (!lines)
			return bpfs_fail(-ENOMEM, "out of memory");
		image->lines = lines;
	}
	image->lines[image->line_count++] = (struct bpfs_image_line) {
		slot, line_number(*info), info->file_name_off,
	};
	return 0;
}

static int compare_offsets(const void *left, const void *right)
{
	const __u32 *l = left, *r = right;

	return *l < *r ? -1 : *l > *r;
}

/* Sorts them, and leaves one of each; returns how many there are then */
static size_t sort_offsets(__u32 *offsets, size_t count)
{
	size_t i, kept = 0;

	qsort(offsets, count, sizeof(*offsets), compare_offsets);
	for (i = 0; i < count; i++) {
		if (!kept || offsets[kept - 1] != offsets[i])
			offsets[kept++] = offsets[i];
	}
	return kept;
}

/* A compiler has one string for a file; so its offset is as good as its name */
static int name_files(struct linker *l, const __u32 *offsets, size_t count)
{
	struct bpfs_image *image = l->image;
	const __u32 *found;
	__u32 i;

	image->files = calloc(count + 1, sizeof(*image->files));
	if (!image->files)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < count; i++) {
		image->files[i] = strdup(bpfs_btf_string(l->btf, offsets[i]));
		if (!image->files[i])
			return bpfs_fail(-ENOMEM, "out of memory");
		image->file_count++;
	}
	for (i = 0; i < image->line_count; i++) {
		found = bsearch(&image->lines[i].file, offsets, count,
				sizeof(*offsets), compare_offsets);
		image->lines[i].file = found - offsets;
	}
	return 0;
}

/* Until now lines have offsets of strings as their files */
static int number_files(struct linker *l)
{
	struct bpfs_image *image = l->image;
	__u32 *offsets = calloc(image->line_count + 1, sizeof(*offsets)), i;
	int err;

	if (!offsets)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < image->line_count; i++)
		offsets[i] = image->lines[i].file;
	err = name_files(l, offsets, sort_offsets(offsets, image->line_count));
	free(offsets);
	return err;
}

/**
 * bpfs_link_lines() - tell of the image which lines it is made from
 * @l: linker; the image is whole
 *
 * Return: 0, also if the object does not tell, or -ENOMEM.
 */
int bpfs_link_lines(struct linker *l)
{
	const struct link_function *f;
	struct bpf_line_info info;
	struct records r;
	size_t room = 0;
	__u32 section;
	int err = 0;

	if (!records_begin(l, false, &r))
		return 0;
	while (!err && records_next_group(&r)) {
		section = section_of(l, &r);
		while (!err && records_next(&r, &info, sizeof(info))) {
			f = section ? function_around(l, section,
						      info.insn_off) : NULL;
			if (f)
				err = add_line(l, &room, f->slot +
					       (info.insn_off - f->offset) / 8,
					       &info);
		}
	}
	if (!err && l->image->line_count)
		err = number_files(l);
	if (l->image->line_count)
		qsort(l->image->lines, l->image->line_count,
		      sizeof(*l->image->lines), compare_lines);
	return err;
}
