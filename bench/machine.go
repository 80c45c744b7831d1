package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
)

var modelName = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)

// machine describes the machine and its load before the run.
func machine() string {
	processor := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := modelName.FindSubmatch(info); found != nil {
			processor = string(found[1])
		}
	}
	load := strings.Fields(kernel("/proc/loadavg") + " unknown")[0]
	return fmt.Sprintf("Machine: %d cores, %s, Linux %s, %s. Load average before: %s.",
		cores(), processor, kernel("/proc/sys/kernel/osrelease"), runtime.Version(), load)
}

// cores counts the machine's cores. runtime.NumCPU would count the one that this process may use.
func cores() int {
	return len(regexp.MustCompile(`(?m)^cpu\d+ `).FindAllString(kernel("/proc/stat"), -1))
}

// kernel returns the text of a kernel file, or "".
func kernel(path string) string {
	text, err := os.ReadFile(path) //nolint:gosec // from the kernel
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
