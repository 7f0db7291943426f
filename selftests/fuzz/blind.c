// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a target without looking at what it reaches, many times as fast as
 * libFuzzer does. It takes the place of libFuzzer's main(), and knows those of its
 * options that are below. What libFuzzer has kept is worth having among the seeds.
 *
 * Each seed is run as it is. Then seed by seed in turn is changed, and what comes
 * of it again, a few times.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define ROOM (32 << 10)

enum {
	GENERATIONS = 6,	/* changes of a seed, one after the other */
	CHUNK_MAX = 64,		/* bytes that come, go or move at a time */
};

struct input {
	u8 *data;
	size_t size;
};

struct inputs {
	struct input *all;
	size_t n;
};

static struct {
	u64 runs;
	u64 max_total_time;
	u64 max_len;
	u64 seed;
	const char *dict;
	const char *artifact_prefix;
} options = { .runs = UINT64_MAX, .max_len = 4096, .seed = 1, .artifact_prefix = "" };

static struct inputs seeds, words;
static u8 current[ROOM];
static size_t current_size;
static volatile u64 n_executed;

/* xorshift64* */
static u32 below(u32 n)
{
	options.seed ^= options.seed >> 12;
	options.seed ^= options.seed << 25;
	options.seed ^= options.seed >> 27;
	return (u32)((options.seed * 0x2545f4914f6cdd1dULL >> 32) * n >> 32);
}

static void die(const char *name)
{
	perror(name);
	exit(2);
}

static void add_input(struct inputs *inputs, const u8 *data, size_t size)
{
	struct input *input;

	inputs->all = realloc(inputs->all, (inputs->n + 1) * sizeof(*inputs->all));
	input = &inputs->all[inputs->n++];
	input->data = malloc(size + 1);
	input->size = size;
	memcpy(input->data, data, size);
}

/* --- a finding --------------------------------------------------------------- */

static void write_number(char *at, u64 number)
{
	u32 i;

	for (i = 16; i--; number >>= 4)
		at[i] = "0123456789abcdef"[number & 15];
}

/* Keeps the input that the target ends at. It may do what a handler may. */
static void keep_current(int sig)
{
	char path[4096 + 32] = "";
	size_t n = strlen(options.artifact_prefix);
	int file;

	memcpy(path, options.artifact_prefix, n);
	memcpy(path + n, "crash-", 6);
	write_number(path + n + 6, options.seed);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (file < 0 || write(file, current, current_size) != (ssize_t)current_size)
		path[0] = '\0';
	dprintf(STDERR_FILENO, "ERROR: signal %d\nTest unit written to %s\n", sig, path);
	_exit(77);
}

/* Has the target gone on since the last time? */
static void look_at_progress(int sig)
{
	static u64 last = UINT64_MAX;

	if (last == n_executed)
		keep_current(sig);
	last = n_executed;
	alarm(20);
}

static void watch(void)
{
	static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], keep_current);
	signal(SIGALRM, look_at_progress);
	alarm(20);
}

/* --- changes ----------------------------------------------------------------- */

static size_t put_in(u8 *data, size_t size, size_t max_size, size_t at, const u8 *text,
		     size_t len)
{
	if (len > max_size - size)
		return size;
	memmove(data + at + len, data + at, size - at);
	memcpy(data + at, text, len);
	return size + len;
}

/* A few bytes of the input, which are taken out of it. */
static size_t take_out(u8 *data, size_t size, size_t *at, u8 *text)
{
	size_t len = 1 + below(below(4) ? 4 : CHUNK_MAX);

	*at = below((u32)size);
	if (len > size - *at)
		len = size - *at;
	memcpy(text, data + *at, len);
	memmove(data + *at, data + *at + len, size - *at - len);
	return len;
}

/* Digits become others, so that numbers stay numbers. */
static void change_digit(u8 *data, size_t size)
{
	size_t at = below((u32)size), end = at + CHUNK_MAX < size ? at + CHUNK_MAX : size;

	for (; at < end; at++) {
		if (data[at] >= '0' && data[at] <= '9') {
			data[at] = (u8)('0' + below(10));
			return;
		}
	}
}

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size)
{
	static const char marks[] = " \t\r\n\";:,<>@=/[]()*%&.-0\\";
	enum { ANY, MARK, BIT_OF, DIGIT, WORD, DROP, COPY, MOVE, N_WAYS };
	u8 text[CHUNK_MAX];
	size_t at, len;

	if (!size)
		return put_in(data, size, max_size, 0, (const u8 *)"S", 1);
	at = below((u32)size);
	switch (below(N_WAYS)) {
	case ANY:
		data[at] = (u8)below(256);
		break;
	case MARK:
		text[0] = (u8)marks[below(sizeof(marks) - 1)];
		if (below(2))
			return put_in(data, size, max_size, at, text, 1);
		data[at] = text[0];
		break;
	case BIT_OF:
		data[at] ^= (u8)(1 << below(8));
		break;
	case DIGIT:
		change_digit(data, size);
		break;
	case WORD:
		if (words.n) {
			const struct input *word = &words.all[below((u32)words.n)];

			return put_in(data, size, max_size, at, word->data, word->size);
		}
		break;
	case DROP:
		return size - take_out(data, size, &at, text);
	case COPY:
		len = take_out(data, size, &at, text);
		size = put_in(data, size - len, max_size, at, text, len);
		return put_in(data, size, max_size, below((u32)size + 1), text, len);
	case MOVE:
		len = take_out(data, size, &at, text);
		size -= len;
		return put_in(data, size, max_size, below((u32)size + 1), text, len);
	}
	return size;
}

