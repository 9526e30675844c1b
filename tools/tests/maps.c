// SPDX-License-Identifier: GPL-2.0
/*
 * Maps of the kernel: what each helper does to each type of them, which maps
 * are refused and why, rights, windows, and elements that stay in sight of a
 * program that is paused. The maps are made and looked at through bpf(2).
 */
#include "client.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <limits.h>
#include <sys/syscall.h>

#include "bpfsched.h"

#define WINDOWS_REGION	64
#define WINDOWS		64
#define HANDLES_REGION	31

/* libbpf returns the errno too, the system call -1 */
static int failing(int ret)
{
	return ret < 0 ? -1 : ret;
}

static int make_map(enum bpf_map_type type, __u32 key_size, __u32 value_size,
		    __u32 entries, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);

	return check_ok(bpf_map_create(type, "test", key_size, value_size,
				       entries, &opts));
}

/* Returns what the ioctl returns */
static int load_with_maps(int fd, const struct bpf_insn *insns, __u32 count,
			  const int *maps, __u32 map_count, char *log,
			  size_t log_size)
{
	struct bpfsched_map_ref refs[64] = {};
	struct bpfsched_prog_load request = {
		.size = sizeof(request),
		.insns = (uintptr_t)insns,
		.insn_count = count,
		.log = (uintptr_t)log,
		.log_size = log_size,
		.maps = (uintptr_t)refs,
		.map_count = map_count,
	};
	__u32 i;

	for (i = 0; i < map_count; i++)
		refs[i].fd = maps[i];
	if (log_size)
		*log = 0;
	return ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request);
}

#define MAP_LOW(dst, index) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_IDX, 0, index)
#define MAP_HIGH	INSN(0, 0, 0, 0, 0)

/*
 * One call of a helper. The context is the struct call below.
 */
struct call {
	__u64 key;
	__u64 value;
	__u64 flags;
};

#define KEY(what)	((struct call){ .key = (what) })
#define PAIR(what, with) \
	((struct call){ .key = (what), .value = (with) })
#define FLAGGED(what, with, how) \
	((struct call){ .key = (what), .value = (with), .flags = (how) })

#define KEY_AT		0
#define VALUE_AT	8
#define FLAGS_AT	16

/* What goes to which register, for the helpers that have no callback */
enum call_form {
	KEY_VALUE_FLAGS,
	VALUE_FLAGS,
};

static enum call_form form_of(int helper)
{
	return helper == BPF_FUNC_map_push_elem ||
	       helper == BPF_FUNC_map_pop_elem ||
	       helper == BPF_FUNC_map_peek_elem ? VALUE_FLAGS :
						  KEY_VALUE_FLAGS;
}

/*
 * A program that calls one helper. It returns what the helper does, but of a
 * look-up 0 or 1, and the value that was found goes to the context.
 */
static int load_call(int fd, int map, int helper)
{
	bool elements = form_of(helper) == KEY_VALUE_FLAGS;
	bool lookup = helper == BPF_FUNC_map_lookup_elem;
	const struct bpf_insn insns[] = {
		MOV_REG(6, 1),
		MAP_LOW(1, 0), MAP_HIGH,
		MOV_REG(2, 6), ALU_IMM(BPF_ADD, 2, elements ? KEY_AT : VALUE_AT),
		MOV_REG(3, 6), ALU_IMM(BPF_ADD, 3, VALUE_AT),
		LOAD(BPF_DW, elements ? 4 : 3, 6, FLAGS_AT),
		CALL_HELPER(helper),
		JUMP_IMM(BPF_JEQ, 0, 0, lookup ? 3 : 0),
		lookup ? LOAD(BPF_DW, 1, 0, 0) : EXIT,
		STORE(BPF_DW, 6, VALUE_AT, 1),
		MOV_IMM(0, 1),
		EXIT,
	};
	char log[512];
	int program = load_with_maps(fd, insns, ARRAY_SIZE(insns), &map, 1, log,
				     sizeof(log));

	if (program < 0)
		fail("refused: %s", log);
	return program;
}

struct outcome {
	struct bpfsched_completion completion;
	struct call call;
};

/* Run a program with the context @call, which comes back */
static struct bpfsched_completion run_call(int fd, int program,
					   struct call *call)
{
	struct bpfsched_job_desc job = job_of(program);
	struct outcome outcome;

	job.context = (uintptr_t)call;
	job.context_len = sizeof(*call);
	job.flags = BPFSCHED_JOB_RETURN_CONTEXT;
	submit_one(fd, job);
	check_eq(check_ok(read(fd, &outcome, sizeof(outcome))),
		 sizeof(outcome));
	*call = outcome.call;
	return outcome.completion;
}

/* Call a helper, which is to return @want; returns the value */
static __u64 call(int fd, int map, int helper, struct call what, __s64 want)
{
	int program = load_call(fd, map, helper);
	struct bpfsched_completion c = run_call(fd, program, &what);

	check_eq(c.status, BPFSCHED_STATUS_OK);
	if ((__s64)c.r0 != want)
		fail("helper %d returned %lld, want %lld", helper,
		     (__s64)c.r0, want);
	close(program);
	return what.value;
}

#define LOOKUP	BPF_FUNC_map_lookup_elem
#define UPDATE	BPF_FUNC_map_update_elem
#define DELETE	BPF_FUNC_map_delete_elem
#define PUSH	BPF_FUNC_map_push_elem
#define POP	BPF_FUNC_map_pop_elem
#define PEEK	BPF_FUNC_map_peek_elem

static bool is_per_cpu(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

/* Values of an element, as many as bpf(2) wants of maps of this type */
static int values_of(enum bpf_map_type type)
{
	return is_per_cpu(type) ? check_ok(libbpf_num_possible_cpus()) : 1;
}

/*
 * A scheduler for jobs that each may look at the element as the one before left
 * it: where each CPU has a value of its own they run on CPU 0, and nowhere else
 */
static int open_for(enum bpf_map_type type)
{
	static const __u64 cpu_0 = 1;

	if (!is_per_cpu(type))
		return open_client(CLOUD, 0);
	create_made((struct bpfsched_create){
		.profile = "cloud",
		.cpus = (uintptr_t)&cpu_0, .cpus_len = sizeof(cpu_0),
	});
	return open_client(MADE, 0);
}

/* The value of an element, as bpf(2) sees it; those of other CPUs are 0 */
static __u64 value_from_outside(enum bpf_map_type type, int map, __u64 key)
{
	int count = values_of(type), i;
	__u64 values[count];

	check_ok(bpf_map_lookup_elem(map, &key, values));
	for (i = 1; i < count; i++)
		check_eq(values[i], 0);
	return values[0];
}

static void helpers_of_arrays(enum bpf_map_type type)
{
	/* Who makes it here bypasses masks, so a power of two for some. */
	__u32 count = is_per_cpu(type) ? 8 : 5;
	int fd = open_for(type);
	int map = make_map(type, 4, 8, count, 0);

	check_eq(call(fd, map, LOOKUP, KEY(4), 1), 0);
	call(fd, map, LOOKUP, KEY(count), 0);
	call(fd, map, LOOKUP, KEY(0xffffffff), 0);
	call(fd, map, UPDATE, PAIR(4, 77), 0);
	check_eq(value_from_outside(type, map, 4), 77);
	check_eq(value_from_outside(type, map, 3), 0);
	call(fd, map, UPDATE, FLAGGED(4, 78, BPF_EXIST), 0);
	check_eq(value_from_outside(type, map, 4), 78);
	call(fd, map, UPDATE, FLAGGED(4, 9, BPF_NOEXIST), -EEXIST);
	call(fd, map, UPDATE, FLAGGED(4, 9, 1ULL << 40), -EINVAL);
	call(fd, map, UPDATE, FLAGGED(4, 9, BPF_F_LOCK), -EINVAL);
	call(fd, map, UPDATE, PAIR(count, 9), -E2BIG);
	call(fd, map, DELETE, KEY(4), -EINVAL);
	check_eq(value_from_outside(type, map, 4), 78);
	check_eq(call(fd, map, LOOKUP, KEY(4), 1), 78);
}

static void helpers_of_hashes(enum bpf_map_type type)
{
	int fd = open_for(type), count = values_of(type), i;
	int map = make_map(type, 8, 8, 1000, 0);
	__u64 key = 5, values[count];

	for (i = 0; i < count; i++)
		values[i] = 123;
	call(fd, map, LOOKUP, KEY(5), 0);
	call(fd, map, UPDATE, FLAGGED(5, 77, BPF_EXIST), -ENOENT);
	call(fd, map, UPDATE, FLAGGED(5, 77, BPF_NOEXIST), 0);
	check_eq(value_from_outside(type, map, 5), 77);
	call(fd, map, UPDATE, FLAGGED(5, 78, BPF_NOEXIST), -EEXIST);
	call(fd, map, UPDATE, FLAGGED(5, 9, BPF_F_LOCK), -EINVAL);
	call(fd, map, UPDATE, PAIR(6, 80), 0);
	check_eq(value_from_outside(type, map, 5), 77);
	check_eq(value_from_outside(type, map, 6), 80);
	check_ok(bpf_map_update_elem(map, &key, values, BPF_EXIST));
	check_eq(call(fd, map, LOOKUP, KEY(5), 1), 123);
	call(fd, map, DELETE, KEY(5), 0);
	call(fd, map, DELETE, KEY(5), -ENOENT);
	check_fails(failing(bpf_map_lookup_elem(map, &key, values)), ENOENT);
	call(fd, map, LOOKUP, KEY(5), 0);
}

static void array(void)
{
	helpers_of_arrays(BPF_MAP_TYPE_ARRAY);
}

static void percpu_array(void)
{
	helpers_of_arrays(BPF_MAP_TYPE_PERCPU_ARRAY);
}

static void hash(void)
{
	helpers_of_hashes(BPF_MAP_TYPE_HASH);
}

static void percpu_hash(void)
{
	helpers_of_hashes(BPF_MAP_TYPE_PERCPU_HASH);
}

static void lru_hash(void)
{
	helpers_of_hashes(BPF_MAP_TYPE_LRU_HASH);
}

static void lru_percpu_hash(void)
{
	helpers_of_hashes(BPF_MAP_TYPE_LRU_PERCPU_HASH);
}

/* The value of each CPU, by its number */
static void lookup_percpu(void)
{
	int fd = open_client(CLOUD, 0), program;
	int map = make_map(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 2, 0);
	int cpus = values_of(BPF_MAP_TYPE_PERCPU_ARRAY), cpu;
	__u64 values[cpus];
	char log[512];

	for (cpu = 0; cpu < cpus; cpu++)
		values[cpu] = 100 + cpu;
	check_ok(bpf_map_update_elem(map, (__u32[]){ 0 }, values, 0));
	for (cpu = 0; cpu < cpus; cpu++) {
		const struct bpf_insn insns[] = {
			MAP_LOW(1, 0), MAP_HIGH, STORE_IMM(BPF_DW, 10, -8, 0),
			MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8),
			MOV_IMM(3, cpu),
			CALL_HELPER(BPF_FUNC_map_lookup_percpu_elem),
			JUMP_IMM(BPF_JEQ, 0, 0, 1), LOAD(BPF_DW, 0, 0, 0), EXIT,
		};

		program = check_ok(load_with_maps(fd, insns, ARRAY_SIZE(insns),
						  &map, 1, log, sizeof(log)));
		check_eq(run_program(fd, program).r0, 100 + cpu);
		close(program);
	}
}

