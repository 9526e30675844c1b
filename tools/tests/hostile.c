// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile clients: ordinary users attack the owner of the machine and other
 * users. Each test does what a client could hold up, crowd out or deceive another
 * with, and compares with what the others have without it.
 *
 *	hostile [PATTERN...]
 *	hostile --attack SECONDS
 *
 * With --attack all attackers run for so long, beside another test; then nothing
 * is printed but comments.
 */
#include "hostile/hostile.h"

#include <sys/stat.h>

static const struct subject *const subjects[] = {
	&timers_subject,	&queue_subject,		&limits_subject,
	&memory_subject,	&processor_subject,	&reservations_subject,
	&calls_subject,		&files_subject,		&namespaces_subject,
	&attack_subject,
};

/* What a test has left goes, and what it has changed is as it was */
static void clean_up(void)
{
	const struct bpfsched_user_limits limits = {};
	struct bpfsched_stat stat;
	size_t i;
	int fd;

	if (has_cpu1_switch())
		switch_cpu1(true);
	end_made();
	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		fd = open_client(nodes[i], 0);
		resume_scheduler(fd);
		wait_for_jobs(fd, 0);
		stat = get_stat(fd);
		check_eq(stat.submitted, stat.completed + stat.failed +
			 stat.cancelled + stat.dropped);
		set_limits(fd, ATTACKER, BPFSCHED_USER_SET_DEFAULTS, limits);
		set_limits(fd, OTHER, BPFSCHED_USER_SET_DEFAULTS, limits);
		close(fd);
		/* See open_to_all(). */
		check_ok(chmod(nodes[i], 0600));
	}
}

int main(int argc, char **argv)
{
	struct ktap_test tests[128];
	struct ktap_suite suite = { .tests = tests, .after = clean_up };
	size_t i;

	if (argc == 3 && !strcmp(argv[1], "--attack"))
		return attack_for(strtoul(argv[2], NULL, 0));
	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		memcpy(tests + suite.count, subjects[i]->tests,
		       subjects[i]->count * sizeof(*tests));
		suite.count += subjects[i]->count;
	}
	return ktap_main(&suite, argc, argv);
}
