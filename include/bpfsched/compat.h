/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between the kernels that the module is built for.
 *
 * Versions tell nothing of what a distribution has taken over from later
 * kernels. So the preprocessor is asked where it can answer; and where it
 * cannot, Kbuild has looked into the kernel's headers, and defines KERNEL_HAS_...
 */
#ifndef BPFSCHED_COMPAT_H
#define BPFSCHED_COMPAT_H

#include <linux/device/class.h>
#include <linux/hrtimer.h>
#include <linux/moduleparam.h>

/* 6.12: the header has moved. */
#ifdef KERNEL_HAS_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * 6.10: __assign_str() takes the field only. What it does is no secret: the array
 * has the length of the string and its end.
 */
#define bpfsched_assign_str(field, source) \
	memcpy(__get_dynamic_array(field), source, __get_dynamic_array_len(field))

/* 6.4: class_create() is a function, and takes the name only. */
#ifdef class_create
#define bpfsched_class_create(name)	class_create(THIS_MODULE, name)
#else
#define bpfsched_class_create(name)	class_create(name)
#endif

/* 6.2: the device that devnode() is asked about is const. */
#ifdef KERNEL_HAS_CONST_DEVNODE
#define BPFSCHED_DEVNODE_CONST	const
#else
#define BPFSCHED_DEVNODE_CONST
#endif

/* 6.3: the flags of a mapping are changed through functions. */
#ifdef KERNEL_HAS_VM_FLAGS_CLEAR
#define bpfsched_vm_flags_clear(vma, flags)	vm_flags_clear(vma, flags)
#else
#define bpfsched_vm_flags_clear(vma, flags)	((vma)->vm_flags &= ~(flags))
#endif

/* 6.13: MODULE_IMPORT_NS() wants a string. What it makes of it is the same. */
#define BPFSCHED_IMPORT_NS(ns)	MODULE_INFO(import_ns, #ns)

/* 6.13: hrtimer_setup() takes the callback too. */
#ifdef KERNEL_HAS_HRTIMER_SETUP
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

/* 6.17, and 6.12 of Debian: the work queue has a new name, the old one warns. */
#ifdef KERNEL_HAS_SYSTEM_DFL_WQ
#define bpfsched_unbound_wq	system_dfl_wq
#else
#define bpfsched_unbound_wq	system_unbound_wq
#endif

/* 6.9: the option has another name. */
#if defined(CONFIG_RETPOLINE) || defined(CONFIG_MITIGATION_RETPOLINE)
#include <asm/cpufeature.h>
#define BPFSCHED_RETPOLINE
#endif

/* 6.2: one record of all special fields of a map's values. */
#ifdef KERNEL_HAS_BTF_RECORD
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
#ifdef KERNEL_HAS_EXCLUSIVE_MAPS
#define bpfsched_map_is_exclusive(map)	((map)->excl_prog_sha)
#else
#define bpfsched_map_is_exclusive(map)	false
#endif

#endif /* BPFSCHED_COMPAT_H */
