/* SPDX-License-Identifier: GPL-2.0 */
/* The verdicts of classify.bpf.c, for programs that read its histogram. */
#ifndef CLASSIFY_H
#define CLASSIFY_H

enum verdict {
	VERDICT_OTHER,		/* neither ARP nor IP */
	VERDICT_MALFORMED,	/* shorter than its headers say, or absurd */
	VERDICT_ARP,
	VERDICT_IPV4,		/* neither TCP, UDP nor ICMP */
	VERDICT_IPV6,		/* neither TCP, UDP nor ICMPv6 */
	VERDICT_FRAGMENT,	/* not the first of a datagram: no ports */
	VERDICT_ICMP,
	VERDICT_TCP,		/* no port that is known */
	VERDICT_UDP,		/* no port that is known */
	VERDICT_DNS,
	VERDICT_HTTP,
	VERDICT_TLS,
	VERDICT_SSH,
	VERDICT_COUNT,
};

#endif /* CLASSIFY_H */
