// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a module that uses bpfsched: a filter for a sensor.
 *
 * An eBPF program keeps a moving average of the samples that it is given, in a
 * data section. Samples come from a timer, in softirq context, and from writes
 * to debugfs, in process context:
 *
 *   echo 800 >/sys/kernel/debug/bpfsched_sample/sample
 *   cat /sys/kernel/debug/bpfsched_sample/average
 *
 * With endless=1 it also submits a job that never returns, for a look at what
 * bpfsched does about that when the module is removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bpfsched_kapi.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/timer.h>

/* One worker: samples are filtered one after the other, by priority. */
static char *scheduler = "embedded";
module_param(scheduler, charp, 0444);
MODULE_PARM_DESC(scheduler, "name of the scheduler (default: embedded)");

static unsigned int period_ms = 10;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "time between two samples of the timer, 0: none");

static bool endless;
module_param(endless, bool, 0444);
MODULE_PARM_DESC(endless, "submit a job that never returns");

/**
 * struct request - a sample whose submitter waits for the result
 * @done: the program has seen it
 * @status: BPFSCHED_STATUS_*
 */
struct request {
	struct completion done;
	u32 status;
};

static struct bpfsched_kclient *kclient;
static struct bpfsched_prog *filter;
static struct timer_list timer;
static struct dentry *folder;
static atomic_t accepted, refused, ended, failed;

/* average += (sample - average) / 8; the context holds the sample. */
static const struct bpf_insn filter_insns[] = {
	BPF_LD_IMM64_RAW(BPF_REG_6, BPF_PSEUDO_MAP_IDX_VALUE, 0),
	BPF_LDX_MEM(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
	BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_6, 0),
	BPF_ALU64_REG(BPF_SUB, BPF_REG_2, BPF_REG_0),
	BPF_ALU64_IMM(BPF_ARSH, BPF_REG_2, 3),
	BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_2),
	BPF_STX_MEM(BPF_DW, BPF_REG_6, BPF_REG_0, 0),
	BPF_EXIT_INSN(),
};

static const struct bpf_insn endless_insns[] = {
	BPF_JMP_A(-1),
	BPF_EXIT_INSN(),
};

/* Process context, one call at a time, in the order in which jobs ended. */
static void sample_done(void *data,
			const struct bpfsched_completion *completion,
			const void *context)
{
	struct request *request = (void *)(uintptr_t)completion->user_data;

	atomic_inc(&ended);
	if (completion->status != BPFSCHED_STATUS_OK)
		atomic_inc(&failed);
	if (request) {
		request->status = completion->status;
		complete(&request->done);
	}
}

static const struct bpfsched_kclient_ops kclient_ops = {
	.name = "bpfsched_sample",
	.complete = sample_done,
};

static void count_submission(int err)
{
	atomic_inc(err ? &refused : &accepted);
}

/* In softirq context nothing may sleep. */
static void timer_expired(struct timer_list *unused)
{
	u64 sample = get_jiffies_64() % 1000;
	const struct bpfsched_kjob kjob = {
		.prog = filter,
		.priority = BPFSCHED_PRIORITY_NORMAL,
		.context = &sample,
		.context_len = sizeof(sample),
	};

	count_submission(bpfsched_kclient_submit_atomic(kclient, &kjob, NULL));
	mod_timer(&timer, jiffies + max(1UL, msecs_to_jiffies(period_ms)));
}

/* In process context there is time to wait for room, and for the result. */
static int write_sample(void *data, u64 sample)
{
	struct request request;
	const struct bpfsched_kjob kjob = {
		.prog = filter,
		.flags = BPFSCHED_JOB_WAIT,
		.priority = BPFSCHED_PRIORITY_HIGH,
		.user_data = (uintptr_t)&request,
		.context = &sample,
		.context_len = sizeof(sample),
	};
	int err;

	init_completion(&request.done);
	err = bpfsched_kclient_submit(kclient, &kjob, NULL);
	count_submission(err);
	if (err)
		return err;
	/* A job that was accepted comes back, whatever becomes of it. */
	wait_for_completion(&request.done);
	return request.status == BPFSCHED_STATUS_OK ? 0 : -EIO;
}

