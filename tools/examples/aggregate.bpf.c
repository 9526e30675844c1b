// SPDX-License-Identifier: GPL-2.0
/*
 * Telemetry by source: how many readings each sensor has sent, their least,
 * their greatest and their sum. The context is an array of struct reading; the
 * table is a hash table in .bss, which user space can map.
 *
 * Returns how many readings found no place because the table was full.
 */
#include <linux/types.h>

#include <stddef.h>

#include <bpf/bpf_helpers.h>

#define SLOTS 256 /* a power of two */

struct reading {
	__u32 sensor;		/* 0 is none */
	__s32 value;
};

struct aggregate {
	__u32 sensor;		/* 0: the slot is free */
	__u32 count;
	__s32 min;
	__s32 max;
	__s64 sum;
};

struct aggregate aggregates[SLOTS];

static __u32 hash(__u32 x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

/* The slot of a sensor, perhaps a new one; NULL if there is none left */
static struct aggregate *find(__u32 sensor)
{
	__u32 start = hash(sensor), i;

	for (i = 0; i < SLOTS; i++) {
		struct aggregate *slot = &aggregates[(start + i) % SLOTS];

		if (slot->sensor == sensor || !slot->sensor)
			return slot;
	}
	return NULL;
}

static void add(struct aggregate *a, const struct reading *reading)
{
	if (!a->count || reading->value < a->min)
		a->min = reading->value;
	if (!a->count || reading->value > a->max)
		a->max = reading->value;
	a->sensor = reading->sensor;
	a->sum += reading->value;
	a->count++;
}

SEC("bpfsched")
long aggregate(const struct reading *readings, unsigned long len)
{
	unsigned long i, count = len / sizeof(*readings);
	struct aggregate *slot;
	long lost = 0;

	for (i = 0; i < count; i++) {
		slot = readings[i].sensor ? find(readings[i].sensor) : NULL;
		if (slot)
			add(slot, &readings[i]);
		else
			lost++;
	}
	return lost;
}
