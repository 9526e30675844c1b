// SPDX-License-Identifier: GPL-2.0
/*
 * Who runs when: the scheduler with its clock, releases, preemption and
 * admission against a model that knows nothing of how it is made.
 *
 * A plan says which jobs are submitted when and how long each release takes.
 * The scheduler plays it on the manual clock, and what runs from when is
 * written down; then the model, an array that is searched from end to end at
 * each event, plays it and writes down the same. Both must have done the same
 * at every moment; so there is no inversion. Jobs that were admitted must not
 * miss a deadline, and one is refused only if there would be a miss: brute force
 * tells, with all that was admitted, as it is at that moment.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fixture.h"
#include "ticker.h"
#include "trials.h"

#define SEED		0x5eed0300ULL
#define JOBS		8
#define SUBMISSIONS_END	60	/* all submissions come before */
#define END		360	/* of a plan; more than two hyperperiods follow */
#define NOTES		1024

/* A kernel that checks each access plays fewer plans in the same time. */
#define SLOWNESS	(IS_ENABLED(CONFIG_KASAN) ? 20 : 1)

/* All periods divide it. */
#define HYPERPERIOD	120

/**
 * struct plan_job - one job of a plan, all times from the begin of the plan
 * @submit_ns: when it is submitted
 * @not_before_ns: how long after that it is released
 * @deadline_ns: distance of the deadline from the release, 0: none
 * @period_ns: distance of two releases, 0: there is only one
 * @count: number of releases, 0: without end
 * @priority: its priority
 * @declared_ns: declared run time, 0: not declared
 * @least_ns: a release takes at least this
 * @most_ns: and at most this
 * @taken: whether the scheduler took it
 * @admitted: whether it did so with the declaration
 * @left_ns: time that the release still needs when the scheduler runs it
 * @id: its number
 */
struct plan_job {
	u64 submit_ns;
	u64 not_before_ns;
	u64 deadline_ns;
	u64 period_ns;
	u64 count;
	u32 priority;
	u64 declared_ns;
	u64 least_ns;
	u64 most_ns;
	bool taken;
	bool admitted;
	u64 left_ns;
	u64 id;
};

/**
 * struct note - something that has happened
 * @when_ns: when
 * @job: whose release it is
 * @ended: not 0: the release has ended; 0: from then on it runs
 * @release: number of the release
 */
struct note {
	u64 when_ns;
	u32 job;
	u32 ended;
	u64 release;
};

/**
 * struct notes - what has happened
 * @count: number of @list
 * @list: in order of time
 */
struct notes {
	u32 count;
	struct note list[NOTES];
};

/**
 * struct plan - some jobs, and what the scheduler made of them
 * @f: the scheduler
 * @seed: where all randomness comes from
 * @rnd: made from it
 * @begin_ns: the time at which the plan begins
 * @count: number of @jobs
 * @next: the first of @jobs that was not yet submitted
 * @jobs: in order of submission
 * @over: the end was reached, all jobs were cancelled
 * @late: releases of admitted jobs that were unfinished at their deadline
 * @seen: what the scheduler did
 * @model: what the model did
 */
struct plan {
	struct fixture *f;
	u64 seed;
	struct rnd_state rnd;
	u64 begin_ns;
	u32 count;
	u32 next;
	struct plan_job jobs[JOBS];
	bool over;
	u32 late;
	struct notes seen;
	struct notes model;
};

/**
 * struct tally - what has happened in all plans
 * @plans: number of plans
 * @admitted: jobs that were admitted
 * @preemptions: how often a job made way
 * @refused: jobs that were not admitted
 * @several: plans with at least two admitted jobs
 * @full: such plans with another job that was not admitted
 * @tight: such plans whose endless jobs take nine tenths of the time or more
 * @brimful: such plans whose endless jobs take all of the time
 * @notes: starts and ends of all plans
 */
struct tally {
	u32 plans;
	u32 admitted;
	u32 refused;
	u32 several;
	u32 full;
	u32 tight;
	u32 brimful;
	u64 notes;
};

