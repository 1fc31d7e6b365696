/* What every part of the driver uses: claims, chance, open descriptors and sound journals. */
#ifndef WAYFOLD_TESTS_CHECK_H
#define WAYFOLD_TESTS_CHECK_H

#include "journal.h"

#define CHECK(claim) ((claim) ? (void)0 : check_failed(__FILE__, __LINE__, #claim))
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* As libwayland has it; journal.c keeps its own to itself. */
struct wl_message {
	const char *name;
	const char *signature;
	const void **types;
};

/* Printed with a failed claim and with a sanitizer's report: what was being tried. */
extern char check_subject[128];

_Noreturn void check_failed(const char *file, int line, const char *claim);

void chance_seed(uint64_t seed);
uint32_t chance(uint32_t below);

int open_descriptors(void);
int new_descriptor(void);

journal_header header_of(const journal *j, size_t offset);
uint32_t u32_at(const uint8_t *from);
void check_journal(const journal *j);

int run_scenario(const char *name);
void list_scenarios(void);
void run_mutants(const char *library, uint32_t seed, uint32_t first, uint32_t count);
void run_packed(uint32_t seed, uint32_t count);

#endif
