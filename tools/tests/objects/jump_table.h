/* SPDX-License-Identifier: GPL-2.0 */
/* A switch that a compiler makes a table of, if it can */
__attribute__((section("bpfsched"), used))
long job(unsigned char *bytes, unsigned long len)
{
	if (len < 16)
		return -1;
	switch (bytes[0]) {
	case 0: bytes[0] += 3; break;
	case 1: bytes[1] += 8; break;
	case 2: bytes[2] += 13; break;
	case 3: bytes[3] += 18; break;
	case 4: bytes[4] += 23; break;
	case 5: bytes[5] += 28; break;
	case 6: bytes[6] += 33; break;
	case 7: bytes[7] += 38; break;
	case 8: bytes[8] += 43; break;
	case 9: bytes[9] += 48; break;
	case 10: bytes[10] += 53; break;
	case 11: bytes[11] += 58; break;
	case 12: bytes[12] += 63; break;
	case 13: bytes[13] += 68; break;
	}
	return bytes[0] + bytes[5] * 2 + bytes[13] * 3;
}
