/* The C half of wayfold: a dispatcher that writes events down and runs no Python.
 *
 * One file on purpose, long as it is: all that runs below Python is built, sanitized and read as
 * one thing.
 *
 * Layout of a record: journal_header, then each argument without padding:
 *   i u f h  4 bytes            o  serial of the object, 0 for null, 4 bytes
 *   n        serial, 4 bytes, then the address of its journal_object, 8 bytes
 *   s        length with its NUL, 0 for null, 4 bytes, then the bytes
 *   a        length, 4 bytes, then the bytes
 */
#define _GNU_SOURCE
#include "journal.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct wl_message {
	const char *name;
	const char *signature;
	const void **types;
};

struct wl_interface {
	const char *name;
};

typedef struct {
	uint64_t message;
	uint32_t reasons;
} watched;

struct journal {
	struct wl_display *display;
	journal_object *objects;
	journal_object *own; /* the display's, which is not among the objects */
	uint8_t *data;
	size_t length, room, limit;
	uint32_t count, next_serial;
	int status;
	journal_notable *notables;
	uint32_t notable_count, notable_room;
	int *descriptors;
	uint32_t descriptor_count, descriptor_room;
	watched *watches;
	uint32_t watch_count, watch_room; /* room is a power of two */
	int everything;
	int is_cut_off; /* the compositor hung up in the middle of a message */
	int is_deaf;	/* the compositor reads no more; what it said last may still lie there */
	size_t unsent;	/* bytes, at most, that libwayland holds back */
};

/* libwayland (1.26) sends by itself what would exceed this, WL_BUFFER_DEFAULT_MAX_SIZE. */
enum { UNSENT_LIMIT = 4096 };

static journal_library wl;

/* ---- what libwayland says in words ---- */

static _Thread_local char log_text[4096];
static _Thread_local size_t log_length;

static void hear_log(const char *format, va_list arguments)
{
	size_t room = sizeof log_text - log_length;
	int written = vsnprintf(log_text + log_length, room, format, arguments);

	if (written > 0)
		log_length += (size_t)written < room ? (size_t)written : room - 1;
}

size_t journal_take_log(char *text, size_t size)
{
	size_t length = log_length < size ? log_length : size;

	memcpy(text, log_text, length);
	log_length = 0;
	return length;
}

void journal_use_library(const journal_library *library)
{
	wl = *library;
	wl.log_set_handler_client((void *)hear_log);
}

int journal_use_pointers(const journal_library_pointers *pointers)
{
	void *const *each = (void *const *)pointers;
	journal_library library;

	_Static_assert(sizeof library == sizeof *pointers, "one address for each function");
	for (size_t k = 0; k < sizeof library / sizeof *each; k++)
		if (!each[k])
			return -1;
	memcpy(&library, pointers, sizeof library);
	journal_use_library(&library);
	return 0;
}

/* In the order of journal_library_pointers. */
static const char *const function_names[] = {
	"wl_display_connect_to_fd",
	"wl_display_disconnect",
	"wl_display_get_fd",
	"wl_display_get_error",
	"wl_display_get_protocol_error",
	"wl_display_dispatch_pending",
	"wl_display_prepare_read",
	"wl_display_cancel_read",
	"wl_display_read_events",
	"wl_display_flush",
	"wl_proxy_get_id",
	"wl_proxy_get_user_data",
	"wl_proxy_destroy",
	"wl_proxy_add_dispatcher",
	"wl_proxy_marshal_array_flags",
	"wl_log_set_handler_client",
};

/* Finds libwayland's functions in a shared object or in what that was linked with. It stays open
 * for good, as wl_log_set_handler_client needs. NULL, or what is missing. */
const char *journal_load(const char *path)
{
	journal_library_pointers pointers;
	void **each = (void **)&pointers;
	void *object = dlopen(path, RTLD_LAZY | RTLD_LOCAL);

	_Static_assert(sizeof pointers == sizeof function_names, "one name for each function");
	if (!object)
		return dlerror();
	for (size_t k = 0; k < sizeof function_names / sizeof *function_names; k++) {
		each[k] = dlsym(object, function_names[k]);
		if (!each[k]) {
			dlclose(object);
			return function_names[k];
		}
	}
	journal_use_pointers(&pointers);
	return NULL;
}

