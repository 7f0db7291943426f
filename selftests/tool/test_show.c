// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs that show calls, bindings with their flows, and counters.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

#define ALL_ATTRS 0xffffffff

static struct address address(const char *text)
{
	struct address address = { .len = strchr(text, ':') ? 16 : 4 };

	inet_pton(address.len == 16 ? AF_INET6 : AF_INET, text, address.bytes);
	return address;
}

static struct endpoint endpoint(const char *text, uint16_t port)
{
	return (struct endpoint){ address(text), port };
}

/* How a call went, and whom it names: not every call has these. */
#define RECORD_ATTRS (1U << SIPALG_CALL_CAUSE | 1U << SIPALG_CALL_STATUS |	\
		      1U << SIPALG_CALL_DURATION | 1U << SIPALG_CALL_FROM |	\
		      1U << SIPALG_CALL_TO | 1U << SIPALG_CALL_CONTACT)

static void add_call(void)
{
	fake.calls[fake.n_calls++] = (struct call){
		.has = ALL_ATTRS & ~RECORD_ATTRS, .id = 17, .label = "a84b4c76e66710@pc33", .zone = 7,
		.kind = SIPALG_CALL_DIALOG, .state = SIPALG_CALL_CONFIRMED, .family = AF_INET,
		.inside = address("192.168.1.2"), .peer = address("203.0.113.1"),
		.age = 12, .expires = 1788, .bindings = 4, .in = 2, .out = 3,
		.caller = "1928301774", .callee = "a6c85cf",
	};
}

#define STREAM_ATTRS (ALL_ATTRS & ~(1U << SIPALG_BINDING_STREAM | 1U << SIPALG_BINDING_CODECS | \
				    1U << SIPALG_BINDING_HEARD | 1U << SIPALG_BINDING_FIRST | \
				    1U << SIPALG_BINDING_LAST))

/* The streams of a call that was added before, all in the order of the calls. */
static void add_stream(size_t call, uint8_t kind, const char *stream, const char *codecs)
{
	size_t n = 0;

	for (size_t i = 0; i < fake.n_calls; i++)
		n += fake.calls[i].streams;
	fake.calls[call].streams++;
	fake.streams[n] = (struct binding){
		.has = STREAM_ATTRS, .kind = kind, .proto = IPPROTO_UDP, .family = AF_INET,
		.inside = endpoint("192.168.1.2", 4000 + n),
		.outside = endpoint("203.0.113.1", 5000 + n), .users = 1, .flows = 1, .dev = 3,
		.out_packets = 10, .out_bytes = 2000, .in_packets = 11, .in_bytes = 2200,
	};
	if (stream) {
		fake.streams[n].has |= 1U << SIPALG_BINDING_STREAM;
		strcpy(fake.streams[n].stream, stream);
	}
	if (codecs) {
		fake.streams[n].has |= 1U << SIPALG_BINDING_CODECS;
		strcpy(fake.streams[n].codecs, codecs);
	}
}

static void test_call(void **state)
{
	(void)state;
	add_call();
	add_call();
	fake.calls[1].id = 18;
	fake.calls[1].kind = SIPALG_CALL_REGISTRATION;
	fake.calls[1].state = SIPALG_CALL_EARLY;
	fake.calls[1].inside = address("2001:db8::2");
	fake.calls[1].peer = address("2001:db8:1::1");
	RUN("call", "show");
	assert_ran(0, "17 dialog confirmed 192.168.1.2 -> 203.0.113.1 zone 7 caller 1928301774 "
		   "callee a6c85cf bindings 4 age 12s "
		   "expires 1788s label a84b4c76e66710@pc33\n"
		   "18 registration early 2001:db8::2 -> 2001:db8:1::1 zone 7 caller 1928301774 "
		   "callee a6c85cf bindings 4 age 12s "
		   "expires 1788s label a84b4c76e66710@pc33\n", "");
	RUN("call");
	assert_begins(ran.out, "17 dialog confirmed ");
}

static void test_call_brief(void **state)
{
	(void)state;
	add_call();
	add_call();
	add_call();
	fake.calls[1].id = 18;
	fake.calls[1].kind = SIPALG_CALL_REGISTRATION;
	fake.calls[1].inside = address("2001:db8::2");
	fake.calls[1].age = 3 * 3600 + 5 * 60 + 7;
	fake.calls[2].id = 19;
	fake.calls[2].state = SIPALG_CALL_EARLY;
	fake.calls[2].age = 2 * 86400;
	fake.calls[2].has &= ~(1U << SIPALG_CALL_EXPIRES);
	add_stream(0, SIPALG_BINDING_RTP, "audio", "0");
	add_stream(0, SIPALG_BINDING_RTCP, NULL, NULL);
	fake.streams[0].heard = 1U << SIPALG_SIDE_INSIDE;
	RUN("call", "show", "brief");
	assert_ran(0, "ID       WHAT         STATE      INSIDE          PEER             SINCE   ENDS MEDIA\n"
		   "17       call         up         192.168.1.2     203.0.113.1        12s 29m48s audio "
		   "(nothing from outside)\n"
		   "18       registration granted    2001:db8::2     203.0.113.1      3h05m 29m48s\n"
		   "19       call         ringing    192.168.1.2     203.0.113.1      2d00h      -\n", "");
	fake.streams[0].heard = 1U << SIPALG_SIDE_OUTSIDE;
	RUN("--color", "call", "show", "brief");
	assert_contains(ran.out, " \033[32mup        \033[m ");
	assert_contains(ran.out, " \033[31m(nothing from inside)\033[m\n");
	fake.streams[0].heard |= 1U << SIPALG_SIDE_INSIDE;
	RUN("call", "show", "zone", "7", "brief");
	assert_contains(ran.out, " audio\n");
	assert_true(fake.filter.has_zone);
	RUN("-j", "call", "show", "brief");
	assert_begins(ran.out, "[{\"id\":17,\"kind\":\"dialog\"");
}

