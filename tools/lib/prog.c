// SPDX-License-Identifier: GPL-2.0
/* Loaded programs: a descriptor, and the sections that it lets one map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

/* What the module said of the program that this thread loaded last */
static __thread char load_log[4096];

/* Which limit it met, BPFSCHED_LIMIT_* */
static __thread __u32 load_limit;

/**
 * struct prog_section - a data section of a loaded program
 * @name: its name in the object
 * @len: number of bytes
 * @flags: BPFSCHED_SECTION_*
 * @offset: where the descriptor maps it
 * @address: where it is mapped, NULL until somebody asks
 */
struct prog_section {
	char *name;
	__u32 len;
	__u32 flags;
	__u64 offset;
	void *address;
};

/**
 * struct prog_map - a map of a loaded program
 * @name: its name in the object
 * @fd: a descriptor of it
 */
struct prog_map {
	char *name;
	int fd;
};

/**
 * struct bpfs_prog - a loaded program
 * @fd: descriptor that holds it
 * @id: number that the module gave it
 * @name: name of the program
 * @map_count: number of maps
 * @maps: maps
 * @section_count: number of sections
 * @sections: data sections
 */
struct bpfs_prog {
	int fd;
	__u64 id;
	char name[BPFSCHED_PROG_NAME_LEN];
	__u32 map_count;
	struct prog_map *maps;
	__u32 section_count;
	struct prog_section sections[];
};

const char *bpfs_prog_load_log(void)
{
	return load_log;
}

__u32 bpfs_prog_load_limit(void)
{
	return load_limit;
}

static struct bpfs_prog *prog_alloc(const struct bpfs_image *image)
{
	struct bpfs_prog *p;
	__u32 i;

	p = calloc(1, sizeof(*p) +
		      image->section_count * sizeof(p->sections[0]));
	if (!p)
		return NULL;
	p->fd = -1;
	memcpy(p->name, image->name, sizeof(p->name));
	p->section_count = image->section_count;
	for (i = 0; i < p->section_count; i++) {
		p->sections[i].name = strdup(image->sections[i].name);
		p->sections[i].len = image->sections[i].len;
		p->sections[i].flags = image->sections[i].flags;
		if (!p->sections[i].name) {
			bpfs_prog_free(p);
			return NULL;
		}
	}
	p->maps = calloc(image->map_count + 1, sizeof(p->maps[0]));
	if (!p->maps) {
		bpfs_prog_free(p);
		return NULL;
	}
	return p;
}

/* Make or find the maps; those that are there are the program's to close */
static int open_maps(const struct bpfs_image *image,
		     struct bpfs_prog *p)
{
	struct prog_map *map;
	__u32 i;

	for (i = 0; i < image->map_count; i++) {
		map = &p->maps[i];
		map->fd = bpfs_map_open(&image->maps[i]);
		if (map->fd < 0)
			return map->fd;
		p->map_count++;
		map->name = strdup(image->maps[i].name);
		if (!map->name)
			return bpfs_fail(-ENOMEM, "out of memory");
	}
	return 0;
}

static void trim_log(void)
{
	size_t len;

	load_log[sizeof(load_log) - 1] = 0;
	len = strlen(load_log);
	while (len && load_log[len - 1] == '\n')
		load_log[--len] = 0;
}

/* Why a load has failed; the log has been trimmed */
static int explain_load(int fd, int err, const struct bpfs_image *image)
{
	char why[BPFS_LIMIT_TEXT_MAX], reason[900];

	if (*load_log) {
		bpfs_log_explain(image, load_log, reason, sizeof(reason));
		return bpfs_fail(err, "program '%s' refused: %s",
				 image->name, reason);
	}
	if (err == -E2BIG)
		return bpfs_fail(err,
				 "program '%s' is too large: it has %u instructions of at most 1000000, %u data sections of at most 16 of 16 MiB each, %u maps of at most 32, %u pointers in initial data of at most %u",
				 image->name, image->insn_count,
				 image->section_count, image->map_count,
				 image->reloc_count, BPFSCHED_RELOCS_MAX);
	if (err == -EDQUOT)
		return bpfs_fail(err, "program '%s': %s", image->name,
				 bpfs_limit_explain(fd, load_limit,
						    why, sizeof(why)));
	return bpfs_fail(err, "program '%s': %s", image->name,
			 strerror(-err));
}

static int load(int fd, const struct bpfs_image *image,
		struct bpfsched_section *sections,
		struct bpfsched_map_ref *maps, const __s32 *followups,
		__u32 followup_count, struct bpfs_prog *p)
{
	struct bpfsched_prog_load req = {
		.size = sizeof(req),
		.insns = (uintptr_t)image->insns,
		.insn_count = image->insn_count,
		.section_count = image->section_count,
		.sections = (uintptr_t)sections,
		.log = (uintptr_t)load_log,
		.log_size = sizeof(load_log),
		.maps = (uintptr_t)maps,
		.map_count = p->map_count,
		.followup_fds = (uintptr_t)followups,
		.followup_count = followup_count,
		.reloc_count = image->reloc_count,
		.relocs = (uintptr_t)image->relocs,
	};
	int err;

	memcpy(req.name, image->name, sizeof(req.name));
	p->fd = ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &req);
	if (p->fd >= 0) {
		p->id = req.prog_id;
		return 0;
	}
	err = -errno;
	load_limit = req.limit;
	trim_log();
	return explain_load(fd, err, image);
}

