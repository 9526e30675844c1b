// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own interpreter, which the engines are compared with.
 *
 * A program is either one that the kernel has loaded by itself, or is made here
 * of the same instructions, for there are programs that the kernel's verifier
 * refuses. What the verifier would have resolved is resolved here: helpers,
 * sections, maps. Neither way has any check while the program runs.
 *
 * Our programs get the address and the number of their context's bytes in r1 and
 * r2, the kernel's a pointer in r1 only. So two loads are put before the
 * program, as every packet program of the kernel starts with.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "control.h"

#define PROLOGUE	2

static u64 map_lookup(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_map *map = (struct bpf_map *)r1;

	return (u64)map->ops->map_lookup_elem(map, (void *)r2);
}

static u64 map_update(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_map *map = (struct bpf_map *)r1;

	return map->ops->map_update_elem(map, (void *)r2, (void *)r3, r4);
}

static u64 map_delete(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct bpf_map *map = (struct bpf_map *)r1;

	return map->ops->map_delete_elem(map, (void *)r2);
}

static u64 ktime(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return ktime_get_mono_fast_ns();
}

static u64 processor_id(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return smp_processor_id();
}

/* No benchmark gets as far as to print something. */
static u64 print(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return -EOPNOTSUPP;
}

/* The kernel's helpers, none of which is exported, with the same bodies. */
static const struct {
	s32 id;
	u64 (*call)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
} helpers[] = {
	{ BPF_FUNC_map_lookup_elem, map_lookup },
	{ BPF_FUNC_map_update_elem, map_update },
	{ BPF_FUNC_map_delete_elem, map_delete },
	{ BPF_FUNC_ktime_get_ns, ktime },
	{ BPF_FUNC_get_smp_processor_id, processor_id },
	{ BPF_FUNC_trace_printk, print },
};

static int resolve_helper(struct bpf_insn *insn)
{
	s64 distance;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (helpers[i].id != insn->imm)
			continue;
		distance = (s64)helpers[i].call - (s64)__bpf_call_base;
		insn->imm = distance;
		return insn->imm == distance ? 0 : -ERANGE;
	}
	return -EOPNOTSUPP;
}

static int set_address(struct bpf_insn *insn, u64 address)
{
	insn->src_reg = 0;
	insn[0].imm = lower_32_bits(address);
	insn[1].imm = upper_32_bits(address);
	return 0;
}

static int resolve_lddw(struct bpf_insn *insn, const struct bpfsched_code *code,
			struct bpf_map *const *maps, u32 map_count)
{
	u32 index = insn->imm, offset = insn[1].imm;

	switch (insn->src_reg) {
	case 0:
		return 0;
	case BPF_PSEUDO_MAP_IDX:
		if (index >= map_count)
			return -EINVAL;
		return set_address(insn, (u64)maps[index]);
	case BPF_PSEUDO_MAP_IDX_VALUE:
		if (index >= code->section_count)
			return -EINVAL;
		return set_address(insn, (u64)code->sections[index].base +
					 offset);
	default:
		return -EINVAL;
	}
}

static int resolve(struct bpf_insn *insns, const struct bpfsched_code *code,
		   struct bpf_map *const *maps, u32 map_count)
{
	int err = 0;
	u32 i;

	for (i = 0; i < code->insn_count && !err; i++) {
		struct bpf_insn *insn = &insns[i];

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			if (++i == code->insn_count)
				return -EINVAL;
			err = resolve_lddw(insn, code, maps, map_count);
		} else if (insn->code == (BPF_JMP | BPF_CALL)) {
			err = insn->src_reg ? -EOPNOTSUPP :
					      resolve_helper(insn);
		}
	}
	return err;
}

static void put_prologue(struct bpf_insn *insns)
{
	insns[0] = BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1,
			       offsetof(struct bench_control_context, len));
	insns[1] = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_1,
			       offsetof(struct bench_control_context, address));
}

/**
 * bench_control_make() - make a program of the kernel, without its verifier
 * @control: set; to be freed by bench_control_free()
 * @code: the program, which must be well-formed and stay inside of its memory
 * @maps: the maps that it names by their index
 * @map_count: number of @maps
 *
 * Run it with a struct bench_control_context.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; -EINVAL or -EOPNOTSUPP if the program has something that
 * cannot be resolved here.
 */
int bench_control_make(struct bench_control *control,
		       const struct bpfsched_code *code,
		       struct bpf_map *const *maps, u32 map_count)
{
	u32 len = code->insn_count + PROLOGUE;
	struct bpf_prog *prog;
	int err;

	prog = bpf_prog_alloc(bpf_prog_size(len), 0);
	if (!prog)
		return -ENOMEM;
	prog->len = len;
	prog->type = BPF_PROG_TYPE_SOCKET_FILTER;
	prog->aux->stack_depth = MAX_BPF_STACK;
	put_prologue(prog->insnsi);
	memcpy(prog->insnsi + PROLOGUE, code->insns,
	       code->insn_count * sizeof(*code->insns));
	err = resolve(prog->insnsi + PROLOGUE, code, maps, map_count);
	if (!err)
		prog = bpf_prog_select_runtime(prog, &err);
	if (err) {
		bpf_prog_free(prog);
		return err;
	}
	control->prog = prog;
	control->owned = true;
	return 0;
}

/**
 * bench_control_get() - take a program that the kernel has loaded
 * @control: set; to be freed by bench_control_free()
 * @fd: descriptor of a program of type BPF_PROG_TYPE_SYSCALL
 * @contexts: what it is to be run with; r1 will point to the bytes
 *
 * Context: process, may sleep.
 * Return: 0, -EBADF, or -EINVAL if it is of another type or reads beyond a
 * context.
 */
int bench_control_get(struct bench_control *control, int fd,
		      const struct bench_memory *contexts)
{
	struct bpf_prog *prog;
	u32 i;

	prog = bpf_prog_get_type_dev(fd, BPF_PROG_TYPE_SYSCALL, false);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	control->prog = prog;
	control->owned = false;
	for (i = 0; i < contexts->count; i++) {
		if (prog->aux->max_ctx_offset > contexts->parts[i].len)
			return -EINVAL;
	}
	return 0;
}

/**
 * bench_control_free() - have done with a program
 * @control: all zero, or set
 *
 * Context: process, may sleep.
 */
void bench_control_free(struct bench_control *control)
{
	if (!control->prog)
		return;
	if (control->owned)
		bpf_prog_free(control->prog);
	else
		bpf_prog_put(control->prog);
	control->prog = NULL;
}
