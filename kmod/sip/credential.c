// SPDX-License-Identifier: GPL-2.0
/*
 * Digest credentials (RFC 7616), as far as a change of the message would make
 * them wrong.
 */
#include "credential.h"
#include "param.h"

#define DIGEST_LEN	6	/* of the name of the scheme */

static void add_credentials(struct sip_fields *f, struct sip_span uri)
{
	if (f->msg->n_credentials < SIP_CREDENTIALS_MAX) {
		f->msg->credentials[f->msg->n_credentials++] = uri;
		return;
	}
	f->msg->credentials_cut = true;
	sip_note_fault(&f->msg->faults[SIP_TIER_FIELDS], SIP_TOO_MANY, uri.off);
}

/*
 * Goes on to the next parameter of credentials. Returns its end, 0 where there
 * is none that can be read.
 */
static u32 next_credential(const u8 *text, u32 *at, u32 end)
{
	u32 stop;

	while (*at < end && (text[*at] == ',' || scan_is_blank(text[*at])))
		(*at)++;
	if (*at == end)
		return 0;
	for (stop = *at;;) {
		stop = scan_any(text, stop, end, 0, ',', '"', '"');
		if (stop == end || text[stop] == ',')
			return stop;
		stop = sip_skip_quoted(text, stop + 1, end);
		if (!stop)
			return 0;
	}
}

/*
 * Finds a parameter with a name of three letters. Sets @value to its value,
 * without quotes.
 */
static bool find_param(const u8 *text, u32 at, u32 end, u64 name,
		       struct sip_span *value)
{
	u32 stop;

	for (; (stop = next_credential(text, &at, end)); at = stop) {
		if (!sip_param_is(text, at, stop,
				  scan_fold(scan_word(text, at, stop)), name,
				  3))
			continue;
		*value = sip_param_value(text, at + 3, stop);
		if (value->len > 1 && text[value->off] == '"') {
			value->off++;
			value->len -= 2;
		}
		return true;
	}
	return false;
}

/* Are credentials of the scheme "Digest"? Then parameters follow it. */
static bool is_digest(const u8 *text, u32 at, u32 end)
{
	return SCAN_BEGINS(scan_fold(scan_word(text, at, end)), DIGEST_LEN,
			   'd', 'i', 'g', 'e', 's', 't');
}

static bool is_auth_int(const u8 *text, u32 at)
{
	return scan_fold(scan_load(text + at)) ==
	       SCAN_WORD('a', 'u', 't', 'h', '-', 'i', 'n', 't');
}

/* A quick look: hardly any credentials have it, whatever it stands for. */
static bool has_auth_int(const u8 *text, u32 at, u32 end)
{
	u32 dash = at;

	for (; (dash = scan_find(text, dash, end, '-')) < end; dash++)
		if (dash - at >= 4 && end - dash >= 4 &&
		    is_auth_int(text, dash - 4))
			return true;
	return false;
}

/**
 * sip_read_credentials() - find uri= in digest credentials
 * @f: the fields
 * @at: start of the value of Authorization or Proxy-Authorization
 * @end: its end
 *
 * Odd credentials are for the server to refuse: nothing in them ever changes.
 */
void sip_read_credentials(struct sip_fields *f, u32 at, u32 end)
{
	struct sip_span uri;

	if (is_digest(f->text, at, end) &&
	    find_param(f->text, at + DIGEST_LEN, end, SCAN_WORD('u', 'r', 'i'),
		       &uri))
		add_credentials(f, uri);
}

/**
 * sip_is_body_hashed() - were credentials computed over the body, too?
 * @text: the message
 * @at: start of the value of Authorization or Proxy-Authorization
 * @end: its end
 *
 * RFC 7616, 3.4.3: with qop=auth-int.
 */
bool sip_is_body_hashed(const u8 *text, u32 at, u32 end)
{
	return is_digest(text, at, end) &&
	       sip_is_response_hashed(text, at + DIGEST_LEN, end);
}

/**
 * sip_is_response_hashed() - did the sender of a response sign its body?
 * @text: the message
 * @at: start of the value of Authentication-Info, or Proxy-Authentication-Info
 * @end: its end
 *
 * RFC 7616, 3.5: rspauth covers the body with qop=auth-int.
 */
bool sip_is_response_hashed(const u8 *text, u32 at, u32 end)
{
	struct sip_span qop;

	return has_auth_int(text, at, end) &&
	       find_param(text, at, end, SCAN_WORD('q', 'o', 'p'), &qop) &&
	       qop.len == 8 && is_auth_int(text, qop.off);
}
