/* SPDX-License-Identifier: GPL-2.0 */
/* Memory; see interp_shim.fail_alloc. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/kernel.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define GFP_NOWAIT		0
#define __GFP_ACCOUNT		0
#define __GFP_NOWARN		0
#define __GFP_ZERO		0

void *interp_shim_alloc(size_t count, size_t size);

/* All of it starts as zero, also where the kernel does not promise that. */
#define kmalloc(size, flags)			interp_shim_alloc(1, size)
#define kzalloc(size, flags)			interp_shim_alloc(1, size)
#define kcalloc(count, size, flags)		interp_shim_alloc(count, size)
#define kmalloc_array(count, size, flags)	interp_shim_alloc(count, size)
#define kvzalloc(size, flags)			interp_shim_alloc(1, size)
#define kvmalloc(size, flags)			interp_shim_alloc(1, size)
#define kvcalloc(count, size, flags)		interp_shim_alloc(count, size)
#define kvmalloc_array(count, size, flags)	interp_shim_alloc(count, size)
#define kfree(pointer)				free(pointer)
#define kvfree(pointer)				free(pointer)

#endif /* SHIM_LINUX_SLAB_H */