static void full_hash(void)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 8, 2, 0);

	call(fd, map, UPDATE, PAIR(1, 1), 0);
	call(fd, map, UPDATE, PAIR(2, 2), 0);
	call(fd, map, UPDATE, PAIR(3, 3), -E2BIG);
	call(fd, map, UPDATE, PAIR(2, 4), 0);
	check_eq(value_from_outside(BPF_MAP_TYPE_HASH, map, 2), 4);
}

static void queue_and_stack(enum bpf_map_type type, __u64 first, __u64 second)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(type, 0, 8, 2, 0);
	__u64 value;

	call(fd, map, PEEK, PAIR(0, 9), -ENOENT);
	check_eq(call(fd, map, POP, PAIR(0, 9), -ENOENT), 0);
	call(fd, map, PUSH, PAIR(0, 1), 0);
	call(fd, map, PUSH, PAIR(0, 2), 0);
	call(fd, map, PUSH, PAIR(0, 3), -E2BIG);
	call(fd, map, PUSH, FLAGGED(0, 3, BPF_NOEXIST), -EINVAL);
	check_eq(call(fd, map, PEEK, (struct call){}, 0), first);
	check_eq(call(fd, map, POP, (struct call){}, 0), first);
	check_ok(bpf_map_lookup_and_delete_elem(map, NULL, &value));
	check_eq(value, second);
	call(fd, map, POP, (struct call){}, -ENOENT);
}

static void queue(void)
{
	queue_and_stack(BPF_MAP_TYPE_QUEUE, 1, 2);
}

static void stack(void)
{
	queue_and_stack(BPF_MAP_TYPE_STACK, 2, 1);
}

/* What a type cannot do faults, and so does what is no map */
static void call_faults(int fd, int map, int helper)
{
	int program = load_call(fd, map, helper);
	struct call context = {};
	struct bpfsched_completion c = run_call(fd, program, &context);

	check_eq(c.status, BPFSCHED_STATUS_FAULT);
	check_eq(c.fault_kind, BPFSCHED_FAULT_HANDLE);
	check_eq(c.fault_address, (__u64)HANDLES_REGION << 32);
	check_eq(c.fault_pc, 8);
	close(program);
}

static void wrong_type(void)
{
	int fd = open_client(CLOUD, 0);
	int hash_map = make_map(BPF_MAP_TYPE_HASH, 8, 8, 4, 0);
	int array_map = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	int queue_map = make_map(BPF_MAP_TYPE_QUEUE, 0, 8, 4, 0);

	call_faults(fd, hash_map, PUSH);
	call_faults(fd, hash_map, POP);
	call_faults(fd, array_map, PEEK);
	call_faults(fd, hash_map, BPF_FUNC_map_lookup_percpu_elem);
	call_faults(fd, queue_map, LOOKUP);
	call_faults(fd, queue_map, UPDATE);
	call_faults(fd, queue_map, DELETE);
	call_faults(fd, queue_map, BPF_FUNC_for_each_map_elem);
}

/* Run instructions with one map, which are to fault */
static void faults(int fd, int map, const struct bpf_insn *insns, __u32 count,
		   __u32 kind, __u64 address, __u32 pc)
{
	char log[512];
	int program = load_with_maps(fd, insns, count, &map, 1, log,
				     sizeof(log));
	struct bpfsched_completion c;

	if (program < 0)
		fail("refused: %s", log);
	c = run_program(fd, program);
	check_eq(c.status, BPFSCHED_STATUS_FAULT);
	check_eq(c.fault_kind, kind);
	check_eq(c.fault_address, address);
	check_eq(c.fault_pc, pc);
	close(program);
}

#define FAULTS(fd, map, kind, address, pc, ...) \
	do { \
		const struct bpf_insn insns_[] = { __VA_ARGS__ }; \
		faults(fd, map, insns_, ARRAY_SIZE(insns_), kind, address, \
		       pc); \
	} while (0)

#define STACK_END	(STACK_REGION + FRAME_SIZE)

static void no_map(void)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 8, 4, 0);

	FAULTS(fd, map, BPFSCHED_FAULT_HANDLE, 0, 3,
	       MOV_IMM(1, 0), MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8),
	       CALL_HELPER(LOOKUP), EXIT);
	FAULTS(fd, map, BPFSCHED_FAULT_HANDLE,
	       ((__u64)HANDLES_REGION << 32) + 1, 5,
	       MAP_LOW(1, 0), MAP_HIGH, ALU_IMM(BPF_ADD, 1, 1),
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8),
	       CALL_HELPER(LOOKUP), EXIT);
	/* A handle is no memory */
	FAULTS(fd, map, BPFSCHED_FAULT_READ, (__u64)HANDLES_REGION << 32, 2,
	       MAP_LOW(1, 0), MAP_HIGH, LOAD(BPF_B, 0, 1, 0), EXIT);
}

