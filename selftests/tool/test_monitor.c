// SPDX-License-Identifier: GPL-2.0
/*
 * The verb monitor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	*now = (struct timespec){ .tv_sec = 1732276801, .tv_nsec = 42999999 };
	if (clock == CLOCK_MONOTONIC)
		now->tv_sec += fake.passed / 1000;
	return 0;
}

#define HAS_BIT(attr) (1U << (attr))
#define IPV4(a, b, c, d) { .len = 4, .bytes = { a, b, c, d } }

static struct event *add(uint8_t what)
{
	struct event *event = &fake.events[fake.n_events++];

	event->what = what;
	return event;
}

static void add_call(uint8_t what, uint64_t id, uint32_t state)
{
	add(what)->call = (struct call){
		.has = HAS_BIT(SIPALG_CALL_ID) | HAS_BIT(SIPALG_CALL_KIND) |
			HAS_BIT(SIPALG_CALL_STATE) | HAS_BIT(SIPALG_CALL_INSIDE) |
			HAS_BIT(SIPALG_CALL_PEER) | HAS_BIT(SIPALG_CALL_ZONE) |
			HAS_BIT(SIPALG_CALL_LABEL),
		.id = id, .kind = SIPALG_CALL_DIALOG, .state = state, .zone = 7,
		.inside = IPV4(192, 168, 1, 2), .peer = IPV4(203, 0, 113, 10),
		.label = "f81d4fae@192.168.1.2", .in = 1, .out = 2,
	};
}

static void add_binding(uint8_t what)
{
	add(what)->binding = (struct binding){
		.has = HAS_BIT(SIPALG_BINDING_PROTO) | HAS_BIT(SIPALG_BINDING_KIND) |
			HAS_BIT(SIPALG_BINDING_INSIDE) | HAS_BIT(SIPALG_BINDING_OUTSIDE) |
			HAS_BIT(SIPALG_BINDING_ZONE),
		.proto = 17, .kind = SIPALG_BINDING_RTP,
		.inside = { IPV4(192, 168, 1, 2), 4000 },
		.outside = { IPV4(203, 0, 113, 99), 4000 }, .dev = 2,
	};
}

static void add_policy(uint8_t what, const struct scope *scope, uint32_t mode)
{
	add(what)->policy = (struct policy){
		.has = HAS_BIT(SIPALG_POLICY_MODE) | HAS_BIT(SIPALG_POLICY_IFINDEX),
		.scope = *scope, .mode = mode, .ifindex = 2,
	};
}

static const char text[] = "BYE sip:b SIP/2.0\r\nVia: x\033:1\r\n\r\n";
static struct edit edits[] = {
	{ .offset = 24, .length = 2, .text = "long", .text_len = 4 },
};

static struct sip_message *add_message(uint32_t result)
{
	struct sip_message *message = &add(SIPALG_CMD_MESSAGE)->message;

	*message = (struct sip_message){
		.has = HAS_BIT(SIPALG_MESSAGE_RESULT) | HAS_BIT(SIPALG_MESSAGE_TEXT) |
			HAS_BIT(SIPALG_MESSAGE_CALL),
		.result = result, .proto = 17, .family = 2, .call = 3,
		.source = { IPV4(192, 168, 1, 2), 5060 },
		.target = { IPV4(203, 0, 113, 10), 5060 }, .in = 1, .out = 9,
		.time = 1732276801042999999, .text = text, .len = sizeof(text) - 1, .edits = edits, .n_edits = 1,
	};
	return message;
}

static void add_refusal(void)
{
	struct sip_message *message = add_message(SIPALG_STAT_PASSED_BAD_SDP);

	message->has = HAS_BIT(SIPALG_MESSAGE_RESULT);
	message->text = NULL;
	message->len = 0;
	message->n_edits = 0;
}

static void add_some(void)
{
	const struct scope wan = { .dev = "wan" }, zone = { .has_zone = true, .zone = 7 };

	add_call(SIPALG_CMD_CALL_NEW, 3, SIPALG_CALL_EARLY);
	add_binding(SIPALG_CMD_BINDING_NEW);
	add_call(SIPALG_CMD_CALL_CHANGED, 3, SIPALG_CALL_CONFIRMED);
	add_policy(SIPALG_CMD_POLICY_NEW, &wan, SIPALG_MODE_ON);
	add_policy(SIPALG_CMD_POLICY_GONE, &zone, SIPALG_MODE_ON);
	add_policy(SIPALG_CMD_POLICY_FLUSHED, &(struct scope){}, SIPALG_MODE_OFF);
	add_refusal();
	add(0);
	add_binding(SIPALG_CMD_BINDING_GONE);
	fake.events[fake.n_events - 1].lost = 2;
	add_call(SIPALG_CMD_CALL_GONE, 4, SIPALG_CALL_ENDING);
}

#define CALL(event, id, state) "12:00:01.042 call-" event " " id " dialog " state \
	" 192.168.1.2 -> 203.0.113.10 zone 7 label f81d4fae@192.168.1.2\n"
#define BINDING(event) "12:00:01.042 binding-" event \
	" udp rtp 192.168.1.2:4000 -> 203.0.113.99:4000 zone 0\n"
#define REFUSED "12:00:01.042 refused udp 192.168.1.2:5060 -> 203.0.113.10:5060 zone 0 " \
	"in lan out 9 passed_bad_sdp - session description not understood\n"

static void test_events(void **state)
{
	(void)state;
	add_some();
	RUN("monitor", "count", "9");
	assert_ran(0, CALL("new", "3", "early") BINDING("new")
		   CALL("changed", "3", "confirmed")
		   "12:00:01.042 policy-new dev wan mode on\n"
		   "12:00:01.042 policy-gone zone 7 mode on\n"
		   "12:00:01.042 policy-flushed default mode off\n"
		   REFUSED
		   "12:00:01.042 overrun 2 events were lost\n"
		   BINDING("gone") CALL("gone", "4", "ending"), "");
	assert_true(fake.listening);
	assert_false(fake.listening_to_messages);
}

#define TIME "\"time\":\"2024-11-22T12:00:01.042Z\","

/* An object a line, so that whoever reads needs no end. */
static void test_events_json(void **state)
{
	(void)state;
	add_call(SIPALG_CMD_CALL_NEW, 3, SIPALG_CALL_EARLY);
	add(0);
	add_refusal();
	fake.events[fake.n_events - 1].lost = 2;
	RUN("-j", "monitor", "count", "2");
	assert_ran(0, "{" TIME "\"event\":\"call-new\",\"id\":3,\"kind\":\"dialog\","
		   "\"state\":\"early\",\"inside\":{\"address\":\"192.168.1.2\"},"
		   "\"peer\":{\"address\":\"203.0.113.10\"},\"zone\":7,"
		   "\"label\":\"f81d4fae@192.168.1.2\"}\n"
		   "{" TIME "\"event\":\"overrun\",\"lost\":2}\n"
		   "{" TIME "\"event\":\"refused\",\"proto\":\"udp\","
		   "\"source\":{\"address\":\"192.168.1.2\",\"port\":5060},"
		   "\"target\":{\"address\":\"203.0.113.10\",\"port\":5060},\"zone\":0,"
		   "\"in\":\"lan\",\"out\":9,\"result\":\"passed_bad_sdp\","
		   "\"doc\":\"session description not understood\"}\n", "");
}

