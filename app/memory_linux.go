package app

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// unmapFiles has the kernel forget which pages of files, the program's own above all, the process has looked at: half of them serve the start
// alone. Those that are needed again come back from the kernel's cache. It touches no mapping that can be written to, nor one of which the
// process has changed a page, as a dynamic linker may.
func unmapFiles() {
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close() //nolint:errcheck // it is only read
	var from, to uint64
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case !strings.HasSuffix(fields[0], ":"): // a mapping: its addresses, permissions, offset, device, inode and path
			from, to = 0, 0
			if len(fields) >= 6 && strings.HasPrefix(fields[5], "/") && fields[1][1] != 'w' {
				_, _ = fmt.Sscanf(fields[0], "%x-%x", &from, &to)
			}
		case fields[0] == "Anonymous:" && fields[1] == "0" && from < to: // what of it is no longer as it is in the file, in kB
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}
