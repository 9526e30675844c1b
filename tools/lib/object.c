// SPDX-License-Identifier: GPL-2.0
/*
 * Images from ELF objects. libbpf links functions and relocates references;
 * because of bpf_object__gen_loader() it does so without asking the kernel,
 * and the instructions are copied in the hook that runs before it would load
 * them. A reference to a map then has pseudo-source 5 or 6 and the number of
 * the map; the maps that stand for data sections become sections of the image,
 * the others its maps.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

#define SECTION_PREFIX "bpfsched"

/* libbpf calls the maps of data sections "<object's name><section's name>" */
#define OBJECT_NAME "object"

/* libbpf's print function and section handlers are global */
static pthread_mutex_t libbpf_lock = PTHREAD_MUTEX_INITIALIZER;

/* First warning of libbpf, and what it said last; guarded by libbpf_lock */
static char warning[512];
static char said[512];

/*
 * Number of the section handler, and the object that it works for; guarded by
 * libbpf_lock. It is registered once: libbpf 1.1 uses memory that it has freed
 * when a handler is registered after the last one was unregistered.
 */
static int handler = -1;
static struct object *current;

/**
 * struct object - an object file while an image is made from it
 * @path: path of the file
 * @elf: the file, for the checks that libbpf does not do
 * @bpf: libbpf's handle
 * @print: libbpf's print function before
 * @image: image that the hook fills in, NULL until then
 * @err: error of the hook
 */
struct object {
	const char *path;
	struct bpfsched_elf elf;
	struct bpf_object *bpf;
	libbpf_print_fn_t print;
	struct bpfsched_image *image;
	int err;
};

static int keep_warning(enum libbpf_print_level level, const char *fmt,
			va_list args)
{
	char *line = said;

	vsnprintf(line, sizeof(said), fmt, args);
	line[strcspn(line, "\n")] = 0;
	if (bpfsched_debugging())
		fprintf(stderr, "%s\n", line);
	/* The first one names the cause, later ones its consequences */
	if (level == LIBBPF_WARN && !*warning)
		strcpy(warning, line);
	return 0;
}

/* A failure of libbpf, which has its own errno values */
static int libbpf_failure(const struct object *o, int err)
{
	const char *text = *warning ? warning : said;

	if (!strncmp(text, "libbpf: ", 8))
		text += 8;
	if (!*text)
		text = "libbpf does not take it";
	if (err == -ENOMEM)
		return bpfsched_fail(err, "%s: out of memory", o->path);
	return bpfsched_fail(-ENOEXEC, "%s: %s", o->path, text);
}

/*
 * CO-RE relocations are skipped by what makes libbpf leave the kernel alone, so
 * a program that has any would read from wrong offsets. Its functions, and only
 * those that are linked to it, are listed in the types that go with it.
 */
static int check_core(struct object *o, struct bpf_program *prog,
		      const struct bpf_prog_load_opts *opts)
{
	const struct btf *btf = bpf_object__btf(o->bpf);
	const char *infos = opts->func_info;
	bool found = !opts->func_info_cnt;
	const struct bpf_func_info *info;
	const struct btf_type *type;
	const char *name;
	__u32 i;

	if (!bpfsched_has_core(&o->elf))
		return 0;
	for (i = 0; !found && i < opts->func_info_cnt; i++) {
		info = (const void *)(infos + i * opts->func_info_rec_size);
		type = btf__type_by_id(btf, info->type_id);
		name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
		found = !name || bpfsched_function_has_core(&o->elf, name);
	}
	if (!found)
		return 0;
	return bpfsched_fail(-ENOEXEC,
			     "%s: program '%s' has CO-RE relocations (it reads types of the running kernel), which are not supported",
			     o->path, bpf_program__name(prog));
}

/* Called by libbpf when the instructions of a program are ready */
static int copy_insns(struct bpf_program *prog,
		      struct bpf_prog_load_opts *opts, long cookie)
{
	struct object *o = current;

	(void)cookie;

	o->err = check_core(o, prog, opts);
	if (o->err)
		return 0;
	o->image = bpfsched_image_alloc(bpf_program__name(prog));
	if (o->image)
		o->err = bpfsched_image_set_insns(o->image,
						  bpf_program__insns(prog),
						  bpf_program__insn_cnt(prog));
	else
		o->err = -ENOMEM;
	return 0;
}

static void object_close(struct object *o)
{
	bpf_object__close(o->bpf);
	current = NULL;
	bpfsched_elf_free(&o->elf);
	libbpf_set_print(o->print);
	pthread_mutex_unlock(&libbpf_lock);
}

static int register_handler(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, hooks,
		    .prog_prepare_load_fn = copy_insns);

	if (handler < 0)
		handler = libbpf_register_prog_handler(SECTION_PREFIX "+",
						       BPF_PROG_TYPE_SYSCALL, 0,
						       &hooks);
	return handler < 0 ? handler : 0;
}

/*
 * Types are of use to libbpf for maps, and to check_core(). It does not take an
 * object whose types are not right, such as clang makes of a string in a static
 * array (the types have it in .rodata, the object in .rodata.str1.1); without
 * any it does.
 */
