// SPDX-License-Identifier: GPL-2.0
/*
 * Dispatch: which job runs on which worker, and who makes way for whom.
 *
 * Whoever makes a job runnable counts it in bpfsched.arrivals, and calls
 * bpfsched_dispatch() before the lock is released: idle workers are woken, and
 * with a policy that preempts by rank the lowest running job is told to make
 * way for the first of the queue. A worker that starts a job looks in the same
 * way for the next one.
 *
 * With such a policy no more jobs run than there are CPUs. Else the kernel would
 * choose which worker gets a CPU, and it does not know of ranks.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/rbtree.h>
#include <linux/sched.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "reservation.h"
#include "scheduler.h"
#include "states.h"
#include "user.h"
#include "worker.h"

#define to_worker(n)	rb_entry((n), struct bpfsched_worker, by_rank)

static bool is_picking(const struct bpfsched *sched)
{
	return !sched->paused && !sched->suspended;
}

static bool preempts_by_rank(const struct bpfsched *sched)
{
	return sched->policy->flags & BPFSCHED_POLICY_PREEMPTIVE;
}

/* How many jobs may run at once. */
static u32 places_to_run(const struct bpfsched *sched)
{
	return preempts_by_rank(sched) ? sched->cpu_count :
					 sched->limits.workers;
}

static bool has_place_to_run(const struct bpfsched *sched)
{
	return sched->counters.running < places_to_run(sched);
}

/* The first of the queue, unless nothing is to be picked. */
static struct bpfsched_entity *first_in_queue(const struct bpfsched *sched)
{
	struct bpfsched_entity *first;

	if (!is_picking(sched))
		return NULL;
	first = sched->policy->select(sched->queue);
	if (!first || first->started || first->admitted ||
	    !preempts_by_rank(sched) ||
	    sched->states.paused < BPFSCHED_SPARE_STATES)
		return first;
	/* Too many have a state, which are to end first; see states.c. */
	return sched->policy->first_started(sched->queue) ?: first;
}

static bool has_slices(const struct bpfsched *sched)
{
	return sched->policy->flags & BPFSCHED_POLICY_SLICES;
}

static bool slice_is_over(const struct bpfsched_worker *worker)
{
	return has_slices(worker->sched) && worker->slice_end_ns == U64_MAX;
}

/* Whether there is a state for a job to run in. */
static bool has_state(const struct bpfsched *sched,
		      const struct bpfsched_entity *entity)
{
	return entity->started || sched->states.free_count;
}

/*
 * Whether a running job may be paused for a job, which see states.c. What was
 * paused keeps its state.
 */
static bool may_preempt(const struct bpfsched *sched,
			const struct bpfsched_entity *entity)
{
	if (!has_state(sched, entity))
		return false;
	return entity->started || entity->admitted ||
	       sched->states.paused < BPFSCHED_SPARE_STATES;
}

/* The running jobs, by rank. */

static bool runs_before(struct rb_node *a, const struct rb_node *b)
{
	const struct bpfsched_worker *first = to_worker(a);
	const struct bpfsched_worker *second = to_worker(b);

	return first->sched->policy->before(&first->job->entity,
					    &second->job->entity);
}

static void leave_ranks(struct bpfsched_worker *worker)
{
	if (RB_EMPTY_NODE(&worker->by_rank))
		return;
	rb_erase(&worker->by_rank, &worker->sched->running);
	RB_CLEAR_NODE(&worker->by_rank);
}

static void enter_ranks(struct bpfsched_worker *worker)
{
	if (preempts_by_rank(worker->sched) &&
	    RB_EMPTY_NODE(&worker->by_rank) &&
	    worker->job->control == BPFSCHED_CONTROL_RUN)
		rb_add(&worker->by_rank, &worker->sched->running, runs_before);
}

/* The worker whose job ranks last, of those that were not told anything yet. */
static struct bpfsched_worker *lowest_worker(struct bpfsched *sched)
{
	struct bpfsched_worker *worker;
	struct rb_node *node;

