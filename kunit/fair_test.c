// SPDX-License-Identifier: GPL-2.0
/*
 * The policy fair by itself, against a list of all entities and plain sums of
 * time.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <uapi/linux/bpfsched.h>

#include "../policies/policy.h"
#include "interval.h"
#include "trials.h"

#define LOW		BPFSCHED_PRIORITY_LOW
#define NORMAL		BPFSCHED_PRIORITY_NORMAL
#define HIGH		BPFSCHED_PRIORITY_HIGH
#define CRITICAL	BPFSCHED_PRIORITY_CRITICAL

#define SEED		0x5eed0700ULL
#define ROUNDS		40
#define OPS		2000	/* of a round */

#define SHARES		4
#define WORKERS		4	/* at most */
#define ITEMS		64

/*
 * All times are multiples of TICK, and all weights divide TICK * TICK, so that
 * no virtual time is ever rounded and bounds hold to the nanosecond.
 */
#define TICK		100ULL
#define SLICE		(100 * TICK)

static const u32 weights[] = {
	1, 4, 10, 25, 50, 100, 100, 125, 200, 400, 1000, 10000,
};

/* What has become of an item. */
enum place { AWAY, QUEUED, RUNNING };

/**
 * struct item - an entity, as the model knows it
 * @entity: the entity
 * @place: where it is
 * @share: index of its share
 * @order: the lowest of its class is next
 * @since_ns: when it was started
 * @length_ns: how long it will run
 * @charge: what its share was charged for that
 * @class_charge: what its class was
 */
struct item {
	struct bpfsched_entity entity;
	enum place place;
	u32 share;
	s64 order;
	u64 since_ns;
	u64 length_ns;
	s64 charge;
	s64 class_charge;
};

/**
 * struct class - a priority of a share, as the model knows it
 * @vtime: its virtual time
 * @ran_ns: time that it has had
 * @passed_over: starts of others since it had something to start
 */
struct class {
	s64 vtime;
	u64 ran_ns;
	u64 passed_over;
};

/**
 * struct user_model - a share, as the model knows it
 * @share: the share
 * @weight: its weight
 * @target: how many items it is to have
 * @vtime: its virtual time
 * @clock: clock of its classes
 * @ran_ns: time that it has had
 * @classes: by priority
 */
struct user_model {
	struct bpfsched_share share;
	u32 weight;
	u32 target;
	s64 vtime;
	s64 clock;
	u64 ran_ns;
	struct class classes[BPFSCHED_PRIORITIES];
};

/**
 * struct world - the policy and the model of it
 * @test: the test
 * @queue: the queue of the policy
 * @users: the shares
 * @items: the entities
 * @share_pairs: for each two shares
 * @class_pairs: for each two classes of a share
 * @workers: most items that run at once
 * @over_ns: longest time that an item runs beyond its slice
 * @least_ns: shortest time that it runs
 * @changes: weights change; then nothing is said of fairness
 * @now_ns: the time
 * @clock: clock of the shares
 * @first: order before all others
 * @last: order behind all others
 * @rnd: where all randomness comes from
 * @seed: where that came from
 * @op: number of the operation
 * @failed: nothing more is done
 */
struct world {
	struct kunit *test;
	void *queue;
	struct user_model users[SHARES];
	struct item items[ITEMS];
	struct interval share_pairs[SHARES][SHARES];
	struct interval class_pairs[SHARES][BPFSCHED_PRIORITIES]
				   [BPFSCHED_PRIORITIES];
	u32 workers;
	u64 over_ns;
	u64 least_ns;
	bool changes;
	u64 now_ns;
	s64 clock;
	s64 first;
	s64 last;
	struct rnd_state rnd;
	u64 seed;
	u32 op;
	bool failed;
};

static const struct bpfsched_policy_ops *const fair = &bpfsched_fair_policy;

static u32 below(struct world *w, u32 limit)
{
	return prandom_u32_state(&w->rnd) % limit;
}

