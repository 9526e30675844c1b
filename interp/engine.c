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
	       ops->unload && ops->start && ops->run && ops->finish;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engine_is_valid);

static int interp_load(const struct bpfsched_code *code,
		       struct bpfsched_log *log, void **image,
		       const struct interp_dispatcher *dispatcher)
{
	int err;

	BUILD_BUG_ON(INTERP_RUN_MAX > BPFSCHED_SAFE_POINT_INSNS);

	err = interp_check(code, log);
	if (err)
		return err;
	*image = interp_decode(code, dispatcher);
	return *image ? 0 : -ENOMEM;
}

static void interp_unload(void *image)
{
	interp_image_free(image);
}

#define INTERP_ENGINE(dispatcher)					\
static int load_##dispatcher(const struct bpfsched_code *code,		\
			     struct bpfsched_log *log, void **image)	\
{									\
	return interp_load(code, log, image, &interp_##dispatcher);	\
}									\
									\
static const struct bpfsched_engine_ops dispatcher##_engine = {		\
	.name = "interp-" #dispatcher,					\
	.state_size = sizeof(struct interp_state),			\
	.load = load_##dispatcher,					\
	.unload = interp_unload,					\
	.start = interp_start,						\
	.run = interp_run,						\
	.finish = interp_finish,					\
}

INTERP_ENGINE(switch);

const struct bpfsched_engine_ops *const bpfsched_engines[] = {
	&switch_engine,
	NULL,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engines);

/**
 * bpfsched_engine_default() - the engine for schedulers that are asked for none
 *
 * Context: any.
 */
const struct bpfsched_engine_ops *bpfsched_engine_default(void)
{
	return bpfsched_engines[0];
}
