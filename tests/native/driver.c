/* Runs journal.c under the sanitizers; its exit status is the answer.
 *
 *   driver scenarios                             the names of all scenarios
 *   driver fake SCENARIO                         one of them, on a fake libwayland
 *   driver mutants LIBRARY SEED FIRST COUNT      mutated bytes through the real libwayland
 *   driver packed SEED COUNT                     mutated records through the index and the runs
 */
#include "check.h"

#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libwayland (1.26) forgets the new objects of events that it has read and, because of an error
 * behind them, never dispatches. That our own are destroyed, the fake library counts. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:wl_display_read_events\n";
}

static void say_subject(void)
{
	fprintf(stderr, "while trying: %s\n", check_subject);
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

static int misused(void)
{
	fputs("driver: scenarios | fake SCENARIO | mutants LIBRARY SEED FIRST COUNT | "
	      "packed SEED COUNT\n", stderr);
	return 2;
}

int main(int count, char **arguments)
{
	const char *mode = count > 1 ? arguments[1] : "";
	int before = open_descriptors();

	__sanitizer_set_death_callback(say_subject);
	snprintf(check_subject, sizeof check_subject, "%s", mode);
	if (!strcmp(mode, "scenarios"))
		list_scenarios();
	else if (!strcmp(mode, "fake") && count == 3 && run_scenario(arguments[2]))
		;
	else if (!strcmp(mode, "mutants") && count == 6)
		run_mutants(arguments[2], number(arguments[3]), number(arguments[4]),
			    number(arguments[5]));
	else if (!strcmp(mode, "packed") && count == 4)
		run_packed(number(arguments[2]), number(arguments[3]));
	else
		return misused();
	CHECK(open_descriptors() == before);
	return 0;
}
