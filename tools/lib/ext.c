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

/* The code sections of a name are @code[*first] to @code[*end - 1] */
static void find_code(const struct linker *l, const char *name, size_t *first,
		      size_t *end)
{
	size_t low = 0, high = l->code_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(l->elf->sections[l->code[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low < l->code_count &&
	       !strcmp(l->elf->sections[l->code[low]].name, name))
		low++;
	*end = low;
}

/* The code section that records belong to; 0: not known */
static __u32 section_of(const struct linker *l, const struct records *r)
{
	size_t first, end;

	find_code(l, bpfs_btf_string(l->btf, r->group.name_off), &first,
		  &end);
	return end - first == 1 ? l->code[first] : 0;
}

/* The function of the image that has an instruction; NULL: none */
static const struct link_function *
function_around(const struct linker *l, __u32 section, __u64 offset)
{
	size_t low = 0, high = l->function_count, middle;
	const struct link_function *f;

	/* The first one that begins behind it */
	while (low < high) {
		middle = low + (high - low) / 2;
		f = &l->functions[middle];
		if (f->section < section ||
		    (f->section == section && f->offset <= offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	f = &l->functions[low - 1];
	if (f->section != section || offset - f->offset >= f->len ||
	    f->slot == LINK_NOWHERE)
		return NULL;
	return f;
}

/*
 * CO-RE
 */

/* Whether any function of the image is in the sections of a name */
static const struct link_function *any_of(const struct linker *l,
					  const char *name)
{
	size_t i;

	for (i = 0; i < l->function_count; i++) {
		if (l->functions[i].slot != LINK_NOWHERE &&
		    !strcmp(l->elf->sections[l->functions[i].section].name,
			    name))
			return &l->functions[i];
	}
	return NULL;
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

/*
 * Whether the code has a bit-field's shift, too, as BPF_CORE_READ_BITFIELD() has.
 * @r: the records that the relocation is of, from any one on
 */
static bool has_shift(const struct bpfs_btf *btf, struct records r,
		      const struct bpf_core_relo *of)
{
	const char *path = bpfs_btf_string(btf, of->access_str_off);
	struct bpf_core_relo relo;

	while (records_next(&r, &relo, sizeof(relo))) {
		if (relo.kind == BPF_CORE_FIELD_LSHIFT_U64 &&
		    relo.type_id == of->type_id &&
		    !strcmp(bpfs_btf_string(btf, relo.access_str_off), path))
			return true;
	}
	return false;
}

/*
 * In an access without BPF_CORE_READ_BITFIELD() the place is that of what the
 * compiler reads the bit-field with, which no type tells.
 */
static bool is_plain_bit_field(const struct linker *l,
			       const struct records *group,
			       const struct bpf_core_relo *relo,
			       const struct bpf_insn *insn)
{
	if (!bpfs_core_is_bit_field(l->btf, relo))
		return false;
	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return true;
	}
	return !has_shift(l->btf, *group, relo);
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

/* @group: all records of the section */
static int link_core(const struct linker *l, const struct records *group,
		     const struct link_function *f,
		     const struct bpf_core_relo *relo)
{
	__u64 distance = relo->insn_off - f->offset;
	struct bpf_insn *insn;
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
	if (is_plain_bit_field(l, group, relo, insn))
		return fail_core(l, f, relo->insn_off,
				 "refers to a bit-field, which is to be read with BPF_CORE_READ_BITFIELD()");
	value = bpfs_core_get(insn);
	why = bpfs_core_value(l->btf, relo, &value);
	if (!why && !bpfs_core_set(insn, value))
		why = "is of an instruction that cannot have its value";
	return why ? fail_core(l, f, relo->insn_off, why) : 0;
}

/**
 * bpfs_link_core() - resolve CO-RE relocations
 * @l: linker; what is in the image is known
 *
 * By the types of the object itself. Relocations of functions that are not in
 * the image do no harm.
 *
 * Return: 0 or -ENOEXEC.
 */
int bpfs_link_core(const struct linker *l)
{
	const struct link_function *f, *other;
	struct bpf_core_relo relo;
	struct records r, group;
	__u32 section;
	int err = 0;

	if (!records_begin(l, true, &r))
		return 0;
	while (!err && records_next_group(&r)) {
		section = section_of(l, &r);
		other = section ? NULL :
			any_of(l, bpfs_btf_string(l->btf, r.group.name_off));
		group = r;
		while (!err && records_next(&r, &relo, sizeof(relo))) {
			f = section ? function_around(l, section,
						      relo.insn_off) : NULL;
			if (f)
				err = link_core(l, &group, f, &relo);
			else if (other && relo.kind != BPF_CORE_TYPE_ID_LOCAL)
				err = fail_core(l, other, relo.insn_off,
						"is in one of several sections of one name");
		}
	}
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

/* Number of a file in the image's list; what came last is likely to come again */
static int add_file(struct bpfs_image *image, const char *name)
{
	char **files;
	__u32 i;

	for (i = image->file_count; i; i--) {
		if (!strcmp(image->files[i - 1], name))
			return i - 1;
	}
	files = reallocarray(image->files, image->file_count + 1,
			     sizeof(*files));
	if (!files)
		return bpfs_fail(-ENOMEM, "out of memory");
	image->files = files;
	files[image->file_count] = strdup(name);
	if (!files[image->file_count])
		return bpfs_fail(-ENOMEM, "out of memory");
	return image->file_count++;
}

static int add_line(struct linker *l, size_t *room, __u32 slot,
		    const struct bpf_line_info *info)
{
	struct bpfs_image *image = l->image;
	struct bpfs_image_line *lines;
	int file;

	file = add_file(image, bpfs_btf_string(l->btf,
					       info->file_name_off));
	if (file < 0)
		return file;
	if (image->line_count == *room) {
		*room = *room ? *room * 2 : 64;
		lines = reallocarray(image->lines, *room, sizeof(*lines));
		if (!lines)
			return bpfs_fail(-ENOMEM, "out of memory");
		image->lines = lines;
	}
	image->lines[image->line_count++] = (struct bpfs_image_line) {
		slot, line_number(*info), file,
	};
	return 0;
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
	if (l->image->line_count)
		qsort(l->image->lines, l->image->line_count,
		      sizeof(*l->image->lines), compare_lines);
	return err;
}
