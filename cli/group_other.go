//go:build !unix

package cli

import "syscall"

var ownGroup *syscall.SysProcAttr
