/* SPDX-License-Identifier: GPL-2.0 */
/* What the library calls in place of functions whose work is to be counted. */
#ifndef GROWTH_H
#define GROWTH_H

#include <string.h>

void __sanitizer_cov_trace_pc(void);
int counted_strcmp(const char *a, const char *b);
size_t counted_strlen(const char *text);
void *counted_memchr(const void *bytes, int c, size_t len);

#undef strcmp
#define strcmp(a, b)		counted_strcmp(a, b)
#undef strlen
#define strlen(text)		counted_strlen(text)
#undef memchr
#define memchr(bytes, c, len)	counted_memchr(bytes, c, len)

#endif /* GROWTH_H */
