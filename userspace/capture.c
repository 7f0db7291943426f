// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "counters.h"
#include "packet.h"
#include "pcapng.h"
#include "report.h"
#include "sip_message.h"
#include "version.h"

/* Directions of TCP connections whose numbers are known at a time. */
#define STREAMS_MAX 1024

enum { INSIDE, OUTSIDE };

/* One direction of a TCP connection, and the number of its next byte. */
struct stream {
	struct endpoint source, target;
	uint32_t next;
};

/**
 * struct capture - a file of packets
 * @path: its name
 * @file: the file
 * @streams: directions of TCP connections; the oldest is replaced
 * @n_streams: how many there have been
 * @failed: a message is missing
 * @packet: room to make a packet in
 */
struct capture {
	const char *path;
	FILE *file;
	struct stream streams[STREAMS_MAX];
	size_t n_streams;
	bool failed;
	uint8_t packet[PACKET_TEXT_MAX + PACKET_HEADERS_MAX];
};

/**
 * capture_open() - begin a capture
 * @path: name of the file, "-" for standard output
 *
 * Return: the capture, or NULL after an error message.
 */
struct capture *capture_open(const char *path)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture)
		goto err;
	capture->path = path;
	capture->file = strcmp(path, "-") ? fopen(path, "we") : stdout;
	if (!capture->file)
		goto err;
	pcapng_begin(capture->file, "sipalg " SIPALG_VERSION);
	pcapng_interface(capture->file, "inside");
	pcapng_interface(capture->file, "outside");
	fflush(capture->file);
	return capture;

err:
	error("%s: %s", path, strerror(errno));
	free(capture);
	return NULL;
}

static struct stream *stream_find(struct capture *capture,
				  const struct endpoint *source,
				  const struct endpoint *target)
{
	size_t count = capture->n_streams < STREAMS_MAX ? capture->n_streams :
							  STREAMS_MAX;
	struct stream *stream;

	for (size_t i = 0; i < count; i++) {
		stream = &capture->streams[i];
		if (!endpoint_compare(&stream->source, source) &&
		    !endpoint_compare(&stream->target, target))
			return stream;
	}
	stream = &capture->streams[capture->n_streams++ % STREAMS_MAX];
	*stream = (struct stream){ *source, *target, 1 };
	return stream;
}

static void comment_write(char *comment, size_t size,
			  const struct sip_message *message)
{
	const char *name = counter_name(message->result);
	const char *doc = counter_doc(message->result);
	int len = 0;

	if (HAS(message, SIPALG_MESSAGE_MISSED))
		len += snprintf(comment, size,
				"%u messages before it are missing; ",
				message->missed);
	if (HAS(message, SIPALG_MESSAGE_CALL))
		len += snprintf(comment + len, size - len, "call %" PRIu64 "; ",
				message->call);
	snprintf(comment + len, size - len, "%s: %s", name ?: "?", doc ?: "?");
}

static void packets_put(struct capture *capture, struct packet packet,
			int side, uint64_t ns, const char *comment)
{
	size_t left = packet.len;
	struct stream *stream = NULL;

	if (packet.proto == IPPROTO_TCP) {
		packet.ack = stream_find(capture, packet.target,
					 packet.source)->next;
		stream = stream_find(capture, packet.source, packet.target);
	}
	do {
		packet.len = left < PACKET_TEXT_MAX ? left : PACKET_TEXT_MAX;
		if (stream) {
			packet.seq = stream->next;
			stream->next += packet.len;
		}
		pcapng_packet(capture->file, side, ns, capture->packet,
			      packet_build(&packet, capture->packet), comment);
		packet.text += packet.len;
		left -= packet.len;
	} while (left && stream);
}

/**
 * capture_message() - add a message, as it came and as it went
 * @capture: the capture
 * @message: the message; one without text or ends is passed over
 *
 * Return: whether it could be written; if not, capture_close() fails.
 */
bool capture_message(struct capture *capture, const struct sip_message *message)
{
	bool changed = message->result == SIPALG_STAT_CHANGED;
	int side = message_is_inward(message) ? OUTSIDE : INSIDE;
	char comment[256], *after;
	size_t len;

	if (!message->len ||
	    !HAS(message, SIPALG_MESSAGE_TARGET_PORT_AFTER))
		return true;
	after = diff_apply(message->text, message->len, message->edits,
			   changed ? message->n_edits : 0, &len);
	if (!after) {
		capture->failed = true;
		return false;
	}
	comment_write(comment, sizeof(comment), message);
	packets_put(capture, (struct packet){
			.proto = message->proto,
			.source = &message->source,
			.target = &message->target,
			.text = message->text,
			.len = message->len,
		    }, side, message->time, comment);
	packets_put(capture, (struct packet){
			.leaves = true,
			.proto = message->proto,
			.source = &message->source_after,
			.target = &message->target_after,
			.text = after,
			.len = len,
		    }, !side, message->time, comment);
	free(after);
	return !fflush(capture->file);
}

/**
 * capture_close() - end a capture
 * @capture: the capture
 *
 * Return: false after an error message if something is not in the file.
 */
bool capture_close(struct capture *capture)
{
	bool failed = capture->failed || ferror(capture->file);

	if (capture->file != stdout && fclose(capture->file))
		failed = true;
	if (failed)
		error("%s: it cannot be written", capture->path);
	free(capture);
	return !failed;
}
