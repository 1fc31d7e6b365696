/* Records with mutated bytes: the index and the runs stay within what they were given. */
#include "fake_library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = sizeof(journal_header), RECORDS = 60 };

typedef struct {
	uint8_t *data;
	size_t length;
} packed;

static void tell_some(journal_object *target)
{
	static const struct wl_message mode = {"mode", "uiii", NULL};
	static const struct wl_message name = {"name", "s", NULL};
	static const struct wl_message done = {"done", "", NULL};
	journal_argument numbers[] = {{.u = 1}, {.i = 2}, {.i = 3}, {.i = 4}};
	journal_argument text = {.s = &"HEADLESS"[chance(8)]};

	for (uint32_t k = chance(6); k; k--)
		fake_tell(target, &mode, numbers);
	fake_tell(target, &name, &text);
	fake_tell(target, &done, NULL);
}

/* Exactly as long as it says, so that one byte too far is seen. */
static packed record_some(void)
{
	int peer;
	journal *j = fake_open(1 << 20, &peer);
	journal_object *targets[] = {fake_object(j), fake_object(j)};
	packed records;

	while (journal_count(j) < RECORDS)
		tell_some(targets[chance(2)]);
	records.length = journal_length(j);
	records.data = malloc(records.length);
	CHECK(records.data);
	memcpy(records.data, journal_data(j), records.length);
	journal_close(j);
	close(peer);
	return records;
}

static packed mutated(packed records)
{
	packed mutant = {NULL, chance(4) ? records.length : chance((uint32_t)records.length)};

	mutant.data = malloc(mutant.length + !mutant.length);
	CHECK(mutant.data);
	memcpy(mutant.data, records.data, mutant.length);
	for (uint32_t k = mutant.length ? chance(6) : 0; k; k--)
		mutant.data[chance((uint32_t)mutant.length)] ^= (uint8_t)(1 << chance(8));
	if (mutant.length > HEADER && !chance(4)) {
		uint32_t lies[] = {0, 27, 28, UINT32_MAX, (uint32_t)mutant.length, 1u << 31};

		memcpy(mutant.data + HEADER - 4, &lies[chance(LENGTH(lies))], 4);
	}
	return mutant;
}

static uint32_t check_index(packed mutant, uint32_t room)
{
	uint32_t *offsets = malloc((room + !room) * sizeof *offsets);
	uint32_t count = journal_index(mutant.data, mutant.length, offsets, room);

	CHECK(count <= room);
	CHECK(!count || offsets[0] == 0);
	for (uint32_t k = 0; k < count; k++) {
		uint32_t size = u32_at(mutant.data + offsets[k] + HEADER - 4);

		CHECK(size >= HEADER && size <= mutant.length - offsets[k]);
		CHECK(k + 1 == count || offsets[k + 1] == offsets[k] + size);
	}
	free(offsets);
	return count;
}

static void check_run(packed mutant, const journal_run *run, uint32_t index)
{
	journal_header header;

	CHECK(run->count && run->index == index);
	CHECK((uint64_t)run->size * run->count <= mutant.length - run->offset);
	for (uint32_t k = 0; k < run->count; k++) {
		memcpy(&header, mutant.data + run->offset + k * run->size, sizeof header);
		CHECK(header.message == run->message && header.serial == run->serial);
		CHECK(header.size == run->size);
	}
}

static uint32_t check_runs(packed mutant, uint32_t room)
{
	journal_run *runs = malloc(room * sizeof *runs);
	uint32_t index = 0, seen = 0, count;
	size_t from = 0;

	CHECK(runs);
	while ((count = journal_runs(mutant.data, mutant.length, &from, &index, runs, room))) {
		CHECK(count <= room);
		for (uint32_t k = 0; k < count; k++) {
			check_run(mutant, &runs[k], seen);
			seen += runs[k].count;
		}
		CHECK(index == seen && from <= mutant.length);
	}
	free(runs);
	return seen;
}

void run_packed(uint32_t seed, uint32_t count)
{
	fake_begin();
	for (uint32_t k = 0; k < count; k++) {
		packed records, mutant;

		chance_seed((uint64_t)seed << 32 | k);
		snprintf(check_subject, sizeof check_subject, "packed, seed %u, mutant %u", seed, k);
		records = record_some();
		mutant = mutated(records);
		check_index(mutant, chance(RECORDS));
		CHECK(check_runs(records, 1 + chance(9)) == check_index(records, 4 * RECORDS));
		CHECK(check_runs(mutant, 1 + chance(9)) == check_index(mutant, 4 * RECORDS));
		free(records.data);
		free(mutant.data);
	}
}
