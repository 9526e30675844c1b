// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual functions of C++, one of them without a body.
 *
 * compile: -g0
 * expect job: 0x101
 * expect job 00: 0x85
 * expect job 0000: 0x86
 */
struct Shape {
	virtual long area(long x) const = 0;
	virtual long corners() const { return 1; }
};

struct Square : Shape {
	long area(long x) const override { return x * x; }
};

struct Strip : Shape {
	long area(long x) const override { return 2 * x; }
	long corners() const override { return 5; }
};

struct Wide : Strip {
	long corners() const override { return 6; }
};

static const Square square;
static const Strip strip;
static const Wide wide;
static const Shape *const shapes[] = { &square, &strip, &wide };

extern "C" __attribute__((section("bpfsched"), used))
long job(const unsigned char *, unsigned long len)
{
	const Shape *shape = shapes[len % 3];

	return shape->area(4) * 16 + shape->corners();
}