/* The users of the first page are not known; those of the second are. */
static void test_call_brief_users(void **state)
{
	(void)state;
	add_call();
	add_call();
	strcpy(fake.calls[1].from, "alice");
	RUN("call", "show", "brief");
	assert_contains(ran.out, " ENDS MEDIA\n17 ");
	assert_contains(ran.out, "\nID       WHAT         STATE      INSIDE          PEER             "
			"SINCE   ENDS WHO                      MEDIA\n17 ");
	assert_contains(ran.out, " alice > -");
	fake.n_calls = 0;
	RUN("call", "show", "brief");
	assert_contains(ran.out, " ENDS MEDIA\n");
	RUN("-j", "call", "show");
	assert_ran(0, "[]\n", "");
	fake.refuse = "no";
	RUN("-j", "call", "show");
	assert_refused(1, "sipalg: no");
}

static void test_call_json(void **state)
{
	(void)state;
	add_call();
	add_call();
	fake.calls[1].kind = SIPALG_CALL_TRANSACTION;
	fake.calls[1].state = SIPALG_CALL_ENDING;
	fake.calls[1].family = AF_INET6;
	fake.calls[1].inside = address("2001:db8::2");
	RUN("-j", "call", "show");
	assert_json("[{\"id\":17,\"kind\":\"dialog\",\"state\":\"confirmed\",\"family\":\"inet\","
		    "\"inside\":{\"address\":\"192.168.1.2\"},"
		    "\"peer\":{\"address\":\"203.0.113.1\"},\"zone\":7,\"bindings\":4,"
		    "\"ifindex_in\":2,\"ifindex_out\":3,\"caller\":\"1928301774\","
		    "\"callee\":\"a6c85cf\",\"streams\":[],"
		    "\"age\":12,\"expires\":1788,\"label\":\"a84b4c76e66710@pc33\"},"
		    "{\"id\":17,\"kind\":\"transaction\",\"state\":\"ending\",\"family\":\"inet6\","
		    "\"inside\":{\"address\":\"2001:db8::2\"},"
		    "\"peer\":{\"address\":\"203.0.113.1\"},\"zone\":7,\"bindings\":4,"
		    "\"ifindex_in\":2,\"ifindex_out\":3,\"caller\":\"1928301774\","
		    "\"callee\":\"a6c85cf\",\"streams\":[],"
		    "\"age\":12,\"expires\":1788,\"label\":\"a84b4c76e66710@pc33\"}]");
}

static void test_call_streams(void **state)
{
	(void)state;
	add_call();
	add_call();
	fake.calls[1].id = 18;
	add_stream(0, SIPALG_BINDING_RTP, "audio", "0 iLBC/8000 99");
	add_stream(0, SIPALG_BINDING_RTCP, NULL, NULL);
	add_stream(1, SIPALG_BINDING_MEDIA, "image", "t38");
	fake.streams[1].has &= ~(1U << SIPALG_BINDING_IN_PACKETS | 1U << SIPALG_BINDING_OUT_BYTES);
	fake.calls[0].has = fake.calls[1].has = 1U << SIPALG_CALL_ID;
	RUN("call");
	assert_ran(0, "17\n"
		   "    audio udp rtp 192.168.1.2:4000 -> 203.0.113.1:5000 zone 0 users 1 flows 1 "
		   "out packets 10 bytes 2000 in packets 11 bytes 2200 "
		   "codecs PCMU/8000 iLBC/8000 99\n"
		   "    udp rtcp 192.168.1.2:4001 -> 203.0.113.1:5001 zone 0 users 1 flows 1\n"
		   "18\n"
		   "    image udp media 192.168.1.2:4002 -> 203.0.113.1:5002 zone 0 users 1 "
		   "flows 1 out packets 10 bytes 2000 in packets 11 bytes 2200 codecs t38\n", "");
	fake.calls[0].streams = 1;
	fake.n_calls = 1;
	RUN("-j", "call");
	assert_json("[{\"id\":17,\"streams\":[{\"media\":\"audio\",\"proto\":\"udp\","
		    "\"kind\":\"rtp\",\"family\":\"inet\","
		    "\"inside\":{\"address\":\"192.168.1.2\",\"port\":4000},"
		    "\"outside\":{\"address\":\"203.0.113.1\",\"port\":5000},"
		    "\"zone\":0,\"ifindex\":3,\"users\":1,\"flows\":1,"
		    "\"out\":{\"packets\":10,\"bytes\":2000},"
		    "\"in\":{\"packets\":11,\"bytes\":2200},"
		    "\"codecs\":[\"PCMU/8000\",\"iLBC/8000\",\"99\"]}]}]");
}

