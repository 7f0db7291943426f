// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in a byte stream: what a frame finds must not depend on how the text is cut.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "frame.h"

#define START "OPTIONS sip:b@example.com SIP/2.0\r\n"

static const char *const step_names[] = {
	[SIP_FRAME_MORE] = "more",
	[SIP_FRAME_BLANK] = "blank",
	[SIP_FRAME_HEAD] = "head",
	[SIP_FRAME_DONE] = "done",
	[SIP_FRAME_BAD] = "bad",
};

#define assert_step(step, want) assert_string_equal(step_names[step], step_names[want])

static bool is_end(enum sip_frame_event step)
{
	return step == SIP_FRAME_BLANK || step == SIP_FRAME_DONE || step == SIP_FRAME_BAD;
}

static enum sip_frame_event whole(struct sip_frame *frame, struct text text)
{
	sip_frame_begin(frame);
	return sip_frame_next(frame, text.data, text.len);
}

/* Shows ever more of it, each time in front of a page that cannot be read. */
static enum sip_frame_event in_pieces(struct sip_frame *frame, struct text text, u32 first,
				      u32 size)
{
	enum sip_frame_event step = SIP_FRAME_MORE;
	u32 len = first;

	sip_frame_begin(frame);
	for (;; len += size) {
		struct text shown = guard(text.data, len < text.len ? len : text.len);

		step = sip_frame_next(frame, shown.data, shown.len);
		if (len >= text.len || is_end(step))
			return step;
	}
}

static void assert_same(const struct sip_frame *a, const struct sip_frame *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->blank, b->blank);
	assert_int_equal(a->body, b->body);
	assert_int_equal(a->length, b->length);
	assert_int_equal(a->may_have_sdp, b->may_have_sdp);
}

/* However it is cut, the answer is that for the whole. */
static void assert_cuts(struct text text, const char *name)
{
	static const u32 sizes[] = { 1, 2, 3, 7, 64 };
	struct sip_frame one, cut;
	enum sip_frame_event step;
	u32 i;

	step = whole(&one, text);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (in_pieces(&cut, text, sizes[i], sizes[i]) != step)
			fail_msg("%s in pieces of %u", name, sizes[i]);
		assert_same(&one, &cut);
	}
	for (i = 0; i < text.len; i++) {
		if (in_pieces(&cut, text, i, text.len) != step)
			fail_msg("%s cut at %u", name, i);
		assert_same(&one, &cut);
	}
}

static void add(struct text *to, struct text from)
{
	u8 *data = realloc((void *)(uintptr_t)to->data, to->len + from.len);

	memcpy(data + to->len, from.data, from.len);
	to->data = data;
	to->len += from.len;
}

/* A message that was parsed: its length as a frame sees it must be the parser's. */
static void assert_agrees(struct text text, const char *name)
{
	struct sip_frame frame;
	struct sip_msg msg;
	enum sip_frame_event step = whole(&frame, text);

	if (parse(&msg, text) != SIP_OK)
		return;
	if (!msg.n_lengths) {
		assert_step(step, frame.verdict ? SIP_FRAME_BAD : SIP_FRAME_DONE);
		return;
	}
	if (step != SIP_FRAME_DONE)
		fail_msg("%s: %s", name, step_names[step]);
	assert_int_equal(frame.body, msg.body.off);
	assert_int_equal(frame.length, msg.body.len);
	if (msg.sdp.body.len)
		assert_true(frame.may_have_sdp);
}

/* The header section alone, whatever its Content-Length, gives what the whole gives. */
static void assert_head(struct text text, const char *name)
{
	struct sip_msg msg, head;
	struct text shown;
	u32 i;

	(void)name;
	if (parse(&msg, text) != SIP_OK)
		return;
	shown = guard(text.data, msg.body.off);
	memset(&head, 0xa5, sizeof(head));
	assert_string_equal(verdict_names[sip_parse_head(&head, shown.data, shown.len)], "ok");
	assert_int_equal(head.len, msg.body.off);
	assert_int_equal(head.body.len, 0);
	assert_int_equal(head.sdp.body.len, 0);
	assert_int_equal(head.method, msg.method);
	assert_int_equal(head.status, msg.status);
	assert_int_equal(head.n_addr_refs, msg.n_addr_refs);
	for (i = 0; i < msg.n_addr_refs; i++)
		assert_memory_equal(&head.addr_refs[i].host, &msg.addr_refs[i].host,
				    sizeof(msg.addr_refs[i].host));
}