/* Forget what was said of the program before */
static void begin_load(void)
{
	*load_log = 0;
	load_limit = BPFSCHED_LIMIT_NONE;
}

int bpfs_prog_load(int fd, const struct bpfs_image *image,
		   struct bpfs_prog **prog)
{
	return bpfs_prog_load_with(fd, image, NULL, 0, prog);
}

int bpfs_prog_load_with(int fd, const struct bpfs_image *image,
			struct bpfs_prog *const *followups,
			__u32 followup_count, struct bpfs_prog **prog)
{
	struct bpfsched_section *sections;
	struct bpfsched_map_ref *maps;
	struct bpfs_prog *p;
	__s32 *fds;
	__u32 i;
	int err;

	begin_load();
	sections = calloc(image->section_count + 1, sizeof(*sections));
	maps = calloc(image->map_count + 1, sizeof(*maps));
	fds = calloc(followup_count + 1, sizeof(*fds));
	p = prog_alloc(image);
	if (!sections || !maps || !fds || !p) {
		bpfs_prog_free(p);
		free(maps);
		free(sections);
		free(fds);
		return bpfs_fail(-ENOMEM, "out of memory");
	}
	for (i = 0; i < followup_count; i++)
		fds[i] = followups[i]->fd;
	for (i = 0; i < image->section_count; i++) {
		sections[i].data = (uintptr_t)image->sections[i].data;
		sections[i].len = image->sections[i].len;
		sections[i].flags = image->sections[i].flags;
	}
	err = open_maps(image, p);
	for (i = 0; i < p->map_count; i++)
		maps[i].fd = p->maps[i].fd;
	if (!err)
		err = load(fd, image, sections, maps, fds, followup_count, p);
	for (i = 0; !err && i < image->section_count; i++)
		p->sections[i].offset = sections[i].mmap_offset;
	free(maps);
	free(sections);
	free(fds);
	if (err)
		bpfs_prog_free(p);
	else
		*prog = p;
	return err;
}

int bpfs_prog_load_file(int fd, const char *path, const char *program,
			struct bpfs_prog **prog)
{
	struct bpfs_image *image;
	int err;

	begin_load();
	err = bpfs_image_open(path, program, &image);
	if (err)
		return err;
	err = bpfs_prog_load(fd, image, prog);
	bpfs_image_free(image);
	return err;
}

void bpfs_prog_free(struct bpfs_prog *prog)
{
	__u32 i;

	if (!prog)
		return;
	for (i = 0; i < prog->section_count; i++) {
		if (prog->sections[i].address)
			munmap(prog->sections[i].address,
			       prog->sections[i].len);
		free(prog->sections[i].name);
	}
	for (i = 0; i < prog->map_count; i++) {
		free(prog->maps[i].name);
		close(prog->maps[i].fd);
	}
	free(prog->maps);
	if (prog->fd >= 0)
		close(prog->fd);
	free(prog);
}

int bpfs_prog_fd(const struct bpfs_prog *prog)
{
	return prog->fd;
}

__u64 bpfs_prog_id(const struct bpfs_prog *prog)
{
	return prog->id;
}

const char *bpfs_prog_name(const struct bpfs_prog *prog)
{
	return prog->name;
}

static void *map_section(struct bpfs_prog *prog, struct prog_section *s)
{
	int prot = PROT_READ;
	void *address;

	if (!(s->flags & BPFSCHED_SECTION_RDONLY))
		prot |= PROT_WRITE;
	address = mmap(NULL, s->len, prot, MAP_SHARED, prog->fd, s->offset);
	if (address == MAP_FAILED) {
		bpfs_fail(-errno, "section '%s': mmap: %s", s->name,
			  strerror(errno));
		return NULL;
	}
	return address;
}

void *bpfs_prog_section(struct bpfs_prog *prog, const char *name,
			size_t *len)
{
	struct prog_section *s;
	__u32 i;

	for (i = 0; i < prog->section_count; i++) {
		s = &prog->sections[i];
		if (strcmp(s->name, name))
			continue;
		if (!s->address)
			s->address = map_section(prog, s);
		if (len)
			*len = s->len;
		return s->address;
	}
	bpfs_fail(-ENOENT, "program '%s' has no section '%s'", prog->name,
		  name);
	errno = ENOENT;
	return NULL;
}

void *bpfs_prog_section_at(struct bpfs_prog *prog, __u32 number, size_t *len)
{
	struct prog_section *s = &prog->sections[number];

	if (number >= prog->section_count) {
		bpfs_fail(-ENOENT, "program '%s' has no section %u",
			  prog->name, number);
		errno = ENOENT;
		return NULL;
	}
	if (!s->address)
		s->address = map_section(prog, s);
	if (len)
		*len = s->len;
	return s->address;
}

int bpfs_prog_map_fd(const struct bpfs_prog *prog, const char *name)
{
	__u32 i;

	for (i = 0; i < prog->map_count; i++) {
		if (!strcmp(prog->maps[i].name, name))
			return prog->maps[i].fd;
	}
	return bpfs_fail(-ENOENT, "program '%s' has no map '%s'",
			 prog->name, name);
}
