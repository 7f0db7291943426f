// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "report.h"

/* The program ends when this process does. */
static void program_exec(const char *const *argv, int input)
{
	static const char path[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(input, STDIN_FILENO);
	setenv("PATH", path, 1);
	execvp(*argv, (char *const *)argv);
	error("%s: %m", *argv);
	_exit(127);
}

/*
 * The input is shorter than a pipe holds, so this never waits for the program.
 * EPIPE is no failure: a program that ends without reading says why itself.
 */
static int input_write(int fd, const char *input, size_t len)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	bool written = write(fd, input, len) == (ssize_t)len || errno == EPIPE;

	signal(SIGPIPE, before);
	return written ? 0 : -1;
}

/**
 * run_program() - run another program and wait for it
 * @input: text for its standard input
 * @argv: its command line, NULL at the end
 *
 * Return: 0; or -1 after an error, which is on stderr already.
 */
int run_program(const char *input, const char *const *argv)
{
	size_t len = strlen(input);
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		error("pipe: %m");
		return -1;
	}
	pid = fork();
	if (!pid)
		program_exec(argv, ends[0]);
	close(ends[0]);
	if (pid < 0 || input_write(ends[1], input, len)) {
		error("%s: %m", *argv);
		close(ends[1]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return -1;
	}
	close(ends[1]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}
