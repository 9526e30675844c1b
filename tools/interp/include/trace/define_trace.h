/* SPDX-License-Identifier: GPL-2.0 */
/* A tracepoint that nobody listens to needs no definition. */