	while ((node = rb_last(&sched->running))) {
		worker = to_worker(node);
		if (worker->job->control == BPFSCHED_CONTROL_RUN)
			return worker;
		leave_ranks(worker);
	}
	return NULL;
}

/**
 * bpfsched_rank_changes() - the rank of a job is about to change
 * @job: a live job; bpfsched_rank_changed() is to be called next
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_rank_changes(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	lockdep_assert_held(&sched->lock);

	if (job->worker)
		leave_ranks(job->worker);
	else if (job->state == BPFSCHED_JOB_PENDING ||
		 job->state == BPFSCHED_JOB_PAUSED)
		sched->policy->dequeue(sched->queue, &job->entity);
}

/**
 * bpfsched_rank_changed() - the rank of a job has changed
 * @job: from bpfsched_rank_changes()
 *
 * Context: any, with the lock of the scheduler held; bpfsched_dispatch() is to
 * be called under the same hold.
 */
void bpfsched_rank_changed(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;

	if (job->worker)
		enter_ranks(job->worker);
	else if (job->state == BPFSCHED_JOB_PENDING ||
		 job->state == BPFSCHED_JOB_PAUSED)
		sched->policy->enqueue(sched->queue, &job->entity);
	else
		return;
	sched->arrivals++;
}

/* The time of a job on its worker. */

/**
 * bpfsched_time_on_worker() - how long a release was on a worker
 * @job: a live job
 * @now_ns: the time
 *
 * Context: any, with the lock of the scheduler held.
 */
u64 bpfsched_time_on_worker(const struct bpfsched_job *job, u64 now_ns)
{
	const struct bpfsched_worker *worker = job->worker;

	/* The time of a job that is held stands still. */
	if (!worker || worker->held)
		return job->run_ns;
	return job->run_ns + (now_ns - worker->since_ns);
}

static bpfsched_timer_due_t time_is_up;

/* Wait for what comes first: the end of budget, declared time or slice. */
static void watch_time(struct bpfsched_worker *worker)
{
	const struct bpfsched_job *job = worker->job;
	const struct bpfsched_timing *timing = &job->timing;
	u64 left_ns = U64_MAX, when_ns;

	if (timing->budget_ns)
		left_ns = timing->budget_ns - min(timing->budget_ns,
						  job->run_ns);
	/*
	 * A job may use all that it declared, to the last nanosecond. One that is
	 * taken up after a suspend may have used more, unseen by the clock.
	 */
	if (job->entity.admitted)
		left_ns = min(left_ns, 1 + timing->run_time_ns -
				       min(timing->run_time_ns, job->run_ns));
	when_ns = bpfsched_deadline_from_now(worker->since_ns,
					     left_ns).absolute_ns;
	when_ns = min(when_ns, worker->slice_end_ns);
	if (when_ns != U64_MAX)
		bpfsched_timer_set(worker->sched, &worker->timer, when_ns,
				   time_is_up);
}

/* Have a running job come to bpfsched_make_way() at its next safe point. */
static void tell_to_pause(struct bpfsched_worker *worker)
{
	if (worker->job->control != BPFSCHED_CONTROL_RUN)
		return;
	WRITE_ONCE(worker->job->control, BPFSCHED_CONTROL_PAUSE);
	leave_ranks(worker);
}

static void time_is_up(struct bpfsched *sched, struct bpfsched_timer *timer,
		       u64 now_ns)
{
	struct bpfsched_worker *worker =
		container_of(timer, struct bpfsched_worker, timer);
	struct bpfsched_job *job = worker->job;
	u64 ran_ns = bpfsched_time_on_worker(job, now_ns);

	if (job->timing.budget_ns && ran_ns >= job->timing.budget_ns) {
		bpfsched_job_stop(job, BPFSCHED_STATUS_BUDGET);
		return;
	}
	if (job->entity.admitted && ran_ns > job->timing.run_time_ns)
		bpfsched_demote(job);
	if (now_ns >= worker->slice_end_ns) {
		worker->slice_end_ns = U64_MAX;
		tell_to_pause(worker);
	}
	watch_time(worker);
}

