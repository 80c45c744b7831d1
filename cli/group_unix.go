//go:build unix

package cli

import "syscall"

// ownGroup keeps Ctrl-C in a terminal from a program.
var ownGroup = &syscall.SysProcAttr{Setpgid: true}
