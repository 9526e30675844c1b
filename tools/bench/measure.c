// SPDX-License-Identifier: GPL-2.0
/*
 * Measure and print, one JSON object a line; to be run in a test kernel that has
 * bpfsched.ko and bpfsched_bench.ko.
 *
 *	measure OBJECTS CAPTURE [PART...]
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char *objects, *capture;

static void interpreter(void)
{
	bench_programs(objects, capture);
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "batches", bench_batches },
	{ "wakes", bench_wakes },
	{ "queues", bench_queues },
	{ "constants", bench_constants },
	{ "stretches", bench_stretches },
	{ "interpreter", interpreter },
};

/* Without names all of them */
static bool is_wanted(const char *name, int count, char **names)
{
	int i;

	for (i = 0; i < count; i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return !count;
}

static void check_names(int count, char **names)
{
	size_t known;
	int i;

	for (i = 0; i < count; i++) {
		for (known = 0; known < ARRAY_SIZE(parts); known++) {
			if (!strcmp(names[i], parts[known].name))
				break;
		}
		if (known == ARRAY_SIZE(parts))
			die("there is no part '%s'", names[i]);
	}
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 3)
		die("usage: measure OBJECTS CAPTURE [PART...]");
	objects = argv[1];
	capture = argv[2];
	check_names(argc - 3, argv + 3);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!is_wanted(parts[i].name, argc - 3, argv + 3))
			continue;
		fprintf(stderr, "bench: %s\n", parts[i].name);
		parts[i].run();
	}
	return 0;
}