static void bad_buffers(void)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 16, 4, 0);
	int queue_map = make_map(BPF_MAP_TYPE_QUEUE, 0, 16, 4, 0);

	/* A key that is one byte too short, and one that is nowhere */
	FAULTS(fd, map, BPFSCHED_FAULT_READ, STACK_END - 7, 4,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 10),
	       ALU_IMM(BPF_ADD, 2, -7), CALL_HELPER(LOOKUP), EXIT);
	FAULTS(fd, map, BPFSCHED_FAULT_READ, 0x12345678, 3,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_IMM(2, 0x12345678),
	       CALL_HELPER(DELETE), EXIT);
	/* A value that is too short, one below the stack */
	FAULTS(fd, map, BPFSCHED_FAULT_READ, STACK_END - 15, 6,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 10),
	       ALU_IMM(BPF_ADD, 2, -8), MOV_REG(3, 10),
	       ALU_IMM(BPF_ADD, 3, -15), CALL_HELPER(UPDATE), EXIT);
	FAULTS(fd, map, BPFSCHED_FAULT_READ, STACK_REGION - 1, 6,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 10),
	       ALU_IMM(BPF_ADD, 2, -8), MOV_REG(3, 10),
	       ALU_IMM(BPF_ADD, 3, -513), CALL_HELPER(UPDATE), EXIT);
	/* Room that is too short, and room that is a handle */
	FAULTS(fd, queue_map, BPFSCHED_FAULT_WRITE, STACK_END - 15, 4,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 10),
	       ALU_IMM(BPF_ADD, 2, -15), CALL_HELPER(POP), EXIT);
	FAULTS(fd, queue_map, BPFSCHED_FAULT_WRITE,
	       (__u64)HANDLES_REGION << 32, 3,
	       MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 1), CALL_HELPER(PEEK),
	       EXIT);
}

/* What an element is beside: nothing, in a window; the next, in an array */
static void bounds(void)
{
	int fd = open_client(CLOUD, 0);
	int hash_map = make_map(BPF_MAP_TYPE_HASH, 8, 12, 4, 0);
	int array_map = make_map(BPF_MAP_TYPE_ARRAY, 4, 12, 3, 0);
	__u64 window = (__u64)WINDOWS_REGION << 32;
	__u64 elements = 32ULL << 32;
	__u64 key = 0, value[2] = {};

	check_ok(bpf_map_update_elem(hash_map, &key, value, 0));
	FAULTS(fd, hash_map, BPFSCHED_FAULT_READ, window + 9, 7,
	       STORE_IMM(BPF_DW, 10, -8, 0), MAP_LOW(1, 0), MAP_HIGH,
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP),
	       LOAD(BPF_W, 1, 0, 8), LOAD(BPF_W, 1, 0, 9), EXIT);
	FAULTS(fd, hash_map, BPFSCHED_FAULT_WRITE, window - 1, 7,
	       STORE_IMM(BPF_DW, 10, -8, 0), MAP_LOW(1, 0), MAP_HIGH,
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP),
	       STORE_IMM(BPF_B, 0, 11, 1), STORE_IMM(BPF_B, 0, -1, 1), EXIT);
	/* Three elements of 12 bytes, 16 bytes apart */
	FAULTS(fd, array_map, BPFSCHED_FAULT_WRITE, elements + 44, 8,
	       STORE_IMM(BPF_DW, 10, -8, 1), MAP_LOW(1, 0), MAP_HIGH,
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP),
	       STORE_IMM(BPF_W, 0, 0, 5), STORE_IMM(BPF_B, 0, 27, 6),
	       STORE_IMM(BPF_B, 0, 28, 6), EXIT);
	check_ok(bpf_map_lookup_elem(array_map, (__u32[]){ 1 }, value));
	check_eq(value[0], 5);
	check_ok(bpf_map_lookup_elem(array_map, (__u32[]){ 2 }, value));
	check_eq(value[1], 6 << 24);
}

/*
 * Refusals
 */
static void refused(int map, const char *reason)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };
	int fine = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	const int maps[] = { fine, fine, map };
	int fd = open_client(CLOUD, 0);
	char log[512];

	check_fails(load_with_maps(fd, insns, 2, maps, 3, log, sizeof(log)),
		    EINVAL);
	if (strncmp(log, "map 2: ", 7) || !strstr(log, reason))
		fail("log \"%s\", want \"map 2: \" and \"%s\"", log, reason);
	close(fine);
	close(map);
	close(fd);
}

static void refusals(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, rdonly, .map_flags = BPF_F_RDONLY_PROG |
							     BPF_F_WRONLY);

	refused(make_map(BPF_MAP_TYPE_HASH, 4, 8, 10, BPF_F_NO_PREALLOC),
		"BPF_F_NO_PREALLOC");
	refused(make_map(BPF_MAP_TYPE_LPM_TRIE, 8, 8, 10, BPF_F_NO_PREALLOC),
		"type 11");
	refused(make_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 10, 0), "type 3");
	refused(make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, sysconf(_SC_PAGESIZE), 0),
		"type 27");
	refused(make_map(BPF_MAP_TYPE_HASH, 513, 8, 10, 0), "513");
	refused(make_map(BPF_MAP_TYPE_PERCPU_HASH, 8, 517, 10, 0), "517");
	refused(check_ok(bpf_map_create(BPF_MAP_TYPE_ARRAY, "test", 4, 8, 1,
					&rdonly)), "neither");
}

/* Beyond what the header of this machine may know; see the kernel's uapi/linux/bpf.h */
struct exclusive_map {
	__u32 type, key_size, value_size, max_entries;
	__u8 other[64];
	__u64 program_hash;	/* Linux 6.18 */
	__u32 program_hash_size;
	__u32 pad;
};

/* A map for one program of the kernel alone is for none of ours. */
static void exclusive(void)
{
	static const __u8 hash[32] = { 1 };
	struct exclusive_map attr = {
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
		.program_hash = (__u64)(unsigned long)hash,
		.program_hash_size = sizeof(hash),
	};
	struct exclusive_map plain = attr;
	int map;

	plain.program_hash = 0;
	plain.program_hash_size = 0;
	close(check_ok(syscall(SYS_bpf, BPF_MAP_CREATE, &plain, sizeof(plain))));
	map = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (map < 0 && errno == EINVAL)
		skip("no map of this kernel is for one program only");
	refused(check_ok(map), "exclusive");
}

static void bad_descriptors(void)
{
	const struct bpf_insn insns[] = { MOV_IMM(0, 0), EXIT };
	const struct bpf_insn no_map_1[] = { MAP_LOW(1, 1), MAP_HIGH, EXIT };
	const struct bpf_insn half[] = {
		MAP_LOW(1, 0), INSN(0, 0, 0, 0, 1), EXIT
	};
	int map = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	int many[33], fd = open_client(CLOUD, 0), i;
	char log[512];

	check_fails(load_with_maps(fd, insns, 2, (int[]){ map, -1 }, 2, log,
				   sizeof(log)), EBADF);
	check(strstr(log, "map 1: descriptor -1"));
	check_fails(load_with_maps(fd, insns, 2, &fd, 1, log, sizeof(log)),
		    EINVAL);
	check(strstr(log, "map 0: descriptor"));
	check_fails(load_with_maps(fd, no_map_1, 3, &map, 1, log, sizeof(log)),
		    EINVAL);
	check(strstr(log, "instruction 0: there is no map 1"));
	check_fails(load_with_maps(fd, half, 3, &map, 1, log, sizeof(log)),
		    EINVAL);
	check(strstr(log, "instruction 1"));
	for (i = 0; i < 33; i++)
		many[i] = map;
	check_ok(load_with_maps(fd, insns, 2, many, 32, log, sizeof(log)));
	check_fails(load_with_maps(fd, insns, 2, many, 33, log, sizeof(log)),
		    E2BIG);
}

/* The structure as it was before there were maps, and as it may become */
static void old_structure(void)
{
	static const struct bpf_insn insns[] = { MOV_IMM(0, 5), EXIT };
	struct {
		struct bpfsched_prog_load load;
		__u64 more;
	} request = { .load = {
		.size = 88,
		.insns = (uintptr_t)insns,
		.insn_count = 2,
		/* Behind the end of the structure as this caller knows it */
		.maps = 1,
		.map_count = 1000,
		.followup_count = 7,
	} };
	int fd = open_client(CLOUD, 0);
	const unsigned int old = _IOC(_IOC_READ | _IOC_WRITE,
				      BPFSCHED_IOC_MAGIC, 0x01, 88);
	int program = check_ok(ioctl(fd, old, &request));

	check_eq(run_program(fd, program).r0, 5);
	request.load.size = sizeof(request.load);
	check_fails(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request), E2BIG);
	request.load.map_count = 1;
	request.load.followup_count = 0;
	check_fails(ioctl(fd, BPFSCHED_IOC_PROG_LOAD, &request), EFAULT);
}

/*
 * Rights
 */
static void store_to_element(int fd, int map, __u32 kind)
{
	FAULTS(fd, map, kind, 32ULL << 32, 6,
	       STORE_IMM(BPF_DW, 10, -8, 0), MAP_LOW(1, 0), MAP_HIGH,
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP),
	       STORE_IMM(BPF_B, 0, 0, 1), EXIT);
}

