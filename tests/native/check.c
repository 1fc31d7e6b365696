/* Claims, chance, open descriptors and what holds for every journal at every moment. */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

char check_subject[128];

void check_failed(const char *file, int line, const char *claim)
{
	fprintf(stderr, "%s:%d: %s: not so: %s\n", file, line, check_subject, claim);
	_Exit(1);
}

/* ---- chance: xorshift64*, the same on every machine ---- */

static uint64_t chance_state;

void chance_seed(uint64_t seed)
{
	chance_state = (seed + 1) * 0x9e3779b97f4a7c15u;
}

uint32_t chance(uint32_t below)
{
	chance_state ^= chance_state >> 12;
	chance_state ^= chance_state << 25;
	chance_state ^= chance_state >> 27;
	return (uint32_t)((chance_state * 0x2545f4914f6cdd1du) >> 32) % below;
}

/* ---- descriptors ---- */

int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	CHECK(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

int new_descriptor(void)
{
	int fd = memfd_create("keymap", MFD_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

/* ---- what holds for every journal ---- */

uint32_t u32_at(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof value);
	return value;
}

journal_header header_of(const journal *j, size_t offset)
{
	journal_header header;

	CHECK(offset + sizeof header <= journal_length(j));
	memcpy(&header, journal_data(j) + offset, sizeof header);
	return header;
}

static size_t argument_size(char kind, const uint8_t *at, size_t left)
{
	if (kind == 'n')
		return 12;
	CHECK(left >= 4);
	return kind == 's' || kind == 'a' ? 4 + (size_t)u32_at(at) : 4;
}

static void check_record(const journal *j, size_t offset)
{
	journal_header header = header_of(j, offset);
	const struct wl_message *message = (void *)(uintptr_t)header.message;
	const uint8_t *record = journal_data(j) + offset;
	size_t at = sizeof header;

	CHECK(header.serial);
	CHECK(header.version);
	for (const char *kind = message->signature; *kind; kind++) {
		if (!strchr("iufsonah", *kind))
			continue;
		CHECK(at < header.size);
		at += argument_size(*kind, record + at, header.size - at);
		CHECK(at <= header.size);
	}
	CHECK(at == header.size);
}

static void check_notables(const journal *j, const uint32_t *offsets)
{
	const journal_notable *notables;
	uint32_t count = journal_notables(j, &notables);

	for (uint32_t k = 0; k < count; k++) {
		CHECK(notables[k].index < journal_count(j));
		CHECK(notables[k].offset == offsets[notables[k].index]);
		CHECK(notables[k].reasons);
		CHECK(!k || notables[k].index > notables[k - 1].index);
	}
}

void check_journal(const journal *j)
{
	uint32_t count = journal_count(j);
	uint32_t *offsets = malloc(((size_t)count + 1) * sizeof *offsets);
	size_t end = 0;

	CHECK(offsets);
	CHECK(journal_index(journal_data(j), journal_length(j), offsets, count + 1) == count);
	for (uint32_t k = 0; k < count; k++) {
		CHECK(offsets[k] == end);
		check_record(j, offsets[k]);
		end += header_of(j, offsets[k]).size;
	}
	CHECK(end == journal_length(j));
	check_notables(j, offsets);
	free(offsets);
}
