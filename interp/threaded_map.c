// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of bpf_map_lookup_elem(): of all helpers the one whose call takes
 * longest next to what it does.
 *
 * Of which map it is shows at run time, for the map is an argument. The element
 * of an array is found here, without a call. In a map of another kind a key that
 * is on the stack, as most are, is looked up without the way through the helper.
 * All else is left to the helper, and so is whatever is wrong with an argument.
 *
 * With what sets the arguments right before the call, and the test for NULL right
 * behind it, there are handlers together: what threaded_fused.c says of others
 * holds for these too, but that it is the call that can fail. What comes before
 * it is done then.
 */
#include <linux/kernel.h>
#include <linux/log2.h>

#include <bpfsched/compat.h>

#include "map_helpers.h"
#include "threaded.h"

/* The map that a handle stands for and its number; NULL: the helper is asked. */
static __always_inline const struct interp_map *
map_of(struct interp_state *vm, u64 handle, u64 *number)
{
	const struct interp_image *image = vm->image;
	u64 index = handle - INTERP_ADDRESS(INTERP_REGION_HANDLES, 0);
	u64 mask = interp_mask(index, image->map_count);
	const struct interp_map *map;

	*number = index & mask;
	map = &image->maps[*number];
	return mask && map->calls & INTERP_MAP_LOOKUP ? map : NULL;
}

/* False: it is what the slice ends behind, which the helper sees to. */
static __always_inline bool count_lookup(struct interp_state *vm,
					 const struct interp_map *map)
{
	u64 work = vm->work + map->lookup_work;

	if (unlikely(work > INTERP_WORK_MAX))
		return false;
	vm->work = work;
	return true;
}

/* What the helper does; false: it has to be asked. */
static __always_inline bool lookup(struct interp_state *vm, u64 handle, u64 key,
				   u64 *value)
{
	u64 number;
	const struct interp_map *map = map_of(vm, handle, &number);
	const void *from;

	if (!map || !(map->stride || interp_is_on_stack(key)) ||
	    !count_lookup(vm, map))
		return false;
	from = interp_readable_bytes(vm, key, map->key_size);
	if (!from)
		return false;
	*value = interp_map_element(vm, number, map, from);
	return true;
}

/*
 * The same for a key that is at @offset from the end of the frame. If it is too
 * long for that, what a processor that takes it for short enough could see is the
 * run's own: other frames, and its room for texts. Nothing of another run is left
 * there, see interp_start().
 */
static __always_inline bool frame_lookup(struct interp_state *vm, u64 handle,
					 s64 offset, u64 *value)
{
	u64 number;
	const struct interp_map *map = map_of(vm, handle, &number);

	if (!map || map->key_size > -offset || !count_lookup(vm, map))
		return false;
	*value = interp_map_element(vm, number, map,
				    interp_in_frame(vm, offset));
	return true;
}

/* The call alone, and with the jump behind it that is taken if r0 is NULL. */
#define LOOKUP_HANDLERS(name, set_arguments, found)			\
	HANDLER(name)							\
	{								\
		s64 offset __maybe_unused;				\
									\
		set_arguments;						\
		if (!(found))						\
			TAIL(interp_threaded_helper, pc);		\
		NEXT;							\
	}								\
	HANDLER(name##_OR_JUMP)						\
	{								\
		s64 offset __maybe_unused;				\
									\
		set_arguments;						\
		if (!(found))						\
			TAIL(interp_threaded_helper, pc);		\
		pc++;							\
		if (r0)							\
			NEXT;						\
		JUMP;							\
	}

#define LOOKUP			lookup(vm, r1, r2, &r0)
#define FRAME_LOOKUP		frame_lookup(vm, r1, offset, &r0)

/* The map is a constant, the key a variable of the function. */
#define SET_MAP								\
	do {								\
		r1 = pc->imm;						\
		pc++;							\
	} while (0)
#define SET_KEY								\
	do {								\
		pc++;							\
		offset = pc->imm;					\
		r2 = vm->regs[BPF_REG_10] + offset;			\
		pc++;							\
	} while (0)

LOOKUP_HANDLERS(CALL, do { } while (0), LOOKUP)
LOOKUP_HANDLERS(MAP, SET_MAP, LOOKUP)
LOOKUP_HANDLERS(KEY, SET_KEY, FRAME_LOOKUP)
LOOKUP_HANDLERS(MAP_KEY, SET_MAP; SET_KEY, FRAME_LOOKUP)
LOOKUP_HANDLERS(KEY_MAP, SET_KEY; SET_MAP, FRAME_LOOKUP)

static bool is_lookup(const struct interp_insn *insn)
{
	return insn->op == INTERP_HELPER &&
	       interp_helpers[INTERP_HELPER_SLOT(insn->imm)].id ==
		       BPF_FUNC_map_lookup_elem;
}

static bool is_null_check(const struct interp_insn *insn)
{
	return insn->op == INTERP_JEQ64_K && insn->dst == BPF_REG_0 &&
	       !insn->off;
}

static bool sets_nothing(const struct interp_insn *insn)
{
	return true;
}

static bool sets_map(const struct interp_insn *insn)
{
	return insn->op == INTERP_LDDW && insn->dst == BPF_REG_1;
}

/* In the own frame; how much of it is below that depends on the map. */
static bool sets_key(const struct interp_insn *insn)
{
	s64 offset;

	if (!interp_is_frame_address(insn, BPF_REG_2))
		return false;
	offset = insn[1].imm;
	return offset >= -INTERP_FRAME_SIZE && offset < 0;
}

static bool sets_map_and_key(const struct interp_insn *insn)
{
	return sets_map(insn) && sets_key(insn + 1);
}

static bool sets_key_and_map(const struct interp_insn *insn)
{
	return sets_key(insn) && sets_map(insn + 2);
}

/**
 * struct lookup_form - a call, and what comes before it
 * @before: how many instructions do
 * @matches: whether these are what is meant
 * @call: handler of them and the call
 * @call_or_jump: handler of them, the call and the test for NULL
 */
struct lookup_form {
	u32 before;
	bool (*matches)(const struct interp_insn *insn);
	interp_handler call;
	interp_handler call_or_jump;
};

static const struct lookup_form forms[] = {
	{ 0, sets_nothing, CALL, CALL_OR_JUMP },
	{ 1, sets_map, MAP, MAP_OR_JUMP },
	{ 2, sets_key, KEY, KEY_OR_JUMP },
	{ 3, sets_map_and_key, MAP_KEY, MAP_KEY_OR_JUMP },
	{ 3, sets_key_and_map, KEY_MAP, KEY_MAP_OR_JUMP },
};

/**
 * interp_map_handler() - the handler of a look-up, and what is around it
 * @insn: the instruction
 * @left: number of instructions that come behind it
 *
 * Context: any.
 * Return: the handler, or NULL if it is no such instruction.
 */
interp_handler interp_map_handler(const struct interp_insn *insn, u32 left)
{
	const struct lookup_form *form;

	for (form = forms; form < forms + ARRAY_SIZE(forms); form++) {
		const struct interp_insn *call = insn + form->before;

		if (left < form->before || !is_lookup(call) ||
		    !form->matches(insn))
			continue;
		return left > form->before && is_null_check(call + 1) ?
		       form->call_or_jump : form->call;
	}
	return NULL;
}
