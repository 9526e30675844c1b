// SPDX-License-Identifier: GPL-2.0
/*
 * Captured frames, from the classic file format: a header of 24 bytes, then
 * for each frame a header of 16 bytes and its bytes. Whoever wrote it used his
 * own byte order, which the magic number at the start tells.
 */
#include <byteswap.h>
#include <stdlib.h>
#include <string.h>

#include "pcap.h"

#define MAGIC_US	0xa1b2c3d4
#define MAGIC_NS	0xa1b23c4d
#define MAGIC_PCAPNG	0x0a0d0d0a

#define VERSION_MAJOR	2

struct file_header {
	__u32 magic;
	__u16 version_major;
	__u16 version_minor;
	__u32 reserved[2];
	__u32 snaplen;
	__u32 linktype;
};

struct frame_header {
	__u32 seconds;
	__u32 fraction;
	__u32 captured;
	__u32 original;
};

/**
 * struct reader - a capture while it is read
 * @path: path of the file, for messages
 * @pos: next byte
 * @end: end of the file
 * @swapped: whether numbers are in the other byte order
 */
struct reader {
	const char *path;
	const char *pos;
	const char *end;
	bool swapped;
};

static int read_header(struct reader *r)
{
	struct file_header h;
	__u32 magic = 0;

	if ((size_t)(r->end - r->pos) >= sizeof(magic))
		memcpy(&magic, r->pos, sizeof(magic));
	/* The same in both orders */
	if (magic == MAGIC_PCAPNG)
		return fail("%s: pcapng is not supported, convert it to pcap (editcap -F pcap)",
			    r->path);
	r->swapped = bswap_32(magic) == MAGIC_US ||
		     bswap_32(magic) == MAGIC_NS;
	if (!r->swapped && magic != MAGIC_US && magic != MAGIC_NS)
		return fail("%s: not a pcap file", r->path);
	if ((size_t)(r->end - r->pos) < sizeof(h))
		return fail("%s: truncated in its header", r->path);
	memcpy(&h, r->pos, sizeof(h));
	r->pos += sizeof(h);
	if (r->swapped)
		h.version_major = bswap_16(h.version_major);
	if (h.version_major != VERSION_MAJOR)
		return fail("%s: pcap version %u is not supported", r->path,
			    h.version_major);
	return EXIT_OK;
}

static int read_frame(struct reader *r, size_t number, struct frame *frame)
{
	struct frame_header h;

	if ((size_t)(r->end - r->pos) < sizeof(h))
		return fail("%s: truncated in the header of frame %zu",
			    r->path, number);
	memcpy(&h, r->pos, sizeof(h));
	r->pos += sizeof(h);
	if (r->swapped)
		h.captured = bswap_32(h.captured);
	if (h.captured > (size_t)(r->end - r->pos))
		return fail("%s: truncated in frame %zu: %u bytes, of which %zu are there",
			    r->path, number, h.captured, r->end - r->pos);
	frame->data = r->pos;
	frame->len = h.captured;
	r->pos += h.captured;
	return EXIT_OK;
}

static int read_frames(struct reader *r, struct pcap *pcap)
{
	struct frame *frames;
	size_t room = 0;
	int status;

	status = read_header(r);
	while (!status && r->pos < r->end) {
		if (pcap->count == room) {
			room = room ? room * 2 : 1024;
			frames = reallocarray(pcap->frames, room,
					      sizeof(*frames));
			if (!frames)
				return fail("out of memory");
			pcap->frames = frames;
		}
		status = read_frame(r, pcap->count + 1,
				    &pcap->frames[pcap->count]);
		pcap->count++;
	}
	return status;
}

/**
 * pcap_read() - read a capture
 * @pcap: filled in; to be freed with pcap_free()
 * @path: path of the file
 *
 * Return: exit status; a failure has been reported.
 */
int pcap_read(struct pcap *pcap, const char *path)
{
	struct reader r = { .path = path };
	size_t len;
	int status;

	memset(pcap, 0, sizeof(*pcap));
	if (bpfsched_read_file(path, &pcap->bytes, &len))
		return fail_lib();
	r.pos = pcap->bytes;
	r.end = r.pos + len;
	status = read_frames(&r, pcap);
	if (status)
		pcap_free(pcap);
	return status;
}

/**
 * pcap_free() - free a capture
 * @pcap: capture
 */
void pcap_free(struct pcap *pcap)
{
	free(pcap->frames);
	free(pcap->bytes);
}