#define wrong(w, format, ...)						\
do {									\
	struct world *__w = (w);					\
									\
	if (!__w->failed)						\
		KUNIT_FAIL(__w->test, "seed 0x%llx, operation %u: " format, \
			   __w->seed, __w->op, ##__VA_ARGS__);		\
	__w->failed = true;						\
} while (0)

/* The longest time that an item can be on a worker. */
static u64 longest(const struct world *w)
{
	return SLICE + w->over_ns;
}

static s64 share_cost(u64 ns, u32 weight)
{
	return max_t(s64, 1, div_u64(ns * BPFSCHED_WEIGHT_DEFAULT, weight));
}

static s64 class_cost(u64 ns, u32 priority)
{
	return ns * (8 >> priority);
}

/* How many items a share has in a place; of one priority, or of any. */
static u32 count(const struct world *w, u32 share, int priority,
		 enum place place)
{
	u32 i, found = 0;

	for (i = 0; i < ITEMS; i++)
		found += w->items[i].place == place &&
			 w->items[i].share == share &&
			 (priority < 0 ||
			  w->items[i].entity.priority == priority);
	return found;
}

static u32 count_active(const struct world *w, u32 share, int priority)
{
	return count(w, share, priority, QUEUED) +
	       count(w, share, priority, RUNNING);
}

static u32 count_all(const struct world *w, enum place place)
{
	u32 i, found = 0;

	for (i = 0; i < SHARES; i++)
		found += count(w, i, -1, place);
	return found;
}

/* What the policy may select, by a search of all items. */

static bool is_next_of_class(const struct world *w, const struct item *item)
{
	u32 i;

	for (i = 0; i < ITEMS; i++) {
		const struct item *other = &w->items[i];

		if (other->place == QUEUED && other->share == item->share &&
		    other->entity.priority == item->entity.priority &&
		    other->order < item->order)
			return false;
	}
	return true;
}

static bool is_next(const struct world *w, const struct item *item)
{
	const struct user_model *user = &w->users[item->share];
	u8 priority = item->entity.priority;
	u32 i;

	for (i = 0; i < SHARES; i++) {
		if (w->users[i].vtime < user->vtime &&
		    count(w, i, -1, QUEUED))
			return false;
	}
	for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
		s64 ahead = user->classes[priority].vtime -
			    user->classes[i].vtime;

		if (count(w, item->share, i, QUEUED) &&
		    (ahead > 0 || (!ahead && i > priority)))
			return false;
	}
	return is_next_of_class(w, item);
}

/* The bound of fairness, for every interval. */

static void check_pair(struct world *w, struct interval *interval, bool busy,
		       s64 difference, u64 both_weights)
{
	s64 bound = (w->workers + 1) * longest(w) * both_weights;
	s64 spread = interval_extend(interval, busy, difference);

	if (spread > bound)
		wrong(w, "%u workers, difference %lld, bound %lld", w->workers,
		      spread, bound);
}

static void check_shares(struct world *w, const u32 *active)
{
	u32 i, k;

	for (i = 0; i < SHARES; i++) {
		for (k = 0; k < i; k++) {
			const struct user_model *f = &w->users[i];
			const struct user_model *g = &w->users[k];

			check_pair(w, &w->share_pairs[i][k],
				   active[i] >= w->workers &&
				   active[k] >= w->workers,
				   f->ran_ns * g->weight -
				   g->ran_ns * f->weight,
				   f->weight + g->weight);
		}
	}
}

static void check_classes(struct world *w, u32 share)
{
	const struct class *classes = w->users[share].classes;
	u32 active[BPFSCHED_PRIORITIES], i, k;

	for (i = 0; i < BPFSCHED_PRIORITIES; i++)
		active[i] = count_active(w, share, i);
	for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
		for (k = 0; k < i; k++)
			check_pair(w, &w->class_pairs[share][i][k],
				   active[i] >= w->workers &&
				   active[k] >= w->workers,
				   (classes[i].ran_ns << k) -
				   (classes[k].ran_ns << i),
				   (1 << i) + (1 << k));
	}
}

static void check_fairness(struct world *w)
{
	u32 active[SHARES], i;

	if (w->changes)
		return;
	for (i = 0; i < SHARES; i++)
		active[i] = count_active(w, i, -1);
	check_shares(w, active);
	for (i = 0; i < SHARES; i++)
		check_classes(w, i);
}

