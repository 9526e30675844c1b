// SPDX-License-Identifier: GPL-2.0
/*
 * Reservations: the processor time of jobs that declared how long they run. A
 * job is admitted if all admitted jobs keep their deadlines, and ranks before
 * those that are not.
 *
 * A reservation takes time from everybody else. So it needs CAP_SYS_NICE, or
 * comes out of what the owner of the scheduler has granted to the user.
 *
 * The test takes a while, and time goes on. It is made for a moment, from the
 * state that one hold of the lock has found. The job is submitted only if that
 * moment has not passed yet: until then no admitted job has got more to do, and
 * what the test took for granted holds. Else it is made again, for a moment that
 * lies farther ahead. The first moment is that of the state.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <bpfsched/visibility.h>

#include "admission.h"
#include "client.h"
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "reservation.h"
#include "scheduler.h"
#include "submit.h"
#include "timers.h"
#include "trace.h"
#include "user.h"

/* The room that is left is looked for to this fraction of what was asked. */
#define ROOM_STEPS	10

/* All that can be admitted, and one that is to be. */
#define DEMANDS_MAX	(BPFSCHED_RESERVATIONS_MAX + 1)

/**
 * struct question - the state that a test is made from
 * @now_ns: when it was found
 * @count: number of @demands
 * @demands: the admitted jobs, and then the one that is asked for
 * @scratch: for the test
 */
struct question {
	u64 now_ns;
	u32 count;
	struct bpfsched_demand demands[DEMANDS_MAX];
	struct bpfsched_demand scratch[DEMANDS_MAX];
};

/* When the current release was or is due; one that has no slot, or a later. */
static u64 release_of(const struct bpfsched_job *job, u64 now_ns)
{
	u64 periods, distance, when_ns;

	if (job->state == BPFSCHED_JOB_NEW)
		return job->timing.start_ns;
	if (list_empty(&job->starved_link) || now_ns <= job->released_ns)
		return job->released_ns;
	periods = div64_u64(now_ns - job->released_ns - 1,
			    job->timing.period_ns) + 1;
	if (check_mul_overflow(periods, job->timing.period_ns, &distance) ||
	    check_add_overflow(job->released_ns, distance, &when_ns))
		return U64_MAX;
	return when_ns;
}

static void describe(struct bpfsched_demand *demand,
		     const struct bpfsched_job *job, u64 now_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	bool periodic = bpfsched_job_is_periodic(job);
	u64 ran_ns = bpfsched_time_on_worker(job, now_ns);

	*demand = (struct bpfsched_demand) {
		.release_ns = release_of(job, now_ns),
		.deadline_ns = timing->deadline_ns,
		.left_ns = timing->run_time_ns -
			   min(ran_ns, timing->run_time_ns),
		.run_ns = timing->run_time_ns,
		.period_ns = timing->period_ns,
	};
	if (periodic)
		demand->later = timing->count ?
				timing->count - job->release - 1 : U64_MAX;
}

/* On to the next release, if this one has used up its time. */
static bool skip_finished(struct bpfsched_demand *demand)
{
	if (demand->left_ns)
		return true;
	if (!demand->later ||
	    check_add_overflow(demand->release_ns, demand->period_ns,
			       &demand->release_ns))
		return false;
	if (demand->later != U64_MAX)
		demand->later--;
	demand->left_ns = demand->run_ns;
	return true;
}

/* Describe the admitted jobs, but for @except. One hold: a bounded set. */
static void describe_admitted(struct bpfsched *sched, struct question *question,
			      const struct bpfsched_job *except)
{
	struct bpfsched_demand *demand;
	struct bpfsched_job *job;

	lockdep_assert_held(&sched->lock);

	question->now_ns = bpfsched_clock_now(&sched->clock);
	question->count = 0;
	list_for_each_entry(job, &sched->admitted, admitted_link) {
		if (job == except)
			continue;
		demand = &question->demands[question->count];
		describe(demand, job, question->now_ns);
		question->count += skip_finished(demand);
	}
}

