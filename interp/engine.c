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

/* The name of an engine is that of its dispatcher, with this before it. */
#define INTERP_ENGINE(dispatcher, dispatcher_name)			\
static int load_##dispatcher(const struct bpfsched_code *code,		\
			     struct bpfsched_log *log, void **image)	\
{									\
	return interp_load(code, log, image, &interp_##dispatcher);	\
}									\
									\
static const struct bpfsched_engine_ops dispatcher##_engine = {		\
	.name = INTERP_PREFIX dispatcher_name,				\
	.state_size = sizeof(struct interp_state),			\
	.load = load_##dispatcher,					\
	.unload = interp_unload,					\
	.start = interp_start,						\
	.run = interp_run,						\
	.set_budget = interp_set_budget,				\
	.finish = interp_finish,					\
}

#ifdef INTERP_THREADED
INTERP_ENGINE(threaded, "threaded");
INTERP_ENGINE(threaded_unmasked, "threaded-unmasked");
#endif
INTERP_ENGINE(switch, "switch");
INTERP_ENGINE(switch_unmasked, "switch-unmasked");

const struct bpfsched_engine_ops *const bpfsched_engines[] = {
#ifdef INTERP_THREADED
	&threaded_engine,
#endif
	&switch_engine,
#ifdef INTERP_THREADED
	&threaded_unmasked_engine,
#endif
	&switch_unmasked_engine,
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

/* The engines of each dispatcher, with masks against speculation and without. */
static const struct engine_choice {
	const char *dispatcher;
	const struct bpfsched_engine_ops *masked;
	const struct bpfsched_engine_ops *unmasked;
} engine_choices[] = {
#ifdef INTERP_THREADED
	{ "threaded", &threaded_engine, &threaded_unmasked_engine },
#endif
	{ "switch", &switch_engine, &switch_unmasked_engine },
};

/**
 * bpfsched_engine_find() - find an engine
 * @dispatcher: name of its dispatcher, or "auto": the one that is to be
 *	expected to be the fastest on this processor and kernel
 * @has_masks: it is to have masks against speculation
 *
 * Context: any.
 * Return: the engine, or NULL if it is not built for this kernel.
 */
const struct bpfsched_engine_ops *
bpfsched_engine_find(const char *dispatcher, bool has_masks)
{
	const struct engine_choice *choice;
	size_t i;

	if (!strcmp(dispatcher, "auto"))
		dispatcher = __is_defined(INTERP_THREADED) &&
			     !indirect_branches_are_slow() ?
			     "threaded" : "switch";
	for (i = 0; i < ARRAY_SIZE(engine_choices); i++) {
		choice = &engine_choices[i];
		if (!strcmp(choice->dispatcher, dispatcher))
			return has_masks ? choice->masked : choice->unmasked;
	}
	return NULL;
}
EXPORT_SYMBOL_FOR_KUNIT(bpfsched_engine_find);
