/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two variants of each dispatcher, which are compiled from the same files.
 *
 * Without INTERP_UNMASKED every number that becomes part of an address of the
 * kernel is forced into its range at that place, for a processor may run any
 * handler on any instruction. With INTERP_UNMASKED numbers that were checked when
 * the program was loaded are used as they are, and checks of addresses are
 * branches. Both variants refuse the same accesses: what is left out only matters
 * under speculation. Helpers, and all else that is no dispatcher, have the masks
 * in any case.
 */
#ifndef INTERP_VARIANT_H
#define INTERP_VARIANT_H

#ifdef INTERP_UNMASKED

/* The functions and tables of a dispatcher have other names then. */
#define interp_switch		interp_switch_unmasked
#define interp_threaded		interp_threaded_unmasked
#define interp_jump_handler	interp_jump_handler_unmasked
#define interp_memory_handler	interp_memory_handler_unmasked
#define interp_atomic_handler	interp_atomic_handler_unmasked
#define interp_fused_handler	interp_fused_handler_unmasked
#define interp_load_handler	interp_load_handler_unmasked
#define interp_map_handler	interp_map_handler_unmasked
#define interp_threaded_helper	interp_threaded_helper_unmasked
#define interp_threaded_fault	interp_threaded_fault_unmasked
#define interp_threaded_slice	interp_threaded_slice_unmasked
#define interp_threaded_bad_load interp_threaded_bad_load_unmasked
#define interp_threaded_bad_store interp_threaded_bad_store_unmasked
#define INTERP_DISPATCHER(name)	name "-unmasked"

#define INTERP_FORCE(number, mask)		(number)
#define INTERP_FORCE_NEGATIVE(number, size)	(number)

#else

#define INTERP_DISPATCHER(name)			name
/* Force a number into the range of a mask, and one into -@size to -1. */
#define INTERP_FORCE(number, mask)		((number) & (mask))
#define INTERP_FORCE_NEGATIVE(number, size)	((number) | -(size))

#endif

#endif /* INTERP_VARIANT_H */
