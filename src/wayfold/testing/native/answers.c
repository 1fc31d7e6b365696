/* The words of commands, read and checked, and the answers to them. */
#include "module.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void send_answer(struct harness *harness, const char *text, size_t length)
{
	/* First what clients are told, so that a test that has the answer finds it told. */
	wl_display_flush_clients(harness->compositor->wl_display);
	/* Nobody reads it: the test is gone, and the end of file is on its way. */
	(void)!send(harness->control_fd, text, length, MSG_NOSIGNAL);
}

void answer(struct harness *harness, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	send_answer(harness, text, strlen(text));
}

void ok(struct harness *harness)
{
	answer(harness, "ok");
}

void refuse(struct harness *harness, const char *kind, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	answer(harness, "error %s %s", kind, text);
}

void answer_long(struct harness *harness, void (*write)(struct harness *, FILE *))
{
	size_t length = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return refuse(harness, "failed", "out of memory");
	fputs("ok", out);
	write(harness, out);
	if (fclose(out) == 0)
		send_answer(harness, text, length);
	else
		refuse(harness, "failed", "out of memory");
	free(text);
}

bool read_number(struct harness *harness, const char *word, long least, long most,
			long *number)
{
	char *end;

	errno = 0;
	*number = strtol(word, &end, 10);
	if (end == word || *end || errno) {
		refuse(harness, "syntax", "'%s' is not a whole number", word);
		return false;
	}
	if (*number < least || *number > most) {
		refuse(harness, "range", "%s is not from %ld to %ld", word, least, most);
		return false;
	}
	return true;
}

bool read_place(struct harness *harness, const char *word, double *place)
{
	char *end;

	*place = strtod(word, &end);
	if (end == word || *end || !isfinite(*place)) {
		refuse(harness, "syntax", "'%s' is not a number", word);
		return false;
	}
	/* Beyond it wl_fixed_t wraps around. */
	if (fabs(*place) > 8000000) {
		refuse(harness, "range", "%s is too far away", word);
		return false;
	}
	return true;
}

bool is_word(const char *word, const char *expected)
{
	return strcmp(word, expected) == 0;
}

int count_words(char **words)
{
	int count = 0;

	while (words[count])
		count++;
	return count;
}
