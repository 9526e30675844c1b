// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler against a model of it.
 *
 * The model is an array of jobs and the words of the guide: "find highest
 * priority program in queue; among same priority, select earliest submission"
 * and "find program with earliest absolute deadline; if no deadlines, fall
 * back to priority ordering". Both do the same random things, and after each
 * of them they must agree on all that can be seen.
 *
 * What happens depends on the seed alone, which is printed when they disagree.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "fixture.h"
#include "trials.h"

#define SEED		0x5eed0100ULL
#define ROUNDS		40
#define OPS		3000	/* in each round */

#define CLIENTS		3
#define WORKERS		2	/* at most */
#define SLOTS		12	/* of a client, at most */
#define JOBS		(CLIENTS * SLOTS + WORKERS)

enum model_state { MODEL_NONE, MODEL_PENDING, MODEL_RUNNING };

/**
 * struct model_job - a job as the model knows it
 * @state: MODEL_NONE: this place in the array is free
 * @owner: index of its client; CLIENTS: one that has closed
 * @id: its number
 * @token: its user_data, different for all jobs of a round
 * @seq: its place in the order of submission
 * @priority: its priority
 * @has_deadline: whether it has a deadline
 * @deadline_ns: the deadline
 * @missed: the deadline has been seen to pass
 * @told_to_stop: it was cancelled while it was running
 * @outcome: how its run ends, unless it is stopped
 * @submitted_ns: when it was submitted
 * @started_ns: when it was started
 * @start_seq: number of its start
 */
struct model_job {
	enum model_state state;
	u32 owner;
	u64 id;
	u64 token;
	u64 seq;
	u32 priority;
	bool has_deadline;
	u64 deadline_ns;
	bool missed;
	bool told_to_stop;
	enum bpfsched_outcome outcome;
	u64 submitted_ns;
	u64 started_ns;
	u64 start_seq;
};

/**
 * struct model_client - a client as the model knows it
 * @unread: completions that have not been read, oldest first
 * @count: number of @unread
 */
struct model_client {
	struct bpfsched_completion unread[SLOTS];
	u32 count;
};

/**
 * struct tally - how often something happened, in all rounds
 * @ops: operations
 * @misses: deadlines that were missed
 * @stops: jobs that were told to stop while they ran
 * @exists: submissions that were refused with -EEXIST
 * @no_slot: ... with -EDQUOT
 * @full: ... with -EAGAIN
 * @others: ... with another error
 */
struct tally {
	u32 ops;
	u32 misses;
	u32 stops;
	u32 exists;
	u32 no_slot;
	u32 full;
	u32 others;
};

/**
 * struct model - the model, and the scheduler that it is compared to
 * @f: the scheduler
 * @tally: what has happened
 * @clients: its clients
 * @deadlines: the policy has deadlines
 * @capacity: most pending jobs
 * @slots: completion slots of a client
 * @workers: number of workers
 * @jobs: the jobs
 * @owned: the model's part of @clients
 * @stat: what the counters should be
 * @last_id: last number of the counter
 * @last_seq: last place in the order of submission
 * @last_token: last user_data
 * @expected: for each worker the job that it should start next
 * @depth: workers that are in a run, each on top of the one before
 * @rnd: where all randomness comes from
 * @seed: where that came from
 * @op: number of the operation
 * @failed: the two disagree; nothing more is done
 */
struct model {
	struct fixture *f;
	struct tally *tally;
	struct bpfsched_client *clients[CLIENTS];
	bool deadlines;
	u32 capacity;
	u32 slots;
	u32 workers;
	struct model_job jobs[JOBS];
	struct model_client owned[CLIENTS];
	struct bpfsched_stat stat;
	u64 last_id;
	u64 last_seq;
	u64 last_token;
	struct model_job *expected[WORKERS];
	u32 depth;
	struct rnd_state rnd;
	u64 seed;
	u32 op;
	bool failed;
};

static u32 below(struct model *m, u32 limit)
{
	return prandom_u32_state(&m->rnd) % limit;
}

