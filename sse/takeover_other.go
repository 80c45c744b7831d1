//go:build !linux

package sse

import "net/http"

// Prepare lets hubs take connections over from a server. On this system they don't.
func Prepare(*http.Server) {}

func (h *Hub) takeOver(http.ResponseWriter, *http.Request, *reader, string) bool { return false }

type loops struct{}

func (*loops) changed(*topic) {}
func (*loops) close()         {}