/* Whether all keep their deadlines if the last one begins @ahead_ns from then. */
static bool fits(struct bpfsched *sched, struct question *question, u64 ahead_ns)
{
	const struct bpfsched_limits *limits = &sched->limits;
	const struct bpfsched_platform platform = {
		.workers = READ_ONCE(sched->cpu_count),
		.blocking_ns = limits->blocking_ns,
		.start_ns = limits->start_ns,
		.supply_ppm = limits->supply_ppm,
	};

	if (!question->count)
		return true;
	memcpy(question->scratch, question->demands,
	       question->count * sizeof(*question->demands));
	return bpfsched_admission_test(question->scratch, question->count,
				       &platform,
				       question->now_ns + ahead_ns) ==
	       BPFSCHED_FITS;
}

/* Its run time by the time that it has for it, in parts per million. */
static u64 ppm_with(const struct bpfsched_job *job, u64 deadline_ns)
{
	const struct bpfsched_timing *timing = &job->timing;
	u64 window_ns = deadline_ns;
	u64 ppm;

	if (bpfsched_job_is_periodic(job))
		window_ns = min(window_ns, timing->period_ns);
	if (timing->run_time_ns >= window_ns)
		return BPFSCHED_PPM;
	ppm = mul_u64_u64_div_u64(timing->run_time_ns, BPFSCHED_PPM,
				  window_ns);
	return ppm + 1;
}

static u64 reserved_ppm(const struct bpfsched_job *job)
{
	return ppm_with(job, job->timing.deadline_ns);
}

/* What is granted to a user without privilege. */
static int check_grant(const struct bpfsched_job *job, u32 *limit)
{
	const struct bpfsched_user *user = job->client->user;
	u32 granted = user->limits.reserved_ppm;

	if (job->privileged || granted == BPFSCHED_NO_LIMIT)
		return 0;
	if (!granted)
		return -EPERM;
	if (user->reserved_ppm + reserved_ppm(job) > granted)
		*limit = BPFSCHED_LIMIT_USER_RESERVED;
	else if (user->reservations >=
		 job->client->sched->limits.max_reservations / 2)
		*limit = BPFSCHED_LIMIT_RESERVATIONS;
	return *limit ? -EDQUOT : 0;
}

static int check_places(const struct bpfsched_job *job, u32 *limit)
{
	const struct bpfsched *sched = job->client->sched;

	if (sched->places < sched->limits.max_reservations)
		return check_grant(job, limit);
	*limit = BPFSCHED_LIMIT_RESERVATIONS;
	return -EDQUOT;
}

/* Put a job among those that are admitted. */
static void admit(struct bpfsched_job *job)
{
	struct bpfsched_user *user = job->client->user;
	struct bpfsched *sched = job->client->sched;

	job->entity.admitted = true;
	job->reserved_ppm = reserved_ppm(job);
	list_add_tail(&job->admitted_link, &sched->admitted);
	sched->places++;
	sched->reservations++;
	sched->reserved_ppm += job->reserved_ppm;
	user->reservations++;
	user->reserved_ppm += job->reserved_ppm;
}

/**
 * bpfsched_reservation_check_move() - whether another deadline keeps to what is
 * granted to the user
 * @job: a live job, admitted or not
 * @deadline_ns: distance of the deadline from the release
 * @limit: with -EDQUOT set to BPFSCHED_LIMIT_*
 *
 * A later deadline always does, for it takes less.
 *
 * Context: any, with the lock of the scheduler held.
 * Return: 0 or -EDQUOT.
 */
