// SPDX-License-Identifier: GPL-2.0
/* bpfsched check: load only. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "program.h"

/**
 * struct check - what is checked
 * @source: where the program comes from
 * @fd: scheduler
 * @info: what it is
 */
struct check {
	struct source source;
	int fd;
	struct bpfsched_info info;
};

static void show_accepted(const struct bpfs_image *image)
{
	__u32 i;

	if (!settings.json) {
		printf("%s: accepted, %u instructions\n", image->name,
		       image->insn_count);
		return;
	}
	json_open(NULL);
	json_text("program", image->name);
	json_text("status", "accepted");
	json_u64("instructions", image->insn_count);
	json_array("sections");
	for (i = 0; i < image->section_count; i++) {
		json_open(NULL);
		json_text("name", image->sections[i].name);
		json_u64("length", image->sections[i].len);
		json_bool("read_only", image->sections[i].flags &
				       BPFSCHED_SECTION_RDONLY);
		json_close();
	}
	json_array_close();
	json_array("maps");
	for (i = 0; i < image->map_count; i++) {
		json_open(NULL);
		json_text("name", image->maps[i].name);
		json_u64("type", image->maps[i].type);
		json_close();
	}
	json_array_close();
	json_close();
}

/* The reason goes to standard error in any case */
static int show_refused(const char *program, const char *reason)
{
	if (settings.json) {
		json_open(NULL);
		if (program)
			json_text("program", program);
		json_text("status", "refused");
		json_text("reason", reason);
		json_close();
	}
	warn("%s", reason);
	return EXIT_NOT_OK;
}

static int check_image(const struct check *check,
		       const struct bpfs_image *image)
{
	struct bpfs_prog *prog;
	char reason[128];
	int err;

	err = bpfs_prog_load(check->fd, image, &prog);
	if (err && (*bpfs_prog_load_log() || err == -E2BIG))
		return show_refused(image->name, bpfs_error());
	if (err)
		return fail_load(check->fd);
	bpfs_prog_free(prog);
	if (image->insn_count > check->info.max_insns) {
		snprintf(reason, sizeof(reason),
			 "program '%s' refused: %u instructions, '%s' takes %u",
			 image->name, image->insn_count, check->info.name,
			 check->info.max_insns);
		return show_refused(image->name, reason);
	}
	show_accepted(image);
	return EXIT_OK;
}

static int check_source(const struct check *check, const struct source *source)
{
	struct bpfs_image *image;
	int err, status;

	err = source_image(source, &image);
	if (err == -ENOEXEC || err == -E2BIG)
		return show_refused(source->program, bpfs_error());
	if (err)
		return fail_lib();
	status = check_image(check, image);
	bpfs_image_free(image);
	return status;
}

/* Whatever programs it may have */
static int show_refused_object(void)
{
	int status;

	if (settings.json)
		json_array(NULL);
	status = show_refused(NULL, bpfs_error());
	if (settings.json)
		json_array_close();
	return status;
}

/* All programs of an object */
static int check_object(const struct check *check)
{
	struct source source = check->source;
	int count, i, status, worst = EXIT_OK;
	char **names;

	count = bpfs_object_programs(source.object, &names);
	if (count == -ENOEXEC)
		return show_refused_object();
	if (count < 0)
		return fail_lib();
	if (count > PROGRAMS_AT_ONCE) {
		bpfs_names_free(names);
		return fail_programs(source.object, count);
	}
	/* None is an error: let the library say so */
	if (!count) {
		bpfs_names_free(names);
		return check_source(check, &source);
	}
	if (settings.json)
		json_array(NULL);
	for (i = 0; i < count && worst != EXIT_ERROR; i++) {
		source.program = names[i];
		status = check_source(check, &source);
		if (status > worst)
			worst = status;
	}
	if (settings.json && worst != EXIT_ERROR)
		json_array_close();
	bpfs_names_free(names);
	return worst;
}

static int open_and_check(struct check *check)
{
	int status;

	check->fd = open_scheduler();
	if (check->fd < 0)
		return EXIT_ERROR;
	if (bpfs_sched_get_info(check->fd, &check->info))
		status = fail_lib();
	else if (check->source.object && !check->source.program)
		status = check_object(check);
	else
		status = check_source(check, &check->source);
	close(check->fd);
	return status;
}

/**
 * do_check() - bpfsched check
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_check(const struct command *self, int argc, char **argv)
{
	struct check check = { .fd = -1 };
	const struct opt_group groups[] = {
		{ source_opts, source_opt_count, &check.source },
		{ NULL, 0, NULL },
	};
	int args, status;

	args = opt_arguments(self, argc, argv, 0, 2, groups);
	status = source_arguments(&check.source, self, args, argv);
	if (!status)
		status = open_and_check(&check);
	source_free(&check.source);
	return status;
}
