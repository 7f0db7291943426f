// SPDX-License-Identifier: GPL-2.0
/*
 * The classes of characters that scan.h looks for.
 */
#include "scan.h"

#define TOKEN	SCAN_TOKEN
#define BOTH	(SCAN_TOKEN | SCAN_HOST)

const u8 sip_class[256] = {
	['0' ... '9'] = BOTH,
	['A' ... 'Z'] = BOTH,
	['a' ... 'z'] = BOTH,
	['-'] = BOTH,
	['.'] = BOTH,
	['_'] = BOTH,
	['!'] = TOKEN,
	['%'] = TOKEN,
	['*'] = TOKEN,
	['+'] = TOKEN,
	['`'] = TOKEN,
	['\''] = TOKEN,
	['~'] = TOKEN,
	[';'] = SCAN_BREAK,
	[','] = SCAN_BREAK,
	['"'] = SCAN_BREAK,
	['('] = SCAN_BREAK,
};
