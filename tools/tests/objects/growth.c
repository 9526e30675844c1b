// SPDX-License-Identifier: GPL-2.0
/*
 * Opens an object, looks at all that it has, and prints how much work that was:
 * blocks of code that were run, and bytes of strings that were looked at.
 *
 * usage: growth OBJECT [NAME OF A PART OF A VARIABLE]
 */
#include <stdio.h>
#include <stdlib.h>

#include "bpfsched.h"
#include "growth.h"

static unsigned long long work;

/* The compiler puts a call of this into each block of the library */
void __sanitizer_cov_trace_pc(void)
{
	work++;
}

int counted_strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		work++;
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

size_t counted_strlen(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	work += len;
	return len;
}

void *counted_memchr(const void *bytes, int c, size_t len)
{
	const unsigned char *at = bytes;

	for (; len; at++, len--) {
		work++;
		if (*at == c)
			return (void *)at;
	}
	return NULL;
}

static void show(const struct bpfs_globals *globals,
		 const struct bpfs_image *image, const struct bpfs_global *g)
{
	const struct bpfs_image_section *s = &image->sections[g->section];
	static char zero[1 << 24], text[1 << 16];
	struct bpfs_global part;
	__u32 i;

	if (g->kind != BPFS_GLOBAL_ARRAY && g->kind != BPFS_GLOBAL_STRUCT) {
		bpfs_global_format(globals, g, s->data ?: zero, text,
				   sizeof(text));
		return;
	}
	for (i = 0; i < g->count; i++) {
		if (!bpfs_global_part(globals, g, i, &part) && !part.count)
			show(globals, image, &part);
	}
}

static void look_at_image(const struct bpfs_image *image)
{
	__u32 slot, line;

	for (slot = 0; slot < image->insn_count; slot++) {
		bpfs_image_function(image, slot);
		bpfs_image_line(image, slot, &line);
		if (image->section_count)
			bpfs_image_variable(image, 0, 4 * slot);
	}
}

static void look_at_globals(const char *path, const struct bpfs_image *image,
			    const char *name)
{
	struct bpfs_globals *globals;
	const struct bpfs_global *g;
	struct bpfs_global found;
	__u32 i;

	if (bpfs_globals_open(path, image, &globals)) {
		printf("globals: %s\n", bpfs_error());
		return;
	}
	for (i = 0; (g = bpfs_globals_at(globals, i)); i++)
		show(globals, image, g);
	printf("variables: %u\n", i);
	if (name && bpfs_globals_find(globals, name, &found))
		printf("find: %s\n", bpfs_error());
	bpfs_globals_free(globals);
}

int main(int argc, char **argv)
{
	struct bpfs_image *image;
	char **names;

	if (argc < 2)
		return 2;
	if (bpfs_object_programs(argv[1], &names) >= 0)
		bpfs_names_free(names);
	if (bpfs_image_open(argv[1], NULL, &image)) {
		printf("image: %s\n", bpfs_error());
	} else {
		printf("instructions: %u\nlines: %u of %u files\n",
		       image->insn_count, image->line_count, image->file_count);
		look_at_image(image);
		look_at_globals(argv[1], image, argc > 2 ? argv[2] : NULL);
		bpfs_image_free(image);
	}
	printf("work: %llu\n", work);
	return 0;
}
