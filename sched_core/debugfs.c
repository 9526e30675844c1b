// SPDX-License-Identifier: GPL-2.0
/*
 * Files in debugfs, /sys/kernel/debug/bpfsched/<scheduler>/: what is in the
 * queue of a scheduler and on its workers. Documentation/administration.rst describes
 * them. None of it is an interface that programs may rely on.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "dump.h"
#include "scheduler.h"
#include "worker.h"

/* The folder of all schedulers; an ERR_PTR() is fine for debugfs. */
static struct dentry *root;

static const char *state_name(const struct bpfsched_dumped_job *job)
{
	switch (job->state) {
	case BPFSCHED_JOB_WAITING:
		return "waiting";
	case BPFSCHED_JOB_PAUSED:
		return "paused";
	default:
		return "pending";
	}
}

static void *queue_at(struct seq_file *file, loff_t pos)
{
	struct bpfsched_dump *dump = file->private;

	if (!pos)
		return SEQ_START_TOKEN;
	return pos <= dump->count ? &dump->jobs[pos - 1] : NULL;
}

static void *queue_start(struct seq_file *file, loff_t *pos)
{
	return queue_at(file, *pos);
}

static void *queue_next(struct seq_file *file, void *item, loff_t *pos)
{
	return queue_at(file, ++*pos);
}

static void no_stop(struct seq_file *file, void *item)
{
}

static int queue_show(struct seq_file *file, void *item)
{
	const struct bpfsched_dumped_job *job = item;
	const struct bpfsched_entity *entity;

	if (item == SEQ_START_TOKEN) {
		seq_puts(file, "state client id release priority admitted deadline_ns released_ns program\n");
		return 0;
	}
	entity = &job->entity;
	seq_printf(file, "%s %llu %llu %llu %u %u %llu %llu %s\n",
		   state_name(job), job->client, job->id, job->release,
		   entity->priority, entity->admitted,
		   entity->has_deadline ? entity->deadline.absolute_ns : 0,
		   job->released_ns, job->prog_name[0] ? job->prog_name : "-");
	return 0;
}

static const struct seq_operations queue_ops = {
	.start = queue_start,
	.next = queue_next,
	.stop = no_stop,
	.show = queue_show,
};

static int queue_open(struct inode *inode, struct file *file)
{
	struct bpfsched_dump *dump = bpfsched_dump_queue(inode->i_private);
	int err;

	if (!dump)
		return -ENOMEM;
	err = seq_open(file, &queue_ops);
	if (err) {
		bpfsched_dump_free(dump);
		return err;
	}
	((struct seq_file *)file->private_data)->private = dump;
	return 0;
}

static int queue_release(struct inode *inode, struct file *file)
{
	bpfsched_dump_free(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

static const struct file_operations queue_fops = {
	.owner = THIS_MODULE,
	.open = queue_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = queue_release,
};

static const char *worker_state(const struct bpfsched_dumped_worker *worker)
{
	if (!worker->busy)
		return "idle";
	if (worker->held)
		return "held";
	switch (worker->control) {
	case BPFSCHED_CONTROL_PAUSE:
		return "pausing";
	case BPFSCHED_CONTROL_STOP:
		return "stopping";
	default:
		return "running";
	}
}

static int workers_show(struct seq_file *file, void *unused)
{
	struct bpfsched *sched = file->private;
	struct bpfsched_dumped_worker worker;
	u32 i;

	seq_puts(file, "worker thread state client id release since_ns program\n");
	for (i = 0; i < sched->limits.workers; i++) {
		bpfsched_dump_worker(&sched->workers[i], &worker);
		seq_printf(file, "%u %d %s %llu %llu %llu %llu %s\n", i,
			   worker.thread, worker_state(&worker), worker.client,
			   worker.id, worker.release, worker.since_ns,
			   worker.prog_name[0] ? worker.prog_name : "-");
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(workers);

/**
 * bpfsched_debugfs_init() - make the folder of all schedulers, once
 *
 * Without debugfs there is none, and nothing else changes.
 *
 * Context: module initialization.
 */
void bpfsched_debugfs_init(void)
{
	root = debugfs_create_dir("bpfsched", NULL);
}

/**
 * bpfsched_debugfs_exit() - undo bpfsched_debugfs_init()
 *
 * Context: module exit; no scheduler is left.
 */
void bpfsched_debugfs_exit(void)
{
	debugfs_remove(root);
}

/**
 * bpfsched_debugfs_add() - make the files of a scheduler
 * @sched: the scheduler; it stays until bpfsched_debugfs_remove()
 *
 * Context: process, may sleep.
 * Return: their folder, for bpfsched_debugfs_remove().
 */
struct dentry *bpfsched_debugfs_add(struct bpfsched *sched)
{
	struct dentry *folder = debugfs_create_dir(sched->name, root);

	debugfs_create_file("queue", 0400, folder, sched, &queue_fops);
	debugfs_create_file("workers", 0400, folder, sched, &workers_fops);
	return folder;
}

/**
 * bpfsched_debugfs_remove() - remove the files of a scheduler
 * @folder: from bpfsched_debugfs_add()
 *
 * Waits for those who read one at the moment; who has one open reads nothing
 * more.
 *
 * Context: process, may sleep.
 */
void bpfsched_debugfs_remove(struct dentry *folder)
{
	debugfs_remove(folder);
}
