/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs: two of three that there could be. This one is 0. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#define nr_cpu_ids		3
#define cpu_possible(cpu)	((cpu) != 1)
#define num_possible_cpus()	2

#endif /* SHIM_LINUX_CPUMASK_H */
