/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "sipalg": what the module and the tool agree on.
 * nf_sipalg.yaml beside this file describes the same in YNL's terms.
 */
#ifndef _UAPI_NF_SIPALG_H
#define _UAPI_NF_SIPALG_H

#define SIPALG_GENL_NAME	"sipalg"
#define SIPALG_GENL_VERSION	1

/*
 * Longest text of a Call-ID prefix, a tag or a URI that a dump shows, with its
 * zero.
 */
#define SIPALG_LABEL_LEN	32

/* Longest name of a person that is kept, with its zero. */
#define SIPALG_NAME_LEN		48

/* Longest text of a stream's media and codecs, with its zero. */
#define SIPALG_TEXT_LEN		64

enum sipalg_cmd {
	SIPALG_CMD_UNSPEC,
	/* dump: one message a scope, the default first */
	SIPALG_CMD_POLICY_GET,
	/* do: POLICY_MODE, and the scope if not the default */
	SIPALG_CMD_POLICY_SET,
	/* do: the scope; no error where it is not set */
	SIPALG_CMD_POLICY_DEL,
	/* do: all scopes go; the default becomes POLICY_MODE */
	SIPALG_CMD_POLICY_FLUSH,
	SIPALG_CMD_CALL_GET,		/* dump: those that match */
	SIPALG_CMD_BINDING_GET,		/* dump: those that match */
	SIPALG_CMD_STATS_GET,		/* do */
	/* do: POLICY_SCOPE for each; others go; all at once */
	SIPALG_CMD_POLICY_RESTORE,
	SIPALG_CMD_SETTING_GET,		/* do: all settings */
	SIPALG_CMD_SETTING_SET,		/* do: those given, all or none */
	/* do: end those that match; CALL_ENDED in the reply */
	SIPALG_CMD_CALL_DEL,

	/* Events, to the groups below; attributes as the objects have them. */
	SIPALG_CMD_CALL_NEW,		/* event */
	SIPALG_CMD_CALL_CHANGED,	/* event: another state */
	SIPALG_CMD_CALL_GONE,		/* event */
	SIPALG_CMD_BINDING_NEW,		/* event */
	SIPALG_CMD_BINDING_GONE,	/* event */
	/* event: set, or its device has come or gone */
	SIPALG_CMD_POLICY_NEW,
	SIPALG_CMD_POLICY_GONE,		/* event, with the mode it had */
	/* event: all scopes are gone; MODE of the default */
	SIPALG_CMD_POLICY_FLUSHED,
	/* event: a refused one; each, to group messages */
	SIPALG_CMD_MESSAGE,

	/* dump: the latest ones, while the setting TRACE_BYTES keeps them */
	SIPALG_CMD_MESSAGE_GET,

	__SIPALG_CMD_MAX,
};

#define SIPALG_CMD_MAX (__SIPALG_CMD_MAX - 1)

/*
 * Multicast groups, for CAP_NET_ADMIN. Each of them numbers its events, in a
 * network namespace, from any number on and modulo 2^32: a listener has missed
 * those whose numbers are missing.
 */
#define SIPALG_GROUP_EVENTS	"events"
#define SIPALG_GROUP_MESSAGES	"messages"

/**
 * enum sipalg_mode - what is done with the flows of a scope
 * @SIPALG_MODE_OFF: nothing, even if a firewall rule assigned the helper
 * @SIPALG_MODE_OBSERVE: parse, count and report changes, but change nothing
 * @SIPALG_MODE_ON: act, no firewall rule needed
 * @SIPALG_MODE_RULE: act only on flows that a firewall rule assigned to the
 *	helper; for the default scope alone
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
	/* string, name of a device, which need not exist yet */
	SIPALG_POLICY_DEV,
	/* u32, get: its index while it exists */
	SIPALG_POLICY_IFINDEX,
	/* flag, whatever changes: end calls that it abandons */
	SIPALG_POLICY_NOW,
	/* nested, repeated, restore: MODE, ZONE, DEV and what follows */
	SIPALG_POLICY_SCOPE,
	/*
	 * Options of a scope. Those that a request lacks stay as they are; an
	 * empty one takes its option away.
	 *
	 * binary, two u16: the lowest and the highest outside port to promise
	 */
	SIPALG_POLICY_OUTSIDE_PORTS,
	/* binary, 4 or 16: the outside address that messages name */
	SIPALG_POLICY_OUTSIDE_ADDRESS,
	/*
	 * binary, up to SIPALG_TRUSTED_MAX struct sipalg_network: inside hosts
	 * that may name others in their SDP; only together with TRUSTED_FOR
	 */
	SIPALG_POLICY_TRUSTED,
	/* binary, likewise: the hosts that they may name */
	SIPALG_POLICY_TRUSTED_FOR,
	/* u32, event: its number in its group */
	SIPALG_POLICY_SEQ,

	__SIPALG_POLICY_MAX,
};

