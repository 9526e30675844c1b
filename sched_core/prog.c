// SPDX-License-Identifier: GPL-2.0
/*
 * Programs: loading, and the descriptor that holds one.
 */
#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "prog.h"
#include "scheduler.h"
#include "user.h"

/* Numbers are shared by all schedulers, as programs can be. */
static atomic64_t last_prog_id = ATOMIC64_INIT(0);

/* Where programs are freed that nobody else has the time to free. */
static struct workqueue_struct *free_queue;

/**
 * bpfsched_prog_init() - prepare for programs, once
 *
 * Context: module initialization.
 * Return: 0 or -ENOMEM.
 */
int bpfsched_prog_init(void)
{
	free_queue = alloc_workqueue("bpfsched_free", WQ_UNBOUND, 0);
	return free_queue ? 0 : -ENOMEM;
}

/**
 * bpfsched_prog_exit() - undo bpfsched_prog_init()
 *
 * Context: module exit; nobody holds a program any more. Waits for those that
 * are still to be freed.
 */
void bpfsched_prog_exit(void)
{
	destroy_workqueue(free_queue);
}

/**
 * bpfsched_prog_flush() - wait until programs that nobody holds are freed
 *
 * Context: process, may sleep.
 */
void bpfsched_prog_flush(void)
{
	flush_workqueue(free_queue);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_prog_flush);

/**
 * bpfsched_prog_new() - make a program that has no code and no sections yet
 * @engine: what will run it
 * @name: its name, cut to BPFSCHED_PROG_NAME_LEN - 1 bytes
 *
 * Context: process, may sleep.
 * Return: the program, or NULL if memory ran out.
 */
struct bpfsched_prog *bpfsched_prog_new(const struct bpfsched_engine_ops *engine,
					const char *name)
{
	struct bpfsched_prog *prog;

	prog = kzalloc(sizeof(*prog), GFP_KERNEL_ACCOUNT);
	if (!prog)
		return NULL;
	kref_init(&prog->ref);
	prog->id = atomic64_inc_return(&last_prog_id);
	strscpy(prog->name, name, sizeof(prog->name));
	prog->engine = engine;
	return prog;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_prog_new);

/**
 * bpfsched_prog_set_linked_code() - give a program its code, and its sections
 * their pointers
 * @prog: a program that has its sections and maps, and no code yet
 * @insns: the instructions
 * @insn_count: number of 8-byte slots
 * @relocs: pointers that are to be written into the sections
 * @reloc_count: number of @relocs
 * @log: set to the reason if the engine refuses the code
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL if the code is refused; -ENOMEM; -EINTR if the caller is
 * being killed.
 */
int bpfsched_prog_set_linked_code(struct bpfsched_prog *prog,
				  const struct bpf_insn *insns, u32 insn_count,
				  const struct bpfsched_reloc *relocs,
				  u32 reloc_count, struct bpfsched_log *log)
{
	struct bpfsched_memory memory[BPFSCHED_SECTIONS_MAX];
	const struct bpfsched_code code = {
		.insns = insns,
		.insn_count = insn_count,
		.section_count = prog->section_count,
		.sections = memory,
		.map_count = prog->map_count,
		.maps = prog->maps,
		.reloc_count = reloc_count,
		.relocs = relocs,
	};
	u32 i;

	for (i = 0; i < prog->section_count; i++) {
		memory[i] = (struct bpfsched_memory) {
			.base = prog->sections[i].base,
			.len = prog->sections[i].len,
			.readonly = prog->sections[i].readonly,
		};
	}
	prog->insn_count = insn_count;
	return prog->engine->load(&code, log, &prog->image);
}

/**
 * bpfsched_prog_set_code() - give a program its code
 * @prog: a program that has its sections and maps, and no code yet
 * @insns: the instructions
 * @insn_count: number of 8-byte slots
 * @log: set to the reason if the engine refuses the code
 *
 * Context: process, may sleep.
 * Return: as bpfsched_prog_set_linked_code().
 */
int bpfsched_prog_set_code(struct bpfsched_prog *prog,
			   const struct bpf_insn *insns, u32 insn_count,
			   struct bpfsched_log *log)
{
	return bpfsched_prog_set_linked_code(prog, insns, insn_count, NULL, 0,
					     log);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_prog_set_code);

/**
 * bpfsched_prog_get() - hold a program
 * @prog: the program
 *
 * Context: any.
 */