static void load_from_element(int fd, int map, __u32 kind)
{
	FAULTS(fd, map, kind, 32ULL << 32, 6,
	       STORE_IMM(BPF_DW, 10, -8, 0), MAP_LOW(1, 0), MAP_HIGH,
	       MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP),
	       LOAD(BPF_B, 0, 0, 0), EXIT);
}

/* The flags of the descriptor, and those of the map */
static void read_only_maps(void)
{
	static const __u32 flags[] = { BPF_F_RDONLY, BPF_F_RDONLY_PROG };
	int fd = open_client(CLOUD, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		int array_map = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 2, flags[i]);
		int hash_map = make_map(BPF_MAP_TYPE_HASH, 4, 8, 2, flags[i]);
		int queue_map = make_map(BPF_MAP_TYPE_QUEUE, 0, 8, 2, flags[i]);

		check_eq(call(fd, array_map, LOOKUP, KEY(1), 1), 0);
		store_to_element(fd, array_map, BPFSCHED_FAULT_WRITE);
		call(fd, array_map, UPDATE, PAIR(1, 5), -EPERM);
		call(fd, hash_map, UPDATE, PAIR(1, 5), -EPERM);
		call(fd, hash_map, DELETE, KEY(1), -EPERM);
		call(fd, queue_map, PUSH, PAIR(0, 5), -EPERM);
		call(fd, queue_map, POP, PAIR(0, 5), -EPERM);
		call(fd, queue_map, PEEK, PAIR(0, 5), -ENOENT);
	}
}

static void write_only_maps(void)
{
	static const __u32 flags[] = { BPF_F_WRONLY, BPF_F_WRONLY_PROG };
	int fd = open_client(CLOUD, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		int array_map = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 2, flags[i]);
		int hash_map = make_map(BPF_MAP_TYPE_HASH, 4, 8, 2, flags[i]);
		int queue_map = make_map(BPF_MAP_TYPE_QUEUE, 0, 8, 2, flags[i]);

		load_from_element(fd, array_map, BPFSCHED_FAULT_READ);
		call(fd, array_map, UPDATE, PAIR(1, 5), 0);
		call(fd, hash_map, UPDATE, PAIR(1, 5), 0);
		call(fd, hash_map, DELETE, KEY(1), 0);
		call(fd, queue_map, PUSH, PAIR(0, 5), 0);
		call(fd, queue_map, POP, PAIR(0, 5), -EPERM);
		call(fd, queue_map, PEEK, PAIR(0, 5), -EPERM);
	}
}

/* Frozen: user space cannot change it any more, nor through a program */
static void frozen_maps(void)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);

	check_ok(bpf_map_freeze(map));
	store_to_element(fd, map, BPFSCHED_FAULT_WRITE);
	call(fd, map, UPDATE, PAIR(1, 5), -EPERM);
}

/*
 * All rights: what a helper may do with a descriptor is what bpf(2) may do with
 * the same, which is asked, in this kernel, as the test goes. What is known here is
 * only which commands of bpf(2) do what a helper, or an access to what was looked
 * up, does. The flags of the map itself bind programs alone, so for these there is
 * the rule of the kernel's verifier, bpf_map_flags_to_cap(), for whatever right
 * bpf(2) has asked for. The verifier is asked too, for it may ask for more.
 */
#define BIT(number)	(1U << (number))
#define COMMAND(name)	BIT(BPF_MAP_##name##_ELEM)
#define NEXT_KEY	BIT(BPF_MAP_GET_NEXT_KEY)

/* The kinds of maps that can do it */
enum {
	ELEMENTS = 1,
	PER_CPU = 2,
	QUEUES = 4,
};

/**
 * struct operation - a call, and an access to what it has looked up
 * @name: for people
 * @kinds: of maps
 * @helper: the call
 * @access: code of the access, 0: none
 * @imm: its immediate
 * @commands: what bpf(2) does it by, by bits; 0: nothing of the value is seen
 * @unlike: the verifier asks for a right that this does not take, or it cannot be
 *	asked
 */
struct operation {
	const char *name;
	__u32 kinds;
	int helper;
	__u8 access;
	__s32 imm;
	__u32 commands;
	bool unlike;
};

#define ATOMIC	(BPF_STX | BPF_ATOMIC | BPF_DW)

#define ACCESS(name_, kinds_, helper_, code, imm_, commands_, ...) \
	{ .name = name_, .kinds = kinds_, .helper = helper_, .access = code, \
	  .imm = imm_, .commands = commands_, __VA_ARGS__ }

/* The verifier takes any atomic operation for a load, too */
#define ACCESSES(name, kinds, helper) \
	ACCESS(name, kinds, helper, 0, 0, 0), \
	ACCESS(name ", load", kinds, helper, BPF_LDX | BPF_MEM | BPF_DW, 0, \
	       COMMAND(LOOKUP)), \
	ACCESS(name ", store", kinds, helper, BPF_STX | BPF_MEM | BPF_DW, 0, \
	       COMMAND(UPDATE)), \
	ACCESS(name ", atomic", kinds, helper, ATOMIC, BPF_ADD, \
	       COMMAND(UPDATE), .unlike = true), \
	ACCESS(name ", atomic that fetches", kinds, helper, ATOMIC, \
	       BPF_ADD | BPF_FETCH, COMMAND(LOOKUP) | COMMAND(UPDATE)), \
	ACCESS(name ", exchange", kinds, helper, ATOMIC, BPF_XCHG, \
	       COMMAND(LOOKUP) | COMMAND(UPDATE)), \
	ACCESS(name ", comparing exchange", kinds, helper, ATOMIC, \
	       BPF_CMPXCHG, COMMAND(LOOKUP) | COMMAND(UPDATE))

static const struct operation operations[] = {
	ACCESSES("look-up", ELEMENTS, LOOKUP),
	ACCESSES("look-up for a CPU", PER_CPU,
		 BPF_FUNC_map_lookup_percpu_elem),
	{ "update", ELEMENTS, UPDATE, .commands = COMMAND(UPDATE) },
	{ "delete", ELEMENTS, DELETE, .commands = COMMAND(DELETE) },
	/* Without types of functions the verifier refuses it */
	{ "for-each", ELEMENTS, BPF_FUNC_for_each_map_elem,
	  .commands = COMMAND(LOOKUP) | NEXT_KEY, .unlike = true },
	{ "push", QUEUES, PUSH, .commands = COMMAND(UPDATE) },
	{ "pop", QUEUES, POP, .commands = COMMAND(LOOKUP_AND_DELETE) },
	{ "peek", QUEUES, PEEK, .commands = COMMAND(LOOKUP) },
};

/* How the descriptor was come by */
enum origin {
	MADE_SO,
	OPENED_SO,
	FROZEN,
	ORIGINS,
};

static const char *const origins[] = { "made", "opened", "frozen, opened" };

/**
 * struct descriptor - a map, and a descriptor with which it is tried
 * @type: of the map
 * @origin: how the descriptor was come by
 * @flags: those of the descriptor and those of the map
 * @full: a descriptor with all rights
 * @fd: the one in question
 */
struct descriptor {
	enum bpf_map_type type;
	enum origin origin;
	__u32 flags;
	int full;
	int fd;
};

static bool is_queue(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_QUEUE || type == BPF_MAP_TYPE_STACK;
}

static bool is_of_array(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static __u32 kinds_of(enum bpf_map_type type)
{
	if (is_queue(type))
		return QUEUES;
	return ELEMENTS | (is_per_cpu(type) ? PER_CPU : 0);
}

/* Another descriptor of a map */
static int open_again(int map, __u32 flags)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = flags);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	check_ok(bpf_obj_get_info_by_fd(map, &info, &len));
	return check_ok(bpf_map_get_fd_by_id_opts(info.id, &opts));
}

/* What the operation before has taken out comes back */
static void fill(const struct descriptor *map)
{
	__u64 key = 0, values[values_of(map->type)];
	bool queue = is_queue(map->type);
	int err;

	memset(values, 0, sizeof(values));
	err = bpf_map_update_elem(map->full, queue ? NULL : &key, values,
				  queue ? BPF_EXIST : BPF_ANY);
	if (err && map->origin != FROZEN)
		fail("no element: %s", strerror(errno));
}