static u32 below(struct plan *p, u32 limit)
{
	return prandom_u32_state(&p->rnd) % limit;
}

/* How long a release takes, whoever asks. */
static u64 takes(const struct plan *p, u32 job, u64 release)
{
	const struct plan_job *planned = &p->jobs[job];
	u64 mix = (p->seed * 31 + job) * 131 + release;
	struct rnd_state rnd;

	if (planned->least_ns == planned->most_ns)
		return planned->most_ns;
	trials_start(&rnd, mix);
	return planned->least_ns +
	       prandom_u32_state(&rnd) %
	       (u32)(planned->most_ns - planned->least_ns + 1);
}

static struct note *add_note(struct notes *notes)
{
	return &notes->list[min_t(u32, notes->count++, NOTES - 1)];
}

/* A job that only goes on is not noted again. */
static void note_run(struct notes *notes, u64 when_ns, u32 job, u64 release)
{
	const struct note *last = notes->count ?
				  &notes->list[notes->count - 1] : NULL;

	if (last && !last->ended && last->job == job &&
	    last->release == release)
		return;
	*add_note(notes) = (struct note) {
		.when_ns = when_ns, .job = job, .release = release,
	};
}

static void note_end(struct notes *notes, u64 when_ns, u32 job, u64 release)
{
	*add_note(notes) = (struct note) {
		.when_ns = when_ns, .job = job, .ended = 1, .release = release,
	};
}

/* The scheduler plays the plan. */

static u64 plan_now(const struct plan *p)
{
	return p->f->now_ns - p->begin_ns;
}

/* With the declaration if it is admitted, else without. */
static void submit(struct plan *p, u32 i)
{
	struct plan_job *job = &p->jobs[i];
	struct bpfsched_job_desc desc = {
		.flags = (job->deadline_ns ? BPFSCHED_JOB_DEADLINE_REL : 0) |
			 BPFSCHED_JOB_NOT_BEFORE_REL,
		.user_data = i,
		.priority = job->priority,
		.deadline_ns = job->deadline_ns,
		.not_before_ns = job->not_before_ns,
		.period_ns = job->period_ns,
		.count = job->count,
		.run_time_ns = job->declared_ns,
	};
	int err = fixture_try(p->f->client, p->f->script, &desc);

	job->admitted = !err && job->declared_ns;
	if (err == -EBUSY) {
		desc.run_time_ns = 0;
		err = fixture_try(p->f->client, p->f->script, &desc);
	}
	KUNIT_EXPECT_EQ(p->f->test, 0, err);
	job->taken = !err;
	job->id = desc.id;
}

/* Whatever falls due until the time comes, first the clock's, then ours. */
static void pass_until(struct plan *p, u64 when_ns)
{
	fixture_advance(p->f, p->begin_ns + when_ns);
	while (p->next < p->count && p->jobs[p->next].submit_ns <= when_ns)
		submit(p, p->next++);
}

static u64 next_event(const struct plan *p)
{
	u64 next_ns = END;

	if (p->f->armed_ns > p->f->now_ns)
		next_ns = min(next_ns, p->f->armed_ns - p->begin_ns);
	if (p->next < p->count)
		next_ns = min(next_ns, p->jobs[p->next].submit_ns);
	return next_ns;
}

/* Jobs that have ended meanwhile are not there any more. */
static void cancel_all(struct plan *p)
{
	u32 i;

	for (i = 0; i < p->next; i++)
		bpfsched_cancel(p->f->client, p->jobs[i].id);
	p->over = true;
}

static void run_until_told(struct fixture_run *run)
{
	struct plan *p = run->script->data;
	u32 i = run->job->user_data;
	struct plan_job *job = &p->jobs[i];

	if (!job->left_ns)
		job->left_ns = takes(p, i, run->job->release);
	note_run(&p->seen, plan_now(p), i, run->job->release);
	while (job->left_ns &&
	       READ_ONCE(run->job->control) == BPFSCHED_CONTROL_RUN) {
		u64 now_ns = plan_now(p);
		u64 ran_ns = min(job->left_ns, next_event(p) - now_ns);

		job->left_ns -= ran_ns;
		pass_until(p, now_ns + ran_ns);
		if (now_ns + ran_ns == END)
			cancel_all(p);
	}
	if (!job->left_ns)
		note_end(&p->seen, plan_now(p), i, run->job->release);
	run->outcome = job->left_ns ? BPFSCHED_PAUSED : BPFSCHED_DONE;
}