#define MESSAGE(result) "12:00:01.042 message udp 192.168.1.2:5060 -> 203.0.113.10:5060 " \
	"zone 0 in lan out 9 call 3 " result "\n"

static void test_messages(void **state)
{
	(void)state;
	add_refusal();
	add_message(SIPALG_STAT_CHANGED);
	add_message(SIPALG_STAT_OBSERVED)->has |= HAS_BIT(SIPALG_MESSAGE_MISSED);
	fake.events[2].message.missed = 5;
	RUN("monitor", "--messages", "count", "2");
	assert_ran(0, MESSAGE("changed - messages changed")
		   "  BYE sip:b SIP/2.0\n- Via: x?:1\n+ Via: long:1\n  \n"
		   MESSAGE("missed 5 observed - messages that observe mode would have changed")
		   "  BYE sip:b SIP/2.0\n- Via: x?:1\n+ Via: long:1\n  \n", "");
	assert_true(fake.listening_to_messages);
}

static void add_skipped(size_t field, size_t media)
{
	struct sip_message *message = add_message(SIPALG_STAT_UNCHANGED);

	message->has |= HAS_BIT(SIPALG_MESSAGE_SKIPPED_FIELD) |
			HAS_BIT(SIPALG_MESSAGE_SKIPPED_MEDIA);
	message->n_edits = 0;
	message->skipped_field = field;
	message->skipped_media = media;
}

