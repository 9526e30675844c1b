// SPDX-License-Identifier: GPL-2.0
/*
 * Samples that are out of range, reported as they are found: an event for each,
 * which who submitted the job can read while the job still runs. The context is
 * an array of __s32; the bounds are global data that user space can map.
 *
 * Returns the number of alarms, or a negative errno if there was no room for
 * one.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpfsched_helpers.h>

struct alarm {
	__u32 index;
	__s32 value;
};

__s32 lowest;
__s32 highest = 90;

SEC("bpfsched")
long find_alarms(const __s32 *samples, unsigned long len)
{
	struct alarm alarm;
	long alarms = 0, err;
	__u32 i;

	for (i = 0; i < len / sizeof(*samples); i++) {
		if (samples[i] >= lowest && samples[i] <= highest)
			continue;
		alarm.index = i;
		alarm.value = samples[i];
		err = bpfsched_emit(&alarm, sizeof(alarm));
		if (err)
			return err;
		alarms++;
	}
	return alarms;
}