/*
 * Who ends at the very nanosecond of the deadline has kept it, although the
 * scheduler, for which the deadline has expired then, counts it as missed.
 */
static void read_all(struct plan *p)
{
	struct bpfsched_completion record;

	while (fixture_read(p->f->client, &record))
		p->late += p->jobs[record.user_data].admitted &&
			   record.ended_ns > record.deadline_ns;
}

static void play(struct plan *p)
{
	p->f->script->during = run_until_told;
	p->f->script->data = p;
	p->begin_ns = p->f->now_ns;
	while (!p->over) {
		pass_until(p, plan_now(p));
		if (!fixture_step(p->f))
			pass_until(p, next_event(p));
		if (!p->over && plan_now(p) == END)
			cancel_all(p);
		read_all(p);
	}
	read_all(p);
}

static void tell_plan(struct plan *p)
{
	u32 i;

	for (i = 0; i < p->count; i++) {
		const struct plan_job *job = &p->jobs[i];

		kunit_info(p->f->test,
			   "%u: submitted %llu, +%llu, deadline %llu, period %llu, count %llu, priority %u, declared %llu, takes %llu-%llu%s\n",
			   i, job->submit_ns, job->not_before_ns,
			   job->deadline_ns, job->period_ns, job->count,
			   job->priority, job->declared_ns, job->least_ns,
			   job->most_ns, job->admitted ? ", admitted" : "");
	}
}

/* The model plays it. */

/**
 * struct model_job - a job as the model knows it
 * @live: it was submitted and is not over
 * @released: it can run
 * @admitted: it was admitted and has kept to its declaration
 * @release: number of the release
 * @release_ns: when it is released
 * @ran_ns: how long this release has run
 * @left_ns: how long it still will
 * @waits: its place among those that wait for a release
 * @seq: its place among those that were released
 */
struct model_job {
	bool live;
	bool released;
	bool admitted;
	u64 release;
	u64 release_ns;
	u64 ran_ns;
	u64 left_ns;
	u32 waits;
	u32 seq;
};

/**
 * struct model - all jobs of a plan
 * @p: the plan
 * @preemptive: a better job makes the one that runs give way
 * @deadlines: deadlines decide
 * @now_ns: the time
 * @jobs: as in the plan
 * @next: the first that was not yet submitted
 * @running: index of the job that runs, JOBS: none
 * @last_wait: last place given in model_job.waits
 * @last_seq: last place given in model_job.seq
 */
struct model {
	struct plan *p;
	bool preemptive;
	bool deadlines;
	u64 now_ns;
	struct model_job jobs[JOBS];
	u32 next;
	u32 running;
	u32 last_wait;
	u32 last_seq;
};

static void model_wait(struct model *m, u32 i, u64 release_ns)
{
	struct model_job *job = &m->jobs[i];

	job->released = false;
	job->release_ns = release_ns;
	job->ran_ns = 0;
	job->left_ns = takes(m->p, i, job->release);
	job->waits = ++m->last_wait;
}

/* Which of two that are due is released first. */
static bool is_released_before(const struct model_job *a,
			       const struct model_job *b)
{
	if (a->admitted != b->admitted)
		return a->admitted;
	if (a->release_ns != b->release_ns)
		return a->release_ns < b->release_ns;
	return a->waits < b->waits;
}

static u32 first_due(const struct model *m)
{
	u32 i, first = JOBS;

	for (i = 0; i < JOBS; i++) {
		const struct model_job *job = &m->jobs[i];

		if (!job->live || job->released || job->release_ns > m->now_ns)
			continue;
		if (first == JOBS ||
		    is_released_before(job, &m->jobs[first]))
			first = i;
	}
	return first;
}