void bpfsched_prog_get(struct bpfsched_prog *prog)
{
	kref_get(&prog->ref);
}

/**
 * bpfsched_prog_add_followup() - let a program submit another
 * @prog: a program that nobody else knows yet, with fewer than
 *	BPFSCHED_FOLLOWUPS_MAX
 * @followup: the other, which exists, so that no program leads back to itself
 *
 * Context: process.
 * Return: 0, or -E2BIG if the chain is too long.
 */
int bpfsched_prog_add_followup(struct bpfsched_prog *prog,
			       struct bpfsched_prog *followup)
{
	if (followup->depth >= BPFSCHED_PROG_DEPTH_MAX - 1)
		return -E2BIG;
	bpfsched_prog_get(followup);
	prog->followups[prog->followup_count++] = followup;
	prog->depth = max(prog->depth, followup->depth + 1);
	return 0;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_prog_add_followup);

/**
 * bpfsched_prog_code_bytes() - what the code of a program counts as
 * @insn_count: number of its 8-byte slots
 *
 * What user space has given; the image takes a multiple of it.
 */
u64 bpfsched_prog_code_bytes(u32 insn_count)
{
	return (u64)insn_count * sizeof(struct bpf_insn);
}

/**
 * bpfsched_prog_charge() - count a program among those of a user
 * @prog: a program that nobody else knows yet
 * @client: who loads it
 * @bytes: of its code and sections
 * @limit: with -EDQUOT set to BPFSCHED_LIMIT_*
 *
 * It counts until it is freed, whoever holds it then.
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0 or -EDQUOT.
 */
int bpfsched_prog_charge(struct bpfsched_prog *prog,
			 struct bpfsched_client *client, u64 bytes, u32 *limit)
{
	int err;

	err = bpfsched_user_add_program(client->user, bytes, client->unlimited,
					limit);
	if (err)
		return err;
	bpfsched_user_hold(client->user);
	prog->user = client->user;
	prog->bytes = bytes;
	return 0;
}

/* Let go of the follow-ups; those that nobody else holds go to a list. */
static void drop_followups(struct bpfsched_prog *prog, struct list_head *dead)
{
	u32 i;

	for (i = 0; i < prog->followup_count; i++) {
		if (refcount_dec_and_test(&prog->followups[i]->ref.refcount))
			list_add_tail(&prog->followups[i]->dead, dead);
	}
}

static void prog_free_one(struct bpfsched_prog *prog)
{
	u32 i;

	if (prog->image)
		prog->engine->unload(prog->image);
	for (i = 0; i < prog->section_count; i++)
		bpfsched_section_exit(&prog->sections[i]);
	for (i = 0; i < prog->map_count; i++)
		bpfsched_map_put(&prog->maps[i]);
	if (prog->user) {
		bpfsched_user_remove_program(prog->user, prog->bytes);
		bpfsched_user_put(prog->user);
	}
	kfree(prog);
}

/* A chain of programs can be long, so it is not freed by recursion. */
static void prog_free(struct bpfsched_prog *prog)
{
	LIST_HEAD(dead);

	list_add(&prog->dead, &dead);
	while (!list_empty(&dead)) {
		prog = list_first_entry(&dead, struct bpfsched_prog, dead);
		list_del(&prog->dead);
		drop_followups(prog, &dead);
		prog_free_one(prog);
		cond_resched();
	}
}

static void prog_free_now(struct kref *ref)
{
	prog_free(container_of(ref, struct bpfsched_prog, ref));
}

/**
 * bpfsched_prog_put() - hold a program no longer
 * @prog: the program
 *
 * Context: process, may sleep; the last holder frees the program, which can
 * take long.
 */
void bpfsched_prog_put(struct bpfsched_prog *prog)
{
	kref_put(&prog->ref, prog_free_now);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_prog_put);

static void prog_free_work(struct work_struct *work)
{
	prog_free(container_of(work, struct bpfsched_prog, free_work));
}

static void prog_free_later(struct kref *ref)
{
	struct bpfsched_prog *prog =
		container_of(ref, struct bpfsched_prog, ref);

	INIT_WORK(&prog->free_work, prog_free_work);
	queue_work(free_queue, &prog->free_work);
}

/**
 * bpfsched_prog_put_later() - hold a program no longer, without delay
 * @prog: the program
 *
 * For workers, which have other jobs to run in time.
 *
 * Context: any.
 */
