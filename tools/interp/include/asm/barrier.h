/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#define smp_load_acquire(from)		__atomic_load_n(from, __ATOMIC_ACQUIRE)
#define smp_store_release(to, value)	\
	__atomic_store_n(to, value, __ATOMIC_RELEASE)

/* As in the kernel: nothing where the processor has nothing for it. */
#ifdef __x86_64__
#define barrier_nospec()	__asm__ __volatile__("lfence" : : : "memory")
#endif

#endif /* SHIM_ASM_BARRIER_H */
