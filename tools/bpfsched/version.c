// SPDX-License-Identifier: GPL-2.0
/* bpfsched version: what works together here. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "opt.h"

/**
 * struct versions - versions of what works together
 * @module: that of the module, empty if it is not loaded or does not tell
 * @module_abi: its ABI version, 0: not known
 */
struct versions {
	char module[64];
	__u32 module_abi;
};

/* No scheduler need be there, or be open to who asks */
static void read_versions(struct versions *v)
{
	FILE *file = fopen("/sys/module/bpfsched/version", "re");
	struct bpfsched_info info;
	int fd;

	memset(v, 0, sizeof(*v));
	if (file && fgets(v->module, sizeof(v->module), file))
		v->module[strcspn(v->module, "\n")] = 0;
	if (file)
		fclose(file);
	fd = bpfs_sched_open_reader(settings.scheduler);
	if (fd < 0)
		return;
	if (!bpfs_sched_get_info(fd, &info))
		v->module_abi = info.abi_version;
	close(fd);
}

static void show_json(const struct versions *v)
{
	json_open(NULL);
	json_text("version", BPFS_VERSION);
	json_text("library_version", bpfs_version());
	json_u64("abi_version", BPFSCHED_ABI_VERSION);
	if (*v->module)
		json_text("module_version", v->module);
	else
		json_null("module_version");
	if (v->module_abi)
		json_u64("module_abi_version", v->module_abi);
	else
		json_null("module_abi_version");
	json_close();
}

static void show_lines(const struct versions *v)
{
	printf("bpfsched     %s, ABI version %d\n", BPFS_VERSION,
	       BPFSCHED_ABI_VERSION);
	printf("libbpfsched  %s\n", bpfs_version());
	if (!*v->module && !v->module_abi)
		printf("module       not loaded\n");
	else
		printf("module       %s", *v->module ? v->module : "loaded");
	if (v->module_abi)
		printf(", ABI version %u\n", v->module_abi);
	else if (*v->module)
		printf("\n");
}

/**
 * do_version() - bpfsched version
 * @self: the command
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status.
 */
int do_version(const struct command *self, int argc, char **argv)
{
	const struct opt_group none = { NULL, 0, NULL };
	struct versions versions;

	opt_arguments(self, argc, argv, 0, 0, &none);
	read_versions(&versions);
	if (settings.json)
		show_json(&versions);
	else
		show_lines(&versions);
	return EXIT_OK;
}