static void model_release(struct model *m)
{
	u32 i;

	for (i = first_due(m); i < JOBS; i = first_due(m)) {
		m->jobs[i].released = true;
		m->jobs[i].seq = ++m->last_seq;
	}
}

/* What an admitted job asks for from now on; false: for nothing any more. */
static bool model_demand(const struct model *m, u32 i,
			 struct bpfsched_demand *demand)
{
	const struct plan_job *planned = &m->p->jobs[i];
	const struct model_job *job = &m->jobs[i];

	if (!job->live || !job->admitted || job->ran_ns > planned->declared_ns)
		return false;
	*demand = (struct bpfsched_demand) {
		.release_ns = job->release_ns,
		.deadline_ns = planned->deadline_ns,
		.left_ns = planned->declared_ns - job->ran_ns,
		.run_ns = planned->declared_ns,
		.period_ns = planned->period_ns,
	};
	if (planned->period_ns)
		demand->later = planned->count ?
				planned->count - job->release - 1 : U64_MAX;
	if (demand->left_ns)
		return true;
	/* It is about to end; then the next release follows. */
	if (!demand->later)
		return false;
	if (demand->later != U64_MAX)
		demand->later--;
	demand->release_ns += demand->period_ns;
	demand->left_ns = demand->run_ns;
	return true;
}

/* Of the endless ones, in parts of HYPERPERIOD. */
static u64 utilization(const struct bpfsched_demand *demands, u32 count)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		if (demands[i].later == U64_MAX)
			sum += demands[i].run_ns *
			       (HYPERPERIOD / (u32)demands[i].period_ns);
	}
	return sum;
}

/* Whether job @i, which is submitted now, would do harm if it were admitted. */
static bool would_miss(struct model *m, u32 i)
{
	struct bpfsched_demand demands[JOBS];
	u32 j, count = 0;

	m->jobs[i] = (struct model_job) {
		.live = true,
		.admitted = true,
		.release_ns = m->now_ns + m->p->jobs[i].not_before_ns,
	};
	for (j = 0; j < JOBS; j++)
		count += model_demand(m, j, &demands[count]);
	if (utilization(demands, count) > HYPERPERIOD)
		return true;
	return ticker_misses(demands, count, 1, m->now_ns,
			     ticker_enough(demands, count, m->now_ns));
}

static void model_admit(struct model *m, u32 i)
{
	struct plan *p = m->p;
	bool misses;

	if (!p->jobs[i].declared_ns)
		return;
	misses = would_miss(m, i);
	if (misses == p->jobs[i].admitted) {
		tell_plan(p);
		KUNIT_FAIL(p->f->test,
			   "seed 0x%llx: job %u was %s, but %s would be missed",
			   p->seed, i, misses ? "admitted" : "refused",
			   misses ? "a deadline" : "nothing");
	}
}

static void model_submit(struct model *m)
{
	struct plan *p = m->p;

	for (; m->next < p->count; m->next++) {
		const struct plan_job *planned = &p->jobs[m->next];

		if (planned->submit_ns > m->now_ns)
			return;
		if (!planned->taken)
			continue;
		model_admit(m, m->next);
		m->jobs[m->next] = (struct model_job) {
			.live = true,
			.admitted = planned->admitted,
		};
		model_wait(m, m->next, m->now_ns + planned->not_before_ns);
		model_release(m);
	}
}

/* A release that falls due before the last one has ended is left out. */
static void model_end(struct model *m)
{
	const struct plan_job *planned = &m->p->jobs[m->running];
	struct model_job *job = &m->jobs[m->running];
	u64 release_ns = job->release_ns;

	note_end(&m->p->model, m->now_ns, m->running, job->release);
	job->live = planned->period_ns;
	do {
		release_ns += planned->period_ns;
		job->release++;
		if (planned->count && job->release == planned->count)
			job->live = false;
	} while (job->live && release_ns < m->now_ns);
	model_wait(m, m->running, release_ns);
	m->running = JOBS;
}

