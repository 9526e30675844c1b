// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what jobs emit, in which order it is read, and what happens when
 * there is no room, or nobody left to read.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "fixture.h"

/* Any request that is taken. */
#define ANY_JOB		(&(struct bpfsched_job_desc) {})

/* The smallest room there is. */
#define SMALL_ROOM	PAGE_SIZE

#define HEADER		sizeof(struct bpfsched_event_record)

/**
 * struct event - an event as it was read
 * @record: what it says
 * @data: its bytes
 */
struct event {
	struct bpfsched_event_record record;
	u8 data[BPFSCHED_EVENT_MAX];
};

static int emit(struct fixture_run *run, const void *data, u32 len)
{
	return run->params.host->emit(run->params.host_data, data, len);
}

/* Take the first event of a client; false if there is none. */
static bool take_event(struct bpfsched_client *client, struct event *event)
{
	u32 size;

	if (!bpfsched_ring_has_records(&client->ring))
		return false;
	bpfsched_ring_copy(&client->ring, event, sizeof(event->record));
	size = event->record.record.size;
	if (size <= sizeof(*event))
		bpfsched_ring_copy(&client->ring, event, size);
	bpfsched_ring_consume(&client->ring, size);
	return true;
}

static struct event *new_event(struct kunit *test)
{
	struct event *event = kunit_kzalloc(test, sizeof(*event), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, event);
	return event;
}

static void emit_hello(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	KUNIT_EXPECT_EQ(f->test, 0, emit(run, "hello", 5));
}

static void event_tells_all(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);
	struct event *event = new_event(test);
	u64 id;

	f->script->during = emit_hello;
	f->script->takes_ns = 40;
	id = fixture_submit(f, &(struct bpfsched_job_desc) { .user_data = 77 });
	KUNIT_EXPECT_FALSE(test, bpfsched_client_has_records(f->client));
	fixture_step(f);
	fixture_check(f);
	KUNIT_EXPECT_TRUE(test, bpfsched_client_has_records(f->client));
	KUNIT_ASSERT_TRUE(test, take_event(f->client, event));
	KUNIT_EXPECT_EQ(test, event->record.record.size, HEADER + 8);
	KUNIT_EXPECT_EQ(test, event->record.record.type, BPFSCHED_RECORD_EVENT);
	KUNIT_EXPECT_EQ(test, event->record.record.flags, 0);
	KUNIT_EXPECT_EQ(test, event->record.id, id);
	KUNIT_EXPECT_EQ(test, event->record.user_data, 77ULL);
	KUNIT_EXPECT_EQ(test, event->record.release, 0ULL);
	KUNIT_EXPECT_EQ(test, event->record.time_ns, FIXTURE_START_NS + 40);
	KUNIT_EXPECT_EQ(test, event->record.seq, 1ULL);
	KUNIT_EXPECT_EQ(test, event->record.len, 5U);
	KUNIT_EXPECT_EQ(test, event->record.lost, 0U);
	KUNIT_EXPECT_EQ(test, 0, memcmp(event->data, "hello\0\0\0", 8));
	KUNIT_EXPECT_FALSE(test, take_event(f->client, event));
	fixture_expect_end(f, id, BPFSCHED_STATUS_OK);
	KUNIT_EXPECT_FALSE(test, bpfsched_client_has_records(f->client));
}

/* A completion knows where the events end that come before it. */
static void events_come_before_their_completion(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_record_slot *slot;
	int i;

	f->script->during = emit_hello;
	for (i = 0; i < 3; i++)
		fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	for (i = 1; i <= 3; i++) {
		slot = fixture_first(f->client);
		KUNIT_ASSERT_NOT_NULL(test, slot);
		KUNIT_EXPECT_EQ(test, slot->events, i * (HEADER + 8));
		fixture_consume(f->client);
	}
}

/* Emit one event after another until there is no room. */
static void emit_until_full(struct fixture_run *run)
{
	u64 *count = run->script->data;
	u8 bytes[48];

	do {
		memset(bytes, ++*count, sizeof(bytes));
	} while (!emit(run, bytes, sizeof(bytes)) && *count < 1000);
}

