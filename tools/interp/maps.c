// SPDX-License-Identifier: GPL-2.0
/* Maps in user space: what stands in for those of the kernel. */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "maps.h"
#include "shim.h"

#define FLAGS_ALL	(BPF_NOEXIST | BPF_EXIST)

/**
 * struct element - an element, or room for one
 * @key: its key; NULL: none was here yet, or there are no keys
 * @value: its value, of a per-CPU map the first CPU's
 * @is_live: it is one
 */
struct element {
	u8 *key;
	u8 *value;
	bool is_live;
};

/**
 * struct user_map - a map
 * @map: what the interpreter sees
 * @step: bytes from the value of one CPU to the next; of an array, of elements
 * @values_len: length of @values
 * @values: all values, of maps without keys
 * @count: number of values, of queues and stacks
 * @victim: the element of an LRU hash that is replaced next
 * @elements: of hashes; as many as there can be
 */
struct user_map {
	struct bpf_map map;
	u32 step;
	u32 values_len;
	u8 *values;
	u32 count;
	u32 victim;
	struct element *elements;
};

void (*map_key_hook)(const void *key);

static struct user_map *user_map(struct bpf_map *map)
{
	return container_of(map, struct user_map, map);
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

/* The kernel's maps are not to be called without this. */
static void expect_reading(void)
{
	if (!interp_shim.reads)
		abort();
}

static void look_for(const void *key)
{
	expect_reading();
	if (map_key_hook)
		map_key_hook(key);
}

static bool is_per_cpu(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       map->map_type == BPF_MAP_TYPE_PERCPU_HASH;
}

static bool is_hash(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_HASH ||
	       map->map_type == BPF_MAP_TYPE_PERCPU_HASH ||
	       map->map_type == BPF_MAP_TYPE_LRU_HASH;
}

static void *array_lookup_cpu(struct bpf_map *map, void *key, u32 cpu)
{
	struct user_map *array = user_map(map);
	u32 index;

	look_for(key);
	memcpy(&index, key, sizeof(index));
	if (index >= map->max_entries)
		return NULL;
	if (is_per_cpu(map))
		index = index * nr_cpu_ids + cpu;
	return array->values + (size_t)index * array->step;
}

static void *array_lookup(struct bpf_map *map, void *key)
{
	return array_lookup_cpu(map, key, 0);
}

static long array_update(struct bpf_map *map, void *key, void *value,
			 u64 flags)
{
	u8 *room = array_lookup(map, key);

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (!room)
		return -E2BIG;
	if (flags & BPF_NOEXIST)
		return -EEXIST;
	memmove(room, value, map->value_size);
	return 0;
}

static long array_delete(struct bpf_map *map, void *key)
{
	(void)map;
	(void)key;
	expect_reading();
	return -EINVAL;
}

static const struct bpf_map_ops array_ops = {
	.map_lookup_elem = array_lookup,
	.map_lookup_percpu_elem = array_lookup_cpu,
	.map_update_elem = array_update,
	.map_delete_elem = array_delete,
};

static struct element *hash_find(struct bpf_map *map, const void *key)
{
	struct user_map *hash = user_map(map);
	u32 i;

	look_for(key);
	for (i = 0; i < map->max_entries; i++) {
		struct element *element = &hash->elements[i];

		if (element->is_live && !memcmp(element->key, key,
						map->key_size))
			return element;
	}
	return NULL;
}

/* Room for a new element; as in the kernel, what had it may be in sight yet. */
static struct element *hash_room(struct user_map *hash)
{
	u32 i;

	for (i = 0; i < hash->map.max_entries; i++) {
		if (!hash->elements[i].is_live)
			return &hash->elements[i];
	}
	if (hash->map.map_type != BPF_MAP_TYPE_LRU_HASH)
		return NULL;
	return &hash->elements[hash->victim++ % hash->map.max_entries];
}

static struct element *hash_add(struct bpf_map *map, const void *key)
{
	struct user_map *hash = user_map(map);
	struct element *element = hash_room(hash);

