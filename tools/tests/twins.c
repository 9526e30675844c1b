// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that the kernel has, too, do what they do there: the same object is run
 * by the kernel and by bpfsched, with the same arguments, and all that it leaves
 * in memory is compared, and the texts that it prints.
 *
 * What differs on purpose is in differences[] and in Documentation/helpers.rst.
 */
#include "client.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../lib/bpfsched.h"
#include "twins.h"

#define TRACING		"/sys/kernel/tracing/instances/twins"
#define BEYOND		"a lock, beyond the array"
#define LINE_MAX_	1024

/**
 * struct pair - a program in both
 * @name: of the program
 * @object: of the kernel
 * @program: descriptor, of the kernel; -1: the verifier refuses the program
 * @kernel: its variable there
 * @fd: scheduler
 * @prog: of bpfsched
 * @ours: its variable there
 * @pipe: what is traced
 * @cases: how many were run
 * @known: which of differences[] were met
 * @differ: of how many the results differ
 * @wrong: one that differs, and is not known to
 */
struct pair {
	const char *name;
	struct bpf_object *object;
	int program;
	struct twin *kernel;
	int fd;
	struct bpfs_prog *prog;
	struct twin *ours;
	int pipe;
	__u32 cases;
	__u32 known;
	__u32 differ;
	char wrong[4096];
};

/**
 * struct difference - what differs, and is documented in helpers.rst
 * @program: a pattern of names of programs
 * @why: for people
 * @text: the text; NULL: anything
 */
static const struct difference {
	const char *program;
	const char *why;
	const char *text;
} differences[] = {
	{ "twin_snprintf_19", "a flag +", NULL },
	{ "twin_snprintf_21", "a blank as a flag", NULL },
	{ "twin_snprintf_26", "a width of more than 99", NULL },
	{ "twin_snprintf_3[34]", "conversions of pointers", NULL },
	{ "twin_map_*array", "BPF_F_LOCK is looked at first", BEYOND },
	{ "twin_*printk*", "a flag +", "%+d" },
	{ "twin_*printk*", "a blank as a flag", "% d" },
	{ "twin_*printk*", "a width of more than 99", "%100d" },
};

static int quiet(enum libbpf_print_level level, const char *format,
		 va_list args)
{
	(void)args;
	(void)level;
	(void)format;
	return 0;
}

static const char *object_path(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int i;

	check(len > 0);
	path[len] = 0;
	for (i = 0; i < 3; i++)
		*strrchr(path, '/') = 0;
	return strcat(path, "/build/tests/twins.bpf.o");
}

/* Only this program of the object, in the kernel */
static void load_kernel(struct pair *pair)
{
	static char log[65536];
	struct bpf_program *program;
	struct bpf_map *bss;
	bool wanted;

	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		    .kernel_log_size = sizeof(log), .kernel_log_level = 1);
	libbpf_set_print(quiet);
	pair->object = bpf_object__open_file(object_path(), &opts);
	if (!pair->object)
		fail("open %s: %s", object_path(), strerror(errno));
	bpf_object__for_each_program(program, pair->object) {
		check(!bpf_program__set_type(program,
					     BPF_PROG_TYPE_SCHED_CLS));
		wanted = !strcmp(bpf_program__name(program), pair->name);
		check(!bpf_program__set_autoload(program, wanted));
	}
	if (bpf_object__load(pair->object)) {
		/* In kernels without JIT, or without tracing */
		if (strstr(log, "not allowed in non-JITed programs") ||
		    strstr(log, "unknown func"))
			skip("%s: this kernel cannot run it", pair->name);
		/* Only formats are refused */
		if (strncmp(pair->name, "twin_snprintf", 13))
			fail("%s: %s", pair->name, log);
		pair->program = -1;
		return;
	}
	program = bpf_object__find_program_by_name(pair->object, pair->name);
	check(program);
	pair->program = bpf_program__fd(program);
	bss = bpf_object__find_map_by_name(pair->object, ".bss");
	check(bss);
	pair->kernel = mmap(NULL, sizeof(*pair->kernel),
			    PROT_READ | PROT_WRITE, MAP_SHARED,
			    bpf_map__fd(bss), 0);
	check(pair->kernel != MAP_FAILED);
}

