/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of the module: the schedulers that it makes when it is loaded.
 */
#ifndef BPFSCHED_MODPARAM_H
#define BPFSCHED_MODPARAM_H

#include <linux/types.h>

struct bpfsched_engine_ops;
struct bpfsched_config;

int bpfsched_modparam_check(void);
bool bpfsched_modparam_wants(const char *name);
const struct bpfsched_engine_ops *bpfsched_modparam_engine(void);
void bpfsched_modparam_config(const char *name, struct bpfsched_config *config);

#endif /* BPFSCHED_MODPARAM_H */
