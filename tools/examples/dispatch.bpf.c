// SPDX-License-Identifier: GPL-2.0
/*
 * A script of commands for a gripper on two axes. The context is an array of
 * struct command, executed in order; each kind of command has a name and a
 * function, in a table. Where the gripper is, and what it did last, is in .bss.
 *
 * Returns the number of commands that were executed: it stops at the first that
 * is unknown or asks for what the mechanics cannot do.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define AXES 2
#define REACH 1000

enum operation {
	MOVE_BY,
	MOVE_TO,
	GRIP,
	HOME,
};

struct command {
	__u32 operation;
	__u32 axis;
	__s32 value;
};

__s32 position[AXES];
__s32 grip;
__u64 travel;
char last[8];

static __noinline long move_to(const struct command *command)
{
	__s32 from;

	if (command->axis >= AXES || command->value < -REACH ||
	    command->value > REACH)
		return -1;
	from = position[command->axis];
	position[command->axis] = command->value;
	travel += from < command->value ? command->value - from :
					  from - command->value;
	return 0;
}

static __noinline long move_by(const struct command *command)
{
	struct command absolute = *command;

	if (command->axis >= AXES || command->value < -2 * REACH ||
	    command->value > 2 * REACH)
		return -1;
	absolute.value += position[command->axis];
	return move_to(&absolute);
}

static __noinline long set_grip(const struct command *command)
{
	if (command->value < 0 || command->value > 100)
		return -1;
	grip = command->value;
	return 0;
}

static __noinline long go_home(const struct command *command)
{
	struct command home = { .operation = MOVE_TO };

	(void)command;
	for (home.axis = 0; home.axis < AXES; home.axis++)
		move_to(&home);
	return 0;
}

struct handler {
	const char *name;
	long (*handle)(const struct command *command);
};

static const struct handler handlers[] = {
	[MOVE_BY] = { "by", move_by },
	[MOVE_TO] = { "to", move_to },
	[GRIP] = { "grip", set_grip },
	[HOME] = { "home", go_home },
};

static void remember(const char *name)
{
	unsigned long i;

	for (i = 0; i < sizeof(last); i++)
		last[i] = *name ? *name++ : 0;
}

SEC("bpfsched")
long run_script(const struct command *commands, unsigned long len)
{
	unsigned long i, count = len / sizeof(*commands);
	const struct handler *handler;

	for (i = 0; i < count; i++) {
		if (commands[i].operation > HOME)
			break;
		handler = &handlers[commands[i].operation];
		remember(handler->name);
		if (handler->handle(&commands[i]))
			break;
	}
	return i;
}
