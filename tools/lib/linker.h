/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The linker: makes an image of one function of an object and of all that it
 * refers to. Sections are told apart by their numbers, whatever they are called.
 *
 * linker.c has the functions, data.c the data sections and their pointers,
 * target.c what symbols stand for, ext.c what .BTF.ext tells of instructions.
 */
#ifndef BPFSCHED_LINKER_H
#define BPFSCHED_LINKER_H

#include "btf.h"
#include "elf_file.h"

/* What the module takes */
#define LINK_INSNS_MAX		1000000
#define LINK_SECTIONS_MAX	16
#define LINK_SECTION_MAX	(16U << 20)
#define LINK_MAPS_MAX		32

/* Slot of a function that is not part of the image */
#define LINK_NOWHERE	UINT32_MAX

/**
 * struct link_function - a function of the object
 * @name: its name
 * @section: number of its section
 * @offset: where it begins there
 * @len: number of bytes
 * @is_global: other objects could call it
 * @has_trap: it has an end of its own for control that comes where it cannot
 * @slot: where it begins in the image, LINK_NOWHERE: it is not there
 */
struct link_function {
	const char *name;
	__u32 section;
	__u64 offset;
	__u64 len;
	bool is_global;
	bool has_trap;
	__u32 slot;
};

/**
 * struct link_relocs - the relocations of a section
 * @list: by their offset; NULL: not read yet
 * @count: number of them
 * @traps: for each, and for the end, how many of those before it are of traps
 */
struct link_relocs {
	struct bpfs_elf_reloc *list;
	size_t count;
	__u32 *traps;
};

/**
 * struct link_place - where a section of the object is in the image
 * @is_set: it is there
 * @section: number of the image's section
 * @base: offset there
 */
struct link_place {
	bool is_set;
	__u32 section;
	__u32 base;
};

/**
 * struct link_named - a section by its name
 * @name: the name
 * @section: number of the section
 */
struct link_named {
	const char *name;
	__u32 section;
};

/**
 * struct linker - an object while an image is made of it
 * @elf: the object
 * @btf: its types
 * @image: the image
 * @insn_room: how many instructions there is room for in the image
 * @reloc_room: the same for relocations
 * @function_count: number of @functions
 * @functions: by section and offset
 * @code_count: number of @code
 * @code: sections with functions, by their names
 * @bound_count: number of @bounds
 * @bounds: data sections, by their names
 * @object_count: number of @objects
 * @objects: symbols of variables, by section, place and number
 * @reloc_count: relocations that were read, of all sections
 * @relocs: for each section
 * @places: for each section
 * @common: where the common symbols are, as those of a section
 * @common_offsets: for each symbol the offset there, NULL: not known yet
 * @queue: functions of the image in the order of their slots
 * @queued: number of @queue
 * @linked: how many of them are linked
 * @data: sections of the image that may have pointers
 * @data_count: number of @data
 * @data_done: how many of them are done
 * @kind: what is linked now, for messages: "function" or "section"
 * @name: its name
 * @from: its section
 * @at: offset there
 */
struct linker {
	const struct bpfs_elf *elf;
	const struct bpfs_btf *btf;
	struct bpfs_image *image;
	size_t insn_room;
	size_t reloc_room;
	size_t function_count;
	struct link_function *functions;
	size_t code_count;
	struct link_named *code;
	size_t bound_count;
	struct link_named *bounds;
	size_t object_count;
	__u32 *objects;
	size_t reloc_count;
	struct link_relocs *relocs;
	struct link_place *places;
	struct link_place common;
	__u32 *common_offsets;
	__u32 *queue;
	size_t queued;
	size_t linked;
	__u32 *data;
	size_t data_count;
	size_t data_done;
	const char *kind;
	const char *name;
	__u32 from;
	__u64 at;
};

/* What a symbol and an addend stand for */
enum link_kind {
	LINK_VALUE,	/* a number */
	LINK_FUNCTION,	/* a function, by its number */
	LINK_DATA,	/* a byte of a section of the image */
	LINK_MAP,	/* a map of the image */
};

/**
 * struct link_target - what is referred to
 * @kind: LINK_*
 * @index: number of the function, the image's section or its map
 * @value: the number, or the offset in the section
 */
struct link_target {
	enum link_kind kind;
	__u32 index;
	__u64 value;
};

/* linker.c */
int bpfs_linker_init(struct linker *l, const struct bpfs_elf *elf,
		     const struct bpfs_btf *btf);
void bpfs_linker_exit(struct linker *l);
int bpfs_link(struct linker *l, __u32 function,
	      struct bpfs_image **image);
int bpfs_link_find(const struct linker *l, __u32 section, __u64 offset);
int bpfs_link_queue(struct linker *l, __u32 function);
int bpfs_link_read_relocs(struct linker *l, __u32 section);
int bpfs_link_fail(const struct linker *l, const char *format, ...)
	BPFS_ATTRIBUTE(format(printf, 2, 3));

size_t bpfs_link_named(const struct link_named *list, size_t count,
		       const char *name);

/* data.c */
int bpfs_link_place(struct linker *l, __u32 section);
int bpfs_link_place_common(struct linker *l);
int bpfs_link_data(struct linker *l, __u32 section);
int bpfs_link_variables(struct linker *l);

/* target.c */
int bpfs_link_resolve(struct linker *l, __u32 symbol, __u64 addend,
		      bool is_call, struct link_target *target);

/* ext.c */
int bpfs_link_core(struct linker *l);
int bpfs_link_lines(struct linker *l);
const char *bpfs_link_line(const struct linker *l, __u32 section, __u64 at,
			   __u32 *line);

#endif /* BPFSCHED_LINKER_H */
