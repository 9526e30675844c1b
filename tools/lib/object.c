// SPDX-License-Identifier: GPL-2.0
/* Objects: which programs they have, and images of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linker.h"

#define SECTION_PREFIX "bpfsched"

/**
 * struct object - an object file while it is looked at
 * @elf: sections and symbols
 * @btf: types
 * @linker: functions
 */
struct object {
	struct bpfs_elf elf;
	struct bpfs_btf btf;
	struct linker linker;
};

static void object_close(struct object *o)
{
	bpfs_linker_exit(&o->linker);
	bpfs_btf_free(&o->btf);
	bpfs_elf_free(&o->elf);
}

/* Whatever this returns, object_close() has to be called */
static int object_open(struct object *o, const char *path)
{
	int err;

	memset(o, 0, sizeof(*o));
	err = bpfs_elf_read(&o->elf, path);
	if (!err)
		err = bpfs_btf_read(&o->btf, &o->elf);
	return err ?: bpfs_linker_init(&o->linker, &o->elf, &o->btf);
}

static bool is_in_our_section(const struct object *o,
			      const struct link_function *f)
{
	const char *section = o->elf.sections[f->section].name;
	size_t len = strlen(SECTION_PREFIX);

	return !strncmp(section, SECTION_PREFIX, len) &&
	       (!section[len] || section[len] == '/');
}

static bool is_program(const struct object *o, const struct link_function *f)
{
	return f->is_global && is_in_our_section(o, f);
}

/* Several programs and none named: list them */
static int fail_ambiguous(const struct object *o)
{
	const struct link_function *f = o->linker.functions;
	char names[512] = "";
	size_t len = 0, i;

	for (i = 0; i < o->linker.function_count; i++, f++) {
		if (is_program(o, f) && len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len,
					"%s%s", len ? ", " : "", f->name);
	}
	return bpfs_fail(-ENOTUNIQ,
			 "%s: several programs, name one of them: %s",
			 o->elf.path, names);
}

/* There is no program, or none of that name: tell what is nearest to one */
static int fail_missing(const struct object *o, const char *name)
{
	const struct link_function *f = o->linker.functions;
	size_t i;

	for (i = 0; i < o->linker.function_count; i++, f++) {
		if (name && strcmp(f->name, name))
			continue;
		if (is_in_our_section(o, f))
			return bpfs_fail(name ? -ESRCH : -ENOEXEC,
					 "%s: function '%s' is static, so it is no program: define it without 'static'",
					 o->elf.path, f->name);
		if (name)
			return bpfs_fail(-ESRCH,
					 "%s: function '%s' is no program, it is not in SEC(\"bpfsched\")",
					 o->elf.path, f->name);
	}
	if (!o->linker.function_count)
		return bpfs_fail(name ? -ESRCH : -ENOEXEC,
				 "%s: no program in SEC(\"bpfsched\"), the object has no symbols of functions: if it was stripped, strip with -g",
				 o->elf.path);
	if (name)
		return bpfs_fail(-ESRCH,
				 "%s: no program '%s' in SEC(\"" SECTION_PREFIX "\")",
				 o->elf.path, name);
	return bpfs_fail(-ENOEXEC,
			 "%s: no program in SEC(\"" SECTION_PREFIX "\")",
			 o->elf.path);
}

/* Number of the program, or negative errno */
static int choose(const struct object *o, const char *name)
{
	const struct link_function *f = o->linker.functions;
	int found = -1;
	size_t i;

	for (i = 0; i < o->linker.function_count; i++, f++) {
		if (!is_program(o, f) || (name && strcmp(f->name, name)))
			continue;
		if (found >= 0)
			return fail_ambiguous(o);
		found = i;
	}
	return found < 0 ? fail_missing(o, name) : found;
}

