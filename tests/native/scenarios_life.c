/* What is owned by whom, and what happens when there is no more room. */
#include "fake_library.h"
#include "scenarios.h"

#include <fcntl.h>
#include <unistd.h>

enum { HEADER = sizeof(journal_header), PLENTY = 64 << 20 };

static const struct wl_message offer = {"offer", "n", NULL};
static const struct wl_message keymap = {"keymap", "uhu", NULL};
static const struct wl_message delivery = {"delivery", "hsnh", NULL};

static journal *j;
static int peer;

static journal_object *begin(size_t limit)
{
	j = fake_open(limit, &peer);
	return j ? fake_object(j) : NULL;
}

static void end(void)
{
	if (j) {
		check_journal(j);
		journal_close(j);
	}
	close(peer);
}

static journal_object *tell_offer(journal_object *target)
{
	journal_argument argument = {.o = fake_proxy()};
	size_t start = journal_length(j);
	uint64_t address;

	fake_tell(target, &offer, &argument);
	CHECK(header_of(j, start).size == HEADER + 12);
	__builtin_memcpy(&address, journal_data(j) + start + HEADER + 4, sizeof address);
	CHECK(journal_object_at(address)->serial == u32_at(journal_data(j) + start + HEADER));
	return journal_object_at(address);
}

static int tell_keymap(journal_object *target)
{
	int fd = new_descriptor();
	journal_argument arguments[] = {{.u = 1}, {.h = fd}, {.u = 4096}};

	fake_tell(target, &keymap, arguments);
	return fd;
}

static void tell_delivery(journal_object *target)
{
	journal_argument arguments[] = {{.h = new_descriptor()}, {.s = "text \xff"},
					{.o = fake_proxy()}, {.h = new_descriptor()}};

	fake_tell(target, &delivery, arguments);
}

void new_objects_get_serials_and_are_heard(void)
{
	journal_object *target = begin(PLENTY), *child = tell_offer(target);
	journal_object *grandchild = tell_offer(child);
	const journal_notable *notables;
	journal_argument nothing = {.o = NULL};

	CHECK(journal_display(j)->serial == 1 && target->serial == 2);
	CHECK(child->serial == 3 && grandchild->serial == 4);
	CHECK(journal_next_serial(j) == 5);
	CHECK(target->version == 1 && child->version == 1 && grandchild->version == 0);
	CHECK(journal_wire_id(child) != journal_wire_id(grandchild));
	fake_tell(target, &offer, &nothing);
	CHECK(header_of(j, 2 * (HEADER + 12)).version == 2);
	CHECK(u32_at(journal_data(j) + 2 * (HEADER + 12) + HEADER) == 0);
	CHECK(journal_notables(j, &notables) == 3);
	CHECK(notables[1].reasons == JOURNAL_NEW_OBJECT);
	CHECK(journal_next_serial(j) == 5);
	end();
}

void objects_go_in_any_order(void)
{
	journal_object *objects[40];

	begin(PLENTY);
	for (size_t k = 0; k < LENGTH(objects); k++)
		objects[k] = fake_object(j);
	for (size_t left = LENGTH(objects); left > 5; left--) {
		size_t picked = chance((uint32_t)left);

		journal_destroy(j, objects[picked]);
		objects[picked] = objects[left - 1];
	}
	journal_destroy(j, journal_display(j));
	CHECK(fake.live_proxies == 5 + 1);
	CHECK(journal_wire_id(journal_display(j)) == 1);
	end();
}

void descriptors_belong_to_whoever_resets(void)
{
	journal_object *target = begin(PLENTY);
	const int *descriptors;
	int told[100];

	for (size_t k = 0; k < LENGTH(told); k++)
		told[k] = tell_keymap(target);
	CHECK(journal_descriptors(j, &descriptors) == LENGTH(told));
	for (size_t k = 0; k < LENGTH(told); k++)
		CHECK(descriptors[k] == told[k]);
	check_journal(j);
	journal_reset(j);
	CHECK(journal_descriptors(j, &descriptors) == 0 && journal_length(j) == 0);
	end();
	for (size_t k = 0; k < LENGTH(told); k++)
		CHECK(close(told[k]) == 0);
}

void descriptors_not_taken_are_closed(void)
{
	journal_object *target = begin(PLENTY);
	int fd = tell_keymap(target);

	end();
	CHECK(fcntl(fd, F_GETFD) < 0);
}

void a_full_journal_says_so_and_keeps_nothing_more(void)
{
	size_t size = HEADER + 12;
	journal_object *target = begin(10 * size + 5);
	int before;

	while (journal_status(j) == JOURNAL_OK)
		tell_keymap(target);
	CHECK(journal_status(j) == JOURNAL_FULL);
	CHECK(journal_count(j) == 10 && journal_length(j) == 10 * size);
	before = open_descriptors();
	tell_delivery(target);
	CHECK(open_descriptors() == before);
	CHECK(journal_count(j) == 10 && target->version == 10);
	end();
}

/* A life with everything in it; none of its claims may depend on memory. */
static void live(void)
{
	journal_object *target = begin(PLENTY), *child;

	if (j && target) {
		for (uint64_t k = 1; k <= 130; k++)
			journal_watch(j, k << 3, JOURNAL_HANDLER);
		for (int k = 0; k < 70; k++)
			tell_delivery(target);
		child = fake_object(j);
		if (child)
			journal_destroy(j, child);
		CHECK(journal_status(j) != JOURNAL_OK || journal_count(j) == 70);
		CHECK(journal_status(j) == JOURNAL_OK || journal_status(j) == JOURNAL_NO_MEMORY);
	}
	end();
}

void every_allocation_may_fail(void)
{
	int before = open_descriptors();
	long allocations = 0;

	do {
		fake.allocations_left = allocations++;
		live();
		CHECK(open_descriptors() == before);
		CHECK(fake.live_proxies == 0 && fake.live_displays == 0);
	} while (fake.allocations_left < 0);
	CHECK(allocations > 70);
}

void a_refused_dispatcher_leaks_no_proxy(void)
{
	journal_object *target = begin(PLENTY);
	journal_argument argument = {.o = fake_proxy()};

	fake.refuses_dispatcher = 1;
	CHECK(!fake_object(j));
	fake_tell(target, &offer, &argument);
	CHECK(u32_at(journal_data(j) + HEADER) == 0);
	CHECK(journal_status(j) == JOURNAL_NO_MEMORY);
	CHECK(fake.live_proxies == 1);
	fake.refuses_request = 1;
	CHECK(!fake_object(j));
	end();
}

void a_refused_connection_closes_the_descriptor(void)
{
	int before = open_descriptors();

	fake.refuses_connection = 1;
	begin(PLENTY);
	CHECK(!j);
	end();
	CHECK(open_descriptors() == before);
}