/*
 * The bound of waiting, where every item runs for a slice at least.
 *
 * When a share is started it has the lowest virtual time s of all that wait, and
 * whoever comes later begins at the clock, which is s or more; nobody is paid
 * back anything, for a slice is charged first and nobody runs for less. The
 * share is charged a slice, and later what its jobs take beyond theirs, D of
 * them at most: until it is the first again, the starts of another share lie
 * between s and s + that. Each takes the other share on by a slice. So do the
 * starts of another class between two starts of a class.
 */
static u64 starts_between(s64 distance, s64 step)
{
	return div64_s64(distance, step) + 1;
}

static s64 share_distance(const struct world *w, u32 weight)
{
	s64 slice = share_cost(SLICE, weight);

	return slice + w->workers * (share_cost(longest(w), weight) - slice);
}

static u64 starts_of_shares(const struct world *w, u32 share)
{
	s64 distance = share_distance(w, w->users[share].weight);
	u64 starts = 0;
	u32 i;

	for (i = 0; i < SHARES; i++) {
		if (i != share)
			starts += starts_between(distance,
						 share_cost(SLICE,
							    w->users[i].weight));
	}
	return starts;
}

static u64 starts_of_classes(const struct world *w, u32 priority)
{
	s64 slice = class_cost(SLICE, priority), distance;
	u64 starts = 0;
	u32 i;

	distance = slice + w->workers *
		   (class_cost(longest(w), priority) - slice);
	for (i = 0; i < BPFSCHED_PRIORITIES; i++) {
		if (i != priority)
			starts += starts_between(distance,
						 class_cost(SLICE, i));
	}
	return starts;
}

/* Of other classes of the share; and of other shares before each, and itself. */
static u64 most_starts(const struct world *w, u32 share, u32 priority)
{
	u64 classes = starts_of_classes(w, priority);

	return classes + (classes + 1) * starts_of_shares(w, share);
}

static void pass_over_class(struct world *w, const struct item *started,
			    u32 share, u32 priority)
{
	struct class *class = &w->users[share].classes[priority];

	if (started->share == share && started->entity.priority == priority) {
		class->passed_over = 0;
		return;
	}
	if (!count(w, share, priority, QUEUED))
		return;
	class->passed_over++;
	if (class->passed_over > most_starts(w, share, priority))
		wrong(w, "share %u, priority %u: %llu starts of others before one, bound %llu",
		      share, priority, class->passed_over,
		      most_starts(w, share, priority));
}

static void check_waiting(struct world *w, const struct item *started)
{
	u32 i, k;

	if (w->changes || w->least_ns < SLICE)
		return;
	for (i = 0; i < SHARES; i++) {
		for (k = 0; k < BPFSCHED_PRIORITIES; k++)
			pass_over_class(w, started, i, k);
	}
}

/* What happens to entities, here and there. */

static void enqueue(struct world *w, struct item *item, bool started)
{
	struct user_model *user = &w->users[item->share];
	struct class *class = &user->classes[item->entity.priority];

	if (!count(w, item->share, -1, QUEUED))
		user->vtime = max(user->vtime, w->clock);
	if (!count(w, item->share, item->entity.priority, QUEUED)) {
		class->vtime = max(class->vtime, user->clock);
		class->passed_over = 0;
	}
	item->order = started ? --w->first : ++w->last;
	item->place = QUEUED;
	item->entity.started = started;
	item->entity.seq = w->op;
	fair->enqueue(w->queue, &item->entity);
}

static void dequeue(struct world *w, struct item *item)
{
	item->place = AWAY;
	fair->dequeue(w->queue, &item->entity);
}

static u64 random_length(struct world *w)
{
	u64 length_ns;

	switch (below(w, 4)) {
	case 0:
		length_ns = TICK;
		break;
	case 1:
		length_ns = longest(w);
		break;
	case 2:
		length_ns = SLICE + below(w, w->over_ns + 1);
		break;
	default:
		length_ns = 1 + below(w, SLICE);
	}
	length_ns = DIV_ROUND_UP_ULL(length_ns, TICK) * TICK;
	return max(length_ns, w->least_ns);
}

static void start(struct world *w, struct item *item)
{
	struct user_model *user = &w->users[item->share];
	struct class *class = &user->classes[item->entity.priority];

	w->clock = max(w->clock, user->vtime);
	user->clock = max(user->clock, class->vtime);
	item->charge = share_cost(SLICE, user->weight);
	item->class_charge = class_cost(SLICE, item->entity.priority);
	user->vtime += item->charge;
	class->vtime += item->class_charge;
	item->since_ns = w->now_ns;
	item->length_ns = random_length(w);
	item->place = RUNNING;
	fair->start(w->queue, &item->entity);
	check_waiting(w, item);
}

