// SPDX-License-Identifier: GPL-2.0
/* Programs in memory, however they got there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/**
 * bpfs_image_alloc() - make an image that has no instructions yet
 * @name: name of the program; cut to what the ABI takes
 *
 * Return: the image, or NULL if there is no memory.
 */
struct bpfs_image *bpfs_image_alloc(const char *name)
{
	struct bpfs_image *image = calloc(1, sizeof(*image));
	char *c;

	if (!image) {
		bpfs_fail(-ENOMEM, "out of memory");
		return NULL;
	}
	snprintf(image->name, sizeof(image->name), "%s", name);
	for (c = image->name; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return image;
}

/**
 * bpfs_image_set_insns() - copy instructions into an image
 * @image: image without instructions
 * @insns: the instructions
 * @count: number of slots of 8 bytes, at least 1
 *
 * Return: 0 or -ENOMEM.
 */
int bpfs_image_set_insns(struct bpfs_image *image, const void *insns,
			 size_t count)
{
	image->insns = calloc(count, sizeof(*image->insns));
	if (!image->insns)
		return bpfs_fail(-ENOMEM, "out of memory");
	memcpy(image->insns, insns, count * sizeof(*image->insns));
	image->insn_count = count;
	return 0;
}

int bpfs_image_raw(const char *name, const void *bytes, size_t len,
		   struct bpfs_image **image)
{
	struct bpfs_image *new;
	int err;

	if (!len)
		return bpfs_fail(-ENOEXEC,
				 "the program has no instructions");
	if (len % sizeof(struct bpf_insn))
		return bpfs_fail(-ENOEXEC,
				 "%zu bytes are not a whole number of 8-byte instructions",
				 len);
	if (len / sizeof(struct bpf_insn) > UINT32_MAX)
		return bpfs_fail(-E2BIG,
				 "%zu bytes of instructions are too many",
				 len);
	new = bpfs_image_alloc(name);
	if (!new)
		return -ENOMEM;
	err = bpfs_image_set_insns(new, bytes,
				   len / sizeof(struct bpf_insn));
	if (err) {
		bpfs_image_free(new);
		return err;
	}
	*image = new;
	return 0;
}

int bpfs_image_add_section(struct bpfs_image *image, const char *name,
			   const void *data, __u32 len, __u32 flags)
{
	struct bpfs_image_section *s;

	s = reallocarray(image->sections, image->section_count + 1, sizeof(*s));
	if (!s)
		return bpfs_fail(-ENOMEM, "out of memory");
	image->sections = s;
	s += image->section_count;
	s->name = strdup(name);
	s->data = data && len ? malloc(len) : NULL;
	s->len = len;
	s->flags = flags;
	if (!s->name || (data && len && !s->data)) {
		free(s->name);
		free(s->data);
		return bpfs_fail(-ENOMEM, "out of memory");
	}
	if (s->data)
		memcpy(s->data, data, len);
	return image->section_count++;
}

/* Number of the first variable that does not begin before a place */
static size_t first_variable(const struct bpfs_image *image, __u32 section,
			     __u64 offset)
{
	const struct bpfs_image_variable *list = image->variables;

	return bpfs_count_first(image->variable_count,
				list[i].section < section ||
				(list[i].section == section &&
				 list[i].offset < offset));
}

const char *bpfs_image_variable(const struct bpfs_image *image,
				__u32 section, __u32 offset)
{
	size_t behind = first_variable(image, section, offset + 1ULL);
	const struct bpfs_image_variable *v;

	if (!behind || image->variables[behind - 1].section != section)
		return NULL;
	/* Of several that begin there the first one, which is the largest */
	v = &image->variables[first_variable(image, section,
				image->variables[behind - 1].offset)];
	return offset - v->offset < v->size ? v->name : NULL;
}

const char *bpfs_image_function(const struct bpfs_image *image,
				__u32 slot)
{
	size_t begun;

	if (slot >= image->insn_count)
		return NULL;
	begun = bpfs_count_first(image->function_count,
				 image->functions[i].slot <= slot);
	return begun ? image->functions[begun - 1].name : NULL;
}

const char *bpfs_image_line(const struct bpfs_image *image, __u32 slot,
			    __u32 *line)
{
	size_t begun = bpfs_count_first(image->line_count,
					image->lines[i].slot <= slot);
	const struct bpfs_image_line *found;

	if (!begun || slot >= image->insn_count)
		return NULL;
	found = &image->lines[begun - 1];
	/* That of a function before, if this one has none */
	if (bpfs_image_function(image, found->slot) !=
	    bpfs_image_function(image, slot))
		return NULL;
	*line = found->line;
	return image->files[found->file];
}

/* What only explains the program */
static void free_names(struct bpfs_image *image)
{
	__u32 i;

	for (i = 0; i < image->variable_count; i++)
		free(image->variables[i].name);
	for (i = 0; i < image->function_count; i++)
		free(image->functions[i].name);
	for (i = 0; i < image->file_count; i++)
		free(image->files[i]);
	free(image->variables);
	free(image->functions);
	free(image->lines);
	free(image->files);
}

void bpfs_image_free(struct bpfs_image *image)
{
	__u32 i;

	if (!image)
		return;
	for (i = 0; i < image->section_count; i++) {
		free(image->sections[i].name);
		free(image->sections[i].data);
	}
	for (i = 0; i < image->map_count; i++) {
		free(image->maps[i].name);
		free(image->maps[i].path);
		if (image->maps[i].shared_fd)
			close(image->maps[i].shared_fd);
	}
	free_names(image);
	free(image->relocs);
	free(image->maps);
	free(image->sections);
	free(image->insns);
	free(image);
}