/* Both on the same CPU: what programs see of it is the same */
static int open_on_first_cpu(void)
{
	static const cpu_set_t first = { .__bits = { 1 } };
	static const __u64 mask = 1;

	check_ok(sched_setaffinity(0, sizeof(first), &first));
	create_made((struct bpfsched_create){
		.profile = "cloud", .workers = 1,
		.cpus = (uintptr_t)&mask, .cpus_len = sizeof(mask),
	});
	return open_client(MADE, 0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	check_eq(check_ok(write(fd, text, strlen(text))), strlen(text));
	close(fd);
}

static int open_pipe(void)
{
	int fd;

	if (mkdir(TRACING, 0700) && errno != EEXIST)
		fail("%s: %s", TRACING, strerror(errno));
	write_file(TRACING "/events/bpf_trace/bpf_trace_printk/enable", "1");
	write_file(TRACING "/events/bpfsched/bpfsched_printk/enable", "1");
	write_file(TRACING "/trace", "\n");
	fd = open(TRACING "/trace_pipe", O_RDONLY | O_NONBLOCK);
	check(fd >= 0);
	return fd;
}

static void open_pair(struct pair *pair, const char *name)
{
	*pair = (struct pair){ .name = name, .pipe = -1 };
	load_kernel(pair);
	pair->fd = open_on_first_cpu();
	if (bpfs_prog_load_file(pair->fd, object_path(), name, &pair->prog))
		fail("%s: %s", name, bpfs_error());
	pair->ours = bpfs_prog_section(pair->prog, ".bss", NULL);
	if (!pair->ours)
		fail("%s: %s", name, bpfs_error());
}

static void run_kernel(struct pair *pair)
{
	char packet[64] = "";

	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = sizeof(packet));
	check_ok(bpf_prog_test_run_opts(pair->program, &opts));
	check_eq(opts.retval, 0);
}

static void run_ours(struct pair *pair)
{
	struct bpfsched_completion c;

	c = run_program(pair->fd, bpfs_prog_fd(pair->prog));
	if (c.status != BPFSCHED_STATUS_OK)
		fail("%s: status %u, fault %u at %#llx", pair->name, c.status,
		     c.fault_kind, c.fault_address);
	check_eq(c.r0, 0);
}

/* The text that the last run has put into the trace; empty if there is none */
static void read_trace(struct pair *pair, const char *event, char *text)
{
	char line[LINE_MAX_ * 2];
	ssize_t len;
	char *found;

	*text = 0;
	if (pair->pipe < 0)
		return;
	len = read(pair->pipe, line, sizeof(line) - 1);
	if (len < 0) {
		check_eq(errno, EAGAIN);
		return;
	}
	line[len] = 0;
	found = strstr(line, event);
	if (!found)
		fail("no %s in the trace: %s", event, line);
	snprintf(text, LINE_MAX_, "%s", found + strlen(event));
}

/* What the first byte is that differs */
static const char *field_at(size_t at)
{
#define FIELD(name)							\
	do {								\
		if (at >= offsetof(struct twin, name) &&		\
		    at < offsetof(struct twin, name) +			\
			 sizeof(((struct twin *)0)->name))		\
			return #name;					\
	} while (0)
	FIELD(text);
	FIELD(other);
	FIELD(ret);
	FIELD(number);
	FIELD(count);
	FIELD(list);
	FIELD(buf);
#undef FIELD
	return "an argument";
}

static bool is_known(struct pair *pair, const struct twin *in)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(differences); i++) {
		if (fnmatch(differences[i].program, pair->name, 0) ||
		    (differences[i].text &&
		     fnmatch(differences[i].text, in->text, FNM_NOESCAPE)))
			continue;
		pair->known |= 1U << i;
		return true;
	}
	return false;
}

static void note(struct pair *pair, const struct twin *in, const char *field,
		 const char *theirs, const char *ours)
{
	const struct twin *k = pair->kernel, *o = pair->ours;
	size_t len = strlen(pair->wrong);

	pair->differ++;
	if (is_known(pair, in) || len > sizeof(pair->wrong) / 2)
		return;
	snprintf(pair->wrong + len, sizeof(pair->wrong) - len,
		 "\n%s: %s differs: text '%.40s' len %u size %u flags %llx args %llx %llx %llx: kernel %lld number %llx count %llu '%.40s' '%s', bpfsched %lld number %llx count %llu '%.40s' '%s'",
		 pair->name, field, in->text, in->len, in->size, in->flags,
		 in->args[0], in->args[1], in->args[2],
		 k ? k->ret : 0, k ? k->number : 0, k ? k->count : 0,
		 k ? k->buf : "", theirs, o->ret, o->number, o->count, o->buf,
		 ours);
}

