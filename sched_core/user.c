// SPDX-License-Identifier: GPL-2.0
/*
 * Users: what each user of a scheduler has in use, and may have.
 *
 * A user is who opened the file, whoever uses it. A process in a user namespace
 * counts as the owner of that namespace, for it can be any of its uids. A module
 * of the kernel is a user of its own.
 *
 * A user stays in the table when it has no client any more, as long as its
 * limits were set for it, or the policy says that it owes time. The latter are
 * looked at when somebody comes.
 */
#include <linux/cred.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include <bpfsched/visibility.h>

#include "dispatch.h"
#include "scheduler.h"
#include "states.h"
#include "user.h"

/* Places of the modules of the kernel, above those of all uids. */
#define KERNEL_BASE	BIT_ULL(32)

/**
 * bpfsched_current_user() - the user that a file belongs to which is opened now
 *
 * Context: process.
 */
kuid_t bpfsched_current_user(void)
{
	const struct user_namespace *ns = current_user_ns();
	kuid_t uid = current_uid();

	for (; ns != &init_user_ns; ns = ns->parent)
		uid = ns->owner;
	return uid;
}

static void user_free(struct bpfsched_user *user)
{
	bpfsched_dispatch_forget(user);
	bpfsched_states_withdraw(user);
	xa_erase(&user->sched->users, user->number - 1);
	kfree(user);
}

static bool is_forgettable(struct bpfsched_user *user)
{
	struct bpfsched *sched = user->sched;
	bool settled;

	if (user->refs || user->changed)
		return false;
	raw_spin_lock_irq(&sched->lock);
	settled = sched->policy->share_is_settled(sched->queue, &user->share);
	raw_spin_unlock_irq(&sched->lock);
	return settled;
}

/* Forget those who have paid what they owed. */
static void forget_users(struct bpfsched *sched)
{
	struct bpfsched_user *user;
	unsigned long place;

	lockdep_assert_held(&sched->users_lock);

	xa_for_each(&sched->users, place, user) {
		if (is_forgettable(user))
			user_free(user);
		cond_resched();
	}
}

static struct bpfsched_user *user_new(struct bpfsched *sched, u64 place)
{
	struct bpfsched_user *user;

	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return NULL;
	user->sched = sched;
	user->number = place + 1;
	bpfsched_timer_owner_init(&user->timers);
	raw_spin_lock_irq(&sched->lock);
	user->limits = sched->limits.user;
	sched->policy->share_init(sched->queue, &user->share,
				  user->limits.weight);
	raw_spin_unlock_irq(&sched->lock);
	if (xa_err(xa_store(&sched->users, place, user, GFP_KERNEL_ACCOUNT))) {
		kfree(user);
		return NULL;
	}
	return user;
}

/* The user of a uid, made if it is not there; NULL if memory ran out. */
static struct bpfsched_user *find_or_make(struct bpfsched *sched, kuid_t uid)
{
	struct bpfsched_user *user;

	lockdep_assert_held(&sched->users_lock);

	user = xa_load(&sched->users, __kuid_val(uid));
	if (user)
		return user;
	user = user_new(sched, __kuid_val(uid));
	if (user)
		user->uid = uid;
	return user;
}

static void hold(struct bpfsched_user *user)
{
	if (!user->refs++)
		bpfsched_get(user->sched);
}

/**
 * bpfsched_user_get() - the user of a scheduler
 * @sched: the scheduler
 * @uid: who
 *
 * Context: process, may sleep.
 * Return: the user, to be put by the caller, or NULL if memory ran out.
 */
struct bpfsched_user *bpfsched_user_get(struct bpfsched *sched, kuid_t uid)
{
	struct bpfsched_user *user;

	mutex_lock(&sched->users_lock);
	forget_users(sched);
	user = find_or_make(sched, uid);
	if (user)
		hold(user);
	mutex_unlock(&sched->users_lock);
	return user;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_get);

/**
 * bpfsched_user_get_kernel() - a user that is a module of the kernel
 * @sched: the scheduler
 * @comm: name of the module
 *
 * Context: process, may sleep.
 * Return: a new user, to be put by the caller, or NULL if memory ran out.
 */
struct bpfsched_user *bpfsched_user_get_kernel(struct bpfsched *sched,
					       const char *comm)
{
	struct bpfsched_user *user = NULL;

	mutex_lock(&sched->users_lock);
	forget_users(sched);
	user = user_new(sched, KERNEL_BASE + sched->next_kernel_user++);
	if (user) {
		user->uid = GLOBAL_ROOT_UID;
		user->kernel = true;
		strscpy(user->comm, comm, sizeof(user->comm));
		hold(user);
	}
	mutex_unlock(&sched->users_lock);
	return user;
}

