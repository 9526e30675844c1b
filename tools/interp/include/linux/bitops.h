/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include <linux/kernel.h>

#define BITS_PER_LONG		(8 * (int)sizeof(long))
#define BITS_TO_LONGS(bits)	DIV_ROUND_UP(bits, BITS_PER_LONG)

static inline bool test_bit(unsigned long bit, const unsigned long *bits)
{
	return bits[bit / BITS_PER_LONG] >> bit % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned long bit, unsigned long *bits)
{
	bits[bit / BITS_PER_LONG] |= 1UL << bit % BITS_PER_LONG;
}

static inline bool __test_and_set_bit(unsigned long bit, unsigned long *bits)
{
	bool was = test_bit(bit, bits);

	__set_bit(bit, bits);
	return was;
}

/* The lowest bit that is set; one is. */
static inline unsigned long __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

static inline unsigned long find_next_bit(const unsigned long *bits,
					  unsigned long count,
					  unsigned long bit)
{
	while (bit < count && !test_bit(bit, bits))
		bit++;
	return bit < count ? bit : count;
}

#define for_each_set_bit(bit, bits, count)			\
	for ((bit) = find_next_bit(bits, count, 0);		\
	     (bit) < (count);					\
	     (bit) = find_next_bit(bits, count, (bit) + 1))

#define for_each_set_bit_from(bit, bits, count)			\
	for ((bit) = find_next_bit(bits, count, bit);		\
	     (bit) < (count);					\
	     (bit) = find_next_bit(bits, count, (bit) + 1))

#endif /* SHIM_LINUX_BITOPS_H */