/* The time of the job begins to count, or goes on. */
static void start_counting(struct bpfsched_worker *worker, u64 now_ns)
{
	struct bpfsched *sched = worker->sched;

	worker->since_ns = now_ns;
	worker->slice_end_ns = has_slices(sched) ?
			       now_ns + sched->limits.slice_ns : U64_MAX;
	watch_time(worker);
	enter_ranks(worker);
}

/* Returns the time. */
static u64 stop_counting(struct bpfsched_worker *worker)
{
	struct bpfsched_job *job = worker->job;
	u64 now_ns = bpfsched_clock_now(&worker->sched->clock);
	u64 ran_ns = now_ns - worker->since_ns;

	leave_ranks(worker);
	bpfsched_timer_clear(worker->sched, &worker->timer);
	job->run_ns += ran_ns;
	job->client->user->run_ns += ran_ns;
	worker->ran_ns += ran_ns;
	worker->since_ns = now_ns;
	return now_ns;
}

static void assign(struct bpfsched_worker *worker, struct bpfsched_job *job,
		   u64 now_ns)
{
	worker->job = job;
	worker->ran_ns = 0;
	job->worker = worker;
	start_counting(worker, now_ns);
}

/**
 * bpfsched_job_ran() - the job of a worker does not run any more
 * @worker: the worker
 *
 * Context: process, with the lock of the scheduler held.
 * Return: the time.
 */
u64 bpfsched_job_ran(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = worker->job;
	u64 now_ns;

	lockdep_assert_held(&sched->lock);

	now_ns = stop_counting(worker);
	sched->policy->stop(sched->queue, &job->entity, worker->ran_ns);
	worker->job = NULL;
	worker->payer = job->client->user;
	worker->payer_priority = job->entity.priority;
	worker->free_ns = now_ns;
	job->worker = NULL;
	if (job->entity.admitted && job->run_ns > job->timing.run_time_ns)
		bpfsched_demote(job);
	return now_ns;
}

/**
 * bpfsched_budget_changed() - the budget of a job has changed
 * @job: a live job
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_budget_changed(struct bpfsched_job *job)
{
	struct bpfsched_worker *worker = job->worker;

	lockdep_assert_held(&job->client->sched->lock);

	if (!worker || worker->held)
		return;
	if (job->has_new_budget)
		tell_to_pause(worker);
	bpfsched_timer_clear(worker->sched, &worker->timer);
	watch_time(worker);
}

/* Wake a worker that sleeps; one that does not will look before it does. */
static void wake(struct bpfsched_worker *worker)
{
	if (list_empty(&worker->idle))
		return;
	list_del_init(&worker->idle);
	wake_up_process(worker->task);
}

static bool wake_one(struct bpfsched *sched)
{
	struct bpfsched_worker *worker =
		list_first_entry_or_null(&sched->idle, struct bpfsched_worker,
					 idle);

	if (!worker)
		return false;
	wake(worker);
	return true;
}

/*
 * Wake workers for jobs that have arrived, as long as there are places. One that
 * was woken and has not started a job yet is not counted: a worker that finds no
 * place sleeps again. Returns for how many there was none.
 */
static u32 wake_for(struct bpfsched *sched, u32 arrivals)
{
	u32 places = places_to_run(sched);
	u32 free = places - min(places, sched->counters.running);

	while (arrivals && free && wake_one(sched)) {
		arrivals--;
		free--;
	}
	return arrivals;
}

/* A worker that holds a job which was told to stop ends it now. */
static void wake_stopped(struct bpfsched *sched)
{
	struct bpfsched_worker *worker;
	u32 i;

	for (i = 0; i < sched->limits.workers; i++) {
		worker = &sched->workers[i];
		if (worker->job &&
		    worker->job->control == BPFSCHED_CONTROL_STOP)
			wake(worker);
	}
}

