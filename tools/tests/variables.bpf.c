// SPDX-License-Identifier: GPL-2.0
/* Global variables of all types, for --set and --get */
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

enum mode {
	MODE_OFF,
	MODE_SLOW = 5,
	MODE_FAST = 0x7fffffff,
};

enum side {
	SIDE_LEFT = -1,
	SIDE_RIGHT = 1,
};

struct rates {
	__u16 low;
	__s32 high[2];
	struct {
		__u8 inner;
	};
	__u32 bits : 3;
	int more : 5;
};

signed char s8 = -1;
__u8 u8;
__s16 s16;
__u16 u16;
__s32 s32;
__u32 u32;
__s64 s64;
__u64 u64;
bool is_on;
enum mode mode = MODE_SLOW;
enum side side;
char text[8] = "abc";
__u8 bytes[3] = { 1, 2, 3 };
__u32 table[2][3];
struct rates rates = { .low = 7 };
struct rates several[2];
float single;
double twice;
void *pointer;
volatile __u64 turns;
const volatile __u32 limit = 3;
const __u32 fixed[] = { 4, 5, 6 };

/* To which nothing refers, in sections of others and in one of its own */
__u16 unused;
__u16 unused_set = 6;
SEC(".data.far") __u16 far = 7;
SEC(".data.far") __u16 far_table[2];

/* Refers to all of the others, so that they are there */
SEC("bpfsched")
long use(const void *ctx, unsigned long len)
{
	static __u64 inside;
	void *const all[] = {
		&s8, &u8, &s16, &u16, &s32, &u32, &s64, &u64, &is_on, &mode,
		&side, text, bytes, table, &rates, several, &single, &twice,
		&pointer, (void *)&turns, (void *)&limit, (void *)&fixed,
	};
	unsigned long i;

	(void)ctx;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		barrier_var(*(void **)&all[i]);
	turns++;
	u64 += limit;
	inside += fixed[len];
	barrier_var(inside);
	return limit + rates.low;
}
