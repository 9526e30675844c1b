// SPDX-License-Identifier: GPL-2.0
/*
 * Changing a job that has not ended: its priority, its deadline, and what is
 * left of its budgets. All of it is checked before any of it is changed, under
 * one hold of the lock.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>

#include <bpfsched/visibility.h>

#include "client.h"
#include "deferred.h"
#include "dispatch.h"
#include "job.h"
#include "reservation.h"
#include "scheduler.h"
#include "update.h"

#define DEADLINE_FLAGS \
	(BPFSCHED_UPDATE_DEADLINE_ABS | BPFSCHED_UPDATE_DEADLINE_REL)
#define UPDATE_FLAGS \
	(BPFSCHED_UPDATE_PRIORITY | DEADLINE_FLAGS | \
	 BPFSCHED_UPDATE_BUDGET_INSNS | BPFSCHED_UPDATE_BUDGET_NS | \
	 BPFSCHED_UPDATE_ANY_CLIENT)

/* A value without its flag is refused. */
static bool is_well_formed(const struct bpfsched_update *update)
{
	u32 flags = update->flags;

	if (!(flags & ~BPFSCHED_UPDATE_ANY_CLIENT) || (flags & ~UPDATE_FLAGS) ||
	    (flags & DEADLINE_FLAGS) == DEADLINE_FLAGS || update->limit)
		return false;
	if (update->priority && (!(flags & BPFSCHED_UPDATE_PRIORITY) ||
				 update->priority > BPFSCHED_PRIORITY_CRITICAL))
		return false;
	if (flags & BPFSCHED_UPDATE_BUDGET_INSNS ? !update->budget_insns :
						   !!update->budget_insns)
		return false;
	return (!update->deadline_ns || (flags & DEADLINE_FLAGS)) &&
	       (!update->budget_ns || (flags & BPFSCHED_UPDATE_BUDGET_NS));
}

static int check_rights(const struct bpfsched *sched,
			const struct bpfsched_update *update, bool privileged)
{
	const struct bpfsched_limits *limits = &sched->limits;

	if (update->budget_insns > limits->max_budget)
		return -E2BIG;
	if ((update->flags & DEADLINE_FLAGS) &&
	    !(sched->policy->flags & BPFSCHED_POLICY_DEADLINES))
		return -EOPNOTSUPP;
	if (privileged)
		return 0;
	if (update->budget_insns > limits->user_budget)
		return -EPERM;
	return update->priority == BPFSCHED_PRIORITY_CRITICAL &&
	       sched->guard_critical ? -EPERM : 0;
}

/* The distance of the new deadline from the release. */
static int new_deadline(const struct bpfsched_job *job,
			const struct bpfsched_update *update, u64 now_ns,
			u64 *deadline_ns)
{
	u64 absolute_ns = update->deadline_ns;

	if (update->flags & BPFSCHED_UPDATE_DEADLINE_ABS) {
		if (bpfsched_job_is_periodic(job))
			return -EINVAL;
		*deadline_ns = bpfsched_deadline_at(job->released_ns,
						    absolute_ns).relative_ns;
	} else {
		*deadline_ns = update->deadline_ns;
		absolute_ns = bpfsched_deadline_from_now(job->released_ns,
							 *deadline_ns).absolute_ns;
	}
	/* Who waits for a slot has a release that is still to be set. */
	if (!list_empty(&job->starved_link))
		absolute_ns = U64_MAX;
	return !*deadline_ns || absolute_ns <= now_ns ? -ETIME : 0;
}

/*
 * An admitted job gets a later deadline without a test: that takes no time from
 * the others. A job that declared nothing has none to lose.
 */
static bool needs_test(const struct bpfsched_job *job, u64 deadline_ns)
{
	return job->entity.admitted && deadline_ns < job->timing.deadline_ns;
}

static void change_deadline(struct bpfsched_job *job, u64 deadline_ns)
{
	struct bpfsched *sched = job->client->sched;

	job->timing.deadline_ns = deadline_ns;
	bpfsched_reservation_moved(job);
	job->entity.has_deadline = true;
	job->entity.deadline =
		bpfsched_deadline_from_now(job->released_ns, deadline_ns);
	/* A miss that was counted stays one; who waits has another timer. */
	if (job->state == BPFSCHED_JOB_WAITING)
		return;
	bpfsched_timer_clear(sched, &job->timer);
	bpfsched_job_watch_deadline(job);
}

static void change_priority(struct bpfsched_job *job, u8 priority)
{
	struct bpfsched *sched = job->client->sched;

	job->new_priority = priority;
	/*
	 * Behind those that have that priority already: nobody waits at a low one
	 * for a place among the high ones. What was started keeps its place, and
	 * beside a deadline the priority says nothing.
	 */
	if (job->state == BPFSCHED_JOB_PENDING && !job->entity.has_deadline)
		job->entity.seq = ++sched->next_seq;
	/*
	 * Where time is charged by priority, a release that was started keeps
	 * the one that it has its state for.
	 */
	if (!job->exec || !(sched->policy->flags & BPFSCHED_POLICY_SLICES))
		job->entity.priority = priority;
}