static void full_ring_loses_and_counts(struct kunit *test)
{
	const u64 fit = SMALL_ROOM / (HEADER + 48);
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_events events = {};
	struct event *event = new_event(test);
	u64 count = 0, i;

	KUNIT_EXPECT_EQ(test, 0, bpfsched_client_set_event_room(f->client, 1));
	f->script->during = emit_until_full;
	f->script->data = &count;
	fixture_submit(f, ANY_JOB);
	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, count, fit + 2);
	bpfsched_ring_describe(&f->client->ring, &events);
	KUNIT_EXPECT_EQ(test, events.room, (u64)SMALL_ROOM);
	KUNIT_EXPECT_EQ(test, events.used, fit * (HEADER + 48));
	KUNIT_EXPECT_EQ(test, events.emitted, fit + 2);
	KUNIT_EXPECT_EQ(test, events.lost, 2ULL);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			bpfsched_client_set_event_room(f->client, 65536));

	for (i = 1; i <= fit; i++) {
		KUNIT_ASSERT_TRUE(test, take_event(f->client, event));
		KUNIT_EXPECT_EQ(test, event->record.seq, i);
		KUNIT_EXPECT_EQ(test, event->data[47], (u8)i);
		KUNIT_EXPECT_EQ(test, event->record.lost, 0U);
	}
	KUNIT_EXPECT_FALSE(test, take_event(f->client, event));
	/* The next one tells how many were lost. */
	f->script->during = emit_hello;
	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_ASSERT_TRUE(test, take_event(f->client, event));
	KUNIT_EXPECT_EQ(test, event->record.seq, fit + 3);
	KUNIT_EXPECT_EQ(test, event->record.lost, 2U);
}

/* Events of many lengths, so that each part of one lies over the end once. */
static void emit_some(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;
	u32 *len = run->script->data;
	u8 bytes[200];
	u32 i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = *len + i;
	KUNIT_EXPECT_EQ(f->test, 0, emit(run, bytes, *len));
}

static void ring_goes_around(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct event *event = new_event(test);
	u32 turn, len, i;

	KUNIT_EXPECT_EQ(test, 0, bpfsched_client_set_event_room(f->client, 1));
	f->script->during = emit_some;
	f->script->data = &len;
	for (turn = 0; turn < 400; turn++) {
		len = turn % 200;
		fixture_submit(f, ANY_JOB);
		fixture_run_all(f);
		KUNIT_ASSERT_TRUE(test, take_event(f->client, event));
		KUNIT_ASSERT_EQ(test, event->record.len, len);
		for (i = 0; i < len; i++)
			KUNIT_ASSERT_EQ(test, event->data[i], (u8)(len + i));
		for (; i % 8; i++)
			KUNIT_ASSERT_EQ(test, event->data[i], (u8)0);
		fixture_consume(f->client);
	}
}

static void room_has_limits(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_events events = {};
	u64 count = 0;

	bpfsched_ring_describe(&f->client->ring, &events);
	KUNIT_EXPECT_EQ(test, events.room, (u64)BPFSCHED_EVENTS_ROOM_DEFAULT);
	KUNIT_EXPECT_EQ(test, -E2BIG,
			bpfsched_client_set_event_room(f->client,
						       BPFSCHED_EVENTS_ROOM_MAX + 1));
	KUNIT_EXPECT_EQ(test, -E2BIG,
			bpfsched_client_set_event_room(f->client, U64_MAX));
	KUNIT_EXPECT_EQ(test, 0,
			bpfsched_client_set_event_room(f->client, 20000));
	bpfsched_ring_describe(&f->client->ring, &events);
	KUNIT_EXPECT_EQ(test, events.room, 32768ULL);
	/* No room at all. */
	KUNIT_EXPECT_EQ(test, 0, bpfsched_client_set_event_room(f->client, 0));
	f->script->during = emit_until_full;
	f->script->data = &count;
	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_EQ(test, count, 1ULL);
	bpfsched_ring_describe(&f->client->ring, &events);
	KUNIT_EXPECT_EQ(test, events.room, 0ULL);
	KUNIT_EXPECT_EQ(test, events.lost, 1ULL);
}

