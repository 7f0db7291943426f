/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages on stderr.
 */
#ifndef REPORT_H
#define REPORT_H

void error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* REPORT_H */
