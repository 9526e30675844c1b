// SPDX-License-Identifier: GPL-2.0
/*
 * A data section of a program.
 *
 * It is made of single pages, charged to who loads the program, mapped into
 * the kernel as one piece, and into user space page by page.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include <bpfsched/compat.h>

#include "section.h"

static int alloc_pages_of(struct bpfsched_section_data *section)
{
	u32 i;

	section->pages = kvcalloc(section->page_count, sizeof(*section->pages),
				  GFP_KERNEL_ACCOUNT);
	if (!section->pages)
		return -ENOMEM;
	for (i = 0; i < section->page_count; i++) {
		section->pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!section->pages[i])
			return -ENOMEM;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/**
 * bpfsched_section_init() - make a section, all bytes zero
 * @section: the section, all zero
 * @len: its length in bytes, at least 1
 * @readonly: neither programs nor user space write it
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed;
 * bpfsched_section_exit() is to be called in any case.
 */
int bpfsched_section_init(struct bpfsched_section_data *section, u32 len,
			  bool readonly)
{
	int err;

	section->len = len;
	section->page_count = DIV_ROUND_UP(len, PAGE_SIZE);
	section->readonly = readonly;

	err = alloc_pages_of(section);
	if (err)
		return err;
	section->base = vmap(section->pages, section->page_count, VM_MAP,
			     PAGE_KERNEL);
	return section->base ? 0 : -ENOMEM;
}

/**
 * bpfsched_section_exit() - free what a section holds
 * @section: the section, at least all zero
 *
 * Context: process, may sleep.
 */
void bpfsched_section_exit(struct bpfsched_section_data *section)
{
	u32 i;

	if (section->base)
		vunmap(section->base);
	if (!section->pages)
		return;
	for (i = 0; i < section->page_count && section->pages[i]; i++) {
		__free_page(section->pages[i]);
		cond_resched();
	}
	kvfree(section->pages);
}

/**
 * bpfsched_section_mmap() - map a section into user space
 * @section: the section
 * @vma: where to; its pages begin at the start of the section
 *
 * Context: process, with the mmap lock held.
 * Return: 0; -EINVAL if the mapping is longer than the section or private;
 * -EACCES if it is writable and the section is not; -ENOMEM.
 */
int bpfsched_section_mmap(const struct bpfsched_section_data *section,
			  struct vm_area_struct *vma)
{
	if (vma_pages(vma) > section->page_count ||
	    !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (section->readonly) {
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
		bpfsched_vm_flags_clear(vma, VM_MAYWRITE);
	}
	return vm_map_pages_zero(vma, section->pages, section->page_count);
}
