// SPDX-License-Identifier: GPL-2.0
/*
 * Check of a telemetry frame. The context is a frame that ends with the CRC-32
 * of what comes before it (IEEE 802.3, little-endian); the program returns 1 if
 * it is right. How many frames were good and bad is counted in .bss, which user
 * space can map and read.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define CRC_LEN 4

/* CRC of a nibble, polynomial 0xedb88320 */
const __u32 nibbles[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

/* Jobs may run at the same time, so they are added to atomically */
__u64 good, bad;

static __u32 crc32(const __u8 *bytes, unsigned long len)
{
	__u32 crc = ~0U;

	while (len--) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ nibbles[crc & 15];
		crc = crc >> 4 ^ nibbles[crc & 15];
	}
	return ~crc;
}

static __u32 get_le32(const __u8 *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
	       (__u32)bytes[3] << 24;
}

SEC("bpfsched")
long check_frame(const __u8 *frame, unsigned long len)
{
	if (len < CRC_LEN ||
	    crc32(frame, len - CRC_LEN) != get_le32(frame + len - CRC_LEN)) {
		__sync_fetch_and_add(&bad, 1);
		return 0;
	}
	__sync_fetch_and_add(&good, 1);
	return 1;
}