/* One case, with the same arguments */
static void compare(struct pair *pair, const struct twin *in)
{
	char theirs[LINE_MAX_], ours[LINE_MAX_];
	const char *k, *o;
	size_t i;

	*pair->ours = *in;
	if (pair->program >= 0) {
		*pair->kernel = *in;
		run_kernel(pair);
		read_trace(pair, "bpf_trace_printk: ", theirs);
	}
	run_ours(pair);
	read_trace(pair, "bpfsched_printk: ", ours);
	pair->cases++;
	/* What the verifier refuses is refused by the helper */
	if (pair->program < 0) {
		if (pair->ours->ret != -EINVAL)
			note(pair, in, "what is refused", "", "");
		return;
	}
	k = (const char *)pair->kernel;
	o = (const char *)pair->ours;
	for (i = 0; i < sizeof(*in); i++) {
		if (k[i] != o[i]) {
			note(pair, in, field_at(i), theirs, ours);
			return;
		}
	}
	if (strcmp(theirs, ours))
		note(pair, in, "the trace", theirs, ours);
}

/* What is said to differ does */
static void check_known(const struct pair *pair)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(differences); i++) {
		if (!fnmatch(differences[i].program, pair->name, 0) &&
		    !differences[i].text && !(pair->known & 1U << i))
			fail("%s: no difference: %s", pair->name,
			     differences[i].why);
	}
}

static void close_pair(struct pair *pair)
{
	check(pair->cases);
	check_known(pair);
	bpfs_prog_free(pair->prog);
	close(pair->fd);
	bpf_object__close(pair->object);
	if (pair->pipe >= 0)
		close(pair->pipe);
	end_made();
	if (*pair->wrong)
		fail("%u of %u differ:%s", pair->differ, pair->cases,
		     pair->wrong);
}

static struct twin fresh(void)
{
	struct twin in = { .ret = 0x5a5a5a5a, .number = 0x1122334455667788,
			   .stop = ~0U };

	memset(in.buf, 0x5a, sizeof(in.buf) - 1);
	return in;
}

static void set_text(struct twin *in, const char *text)
{
	memset(in->text, 0, sizeof(in->text));
	snprintf(in->text, sizeof(in->text), "%s", text);
	in->len = strlen(in->text) + 1;
}

/* Numbers */

static const char *const number_texts[] = {
	"", " ", "    ", "\t\n\v\f\r 1", "0", "1", "-1", "+1", "- 1", "--1",
	"-+1", "-", "+", "00", "07", "08", "0x", "0X", "0x0", "0xf", "0XF",
	"0xg", "x1", "-0x1f", "0x-1f", "1f", "abc", "ABC", "g", "10", "12 34",
	"  42xyz", "  -42", "377", "0377", "-0377", "09", "019", "1_000",
	"2147483647", "2147483648", "-2147483648", "-2147483649",
	"4294967295", "4294967296", "9223372036854775807",
	"9223372036854775808", "-9223372036854775807", "-9223372036854775808",
	"-9223372036854775809", "18446744073709551615",
	"18446744073709551616", "-18446744073709551615",
	"-18446744073709551616", "99999999999999999999999", "0x7fffffffffffffff",
	"0x8000000000000000", "0xffffffffffffffff", "0x10000000000000000",
	"-0x8000000000000000", "-0x8000000000000001", "ffffffffffffffff",
	"1777777777777777777777", "2000000000000000000000",
	"0777777777777777777777", "01777777777777777777777",
	"00000000000000000000000000000000000000000000000000000000000000001",
	"                                                               1",
	"                                                                    2",
	"000000000000000000000000000000000000000000000000000000000000001",
	"00000000000000000000000000000000000000000000000000000000000001",
	"                              -000000000000000000000000000000009",
	"-0", "-00x1", "0x0x1", "\xa0" "1", "1\xa0", "0 x1", "0b11", "0o7",
	"1e5", "1.5", "1,5", "\x01" "1", "1\n2", "0x1 ", "08", "0x\t1",
};