#define SIPALG_POLICY_MAX (__SIPALG_POLICY_MAX - 1)

enum sipalg_call_kind {
	SIPALG_CALL_DIALOG,		/* an INVITE dialog */
	SIPALG_CALL_REGISTRATION,
	/* any other request that needed a binding */
	SIPALG_CALL_TRANSACTION,

	__SIPALG_CALL_KIND_MAX,
};

enum sipalg_call_state {
	/* asked for, not yet answered finally */
	SIPALG_CALL_EARLY,
	SIPALG_CALL_CONFIRMED,
	SIPALG_CALL_ENDING,

	__SIPALG_CALL_STATE_MAX,
};

/**
 * enum sipalg_call_cause - why a call, registration or request is over
 * @SIPALG_CALL_CAUSE_NONE: it is not
 * @SIPALG_CALL_CAUSE_BYE: a party hung up
 * @SIPALG_CALL_CAUSE_CANCEL: the caller gave up
 * @SIPALG_CALL_CAUSE_REFUSED: by a response of SIPALG_CALL_STATUS
 * @SIPALG_CALL_CAUSE_REDIRECTED: likewise
 * @SIPALG_CALL_CAUSE_WITHDRAWN: the phone or the registrar ended it
 * @SIPALG_CALL_CAUSE_EXPIRED: its time was up
 * @SIPALG_CALL_CAUSE_KILLED: by SIPALG_CMD_CALL_DEL
 * @SIPALG_CALL_CAUSE_ADDRESS_GONE: the router lost its outside address
 * @SIPALG_CALL_CAUSE_POLICY: its scope was switched off
 */
enum sipalg_call_cause {
	SIPALG_CALL_CAUSE_NONE,
	SIPALG_CALL_CAUSE_BYE,
	SIPALG_CALL_CAUSE_CANCEL,
	SIPALG_CALL_CAUSE_REFUSED,
	SIPALG_CALL_CAUSE_REDIRECTED,
	SIPALG_CALL_CAUSE_WITHDRAWN,
	SIPALG_CALL_CAUSE_EXPIRED,
	SIPALG_CALL_CAUSE_KILLED,
	SIPALG_CALL_CAUSE_ADDRESS_GONE,
	SIPALG_CALL_CAUSE_POLICY,

	__SIPALG_CALL_CAUSE_MAX,
};

/* Sides of the NAT. */
enum sipalg_side {
	SIPALG_SIDE_INSIDE,
	SIPALG_SIDE_OUTSIDE,

	__SIPALG_SIDE_MAX,
};

/*
 * Calls match a request by ID, LABEL (start of the Call-ID as it is shown),
 * KIND, STATE, ZONE, DEV, ADDRESS, USER and MUTE, all that are given.
 */
