// SPDX-License-Identifier: GPL-2.0
/*
 * Packet classifier. The context is one Ethernet frame; the verdict is what
 * the program returns, and is counted in a global histogram that user space
 * can map (section .bss).
 *
 * Lengths are checked because a frame can be cut anywhere, not because the
 * program would be refused otherwise: an access beyond the frame is a fault.
 */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>

#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "classify.h"

#define VLAN_TAGS_MAX 2
#define IPV6_EXTENSIONS_MAX 8
#define IP_OFFSET_MASK 0x1fff /* of iphdr.frag_off, after bpf_ntohs() */

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

struct ports {
	__be16 source;
	__be16 dest;
};

/* Start of an IPv6 extension header; a fragment header has @detail too */
struct extension {
	__u8 next;
	__u8 len;
	__be16 detail;
};

/* Jobs may run at the same time, so it is added to atomically */
__u64 histogram[VERDICT_COUNT];

/* What is left of the frame */
struct cursor {
	const char *pos;
	const char *end;
};

/* Step over @len bytes; NULL if there are not as many */
static __always_inline const void *take(struct cursor *c, unsigned long len)
{
	const char *start = c->pos;

	if (len > (unsigned long)(c->end - start))
		return NULL;
	c->pos += len;
	return start;
}

static int by_port(__u16 port, int otherwise)
{
	switch (port) {
	case 22:
		return VERDICT_SSH;
	case 53:
		return VERDICT_DNS;
	case 80:
	case 8080:
		return VERDICT_HTTP;
	case 443:
	case 8443:
		return VERDICT_TLS;
	default:
		return otherwise;
	}
}

/* Whichever side has a port that is known is the server */
static int classify_ports(struct cursor *c, int otherwise)
{
	const struct ports *ports = take(c, sizeof(*ports));
	int verdict;

	if (!ports)
		return VERDICT_MALFORMED;
	verdict = by_port(bpf_ntohs(ports->dest), otherwise);
	if (verdict != otherwise)
		return verdict;
	return by_port(bpf_ntohs(ports->source), otherwise);
}

static int classify_transport(struct cursor *c, __u8 proto, int otherwise)
{
	switch (proto) {
	case IPPROTO_TCP:
		return classify_ports(c, VERDICT_TCP);
	case IPPROTO_UDP:
		return classify_ports(c, VERDICT_UDP);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return VERDICT_ICMP;
	default:
		return otherwise;
	}
}

static int classify_ipv4(struct cursor *c)
{
	const struct iphdr *ip = take(c, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5 ||
	    bpf_ntohs(ip->tot_len) < ip->ihl * 4 ||
	    !take(c, ip->ihl * 4 - sizeof(*ip)))
		return VERDICT_MALFORMED;
	if (bpf_ntohs(ip->frag_off) & IP_OFFSET_MASK)
		return VERDICT_FRAGMENT;
	return classify_transport(c, ip->protocol, VERDICT_IPV4);
}

/* Step over one extension header; the protocol after it, or -1 */
static int skip_extension(struct cursor *c, __u8 proto, bool *fragment)
{
	const struct extension *ext = take(c, 8);

	if (!ext)
		return -1;
	if (proto == IPPROTO_FRAGMENT)
		*fragment = bpf_ntohs(ext->detail) >> 3;
	else if (!take(c, ext->len * 8))
		return -1;
	return ext->next;
}

static int classify_ipv6(struct cursor *c)
{
	const struct ipv6hdr *ip = take(c, sizeof(*ip));
	bool fragment = false;
	int proto, i;

	if (!ip || ip->version != 6)
		return VERDICT_MALFORMED;
	proto = ip->nexthdr;
	for (i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (proto != IPPROTO_HOPOPTS && proto != IPPROTO_ROUTING &&
		    proto != IPPROTO_FRAGMENT && proto != IPPROTO_DSTOPTS)
			return classify_transport(c, proto, VERDICT_IPV6);
		proto = skip_extension(c, proto, &fragment);
		if (proto < 0)
			return VERDICT_MALFORMED;
		if (fragment)
			return VERDICT_FRAGMENT;
	}
	return VERDICT_MALFORMED;
}

static int classify_frame(struct cursor *c)
{
	const struct ethhdr *eth = take(c, sizeof(*eth));
	const struct vlan_tag *tag;
	__u16 proto;
	int i;

	if (!eth)
		return VERDICT_MALFORMED;
	proto = bpf_ntohs(eth->h_proto);
	for (i = 0; i < VLAN_TAGS_MAX; i++) {
		if (proto != ETH_P_8021Q && proto != ETH_P_8021AD)
			break;
		tag = take(c, sizeof(*tag));
		if (!tag)
			return VERDICT_MALFORMED;
		proto = bpf_ntohs(tag->proto);
	}
	switch (proto) {
	case ETH_P_IP:
		return classify_ipv4(c);
	case ETH_P_IPV6:
		return classify_ipv6(c);
	case ETH_P_ARP:
		return VERDICT_ARP;
	default:
		return VERDICT_OTHER;
	}
}

SEC("bpfsched")
long classify(const void *ctx, unsigned long len)
{
	struct cursor c = { .pos = ctx, .end = ctx + len };
	int verdict = classify_frame(&c);

	__sync_fetch_and_add(&histogram[verdict], 1);
	return verdict;
}
