// SPDX-License-Identifier: GPL-2.0
/*
 * Variables that the types of an object tell of. Objects have as many as they
 * like, and each symbol is looked up, so they are sorted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"

static int compare_places(const struct bpfs_btf_variable *l, const char *name,
			  const char *section)
{
	int order = strcmp(l->name, name);

	return order || !section ? order : strcmp(l->section, section);
}

static int compare_variables(const void *left, const void *right)
{
	const struct bpfs_btf_variable *l = left, *r = right;
	int order = compare_places(l, r->name, r->section);

	if (order)
		return order;
	return l->number < r->number ? -1 : l->number > r->number;
}

static bool is_list(const struct bpfs_btf *btf, __u32 id,
		    struct btf_type *type)
{
	return bpfs_btf_type(btf, id, type) &&
	       BTF_INFO_KIND(type->info) == BTF_KIND_DATASEC;
}

/* How many there can be */
static size_t count_variables(const struct bpfs_btf *btf)
{
	struct btf_type type;
	size_t count = 0;
	__u32 id;

	for (id = 1; id < btf->count; id++) {
		if (is_list(btf, id, &type))
			count += BTF_INFO_VLEN(type.info);
	}
	return count;
}

static void take_list(struct bpfs_btf *btf, __u32 id,
		      const struct btf_type *list)
{
	struct btf_var_secinfo info;
	struct btf_type var;
	__u32 i;

	for (i = 0; bpfs_btf_listed(btf, id, i, &info); i++) {
		if (!bpfs_btf_type(btf, info.type, &var) ||
		    BTF_INFO_KIND(var.info) != BTF_KIND_VAR)
			continue;
		btf->variables[btf->variable_count] =
			(struct bpfs_btf_variable) {
				.name = bpfs_btf_string(btf, var.name_off),
				.section = bpfs_btf_string(btf, list->name_off),
				.number = btf->variable_count,
				.type = var.type,
			};
		btf->variable_count++;
	}
}

/* Tell each of a name which of them is the first */
static void set_first(struct bpfs_btf_variable *v, size_t count)
{
	const struct bpfs_btf_variable *first = v;
	size_t i;

	for (i = 0; i < count; i++) {
		if (v[i].number < first->number)
			first = &v[i];
	}
	for (i = 0; i < count; i++)
		v[i].first = first->type;
}

/**
 * bpfs_btf_index_variables() - prepare for bpfs_btf_variable()
 * @btf: types, whose offsets are known
 *
 * Return: 0 or -ENOMEM.
 */
int bpfs_btf_index_variables(struct bpfs_btf *btf)
{
	size_t count = count_variables(btf), i, begin;
	struct btf_type type;
	__u32 id;

	btf->variables = calloc(count + 1, sizeof(*btf->variables));
	if (!btf->variables)
		return bpfs_fail(-ENOMEM, "out of memory");
	for (id = 1; id < btf->count; id++) {
		if (is_list(btf, id, &type))
			take_list(btf, id, &type);
	}
	qsort(btf->variables, btf->variable_count, sizeof(*btf->variables),
	      compare_variables);
	for (begin = 0, i = 1; i <= btf->variable_count; i++) {
		if (i < btf->variable_count &&
		    !strcmp(btf->variables[i].name,
			    btf->variables[begin].name))
			continue;
		set_first(&btf->variables[begin], i - begin);
		begin = i;
	}
	return 0;
}

/**
 * bpfs_btf_variable() - the type of a variable
 * @btf: types
 * @section: name of its section, NULL: whichever
 * @name: its name
 *
 * Return: number of the type, 0 if the types do not have the variable.
 */
__u32 bpfs_btf_variable(const struct bpfs_btf *btf,
			const char *section, const char *name)
{
	size_t before = bpfs_count_first(btf->variable_count,
					 compare_places(&btf->variables[i],
							name, section) < 0);
	const struct bpfs_btf_variable *v;

	if (before == btf->variable_count)
		return 0;
	v = &btf->variables[before];
	if (compare_places(v, name, section))
		return 0;
	return section ? v->type : v->first;
}