static void test_call_record(void **state)
{
	(void)state;
	add_call();
	fake.calls[0].has = 1U << SIPALG_CALL_ID | 1U << SIPALG_CALL_KIND | RECORD_ATTRS;
	fake.calls[0].cause = SIPALG_CALL_CAUSE_REFUSED;
	fake.calls[0].status = 486;
	fake.calls[0].duration = 75;
	strcpy(fake.calls[0].from, "alice");
	strcpy(fake.calls[0].to, "bob");
	strcpy(fake.calls[0].contact, "line1");
	RUN("call", "show");
	assert_ran(0, "17 dialog duration 75s cause refused 486 from alice to bob contact line1\n",
		   "");
	RUN("call", "show", "brief");
	assert_contains(ran.out, " ENDS WHO                      MEDIA\n");
	assert_contains(ran.out, " alice > bob");
	add_stream(0, SIPALG_BINDING_RTP, "audio", NULL);
	fake.streams[0].has = 1U << SIPALG_BINDING_HEARD | 1U << SIPALG_BINDING_FIRST |
			      1U << SIPALG_BINDING_LAST;
	fake.streams[0].heard = 1U << SIPALG_SIDE_INSIDE | 1U << SIPALG_SIDE_OUTSIDE;
	fake.streams[0].first = 2;
	fake.streams[0].last = 74;
	RUN("-j", "call", "show");
	assert_json("[{\"id\":17,\"kind\":\"dialog\",\"duration\":75,\"cause\":\"refused\","
		    "\"status\":486,\"from\":\"alice\",\"to\":\"bob\",\"contact\":\"line1\","
		    "\"streams\":[{\"heard\":[\"inside\",\"outside\"],\"first\":2,\"last\":74}]}]");
}

static void test_filter(void **state)
{
	(void)state;
	RUN("call", "show", "id", "17", "zone", "0", "dev", "wan", "address", "2001:db8::2",
	    "label", "a84b");
	assert_ran(0, "", "");
	assert_true(fake.filter.has_id && fake.filter.id == 17);
	assert_true(fake.filter.has_zone && fake.filter.zone == 0);
	assert_int_equal(fake.filter.ifindex, 2);
	assert_int_equal(fake.filter.address.len, 16);
	assert_int_equal(fake.filter.address.bytes[15], 2);
	assert_string_equal(fake.filter.label, "a84b");
	RUN("call");
	assert_true(filter_is_empty(&fake.filter));
	RUN("call", "show", "kind", "registration", "state", "up", "user", "ali", "mute");
	assert_ran(0, "", "");
	assert_int_equal(fake.filter.kind, SIPALG_CALL_REGISTRATION);
	assert_int_equal(fake.filter.state, SIPALG_CALL_CONFIRMED);
	assert_string_equal(fake.filter.user, "ali");
	assert_true(fake.filter.mute && fake.filter.has_kind && fake.filter.has_state);
	assert_false(filter_is_empty(&fake.filter));
	RUN("binding", "show", "flows", "address", "192.168.1.2", "zone", "65535");
	assert_ran(0, "", "");
	assert_int_equal(fake.filter.zone, 65535);
	assert_int_equal(fake.filter.address.len, 4);
	RUN("call", "show", "dev", "ppp0");
	assert_ran(1, "", "sipalg: there is no device ppp0\n");
	RUN("-j", "binding", "show", "dev", "ppp0");
	assert_ran(1, "", "sipalg: there is no device ppp0\n");
}

static void test_filter_wrong(void **state)
{
	(void)state;
	RUN("call", "show", "zone", "70000");
	assert_refused(2, "sipalg: '70000' is not the ID of a zone: 0 to 65535");
	RUN("call", "show", "id", "1x");
	assert_refused(2, "sipalg: '1x' is not the number of a call: 0 to 18446744073709551615");
	RUN("call", "show", "id", "18446744073709551616");
	assert_refused(2, "sipalg: '18446744073709551616' is not the number of a call: "
		       "0 to 18446744073709551615");
	RUN("call", "show", "address", "192.168.1");
	assert_refused(2, "sipalg: '192.168.1' is not an IP address");
	RUN("call", "show", "address");
	assert_refused(2, "sipalg: the address is missing");
	RUN("call", "show", "dev");
	assert_refused(2, "sipalg: the name of the device is missing");
	RUN("call", "show", "label", "0123456789012345678901234567890X");
	assert_refused(2, "sipalg: '0123456789012345678901234567890X' is too long: "
		       "31 characters at most");
	RUN("call", "show", "kind", "ringing");
	assert_refused(2, "sipalg: 'ringing' is no kind");
	RUN("call", "show", "state");
	assert_refused(2, "sipalg: the state is missing");
	RUN("-j", "call", "show", "nonsense");
	assert_refused(2, "sipalg: unexpected word 'nonsense'");
	RUN("binding", "show", "id", "7");
	assert_refused(2, "sipalg: unexpected word 'id'");
}

static void test_kill(void **state)
{
	(void)state;
	add_call();
	add_call();
	RUN("call", "kill", "label", "a84b");
	assert_ran(0, "ended 2\n", "");
	assert_string_equal(fake.filter.label, "a84b");
	RUN("call", "kill", "id", "17");
	assert_ran(1, "", "sipalg: no such call\n");
	RUN("-j", "call", "kill", "id", "17");
	assert_ran(1, "", "sipalg: no such call\n");
	RUN("call", "kill", "all");
	assert_ran(0, "ended 0\n", "");
	add_call();
	RUN("-j", "call", "kill", "all");
	assert_json("{\"ended\":1}");
	assert_string_equal(fake.log, "kill\nkill\nkill\nkill\nkill\n");
}

