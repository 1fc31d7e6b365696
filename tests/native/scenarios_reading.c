/* What is noticed, how far one reading goes, and what libwayland says in words. */
#include "fake_library.h"
#include "scenarios.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = sizeof(journal_header), PLENTY = 64 << 20 };

static const struct wl_message mode = {"mode", "uiii", NULL};
static const struct wl_message done = {"done", "", NULL};

static journal *j;
static int peer;
static journal_object *target;

static void tell(uint8_t byte)
{
	journal_argument arguments[] = {{.u = 1}, {.i = 1920}, {.i = 1080}, {.i = byte}};

	fake_tell(target, byte == 'd' ? &done : &mode, arguments);
}

static void begin(void)
{
	j = fake_open(PLENTY, &peer);
	CHECK(j);
	target = fake_object(j);
	fake.tell = tell;
}

static void end(void)
{
	CHECK(!fake.prepared);
	check_journal(j);
	journal_close(j);
	close(peer);
}

static int read_all(const char *bytes, size_t budget)
{
	CHECK(write(peer, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
	CHECK(journal_prepare(j) == 0);
	return journal_read(j, budget);
}

void watched_messages_are_noticed(void)
{
	const journal_notable *notables;

	begin();
	for (uint64_t k = 1; k <= 1000; k++)
		CHECK(journal_watch(j, k << 20, JOURNAL_DESTRUCTOR) == 0);
	CHECK(journal_watch(j, 0, JOURNAL_HANDLER) < 0);
	CHECK(journal_watch(j, (uintptr_t)&done, JOURNAL_HANDLER) == 0);
	CHECK(journal_watch(j, (uintptr_t)&done, JOURNAL_GROUP_END) == 0);
	tell('m');
	tell('d');
	CHECK(journal_notables(j, &notables) == 1);
	CHECK(notables[0].index == 1 && notables[0].offset == HEADER + 16);
	CHECK(notables[0].reasons == JOURNAL_GROUP_END);
	CHECK(journal_watch(j, (uintptr_t)&done, 0) == 0);
	tell('d');
	CHECK(journal_notables(j, &notables) == 1);
	end();
}

void everything_can_be_noticed(void)
{
	const journal_notable *notables;

	begin();
	journal_watch_everything(j, 1);
	tell('m');
	tell('d');
	journal_watch_everything(j, 0);
	tell('m');
	CHECK(journal_notables(j, &notables) == 2);
	CHECK(notables[1].reasons == JOURNAL_HANDLER);
	end();
}

void reading_goes_on_while_more_lies_ready(void)
{
	begin();
	CHECK(read_all("mmmmmmm", PLENTY) == 0);
	CHECK(journal_count(j) == 7);
	CHECK(fake.reads == 7);
	CHECK(journal_prepare(j) == 0);
	journal_cancel(j);
	end();
}

void reading_stops_at_what_somebody_waits_for(void)
{
	begin();
	CHECK(journal_watch(j, (uintptr_t)&done, JOURNAL_GROUP_END) == 0);
	CHECK(read_all("mmdmm", PLENTY) == 0);
	CHECK(journal_count(j) == 3);
	journal_reset(j);
	CHECK(read_all("", PLENTY) == 0);
	CHECK(journal_count(j) == 2);
	end();
}

void reading_stops_at_the_budget(void)
{
	begin();
	CHECK(read_all("mmmmm", 2 * (HEADER + 16)) == 0);
	CHECK(journal_count(j) == 2);
	end();
}

void errors_are_passed_on(void)
{
	const char *interface = "nothing was said";
	uint32_t id = 0;

	begin();
	CHECK(read_all("mm", PLENTY) == 0);
	close(peer);
	CHECK(journal_prepare(j) == 0);
	CHECK(journal_read(j, PLENTY) < 0);
	CHECK(journal_error(j) == EPIPE);
	CHECK(journal_dispatch(j) < 0);
	CHECK(journal_protocol_error(j, &interface, &id) == 77);
	CHECK(!interface && id == 9);
	CHECK(journal_flush(j) == 5);
	CHECK(journal_count(j) == 2);
	peer = new_descriptor();
	end();
}

static void say(const char *format, ...)
{
	void (*handler)(const char *, va_list) = (void (*)(const char *, va_list))fake.log_handler;
	va_list arguments;

	va_start(arguments, format);
	handler(format, arguments);
	va_end(arguments);
}

void log_text_is_bounded(void)
{
	char text[8192];

	CHECK(journal_take_log(text, sizeof text) == 0);
	say("%s#%d: error %d\n", "wl_registry", 2, 0);
	say("%s", "");
	say("again");
	CHECK(journal_take_log(text, sizeof text) == 28);
	CHECK(!memcmp(text, "wl_registry#2: error 0\nagain", 28));
	for (int k = 0; k < 10000; k++)
		say("%d %s\n", k, "of many");
	CHECK(journal_take_log(text, sizeof text) == 4095);
	CHECK(!memcmp(text, "0 of many\n1 of many\n", 20));
	say("%s", "cut off");
	CHECK(journal_take_log(text, 3) == 3);
	CHECK(!memcmp(text, "cut", 3));
	CHECK(journal_take_log(text, sizeof text) == 0);
}

void a_library_with_a_gap_is_refused(void)
{
	for (size_t k = 0; k < sizeof(journal_library_pointers) / sizeof(void *); k++) {
		journal_library_pointers gap = *fake_pointers();

		((void **)&gap)[k] = NULL;
		CHECK(journal_use_pointers(&gap) < 0);
	}
}