	if (!element)
		return NULL;
	if (!element->key) {
		element->key = allocate(map->key_size);
		element->value = allocate(is_per_cpu(map) ?
					  nr_cpu_ids * hash->step :
					  map->value_size);
	}
	memmove(element->key, key, map->key_size);
	element->is_live = true;
	return element;
}

static void *hash_lookup_cpu(struct bpf_map *map, void *key, u32 cpu)
{
	struct element *element = hash_find(map, key);

	return element ? element->value + cpu * user_map(map)->step : NULL;
}

static void *hash_lookup(struct bpf_map *map, void *key)
{
	return hash_lookup_cpu(map, key, 0);
}

/* Of a per-CPU value, all words are read. */
static long hash_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct element *element = hash_find(map, key);

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (element && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!element && flags == BPF_EXIST)
		return -ENOENT;
	element = element ?: hash_add(map, key);
	if (!element)
		return -E2BIG;
	memmove(element->value, value,
		is_per_cpu(map) ? user_map(map)->step : map->value_size);
	return 0;
}

static long hash_delete(struct bpf_map *map, void *key)
{
	struct element *element = hash_find(map, key);

	if (!element)
		return -ENOENT;
	element->is_live = false;
	return 0;
}

/* A key that is not there comes before all others. */
static int hash_next_key(struct bpf_map *map, void *key, void *next)
{
	struct user_map *hash = user_map(map);
	const struct element *at = key ? hash_find(map, key) : NULL;
	u32 i;

	expect_reading();
	for (i = at ? at - hash->elements + 1 : 0; i < map->max_entries; i++) {
		if (hash->elements[i].is_live) {
			memcpy(next, hash->elements[i].key, map->key_size);
			return 0;
		}
	}
	return -ENOENT;
}

static const struct bpf_map_ops hash_ops = {
	.map_lookup_elem = hash_lookup,
	.map_lookup_percpu_elem = hash_lookup_cpu,
	.map_update_elem = hash_update,
	.map_delete_elem = hash_delete,
	.map_get_next_key = hash_next_key,
};

/* Take out the value at @index of a queue or a stack. */
static void queue_remove(struct user_map *queue, u32 index)
{
	u8 *value = queue->values + index * queue->map.value_size;

	queue->count--;
	memmove(value, value + queue->map.value_size,
		(queue->count - index) * queue->map.value_size);
}

static long queue_push(struct bpf_map *map, void *value, u64 flags)
{
	struct user_map *queue = user_map(map);

	expect_reading();
	if (flags & ~(u64)FLAGS_ALL || flags & BPF_NOEXIST)
		return -EINVAL;
	if (queue->count == map->max_entries) {
		if (flags != BPF_EXIST)
			return -E2BIG;
		queue_remove(queue, 0);
	}
	memmove(queue->values + queue->count * map->value_size, value,
		map->value_size);
	queue->count++;
	return 0;
}

static u32 queue_first(const struct user_map *queue)
{
	return queue->map.map_type == BPF_MAP_TYPE_STACK ? queue->count - 1 : 0;
}

static long queue_peek(struct bpf_map *map, void *value)
{
	struct user_map *queue = user_map(map);

	expect_reading();
	if (!queue->count) {
		memset(value, 0, map->value_size);
		return -ENOENT;
	}
	memmove(value, queue->values + queue_first(queue) * map->value_size,
		map->value_size);
	return 0;
}

static long queue_pop(struct bpf_map *map, void *value)
{
	struct user_map *queue = user_map(map);
	long ret = queue_peek(map, value);

	if (!ret)
		queue_remove(queue, queue_first(queue));
	return ret;
}

static const struct bpf_map_ops queue_ops = {
	.map_push_elem = queue_push,
	.map_pop_elem = queue_pop,
	.map_peek_elem = queue_peek,
};

static const struct bpf_map_ops no_ops;

static const struct bpf_map_ops *ops_of(const struct bpf_map *map)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return &array_ops;
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return &queue_ops;
	default:
		return is_hash(map) ? &hash_ops : &no_ops;
	}
}

/* How many bytes all values take of a map that has them in one piece. */
static u32 values_len(const struct user_map *user)
{
	const struct bpf_map *map = &user->map;

	if (is_per_cpu(map))
		return map->max_entries * nr_cpu_ids * user->step;
	if (map->map_type == BPF_MAP_TYPE_ARRAY)
		return (map->max_entries - 1) * user->step + map->value_size;
	return map->max_entries * map->value_size;
}

