/* SPDX-License-Identifier: GPL-2.0 */
/* The engines that this build has. */
#ifndef ENGINES_H
#define ENGINES_H

#include "engine.h"

extern const struct bpfsched_engine_ops *const interp_engines[];

#endif /* ENGINES_H */