static struct descriptor describe(enum bpf_map_type type, enum origin origin,
				  __u32 flags)
{
	__u32 of_descriptor = flags & (BPF_F_RDONLY | BPF_F_WRONLY);
	__u32 key_size = is_queue(type) ? 0 : is_of_array(type) ? 4 : 8;
	struct descriptor map = { .type = type, .flags = flags };
	/* Of a constant array of more than one the verifier knows no value */
	int made = make_map(type, key_size, 8, is_of_array(type) ? 1 : 4,
			    origin == MADE_SO ? flags : flags & ~of_descriptor);
	int opened = open_again(made, origin == MADE_SO ? 0 : of_descriptor);

	map.full = origin == MADE_SO ? opened : made;
	map.fd = origin == MADE_SO ? made : opened;
	fill(&map);
	map.origin = origin;
	if (origin == FROZEN)
		check_ok(bpf_map_freeze(map.full));
	return map;
}

static void close_both(const struct descriptor *map)
{
	close(map->full);
	close(map->fd);
}

/* Whether bpf(2) has the right to one of its commands, whatever comes of it */
static bool is_permitted(const struct descriptor *map, enum bpf_cmd command)
{
	__u64 key = 0, next, values[values_of(map->type)];
	void *at = is_queue(map->type) ? NULL : &key;

	memset(values, 0, sizeof(values));
	fill(map);
	switch (command) {
	case BPF_MAP_LOOKUP_ELEM:
		return !bpf_map_lookup_elem(map->fd, at, values) ||
		       errno != EPERM;
	case BPF_MAP_UPDATE_ELEM:
		return !bpf_map_update_elem(map->fd, at, values, 0) ||
		       errno != EPERM;
	case BPF_MAP_DELETE_ELEM:
		return !bpf_map_delete_elem(map->fd, at) || errno != EPERM;
	case BPF_MAP_LOOKUP_AND_DELETE_ELEM:
		return !bpf_map_lookup_and_delete_elem(map->fd, at, values) ||
		       errno != EPERM;
	case BPF_MAP_GET_NEXT_KEY:
		return !bpf_map_get_next_key(map->fd, NULL, &next) ||
		       errno != EPERM;
	default:
		fail("command %d is not known", command);
	}
}

static bool are_permitted(const struct descriptor *map, __u32 commands)
{
	int command;

	for (command = 0; command < 32; command++)
		if (commands & 1U << command && !is_permitted(map, command))
			return false;
	return true;
}

/* Whether what bpf(2) refuses to a descriptor with these flags is part of it */
static bool takes_more_than(const struct operation *operation,
			    enum bpf_map_type type, __u32 flags)
{
	const struct descriptor map = describe(type, OPENED_SO, flags);
	bool refused = !are_permitted(&map, operation->commands);

	close_both(&map);
	return refused;
}

/* bpf_map_flags_to_cap(): what is left to programs of that which it takes */
static bool is_left_to_programs(const struct operation *operation,
				const struct descriptor *map)
{
	if (map->flags & BPF_F_RDONLY_PROG &&
	    takes_more_than(operation, map->type, BPF_F_RDONLY))
		return false;
	return !(map->flags & BPF_F_WRONLY_PROG) ||
	       !takes_more_than(operation, map->type, BPF_F_WRONLY);
}

#define CALLBACK	11	/* the slot behind the last */

/* The same for both, but for how it names the map; returns how many slots */
static __u32 draw_operation(const struct operation *operation,
			    struct bpf_insn map_low, struct bpf_insn *insns)
{
	bool queue = operation->kinds == QUEUES;
	const struct bpf_insn call[] = {
		STORE_IMM(BPF_DW, 10, -8, 0), STORE_IMM(BPF_DW, 10, -16, 0),
		map_low, MAP_HIGH,
		MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, queue ? -16 : -8),
		MOV_REG(3, 10), ALU_IMM(BPF_ADD, 3, -16),
		MOV_IMM(4, 0),
		CALL_HELPER(operation->helper), EXIT,
	};
	const struct bpf_insn callback[] = { MOV_IMM(0, 0), EXIT };
	const struct bpf_insn access[] = {
		JUMP_IMM(BPF_JNE, 0, 0, 2), MOV_IMM(0, -ENOENT), EXIT,
		MOV_REG(2, 0), MOV_IMM(0, 0), MOV_IMM(1, 0),
		operation->access == (BPF_LDX | BPF_MEM | BPF_DW) ?
			LOAD(BPF_DW, 1, 2, 0) :
		operation->access ?
			INSN(operation->access, 2, 1, 0, operation->imm) :
			MOV_IMM(1, 0),
		MOV_IMM(0, 0), EXIT,
	};

	memcpy(insns, call, sizeof(call));
	if (operation->helper != UPDATE) {
		insns[6] = MOV_IMM(3, 0);
		insns[7] = MOV_IMM(3, 0);
	}
	if (operation->helper == BPF_FUNC_for_each_map_elem) {
		insns[4] = INSN(BPF_LD | BPF_DW | BPF_IMM, 2, BPF_PSEUDO_FUNC,
				0, CALLBACK - 4 - 1);
		insns[5] = INSN(0, 0, 0, 0, 0);
		memcpy(insns + CALLBACK, callback, sizeof(callback));
		return CALLBACK + ARRAY_SIZE(callback);
	}
	if (operation->helper != LOOKUP &&
	    operation->helper != BPF_FUNC_map_lookup_percpu_elem)
		return CALLBACK;
	memcpy(insns + CALLBACK - 1, access, sizeof(access));
	return CALLBACK - 1 + ARRAY_SIZE(access);
}

/* Whether the kernel loads a program of its own that does it */
static bool is_verified(const struct operation *operation,
			const struct descriptor *map)
{
	struct bpf_insn insns[32];
	__u32 count = draw_operation(operation,
				     INSN(BPF_LD | BPF_DW | BPF_IMM, 1,
					  BPF_PSEUDO_MAP_FD, 0, map->full),
				     insns);
	int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "rights",
				    "GPL", insns, count, NULL);

	if (program < 0 && errno != EACCES)
		fail("%s: the kernel refuses it: %s", operation->name,
		     strerror(errno));
	if (program < 0)
		return false;
	close(program);
	return true;
}

/* Whether a program can have the map, and is not refused what it does */
static bool is_allowed(int fd, const struct operation *operation,
		       const struct descriptor *map)
{
	struct bpfsched_completion c;
	struct bpf_insn insns[32];
	__u32 count = draw_operation(operation, MAP_LOW(1, 0), insns);
	char log[512];
	int program;

	fill(map);
	program = load_with_maps(fd, insns, count, &map->fd, 1, log,
				 sizeof(log));
	if (program < 0 && strstr(log, "neither read nor written"))
		return false;
	if (program < 0)
		fail("%s: refused: %s", operation->name, log);
	c = run_program(fd, program);
	close(program);
	if (!operation->access) {
		check_eq(c.status, BPFSCHED_STATUS_OK);
		return (__s64)c.r0 != -EPERM;
	}
	if (c.status == BPFSCHED_STATUS_OK) {
		check_eq(c.r0, 0);
		return true;
	}
	check_eq(c.status, BPFSCHED_STATUS_FAULT);
	check(c.fault_kind == BPFSCHED_FAULT_READ ||
	      c.fault_kind == BPFSCHED_FAULT_WRITE);
	return false;
}

static void describe_failure(const struct operation *operation,
			     const struct descriptor *map, const char *what)
{
	fail("%s, type %d, %s with flags %#x: %s", operation->name, map->type,
	     origins[map->origin], map->flags, what);
}

/* Returns whether it is allowed */
static bool try_operation(int fd, const struct operation *operation,
			  const struct descriptor *map)
{
	bool can_be_had = are_permitted(map, COMMAND(LOOKUP)) &&
			  !(map->flags & BPF_F_WRONLY_PROG);
	bool want, got = is_allowed(fd, operation, map);

	/* What can be neither read nor written is no program's */
	can_be_had |= are_permitted(map, COMMAND(UPDATE)) &&
		      !(map->flags & BPF_F_RDONLY_PROG);
	want = can_be_had && are_permitted(map, operation->commands) &&
	       is_left_to_programs(operation, map);
	if (got != want)
		describe_failure(operation, map, got ?
				 "allowed, which the kernel refuses" :
				 "refused, which the kernel allows");
	if (got && !operation->unlike && !is_verified(operation, map))
		describe_failure(operation, map,
				 "allowed, which the verifier refuses");
	return got;
}

