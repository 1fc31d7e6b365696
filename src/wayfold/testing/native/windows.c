/* Where windows are, and when they are there. */
#include "module.h"

#include <string.h>

static bool is_window(struct weston_view *view)
{
	const char *role = weston_surface_get_role(view->surface);

	return role && is_word(role, "xdg_toplevel") && weston_view_is_mapped(view);
}

/* Input finds a view by the compositor's own list, which is made anew at each repaint only. */
static bool is_within_reach(struct weston_view *view)
{
	return is_window(view) && !wl_list_empty(&view->link);
}

static bool has_focus(struct harness *harness, struct weston_surface *surface)
{
	struct weston_keyboard *keyboard =
		harness->seat ? weston_seat_get_keyboard(harness->seat) : NULL;

	return keyboard && keyboard->focus == surface;
}

/* X Y WIDTH HEIGHT PROCESS FOCUSED LABEL; the label is the shell's, with title and app-id */
static void write_window(struct harness *harness, FILE *out, struct weston_view *view)
{
	struct weston_surface *surface = view->surface;
	char label[256] = "";
	pid_t process = 0;
	double x, y;

	weston_view_update_transform(view);
	view_origin(view, &x, &y);
	wl_client_get_credentials(wl_resource_get_client(surface->resource), &process, NULL, NULL);
	if (surface->get_label)
		surface->get_label(surface, label, sizeof label);
	for (char *at = label; *at; at++)
		if (*at == '\n')
			*at = ' ';
	fprintf(out, "\n%g %g %d %d %d %d %s", x, y, surface->width, surface->height,
		(int)process, has_focus(harness, surface), label);
}

/* From the top down; gives how many there are. */
static int find_windows(struct harness *harness, FILE *out)
{
	struct weston_layer *layer;
	struct weston_view *view;
	int count = 0;

	wl_list_for_each(layer, &harness->compositor->layer_list, link)
		wl_list_for_each(view, &layer->view_list.link, layer_link.link)
			if (is_window(view)) {
				count++;
				if (out)
					write_window(harness, out, view);
			}
	return count;
}

int count_windows(struct harness *harness)
{
	return find_windows(harness, NULL);
}

int count_windows_within_reach(struct harness *harness)
{
	struct weston_layer *layer;
	struct weston_view *view;
	int count = 0;

	wl_list_for_each(layer, &harness->compositor->layer_list, link)
		wl_list_for_each(view, &layer->view_list.link, layer_link.link)
			count += is_within_reach(view);
	return count;
}

static void write_windows(struct harness *harness, FILE *out)
{
	find_windows(harness, out);
}

/* windows list, windows wait COUNT */
void do_windows(struct harness *harness, char **words)
{
	int count = count_words(words);
	long wanted;

	if (count == 2 && is_word(words[1], "list"))
		return answer_long(harness, write_windows);
	if (count != 3 || !is_word(words[1], "wait"))
		return refuse(harness, "syntax", "windows list or windows wait COUNT");
	if (!read_number(harness, words[2], 0, 1000, &wanted))
		return;
	if (harness->clock == CLOCK_MANUAL && count_windows(harness) >= wanted)
		return answer(harness, "ok %d", count_windows(harness));
	harness->waiting = WAITING_FOR_WINDOWS;
	harness->wanted_windows = (int)wanted;
	/* Whether they are painted is known after a repaint only, and none may be to come. */
	weston_compositor_damage_all(harness->compositor);
}