static bool chance(struct model *m, u32 one_in)
{
	return !below(m, one_in);
}

/* The scheduler and the model disagree on a number. */
static void disagree(struct model *m, const char *what, u64 scheduler,
		     u64 model)
{
	if (!m->failed)
		KUNIT_FAIL(m->f->test,
			   "seed 0x%llx, operation %u: %s: scheduler %lld, model %lld",
			   m->seed, m->op, what, scheduler, model);
	m->failed = true;
}

static void agree(struct model *m, const char *what, u64 scheduler, u64 model)
{
	if (scheduler != model)
		disagree(m, what, scheduler, model);
}

/* The order of the guide. */

static struct model_job *highest_priority(struct model *m)
{
	struct model_job *best = NULL;
	u32 i;

	for (i = 0; i < JOBS; i++) {
		struct model_job *job = &m->jobs[i];

		if (job->state != MODEL_PENDING)
			continue;
		if (!best || job->priority > best->priority ||
		    (job->priority == best->priority && job->seq < best->seq))
			best = job;
	}
	return best;
}

static struct model_job *earliest_deadline(struct model *m)
{
	struct model_job *best = NULL;
	u32 i;

	for (i = 0; i < JOBS; i++) {
		struct model_job *job = &m->jobs[i];

		if (job->state != MODEL_PENDING || !job->has_deadline)
			continue;
		if (!best || job->deadline_ns < best->deadline_ns ||
		    (job->deadline_ns == best->deadline_ns &&
		     job->seq < best->seq))
			best = job;
	}
	return best;
}

static struct model_job *next_to_run(struct model *m)
{
	struct model_job *job = NULL;

	if (m->stat.state & BPFSCHED_STATE_PAUSED)
		return NULL;
	if (m->deadlines)
		job = earliest_deadline(m);
	return job ?: highest_priority(m);
}

/* What becomes of jobs. */

static struct model_job *live_job(struct model *m, u32 owner, u64 id)
{
	u32 i;

	for (i = 0; i < JOBS; i++) {
		if (m->jobs[i].state != MODEL_NONE &&
		    m->jobs[i].owner == owner && m->jobs[i].id == id)
			return &m->jobs[i];
	}
	return NULL;
}

static u32 slots_in_use(struct model *m, u32 owner)
{
	u32 i, count = m->owned[owner].count;

	for (i = 0; i < JOBS; i++)
		count += m->jobs[i].state != MODEL_NONE &&
			 m->jobs[i].owner == owner;
	return count;
}

static void miss_if_passed(struct model *m, struct model_job *job)
{
	if (job->state == MODEL_NONE || !job->has_deadline || job->missed ||
	    job->deadline_ns > m->f->now_ns)
		return;
	job->missed = true;
	m->stat.deadline_misses++;
}

/* A job has ended; the same is said of it as its completion should say. */
static void model_end(struct model *m, struct model_job *job, u32 status)
{
	struct model_client *owned = &m->owned[job->owner];

	miss_if_passed(m, job);
	m->stat.completed += status == BPFSCHED_STATUS_OK;
	m->stat.failed += status == BPFSCHED_STATUS_FAULT ||
			  status == BPFSCHED_STATUS_BUDGET;
	m->stat.cancelled += status == BPFSCHED_STATUS_CANCELLED;
	if (job->owner < CLIENTS)
		owned->unread[owned->count++] = (struct bpfsched_completion) {
			.record.flags = BPFSCHED_COMPLETION_LAST |
				(job->missed ? BPFSCHED_COMPLETION_MISSED : 0),
			.id = job->id,
			.user_data = job->token,
			.status = status,
			.priority = job->priority,
			.r0 = status == BPFSCHED_STATUS_OK ? job->token : 0,
			.submitted_ns = job->submitted_ns,
			.started_ns = job->started_ns,
			.ended_ns = m->f->now_ns,
			.deadline_ns = job->deadline_ns,
			.start_seq = job->start_seq,
		};
	job->state = MODEL_NONE;
}

/* Comparing. */

