// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU plugin that notes each block of guest instructions which runs between two
 * functions of the program that sends.
 *
 * QEMU calls it "-plugin blocks.so,out=FILE,begin=ADDRESS,end=ADDRESS"; the addresses are
 * those of the two functions. FILE gets struct block after struct block; one whose start
 * is 0 stands where the first function was entered.
 *
 * What is needed of QEMU's qemu-plugin.h is declared here: few distributions package it.
 */
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((__visibility__("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* The callback reads and writes no registers. */
#define NO_REGS 0

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int, void *), int regs, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
				    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

/* QEMU from 9 on takes no plugin of the first version. */
EXPORT int qemu_plugin_version = PLUGIN_VERSION;

struct block {
	uint64_t start;
	uint64_t end;
	uint64_t n_insns;
};

static uint64_t begin, end;
static bool noting;
static FILE *out;

static void note(unsigned int cpu, void *data)
{
	static const struct block mark;
	const struct block *block = data;

	(void)cpu;
	if (block->start == begin) {
		fwrite(&mark, sizeof(mark), 1, out);
		noting = true;
	} else if (block->start == end) {
		noting = false;
	}
	if (noting)
		fwrite(block, sizeof(*block), 1, out);
}

/* QEMU may translate a block anew whenever it likes: so they are never freed. */
static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *block = malloc(sizeof(*block));
	struct qemu_plugin_insn *last;

	(void)id;
	if (!block)
		abort();
	block->n_insns = qemu_plugin_tb_n_insns(tb);
	block->start = qemu_plugin_tb_vaddr(tb);
	last = qemu_plugin_tb_get_insn(tb, block->n_insns - 1);
	block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, note, NO_REGS, block);
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	if (fclose(out))
		perror("blocks");
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "wb");
		else if (!strncmp(argv[i], "begin=", 6))
			begin = strtoull(argv[i] + 6, NULL, 16);
		else if (!strncmp(argv[i], "end=", 4))
			end = strtoull(argv[i] + 4, NULL, 16);
	}
	if (!out || !begin || !end)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
