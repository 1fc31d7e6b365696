/* Stands for libwayland-client: counts what it lends and tells whatever a scenario wants told. */
#ifndef WAYFOLD_TESTS_FAKE_LIBRARY_H
#define WAYFOLD_TESTS_FAKE_LIBRARY_H

#include "check.h"

/* One byte read from the socket is one event, told by tell(byte). */
typedef struct {
	int live_proxies, live_displays;
	int prepared, reads;
	int refuses_connection, refuses_dispatcher, refuses_request;
	int error;
	void (*tell)(uint8_t byte);
	void *log_handler;
	long allocations_left; /* the one after these fails; negative for no failure */
	struct wl_display *display;
} fake_library;

extern fake_library fake;

void fake_begin(void);
const journal_library_pointers *fake_pointers(void);
struct wl_proxy *fake_proxy(void);
void fake_tell(journal_object *target, const struct wl_message *message,
	       journal_argument *arguments);

/* A journal on one end of a socket whose other end is *peer. */
journal *fake_open(size_t limit, int *peer);
journal_object *fake_object(journal *j);

#endif
