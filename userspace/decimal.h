/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers as text, much faster than snprintf(): lists have millions of them.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdint.h>

/* Longest number of 64 bits, with its zero. */
#define DECIMAL_LEN 21

/**
 * decimal_put() - write a number and a zero
 * @to: where to; room for DECIMAL_LEN bytes
 * @value: the number
 *
 * Return: where the zero is.
 */
static inline char *decimal_put(char *to, uint64_t value)
{
	unsigned int len = 1;
	char *digit;

	for (uint64_t rest = value / 10; rest; rest /= 10)
		len++;
	digit = to + len;
	*digit = '\0';
	while (digit != to) {
		*--digit = '0' + value % 10;
		value /= 10;
	}
	return to + len;
}

#endif /* DECIMAL_H */
