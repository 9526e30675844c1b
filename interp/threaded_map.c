// SPDX-License-Identifier: GPL-2.0
/*
 * Handlers of bpf_map_lookup_elem(): of all helpers the one whose call takes
 * longest next to what it does.
 *
 * Whether a look-up is one of an array shows at run time, for the map is an
 * argument. If so the element is found here, without a call. All else is left to
 * the helper, and so is whatever is wrong with an argument.
 *
 * With what sets an argument right before the call there is a handler together:
 * what threaded_fused.c says of others holds for these too, but that it is the
 * last instruction that can fail. Those before it are done then.
 */
#include <linux/log2.h>

#include <bpfsched/compat.h>

#include "map_helpers.h"
#include "threaded.h"

/* Element @key of an array, as the helper finds it; false: it has to be asked. */
static __always_inline bool array_lookup(struct interp_state *vm, u64 handle,
					 u64 key, u64 *value)
{
	const struct interp_image *image = vm->image;
	u64 index = handle - INTERP_ADDRESS(INTERP_REGION_HANDLES, 0);
	u64 mask = interp_mask(index, image->map_count);
	const struct interp_map *map = &image->maps[index & mask];
	const u32 *from = interp_readable(vm, key, ilog2(sizeof(*from)));

	if (!mask || !map->stride || !from)
		return false;
	*value = interp_array_element(map, index, get_unaligned(from));
	return true;
}

#define LOOK_UP								\
	do {								\
		if (!array_lookup(vm, r1, r2, &r0))			\
			TAIL(interp_threaded_helper, pc);		\
		NEXT;							\
	} while (0)

HANDLER(LOOKUP)
{
	LOOK_UP;
}

/* The map comes last, as compilers put it. */
HANDLER(MAP_LOOKUP)
{
	r1 = pc->imm;
	pc++;
	LOOK_UP;
}

/* The key comes last: the address of a variable. */
HANDLER(KEY_LOOKUP)
{
	pc++;
	r2 = vm->regs[BPF_REG_10] + pc->imm;
	pc++;
	LOOK_UP;
}

static bool is_lookup(const struct interp_insn *insn)
{
	return insn->op == INTERP_HELPER &&
	       interp_helpers[insn->imm].id == BPF_FUNC_map_lookup_elem;
}

/**
 * interp_map_handler() - the handler of a look-up, and of what comes before it
 * @insn: the instruction
 * @left: number of instructions that come behind it
 *
 * Context: any.
 * Return: the handler, or NULL if it is no such instruction.
 */
interp_handler interp_map_handler(const struct interp_insn *insn, u32 left)
{
	if (is_lookup(insn))
		return LOOKUP;
	if (left >= 1 && insn->op == INTERP_LDDW && insn->dst == BPF_REG_1 &&
	    is_lookup(insn + 1))
		return MAP_LOOKUP;
	if (left >= 2 && interp_is_frame_address(insn, BPF_REG_2) &&
	    is_lookup(insn + 2))
		return KEY_LOOKUP;
	return NULL;
}
