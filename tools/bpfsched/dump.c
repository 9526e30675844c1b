// SPDX-License-Identifier: GPL-2.0
/* bpfsched dump: the instructions of a program as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disasm.h"
#include "json.h"
#include "opt.h"
#include "program.h"

/* Where the remarks begin. */
#define TEXT_WIDTH	36

/**
 * struct dump - what is shown
 * @source: where the program comes from
 * @raw: the bytes of the instructions, too
 * @names: nothing but the names of the programs
 * @globals: nothing but the names of the global variables
 */
struct dump {
	struct source source;
	bool raw;
	bool names;
	bool globals;
};

static int set_raw(void *to, const char *value)
{
	struct dump *dump = to;

	(void)value;
	dump->raw = true;
	return 0;
}

static int set_names(void *to, const char *value)
{
	struct dump *dump = to;

	(void)value;
	dump->names = true;
	return 0;
}

static int set_globals(void *to, const char *value)
{
	struct dump *dump = to;

	(void)value;
	dump->globals = true;
	return 0;
}

static const struct opt dump_opts[] = {
	{ "raw", OPT_FLAG, NULL, "the bytes of the instructions, too",
	  set_raw },
	{ "names", OPT_FLAG, NULL, "only the names of an object's programs",
	  set_names },
	{ "globals", OPT_FLAG, NULL,
	  "only the names of a program's global variables", set_globals },
};

/* "; .bss+8 (total)" */
static void remark_section(const struct bpfs_image *image,
			   const struct bpf_insn *insn, char *remark,
			   size_t size)
{
	__u32 section = insn->imm, offset = insn[1].imm;
	const char *variable;

	if (section >= image->section_count)
		return;
	snprintf(remark, size, "%s+%u", image->sections[section].name, offset);
	variable = bpfs_image_variable(image, section, offset);
	if (variable)
		snprintf(remark, size, "%s+%u (%s)",
			 image->sections[section].name, offset, variable);
}

/* What the instruction alone does not tell; empty if there is nothing. */
static void make_remark(const struct bpfs_image *image, __u32 slot,
			int slots, char *remark, size_t size)
{
	const struct bpf_insn *insn = &image->insns[slot];
	const char *helper = disasm_helper(insn);
	__s64 target;

	*remark = '\0';
	if (helper)
		snprintf(remark, size, "%s", helper);
	else if (disasm_target(insn, slot, &target))
		snprintf(remark, size, "to %lld", target);
	else if (slots == 2 && insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE)
		remark_section(image, insn, remark, size);
}

static void show_text(const struct dump *dump, __u32 slot,
		      const struct bpf_insn *insn, int slots, const char *text,
		      const char *remark)
{
	const unsigned char *bytes = (const unsigned char *)insn;
	size_t i;

	printf("%6u: ", slot);
	if (dump->raw) {
		for (i = 0; i < 2 * sizeof(*insn); i++)
			printf(i < slots * sizeof(*insn) ? "%02x" : "  ",
			       i < slots * sizeof(*insn) ? bytes[i] : 0);
		printf("  ");
	}
	if (*remark)
		printf("%-*s ; %s\n", TEXT_WIDTH, text, remark);
	else
		printf("%s\n", text);
}

static void show_json(__u32 slot, const struct bpf_insn *insn, int slots,
		      const char *text, const char *remark)
{
	json_open(NULL);
	json_u64("slot", slot);
	json_hex_bytes("bytes", insn, slots * sizeof(*insn));
	json_text("text", text);
	if (*remark)
		json_text("remark", remark);
	json_close();
}

/* Sets bit n for each slot n where a function starts, but the first */
static bool *find_functions(const struct bpfs_image *image)
{
	bool *starts = calloc(image->insn_count, sizeof(*starts));
	char text[DISASM_MAX];
	__s64 target;
	__u32 slot;

	if (!starts)
		return NULL;
	for (slot = 0; slot < image->insn_count;) {
		const struct bpf_insn *insn = &image->insns[slot];

		if (disasm_target(insn, slot, &target) == 2 && target > 0 &&
		    target < image->insn_count)
			starts[target] = true;
		slot += disasm(insn, image->insn_count - slot, text);
	}
	return starts;
}

