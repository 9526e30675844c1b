// SPDX-License-Identifier: GPL-2.0
/*
 * A script of commands for a gripper on two axes. The context is an array of
 * struct command, executed in order; each kind of command has a function, which
 * is called through a pointer. Where the gripper is, is in .bss.
 *
 * Returns the number of commands that were executed: it stops at the first that
 * is unknown or asks for what the mechanics cannot do.
 */
#include <linux/types.h>

#include <stddef.h>

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

typedef long (*handler)(const struct command *command);

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

/* A switch: initial data cannot hold pointers, so there is no table of them */
static __noinline handler handler_of(__u32 operation)
{
	switch (operation) {
	case MOVE_BY:
		return move_by;
	case MOVE_TO:
		return move_to;
	case GRIP:
		return set_grip;
	case HOME:
		return go_home;
	default:
		return NULL;
	}
}

SEC("bpfsched")
long run_script(const struct command *commands, unsigned long len)
{
	unsigned long i, count = len / sizeof(*commands);
	handler handle;

	for (i = 0; i < count; i++) {
		handle = handler_of(commands[i].operation);
		if (!handle || handle(&commands[i]))
			break;
	}
	return i;
}