/* An offset behind the text names nothing. */
static void test_skipped(void **state)
{
	(void)state;
	add_skipped(26, 2);
	add_skipped(sizeof(text) - 1, 20);
	RUN("monitor", "--messages", "count", "2");
	assert_ran(0, MESSAGE("unchanged - messages understood, with nothing to change "
			      "- not understood: Via start-line")
		   "  BYE sip:b SIP/2.0\n  Via: x?:1\n  \n"
		   MESSAGE("unchanged - messages understood, with nothing to change "
			   "- not understood: Via")
		   "  BYE sip:b SIP/2.0\n  Via: x?:1\n  \n", "");
	fake.next_event = 0;
	RUN("-j", "monitor", "--messages", "count", "1");
	assert_contains(ran.out, "\"skipped\":[\"Via\",\"start-line\"],\"before\":");
	RUN("call", "trace", "id", "3");
	assert_contains(ran.out, "messages understood, with nothing to change "
			"not understood: Via start-line\n");
	RUN("-j", "call", "trace", "id", "3");
	assert_contains(ran.out, "\"changed\":[],\"skipped\":[\"Via\",\"start-line\"]}");
}

static void test_color(void **state)
{
	(void)state;
	add_message(SIPALG_STAT_CHANGED);
	RUN("monitor", "--messages", "--color", "count", "1");
	assert_contains(ran.out, "\n\033[31m- Via: x?:1\033[0m\n\033[32m+ Via: long:1\033[0m\n");
}

static void test_messages_json(void **state)
{
	(void)state;
	add_message(SIPALG_STAT_CHANGED);
	RUN("-j", "monitor", "--messages", "count", "1");
	assert_json("{" TIME "\"event\":\"message\",\"proto\":\"udp\","
		    "\"source\":{\"address\":\"192.168.1.2\",\"port\":5060},"
		    "\"target\":{\"address\":\"203.0.113.10\",\"port\":5060},\"zone\":0,"
		    "\"in\":\"lan\",\"out\":9,\"call\":3,\"result\":\"changed\","
		    "\"doc\":\"messages changed\","
		    "\"before\":\"BYE sip:b SIP/2.0\\r\\nVia: x\\u001b:1\\r\\n\\r\\n\","
		    "\"after\":\"BYE sip:b SIP/2.0\\r\\nVia: long:1\\r\\n\\r\\n\","
		    "\"edits\":[{\"offset\":24,\"length\":2,\"text\":\"long\"}]}");
}

static void run_filter(const char *key, const char *value)
{
	fake.next_event = 0;
	fake.n_events = 0;
	fake.refuse = NULL;
	add_some();
	RUN("monitor", (char *)key, (char *)value);
	assert_string_equal(ran.err, "sipalg: that was all\n");
	assert_int_equal(ran.status, 1);
}

#define OVERRUN "12:00:01.042 overrun 2 events were lost\n"

#define LOST_SOME "12:00:01.042 overrun some events were lost\n"

/* No event comes that tells how many: that there are some is said after a time. */
static void test_overrun_alone(void **state)
{
	(void)state;
	add(0);
	fake.quiet = 1;
	add_call(SIPALG_CMD_CALL_GONE, 4, SIPALG_CALL_ENDING);
	RUN("monitor");
	assert_string_equal(ran.out, LOST_SOME CALL("gone", "4", "ending"));
	assert_int_equal(fake.waited, 1000);
	fake.n_events = 0;
	fake.next_event = 0;
	fake.refuse = NULL;
	add(0);
	RUN("monitor");
	assert_string_equal(ran.out, LOST_SOME);
	fake.n_events = 0;
	fake.next_event = 0;
	fake.refuse = NULL;
	fake.waited = 0;
	add(0);
	fake.quiet = 1;
	RUN("log");
	assert_string_equal(ran.out, "some events were lost, and calls that ended with them\n");
}

