// SPDX-License-Identifier: GPL-2.0
/*
 * The examples, as clang compiles them for each version of the instruction set
 * and at each level of optimization, and as other versions of clang do, against
 * the same sources compiled for this machine: for a series of contexts the same
 * return value, the same bytes of context afterwards, and in the end the same
 * global variables. The native objects trap on undefined behaviour, so that
 * there is only one right result.
 *
 * Where there is a second way to the result, it is gone as well: an example
 * that is compiled right may still be wrong.
 */
#include "ktap.h"

#include <dlfcn.h>
#include <stdint.h>

#include "bpfsched.h"
#include "elf_file.h"

/* Contexts of an example, and the most bytes of one */
#define RUNS		64
#define CONTEXT_MAX	4096

/**
 * struct input - a context
 * @number: 0 for the first one
 * @bytes: its bytes
 * @len: number of @bytes
 * @expected: what the program is to return, if @expects
 * @expects: whether that is known
 * @random: the state of random()
 */
struct input {
	unsigned int number;
	unsigned char bytes[CONTEXT_MAX] __attribute__((aligned(8)));
	__u32 len;
	long expected;
	bool expects;
	__u64 random;
};

/**
 * struct example - a program of tools/examples
 * @name: of its source, without ".bpf.c"
 * @program: the function
 * @fill: makes a context
 * @judge: what is known of the bytes afterwards, NULL: nothing
 * @varies: a global variable that differs from run to run, NULL: none does
 */
struct example {
	const char *name;
	const char *program;
	void (*fill)(struct input *input);
	void (*judge)(const struct input *input, const void *after);
	const char *varies;
};

/* A file of this checkout, by its path from this program's folder */
static void find_file(char *path, size_t size, const char *relative)
{
	ssize_t len = check_ok(readlink("/proc/self/exe", path, size - 1));
	char *slash;

	path[len] = 0;
	slash = strrchr(path, '/');
	check_le(slash - path + strlen(relative) + 1, size);
	strcpy(slash, relative);
}

/*
 * Inputs
 */
static __u64 random_number(struct input *input)
{
	__u64 x = input->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	input->random = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/* From 0 to @below - 1 */
static __u32 random_below(struct input *input, __u32 below)
{
	return (random_number(input) >> 32) % below;
}

static void random_bytes(struct input *input, __u32 len)
{
	while (len--)
		input->bytes[input->len++] = random_number(input) >> 56;
}

static void put(struct input *input, const void *bytes, __u32 len)
{
	memcpy(input->bytes + input->len, bytes, len);
	input->len += len;
}

static void put_le(struct input *input, __u64 value, int len)
{
	for (; len; len--, value >>= 8)
		input->bytes[input->len++] = value;
}

static void expect(struct input *input, long value)
{
	input->expected = value;
	input->expects = true;
}

static void fill_add(struct input *input)
{
	long sum = 0;
	__u32 i;

	random_bytes(input, random_below(input, 1000));
	for (i = 0; i < input->len; i++)
		sum += input->bytes[i];
	expect(input, sum);
}

/* An array of aggregate.bpf.c's readings, of few sensors and then of many */
static void fill_aggregate(struct input *input)
{
	__u32 sensors = input->number < RUNS / 2 ? 20 : 400;
	int count = random_below(input, 100);

	while (count--) {
		put_le(input, random_below(input, sensors), 4);
		put_le(input, random_number(input), 4);
	}
	random_bytes(input, random_below(input, 8));
}

static void base64_group(char *text, const unsigned char *bytes, __u32 count)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	__u32 bit, c;

	for (c = 0; c < 4; c++) {
		__u32 value = 0;

		for (bit = 6 * c; bit < 6 * c + 6; bit++) {
			value *= 2;
			if (bit / 8 < count)
				value += bytes[bit / 8] >> (7 - bit % 8) & 1;
		}
		text[c] = c <= count ? alphabet[value] : '=';
	}
}

static void fill_base64(struct input *input)
{
	__u32 count = random_below(input, 200);
	long text_len = (count + 2) / 3 * 4;

	if (input->number == 0) {
		put(input, "\3\0\0\0Man", 8);
		expect(input, 4);
		return;
	}
	put_le(input, count, 4);
	random_bytes(input, count + random_below(input, 100));
	expect(input, text_len > input->len ? -1 : text_len);
}

