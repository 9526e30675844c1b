/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reservations: the processor time of jobs that declared how long they run.
 */
#ifndef BPFSCHED_RESERVATION_H
#define BPFSCHED_RESERVATION_H

#include <linux/types.h>

/*
 * How often a test is made before it is given up. Each looks twice as far ahead
 * as the one before it, so a caller that is preempted again and again gets an
 * answer nevertheless.
 */
#define BPFSCHED_ADMISSION_TRIES	8

struct bpfsched;
struct bpfsched_client;
struct bpfsched_job;
struct bpfsched_submission;

void bpfsched_reserve(struct bpfsched_submission *entry);
u64 bpfsched_reservation_room(struct bpfsched_job *job);
int bpfsched_reservation_test_move(struct bpfsched_client *client, u64 id,
				   u64 deadline_ns, u64 *ahead_ns,
				   u64 *until_ns, u64 *room_ns);
int bpfsched_reservation_check_move(const struct bpfsched_job *job,
				    u64 deadline_ns, u32 *limit);
void bpfsched_reservation_moved(struct bpfsched_job *job);
void bpfsched_reservation_end(struct bpfsched_job *job);
void bpfsched_reservation_leave(struct bpfsched_job *job);
void bpfsched_demote(struct bpfsched_job *job);
void bpfsched_reservations_recheck(struct bpfsched *sched, u32 cpus);

#endif /* BPFSCHED_RESERVATION_H */