/* That something was lost is told whatever is asked for. */
static void test_filters(void **state)
{
	(void)state;
	run_filter("id", "4");
	assert_string_equal(ran.out, OVERRUN CALL("gone", "4", "ending"));
	run_filter("label", "f81d4fae");
	assert_string_equal(ran.out, CALL("new", "3", "early") CALL("changed", "3", "confirmed")
			    OVERRUN CALL("gone", "4", "ending"));
	run_filter("label", "f81d4faf");
	assert_string_equal(ran.out, OVERRUN);
	run_filter("zone", "7");
	assert_string_equal(ran.out, CALL("new", "3", "early") CALL("changed", "3", "confirmed")
			    "12:00:01.042 policy-gone zone 7 mode on\n" OVERRUN
			    CALL("gone", "4", "ending"));
	run_filter("dev", "wan");
	assert_string_equal(ran.out, CALL("new", "3", "early") BINDING("new")
			    CALL("changed", "3", "confirmed")
			    "12:00:01.042 policy-new dev wan mode on\n" OVERRUN BINDING("gone")
			    CALL("gone", "4", "ending"));
	run_filter("dev", "lan");
	assert_string_equal(ran.out, CALL("new", "3", "early") CALL("changed", "3", "confirmed")
			    REFUSED OVERRUN CALL("gone", "4", "ending"));
	run_filter("address", "203.0.113.99");
	assert_string_equal(ran.out, BINDING("new") OVERRUN BINDING("gone"));
	run_filter("address", "2001:db8::1");
	assert_string_equal(ran.out, OVERRUN);
}

static void test_wrong(void **state)
{
	(void)state;
	RUN("monitor", "loud");
	assert_refused(2, "sipalg: unexpected word 'loud'");
	RUN("monitor", "count");
	assert_refused(2, "sipalg: a number of events is missing");
	RUN("monitor", "count", "0");
	assert_refused(2, "sipalg: '0' is not a number of events");
	RUN("monitor", "id", "-1");
	assert_refused(2, "sipalg: '-1' is not the number of a call: "
		       "0 to 18446744073709551615");
	RUN("monitor", "id", "99999999999999999999");
	assert_refused(2, "sipalg: '99999999999999999999' is not the number of a call: "
		       "0 to 18446744073709551615");
	RUN("monitor", "address");
	assert_refused(2, "sipalg: the address is missing");
	RUN("monitor", "address", "example.com");
	assert_refused(2, "sipalg: 'example.com' is not an IP address");
	RUN("monitor", "zone", "x");
	assert_refused(2, "sipalg: 'x' is not the ID of a zone: 0 to 65535");
	assert_contains(ran.err, "FILTER := [zone ID]");
	assert_false(fake.listening);
}

static void test_refused(void **state)
{
	(void)state;
	fake.refuse = "Operation not permitted";
	RUN("monitor");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	fake.open_error = -2;
	RUN("monitor");
	assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded\n");
}

static struct binding stream(uint8_t heard, uint64_t out_packets)
{
	return (struct binding){
		.has = HAS_BIT(SIPALG_BINDING_OUT_PACKETS) | HAS_BIT(SIPALG_BINDING_HEARD),
		.kind = SIPALG_BINDING_RTP, .stream = "audio", .heard = heard, .first = 2,
		.last = 190, .out_packets = out_packets, .out_bytes = 200 * out_packets,
	};
}

/* A call that ends with a cause after it was up for so many seconds; 0: it never was. */
static struct call *add_ended(uint64_t id, uint32_t cause, uint32_t duration)
{
	struct call *call;

	add_call(SIPALG_CMD_CALL_GONE, id, SIPALG_CALL_ENDING);
	call = &fake.events[fake.n_events - 1].call;
	call->cause = cause;
	call->duration = duration;
	if (duration)
		call->has |= HAS_BIT(SIPALG_CALL_DURATION);
	return call;
}

