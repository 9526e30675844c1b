// SPDX-License-Identifier: GPL-2.0
/*
 * The interpreter as an engine.
 */
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <bpfsched/compat.h>
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
	       ops->unload && ops->start && ops->run && ops->set_budget &&
	       ops->finish;
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

#define INTERP_PREFIX	"interp-"

#define INTERP_ENGINE(dispatcher)					\
static int load_##dispatcher(const struct bpfsched_code *code,		\
			     struct bpfsched_log *log, void **image)	\
{									\
	return interp_load(code, log, image, &interp_##dispatcher);	\
}									\
									\
static const struct bpfsched_engine_ops dispatcher##_engine = {		\
	.name = INTERP_PREFIX #dispatcher,					\
	.state_size = sizeof(struct interp_state),			\
	.load = load_##dispatcher,					\
	.unload = interp_unload,					\
	.start = interp_start,						\
	.run = interp_run,						\
	.set_budget = interp_set_budget,				\
	.finish = interp_finish,					\
}

#ifdef INTERP_THREADED
INTERP_ENGINE(threaded);
#endif
INTERP_ENGINE(switch);

const struct bpfsched_engine_ops *const bpfsched_engines[] = {
#ifdef INTERP_THREADED
	&threaded_engine,
#endif
	&switch_engine,
	NULL,
};
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engines);

/*
 * Whether the kernel keeps the processor from speculating past indirect
 * branches. Those of the threaded dispatcher then take several times as long as
 * what they lead to, while the portable one has none.
 */
static bool indirect_branches_are_slow(void)
{
#ifdef BPFSCHED_RETPOLINE
	return boot_cpu_has(X86_FEATURE_RETPOLINE) ||
	       boot_cpu_has(X86_FEATURE_RETPOLINE_LFENCE);
#else
	return false;
#endif
}

/**
 * bpfsched_engine_find() - find an engine
 * @dispatcher: name of its dispatcher, or "auto": the one that is to be
 *	expected to be the fastest on this processor and kernel
 *
 * Context: any.
 * Return: the engine, or NULL if it is not built for this kernel.
 */
const struct bpfsched_engine_ops *bpfsched_engine_find(const char *dispatcher)
{
	const struct bpfsched_engine_ops *const *engine;

	if (!strcmp(dispatcher, "auto"))
		dispatcher = __is_defined(INTERP_THREADED) &&
			     !indirect_branches_are_slow() ?
			     "threaded" : "switch";
	for (engine = bpfsched_engines; *engine; engine++) {
		if (!strcmp((*engine)->name + strlen(INTERP_PREFIX),
			    dispatcher))
			return *engine;
	}
	return NULL;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engine_find);
