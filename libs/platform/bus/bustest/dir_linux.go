package bustest

import "syscall"

// memory is the file system in memory that Linux offers to all users.
const memory = "/dev/shm"

// free is the number of bytes that a file system can still take, zero if there is none.
func free(path string) uint64 {
	var stat syscall.Statfs_t
	if syscall.Statfs(path, &stat) != nil || stat.Bsize < 0 {
		return 0
	}
	return stat.Bavail * uint64(stat.Bsize)
}