static void judge_base64(const struct input *input, const void *after)
{
	__u32 count = input->bytes[0];
	const char *text = after;
	char group[4];
	__u32 i;

	if (input->number == 0 && memcmp(after, "TWFu", 4))
		fail("base64 of \"Man\" is \"%.4s\"", text);
	if (input->expected < 0)
		return;
	for (i = 0; i < count; i += 3) {
		base64_group(group, input->bytes + 4 + i,
			     count - i < 3 ? count - i : 3);
		check(!memcmp(text + i / 3 * 4, group, 4));
	}
}

/* Full scale, silence and noise in turns */
static void fill_biquad(struct input *input)
{
	int count = random_below(input, 200);
	__u32 kind = random_below(input, 3);

	while (count--) {
		__u32 noise = random_number(input) >> 32;

		if (kind == 0)
			put_le(input, count / 8 % 2 ? INT32_MAX : -INT32_MAX,
			       4);
		else
			put_le(input, kind == 1 ? 0 : (__s32)noise / 4, 4);
	}
}

/* A frame of the capture, in every other run one that was damaged */
static void fill_classify(struct input *input)
{
	static const char path[] = "/../examples/capture/lan.pcap";
	char *capture, file[512];
	size_t len, pos = 24;
	unsigned int i;
	__u32 size;

	find_file(file, sizeof(file), path);
	check_eq(bpfs_file_read(file, &capture, &len), 0);
	for (i = 0; i <= input->number * 6; i++) {
		check_le(pos + 16, len);
		memcpy(&size, capture + pos + 8, 4);
		pos += 16 + size;
	}
	check_le(pos, len);
	if (size > CONTEXT_MAX)
		size = CONTEXT_MAX;
	put(input, capture + pos - size, size);
	free(capture);
	if (input->number % 2 && size) {
		input->bytes[random_below(input, size)] ^=
			random_number(input) >> 56;
		input->len = random_below(input, size + 1);
	}
}

/* By the definition, bit after bit */
static __u32 crc32_of(const unsigned char *bytes, __u32 len)
{
	__u32 crc = ~0U, i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void fill_crc32(struct input *input)
{
	if (input->number == 0) {
		put(input, "123456789\x26\x39\xf4\xcb", 13);
		expect(input, 1);
		return;
	}
	random_bytes(input, random_below(input, 500));
	put_le(input, crc32_of(input->bytes, input->len), 4);
	expect(input, input->number % 3 != 0);
	if (!input->expected)
		input->bytes[random_below(input, input->len)] ^=
			1 << random_below(input, 8);
	if (input->number % 16 == 15) {
		input->len = random_below(input, 4);
		expect(input, 0);
	}
}

/* Scripts, most of which end well */
static void fill_dispatch(struct input *input)
{
	int count = random_below(input, 20);

	expect(input, count);
	while (count--) {
		__u32 operation = random_below(input, 4);

		put_le(input, operation, 4);
		put_le(input, random_below(input, 2), 4);
		/* By so little that it is always in reach, after a way home */
		put_le(input, operation == 0 ? 0 : random_below(input, 101), 4);
	}
	if (input->number % 4 == 3) {
		random_bytes(input, 12);
	} else if (input->number % 4 == 2 && input->len) {
		input->bytes[random_below(input, input->len)] ^= 0x81;
		input->expects = false;
	}
}

/* Control words that lead somewhere are more likely than others */
static void fill_drive(struct input *input)
{
	static const __u16 control[] = {
		0x06, 0x07, 0x0f, 0x0f, 0x0f, 0x0f, 0x02, 0x00, 0x80, 0x0b,
	};
	__u32 which = input->number < 3 ? input->number :
					  random_below(input, 12);

	put_le(input, which < ARRAY_SIZE(control) ? control[which] :
						    random_number(input), 2);
	put_le(input, random_below(input, 10) == 9 && input->number > 8, 2);
	put_le(input, (__s64)random_below(input, 10000) - 5000, 4);
	random_bytes(input, 8);
	if (input->number < 3)
		expect(input, input->number + 1);
}

static __u16 crc16_of(const unsigned char *bytes, __u32 len)
{
	__u16 crc = 0xffff;
	__u32 i;
	int bit;

	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++)
			crc = (crc ^ bytes[i] >> bit) & 1 ?
			      crc >> 1 ^ 0x8408 : crc >> 1;
	}
	return ~crc;
}

static void put_stuffed(struct input *input, unsigned char byte)
{
	if (byte == 0x7e || byte == 0x7d) {
		put_le(input, 0x7d, 1);
		byte ^= 0x20;
	}
	put_le(input, byte, 1);
}