void bpfsched_prog_put_later(struct bpfsched_prog *prog)
{
	kref_put(&prog->ref, prog_free_later);
}

static int prog_release(struct inode *inode, struct file *file)
{
	bpfsched_prog_put(file->private_data);
	return 0;
}

static int prog_mmap(struct file *file, struct vm_area_struct *vma)
{
	const struct bpfsched_prog *prog = file->private_data;
	u32 i;

	for (i = 0; i < prog->section_count; i++) {
		if (prog->sections[i].pgoff == vma->vm_pgoff)
			return bpfsched_section_mmap(&prog->sections[i], vma);
	}
	return -EINVAL;
}

static void prog_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bpfsched_prog *prog = file->private_data;
	u32 i;

	seq_printf(m, "prog_id:\t%llu\n", prog->id);
	seq_printf(m, "prog_name:\t%s\n", prog->name);
	seq_printf(m, "engine:\t%s\n", prog->engine->name);
	seq_printf(m, "insn_count:\t%u\n", prog->insn_count);
	seq_printf(m, "section_count:\t%u\n", prog->section_count);
	seq_printf(m, "map_count:\t%u\n", prog->map_count);
	seq_puts(m, "map_ids:");
	for (i = 0; i < prog->map_count; i++)
		seq_printf(m, "%c%u", i ? ' ' : '\t',
			   bpfsched_map_id(&prog->maps[i]));
	seq_putc(m, '\n');
	seq_printf(m, "followup_count:\t%u\n", prog->followup_count);
}

static const struct file_operations prog_fops = {
	.owner = THIS_MODULE,
	.release = prog_release,
	.mmap = prog_mmap,
	.show_fdinfo = prog_show_fdinfo,
	.llseek = noop_llseek,
};

/**
 * bpfsched_prog_from_fd() - the program that a descriptor holds
 * @fd: the descriptor
 *
 * Context: process.
 * Return: the program, to be put by the caller, or an ERR_PTR(): -EBADF:
 * there is no such descriptor; -EINVAL: it does not hold a program.
 */
struct bpfsched_prog *bpfsched_prog_from_fd(int fd)
{
	struct bpfsched_prog *prog = ERR_PTR(-EINVAL);
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &prog_fops) {
		prog = file->private_data;
		bpfsched_prog_get(prog);
	}
	fput(file);
	return prog;
}

/**
 * bpfsched_prog_check_params() - whether a program can be made at all
 * @name: its name, not necessarily terminated
 * @insn_count: number of 8-byte slots
 * @section_count: number of data sections
 *
 * Return: 0; -EINVAL if the name is too long or not printable, or there are no
 * instructions; -E2BIG: beyond a limit.
 */
int bpfsched_prog_check_params(const char *name, u32 insn_count,
			       u32 section_count)
{
	size_t len = strnlen(name, BPFSCHED_PROG_NAME_LEN);
	size_t i;

	if (len == BPFSCHED_PROG_NAME_LEN || !insn_count)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (!isascii(name[i]) || !isprint(name[i]))
			return -EINVAL;
	}
	if (insn_count > BPFSCHED_PROG_INSNS_MAX ||
	    section_count > BPFSCHED_SECTIONS_MAX)
		return -E2BIG;
	return 0;
}

/**
 * bpfsched_prog_add_section() - give a program another data section
 * @prog: a program that has no code yet, and fewer than BPFSCHED_SECTIONS_MAX
 *	sections
 * @len: length of the section in bytes
 * @flags: BPFSCHED_SECTION_*
 *
 * Context: process, may sleep.
 * Return: the section, all bytes zero, or an ERR_PTR(): -EINVAL: no length, or
 * unknown flags; -E2BIG: too long; -ENOMEM; -EINTR if the caller is being
 * killed.
 */
struct bpfsched_section_data *
bpfsched_prog_add_section(struct bpfsched_prog *prog, u32 len, u32 flags)
{
	struct bpfsched_section_data *section =
		&prog->sections[prog->section_count];
	int err;

	if ((flags & ~BPFSCHED_SECTION_RDONLY) || !len)
		return ERR_PTR(-EINVAL);
	if (len > BPFSCHED_PROG_SECTION_MAX)
		return ERR_PTR(-E2BIG);

	if (prog->section_count)
		section->pgoff = section[-1].pgoff + section[-1].page_count;
	prog->section_count++;
	err = bpfsched_section_init(section, len,
				    flags & BPFSCHED_SECTION_RDONLY);
	return err ? ERR_PTR(err) : section;
}

