// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

static void say(const char *prefix, const char *format, va_list args)
{
	int err = errno;

	fputs(prefix, stderr);
	/* For %m. */
	errno = err;
	vfprintf(stderr, format, args);
	putc('\n', stderr);
}

/**
 * complain() - tell why it was not done
 * @format: as for printf(), without the line's end
 */
void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("sipalg: ", format, args);
	va_end(args);
}

/**
 * note() - tell what one should know though it was done
 * @format: as for printf(), without the line's end
 */
void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("sipalg: note: ", format, args);
	va_end(args);
}
