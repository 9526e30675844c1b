// SPDX-License-Identifier: GPL-2.0
/*
 * A section as a table: its first byte and its end have names that every linker
 * defines.
 *
 * expect count: 0x3
 * expect sum 00: 0x6
 * expect unknown: refused: refers to '__start_of_nothing'
 */
#define SECTION(name) __attribute__((section(name), used))

struct entry {
	long (*run)(long x);
	long value;
};

static long add(long x)
{
	return x + 1;
}

SECTION("entries") static const struct entry first = { add, 0 };
SECTION("entries") static const struct entry second = { add, 1 };
SECTION("entries") static const struct entry third = { add, 2 };

extern const struct entry __start_entries[], __stop_entries[];
extern const char __start_of_nothing[];

SECTION("bpfsched") long count(const unsigned char *bytes, unsigned long len)
{
	return ((long)__stop_entries - (long)__start_entries) >> 4;
}

static const struct entry *volatile end = __stop_entries;

SECTION("bpfsched") long sum(const unsigned char *bytes, unsigned long len)
{
	const struct entry *entry;
	long total = 0;

	for (entry = __start_entries; entry != end; entry++)
		total += entry->run(entry->value);
	return total;
}

SECTION("bpfsched") long unknown(const unsigned char *bytes, unsigned long len)
{
	return (long)__start_of_nothing;
}
