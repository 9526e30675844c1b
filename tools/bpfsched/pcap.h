/* SPDX-License-Identifier: GPL-2.0 */
/* Captured frames. */
#ifndef PCAP_H
#define PCAP_H

#include "cmd.h"

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
 * @frames: its frames
 * @count: number of @frames
 */
struct pcap {
	char *bytes;
	struct frame *frames;
	size_t count;
};

int pcap_read(struct pcap *pcap, const char *path);
void pcap_free(struct pcap *pcap);

#endif /* PCAP_H */