/* Name of the function that the first pointer of a section leads to, or "" */
static const char *first_function(struct object *o, __u32 section)
{
	const struct bpfs_elf_section *s = &o->elf.sections[section];
	const struct link_relocs *r = &o->linker.relocs[section];
	const Elf64_Sym *sym;
	__u64 addend = 0;
	int found;

	if (bpfs_link_read_relocs(&o->linker, section) || !r->count)
		return "";
	sym = &o->elf.symbols[r->list[0].symbol];
	if (s->data && s->len >= sizeof(addend) &&
	    r->list[0].offset <= s->len - sizeof(addend))
		memcpy(&addend, s->data + r->list[0].offset, sizeof(addend));
	found = bpfs_link_find(&o->linker, sym->st_shndx,
			       sym->st_value + addend);
	return found < 0 ? "" : o->linker.functions[found].name;
}

/* Functions that would have to run before the program, or after it */
static int check_constructors(struct object *o)
{
	const struct bpfs_elf_section *s;
	size_t i;

	for (i = 1; i < o->elf.section_count; i++) {
		s = &o->elf.sections[i];
		if (!s->len)
			continue;
		if (s->type == SHT_INIT_ARRAY || s->type == SHT_PREINIT_ARRAY ||
		    !strcmp(s->name, ".ctors"))
			return bpfs_fail(-ENOEXEC,
					 "%s: constructor '%s' (section '%s') would have to run before the program, which is not supported: initialize the data with constants, or in the first job",
					 o->elf.path, first_function(o, i),
					 s->name);
		if (s->type == SHT_FINI_ARRAY || !strcmp(s->name, ".dtors"))
			return bpfs_fail(-ENOEXEC,
					 "%s: destructor '%s' (section '%s') would never run, as programs do not end: remove it",
					 o->elf.path, first_function(o, i),
					 s->name);
	}
	return 0;
}

/*
 * The assembler that GCC before 14 comes with adds the place of a variable to
 * what refers to it, and the linker is to add it once more. What is meant cannot
 * be told from the object.
 */
static int check_compiler(const struct object *o)
{
	const struct bpfs_elf_section *s;
	char text[128] = "";
	const char *version;
	size_t len, skip;

	s = bpfs_elf_find(&o->elf, ".comment");
	len = s ? s->len : 0;
	/* Some begin with an empty string */
	skip = len && !*s->data;
	len -= skip;
	if (len)
		memcpy(text, s->data + skip, len < sizeof(text) ?
		       len : sizeof(text) - 1);
	version = strrchr(text, ' ');
	if (strncmp(text, "GCC: ", 5) || !version || atoi(version) >= 14)
		return 0;
	return bpfs_fail(-ENOEXEC,
			 "%s: made by GCC %s, which refers to variables as no linker expects it: compile with clang, or with GCC from version 14 on",
			 o->elf.path, version + 1);
}

int bpfs_image_open(const char *path, const char *program,
		    struct bpfs_image **image)
{
	struct object o;
	int function, err;

	err = object_open(&o, path);
	if (!err) {
		function = choose(&o, program);
		err = function < 0 ? function : check_constructors(&o);
	}
	if (!err)
		err = check_compiler(&o);
	if (!err)
		err = bpfs_link(&o.linker, function, image);
	object_close(&o);
	return err;
}

static int collect_names(const struct object *o, char ***names)
{
	const struct link_function *f = o->linker.functions;
	size_t count = 0, i;
	char **list;

	list = calloc(o->linker.function_count + 1, sizeof(*list));
	if (!list)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (i = 0; i < o->linker.function_count; i++, f++) {
		if (!is_program(o, f))
			continue;
		list[count] = strdup(f->name);
		if (!list[count++]) {
			bpfs_names_free(list);
			return bpfs_fail(-ENOMEM, "out of memory");
		}
	}
	*names = list;
	return count;
}

int bpfs_object_programs(const char *path, char ***names)
{
	struct object o;
	int ret;

	ret = object_open(&o, path);
	if (!ret)
		ret = collect_names(&o, names);
	object_close(&o);
	return ret;
}

void bpfs_names_free(char **names)
{
	size_t i;

	for (i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