int bpfsched_reservation_check_move(const struct bpfsched_job *job,
				    u64 deadline_ns, u32 *limit)
{
	const struct bpfsched_user *user = job->client->user;
	u32 granted = user->limits.reserved_ppm;
	u64 ppm;

	if (list_empty(&job->admitted_link) || granted == BPFSCHED_NO_LIMIT)
		return 0;
	ppm = ppm_with(job, deadline_ns);
	if (ppm <= job->reserved_ppm ||
	    user->reserved_ppm - job->reserved_ppm + ppm <= granted)
		return 0;
	*limit = BPFSCHED_LIMIT_USER_RESERVED;
	return -EDQUOT;
}

/**
 * bpfsched_reservation_moved() - a job has another deadline
 * @job: a live job, admitted or not
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_reservation_moved(struct bpfsched_job *job)
{
	u64 before = job->reserved_ppm;

	if (list_empty(&job->admitted_link))
		return;
	job->reserved_ppm = reserved_ppm(job);
	job->client->sched->reserved_ppm += job->reserved_ppm - before;
	job->client->user->reserved_ppm += job->reserved_ppm - before;
}

/**
 * bpfsched_reservation_end() - give back what a job has reserved
 * @job: a live job, admitted or not
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_reservation_end(struct bpfsched_job *job)
{
	struct bpfsched_user *user = job->client->user;
	struct bpfsched *sched = job->client->sched;

	lockdep_assert_held(&sched->lock);

	if (list_empty(&job->admitted_link))
		return;
	list_del_init(&job->admitted_link);
	/* See states.c: there are as many states as places. */
	job->keeps_place = job->exec;
	sched->places -= !job->keeps_place;
	sched->reservations--;
	sched->reserved_ppm -= job->reserved_ppm;
	user->reservations--;
	user->reserved_ppm -= job->reserved_ppm;
	job->reserved_ppm = 0;
}

/**
 * bpfsched_reservation_leave() - a job has no state any more
 * @job: the job
 *
 * Context: any, with the lock of the scheduler held.
 */
void bpfsched_reservation_leave(struct bpfsched_job *job)
{
	job->client->sched->places -= job->keeps_place;
	job->keeps_place = false;
}

/* The timer of an admitted job is the scheduler's, see timers.c. */
static void set_admitted(struct bpfsched_job *job, bool admitted)
{
	struct bpfsched *sched = job->client->sched;

	job->entity.admitted = admitted;
	bpfsched_timer_move(sched, &job->timer,
			    admitted ? &sched->own_timers :
				       &job->client->user->timers);
}

/**
 * bpfsched_demote() - vouch for a job no longer
 * @job: an admitted job that ran longer than it declared, or for which there is
 *	no CPU any more
 *
 * Its completions tell the client.
 *
 * Context: any, with the lock of the scheduler held; bpfsched_dispatch() is to
 * be called under the same hold.
 */
void bpfsched_demote(struct bpfsched_job *job)
{
	bpfsched_rank_changes(job);
	set_admitted(job, false);
	job->demoted = true;
	bpfsched_reservation_end(job);
	bpfsched_rank_changed(job);
	trace_bpfsched_demote(job);
}

/*
 * Take a job that was found to fit; false: the moment has passed. Once it is
 * taken and the lock is released, it may have ended, and is not looked at.
 */
static bool take(struct bpfsched_submission *entry, u64 until_ns)
{
	struct bpfsched_job *job = entry->job;
	struct bpfsched *sched = job->client->sched;
	struct bpfsched_deferred deferred;
	bool in_time;

	bpfsched_lock(sched, &deferred);
	in_time = bpfsched_clock_now(&sched->clock) <= until_ns;
	if (in_time) {
		/* Its rank matters if it evicts another. */
		set_admitted(job, true);
		bpfsched_submit_live(entry);
		if (entry->error)
			set_admitted(job, false);
		else
			admit(job);
		bpfsched_dispatch(sched);
	}
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	return in_time;
}

