/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second interpreter, for comparison: it executes the instructions as they
 * were submitted, one by one, and shares nothing with the one that is tested
 * but the meaning of a sandbox address. It is meant to be read beside RFC 9669.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "engine.h"

struct reference;

struct reference *reference_new(const struct bpfsched_code *code,
				const struct bpfsched_exec_params *params);
void reference_free(struct reference *ref);
enum bpfsched_outcome reference_run(struct reference *ref,
				    struct bpfsched_result *result);
bool reference_is_lost(const struct reference *ref);

#endif /* REFERENCE_H */