static void test_kill_wrong(void **state)
{
	(void)state;
	RUN("call", "kill");
	assert_refused(2, "sipalg: name the calls by a filter, or say all");
	RUN("call", "kill", "all", "id", "7");
	assert_refused(2, "sipalg: 'all' takes no filter");
	RUN("call", "kill", "dev", "ppp0");
	assert_refused(1, "sipalg: there is no device ppp0");
	fake.refuse = "Operation not permitted";
	RUN("call", "kill", "all");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("-j", "call", "kill", "all");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
}

static void test_call_hostile_label(void **state)
{
	(void)state;
	add_call();
	strcpy(fake.calls[0].label, "\033]0;x\a\"\xff");
	RUN("call", "show");
	assert_contains(ran.out, "label ?]0;x?\"\xff\n");
	RUN("-j", "call", "show");
	assert_contains(ran.out, "\"label\":\"\\u001B]0;x\\u0007\\\"?\"");
}

static void test_call_unknown(void **state)
{
	(void)state;
	fake.n_calls = 1;
	RUN("call", "show");
	assert_ran(0, "", "");
	RUN("-j", "call", "show");
	assert_json("[{\"streams\":[]}]");
	fake.n_calls = 0;
	add_call();
	fake.calls[0].id = UINT64_MAX;
	fake.calls[0].kind = 9;
	fake.calls[0].state = 8;
	fake.calls[0].family = 1;
	RUN("call", "show");
	assert_begins(ran.out, "18446744073709551615 9 8 192.168.1.2 ");
	RUN("-j", "call", "show");
	assert_begins(ran.out, "[{\"id\":\"18446744073709551615\",\"kind\":9,\"state\":8,"
		      "\"family\":1,");
}

static void test_nothing(void **state)
{
	(void)state;
	RUN("call", "show");
	assert_ran(0, "", "");
	RUN("-j", "call", "show");
	assert_json("[]");
	RUN("binding", "show");
	assert_ran(0, "", "");
	RUN("-j", "binding", "show");
	assert_json("[]");
	RUN("binding", "show", "flows");
	assert_ran(0, "", "");
	RUN("-j", "binding", "show", "flows");
	assert_json("[]");
}

static void test_many(void **state)
{
	json_t *list;

	(void)state;
	while (fake.n_calls < FAKE_MAX)
		add_call();
	RUN("-j", "call", "show");
	list = json_loads(ran.out, 0, NULL);
	assert_int_equal(json_array_size(list), FAKE_MAX);
	json_decref(list);
}

static void test_refused(void **state)
{
	(void)state;
	fake.refuse = "Operation not permitted";
	RUN("call");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("-j", "call");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("binding");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("stats");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
}

/* As a kernel tells it that does not count. */
#define BINDING_ATTRS ((1U << SIPALG_BINDING_PAD) - 1)

static void add_binding(const char *inside, const char *outside, uint16_t port)
{
	fake.bindings[fake.n_bindings++] = (struct binding){
		.has = BINDING_ATTRS, .kind = SIPALG_BINDING_RTP, .proto = IPPROTO_UDP,
		.family = strchr(inside, ':') ? AF_INET6 : AF_INET,
		.inside = endpoint(inside, port), .outside = endpoint(outside, port),
		.users = 1, .flows = 2,
	};
}

static void test_binding(void **state)
{
	(void)state;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_binding("2001:db8::2", "2001:db8:1::1", 4001);
	fake.bindings[1].kind = SIPALG_BINDING_RTCP;
	add_binding("192.168.1.2", "203.0.113.1", 5060);
	fake.bindings[2].kind = SIPALG_BINDING_SIGNALLING;
	fake.bindings[2].proto = IPPROTO_TCP;
	fake.bindings[2].zone = 7;
	add_binding("192.168.1.2", "203.0.113.1", 6000);
	fake.bindings[3].kind = SIPALG_BINDING_MEDIA;
	fake.bindings[3].outside.port = 6001;
	RUN("binding", "show");
	assert_ran(0,
		   "udp rtp 192.168.1.2:4000 -> 203.0.113.1:4000 zone 0 users 1 flows 2\n"
		   "udp rtcp [2001:db8::2]:4001 -> [2001:db8:1::1]:4001 zone 0 users 1 flows 2\n"
		   "tcp signalling 192.168.1.2:5060 -> 203.0.113.1:5060 zone 7 users 1 flows 2\n"
		   "udp media 192.168.1.2:6000 -> 203.0.113.1:6001 zone 0 users 1 flows 2\n", "");
	RUN("binding");
	assert_begins(ran.out, "udp rtp ");
}

static void test_binding_json(void **state)
{
	(void)state;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_binding("2001:db8::2", "2001:db8:1::1", 4001);
	RUN("-j", "binding", "show");
	assert_json("[{\"proto\":\"udp\",\"kind\":\"rtp\",\"family\":\"inet\","
		    "\"inside\":{\"address\":\"192.168.1.2\",\"port\":4000},"
		    "\"outside\":{\"address\":\"203.0.113.1\",\"port\":4000},"
		    "\"zone\":0,\"users\":1,\"flows\":2},"
		    "{\"proto\":\"udp\",\"kind\":\"rtp\",\"family\":\"inet6\","
		    "\"inside\":{\"address\":\"2001:db8::2\",\"port\":4001},"
		    "\"outside\":{\"address\":\"2001:db8:1::1\",\"port\":4001},"
		    "\"zone\":0,\"users\":1,\"flows\":2}]");
}