/* In the middle of a run the client goes. */
static void close_and_emit(struct fixture_run *run)
{
	struct fixture *f = run->script->fixture;

	KUNIT_EXPECT_EQ(f->test, 0, emit(run, "before", 6));
	fixture_close(f, f->client);
	KUNIT_EXPECT_EQ(f->test, -EPIPE, emit(run, "after", 5));
	KUNIT_EXPECT_EQ(f->test, -EPIPE, emit(run, "after", 5));
}

static void closed_client_gets_none(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);

	f->script->during = close_and_emit;
	fixture_submit(f, ANY_JOB);
	fixture_step(f);
	fixture_check(f);
	KUNIT_EXPECT_EQ(test, 1ULL, fixture_stat(f).cancelled);
}

static void clients_do_not_share(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct bpfsched_client *other = fixture_open(f);
	struct event *event = new_event(test);

	f->script->during = emit_hello;
	fixture_submit(f, ANY_JOB);
	fixture_run_all(f);
	KUNIT_EXPECT_FALSE(test, bpfsched_client_has_records(other));
	KUNIT_EXPECT_TRUE(test, take_event(f->client, event));
}

/* Each release of a periodic job says which it is. */
static void releases_are_told_apart(struct kunit *test)
{
	struct fixture *f = fixture_throughput(test);
	struct event *event = new_event(test);
	u64 i;

	f->script->during = emit_hello;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.period_ns = 100,
		.count = 3,
	});
	for (i = 0; i < 3; i++) {
		fixture_run_all(f);
		KUNIT_ASSERT_TRUE(test, take_event(f->client, event));
		KUNIT_EXPECT_EQ(test, event->record.release, i);
		fixture_pass(f, 100);
	}
}

/* What a job knows of itself. */
static void ask(struct fixture_run *run)
{
	const struct bpfsched_host_ops *host = run->params.host;
	struct fixture *f = run->script->fixture;
	void *data = run->params.host_data;

	KUNIT_EXPECT_EQ(f->test, host->job_id(data), run->job->id);
	KUNIT_EXPECT_EQ(f->test, host->deadline_ns(data),
			FIXTURE_START_NS + 100);
	KUNIT_EXPECT_EQ(f->test, host->time_remaining_ns(data), 60LL);
	f->now_ns += 60;
	KUNIT_EXPECT_EQ(f->test, host->time_remaining_ns(data), 0LL);
	f->now_ns += 7;
	KUNIT_EXPECT_EQ(f->test, host->time_remaining_ns(data), -7LL);
}

static void ask_without_deadline(struct fixture_run *run)
{
	const struct bpfsched_host_ops *host = run->params.host;
	struct fixture *f = run->script->fixture;
	void *data = run->params.host_data;

	KUNIT_EXPECT_EQ(f->test, host->deadline_ns(data), 0ULL);
	KUNIT_EXPECT_EQ(f->test, host->time_remaining_ns(data), S64_MAX);
}

static void job_knows_its_deadline(struct kunit *test)
{
	struct fixture *f = fixture_deadline(test);

	f->script->takes_ns = 40;
	f->script->during = ask;
	fixture_submit(f, &(struct bpfsched_job_desc) {
		.flags = BPFSCHED_JOB_DEADLINE_REL,
		.deadline_ns = 100,
	});
	fixture_step(f);
	f->script->during = ask_without_deadline;
	fixture_submit(f, ANY_JOB);
	fixture_step(f);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(event_tells_all),
	KUNIT_CASE(events_come_before_their_completion),
	KUNIT_CASE(full_ring_loses_and_counts),
	KUNIT_CASE(ring_goes_around),
	KUNIT_CASE(room_has_limits),
	KUNIT_CASE(closed_client_gets_none),
	KUNIT_CASE(clients_do_not_share),
	KUNIT_CASE(releases_are_told_apart),
	KUNIT_CASE(job_knows_its_deadline),
	{}
};

static struct kunit_suite event_suite = {
	.name = "event",
	.exit = fixture_exit,
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