/*
 * The lowest running job makes way for the first of the queue. Returns whether
 * one was told to.
 */
static bool preempt_lowest(struct bpfsched *sched)
{
	struct bpfsched_entity *first = first_in_queue(sched);
	struct bpfsched_worker *worker = lowest_worker(sched);

	if (!first || !worker ||
	    !sched->policy->before(first, &worker->job->entity))
		return false;
	if (!may_preempt(sched, first)) {
		sched->counters.kept_running++;
		return false;
	}
	tell_to_pause(worker);
	return true;
}

/* More jobs run than there are places: the lowest are told to make way. */
static void tell_excess(struct bpfsched *sched)
{
	u32 places = places_to_run(sched);
	u32 excess = sched->counters.running -
		     min(places, sched->counters.running);
	struct bpfsched_worker *worker;
	u32 i;

	/* Those that were told something leave their places anyway. */
	for (i = 0; excess && i < sched->limits.workers; i++) {
		worker = &sched->workers[i];
		excess -= worker->job &&
			  worker->job->control != BPFSCHED_CONTROL_RUN;
	}
	while (excess && (worker = lowest_worker(sched))) {
		tell_to_pause(worker);
		excess--;
	}
}

/**
 * bpfsched_dispatch() - see to it that what has become runnable runs
 * @sched: the scheduler
 *
 * Context: any, hard interrupt too, with the lock of the scheduler held.
 */
void bpfsched_dispatch(struct bpfsched *sched)
{
	u32 arrivals = sched->arrivals;

	lockdep_assert_held(&sched->lock);

	if (sched->stops && sched->suspended)
		wake_stopped(sched);
	sched->stops = 0;
	sched->arrivals = 0;
	if (!arrivals || !is_picking(sched))
		return;
	arrivals = wake_for(sched, arrivals);
	/*
	 * A worker for each arrival, at once. One that is told for nothing goes
	 * on, for it looks at the queue again.
	 */
	while (arrivals && preempts_by_rank(sched) && preempt_lowest(sched))
		arrivals--;
}

/**
 * bpfsched_dispatch_on() - the number of CPUs has changed
 * @sched: the scheduler
 * @cpus: how many of its workers have a CPU, 1 or more
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_dispatch_on(struct bpfsched *sched, u32 cpus)
{
	raw_spin_lock_irq(&sched->lock);
	sched->arrivals += cpus - min(cpus, sched->cpu_count);
	WRITE_ONCE(sched->cpu_count, cpus);
	tell_excess(sched);
	bpfsched_dispatch(sched);
	raw_spin_unlock_irq(&sched->lock);
}

/**
 * bpfsched_dispatch_hold() - tell all running jobs to pause, to be held
 * @sched: a scheduler that has just been suspended
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_dispatch_hold(struct bpfsched *sched)
{
	u32 i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; i < sched->limits.workers; i++) {
		if (sched->workers[i].job)
			tell_to_pause(&sched->workers[i]);
	}
}

/**
 * bpfsched_dispatch_thaw() - let jobs that are held go on
 * @sched: a scheduler that is not suspended any more
 *
 * Context: process, with the lock of the scheduler held.
 */
void bpfsched_dispatch_thaw(struct bpfsched *sched)
{
	struct bpfsched_worker *worker;
	u32 i;

	lockdep_assert_held(&sched->lock);

	for (i = 0; i < sched->limits.workers; i++) {
		worker = &sched->workers[i];
		if (!worker->job)
			continue;
		if (worker->job->control == BPFSCHED_CONTROL_PAUSE &&
		    !worker->job->has_new_budget && !slice_is_over(worker)) {
			WRITE_ONCE(worker->job->control, BPFSCHED_CONTROL_RUN);
			enter_ranks(worker);
		}
		wake(worker);
	}
	/* CPUs may have gone since. */
	tell_excess(sched);
	sched->arrivals++;
	bpfsched_dispatch(sched);
}

