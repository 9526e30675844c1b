/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Atomic operations on memory of the sandbox, which other jobs, helpers, the
 * kernel's own programs and user space may use at the same time (RFC 9669,
 * section 5.3). They are those of the kernel, fully ordered where they fetch.
 */
#ifndef INTERP_ATOMIC_H
#define INTERP_ATOMIC_H

#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <asm/barrier.h>

#include "memory.h"

#define interp_atomic_ADD64(p, s, r0)	atomic64_add(s, p)
#define interp_atomic_OR64(p, s, r0)	atomic64_or(s, p)
#define interp_atomic_AND64(p, s, r0)	atomic64_and(s, p)
#define interp_atomic_XOR64(p, s, r0)	atomic64_xor(s, p)
#define interp_atomic_FADD64(p, s, r0)	((s) = atomic64_fetch_add(s, p))
#define interp_atomic_FOR64(p, s, r0)	((s) = atomic64_fetch_or(s, p))
#define interp_atomic_FAND64(p, s, r0)	((s) = atomic64_fetch_and(s, p))
#define interp_atomic_FXOR64(p, s, r0)	((s) = atomic64_fetch_xor(s, p))
#define interp_atomic_XCHG64(p, s, r0)	((s) = atomic64_xchg(p, s))
#define interp_atomic_CMPXCHG64(p, s, r0) ((r0) = atomic64_cmpxchg(p, r0, s))

/* A result of 32 bits is extended by zeroes. */
#define interp_atomic_ADD32(p, s, r0)	atomic_add(s, p)
#define interp_atomic_OR32(p, s, r0)	atomic_or(s, p)
#define interp_atomic_AND32(p, s, r0)	atomic_and(s, p)
#define interp_atomic_XOR32(p, s, r0)	atomic_xor(s, p)
#define interp_atomic_FADD32(p, s, r0)	((s) = (u32)atomic_fetch_add(s, p))
#define interp_atomic_FOR32(p, s, r0)	((s) = (u32)atomic_fetch_or(s, p))
#define interp_atomic_FAND32(p, s, r0)	((s) = (u32)atomic_fetch_and(s, p))
#define interp_atomic_FXOR32(p, s, r0)	((s) = (u32)atomic_fetch_xor(s, p))
#define interp_atomic_XCHG32(p, s, r0)	((s) = (u32)atomic_xchg(p, s))
#define interp_atomic_CMPXCHG32(p, s, r0) \
	((r0) = (u32)atomic_cmpxchg(p, (u32)(r0), s))

/* Which rights an access takes. */
#define INTERP_READS	BIT(0)
#define INTERP_WRITES	BIT(1)

/* What gives the program the old value reads it. */
#define interp_atomic_rights(form) \
	((form) == INTERP_ATOMIC ? INTERP_WRITES : INTERP_READS | INTERP_WRITES)

/*
 * What of a region's offsets there is for an access that takes @rights. A right
 * is there for all of a region or for none, so that this is what both allow.
 */
static __always_inline u32
interp_offsets_of(const struct interp_region *region, int log2, u32 rights)
{
	return (rights & INTERP_READS ? region->readable[log2] : U32_MAX) &
	       (rights & INTERP_WRITES ? region->writable[log2] : U32_MAX);
}

/*
 * Inline, for a handler that calls something has to put registers aside; and the
 * region is looked for again, for there are none to keep it in.
 */
static __always_inline void interp_refuse(struct interp_state *state,
					  u64 address, int log2, u32 rights)
{
	const struct interp_region *region;
	bool writes;

	OPTIMIZER_HIDE_VAR(address);
	region = interp_region_of(state, address);
	writes = rights & INTERP_WRITES &&
		 (!(rights & INTERP_READS) ||
		  address - region->start >= region->writable[log2]);
	interp_fault(state, writes ? BPFSCHED_FAULT_WRITE : BPFSCHED_FAULT_READ,
		     address);
}

/**
 * interp_aligned() - translate the address of an atomic access
 * @state: the run
 * @address: sandbox address
 * @log2: log2 of the size of the access, 0 to 3
 * @rights: INTERP_READS, INTERP_WRITES
 *
 * Context: process, from a dispatcher.
 * Return: the kernel address; NULL if the program may not access it that way,
 * with the state's fault set.
 */
static inline void *interp_aligned(struct interp_state *state, u64 address,
				   int log2, u32 rights)
{
	const struct interp_region *region = interp_region_of(state, address);
	void *where = interp_translate(state, region, address,
				       interp_offsets_of(region, log2, rights));

	if (unlikely(!where))
		interp_refuse(state, address, log2, rights);
	else if (likely(IS_ALIGNED((unsigned long)where, 1UL << log2)))
		return where;
	else
		interp_fault(state, BPFSCHED_FAULT_ALIGNMENT, address);
	return NULL;
}

#endif /* INTERP_ATOMIC_H */
