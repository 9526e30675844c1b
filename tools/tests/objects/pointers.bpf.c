// SPDX-License-Identifier: GPL-2.0
/*
 * Pointers in initial data, of every kind.
 *
 * expect strings 0000: 0x72
 * expect functions 00: 0x65
 * expect functions 0000: 0x4
 * expect functions 000000: 0xf
 * expect structures 00: 0x4d4c
 * expect structures 0000: 0x4f4d4c
 * expect methods 00: 0x5
 * expect list: 0x6
 * expect packed: 0x79
 * expect ends: 0x6e
 * expect writes: 0x2a
 * expect nothing: 0x3
 * expect entry 0000: 0x2
 * expect arithmetic: 0x88
 */
#define SECTION(name) __attribute__((section(name), used))
#define PROGRAM(name) \
	SECTION("bpfsched") \
	long name(const unsigned char *bytes, unsigned long len)

static const char *const names[] = { "one", "two", "three", "four" };
static const char *const *const table = names;

/* The third letter of "three" */
PROGRAM(strings)
{
	return table[len][len];
}

static long hundred(long x)
{
	return 100 + x;
}

static long twice(long x)
{
	return 2 * x;
}

__attribute__((noinline)) long five_times(long x)
{
	return 5 * x;
}

static long (*const functions_of[])(long) = {
	0, hundred, twice, five_times,
};

PROGRAM(functions)
{
	return functions_of[len & 3](len);
}

struct command {
	int number;
	const char *name;
	long (*run)(long x);
	const struct command *alias;
};

static const struct command commands[] = {
	{ 1, "LIST", twice, 0 },
	{ 2, "MOVE", five_times, &commands[0] },
	{ 3, "OPEN", hundred, &commands[1] },
};

PROGRAM(structures)
{
	const struct command *command;
	long result = 0;

	for (command = &commands[len]; command; command = command->alias)
		result = result * 256 + command->name[0];
	return result;
}

PROGRAM(methods)
{
	return commands[len].run(len);
}

struct node {
	long value;
	struct node *next;
};

/* Each has a pointer to one that comes later, the last one to none */
static struct node third = { 3, 0 };
static struct node second = { 2, &third };
static struct node first = { 1, &second };
static struct node *volatile head = &first;

PROGRAM(list)
{
	struct node *node;
	long sum = 0;

	for (node = head; node; node = node->next)
		sum += node->value;
	return sum;
}

struct __attribute__((packed)) unaligned {
	char kind;
	const char *text;
};

volatile struct unaligned odd[] = { { 1, "x" }, { 2, "y" } };

PROGRAM(packed)
{
	return *odd[1].text;
}

static int numbers[] = { 10, 20, 30, 40 };
static int *volatile middle = &numbers[2];
static int *volatile end = numbers + 4;

PROGRAM(ends)
{
	int *number, sum = 0;

	for (number = numbers; number != end; number++)
		sum += *number;
	return sum + (middle[1] - middle[0]);
}

long target = 41;
long *volatile to_target = &target;

PROGRAM(writes)
{
	*to_target += 1;
	return target;
}

extern int missing __attribute__((weak));
int *volatile to_missing[] = { &missing, 0, (int *)3 };

PROGRAM(nothing)
{
	if (to_missing[0] || to_missing[1] || &missing)
		return -1;
	return (long)to_missing[2];
}

PROGRAM(entry);
static long (*const entries[])(const unsigned char *, unsigned long) = {
	entry, entry,
};

PROGRAM(entry)
{
	return len ? 1 + entries[len & 1](bytes, len - 1) : 0;
}

const char letters[] = "0123456789";
const char *volatile from_behind = letters + sizeof(letters) - 3;

PROGRAM(arithmetic)
{
	return (from_behind - letters) * 16 + *from_behind - '0';
}