/* ---- growing arrays ---- */

static int grow(void **array, uint32_t *room, size_t size)
{
	uint32_t wanted = *room ? *room * 2 : 64;
	void *grown = realloc(*array, wanted * size);

	if (!grown)
		return 0;
	*array = grown;
	*room = wanted;
	return 1;
}

static int make_room(journal *j, size_t size)
{
	size_t room = j->room ? j->room : 1 << 16;
	uint8_t *grown;

	if (size > j->limit || j->length > j->limit - size) {
		j->status = JOURNAL_FULL;
		return 0;
	}
	while (room < j->length + size)
		room *= 2;
	if (room == j->room)
		return 1;
	grown = realloc(j->data, room);
	if (!grown) {
		j->status = JOURNAL_NO_MEMORY;
		return 0;
	}
	j->data = grown;
	j->room = room;
	return 1;
}

static void put(journal *j, const void *from, size_t size)
{
	if (size) {
		memcpy(j->data + j->length, from, size);
		j->length += size;
	}
}

static void put_u32(journal *j, uint32_t value)
{
	put(j, &value, sizeof value);
}

/* ---- objects ---- */

static int write_down(const void *implementation, void *target, uint32_t opcode,
		      const struct wl_message *message, journal_argument *arguments);

static journal_object *attach(journal *j, struct wl_proxy *proxy)
{
	journal_object *object = calloc(1, sizeof *object);

	if (!object)
		return NULL;
	if (wl.proxy_add_dispatcher(proxy, write_down, j, object) < 0) {
		free(object);
		return NULL;
	}
	object->serial = j->next_serial++;
	object->proxy = proxy;
	object->next = j->objects;
	if (j->objects)
		j->objects->previous = object;
	j->objects = object;
	return object;
}

void journal_destroy(journal *j, journal_object *object)
{
	if (object == j->own)
		return;
	wl.proxy_destroy(object->proxy);
	if (object->previous)
		object->previous->next = object->next;
	else
		j->objects = object->next;
	if (object->next)
		object->next->previous = object->previous;
	free(object);
}

uint32_t journal_wire_id(const journal_object *object)
{
	return wl.proxy_get_id(object->proxy);
}

journal_object *journal_object_at(uint64_t address)
{
	return (journal_object *)(uintptr_t)address;
}

void *journal_proxy(const journal_object *object)
{
	return object->proxy;
}

journal_object *journal_display(journal *j)
{
	return j->own;
}

uint32_t journal_next_serial(const journal *j)
{
	return j->next_serial;
}

/* Where libwayland sends by itself and finds the socket closed it reads no more, and the protocol
 * error that lies there is lost: so send before it does. 0, or -1 where nobody would hear. */
int journal_make_way(journal *j, size_t size)
{
	if (j->unsent + size > UNSENT_LIMIT)
		journal_flush(j);
	if (j->is_deaf)
		return -1;
	j->unsent += size;
	return 0;
}

journal_object *journal_send(journal *j, journal_object *sender, uint32_t opcode,
			     const void *interface, uint32_t version, journal_argument *arguments)
{
	struct wl_proxy *made = wl.proxy_marshal_array_flags(sender->proxy, opcode, interface,
							     version, 0, arguments);
	journal_object *object;

	if (!made)
		return NULL;
	object = attach(j, made);
	if (!object)
		wl.proxy_destroy(made);
	return object;
}

/* ---- who must see what at once ---- */

static watched *find_watch(const journal *j, uint64_t message)
{
	uint32_t mask = j->watch_room - 1;
	uint32_t slot = (uint32_t)((message >> 3) * 2654435761u) & mask;

	while (j->watches[slot].message && j->watches[slot].message != message)
		slot = (slot + 1) & mask;
	return &j->watches[slot];
}

static int widen_watches(journal *j)
{
	watched *old = j->watches;
	uint32_t old_room = j->watch_room;
	watched *wider = calloc(old_room ? (size_t)old_room * 2 : 256, sizeof *wider);

	if (!wider)
		return 0;
	j->watches = wider;
	j->watch_room = old_room ? old_room * 2 : 256;
	for (uint32_t k = 0; k < old_room; k++)
		if (old[k].message)
			*find_watch(j, old[k].message) = old[k];
	free(old);
	return 1;
}