/*
 * Whether a worker is to go on with the job that it holds. One that was told
 * to stop ends even now, for the end of the scheduler waits for that.
 */
static bool is_to_go_on(const struct bpfsched_worker *worker)
{
	return worker->held && (!worker->sched->suspended ||
				worker->job->control == BPFSCHED_CONTROL_STOP);
}

/**
 * bpfsched_dispatch_has_work() - whether there is something for a worker
 * @worker: a worker that does not run
 *
 * Context: process, with the lock of the scheduler held.
 */
bool bpfsched_dispatch_has_work(const struct bpfsched_worker *worker)
{
	const struct bpfsched_entity *first;

	lockdep_assert_held(&worker->sched->lock);

	if (worker->held)
		return is_to_go_on(worker);
	if (!has_place_to_run(worker->sched))
		return false;
	first = first_in_queue(worker->sched);
	return first && has_state(worker->sched, first);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_dispatch_has_work);

/**
 * bpfsched_take_up_held() - go on with the job that a worker holds
 * @worker: the worker
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: the job, or NULL if it is to be held on.
 */
struct bpfsched_job *bpfsched_take_up_held(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = NULL;

	raw_spin_lock_irq(&sched->lock);
	if (is_to_go_on(worker)) {
		job = worker->job;
		worker->held = false;
		start_counting(worker, bpfsched_clock_now(&sched->clock));
	}
	raw_spin_unlock_irq(&sched->lock);
	return job;
}

/*
 * To notify who waits for a job, and to free it, can take longer than its run.
 * Its user is charged for that, or users with short jobs would have more than
 * their share of the workers.
 */
static void charge_end(struct bpfsched_worker *worker, u64 now_ns)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_user *user = worker->payer;

	worker->payer = NULL;
	if (user && now_ns > worker->free_ns)
		sched->policy->charge(sched->queue, &user->share,
				      worker->payer_priority,
				      now_ns - worker->free_ns);
}

/**
 * bpfsched_dispatch_forget() - charge a user no more
 * @user: a user that is about to be freed
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_dispatch_forget(struct bpfsched_user *user)
{
	struct bpfsched *sched = user->sched;
	u32 i;

	raw_spin_lock_irq(&sched->lock);
	for (i = 0; sched->workers && i < sched->limits.workers; i++) {
		if (sched->workers[i].payer == user)
			sched->workers[i].payer = NULL;
	}
	raw_spin_unlock_irq(&sched->lock);
}

/* The clock may not have called back yet for a firm job that is too late. */
static bool is_too_late(const struct bpfsched_job *job, u64 now_ns)
{
	return job->timing.firm && job->state == BPFSCHED_JOB_PENDING &&
	       bpfsched_deadline_is_expired(&job->entity.deadline, now_ns);
}

/* Give a run its new budget; it is paused. */
static void hand_budget(struct bpfsched_job *job)
{
	u64 executed = job->result.instructions;
	u64 left = job->new_total - min(job->new_total, executed);

	if (!job->has_new_budget)
		return;
	job->client->sched->engine->set_budget(job->exec,
					       min(left, job->new_budget));
	job->has_new_budget = false;
}

/* Start the first job; false: it was too late, and another one is first. */
static bool start_first(struct bpfsched_worker *worker,
			struct bpfsched_job **started)
{
	struct bpfsched *sched = worker->sched;
	u64 now_ns = bpfsched_clock_now(&sched->clock);
	struct bpfsched_entity *entity;
	struct bpfsched_job *job;