/**
 * bpfsched_user_hold() - hold a user once more
 * @user: a user that is held
 *
 * Context: process, may sleep.
 */
void bpfsched_user_hold(struct bpfsched_user *user)
{
	mutex_lock(&user->sched->users_lock);
	hold(user);
	mutex_unlock(&user->sched->users_lock);
}

/**
 * bpfsched_user_put() - hold a user no longer
 * @user: the user
 *
 * Context: process, may sleep.
 */
void bpfsched_user_put(struct bpfsched_user *user)
{
	struct bpfsched *sched = user->sched;
	bool last;

	mutex_lock(&sched->users_lock);
	last = !--user->refs;
	if (last) {
		WARN_ON_ONCE(user->jobs || user->waiting || user->in_line ||
			     user->programs || user->memory ||
			     user->release_rate || user->reserved_ppm ||
			     user->pooled);
		if (is_forgettable(user))
			user_free(user);
	}
	mutex_unlock(&sched->users_lock);
	if (last)
		bpfsched_put(sched);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_put);

/**
 * bpfsched_users_exit() - forget all users
 * @sched: the scheduler, which nobody holds any more
 *
 * Context: process, may sleep.
 */
void bpfsched_users_exit(struct bpfsched *sched)
{
	struct bpfsched_user *user;
	unsigned long place;

	xa_for_each(&sched->users, place, user) {
		WARN_ON_ONCE(user->refs);
		user_free(user);
	}
	xa_destroy(&sched->users);
}

/**
 * bpfsched_user_check_limits() - whether limits make sense
 * @limits: the limits
 * @which: which of them are looked at, BPFSCHED_USER_SET_*
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int bpfsched_user_check_limits(const struct bpfsched_user_limits *limits,
			       u32 which)
{
	if ((which & BPFSCHED_USER_SET_WEIGHT) &&
	    (limits->weight < BPFSCHED_WEIGHT_MIN ||
	     limits->weight > BPFSCHED_WEIGHT_MAX))
		return -EINVAL;
	return 0;
}

/**
 * bpfsched_user_merge_limits() - take some limits over
 * @to: changed
 * @from: where they come from
 * @which: which of them, BPFSCHED_USER_SET_*
 *
 * Context: any.
 */
void bpfsched_user_merge_limits(struct bpfsched_user_limits *to,
				const struct bpfsched_user_limits *from,
				u32 which)
{
	if (which & BPFSCHED_USER_SET_CLIENTS)
		to->clients = from->clients;
	if (which & BPFSCHED_USER_SET_JOBS)
		to->jobs = from->jobs;
	if (which & BPFSCHED_USER_SET_WAITING)
		to->waiting = from->waiting;
	if (which & BPFSCHED_USER_SET_PROGRAMS)
		to->programs = from->programs;
	if (which & BPFSCHED_USER_SET_MEMORY)
		to->memory = from->memory;
	if (which & BPFSCHED_USER_SET_RELEASES)
		to->releases = from->releases;
	if (which & BPFSCHED_USER_SET_RESERVED)
		to->reserved_ppm = from->reserved_ppm;
	if (which & BPFSCHED_USER_SET_WEIGHT)
		to->weight = from->weight;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_merge_limits);

static void set_limits(struct bpfsched_user *user,
		       const struct bpfsched_user_limits *limits, u32 which)
{
	struct bpfsched *sched = user->sched;

	raw_spin_lock_irq(&sched->lock);
	bpfsched_user_merge_limits(&user->limits, limits, which);
	sched->policy->share_set_weight(sched->queue, &user->share,
					user->limits.weight);
	raw_spin_unlock_irq(&sched->lock);
	bpfsched_tell_pollers(sched);
}

/**
 * bpfsched_user_set() - change the limits of a user
 * @sched: the scheduler
 * @uid: the user
 * @flags: which limits, BPFSCHED_USER_SET_*; with BPFSCHED_USER_SET_DEFAULTS
 *	all others are those of the scheduler again
 * @limits: the new ones
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EINVAL; -ENOMEM; -EINTR if the caller is being killed.
 */
int bpfsched_user_set(struct bpfsched *sched, kuid_t uid, u32 flags,
		      const struct bpfsched_user_limits *limits)
{
	u32 which = flags & BPFSCHED_USER_SET_LIMITS;
	struct bpfsched_user *user;
	int err;

	err = bpfsched_user_check_limits(limits, which);
	if (err)
		return err;
	if (mutex_lock_killable(&sched->users_lock))
		return -EINTR;
	user = find_or_make(sched, uid);
	if (user && (flags & BPFSCHED_USER_SET_DEFAULTS)) {
		set_limits(user, &sched->limits.user,
			   BPFSCHED_USER_SET_LIMITS);
		WRITE_ONCE(user->changed, 0);
	}
	if (user) {
		set_limits(user, limits, which);
		WRITE_ONCE(user->changed, user->changed | which);
		if (is_forgettable(user))
			user_free(user);
	}
	mutex_unlock(&sched->users_lock);
	return user ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_set);