static const __u64 number_flags[] = {
	0, 8, 10, 16, 1, 2, 7, 9, 15, 17, 31, 32, 8 | 32, 10 | 64, 36, ~0ULL,
	1ULL << 32, 10 | 1ULL << 32,
};

/* With the NUL, without it, and cut to some lengths */
static void numbers(const char *name)
{
	size_t text, flags;
	struct pair pair;
	int turn;

	open_pair(&pair, name);
	for (text = 0; text < ARRAY_SIZE(number_texts); text++) {
		for (flags = 0; flags < ARRAY_SIZE(number_flags); flags++) {
			for (turn = 0; turn < 4; turn++) {
				struct twin in = fresh();
				__u32 len;

				set_text(&in, number_texts[text]);
				len = in.len;
				in.flags = number_flags[flags];
				in.len = turn == 0 ? len : turn == 1 ? len - 1 :
					 turn == 2 ? len / 2 : 1;
				if (turn > 1 && flags > 3)
					continue;
				if (in.len)
					compare(&pair, &in);
			}
		}
	}
	close_pair(&pair);
}

static void twin_strtol(void)
{
	numbers("twin_strtol");
}

static void twin_strtoul(void)
{
	numbers("twin_strtoul");
}

/* Comparing */

static void twin_strncmp(void)
{
	static const char *const texts[] = {
		"", "a", "b", "A", "ab", "abc", "abd", "abcd", "ab\xff",
		"ab\x80", "ab\x7f", "\x01", "\xff", "abcdefghijklmnopqrstuvwxyz",
		"abcdefghijklmnopqrstuvwxy", "abcdefghijklmnopqrstuvwxyz0",
	};
	char name[32];
	size_t text;
	int other;
	__u32 len;

	for (other = 0; other < 5; other++) {
		struct pair pair;

		snprintf(name, sizeof(name), "twin_strncmp_%d", other);
		open_pair(&pair, name);
		for (text = 0; text < ARRAY_SIZE(texts); text++) {
			for (len = 1; len < 30; len++) {
				struct twin in = fresh();

				set_text(&in, texts[text]);
				in.len = len;
				compare(&pair, &in);
			}
		}
		close_pair(&pair);
	}
}

/* Printing */

static const __u64 print_args[][2] = {
	{ 0, 0 }, { 1, 2 }, { 42, -42ULL }, { 0x7fffffff, 0x80000000 },
	{ 0xffffffff, 0x100000000 }, { ~0ULL, 1ULL << 63 },
	{ 'x', 0x123456789abcdef0 }, { 300, 10 },
};

#define SNPRINTFS	39

static void twin_snprintf(void)
{
	static const __u32 sizes[] = { 0, 1, 2, 5, 16, 100, 127 };
	static const char *const texts[] = {
		"", "text", "0123456789012345678901234567890123456789",
		"\xc3\xa4 \x01",
	};
	char name[32], wrong[4096] = "";
	int number;
	size_t arg, size, text;

	for (number = 0; number < SNPRINTFS; number++) {
		struct pair pair;

		snprintf(name, sizeof(name), "twin_snprintf_%d", number);
		open_pair(&pair, name);
		for (arg = 0; arg < ARRAY_SIZE(print_args); arg++) {
			for (size = 0; size < ARRAY_SIZE(sizes); size++) {
				struct twin in = fresh();

				text = (arg + size) % ARRAY_SIZE(texts);
				set_text(&in, texts[text]);
				in.args[0] = print_args[arg][0];
				in.args[1] = print_args[arg][1];
				in.size = sizes[size];
				compare(&pair, &in);
			}
		}
		/* All formats, before it fails */
		if (*pair.wrong)
			snprintf(wrong + strlen(wrong),
				 sizeof(wrong) - strlen(wrong), "%.400s",
				 pair.wrong);
		*pair.wrong = 0;
		close_pair(&pair);
	}
	if (*wrong)
		fail("%s", wrong);
}