/* Whole frames; some of them damaged, and some rubbish between them */
static void fill_hdlc(struct input *input)
{
	__u32 frames = 1 + random_below(input, 4), good = 0, i, len;
	unsigned char frame[300];
	__u16 crc;

	while (frames--) {
		len = 1 + random_below(input, 254);
		for (i = 0; i < len; i++)
			frame[i] = random_below(input, 3) ? 0x70 + i % 16 :
							    random_number(input);
		crc = crc16_of(frame, len);
		frame[len++] = crc;
		frame[len++] = crc >> 8;
		if (random_below(input, 4))
			good++;
		else
			frame[random_below(input, len)] ^= 0x10;
		put_le(input, 0x7e, 1);
		for (i = 0; i < len; i++)
			put_stuffed(input, frame[i]);
		put_le(input, 0x7e, 1);
	}
	if (input->number % 4)
		expect(input, good);
	else
		input->len = random_below(input, input->len);
	/* Only after a whole frame is the next context's number known */
	if (input->number % 4 == 1)
		input->expects = false;
}

/* Steps of 1/64 s along a line, with noise and an outlier now and then */
static void fill_kalman(struct input *input)
{
	__s64 position = (__s64)input->number * 65536 / 8;

	position += (__s64)random_below(input, 65536) - 32768;
	if (input->number % 20 == 19)
		position -= 1000000000;
	put_le(input, position, 8);
	put_le(input, 65536 / 64, 8);
	put_le(input, 0, 8);
	put_le(input, 0, 8);
	expect(input, input->number % 20 != 19);
	if (input->number == 50) {
		input->len = random_below(input, 32);
		expect(input, -1);
	}
}

static void put_length(struct input *input, __u32 length)
{
	for (length -= 15; length >= 255; length -= 255)
		put_le(input, 255, 1);
	put_le(input, length, 1);
}

/* A sequence of literals and a match; of literals only if @offset is 0 */
static __u32 put_sequence(struct input *input, __u32 literals, __u32 offset,
			  __u32 match)
{
	__u32 token = literals < 15 ? literals << 4 : 0xf0;

	if (offset)
		token |= match - 4 < 15 ? match - 4 : 15;
	put_le(input, token, 1);
	if (literals >= 15)
		put_length(input, literals);
	random_bytes(input, literals);
	if (!offset)
		return literals;
	put_le(input, offset, 2);
	if (match - 4 >= 15)
		put_length(input, match - 4);
	return literals + match;
}

static void fill_lz4(struct input *input)
{
	int sequences = random_below(input, 20);
	__u32 out = 0, literals;

	while (sequences--) {
		literals = 1 + random_below(input, 40);
		out += put_sequence(input, literals,
				    1 + random_below(input, out + literals),
				    4 + random_below(input, 600));
	}
	out += put_sequence(input, random_below(input, 300), 0, 0);
	expect(input, out);
	if (input->number % 4 == 3) {
		/* Something is wrong in the middle, or it is cut off */
		input->bytes[random_below(input, input->len)] ^= 0x80;
		input->len = random_below(input, input->len + 1);
		input->expects = false;
	}
}

/* A slow ramp with spikes */
static void fill_median(struct input *input)
{
	int count = random_below(input, 100);
	__s32 sample = input->number * 100;

	while (count--) {
		sample += random_below(input, 20);
		if (random_below(input, 8))
			put_le(input, sample, 4);
		else
			random_bytes(input, 4);
	}
	random_bytes(input, random_below(input, 4));
}

static const struct {
	const char *text;
	long expected;
} sentences[] = {
	{ "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
	  1 },
	{ "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48",
	  -2 },
	{ "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
	  0 },
	{ "$GNGGA,235959.999,3351.2345,S,15112.9876,W,4,12,0.5,-12.75,M,,M,,*76",
	  1 },
	{ "$GPGGA,,,,,,0,00,,,M,,M,,*66", 0 },
	{ "$GPGGA,12x519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*0C",
	  -3 },
	{ "GPGGA,123519*00", -1 },
	{ "$GPGGA,123519*0", -1 },
	{ "", -1 },
	{ "$*00", 0 },
};

