// SPDX-License-Identifier: GPL-2.0
/*
 * Position from a satellite receiver: one NMEA 0183 sentence "$..GGA,...*hh"
 * in the context, as text. The newest fix is in .bss, for user space to read.
 *
 * Returns 1 for a fix, 0 for a sentence that has none or is not GGA, and a
 * negative number for one that is damaged.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define DAMAGED_FRAME (-1)
#define DAMAGED_SUM (-2)
#define DAMAGED_NUMBER (-3)

struct fix {
	__u32 time_ms;		/* since midnight, UTC */
	__s32 latitude;		/* millionths of a degree, north is positive */
	__s32 longitude;	/* the same, east is positive */
	__s32 altitude_mm;
	__u32 satellites;
	__u32 quality;
};

struct fix newest;
__u64 sentences, fixes;

struct text {
	const char *pos;
	const char *end;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -16;
}

/* Between '$' and '*', if what follows is the sum of it */
static int open_sentence(struct text *t)
{
	const char *c;
	__u8 sum = 0;

	if (t->pos == t->end || *t->pos++ != '$')
		return DAMAGED_FRAME;
	for (c = t->pos; c < t->end && *c != '*'; c++)
		sum ^= *c;
	if (t->end - c < 3)
		return DAMAGED_FRAME;
	if (hex_digit(c[1]) * 16 + hex_digit(c[2]) != sum)
		return DAMAGED_SUM;
	t->end = c;
	return 0;
}

/* The text up to the next comma; steps over the comma */
static void next_field(struct text *t, struct text *field)
{
	field->pos = t->pos;
	while (t->pos < t->end && *t->pos != ',')
		t->pos++;
	field->end = t->pos;
	if (t->pos < t->end)
		t->pos++;
}

/*
 * The next field, a decimal number, times 10 to the power of @places; cut, not
 * rounded
 */
static int get_number(struct text *t, int places, __s64 *number)
{
	int after_point = 0, negative;
	struct text field;
	__s64 value = 0;
	const char *c;

	next_field(t, &field);
	negative = field.pos < field.end && *field.pos == '-';
	for (c = field.pos + negative; c < field.end; c++) {
		if (*c == '.' && !after_point) {
			after_point = 1;
			continue;
		}
		if (*c < '0' || *c > '9' || value > 1000000000000LL)
			return DAMAGED_NUMBER;
		if (after_point && !places)
			continue;
		places -= after_point;
		value = value * 10 + *c - '0';
	}
	while (places-- > 0)
		value *= 10;
	*number = negative ? -value : value;
	return 0;
}

/* Degrees and minutes, "ddmm.mmmm", and a letter */
static int get_angle(struct text *t, char negative, __s32 *angle)
{
	struct text letter;
	__u64 degrees;
	__s64 number;

	if (get_number(t, 6, &number) || number < 0)
		return DAMAGED_NUMBER;
	next_field(t, &letter);
	degrees = (__u64)number / 100000000;
	number = degrees * 1000000 + ((__u64)number % 100000000) / 60;
	if (letter.pos < letter.end && *letter.pos == negative)
		number = -number;
	*angle = number;
	return 0;
}

static int get_time(struct text *t, __u32 *time_ms)
{
	__s64 number;
	__u64 clock;

	if (get_number(t, 3, &number) || number < 0)
		return DAMAGED_NUMBER;
	clock = number;
	*time_ms = clock / 10000000 * 3600000 + clock / 100000 % 100 * 60000 +
		   clock % 100000;
	return 0;
}

static int get_fix(struct text *t, struct fix *fix)
{
	__s64 quality, satellites, altitude;
	struct text precision;

	if (get_time(t, &fix->time_ms) || get_angle(t, 'S', &fix->latitude) ||
	    get_angle(t, 'W', &fix->longitude) ||
	    get_number(t, 0, &quality) ||
	    get_number(t, 0, &satellites))
		return DAMAGED_NUMBER;
	next_field(t, &precision);
	if (get_number(t, 3, &altitude))
		return DAMAGED_NUMBER;
	fix->quality = quality;
	fix->satellites = satellites;
	fix->altitude_mm = altitude;
	return quality > 0;
}

static int is_gga(struct text *t)
{
	struct text name;

	next_field(t, &name);
	return name.end - name.pos == 5 && name.pos[2] == 'G' &&
	       name.pos[3] == 'G' && name.pos[4] == 'A';
}

SEC("bpfsched")
long parse_sentence(const char *sentence, unsigned long len)
{
	struct text t = { .pos = sentence, .end = sentence + len };
	struct fix fix = {};
	int result;

	sentences++;
	result = open_sentence(&t);
	if (result)
		return result;
	if (!is_gga(&t))
		return 0;
	result = get_fix(&t, &fix);
	if (result > 0) {
		newest = fix;
		fixes++;
	}
	return result;
}