/**
 * bpfsched_users_set_all() - change the limits that users have by default
 * @sched: the scheduler
 * @flags: which limits, BPFSCHED_USER_SET_*
 * @limits: the new ones
 *
 * Users whose limits were set for them keep those.
 *
 * Context: process, may sleep; takes the locks of the scheduler.
 * Return: 0; -EINVAL; -EINTR if the caller is being killed.
 */
int bpfsched_users_set_all(struct bpfsched *sched, u32 flags,
			   const struct bpfsched_user_limits *limits)
{
	u32 which = flags & BPFSCHED_USER_SET_LIMITS;
	struct bpfsched_user *user;
	unsigned long place;
	int err;

	err = bpfsched_user_check_limits(limits, which);
	if (err)
		return err;
	if (mutex_lock_killable(&sched->users_lock))
		return -EINTR;
	raw_spin_lock_irq(&sched->lock);
	bpfsched_user_merge_limits(&sched->limits.user, limits, which);
	raw_spin_unlock_irq(&sched->lock);
	xa_for_each(&sched->users, place, user)
		set_limits(user, limits, which & ~user->changed);
	mutex_unlock(&sched->users_lock);
	return 0;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_users_set_all);

/**
 * bpfsched_users_visit() - go through the users of a scheduler
 * @sched: the scheduler
 * @after: begin behind the user of this number, 0: with the first
 * @visit: called for each
 * @data: for @visit
 *
 * Context: process, may sleep; takes bpfsched.users_lock.
 * Return: 0, or -EINTR if the caller is being killed.
 */
int bpfsched_users_visit(struct bpfsched *sched, u64 after,
			 bpfsched_user_visit_t *visit, void *data)
{
	struct bpfsched_user *user;
	unsigned long place;

	if (mutex_lock_killable(&sched->users_lock))
		return -EINTR;
	/* The place of a user is its number less 1, so @after is the next. */
	xa_for_each_start(&sched->users, place, user, after) {
		if (!visit(user, data))
			break;
		cond_resched();
	}
	mutex_unlock(&sched->users_lock);
	return 0;
}

/**
 * bpfsched_release_rate() - releases a second of a job
 * @period_ns: its period, not 0
 *
 * Return: in 1/BPFSCHED_RELEASE_RATE_ONE, rounded up.
 */
u64 bpfsched_release_rate(u64 period_ns)
{
	/* The sum that DIV64_U64_ROUND_UP() makes may not fit. */
	return div64_u64(NSEC_PER_SEC * BPFSCHED_RELEASE_RATE_ONE - 1,
			 period_ns) + 1;
}

/**
 * bpfsched_user_add_program() - count a program that a user loads
 * @user: the user
 * @bytes: of its code and sections
 * @unlimited: the limits do not bind
 * @limit: set to BPFSCHED_LIMIT_*, if it is refused
 *
 * Context: process; takes the lock of the scheduler.
 * Return: 0 or -EDQUOT.
 */
int bpfsched_user_add_program(struct bpfsched_user *user, u64 bytes,
			      bool unlimited, u32 *limit)
{
	const struct bpfsched_user_limits *limits = &user->limits;

	*limit = BPFSCHED_LIMIT_NONE;
	raw_spin_lock_irq(&user->sched->lock);
	if (!unlimited && user->programs >= limits->programs)
		*limit = BPFSCHED_LIMIT_USER_PROGRAMS;
	else if (!unlimited && (user->memory > limits->memory ||
				bytes > limits->memory - user->memory))
		*limit = BPFSCHED_LIMIT_USER_MEMORY;
	if (!*limit) {
		user->programs++;
		user->memory += bytes;
	}
	raw_spin_unlock_irq(&user->sched->lock);
	return *limit ? -EDQUOT : 0;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_add_program);

/**
 * bpfsched_user_remove_program() - undo bpfsched_user_add_program()
 * @user: the user
 * @bytes: as given there
 *
 * Context: process; takes the lock of the scheduler.
 */
void bpfsched_user_remove_program(struct bpfsched_user *user, u64 bytes)
{
	raw_spin_lock_irq(&user->sched->lock);
	user->programs--;
	user->memory -= bytes;
	raw_spin_unlock_irq(&user->sched->lock);
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_user_remove_program);