static void fill_nmea(struct input *input)
{
	size_t which = input->number % ARRAY_SIZE(sentences);

	put(input, sentences[which].text, strlen(sentences[which].text));
	if (input->number < ARRAY_SIZE(sentences))
		expect(input, sentences[which].expected);
	else if (input->len)
		input->bytes[random_below(input, input->len)] =
			"0123456789.-,*$AN"[random_below(input, 17)];
}

static int compare_u32(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

#define PERCENTILES_HEADER	32

static void fill_percentile(struct input *input)
{
	int count = input->number < 4 ? input->number :
					random_below(input, 300);

	random_bytes(input, PERCENTILES_HEADER);
	expect(input, count);
	while (count--)
		put_le(input, random_number(input) >>
			      (32 + random_below(input, 32)), 4);
	random_bytes(input, random_below(input, 4));
	if (input->number == RUNS - 1) {
		input->len = PERCENTILES_HEADER - 1;
		expect(input, -1);
	}
}

static void judge_percentile(const struct input *input, const void *after)
{
	__u32 sorted[CONTEXT_MAX / 4];
	const __u32 *got = after;
	long count = input->expected;

	if (count <= 0)
		return;
	memcpy(sorted, input->bytes + PERCENTILES_HEADER, 4 * count);
	qsort(sorted, count, 4, compare_u32);
	check(!memcmp(got + PERCENTILES_HEADER / 4, sorted, 4 * count));
	check_eq(got[0], sorted[0]);
	check_eq(got[1], sorted[(count - 1) / 2]);
	check_eq(got[4], sorted[count - 1]);
}

static void fill_pid(struct input *input)
{
	put_le(input, (__s64)random_below(input, 1 << 24) - (1 << 23), 8);
	put_le(input, (__s64)random_below(input, 1 << 24) - (1 << 23), 8);
	random_bytes(input, 8);
	/* 0 would have it measure the time */
	put_le(input, 1000 + random_below(input, 100000000), 8);
	if (input->number % 16 == 15) {
		input->len = random_below(input, 32);
		expect(input, -1);
	}
}

static void fill_search(struct input *input)
{
	static const char *const words[] = {
		"error", "timeout", "over-current", "e-stop", "error timeout",
		"erro", "time out", "over-currenterror", "E-stop",
	};
	static const int found[] = { 1, 2, 4, 8, 3, 0, 0, 5, 0 };
	__u32 which = random_below(input, ARRAY_SIZE(words)), count;

	for (count = random_below(input, 100); count; count--)
		put(input, &"er-t os"[random_below(input, 7)], 1);
	/* No word can go on across these */
	put(input, "#", 1);
	put(input, words[which], strlen(words[which]));
	put(input, "#", 1);
	if (input->number % 4 == 0) {
		input->len = 0;
		put(input, words[which], strlen(words[which]));
		expect(input, found[which]);
	}
}

/* The first 17 digests of the authors' list end with this one */
static void fill_siphash(struct input *input)
{
	static const __u64 digests[] = {
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
		0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
		0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462,
		0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
		0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee,
		0xa129ca6149be45e5,
	};
	__u32 i, len = input->number / 2;

	if (len < ARRAY_SIZE(digests)) {
		for (i = 0; i < len; i++)
			put_le(input, i, 1);
		put_le(input, digests[len], 8);
		expect(input, input->number % 2);
		if (!input->expected)
			input->bytes[random_below(input, input->len)] ^= 4;
	} else {
		random_bytes(input, random_below(input, 200));
	}
}

#define DIGEST_LEN	32

static void fill_sha256(struct input *input)
{
	if (input->number == 0)
		put(input, "abc", 3);
	else
		random_bytes(input, random_below(input, 300));
	random_bytes(input, DIGEST_LEN);
	expect(input, input->number + 1);
	if (input->number == RUNS - 1) {
		input->len = DIGEST_LEN - 1;
		expect(input, -1);
	}
}

static void judge_sha256(const struct input *input, const void *after)
{
	static const unsigned char of_abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41,
		0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3,
		0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00,
		0x15, 0xad,
	};

	if (input->number == 0)
		check(!memcmp((const char *)after + 3, of_abc, DIGEST_LEN));
}

/*
 * Comparison
 */

/**
 * struct pair - an example in both forms
 * @example: which one
 * @object: path of the object that clang made for the interpreter
 * @native: handle of the native one
 * @function: the program in it
 * @fd: a scheduler
 * @stream: its completions
 * @prog: the program, loaded into it
 */
struct pair {
	const struct example *example;
	char object[512];
	void *native;
	long (*function)(void *context, unsigned long len);
	int fd;
	struct bpfs_stream *stream;
	struct bpfs_prog *prog;
};

