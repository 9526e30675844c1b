/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program: checked bytecode and its data sections, held by a descriptor.
 */
#ifndef BPFSCHED_PROG_H
#define BPFSCHED_PROG_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <uapi/linux/bpfsched.h>

#include "../interp/engine.h"
#include "map.h"
#include "section.h"

struct bpfsched_client;
struct bpfsched_user;
struct file;

/* Limits of a program on any scheduler. */
#define BPFSCHED_PROG_INSNS_MAX		1000000
#define BPFSCHED_PROG_SECTION_MAX	(16 << 20)

/* Longest chain of programs that name each other as follow-ups. */
#define BPFSCHED_PROG_DEPTH_MAX		16

/**
 * struct bpfsched_prog - a program
 * @ref: held by the open file, by each job, and by programs that have it among
 *	their @followups
 * @free_work: frees the program where its last holder may not take the time
 * @dead: among those that are freed together
 * @id: its number, never used again
 * @name: its name
 * @engine: what made @image
 * @image: for the engine
 * @insn_count: number of 8-byte slots
 * @section_count: number of @sections
 * @sections: the data sections
 * @map_count: number of @maps
 * @maps: the maps of the kernel that it uses, held
 * @followup_count: number of @followups
 * @followups: programs that this one can submit, held
 * @user: whose limits it counts against, held; NULL: nobody's
 * @bytes: what it counts as
 * @depth: length of the longest chain of follow-ups that begins here
 *
 * Nothing of it changes after it has been loaded, but what programs and user
 * space write into the sections.
 */
struct bpfsched_prog {
	struct kref ref;
	struct work_struct free_work;
	struct list_head dead;
	u64 id;
	char name[BPFSCHED_PROG_NAME_LEN];
	const struct bpfsched_engine_ops *engine;
	void *image;
	u32 insn_count;
	u32 section_count;
	struct bpfsched_section_data sections[BPFSCHED_SECTIONS_MAX];
	u32 map_count;
	struct bpfsched_map maps[BPFSCHED_MAPS_MAX];
	u32 followup_count;
	struct bpfsched_prog *followups[BPFSCHED_FOLLOWUPS_MAX];
	struct bpfsched_user *user;
	u64 bytes;
	u32 depth;
};

struct bpfsched_prog *bpfsched_prog_new(const struct bpfsched_engine_ops *engine,
					const char *name);
int bpfsched_prog_check_params(const char *name, u32 insn_count,
			       u32 section_count);
struct bpfsched_section_data *
bpfsched_prog_add_section(struct bpfsched_prog *prog, u32 len, u32 flags);
int bpfsched_prog_set_code(struct bpfsched_prog *prog,
			   const struct bpf_insn *insns, u32 insn_count,
			   struct bpfsched_log *log);
int bpfsched_prog_set_linked_code(struct bpfsched_prog *prog,
				  const struct bpf_insn *insns, u32 insn_count,
				  const struct bpfsched_reloc *relocs,
				  u32 reloc_count, struct bpfsched_log *log);
int bpfsched_prog_add_followup(struct bpfsched_prog *prog,
			       struct bpfsched_prog *followup);
int bpfsched_prog_charge(struct bpfsched_prog *prog,
			 struct bpfsched_client *client, u64 bytes, u32 *limit);
u64 bpfsched_prog_code_bytes(u32 insn_count);
void bpfsched_prog_get(struct bpfsched_prog *prog);
void bpfsched_prog_put(struct bpfsched_prog *prog);
void bpfsched_prog_put_later(struct bpfsched_prog *prog);
void bpfsched_prog_flush(void);
int bpfsched_prog_init(void);
void bpfsched_prog_exit(void);
struct bpfsched_prog *bpfsched_prog_from_fd(int fd);
struct bpfsched_prog *bpfsched_prog_load(struct bpfsched_client *client,
					 struct bpfsched_prog_load *load);
struct file *bpfsched_prog_file(struct bpfsched_prog *prog);

#endif /* BPFSCHED_PROG_H */
