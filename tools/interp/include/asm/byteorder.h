/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_BYTEORDER_H
#define SHIM_ASM_BYTEORDER_H

#include_next <asm/byteorder.h>

#define cpu_to_le16(n)	__cpu_to_le16(n)
#define cpu_to_le32(n)	__cpu_to_le32(n)
#define cpu_to_le64(n)	__cpu_to_le64(n)
#define cpu_to_be16(n)	__cpu_to_be16(n)
#define cpu_to_be32(n)	__cpu_to_be32(n)
#define cpu_to_be64(n)	__cpu_to_be64(n)

#endif /* SHIM_ASM_BYTEORDER_H */