int journal_watch(journal *j, uint64_t message, uint32_t reasons)
{
	watched *slot;

	if (!message)
		return -1;
	if ((j->watch_count + 1) * 2 > j->watch_room && !widen_watches(j))
		return -1;
	slot = find_watch(j, message);
	if (!slot->message)
		j->watch_count++;
	slot->message = message;
	slot->reasons = reasons;
	return 0;
}

void journal_watch_everything(journal *j, int everything)
{
	j->everything = everything;
}

static void notice(journal *j, size_t offset, uint32_t reasons)
{
	if (j->notable_count == j->notable_room &&
	    !grow((void **)&j->notables, &j->notable_room, sizeof *j->notables)) {
		j->status = JOURNAL_NO_MEMORY;
		return;
	}
	j->notables[j->notable_count++] =
		(journal_notable){(uint32_t)offset, j->count, reasons};
}

/* ---- writing an event down ---- */

static int is_utf8(const unsigned char *text)
{
	while (*text) {
		unsigned char first = *text++;
		int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
		uint32_t point = first;

		if (!more)
			continue;
		if (first < 0xc2 || first > 0xf4)
			return 0;
		point = first & (0x3f >> more);
		for (int k = 0; k < more; k++, text++) {
			if ((*text & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (*text & 0x3f);
		}
		if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
		    (more == 3 && (point < 0x10000 || point > 0x10ffff)))
			return 0;
	}
	return 1;
}

static uint32_t serial_of(const journal *j, void *proxy)
{
	journal_object *object;

	if (proxy == j->own->proxy) /* whose user data is libwayland's own */
		return j->own->serial;
	object = proxy ? wl.proxy_get_user_data(proxy) : NULL;
	return object ? object->serial : 0;
}

/* Own the descriptor until somebody takes it; 0 when it could only be closed. */
static int keep_descriptor(journal *j, int fd)
{
	if (j->descriptor_count == j->descriptor_room &&
	    !grow((void **)&j->descriptors, &j->descriptor_room, sizeof *j->descriptors)) {
		close(fd);
		j->status = JOURNAL_NO_MEMORY;
		return 0;
	}
	j->descriptors[j->descriptor_count++] = fd;
	return 1;
}

static size_t size_of(char kind, const journal_argument *argument)
{
	switch (kind) {
	case 'n':
		return 12;
	case 's':
		return 4 + (argument->s ? strlen(argument->s) + 1 : 0);
	case 'a':
		return 4 + (argument->a ? argument->a->size : 0);
	default:
		return 4;
	}
}

static uint32_t put_new_object(journal *j, struct wl_proxy *proxy)
{
	journal_object *object = proxy ? attach(j, proxy) : NULL;
	uint64_t address = (uintptr_t)object;

	if (proxy && !object) {
		wl.proxy_destroy(proxy);
		j->status = JOURNAL_NO_MEMORY;
	}
	put_u32(j, object ? object->serial : 0);
	put(j, &address, sizeof address);
	return JOURNAL_NEW_OBJECT;
}

static uint32_t put_text(journal *j, const char *text)
{
	uint32_t size = text ? (uint32_t)strlen(text) + 1 : 0;

	put_u32(j, size);
	put(j, text, size);
	return text && !is_utf8((const unsigned char *)text) ? JOURNAL_MALFORMED : 0;
}

static uint32_t put_argument(journal *j, char kind, const journal_argument *argument)
{
	switch (kind) {
	case 'h':
		put_u32(j, (uint32_t)(keep_descriptor(j, argument->h) ? argument->h : -1));
		return JOURNAL_DESCRIPTOR;
	case 'o':
		put_u32(j, serial_of(j, argument->o));
		return 0;
	case 'n':
		return put_new_object(j, argument->o);
	case 's':
		return put_text(j, argument->s);
	case 'a':
		put_u32(j, argument->a ? (uint32_t)argument->a->size : 0);
		if (argument->a)
			put(j, argument->a->data, argument->a->size);
		return 0;
	default:
		put_u32(j, argument->u);
		return 0;
	}
}

/* In a signature, versions are digits and a nullable argument has a question mark before it. */
static int is_argument(char kind)
{
	return kind >= 'a';
}

/* An event that cannot be written down still gives up what came with it. */
static void give_up(const char *signature, const journal_argument *arguments)
{
	int k = 0;

	for (const char *kind = signature; *kind; kind++) {
		if (!is_argument(*kind))
			continue;
		if (*kind == 'h')
			close(arguments[k].h);
		if (*kind == 'n' && arguments[k].o)
			wl.proxy_destroy(arguments[k].o);
		k++;
	}
}

static uint32_t put_arguments(journal *j, const char *signature, const journal_argument *arguments)
{
	uint32_t reasons = 0;
	int k = 0;

	for (const char *kind = signature; *kind; kind++)
		if (is_argument(*kind))
			reasons |= put_argument(j, *kind, &arguments[k++]);
	return reasons;
}

static size_t packed_size(const char *signature, const journal_argument *arguments)
{
	size_t size = sizeof(journal_header);
	int k = 0;

	for (const char *kind = signature; *kind; kind++)
		if (is_argument(*kind))
			size += size_of(*kind, &arguments[k++]);
	return size;
}

static uint32_t reasons_for(const journal *j, uint64_t message)
{
	uint32_t reasons = j->everything ? JOURNAL_HANDLER : 0;

	if (j->watch_count)
		reasons |= find_watch(j, message)->reasons;
	return reasons;
}

static int write_down(const void *implementation, void *target, uint32_t opcode,
		      const struct wl_message *message, journal_argument *arguments)
{
	journal *j = (journal *)implementation;
	journal_object *object = wl.proxy_get_user_data(target);
	size_t start = j->length, size = packed_size(message->signature, arguments);
	uint32_t reasons;
	struct timespec now;
	journal_header header;

	(void)opcode;
	if (j->status != JOURNAL_OK || !make_room(j, size)) {
		give_up(message->signature, arguments);
		return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	header.time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	header.message = (uintptr_t)message;
	header.serial = object->serial;
	header.version = ++object->version;
	header.size = (uint32_t)size;
	put(j, &header, sizeof header);
	reasons = put_arguments(j, message->signature, arguments) |
		  reasons_for(j, header.message);
	if (reasons)
		notice(j, start, reasons);
	j->count++;
	return 0;
}

/* ---- the connection ---- */

journal *journal_open(int fd, uint32_t first_serial, size_t limit)
{
	journal *j = calloc(1, sizeof *j);

	if (!j) {
		close(fd);
		return NULL;
	}
	j->next_serial = first_serial;
	j->limit = limit < UINT32_MAX ? limit : UINT32_MAX;
	j->display = wl.display_connect_to_fd(fd);
	j->own = j->display ? calloc(1, sizeof *j->own) : NULL;
	if (!j->own) {
		journal_close(j);
		return NULL;
	}
	/* libwayland keeps the display's own dispatcher, so this object is not attached. */
	j->own->serial = j->next_serial++;
	j->own->proxy = (struct wl_proxy *)j->display;
	return j;
}

void journal_close(journal *j)
{
	while (j->objects)
		journal_destroy(j, j->objects);
	if (j->display)
		wl.display_disconnect(j->display);
	for (uint32_t k = 0; k < j->descriptor_count; k++)
		close(j->descriptors[k]);
	free(j->own);
	free(j->data);
	free(j->notables);
	free(j->descriptors);
	free(j->watches);
	free(j);
}

int journal_fd(journal *j)
{
	return wl.display_get_fd(j->display);
}

int journal_prepare(journal *j)
{
	return wl.display_prepare_read(j->display);
}

void journal_cancel(journal *j)
{
	wl.display_cancel_read(j->display);
}

/* A compositor that leaves requests unread leaves ECONNRESET, which libwayland takes for the end of
   everything, with the error that it sent before unread. Behind it there is EPIPE, which it bears. */
static void forget_reset(journal *j)
{
	int error;
	socklen_t size = sizeof error;

	getsockopt(journal_fd(j), SOL_SOCKET, SO_ERROR, &error, &size);
}

int journal_flush(journal *j)
{
	int sent;

	forget_reset(j);
	sent = wl.display_flush(j->display);
	if (sent >= 0)
		j->unsent = 0;
	else if (errno == EPIPE)
		j->is_deaf = 1;
	return sent;
}

int journal_dispatch(journal *j)
{
	return wl.display_dispatch_pending(j->display);
}

int journal_error(journal *j)
{
	int error = wl.display_get_error(j->display);

	return !error && j->is_cut_off ? EPIPE : error;
}

uint32_t journal_protocol_error(journal *j, const char **interface, uint32_t *wire_id)
{
	const struct wl_interface *found = NULL;
	uint32_t code = wl.display_get_protocol_error(j->display, &found, wire_id);

	*interface = found ? found->name : NULL;
	return code;
}

static int is_readable(journal *j)
{
	struct pollfd descriptor = {.fd = journal_fd(j), .events = POLLIN};

	return poll(&descriptor, 1, 0) == 1;
}

/* libwayland (1.26) reports no end of the stream while it holds the start of a message: it would
 * be read for ever, always readable and never anything in it. */
static int is_at_end(journal *j)
{
	char byte;
	ssize_t got = recv(journal_fd(j), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static int hear_hang_up(journal *j)
{
	j->is_cut_off = 1;
	errno = EPIPE;
	return -1;
}

/* Call with a read prepared. Goes on while more lies ready, nobody waits for what came, and
 * less than budget bytes are written down; -1 and errno when libwayland reports an error. */
int journal_read(journal *j, size_t budget)
{
	for (;;) {
		int told = wl.display_read_events(j->display);

		if (told >= 0)
			told = wl.display_dispatch_pending(j->display);
		if (told < 0)
			return -1;
		if (!told && is_at_end(j))
			return hear_hang_up(j);
		if (j->length >= budget || j->notable_count || j->status != JOURNAL_OK)
			return 0;
		while (wl.display_prepare_read(j->display) != 0)
			if (wl.display_dispatch_pending(j->display) < 0)
				return -1;
		if (!is_readable(j)) {
			wl.display_cancel_read(j->display);
			return 0;
		}
	}
}

/* ---- handing it over ---- */

const uint8_t *journal_data(const journal *j)
{
	return j->data;
}

size_t journal_length(const journal *j)
{
	return j->length;
}

uint32_t journal_count(const journal *j)
{
	return j->count;
}

int journal_status(const journal *j)
{
	return j->status;
}

uint32_t journal_notables(const journal *j, const journal_notable **notables)
{
	*notables = j->notables;
	return j->notable_count;
}

uint32_t journal_descriptors(const journal *j, const int **descriptors)
{
	*descriptors = j->descriptors;
	return j->descriptor_count;
}

/* Whoever calls this has copied the records and owns the descriptors from now on. */
void journal_reset(journal *j)
{
	j->length = 0;
	j->count = 0;
	j->notable_count = 0;
	j->descriptor_count = 0;
}

/* ---- reading packed records ---- */

static int header_at(const uint8_t *data, size_t length, size_t offset, journal_header *header)
{
	if (offset > length || length - offset < sizeof *header)
		return 0;
	memcpy(header, data + offset, sizeof *header);
	return header->size >= sizeof *header && header->size <= length - offset;
}

uint32_t journal_index(const uint8_t *data, size_t length, uint32_t *offsets, uint32_t room)
{
	journal_header header;
	uint32_t count = 0;

	for (size_t at = 0; count < room && header_at(data, length, at, &header);
	     at += header.size)
		offsets[count++] = (uint32_t)at;
	return count;
}

static int continues(const journal_run *run, const journal_header *header)
{
	return run->message == header->message && run->serial == header->serial &&
	       run->size == header->size;
}

/* Fill up to room runs; *from and *index say where to go on, and 0 means the end. */
uint32_t journal_runs(const uint8_t *data, size_t length, size_t *from, uint32_t *index,
		      journal_run *runs, uint32_t room)
{
	journal_header header;
	uint32_t count = 0;

	while (header_at(data, length, *from, &header)) {
		if (count && continues(&runs[count - 1], &header)) {
			runs[count - 1].count++;
		} else if (count < room) {
			runs[count++] = (journal_run){header.message, header.serial, header.size,
						      (uint32_t)*from, *index, 1};
		} else {
			break;
		}
		*from += header.size;
		(*index)++;
	}
	return count;
}
