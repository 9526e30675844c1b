/* SPDX-License-Identifier: GPL-2.0 */
/* Captured frames. */
#ifndef PCAP_H
#define PCAP_H

#include "cmd.h"

#define PCAP_ETHERNET		1
#define PCAP_ANY_LINK_TYPE	(~0U)

/* Enough for pcap_link_type_name() */
#define PCAP_LINK_TYPE_MAX	48

/**
 * struct frame - a captured frame
 * @data: its bytes
 * @len: number of bytes that were captured
 */
struct frame {
	const char *data;
	__u32 len;
};

/**
 * struct pcap - a capture in memory
 * @bytes: the file
 * @link_type: what its frames begin with, PCAP_ETHERNET for example
 * @frames: its frames
 * @count: number of @frames
 */
struct pcap {
	char *bytes;
	__u32 link_type;
	struct frame *frames;
	size_t count;
};

int pcap_read(struct pcap *pcap, const char *path);
const char *pcap_link_type_name(__u32 number, char *buf, size_t size);
int pcap_parse_link_type(const char *text, __u32 *number);
void pcap_free(struct pcap *pcap);

#endif /* PCAP_H */