static void compare(struct model *m)
{
	struct bpfsched_stat stat = fixture_stat(m->f);
	u32 i;

	agree(m, "state", stat.state, m->stat.state);
	agree(m, "submitted", stat.submitted, m->stat.submitted);
	agree(m, "completed", stat.completed, m->stat.completed);
	agree(m, "failed", stat.failed, m->stat.failed);
	agree(m, "cancelled", stat.cancelled, m->stat.cancelled);
	agree(m, "dropped", stat.dropped, m->stat.dropped);
	agree(m, "rejected", stat.rejected, m->stat.rejected);
	agree(m, "pending", stat.pending, m->stat.pending);
	agree(m, "running", stat.running, m->stat.running);
	agree(m, "exec_count", stat.exec_count, m->stat.exec_count);
	agree(m, "deadline_misses", stat.deadline_misses,
	      m->stat.deadline_misses);
	agree(m, "preemptions", stat.preemptions, m->stat.preemptions);
	agree(m, "queue_high_water", stat.queue_high_water,
	      m->stat.queue_high_water);
	agree(m, "has_pending", bpfsched_has_pending(m->f->sched),
	      m->stat.pending > 0);
	agree(m, "has_room", bpfsched_has_room(m->f->sched),
	      m->stat.pending < m->capacity);
	for (i = 0; i < CLIENTS; i++)
		agree(m, "has_slots", bpfsched_completions_have_slots(m->clients[i], 1),
		      slots_in_use(m, i) < m->slots);
	if (!m->failed && !fixture_check(m->f))
		disagree(m, "consistent", false, true);
}

static void compare_records(struct model *m,
			    const struct bpfsched_completion *record,
			    const struct bpfsched_completion *expected)
{
	agree(m, "id", record->id, expected->id);
	agree(m, "user_data", record->user_data, expected->user_data);
	agree(m, "status", record->status, expected->status);
	agree(m, "flags", record->record.flags, expected->record.flags);
	agree(m, "priority", record->priority, expected->priority);
	agree(m, "r0", record->r0, expected->r0);
	agree(m, "submitted_ns", record->submitted_ns, expected->submitted_ns);
	agree(m, "started_ns", record->started_ns, expected->started_ns);
	agree(m, "ended_ns", record->ended_ns, expected->ended_ns);
	agree(m, "deadline_ns", record->deadline_ns, expected->deadline_ns);
	agree(m, "start_seq", record->start_seq, expected->start_seq);
}

/* Operations. */

static void random_desc(struct model *m, struct bpfsched_job_desc *desc)
{
	*desc = (struct bpfsched_job_desc) {
		.user_data = ++m->last_token,
		.priority = below(m, BPFSCHED_PRIORITIES),
		.context_len = below(m, 3) * 8,
	};
	/* Numbers near the counter, so that it has something to skip. */
	if (chance(m, 3))
		desc->id = 1 + m->last_id + below(m, 8) - min(m->last_id, 3ULL);
	if (!(m->deadlines ? below(m, 3) : chance(m, 50)))
		return;
	if (below(m, 2)) {
		desc->flags = BPFSCHED_JOB_DEADLINE_REL;
		desc->deadline_ns = below(m, 40);
	} else {
		desc->flags = BPFSCHED_JOB_DEADLINE_ABS;
		desc->deadline_ns = m->f->now_ns + below(m, 40) - 2;
	}
}

static u64 absolute(struct model *m, const struct bpfsched_job_desc *desc)
{
	if (desc->flags & BPFSCHED_JOB_DEADLINE_REL)
		return m->f->now_ns + desc->deadline_ns;
	return desc->deadline_ns;
}

/*
 * Whether an error is a good one. If there are several reasons to refuse a
 * job, any of them will do, but a job that could be made goes before one that
 * could not.
 */
static bool is_reason(struct model *m, u32 owner,
		      const struct bpfsched_job_desc *desc, int err)
{
	bool exists = desc->id && live_job(m, owner, desc->id);
	bool no_slot = slots_in_use(m, owner) >= m->slots;
	bool full = m->stat.pending >= m->capacity;

	if (desc->flags && !m->deadlines)
		return err == -EOPNOTSUPP;
	if (desc->flags && absolute(m, desc) <= m->f->now_ns)
		return err == -ETIME;
	switch (err) {
	case 0:
		return !exists && !no_slot && !full;
	case -EEXIST:
		return exists;
	case -EDQUOT:
		return no_slot;
	case -EAGAIN:
		return full;
	default:
		return false;
	}
}

