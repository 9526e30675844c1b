// SPDX-License-Identifier: GPL-2.0
/*
 * States: memory for runs of the engine. A state is large (16 KiB), so a job has
 * one only from its start to its end.
 *
 * There are always enough of them for a worker that starts a job:
 *
 *  - A policy without preemption needs one for each worker.
 *  - With preemption by rank each job that was preempted keeps its state. Jobs
 *    that are not admitted preempt others, and are started at all, only while
 *    fewer than BPFSCHED_SPARE_STATES jobs are paused (dispatch.c). An admitted
 *    job always is: those that are paused then are the spare ones, one job more
 *    for each worker that was preempted by an admitted job, and the other
 *    admitted jobs. A job that is demoted keeps its place among the
 *    reservations while it has a state.
 *  - With slices a user has at most one started job for each worker and
 *    priority, see policies/fair.c. Each user provides the states for its own
 *    jobs when it submits them, so no user can take those of another.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "client.h"
#include "scheduler.h"
#include "states.h"
#include "user.h"

/**
 * struct state - a state
 * @link: in bpfsched_states.free while no job has it
 * @exec: for the engine
 */
struct state {
	struct list_head link;
	u8 exec[] __aligned(64);
};

static struct state *state_new(const struct bpfsched *sched, gfp_t gfp)
{
	return kvzalloc(sizeof(struct state) + sched->engine->state_size, gfp);
}

static void free_list(struct list_head *list)
{
	struct state *state, *next;

	list_for_each_entry_safe(state, next, list, link)
		kvfree(state);
}

/* Make states; fewer than @count if memory runs out. */
static u32 make_states(const struct bpfsched *sched, u32 count, gfp_t gfp,
		       struct list_head *list)
{
	struct state *state;
	u32 i;

	for (i = 0; i < count; i++) {
		state = state_new(sched, gfp);
		if (!state)
			break;
		list_add(&state->link, list);
	}
	return i;
}

/**
 * bpfsched_states_init() - make the states of a scheduler
 * @sched: the scheduler, with its policy, engine and limits set
 * @max_reservations: most jobs that can be admitted at once
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; then bpfsched_states_exit() is still to be called.
 */
int bpfsched_states_init(struct bpfsched *sched, u32 max_reservations)
{
	struct bpfsched_states *states = &sched->states;
	u32 workers = sched->limits.workers;
	u32 count = workers;

	/* With slices the users provide them. */
	if (sched->policy->flags & BPFSCHED_POLICY_SLICES)
		count = 0;
	if (sched->policy->flags & BPFSCHED_POLICY_PREEMPTIVE)
		count += workers + BPFSCHED_SPARE_STATES + max_reservations;
	states->total = make_states(sched, count, GFP_KERNEL_ACCOUNT,
				    &states->free);
	states->free_count = states->total;
	return states->total == count ? 0 : -ENOMEM;
}

/**
 * bpfsched_states_exit() - free the states of a scheduler
 * @sched: the scheduler; none of its jobs is left
 *
 * Context: process, may sleep.
 */
void bpfsched_states_exit(struct bpfsched *sched)
{
	WARN_ON_ONCE(sched->states.free_count != sched->states.total);
	free_list(&sched->states.free);
}

/* States that a user lacks, with the jobs that it is submitting. */
static u32 missing(const struct bpfsched_user *user)
{
	u32 want = min(user->jobs + user->submitting,
		       BPFSCHED_PRIORITIES * user->sched->limits.workers);

	return want > user->states ? want - user->states : 0;
}

/* Count what is to be submitted; what is missing then, and is not left over. */
static u32 announce(struct bpfsched_user *user, u32 jobs)
{
	struct bpfsched *sched = user->sched;
	unsigned long flags;
	u32 count, reused;

	raw_spin_lock_irqsave(&sched->lock, flags);
	user->submitting += jobs;
	count = missing(user);
	reused = min(count, sched->states.surplus);
	sched->states.surplus -= reused;
	user->states += reused;
	raw_spin_unlock_irqrestore(&sched->lock, flags);
	return count - reused;
}

/*
 * Give a user what it still lacks, BPFSCHED_LOCK_BATCH states at most. Other
 * submitters of the user may have made the same meanwhile; if all of it were
 * kept, there would be no limit to it. Returns whether there is more to be done.
 */
