/* The seat and its devices come and go. */
#include "module.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LARGEST_KEYMAP (1 << 20)

static void forget_pressed(struct harness *harness, int first, int end)
{
	memset(&harness->is_pressed[first], 0, (size_t)(end - first) * sizeof(bool));
}

static bool need_seat(struct harness *harness)
{
	if (!harness->seat)
		refuse(harness, "missing", "there is no seat; add it first");
	return harness->seat;
}

bool need_device(struct harness *harness, const char *name, bool is_there)
{
	if (!is_there)
		refuse(harness, "missing", "the seat has no %s; add it first", name);
	return is_there;
}

static void drop_touch(struct harness *harness)
{
	if (!harness->touch)
		return;
	weston_touch_device_destroy(harness->touch);
	harness->touch = NULL;
	memset(harness->is_down, 0, sizeof harness->is_down);
}

void drop_seat(struct harness *harness)
{
	if (!harness->seat)
		return;
	drop_touch(harness);
	weston_seat_release(harness->seat);
	free(harness->seat);
	harness->seat = NULL;
	harness->has_pointer = harness->has_keyboard = false;
	forget_pressed(harness, 0, MOST_CODES);
}

void do_seat(struct harness *harness, char **words)
{
	if (is_word(words[1], "remove")) {
		if (!need_seat(harness))
			return;
		drop_seat(harness);
	} else if (!is_word(words[1], "add")) {
		return refuse(harness, "syntax", "seat add or seat remove");
	} else if (harness->seat) {
		return refuse(harness, "exists", "there is a seat already");
	} else {
		harness->seat = calloc(1, sizeof *harness->seat);
		if (!harness->seat)
			return refuse(harness, "failed", "out of memory");
		weston_seat_init(harness->seat, harness->compositor, "seat0");
	}
	ok(harness);
}

/* Tells whether to go on: with `add` where the device is not there, with `remove` where it is. */
bool may_change(struct harness *harness, char **words, bool is_there)
{
	if (!is_word(words[1], "add") && !is_word(words[1], "remove")) {
		refuse(harness, "syntax", "%s add or %s remove", words[0], words[0]);
		return false;
	}
	if (!need_seat(harness))
		return false;
	if (is_word(words[1], "remove"))
		return need_device(harness, words[0], is_there);
	if (is_there)
		refuse(harness, "exists", "the seat has a %s already", words[0]);
	return !is_there;
}

void do_pointer(struct harness *harness, char **words)
{
	if (!may_change(harness, words, harness->has_pointer))
		return;
	if (harness->has_pointer) {
		weston_seat_release_pointer(harness->seat);
		forget_pressed(harness, FIRST_BUTTON, END_OF_BUTTONS);
	} else if (weston_seat_init_pointer(harness->seat) < 0) {
		return refuse(harness, "failed", "weston could not add a pointer");
	}
	harness->has_pointer = !harness->has_pointer;
	ok(harness);
}

static struct xkb_keymap *read_keymap(struct harness *harness)
{
	struct xkb_keymap *keymap = NULL;
	struct stat found;
	char *text;

	if (fstat(harness->received_fd, &found) < 0 || found.st_size < 1 ||
	    found.st_size > LARGEST_KEYMAP)
		return NULL;
	text = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, harness->received_fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	keymap = xkb_keymap_new_from_buffer(harness->compositor->xkb_context, text,
					    strnlen(text, (size_t)found.st_size),
					    XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	munmap(text, (size_t)found.st_size);
	return keymap;
}

/* A descriptor may come with it: a keymap's text, in place of weston's own. */
static void add_keyboard(struct harness *harness)
{
	struct xkb_keymap *keymap = NULL;
	int status;

	if (harness->received_fd >= 0) {
		keymap = read_keymap(harness);
		if (!keymap)
			return refuse(harness, "failed", "the keymap cannot be read");
	}
	status = weston_seat_init_keyboard(harness->seat, keymap);
	xkb_keymap_unref(keymap);
	if (status < 0)
		return refuse(harness, "failed", "weston could not add a keyboard");
	harness->has_keyboard = true;
	ok(harness);
}

void do_keyboard(struct harness *harness, char **words)
{
	if (!may_change(harness, words, harness->has_keyboard))
		return;
	if (!harness->has_keyboard)
		return add_keyboard(harness);
	weston_seat_release_keyboard(harness->seat);
	forget_pressed(harness, 0, FIRST_BUTTON);
	forget_pressed(harness, END_OF_BUTTONS, MOST_CODES);
	harness->has_keyboard = false;
	ok(harness);
}

void change_touch(struct harness *harness)
{
	if (harness->touch) {
		drop_touch(harness);
		weston_seat_release_touch(harness->seat);
		return ok(harness);
	}
	if (weston_seat_init_touch(harness->seat) < 0)
		return refuse(harness, "failed", "weston could not add a touch screen");
	harness->touch = weston_touch_create_touch_device(harness->seat->touch_state, "wayfold",
							  NULL, NULL);
	if (!harness->touch)
		return refuse(harness, "failed", "weston could not add a touch device");
	ok(harness);
}