static u64 model_next_id(struct model *m, u32 owner)
{
	do {
		m->last_id++;
	} while (live_job(m, owner, m->last_id));
	return m->last_id;
}

static struct model_job *model_submit(struct model *m, u32 owner,
				      const struct bpfsched_job_desc *desc)
{
	struct model_job *job = m->jobs;

	while (job->state != MODEL_NONE)
		job++;
	*job = (struct model_job) {
		.state = MODEL_PENDING,
		.owner = owner,
		.id = desc->id ?: model_next_id(m, owner),
		.token = desc->user_data,
		.seq = ++m->last_seq,
		.priority = desc->priority,
		.has_deadline = desc->flags,
		.deadline_ns = desc->flags ? absolute(m, desc) : 0,
		.submitted_ns = m->f->now_ns,
	};
	m->stat.submitted++;
	m->stat.pending++;
	m->stat.queue_high_water = max(m->stat.queue_high_water,
				       m->stat.pending);
	return job;
}

static void count_refusal(struct tally *tally, int err)
{
	switch (err) {
	case -EEXIST:
		tally->exists++;
		break;
	case -EDQUOT:
		tally->no_slot++;
		break;
	case -EAGAIN:
		tally->full++;
		break;
	default:
		tally->others++;
	}
}

static void op_submit(struct model *m)
{
	u32 owner = below(m, CLIENTS);
	struct bpfsched_job_desc desc, asked;
	int err;

	random_desc(m, &desc);
	asked = desc;
	err = fixture_try(m->clients[owner], m->f->script, &desc);
	if (!is_reason(m, owner, &asked, err)) {
		disagree(m, "result of submit", err, 1);
		return;
	}
	if (err) {
		m->stat.rejected++;
		count_refusal(m->tally, err);
		return;
	}
	agree(m, "number of the job", desc.id,
	      model_submit(m, owner, &asked)->id);
}

/* A number near the counter, or that of a job that is there to be cancelled. */
static void op_cancel(struct model *m)
{
	u32 owner = below(m, CLIENTS);
	u64 id = m->last_id + 6 - min_t(u64, below(m, 24), m->last_id);
	struct model_job *job = &m->jobs[below(m, JOBS)];
	int err;

	if (job->state != MODEL_NONE && job->owner < CLIENTS) {
		owner = job->owner;
		id = job->id;
	}
	job = live_job(m, owner, id);
	err = bpfsched_cancel(m->clients[owner], id);
	agree(m, "result of cancel", err, job ? 0 : -ENOENT);
	if (!job)
		return;
	if (job->state == MODEL_RUNNING) {
		job->told_to_stop = true;
	} else {
		m->stat.pending--;
		model_end(m, job, BPFSCHED_STATUS_CANCELLED);
	}
}

/* Time passes, and the clock calls back in time. */
static void op_advance(struct model *m)
{
	u32 i;

	fixture_pass(m->f, below(m, 16));
	for (i = 0; i < JOBS; i++)
		miss_if_passed(m, &m->jobs[i]);
}

/* Time passes, and the clock is late. */
static void op_stall(struct model *m)
{
	m->f->now_ns += below(m, 8);
}

static void op_read(struct model *m)
{
	u32 owner = below(m, CLIENTS);
	struct model_client *owned = &m->owned[owner];
	struct bpfsched_completion record;
	bool there = fixture_read(m->clients[owner], &record);

	agree(m, "there is a completion", there, owned->count > 0);
	if (!there || !owned->count)
		return;
	compare_records(m, &record, &owned->unread[0]);
	owned->count--;
	memmove(owned->unread, owned->unread + 1,
		owned->count * sizeof(*owned->unread));
}

