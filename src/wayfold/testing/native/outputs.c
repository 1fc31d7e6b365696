/* Outputs come, go and change. */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_SIZE 8192
#define LARGEST_SCALE 16
#define MOST_OUTPUTS 32 /* a bit each in libweston's numbers; it asserts that there is one */
#define STOCK_HZ 60

static bool is_name(const char *word)
{
	size_t length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789_.-");

	return length > 0 && length < 32 && !word[length];
}

/* The headless backend makes an output's pixels when it is enabled, by its current mode. */
static int switch_mode(struct weston_output *output, struct weston_mode *mode)
{
	(void)mode;
	if (output->disable(output) < 0 || output->enable(output) < 0)
		return -1;
	resume_timer(watched_of(output));
	return 0;
}

/* The headless backend calls a pixel a millimetre, and programs such as foot choose the size of
 * their letters by that. At the pixels that desktops reckon with, text is as large as there. */
static int millimetres(int pixels, int scale)
{
	return (int)(pixels * 25.4 / (96.0 * scale) + 0.5);
}

static void tell_geometry(struct weston_output *output, struct weston_head *head)
{
	struct wl_resource *resource;
	int x, y;

	output_origin(output, &x, &y);
	wl_resource_for_each(resource, &head->resource_list)
		wl_output_send_geometry(resource, x, y, head->mm_width, head->mm_height,
					(int32_t)head->subpixel, head->make, head->model,
					(int32_t)output->transform);
}

/* What is told of it counts from the next wl_output.done on, which a change of the mode sends. */
static void size_heads(struct weston_output *output, int width, int height, int scale)
{
	int mm_width = millimetres(width, scale), mm_height = millimetres(height, scale);
	struct weston_head *head;

	wl_list_for_each(head, &output->head_list, output_link) {
		if (head->mm_width == mm_width && head->mm_height == mm_height)
			continue;
		weston_head_set_physical_size(head, mm_width, mm_height);
		tell_geometry(output, head);
	}
}

void size_outputs(struct weston_compositor *compositor)
{
	struct weston_output *output;

	wl_list_for_each(output, &compositor->output_list, link)
		size_heads(output, output->current_mode->width, output->current_mode->height,
			   output->current_scale);
}

/* There may be too little memory for the new pixels, and then is for the old. */
static void restore_mode(struct weston_output *output, struct weston_mode before)
{
	*output->current_mode = before;
	size_heads(output, before.width, before.height, output->current_scale);
	if (output->enable(output) < 0)
		weston_compositor_exit_with_code(output->compositor, EXIT_FAILURE);
	else
		resume_timer(watched_of(output));
}

static bool show_mode(struct weston_output *output, struct weston_mode mode, int scale)
{
	struct weston_mode *current = output->current_mode;
	struct weston_mode before = *current;

	output->switch_mode = switch_mode;
	current->width = mode.width;
	current->height = mode.height;
	current->refresh = mode.refresh;
	size_heads(output, mode.width, mode.height, scale);
	if (weston_output_mode_set_native(output, current, scale) < 0) {
		restore_mode(output, before);
		return false;
	}
	keep_scale(output, scale);
	weston_output_damage(output);
	return true;
}

/* From left to right, without gaps. weston 10 does so by itself; 14 leaves it to its frontend. */
static void lay_out(struct harness *harness)
{
	struct watched *watched;
	int left = 0, x, y;

	wl_list_for_each(watched, &harness->outputs, link) {
		output_origin(watched->output, &x, &y);
		if (x != left || y != 0)
			move_output(watched->output, left, 0);
		left += watched->output->width;
	}
}

void show_refresh(struct harness *harness)
{
	uint32_t hz = harness->clock == CLOCK_RATE ? (uint32_t)harness->rate_hz : STOCK_HZ;
	uint32_t refresh = hz * 1000;
	struct watched *watched;

	wl_list_for_each(watched, &harness->outputs, link) {
		struct weston_mode mode = *watched->output->current_mode;

		if (mode.refresh == refresh)
			continue;
		mode.refresh = refresh;
		show_mode(watched->output, mode, watched->output->current_scale);
	}
}

static struct weston_head *find_head(struct harness *harness, const char *name)
{
	struct weston_head *head = NULL;

	while ((head = weston_compositor_iterate_heads(harness->compositor, head)))
		if (is_word(weston_head_get_name(head), name))
			return head;
	return NULL;
}

static struct weston_output *find_output(struct harness *harness, const char *name)
{
	struct watched *watched;

	wl_list_for_each(watched, &harness->outputs, link)
		if (is_word(watched->output->name, name))
			return watched->output;
	refuse(harness, "missing", "there is no output %.31s", name);
	return NULL;
}

struct shape {
	long width, height, scale, transform;
};