static int show_insns(const struct dump *dump,
		      const struct bpfs_image *image)
{
	bool *starts = find_functions(image);
	char text[DISASM_MAX], remark[256];
	__u32 slot;
	int slots;

	if (!starts)
		return fail("out of memory");
	for (slot = 0; slot < image->insn_count; slot += slots) {
		const struct bpf_insn *insn = &image->insns[slot];

		slots = disasm(insn, image->insn_count - slot, text);
		make_remark(image, slot, slots, remark, sizeof(remark));
		if (settings.json) {
			show_json(slot, insn, slots, text, remark);
			continue;
		}
		if (starts[slot])
			printf("function at %u:\n", slot);
		show_text(dump, slot, insn, slots, text, remark);
	}
	free(starts);
	return EXIT_OK;
}

static int show_image(const struct dump *dump,
		      const struct bpfs_image *image)
{
	int status;

	if (!settings.json) {
		printf("%s: %u slots\n", image->name, image->insn_count);
		return show_insns(dump, image);
	}
	json_open(NULL);
	json_text("program", image->name);
	json_array("instructions");
	status = show_insns(dump, image);
	json_array_close();
	json_close();
	return status;
}

static int dump_source(const struct dump *dump)
{
	struct bpfs_image *image;
	int status;

	if (source_image(&dump->source, &image))
		return fail_lib();
	status = show_image(dump, image);
	bpfs_image_free(image);
	return status;
}

static void show_name(const char *name)
{
	if (settings.json)
		json_text(NULL, name);
	else
		printf("%s\n", name);
}

static int show_names(const struct dump *dump)
{
	char **names;
	int count, i;

	if (!dump->source.object || dump->source.program)
		return fail("dump: --names is for an object, and all of it");
	count = bpfs_object_programs(dump->source.object, &names);
	if (count < 0)
		return fail_lib();
	if (settings.json)
		json_array(NULL);
	for (i = 0; i < count; i++)
		show_name(names[i]);
	if (settings.json)
		json_array_close();
	bpfs_names_free(names);
	return EXIT_OK;
}

static int show_globals(const struct dump *dump)
{
	const struct bpfs_global *global;
	struct bpfs_globals *globals;
	struct bpfs_image *image;
	__u32 i;
	int err;

	if (!dump->source.object)
		return fail("dump: --globals is for an object");
	if (source_image(&dump->source, &image))
		return fail_lib();
	err = bpfs_globals_open(dump->source.object, image, &globals);
	bpfs_image_free(image);
	if (err)
		return fail_lib();
	if (settings.json)
		json_array(NULL);
	for (i = 0; (global = bpfs_globals_at(globals, i)); i++)
		show_name(global->name);
	if (settings.json)
		json_array_close();
	bpfs_globals_free(globals);
	return EXIT_OK;
}

/* All programs of an object */
static int dump_object(const struct dump *dump)
{
	struct dump one = *dump;
	int count, i, status = EXIT_OK;
	char **names;

	count = bpfs_object_programs(dump->source.object, &names);
	if (count < 0)
		return fail_lib();
	if (count > PROGRAMS_AT_ONCE) {
		bpfs_names_free(names);
		return fail_programs(dump->source.object, count);
	}
	/* None is an error: let the library say so */
	if (!count) {
		bpfs_names_free(names);
		return dump_source(dump);
	}
	if (settings.json)
		json_array(NULL);
	for (i = 0; i < count && status == EXIT_OK; i++) {
		one.source.program = names[i];
		status = dump_source(&one);
	}
	if (settings.json && status == EXIT_OK)
		json_array_close();
	bpfs_names_free(names);
	return status;
}

/**
 * do_dump() - bpfsched dump
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_dump(const struct command *self, int argc, char **argv)
{
	struct dump dump = {};
	const struct opt_group groups[] = {
		{ source_opts, source_opt_count, &dump.source },
		{ dump_opts, ARRAY_SIZE(dump_opts), &dump },
		{ NULL, 0, NULL },
	};
	int args, status;

	args = opt_arguments(self, argc, argv, 0, 2, groups);
	status = source_arguments(&dump.source, self, args, argv);
	if (!status && dump.names && dump.globals)
		status = fail("dump: --names and --globals exclude each other");
	else if (!status && dump.names)
		status = show_names(&dump);
	else if (!status && dump.globals)
		status = show_globals(&dump);
	else if (!status && dump.source.object && !dump.source.program)
		status = dump_object(&dump);
	else if (!status)
		status = dump_source(&dump);
	source_free(&dump.source);
	return status;
}
