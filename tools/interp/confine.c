// SPDX-License-Identifier: GPL-2.0
/*
 * What a processor does under speculation, done for good: any handler is run on
 * any instruction. Whatever the fields of the instruction and the registers are,
 * nothing may be touched but what is the run's own, and control stays in the
 * program.
 *
 *	interp-confine [--blind] [--share N]
 *
 * The state and the instructions lie in the middle of much that is not mapped.
 * Each attempt is made twice. What of the state is not to be read is full of one
 * byte, then of another; and the second time state and instructions are elsewhere,
 * and what is counted begins with other numbers. What comes out must be the same,
 * so that it depends on no address, either. With --blind the interpreter is one whose checks
 * never refuse (see planted.py), so that what is left is what the masks do. With
 * --share only one attempt of N is made, of each handler.
 *
 * Prints KTAP.
 */
#include <linux/kernel.h>

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "engine.h"
#include "frame.h"
#include "interp.h"
#include "maps.h"
#include "memory.h"
#include "shim.h"

/* The end of a slice; its header would take the processor's registers. */
extern const char interp_threaded_slice[];

/* As far as an index of 32 bits and an offset of 32 bits reach. */
#define RESERVE_BELOW	(16ULL << 30)
#define RESERVE_ABOVE	(128ULL << 30)

#define INSNS		64	/* of the program */
#define AT		32	/* where the hostile ones are */
#define HOSTILE		5
#define DEPTH		3

#define HANDLERS_MAX	65536
#define SAMPLES		1000000

/**
 * struct lab - where handlers are tried
 * @states: the run, in two places
 * @programs: the program's instructions, in two places
 * @state: that of @states which is used
 * @before: what the state was before
 * @insns: that of @programs which is used
 * @image: the program
 * @context: its context
 * @blind: checks never refuse
 * @share: one attempt of so many is made
 * @attempts: attempts so far, those that were not made too
 * @failures: how many there were in this test
 */
static struct lab {
	struct interp_state *states[2];
	struct interp_insn *programs[2];
	struct interp_state *state;
	struct interp_state before;
	struct interp_insn *insns;
	struct interp_image image;
	u8 context[64];
	bool blind;
	u32 share;
	u32 attempts;
	u32 failures;
} lab = { .share = 1 };

static sigjmp_buf escape;
static sig_atomic_t armed;

#define die(format, ...)						\
do {									\
	fprintf(stderr, "interp-confine: " format "\n", ##__VA_ARGS__);	\
	exit(1);							\
} while (0)

static void caught(int number)
{
	if (!READ_ONCE(armed))
		_exit(128 + number);
	siglongjmp(escape, number);
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				       SIGABRT };
	struct sigaction action = { .sa_handler = caught,
				    .sa_flags = SA_NODEFER | SA_ONSTACK };
	static u8 stack[65536];
	const stack_t alternative = { .ss_sp = stack,
				      .ss_size = sizeof(stack) };
	size_t i;

	sigaltstack(&alternative, NULL);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* Memory with nothing around it. */
static void *lonely(size_t size)
{
	const u64 whole = RESERVE_BELOW + RESERVE_ABOVE;
	u8 *room = mmap(NULL, whole, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u64 len = round_up(size, 4096);

	if (room == MAP_FAILED ||
	    mprotect(room + RESERVE_BELOW, len, PROT_READ | PROT_WRITE))
		die("no room in the address space");
	return room + RESERVE_BELOW;
}

static u64 seed = 1;

static u32 random_number(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 32;
}

static void set_maps(void)
{
	static const enum bpf_map_type types[] = { BPF_MAP_TYPE_HASH,
						   BPF_MAP_TYPE_ARRAY };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct bpf_map *map = map_new(types[i], 4, 8, 4, 0);
		const struct bpfsched_map from = {
			.map = map, .readable = true, .writable = true,
		};

		map_fill(map);
		interp_shim.reads++;
		interp_map_init(&lab.image.maps[i], &from);
		interp_shim.reads--;
	}
	lab.image.map_count = ARRAY_SIZE(types);
}

/* Go to one of the two places. */
static void go_to(u32 place)
{
	lab.state = lab.states[place];
	lab.insns = lab.programs[place];
	lab.image.insns = lab.insns;
}

static void set_up(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		lab.states[i] = lonely(sizeof(*lab.state));
		lab.programs[i] = lonely((INSNS + INTERP_PAD) *
					 sizeof(*lab.insns));
	}
	lab.image.count = INSNS;
	lab.image.slots = calloc(INSNS + INTERP_PAD, sizeof(u32));
	lab.image.entry = calloc(INSNS, sizeof(long));
	set_maps();
	catch_signals();
}