static void stop(struct world *w, struct item *item)
{
	struct user_model *user = &w->users[item->share];
	struct class *class = &user->classes[item->entity.priority];
	u64 ran_ns = w->now_ns - item->since_ns;

	user->vtime += share_cost(ran_ns, user->weight) - item->charge;
	class->vtime += class_cost(ran_ns, item->entity.priority) -
			item->class_charge;
	item->place = AWAY;
	fair->stop(w->queue, &item->entity, ran_ns);
	if (!count_all(w, QUEUED) && !count_all(w, RUNNING))
		w->clock = max(w->clock, user->vtime);
}

static struct item *to_item(struct bpfsched_entity *entity)
{
	return container_of(entity, struct item, entity);
}

/* Start what the policy selects. Returns false if there is nothing. */
static bool start_next(struct world *w)
{
	struct bpfsched_entity *entity = fair->select(w->queue);

	if (!entity != !count_all(w, QUEUED))
		wrong(w, "the queue is empty, or is not");
	if (!entity || w->failed)
		return false;
	if (to_item(entity)->place != QUEUED || !is_next(w, to_item(entity)))
		wrong(w, "an entity of share %u, priority %u is selected",
		      to_item(entity)->share, entity->priority);
	else
		start(w, to_item(entity));
	return true;
}

/* Time goes on for all that run. */
static void pass(struct world *w, u64 ns)
{
	struct item *item;

	w->now_ns += ns;
	for (item = w->items; item < w->items + ITEMS; item++) {
		struct user_model *user = &w->users[item->share];

		if (item->place != RUNNING)
			continue;
		user->ran_ns += ns;
		user->classes[item->entity.priority].ran_ns += ns;
	}
	check_fairness(w);
}

/* The item that ends first, if one does within some time. */
static struct item *first_to_end(struct world *w, u64 *ns)
{
	struct item *item, *first = NULL;
	u64 left_ns;

	for (item = w->items; item < w->items + ITEMS; item++) {
		left_ns = item->since_ns + item->length_ns - w->now_ns;
		if (item->place != RUNNING || left_ns > *ns)
			continue;
		*ns = left_ns;
		first = item;
	}
	return first;
}

/* Most that end have used up their slice, or have another to take their place. */
static void end(struct world *w, struct item *item)
{
	bool slice_is_over = w->now_ns - item->since_ns >= SLICE;

	stop(w, item);
	if (count_active(w, item->share, -1) >= w->users[item->share].target)
		return;
	if (!slice_is_over && !below(w, 8))
		return;
	enqueue(w, item, slice_is_over);
}

/* Random operations. */

static struct item *random_item(struct world *w, enum place place)
{
	u32 first = below(w, ITEMS), i;

	for (i = 0; i < ITEMS; i++) {
		struct item *item = &w->items[(first + i) % ITEMS];

		if (item->place == place)
			return item;
	}
	return NULL;
}

static void op_enqueue(struct world *w)
{
	struct item *item = random_item(w, AWAY);
	u32 share = below(w, SHARES);

	if (!item || count_active(w, share, -1) >= w->users[share].target)
		return;
	item->share = share;
	item->entity = (struct bpfsched_entity) {
		.priority = below(w, BPFSCHED_PRIORITIES),
		.share = &w->users[share].share,
	};
	enqueue(w, item, false);
}

static void op_start(struct world *w)
{
	if (count_all(w, RUNNING) < w->workers)
		start_next(w);
}

static void op_pass(struct world *w)
{
	u64 ns = TICK * (1 + below(w, SLICE / TICK));
	struct item *item = first_to_end(w, &ns);

	pass(w, ns);
	if (item)
		end(w, item);
}

static void op_dequeue(struct world *w)
{
	struct item *item = random_item(w, QUEUED);

	if (item)
		dequeue(w, item);
}

/* How much a share has to do: nothing, too little for all workers, enough. */
static void op_target(struct world *w)
{
	struct user_model *user = &w->users[below(w, SHARES)];

	if (!below(w, 8))
		user->target = below(w, 4) ? below(w, 2 * w->workers + 2) :
					     4 * w->workers;
}

