/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs other programs.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

int run_program(const char *input, const char *const *argv);

#endif /* PROGRAM_H */
