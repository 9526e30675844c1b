/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run has in sight: an account of all that it was shown of maps, kept from
 * outside, by which the look-ups and the windows are judged.
 *
 * What is shown is the element that the map has under the key, or none if it has
 * none; the key is looked for where no other run can change it. Where the element
 * has no region of its own it is shown through a window.
 *
 * An address of a window stands for one thing for ever. It is good until a number
 * of other things were shown, and for longer if its window is not needed. While
 * it is good, exactly as much of the thing can be accessed through it as the run
 * has a right to; from then on nothing, and who tries is told that it was a
 * window. Which window is taken for what is new is nobody's business.
 */
#ifndef FUZZ_SIGHT_H
#define FUZZ_SIGHT_H

#include "engine.h"

void fuzz_sight_begin(const void *state, const struct bpfsched_code *code);
void fuzz_sight_end(const struct bpfsched_fault *fault);

#endif /* FUZZ_SIGHT_H */