/* As check_ok(), of the library's functions */
#define check_library(call) \
	do { \
		if ((call) < 0) \
			fail("%s failed: %s", #call, bpfs_error()); \
	} while (0)

static void open_native(struct pair *pair)
{
	char path[512], name[64];

	snprintf(name, sizeof(name), "/../../build/native/%s.so",
		 pair->example->name);
	find_file(path, sizeof(path), name);
	pair->native = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!pair->native)
		fail("%s", dlerror());
	pair->function = dlsym(pair->native, pair->example->program);
	if (!pair->function)
		fail("%s", dlerror());
}

static void open_pair(struct pair *pair)
{
	open_native(pair);
	pair->fd = bpfs_sched_open("cloud");
	check_library(pair->fd);
	check_library(bpfs_stream_new(pair->fd, &pair->stream));
	check_library(bpfs_prog_load_file(pair->fd, pair->object,
					  pair->example->program,
					  &pair->prog));
}

static void close_pair(struct pair *pair)
{
	bpfs_prog_free(pair->prog);
	bpfs_stream_free(pair->stream);
	close(pair->fd);
	check(!dlclose(pair->native));
}

static const struct bpfsched_completion *run_input(struct pair *pair,
						   const struct input *input)
{
	const struct bpfsched_completion *completion;
	struct bpfsched_job_desc job;

	bpfs_job_init(&job, bpfs_prog_fd(pair->prog), input->bytes,
		      input->len);
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	check_library(bpfs_sched_submit(pair->fd, &job, 1));
	check_eq(job.error, 0);
	check_library(bpfs_stream_next(pair->stream, -1, &completion));
	return completion;
}

static void compare_run(struct pair *pair, const struct input *input)
{
	const struct bpfsched_completion *got = run_input(pair, input);
	struct input native = *input;
	long r0 = pair->function(native.bytes, native.len);

	if (got->status != BPFSCHED_STATUS_OK)
		fail("%s: context %u: status %s, fault %s at %#llx, slot %u",
		     pair->object, input->number,
		     bpfs_status_name(got->status),
		     bpfs_fault_name(got->fault_kind) ?: "none",
		     got->fault_address, got->fault_pc);
	if (got->r0 != (__u64)r0 || (input->expects && r0 != input->expected))
		fail("%s: context %u: r0 %lld, natively %ld, known %ld",
		     pair->object, input->number, got->r0, r0,
		     input->expects ? input->expected : r0);
	check_eq(got->context_len, input->len);
	if (input->len && memcmp(bpfs_completion_context(got), native.bytes,
				 input->len))
		fail("%s: context %u: other bytes than natively", pair->object,
		     input->number);
	if (pair->example->judge)
		pair->example->judge(input, native.bytes);
}

/* Returns whether the variable could be compared */
static bool compare_global(struct pair *pair, const char *section,
			   const Elf64_Sym *sym, const char *name)
{
	const char *native = dlsym(pair->native, name), *got;
	size_t len;

	if (!native || (strcmp(section, ".bss") && strcmp(section, ".data")))
		return false;
	got = bpfs_prog_section(pair->prog, section, &len);
	if (!got)
		fail("%s: %s", name, bpfs_error());
	check_le(sym->st_value + sym->st_size, len);
	if (memcmp(got + sym->st_value, native, sym->st_size))
		fail("%s: %s is not as natively", pair->object, name);
	return true;
}

/* All that the object has; an example without any has none to be compared */
static void compare_globals(struct pair *pair)
{
	const struct bpfs_elf_section *section;
	unsigned int compared = 0, found = 0;
	struct bpfs_elf elf;
	const Elf64_Sym *sym;
	const char *name;
	size_t i;

	check_library(bpfs_elf_read(&elf, pair->object));
	for (i = 0; i < elf.symbol_count; i++) {
		sym = &elf.symbols[i];
		section = bpfs_elf_section_of(&elf, sym);
		if (!section || ELF64_ST_TYPE(sym->st_info) != STT_OBJECT ||
		    ELF64_ST_BIND(sym->st_info) != STB_GLOBAL)
			continue;
		name = bpfs_elf_symbol_name(&elf, sym);
		if (pair->example->varies &&
		    !strcmp(name, pair->example->varies))
			continue;
		found += strncmp(section->name, ".rodata", 7) != 0;
		compared += compare_global(pair, section->name, sym, name);
	}
	check_eq(compared, found);
	bpfs_elf_free(&elf);
}