/* --- seeds and words --------------------------------------------------------- */

static void read_seed(const char *path)
{
	static u8 data[ROOM];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		die(path);
	size = fread(data, 1, options.max_len, file);
	fclose(file);
	add_input(&seeds, data, size);
}

static void read_seeds(const char *dir)
{
	struct dirent *entry;
	char path[4096];
	DIR *open = opendir(dir);

	if (!open)
		die(dir);
	while ((entry = readdir(open))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		read_seed(path);
	}
	closedir(open);
}

/* Lines as NAME="TEXT", where TEXT has \", \\ and \xHH. */
static void read_words(const char *path)
{
	FILE *file = fopen(path, "r");
	u8 word[CHUNK_MAX];
	char line[1024];

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		const char *at = line[0] == '#' ? NULL : strchr(line, '"');
		size_t n = 0;

		while (at && *++at && *at != '"' && n < sizeof(word)) {
			unsigned int byte = (u8)*at;

			if (*at == '\\' && sscanf(at, "\\x%2x", &byte) == 1)
				at += 3;
			else if (*at == '\\')
				byte = (u8)*++at;
			word[n++] = (u8)byte;
		}
		if (n)
			add_input(&words, word, n);
	}
	fclose(file);
}

static void read_option(const char *arg)
{
	static const struct {
		const char *name;
		u64 *number;
		const char **text;
	} known[] = {
		{ "-runs=", &options.runs, NULL },
		{ "-max_total_time=", &options.max_total_time, NULL },
		{ "-max_len=", &options.max_len, NULL },
		{ "-seed=", &options.seed, NULL },
		{ "-dict=", NULL, &options.dict },
		{ "-artifact_prefix=", NULL, &options.artifact_prefix },
	};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		n = strlen(known[i].name);
		if (strncmp(arg, known[i].name, n))
			continue;
		if (known[i].number)
			*known[i].number = strtoull(arg + n, NULL, 10);
		else
			*known[i].text = arg + n;
	}
}

/* --- running ----------------------------------------------------------------- */

static void run(size_t size)
{
	current_size = size;
	LLVMFuzzerTestOneInput(current, size);
	n_executed++;
}

/* Now and then with lines of another one. */
static size_t change(size_t size)
{
	static u8 before[ROOM];
	const struct input *other;
	size_t crossed;

	if (below(16))
		return LLVMFuzzerCustomMutator(current, size, options.max_len, below(U32_MAX));
	other = &seeds.all[below((u32)seeds.n)];
	memcpy(before, current, size);
	crossed = LLVMFuzzerCustomCrossOver(before, size, other->data, other->size, current,
					    options.max_len, below(U32_MAX));
	return crossed ? crossed : size;
}

static void run_all(void)
{
	time_t end = options.max_total_time ? time(NULL) + (time_t)options.max_total_time : 0;
	size_t i, size;
	u32 generation;

	for (i = 0; i < seeds.n; i++) {
		memcpy(current, seeds.all[i].data, seeds.all[i].size);
		run(seeds.all[i].size);
	}
	for (i = below((u32)seeds.n);; i = (i + 1) % seeds.n) {
		if (n_executed >= options.runs || (end && time(NULL) >= end))
			break;
		size = seeds.all[i].size;
		memcpy(current, seeds.all[i].data, size);
		for (generation = 0; generation < GENERATIONS; generation++) {
			size = change(size);
			run(size);
		}
	}
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			read_option(argv[i]);
	options.seed |= 1;
	if (options.max_len > ROOM)
		options.max_len = ROOM;
	for (i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			read_seeds(argv[i]);
	if (options.dict)
		read_words(options.dict);
	if (!seeds.n) {
		fprintf(stderr, "blind: no seeds\n");
		return 2;
	}
	watch();
	run_all();
	fprintf(stderr, "stat::number_of_executed_units: %llu\nstat::seeds: %zu\n",
		(unsigned long long)n_executed, seeds.n);
	return 0;
}
