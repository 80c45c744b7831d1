package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// processorTime returns the user and system time of a process and its children. nginx serves from children.
func processorTime(process *exec.Cmd) (time.Duration, error) {
	return processorTimeOf(strconv.Itoa(process.Process.Pid))
}

func processorTimeOf(pid string) (total time.Duration, err error) {
	tasks, err := filepath.Glob("/proc/" + pid + "/task/*")
	if err != nil || len(tasks) == 0 {
		return 0, errors.New("the kernel does not report processor time of process " + pid)
	}
	for _, task := range tasks {
		used, err := os.ReadFile(filepath.Join(task, "schedstat")) //nolint:gosec // from the kernel
		if err != nil {
			continue // the thread has ended
		}
		nanoseconds, _, _ := strings.Cut(string(used), " ")
		n, err := strconv.ParseInt(nanoseconds, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n)
		children, err := os.ReadFile(filepath.Join(task, "children")) //nolint:gosec // from the kernel
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(children)) {
			of, err := processorTimeOf(child)
			if err != nil {
				return 0, err
			}
			total += of
		}
	}
	return total, nil
}

// residentMB returns the resident memory of a process, in millions of bytes.
func residentMB(process *exec.Cmd) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0, errors.New("the kernel does not report resident memory")
	}
	kB, err := strconv.ParseFloat(string(found[1]), 64)
	return kB * 1024 / 1e6, err
}
