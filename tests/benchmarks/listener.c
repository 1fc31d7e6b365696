/* The yardstick: libwayland-client in C with a listener that counts. listener SOCKET */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <wayland-client.h>

static struct wl_output *output;
static uint32_t modes;

static void geometry(void *data, struct wl_output *from, int32_t x, int32_t y, int32_t width,
		     int32_t height, int32_t subpixel, const char *make, const char *model,
		     int32_t transform)
{
	(void)data, (void)from, (void)x, (void)y, (void)width, (void)height;
	(void)subpixel, (void)make, (void)model, (void)transform;
}

static void mode(void *data, struct wl_output *from, uint32_t flags, int32_t width,
		 int32_t height, int32_t refresh)
{
	(void)data, (void)from, (void)flags, (void)width, (void)height, (void)refresh;
	modes++;
}

static void done(void *data, struct wl_output *from)
{
	(void)data, (void)from;
}

static void scale(void *data, struct wl_output *from, int32_t factor)
{
	(void)data, (void)from, (void)factor;
}

static const struct wl_output_listener output_listener = {
	.geometry = geometry,
	.mode = mode,
	.done = done,
	.scale = scale,
};

static void global(void *data, struct wl_registry *registry, uint32_t name,
		   const char *interface, uint32_t version)
{
	(void)data, (void)version;
	if (strcmp(interface, "wl_output"))
		return;
	output = wl_registry_bind(registry, name, &wl_output_interface, 3);
	wl_output_add_listener(output, &output_listener, NULL);
}

static void global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
	(void)data, (void)registry, (void)name;
}

static const struct wl_registry_listener registry_listener = {global, global_remove};

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The third roundtrip is the flood: see flood_server.c. */
static int measure(struct wl_display *display)
{
	double cpu = cpu_s(), wall = wall_s();

	modes = 0;
	if (!output || wl_display_roundtrip(display) < 0)
		return 1;
	printf("{\"events\": %u, \"cpu_s\": %.6f, \"wall_s\": %.6f}\n", modes, cpu_s() - cpu,
	       wall_s() - wall);
	wl_output_destroy(output);
	return 0;
}

int main(int count, char **arguments)
{
	struct wl_display *display = count == 2 ? wl_display_connect(arguments[1]) : NULL;
	struct wl_registry *registry;
	int status;

	if (!display) {
		fputs("usage: listener SOCKET (with a server listening there)\n", stderr);
		return 2;
	}
	registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &registry_listener, NULL);
	wl_display_roundtrip(display);
	wl_display_roundtrip(display);
	status = measure(display);
	wl_registry_destroy(registry);
	wl_display_disconnect(display);
	return status;
}