DEFINE_DEBUGFS_ATTRIBUTE(sample_fops, NULL, write_sample, "%llu\n");

/* The average lies in the first section of the program. */
static int read_average(void *data, u64 *value)
{
	*value = READ_ONCE(*(u64 *)bpfsched_kprog_section(filter, 0));
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(average_fops, read_average, NULL, "%llu\n");

static void create_files(void)
{
	folder = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file_unsafe("sample", 0200, folder, NULL, &sample_fops);
	debugfs_create_file_unsafe("average", 0400, folder, NULL,
				   &average_fops);
	debugfs_create_atomic_t("accepted", 0400, folder, &accepted);
	debugfs_create_atomic_t("refused", 0400, folder, &refused);
	debugfs_create_atomic_t("ended", 0400, folder, &ended);
	debugfs_create_atomic_t("failed", 0400, folder, &failed);
}

static struct bpfsched_prog *load(const char *name,
				  const struct bpf_insn *insns, u32 insn_count)
{
	static const struct bpfsched_ksection average = { .len = sizeof(u64) };
	char log[160];
	const struct bpfsched_kprog kprog = {
		.name = name,
		.insns = insns,
		.insn_count = insn_count,
		.sections = &average,
		.section_count = 1,
		.log = log,
		.log_size = sizeof(log),
	};
	struct bpfsched_prog *prog = bpfsched_kprog_load(kclient, &kprog);

	if (IS_ERR(prog))
		pr_err("program %s refused: error %ld %s\n", name,
		       PTR_ERR(prog), log);
	return prog;
}

static int submit_endless(void)
{
	struct bpfsched_kjob kjob = {
		.priority = BPFSCHED_PRIORITY_LOW,
		.budget_insns = BPFSCHED_BUDGET_UNLIMITED,
	};
	int err;

	kjob.prog = load("endless", endless_insns, ARRAY_SIZE(endless_insns));
	if (IS_ERR(kjob.prog))
		return PTR_ERR(kjob.prog);
	err = bpfsched_kclient_submit(kclient, &kjob, NULL);
	count_submission(err);
	/* The job holds it for as long as it needs it. */
	bpfsched_kprog_put(kjob.prog);
	return err;
}

static int __init sample_init(void)
{
	int err;

	kclient = bpfsched_kclient_open(scheduler, &kclient_ops, NULL);
	if (IS_ERR(kclient))
		return PTR_ERR(kclient);
	filter = load("filter", filter_insns, ARRAY_SIZE(filter_insns));
	if (IS_ERR(filter)) {
		err = PTR_ERR(filter);
		goto no_filter;
	}
	if (endless) {
		err = submit_endless();
		if (err)
			goto no_endless;
	}

	create_files();
	timer_setup(&timer, timer_expired, 0);
	if (period_ms)
		mod_timer(&timer, jiffies + 1);
	return 0;

no_endless:
	bpfsched_kprog_put(filter);
no_filter:
	bpfsched_kclient_close(kclient);
	return err;
}

static void __exit sample_exit(void)
{
	/* First everything that submits, then the client. */
	debugfs_remove(folder);
	timer_delete_sync(&timer);
	bpfsched_kclient_close(kclient);
	bpfsched_kprog_put(filter);
	pr_info("%d jobs accepted, %d ended\n", atomic_read(&accepted),
		atomic_read(&ended));
}

module_init(sample_init);
module_exit(sample_exit);

MODULE_DESCRIPTION("An example of a module that uses bpfsched");
MODULE_AUTHOR("The bpfsched authors");
MODULE_LICENSE("GPL");