/*
 * User space may have changed a length since the program was charged for. What
 * it had declared is the most that is allocated.
 */
static bool is_charged(const struct bpfsched_prog *prog, u32 insn_count,
		       u32 len)
{
	u64 bytes = bpfsched_prog_code_bytes(insn_count) +
		    PAGE_ALIGN((u64)len);
	u32 i;

	for (i = 0; i < prog->section_count; i++)
		bytes += (u64)prog->sections[i].page_count << PAGE_SHIFT;
	return bytes <= prog->bytes;
}

static int load_section(struct bpfsched_prog *prog, u32 insn_count,
			struct bpfsched_section *from)
{
	struct bpfsched_section_data *section;

	if (!is_charged(prog, insn_count, from->len))
		return -EINVAL;
	section = bpfsched_prog_add_section(prog, from->len, from->flags);
	if (IS_ERR(section))
		return PTR_ERR(section);
	from->mmap_offset = (u64)section->pgoff << PAGE_SHIFT;
	if (from->data && copy_from_user(section->base,
					 u64_to_user_ptr(from->data), from->len))
		return -EFAULT;
	return 0;
}

/* Load the sections and tell user space where each of them can be mapped. */
static int load_sections(struct bpfsched_prog *prog,
			 const struct bpfsched_prog_load *load)
{
	struct bpfsched_section __user *sections =
		u64_to_user_ptr(load->sections);
	struct bpfsched_section section;
	u32 i;
	int err;

	for (i = 0; i < load->section_count; i++) {
		if (copy_from_user(&section, &sections[i], sizeof(section)))
			return -EFAULT;
		err = load_section(prog, load->insn_count, &section);
		if (err)
			return err;
		if (put_user(section.mmap_offset, &sections[i].mmap_offset))
			return -EFAULT;
	}
	return 0;
}

static int load_maps(struct bpfsched_prog *prog,
		     const struct bpfsched_prog_load *load,
		     struct bpfsched_log *log)
{
	const struct bpfsched_map_ref __user *refs =
		u64_to_user_ptr(load->maps);
	struct bpfsched_map_ref ref;
	u32 i;
	int err;

	for (i = 0; i < load->map_count; i++) {
		if (copy_from_user(&ref, &refs[i], sizeof(ref)))
			return -EFAULT;
		if (ref.flags)
			return -EINVAL;
		err = bpfsched_map_get(&prog->maps[i], ref.fd);
		if (err) {
			snprintf(log->text, sizeof(log->text),
				 "map %u: descriptor %d is not one of a map",
				 i, ref.fd);
			return err;
		}
		prog->map_count++;
	}
	return 0;
}

static int load_followups(struct bpfsched_prog *prog,
			  const struct bpfsched_prog_load *load,
			  struct bpfsched_log *log)
{
	const __s32 __user *fds = u64_to_user_ptr(load->followup_fds);
	struct bpfsched_prog *followup;
	__s32 fd;
	u32 i;
	int err;

	for (i = 0; i < load->followup_count; i++) {
		if (get_user(fd, &fds[i]))
			return -EFAULT;
		followup = bpfsched_prog_from_fd(fd);
		if (IS_ERR(followup)) {
			snprintf(log->text, sizeof(log->text),
				 "follow-up %u: descriptor %d is not one of a program",
				 i, fd);
			return PTR_ERR(followup);
		}
		err = bpfsched_prog_add_followup(prog, followup);
		bpfsched_prog_put(followup);
		if (err) {
			snprintf(log->text, sizeof(log->text),
				 "follow-up %u: a chain of more than %u programs",
				 i, BPFSCHED_PROG_DEPTH_MAX);
			return err;
		}
	}
	return 0;
}

/* A copy of an array of user space, as user space may change it meanwhile. */
static void *copy_array(u64 from, u32 count, size_t size)
{
	void *copy = kvmalloc_array(count, size, GFP_KERNEL_ACCOUNT);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (!copy_from_user(copy, u64_to_user_ptr(from), count * size))
		return copy;
	kvfree(copy);
	return ERR_PTR(-EFAULT);
}

static int load_code(struct bpfsched_prog *prog,
		     const struct bpfsched_prog_load *load,
		     struct bpfsched_log *log)
{
	struct bpfsched_reloc *relocs = NULL;
	struct bpf_insn *insns;
	int err;

