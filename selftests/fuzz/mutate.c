// SPDX-License-Identifier: GPL-2.0
/*
 * Changes to a message that leave it one more often than chance would: whole
 * lines come, go and change places, and Content-Length is mended. libFuzzer's
 * own mutations do the rest.
 */
#include <stdlib.h>

#include "fuzz.h"

/* Lines of another message are put in by crossing over. */
enum change { COPY_LINE, DROP_LINE, SWAP_LINES, FOLD_LINE, RENAME, N_CHANGES };

struct message {
	u8 *text;
	u32 len;
	u32 room;
};

static u32 state;

/* xorshift32 */
static u32 below(u32 n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (u32)((u64)state * n >> 32);
}

static u32 line_end(const struct message *m, u32 at)
{
	const u8 *end = memchr(m->text + at, '\n', m->len - at);

	return end ? (u32)(end - m->text) + 1 : m->len;
}

/* Any line, mostly not the start line. */
static struct sip_span any_line(const struct message *m)
{
	u32 at = below(m->len), end;

	while (at && m->text[at - 1] != '\n')
		at--;
	end = line_end(m, at);
	if (!at && end < m->len) {
		at = end;
		end = line_end(m, at);
	}
	return (struct sip_span){ at, end - at };
}

/* Puts @len bytes in the place of @where, if there is room. They are not in the message. */
static bool replace(struct message *m, struct sip_span where, const u8 *text, u32 len)
{
	u32 end = where.off + where.len;

	if (m->len - where.len + len > m->room)
		return false;
	memmove(m->text + where.off + len, m->text + end, m->len - end);
	memcpy(m->text + where.off, text, len);
	m->len += len - where.len;
	return true;
}

/* Copies a line to the place before another. */
static void copy_line(struct message *m, const u8 *text, struct sip_span line)
{
	u8 copy[1024];

	if (!line.len || line.len > sizeof(copy))
		return;
	memcpy(copy, text + line.off, line.len);
	replace(m, (struct sip_span){ any_line(m).off, 0 }, copy, line.len);
}

static void swap_lines(struct message *m)
{
	struct sip_span line = any_line(m);
	u8 copy[1024];

	if (line.len > sizeof(copy))
		return;
	memcpy(copy, m->text + line.off, line.len);
	replace(m, line, copy, 0);
	if (m->len)
		replace(m, (struct sip_span){ any_line(m).off, 0 }, copy, line.len);
}

/* Puts a blank, or a line end and a blank, somewhere into a line. */
static void fold_line(struct message *m)
{
	static const char *const folds[] = { " ", "\t", "\r\n ", "\n\t", " \r\n\t " };
	const char *fold = folds[below(ARRAY_SIZE(folds))];
	struct sip_span line = any_line(m);

	if (line.len)
		replace(m, (struct sip_span){ line.off + below(line.len), 0 },
			(const u8 *)fold, (u32)strlen(fold));
}

/* Makes a line one that the core looks at. */
static void rename_line(struct message *m)
{
	static const char *const names[] = {
		"Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "CSeq:", "Contact:",
		"m:", "Route:", "Record-Route:", "Path:", "Refer-To:", "r:", "Expires:", "x:", "Session-Expires:",
		"Authorization:", "Proxy-Authorization:", "Content-Length:", "l:",
		"Content-Type:", "c:", "Content-Encoding:", "e:", "Identity:", "Identity-Info:",
		"Subject:", "o=", "c=", "m=", "a=", "v=", "a=rtcp:", "--b", "Content-Type: ",
	};
	const char *name = names[below(ARRAY_SIZE(names))];
	struct sip_span line = any_line(m);
	const u8 *text = m->text + line.off, *end;

	end = memchr(text, ':', line.len);
	if (!end)
		end = memchr(text, '=', line.len);
	if (end)
		replace(m, (struct sip_span){ line.off, (u32)(end - text) + 1 },
			(const u8 *)name, (u32)strlen(name));
}

/* Makes the first Content-Length say how long the body is. */
static void mend_length(struct message *m)
{
	u32 at = line_end(m, 0), value = 0, digits = 0, end, n;
	u8 number[10];

	for (; at < m->len; at = end) {
		const u8 *line = m->text + at;

		end = line_end(m, at);
		if (end - at <= 2 && (*line == '\n' || *line == '\r'))
			break;
		if (value || end - at < 4)
			continue;
		if ((line[0] | 0x20) == 'l' && line[1] == ':')
			value = at + 2;
		else if (end - at > 16 && (line[8] | 0x20) == 'l' && line[14] == ':')
			value = at + 15;
	}
	if (!value || at == m->len)
		return;
	while (m->text[value] == ' ')
		value++;
	while (m->text[value + digits] >= '0' && m->text[value + digits] <= '9')
		digits++;
	n = sip_format_number(m->len - end, number);
	replace(m, (struct sip_span){ value, digits }, number, n);
}

static void change_message(struct message *m)
{
	if (!m->len || below(2)) {
		m->len = (u32)LLVMFuzzerMutate(m->text, m->len, m->room);
		return;
	}
	switch (below(N_CHANGES)) {
	case COPY_LINE:
		copy_line(m, m->text, any_line(m));
		break;
	case DROP_LINE:
		replace(m, any_line(m), m->text, 0);
		break;
	case SWAP_LINES:
		swap_lines(m);
		break;
	case FOLD_LINE:
		fold_line(m);
		break;
	case RENAME:
		rename_line(m);
		break;
	}
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed)
{
	struct message m;

	state = seed | 1;
	if (size < control_len || max_size <= control_len)
		return LLVMFuzzerMutate(data, size, max_size);
	m.text = data + control_len;
	m.len = (u32)(size - control_len);
	m.room = (u32)(max_size - control_len);
	do {
		if (control_len && !below(4))
			data[below((u32)control_len)] = (u8)below(256);
		else
			change_message(&m);
	} while (!below(3));
	if (m.len && below(4))
		mend_length(&m);
	return control_len + m.len;
}

/* A message with some lines of another. */
size_t LLVMFuzzerCustomCrossOver(const u8 *a, size_t a_size, const u8 *b, size_t b_size,
				 u8 *out, size_t max_size, unsigned int seed)
{
	struct message m, other;
	u32 i;

	state = seed | 1;
	if (a_size <= control_len || b_size <= control_len || a_size > max_size)
		return 0;
	memcpy(out, a, a_size);
	m.text = out + control_len;
	m.len = (u32)(a_size - control_len);
	m.room = (u32)(max_size - control_len);
	other.text = (u8 *)b + control_len;
	other.len = (u32)(b_size - control_len);
	for (i = 1 + below(3); i; i--)
		copy_line(&m, other.text, any_line(&other));
	if (below(4))
		mend_length(&m);
	return control_len + m.len;
}