enum sipalg_call_attr {
	SIPALG_CALL_UNSPEC,
	/* u64, names the call in this network namespace */
	SIPALG_CALL_ID,
	/* string, start of the Call-ID, odd characters as '?' */
	SIPALG_CALL_LABEL,
	SIPALG_CALL_KIND,		/* u32, enum sipalg_call_kind */
	SIPALG_CALL_STATE,		/* u32, enum sipalg_call_state */
	SIPALG_CALL_ZONE,		/* u16 */
	/* u8, AF_INET or AF_INET6, of both addresses */
	SIPALG_CALL_FAMILY,
	/* binary, 4 or 16: address of the inside host */
	SIPALG_CALL_INSIDE,
	/* binary, 4 or 16: address of the signalling peer */
	SIPALG_CALL_PEER,
	SIPALG_CALL_AGE,		/* u32, seconds since it began */
	/* u32, seconds until it ends by itself */
	SIPALG_CALL_EXPIRES,
	SIPALG_CALL_BINDINGS,		/* u32, how many bindings it holds */
	SIPALG_CALL_PAD,
	/* u32, index of the device its first packet came in by */
	SIPALG_CALL_IN,
	/* u32, index of the device that left by */
	SIPALG_CALL_OUT,
	/* string, start of the tag of who began it */
	SIPALG_CALL_CALLER_TAG,
	/* string, start of the tag of who answered */
	SIPALG_CALL_CALLEE_TAG,
	/* nest of enum sipalg_binding_attr, each media binding */
	SIPALG_CALL_STREAM,
	/* u32, request: index of either device */
	SIPALG_CALL_DEV,
	/* binary, 4 or 16, request: of a party or stream */
	SIPALG_CALL_ADDRESS,
	SIPALG_CALL_ENDED,		/* u32, how many have been ended */
	/* u32, enum sipalg_call_cause: from when its end begins */
	SIPALG_CALL_CAUSE,
	/* u32, status code of the response that ended it */
	SIPALG_CALL_STATUS,
	/* u32, seconds from the answer to now or to its end */
	SIPALG_CALL_DURATION,
	/*
	 * flag, request: one with a stream that only one side sends; tells
	 * nothing that is on hold from something that is broken
	 */
	SIPALG_CALL_MUTE,
	/* Names of people, while the setting LOG_NAMES allows it: */
	SIPALG_CALL_FROM,		/* string, who From names */
	SIPALG_CALL_TO,			/* string, who To names */
	/* string, of a registration: who Contact names */
	SIPALG_CALL_CONTACT,
	/* string, request: part of one of these names */
	SIPALG_CALL_USER,
	/* u32, event: its number in its group */
	SIPALG_CALL_SEQ,

	__SIPALG_CALL_MAX,
};

#define SIPALG_CALL_MAX (__SIPALG_CALL_MAX - 1)

enum sipalg_binding_kind {
	SIPALG_BINDING_SIGNALLING,
	SIPALG_BINDING_RTP,
	SIPALG_BINDING_RTCP,
	/* neither RTP nor RTCP: udptl, MSRP, BFCP, ... */
	SIPALG_BINDING_MEDIA,

	__SIPALG_BINDING_KIND_MAX,
};

/* Bindings match a request by ZONE, DEV and ADDRESS, all that are given. */
enum sipalg_binding_attr {
	SIPALG_BINDING_UNSPEC,
	SIPALG_BINDING_KIND,		/* u32, enum sipalg_binding_kind */
	SIPALG_BINDING_PROTO,		/* u8, IPPROTO_UDP or IPPROTO_TCP */
	/* u8, AF_INET or AF_INET6, of both addresses */
	SIPALG_BINDING_FAMILY,
	SIPALG_BINDING_ZONE,		/* u16 */
	SIPALG_BINDING_INSIDE,		/* binary, 4 or 16 */
	/* u16, host byte order, as are all numbers */
	SIPALG_BINDING_INSIDE_PORT,
	SIPALG_BINDING_OUTSIDE,		/* binary, 4 or 16 */
	SIPALG_BINDING_OUTSIDE_PORT,	/* u16 */
	/* u32, calls and registrations that hold it */
	SIPALG_BINDING_USERS,
	SIPALG_BINDING_FLOWS,		/* u32, flows that follow it now */
	SIPALG_BINDING_PAD,
	/* u32, index of the outside device; also in a request */
	SIPALG_BINDING_DEV,
	/* binary, 4 or 16, request: inside or outside */
	SIPALG_BINDING_ADDRESS,
	/* Of the flows that follow it now, while conntrack counts: */
	SIPALG_BINDING_OUT_PACKETS,	/* u64 */
	SIPALG_BINDING_OUT_BYTES,	/* u64 */
	SIPALG_BINDING_IN_PACKETS,	/* u64 */
	SIPALG_BINDING_IN_BYTES,	/* u64 */
	/* Of a call's stream: */
	SIPALG_BINDING_STREAM,		/* string, as "audio" */
	/* string, as the answer names them, blanks between */
	SIPALG_BINDING_CODECS,
	/* u8, bits by enum sipalg_side: who has sent, ever */
	SIPALG_BINDING_HEARD,
	/* u32, seconds from the begin of the call to its first packet */
	SIPALG_BINDING_FIRST,
	SIPALG_BINDING_LAST,		/* u32, the same for the latest one */
	/* u32, event: its number in its group */
	SIPALG_BINDING_SEQ,

	__SIPALG_BINDING_MAX,
};