/**
 * struct attempt - one way to make the fields of some instructions hostile
 * @at: which of them is; the others are as they should be
 * @off: its offset
 * @imm: its immediate
 * @reg: its registers
 * @regs: all registers are this; 0: they are random
 * @good_imm: the immediate of the others
 * @op: the operation of all
 */
struct attempt {
	u32 at;
	s32 off;
	u64 imm;
	u8 reg;
	u64 regs;
	u64 good_imm;
	u16 op;
};

static void set_insns(const struct attempt *attempt, const void *handler,
		      const void *last)
{
	u32 i;

	for (i = 0; i < INSNS + INTERP_PAD; i++)
		lab.insns[i] = (struct interp_insn) {
			.handler = last, .op = INTERP_EXIT,
		};
	for (i = 0; i < HOSTILE; i++) {
		struct interp_insn *insn = &lab.insns[AT + i];
		bool hostile = i == attempt->at;

		insn->op = attempt->op;
		insn->off = hostile ? attempt->off : 0;
		insn->imm = hostile ? attempt->imm : attempt->good_imm;
		insn->dst = hostile ? attempt->reg : 1;
		insn->src = hostile ? attempt->reg : 2;
	}
	if (handler)
		lab.insns[AT].handler = handler;
}

/* A state in which a call is under way and most of which is not to be read. */
static void set_state(const struct attempt *attempt, u8 secret)
{
	struct interp_state *state = lab.state;
	const struct bpfsched_exec_params params = {
		.image = &lab.image,
		.context = {
			.base = lab.context, .len = sizeof(lab.context),
			.writeonly = lab.blind,
		},
		.budget_insns = 1000000 + secret,
	};
	u32 end, i;

	/* If it may be read, it is no secret. */
	memset(lab.context, lab.blind ? secret : 0, sizeof(lab.context));
	memset(state->nothing, 0, sizeof(state->nothing));
	interp_start(state, &params);
	for (i = 0; i < DEPTH; i++)
		state->frames[i].back = U32_MAX - 7 * i;
	interp_enter_frame(state, DEPTH);
	state->deepest = INTERP_FRAMES - 1;
	/* What ends in the frame may begin in it, and the callers' are in sight. */
	end = state->frame_base + 7 - state->stack;
	memset(state->stack, 0, end);
	memset(state->stack + end, secret, sizeof(state->stack) - end);
	memset(state->text, secret, sizeof(state->text));
	for (i = state->region_count; i < INTERP_REGIONS; i++)
		memset(&state->regions[i].tag, secret,
		       sizeof(state->regions[i].tag));
	for (i = 0; i < BPF_REG_10; i++)
		state->regs[i] = attempt->regs ?: i * 0x0123456789abcdefULL;
	for (i = INTERP_REGS; i < INTERP_REG_SLOTS; i++)
		state->regs[i] = 0;
	state->insn = &lab.insns[AT];
	state->limit = state->insn + BPFSCHED_SAFE_POINT_INSNS;
	state->executed = secret;
	lab.before = *state;
}

#define IS_SAME(field)							\
	!memcmp(&state->field, &before->field, sizeof(state->field))

/* Returns what is wrong with the state that a handler has left, or NULL. */
static const char *judge(void)
{
	const struct interp_state *state = lab.state, *before = &lab.before;
	u64 index = state->insn - lab.insns;
	u64 top = state->frame_base - state->stack;
	u32 i;

	if (index >= INSNS + INTERP_PAD || state->insn != &lab.insns[index])
		return "control is outside of the program";
	if (state->depth >= INTERP_FRAMES || !top ||
	    top % INTERP_FRAME_SIZE || top > sizeof(state->stack))
		return "the frame is outside of the stack";
	if (!IS_SAME(image) || !IS_SAME(insns) || !IS_SAME(insn_count) ||
	    !IS_SAME(host) || !IS_SAME(host_data) || !IS_SAME(executed))
		return "the state has been written to";
	for (i = 0; i < INTERP_REGION_WINDOWS; i++)
		if (i != INTERP_REGION_STACK && !IS_SAME(regions[i]))
			return "a region has been written to";
	if (!lab.blind && !IS_SAME(nothing))
		return "nothing has been written to";
	for (i = 0; i < sizeof(state->stack); i++)
		if (state->stack[i] != before->stack[i] &&
		    i >= (DEPTH + 1) * INTERP_FRAME_SIZE + 7)
			return "a frame that is not live has been written to";
	return NULL;
}

typedef enum interp_end run_t(struct interp_state *state);

