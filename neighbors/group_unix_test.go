//go:build unix

package neighbors

import (
	"os"
	"syscall"
)

var ownGroup = &syscall.SysProcAttr{Setpgid: true}

// killGroup ends a process and its children.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