static void op_weight(struct world *w)
{
	struct user_model *user = &w->users[below(w, SHARES)];

	if (!w->changes || below(w, 8))
		return;
	user->weight = weights[below(w, ARRAY_SIZE(weights))];
	fair->share_set_weight(w->queue, &user->share, user->weight);
}

/* Time that a share has had beside its runs counts like theirs. */
static void op_charge(struct world *w)
{
	u32 share = below(w, SHARES), priority = below(w, BPFSCHED_PRIORITIES);
	struct user_model *user = &w->users[share];
	u64 ns = TICK * (1 + below(w, 4));

	/* The bound of fairness is one of runs. */
	if (!w->changes)
		return;
	user->vtime += share_cost(ns, user->weight);
	user->classes[priority].vtime += class_cost(ns, priority);
	fair->charge(w->queue, &user->share, priority, ns);
	if (!count_all(w, QUEUED) && !count_all(w, RUNNING))
		w->clock = max(w->clock, user->vtime);
}

/* Who owes nothing may be forgotten, and nobody else. */
static void op_settle(struct world *w)
{
	u32 share = below(w, SHARES);
	struct user_model *user = &w->users[share];
	bool owes = user->vtime > w->clock;

	if (count_active(w, share, -1))
		return;
	if (fair->share_is_settled(w->queue, &user->share) == owes)
		wrong(w, "share %u owes %lld", share, user->vtime - w->clock);
}

/* The item that the policy has to drop, by a search of all items. */

/* When a share has run all that it has, and @more, if each takes a slice. */
static s64 end_of(const struct world *w, u32 share, u32 more)
{
	const struct user_model *user = &w->users[share];
	u32 queued = count(w, share, -1, QUEUED);
	s64 vtime = queued ? user->vtime : max(user->vtime, w->clock);

	return vtime + (queued + more) * share_cost(SLICE, user->weight);
}

static bool is_fresh(const struct item *item, u32 share)
{
	return item->place == QUEUED && item->share == share &&
	       !item->entity.started;
}

/* The newest of the lowest priority of a share that was never started. */
static struct item *last_of(struct world *w, u32 share)
{
	struct item *item, *last = NULL;

	for (item = w->items; item < w->items + ITEMS; item++) {
		if (!is_fresh(item, share))
			continue;
		if (!last || item->entity.priority < last->entity.priority ||
		    (item->entity.priority == last->entity.priority &&
		     item->order > last->order))
			last = item;
	}
	return last;
}

static void op_victim(struct world *w)
{
	u32 own = below(w, SHARES), priority = below(w, BPFSCHED_PRIORITIES), i;
	struct bpfsched_entity newcomer = {
		.priority = priority, .seq = U64_MAX,
		.share = &w->users[own].share,
	};
	struct bpfsched_entity *victim = fair->victim(w->queue, &newcomer);
	struct item *own_last = last_of(w, own), *item;
	bool others = false;

	for (i = 0; i < SHARES; i++) {
		if (i == own || !last_of(w, i))
			continue;
		others |= end_of(w, i, 0) > end_of(w, own, 1);
	}
	if (!others) {
		if (own_last && own_last->entity.priority >= priority)
			own_last = NULL;
		if (victim != (own_last ? &own_last->entity : NULL))
			wrong(w, "share %u is last, and drops another's", own);
		return;
	}
	item = victim ? to_item(victim) : NULL;
	if (!item || item->share == own || item != last_of(w, item->share)) {
		wrong(w, "share %u does not drop the last item of another share", own);
		return;
	}
	for (i = 0; i < SHARES; i++) {
		if (i != own && last_of(w, i) &&
		    end_of(w, i, 0) > end_of(w, item->share, 0))
			wrong(w, "share %u drops of %u, and %u is last", own,
			      item->share, i);
	}
}

static void do_op(struct world *w)
{
	static void (*const ops[])(struct world *w) = {
		op_enqueue, op_enqueue, op_enqueue, op_enqueue, op_enqueue,
		op_start, op_start, op_start, op_start, op_start, op_start,
		op_pass, op_pass, op_pass, op_pass, op_pass,
		op_dequeue, op_target, op_weight, op_settle, op_victim,
		op_charge,
	};

	w->op++;
	ops[below(w, ARRAY_SIZE(ops))](w);
	check_fairness(w);
}