static void op_pause(struct model *m)
{
	if (m->stat.state & BPFSCHED_STATE_PAUSED) {
		bpfsched_resume(m->f->sched);
		m->stat.state = 0;
	} else if (chance(m, 4)) {
		bpfsched_pause(m->f->sched);
		m->stat.state = BPFSCHED_STATE_PAUSED;
	}
}

/* A client closes, and another one is opened in its place. */
static void op_reopen(struct model *m)
{
	u32 owner = below(m, CLIENTS), i;

	if (!chance(m, 10))
		return;
	fixture_close(m->f, m->clients[owner]);
	m->clients[owner] = fixture_open(m->f);
	m->owned[owner].count = 0;
	for (i = 0; i < JOBS; i++) {
		struct model_job *job = &m->jobs[i];

		if (job->state == MODEL_NONE || job->owner != owner)
			continue;
		job->owner = CLIENTS;
		if (job->state == MODEL_RUNNING) {
			job->told_to_stop = true;
			continue;
		}
		m->stat.pending--;
		model_end(m, job, BPFSCHED_STATUS_CANCELLED);
	}
}

static void do_op(struct model *m);

/* A job has been started: is it the right one? Then things happen meanwhile. */
static void see_start(struct fixture_run *run)
{
	static const enum bpfsched_outcome outcomes[] = {
		BPFSCHED_DONE, BPFSCHED_DONE, BPFSCHED_FAULTED,
		BPFSCHED_EXHAUSTED,
	};
	struct model *m = run->script->data;
	struct model_job *job = m->expected[m->depth];
	u32 ops;

	agree(m, "job that is started", run->job->user_data,
	      job ? job->token : 0);
	if (m->failed)
		return;
	job->state = MODEL_RUNNING;
	job->started_ns = m->f->now_ns;
	job->start_seq = ++m->stat.exec_count;
	m->stat.pending--;
	m->stat.running++;
	compare(m);

	job->outcome = outcomes[below(m, ARRAY_SIZE(outcomes))];
	run->outcome = job->outcome;
	run->result.r0 = job->outcome == BPFSCHED_DONE ? job->token : 0;
	m->depth++;
	for (ops = below(m, 9); ops; ops--)
		do_op(m);
	m->depth--;
}

static u32 status_of_end(const struct model_job *job)
{
	if (job->told_to_stop)
		return BPFSCHED_STATUS_CANCELLED;
	switch (job->outcome) {
	case BPFSCHED_DONE:
		return BPFSCHED_STATUS_OK;
	case BPFSCHED_FAULTED:
		return BPFSCHED_STATUS_FAULT;
	default:
		return BPFSCHED_STATUS_BUDGET;
	}
}

static void op_step(struct model *m)
{
	u32 worker = m->depth;
	struct model_job *job;
	bool ran;

	if (worker >= m->workers)
		return;
	job = next_to_run(m);
	m->expected[worker] = job;
	ran = bpfsched_worker_step(&m->f->sched->workers[worker]);
	agree(m, "there is a job to run", ran, !!job);
	if (m->failed || !job)
		return;
	m->stat.running--;
	m->tally->stops += job->told_to_stop;
	model_end(m, job, status_of_end(job));
}

static void do_op(struct model *m)
{
	static void (*const ops[])(struct model *m) = {
		op_submit, op_submit, op_submit, op_submit, op_submit,
		op_step, op_step, op_step, op_step,
		op_cancel, op_cancel, op_advance, op_advance, op_stall,
		op_read, op_read, op_read, op_read, op_pause, op_reopen,
	};

	if (m->failed || m->op >= OPS)
		return;
	m->op++;
	ops[below(m, ARRAY_SIZE(ops))](m);
	if (!m->failed)
		compare(m);
}