static const char *const trace_formats[] = {
	"", "plain", "%d", "%i", "%u", "%x", "%X", "%ld", "%li", "%lu", "%lx",
	"%lX", "%lld", "%llu", "%llx", "%llX", "%d %d %d", "%d %d %d %d",
	"%5d|", "%-5d|", "%05d|", "%-05d|", "%0-5d|", "%99d", "%100d", "%c",
	"%3c|%-3c|", "%lc", "%hd", "%hhd", "%%", "%%%%", "%% %d", "%", "% ",
	"%-", "%0", "%l", "%ll", "%lll", "%llld", "%5", "%f", "%e", "%n", "%o",
	"%+d", "% d", "%#x", "%.5d", "%*d", "%zu", "%ju", "%tu", "%Lu", "%qd",
	"%b", "%y", "\t\n", "\a", "\xc3\xa4", "a\x7f", "%d\x01", "%1$d",
	"0123456789012345678901234567890123456789012345678901234567890123456789",
	"%llx %llx %llx", "%12llx|%-12llx|%012llx|", "%x%x%x", "line\n",
};

static void print_all(const char *program, const char *const *formats,
		      size_t count, const char *other)
{
	size_t format, arg;
	struct pair pair;
	int turn;

	open_pair(&pair, program);
	pair.pipe = open_pipe();
	for (format = 0; format < count; format++) {
		for (arg = 0; arg < ARRAY_SIZE(print_args); arg++) {
			for (turn = 0; turn < 2; turn++) {
				struct twin in = fresh();

				set_text(&in, formats[format]);
				/* The final NUL is part of it, or not */
				in.len -= turn;
				in.args[0] = print_args[arg][0];
				in.args[1] = print_args[arg][1];
				in.args[2] = print_args[arg][0] + 1;
				in.args[3] = print_args[arg][1] + 1;
				strcpy(in.other, other);
				if (in.len)
					compare(&pair, &in);
			}
		}
	}
	close_pair(&pair);
}

static void twin_trace(void)
{
	print_all("twin_trace_printk", trace_formats,
		  ARRAY_SIZE(trace_formats), "");
}