/* Returns what is wrong, or NULL. */
static const char *run_once(run_t *run, const struct attempt *attempt,
			    u8 secret)
{
	const char *wrong;
	int number;

	set_state(attempt, secret);
	interp_shim_reset();
	interp_shim.reads = 0;
	interp_shim.stays = 0;
	number = sigsetjmp(escape, 1);
	if (number) {
		WRITE_ONCE(armed, 0);
		return strsignal(number);
	}
	WRITE_ONCE(armed, 1);
	run(lab.state);
	WRITE_ONCE(armed, 0);
	wrong = judge();
	interp_finish(lab.state);
	return wrong;
}

/**
 * struct sight - what a program, or who reads its completion, can see
 * @regs: the registers
 * @fault: what is wrong, and where
 * @context: the context
 * @stack: the frames that are live
 */
struct sight {
	u64 regs[INTERP_REGS];
	struct bpfsched_fault fault;
	u8 context[sizeof(lab.context)];
	u8 stack[DEPTH * INTERP_FRAME_SIZE];
};

static void look(struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	memcpy(sight->regs, lab.state->regs, sizeof(sight->regs));
	sight->fault.kind = lab.state->fault.kind;
	sight->fault.address = lab.state->fault.address;
	memcpy(sight->stack, lab.state->stack, sizeof(sight->stack));
	/* If it may not be read, it is a secret, and differs. */
	if (!lab.blind)
		memcpy(sight->context, lab.context, sizeof(sight->context));
}

static void try(run_t *run, const struct attempt *attempt, const void *handler,
		const void *last, const char *name)
{
	static struct sight sights[2];
	const char *wrong = NULL;
	u32 place;

	for (place = 0; place < 2 && !wrong; place++) {
		go_to(place);
		set_insns(attempt, handler, last);
		wrong = run_once(run, attempt, place ? 0xc5 : 0);
		look(&sights[place]);
	}
	if (!wrong && memcmp(&sights[0], &sights[1], sizeof(sights[0])))
		wrong = "something was read that is not in sight";
	if (!wrong || lab.failures++ >= 5)
		return;
	printf("# %s: %s, by %s %p, field %u: off %d, imm %#llx, register %u\n",
	       wrong, name, handler ? "handler" : "operation", handler,
	       attempt->at, attempt->off, attempt->imm, attempt->reg);
}

#define HANDLE(i)	INTERP_ADDRESS(INTERP_REGION_HANDLES, i)

static const s32 offs[] = { 0, 8, 520, 3000, -520, -100000, S32_MAX, S32_MIN };
static const u64 imms[] = {
	0, INSNS, INSNS + INTERP_PAD, U32_MAX, S32_MAX, 0x5555555555ULL,
	U64_MAX, -100000ULL, HANDLE(0), HANDLE(7), 0x7fffffff00000000ULL,
	INTERP_BACKWARD | 12345678,
};

static const u64 registers[] = {
	0, INTERP_ADDRESS(INTERP_REGION_CONTEXT, 16), HANDLE(0), HANDLE(1), 8,
	-520ULL, INTERP_ADDRESS(INTERP_REGION_STACK, 4096), 1, S64_MIN,
	INTERP_ADDRESS(INTERP_REGION_FUNCTIONS, 0) + U32_MAX,
	INTERP_ADDRESS(9, 0), 1ULL << 47,
};

/* All of them with one of the others at random: that is enough of each. */
static void try_all(run_t *run, u16 op, const void *handler, const void *last,
		    const char *name, u32 more)
{
	u32 at, i, j;

	for (at = 0; at < HOSTILE - 1; at++) {
		for (i = 0; i < more * ARRAY_SIZE(imms); i++) {
			struct attempt attempt = {
				.at = at,
				.off = offs[random_number() % ARRAY_SIZE(offs)],
				.imm = imms[i % ARRAY_SIZE(imms)],
				.reg = random_number() % 4 ? random_number() % 11 :
							     random_number(),
				.op = op,
			};

			j = random_number() % ARRAY_SIZE(registers);
			attempt.regs = registers[j];
			attempt.good_imm = registers[j] == HANDLE(0) ?
					   HANDLE(0) : 0;
			if (random_number() % 4 == 0)
				attempt.regs = attempt.off ?: 1;
			if (lab.attempts++ % lab.share)
				continue;
			try(run, &attempt, handler, last, name);
		}
	}
}

static u32 tests;

static void report(const char *name)
{
	printf("%s %u interp-confine.%s%s\n", lab.failures ? "not ok" : "ok",
	       ++tests, lab.blind ? "blind-" : "", name);
	fflush(stdout);
}

