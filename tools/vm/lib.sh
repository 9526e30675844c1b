# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share: where things are, messages, locks.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# the physical path: symbolic links that lead here may not exist in a guest
checkout=$(cd "$vm_dir/../.." && pwd -P)
cache=${BPFSCHED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bpfsched}
[[ $cache == /* ]] || cache=$PWD/$cache

# Exit statuses of our own; everything else is COMMAND's.
EXIT_USAGE=2
EXIT_TIMEOUT=124
EXIT_VM=125

# progress MESSAGE...: one line on standard error, unless asked to be quiet
progress() {
	[[ -n ${VM_QUIET:-} ]] || printf 'vm: %s\n' "$*" >&2
}

# die STATUS MESSAGE...
die() {
	local status=$1
	shift
	printf 'vm: %s\n' "$*" >&2
	exit "$status"
}

# with_lock NAME COMMAND...: one at a time on this machine
with_lock() {
	local name=$1 lock
	shift
	mkdir -p "$cache/locks" || die $EXIT_VM "cannot write to the cache folder $cache"
	# a subshell, so that the lock is gone with it, however it ends
	(
		exec {lock}>"$cache/locks/$name"
		if ! flock --nonblock "$lock"; then
			progress "waiting for another run ($name)"
			flock "$lock"
		fi
		"$@"
	)
}

# archive_uri: where this machine has its packages from
archive_uri() {
	# shellcheck disable=SC2016  # for apt
	apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^bookworm //p' | head -n 1
}

# kernel_kinds: the names of all kernels, one a line
kernel_kinds() {
	local file
	for file in "$vm_dir"/kernels/*.sh; do
		basename "$file" .sh
	done
}

# load_kernel KIND: read the description of a kernel; README.rst tells
# what it consists of
load_kernel() {
	local file=$vm_dir/kernels/$1.sh
	[[ $1 =~ ^[a-z0-9][a-z0-9.-]*$ && -e $file ]] ||
		die $EXIT_USAGE "unknown kernel '$1' (there are: $(kernel_kinds | paste -sd' '))"
	kernel_kind=$1
	kernel_make=(make)
	kernel_make_args=()
	kernel_root=
	kernel_guest_modules=()
	kernel_root_modules=()
	kernel_userland=
	kernel_checkout=$checkout
	kernel_sign=()
	kernel_power_off=poweroff
	# shellcheck source=/dev/null
	. "$file"
}

# kernel_prepare: what else a description wants to be made for the guest
kernel_prepare() {
	:
}
