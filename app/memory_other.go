//go:build !linux

package app

// unmapFiles does nothing here.
func unmapFiles() {}
