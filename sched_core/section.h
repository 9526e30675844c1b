/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A data section of a program: memory that its jobs share and that user space
 * can map.
 */
#ifndef BPFSCHED_SECTION_H
#define BPFSCHED_SECTION_H

#include <linux/types.h>

struct page;
struct vm_area_struct;

/**
 * struct bpfsched_section_data - a data section
 * @pages: its pages
 * @page_count: number of @pages
 * @base: where they are mapped in the kernel
 * @len: its length in bytes
 * @pgoff: the page offset at which user space maps it
 * @readonly: neither programs nor user space write it
 */
struct bpfsched_section_data {
	struct page **pages;
	u32 page_count;
	void *base;
	u32 len;
	u32 pgoff;
	bool readonly;
};

int bpfsched_section_init(struct bpfsched_section_data *section, u32 len,
			  bool readonly);
void bpfsched_section_exit(struct bpfsched_section_data *section);
int bpfsched_section_mmap(const struct bpfsched_section_data *section,
			  struct vm_area_struct *vma);

#endif /* BPFSCHED_SECTION_H */
