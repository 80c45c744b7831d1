//go:build !linux

package sse

import "net/http"

// Prepare does nothing on this system: all streams use the plain transport.
func Prepare(*http.Server) {}

func takeovers(*Hub) []transport { return nil }
