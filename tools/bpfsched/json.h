/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing JSON on standard output, with 64-bit numbers as they are. A key is
 * NULL for what is not in an object.
 */
#ifndef JSON_H
#define JSON_H

#include "cmd.h"

void json_open(const char *key);
void json_close(void);
void json_array(const char *key);
void json_array_close(void);
void json_u64(const char *key, __u64 value);
void json_raw(const char *key, const char *value);
void json_bool(const char *key, bool value);
void json_null(const char *key);
void json_text(const char *key, const char *text);
void json_hex_u64(const char *key, __u64 value);
void json_hex_bytes(const char *key, const void *data, size_t count);
void json_failure(const char *text);

#endif /* JSON_H */
