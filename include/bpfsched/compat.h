/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between the kernels that the module is built for.
 */
#ifndef BPFSCHED_COMPAT_H
#define BPFSCHED_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/* 6.12: the header has moved. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.10: __assign_str() finds the source by itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define bpfsched_assign_str(field, source)	__assign_str(field)
#else
#define bpfsched_assign_str(field, source)	__assign_str(field, source)
#endif

/* 6.4: class_create() takes the name only. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define bpfsched_class_create(name)	class_create(name)
#else
#define bpfsched_class_create(name)	class_create(THIS_MODULE, name)
#endif

/* 6.2: the device that devnode() is asked about is const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define BPFSCHED_DEVNODE_CONST	const
#else
#define BPFSCHED_DEVNODE_CONST
#endif

/* 6.3: the flags of a mapping are changed through functions. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define bpfsched_vm_flags_clear(vma, flags)	vm_flags_clear(vma, flags)
#else
#define bpfsched_vm_flags_clear(vma, flags)	((vma)->vm_flags &= ~(flags))
#endif

/* 6.13: the name space is a string. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define BPFSCHED_IMPORT_NS(ns)	MODULE_IMPORT_NS(#ns)
#else
#define BPFSCHED_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
#endif

/* 6.13: hrtimer_setup() takes the callback too. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define bpfsched_hrtimer_setup(timer, function, clock, mode) \
	hrtimer_setup(timer, function, clock, mode)
#else
static inline void
bpfsched_hrtimer_setup(struct hrtimer *timer,
		       enum hrtimer_restart (*function)(struct hrtimer *),
		       clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* 6.9: the option has another name. */
#if defined(CONFIG_RETPOLINE) || defined(CONFIG_MITIGATION_RETPOLINE)
#include <asm/cpufeature.h>
#define BPFSCHED_RETPOLINE
#endif

/* 6.2: one record of all special fields of a map's values. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define bpfsched_map_has_special_fields(map) \
	(!IS_ERR_OR_NULL((map)->record))
#define bpfsched_map_clear_special_fields(map) \
	((map)->record = NULL)
#else
#define bpfsched_map_has_special_fields(map) \
	(map_value_has_spin_lock(map) || map_value_has_timer(map) || \
	 map_value_has_kptrs(map))
#define bpfsched_map_clear_special_fields(map) \
	((map)->spin_lock_off = -EINVAL, (map)->timer_off = -EINVAL, \
	 (map)->kptr_off_tab = NULL)
#endif

/*
 * The name space of what is exported for programs of the kernel: 6.13, and
 * stable kernels since. Where it is not there to import it does no harm.
 */
#define BPFSCHED_IMPORT_BPF()	BPFSCHED_IMPORT_NS(BPF_INTERNAL)

/* 6.18: maps that one program only may use. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define bpfsched_map_is_exclusive(map)	((map)->excl_prog_sha)
#else
#define bpfsched_map_is_exclusive(map)	false
#endif

#endif /* BPFSCHED_COMPAT_H */
