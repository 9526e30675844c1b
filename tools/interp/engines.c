// SPDX-License-Identifier: GPL-2.0
/* The engines that this build has. */
#include "engines.h"

/* NULL comes after the last. */
const struct bpfsched_engine_ops *const interp_engines[] = {
	&bpfsched_interp_engine,
	NULL,
};
