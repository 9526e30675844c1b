// SPDX-License-Identifier: GPL-2.0
/*
 * Base64 of a record, for links that carry text only. The context is the number
 * of bytes, __u32, the bytes, and behind them room for the text; the text
 * overwrites the context from its start.
 *
 * Returns the length of the text, or -1 if there is not enough room.
 */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes become four characters; fewer are filled up with '=' */
static void encode_group(char *text, const __u8 *bytes, unsigned long count)
{
	__u32 group = bytes[0] << 16;

	if (count > 1)
		group |= bytes[1] << 8;
	if (count > 2)
		group |= bytes[2];
	text[0] = alphabet[group >> 18];
	text[1] = alphabet[group >> 12 & 63];
	text[2] = count > 1 ? alphabet[group >> 6 & 63] : '=';
	text[3] = count > 2 ? alphabet[group & 63] : '=';
}

/* From the end of the room, so that nothing is overwritten before it is read */
static void move_up(__u8 *to, const __u8 *from, unsigned long count)
{
	while (count--)
		to[count] = from[count];
}

SEC("bpfsched")
long encode(__u8 *context, unsigned long len)
{
	unsigned long count, text_len, i;
	__u8 *bytes;

	if (len < sizeof(__u32))
		return -1;
	count = *(__u32 *)context;
	text_len = (count + 2) / 3 * 4;
	if (count > len - sizeof(__u32) || text_len > len)
		return -1;
	bytes = context + len - count;
	move_up(bytes, context + sizeof(__u32), count);
	for (i = 0; 3 * i < count; i++)
		encode_group((char *)context + 4 * i, bytes + 3 * i,
			     count - 3 * i);
	return text_len;
}