static void test_binding_unknown(void **state)
{
	(void)state;
	fake.n_bindings = 1;
	RUN("binding", "show");
	assert_ran(0, "", "");
	RUN("-j", "binding", "show", "flows");
	assert_json("[{\"conntrack\":[]}]");
	fake.n_bindings = 0;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	fake.bindings[0].kind = 44;
	fake.bindings[0].proto = 132;
	RUN("binding", "show");
	assert_begins(ran.out, "132 44 192.168.1.2:4000 ");
	RUN("-j", "binding", "show");
	assert_begins(ran.out, "[{\"proto\":132,\"kind\":44,");
}

/* A flow from @src to @dst that the NAT makes one from @e to @d. */
static struct flow *add_flow(struct endpoint src, struct endpoint dst,
			     struct endpoint e, struct endpoint d)
{
	struct flow *flow = &fake.flows[fake.n_flows++];

	*flow = (struct flow){
		.proto = IPPROTO_UDP,
		.original = { src, dst }, .reply = { d, e },
		.counted = true, .packets = { 10, 20 }, .bytes = { 1000, 2000 },
		.expires = 120,
	};
	return flow;
}

static void add_flows(void)
{
	struct endpoint phone = endpoint("192.168.1.2", 4000), nat = endpoint("203.0.113.1", 4000);
	struct endpoint media = endpoint("198.51.100.9", 20000);
	struct endpoint other = endpoint("198.51.100.10", 30000);

	add_flow(phone, media, nat, media);
	add_flow(other, nat, other, phone);
	/* None of these follows the binding. */
	add_flow(phone, media, nat, media)->proto = IPPROTO_TCP;
	add_flow(phone, media, nat, media)->zone = 1;
	add_flow(endpoint("192.168.1.2", 4002), media, nat, media);
	add_flow(phone, media, endpoint("203.0.113.1", 4002), media);
	add_flow(media, other, media, other);
}

static void test_flows(void **state)
{
	(void)state;
	add_binding("192.168.1.3", "203.0.113.1", 7000);
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_flows();
	RUN("binding", "show", "flows");
	assert_ran(0,
		   "udp rtp 192.168.1.3:7000 -> 203.0.113.1:7000 zone 0 users 1 flows 2\n"
		   "udp rtp 192.168.1.2:4000 -> 203.0.113.1:4000 zone 0 users 1 flows 2\n"
		   "    peer 198.51.100.9:20000 first inside out packets 10 bytes 1000 "
		   "in packets 20 bytes 2000 expires 120s\n"
		   "    peer 198.51.100.10:30000 first outside out packets 20 bytes 2000 "
		   "in packets 10 bytes 1000 expires 120s\n", "");
}

static void test_flows_json(void **state)
{
	(void)state;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_flows();
	fake.flows[1].counted = false;
	RUN("-j", "binding", "show", "flows");
	assert_json("[{\"proto\":\"udp\",\"kind\":\"rtp\",\"family\":\"inet\","
		    "\"inside\":{\"address\":\"192.168.1.2\",\"port\":4000},"
		    "\"outside\":{\"address\":\"203.0.113.1\",\"port\":4000},"
		    "\"zone\":0,\"users\":1,\"flows\":2,\"conntrack\":["
		    "{\"peer\":{\"address\":\"198.51.100.9\",\"port\":20000},\"first\":\"inside\","
		    "\"out\":{\"packets\":10,\"bytes\":1000},"
		    "\"in\":{\"packets\":20,\"bytes\":2000},\"expires\":120},"
		    "{\"peer\":{\"address\":\"198.51.100.10\",\"port\":30000},"
		    "\"first\":\"outside\",\"expires\":120}]}]");
}

/* One inside host calls another: the flow follows the bindings of both. */
static void test_flows_hairpin(void **state)
{
	struct endpoint a = endpoint("192.168.1.2", 4000), e = endpoint("203.0.113.1", 4000);
	struct endpoint b = endpoint("192.168.1.3", 5000), f = endpoint("203.0.113.1", 5000);

	(void)state;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_binding("192.168.1.3", "203.0.113.1", 5000);
	add_flow(a, f, e, b);
	RUN("binding", "show", "flows");
	assert_ran(0,
		   "udp rtp 192.168.1.2:4000 -> 203.0.113.1:4000 zone 0 users 1 flows 2\n"
		   "    peer 203.0.113.1:5000 first inside out packets 10 bytes 1000 "
		   "in packets 20 bytes 2000 expires 120s\n"
		   "udp rtp 192.168.1.3:5000 -> 203.0.113.1:5000 zone 0 users 1 flows 2\n"
		   "    peer 203.0.113.1:4000 first outside out packets 20 bytes 2000 "
		   "in packets 10 bytes 1000 expires 120s\n", "");
}

static void test_flows_unreadable(void **state)
{
	(void)state;
	add_binding("192.168.1.2", "203.0.113.1", 4000);
	add_flows();
	fake.flow_error = -EPERM;
	RUN("binding", "show", "flows");
	assert_ran(1, "", "sipalg: the connection tracking table cannot be read: "
		   "Operation not permitted\n");
}

static void fill_stats(void)
{
	for (unsigned int i = 1; i <= STATS_CALLS_MUTE; i++) {
		fake.stats.has[i] = i != SIPALG_STATS_PAD;
		fake.stats.value[i] = i == SIPALG_STATS_MESSAGES ? 1ULL << 40 : 100 + i;
	}
}