/* The job that runs has used up its declaration, or all that it needs. */
static void model_running(struct model *m)
{
	struct model_job *job = &m->jobs[m->running % JOBS];

	if (m->running == JOBS)
		return;
	if (job->ran_ns > m->p->jobs[m->running].declared_ns)
		job->admitted = false;
	if (!job->left_ns)
		model_end(m);
}

/* 0: admitted, 1: with a deadline, 2: with nothing but a priority. */
static u32 class_of(const struct model *m, u32 i)
{
	if (!m->deadlines || !m->p->jobs[i].deadline_ns)
		return 2;
	return !m->jobs[i].admitted;
}

static bool outranks(const struct model *m, u32 a, u32 b)
{
	const struct plan_job *plans = m->p->jobs;
	u64 deadline_a = m->jobs[a].release_ns + plans[a].deadline_ns;
	u64 deadline_b = m->jobs[b].release_ns + plans[b].deadline_ns;

	if (class_of(m, a) != class_of(m, b))
		return class_of(m, a) < class_of(m, b);
	if (class_of(m, a) < 2 && deadline_a != deadline_b)
		return deadline_a < deadline_b;
	if (class_of(m, a) == 2 && plans[a].priority != plans[b].priority)
		return plans[a].priority > plans[b].priority;
	return m->jobs[a].seq < m->jobs[b].seq;
}

static void model_pick(struct model *m)
{
	u32 i, best = JOBS;

	if (m->running < JOBS && !m->preemptive)
		return;
	for (i = 0; i < JOBS; i++) {
		if (!m->jobs[i].live || !m->jobs[i].released)
			continue;
		if (best == JOBS || outranks(m, i, best))
			best = i;
	}
	if (best < JOBS && best != m->running)
		note_run(&m->p->model, m->now_ns, best, m->jobs[best].release);
	m->running = best;
}

static u64 model_next(const struct model *m)
{
	const struct model_job *job = &m->jobs[m->running % JOBS];
	u64 next_ns = END;
	u32 i;

	for (i = 0; i < JOBS; i++) {
		if (m->jobs[i].live && !m->jobs[i].released)
			next_ns = min(next_ns, m->jobs[i].release_ns);
	}
	if (m->next < m->p->count)
		next_ns = min(next_ns, m->p->jobs[m->next].submit_ns);
	if (m->running == JOBS)
		return next_ns;
	next_ns = min(next_ns, m->now_ns + job->left_ns);
	if (job->admitted)
		next_ns = min(next_ns, m->now_ns + 1 - job->ran_ns +
				       m->p->jobs[m->running].declared_ns);
	return next_ns;
}

static void model_play(struct plan *p, const struct bpfsched_policy_ops *policy)
{
	struct model m = {
		.p = p,
		.preemptive = policy->flags & BPFSCHED_POLICY_PREEMPTIVE,
		.deadlines = policy->flags & BPFSCHED_POLICY_DEADLINES,
		.running = JOBS,
	};
	u64 next_ns;

	while (m.now_ns < END) {
		model_release(&m);
		model_submit(&m);
		model_running(&m);
		model_release(&m);
		model_pick(&m);
		next_ns = model_next(&m);
		if (m.running < JOBS) {
			m.jobs[m.running].ran_ns += next_ns - m.now_ns;
			m.jobs[m.running].left_ns -= next_ns - m.now_ns;
		}
		m.now_ns = next_ns;
	}
}

/* Plans. */

/* All of them divide HYPERPERIOD. */
static const u32 periods[] = { 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40 };

static void random_job(struct plan *p, struct plan_job *job)
{
	u64 run_ns;

	*job = (struct plan_job) {
		.not_before_ns = below(p, 2) ? below(p, 16) : 0,
		.priority = below(p, BPFSCHED_PRIORITIES),
	};
	if (below(p, 4)) {
		job->period_ns = periods[below(p, ARRAY_SIZE(periods))];
		job->count = below(p, 2) ? 1 + below(p, 8) : 0;
		run_ns = 1 + below(p, (u32)job->period_ns * 2 / 3);
		job->deadline_ns = run_ns + below(p, 2 * job->period_ns);
	} else {
		run_ns = 1 + below(p, 15);
		job->deadline_ns = run_ns + below(p, 40);
	}
	job->least_ns = run_ns;
	job->most_ns = run_ns;
	job->declared_ns = run_ns;
}

