/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "sipalg": what the module and the tool agree on.
 * nf_sipalg.yaml beside this file describes the same in YNL's terms.
 */
#ifndef _UAPI_NF_SIPALG_H
#define _UAPI_NF_SIPALG_H

#define SIPALG_GENL_NAME	"sipalg"
#define SIPALG_GENL_VERSION	1

/* Longest text of a Call-ID prefix, a tag or a URI that a dump shows, with its zero. */
#define SIPALG_LABEL_LEN	32

enum sipalg_cmd {
	SIPALG_CMD_UNSPEC,
	SIPALG_CMD_POLICY_GET,		/* dump: one message a scope, the default first */
	SIPALG_CMD_POLICY_SET,		/* do: POLICY_MODE, and the scope if not the default */
	SIPALG_CMD_POLICY_DEL,		/* do: the scope; no error where it is not set */
	SIPALG_CMD_POLICY_FLUSH,	/* do: all scopes go; the default becomes POLICY_MODE */
	SIPALG_CMD_CALL_GET,		/* dump */
	SIPALG_CMD_BINDING_GET,		/* dump */
	SIPALG_CMD_STATS_GET,		/* do */
	SIPALG_CMD_POLICY_RESTORE,	/* do: POLICY_SCOPE for each; others go; all at once */

	__SIPALG_CMD_MAX,
};

#define SIPALG_CMD_MAX (__SIPALG_CMD_MAX - 1)

/**
 * enum sipalg_mode - what is done with the flows of a scope
 * @SIPALG_MODE_OFF: nothing, even if a firewall rule assigned the helper
 * @SIPALG_MODE_OBSERVE: parse, count and report what would change, change nothing
 * @SIPALG_MODE_ON: act, no firewall rule needed
 * @SIPALG_MODE_RULE: act on just those flows that a firewall rule assigned to the helper;
 *	for the default scope alone
 */
enum sipalg_mode {
	SIPALG_MODE_OFF,
	SIPALG_MODE_OBSERVE,
	SIPALG_MODE_ON,
	SIPALG_MODE_RULE,

	__SIPALG_MODE_MAX,
};

#define SIPALG_MODE_MAX (__SIPALG_MODE_MAX - 1)

/* A scope is the default (neither attribute), a zone, a device, or both. */
enum sipalg_policy_attr {
	SIPALG_POLICY_UNSPEC,
	SIPALG_POLICY_MODE,		/* u32, enum sipalg_mode */
	SIPALG_POLICY_ZONE,		/* u16, conntrack zone */
	SIPALG_POLICY_DEV,		/* string, name of a device, which need not exist yet */
	SIPALG_POLICY_IFINDEX,		/* u32, get: its index while it exists */
	SIPALG_POLICY_NOW,		/* flag, whatever changes: end calls that it abandons */
	SIPALG_POLICY_SCOPE,		/* nested, repeated, restore: MODE, ZONE and DEV of one */

	__SIPALG_POLICY_MAX,
};

#define SIPALG_POLICY_MAX (__SIPALG_POLICY_MAX - 1)

enum sipalg_call_kind {
	SIPALG_CALL_DIALOG,		/* an INVITE dialog */
	SIPALG_CALL_REGISTRATION,
	SIPALG_CALL_TRANSACTION,	/* any other request that needed a binding */

	__SIPALG_CALL_KIND_MAX,
};

enum sipalg_call_state {
	SIPALG_CALL_EARLY,		/* asked for, not yet answered finally */
	SIPALG_CALL_CONFIRMED,
	SIPALG_CALL_ENDING,

	__SIPALG_CALL_STATE_MAX,
};

enum sipalg_call_attr {
	SIPALG_CALL_UNSPEC,
	SIPALG_CALL_ID,			/* u64, names the call in this network namespace */
	SIPALG_CALL_LABEL,		/* string, start of the Call-ID, odd characters as '?' */
	SIPALG_CALL_KIND,		/* u32, enum sipalg_call_kind */
	SIPALG_CALL_STATE,		/* u32, enum sipalg_call_state */
	SIPALG_CALL_ZONE,		/* u16 */
	SIPALG_CALL_FAMILY,		/* u8, AF_INET or AF_INET6, of both addresses */
	SIPALG_CALL_INSIDE,		/* binary, 4 or 16: address of the inside host */
	SIPALG_CALL_PEER,		/* binary, 4 or 16: address of the signalling peer */
	SIPALG_CALL_AGE,		/* u32, seconds since it began */
	SIPALG_CALL_EXPIRES,		/* u32, seconds until it ends by itself */
	SIPALG_CALL_BINDINGS,		/* u32, how many bindings it holds */
	SIPALG_CALL_PAD,

	__SIPALG_CALL_MAX,
};