static void test_log(void **state)
{
	struct binding one_way = stream(1U << SIPALG_SIDE_INSIDE, 7);
	struct call *call;

	(void)state;
	add_call(SIPALG_CMD_CALL_NEW, 3, SIPALG_CALL_EARLY);
	call = add_ended(3, SIPALG_CALL_CAUSE_BYE, 192);
	strcpy(call->from, "alice");
	strcpy(call->to, "bob");
	call->streams = 1;
	fake.events[1].streams = &one_way;
	add_ended(4, SIPALG_CALL_CAUSE_POLICY, 1)->kind = SIPALG_CALL_REGISTRATION;
	add(0);
	call = add_ended(5, SIPALG_CALL_CAUSE_REFUSED, 0);
	fake.events[fake.n_events - 1].lost = 2;
	call->status = 486;
	call->has |= HAS_BIT(SIPALG_CALL_STATUS);
	RUN("log", "count", "3");
	assert_ran(0, "call 3 from alice to bob (192.168.1.2 -> 203.0.113.10) up 3m12s, bye; "
		   "audio 2s to 190s out 7 packets 1400 bytes in 0 packets 0 bytes "
		   "nothing from outside\n"
		   "2 events were lost, and calls that ended with them\n"
		   "call 5 (192.168.1.2 -> 203.0.113.10) not answered, refused 486\n", "");
	assert_true(fake.listening && !fake.listening_to_messages && fake.filter.mute);
	RUN("log");
	assert_ran(1, "", "sipalg: that was all\n");
	fake.n_events = 0;
	fake.next_event = 0;
	fake.refuse = NULL;
	add_ended(6, SIPALG_CALL_CAUSE_BYE, 1);
	fake.events[fake.n_events - 1].lost = 2;
	RUN("log", "count", "1");
	assert_ran(0, "2 events were lost, and calls that ended with them\n", "");
	RUN("log", "count");
	assert_refused(2, "sipalg: a number of lines is missing: 0 to 18446744073709551615");
	RUN("-j", "log");
	assert_refused(2, "sipalg: the log is no JSON: see 'monitor'");
}

static void test_log_mute(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		add_call(0, 7 + i, SIPALG_CALL_CONFIRMED);
		fake.calls[i] = fake.events[i].call;
		fake.calls[i].duration = i ? 10 : 9;
		fake.calls[i].streams = 1;
		fake.streams[i] = stream(i == 2 ? 1U << SIPALG_SIDE_OUTSIDE :
					 1U << SIPALG_SIDE_INSIDE, 7);
	}
	fake.n_calls = 3;
	setenv("JOURNAL_STREAM", "8:1", 1);
	RUN("log", "count", "2");
	unsetenv("JOURNAL_STREAM");
	assert_ran(0, "<4>call 8 (192.168.1.2 -> 203.0.113.10) after 10s: nothing from outside; "
		   "does a firewall rule drop it, or does the far end send elsewhere? "
		   "sipalg check\n"
		   "<4>call 9 (192.168.1.2 -> 203.0.113.10) after 10s: nothing from inside; "
		   "is the phone muted, or does it send from another port? "
		   "sipalg binding show flows address 192.168.1.2\n", "");
}

/* Bytes of a file that is then removed. */
static size_t file_take(const char *path, uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len;

	assert_non_null(file);
	len = fread(bytes, 1, size, file);
	fclose(file);
	unlink(path);
	return len;
}

