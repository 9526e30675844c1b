// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of a motor drive, after the device profile CiA 402: what
 * the control word asks for, what may happen in each state, and a ramp of the
 * speed. The context is a struct drive_cycle, one for each period; state is in
 * .bss, limits are in .data.
 *
 * Returns the state.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

enum state {
	SWITCH_ON_DISABLED,
	READY_TO_SWITCH_ON,
	SWITCHED_ON,
	OPERATION_ENABLED,
	QUICK_STOP_ACTIVE,
	FAULT,
	STATE_COUNT,
};

enum command {
	SHUTDOWN,
	SWITCH_ON,
	ENABLE_OPERATION,
	DISABLE_VOLTAGE,
	QUICK_STOP,
	FAULT_RESET,
	COMMAND_COUNT,
};

#define CONTROL_SWITCH_ON 0x01
#define CONTROL_VOLTAGE 0x02
#define CONTROL_NO_QUICK_STOP 0x04
#define CONTROL_ENABLE 0x08
#define CONTROL_FAULT_RESET 0x80

struct drive_cycle {
	__u16 control;
	__u16 overcurrent;	/* from the power stage; not 0: fault */
	__s32 wanted;		/* speed */
	__s32 speed;		/* set by the program */
	__u16 status;		/* set by the program */
	__u16 reserved;
};

__s32 speed_max = 3000;
__s32 ramp = 50;		/* most change of speed in a cycle */
__s32 quick_ramp = 400;		/* the same while stopping quickly */

__u32 state;
__s32 speed;
__u16 last_control;
__u64 transitions[STATE_COUNT][STATE_COUNT];

/* Where a command leads from each state; a state by itself: nowhere */
static const __u8 next_states[STATE_COUNT][COMMAND_COUNT] = {
	[SWITCH_ON_DISABLED] = { READY_TO_SWITCH_ON, 0, 0, 0, 0, 0 },
	[READY_TO_SWITCH_ON] = {
		READY_TO_SWITCH_ON, SWITCHED_ON, OPERATION_ENABLED,
		SWITCH_ON_DISABLED, SWITCH_ON_DISABLED, READY_TO_SWITCH_ON,
	},
	[SWITCHED_ON] = {
		READY_TO_SWITCH_ON, SWITCHED_ON, OPERATION_ENABLED,
		SWITCH_ON_DISABLED, SWITCH_ON_DISABLED, SWITCHED_ON,
	},
	[OPERATION_ENABLED] = {
		READY_TO_SWITCH_ON, SWITCHED_ON, OPERATION_ENABLED,
		SWITCH_ON_DISABLED, QUICK_STOP_ACTIVE, OPERATION_ENABLED,
	},
	[QUICK_STOP_ACTIVE] = {
		QUICK_STOP_ACTIVE, QUICK_STOP_ACTIVE, OPERATION_ENABLED,
		SWITCH_ON_DISABLED, QUICK_STOP_ACTIVE, QUICK_STOP_ACTIVE,
	},
	[FAULT] = { FAULT, FAULT, FAULT, FAULT, FAULT, SWITCH_ON_DISABLED },
};

/* As seen by a fieldbus master */
static const __u16 status_words[STATE_COUNT] = {
	[SWITCH_ON_DISABLED] = 0x40,
	[READY_TO_SWITCH_ON] = 0x21,
	[SWITCHED_ON] = 0x23,
	[OPERATION_ENABLED] = 0x27,
	[QUICK_STOP_ACTIVE] = 0x07,
	[FAULT] = 0x08,
};

static int command_of(__u16 control, __u16 last)
{
	if (control & ~last & CONTROL_FAULT_RESET)
		return FAULT_RESET;
	if (!(control & CONTROL_VOLTAGE))
		return DISABLE_VOLTAGE;
	if (!(control & CONTROL_NO_QUICK_STOP))
		return QUICK_STOP;
	if (!(control & CONTROL_SWITCH_ON))
		return SHUTDOWN;
	return control & CONTROL_ENABLE ? ENABLE_OPERATION : SWITCH_ON;
}

static void enter(__u32 next)
{
	if (next != state)
		transitions[state][next]++;
	state = next;
}

static __s32 towards(__s32 from, __s32 to, __s32 most)
{
	if (to > from + most)
		return from + most;
	return to < from - most ? from - most : to;
}

static __s32 limit(__s32 wanted)
{
	if (wanted > speed_max)
		return speed_max;
	return wanted < -speed_max ? -speed_max : wanted;
}

/* Without voltage nobody brakes: the drive is taken to coast to a stop */
static void move(const struct drive_cycle *cycle)
{
	switch (state) {
	case OPERATION_ENABLED:
		speed = towards(speed, limit(cycle->wanted), ramp);
		break;
	case QUICK_STOP_ACTIVE:
		speed = towards(speed, 0, quick_ramp);
		if (!speed)
			enter(SWITCH_ON_DISABLED);
		break;
	default:
		speed = towards(speed, 0, ramp);
		break;
	}
}

SEC("bpfsched")
long run_cycle(struct drive_cycle *cycle, unsigned long len)
{
	if (len < sizeof(*cycle))
		return -1;
	if (cycle->overcurrent)
		enter(FAULT);
	else
		enter(next_states[state][command_of(cycle->control,
						    last_control)]);
	last_control = cycle->control;
	move(cycle);
	cycle->speed = speed;
	cycle->status = status_words[state];
	return state;
}