/* Stop and start all that there is, and find that it was all. */
static void run_out(struct world *w)
{
	u64 ns = U64_MAX;
	struct item *item;
	u32 i;

	for (i = 0; i < SHARES; i++)
		w->users[i].target = 0;
	do {
		while (count_all(w, RUNNING) < w->workers && start_next(w))
			;
		ns = U64_MAX;
		item = first_to_end(w, &ns);
		if (!item || w->failed)
			return;
		pass(w, ns);
		end(w, item);
	} while (!w->failed);
}

static void make_queue(struct world *w)
{
	w->queue = kunit_kzalloc(w->test, fair->queue_size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(w->test, w->queue);
	fair->init(w->queue, SLICE);
}

/* Let the virtual times come near their end, so that they wrap in the round. */
static void age(struct world *w)
{
	struct bpfsched_share share = {};
	struct bpfsched_entity entity = {
		.priority = CRITICAL, .share = &share,
	};
	u32 i;

	fair->share_init(w->queue, &share, BPFSCHED_WEIGHT_DEFAULT);
	for (i = 0; i < 4; i++) {
		fair->enqueue(w->queue, &entity);
		fair->start(w->queue, &entity);
		fair->stop(w->queue, &entity,
			   (1ULL << 62) - (i ? 0 : 20 * SLICE));
	}
}

static void add_user(struct world *w, u32 number, u32 weight)
{
	struct user_model *user = &w->users[number];

	user->weight = weight;
	fair->share_init(w->queue, &user->share, weight);
}

static struct world *new_world(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->test = test;
	w->workers = 1;
	w->least_ns = TICK;
	trials_start(&w->rnd, SEED);
	make_queue(w);
	for (i = 0; i < SHARES; i++)
		w->users[i].weight = BPFSCHED_WEIGHT_DEFAULT;
	return w;
}

static void start_round(struct world *w)
{
	u32 i;

	trials_start(&w->rnd, w->seed);
	w->workers = 1 + below(w, WORKERS);
	w->over_ns = TICK * below(w, below(w, 2) ? 10 : SLICE / TICK);
	w->least_ns = below(w, 3) ? TICK : SLICE;
	w->changes = !below(w, 8);
	if (below(w, 2))
		age(w);
	for (i = 0; i < SHARES; i++) {
		add_user(w, i, weights[below(w, ARRAY_SIZE(weights))]);
		w->users[i].target = below(w, 2 * w->workers + 2);
	}
}

static void agrees_with_a_model(struct kunit *test)
{
	u64 seed = trials_seed(SEED), ops = 0;
	struct world *w;
	u32 round;

	for (round = 0; round < trials(ROUNDS); round++) {
		w = new_world(test);
		w->seed = seed + round;
		start_round(w);
		while (w->op < OPS && !w->failed)
			do_op(w);
		run_out(w);
		ops += w->op;
		if (w->failed)
			return;
		kunit_kfree(test, w->queue);
		kunit_kfree(test, w);
		cond_resched();
	}
	trials_done(test, ops, seed);
}

/* What single rules come to. */

static struct item *put(struct world *w, u32 share, u8 priority)
{
	struct item *item = random_item(w, AWAY);

	KUNIT_ASSERT_NOT_NULL(w->test, item);
	item->share = share;
	item->entity = (struct bpfsched_entity) {
		.priority = priority, .share = &w->users[share].share,
	};
	enqueue(w, item, false);
	return item;
}

static void put_some(struct world *w, u32 share, u8 priority, u32 how_many)
{
	while (how_many--)
		put(w, share, priority);
}

/* Let the next run for some time; returns its share. */
static u32 run_next(struct world *w, u64 ns)
{
	struct item *item;
	u64 most = U64_MAX;

	KUNIT_ASSERT_TRUE(w->test, start_next(w));
	item = first_to_end(w, &most);
	KUNIT_ASSERT_NOT_NULL(w->test, item);
	pass(w, ns);
	stop(w, item);
	enqueue(w, item, ns >= SLICE);
	return item->share;
}

static void run_slices(struct world *w, u32 how_many)
{
	while (how_many--)
		run_next(w, SLICE);
}

static struct world *two_users(struct kunit *test, u32 weight, u32 other_weight)
{
	struct world *w = new_world(test);

	add_user(w, 0, weight);
	add_user(w, 1, other_weight);
	return w;
}

static void expect_settled(struct world *w, u32 share, bool is_settled)
{
	KUNIT_EXPECT_EQ(w->test, is_settled,
			fair->share_is_settled(w->queue,
					       &w->users[share].share));
}

static void time_goes_by_weight(struct kunit *test)
{
	struct world *w = two_users(test, 100, 300);

	put_some(w, 0, NORMAL, 2);
	put_some(w, 1, NORMAL, 2);
	run_slices(w, 4000);
	KUNIT_EXPECT_EQ(test, 1000 * SLICE, w->users[0].ran_ns);
	KUNIT_EXPECT_EQ(test, 3000 * SLICE, w->users[1].ran_ns);
}

/* It is time that is divided, not starts. */
static void short_runs_come_more_often(struct kunit *test)
{
	struct world *w = two_users(test, 100, 100);
	u32 i, next;

	put_some(w, 0, NORMAL, 1);
	put_some(w, 1, NORMAL, 1);
	for (i = 0; i < 1100; i++) {
		next = to_item(fair->select(w->queue))->share;
		run_next(w, next ? SLICE / 10 : SLICE);
	}
	KUNIT_EXPECT_LE(test, abs((s64)(w->users[0].ran_ns - w->users[1].ran_ns)),
			(s64)SLICE);
}

static void priorities_have_1_2_4_8(struct kunit *test)
{
	struct world *w = new_world(test);
	u32 i;

	add_user(w, 0, 100);
	for (i = 0; i < BPFSCHED_PRIORITIES; i++)
		put_some(w, 0, i, 1);
	run_slices(w, 150);
	for (i = 0; i < BPFSCHED_PRIORITIES; i++)
		KUNIT_EXPECT_EQ(test, (10 * SLICE) << i,
				w->users[0].classes[i].ran_ns);
}

/* However many jobs of high priority a user has, others lose nothing by it. */
static void priorities_are_a_users_own(struct kunit *test)
{
	struct world *w = two_users(test, 100, 100);

	put_some(w, 0, CRITICAL, 30);
	put_some(w, 1, LOW, 1);
	run_slices(w, 100);
	KUNIT_EXPECT_EQ(test, w->users[0].ran_ns, w->users[1].ran_ns);
}

static void who_was_away_has_not_saved_up(struct kunit *test)
{
	struct world *w = two_users(test, 100, 100);

	put_some(w, 0, NORMAL, 1);
	run_slices(w, 1000);
	put_some(w, 1, NORMAL, 1);
	run_slices(w, 10);
	KUNIT_EXPECT_EQ(test, 5 * SLICE, w->users[1].ran_ns);
}

/* Let all workers work for some slices. */
static void work(struct world *w, u64 slices)
{
	u64 until_ns = w->now_ns + slices * SLICE;

	while (w->now_ns < until_ns && !w->failed) {
		op_start(w);
		op_pass(w);
	}
}

/* Two jobs keep two of four workers; the others are not owed to their user. */
static void who_left_workers_idle_has_not_saved_up(struct kunit *test)
{
	struct world *w = two_users(test, 400, 100);
	u64 before_ns;

	w->workers = 4;
	w->least_ns = SLICE;
	w->users[0].target = 2;
	w->users[1].target = 8;
	put_some(w, 0, NORMAL, 2);
	put_some(w, 1, NORMAL, 8);
	work(w, 1000);
	before_ns = w->users[1].ran_ns;
	w->users[0].target = 8;
	put_some(w, 0, NORMAL, 6);
	work(w, 100);
	/* A fifth of what four workers have done, nearly. */
	KUNIT_EXPECT_GT(test, w->users[1].ran_ns - before_ns, 60 * SLICE);
}

/* A run was long; whoever goes away and comes back pays for it all the same. */
static void who_goes_away_owes_what_it_had(struct kunit *test)
{
	struct world *w = two_users(test, 100, 100);
	struct item *item;
	u32 i;

	w->over_ns = 9 * SLICE;
	item = put(w, 0, NORMAL);
	KUNIT_ASSERT_TRUE(test, start_next(w));
	put_some(w, 1, NORMAL, 1);
	pass(w, 10 * SLICE);
	stop(w, item);
	expect_settled(w, 0, false);
	put_some(w, 0, NORMAL, 1);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, 1U, run_next(w, SLICE));
	run_slices(w, 2);
	KUNIT_EXPECT_EQ(test, 11 * SLICE, w->users[0].ran_ns);
	KUNIT_EXPECT_EQ(test, 11 * SLICE, w->users[1].ran_ns);
}

