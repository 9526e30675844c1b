// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that a benchmark's program works on.
 */
#include <linux/cache.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "memory.h"

static int set_parts(struct bench_memory *memory,
		     const struct bench_bytes *from)
{
	size_t size = 0;
	u32 i;

	for (i = 0; i < memory->count; i++) {
		if (!from[i].len || from[i].len > BENCH_BYTES_MAX - size)
			return -E2BIG;
		memory->parts[i].len = from[i].len;
		size += ALIGN(from[i].len, SMP_CACHE_BYTES);
		if (size > BENCH_BYTES_MAX)
			return -E2BIG;
	}
	memory->size = size;
	return 0;
}

static int alloc_bytes(struct bench_memory *memory)
{
	u8 *at;
	u32 i;

	memory->bytes = kvzalloc(memory->size, GFP_KERNEL);
	if (memory->size && !memory->bytes)
		return -ENOMEM;
	at = memory->bytes;
	for (i = 0; i < memory->count; i++) {
		memory->parts[i].base = at;
		at += ALIGN(memory->parts[i].len, SMP_CACHE_BYTES);
	}
	return 0;
}

static int read_parts(struct bench_memory *memory,
		      const struct bench_bytes *from)
{
	u32 i;

	for (i = 0; i < memory->count; i++) {
		if (copy_from_user(memory->parts[i].base,
				   u64_to_user_ptr(from[i].data), from[i].len))
			return -EFAULT;
	}
	return 0;
}

static int alloc_parts(struct bench_memory *memory, u32 count)
{
	*memory = (struct bench_memory) { .count = count };
	memory->parts = kvcalloc(count, sizeof(*memory->parts), GFP_KERNEL);
	return !count || memory->parts ? 0 : -ENOMEM;
}

/**
 * bench_memory_read() - read bytes from user space
 * @memory: set; to be freed by bench_memory_free(), after a failure too
 * @address: of an array of struct bench_bytes
 * @count: number of its elements
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, -E2BIG or -EFAULT.
 */
int bench_memory_read(struct bench_memory *memory, u64 address, u32 count)
{
	struct bench_bytes *from;
	int err;

	err = alloc_parts(memory, count);
	if (err || !count)
		return err;
	from = kvmalloc_array(count, sizeof(*from), GFP_KERNEL);
	if (!from)
		return -ENOMEM;
	if (copy_from_user(from, u64_to_user_ptr(address),
			   count * sizeof(*from)))
		err = -EFAULT;
	if (!err)
		err = set_parts(memory, from) ?: alloc_bytes(memory) ?:
		      read_parts(memory, from);
	kvfree(from);
	return err;
}

/**
 * bench_memory_copy() - copy bytes
 * @copy: set; to be freed by bench_memory_free(), after a failure too
 * @memory: what to copy
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int bench_memory_copy(struct bench_memory *copy,
		      const struct bench_memory *memory)
{
	int err;

	err = alloc_parts(copy, memory->count);
	if (err || !memory->count)
		return err;
	memcpy(copy->parts, memory->parts, memory->count * sizeof(*copy->parts));
	copy->size = memory->size;
	err = alloc_bytes(copy);
	if (!err)
		memcpy(copy->bytes, memory->bytes, memory->size);
	return err;
}

/**
 * bench_memory_free() - free bytes
 * @memory: all zero, or set
 *
 * Context: process, may sleep.
 */
void bench_memory_free(struct bench_memory *memory)
{
	kvfree(memory->bytes);
	kvfree(memory->parts);
	*memory = (struct bench_memory) {};
}