/* Small limits, different ones in each round, so that all of them are met. */
static void start_round(struct model *m, struct kunit *test,
			const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_params params = fixture_params(policy);
	u32 i;

	trials_start(&m->rnd, m->seed);
	m->capacity = 1 + below(m, 12);
	m->slots = 1 + below(m, SLOTS);
	m->workers = 1 + below(m, WORKERS);
	m->deadlines = policy->flags & BPFSCHED_POLICY_DEADLINES;
	params.limits.capacity = m->capacity;
	params.limits.completion_slots = m->slots;
	params.limits.workers = m->workers;
	params.preallocate = below(m, 2);

	m->f = fixture_new(test, &params);
	m->f->script->during = see_start;
	m->f->script->data = m;
	m->clients[0] = m->f->client;
	for (i = 1; i < CLIENTS; i++)
		m->clients[i] = fixture_open(m->f);
}

/* That all of it happened, or else it was not tested. */
static void expect_variety(struct kunit *test, const struct tally *tally,
			   bool deadlines)
{
	KUNIT_EXPECT_EQ(test, tally->misses > 0, deadlines);
	KUNIT_EXPECT_NE(test, 0U, tally->stops);
	KUNIT_EXPECT_NE(test, 0U, tally->exists);
	KUNIT_EXPECT_NE(test, 0U, tally->no_slot);
	KUNIT_EXPECT_NE(test, 0U, tally->full);
	KUNIT_EXPECT_NE(test, 0U, tally->others);
	kunit_info(test,
		   "%u misses, %u stops, %u refusals by -EEXIST, %u by -EDQUOT, %u by -EAGAIN, %u others\n",
		   tally->misses, tally->stops, tally->exists,
		   tally->no_slot, tally->full, tally->others);
}

static void follow_the_model(struct kunit *test,
			     const struct bpfsched_policy_ops *policy)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct tally tally = {};
	u64 seed = trials_seed(SEED);
	u32 round;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (round = 0; round < trials(ROUNDS); round++) {
		memset(m, 0, sizeof(*m));
		m->tally = &tally;
		m->seed = seed + round;
		start_round(m, test, policy);
		while (m->op < OPS && !m->failed)
			do_op(m);
		if (m->failed)
			return;
		tally.ops += m->op;
		tally.misses += m->stat.deadline_misses;
		fixture_free(m->f);
		cond_resched();
	}
	expect_variety(test, &tally, policy->flags & BPFSCHED_POLICY_DEADLINES);
	trials_done(test, tally.ops, seed);
}

static void throughput_follows_the_model(struct kunit *test)
{
	follow_the_model(test, &bpfsched_throughput_policy);
}

static void deadline_follows_the_model(struct kunit *test)
{
	follow_the_model(test, &bpfsched_deadline_policy);
}

/*
 * Clients come and go, cancel their jobs and those of others, before and while
 * these run. Whatever the order, every job ends once and nothing is left over.
 */

#define CROWD_ROUNDS	1000
#define CROWD_OPS	1000	/* of a round; far more than it takes */
#define CROWD_JOBS	6	/* of a client, at most */

/**
 * struct crowd - some clients
 * @f: the scheduler
 * @clients: the clients, NULL: closed
 * @depth: workers that are in a run
 * @rnd: where all randomness comes from
 */
struct crowd {
	struct fixture *f;
	struct bpfsched_client *clients[CLIENTS];
	u32 depth;
	struct rnd_state rnd;
};

static u32 crowd_below(struct crowd *c, u32 limit)
{
	return prandom_u32_state(&c->rnd) % limit;
}

static void crowd_op(struct crowd *c)
{
	struct bpfsched *sched = c->f->sched;
	u32 i = crowd_below(c, CLIENTS);
	u64 id = 1 + crowd_below(c, CROWD_JOBS);

	switch (crowd_below(c, 8)) {
	case 0:
		if (c->clients[i])
			fixture_close(c->f, c->clients[i]);
		c->clients[i] = NULL;
		break;
	case 1:
	case 2:
		if (c->clients[i])
			bpfsched_cancel(c->clients[i], id);
		break;
	case 3:
		bpfsched_cancel_any(sched, 0, id);
		break;
	case 4:
		fixture_pass(c->f, crowd_below(c, 8));
		break;
	default:
		if (c->depth < WORKERS)
			bpfsched_worker_step(&sched->workers[c->depth]);
	}
	fixture_check(c->f);
}