static void sort_by_submission(struct plan *p)
{
	u32 i, j;

	for (i = 1; i < p->count; i++) {
		for (j = i; j && p->jobs[j].submit_ns <
				 p->jobs[j - 1].submit_ns; j--)
			swap(p->jobs[j], p->jobs[j - 1]);
	}
}

/* Some declare nothing; those that do keep to it, or not. */
static void random_plan(struct plan *p, struct fixture *f, u64 seed,
			bool honest)
{
	u32 i;

	memset(p, 0, sizeof(*p));
	p->f = f;
	p->seed = seed;
	trials_start(&p->rnd, seed);
	p->count = 2 + below(p, JOBS - 1);
	for (i = 0; i < p->count; i++) {
		struct plan_job *job = &p->jobs[i];

		random_job(p, job);
		job->submit_ns = below(p, 2) ? below(p, SUBMISSIONS_END) : 0;
		if (!below(p, 4))
			job->declared_ns = 0;
		if (!job->declared_ns && below(p, 2))
			job->deadline_ns = 0;
		if (!below(p, 3))
			job->least_ns = 1;
		if (!honest && !below(p, 3))
			job->most_ns += below(p, 4);
	}
	sort_by_submission(p);
}

static void without_deadlines(struct plan *p)
{
	u32 i;

	for (i = 0; i < p->count; i++) {
		p->jobs[i].deadline_ns = 0;
		p->jobs[i].declared_ns = 0;
	}
}

/* Up to the end, where the one knows more than the other. */
static void compare(struct plan *p)
{
	const struct note *seen = p->seen.list, *model = p->model.list;
	u32 i;

	KUNIT_EXPECT_LT(p->f->test, p->seen.count, (u32)NOTES);
	for (i = 0; i < NOTES; i++, seen++, model++) {
		bool seen_over = i >= p->seen.count || seen->when_ns >= END;
		bool model_over = i >= p->model.count || model->when_ns >= END;

		if (seen_over && model_over)
			return;
		if (seen_over == model_over &&
		    !memcmp(seen, model, sizeof(*seen)))
			continue;
		tell_plan(p);
		KUNIT_FAIL(p->f->test,
			   "seed 0x%llx, note %u: scheduler at %llu: job %u, release %llu, ended %u; model at %llu: job %u, release %llu, ended %u",
			   p->seed, i, seen->when_ns, seen->job, seen->release,
			   seen->ended, model->when_ns, model->job,
			   model->release, model->ended);
		return;
	}
}

static void expect_kept(struct plan *p)
{
	if (!p->late)
		return;
	tell_plan(p);
	KUNIT_FAIL(p->f->test, "seed 0x%llx: %u deadlines were missed", p->seed,
		   p->late);
}

static u32 time_taken(const struct plan *p)
{
	u32 i, sum = 0;

	for (i = 0; i < p->count; i++) {
		const struct plan_job *job = &p->jobs[i];

		if (job->admitted && job->period_ns && !job->count)
			sum += (u32)job->declared_ns *
			       (HYPERPERIOD / (u32)job->period_ns);
	}
	return sum;
}

static void count_plan(struct tally *tally, const struct plan *p)
{
	u32 i, admitted = 0, refused = 0, taken = time_taken(p);

	for (i = 0; i < p->count; i++) {
		admitted += p->jobs[i].admitted;
		refused += p->jobs[i].declared_ns && !p->jobs[i].admitted;
	}
	tally->plans++;
	tally->admitted += admitted;
	tally->refused += refused;
	tally->notes += p->seen.count;
	if (admitted < 2)
		return;
	tally->several++;
	tally->full += refused > 0;
	tally->tight += taken * 10 >= HYPERPERIOD * 9;
	tally->brimful += taken == HYPERPERIOD;
}

static struct fixture *new_scheduler(struct kunit *test,
				     const struct bpfsched_policy_ops *policy)
{
	struct bpfsched_params params = fixture_params(policy);

	params.limits.capacity = JOBS;
	params.limits.completion_slots = 16 * JOBS;
	params.preallocate = true;
	return fixture_new(test, &params);
}