static void each_message(void (*check)(struct text text, const char *name))
{
	static const char *const folders[] = { "", "/rfc4475", "/rfc5118" };
	const char *torture = getenv("SIPALG_CORPUS");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		struct dirent *entry;
		char path[512];
		DIR *dir;

		if (i && !torture)
			continue;
		snprintf(path, sizeof(path), "%s%s", i ? torture : CORPUS, folders[i]);
		dir = opendir(path);
		assert_non_null(dir);
		while ((entry = readdir(dir))) {
			char file[1024];
			struct text text;

			if (entry->d_name[0] == '.' || strstr(entry->d_name, ".golden"))
				continue;
			snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
			text = read_text(file);
			check(text, entry->d_name);
			free((void *)(uintptr_t)text.data);
		}
		closedir(dir);
	}
}

static void corpus_agrees(void **state)
{
	(void)state;
	each_message(assert_agrees);
}

static void corpus_heads(void **state)
{
	static const char huge[] =
		START "Via: SIP/2.0/TCP 192.0.2.1\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\n"
		"Call-ID: c\r\nCSeq: 1 OPTIONS\r\nl: 4294967297\r\n\r\n";
	struct sip_msg msg;

	(void)state;
	each_message(assert_head);
	assert_int_equal(sip_parse_head(&msg, (const u8 *)huge, sizeof(huge) - 1), SIP_OK);
	assert_int_equal(parse(&msg, (struct text){ (const u8 *)huge, sizeof(huge) - 1 }),
			 SIP_BAD_LENGTH);
}

static void corpus_cuts(void **state)
{
	(void)state;
	each_message(assert_cuts);
}

/* Collects all that can stand in a stream, with keep-alives between. */
static struct text stream;
static u32 n_messages;

static void collect(struct text text, const char *name)
{
	struct sip_frame frame;
	struct text rest = text;

	(void)name;
	if (whole(&frame, text) != SIP_FRAME_DONE)
		return;
	rest.len = frame.body + (u32)frame.length;
	add(&stream, rest);
	add(&stream, (struct text){ (const u8 *)"\r\n\r\n", 4 });
	n_messages++;
}

static void one_stream(void **state)
{
	u32 at, n, size;

	(void)state;
	each_message(collect);
	for (size = 1; size < 3000; size += 1 + size / 2) {
		struct sip_frame frame;
		u32 there = size, blanks = 0;

		sip_frame_begin(&frame);
		for (at = 0, n = 0; at < stream.len;) {
			struct text text = guard(stream.data + at, there - at);

			switch (sip_frame_next(&frame, text.data, text.len)) {
			case SIP_FRAME_DONE:
				at += frame.body + (u32)frame.length;
				n++;
				sip_frame_begin(&frame);
				break;
			case SIP_FRAME_BLANK:
				at += frame.blank;
				blanks += frame.blank;
				sip_frame_begin(&frame);
				break;
			case SIP_FRAME_BAD:
				fail_msg("at %u of the stream: %s", at, verdict_names[frame.verdict]);
				break;
			default:
				assert_true(there < stream.len);
				there = there + size < stream.len ? there + size : stream.len;
			}
		}
		assert_int_equal(n, n_messages);
		assert_int_equal(blanks, 4 * n);
	}
	free((void *)(uintptr_t)stream.data);
}