static void all_rights(enum bpf_map_type type)
{
	static const __u32 of_descriptors[] = { 0, BPF_F_RDONLY, BPF_F_WRONLY };
	static const __u32 of_maps[] = { 0, BPF_F_RDONLY_PROG,
					 BPF_F_WRONLY_PROG };
	int fd = open_client(CLOUD, 0);
	__u32 i, j, k, allowed = 0, tried = 0;
	enum origin origin;

	for (i = 0; i < ORIGINS * ARRAY_SIZE(of_descriptors); i++) {
		origin = i / ARRAY_SIZE(of_descriptors);
		for (j = 0; j < ARRAY_SIZE(of_maps); j++) {
			const struct descriptor map = describe(type, origin,
				of_descriptors[i % ARRAY_SIZE(of_descriptors)] |
				of_maps[j]);

			for (k = 0; k < ARRAY_SIZE(operations); k++) {
				if (!(operations[k].kinds & kinds_of(type)))
					continue;
				allowed += try_operation(fd, &operations[k],
							 &map);
				tried++;
			}
			close_both(&map);
		}
	}
	printf("# %u of %u allowed\n", allowed, tried);
	check(allowed && allowed < tried);
}

static void rights_to_array(void)
{
	all_rights(BPF_MAP_TYPE_ARRAY);
}

static void rights_to_percpu_array(void)
{
	all_rights(BPF_MAP_TYPE_PERCPU_ARRAY);
}

static void rights_to_hash(void)
{
	all_rights(BPF_MAP_TYPE_HASH);
}

static void rights_to_percpu_hash(void)
{
	all_rights(BPF_MAP_TYPE_PERCPU_HASH);
}

static void rights_to_lru_hash(void)
{
	all_rights(BPF_MAP_TYPE_LRU_HASH);
}

static void rights_to_lru_percpu_hash(void)
{
	all_rights(BPF_MAP_TYPE_LRU_PERCPU_HASH);
}

static void rights_to_queue(void)
{
	all_rights(BPF_MAP_TYPE_QUEUE);
}

static void rights_to_stack(void)
{
	all_rights(BPF_MAP_TYPE_STACK);
}

/*
 * A look-up that nothing may be read by tells that an element is there. So does
 * bpf(2), to whoever may write.
 */
static void look_up_tells_no_more(void)
{
	static const enum bpf_map_type types[] = {
		BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH,
	};
	__u64 key = 0, value = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		const struct descriptor map = describe(types[i], OPENED_SO,
						       BPF_F_WRONLY);

		check_fails(failing(bpf_map_lookup_elem(map.fd, &key, &value)),
			    EPERM);
		check_fails(failing(bpf_map_update_elem(map.fd, &key, &value,
							BPF_NOEXIST)), EEXIST);
		close_both(&map);
	}
}

/* The program holds its maps; without privileges, what the descriptor allows */
static void without_privileges(void)
{
	int fd = open_client(CLOUD, 0);
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 8, 4, 0);
	int program;
	struct call context = { .key = 3, .value = 33 };

	check_ok(setuid(65534));
	check_fails(failing(bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "test", 8, 8,
					   4, NULL)), EPERM);
	program = load_call(fd, map, UPDATE);
	check_eq(run_call(fd, program, &context).status, BPFSCHED_STATUS_OK);
	close(program);
	program = load_call(fd, map, LOOKUP);
	close(map);
	context.value = 0;
	check_eq(run_call(fd, program, &context).r0, 1);
	check_eq(context.value, 33);
}

/*
 * Windows
 */

/* Look up the element at r7; its address is in r0 then */
#define LOOK_UP_R7 \
	STORE(BPF_DW, 10, -8, 7), MAP_LOW(1, 0), MAP_HIGH, MOV_REG(2, 10), \
	ALU_IMM(BPF_ADD, 2, -8), CALL_HELPER(LOOKUP)

/*
 * Look up element 0, its address being kept in r6, then the elements from 1 to
 * @others, and read the first.
 */
static int load_looking(int fd, int map, __u32 others)
{
	const struct bpf_insn insns[] = {
		MOV_IMM(7, 0), LOOK_UP_R7, MOV_REG(6, 0),
		ALU_IMM(BPF_ADD, 7, 1),
		LOOK_UP_R7,
		LOAD(BPF_DW, 1, 0, 0), ALU_REG(BPF_ADD, 8, 1),
		JUMP_IMM(BPF_JNE, 7, others, -10),
		LOAD(BPF_DW, 0, 6, 0),
		ALU_REG(BPF_ADD, 0, 8),
		EXIT,
	};
	char log[512];
	int program = load_with_maps(fd, insns, ARRAY_SIZE(insns), &map, 1, log,
				     sizeof(log));

	if (program < 0)
		fail("refused: %s", log);
	return program;
}

static int map_of_numbers(__u64 count)
{
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 8, count, 0);
	__u64 key, value;

	for (key = 0; key < count; key++) {
		value = 1000 + key;
		check_ok(bpf_map_update_elem(map, &key, &value, 0));
	}
	return map;
}

static void windows(void)
{
	int fd = open_client(CLOUD, 0);
	int map = map_of_numbers(4 * WINDOWS);
	struct bpfsched_completion c;
	__u64 want = 1000, i;

	for (i = 1; i < WINDOWS; i++)
		want += 1000 + i;
	c = run_program(fd, load_looking(fd, map, WINDOWS - 1));
	check_eq(c.status, BPFSCHED_STATUS_OK);
	check_eq(c.r0, want);
	/* One more, and the first is gone */
	c = run_program(fd, load_looking(fd, map, WINDOWS));
	check_eq(c.status, BPFSCHED_STATUS_FAULT);
	check_eq(c.fault_kind, BPFSCHED_FAULT_WINDOW);
	check_eq(c.fault_address, (__u64)WINDOWS_REGION << 32);
	check_eq(c.fault_pc, 18);
	c = run_program(fd, load_looking(fd, map, 3 * WINDOWS));
	check_eq(c.fault_kind, BPFSCHED_FAULT_WINDOW);
}

/*
 * Programs of maps.bpf.c, through the library
 */
static struct bpfs_prog *load_program(int fd, const char *name,
				      const char *pins)
{
	struct bpfs_image *image;
	struct bpfs_prog *prog;
	char path[PATH_MAX];
	ssize_t len = check_ok(readlink("/proc/self/exe", path,
					sizeof(path) - 64));

	path[len] = 0;
	strcpy(strstr(path, "/tools/bin/"), "/build/tests/maps.bpf.o");
	if (bpfs_image_open(path, name, &image) ||
	    (pins && bpfs_image_pin_maps(image, pins)) ||
	    bpfs_prog_load(fd, image, &prog))
		fail("%s", bpfs_error());
	bpfs_image_free(image);
	return prog;
}

static struct bpfsched_job_desc job_with(const struct bpfs_prog *prog,
					 const __u64 *context)
{
	struct bpfsched_job_desc job = job_of(bpfs_prog_fd(prog));

	job.context = (uintptr_t)context;
	job.context_len = sizeof(*context);
	return job;
}

static int map_of(const struct bpfs_prog *prog, const char *name)
{
	return check_ok(bpfs_prog_map_fd(prog, name));
}

/* What a program writes is seen outside while it runs, and the other way */
static void seen_from_outside(void)
{
	int fd = open_client(CLOUD, 0), map;
	struct bpfs_prog *prog = load_program(fd, "hammer", NULL);
	__u64 turns = 100000000000, key = 7, value = 0, last = 0, id;
	struct bpfsched_job_desc job = job_with(prog, &turns);

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	map = map_of(prog, "counts");
	check_ok(bpf_map_update_elem(map, &key, &value, 0));
	id = submit_one(fd, job);
	while (last < 3) {
		check_ok(bpf_map_lookup_elem(map, &key, &value));
		last += value > last;
		wait_a_little();
	}
	value = 1ULL << 60;
	check_ok(bpf_map_update_elem(map_of(prog, "numbers"), (__u32[]){ 3 },
				     &value, 0));
	do {
		check_ok(bpf_map_lookup_elem(map_of(prog, "numbers"),
					     (__u32[]){ 3 }, &value));
	} while (value <= 1ULL << 60);
	/* It stops as soon as its element is gone */
	check_ok(bpf_map_delete_elem(map, &key));
	check_eq(read_completion(fd).id, id);
}