static struct plan *new_plan(struct kunit *test)
{
	struct plan *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

static void play_and_compare(struct plan *p,
			     const struct bpfsched_policy_ops *policy,
			     struct tally *tally)
{
	play(p);
	model_play(p, policy);
	compare(p);
	count_plan(tally, p);
	fixture_check(p->f);
	KUNIT_ASSERT_EQ_MSG(p->f->test, KUNIT_SUCCESS, p->f->test->status,
			    "seed 0x%llx", p->seed);
}

#define INVERSION_PLANS	(5000 / SLOWNESS)
#define ADMITTED_SETS	(10000 / SLOWNESS)

static void no_inversion_by_deadline(struct kunit *test)
{
	struct fixture *f = new_scheduler(test, &bpfsched_deadline_policy);
	struct plan *p = new_plan(test);
	u64 seed = trials_seed(SEED);
	struct tally tally = {};
	u32 i;

	for (i = 0; i < trials(INVERSION_PLANS); i++) {
		random_plan(p, f, seed + i, false);
		play_and_compare(p, f->sched->policy, &tally);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, fixture_stat(f).preemptions,
			10000ULL / SLOWNESS);
	KUNIT_EXPECT_GT(test, tally.full, 1000U / SLOWNESS);
	kunit_info(test,
		   "%u plans, %u jobs admitted, %u refused, %llu preemptions\n",
		   tally.plans, tally.admitted, tally.refused,
		   fixture_stat(f).preemptions);
	trials_done(test, tally.notes, seed);
}

static void no_inversion_by_priority(struct kunit *test)
{
	struct fixture *f = new_scheduler(test, &bpfsched_throughput_policy);
	struct plan *p = new_plan(test);
	u64 seed = trials_seed(SEED);
	struct tally tally = {};
	u32 i;

	for (i = 0; i < trials(INVERSION_PLANS); i++) {
		random_plan(p, f, seed + i, false);
		without_deadlines(p);
		play_and_compare(p, f->sched->policy, &tally);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, fixture_stat(f).preemptions, 0ULL);
	trials_done(test, tally.notes, seed);
}

/*
 * Admitted jobs among others. They take what they declared, or less, which
 * must not do harm.
 */
static void admitted_jobs_miss_nothing(struct kunit *test)
{
	struct fixture *f = new_scheduler(test, &bpfsched_deadline_policy);
	struct plan *p = new_plan(test);
	u64 first = trials_seed(SEED), seed = first;
	u32 sets = trials(ADMITTED_SETS);
	struct tally tally = {};

	while (tally.several < sets) {
		random_plan(p, f, seed++, true);
		play_and_compare(p, f->sched->policy, &tally);
		expect_kept(p);
		KUNIT_ASSERT_EQ(test, KUNIT_SUCCESS, test->status);
		cond_resched();
	}
	KUNIT_EXPECT_GE(test, tally.full, sets / 4);
	KUNIT_EXPECT_GT(test, tally.brimful, 0U);
	KUNIT_EXPECT_GT(test, fixture_stat(f).deadline_misses, 0ULL);
	kunit_info(test,
		   "%u sets of two or more, %u of them with jobs refused, %u with a utilization of 0.9 or more, %u of 1; %u jobs admitted, %u refused, %llu releases, %llu preemptions\n",
		   tally.several, tally.full, tally.tight, tally.brimful,
		   tally.admitted, tally.refused, fixture_stat(f).exec_count,
		   fixture_stat(f).preemptions);
	trials_done(test, tally.notes, first);
}

static struct kunit_case edf_cases[] = {
	KUNIT_CASE(no_inversion_by_deadline),
	KUNIT_CASE(no_inversion_by_priority),
	KUNIT_CASE(admitted_jobs_miss_nothing),
	{}
};

static struct kunit_suite edf_suite = {
	.name = "edf",
	.exit = fixture_exit,
	.test_cases = edf_cases,
};

kunit_test_suite(edf_suite);