/* Time that nobody else wanted is free. */
static void who_was_alone_owes_nothing(struct kunit *test)
{
	struct world *w = new_world(test);
	struct item *item;

	add_user(w, 0, 100);
	item = put(w, 0, NORMAL);
	KUNIT_ASSERT_TRUE(test, start_next(w));
	expect_settled(w, 0, false);
	pass(w, 10 * SLICE);
	stop(w, item);
	expect_settled(w, 0, true);
}

/* What was charged with the old weight is given back in full. */
static void weight_changes_in_a_run(struct kunit *test)
{
	struct world *w = two_users(test, 1, 100);
	struct item *item;

	put_some(w, 1, NORMAL, 1);
	item = put(w, 0, NORMAL);
	/* The first of equals; its charge is that of a hundred slices. */
	KUNIT_EXPECT_EQ(test, 1U, run_next(w, SLICE));
	KUNIT_ASSERT_TRUE(test, start_next(w));
	KUNIT_ASSERT_EQ(test, (int)RUNNING, (int)item->place);
	w->users[0].weight = 100;
	fair->share_set_weight(w->queue, &w->users[0].share, 100);
	pass(w, SLICE / 2);
	stop(w, item);
	enqueue(w, item, false);
	KUNIT_EXPECT_EQ(test, 0U, run_next(w, SLICE));
	KUNIT_EXPECT_EQ(test, 1U, run_next(w, SLICE));
}