/* Eight jobs on one element of each map lose nothing */
static void atomics_lose_nothing(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfs_prog *prog = load_program(fd, "hammer", NULL);
	struct bpfsched_job_desc jobs[8];
	__u64 turns = 5000, key = 7, value = 0;
	size_t i;

	check_ok(bpf_map_update_elem(map_of(prog, "counts"), &key, &value, 0));
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = job_with(prog, &turns);
	submit_all(fd, jobs, ARRAY_SIZE(jobs));
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct bpfsched_completion c = read_completion(fd);

		check_eq(c.status, BPFSCHED_STATUS_OK);
		check_eq(c.r0, 0);
	}
	check_ok(bpf_map_lookup_elem(map_of(prog, "counts"), &key, &value));
	check_eq(value, ARRAY_SIZE(jobs) * turns);
	check_ok(bpf_map_lookup_elem(map_of(prog, "numbers"), (__u32[]){ 3 },
				     &value));
	check_eq(value, ARRAY_SIZE(jobs) * turns);
}

#define ELEMENTS	5
#define PAUSES		1000

static struct bpfs_prog *load_survey(int fd)
{
	struct bpfs_prog *prog = load_program(fd, "survey", NULL);
	__u64 key, value;

	for (key = 0; key < ELEMENTS; key++) {
		value = 100 * key + 3;
		check_ok(bpf_map_update_elem(map_of(prog, "counts"), &key,
					     &value, 0));
	}
	return prog;
}

static __u64 *variable(struct bpfs_prog *prog, int index)
{
	size_t len;
	__u64 *bss = bpfs_prog_section(prog, ".bss", &len);

	if (!bss)
		fail("%s", bpfs_error());
	check_ge(len, 2 * sizeof(*bss));
	return &bss[index];
}

static __u32 preemptions_of(int fd, __u64 id)
{
	struct bpfsched_job_info info[2];
	struct bpfsched_jobs request = {
		.size = sizeof(request),
		.count = ARRAY_SIZE(info),
		.info_size = sizeof(info[0]),
		.jobs = (uintptr_t)info,
	};

	check_ok(ioctl(fd, BPFSCHED_IOC_JOBS, &request));
	check_eq(request.count, 1);
	check_eq(info[0].id, id);
	return info[0].preemptions;
}

#define ARRIVALS_NS	500000

/* As the other jobs, for as long as it takes */
static struct bpfsched_job_desc
survey_job(const struct bpfs_prog *prog, const __u64 *key)
{
	struct bpfsched_job_desc job = job_with(prog, key);

	job.budget_insns = BPFSCHED_BUDGET_UNLIMITED;
	return job;
}

/*
 * A job with a deadline takes over from whatever has none, again and again,
 * until its client is closed. It is the timer that releases it: a system call
 * for each pause would take far longer than the pause.
 */
static void keep_taking_over(int fd)
{
	struct bpfsched_job_desc job = job_of(load_quick(fd));

	job.flags = BPFSCHED_JOB_DEADLINE_REL;
	job.deadline_ns = HOUR_NS;
	job.period_ns = ARRIVALS_NS;
	submit_one(fd, job);
}

/* Wait until a job was paused @count times by the one that keeps taking over */
static void wait_paused(int fd, __u64 id, int urgent, __u32 count)
{
	struct bpfsched_completion completions[64];

	while (preemptions_of(fd, id) < count) {
		check_ok(read(urgent, completions, sizeof(completions)));
		poll(NULL, 0, 10);
	}
}

/*
 * A program is paused a thousand times, in a callback, five frames deep, with
 * pointers into a hash, and comes to what it comes to without a pause.
 */
static void pointers_outlive_pauses(void)
{
	int fd = open_unlimited(), urgent = open_client(MADE, 0);
	struct bpfs_prog *prog = load_survey(fd);
	__u64 *first = variable(prog, 0), *second = variable(prog, 1);
	__u64 key = 2, i, id, *allowed, *reached;
	struct bpfsched_job_desc job = survey_job(prog, &key);
	struct bpfsched_completion without, with;

	/* The program sets but one of the two variables */
	*first = *second = ELEMENTS + 1;
	without = run_job(fd, job);
	check_eq(without.status, BPFSCHED_STATUS_OK);
	reached = *first == ELEMENTS ? first : second;
	allowed = reached == first ? second : first;
	check_eq(*reached, ELEMENTS);

	*allowed = 0;
	*reached = 0;
	id = submit_one(fd, job);
	keep_taking_over(urgent);
	for (i = 1; i <= ELEMENTS; i++) {
		while (__atomic_load_n(reached, __ATOMIC_RELAXED) < i)
			wait_a_little();
		wait_paused(fd, id, urgent, i * PAUSES / ELEMENTS);
		set_flag(allowed, i);
	}
	with = read_completion(fd);
	check_eq(with.status, BPFSCHED_STATUS_OK);
	check_ge(with.preemptions, PAUSES);
	check_eq(with.r0, without.r0);
	bpfs_prog_free(prog);
	close(urgent);
}

/* Wait until a survey is in its first callback, and paused there */
static __u64 pause_survey(int fd, int urgent, struct bpfs_prog *prog,
			  struct bpfsched_job_desc job)
{
	struct bpfsched_job_desc takes_over =
		endless_job_of(load_endless(urgent));
	__u64 id = submit_one(fd, job);

	takes_over.flags = BPFSCHED_JOB_DEADLINE_REL;
	takes_over.deadline_ns = HOUR_NS;
	while (!__atomic_load_n(variable(prog, 0), __ATOMIC_RELAXED) &&
	       !__atomic_load_n(variable(prog, 1), __ATOMIC_RELAXED))
		wait_a_little();
	submit_one(urgent, takes_over);
	while (!preemptions_of(fd, id))
		wait_a_little();
	return id;
}

/* What a walk has collected is freed however its run ends: see kmemleak */
static void walks_that_do_not_end(void)
{
	int fd = open_unlimited(), urgent = open_client(MADE, 0);
	struct bpfs_prog *prog = load_survey(fd);
	__u64 key = 2;
	struct bpfsched_job_desc job = job_with(prog, &key);
	struct bpfsched_completion c;
	__u64 id;

	job.budget_insns = 100000;
	c = run_job(fd, job);
	check_eq(c.status, BPFSCHED_STATUS_BUDGET);

	*variable(prog, 0) = *variable(prog, 1) = 0;
	job = survey_job(prog, &key);
	id = pause_survey(fd, urgent, prog, job);
	check_ok(cancel(fd, id));
	check_eq(read_completion(fd).status, BPFSCHED_STATUS_CANCELLED);
	close(urgent);
	wait_idle(fd);

	urgent = open_client(MADE, 0);
	*variable(prog, 0) = *variable(prog, 1) = 0;
	pause_survey(fd, urgent, prog, job);
	bpfs_prog_free(prog);
	close(fd);
	close(urgent);
}

static void walk_of_an_array(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfs_prog *prog = load_program(fd, "add_numbers", NULL);
	__u64 context = 0, value;
	__u32 i;

	for (i = 0; i < 4; i++) {
		value = 5 - i;
		check_ok(bpf_map_update_elem(map_of(prog, "numbers"), &i,
					     &value, 0));
	}
	check_eq(run_job(fd, job_with(prog, &context)).r0, 5555);
}

static void walk_that_deletes(void)
{
	int fd = open_client(CLOUD, 0);
	struct bpfs_prog *prog = load_program(fd, "clear", NULL);
	int map = map_of(prog, "counts");
	__u64 key, left, next, count = 0;

	for (key = 0; key < 50; key++)
		check_ok(bpf_map_update_elem(map, &key, &key, 0));
	/* The call that stops counts too */
	left = 20;
	check_eq(run_job(fd, job_with(prog, &left)).r0, 21);
	left = 1000;
	check_eq(bpf_map_get_next_key(map, NULL, &key), 0);
	for (count = 1; !bpf_map_get_next_key(map, &key, &next); count++)
		key = next;
	check_eq(count, 30);
	check_eq(run_job(fd, job_with(prog, &left)).r0, 30);
	check_fails(failing(bpf_map_get_next_key(map, NULL, &key)), ENOENT);
	check_eq(run_job(fd, job_with(prog, &left)).r0, 0);
}