static void test_stats(void **state)
{
	const char *line;
	size_t lines = 0;

	(void)state;
	fill_stats();
	RUN("stats", "show");
	assert_int_equal(ran.status, 0);
	assert_begins(ran.out, "messages 1099511627776\nchanged 108\nunchanged 109\n");
	assert_contains(ran.out, "\npassed_not_sip 111\n");
	assert_contains(ran.out, "\ncalls_now ");
	for (line = ran.out; (line = strchr(line, '\n')); line++)
		lines++;
	assert_int_equal(lines, __SIPALG_STAT_MAX + 7);
	RUN("stats");
	assert_begins(ran.out, "messages 1099511627776\n");
}

static void test_stats_json(void **state)
{
	json_t *stats;

	(void)state;
	fill_stats();
	RUN("-j", "stats");
	stats = json_loads(ran.out, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_object_size(stats), __SIPALG_STAT_MAX + 7);
	assert_int_equal(json_integer_value(json_object_get(stats, "messages")), 1LL << 40);
	assert_int_equal(json_integer_value(json_object_get(stats, "flows_denied")),
			 100 + SIPALG_STATS_FLOWS_DENIED);
	assert_int_equal(json_integer_value(json_object_get(stats, "calls_now")),
			 100 + SIPALG_STATS_CALLS_NOW);
	assert_int_equal(json_integer_value(json_object_get(stats, "bindings_now")),
			 100 + SIPALG_STATS_BINDINGS_NOW);
	assert_int_equal(json_integer_value(json_object_get(stats, "out_invite")),
			 100 + SIPALG_STATS_OUT_INVITE);
	assert_int_equal(json_integer_value(json_object_get(stats, "calls_up")),
			 100 + SIPALG_STATS_CALLS_UP);
	json_decref(stats);
}

/* An older module does not have all counters. */
static void test_stats_missing(void **state)
{
	(void)state;
	fake.stats.has[SIPALG_STATS_CHANGED] = true;
	RUN("stats");
	assert_ran(0, "changed 0\n", "");
	RUN("-j", "stats");
	assert_json("{\"changed\":0}");
	fake.stats.has[SIPALG_STATS_CHANGED] = false;
	RUN("stats");
	assert_ran(0, "", "");
	RUN("-j", "stats");
	assert_json("{}");
}

static void test_stats_explain(void **state)
{
	(void)state;
	fill_stats();
	RUN("stats", "show", "explain");
	assert_begins(ran.out, "messages                        1099511627776 SIP messages looked at\n"
		      "changed                                108 messages changed\n");
	assert_contains(ran.out, "no free port found\n"
			"                                        "
			"-> free ports of the outside address: sipalg binding show\n");
	fake.stats = (struct stats){};
	fake.stats.has[SIPALG_STATS_NO_PORT] = true;
	fake.stats.value[SIPALG_STATS_NO_PORT] = 2;
	RUN("-j", "stats", "show", "explain");
	assert_json("[{\"name\":\"no_port\",\"value\":2,"
		    "\"doc\":\"a binding was refused: no free port found\","
		    "\"advice\":\"free ports of the outside address: sipalg binding show\"}]");
	fake.stats = (struct stats){};
	fake.stats.has[SIPALG_STATS_CHANGED] = true;
	RUN("-j", "stats", "show", "explain");
	assert_json("[{\"name\":\"changed\",\"value\":0,\"doc\":\"messages changed\"}]");
}

static void add_settings(void)
{
	settings_fill(&fake.settings);
	fake.settings.ports[1] = 5080;
	fake.settings.n_ports = 2;
	fake.settings.value[SIPALG_SETTING_MEDIA_SOURCE] = SIPALG_MEDIA_SIGNALLED;
	fake.settings.value[SIPALG_SETTING_LIMIT_CALLS] = 17;
}

static void text_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_openmetrics(void **state)
{
	(void)state;
	fake.stats.has[SIPALG_STATS_MESSAGES] = true;
	fake.stats.value[SIPALG_STATS_MESSAGES] = 7;
	fake.stats.has[SIPALG_STATS_CALLS_NOW] = true;
	fake.stats.value[SIPALG_STATS_CALLS_NOW] = 3;
	fake.settings.has[SIPALG_SETTING_LIMIT_CALLS] = true;
	fake.settings.value[SIPALG_SETTING_LIMIT_CALLS] = 10;
	fake.settings.has[SIPALG_SETTING_TIMEOUT_CALL] = true;
	RUN("stats", "show", "openmetrics");
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.status, 0);
	assert_contains(ran.out, "# TYPE sipalg_messages counter\n# HELP sipalg_messages ");
	assert_contains(ran.out, "\nsipalg_messages_total 7\n");
	assert_contains(ran.out, "# TYPE sipalg_calls_now gauge\n");
	assert_contains(ran.out, "\nsipalg_calls_now 3\n");
	assert_contains(ran.out, "\nsipalg_setting_limit_calls 10\n# EOF\n");
	assert_null(strstr(ran.out, "timeout"));
	/* No family of metrics is there twice, when all are told. */
	memset(fake.stats.has, true, sizeof(fake.stats.has));
	memset(fake.settings.has, true, sizeof(fake.settings.has));
	RUN("stats", "show", "openmetrics");
	for (const char *type = ran.out; (type = strstr(type, "# TYPE ")); type++) {
		char line[96];

		snprintf(line, sizeof(line), "%.*s ", (int)strcspn(type + 7, " ") + 7, type);
		assert_null(strstr(type + 1, line));
	}
	RUN("stats", "show", "prometheus");
	assert_contains(ran.out, "# TYPE sipalg_messages_total counter\n"
			"# HELP sipalg_messages_total ");
	assert_contains(ran.out, "\nsipalg_messages_total 7\n");
	assert_null(strstr(ran.out, "# EOF"));
	/* test_metrics.sh has promtool read it. */
	text_write(NETNS_DIR "/metrics.prom", ran.out);
	RUN("-j", "stats", "show", "openmetrics");
	assert_refused(2, "sipalg: metrics are no JSON: see 'stats show'");
	RUN("stats", "show", "openmetrics", "now");
	assert_refused(2, "sipalg: unexpected word 'now'");
	fake.refuse = "no";
	RUN("stats", "show", "openmetrics");
	assert_refused(1, "sipalg: no");
}