/* The dispatcher that the engine of that name really has. */
static const struct interp_dispatcher *dispatcher_of(const char *name)
{
	static const struct bpf_insn leave[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct bpfsched_code code = {
		.insns = leave, .insn_count = ARRAY_SIZE(leave),
	};
	const struct bpfsched_engine_ops *ops = bpfsched_engine_find(name, true);
	const struct interp_dispatcher *dispatcher;
	struct bpfsched_log log;
	void *image;

	if (!ops || ops->load(&code, &log, &image))
		die("there is no engine %s", name);
	dispatcher = ((struct interp_image *)image)->dispatcher;
	ops->unload(image);
	return dispatcher;
}

static u32 test_switch(void)
{
	run_t *run = dispatcher_of("switch")->run;
	u16 op;

	lab.failures = 0;
	for (op = 0; op < INTERP_OPS; op++)
		try_all(run, op, NULL, NULL, interp_ops[op].name, 40);
	report("switch");
	return lab.failures;
}

#ifdef INTERP_THREADED
/**
 * struct found - a handler
 * @handler: it
 * @op: operation of the first instruction that it was found for
 * @turns: how often each immediate is tried with it
 */
struct found {
	const void *handler;
	u16 op;
	u16 turns;
};

#define TURNS		2
/* These need the handle of a map, too, which comes by chance. */
#define MAP_TURNS	40

static struct found found[HANDLERS_MAX];
static u32 found_count;
static const struct interp_dispatcher *threaded;

/* The place of a handler, or where it is to be. */
static struct found *place_of(const void *handler)
{
	u32 i = ((uintptr_t)handler >> 4) * 2654435761U % HANDLERS_MAX;

	while (found[i].handler && found[i].handler != handler)
		i = (i + 1) % HANDLERS_MAX;
	return &found[i];
}

static bool add_handler(const void *handler, u16 op)
{
	struct found *place = place_of(handler);

	if (place->handler)
		return false;
	*place = (struct found) { handler, op, TURNS };
	found_count++;
	return true;
}

/* Those that have handlers together with others come more often. */
static struct interp_insn random_insn(void)
{
	static const u16 often[] = {
		INTERP_ADD64_K, INTERP_ADD64_X, INTERP_AND64_K, INTERP_MUL64_K,
		INTERP_LSH64_K, INTERP_RSH64_K, INTERP_ARSH64_K, INTERP_MOV64_X,
		INTERP_JNE64_K, INTERP_JEQ64_K, INTERP_JNE64_X, INTERP_JLT64_X,
		INTERP_JGT64_X, INTERP_JA, INTERP_LDXDW, INTERP_STXDW,
		INTERP_LDXB, INTERP_LDXH, INTERP_LDXW, INTERP_LDDW,
		INTERP_HELPER,
	};
	struct interp_insn insn = {
		.op = random_number() % 3 ?
		      often[random_number() % ARRAY_SIZE(often)] :
		      random_number() % (INTERP_OPS + 1),
		.dst = random_number() % 11,
		.src = random_number() % 11,
		.off = random_number() % 4 ? -8 : 0,
	};

	if (insn.op == INTERP_HELPER)
		insn.imm = interp_helper_index(BPF_FUNC_map_lookup_elem);
	else if (random_number() % 2)
		insn.imm = INTERP_BACKWARD;
	else if (random_number() % 2)
		insn.imm = -8ULL;
	return insn;
}

static void find_handlers(void)
{
	static struct interp_insn insns[1000];
	u32 i, turn, fresh = 0;

	for (turn = 0; turn < SAMPLES / ARRAY_SIZE(insns); turn++) {
		fresh = turn % 500 ? fresh : 0;
		for (i = 0; i < ARRAY_SIZE(insns); i++) {
			insns[i] = random_insn();
			/* What is done twice in a row has handlers, too. */
			if (i && random_number() % 3 == 0) {
				insns[i].dst = insns[i - 1].dst;
				if (random_number() % 2) {
					insns[i].op = insns[i - 1].op;
					insns[i].imm = insns[i - 1].imm;
				}
			}
			if (i && random_number() % 3 == 0)
				insns[i].src = insns[i - 1].dst;
			if (random_number() % 4 == 0 &&
			    (insns[i].op == INTERP_LDXDW ||
			     insns[i].op == INTERP_MOV64_X))
				insns[i].src = BPF_REG_10;
			if (random_number() % 4 == 0 &&
			    insns[i].op == INTERP_STXDW)
				insns[i].dst = BPF_REG_10;
		}
		threaded->prepare(insns, ARRAY_SIZE(insns));
		for (i = 0; i < ARRAY_SIZE(insns); i++)
			fresh += add_handler(insns[i].handler, insns[i].op);
	}
	printf("# %u handlers found, %u of them late\n", found_count, fresh);
}

/* Three that may have a handler together, as far as they have one. */
static void add_row(u16 first, u16 second, u16 third, u8 a, u8 b, u64 imm)
{
	struct interp_insn insns[] = {
		{ .op = first, .dst = a, .src = b, .off = -8 },
		{ .op = second, .dst = a, .src = b, .off = -8, .imm = imm },
		{ .op = third, .dst = b, .src = a, .off = -8,
		  .imm = INTERP_BACKWARD },
		{ .op = INTERP_EXIT },
	};
	u8 c;

	for (c = 0; c < BPF_REG_10; c++) {
		insns[1].dst = c;
		insns[1].src = a;
		threaded->prepare(insns, ARRAY_SIZE(insns));
		add_handler(insns[0].handler, first);
		insns[1].dst = a;
		insns[1].src = c;
		threaded->prepare(insns, ARRAY_SIZE(insns));
		add_handler(insns[0].handler, first);
	}
	insns[0].src = BPF_REG_10;
	insns[1].dst = b;
	insns[1].src = BPF_REG_10;
	threaded->prepare(insns, ARRAY_SIZE(insns));
	add_handler(insns[0].handler, first);
	insns[1].dst = b;
	insns[1].src = a;
	insns[0].src = a;
	threaded->prepare(insns, ARRAY_SIZE(insns));
	add_handler(insns[0].handler, first);
}

static void find_rows(void)
{
	static const u16 firsts[] = {
		INTERP_ADD64_K, INTERP_AND64_K, INTERP_MOV64_X, INTERP_LDXB,
		INTERP_LDXH, INTERP_LDXW, INTERP_LDXDW,
	};
	u16 second;
	size_t i;
	u8 a, b;

	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		for (second = 0; second < INTERP_OPS; second++) {
			for (a = 0; a < BPF_REG_10; a++) {
				for (b = 0; b < BPF_REG_10; b++) {
					add_row(firsts[i], second,
						INTERP_JNE64_K, a, b, 0);
					add_row(firsts[i], second, INTERP_EXIT,
						a, b, INTERP_BACKWARD);
				}
			}
		}
	}
}