#define SIPALG_BINDING_MAX (__SIPALG_BINDING_MAX - 1)

/*
 * The counters: identifier, name, meaning. Those that begin with passed_ are
 * the reasons why a message went on unchanged. Those that begin with out_ and
 * in_ tell the method of each request that was understood and the class of each
 * response. Where both ends are inside hosts, or no NAT changes the flow, the
 * host that began the flow counts as the inside. New ones come last.
 */
#define SIPALG_STATS(X) \
	X(MESSAGES, "messages", "SIP messages looked at") \
	X(CHANGED, "changed", "messages changed") \
	X(UNCHANGED, "unchanged", \
	  "messages understood, with nothing to change") \
	X(OBSERVED, "observed", \
	  "messages that observe mode would have changed") \
	X(PASSED_NOT_SIP, "passed_not_sip", \
	  "not SIP: keep-alive, STUN, anything else") \
	X(PASSED_BAD_START, "passed_bad_start", "start line not understood") \
	X(PASSED_BAD_HEADER, "passed_bad_header", \
	  "header section not understood") \
	X(PASSED_BAD_VALUE, "passed_bad_value", \
	  "value of a needed header not understood") \
	X(PASSED_BAD_LENGTH, "passed_bad_length", \
	  "Content-Length contradicts the datagram") \
	X(PASSED_BAD_SDP, "passed_bad_sdp", \
	  "session description not understood") \
	X(PASSED_INCOMPLETE, "passed_incomplete", \
	  "Via, From, To, Call-ID or CSeq is missing") \
	X(PASSED_TOO_MANY, "passed_too_many", \
	  "more headers, addresses or media than the limits") \
	X(PASSED_TOO_LONG, "passed_too_long", \
	  "too long before or after the change") \
	X(PASSED_REFUSED, "passed_refused", "no binding could be had for it") \
	X(PASSED_LIMIT_CALLS, "passed_limit_calls", "limit of calls reached") \
	X(PASSED_NO_MEMORY, "passed_no_memory", "the kernel had no memory") \
	X(PASSED_GSO, "passed_gso", \
	  "several messages in one offloaded packet") \
	X(LIMIT_BINDINGS, "limit_bindings", \
	  "a binding was refused: limit reached") \
	X(NO_PORT, "no_port", "a binding was refused: no free port found") \
	X(CALLS, "calls", "dialogs begun") \
	X(REGISTRATIONS, "registrations", "registrations granted") \
	X(BINDINGS, "bindings", "bindings made") \
	X(FLOWS, "flows", "new flows that followed a binding") \
	X(FLOWS_DENIED, "flows_denied", \
	  "new flows that a binding does not serve: other peer, or too many") \
	X(PASSED_LIMIT_REGISTRATIONS, "passed_limit_registrations", \
	  "limit of registrations reached") \
	X(PASSED_LIMIT_HOST_CALLS, "passed_limit_host_calls", \
	  "limit of one inside host's calls reached") \
	X(PASSED_LIMIT_HOST_REGISTRATIONS, "passed_limit_host_registrations", \
	  "limit of one inside host's registrations reached") \
	X(LIMIT_HOST_BINDINGS, "limit_host_bindings", \
	  "a binding was refused: limit of one inside host reached") \
	X(LIMIT_CALL_BINDINGS, "limit_call_bindings", \
	  "a binding was refused: limit of one call reached") \
	X(LIMIT_BYTES, "limit_bytes", "limit of memory reached") \
	X(LOW_PORT, "low_port", "a binding was refused: a well-known port") \
	X(ADDRESS_GONE, "address_gone", \
	  "bindings let go with their outside address") \
	X(SKIPPED_FIELDS, "skipped_fields", \
	  "messages with a header field left as it is: not understood") \
	X(SKIPPED_MEDIA, "skipped_media", \
	  "messages with media left as they are: not understood, or signed") \
	X(FLOWS_DROPPED_IN, "flows_dropped_in", \
	  "new flows from outside, dropped by a rule or held for a second") \
	X(FLOWS_DROPPED_OUT, "flows_dropped_out", \
	  "new flows from inside, dropped by a rule or held for a second") \
	X(MEDIA_INSIDE_ONLY, "media_inside_only", \
	  "streams that have ended and only the inside ever sent") \
	X(MEDIA_OUTSIDE_ONLY, "media_outside_only", \
	  "streams that have ended and only the outside ever sent") \
	X(NO_NAT, "no_nat", "messages of flows that no NAT changes") \
	X(NO_HELPER, "no_helper", \
	  "packets of TCP connections to SIP ports from before the mode") \
	X(OUT_INVITE, "out_invite", "INVITE requests from inside") \
	X(OUT_ACK, "out_ack", "ACK requests from inside") \
	X(OUT_BYE, "out_bye", "BYE requests from inside") \
	X(OUT_CANCEL, "out_cancel", "CANCEL requests from inside") \
	X(OUT_REGISTER, "out_register", "REGISTER requests from inside") \
	X(OUT_OPTIONS, "out_options", "OPTIONS requests from inside") \
	X(OUT_MESSAGE, "out_message", "MESSAGE requests from inside") \
	X(OUT_SUBSCRIBE, "out_subscribe", "SUBSCRIBE requests from inside") \
	X(OUT_NOTIFY, "out_notify", "NOTIFY requests from inside") \
	X(OUT_OTHER, "out_other", "other requests from inside") \
	X(OUT_1XX, "out_1xx", "responses 100 to 199 from inside") \
	X(OUT_2XX, "out_2xx", "responses 200 to 299 from inside") \
	X(OUT_3XX, "out_3xx", "responses 300 to 399 from inside") \
	X(OUT_4XX, "out_4xx", "responses 400 to 499 from inside") \
	X(OUT_5XX, "out_5xx", "responses 500 to 599 from inside") \
	X(OUT_6XX, "out_6xx", "responses 600 and beyond from inside") \
	X(IN_INVITE, "in_invite", "INVITE requests from outside") \
	X(IN_ACK, "in_ack", "ACK requests from outside") \
	X(IN_BYE, "in_bye", "BYE requests from outside") \
	X(IN_CANCEL, "in_cancel", "CANCEL requests from outside") \
	X(IN_REGISTER, "in_register", "REGISTER requests from outside") \
	X(IN_OPTIONS, "in_options", "OPTIONS requests from outside") \
	X(IN_MESSAGE, "in_message", "MESSAGE requests from outside") \
	X(IN_SUBSCRIBE, "in_subscribe", "SUBSCRIBE requests from outside") \
	X(IN_NOTIFY, "in_notify", "NOTIFY requests from outside") \
	X(IN_OTHER, "in_other", "other requests from outside") \
	X(IN_1XX, "in_1xx", "responses 100 to 199 from outside") \
	X(IN_2XX, "in_2xx", "responses 200 to 299 from outside") \
	X(IN_3XX, "in_3xx", "responses 300 to 399 from outside") \
	X(IN_4XX, "in_4xx", "responses 400 to 499 from outside") \
	X(IN_5XX, "in_5xx", "responses 500 to 599 from outside") \
	X(IN_6XX, "in_6xx", "responses 600 and beyond from outside") \
	X(FRAGMENTED, "fragmented", \
	  "messages in datagrams that leave in fragments: longer than the MTU")