#define SIPALG_CALL_MAX (__SIPALG_CALL_MAX - 1)

enum sipalg_binding_kind {
	SIPALG_BINDING_SIGNALLING,
	SIPALG_BINDING_RTP,
	SIPALG_BINDING_RTCP,
	SIPALG_BINDING_MEDIA,		/* neither RTP nor RTCP: udptl, MSRP, BFCP, ... */

	__SIPALG_BINDING_KIND_MAX,
};

enum sipalg_binding_attr {
	SIPALG_BINDING_UNSPEC,
	SIPALG_BINDING_KIND,		/* u32, enum sipalg_binding_kind */
	SIPALG_BINDING_PROTO,		/* u8, IPPROTO_UDP or IPPROTO_TCP */
	SIPALG_BINDING_FAMILY,		/* u8, AF_INET or AF_INET6, of both addresses */
	SIPALG_BINDING_ZONE,		/* u16 */
	SIPALG_BINDING_INSIDE,		/* binary, 4 or 16 */
	SIPALG_BINDING_INSIDE_PORT,	/* u16, host byte order, as are all numbers */
	SIPALG_BINDING_OUTSIDE,		/* binary, 4 or 16 */
	SIPALG_BINDING_OUTSIDE_PORT,	/* u16 */
	SIPALG_BINDING_USERS,		/* u32, calls and registrations that hold it */
	SIPALG_BINDING_FLOWS,		/* u32, flows that follow it now */

	__SIPALG_BINDING_MAX,
};

#define SIPALG_BINDING_MAX (__SIPALG_BINDING_MAX - 1)

/*
 * The counters: identifier, name, what it counts. The passed_* ones are the
 * reasons why a message went on unchanged that the ALG was asked to look at.
 * New ones come last.
 */
#define SIPALG_STATS(X) \
	X(MESSAGES, "messages", "SIP messages looked at") \
	X(CHANGED, "changed", "messages changed") \
	X(UNCHANGED, "unchanged", "messages understood, with nothing to change") \
	X(OBSERVED, "observed", "messages that observe mode would have changed") \
	X(PASSED_NOT_SIP, "passed_not_sip", "not SIP: keep-alive, STUN, anything else") \
	X(PASSED_BAD_START, "passed_bad_start", "start line not understood") \
	X(PASSED_BAD_HEADER, "passed_bad_header", "header section not understood") \
	X(PASSED_BAD_VALUE, "passed_bad_value", "value of a needed header not understood") \
	X(PASSED_BAD_LENGTH, "passed_bad_length", "Content-Length contradicts the datagram") \
	X(PASSED_BAD_SDP, "passed_bad_sdp", "session description not understood") \
	X(PASSED_INCOMPLETE, "passed_incomplete", "Via, From, To, Call-ID or CSeq is missing") \
	X(PASSED_TOO_MANY, "passed_too_many", \
	  "more headers, addresses or media than the limits") \
	X(PASSED_TOO_LONG, "passed_too_long", "too long before or after the change") \
	X(PASSED_REFUSED, "passed_refused", "no binding could be had for it") \
	X(PASSED_LIMIT_CALLS, "passed_limit_calls", "limit of calls and registrations reached") \
	X(PASSED_NO_MEMORY, "passed_no_memory", "the kernel had no memory") \
	X(PASSED_GSO, "passed_gso", "several messages in one offloaded packet") \
	X(LIMIT_BINDINGS, "limit_bindings", "a binding was refused: limit reached") \
	X(NO_PORT, "no_port", "a binding was refused: no free port found") \
	X(CALLS, "calls", "dialogs begun") \
	X(REGISTRATIONS, "registrations", "registrations granted") \
	X(BINDINGS, "bindings", "bindings made") \
	X(FLOWS, "flows", "new flows that followed a binding") \
	X(FLOWS_DENIED, "flows_denied", \
	  "new flows that a binding does not serve: other peer, or too many")

enum sipalg_stat {
#define X(id, name, doc) SIPALG_STAT_##id,
	SIPALG_STATS(X)
#undef X
	__SIPALG_STAT_MAX,
};

#define SIPALG_STAT_MAX (__SIPALG_STAT_MAX - 1)

/* STATS_GET: what is in the tables now, then the counters in their order, each u64. */
enum sipalg_stats_attr {
	SIPALG_STATS_UNSPEC,
	SIPALG_STATS_PAD,
	SIPALG_STATS_CALLS_NOW,		/* u32 */
	SIPALG_STATS_BINDINGS_NOW,	/* u32 */
#define X(id, name, doc) SIPALG_STATS_##id,
	SIPALG_STATS(X)
#undef X

	__SIPALG_STATS_MAX,
};

#define SIPALG_STATS_MAX (__SIPALG_STATS_MAX - 1)

#endif /* _UAPI_NF_SIPALG_H */