static bool give_some(struct bpfsched_user *user, struct list_head *made)
{
	struct bpfsched *sched = user->sched;
	struct bpfsched_states *states = &sched->states;
	unsigned long flags;
	u32 count, i;

	raw_spin_lock_irqsave(&sched->lock, flags);
	count = min_t(u32, missing(user), BPFSCHED_LOCK_BATCH);
	for (i = 0; i < count && !list_empty(made); i++)
		list_move(made->next, &states->free);
	states->free_count += i;
	states->total += i;
	user->states += i;
	raw_spin_unlock_irqrestore(&sched->lock, flags);
	return i == BPFSCHED_LOCK_BATCH;
}

/**
 * bpfsched_states_provide() - make the states that more jobs of a user need
 * @user: the user
 * @jobs: how many are to be submitted
 * @gfp: how to allocate them
 *
 * The user has them until it is gone, so they are made once.
 *
 * Context: as @gfp allows; takes the lock of the scheduler.
 * Return: 0 or -ENOMEM; bpfsched_states_forget() is to be called in any case
 * when the submission has been decided on.
 */
int bpfsched_states_provide(struct bpfsched_user *user, u32 jobs, gfp_t gfp)
{
	struct bpfsched *sched = user->sched;
	LIST_HEAD(list);
	u32 count, made;

	if (!(sched->policy->flags & BPFSCHED_POLICY_SLICES))
		return 0;
	count = announce(user, jobs);
	if (!count)
		return 0;
	made = make_states(sched, count, gfp | __GFP_ACCOUNT, &list);
	while (give_some(user, &list))
		;
	free_list(&list);
	return made == count ? 0 : -ENOMEM;
}

/**
 * bpfsched_states_forget() - a submission has been decided on
 * @user: the user
 * @jobs: as given to bpfsched_states_provide()
 *
 * Context: any; takes the lock of the scheduler.
 */
void bpfsched_states_forget(struct bpfsched_user *user, u32 jobs)
{
	unsigned long flags;

	if (!(user->sched->policy->flags & BPFSCHED_POLICY_SLICES))
		return;
	raw_spin_lock_irqsave(&user->sched->lock, flags);
	user->submitting -= jobs;
	raw_spin_unlock_irqrestore(&user->sched->lock, flags);
}

/* Take a state that a user has provided out of the pool; NULL: no more. */
static struct state *withdraw_one(struct bpfsched_user *user)
{
	struct bpfsched_states *states = &user->sched->states;
	struct state *state = NULL;

	raw_spin_lock_irq(&user->sched->lock);
	if (user->states)
		state = list_first_entry_or_null(&states->free, struct state,
						 link);
	if (state) {
		list_del(&state->link);
		states->free_count--;
		states->total--;
		user->states--;
	} else {
		/* Jobs of others are in the rest, which stays in the pool. */
		states->surplus += user->states;
		user->states = 0;
	}
	raw_spin_unlock_irq(&user->sched->lock);
	return state;
}

/**
 * bpfsched_states_withdraw() - free what a user has provided
 * @user: a user that has no jobs any more
 *
 * Context: process, may sleep; takes the lock of the scheduler.
 */
void bpfsched_states_withdraw(struct bpfsched_user *user)
{
	struct state *state;

	while ((state = withdraw_one(user))) {
		kvfree(state);
		cond_resched();
	}
}

/**
 * bpfsched_state_get() - take a state for a job that is started
 * @sched: the scheduler
 *
 * Jobs that were cancelled while they were paused keep their states until they
 * are freed, so for a moment there may be none. bpfsched_state_put() then has
 * the workers look again.
 *
 * Context: any, with the lock of the scheduler held.
 * Return: the state, or NULL if there is none.
 */
void *bpfsched_state_get(struct bpfsched *sched)
{
	struct bpfsched_states *states = &sched->states;
	struct state *state = list_first_entry_or_null(&states->free,
						       struct state, link);

	lockdep_assert_held(&sched->lock);

	if (!state) {
		states->wanted = true;
		return NULL;
	}
	list_del(&state->link);
	states->free_count--;
	return state->exec;
}

/**
 * bpfsched_state_put() - give a state back
 * @sched: the scheduler
 * @exec: from bpfsched_state_get(); its run was finished
 *
 * Context: any, with the lock of the scheduler held.
 * Return: whether a worker waits for it; then bpfsched_dispatch() is to be
 * called.
 */
bool bpfsched_state_put(struct bpfsched *sched, void *exec)
{
	struct state *state = container_of(exec, struct state, exec[0]);
	struct bpfsched_states *states = &sched->states;
	bool wanted = states->wanted;

	lockdep_assert_held(&sched->lock);

	list_add(&state->link, &states->free);
	states->free_count++;
	states->wanted = false;
	return wanted;
}