enum sipalg_stat {
#define X(id, name, doc) SIPALG_STAT_##id,
	SIPALG_STATS(X)
#undef X
	__SIPALG_STAT_MAX,
};

#define SIPALG_STAT_MAX (__SIPALG_STAT_MAX - 1)

/*
 * STATS_GET: the numbers of objects in the tables now, then the counters in
 * their order, each u64, then, behind a gap, more numbers of objects.
 */
enum sipalg_stats_attr {
	SIPALG_STATS_UNSPEC,
	SIPALG_STATS_PAD,
	SIPALG_STATS_CALLS_NOW,		/* u32 */
	SIPALG_STATS_BINDINGS_NOW,	/* u32 */
	/* u32, inside hosts that have some of these */
	SIPALG_STATS_HOSTS_NOW,
	SIPALG_STATS_BYTES_NOW,		/* u64, memory that they take */
	SIPALG_STATS_REGISTRATIONS_NOW,	/* u32, among SIPALG_STATS_CALLS_NOW */
#define X(id, name, doc) SIPALG_STATS_##id,
	SIPALG_STATS(X)
#undef X

	/* u32, calls that have been answered and are not ending */
	SIPALG_STATS_CALLS_UP = 256,

	__SIPALG_STATS_MAX,
};

#define SIPALG_STATS_MAX (__SIPALG_STATS_MAX - 1)

