# Messages of the shell scripts.

# One line of progress.
say() {
	printf '\033[1m==>\033[0m %s\n' "$*" >&2
}

# One sentence, then the end.
die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# Runs a command as root.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "this needs root: run it as root, or install sudo ($*)"
	fi
}