static void crowd_while_running(struct fixture_run *run)
{
	struct crowd *c = run->script->data;
	u32 ops;

	c->depth++;
	for (ops = crowd_below(c, 4); ops; ops--)
		crowd_op(c);
	c->depth--;
}

static void crowd_submit(struct crowd *c, u32 i)
{
	struct bpfsched_job_desc descs[CROWD_JOBS];
	u32 job, count = 1 + crowd_below(c, CROWD_JOBS);

	for (job = 0; job < count; job++)
		descs[job] = (struct bpfsched_job_desc) {
			.id = job + 1,
			.flags = BPFSCHED_JOB_DEADLINE_REL |
				 (crowd_below(c, 2) ?
				  BPFSCHED_JOB_RETURN_CONTEXT : 0),
			.deadline_ns = 1 + crowd_below(c, 20),
			.context_len = crowd_below(c, 3) * 5,
		};
	KUNIT_EXPECT_EQ(c->f->test, count,
			fixture_batch(c->clients[i], c->f->script, descs,
				      count));
}

static bool crowd_is_gone(const struct crowd *c)
{
	u32 i;

	for (i = 0; i < CLIENTS; i++) {
		if (c->clients[i])
			return false;
	}
	return true;
}

/* Returns how many operations it took. */
static u32 crowd_round(struct crowd *c, u32 slots)
{
	struct fixture *f = c->f;
	u32 i, ops;

	for (i = 0; i < CLIENTS; i++) {
		c->clients[i] = fixture_open(f);
		crowd_submit(c, i);
	}
	for (ops = 0; ops < CROWD_OPS && !crowd_is_gone(c); ops++)
		crowd_op(c);

	KUNIT_EXPECT_TRUE(f->test, crowd_is_gone(c));
	KUNIT_EXPECT_EQ(f->test, 0ULL, fixture_stat(f).pending);
	KUNIT_EXPECT_EQ(f->test, 0ULL, fixture_stat(f).running);
	KUNIT_EXPECT_EQ(f->test, (u64)fixture_runs(f->script),
			fixture_stat(f).exec_count);
	bpfsched_clients_flush();
	KUNIT_EXPECT_EQ(f->test, 1U, kref_read(&f->sched->ref));
	KUNIT_EXPECT_EQ(f->test, 1U, kref_read(&f->script->prog->ref));
	KUNIT_EXPECT_EQ(f->test, slots, fixture_free_slots(f));
	return ops;
}

static void crowd_leaves_nothing_behind(struct kunit *test)
{
	struct bpfsched_params params =
		fixture_params(&bpfsched_deadline_policy);
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u64 seed = trials_seed(SEED), ops = 0;
	u32 round, slots;

	KUNIT_ASSERT_NOT_NULL(test, c);
	params.limits.capacity = CLIENTS * CROWD_JOBS;
	params.limits.workers = WORKERS;
	params.preallocate = true;
	c->f = fixture_new(test, &params);
	c->f->script->during = crowd_while_running;
	c->f->script->data = c;
	fixture_close(c->f, c->f->client);
	slots = fixture_free_slots(c->f);

	for (round = 0; round < trials(CROWD_ROUNDS); round++) {
		trials_start(&c->rnd, seed + round);
		ops += crowd_round(c, slots);
		KUNIT_ASSERT_EQ_MSG(test, KUNIT_SUCCESS, test->status,
				    "seed 0x%llx", seed + round);
		cond_resched();
	}
	KUNIT_EXPECT_NE(test, 0ULL, fixture_stat(c->f).cancelled);
	KUNIT_EXPECT_NE(test, 0ULL, fixture_stat(c->f).completed);
	KUNIT_EXPECT_NE(test, 0ULL, fixture_stat(c->f).deadline_misses);
	trials_done(test, ops, seed);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(throughput_follows_the_model),
	KUNIT_CASE(deadline_follows_the_model),
	KUNIT_CASE(crowd_leaves_nothing_behind),
	{}
};

static struct kunit_suite model_suite = {
	.name = "model",
	.exit = fixture_exit,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
