/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is said on stderr.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* MESSAGE_H */