static void compare_object(const struct example *example, const char *variant)
{
	struct pair pair = { .example = example };
	struct input input;
	char name[64];
	unsigned int i;

	snprintf(name, sizeof(name), "/../../build/variants/%s/%s.bpf.o",
		 variant, example->name);
	find_file(pair.object, sizeof(pair.object), name);
	open_pair(&pair);
	for (i = 0; i < RUNS; i++) {
		memset(&input, 0, sizeof(input));
		input.number = i;
		input.random = 0x9e3779b97f4a7c15ULL * (i + 1);
		example->fill(&input);
		compare_run(&pair, &input);
	}
	compare_globals(&pair);
	close_pair(&pair);
}

static bool is_there(const char *variant)
{
	char path[512], name[64];

	snprintf(name, sizeof(name), "/../../build/variants/%s", variant);
	find_file(path, sizeof(path), name);
	return !access(path, R_OK);
}

/* At each level of optimization */
static void compare_levels(const struct example *example, const char *cpu)
{
	char variant[32];
	int level;

	for (level = 0; level <= 3; level++) {
		snprintf(variant, sizeof(variant), "O%d-%s", level, cpu);
		if (!is_there(variant))
			skip("no compiler here knows version 4 of the instruction set");
		compare_object(example, variant);
	}
}

/* By each compiler that is here */
static void compare_compilers(const struct example *example)
{
	static const char *const compilers[] = {
		"clang-14", "clang-19", "clang-22",
	};
	unsigned int i, compared = 0;
	char variant[32];

	for (i = 0; i < ARRAY_SIZE(compilers); i++) {
		snprintf(variant, sizeof(variant), "O2-v3-%s", compilers[i]);
		if (!is_there(variant))
			continue;
		compare_object(example, variant);
		compared++;
	}
	if (!compared)
		skip("no compiler here by the name of its version");
}

/* X(name, program, judge, variable that varies) */
#define EXAMPLES(X)						\
	X(add, "add", NULL, NULL)				\
	X(aggregate, "aggregate", NULL, NULL)			\
	X(base64, "encode", judge_base64, NULL)			\
	X(biquad, "lowpass", NULL, NULL)			\
	X(classify, "classify", NULL, NULL)			\
	X(crc32, "check_frame", NULL, NULL)			\
	X(dispatch, "run_script", NULL, NULL)			\
	X(drive, "run_cycle", NULL, NULL)			\
	X(hdlc, "receive_bytes", NULL, NULL)			\
	X(kalman, "estimate", NULL, NULL)			\
	X(lz4, "decompress", NULL, NULL)			\
	X(median, "remove_spikes", NULL, NULL)			\
	X(nmea, "parse_sentence", NULL, NULL)			\
	X(percentile, "percentiles", judge_percentile, NULL)	\
	X(pid, "pid_step", NULL, "last_ns")			\
	X(search, "find_words", NULL, NULL)			\
	X(sha256, "seal_record", judge_sha256, NULL)		\
	X(siphash, "is_authentic", NULL, NULL)

#define DEFINE_TEST(name, cpu)					\
	static void name##_##cpu(void)				\
	{							\
		compare_levels(&example_##name, #cpu);		\
	}

#define DEFINE_EXAMPLE(name, program, judge, varies)		\
	static const struct example example_##name = {		\
		#name, program, fill_##name, judge, varies,	\
	};							\
	DEFINE_TEST(name, v1)					\
	DEFINE_TEST(name, v2)					\
	DEFINE_TEST(name, v3)					\
	DEFINE_TEST(name, v4)					\
	static void name##_compilers(void)			\
	{							\
		compare_compilers(&example_##name);		\
	}

EXAMPLES(DEFINE_EXAMPLE)

#define LIST_TESTS(name, program, judge, varies)		\
	{ "examples." #name ".v1", name##_v1 },			\
	{ "examples." #name ".v2", name##_v2 },			\
	{ "examples." #name ".v3", name##_v3 },			\
	{ "examples." #name ".v4", name##_v4 },			\
	{ "examples." #name ".compilers", name##_compilers },

static const struct ktap_test tests[] = {
	EXAMPLES(LIST_TESTS)
};

int main(int argc, char **argv)
{
	const struct ktap_suite suite = { tests, ARRAY_SIZE(tests), NULL };

	return ktap_main(&suite, argc, argv);
}