/* Sources that may use a media port once an SDP has named a peer. */
enum sipalg_media_source {
	SIPALG_MEDIA_ANY,
	/* just the addresses that the other side's SDP names */
	SIPALG_MEDIA_SIGNALLED,

	__SIPALG_MEDIA_SOURCE_MAX,
};

/*
 * Sources that may use what a registration has made reachable, beside those in
 * SETTING_REGISTRATION_NETWORKS.
 */
enum sipalg_registration_source {
	/* the registrar's address, from any port */
	SIPALG_REGISTRATION_REGISTRAR,
	SIPALG_REGISTRATION_ANY,

	__SIPALG_REGISTRATION_SOURCE_MAX,
};

/* Which names of people are kept, out of From, To and Contact. */
enum sipalg_log_names {
	SIPALG_LOG_NAMES_NONE,
	SIPALG_LOG_NAMES_USERS,		/* without the host */
	SIPALG_LOG_NAMES_FULL,		/* with it */

	__SIPALG_LOG_NAMES_MAX,
};

/* SDP of inside hosts that use ICE. */
enum sipalg_ice {
	SIPALG_ICE_PASS,	/* stays as it is */
	/* translate its own address, and add a candidate for it */
	SIPALG_ICE_HELP,

	__SIPALG_ICE_MAX,
};

#define SIPALG_SIP_PORTS_MAX	8

/*
 * The settings that are numbers: identifier, name, initial, least and greatest
 * value, meaning. New ones come last. A limit that is reached is counted, and
 * the message passes unchanged.
 */
#define SIPALG_SETTINGS(X) \
	X(LIMIT_CALLS, "limit-calls", 131072, 0, 4194304, "calls at a time") \
	X(LIMIT_REGISTRATIONS, "limit-registrations", 131072, 0, 4194304, \
	  "registrations at a time") \
	X(LIMIT_BINDINGS, "limit-bindings", 1048576, 0, 16777216, \
	  "bindings at a time") \
	X(LIMIT_BYTES, "limit-bytes", 268435456, 0, 4294967295, \
	  "memory of calls, registrations, bindings and TCP streams") \
	X(LIMIT_HOST_CALLS, "limit-host-calls", 16384, 0, 4194304, \
	  "calls of one inside host") \
	X(LIMIT_HOST_REGISTRATIONS, "limit-host-registrations", \
	  16384, 0, 4194304, \
	  "registrations of one inside host") \
	X(LIMIT_HOST_BINDINGS, "limit-host-bindings", 16384, 0, 16777216, \
	  "bindings of one inside host") \
	X(LIMIT_CALL_BINDINGS, "limit-call-bindings", 16, 1, 16, \
	  "bindings of one call") \
	X(MEDIA_SOURCE, "media-source", 0, 0, 1, \
	  "who may send to a media port once an SDP has named a peer") \
	X(REGISTRATION_SOURCE, "registration-source", 0, 0, 1, \
	  "who may send to what a registration has made reachable") \
	X(TIMEOUT_TRANSACTION, "timeout-transaction", 32, 1, 3600, \
	  "seconds that an unanswered request is remembered") \
	X(TIMEOUT_EARLY, "timeout-early", 300, 1, 86400, \
	  "seconds that a call may ring after each provisional answer") \
	X(TIMEOUT_CALL, "timeout-call", 7200, 1, 604800, \
	  "seconds after which a call without message and media ends") \
	X(TIMEOUT_ENDING, "timeout-ending", 2, 0, 60, \
	  "seconds that media is let through after the end, or to an old port")\
	X(TIMEOUT_SUSPEND, "timeout-suspend", 120, 0, 3600, \
	  "seconds that all waits for an outside address or scope to return") \
	X(LOG_NAMES, "log-names", 0, 0, 2, \
	  "which names of people are kept with a call, and told") \
	X(ICE, "ice", 1, 0, 1, \
	  "what happens to SDP with ICE candidates") \
	X(TRACE_BYTES, "trace-bytes", 0, 0, 16777216, \
	  "memory for the latest messages, which call trace shows")

enum sipalg_setting_attr {
	SIPALG_SETTING_UNSPEC,
	/* binary, 1 to SIPALG_SIP_PORTS_MAX u16 */
	SIPALG_SETTING_SIP_PORTS,
	/* each u32 */
#define X(id, name, initial, least, greatest, doc) SIPALG_SETTING_##id,
	SIPALG_SETTINGS(X)
#undef X