/* One look at the state, with a job that is asked for; or why not. */
static int ask(struct bpfsched_job *job, struct question *question, u32 *limit)
{
	struct bpfsched *sched = job->client->sched;
	int err;

	raw_spin_lock_irq(&sched->lock);
	err = check_places(job, limit);
	if (!err) {
		describe_admitted(sched, question, job);
		describe(&question->demands[question->count++], job,
			 question->now_ns);
	}
	raw_spin_unlock_irq(&sched->lock);
	return err;
}

/* How long a test took is how far ahead the next one looks. */
static u64 took(struct bpfsched *sched, const struct question *question)
{
	return bpfsched_clock_now(&sched->clock) - question->now_ns;
}

static int try_to_reserve(struct bpfsched_submission *entry,
			  struct question *question)
{
	struct bpfsched *sched = entry->job->client->sched;
	u64 ahead_ns = 0, test_ns;
	int i, err;

	for (i = 0; i < BPFSCHED_ADMISSION_TRIES; i++) {
		err = ask(entry->job, question, &entry->limit);
		if (err)
			return err;
		if (!fits(sched, question, ahead_ns))
			return -EBUSY;
		test_ns = took(sched, question);
		if (take(entry, question->now_ns + ahead_ns) &&
		    entry->error != -ERESTART)
			return entry->error;
		if (fatal_signal_pending(current))
			return -EINTR;
		ahead_ns = 2 * max(test_ns, ahead_ns);
	}
	return -EBUSY;
}

static int may_ask(const struct bpfsched_job *job, u32 *limit)
{
	struct bpfsched *sched = job->client->sched;
	int err;

	raw_spin_lock_irq(&sched->lock);
	err = check_places(job, limit);
	raw_spin_unlock_irq(&sched->lock);
	return err;
}

/**
 * bpfsched_reserve() - submit a job that declares its run time, if it fits
 * @entry: the job; decided on as by bpfsched_submit(). Errors besides those
 *	there: -EBUSY: it cannot be vouched for; -EPERM: its user may not reserve
 *	time; -EINTR: the caller is being killed
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 */
void bpfsched_reserve(struct bpfsched_submission *entry)
{
	struct bpfsched *sched = entry->job->client->sched;
	struct question *question;

	/* Who may not ask holds up nobody who may. */
	entry->error = may_ask(entry->job, &entry->limit);
	if (entry->error)
		return;
	question = kmalloc(sizeof(*question), GFP_KERNEL);
	if (!question) {
		entry->error = -ENOMEM;
		return;
	}
	if (mutex_lock_killable(&sched->admission_lock)) {
		entry->error = -EINTR;
	} else {
		entry->error = try_to_reserve(entry, question);
		mutex_unlock(&sched->admission_lock);
	}
	kfree(question);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_reserve);

/* The longest run time, roughly, with which the last of the demands would fit. */
static u64 find_room(struct bpfsched *sched, struct question *question)
{
	struct bpfsched_demand *last = &question->demands[question->count - 1];
	u64 fitting = 0, too_long = last->run_ns, middle;
	int i;

	for (i = 0; i < ROOM_STEPS && too_long - fitting > 1; i++) {
		middle = fitting + (too_long - fitting) / 2;
		last->left_ns = middle;
		last->run_ns = middle;
		if (fits(sched, question, 0))
			fitting = middle;
		else
			too_long = middle;
		if (fatal_signal_pending(current))
			return 0;
	}
	return fitting;
}

/**
 * bpfsched_reservation_room() - the room that admission has left
 * @job: a job that was not admitted
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: the longest run time, in nanoseconds, with which it would be now; 0 if
 * there is none.
 */
u64 bpfsched_reservation_room(struct bpfsched_job *job)
{
	struct bpfsched *sched = job->client->sched;
	struct question *question;
	u64 room_ns = 0;
	u32 limit = 0;

	question = kmalloc(sizeof(*question), GFP_KERNEL);
	if (!question)
		return 0;
	if (!mutex_lock_killable(&sched->admission_lock)) {
		if (!ask(job, question, &limit))
			room_ns = find_room(sched, question);
		mutex_unlock(&sched->admission_lock);
	}
	kfree(question);
	return room_ns;
}