/**
 * map_new() - make a map
 * @type: one that can do nothing if it is not known here
 * @key_size: bytes of a key; 4 of arrays, 0 of queues and stacks
 * @value_size: bytes of a value, at least 1
 * @max_entries: at least 1
 * @flags: BPF_F_*, for those who look at them
 *
 * Return: the map, empty, to be freed by map_free().
 */
struct bpf_map *map_new(enum bpf_map_type type, u32 key_size, u32 value_size,
			u32 max_entries, u32 flags)
{
	struct user_map *user = allocate(sizeof(*user));

	user->map = (struct bpf_map) {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
		.map_flags = flags,
	};
	user->map.ops = ops_of(&user->map);
	user->step = round_up(value_size, 8);
	if (is_hash(&user->map)) {
		user->elements = allocate(max_entries *
					  sizeof(user->elements[0]));
	} else {
		user->values_len = values_len(user);
		user->values = allocate(user->values_len);
	}
	return &user->map;
}

static void fill_bytes(u8 *bytes, u32 len, u8 first)
{
	u32 i;

	for (i = 0; i < len; i++)
		bytes[i] = first + i;
}

/**
 * map_fill() - put something into an empty map
 * @map: all elements of an array, half of those of another; the keys are
 *	numbers, in as many bytes as they have
 */
void map_fill(struct bpf_map *map)
{
	struct user_map *user = user_map(map);
	u32 half = (map->max_entries + 1) / 2, i;
	u8 key[U8_MAX + 1] = {};

	if (!is_hash(map)) {
		fill_bytes(user->values, user->values_len, 0x40);
		user->count = half;
		return;
	}
	if (map->key_size > sizeof(key))
		return;
	interp_shim.reads++;
	for (i = 0; i < half; i++) {
		struct element *element;

		key[0] = i;
		element = hash_find(map, key) ?: hash_add(map, key);
		fill_bytes(element->value, map->value_size, 0x40 + i);
	}
	interp_shim.reads--;
}

/**
 * map_free() - free a map
 * @map: the map
 */
void map_free(struct bpf_map *map)
{
	struct user_map *user = user_map(map);
	u32 i;

	for (i = 0; user->elements && i < map->max_entries; i++) {
		free(user->elements[i].key);
		free(user->elements[i].value);
	}
	free(user->elements);
	free(user->values);
	free(user);
}

static u32 value_len(const struct user_map *user)
{
	return is_per_cpu(&user->map) ? nr_cpu_ids * user->step :
					user->map.value_size;
}

/* Elements that are gone are compared, too: they may be in sight. */
static bool element_is_same(const struct user_map *user,
			    const struct element *a, const struct element *b)
{
	if (a->is_live != b->is_live || !a->key != !b->key)
		return false;
	return !a->key || (!memcmp(a->key, b->key, user->map.key_size) &&
			   !memcmp(a->value, b->value, value_len(user)));
}

/**
 * map_is_same() - whether two maps that began alike hold the same
 * @a: one of them
 * @b: the other
 */
bool map_is_same(const struct bpf_map *a, const struct bpf_map *b)
{
	const struct user_map *one = container_of(a, struct user_map, map);
	const struct user_map *other = container_of(b, struct user_map, map);
	u32 i;

	if (!one->elements)
		return one->count == other->count &&
		       !memcmp(one->values, other->values, one->values_len);
	for (i = 0; i < a->max_entries; i++) {
		if (!element_is_same(one, &one->elements[i],
				     &other->elements[i]))
			return false;
	}
	return true;
}

static bool is_within(const void *bytes, u32 len, const u8 *from, u32 room)
{
	uintptr_t offset = (uintptr_t)bytes - (uintptr_t)from;

	return from && offset <= room && len <= room - offset;
}

/**
 * map_has_value() - whether some bytes are of a value, of an array of several
 * @map: the map
 * @bytes: where they are
 * @len: how many they are
 *
 * Of an element that is gone they are, too.
 */
bool map_has_value(const struct bpf_map *map, const void *bytes, u32 len)
{
	const struct user_map *user = container_of(map, struct user_map, map);
	u32 i;

	if (!user->elements)
		return is_within(bytes, len, user->values, user->values_len);
	for (i = 0; i < map->max_entries; i++) {
		if (is_within(bytes, len, user->elements[i].value,
			      value_len(user)))
			return true;
	}
	return false;
}