static void twin_trace_strings(void)
{
	static const char *const formats[] = {
		"%s", "%s %d %s", "%10s|", "%-10s|%d|%20s|", "%010s|", "%2s|",
		"%ls", "%.3s", "%s%%", "%s %llx %s", "%99s",
	};

	print_all("twin_trace_string", formats, ARRAY_SIZE(formats), "text");
	print_all("twin_trace_string", formats, ARRAY_SIZE(formats), "");
	print_all("twin_trace_string", formats, ARRAY_SIZE(formats),
		  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789");
	print_all("twin_trace_string", formats, ARRAY_SIZE(formats),
		  "\xc3\xa4\x01\x7f");
}

static void twin_vprintk(void)
{
	static const char *const strings[] = {
		"%d %d %d %d %s", "%d %lld %x %llx %s|%d", "%d %d %d %d %-9s|",
	};

	print_all("twin_vprintk_0", trace_formats, ARRAY_SIZE(trace_formats),
		  "");
	print_all("twin_vprintk_1", trace_formats, ARRAY_SIZE(trace_formats),
		  "");
	print_all("twin_vprintk_4", trace_formats, ARRAY_SIZE(trace_formats),
		  "");
	print_all("twin_vprintk_5", strings, ARRAY_SIZE(strings), "text");
}

/* Loops */

static void twin_loop(void)
{
	static const __u32 turns[] = { 0, 1, 2, 5, 31, 32, 33, 1000 };
	static const __u32 stops[] = { 1, 2, 5, 33, ~0U };
	static const __u64 flags[] = { 0, 1, 1ULL << 63 };
	static const __u64 too_many[] = { (1 << 23) + 1, ~0U, 1ULL << 32 };
	size_t turn, stop, flag;
	struct pair pair;

	open_pair(&pair, "twin_loop");
	for (turn = 0; turn < ARRAY_SIZE(turns); turn++) {
		for (stop = 0; stop < ARRAY_SIZE(stops); stop++) {
			for (flag = 0; flag < ARRAY_SIZE(flags); flag++) {
				struct twin in = fresh();

				in.args[0] = turns[turn];
				in.stop = stops[stop];
				in.flags = flags[flag];
				compare(&pair, &in);
			}
		}
	}
	for (turn = 0; turn < ARRAY_SIZE(too_many); turn++) {
		struct twin in = fresh();

		in.args[0] = too_many[turn];
		in.stop = 3;
		compare(&pair, &in);
	}
	close_pair(&pair);
}

/* Maps: the same calls, one after the other */

static const __u64 map_flags[] = {
	BPF_ANY, BPF_ANY, BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK, 3, 8,
	99, 1ULL << 63,
};

static __u32 number_below(__u32 limit)
{
	return rand() % limit;
}

static void play(const char *name, const __u32 *ops, size_t count, int turns,
		 __u32 keys)
{
	static const __u64 cpus[] = { 0, 0, 1, 2, 1000, ~0U, 1ULL << 32 };
	struct pair pair;
	int i;

	open_pair(&pair, name);
	srand(1);
	for (i = 0; i < turns; i++) {
		struct twin in = fresh();

		in.op = ops[number_below(count)];
		in.flags = map_flags[number_below(ARRAY_SIZE(map_flags))];
		in.args[0] = number_below(keys);
		in.args[1] = i;
		in.args[2] = cpus[number_below(ARRAY_SIZE(cpus))];
		in.stop = number_below(3) ? ~0U : number_below(5);
		in.size = in.stop == ~0U || strstr(name, "array");
		if (in.op == TWIN_EACH && number_below(4))
			in.flags = 0;
		if (number_below(50) == 0)
			in.args[0] = ~0U;
		if (in.flags & BPF_F_LOCK && in.args[0] >= TWIN_KEYS)
			set_text(&in, BEYOND);
		compare(&pair, &in);
	}
	close_pair(&pair);
}

#define ELEMENT_OPS	TWIN_LOOKUP, TWIN_UPDATE, TWIN_UPDATE, TWIN_DELETE,	\
			TWIN_EACH, TWIN_ADD

static void twin_maps(const char *name, __u32 keys)
{
	static const __u32 ops[] = { ELEMENT_OPS };

	play(name, ops, ARRAY_SIZE(ops), 1500, keys);
}

static void twin_cpu_maps(const char *name, __u32 keys)
{
	static const __u32 ops[] = { ELEMENT_OPS, TWIN_LOOKUP_CPU };

	play(name, ops, ARRAY_SIZE(ops), 1500, keys);
}

static void twin_array(void)
{
	twin_maps("twin_map_array", TWIN_KEYS + 2);
	twin_cpu_maps("twin_map_cpu_array", TWIN_KEYS + 2);
}

static void twin_hash(void)
{
	/* More than there is room for */
	twin_maps("twin_map_hash", TWIN_KEYS + 2);
	twin_cpu_maps("twin_map_cpu_hash", TWIN_KEYS + 2);
}

static void twin_lru(void)
{
	/* Which element makes room for another is nobody's promise */
	twin_maps("twin_map_lru", TWIN_KEYS / 2);
	twin_cpu_maps("twin_map_cpu_lru", TWIN_KEYS / 2);
}

static void twin_queue(void)
{
	static const __u32 ops[] = { TWIN_PUSH, TWIN_PUSH, TWIN_POP,
				     TWIN_PEEK };

	play("twin_map_queue", ops, ARRAY_SIZE(ops), 1500, 1);
	play("twin_map_stack", ops, ARRAY_SIZE(ops), 1500, 1);
}

/* Clocks: what bpfsched gives lies between what the kernel gives */

#define CLOCKS	5

static void twin_clocks(void)
{
	struct twin before, ours, after, in = fresh();
	struct pair pair;
	int i;

	open_pair(&pair, "twin_clocks");
	*pair.kernel = in;
	*pair.ours = in;
	run_kernel(&pair);
	before = *pair.kernel;
	run_ours(&pair);
	ours = *pair.ours;
	*pair.kernel = in;
	run_kernel(&pair);
	after = *pair.kernel;
	for (i = 0; i < CLOCKS; i++) {
		check_le(before.list[i], ours.list[i]);
		check_le(ours.list[i], after.list[i]);
	}
	check_eq(ours.number, before.number);
	check_eq(ours.count >> 32, 0);
	check_eq(before.count >> 32, 0);
	pair.cases++;
	close_pair(&pair);
}

static const struct ktap_test tests[] = {
	{ "twin.strtol", twin_strtol },
	{ "twin.strtoul", twin_strtoul },
	{ "twin.strncmp", twin_strncmp },
	{ "twin.snprintf", twin_snprintf },
	{ "twin.trace", twin_trace },
	{ "twin.trace-strings", twin_trace_strings },
	{ "twin.vprintk", twin_vprintk },
	{ "twin.loop", twin_loop },
	{ "twin.array", twin_array },
	{ "twin.hash", twin_hash },
	{ "twin.lru", twin_lru },
	{ "twin.queue", twin_queue },
	{ "twin.clocks", twin_clocks },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