static void test_stats_since(void **state)
{
	char path[] = "/tmp/sipalg-since-XXXXXX";

	(void)state;
	close(mkstemp(path));
	fake.stats.has[SIPALG_STATS_MESSAGES] = true;
	fake.stats.value[SIPALG_STATS_MESSAGES] = 7;
	fake.stats.has[SIPALG_STATS_CHANGED] = true;
	fake.stats.value[SIPALG_STATS_CHANGED] = 3;
	fake.stats.has[SIPALG_STATS_CALLS_NOW] = true;
	fake.stats.value[SIPALG_STATS_CALLS_NOW] = 2;
	RUN("-j", "stats", "show");
	text_write(path, ran.out);
	fake.stats.value[SIPALG_STATS_MESSAGES] = 12;
	RUN("stats", "show", "since", path);
	assert_ran(0, "messages 5\nchanged 0\ncalls_now 2\n", "");
	RUN("-j", "stats", "show", "since", path);
	assert_json("{\"messages\":5,\"changed\":0,\"calls_now\":2}");
	RUN("stats", "show", "explain", "since", path);
	assert_contains(ran.out, "  5 ");
	/* The module was loaded anew, and counts from zero again. */
	fake.stats.value[SIPALG_STATS_MESSAGES] = 4;
	RUN("stats", "show", "since", path);
	assert_begins(ran.out, "messages 4\n");
	text_write(path, "{\"messages\":-9,\"changed\":\"many\"}");
	RUN("stats", "show", "since", path);
	assert_begins(ran.out, "messages 4\nchanged 3\n");
	text_write(path, "[1]");
	RUN("stats", "show", "since", path);
	assert_int_equal(ran.status, 1);
	assert_contains(ran.err, ": not what 'sipalg -j stats show' writes\n");
	text_write(path, "messages 7");
	RUN("stats", "show", "since", path);
	assert_int_equal(ran.status, 1);
	assert_contains(ran.err, ": not what 'sipalg -j stats show' writes: ");
	unlink(path);
	RUN("stats", "show", "since", path);
	assert_int_equal(ran.status, 1);
	assert_contains(ran.err, ": No such file or directory");
	RUN("stats", "show", "since");
	assert_refused(2, "sipalg: the file is missing");
}

static void test_settings(void **state)
{
	(void)state;
	add_settings();
	RUN("show", "settings");
	assert_begins(ran.out, "sip-ports 5060,5080\nlimit-calls 17\n"
		      "limit-registrations 131072\n");
	assert_contains(ran.out, "\nmedia-source signalled\nregistration-source registrar\n");
	assert_int_equal(ran.status, 0);
	RUN("show");
	assert_begins(ran.out, "sip-ports 5060,5080\n");
	RUN("settings", "show");
	assert_begins(ran.out, "sip-ports 5060,5080\nlimit-calls 17\n");
	/* An older module, and a newer one. */
	memset(fake.settings.has, 0, sizeof(fake.settings.has));
	fake.settings.has[SIPALG_SETTING_REGISTRATION_SOURCE] = true;
	fake.settings.value[SIPALG_SETTING_REGISTRATION_SOURCE] = 7;
	RUN("show", "settings");
	assert_ran(0, "registration-source 7\n", "");
}

static void test_settings_json(void **state)
{
	json_t *settings;

	(void)state;
	add_settings();
	RUN("-j", "settings", "show");
	settings = json_loads(ran.out, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_object_size(settings), SIPALG_SETTING_VALUE_MAX);
	assert_int_equal(json_integer_value(json_array_get(json_object_get(settings, "sip-ports"),
							   1)), 5080);
	assert_int_equal(json_integer_value(json_object_get(settings, "limit-calls")), 17);
	assert_string_equal(json_string_value(json_object_get(settings, "media-source")),
			    "signalled");
	json_decref(settings);
}