/* WIDTH HEIGHT SCALE TRANSFORM: pixels of the mode, and wl_output.transform */
static bool read_shape(struct harness *harness, char **words, struct shape *shape)
{
	if (!read_number(harness, words[0], 1, LARGEST_SIZE, &shape->width) ||
	    !read_number(harness, words[1], 1, LARGEST_SIZE, &shape->height) ||
	    !read_number(harness, words[2], 1, LARGEST_SCALE, &shape->scale) ||
	    !read_number(harness, words[3], 0, 7, &shape->transform))
		return false;
	if (shape->width % shape->scale || shape->height % shape->scale) {
		refuse(harness, "range", "%ldx%ld cannot be divided by the scale %ld", shape->width,
		       shape->height, shape->scale);
		return false;
	}
	return true;
}

static void enable_output(struct harness *harness, struct weston_output *output,
			  const struct shape *shape)
{
	const struct weston_windowed_output_api *api = windowed_output_api(harness->compositor);

	weston_output_set_scale(output, (int32_t)shape->scale);
	weston_output_set_transform(output, (uint32_t)shape->transform);
	if (api->output_set_size(output, (int)(shape->width / shape->scale),
				 (int)(shape->height / shape->scale)) < 0) {
		weston_output_destroy(output);
		return refuse(harness, "failed", "weston could not size the output");
	}
	size_heads(output, (int)shape->width, (int)shape->height, (int)shape->scale);
	if (weston_output_enable(output) < 0) {
		weston_output_destroy(output);
		return refuse(harness, "failed", "weston could not enable the output");
	}
	lay_out(harness);
	show_refresh(harness);
	ok(harness);
}

static void add_output(struct harness *harness, char **words)
{
	const struct weston_windowed_output_api *api = windowed_output_api(harness->compositor);
	struct weston_head *head = find_head(harness, words[2]);
	struct weston_output *output;
	struct shape shape;

	if (!read_shape(harness, words + 3, &shape))
		return;
	if (head && weston_head_get_output(head))
		return refuse(harness, "exists", "there is an output %s already", words[2]);
	if (wl_list_length(&harness->outputs) >= MOST_OUTPUTS)
		return refuse(harness, "range", "there are %d outputs, the most that weston has",
			      MOST_OUTPUTS);
	if (head)
		weston_head_set_connection_status(head, true);
	else if (api && create_head(api, harness->compositor, words[2]) == 0)
		head = find_head(harness, words[2]);
	output = head ? create_output(harness->compositor, head) : NULL;
	if (!output)
		return refuse(harness, "failed", "weston could not create the output");
	enable_output(harness, output, &shape);
}

static void remove_output(struct harness *harness, const char *name)
{
	struct weston_output *output = find_output(harness, name);
	struct weston_head *head = find_head(harness, name);

	if (!output)
		return;
	weston_output_destroy(output);
	/* weston's frontend would make an output again for a head that is connected. */
	if (head)
		weston_head_set_connection_status(head, false);
	lay_out(harness);
	ok(harness);
}

static void set_output(struct harness *harness, char **words)
{
	struct weston_output *output = find_output(harness, words[2]);
	struct weston_mode mode;
	struct shape shape;

	if (!output || !read_shape(harness, words + 3, &shape))
		return;
	mode = *output->current_mode;
	if (mode.width != shape.width || mode.height != shape.height ||
	    output->current_scale != shape.scale) {
		mode.width = (int32_t)shape.width;
		mode.height = (int32_t)shape.height;
		if (!show_mode(output, mode, (int)shape.scale))
			return refuse(harness, "failed", "weston could not change the output");
	}
	if (output->transform != (uint32_t)shape.transform) {
		weston_output_set_transform(output, (uint32_t)shape.transform);
		weston_output_damage(output);
	}
	lay_out(harness);
	ok(harness);
}

/* NAME X Y WIDTH HEIGHT SCALE TRANSFORM REFRESH, a line for each: where it is, what its mode is */
static void write_outputs(struct harness *harness, FILE *out)
{
	struct watched *watched;

	wl_list_for_each(watched, &harness->outputs, link) {
		struct weston_output *output = watched->output;
		struct weston_mode *mode = output->current_mode;
		int x, y;

		output_origin(output, &x, &y);
		fprintf(out, "\n%s %d %d %d %d %d %u %u", output->name, x, y, mode->width,
			mode->height, output->current_scale, output->transform, mode->refresh);
	}
}

/* output list, output remove NAME, output add|set NAME WIDTH HEIGHT SCALE TRANSFORM */
void do_output(struct harness *harness, char **words)
{
	int count = count_words(words);

	if (count == 2 && is_word(words[1], "list"))
		return answer_long(harness, write_outputs);
	if (count > 2 && !is_name(words[2]))
		return refuse(harness, "syntax", "a name has letters, digits and _.- only, at most 31");
	if (count == 3 && is_word(words[1], "remove"))
		return remove_output(harness, words[2]);
	if (count == 7 && is_word(words[1], "add"))
		return add_output(harness, words);
	if (count == 7 && is_word(words[1], "set"))
		return set_output(harness, words);
	refuse(harness, "syntax", "output %s with %d words", words[1], count);
}
