// SPDX-License-Identifier: GPL-2.0
/*
 * What libFuzzer does with inputs that there are, where there is no libFuzzer:
 * for other compilers and other machines.
 *
 *	replay-FUZZER PATH...
 *
 * PATH: an input, or a folder of them. Each is one call; what is wrong ends the
 * program.
 */
#include <linux/kernel.h>

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

#define INPUT_MAX	65536

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u32 inputs;

static int replay(const char *path, const struct stat *status, int type,
		  struct FTW *place)
{
	static u8 data[INPUT_MAX];
	FILE *file;
	size_t len;

	if (type != FTW_F)
		return type != FTW_D;
	file = fopen(path, "rb");
	if (!file)
		return 1;
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	if (len == sizeof(data))
		return 1;
	LLVMFuzzerTestOneInput(data, len);
	inputs++;
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (nftw(argv[i], replay, 16, FTW_PHYS)) {
			fprintf(stderr, "cannot read %s\n", argv[i]);
			return 2;
		}
	}
	printf("inputs: %u\n", inputs);
	return !inputs;
}