/* The state, with another deadline of a job. -ENOENT: it is not admitted. */
static int ask_to_move(struct bpfsched_client *client, u64 id, u64 deadline_ns,
		       struct question *question)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_demand *demand;
	struct bpfsched_job *job;
	int err = -ENOENT;

	raw_spin_lock_irq(&sched->lock);
	job = bpfsched_client_find(client, id);
	if (job && job->entity.admitted) {
		describe_admitted(sched, question, job);
		demand = &question->demands[question->count];
		describe(demand, job, question->now_ns);
		demand->deadline_ns = deadline_ns;
		question->count += skip_finished(demand);
		err = 0;
	}
	raw_spin_unlock_irq(&sched->lock);
	return err;
}

/**
 * bpfsched_reservation_test_move() - whether an admitted job may have another
 * deadline
 * @client: its client
 * @id: its number
 * @deadline_ns: distance of the deadline from the release
 * @ahead_ns: how far ahead the moment lies that the test is made for, 0 at
 *	first; set to how far it should lie if the answer comes too late
 * @until_ns: set to the time until which the answer holds
 * @room_ns: with -EBUSY set to the longest run time, roughly, with which it might
 *
 * Context: process, may sleep, with bpfsched.admission_lock held; takes the lock
 * of the scheduler.
 * Return: 0; -EBUSY; -ENOMEM; -ENOENT if there is no such job, or it is not
 * admitted.
 */
int bpfsched_reservation_test_move(struct bpfsched_client *client, u64 id,
				   u64 deadline_ns, u64 *ahead_ns,
				   u64 *until_ns, u64 *room_ns)
{
	struct bpfsched *sched = client->sched;
	struct question *question;
	int err;

	lockdep_assert_held(&sched->admission_lock);

	question = kmalloc(sizeof(*question), GFP_KERNEL);
	if (!question)
		return -ENOMEM;
	err = ask_to_move(client, id, deadline_ns, question);
	if (!err) {
		*until_ns = question->now_ns + *ahead_ns;
		err = fits(sched, question, *ahead_ns) ? 0 : -EBUSY;
		*ahead_ns = 2 * max(took(sched, question), *ahead_ns);
		if (err)
			*room_ns = find_room(sched, question);
	}
	kfree(question);
	return err;
}

static bool all_fit(struct bpfsched *sched, struct question *question)
{
	raw_spin_lock_irq(&sched->lock);
	describe_admitted(sched, question, NULL);
	raw_spin_unlock_irq(&sched->lock);
	return fits(sched, question, 0);
}

static void demote_newest(struct bpfsched *sched)
{
	struct bpfsched_deferred deferred;

	bpfsched_lock(sched, &deferred);
	if (!list_empty(&sched->admitted))
		bpfsched_demote(list_last_entry(&sched->admitted,
						struct bpfsched_job,
						admitted_link));
	bpfsched_dispatch(sched);
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
}

/**
 * bpfsched_reservations_recheck() - the number of CPUs has changed
 * @sched: the scheduler
 * @cpus: CPUs that are online and that its workers may use, 1 or more
 *
 * What no longer fits is demoted, the newest first.
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 */
void bpfsched_reservations_recheck(struct bpfsched *sched, u32 cpus)
{
	struct question *question = kmalloc(sizeof(*question), GFP_KERNEL);
	u32 before;

	mutex_lock(&sched->admission_lock);
	before = sched->cpu_count;
	bpfsched_dispatch_on(sched, min(sched->limits.workers, cpus));
	/* Without memory for a test nothing can be vouched for. */
	while (sched->cpu_count < before && READ_ONCE(sched->reservations) &&
	       !(question && all_fit(sched, question)))
		demote_newest(sched);
	mutex_unlock(&sched->admission_lock);
	kfree(question);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_reservations_recheck);