static struct bpf_object *open_without_types(struct object *o,
					     const struct bpf_object_open_opts *opts)
{
	long type = bpfsched_elf_set_type(&o->elf, ".BTF", SHT_STRTAB);
	struct bpf_object *bpf;
	char kept[sizeof(said)];

	if (type < 0)
		return NULL;
	strcpy(kept, said);
	bpf = bpf_object__open_mem(o->elf.bytes, o->elf.len, opts);
	bpfsched_elf_set_type(&o->elf, ".BTF", type);
	if (!bpf)
		strcpy(said, kept);
	return bpf;
}

/* Whatever this returns, object_close() has to be called */
static int object_open(struct object *o, const char *path)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = OBJECT_NAME);
	int err;

	pthread_mutex_lock(&libbpf_lock);
	memset(o, 0, sizeof(*o));
	o->path = path;
	o->print = libbpf_set_print(keep_warning);
	*warning = 0;
	*said = 0;
	current = o;
	err = register_handler();
	if (err)
		return libbpf_failure(o, err);
	err = bpfsched_elf_read(&o->elf, path);
	if (!err)
		err = bpfsched_elf_check_externs(&o->elf);
	if (err)
		return err;
	o->bpf = bpf_object__open_mem(o->elf.bytes, o->elf.len, &opts);
	err = o->bpf ? 0 : -errno;
	if (err)
		o->bpf = open_without_types(o, &opts);
	return o->bpf ? 0 : libbpf_failure(o, err);
}

static bool is_ours(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);
	size_t len = strlen(SECTION_PREFIX);

	return !strncmp(section, SECTION_PREFIX, len) &&
	       (!section[len] || section[len] == '/');
}

/* Several programs and none named: list them */
static int fail_ambiguous(struct object *o)
{
	struct bpf_program *prog;
	char names[512] = "";
	size_t len = 0;

	bpf_object__for_each_program(prog, o->bpf) {
		if (is_ours(prog) && len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len,
					"%s%s", len ? ", " : "",
					bpf_program__name(prog));
	}
	return bpfsched_fail(-ENOTUNIQ,
			     "%s: several programs, name one of them: %s",
			     o->path, names);
}

/* Find the program, and make libbpf ignore all others */
static int choose(struct object *o, const char *name)
{
	struct bpf_program *prog, *found = NULL;

	bpf_object__for_each_program(prog, o->bpf) {
		bpf_program__set_autoload(prog, false);
		if (!is_ours(prog) ||
		    (name && strcmp(bpf_program__name(prog), name)))
			continue;
		if (found)
			return fail_ambiguous(o);
		found = prog;
	}
	if (!found && name)
		return bpfsched_fail(-ESRCH, "%s: no program '%s' in SEC(\"" SECTION_PREFIX "\")",
				     o->path, name);
	if (!found)
		return bpfsched_fail(-ENOEXEC, "%s: no program in SEC(\"" SECTION_PREFIX "\")",
				     o->path);
	bpf_program__set_autoload(found, true);
	return 0;
}

/* Let libbpf link and relocate the program; its load itself comes to nothing */
static int link_program(struct object *o)
{
	LIBBPF_OPTS(gen_loader_opts, gen);
	struct bpf_map *map;
	int err;

	bpf_object__for_each_map(map, o->bpf)
		bpf_map__set_autocreate(map, false);
	err = bpf_object__gen_loader(o->bpf, &gen);
	if (err)
		return libbpf_failure(o, err);
	/* What happens after the hook does not matter */
	err = bpf_object__load(o->bpf);
	if (o->err)
		return o->err;
	if (!o->image)
		return libbpf_failure(o, err);
	return 0;
}

static struct bpf_map *map_by_index(struct object *o, int index)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->bpf) {
		if (!index--)
			return map;
	}
	return NULL;
}

static bool all_zero(const char *bytes, size_t len)
{
	while (len && !*bytes) {
		bytes++;
		len--;
	}
	return !len;
}

/* Make a section from a map; returns its index */
static int add_section(struct object *o, struct bpf_map *map)
{
	const char *name = strchr(bpf_map__name(map), '.');
	const void *data;
	size_t len, i;
	__u32 flags = 0;
	int err;

	data = bpf_map__initial_value(map, &len);
	if (!name || !data || len > UINT32_MAX)
		return bpfsched_fail(-ENOEXEC,
				     "%s: map '%s' has no initial data",
				     o->path, bpf_map__name(map));
	for (i = 0; i < o->image->section_count; i++) {
		if (!strcmp(o->image->sections[i].name, name))
			return i;
	}
	err = bpfsched_elf_check_pointers(&o->elf, name);
	if (err)
		return err;
	if (bpf_map__map_flags(map) & BPF_F_RDONLY_PROG)
		flags |= BPFSCHED_SECTION_RDONLY;
	return bpfsched_image_add_section(o->image, name,
					  all_zero(data, len) ? NULL : data,
					  len, flags);
}