static struct bpfsched_entity *victim_for(struct world *w, u32 share,
					  u8 priority)
{
	const struct bpfsched_entity newcomer = {
		.priority = priority, .seq = U64_MAX,
		.share = &w->users[share].share,
	};

	return fair->victim(w->queue, &newcomer);
}

/* Eviction drops the newest job of the share that is last, if it never ran. */
static void victim_is_one_that_never_ran(struct kunit *test)
{
	struct world *w = new_world(test);
	struct item *first, *second, *high;

	add_user(w, 1, 10000);
	KUNIT_EXPECT_NULL(test, victim_for(w, 1, CRITICAL));
	add_user(w, 0, 100);
	first = put(w, 0, NORMAL);
	high = put(w, 0, HIGH);
	second = put(w, 0, NORMAL);
	KUNIT_EXPECT_PTR_EQ(test, &second->entity, victim_for(w, 1, LOW));
	dequeue(w, second);
	KUNIT_EXPECT_PTR_EQ(test, &first->entity, victim_for(w, 1, LOW));
	dequeue(w, first);
	enqueue(w, first, true);
	KUNIT_EXPECT_PTR_EQ(test, &high->entity, victim_for(w, 1, LOW));
	/* Its own share drops it only for what goes before it. */
	KUNIT_EXPECT_NULL(test, victim_for(w, 0, HIGH));
	KUNIT_EXPECT_PTR_EQ(test, &high->entity, victim_for(w, 0, CRITICAL));
	dequeue(w, high);
	enqueue(w, high, true);
	KUNIT_EXPECT_NULL(test, victim_for(w, 1, CRITICAL));
	KUNIT_EXPECT_NULL(test, victim_for(w, 0, CRITICAL));
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(agrees_with_a_model),
	KUNIT_CASE(time_goes_by_weight),
	KUNIT_CASE(short_runs_come_more_often),
	KUNIT_CASE(priorities_have_1_2_4_8),
	KUNIT_CASE(priorities_are_a_users_own),
	KUNIT_CASE(who_was_away_has_not_saved_up),
	KUNIT_CASE(who_left_workers_idle_has_not_saved_up),
	KUNIT_CASE(who_goes_away_owes_what_it_had),
	KUNIT_CASE(who_was_alone_owes_nothing),
	KUNIT_CASE(weight_changes_in_a_run),
	KUNIT_CASE(victim_is_one_that_never_ran),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "policy_fair",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
