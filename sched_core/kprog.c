// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of other modules: from memory, and held by a pointer instead of a
 * descriptor.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "client.h"
#include "kclient.h"
#include "prog.h"
#include "scheduler.h"

static u64 count_bytes(const struct bpfsched_kprog *kprog)
{
	u64 bytes = bpfsched_prog_code_bytes(kprog->insn_count);
	u32 i;

	for (i = 0; i < kprog->section_count; i++)
		bytes += PAGE_ALIGN((u64)kprog->sections[i].len);
	return bytes;
}

static int add_sections(struct bpfsched_prog *prog,
			const struct bpfsched_kprog *kprog)
{
	const struct bpfsched_ksection *from;
	struct bpfsched_section_data *section;
	u32 i;

	for (i = 0; i < kprog->section_count; i++) {
		from = &kprog->sections[i];
		section = bpfsched_prog_add_section(prog, from->len,
						    from->flags);
		if (IS_ERR(section))
			return PTR_ERR(section);
		if (from->data)
			memcpy(section->base, from->data, from->len);
	}
	return 0;
}

/**
 * bpfsched_kprog_load() - check a program and make it ready to run
 * @kclient: a client of the scheduler that is to run it
 * @kprog: what to make it from; nothing of it is needed afterwards
 *
 * The program does not end with the client: it is there until it was put and
 * the last job that runs it has ended. Put all programs before your module
 * goes.
 *
 * Context: process, may sleep.
 * Return: the program, to be put by bpfsched_kprog_put(), or an ERR_PTR():
 * -EINVAL: malformed, or refused with a reason in the log; -E2BIG: beyond a
 * limit; -ENOMEM; -EINTR if the calling process is being killed.
 */
struct bpfsched_prog *bpfsched_kprog_load(struct bpfsched_kclient *kclient,
					  const struct bpfsched_kprog *kprog)
{
	struct bpfsched_client *client = bpfsched_kclient_to_client(kclient);
	const char *name = kprog->name ?: "";
	struct bpfsched_log log = {};
	struct bpfsched_prog *prog;
	u32 limit;
	int err;

	if (kprog->log_size)
		kprog->log[0] = '\0';
	err = bpfsched_prog_check_params(name, kprog->insn_count,
					 kprog->section_count);
	if (err)
		return ERR_PTR(err);
	prog = bpfsched_prog_new(client->sched->engine, name);
	if (!prog)
		return ERR_PTR(-ENOMEM);

	err = bpfsched_prog_charge(prog, client, count_bytes(kprog), &limit) ?:
	      add_sections(prog, kprog) ?:
	      bpfsched_prog_set_code(prog, kprog->insns, kprog->insn_count,
				     &log);
	if (kprog->log_size)
		strscpy(kprog->log, log.text, kprog->log_size);
	if (err) {
		bpfsched_prog_put(prog);
		return ERR_PTR(err);
	}
	return prog;
}
EXPORT_SYMBOL_GPL(bpfsched_kprog_load);

/**
 * bpfsched_kprog_put() - hold a program no longer
 * @prog: the program, or NULL
 *
 * Jobs that run it hold it until they have ended.
 *
 * Context: any.
 */
void bpfsched_kprog_put(struct bpfsched_prog *prog)
{
	if (prog)
		bpfsched_prog_put_later(prog);
}
EXPORT_SYMBOL_GPL(bpfsched_kprog_put);

/**
 * bpfsched_kprog_section() - the bytes of a data section
 * @prog: the program
 * @index: number of the section, from 0
 *
 * They are the very bytes that jobs read and write while they run; use
 * READ_ONCE() and WRITE_ONCE(). A section with BPFSCHED_SECTION_RDONLY is not
 * to be written.
 *
 * Context: any.
 * Return: the address, good for as long as the caller holds @prog; NULL if
 * there is no such section.
 */
void *bpfsched_kprog_section(struct bpfsched_prog *prog, u32 index)
{
	return index < prog->section_count ? prog->sections[index].base : NULL;
}
EXPORT_SYMBOL_GPL(bpfsched_kprog_section);