/* A hash with room for more elements than a walk collects, and flags */
static void walks_that_are_refused(void)
{
	const struct bpf_insn insns[] = {
		MAP_LOW(6, 0), MAP_HIGH,
		MOV_REG(1, 6),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 2, BPF_PSEUDO_FUNC, 0, 9),
		INSN(0, 0, 0, 0, 0),
		MOV_IMM(3, 0), MOV_IMM(4, 1),
		CALL_HELPER(BPF_FUNC_for_each_map_elem),
		JUMP_IMM(BPF_JNE, 0, -EINVAL, 3),
		MOV_REG(1, 6), MOV_IMM(4, 0),
		CALL_HELPER(BPF_FUNC_for_each_map_elem),
		EXIT,
		MOV_IMM(0, 0), EXIT,
	};
	const __u32 rooms[] = { 65536, 65537 };
	int fd = open_client(CLOUD, 0), map, program, i;
	__u64 key;
	char log[512];

	for (i = 0; i < 2; i++) {
		map = make_map(BPF_MAP_TYPE_HASH, 8, 8, rooms[i], 0);
		program = check_ok(load_with_maps(fd, insns,
						  ARRAY_SIZE(insns), &map, 1,
						  log, sizeof(log)));
		if (rooms[i] > 65536) {
			check_eq((__s64)run_program(fd, program).r0,
				 (__u64)-E2BIG);
			continue;
		}
		check_eq(run_program(fd, program).r0, 0);
		for (key = 0; key < 65536; key++)
			check_ok(bpf_map_update_elem(map, &key, &key, 0));
		check_eq(run_program(fd, program).r0, 65536);
	}
}

#define STAYING		2000
#define GOING		2000
#define WALKS		100

/* Half of the elements go once more if this is 1, which is then set to 0. */
static __u64 *to_go;

static void go_on_demand(int map)
{
	__u64 key;

	for (;;) {
		while (!__atomic_load_n(to_go, __ATOMIC_RELAXED))
			sched_yield();
		for (key = STAYING; key < STAYING + GOING; key++)
			bpf_map_delete_elem(map, &key);
		set_flag(to_go, 0);
	}
}

/*
 * However many elements are deleted while a walk collects its keys, and while it
 * calls back: those that stay come once each.
 */
static void walks_of_what_is_deleted(void)
{
	const struct bpf_insn insns[] = {
		MAP_LOW(1, 0), MAP_HIGH,
		INSN(BPF_LD | BPF_DW | BPF_IMM, 2, BPF_PSEUDO_FUNC, 0, 5),
		INSN(0, 0, 0, 0, 0),
		MOV_IMM(3, 0), MOV_IMM(4, 0),
		CALL_HELPER(BPF_FUNC_for_each_map_elem),
		EXIT,
		/* Slot 8, the callback: each counts how often it came. */
		MOV_IMM(0, 1),
		INSN(BPF_STX | BPF_DW | BPF_ATOMIC, 3, 0, 0, BPF_ADD),
		MOV_IMM(0, 0), EXIT,
	};
	int map = make_map(BPF_MAP_TYPE_HASH, 8, 8, STAYING + GOING, 0);
	int fd = open_client(CLOUD, 0), program, i, walks = 0;
	__u64 key, value = 0;
	__s64 count;
	char log[512];
	pid_t pid;

	to_go = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(to_go != MAP_FAILED);
	program = check_ok(load_with_maps(fd, insns, ARRAY_SIZE(insns), &map, 1,
					  log, sizeof(log)));
	for (key = 0; key < STAYING; key++)
		check_ok(bpf_map_update_elem(map, &key, &value, 0));
	pid = meanwhile(go_on_demand, map);
	for (i = 0; i < WALKS; i++) {
		for (key = STAYING; key < STAYING + GOING; key++)
			check_ok(bpf_map_update_elem(map, &key, &value, 0));
		set_flag(to_go, 1);
		count = run_program(fd, program).r0;
		while (__atomic_load_n(to_go, __ATOMIC_RELAXED))
			sched_yield();
		/* What has changed too often says so. */
		if (count == -EAGAIN)
			continue;
		check_ge(count, STAYING);
		check_le(count, STAYING + GOING);
		walks++;
	}
	check_ok(kill(pid, SIGKILL));
	check_eq(waitpid(pid, NULL, 0), pid);
	for (key = 0; key < STAYING; key++) {
		check_ok(bpf_map_lookup_elem(map, &key, &value));
		check_eq(value, walks);
	}
	check_ge(walks, 1);
}

/* Maps that are pinned are found again, by the next program and by bpf(2) */
static void pinned_maps(void)
{
	int fd = open_client(CLOUD, 0), map;
	const char *dir = "/sys/fs/bpf/bpfsched-test";
	struct bpfs_image *image = NULL;
	struct bpfs_prog *prog;
	__u64 key = 11, value;
	int i;

	unlink("/sys/fs/bpf/bpfsched-test/counts");
	unlink("/sys/fs/bpf/bpfsched-test/numbers");
	for (i = 0; i < 3; i++) {
		prog = load_program(fd, "count", dir);
		check_eq(run_job(fd, job_with(prog, &key)).status,
			 BPFSCHED_STATUS_OK);
		bpfs_prog_free(prog);
	}
	map = check_ok(bpf_obj_get("/sys/fs/bpf/bpfsched-test/counts"));
	check_ok(bpf_map_lookup_elem(map, &key, &value));
	check_eq(value, 3);
	/* Another kind of map under that name */
	check_ok(unlink("/sys/fs/bpf/bpfsched-test/counts"));
	map = make_map(BPF_MAP_TYPE_HASH, 8, 8, 63, 0);
	check_ok(bpf_obj_pin(map, "/sys/fs/bpf/bpfsched-test/counts"));
	check_eq(bpfs_image_raw("", (struct bpf_insn[]){
			MAP_LOW(1, 0), MAP_HIGH, EXIT
		 }, 3 * sizeof(struct bpf_insn), &image), 0);
	check_eq(bpfs_image_add_map(image, &(struct bpfs_image_map){
			.name = "counts", .type = BPF_MAP_TYPE_HASH,
			.key_size = 8, .value_size = 8, .max_entries = 64,
		 }), 0);
	check_eq(bpfs_image_use_map(image, "none", dir), -ENOENT);
	check_eq(bpfs_image_pin_maps(image, dir), 0);
	check_eq(bpfs_prog_load(fd, image, &prog), -EINVAL);
	check(strstr(bpfs_error(), "another kind of map"));
	check_eq(bpfs_image_use_map(image, "counts", "/sys/fs/bpf/none"),
		 0);
	check_eq(bpfs_prog_load(fd, image, &prog), -ENOENT);
	bpfs_image_free(image);
}

static const struct ktap_test tests[] = {
	{ "maps.array", array },
	{ "maps.percpu_array", percpu_array },
	{ "maps.hash", hash },
	{ "maps.percpu_hash", percpu_hash },
	{ "maps.lru_hash", lru_hash },
	{ "maps.lru_percpu_hash", lru_percpu_hash },
	{ "maps.full_hash", full_hash },
	{ "maps.lookup_percpu", lookup_percpu },
	{ "maps.queue", queue },
	{ "maps.stack", stack },
	{ "maps.wrong_type", wrong_type },
	{ "maps.no_map", no_map },
	{ "maps.bad_buffers", bad_buffers },
	{ "maps.bounds", bounds },
	{ "maps.refusals", refusals },
	{ "maps.exclusive", exclusive },
	{ "maps.bad_descriptors", bad_descriptors },
	{ "maps.old_structure", old_structure },
	{ "maps.read_only", read_only_maps },
	{ "maps.write_only", write_only_maps },
	{ "maps.frozen", frozen_maps },
	{ "maps.rights_to_array", rights_to_array },
	{ "maps.rights_to_percpu_array", rights_to_percpu_array },
	{ "maps.rights_to_hash", rights_to_hash },
	{ "maps.rights_to_percpu_hash", rights_to_percpu_hash },
	{ "maps.rights_to_lru_hash", rights_to_lru_hash },
	{ "maps.rights_to_lru_percpu_hash", rights_to_lru_percpu_hash },
	{ "maps.rights_to_queue", rights_to_queue },
	{ "maps.rights_to_stack", rights_to_stack },
	{ "maps.look_up_tells_no_more", look_up_tells_no_more },
	{ "maps.without_privileges", without_privileges },
	{ "maps.windows", windows },
	{ "maps.seen_from_outside", seen_from_outside },
	{ "maps.atomics_lose_nothing", atomics_lose_nothing },
	{ "maps.pointers_outlive_pauses", pointers_outlive_pauses },
	{ "maps.walks_that_do_not_end", walks_that_do_not_end },
	{ "maps.walk_of_an_array", walk_of_an_array },
	{ "maps.walk_that_deletes", walk_that_deletes },
	{ "maps.walks_that_are_refused", walks_that_are_refused },
	{ "maps.walks_of_what_is_deleted", walks_of_what_is_deleted },
	{ "maps.pinned", pinned_maps },
};

int main(int argc, char **argv)
{
	return client_main(tests, ARRAY_SIZE(tests), argc, argv);
}
