// SPDX-License-Identifier: GPL-2.0
/*
 * Global variables of many types, to be damaged.
 *
 * expect job: 0x2a
 */
#define SECTION(name) __attribute__((section(name), used))

enum mode { MODE_OFF, MODE_ON = 7 };

struct rates {
	unsigned short low;
	int high[2];
	struct {
		unsigned char inner;
	};
	unsigned int bits : 3;
	int more : 5;
	union {
		long whole;
		enum mode mode;
	};
};

struct rates rates = { .low = 42 };
char text[7] = "abc";
_Bool is_on = 1;
long table[2][3] = { { 1 } };
void *pointer;
double wide __attribute__((section(".data.wide"))) = 1.5;
float narrow __attribute__((section(".data.narrow"))) = 2.5;

SECTION("bpfsched") long job(void)
{
	void *volatile all[] = {
		&rates, text, &is_on, table, &pointer, &wide, &narrow,
	};

	return ((struct rates *)all[0])->low;
}
