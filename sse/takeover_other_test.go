//go:build !linux

package sse

func settle(*Hub) {}