static uint32_t u32_at(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* The Internet checksum of bytes that contain theirs is zero: RFC 1071. */
static uint16_t sum_of(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (; len > 1; len -= 2, bytes += 2)
		sum += bytes[0] << 8 | bytes[1];
	sum += len ? bytes[0] << 8 : 0;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/*
 * Takes the next block of a capture; @packet begins with the IP header.
 * Return: the block behind it.
 */
static const uint8_t *packet_take(const uint8_t *block, uint32_t interface, const char *comment,
				  bool leaves, const uint8_t **packet, size_t *len)
{
	/* Direction, kind of device, no address, IPv4. */
	const uint8_t link[16] = { 0, leaves ? 4 : 0, 0xff, 0xfe, [14] = 8 };

	assert_int_equal(u32_at(block), 6);
	assert_int_equal(u32_at(block + 8), interface);
	*len = u32_at(block + 20);
	assert_int_equal(u32_at(block + 24), *len);
	assert_memory_equal(block + 28, link, sizeof(link));
	*packet = block + 28 + sizeof(link);
	block += 28 + (*len + 3) / 4 * 4;
	*len -= sizeof(link);
	assert_int_equal(block[0] | block[1] << 8, 1);
	assert_int_equal(block[2] | block[3] << 8, strlen(comment));
	assert_memory_equal(block + 4, comment, strlen(comment));
	block += 4 + (strlen(comment) + 3) / 4 * 4 + 4;
	return block + 4;
}

static void test_capture(void **state)
{
	static const char after_text[] = "BYE sip:b SIP/2.0\r\nVia: long:1\r\n\r\n";
	char path[] = "/tmp/sipalg-capture-XXXXXX";
	struct sip_message *message;
	const uint8_t *block, *packet;
	uint8_t bytes[4096];
	size_t len, end;

	(void)state;
	close(mkstemp(path));
	add_refusal();
	add(0);
	for (int tcp = 0; tcp < 2; tcp++) {
		message = add_message(SIPALG_STAT_CHANGED);
		message->has |= HAS_BIT(SIPALG_MESSAGE_TARGET_PORT_AFTER);
		message->source_after = (struct endpoint){ IPV4(203, 0, 113, 99), 5061 };
		message->target_after = message->target;
		message->proto = tcp ? 6 : 17;
	}
	message = add_message(SIPALG_STAT_OBSERVED);
	message->has |= HAS_BIT(SIPALG_MESSAGE_TARGET_PORT_AFTER) |
		HAS_BIT(SIPALG_MESSAGE_MISSED);
	message->missed = 7;
	message->source_after = message->source;
	message->target_after = (struct endpoint){ IPV4(10, 0, 0, 1), 5060 };
	fake.events[fake.n_events - 1].lost = 1;
	RUN("monitor", "--pcapng", path, "count", "3");
	assert_ran(0, "", "sipalg: note: 1 event was lost\n");
	assert_true(fake.listening_to_messages);

	end = file_take(path, bytes, sizeof(bytes));
	assert_int_equal(u32_at(bytes), 0x0a0d0d0a);
	block = bytes + u32_at(bytes + 4);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(u32_at(block), 1);
		assert_int_equal(block[8], 113);
		assert_string_equal((const char *)block + 20, i ? "outside" : "inside");
		block += u32_at(block + 4);
	}
	for (int tcp = 0; tcp < 2; tcp++) {
		size_t head = tcp ? 20 : 8;

		for (int side = 0; side < 2; side++) {
			const char *carried = side ? after_text : text;

			block = packet_take(block, side, "call 3; changed: messages changed",
					    side, &packet, &len);
			assert_int_equal(len, 20 + head + strlen(carried));
			assert_int_equal(packet[2] << 8 | packet[3], len);
			assert_memory_equal(packet + 12, side ? "\xcb\0\x71\x63" : "\xc0\xa8\1\2",
					    4);
			assert_int_equal(packet[20] << 8 | packet[21], side ? 5061 : 5060);
			assert_memory_equal(packet + 20 + head, carried, strlen(carried));
			assert_int_equal(sum_of(0, packet, 20), 0);
			assert_int_equal(sum_of(packet[9] + len - 20 + (packet[12] << 8) +
						packet[13] + (packet[14] << 8) + packet[15] +
						(packet[16] << 8) + packet[17] +
						(packet[18] << 8) + packet[19],
						packet + 20, len - 20), 0);
		}
	}
	/* It came from the outside, and went on as it was. */
	for (int side = 1; side >= 0; side--) {
		block = packet_take(block, side, "7 messages before it are missing; call 3; "
				    "observed: messages that observe mode would have changed",
				    !side, &packet, &len);
		assert_memory_equal(packet + 28, text, strlen(text));
	}
	assert_int_equal(block - bytes, end);
}

/* Two messages of a call, and one of another. */
static void add_rungs(void)
{
	static struct edit changes[] = {
		{ .offset = 4, .length = 3, .text = "x", .text_len = 1 },
		{ .offset = 24, .length = 1, .text = "x", .text_len = 1 },
		{ .offset = 25, .length = 1, .text = "x", .text_len = 1 },
	};
	struct sip_message *message = add_message(SIPALG_STAT_CHANGED);

	message->source_after = (struct endpoint){ IPV4(203, 0, 113, 99), 5061 };
	message->target_after = message->target;
	message->edits = changes;
	message->n_edits = 3;
	message->time = 1000000000;
	add_message(SIPALG_STAT_CHANGED)->call = 4;
	message = add_message(SIPALG_STAT_UNCHANGED);
	message->source = message->target;
	message->target = (struct endpoint){ IPV4(203, 0, 113, 99), 5061 };
	message->source_after = message->source;
	message->target_after = (struct endpoint){ IPV4(192, 168, 1, 2), 5060 };
	message->text = "SIP/2.0 200 O\033K";
	message->len = strlen(message->text);
	message->n_edits = 0;
	message->time = 1132000000;
}

static void test_trace(void **state)
{
	(void)state;
	add_rungs();
	RUN("call", "trace", "id", "3");
	assert_ran(0, "  SECONDS      STEP INSIDE                   ROUTER                   OUTSIDE"
		   "              MESSAGE\n"
		   "    0.000    +0.000 192.168.1.2:5060     --> 203.0.113.99:5061    --> "
		   "203.0.113.10:5060    BYE sip:b SIP/2.0\n"
		   "                    changed: start-line Via\n"
		   "    0.132    +0.132 192.168.1.2:5060     <-- 203.0.113.99:5061    <-- "
		   "203.0.113.10:5060    SIP/2.0 200 O?K\n"
		   "                    messages understood, with nothing to change\n", "");
	RUN("-j", "call", "trace", "id", "4");
	assert_contains(ran.out, "\"elapsed_us\":0,\"step_us\":0,\"direction\":");
	assert_contains(ran.out, ",\"start_line\":\"BYE sip:b SIP/2.0\",\"result\":\"changed\","
			"\"doc\":\"messages changed\",\"changed\":[\"Via\"]}]");
}

static void test_trace_wrong(void **state)
{
	(void)state;
	RUN("call", "trace", "id", "9");
	assert_refused(1, "sipalg: no message of call 9 is kept: before the next one, sipalg set "
		       "trace-bytes 1048576");
	RUN("call", "trace");
	assert_refused(2, "sipalg: the number of the call is missing: id NUMBER");
	RUN("call", "trace", "id", "x");
	assert_int_equal(ran.status, 2);
	RUN("call", "trace", "id", "1", "--pcapng");
	assert_refused(2, "sipalg: the file is missing");
	RUN("call", "trace", "id", "1", "--pcapng", "/nowhere/x");
	assert_refused(1, "sipalg: /nowhere/x: No such file or directory");
	fake.refuse = "no";
	RUN("call", "trace", "id", "9");
	assert_refused(1, "sipalg: no");
}

static void test_capture_wrong(void **state)
{
	(void)state;
	RUN("monitor", "--pcapng");
	assert_refused(2, "sipalg: the file is missing");
	RUN("monitor", "--pcapng", "/nowhere/x");
	assert_refused(1, "sipalg: /nowhere/x: No such file or directory");
	add_message(SIPALG_STAT_CHANGED)->has |= HAS_BIT(SIPALG_MESSAGE_TARGET_PORT_AFTER);
	RUN("monitor", "--pcapng", "/dev/full", "count", "1");
	assert_refused(1, "sipalg: /dev/full: it cannot be written");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_events), TEST(test_events_json), TEST(test_messages), TEST(test_skipped), TEST(test_color),
		TEST(test_messages_json), TEST(test_overrun_alone), TEST(test_filters), TEST(test_wrong),
		TEST(test_refused), TEST(test_log), TEST(test_log_mute), TEST(test_capture), TEST(test_capture_wrong),
		TEST(test_trace), TEST(test_trace_wrong),
	};

	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
