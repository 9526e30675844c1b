// SPDX-License-Identifier: GPL-2.0
/*
 * The interpreter as an engine.
 */
#include <linux/kernel.h>

#include <bpfsched/visibility.h>

#include "interp.h"

/**
 * bpfsched_engine_is_valid() - whether an engine has all that the core calls
 * @ops: the engine
 *
 * Context: any.
 */
bool bpfsched_engine_is_valid(const struct bpfsched_engine_ops *ops)
{
	return ops && ops->name && ops->name[0] && ops->state_size && ops->load &&
	       ops->unload && ops->start && ops->run;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engine_is_valid);

static int interp_load(const struct bpfsched_code *code,
		       struct bpfsched_log *log, void **image)
{
	int err;

	BUILD_BUG_ON(INTERP_RUN_MAX > BPFSCHED_SAFE_POINT_INSNS);

	err = interp_check(code, log);
	if (err)
		return err;
	*image = interp_decode(code);
	return *image ? 0 : -ENOMEM;
}

static void interp_unload(void *image)
{
	interp_image_free(image);
}

const struct bpfsched_engine_ops bpfsched_interp_engine = {
	.name = "interp",
	.state_size = sizeof(struct interp_state),
	.load = interp_load,
	.unload = interp_unload,
	.start = interp_start,
	.run = interp_run,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_interp_engine);
