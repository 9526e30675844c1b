// SPDX-License-Identifier: GPL-2.0
/*
 * Captured frames, from the classic file format: a header of 24 bytes, then
 * for each frame a header of 16 bytes and its bytes. Whoever wrote it used his
 * own byte order, which the magic number at the start tells.
 */
#include <byteswap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "opt.h"
#include "parse.h"
#include "pcap.h"

#define MAGIC_US	0xa1b2c3d4
#define MAGIC_NS	0xa1b23c4d
#define MAGIC_PCAPNG	0x0a0d0d0a

#define VERSION_MAJOR	2

/* The rest of the member tells of the checksum at the end of frames */
#define LINKTYPE_MASK	0xffff

/* No frame is longer, whatever the header says */
#define FRAME_MAX	262144

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
 * @frame_max: longest frame that there can be
 */
struct reader {
	const char *path;
	const char *pos;
	const char *end;
	bool swapped;
	__u32 frame_max;
};

/* Those that are met, by the names that tcpdump gives them */
static const struct link_type {
	const char *name;
	__u32 number;
} link_types[] = {
	{ "NULL", 0 },
	{ "EN10MB", PCAP_ETHERNET },
	{ "IEEE802", 6 },
	{ "PPP", 9 },
	{ "RAW", 101 },
	{ "IEEE802_11", 105 },
	{ "LOOP", 108 },
	{ "LINUX_SLL", 113 },
	{ "IEEE802_11_RADIO", 127 },
	{ "BLUETOOTH_HCI_H4", 187 },
	{ "USB_LINUX", 189 },
	{ "IEEE802_15_4_WITHFCS", 195 },
	{ "USB_LINUX_MMAPPED", 220 },
	{ "CAN_SOCKETCAN", 227 },
	{ "IPV4", 228 },
	{ "IPV6", 229 },
	{ "NFLOG", 239 },
	{ "NETLINK", 253 },
	{ "USBPCAP", 249 },
	{ "LINUX_SLL2", 276 },
	{ "ETHERNET", PCAP_ETHERNET },
};

/**
 * pcap_link_type_name() - name of a link type
 * @number: its number
 * @buf: where to
 * @size: bytes of @buf, PCAP_LINK_TYPE_MAX are enough
 *
 * Return: @buf, with "LINUX_SLL (113)" for example.
 */
const char *pcap_link_type_name(__u32 number, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(link_types); i++) {
		if (link_types[i].number == number) {
			snprintf(buf, size, "%s (%u)", link_types[i].name,
				 number);
			return buf;
		}
	}
	snprintf(buf, size, "%u", number);
	return buf;
}

/**
 * pcap_parse_link_type() - a name of a link type, its number, or "any"
 * @text: the name
 * @number: set to the number, or to PCAP_ANY_LINK_TYPE
 *
 * Return: 0, or -1 after opt_bad().
 */
int pcap_parse_link_type(const char *text, __u32 *number)
{
	__u64 value;
	size_t i;

	if (!strcmp(text, "any")) {
		*number = PCAP_ANY_LINK_TYPE;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(link_types); i++) {
		if (!strcasecmp(link_types[i].name, text)) {
			*number = link_types[i].number;
			return 0;
		}
	}
	if (parse_u64(text, &value) || value > LINKTYPE_MASK)
		return opt_bad("'%s' is no link type: a name as EN10MB, a number, or any",
			       text);
	*number = value;
	return 0;
}

static __u32 number_of(const struct reader *r, __u32 value)
{
	return r->swapped ? bswap_32(value) : value;
}

static int read_header(struct reader *r, struct pcap *pcap)
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
	pcap->link_type = number_of(r, h.linktype) & LINKTYPE_MASK;
	r->frame_max = number_of(r, h.snaplen);
	if (r->frame_max < FRAME_MAX)
		r->frame_max = FRAME_MAX;
	return EXIT_OK;
}

/* Who wrote it was stopped in the middle: what is before is good */
static int cut_off(struct reader *r, size_t number)
{
	warn("%s: cut off in frame %zu, which is left out", r->path, number);
	r->pos = r->end;
	return EXIT_OK;
}

static int read_frame(struct reader *r, struct pcap *pcap)
{
	struct frame *frame = &pcap->frames[pcap->count];
	struct frame_header h;

	if ((size_t)(r->end - r->pos) < sizeof(h))
		return cut_off(r, pcap->count + 1);
	memcpy(&h, r->pos, sizeof(h));
	r->pos += sizeof(h);
	h.captured = number_of(r, h.captured);
	if (h.captured > r->frame_max)
		return fail("%s: frame %zu cannot have %u bytes, the file is damaged",
			    r->path, pcap->count + 1, h.captured);
	if (h.captured > (size_t)(r->end - r->pos))
		return cut_off(r, pcap->count + 1);
	frame->data = r->pos;
	frame->len = h.captured;
	r->pos += h.captured;
	pcap->count++;
	return EXIT_OK;
}

static int read_frames(struct reader *r, struct pcap *pcap)
{
	struct frame *frames;
	size_t room = 0;
	int status;

	status = read_header(r, pcap);
	while (!status && r->pos < r->end) {
		if (pcap->count == room) {
			room = room ? room * 2 : 1024;
			frames = reallocarray(pcap->frames, room,
					      sizeof(*frames));
			if (!frames)
				return fail("out of memory");
			pcap->frames = frames;
		}
		status = read_frame(r, pcap);
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
	if (bpfs_file_read(path, &pcap->bytes, &len))
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