/* Each line alone, as the first of a connection: the verdict, and after how many bytes. */
static void first_lines(void **state)
{
	static const struct {
		const char *text;
		enum sip_frame_event step;
		u32 len;	/* of the text when that was known */
	} cases[] = {
		{ "", SIP_FRAME_MORE, 0 },
		{ "\r\n", SIP_FRAME_BLANK, 1 },
		{ "\n", SIP_FRAME_BLANK, 1 },
		{ "INVITE", SIP_FRAME_MORE, 6 },
		{ "INVITE sip:a@b SIP/2.0\r\n", SIP_FRAME_MORE, 24 },
		{ "INVITE  <sip:a@b> SIP/7.0  \r\n", SIP_FRAME_MORE, 29 },
		{ "N%W-M.e_th+o`d'~!* sip:a SIP/2.0\n", SIP_FRAME_MORE, 33 },
		{ "OPTIONS soap.beep://192.0.2.1 SIP/2.0\n", SIP_FRAME_MORE, 38 },
		{ "SIP/2.0 200 OK\r\n", SIP_FRAME_MORE, 16 },
		{ "sip/3.0 200 OK\r\n", SIP_FRAME_MORE, 16 },
		{ "SIP/\n", SIP_FRAME_BAD, 5 },
		{ " INVITE", SIP_FRAME_BAD, 1 },
		{ "\x16\x03\x01", SIP_FRAME_BAD, 1 },
		{ "\x01\x01\x00\x00", SIP_FRAME_BAD, 1 },
		{ "GET / HTTP/1.1\r\n", SIP_FRAME_BAD, 5 },
		{ "POST /a HTTP/1.1\r\n", SIP_FRAME_BAD, 6 },
		{ "OPTIONS * HTTP/1.1\r\n", SIP_FRAME_BAD, 9 },
		{ "HTTP/1.1 200 OK\r\n", SIP_FRAME_BAD, 5 },
		{ "GET http://a/ HTTP/1.1\r\nVia: a\r\n", SIP_FRAME_BAD, 24 },
		{ "GET http://a/SIP/2.0\r\n", SIP_FRAME_BAD, 22 },
		{ "CONNECT a:443 HTTP/1.1\r\n", SIP_FRAME_BAD, 24 },
		{ "SSH-2.0-OpenSSH_9.2\r\n", SIP_FRAME_BAD, 20 },
		{ "EHLO example.com\r\n", SIP_FRAME_BAD, 17 },
		{ "USER a\r\n", SIP_FRAME_BAD, 7 },
		{ "A b:\r\n", SIP_FRAME_BAD, 6 },
		{ "A :", SIP_FRAME_BAD, 3 },
		{ "A 1b:", SIP_FRAME_BAD, 3 },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SIP_FRAME_BAD,
		  65 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		enum sip_frame_event step = SIP_FRAME_MORE;
		struct text text = { (const u8 *)cases[i].text, (u32)strlen(cases[i].text) };
		struct sip_frame frame;
		u32 len = 0;

		if (i == 13)
			text.len = 4;
		sip_frame_begin(&frame);
		while (len < text.len && step == SIP_FRAME_MORE) {
			struct text shown = guard(text.data, ++len);

			step = sip_frame_next(&frame, shown.data, len);
		}
		if (step != cases[i].step || len != cases[i].len)
			fail_msg("%s: %s after %u", cases[i].text, step_names[step], len);
		if (step == SIP_FRAME_BAD)
			assert_string_equal(verdict_names[frame.verdict], "not-sip");
	}
}

/* Up to the blank behind the method nothing can need a change. */
static void open_text(void **state)
{
	static const char text[] = "SUBSCRIBE sip:b@example.com SIP/2.0";
	struct sip_frame frame;
	u32 len;

	(void)state;
	sip_frame_begin(&frame);
	for (len = 1; len < sizeof(text); len++) {
		assert_step(sip_frame_next(&frame, (const u8 *)text, len), SIP_FRAME_MORE);
		assert_int_equal(sip_frame_is_open(&frame), len < 10);
	}
}

