/* SPDX-License-Identifier: GPL-2.0 */
/* Why a job was not taken. */
#ifndef REJECT_H
#define REJECT_H

#include "limits.h"

const char *reject_reason(int fd, const struct bpfsched_job_desc *desc,
			  char *buf, size_t size);

#endif /* REJECT_H */
