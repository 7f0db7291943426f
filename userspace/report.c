// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "report.h"

static void line_print(const char *prefix, const char *format, va_list ap)
{
	int err = errno;

	fputs(prefix, stderr);
	/* For %m. */
	errno = err;
	vfprintf(stderr, format, ap);
	putc('\n', stderr);
}

/**
 * error() - print an error message
 * @format: as for printf(), without the line's end
 */
void error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line_print("sipalg: ", format, ap);
	va_end(ap);
}

/**
 * info() - print a note about something that was done
 * @format: as for printf(), without the line's end
 */
void info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line_print("sipalg: note: ", format, ap);
	va_end(ap);
}
