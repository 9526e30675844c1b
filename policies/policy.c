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
};

/**
 * bpfsched_policy_is_valid() - whether a policy has all that the core calls
 * @ops: the policy
 *
 * Context: any.
 */
bool bpfsched_policy_is_valid(const struct bpfsched_policy_ops *ops)
{
	return ops && ops->name && ops->name[0] && ops->queue_size &&
	       ops->init &&
	       ops->enqueue && ops->dequeue && ops->select && ops->last &&
	       ops->before &&
	       !(ops->flags & ~(BPFSCHED_POLICY_DEADLINES |
				BPFSCHED_POLICY_PREEMPTIVE));
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
