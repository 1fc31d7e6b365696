/* What the test does with the devices of the seat. */
#include "module.h"

#include <string.h>
#include <time.h>

static struct timespec now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time;
}

static bool is_button(long code)
{
	return code >= FIRST_BUTTON && code < END_OF_BUTTONS;
}

static bool read_press(struct harness *harness, char **words, long *code, bool *is_down)
{
	long state;

	if (!read_number(harness, words[1], 1, MOST_CODES - 1, code) ||
	    !read_number(harness, words[2], 0, 1, &state))
		return false;
	*is_down = state;
	/* weston counts: a release too many would leave its count below zero. */
	if (harness->is_pressed[*code] == *is_down) {
		refuse(harness, "state", "%s %ld is %s already", words[0], *code,
		       *is_down ? "down" : "up");
		return false;
	}
	return true;
}

void do_key(struct harness *harness, char **words)
{
	struct timespec time = now();
	bool is_down;
	long code;

	if (!need_device(harness, "keyboard", harness->has_keyboard) ||
	    !read_press(harness, words, &code, &is_down))
		return;
	if (is_button(code))
		return refuse(harness, "range", "%ld is a button, not a key", code);
	harness->is_pressed[code] = is_down;
	notify_key(harness->seat, &time, (uint32_t)code,
		   is_down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
		   STATE_UPDATE_AUTOMATIC);
	ok(harness);
}

void do_button(struct harness *harness, char **words)
{
	struct timespec time = now();
	bool is_down;
	long code;

	if (!need_device(harness, "pointer", harness->has_pointer) ||
	    !read_press(harness, words, &code, &is_down))
		return;
	if (!is_button(code))
		return refuse(harness, "range", "%ld is a key, not a button", code);
	harness->is_pressed[code] = is_down;
	notify_button(harness->seat, &time, (int32_t)code,
		      is_down ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	notify_pointer_frame(harness->seat);
	ok(harness);
}

void do_motion(struct harness *harness, char **words)
{
	struct timespec time = now();
	double x, y;

	if (!need_device(harness, "pointer", harness->has_pointer) ||
	    !read_place(harness, words[1], &x) || !read_place(harness, words[2], &y))
		return;
	move_pointer(harness->seat, &time, x, y);
	notify_pointer_frame(harness->seat);
	ok(harness);
}

/* axis AXIS DISTANCE STEPS SOURCE, the numbers as in wl_pointer.axis and wl_pointer.axis_source */
void do_axis(struct harness *harness, char **words)
{
	struct weston_pointer_axis_event event = { 0 };
	struct timespec time = now();
	long axis, steps, source;

	if (!need_device(harness, "pointer", harness->has_pointer) ||
	    !read_number(harness, words[1], 0, 1, &axis) ||
	    !read_place(harness, words[2], &event.value) ||
	    !read_number(harness, words[3], -1000, 1000, &steps) ||
	    !read_number(harness, words[4], 0, 3, &source))
		return;
	event.axis = (uint32_t)axis;
	event.has_discrete = steps != 0;
	event.discrete = (int32_t)steps;
	notify_axis_source(harness->seat, (uint32_t)source);
	notify_axis(harness->seat, &time, &event);
	notify_pointer_frame(harness->seat);
	ok(harness);
}

static void touch_finger(struct harness *harness, char **words, int type)
{
	struct timespec time = now();
	double x = 0, y = 0;
	long finger;

	if (!read_number(harness, words[2], 0, MOST_FINGERS - 1, &finger))
		return;
	if (type != WL_TOUCH_UP &&
	    (!read_place(harness, words[3], &x) || !read_place(harness, words[4], &y)))
		return;
	if (harness->is_down[finger] == (type == WL_TOUCH_DOWN))
		return refuse(harness, "state", "finger %ld is %s", finger,
			      harness->is_down[finger] ? "down already" : "not down");
	harness->is_down[finger] = type != WL_TOUCH_UP;
	touch_at(harness->touch, &time, (int)finger, x, y, type);
	ok(harness);
}

/* notify_touch_cancel tells clients nothing while no grab of the shell's goes on. */
static void cancel_touch(struct harness *harness)
{
	struct weston_touch *touch = harness->seat->touch_state;
	struct timespec time = now();
	struct wl_resource *resource;

	wl_resource_for_each(resource, &touch->focus_resource_list)
		wl_touch_send_cancel(resource);
	/* Nobody is told that the fingers are lifted: for clients they were never there. */
	weston_touch_set_focus(touch, NULL);
	for (int finger = 0; finger < MOST_FINGERS; finger++) {
		if (harness->is_down[finger])
			touch_at(harness->touch, &time, finger, 0, 0, WL_TOUCH_UP);
		harness->is_down[finger] = false;
	}
}

/* touch add|remove|frame|cancel, touch down|motion FINGER X Y, touch up FINGER */
void do_touch(struct harness *harness, char **words)
{
	static const struct { const char *name; int words, type; } fingers[] = {
		{ "down", 5, WL_TOUCH_DOWN },
		{ "motion", 5, WL_TOUCH_MOTION },
		{ "up", 3, WL_TOUCH_UP },
	};
	int count = count_words(words);

	if (count == 2 && (is_word(words[1], "add") || is_word(words[1], "remove"))) {
		if (may_change(harness, words, harness->touch))
			change_touch(harness);
		return;
	}
	if (!need_device(harness, "touch screen", harness->touch))
		return;
	for (size_t at = 0; at < sizeof fingers / sizeof *fingers; at++)
		if (is_word(words[1], fingers[at].name) && count == fingers[at].words)
			return touch_finger(harness, words, fingers[at].type);
	if (count == 2 && is_word(words[1], "frame")) {
		notify_touch_frame(harness->touch);
	} else if (count == 2 && is_word(words[1], "cancel")) {
		cancel_touch(harness);
	} else {
		return refuse(harness, "syntax", "touch %s with %d words", words[1], count);
	}
	ok(harness);
}
