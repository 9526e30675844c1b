// SPDX-License-Identifier: GPL-2.0
/*
 * Waking those that sleep on a client: the worker does it itself, or leaves it to a
 * work item if it would take long.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "fixture.h"

#define ALICE	1000
#define MANY	1000

/**
 * struct sleeper - somebody who sleeps on a client
 * @entry: in its wait queue
 * @by: who has woken it last, NULL: nobody has
 * @events: what it was told then
 */
struct sleeper {
	struct wait_queue_entry entry;
	struct task_struct *by;
	__poll_t events;
};

/* As epoll does, which wakes others in turn. */
static int be_told(struct wait_queue_entry *entry, unsigned int mode, int flags,
		   void *key)
{
	struct sleeper *sleeper = container_of(entry, struct sleeper, entry);

	sleeper->events = key_to_poll(key);
	WRITE_ONCE(sleeper->by, current);
	return 0;
}

/* As a task does that waits for a condition. */
static int wake_a_task(struct wait_queue_entry *entry, unsigned int mode,
		       int flags, void *key)
{
	be_told(entry, mode, flags, key);
	return autoremove_wake_function(entry, mode, flags, key);
}

static void go_to_sleep(struct bpfsched_client *client, struct sleeper *sleeper,
			wait_queue_func_t func)
{
	*sleeper = (struct sleeper) {};
	init_waitqueue_func_entry(&sleeper->entry, func);
	sleeper->entry.private = current;
	add_wait_queue(&client->wait, &sleeper->entry);
}

/* Returns whether the sleeper was woken by this task, not by a work item. */
static bool wakes_itself(struct kunit *test, struct bpfsched_client *client,
			 struct sleeper *sleeper)
{
	client->ops->notify(client, BPFSCHED_NOTIFY_RECORDS);
	bpfsched_clients_flush();
	KUNIT_EXPECT_NOT_NULL(test, sleeper->by);
	KUNIT_EXPECT_TRUE(test, sleeper->events & EPOLLIN);
	return sleeper->by == current;
}

static bool wakes_epoll_itself(struct kunit *test,
			       struct bpfsched_client *client)
{
	struct sleeper sleeper;
	bool itself;

	go_to_sleep(client, &sleeper, be_told);
	itself = wakes_itself(test, client, &sleeper);
	remove_wait_queue(&client->wait, &sleeper.entry);
	return itself;
}

/* Where admission counts on it, an epoll of a limited user is told later. */
static void epoll_of_a_limited_user(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);

	KUNIT_ASSERT_FALSE(test, alice->unlimited);
	KUNIT_EXPECT_FALSE(test, wakes_epoll_itself(test, alice));
}

static void epoll_of_who_is_not_limited(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	KUNIT_ASSERT_TRUE(test, f->client->unlimited);
	KUNIT_EXPECT_TRUE(test, wakes_epoll_itself(test, f->client));
}

static void epoll_without_admission(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);

	KUNIT_EXPECT_TRUE(test, wakes_epoll_itself(test, alice));
}

/* A task that waits is woken at once, whoever it is. */
static void task_of_a_limited_user(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct wait_queue_entry entry;

	init_wait(&entry);
	prepare_to_wait(&alice->wait, &entry, TASK_INTERRUPTIBLE);
	alice->ops->notify(alice, BPFSCHED_NOTIFY_RECORDS);
	KUNIT_EXPECT_TRUE(test, list_empty(&entry.entry));
	finish_wait(&alice->wait, &entry);
}

/* Many are told later, whoever they are, and each of them is. */
static void many(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct sleeper *sleepers;
	u32 i, told = 0;

	sleepers = kunit_kcalloc(test, MANY, sizeof(*sleepers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sleepers);
	for (i = 0; i < MANY; i++)
		go_to_sleep(f->client, &sleepers[i], wake_a_task);
	KUNIT_EXPECT_FALSE(test, wakes_itself(test, f->client, sleepers));
	for (i = 0; i < MANY; i++) {
		told += sleepers[i].by && sleepers[i].by != current;
		remove_wait_queue(&f->client->wait, &sleepers[i].entry);
	}
	KUNIT_EXPECT_EQ(test, MANY, told);
}

/* An epoll that waits for the end of the scheduler only. */
static void end_is_told_by_a_work_item(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct bpfsched_client *alice = fixture_open_as(f, ALICE);
	struct sleeper sleeper;

	go_to_sleep(alice, &sleeper, be_told);
	alice->ops->notify(alice, BPFSCHED_NOTIFY_GONE);
	bpfsched_clients_flush();
	KUNIT_EXPECT_TRUE(test, sleeper.events & EPOLLHUP);
	remove_wait_queue(&alice->wait, &sleeper.entry);
}

static struct kunit_case sleepers_cases[] = {
	KUNIT_CASE(epoll_of_a_limited_user),
	KUNIT_CASE(epoll_of_who_is_not_limited),
	KUNIT_CASE(epoll_without_admission),
	KUNIT_CASE(task_of_a_limited_user),
	KUNIT_CASE(many),
	KUNIT_CASE(end_is_told_by_a_work_item),
	{}
};

static struct kunit_suite sleepers_suite = {
	.name = "sleepers",
	.exit = fixture_exit,
	.test_cases = sleepers_cases,
};

kunit_test_suites(&sleepers_suite);
