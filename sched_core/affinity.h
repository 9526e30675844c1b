/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPUs that the workers of a scheduler may use, when CPUs come and go.
 */
#ifndef BPFSCHED_AFFINITY_H
#define BPFSCHED_AFFINITY_H

struct bpfsched;
struct cpumask;

int bpfsched_affinity_init(void);
void bpfsched_affinity_exit(void);
int bpfsched_affinity_set(struct bpfsched *sched, const struct cpumask *cpus);
void bpfsched_affinity_recheck(struct bpfsched *sched);
void bpfsched_affinity_clear(struct bpfsched *sched);

#endif /* BPFSCHED_AFFINITY_H */