static void change_budgets(struct bpfsched_job *job,
			   const struct bpfsched_update *update,
			   bool privileged, u64 now_ns)
{
	u64 ran_ns = bpfsched_time_on_worker(job, now_ns);

	if (update->flags & BPFSCHED_UPDATE_BUDGET_INSNS) {
		job->budget_insns = update->budget_insns;
		job->new_budget = update->budget_insns;
		/* Or a budget that is renewed again and again has no end. */
		job->new_total = privileged ? U64_MAX :
				 job->client->sched->limits.user_budget;
		job->has_new_budget = job->exec;
	}
	if (!(update->flags & BPFSCHED_UPDATE_BUDGET_NS))
		return;
	job->next_budget_ns = update->budget_ns;
	job->timing.budget_ns = update->budget_ns;
	if (update->budget_ns &&
	    check_add_overflow(ran_ns, update->budget_ns,
			       &job->timing.budget_ns))
		job->timing.budget_ns = U64_MAX;
}

static void change_rank(struct bpfsched_job *job,
			const struct bpfsched_update *update, u64 deadline_ns)
{
	bool has_new_priority = (update->flags & BPFSCHED_UPDATE_PRIORITY) &&
				update->priority != job->new_priority;
	bool has_new_deadline = update->flags & DEADLINE_FLAGS;

	/* To put a job into a list again would put it behind its equals. */
	if (!has_new_priority && !has_new_deadline)
		return;
	bpfsched_rank_changes(job);
	if (has_new_priority)
		change_priority(job, update->priority);
	if (has_new_deadline)
		change_deadline(job, deadline_ns);
	bpfsched_rank_changed(job);
}

static void apply(struct bpfsched_job *job,
		  const struct bpfsched_update *update, u64 deadline_ns,
		  bool privileged, u64 now_ns)
{
	change_rank(job, update, deadline_ns);
	change_budgets(job, update, privileged, now_ns);
	bpfsched_budget_changed(job);
}

/**
 * struct attempt - how far a change of a deadline has come
 * @deadline_ns: the distance from the release that is asked for
 * @tested_ns: the one that was tested
 * @until_ns: until when the answer holds
 * @ahead_ns: how far ahead the next test looks
 */
struct attempt {
	u64 deadline_ns;
	u64 tested_ns;
	u64 until_ns;
	u64 ahead_ns;
};

/* Returns 0, an error, or -ERESTART: a test of admission is needed. */
static int check_deadline(const struct bpfsched_job *job,
			  struct bpfsched_update *update,
			  struct attempt *attempt, bool privileged, u64 now_ns)
{
	int err;

	if (!(update->flags & DEADLINE_FLAGS))
		return 0;
	err = new_deadline(job, update, now_ns, &attempt->deadline_ns);
	if (!err && !privileged)
		err = bpfsched_reservation_check_move(job,
						      attempt->deadline_ns,
						      &update->limit);
	if (err || !needs_test(job, attempt->deadline_ns))
		return err;
	return attempt->deadline_ns != attempt->tested_ns ||
	       now_ns > attempt->until_ns ? -ERESTART : 0;
}

/* One try; returns as check_deadline(). */
static int try_update(struct bpfsched_client *client,
		      struct bpfsched_update *update, struct attempt *attempt,
		      bool privileged)
{
	struct bpfsched *sched = client->sched;
	struct bpfsched_deferred deferred;
	struct bpfsched_job *job;
	int err = -ENOENT;
	u64 now_ns;

	bpfsched_lock(sched, &deferred);
	now_ns = bpfsched_clock_now(&sched->clock);
	job = bpfsched_client_find(client, update->id);
	if (job)
		err = check_deadline(job, update, attempt, privileged, now_ns);
	if (!err) {
		apply(job, update, attempt->deadline_ns, privileged, now_ns);
		bpfsched_dispatch(sched);
	}
	bpfsched_unlock(sched);
	bpfsched_deferred_run(sched, &deferred);
	return err;
}

/* With bpfsched.admission_lock held. */
static int update_with_tests(struct bpfsched_client *client,
			     struct bpfsched_update *update, bool privileged)
{
	struct attempt attempt = {};
	int i, err;

	for (i = 0; i < BPFSCHED_ADMISSION_TRIES; i++) {
		err = try_update(client, update, &attempt, privileged);
		if (err != -ERESTART)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		err = bpfsched_reservation_test_move(client, update->id,
						     attempt.deadline_ns,
						     &attempt.ahead_ns,
						     &attempt.until_ns,
						     &update->room_ns);
		if (err && err != -ENOENT)
			return err;
		attempt.tested_ns = attempt.deadline_ns;
	}
	return -EBUSY;
}

/**
 * bpfsched_update_job() - change a job that has not ended
 * @client: its client
 * @update: what is to be changed; with -EBUSY room_ns is set
 * @privileged: who asks has CAP_SYS_NICE
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -ENOENT if the client has no live job of that number; -EINVAL;
 * -E2BIG: a budget beyond the limit of the scheduler; -EPERM: needs privilege;
 * -EOPNOTSUPP: the policy has no deadlines; -ETIME: the deadline has passed;
 * -EBUSY: not admitted with that deadline; -EDQUOT: beyond the limit of the
 * user that update->limit names; -ENOMEM; -EINTR if the caller is being killed.
 */
int bpfsched_update_job(struct bpfsched_client *client,
			struct bpfsched_update *update, bool privileged)
{
	struct bpfsched *sched = client->sched;
	struct attempt attempt = {};
	int err;

	if (!is_well_formed(update))
		return -EINVAL;
	err = check_rights(sched, update, privileged);
	if (err)
		return err;
	/* Who takes no time from admitted jobs holds up nobody who asks for it. */
	err = try_update(client, update, &attempt, privileged);
	if (err != -ERESTART)
		return err;
	if (mutex_lock_killable(&sched->admission_lock))
		return -EINTR;
	err = update_with_tests(client, update, privileged);
	mutex_unlock(&sched->admission_lock);
	return err;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_update_job);
