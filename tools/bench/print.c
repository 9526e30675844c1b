// SPDX-License-Identifier: GPL-2.0
/*
 * Measurements as JSON, one object a line. All texts are of this program or of
 * the kernel module, and printable; quotes and backslashes are escaped.
 */
#include <stdio.h>

#include "bench.h"

static void print_text(const char *key, const char *text)
{
	printf("\"%s\": \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\"");
}

static void print_times(const char *key, const double *times, size_t count)
{
	size_t i;

	printf(", \"%s\": [", key);
	for (i = 0; i < count; i++)
		printf("%s%.4f", i ? ", " : "", times[i]);
	printf("]");
}

static void print_start(const char *section, const char *name,
			const char *subject)
{
	printf("{");
	print_text("section", section);
	printf(", ");
	print_text("name", name);
	printf(", ");
	print_text("subject", subject);
}

static void print_end(void)
{
	printf("}\n");
	fflush(stdout);
}

/**
 * print_measurement() - print what was measured
 * @m: the measurement
 */
void print_measurement(const struct measurement *m)
{
	print_start(m->section, m->name, m->subject);
	printf(", ");
	print_text("unit", m->unit);
	if (m->size)
		printf(", \"size\": %lu", (unsigned long)m->size);
	if (m->instructions)
		printf(", \"instructions\": %lu",
		       (unsigned long)m->instructions);
	if (m->assumed)
		printf(", \"assumed\": %lu", (unsigned long)m->assumed);
	if (m->note) {
		printf(", ");
		print_text("note", m->note);
	}
	print_times("times", m->times, m->rounds);
	if (m->control) {
		printf(", ");
		print_text("control", m->control);
		print_times("control_times", m->control_times, m->rounds);
	}
	print_end();
}

/**
 * print_refused() - print that something could not be measured
 * @section: which table it belongs to
 * @name: what it is
 * @subject: who does not do it
 * @reason: why
 */
void print_refused(const char *section, const char *name, const char *subject,
		   const char *reason)
{
	print_start(section, name, subject);
	printf(", ");
	print_text("refused", reason);
	print_end();
}
