// SPDX-License-Identifier: GPL-2.0

#include "counters.h"
#include "objects.h"

/* In the order of enum sipalg_stat; the sizes of the tables come last. */
const struct counter counters[] = {
#define X(id, name, doc) { SIPALG_STATS_##id, name, doc },
	SIPALG_STATS(X)
#undef X
	{ SIPALG_STATS_CALLS_NOW, "calls_now",
	  "calls and registrations there are now" },
	{ SIPALG_STATS_BINDINGS_NOW, "bindings_now", "bindings there are now" },
	{ SIPALG_STATS_HOSTS_NOW, "hosts_now",
	  "inside hosts that have some of these" },
	{ SIPALG_STATS_BYTES_NOW, "bytes_now", "memory that they take" },
	{ SIPALG_STATS_REGISTRATIONS_NOW, "registrations_now",
	  "registrations among calls_now" },
	{ SIPALG_STATS_CALLS_UP, "calls_up",
	  "calls that have been answered and are not ending" },
	{ STATS_CALLS_MUTE, "calls_mute",
	  "calls among these with a stream that one side alone sends" },
};

const size_t n_counters = sizeof(counters) / sizeof(*counters);

#define LOOK "look at it: sipalg monitor --messages"

/* Advice to the administrator when a counter has risen. */
static const char *const advice[__SIPALG_STAT_MAX] = {
	[SIPALG_STAT_PASSED_BAD_START] = LOOK,
	[SIPALG_STAT_PASSED_BAD_HEADER] = LOOK,
	[SIPALG_STAT_PASSED_BAD_VALUE] = LOOK,
	[SIPALG_STAT_PASSED_BAD_LENGTH] = LOOK,
	[SIPALG_STAT_PASSED_BAD_SDP] = LOOK,
	[SIPALG_STAT_PASSED_INCOMPLETE] = LOOK,
	[SIPALG_STAT_PASSED_TOO_MANY] = LOOK,
	[SIPALG_STAT_PASSED_TOO_LONG] = "offer fewer codecs on the phone",
	[SIPALG_STAT_PASSED_REFUSED] =
		"see the counters limit_*, no_port and low_port",
	[SIPALG_STAT_PASSED_LIMIT_CALLS] =
		"find who begins so many: sipalg call show",
	[SIPALG_STAT_PASSED_LIMIT_REGISTRATIONS] =
		"find who registers so many: sipalg call show",
	[SIPALG_STAT_PASSED_LIMIT_HOST_CALLS] =
		"find which host: sipalg call show, or allow more: "
		"sipalg set limit-host-calls N",
	[SIPALG_STAT_PASSED_LIMIT_HOST_REGISTRATIONS] =
		"find which host: sipalg call show, or "
		"allow more: sipalg set limit-host-registrations N",
	[SIPALG_STAT_PASSED_NO_MEMORY] = "give the machine more memory",
	[SIPALG_STAT_PASSED_GSO] =
		"ethtool -K DEV rx-gro-list off rx-udp-gro-forwarding off",
	[SIPALG_STAT_LIMIT_BINDINGS] =
		"find who holds so many: sipalg binding show",
	[SIPALG_STAT_LIMIT_HOST_BINDINGS] =
		"find which host: sipalg binding show, or allow more: "
		"sipalg set limit-host-bindings N",
	[SIPALG_STAT_LIMIT_CALL_BINDINGS] =
		"allow as many as there may be: "
		"sipalg set limit-call-bindings default",
	[SIPALG_STAT_LIMIT_BYTES] =
		"allow more memory: sipalg set limit-bytes N",
	[SIPALG_STAT_LOW_PORT] = "let the phone take ports from 1024 on",
	[SIPALG_STAT_NO_PORT] =
		"free ports of the outside address: sipalg binding show",
	[SIPALG_STAT_FLOWS_DROPPED_IN] =
		"a firewall rule drops them: accept ct state related",
	[SIPALG_STAT_FLOWS_DROPPED_OUT] =
		"a rule behind the NAT drops them: look in postrouting",
	[SIPALG_STAT_MEDIA_INSIDE_ONLY] =
		"find where it is lost: sipalg call show mute",
	[SIPALG_STAT_MEDIA_OUTSIDE_ONLY] =
		"find where it is lost: sipalg call show mute",
	[SIPALG_STAT_NO_NAT] =
		"nothing, if these hosts need no NAT: else add a rule for it",
	[SIPALG_STAT_NO_HELPER] =
		"restart these phones, or have them connect anew; conntrack -D "
		"does not help",
	[SIPALG_STAT_FRAGMENTED] =
		"fragments are lost on many a way: offer fewer codecs on the "
		"phones, or have them use TCP",
	[SIPALG_STAT_FLOWS_DENIED] =
		"strangers try ports of a registration, or more than four "
		"send media to one port: no harm unless a call is silent",
};

/**
 * counter_name() - name of a counter
 * @stat: enum sipalg_stat
 *
 * Return: its name, or NULL if a newer module has it.
 */
const char *counter_name(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? counters[stat].name : NULL;
}

/**
 * counter_doc() - what a counter counts
 * @stat: enum sipalg_stat
 *
 * Return: a text, or NULL if a newer module has it.
 */
const char *counter_doc(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? counters[stat].doc : NULL;
}

/**
 * counter_advice() - what to do where a counter has risen
 * @stat: enum sipalg_stat
 *
 * Return: a text, or NULL if there is nothing to do.
 */
const char *counter_advice(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? advice[stat] : NULL;
}