	insns = copy_array(load->insns, load->insn_count, sizeof(*insns));
	if (IS_ERR(insns))
		return PTR_ERR(insns);
	if (load->reloc_count)
		relocs = copy_array(load->relocs, load->reloc_count,
				    sizeof(*relocs));
	err = PTR_ERR_OR_ZERO(relocs);
	if (!err) {
		err = bpfsched_prog_set_linked_code(prog, insns,
						    load->insn_count, relocs,
						    load->reloc_count, log);
		kvfree(relocs);
	}
	kvfree(insns);
	return err;
}

static int copy_log(struct bpfsched_prog_load *load,
		    const struct bpfsched_log *log)
{
	char __user *to = u64_to_user_ptr(load->log);
	u32 len = strlen(log->text);
	u32 room;

	load->log_len = len ? len + 1 : 0;
	if (!len || !load->log || !load->log_size)
		return 0;
	room = min(len, load->log_size - 1);
	if (copy_to_user(to, log->text, room) || put_user('\0', to + room))
		return -EFAULT;
	return 0;
}

/* Bytes of the code and of the sections, as user space declares them. */
static int count_bytes(const struct bpfsched_prog_load *load, u64 *bytes)
{
	const struct bpfsched_section __user *sections =
		u64_to_user_ptr(load->sections);
	u32 i, len;

	*bytes = bpfsched_prog_code_bytes(load->insn_count);
	for (i = 0; i < load->section_count; i++) {
		if (get_user(len, &sections[i].len))
			return -EFAULT;
		*bytes += PAGE_ALIGN((u64)len);
	}
	return 0;
}

/* Before anything is allocated. User space may change what it has declared. */
static int charge(struct bpfsched_prog *prog, struct bpfsched_client *client,
		  struct bpfsched_prog_load *load)
{
	u64 bytes;

	return count_bytes(load, &bytes) ?:
	       bpfsched_prog_charge(prog, client, bytes, &load->limit);
}

/**
 * bpfsched_prog_load() - make a program of what user space asks for
 * @client: who asks
 * @load: the request; log_len, prog_id and limit are set, also on failure
 *
 * Context: process, may sleep.
 * Return: the program, held for the caller, or an ERR_PTR(): -EINVAL:
 * malformed, or refused with a reason in the log; -EBADF: there is no such
 * descriptor of a map or a follow-up, with the same; -E2BIG: beyond a limit;
 * -EDQUOT: beyond a limit of the user; -EFAULT; -ENOMEM; -EINTR if the caller is
 * being killed.
 */
struct bpfsched_prog *bpfsched_prog_load(struct bpfsched_client *client,
					 struct bpfsched_prog_load *load)
{
	struct bpfsched_log log = {};
	struct bpfsched_prog *prog;
	int err;

	load->log_len = 0;
	load->prog_id = 0;
	load->limit = BPFSCHED_LIMIT_NONE;
	if (load->flags)
		return ERR_PTR(-EINVAL);
	if (load->map_count > BPFSCHED_MAPS_MAX ||
	    load->reloc_count > BPFSCHED_RELOCS_MAX ||
	    load->followup_count > BPFSCHED_FOLLOWUPS_MAX)
		return ERR_PTR(-E2BIG);
	err = bpfsched_prog_check_params(load->name, load->insn_count,
					 load->section_count);
	if (err)
		return ERR_PTR(err);
	prog = bpfsched_prog_new(client->sched->engine, load->name);
	if (!prog)
		return ERR_PTR(-ENOMEM);

	err = charge(prog, client, load) ?: load_sections(prog, load) ?:
	      load_maps(prog, load, &log) ?:
	      load_followups(prog, load, &log) ?:
	      load_code(prog, load, &log);
	err = copy_log(load, &log) ?: err;
	if (err) {
		bpfsched_prog_put(prog);
		return ERR_PTR(err);
	}
	load->prog_id = prog->id;
	return prog;
}

/**
 * bpfsched_prog_file() - an open file that holds a program
 * @prog: the program; the file holds it too
 *
 * Context: process, may sleep.
 * Return: the file or an ERR_PTR().
 */
struct file *bpfsched_prog_file(struct bpfsched_prog *prog)
{
	struct file *file;

	file = anon_inode_getfile("[bpfsched-prog]", &prog_fops, prog, O_RDWR);
	if (!IS_ERR(file))
		bpfsched_prog_get(prog);
	return file;
}
