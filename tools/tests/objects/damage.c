// SPDX-License-Identifier: GPL-2.0
/*
 * Opens an object over and over, each time with other bytes of it damaged, or
 * cut off. Nothing is to come out but images and error messages: the sanitizers
 * that this is built with end it otherwise. An image that comes out has to hold
 * what the module is told of it, and its variables are read and set.
 *
 * usage: damage OBJECT COPY ROUNDS SEED
 *
 * COPY is where the damaged object is written to.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/bpfsched.h"

static unsigned long long random_state;
static unsigned long opened, refused;

static __u64 random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dULL >> 16;
}

static void require(int is_true, const char *what)
{
	if (is_true)
		return;
	fprintf(stderr, "an image is not right: %s\n", what);
	abort();
}

static void check_relocs(const struct bpfs_image *image)
{
	const struct bpfsched_reloc *r;
	__u32 i;

	for (i = 0; i < image->reloc_count; i++) {
		r = &image->relocs[i];
		require(r->section < image->section_count, "a place");
		require(r->offset + 8ULL <= image->sections[r->section].len,
			"an offset");
		if (r->kind == BPFSCHED_RELOC_SECTION)
			require(r->target < image->section_count &&
				r->addend <= image->sections[r->target].len,
				"a pointer to data");
		else if (r->kind == BPFSCHED_RELOC_FUNCTION)
			require(r->target < image->insn_count,
				"a pointer to a function");
		else
			require(r->target < image->map_count,
				"a pointer to a map");
	}
}

static void check_image(const struct bpfs_image *image)
{
	unsigned char sum = 0;
	__u32 i, j, line;

	check_relocs(image);
	require(image->insn_count && image->insn_count <= 1000000,
		"number of instructions");
	for (i = 0; i < image->insn_count; i += 1 + image->insn_count / 64) {
		bpfs_image_function(image, i);
		bpfs_image_line(image, i, &line);
	}
	require(image->section_count <= 16 && image->map_count <= 32,
		"number of sections or maps");
	for (i = 0; i < image->section_count; i++) {
		require(image->sections[i].len, "length of a section");
		bpfs_image_variable(image, i, image->sections[i].len);
		for (j = 0; image->sections[i].data &&
		     j < image->sections[i].len; j++)
			sum += ((unsigned char *)image->sections[i].data)[j];
	}
	require(sum <= 255, "nothing");
}

/* Parts of a variable that are looked at, and how deep */
#define PARTS_MAX	256
#define DEPTH_MAX	4

static void try_global(const struct bpfs_globals *globals,
		       const struct bpfs_global *g, char *section, int depth)
{
	static const char *const values[] = {
		"1", "-1", "1.5", "true", "MODE_ON", "abc",
	};
	size_t size = (size_t)g->size + BPFS_GLOBAL_TEXT_MAX, i;
	struct bpfs_global part;
	char *text = malloc(size);

	require(!!text, "no memory");
	bpfs_global_format(globals, g, section, text, size);
	free(text);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		bpfs_global_parse(globals, g, values[i], section);
	for (i = 0; depth < DEPTH_MAX && i < g->count && i < PARTS_MAX; i++) {
		if (!bpfs_global_part(globals, g, i, &part))
			try_global(globals, &part, section, depth + 1);
	}
}

static void try_globals(const char *path, struct bpfs_image *image)
{
	struct bpfs_image_section *s;
	struct bpfs_globals *globals;
	const struct bpfs_global *g;
	__u32 i;

	if (bpfs_globals_open(path, image, &globals))
		return;
	for (i = 0; (g = bpfs_globals_at(globals, i)); i++) {
		s = &image->sections[g->section];
		if (!s->data)
			s->data = calloc(1, s->len);
		require(!!s->data, "no memory");
		try_global(globals, g, s->data, 0);
	}
	bpfs_globals_free(globals);
}

static void open_programs(const char *path)
{
	struct bpfs_image *image;
	char **names = NULL;
	int i, count;

	count = bpfs_object_programs(path, &names);
	for (i = 0; i < count; i++) {
		if (bpfs_image_open(path, names[i], &image)) {
			require(*bpfs_error(), "no message");
			refused++;
			continue;
		}
		check_image(image);
		try_globals(path, image);
		opened++;
		bpfs_image_free(image);
	}
	if (count > 0)
		bpfs_names_free(names);
	else if (!count)
		free(names);
}

/* A number that is likely to be at the edge of something */
static __u64 edge(size_t len)
{
	static const __u64 edges[] = {
		0, 1, 2, 7, 8, 16, 24, 0x7f, 0xff, 0xffff, 0xff00, 0xfff1,
		0xfff2, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8,
		1ULL << 62, 1ULL << 63, -1ULL, -8ULL,
	};
	size_t count = sizeof(edges) / sizeof(edges[0]);
	size_t which = random_number() % (count + 4);

	if (which < count)
		return edges[which];
	return which == count ? len : len - random_number() % 64;
}

static void damage(unsigned char *bytes, size_t len)
{
	int times = 1 + random_number() % 4;

	while (times--) {
		size_t at = random_number() % len;
		size_t size = 1UL << random_number() % 4;
		__u64 value = edge(len);

		/* The table of sections is at the end of most objects */
		if (random_number() % 4 == 0 && len > 4096)
			at = len - 1 - random_number() % 4096;
		if (random_number() % 4 == 0)
			value = random_number();
		at -= at % size;
		if (size <= len - at)
			memcpy(bytes + at, &value, size);
	}
}

static void write_copy(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	require(fd >= 0 && write(fd, bytes, len) == (ssize_t)len,
		"the copy cannot be written");
	close(fd);
}

/* Floating-point numbers of sizes that there are not */
static void damage_floats(const char *path, const char *whole, char *copy,
			  size_t len)
{
	static const __u32 info = 16U << 24;	/* BTF_KIND_FLOAT */
	size_t at;
	__u32 size;

	for (at = 0; at + 2 * sizeof(info) <= len; at += sizeof(info)) {
		if (memcmp(whole + at, &info, sizeof(info)))
			continue;
		for (size = 0; size <= 16; size++) {
			memcpy(copy, whole, len);
			memcpy(copy + at + sizeof(info), &size, sizeof(size));
			write_copy(path, copy, len);
			open_programs(path);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long rounds, i;
	char *whole, *copy;
	size_t len, cut;

	require(argc == 5, "usage");
	rounds = strtoul(argv[3], NULL, 0);
	random_state = strtoull(argv[4], NULL, 0) * 2 + 1;
	require(!bpfs_file_read(argv[1], &whole, &len), "no object");
	copy = malloc(len);
	require(copy && len, "no memory");
	open_programs(argv[1]);
	damage_floats(argv[2], whole, copy, len);
	for (i = 0; i < rounds; i++) {
		memcpy(copy, whole, len);
		damage((unsigned char *)copy, len);
		cut = random_number() % 8 ? len : random_number() % len;
		write_copy(argv[2], copy, cut);
		open_programs(argv[2]);
	}
	free(copy);
	free(whole);
	printf("%lu images, %lu refused\n", opened, refused);
	return 0;
}