/* The look-up with what comes before and behind it, which is rare by chance. */
static void find_map_handlers(void)
{
	const struct interp_insn map = { .op = INTERP_LDDW, .dst = 1 };
	const struct interp_insn frame = { .op = INTERP_MOV64_X, .dst = 2,
					   .src = BPF_REG_10 };
	const struct interp_insn key = { .op = INTERP_ADD64_K, .dst = 2,
					 .imm = -8ULL };
	const struct interp_insn call = {
		.op = INTERP_HELPER,
		.imm = interp_helper_index(BPF_FUNC_map_lookup_elem),
	};
	const struct interp_insn test = { .op = INTERP_JEQ64_K };
	const struct interp_insn last = { .op = INTERP_EXIT };
	struct interp_insn insns[] = {
		map, frame, key, call, test, frame, key, map, call, test,
		map, frame, key, call, last, frame, key, map, call, last,
		map, call, test, map, call, last, call, test, call, last,
	};
	size_t i;

	threaded->prepare(insns, ARRAY_SIZE(insns));
	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		add_handler(insns[i].handler, insns[i].op);
		place_of(insns[i].handler)->turns = MAP_TURNS;
	}
}

static u32 test_threaded(void)
{
	u32 i;

	threaded = dispatcher_of("threaded");
	find_rows();
	find_handlers();
	find_map_handlers();
	lab.failures = 0;
	for (i = 0; i < HANDLERS_MAX; i++) {
		const char *name = found[i].op < INTERP_OPS ?
				   interp_ops[found[i].op].name : "CHECKPOINT";

		if (found[i].handler)
			try_all(threaded->run, found[i].op, found[i].handler,
				interp_threaded_slice, name, found[i].turns);
	}
	report("threaded");
	return lab.failures;
}
#endif

static void read_arguments(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--blind"))
			lab.blind = true;
		else if (!strcmp(argv[i], "--share") && i + 1 < argc)
			lab.share = strtoul(argv[++i], NULL, 0);
		else
			die("what is %s?", argv[i]);
	}
	if (!lab.share)
		die("a share of nothing");
}

int main(int argc, char **argv)
{
	u32 failures;

	read_arguments(argc, argv);
	set_up();
#ifdef INTERP_THREADED
	printf("KTAP version 1\n1..2\n");
	failures = test_switch() + test_threaded();
#else
	printf("KTAP version 1\n1..1\n");
	failures = test_switch();
#endif
	return !!failures;
}
