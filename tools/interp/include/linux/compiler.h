/* SPDX-License-Identifier: GPL-2.0 */
/* What the compiler is told. */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <linux/types.h>

#define __force
#define __user
#define __rcu
#define __acquires(lock)
#define __releases(lock)
#define __uninitialized
#define __must_check	__attribute__((warn_unused_result))
#define __maybe_unused	__attribute__((unused))
#define __used		__attribute__((used))
#define noinline	__attribute__((noinline))
#define __noreturn	__attribute__((noreturn))
#define __cold		__attribute__((cold))
#define __alias(name)	__attribute__((alias(#name)))
#define __aligned(n)	__attribute__((aligned(n)))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define fallthrough	__attribute__((fallthrough))

#undef __always_inline
#define __always_inline	inline __attribute__((always_inline))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define barrier()	__asm__ __volatile__("" : : : "memory")

#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "=r" (var) : "0" (var))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

#endif /* SHIM_LINUX_COMPILER_H */
