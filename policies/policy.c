// SPDX-License-Identifier: GPL-2.0
/*
 * The table of policies.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <bpfsched/visibility.h>

#include "policy.h"

static const struct bpfsched_policy_ops *const policies[] = {
	&bpfsched_throughput_policy,
	&bpfsched_deadline_policy,
	&bpfsched_fair_policy,
};

/**
 * bpfsched_policy_ignore_stop() - bpfsched_policy_ops.stop that does nothing
 * @queue: the queue
 * @entity: the entity
 * @ran_ns: how long it ran
 */
void bpfsched_policy_ignore_stop(void *queue, struct bpfsched_entity *entity,
				 u64 ran_ns)
{
}

/**
 * bpfsched_policy_ignore_charge() - bpfsched_policy_ops.charge that does nothing
 * @queue: the queue
 * @share: the share
 * @priority: the priority
 * @ns: the time
 */
void bpfsched_policy_ignore_charge(void *queue, struct bpfsched_share *share,
				   u8 priority, u64 ns)
{
}

/**
 * bpfsched_policy_ignore_share() - bpfsched_policy_ops.share_init, or
 * share_set_weight, that does nothing
 * @queue: the queue
 * @share: the share
 * @weight: its weight
 */
void bpfsched_policy_ignore_share(void *queue, struct bpfsched_share *share,
				  u32 weight)
{
}

/**
 * bpfsched_policy_forget_share() - bpfsched_policy_ops.share_is_settled of a
 * policy that knows nothing of users
 * @queue: the queue
 * @share: the share
 *
 * Return: true.
 */
bool bpfsched_policy_forget_share(void *queue,
				  const struct bpfsched_share *share)
{
	return true;
}

/**
 * bpfsched_policy_is_valid() - whether a policy has all that the core calls
 * @ops: the policy
 *
 * Context: any.
 */
bool bpfsched_policy_is_valid(const struct bpfsched_policy_ops *ops)
{
	return ops && ops->name && ops->name[0] && ops->queue_size &&
	       ops->init && ops->enqueue && ops->dequeue && ops->start &&
	       ops->stop && ops->charge && ops->select && ops->victim &&
	       ops->before &&
	       ops->share_init && ops->share_set_weight &&
	       ops->share_is_settled &&
	       !(ops->flags & ~(BPFSCHED_POLICY_DEADLINES |
				BPFSCHED_POLICY_PREEMPTIVE |
				BPFSCHED_POLICY_SLICES)) &&
	       (!(ops->flags & BPFSCHED_POLICY_PREEMPTIVE) ||
		(ops->first_started &&
		 !(ops->flags & BPFSCHED_POLICY_SLICES)));
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_policy_is_valid);

/**
 * bpfsched_policies_validate() - check the table, once, before it is used
 *
 * Context: module initialization.
 * Return: 0, or -EINVAL if a policy is incomplete or two have one name.
 */
int bpfsched_policies_validate(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		if (!bpfsched_policy_is_valid(policies[i]) ||
		    bpfsched_policy_find(policies[i]->name) != policies[i]) {
			pr_err("policy number %zu is not usable\n", i);
			return -EINVAL;
		}
	}
	return 0;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_policies_validate);

/**
 * bpfsched_policy_find() - the policy of a name
 * @name: the name
 *
 * Context: any.
 * Return: the policy, or NULL if there is none.
 */
const struct bpfsched_policy_ops *bpfsched_policy_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		if (!strcmp(policies[i]->name, name))
			return policies[i];
	}
	return NULL;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_policy_find);
