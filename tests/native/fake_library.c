/* Stands for libwayland-client; each function keeps the contract that journal.c relies on. */
#define _GNU_SOURCE
#include "fake_library.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct wl_proxy {
	journal_dispatcher dispatcher;
	const void *implementation;
	void *user_data;
	uint32_t id;
};

/* As in libwayland, a display is a proxy whose user data is the display and no journal_object. */
struct wl_display {
	struct wl_proxy proxy;
	int fd;
	uint8_t bytes[64];
	size_t pending;
};

fake_library fake = {.allocations_left = -1};

/* ---- memory that runs out; the linker sends journal.c here ---- */

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *from, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *from, size_t size);

static int is_exhausted(void)
{
	return fake.allocations_left >= 0 && fake.allocations_left-- == 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_exhausted() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *from, size_t size)
{
	return is_exhausted() ? NULL : __real_realloc(from, size);
}

/* ---- displays ---- */

static int own_dispatcher(const void *implementation, void *target, uint32_t opcode,
			  const struct wl_message *message, journal_argument *arguments)
{
	(void)implementation, (void)target, (void)opcode, (void)message, (void)arguments;
	return 0;
}

static struct wl_display *connect_to_fd(int fd)
{
	struct wl_display *display = fake.refuses_connection ? NULL : malloc(sizeof *display);

	if (!display) {
		close(fd);
		return NULL;
	}
	memset(display, 0, sizeof *display);
	display->fd = fd;
	display->proxy.id = 1;
	display->proxy.user_data = display;
	display->proxy.dispatcher = own_dispatcher;
	fake.live_displays++;
	fake.display = display;
	return display;
}

static void disconnect(struct wl_display *display)
{
	CHECK(!fake.prepared);
	close(display->fd);
	free(display);
	fake.live_displays--;
}

static int get_fd(struct wl_display *display)
{
	return display->fd;
}

static int get_error(struct wl_display *display)
{
	(void)display;
	return fake.error;
}

static uint32_t get_protocol_error(struct wl_display *display,
				   const struct wl_interface **interface, uint32_t *id)
{
	(void)display;
	*interface = NULL;
	*id = 9;
	return 77;
}

/* ---- reading ---- */

static int dispatch_pending(struct wl_display *display)
{
	size_t count = display->pending;

	if (fake.error)
		return -1;
	display->pending = 0;
	for (size_t k = 0; k < count; k++)
		fake.tell(display->bytes[k]);
	return (int)count;
}

static int prepare_read(struct wl_display *display)
{
	if (display->pending)
		return -1;
	CHECK(!fake.prepared);
	fake.prepared = 1;
	return 0;
}

static void cancel_read(struct wl_display *display)
{
	(void)display;
	CHECK(fake.prepared);
	fake.prepared = 0;
}

/* Takes one byte, so that more may lie ready when it returns. */
static int read_events(struct wl_display *display)
{
	ssize_t got = recv(display->fd, display->bytes, 1, MSG_DONTWAIT);

	cancel_read(display);
	fake.reads++;
	if (got == 0 || (got < 0 && errno != EAGAIN)) {
		fake.error = EPIPE;
		return -1;
	}
	display->pending = got > 0 ? (size_t)got : 0;
	return 0;
}

static int flush(struct wl_display *display)
{
	(void)display;
	return 5;
}

/* ---- proxies ---- */

struct wl_proxy *fake_proxy(void)
{
	static uint32_t next_id = 2;
	struct wl_proxy *proxy = malloc(sizeof *proxy);

	CHECK(proxy);
	*proxy = (struct wl_proxy){.id = next_id++};
	fake.live_proxies++;
	return proxy;
}

static uint32_t get_id(struct wl_proxy *proxy)
{
	return proxy->id;
}

static void *get_user_data(struct wl_proxy *proxy)
{
	return proxy->user_data;
}

static void destroy(struct wl_proxy *proxy)
{
	free(proxy);
	fake.live_proxies--;
}

static int add_dispatcher(struct wl_proxy *proxy, journal_dispatcher dispatcher,
			  const void *implementation, void *user_data)
{
	if (fake.refuses_dispatcher || proxy->dispatcher)
		return -1;
	proxy->dispatcher = dispatcher;
	proxy->implementation = implementation;
	proxy->user_data = user_data;
	return 0;
}

static struct wl_proxy *marshal(struct wl_proxy *sender, uint32_t opcode,
				const struct wl_interface *interface, uint32_t version,
				uint32_t flags, journal_argument *arguments)
{
	(void)sender;
	(void)opcode;
	(void)version;
	(void)arguments;
	CHECK(!flags);
	return interface && !fake.refuses_request ? fake_proxy() : NULL;
}

static void set_log_handler(void *handler)
{
	fake.log_handler = handler;
}

/* ---- what scenarios use ---- */

const journal_library_pointers *fake_pointers(void)
{
	static journal_library_pointers pointers;
	static const journal_library library = {
		connect_to_fd, disconnect,   get_fd,      get_error,
		get_protocol_error, dispatch_pending, prepare_read, cancel_read,
		read_events,   flush,        get_id,      get_user_data,
		destroy,       add_dispatcher, marshal,   set_log_handler,
	};

	memcpy(&pointers, &library, sizeof pointers);
	return &pointers;
}

void fake_begin(void)
{
	fake = (fake_library){.allocations_left = -1};
	CHECK(journal_use_pointers(fake_pointers()) == 0);
	CHECK(fake.log_handler);
}

void fake_tell(journal_object *target, const struct wl_message *message,
	       journal_argument *arguments)
{
	struct wl_proxy *proxy = journal_proxy(target);

	CHECK(proxy->dispatcher(proxy->implementation, proxy, 0, message, arguments) == 0);
}

journal *fake_open(size_t limit, int *peer)
{
	int ends[2];
	journal *j;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	*peer = ends[1];
	j = journal_open(ends[0], 1, limit);
	return j;
}

journal_object *fake_object(journal *j)
{
	static const struct wl_interface *any = (const void *)"any interface";

	return journal_send(j, journal_display(j), 0, any, 1, NULL);
}
