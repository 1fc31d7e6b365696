/* How arguments are packed. */
#include "fake_library.h"
#include "scenarios.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = sizeof(journal_header), PLENTY = 64 << 20 };

static journal *j;
static int peer;

static journal_object *begin(void)
{
	j = fake_open(PLENTY, &peer);
	CHECK(j);
	return fake_object(j);
}

static void end(void)
{
	check_journal(j);
	journal_close(j);
	close(peer);
}

static const uint8_t *packed(size_t offset)
{
	return journal_data(j) + HEADER + offset;
}

void arguments_are_packed_in_order(void)
{
	static const struct wl_message message = {"all", "iufsoah", NULL};
	journal_object *target = begin(), *other = fake_object(j);
	journal_array array = {3, 3, "\1\2\3"};
	int fd = new_descriptor();
	journal_argument arguments[] = {{.i = -5}, {.u = 0xfedcba98}, {.f = 384},
					{.s = "Dell"}, {.o = journal_proxy(other)},
					{.a = &array}, {.h = fd}};
	journal_header header;

	fake_tell(target, &message, arguments);
	header = header_of(j, 0);
	CHECK(HEADER == 28);
	CHECK(header.message == (uintptr_t)&message);
	CHECK(header.serial == target->serial && header.version == 1);
	CHECK(header.size == HEADER + 4 + 4 + 4 + (4 + 5) + 4 + (4 + 3) + 4);
	CHECK(header.time_ns > 0);
	CHECK((int32_t)u32_at(packed(0)) == -5);
	CHECK(u32_at(packed(4)) == 0xfedcba98);
	CHECK(u32_at(packed(8)) == 384);
	CHECK(u32_at(packed(12)) == 5 && !memcmp(packed(16), "Dell", 5));
	CHECK(u32_at(packed(21)) == other->serial);
	CHECK(u32_at(packed(25)) == 3 && !memcmp(packed(29), "\1\2\3", 3));
	CHECK((int)u32_at(packed(32)) == fd);
	end();
}

void versions_and_nulls_in_signatures_are_no_arguments(void)
{
	static const struct wl_message message = {"odd", "12u?s3?oi", NULL};
	journal_object *target = begin();
	journal_argument arguments[] = {{.u = 7}, {.s = "x"}, {.o = NULL}, {.i = 9}};

	fake_tell(target, &message, arguments);
	CHECK(header_of(j, 0).size == HEADER + 4 + 6 + 4 + 4);
	CHECK(u32_at(packed(0)) == 7);
	CHECK(u32_at(packed(14)) == 9);
	end();
}

void nulls_are_packed_as_nothing(void)
{
	static const struct wl_message message = {"nulls", "?s?o?aas", NULL};
	journal_object *target = begin();
	journal_array empty = {0, 0, NULL};
	journal_argument arguments[] = {{.s = NULL}, {.o = NULL}, {.a = NULL},
					{.a = &empty}, {.s = ""}};

	fake_tell(target, &message, arguments);
	CHECK(header_of(j, 0).size == HEADER + 5 * 4 + 1);
	CHECK(u32_at(packed(0)) == 0);
	CHECK(u32_at(packed(4)) == 0);
	CHECK(u32_at(packed(8)) == 0);
	CHECK(u32_at(packed(12)) == 0);
	CHECK(u32_at(packed(16)) == 1 && *packed(20) == 0);
	end();
}

static const struct {
	const char *text;
	int is_malformed;
} texts[] = {
	{"plain", 0}, {"\xc3\xa9", 0}, {"\xe2\x82\xac", 0}, {"\xf0\x9f\x98\x80", 0},
	{"\xef\xbf\xbf", 0}, {"\xf4\x8f\xbf\xbf", 0}, {"\xed\x9f\xbf", 0}, {"\xee\x80\x80", 0},
	{"\x80", 1}, {"\xbf" "a", 1}, {"\xc3", 1}, {"\xc3" "a", 1}, {"\xc0\x80", 1},
	{"\xc1\xbf", 1}, {"\xe0\x80\x80", 1}, {"\xe0\x9f\xbf", 1}, {"\xe2\x82", 1},
	{"\xed\xa0\x80", 1}, {"\xed\xbf\xbf", 1}, {"\xf0\x80\x80\x80", 1},
	{"\xf0\x8f\xbf\xbf", 1}, {"\xf0\x9f\x98", 1}, {"\xf4\x90\x80\x80", 1},
	{"\xf5\x80\x80\x80", 1}, {"\xff", 1}, {"ok \xfe", 1},
};

void malformed_text_is_kept_and_noticed(void)
{
	static const struct wl_message message = {"name", "s", NULL};
	journal_object *target = begin();
	const journal_notable *notables;

	for (size_t k = 0; k < LENGTH(texts); k++) {
		char *exact = strdup(texts[k].text); /* so that reading past its end is seen */
		journal_argument argument = {.s = exact};

		journal_reset(j);
		fake_tell(target, &message, &argument);
		free(exact);
		CHECK(!memcmp(packed(4), texts[k].text, strlen(texts[k].text) + 1));
		CHECK((int)journal_notables(j, &notables) == texts[k].is_malformed);
		CHECK(!texts[k].is_malformed || notables[0].reasons == JOURNAL_MALFORMED);
		CHECK(journal_status(j) == JOURNAL_OK);
	}
	end();
}

void large_arguments_make_the_journal_grow(void)
{
	static const struct wl_message message = {"large", "as", NULL};
	journal_object *target = begin();
	size_t size = 5 << 20;
	char *bytes = malloc(size + 1);
	journal_array array = {size, size, bytes};
	journal_argument arguments[] = {{.a = &array}, {.s = bytes}};

	CHECK(bytes);
	memset(bytes, 'x', size);
	bytes[size] = 0;
	fake_tell(target, &message, arguments);
	fake_tell(target, &message, arguments);
	CHECK(journal_length(j) == 2 * (HEADER + 4 + size + 4 + size + 1));
	CHECK(!memcmp(packed(4), bytes, size));
	CHECK(!memcmp(packed(8 + size), bytes, size + 1));
	free(bytes);
	end();
}

/* The journal begins with 64 KiB; the second record crosses that by every number of bytes. */
void growing_leaves_room_for_the_last_byte(void)
{
	static const struct wl_message blob = {"blob", "a", NULL}, number = {"number", "u", NULL};
	static char bytes[1 << 16];
	journal_argument one = {.u = 1};

	for (size_t before = 0; before <= HEADER + 4; before++) {
		journal_object *target = begin();
		journal_array array = {sizeof bytes - before - HEADER - 4, sizeof bytes, bytes};
		journal_argument filler = {.a = &array};

		fake_tell(target, &blob, &filler);
		CHECK(journal_length(j) == sizeof bytes - before);
		fake_tell(target, &number, &one);
		CHECK(u32_at(packed(sizeof bytes - before)) == 1);
		end();
	}
}

void an_object_argument_names_its_serial(void)
{
	static const struct wl_message message = {"objects", "ooo", NULL};
	journal_object *target = begin(), *own = journal_display(j);
	struct wl_proxy *foreign = fake_proxy();
	journal_argument arguments[] = {{.o = journal_proxy(target)},
					{.o = journal_proxy(own)}, {.o = foreign}};

	fake_tell(target, &message, arguments);
	CHECK(u32_at(packed(0)) == target->serial);
	CHECK(u32_at(packed(4)) == own->serial);
	CHECK(u32_at(packed(8)) == 0);
	end();
	free(foreign);
	fake.live_proxies--;
}
