// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "report.h"

static void say(const char *prefix, const char *format, va_list ap)
{
	int err = errno;

	fputs(prefix, stderr);
	/* For %m. */
	errno = err;
	vfprintf(stderr, format, ap);
	putc('\n', stderr);
}

/**
 * error() - tell why it was not done
 * @format: as for printf(), without the line's end
 */
void error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("sipalg: ", format, ap);
	va_end(ap);
}

/**
 * info() - tell what one should know though it was done
 * @format: as for printf(), without the line's end
 */
void info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("sipalg: info: ", format, ap);
	va_end(ap);
}