/* Give the image a map; returns its index */
static int add_map(struct object *o, const struct bpf_map *map)
{
	const struct bpfsched_image_map new = {
		.name = (char *)bpf_map__name(map),
		.type = bpf_map__type(map),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.max_entries = bpf_map__max_entries(map),
		.flags = bpf_map__map_flags(map),
		.numa_node = bpf_map__numa_node(map),
		.extra = bpf_map__map_extra(map),
		.path = (char *)bpf_map__pin_path(map),
	};
	__u32 i;

	for (i = 0; i < o->image->map_count; i++) {
		if (!strcmp(o->image->maps[i].name, new.name))
			return i;
	}
	return bpfsched_image_add_map(o->image, &new);
}

/*
 * Of global variables a program has the address of the data, and of a map its
 * handle; nothing else can be referred to.
 */
static int convert_reference(struct object *o, struct bpf_insn *insn)
{
	struct bpf_map *map = map_by_index(o, insn->imm);
	bool wants_data = insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;
	int index;

	if (!map)
		return bpfsched_fail(-ENOEXEC,
				     "%s: reference to unknown map %d",
				     o->path, insn->imm);
	if (wants_data != bpf_map__is_internal(map))
		return bpfsched_fail(-ENOEXEC,
				     "%s: program '%s' refers to '%s' as what it is not",
				     o->path, o->image->name,
				     bpf_map__name(map));
	index = bpf_map__is_internal(map) ? add_section(o, map) :
					    add_map(o, map);
	if (index < 0)
		return index;
	insn->imm = index;
	return 0;
}

/* clang before 19 has the register of an indirect call in another field */
static void convert_indirect_call(struct bpf_insn *insn)
{
	if (insn->dst_reg || insn->imm < BPF_REG_0 || insn->imm > BPF_REG_9)
		return;
	insn->dst_reg = insn->imm;
	insn->imm = 0;
}

static int convert_references(struct object *o)
{
	struct bpf_insn *insn = o->image->insns;
	struct bpf_insn *end = insn + o->image->insn_count;
	int err;

	for (; insn < end; insn++) {
		if (insn->code == (BPF_JMP | BPF_CALL | BPF_X))
			convert_indirect_call(insn);
		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insn->src_reg == BPF_PSEUDO_MAP_IDX ||
		    insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE) {
			err = convert_reference(o, insn);
			if (err)
				return err;
		}
		insn++;
	}
	return 0;
}

/**
 * bpfsched_image_open() - make an image from a program of an ELF object
 * @path: path of the object
 * @program: name of a function in SEC("bpfsched") or SEC("bpfsched/..."), or
 *	NULL if there is only one
 * @image: set to the image
 *
 * Functions that the program calls are linked to it, and the global data that
 * they refer to become sections named as in the object: .data, .bss, .rodata
 * and so on. The maps that they refer to become maps of the image, which are
 * made when it is loaded. Asks nothing of the kernel and needs no privilege.
 *
 * Return: 0 or negative errno: ENOEXEC if the file is not a BPF object or
 * needs what is not supported (external symbols, CO-RE relocations, pointers in
 * initial data), ESRCH if there is no program of that name,
 * ENOTUNIQ if @program is NULL and there are several.
 */
int bpfsched_image_open(const char *path, const char *program,
			struct bpfsched_image **image)
{
	struct object o;
	int err;

	err = object_open(&o, path);
	if (!err)
		err = choose(&o, program);
	if (!err)
		err = link_program(&o);
	if (!err)
		err = convert_references(&o);
	if (!err)
		*image = o.image;
	else
		bpfsched_image_free(o.image);
	object_close(&o);
	return err;
}

static int collect_names(struct object *o, char ***names)
{
	struct bpf_program *prog;
	size_t count = 1;
	char **list;

	bpf_object__for_each_program(prog, o->bpf)
		count += is_ours(prog);
	list = calloc(count, sizeof(*list));
	if (!list)
		return bpfsched_fail(-ENOMEM, "out of memory");
	count = 0;
	bpf_object__for_each_program(prog, o->bpf) {
		if (!is_ours(prog))
			continue;
		list[count] = strdup(bpf_program__name(prog));
		if (!list[count++]) {
			bpfsched_names_free(list);
			return bpfsched_fail(-ENOMEM, "out of memory");
		}
	}
	*names = list;
	return count;
}

/**
 * bpfsched_object_programs() - the programs of an ELF object
 * @path: path of the object
 * @names: set to an array of names that ends with NULL, to be freed with
 *	bpfsched_names_free()
 *
 * Return: number of programs in SEC("bpfsched"), or negative errno as of
 * bpfsched_image_open().
 */
int bpfsched_object_programs(const char *path, char ***names)
{
	struct object o;
	int ret;

	ret = object_open(&o, path);
	if (!ret)
		ret = collect_names(&o, names);
	object_close(&o);
	return ret;
}

/**
 * bpfsched_names_free() - free a list of names
 * @names: list of bpfsched_object_programs(), or NULL
 */
void bpfsched_names_free(char **names)
{
	size_t i;

	for (i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