	*started = NULL;
	charge_end(worker, now_ns);
	entity = first_in_queue(sched);
	if (!entity || !has_place_to_run(sched))
		return true;
	job = container_of(entity, struct bpfsched_job, entity);
	if (is_too_late(job, now_ns)) {
		bpfsched_job_end_release(job, BPFSCHED_STATUS_MISSED, now_ns);
		return false;
	}
	if (!bpfsched_job_start(job, now_ns))
		return true;
	hand_budget(job);
	assign(worker, job, now_ns);
	/* With several workers the next may outrank another job. */
	if (first_in_queue(sched))
		sched->arrivals++;
	*started = job;
	return true;
}

/**
 * bpfsched_next() - start the job that is to run next
 * @worker: who is to run it
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: the job, running and the worker's, or NULL if nothing is to run.
 */
struct bpfsched_job *bpfsched_next(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_deferred deferred;
	struct bpfsched_job *job;
	bool done;

	do {
		bpfsched_lock(sched, &deferred);
		done = start_first(worker, &job);
		bpfsched_dispatch(sched);
		bpfsched_unlock(sched);
		bpfsched_deferred_run(sched, &deferred);
	} while (!done);
	return job;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_next);

static void go_on(struct bpfsched_worker *worker)
{
	WRITE_ONCE(worker->job->control, BPFSCHED_CONTROL_RUN);
	enter_ranks(worker);
}

/*
 * The slice of a job is over: it stands in the queue for a moment, and goes on
 * if it is the first there. Returns whether it does.
 */
static bool end_slice(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = worker->job;
	struct bpfsched_entity *entity = &job->entity, *first;
	u64 now_ns;

	now_ns = bpfsched_job_ran(worker);
	entity->started = true;
	sched->policy->enqueue(sched->queue, entity);
	first = first_in_queue(sched);
	if (first && first != entity && has_state(sched, first)) {
		sched->policy->dequeue(sched->queue, entity);
		bpfsched_job_pause(job);
		return false;
	}
	if (first && first != entity)
		sched->counters.kept_running++;
	sched->policy->start(sched->queue, entity);
	WRITE_ONCE(job->control, BPFSCHED_CONTROL_RUN);
	assign(worker, job, now_ns);
	return true;
}

/* Whether the first of the queue may run in place of a job. */
static bool first_outranks(const struct bpfsched *sched,
			   const struct bpfsched_job *job)
{
	struct bpfsched_entity *first = first_in_queue(sched);

	return preempts_by_rank(sched) && first &&
	       sched->policy->before(first, &job->entity) &&
	       may_preempt(sched, first);
}

static bool is_in_excess(const struct bpfsched *sched)
{
	return sched->counters.running > places_to_run(sched);
}

static void put_back(struct bpfsched_worker *worker)
{
	struct bpfsched_job *job = worker->job;

	bpfsched_job_ran(worker);
	bpfsched_job_pause(job);
}

static bool decide(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_job *job = worker->job;

	hand_budget(job);
	if (job->control == BPFSCHED_CONTROL_STOP)
		return true;
	if (sched->suspended) {
		stop_counting(worker);
		worker->held = true;
		return false;
	}
	if (slice_is_over(worker))
		return end_slice(worker);
	if (is_in_excess(sched) || first_outranks(sched, job)) {
		put_back(worker);
		return false;
	}
	go_on(worker);
	return true;
}

/**
 * bpfsched_make_way() - decide on a job that the engine has paused
 * @worker: who ran it
 *
 * If it was told to stop since, it goes on to its end. If the system is about to
 * sleep, the worker holds it. It goes on if what it was to make way for has
 * gone, if its slice is not over, if there are CPUs for all that run, or if the
 * system does not go to sleep after all. Else it is put back into the queue.
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 * Return: whether it goes on now.
 */
bool bpfsched_make_way(struct bpfsched_worker *worker)
{
	struct bpfsched *sched = worker->sched;
	struct bpfsched_deferred deferred;
	bool goes_on;

	bpfsched_lock(sched, &deferred);
	goes_on = decide(worker);
	bpfsched_dispatch(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	return goes_on;
}
