/* SPDX-License-Identifier: GPL-2.0 */
/* Atomic numbers, by the compiler's own operations, all fully ordered. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

#define ATOMIC_OP(prefix, type, op)					\
static inline type prefix##_fetch_##op(type n, prefix##_t *number)	\
{									\
	return __atomic_fetch_##op(&number->counter, n, __ATOMIC_SEQ_CST); \
}									\
									\
static inline void prefix##_##op(type n, prefix##_t *number)		\
{									\
	prefix##_fetch_##op(n, number);					\
}

#define ATOMIC_OPS(prefix, type)					\
ATOMIC_OP(prefix, type, add)						\
ATOMIC_OP(prefix, type, or)						\
ATOMIC_OP(prefix, type, and)						\
ATOMIC_OP(prefix, type, xor)						\
									\
static inline type prefix##_xchg(prefix##_t *number, type n)		\
{									\
	return __atomic_exchange_n(&number->counter, n, __ATOMIC_SEQ_CST); \
}									\
									\
static inline type prefix##_cmpxchg(prefix##_t *number, type old, type n) \
{									\
	__atomic_compare_exchange_n(&number->counter, &old, n, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	return old;							\
}

ATOMIC_OPS(atomic, int)
ATOMIC_OPS(atomic64, s64)

#endif /* SHIM_LINUX_ATOMIC_H */