	__SIPALG_SETTING_VALUE_MAX,

	/*
	 * More of a setting among them; the gap is for more of these.
	 *
	 * binary, up to SIPALG_NETWORKS_MAX struct sipalg_network
	 */
	SIPALG_SETTING_REGISTRATION_NETWORKS = 128,

	__SIPALG_SETTING_MAX,
};

#define SIPALG_SETTING_MAX (__SIPALG_SETTING_MAX - 1)

/* The last setting that has a value of its own. */
#define SIPALG_SETTING_VALUE_MAX (__SIPALG_SETTING_VALUE_MAX - 1)

#define SIPALG_NETWORKS_MAX	16
#define SIPALG_TRUSTED_MAX	4

/**
 * struct sipalg_network - addresses that begin alike
 * @addr: in network byte order; an IPv4 address is in the first four bytes
 * @family: AF_INET or AF_INET6
 * @bits: so many are alike: 1 to 32, or 1 to 128
 */
struct sipalg_network {
	unsigned char addr[16];
	unsigned char family;
	unsigned char bits;
};

/* MESSAGE: one SIP message on its way. Addresses are those it came with. */
enum sipalg_message_attr {
	SIPALG_MESSAGE_UNSPEC,
	/* u32, enum sipalg_stat: what it was counted as */
	SIPALG_MESSAGE_RESULT,
	SIPALG_MESSAGE_PROTO,		/* u8, IPPROTO_UDP or IPPROTO_TCP */
	/* u8, AF_INET or AF_INET6, of both addresses */
	SIPALG_MESSAGE_FAMILY,
	SIPALG_MESSAGE_ZONE,		/* u16 */
	SIPALG_MESSAGE_SOURCE,		/* binary, 4 or 16 */
	SIPALG_MESSAGE_SOURCE_PORT,	/* u16 */
	SIPALG_MESSAGE_TARGET,		/* binary, 4 or 16 */
	SIPALG_MESSAGE_TARGET_PORT,	/* u16 */
	/* u32, index of the device it came in by, if any */
	SIPALG_MESSAGE_IN,
	/* u32, index of the device it leaves by, if any */
	SIPALG_MESSAGE_OUT,
	/* u64, CALL_ID of its call, if it has one */
	SIPALG_MESSAGE_CALL,
	SIPALG_MESSAGE_PAD,
	SIPALG_MESSAGE_TEXT,		/* binary, as it came */
	/* nested, EDIT_*: what changes, or would; repeated */
	SIPALG_MESSAGE_EDIT,
	/*
	 * u32, so many before it are not told: too many a second. In the group
	 * "messages" they have numbers, too.
	 */
	SIPALG_MESSAGE_MISSED,
	/* The same ends as the packet that leaves has them: */
	SIPALG_MESSAGE_SOURCE_AFTER,		/* binary, 4 or 16 */
	SIPALG_MESSAGE_SOURCE_PORT_AFTER,	/* u16 */
	SIPALG_MESSAGE_TARGET_AFTER,		/* binary, 4 or 16 */
	SIPALG_MESSAGE_TARGET_PORT_AFTER,	/* u16 */
	SIPALG_MESSAGE_TIME,		/* u64, nanoseconds since 1970 */
	/* u32, offset in MESSAGE_TEXT: it counts as skipped_fields there */
	SIPALG_MESSAGE_SKIPPED_FIELD,
	/* u32, offset in MESSAGE_TEXT: it counts as skipped_media there */
	SIPALG_MESSAGE_SKIPPED_MEDIA,
	/* u32, event: its number in its group */
	SIPALG_MESSAGE_SEQ,

	__SIPALG_MESSAGE_MAX,
};

#define SIPALG_MESSAGE_MAX (__SIPALG_MESSAGE_MAX - 1)

enum sipalg_edit_attr {
	SIPALG_EDIT_UNSPEC,
	SIPALG_EDIT_OFFSET,		/* u32, in MESSAGE_TEXT */
	SIPALG_EDIT_LENGTH,		/* u32, so many bytes go */
	SIPALG_EDIT_TEXT,		/* binary, what comes in their place */

	__SIPALG_EDIT_MAX,
};

#define SIPALG_EDIT_MAX (__SIPALG_EDIT_MAX - 1)

#endif /* _UAPI_NF_SIPALG_H */