static void lengths(void **state)
{
	static const struct {
		const char *headers;
		const char *verdict;
		u64 length;
	} cases[] = {
		{ "Content-Length: 5\r\n", "ok", 5 },
		{ "CONTENT-length \t:\t 5 \r\n", "ok", 5 },
		{ "l:5\r\n", "ok", 5 },
		{ "L : 005\n", "ok", 5 },
		{ "Content-Length:\r\n 5\r\n", "ok", 5 },
		{ "Content-Length:\n\t5\r\n \r\n", "ok", 5 },
		{ "Subject: x\r\n l: 7\r\nl: 5\r\n", "ok", 5 },
		{ "l: 5\r\nContent-Length: 5\r\n", "ok", 5 },
		{ "X-Content-Length: 5\r\n", "ok", 0 },
		{ "", "ok", 0 },
		{ "Via: SIP/2.0/TCP a\r\n", "ok", 0 },
		{ "l: 4294967297\r\n", "ok", 4294967297 },
		{ "l: 999999999999999999\r\n", "ok", 999999999999999999 },
		{ "l: 00000000000000000005\r\n", "ok", 5 },
		{ "l: 18446744073709551617\r\n", "bad-length", 0 },
		{ "l: 5\r\nl: 6\r\n", "bad-length", 0 },
		{ "l: 5\r\nl: 4294967301\r\n", "bad-length", 0 },
		{ "l: 5\r\nl: \r\n", "bad-length", 0 },
		{ "l:\r\n", "bad-length", 0 },
		{ "l: -5\r\n", "bad-length", 0 },
		{ "l: +5\r\n", "bad-length", 0 },
		{ "l: 5 5\r\n", "bad-length", 0 },
		{ "l: 5, 5\r\n", "bad-length", 0 },
		{ "l: 5;a=b\r\n", "bad-length", 0 },
		{ "l: 0x5\r\n", "bad-length", 0 },
		{ "Content-Type: text/plain\r\n", "bad-length", 0 },
		{ "c: application/sdp\r\n", "bad-length", 0 },
		{ "A: b\r\n\x01: c\r\nl: 5\r\n", "bad-header", 0 },
		{ "A: b\r\n\rl: 5\r\n", "bad-header", 0 },
		{ " l: 5\r\n", "bad-header", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		enum sip_frame_event step, want;
		struct sip_frame frame;
		char lines[512];
		struct text text;

		snprintf(lines, sizeof(lines), START "%s\r\nhello", cases[i].headers);
		text = guard(lines, strlen(lines));
		step = whole(&frame, text);
		if (strcmp(verdict_names[frame.verdict], cases[i].verdict))
			fail_msg("%s: %s", cases[i].headers, verdict_names[frame.verdict]);
		want = frame.verdict ? SIP_FRAME_BAD :
		       cases[i].length > 5 ? SIP_FRAME_HEAD : SIP_FRAME_DONE;
		assert_step(step, want);
		if (!frame.verdict) {
			assert_int_equal(frame.body, text.len - 5);
			assert_int_equal(frame.length, cases[i].length);
		}
		text.data = (const u8 *)strdup(lines);
		assert_cuts(text, cases[i].headers);
		free((void *)(uintptr_t)text.data);
	}
}

static void descriptions(void **state)
{
	static const struct {
		const char *type;
		bool may_have_sdp;
	} cases[] = {
		{ "Content-Type: application/sdp\r\n", true },
		{ "c:application/SDP;x=y\r\n", true },
		{ "Content-Type :\r\n application / sdp \r\n", true },
		{ "c: multipart/mixed;boundary=x\r\n", true },
		{ "c: text/plain\r\nc: application/sdp\r\n", true },
		{ "c: multipart/signed;boundary=x\r\n", false },
		{ "c: multipart/mixed\r\n", false },
		{ "c: application/sdpng\r\n", false },
		{ "c: text/plain\r\n", false },
		{ "c:\r\n", false },
		{ "", false },
	};
	struct sip_frame frame;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START "%sl: 9\r\n\r\n", cases[i].type);
		assert_step(whole(&frame, guard(lines, strlen(lines))), SIP_FRAME_HEAD);
		if (frame.may_have_sdp != cases[i].may_have_sdp)
			fail_msg("%s", cases[i].type);
	}
}

static void too_long(void **state)
{
	u8 *data = malloc(2 * SIP_FRAME_HEAD_MAX);
	struct sip_frame frame;
	u32 len;

	(void)state;
	memset(data, 'x', 2 * SIP_FRAME_HEAD_MAX);
	memcpy(data, START, strlen(START));
	assert_step(whole(&frame, (struct text){ data, SIP_FRAME_HEAD_MAX - 1 }), SIP_FRAME_MORE);
	assert_step(sip_frame_next(&frame, data, SIP_FRAME_HEAD_MAX), SIP_FRAME_BAD);
	assert_string_equal(verdict_names[frame.verdict], "too-long");

	/* A first line that never ends. */
	memcpy(data, "INVITE sip:", 11);
	memset(data + 11, 'x', 100);
	sip_frame_begin(&frame);
	for (len = 1; len < SIP_FRAME_HEAD_MAX; len++)
		assert_step(sip_frame_next(&frame, data, len), SIP_FRAME_MORE);
	assert_step(sip_frame_next(&frame, data, len), SIP_FRAME_BAD);
	assert_string_equal(verdict_names[frame.verdict], "too-long");

	/* One that ends too late, wherever it is cut. */
	memcpy(data, START, strlen(START));
	memcpy(data + SIP_FRAME_HEAD_MAX - 3, "\r\n\r\n", 4);
	assert_step(whole(&frame, (struct text){ data, 2 * SIP_FRAME_HEAD_MAX }), SIP_FRAME_BAD);
	assert_step(in_pieces(&frame, (struct text){ data, 2 * SIP_FRAME_HEAD_MAX }, 100, 100),
		    SIP_FRAME_BAD);
	memcpy(data + SIP_FRAME_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_step(whole(&frame, (struct text){ data, SIP_FRAME_HEAD_MAX }), SIP_FRAME_DONE);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_lines),
		cmocka_unit_test(open_text),
		cmocka_unit_test(lengths),
		cmocka_unit_test(descriptions),
		cmocka_unit_test(too_long),
		cmocka_unit_test(corpus_agrees),
		cmocka_unit_test(corpus_heads),
		cmocka_unit_test(corpus_cuts),
		cmocka_unit_test(one_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