static void test_set(void **state)
{
	(void)state;
	RUN("settings", "set", "limit-calls", "100");
	assert_ran(0, "", "");
	RUN("set", "sip-ports", "5060,5080");
	assert_ran(0, "", "");
	RUN("set", "media-source", "signalled");
	assert_ran(0, "", "");
	RUN("set", "registration-source", "any");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "setting limit-calls 100\nsetting sip-ports 5060,5080\n"
			    "setting media-source signalled\nsetting registration-source any\n");
	fake.log[0] = '\0';
	RUN("set", "registration-source", "registrar,198.51.100.0/24,192.0.2.7,2001:db8::/32");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "setting registration-source registrar,198.51.100.0/24,"
			    "192.0.2.7/32,2001:db8::/32\n");
	RUN("-j", "show", "settings");
	assert_contains(ran.out, "\"registration-source\":\"registrar,198.51.100.0/24,"
			"192.0.2.7/32,2001:db8::/32\"");
	RUN("set", "registration-source", "default");
	assert_ran(0, "", "");
	assert_int_equal(fake.settings.n_networks, 0);
	RUN("set", "limit-calls", "default");
	assert_ran(0, "", "");
	RUN("set", "sip-ports", "default");
	assert_ran(0, "", "");
	assert_int_equal(fake.settings.value[SIPALG_SETTING_LIMIT_CALLS], 131072);
	assert_int_equal(fake.settings.n_ports, 1);
	assert_int_equal(fake.settings.ports[0], 5060);
}

static void test_set_wrong(void **state)
{
	static char *const no_networks[] = {
		"198.51.100.0/33", "2001:db8::/129", "198.51.100.0/0", "provider.example", "",
		"registrar,", "198.51.100.0/", "198.51.100.0/+8", "198.51.100.0/8x", "registrar,any",
		"any,198.51.100.0/24", "198.51.100", "198.51.100.0/8/8",
	};

	(void)state;
	RUN("set");
	assert_refused(2, "sipalg: the name of the setting is missing");
	RUN("set", "limit-cows", "7");
	assert_refused(2, "sipalg: there is no setting 'limit-cows'; see 'sipalg help settings'");
	RUN("set", "sip-ports");
	assert_refused(2, "sipalg: the ports are missing: PORT[,PORT...]");
	RUN("set", "limit-calls");
	assert_refused(2, "sipalg: the value is missing: 0 to 4194304");
	RUN("set", "limit-calls", "many");
	assert_refused(2, "sipalg: 'many' is not a value: 0 to 4294967295");
	RUN("set", "limit-calls", "4294967296");
	assert_refused(2, "sipalg: '4294967296' is not a value: 0 to 4294967295");
	RUN("-j", "set", "limit-calls", "1", "2");
	assert_refused(2, "sipalg: unexpected word '2'");
	RUN("set", "media-source", "all");
	assert_refused(2, "sipalg: 'all' is none of any | signalled");
	RUN("set", "ice", "on");
	assert_refused(2, "sipalg: 'on' is none of pass | help");
	RUN("set", "registration-source");
	assert_refused(2, "sipalg: the value is missing: registrar[,NETWORK...] | any");
	for (size_t i = 0; i < sizeof(no_networks) / sizeof(*no_networks); i++) {
		RUN("set", "registration-source", no_networks[i]);
		assert_int_equal(ran.status, 2);
		assert_contains(ran.err, "is neither registrar, any nor a network");
	}
	RUN("set", "registration-source", "::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,"
	    "::e,::f,::10,::11");
	assert_refused(2, "sipalg: more than 16 networks");
	RUN("set", "sip-ports", "5060,x");
	assert_refused(2, "sipalg: 'x' is not a port: 0 to 65535");
	RUN("set", "sip-ports", "5060,");
	assert_refused(2, "sipalg: '' is not a port: 0 to 65535");
	RUN("set", "sip-ports", "1,2,3,4,5,6,7,8,9");
	assert_refused(2, "sipalg: '1,2,3,4,5,6,7,8,9' are more than 8 ports");
	RUN("show", "colours");
	assert_refused(2, "sipalg: show has no command 'colours'");
}

static void test_set_refused(void **state)
{
	(void)state;
	fake.refuse = "limit-calls goes from 0 to 4194304";
	RUN("set", "limit-calls", "4194305");
	assert_ran(1, "", "sipalg: limit-calls goes from 0 to 4194304\n");
	RUN("-j", "set", "limit-calls", "4194305");
	assert_ran(1, "", "sipalg: limit-calls goes from 0 to 4194304\n");
	RUN("-j", "settings", "show");
	assert_ran(1, "", "sipalg: limit-calls goes from 0 to 4194304\n");
}

static void test_output_lost(void **state)
{
	FILE *out = stdout;

	(void)state;
	add_call();
	/* RUN() would give it a stdout that takes everything. */
	stdout = fopen("/dev/full", "w");
	run_tool_to_stdout((char *[]){ "sipalg", "call", NULL });
	fclose(stdout);
	stdout = out;
	assert_int_equal(ran.status, 1);
	assert_string_equal(ran.err,
			    "sipalg: the output cannot be written: No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_call), TEST(test_call_brief), TEST(test_call_brief_users), TEST(test_call_json), TEST(test_call_streams),
		TEST(test_call_record), TEST(test_filter),
		TEST(test_filter_wrong), TEST(test_kill), TEST(test_kill_wrong),
		TEST(test_call_hostile_label),
		TEST(test_call_unknown), TEST(test_nothing), TEST(test_many), TEST(test_refused),
		TEST(test_binding), TEST(test_binding_json), TEST(test_binding_unknown),
		TEST(test_flows), TEST(test_flows_json), TEST(test_flows_hairpin),
		TEST(test_flows_unreadable), TEST(test_stats), TEST(test_stats_json),
		TEST(test_stats_missing), TEST(test_stats_explain), TEST(test_openmetrics), TEST(test_stats_since), TEST(test_settings),
		TEST(test_settings_json), TEST(test_set), TEST(test_set_wrong),
		TEST(test_set_refused), TEST(test_output_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
